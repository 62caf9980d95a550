"""The reference engine through the contract that every engine keeps: frames, labels, colours, smoothness, bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.makehuman import palette
from engine_bridge.makehuman.core import jit
from engine_bridge.makehuman.core.first_run import first_run
from engine_bridge.makehuman.engine import MakeHumanEngine
from engine_bridge.makehuman.renderer import Renderer
from f2p import errors
from f2p.engines.protocol import PROFILE, View
from f2p.regions import REGIONS, index

# Compiling the kernels takes minutes on a busy machine.
pytestmark = pytest.mark.timeout(1200)

FACE = ("skin", "brows", "eyes", "nose", "upper_lip", "lower_lip", "neck")
PLAIN: dict[str, float | str] = {
    "hair_style": "bald",
    "beard_style": "none",
    "freckles": 0.0,
    "moles": 0.0,
    "blush": 0.0,
    "eye_circles": 0.0,
}
# Characters of many kinds, with what has own code: hair, beards, glasses, expressions, make-up, lights, poses.
KINDS: list[tuple[dict[str, float | str], View]] = [
    ({}, View()),
    ({"hair_style": "long", "lipstick": "red", "eye_shadow": 0.8, "sex": 0.1}, View(yaw=25, light=3)),
    ({"hair_style": "curly", "beard_style": "full", "age": 0.9, "hair_grey": 0.6}, View(pitch=-10)),
    ({"hair_style": "bald", "glasses": "cat_eye", "lens_tint": 0.5, "jawOpen": 0.7}, View(roll=8, light=9)),
]


@pytest.fixture(scope="module")
def engine() -> MakeHumanEngine:
    return MakeHumanEngine()


def digest(engine: MakeHumanEngine) -> str:
    frames = [engine.render(values, 64, view) for values, view in KINDS]
    return hashlib.sha256(b"".join(f.image.tobytes() + f.labels.tobytes() for f in frames)).hexdigest()


def ciede2000(first: np.ndarray, second: np.ndarray) -> float:
    """Colour difference of two sRGB colours (3,), 0..255 (Sharma, Wu and Dalal 2005)."""

    def lab(srgb: np.ndarray) -> np.ndarray:
        c = np.asarray(srgb, float) / 255
        c = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ c
        f = xyz / np.array([0.95047, 1.0, 1.08883])
        f = np.where(f > 216 / 24389, np.cbrt(f), (24389 / 27 * f + 16) / 116)
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    (l1, a1, b1), (l2, a2, b2) = lab(first), lab(second)
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    h, c, lightness = (h1 + turn / 2) % 360, (c1 + c2) / 2, (l1 + l2) / 2
    t = 1 - 0.17 * np.cos(np.radians(h - 30)) + 0.24 * np.cos(np.radians(2 * h))
    t += 0.32 * np.cos(np.radians(3 * h + 6)) - 0.20 * np.cos(np.radians(4 * h - 63))
    sl = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rt = -2 * np.sqrt(c**7 / (c**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / sh
    return float(np.sqrt(dl * dl + dc * dc + dh * dh + rt * dc * dh))


def shown(engine: MakeHumanEngine, values: dict[str, float | str], *regions: str) -> np.ndarray:
    frame = engine.render({**PLAIN, **values}, 128)
    return np.median(frame.image[np.isin(frame.labels, [index(r) for r in regions])], axis=0)


def test_the_difference_formula_is_the_published_one() -> None:
    assert ciede2000(np.array([255, 0, 0]), np.array([0, 255, 0])) == pytest.approx(86.6, abs=0.3)


@pytest.mark.parametrize("size", [64, 129, 256])
def test_frames(engine: MakeHumanEngine, size: int) -> None:
    frame = engine.render({}, size)
    assert frame.image.shape == (size, size, 3)
    assert frame.image.dtype == frame.labels.dtype == np.uint8
    assert frame.labels.max() < len(REGIONS)
    assert {name for name in FACE if (frame.labels == index(name)).any()} == set(FACE)


def test_parts_of_the_face_lie_as_on_a_face(engine: MakeHumanEngine) -> None:
    labels = engine.render(PLAIN, 128).labels
    heights = [
        np.nonzero(labels == index(n))[0].mean() for n in ("brows", "eyes", "nose", "upper_lip", "lower_lip", "neck")
    ]
    assert heights == sorted(heights)
    across = np.nonzero(labels == index("nose"))[1].mean()
    assert across == pytest.approx(63.5, abs=1.0)


def test_labels_follow_the_silhouette() -> None:
    """Before another backdrop, only what is labelled background changes, but for the soft rim of a pixel."""
    dark, light = Renderer(((20, 20, 20),) * 2), Renderer(((230, 230, 230),) * 2)
    engine = MakeHumanEngine()
    frames = []
    for renderer in (dark, light):
        engine.renderer = renderer
        frames.append(engine.render({"hair_style": "bald", "glasses": "thick_square"}, 128))
    changed = np.abs(frames[0].image.astype(int) - frames[1].image).max(axis=2)
    assert np.array_equal(frames[0].labels, frames[1].labels)
    backdrop = frames[0].labels == index("background")
    assert (changed[backdrop] > 60).all()
    assert (changed[~backdrop] < 190).all()


def test_wrong_input_is_refused(engine: MakeHumanEngine) -> None:
    for values, size in (
        ({"no such slider": 0.5}, 64),
        ({"nose_width": 1.5}, 64),
        ({"glasses": "monocle"}, 64),
        ({}, 32),
    ):
        with pytest.raises(errors.ParameterError):
            engine.render(values, size)  # type: ignore[arg-type]


def test_earlier_frames_leave_no_trace(engine: MakeHumanEngine) -> None:
    first = engine.render({}, 64)
    engine.render(*KINDS[1][:1], 96, KINDS[1][1])
    again = engine.render({}, 64)
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.labels, again.labels)


def test_another_process_draws_the_same_bytes(engine: MakeHumanEngine) -> None:
    code = (
        "import importlib.util as u; s = u.spec_from_file_location('t', r'" + __file__ + "');"
        "m = u.module_from_spec(s); s.loader.exec_module(m); print(m.digest(m.MakeHumanEngine()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(engine)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "features"), [("generic", ""), ("nehalem", ""), ("haswell", "+avx2,+fma")])
def test_another_instruction_set_draws_the_same_bytes(
    engine: MakeHumanEngine, name: str, features: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Compiled anew without and with AVX2 and fused multiply-add: a minute or two each."""
    code = (
        "import importlib.util as u; s = u.spec_from_file_location('t', r'" + __file__ + "');"
        "m = u.module_from_spec(s); s.loader.exec_module(m); print(m.digest(m.MakeHumanEngine()))"
    )
    folder = tmp_path_factory.mktemp(name)
    forced = {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features, "NUMBA_CACHE_DIR": str(folder)}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | forced
    )
    assert run.stdout.strip() == digest(engine)


