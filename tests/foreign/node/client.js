// node client.js PROTO_FOLDER HOST:PORT PHOTO [AUTHORITY.pem, for TLS]: visits every call and prints what it saw as JSON.
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [folder, target, path, authority] = process.argv.slice(2);
const definition = loader.loadSync("f2p/v1/character_service.proto", {
  includeDirs: [folder],
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
});
const { CharacterService } = grpc.loadPackageDefinition(definition).f2p.v1;
const credentials = authority ? grpc.credentials.createSsl(readFileSync(authority)) : grpc.credentials.createInsecure();
const client = new CharacterService(target, credentials);
const photo = readFileSync(path);
const deadline = () => ({ deadline: Date.now() + 120_000 });

const call = (method, request) =>
  new Promise((resolve, reject) =>
    client[method](request, new grpc.Metadata(), deadline(), (error, answer) => (error ? reject(error) : resolve(answer))),
  );

const stream = (request, leaveAt = Infinity, method = "StreamCreateCharacter") =>
  new Promise((resolve, reject) => {
    const steps = [];
    let character = null;
    const flow = client[method](request, new grpc.Metadata(), deadline());
    flow.on("data", (message) => {
      if (message.event === "character") character = message.character;
      else steps.push(message.progress);
      if (steps.length >= leaveAt) flow.cancel();
    });
    flow.on("error", (error) => (error.code === grpc.status.CANCELLED ? resolve({ left: true }) : reject(error)));
    flow.on("end", () => resolve({ steps, character }));
  });

const failure = async (method, request) => {
  try {
    await call(method, request);
  } catch (error) {
    return { code: grpc.status[error.code], details: error.details, reason: error.metadata.get("f2p-reason")[0] };
  }
  return null;
};

const seen = {};
seen.info = await call("GetServerInfo", {});
seen.sliders = (await call("GetSchema", {})).schema.continuous.length;
seen.checked = await call("CheckPhoto", { photo });
const { steps, character } = await stream({ photo, options: { seed: 7 } });
seen.stages = [...new Set(steps.map((step) => step.stage))];
seen.values = Object.fromEntries(character.continuous.map((item) => [item.name, item.value]));
seen.left = await stream({ photo }, 2);
const values = [
  ...character.continuous.map(({ name, value }) => ({ name, value })),
  ...character.discrete.map(({ name, option }) => ({ name, option })),
];
const again = { photo, more_photos: [{ photo }], values, locked: ["nose"], schema_hash: character.schema_hash };
const refitted = await stream(again, Infinity, "StreamRefitCharacter");
seen.refit = {
  steps: refitted.steps.length,
  locked: refitted.character.locked.length,
  shares: refitted.character.photos.map((use) => use.share),
};
seen.preview = (await call("RenderPreview", { values, size_px: 128, format: "PICTURE_FORMAT_JPEG" })).picture.length;
seen.largest = (await call("CompareParameters", { first: values, second: values })).largest;
seen.refused = await failure("CreateCharacter", { photo: Buffer.from("no photo") });
console.log(JSON.stringify(seen));
client.close();
