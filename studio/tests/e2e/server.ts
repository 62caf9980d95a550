/** The real server and the sample photo, for all tests of a run. */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const OUT = join(ROOT, "studio/test-results");
export const PHOTO = join(OUT, "sample.png");
export const NO_FACE = join(OUT, "grey.png");
export const WEBCAM = join(OUT, "webcam.mjpeg");
/** A second bundle, untrained, whose engine exports characters: the shipped one's may not. */
export const SECOND = "tiny";
const ENGINE = "makehuman";
export const PORT = Number(process.env.F2P_STUDIO_PORT ?? 18480);
export const SERVER = `http://127.0.0.1:${PORT}/`;

const PYTHON = process.env.F2P_PYTHON ?? join(ROOT, ".venv/bin/python");
const ENVIRONMENT = { ...process.env, PYTHONPATH: ROOT, OMP_WAIT_POLICY: "PASSIVE" };

const python = (...words: string[]): Buffer => execFileSync(PYTHON, words, { cwd: ROOT, env: ENVIRONMENT });

const WRITE_BUNDLE = `
import sys
from pathlib import Path
from f2p.engines.registry import open_engine
from tests.helpers.tiny_bundle import save_tiny_bundle
engine = open_engine(sys.argv[2])
save_tiny_bundle(Path(sys.argv[1]), engine.schema, sys.argv[2])
`;

async function answers(): Promise<boolean> {
  try {
    return (await fetch(`${SERVER}v1/bundles`)).ok;
  } catch {
    return false;
  }
}

export default async function setUp(): Promise<() => void> {
  mkdirSync(OUT, { recursive: true });
  if (!existsSync(PHOTO)) python("examples/sample_photo.py", PHOTO);
  // A camera that sees the sample photo: one JPEG is a film of one picture, which Chromium shows again and again.
  const film = "import sys; from PIL import Image; Image.open(sys.argv[1]).convert('RGB').save(sys.argv[2], 'JPEG', quality=95)";
  if (!existsSync(WEBCAM)) python("-c", film, PHOTO, WEBCAM);
  python("-c", "import sys; from PIL import Image; Image.new('RGB', (400, 400), 'grey').save(sys.argv[1])", NO_FACE);
  const tiny = join(OUT, SECOND);
  if (!existsSync(join(tiny, "bundle.json"))) python("-c", WRITE_BUNDLE, tiny, ENGINE);
  if (await answers()) return () => undefined;
  const server = serve();
  for (let second = 0; second < 240; second++) {
    if (await answers()) return () => void server.kill("SIGTERM");
    if (server.exitCode !== null) break;
    await new Promise((done) => setTimeout(done, 1000));
  }
  server.kill("SIGTERM");
  throw new Error("f2p serve did not start");
}

function serve(): ChildProcess {
  const bundles = [join(ROOT, "f2p/data/makehuman"), join(OUT, SECOND)];
  const words = ["-m", "f2p.cli", "serve", "--port", "0", "--web-port", String(PORT), "--workers", "1"];
  // A machine that tests run on is busy: a worker that is slow there does not hang.
  words.push("--hang-limit-s", "180", "--bundle", ...bundles);
  return spawn(PYTHON, words, { cwd: ROOT, env: ENVIRONMENT, stdio: ["ignore", "ignore", "inherit"] });
}