@pytest.mark.parametrize("tone", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_skin_shows_the_colour_that_the_slider_promises(engine: MakeHumanEngine, tone: float) -> None:
    promised = palette.along([palette.linear(c) for c in palette.SKINS], tone)
    srgb = 255 * np.where(promised <= 0.0031308, 12.92 * promised, 1.055 * promised ** (1 / 2.4) - 0.055)
    assert ciede2000(shown(engine, {"skin_tone": tone}, "skin"), srgb) < 3


@pytest.mark.parametrize("stick", [name for name, colour in palette.LIPSTICKS.items() if colour])
def test_lipstick_shows_its_colour(engine: MakeHumanEngine, stick: str) -> None:
    wanted = np.array(palette.LIPSTICKS[stick])
    assert ciede2000(shown(engine, {"lipstick": stick}, "upper_lip", "lower_lip"), wanted) < 3


SHOWS = [
    ("sex", 0.2, 0.8),
    ("age", 0.2, 0.9),
    ("skin_lines", 0.0, 0.8),
    ("freckles", 0.0, 0.8),
    ("moles", 0.0, 0.8),
    ("eye_circles", 0.0, 0.9),
    ("iris_colour", 0.1, 0.9),
    ("iris_size", 0.2, 0.8),
    ("lip_redness", 0.1, 0.9),
    ("blush", 0.0, 0.8),
    ("eye_shadow", 0.0, 0.8),
    ("eye_liner", 0.0, 0.9),
    ("cloth_colour", 0.1, 0.9),
]


@pytest.mark.parametrize(("slider", "low", "high"), SHOWS)
def test_sliders_show(engine: MakeHumanEngine, slider: str, low: float, high: float) -> None:
    a, b = (engine.render({**PLAIN, slider: v}, 128).image.astype(int) for v in (low, high))
    assert (np.abs(a - b).max(axis=2) >= 4).sum() >= 12


def test_every_expression_unit_moves_the_face(engine: MakeHumanEngine) -> None:
    rest = engine.render(PLAIN, 96).image.astype(int)
    units = [p.name for p in engine.schema.continuous if p.role == "expression"]
    assert len(units) == 52
    # Lips that close over an open jaw need one; a tongue stays behind closed teeth.
    still = []
    for unit in units:
        with_jaw = {"jawOpen": 0.4} if unit in ("mouthClose", "tongueOut") else {}
        before = engine.render({**PLAIN, **with_jaw}, 96).image.astype(int) if with_jaw else rest
        moved = engine.render({**PLAIN, **with_jaw, unit: 1.0}, 96).image.astype(int)
        if (np.abs(moved - before).max(axis=2) >= 4).sum() < 12:
            still.append(unit)
    assert not still


def test_a_smile_shows_teeth_and_a_blink_hides_the_eyes(engine: MakeHumanEngine) -> None:
    grin: dict[str, float | str] = {
        f"mouth{part}{side}": 1.0 for part in ("UpperUp", "LowerDown") for side in ("Left", "Right")
    }
    labels = engine.render({**PLAIN, **grin}, 128).labels
    assert (labels == index("teeth")).sum() > 40
    open_eyes, shut = (
        engine.render({**PLAIN, "eyeBlinkLeft": v, "eyeBlinkRight": v}, 256).image.astype(int) for v in (0.0, 1.0)
    )
    iris = np.s_[128:142, 92:106]
    assert shut[iris].mean() > open_eyes[iris].mean() + 30


SMOOTH = (
    "nose_width",
    "jaw_bones",
    "mouth_width",
    "eye_size",
    "chin_width",
    "head_fat",
    "skin_tone",
    "age",
    "sex",
    "african",
    "glasses_size",
    "mouth_height",
    "mouth_thickness",
    "mouth_upper_middle",
)


@pytest.mark.parametrize("slider", SMOOTH)
def test_small_moves_make_small_steps(engine: MakeHumanEngine, slider: str) -> None:
    base = {**PLAIN, "glasses": "rectangular", "glasses_colour": 0.4}
    middle = 0.5
    a, b = (engine.render({**base, slider: v}, 128).image.astype(int) for v in (middle, middle + 0.02))
    assert 0 < np.abs(a - b).max() <= 40


def test_shoulders_stay_while_the_head_changes(engine: MakeHumanEngine) -> None:
    """What lies below the collar is cloth, which sliders of the head alone leave as it is."""
    base = {**PLAIN, "cloth_colour": 0.9}
    young = engine.render({**base, "age": 0.3}, 128).image.astype(int)[-3:]
    for changed in ({"head_age": 0.9}, {"eye_height": 0.9}):
        other = engine.render({**base, "age": 0.3, **changed}, 128).image.astype(int)[-3:]
        assert (np.abs(other - young).max(axis=2) > 25).sum() < 8, changed


def test_bare_lips_differ_from_the_skin_in_hue_by_little(engine: MakeHumanEngine) -> None:
    for sex in (0.1, 0.9):
        skin, lips = (
            shown(engine, {"sex": sex, "lip_redness": 0.5}, *names) for names in (["skin"], ["upper_lip", "lower_lip"])
        )
        assert 5 < ciede2000(skin, lips) < 22
        assert lips[0] - lips[1] < 1.9 * (skin[0] - skin[1]) + 12


def test_lights_and_poses_change_the_picture(engine: MakeHumanEngine) -> None:
    front = engine.render(PLAIN, 96).image.astype(int)
    for view in (View(yaw=30), View(pitch=20), View(roll=15), View(light=3), PROFILE):
        assert np.abs(engine.render(PLAIN, 96, view).image.astype(int) - front).mean() > 2


def test_dark_skin_is_lit_like_light_skin(engine: MakeHumanEngine) -> None:
    """The bright side of the face is as much brighter than the dark one, within a third, on dark skin as on light."""
    ratios = []
    for tone in (0.1, 0.9):
        frame = engine.render({**PLAIN, "skin_tone": tone}, 128)
        light = palette.linear(tuple(range(256)))[frame.image].mean(axis=2)
        skin = frame.labels == index("skin")
        left, right = light[:, :64][skin[:, :64]].mean(), light[:, 64:][skin[:, 64:]].mean()
        ratios.append(left / right)
    assert min(ratios) > 1.1
    assert max(ratios) / min(ratios) < 1.34


def test_kernels_are_kept_where_one_may_write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "given"))
    jit.cache_folder.cache_clear()
    assert jit.cache_folder() == tmp_path / "given"
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(blocked / "below"))  # cannot be made: a file is in the way
    jit.cache_folder.cache_clear()
    assert jit.cache_folder() != blocked / "below"
    assert jit.cache_folder().is_dir()
    monkeypatch.undo()
    jit.cache_folder.cache_clear()


def test_of_those_that_start_at_once_one_compiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    jit.cache_folder.cache_clear()
    told: list[bool] = []

    def start() -> None:
        with first_run(Path(__file__).parent) as compiling:
            told.append(compiling)
            time.sleep(0.05)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    start()
    assert told == [True, False, False, False, False]
    (tmp_path / "other.py").write_text("other sources")

    def fail() -> None:
        with first_run(tmp_path) as compiling:
            told.append(compiling)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with first_run(tmp_path) as compiling:
        assert compiling  # the first one came to nothing
    assert told[-1]
    monkeypatch.undo()
    jit.cache_folder.cache_clear()
