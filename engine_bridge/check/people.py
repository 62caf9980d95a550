"""Checks of choices and of random people, and of speed, memory and crashes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from engine_bridge.check.measures import area
from engine_bridge.check.memory import resident
from engine_bridge.check.naming import growth
from engine_bridge.check.session import SIDE, Picture, Result, Session, passed
from f2p.engines.abilities import crashes, has_labels, sample
from f2p.engines.protocol import SIZES, Frame
from f2p.errors import EngineTimeout, F2PError
from f2p.regions import index
from f2p.schema import Discrete

__all__ = ["crashed", "memory", "options", "samples", "speed"]

SEEDS = 300
DRAWN = 96
REHEARSED = 8
MOST_GROWTH = 0.2
"""Mebibytes by which a process may grow a picture."""
RENDERS = 30_000


def speed(session: Session) -> Result:
    """Pictures of 128 px come quickly enough for a data set; the fastest of some, since other programs may be busy."""
    session.draw({}, 128)
    began = len(session.times)
    for seed in range(REHEARSED):
        session.draw(sample(session.engine, seed), 128, fresh=True)
        if seed >= 2 and min(session.times[began:]) > session.slowest:
            break
    fastest = min(session.times[began:])
    hours = fastest * RENDERS / 3600
    takes = f"{RENDERS:,} renders take {hours:.1f} hours a process"
    fault = f"{fastest:.2f} s a picture of 128 px, where {session.slowest:g} s is the limit: {takes}"
    return passed(
        "speed",
        [fault] if fastest > session.slowest else [],
        f"{fastest * 1000:.0f} ms a picture of 128 px: {takes}",
        "Draw no more than is needed (no vertical sync, no waiting, small shadows), or allow more: --slowest.",
    )


def options(session: Session) -> Result:
    """Options look different; the one that adds nothing adds nothing, and long hair is longer than short."""
    alike, wrong, shown = [], [], []
    for choice in session.schema.discrete:
        seen: dict[bytes, str] = {}
        drawn = {option: session.draw({choice.name: option}) for option in choice.options}
        for option, frame in drawn.items():
            picture = frame.image.tobytes()
            if picture in seen:
                alike.append(f"{choice.name}={option} and {seen[picture]}")
            seen[picture] = option
        if not np.array_equal(drawn[choice.default].image, session.draw({}).image):
            wrong.append(f"{choice.name}={choice.default}, the default, is not what the average face has")
        if has_labels(session.engine) and (fault := _out_of_order(choice, drawn)):
            wrong.append(fault)
            shown += [Picture(f"{choice.name} = {option}", frame.image) for option, frame in drawn.items()]
    faults = [f"look the same: {'; '.join(alike)}"] if alike else []
    return passed(
        "options",
        faults + wrong,
        "all look different, and what their names say can be seen",
        "Leave options out that look like another one."
        if alike
        else "Compare the order of the options in schema.yaml with the engine's: one may be off by one.",
        *shown[:12],
    )


def _out_of_order(choice: Discrete, drawn: dict[str, Frame]) -> str:
    """An option whose name says that it adds less than another, and which adds more; empty where there is none."""
    amounts, measure = growth(choice), _amount_of(choice, drawn)
    if measure is None:
        return ""
    shown = {option: measure(frame) for option, frame in drawn.items()}
    for less, little in amounts.items():
        for more in choice.options:
            # Nothing is less than anything; otherwise both names must say how much.
            fewer = more != less if little == 0 else amounts.get(more, 0) - little >= 2
            if fewer and shown[less] > shown[more] + 0.004:
                return f"{choice.name}={less} shows more than {choice.name}={more}: options off by one?"
    return ""


def _amount_of(choice: Discrete, drawn: dict[str, Frame]) -> Callable[[Frame], float] | None:
    """The measure of what a choice adds: labelled hair or glasses, or else how dark the lower face is."""
    areas = {region: [area(frame, region) for frame in drawn.values()] for region in ("glasses", "hair")}
    for region, found in areas.items():
        if max(found) - min(found) > 0.004:
            return partial(area, region=region)
    name = choice.name.lower()
    if not any(word in name for word in ("beard", "moustache", "stubble")):
        return None

    return _dark_chin


def _dark_chin(frame: Frame) -> float:
    """How much darker the face is between nose and chin than above, of 1."""
    eyes, nose = (np.argwhere(frame.labels == index(name)) for name in ("eyes", "nose"))
    if not len(eyes) or not len(nose):
        return 0.0
    columns = slice(int(eyes[:, 1].min()), int(eyes[:, 1].max()) + 1)
    bottom = int(nose[:, 0].max())
    levels = frame.image.astype(float).mean(axis=2)[:, columns] / 255
    labels = frame.labels[:, columns]
    upper = labels[:bottom] == index("skin")
    lower = np.isin(labels[bottom:], (index("skin"), index("hair")))
    if not upper.any() or not lower.any():
        return 0.0
    return float(levels[:bottom][upper].mean() - levels[bottom:][lower].mean())


def samples(session: Session) -> Result:
    """Random people follow from their seeds, fit the schema, and are drawn as people are."""
    remedy = "Let all follow from the seed; sliders of spread 0 stay at their average; no value lies outside [0, 1]."
    people, faults = [], []
    for seed in range(SEEDS):
        try:
            values = sample(session.engine, seed)
            people.append((seed, values, session.schema.encode(values)))
        except EngineTimeout:
            raise
        except F2PError as error:
            faults.append(f"seed {seed}: {error.message}")
    if faults:
        bad = len(faults)
        return passed("samples", [f"{bad} of {SEEDS} seeds give no character, {faults[0]}"], "", remedy)
    if session.schema.encode(sample(session.engine, 0)).tobytes() != people[0][2].tobytes():
        return passed("samples", ["one seed gives two characters"], "", remedy)
    distinct = len({x.tobytes() for _, _, x in people})
    # Looks that no photo is to give, such as dye, may be drawn for the imitator to learn.
    moved = [
        slider.name
        for slider in session.schema.continuous
        if slider.spread == 0
        and slider.role != "appearance"
        and any(values.get(slider.name, slider.average) != slider.average for _, values, _ in people)
    ]
    if moved:
        faults.append(f"moved, though of spread 0: {', '.join(moved)}")
    if distinct < SEEDS * 0.98:
        faults.append(f"{distinct} of {SEEDS} differ")
    bad_seeds, shown = _bad_ones(session, people)
    if bad_seeds:
        faults.append(f"{len(bad_seeds)} of {DRAWN} are drawn as no face is: seed {', '.join(map(str, bad_seeds[:6]))}")
        remedy = "Draw these seeds by themselves (engine-bridge render --seed N) and mend what breaks there."
    return passed("samples", faults, f"{SEEDS} seeds give people, {DRAWN} of them were drawn", remedy, *shown)


def _bad_ones(
    session: Session, people: list[tuple[int, dict[str, float | str], np.ndarray]]
) -> tuple[list[int], list[Picture]]:
    """Seeds whose pictures are empty, or have far less of a face than others, or fail."""
    drawn, bad = [], []
    for seed, values, _ in people[:DRAWN]:
        try:
            drawn.append((seed, session.draw(values, SIZES[0])))
        except EngineTimeout:
            raise
        except F2PError:
            bad.append(seed)
    if not drawn:
        return bad, []
    if has_labels(session.engine):
        shares = np.array([[area(f, r) for r in ("skin", "nose", "background")] for _, f in drawn])
        usual = np.median(shares, axis=0)
        odd = (shares[:, :2] < 0.3 * usual[:2]).any(axis=1) | (shares[:, 2] > 1 - 0.4 * (1 - usual[2]))
        bad += [seed for (seed, _), is_odd in zip(drawn, odd, strict=True) if is_odd]
    spread = np.array([float(f.image.std()) for _, f in drawn])
    level = np.array([float(f.image.mean()) for _, f in drawn])
    away = np.abs(level - np.median(level)) > max(8 * float(np.median(np.abs(level - np.median(level)))), 50)
    bad += [seed for (seed, _), flat in zip(drawn, (spread < 0.3 * np.median(spread)) | away, strict=True) if flat]
    bad = sorted(set(bad))
    shown = [Picture(f"seed {seed}", f.image) for seed, f in drawn if seed in bad[:6]]
    return bad, shown or [Picture(f"seed {seed}", f.image) for seed, f in drawn[:8]]


def crashed(session: Session) -> Result:
    """How often the engine died and was started anew."""
    died = crashes(session.engine)
    if died:
        remedy = "The engine's own output says more; a data set of thousands of pictures meets each crash many times."
        return passed("crashes", [f"{len(died)} in {session.drawn} pictures: it {died[0]}"], "", remedy)
    return passed("crashes", [], f"none in {session.drawn} pictures", "")


def memory(session: Session) -> Result:
    """The engine's processes do not grow from picture to picture."""
    before = resident(getattr(session.engine, "pid", None))
    remedy = "Free what each picture made: textures, meshes, files."
    if before is None:
        return passed("memory", [], "not measured: the engine is no process of ours", remedy)
    count = 40
    for number in range(count):
        session.draw(sample(session.engine, number % 8), SIDE, fresh=True)
    grown = (resident(getattr(session.engine, "pid", None)) or before) - before
    each = grown / count
    faults = [f"{each:.1f} MiB more with each picture"] if each > MOST_GROWTH and grown > 16 else []
    return passed("memory", faults, f"{before:.0f} MiB, {math.ceil(max(grown, 0))} more after {count} pictures", remedy)
