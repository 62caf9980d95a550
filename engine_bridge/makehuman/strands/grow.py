"""Growth: each strand is integrated from its root.

At every step a strand turns towards the flow field of its style and downwards by its weight, is pushed out of the
shaped skull to a layer of its own, and is pulled back gently when it stands off. So no strand enters the head,
whatever the head's shape, and every point moves smoothly with every slider.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine_bridge.makehuman.core.jit import inline, kernel
from engine_bridge.makehuman.core.mathematics import clamp, ramp
from engine_bridge.makehuman.strands.skull import MIDDLE_X, MIDDLE_Y, MIDDLE_Z, look_up

# Kinds of flow.
CROWN, OUT, BACK, POLE, SIDE, PART, UP, HANG = range(8)
WALL = 0.74
FLOWS = {"crown": CROWN, "out": OUT, "back": BACK, "pole": POLE, "side": SIDE, "part": PART, "up": UP, "hang": HANG}


class Flow(NamedTuple):
    """How the strands of a style run; lengths in dm."""

    kind: int
    pole_x: float  # unit vector from the middle of the head: the whorl, or where the hair is gathered
    pole_y: float
    pole_z: float
    lift: float  # how steeply strands leave the skin
    gravity: float
    front_up: float  # how far the front stands up
    frizz: float
    two_sided: float  # 1: one pole on each side of the head
    tip: float  # height at which hair is cut, -9: nowhere
    ceiling: float  # height above which hair is cut, 9: nowhere
    sweep: float  # of the fringe, to the viewer's right
    split: float  # 1: the fringe parts in the middle
    turn_in: float  # how far the tips turn to the neck
    spread: float  # how far hanging hair stands off at the sides
    hold: float  # how strongly strands are held down on their layer
    messy: float  # how unlike each other neighbours leave the skin
    press: float  # height above which a cap presses hair down, 9: nowhere
    part: float  # x of the parting
    back: float  # how far hair runs back from the parting
    layered: float  # how much higher (dm) the outer hair is cut than the inner
    ragged: float  # how unevenly (dm) hair is cut


@inline
def _tangent(x, y, z, dx, dy, dz):  # type: ignore[no-untyped-def]
    """(x, y, z) without its part along the unit vector d, made a unit vector."""
    along = x * dx + y * dy + z * dz
    x, y, z = x - along * dx, y - along * dy, z - along * dz
    s = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-12)
    return x * s, y * s, z * s


@inline
def _unit(x, y, z):  # type: ignore[no-untyped-def]
    s = 1.0 / math.sqrt(x * x + y * y + z * z + 1e-12)
    return x * s, y * s, z * s


@inline
def _whorl(f, dx, dy, dz):  # type: ignore[no-untyped-def]
    """Unit vector round the pole at the unit direction d, and how far hair there goes round it instead of away."""
    near = dx * f.pole_x + dy * f.pole_y + dz * f.pole_z
    x, y, z = _unit(f.pole_y * dz - f.pole_z * dy, f.pole_z * dx - f.pole_x * dz, f.pole_x * dy - f.pole_y * dx)
    return x, y, z, 0.9 * ramp(near, 0.80, 0.98)


@inline
def _flow(f, dx, dy, dz, side, front, fringe, pole_x, t):  # type: ignore[no-untyped-def]
    """Direction in which hair runs at the unit direction d from the middle of the head."""
    if fringe > 0.0:
        sweep = f.sweep * (1.0 - f.split) + f.split * f.sweep * side + 0.5 * dx  # it fans out a little
        return _tangent(sweep, -1.0, 0.55 - 0.4 * abs(dx), dx, dy, dz)
    if f.kind == CROWN or f.kind == OUT:
        x, y, z = _tangent(f.pole_x, f.pole_y, f.pole_z, dx, dy, dz)
        if f.kind == OUT:
            return -0.2 * x, -0.2 * y, -0.2 * z
        sx, sy, sz, w = _whorl(f, dx, dy, dz)
        return sx * w - x * (1.0 - w), sy * w - y * (1.0 - w), sz * w - z * (1.0 - w)
    if f.kind == POLE:
        return _tangent(pole_x, f.pole_y, f.pole_z, dx, dy, dz)
    if f.kind == BACK:
        near = dx * f.pole_x + dy * f.pole_y + dz * f.pole_z
        w = ramp(near, 0.25, 0.75)
        ax, ay, az = _tangent(f.pole_x, f.pole_y, f.pole_z, dx, dy, dz)
        bx, by, bz = _tangent(0.0, -1.0, -0.1, dx, dy, dz)
        return _unit(ax * (1 - w) + bx * w, ay * (1 - w) + by * w, az * (1 - w) + bz * w)
    if f.kind == SIDE:
        w = ramp(dy, 0.25, 0.60)
        ax, ay, az = _tangent(side * 0.9, -0.15, -0.25, dx, dy, dz)
        bx, by, bz = _tangent(0.0, -1.0, -0.25, dx, dy, dz)
        x, y, z = _unit(ax * w + bx * (1 - w), ay * w + by * (1 - w), az * w + bz * (1 - w))
        return x, y, z + 0.35 * front * (1.0 - t)
    if f.kind == UP:
        return _unit(0.22 * dx, 1.0, 0.22 * dz)
    if f.kind == HANG:
        x, y, z = _tangent(f.pole_x, f.pole_y, f.pole_z, dx, dy, dz)
        w = ramp(dy, 0.9, 0.3)
        sx, sy, sz, round_it = _whorl(f, dx, dy, dz)
        # At the pole itself there is no way round it: a rope there would swing about with any slider.
        turn = ramp(dx * f.pole_x + dy * f.pole_y + dz * f.pole_z, 0.998, 0.97)
        x, y, z = (sx * round_it - x) * turn, (sy * round_it - y) * turn - 0.8 * w, (sz * round_it - z) * turn
        z -= 0.25 * w + 1.0 - turn
        return _unit(x, y, z)
    w = ramp(dy, 0.30, 0.75)
    behind = ramp(-dz, 0.25, 0.80)  # where the parting ends, hair falls back from the crown
    x = side * (w * (1.0 - 0.75 * behind) + 0.12 * (1 - w))
    y = -0.05 * w - (1 - w)
    z = -(f.back * (1.0 + 0.33 * front * (1.0 - t)) + 0.9 * behind) * w - 0.09 * (1 - w)
    return _tangent(x, y, z, dx, dy, dz)


@inline
def face_half(radius):  # type: ignore[no-untyped-def]
    """Half of the width (dm) that hanging hair leaves to the face."""
    return look_up(radius, 0.90, -0.10, 0.42) * WALL


@kernel
def grow(flow, radius, roots, normals, length, height, layer, side, front, fringe, normal, stride, walk, steps):  # type: ignore[no-untyped-def]
    """Strands (K, steps, 3) and how long each is (K,).

    ``radius`` of the skull (see `skull`); ``roots`` (K, 3) and ``normals`` (K, 3) on the shaped head; ``length``
    (K,); ``height`` (K,) of the hair above the scalp, of which a strand keeps the share ``layer`` (K,); ``side`` (K,)
    in -1 or 1 of the parting; ``front`` (K,) how far a root belongs to the front; ``fringe`` (K,) 1 in the fringe;
    ``normal`` (K, 9) random numbers.

    Every strand is integrated in at most ``walk`` steps of ``stride`` and then cut to its length and laid out anew,
    so that a length changes where a strand ends and not where it runs.
    """
    count = len(roots)
    out = np.empty((count, steps, 3), np.float32)
    long = np.empty(count, np.float32)
    path = np.empty((walk + 1, 3))
    face = face_half(radius)
    f = flow
    heavy = f.gravity > 0.2
    for i in range(count):
        g = normal[i]
        x, y, z = float(roots[i, 0]), float(roots[i, 1]), float(roots[i, 2])
        fr, tail, h, lay = front[i], fringe[i], height[i], layer[i]
        parted = ramp(abs(x - f.part), 0.25, 0.0) if f.kind == PART or f.kind == SIDE else 0.0
        if tail > 0.0 and f.split == 0.0:  # a whole fringe hangs over the parting, and crowding would leave gaps
            parted = 0.0
        x += 0.7 * parted * (f.part - x)  # roots crowd at the parting, or it would be a bald strip
        pole_x = f.pole_x
        if f.two_sided > 0.5:
            pole_x = f.pole_x if side[i] >= 0.0 else -f.pole_x
        jitter = (f.messy + f.frizz * 2.5) * (1.0 - 0.8 * parted) * (1.0 - 0.7 * fr if heavy else 1.0)
        dx, dy, dz = _unit(x - MIDDLE_X, y - MIDDLE_Y, z - MIDDLE_Z)
        fx, fy, fz = _flow(f, dx, dy, dz, side[i], fr, tail, pole_x, 0.0)
        up = f.front_up * fr
        lift = f.lift
        if f.kind == CROWN or f.kind == SIDE or f.kind == BACK:  # sides and back lie down, and so does the whorl
            lift *= 0.30 + 0.70 * ramp(dy, 0.30, 0.75)
        if f.kind == CROWN or f.kind == HANG:
            lift *= 1.0 - 0.8 * ramp(dx * f.pole_x + dy * f.pole_y + dz * f.pole_z, 0.85, 0.98)
        lift += up
        vx = normals[i, 0] * lift + fx + jitter * g[0]
        vy = normals[i, 1] * lift + fy + jitter * g[1] + 0.6 * up
        vz = normals[i, 2] * lift + fz + jitter * g[2] + 0.15 * up
        vx, vy, vz = _unit(vx, vy, vz)
        step = stride
        turn = clamp(step / 0.10, 0.15, 0.8)
        pull = f.hold * (1.0 - 0.8 * min(up, 1.0))
        slack = 0.06 if f.kind == PART else 0.25
        path[0, 0], path[0, 1], path[0, 2] = x, y, z
        cut = min(length[i] / step, float(walk))
        last = math.ceil(cut)
        cut_y = f.tip + f.ragged * g[5] + f.layered * lay
        edge = max(math.sqrt((x - MIDDLE_X) * (x - MIDDLE_X) + (z - MIDDLE_Z) * (z - MIDDLE_Z)) - 0.25, 0.0)
        ceiling = f.ceiling + 0.022 * g[6] - 0.75 * edge * edge  # cut flat, and rounded off
        for j in range(1, last + 1):
            t = min(j / cut, 1.0)
            qx, qy, qz = x - MIDDLE_X, y - MIDDLE_Y, z - MIDDLE_Z
            dx, dy, dz = _unit(qx, qy, qz)
            fx, fy, fz = _flow(f, dx, dy, dz, side[i], fr, tail, pole_x, t)
            hang = ramp(-qy, 0.05, 0.55) if heavy else 0.0
            a = turn * (1.0 - hang) * 0.9
            b = f.gravity * turn * (0.35 + 1.6 * hang)
            c = f.frizz * 3.0 * turn
            k = j % 3
            wx, wy, wz = vx, vy, vz
            vx = wx + fx * a + c * g[3 + (3 - k) % 3] + f.spread * hang * turn * clamp(qx * 2.0, -1.0, 1.0)
            vy = wy + fy * a - b + c * g[3 + (4 - k) % 3]
            vz = wz + fz * a + c * g[3 + (5 - k) % 3]
            vx, vy, vz = _unit(vx, vy, vz)
            px, py, pz = x, y, z
            x, y, z = x + vx * step, y + vy * step, z + vz * step
            qx, qy, qz = x - MIDDLE_X, y - MIDDLE_Y, z - MIDDLE_Z
            r = math.sqrt(qx * qx + qy * qy + qz * qz)
            dx, dy, dz = qx / r, qy / r, qz / r
            rise = 3.0 * h + 0.10 if f.kind == BACK or f.kind == POLE else 1.2 * h + 0.05
            if f.kind == PART or f.kind == SIDE:  # slower than the skull falls away from the parting
                rise = 2.5 * h + 0.20
            s = min(j * step / max(rise, 1e-3), 1.0)
            tight = ramp(y, f.press - 0.50, f.press - 0.05) if f.press < 5.0 else 0.0
            tall = h * (1.0 - tight) + 0.02 * tight
            low = look_up(radius, qx, qy, qz) + 0.006 + tall * lay * s * (2.0 - s) * (1.0 - 0.35 * hang)
            below = ramp(y, -0.25, -0.75)
            low = low * (1.0 - below) + below * min(low, r)
            if low > r:
                x, y, z = x + dx * (low - r), y + dy * (low - r), z + dz * (low - r)
            if f.kind != OUT and f.kind != UP:
                over = max(r - (low + 0.01 + slack * tall), 0.0) * max(pull, tight) * (1.0 - hang)
                x, y, z = x - dx * over, y - dy * over, z - dz * over
            if heavy and tail == 0.0 and z > -0.34:
                z -= 0.6 * max(z + 0.30 - 0.50 * ramp(y, -0.10, 0.70), 0.0)  # a curtain beside the face, with one edge
                wall = ramp(-y, -0.70, -0.10) * ramp(z, -0.34, -0.16)
                # To the side of the parting that it grows on: the side where it happens to be can change at once.
                to = side[i] if f.kind == PART else (1.0 if x >= 0.0 else -1.0)
                x += 0.8 * to * max((face + (0.05 + f.spread) * lay) * wall - x * to, 0.0)
            vx, vy, vz = _unit(x - px, y - py, z - pz)
            path[j, 0], path[j, 1], path[j, 2] = x, y, z
            if f.tip > -5.0 and tail == 0.0 and y < cut_y and py >= cut_y:
                cut = min(j - 1 + clamp((py - cut_y) / max(py - y, 1e-4), 0.0, 1.0), cut)
                last = j
                break
            if y > ceiling and py <= ceiling:
                cut = min(j - 1 + clamp((ceiling - py) / max(y - py, 1e-4), 0.0, 1.0), cut)
                last = j
                break
        for j in range(steps):
            q = cut * j / (steps - 1)
            n = min(int(q), last - 1)
            q -= n
            for c in range(3):
                out[i, j, c] = path[n, c] + (path[n + 1, c] - path[n, c]) * q
            if f.turn_in > 0.0:
                inward = ramp(out[i, j, 1], cut_y + 0.34, cut_y) * f.turn_in
                wx, _, wz = _unit(out[i, j, 0], 0.0, out[i, j, 2] - MIDDLE_Z)
                out[i, j, 0] -= inward * wx
                out[i, j, 2] -= inward * wz
        long[i] = step * cut
    return out, long
