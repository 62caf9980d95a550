"""Khronos' own validator on exported characters. `F2P_FOREIGN=1 pytest tests/foreign` runs it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from engine_bridge.makehuman.engine import MakeHumanEngine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not os.environ.get("F2P_FOREIGN"), reason="F2P_FOREIGN=1 runs it; it needs node, npm and a registry"
    ),
]
PROGRAM = """
const fs = require("fs"), validator = require("gltf-validator");
(async () => {
  const found = [];
  for (const file of process.argv.slice(2)) {
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(file)));
    found.push(...report.issues.messages.map(m => `${file}: ${m.code} ${m.message} ${m.pointer}`));
  }
  console.log(JSON.stringify(found));
})();
"""


def test_the_validator_finds_nothing(tmp_path: Path) -> None:
    subprocess.run(
        ["npm", "install", "--silent", "gltf-validator@2.0.0-dev.3.10"], cwd=tmp_path, check=True, timeout=200
    )
    (tmp_path / "validate.js").write_text(PROGRAM)
    engine = MakeHumanEngine()
    files = []
    for seed in (2, 11, 48, 54):  # glasses; locs and a full beard; hijab; a long bob
        for format in engine.formats:
            files.append(f"{seed}_{format}.glb")
            (tmp_path / files[-1]).write_bytes(engine.export(engine.sample(seed), format, 256))
    done = subprocess.run(
        ["node", "validate.js", *files], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=200
    )
    assert json.loads(done.stdout) == []
