// node create.mjs PHOTO [SERVER] > character.json
import { openAsBlob } from "node:fs";
import { create } from "../browser/f2p.js";

const [photo, server = "http://localhost:8080"] = process.argv.slice(2);
try {
  const character = await create(server, await openAsBlob(photo), { include_progress_pictures: false }, ({ stage, step, steps }) =>
    console.error(stage === "solving" ? `step ${step + 1} of ${steps}` : stage),
  );
  console.log(JSON.stringify(character, null, 2));
} catch (problem) {
  console.error(`${problem.code ?? "error"}: ${problem.message}`);
  process.exitCode = 1;
}
