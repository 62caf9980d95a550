"""Build hooks of the four wheels: files of the one source tree, requirements of the root's pyproject.toml.

A wheel's `[tool.hatch.build.targets.wheel.hooks.custom]` names files and folders of the repository (`include`, less
what the wheels named in `others` include); its `[tool.hatch.metadata.hooks.custom]` says which of the root's lists it
requires. All four have the version of `f2p/__init__.py`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOT = Path(__file__).resolve().parents[1]


class Requirements(MetadataHookInterface):
    """Fill in version, licence, requirements and extras.

    Configuration:
        requires: requirements of this wheel's own.
        requires-extra: an extra of the root; its list is required as well. "" is the root's own dependencies.
        extras: names of the root's extras that this wheel has too.
        other-extras: name -> list, for extras that are other wheels here.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        root = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        version = re.search(r'^__version__ = "(.+)"$', (ROOT / "f2p/__init__.py").read_text("utf-8"), re.M)
        if version is None:
            raise ValueError("f2p/__init__.py has no __version__")
        here = f"=={version[1]}"
        lists = root["optional-dependencies"] | {"": root["dependencies"]}

        def pinned(requirements: list[str]) -> list[str]:
            """The requirements, with our own packages at exactly this version: they share modules and formats."""
            ours = re.compile(r"^face-to-parameter(-\w+)?(\[[\w,]+\])?$")
            return [item + here if ours.match(item) else item for item in requirements]

        required = [*self.config.get("requires", [])]
        if "requires-extra" in self.config:
            required += lists[self.config["requires-extra"]]
        extras = {name: lists[name] for name in self.config.get("extras", [])} | self.config.get("other-extras", {})
        metadata["version"] = version[1]
        metadata["dependencies"] = pinned(required)
        metadata["optional-dependencies"] = {name: pinned(items) for name, items in extras.items()}
        for field in ("requires-python", "license", "keywords", "classifiers"):
            metadata[field] = root[field]


def included_by(part: str) -> list[str]:
    """What the wheel of another folder here includes."""
    settings = tomllib.loads((ROOT / "packaging" / part / "pyproject.toml").read_text("utf-8"))
    return list(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["include"])


class SourceTree(BuildHookInterface):  # type: ignore[type-arg]
    """Put files of the repository into the wheel, each under its own path."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            raise ValueError("The parts are not installed editable: run `pip install -e .` in the repository's root.")
        excluded = [ROOT / name for part in self.config.get("others", []) for name in included_by(part)]
        for name in self.config["include"]:
            source = ROOT / name
            if not source.exists():
                raise FileNotFoundError(f"{source} is to be in the wheel and does not exist")
            for file in [source] if source.is_file() else sorted(source.rglob("*")):
                if file.is_dir() or "__pycache__" in file.parts or file.suffix == ".pyc":
                    continue
                if not any(file == other or other in file.parents for other in excluded):
                    build_data["force_include"][str(file)] = file.relative_to(ROOT).as_posix()
