"""What needs no Blender of the Blender engine: its studio is the reference camera's, and it says what is missing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.blender import studio
from engine_bridge.blender.command import VARIABLE, command
from engine_bridge.makehuman.core import camera
from f2p.errors import EngineMissing


def test_a_turn_to_the_viewers_right_moves_the_nose_to_the_right() -> None:
    nose = np.array([[0.0, -0.3, 0.4]]) - studio.PIVOT
    right, up, clockwise = (nose @ studio.turning(*angles) for angles in ((30, 0, 0), (0, 20, 0), (0, 0, 15)))
    assert right[0, 0] > 0.4
    assert up[0, 1] > nose[0, 1] + 0.3
    assert clockwise[0, 0] > 0  # what is above the pivot leans to the viewer's right
    assert np.allclose(studio.turning(25, -10, 5) @ studio.turning(25, -10, 5).T, np.eye(3))


def test_the_camera_is_the_reference_engines() -> None:
    assert (studio.DISTANCE, studio.AIM) == (camera.DISTANCE, camera.AIM)
    assert tuple(studio.PIVOT) == camera.PIVOT
    assert 0.5 / math.tan(studio.FIELD / 2) == pytest.approx(camera.FOCAL)


def test_five_points_are_projected_from_the_files_own_units() -> None:
    rig = {"placement": [[0.0, 1.6, 0.0], 10.0, 0.0], "five_points": [[0.03, 1.6, 0.0], [-0.03, 1.6, 0.0]]}
    points = studio.five_points(rig, {"yaw": 0.0, "pitch": 0.0, "roll": 0.0})
    assert points[0][0] == pytest.approx(0.5 + camera.FOCAL * 0.3 / 14)
    assert points[1][0] == pytest.approx(0.5 - camera.FOCAL * 0.3 / 14)
    assert points[0][1] == pytest.approx(0.5 + camera.FOCAL * 0.07 / 14)


def test_colours_run_along_stops_and_towards_one() -> None:
    grey = np.full(3, 0.5)
    assert studio.tinted(grey, [(0, 0, 0), (255, 255, 255)], None, 1.0).tolist() == [1, 1, 1]
    assert studio.tinted(grey, [(0, 0, 0), (255, 255, 255), (255, 0, 0)], None, 0.5).tolist() == [1, 1, 1]
    assert np.allclose(studio.tinted(grey, [], (255, 0, 0), 0.5), [0.75, 0.25, 0.25])


def test_lights_follow_from_their_number() -> None:
    assert studio.light_setup(7) == studio.light_setup(7)
    assert studio.light_setup(7) != studio.light_setup(8)
    assert studio.light_setup(0)[0][0][0] == studio.KEY


def test_a_missing_blender_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/blender")
    with pytest.raises(EngineMissing, match="/nowhere/blender") as refusal:
        command("serve", "head.blend")
    assert VARIABLE in refusal.value.remedy


def test_blender_itself_and_a_python_with_bpy_are_called_differently(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("blender", "python3"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "python3"))
    assert "--background" not in command("serve", "head.blend")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "blender"))
    words = command("serve", "head.blend")
    assert words[-3:] == ["--", "serve", "head.blend"]
    assert "--background" in words
