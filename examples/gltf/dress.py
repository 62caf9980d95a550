"""Hair, brows, beards, lashes and a shirt as shells over the sculpted skin, and glasses of bent tubes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sculpt import EYE, MOUTH

if TYPE_CHECKING:
    from make_head import Body

Array = NDArray[np.float64]
Mesh = tuple[Array, NDArray[np.int64], Array]
Style = Callable[["Body", Array], Mesh]


def rise(x: Any, low: float, high: float) -> Any:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def hairline(rest: Array, high: float = 0.0) -> Array:
    """How far (dm) above the hairline each point of the sheet (R, C, 3) lies."""
    azimuth = np.abs(np.arctan2(rest[..., 0], rest[..., 2] + 0.62))
    line = np.interp(
        azimuth,
        [0, 0.45, 0.80, 1.05, 1.25, 1.45, 1.62, 1.85, np.pi],
        [0.60, 0.62, 0.56, 0.40, 0.0, -0.02, 0.15, -0.45, -0.68],
    )
    return rest[..., 1] - line - high * (azimuth < 1.2)


def outward(p: Array) -> Array:
    """Unit normals (R, C, 3) of a sheet."""
    n = np.cross(np.gradient(p, axis=1), np.gradient(p, axis=0))
    n = -n / np.maximum(np.linalg.norm(n, axis=-1, keepdims=True), 1e-9)
    away = p - np.array([0, 0, -0.62]) * [1, 0, 1]
    flip = np.sign((n * away * [1, 0.2, 1]).sum(-1, keepdims=True))
    return n * np.where(flip == 0, 1, flip)


def shell(body: Body, p: Array, there: NDArray[np.bool_], offset: Array) -> Mesh:
    """The points of the sheet that are ``there`` (R, C), moved out by ``offset`` (R, C) or (R, C, 3)."""
    rows, columns = there.shape
    cells = there[:-1, :-1] & there[1:, :-1] & there[1:, 1:] & there[:-1, 1:]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1][cells], index[1:, :-1][cells], index[1:, 1:][cells], index[:-1, 1:][cells]
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    used, triangles = np.unique(triangles, return_inverse=True)
    moved = p + (outward(p) * offset[..., None] if offset.ndim == 2 else offset)
    return moved.reshape(-1, 3)[used], triangles.reshape(-1, 3), body.uv[: rows * columns][used]


def hair(thick: float, top: float = 1.0, drape: float = 0.0, high: float = 0.0) -> Style:
    """A cap ``thick`` dm thick, ``top`` times that on the crown, hanging down by ``drape`` dm at sides and back."""

    def build(body: Body, p: Array) -> Mesh:
        rest = body.rest
        over = hairline(rest, high)
        azimuth = np.abs(np.arctan2(rest[..., 0], rest[..., 2] + 0.62))
        there = over > -0.30
        if drape:
            there |= (azimuth > 1.30) & (rest[..., 1] > -1.25) & (rest[..., 2] < -0.45)
        crown = 1 + (top - 1) * rise(rest[..., 1], 0.4, 0.9)
        offset = 0.012 + thick * rise(over, 0.0, 0.30) * crown
        out = outward(p) * offset[..., None]
        if drape:
            low = rise(-rest[..., 1], -0.2, 0.5) * rise(azimuth, 1.25, 1.5)
            way = np.stack(
                [
                    np.sin(np.arctan2(p[..., 0], p[..., 2] + 0.62)),
                    0 * low,
                    np.cos(np.arctan2(p[..., 0], p[..., 2] + 0.62)),
                ],
                -1,
            )
            width = 0.78 + 0.1 * rise(-rest[..., 1], 0.3, 1.2)
            now = np.hypot(p[..., 0], p[..., 2] + 0.72)
            out = out * (1 - low[..., None]) + way * (np.maximum(width - now, 0.05) * low)[..., None]
            out[..., 1] -= drape * low * 0.35
        return shell(body, p, there, out)

    return build


def hairs() -> dict[str, Style]:
    """The hair styles by the names of their nodes."""
    return {
        "HairBuzz": hair(0.035),
        "HairShort": hair(0.13, 1.3),
        "HairReceding": hair(0.06, 1.0, high=0.20),
        "HairLong": hair(0.15, 1.1, 0.9),
        "HairAfro": hair(0.36, 1.1),
    }


def _brow(body: Body, p: Array) -> Mesh:
    x, y, z = np.moveaxis(body.rest, -1, 0)
    there = (np.abs(x) > 0.05) & (np.abs(x) < 0.64) & (y > 0.075) & (y < 0.36) & (z > -0.4)
    return shell(body, p, there, np.full(x.shape, 0.010))


def brows() -> dict[str, Style]:
    """The brows: one shell, painted differently."""
    return {"BrowsNatural": _brow, "BrowsThick": _brow, "BrowsArched": _brow}


def _beard(thick: float) -> Style:
    def build(body: Body, p: Array) -> Mesh:
        x, y, z = np.moveaxis(body.rest, -1, 0)
        row = np.arange(len(x))[:, None]
        there = (y < -0.40) & (y > -1.25) & (z > -0.95) & (row != body.grid.mouth_row + 0)
        lips = (np.abs(x) < 0.24) & (np.abs(y - MOUTH) < 0.075) & (z > -0.2)
        return shell(body, p, there & ~lips, thick * rise(-y, 0.42, 0.75) + 0.008)

    return build


def beards() -> dict[str, Style]:
    """The beards by the names of their nodes."""
    return {
        "BeardFull": _beard(0.06),
        "BeardGoatee": _beard(0.03),
        "BeardStubble": _beard(0.0),
        "Moustache": _beard(0.015),
    }


def lashes(body: Body, p: Array) -> Mesh:
    """A thin fan along the upper lid of both eyes."""
    row = body.grid.eye_row
    pieces, faces, at = [], [], 0
    for side in (1.0, -1.0):
        columns = np.flatnonzero(np.abs(body.rest[row, :, 0] - side * EYE) < 0.165)
        edge = p[row, columns]
        out = np.array([0.0, 0.010, 0.022]) + np.outer(side * (edge[:, 0] * side - EYE), [0.04, 0, 0])
        strip = np.stack([edge + np.array([0, 0.004, 0.002]), edge + out], axis=1).reshape(-1, 3)
        k = 2 * np.arange(len(columns) - 1) + at
        faces += [np.stack([k, k + 1, k + 3], 1), np.stack([k, k + 3, k + 2], 1)]
        pieces.append(strip)
        at += len(strip)
    points = np.concatenate(pieces)
    return points, np.concatenate(faces), np.zeros((len(points), 2))


def shirt(body: Body, p: Array) -> Mesh:
    """A collar and shoulders."""
    y = body.rest[..., 1]
    return shell(body, p, y < -1.30 - 0.12 * rise(body.rest[..., 2], -0.9, -0.4), np.full(y.shape, 0.035))


def glasses() -> dict[str, tuple[Array, NDArray[np.int64]]]:
    """Frames by the names of their nodes: points and triangles."""
    return {"GlassesRound": _frame(0.21, 0.20, 2.0, 0.014), "GlassesSquare": _frame(0.235, 0.165, 5.0, 0.022)}


def _frame(wide: float, high: float, power: float, thick: float) -> tuple[Array, NDArray[np.int64]]:
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    r = (np.abs(c / wide) ** power + np.abs(s / high) ** power) ** (-1 / power)
    pieces, faces, at = [], [], 0
    for side in (1.0, -1.0):
        x = EYE + r * c
        rim = np.stack([side * x, r * s - 0.02, 0.235 - 0.20 * np.maximum(x - 0.3, 0) ** 1.2], axis=1)
        edge = side * (EYE + wide)
        arm = np.array(
            [[edge, 0.05, 0.15], [side * 0.74, 0.05, 0.0], [side * 0.80, 0.04, -0.55], [side * 0.78, -0.06, -0.85]]
        )
        for path, closed in ((rim, True), (arm, False)):
            points, quads = _tube(path, thick, closed)
            pieces.append(points)
            faces.append(quads + at)
            at += len(points)
    bridge = np.array([[-(EYE - wide), 0.0, 0.235], [0.0, 0.035, 0.255], [EYE - wide, 0.0, 0.235]])
    points, quads = _tube(bridge, thick, False)
    return np.concatenate([*pieces, points]), np.concatenate([*faces, quads + at])


def _tube(path: Array, radius: float, closed: bool) -> tuple[Array, NDArray[np.int64]]:
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    up = np.cross(ahead, [0.1, 0.2, 1.0])
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    out = np.cross(up, ahead)
    a = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    points = path[:, None] + radius * (np.cos(a)[None, :, None] * up[:, None] + np.sin(a)[None, :, None] * out[:, None])
    index = np.arange(points.shape[0] * 8).reshape(-1, 8)
    index = np.concatenate([index, index[:, :1]], 1)
    if closed:
        index = np.concatenate([index, index[:1]], 0)
    i, j, k, m = index[:-1, :-1].ravel(), index[1:, :-1].ravel(), index[1:, 1:].ravel(), index[:-1, 1:].ravel()
    return points.reshape(-1, 3), np.concatenate([np.stack([i, k, j], 1), np.stack([i, m, k], 1)])
