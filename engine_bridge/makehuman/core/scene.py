"""What the shading kernels are handed: the lights, and the constants of one face."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


class Light(NamedTuple):
    """Lights in view space: unit directions to them and linear colours, (3,) each unless said.

    ``rims`` (2, 3) share ``rim_colour``; ``sky`` and ``ground`` are what comes from above and below.  The same lights
    as directions for shadows: ``directions`` (D, 3), ``colours`` (D, 3), ``groups`` (D,), see `shadow`.
    """

    key: Vector
    key_colour: Vector
    fill: Vector
    fill_colour: Vector
    rims: Vector
    rim_colour: Vector
    sky: Vector
    ground: Vector
    directions: Vector
    colours: Vector
    groups: NDArray[np.int32]


class Face(NamedTuple):
    """Constants of one face.  Colours are linear albedos (3,), lengths in dm, shares in 0..1.

    ``cell`` width of a cell at the eyes; ``lips`` colour, ``lip_wet`` gloss, ``lip_soft`` width of the lips' border;
    ``pores``, ``oil`` strengths; ``liner``, ``shadow`` make-up of the eyes with ``shadow_colour``; ``iris`` colour,
    ``iris_radius``, ``pupil`` radius as a share of it; ``white`` of the eye; ``eye_centres`` (2, 3), ``eye_axes``
    (2, 3, 3) rows x, y, z (gaze) of each eyeball, ``lids`` (2, 2, N) elevation of the upper and lower lid's margin over
    N azimuths, all in view space or about it; ``teeth`` colour; ``freckles``, ``moles`` shares; ``cloth`` colour,
    ``relief`` (N, N) height map of the wrinkles in front projection, see `wrinkles`; ``rims`` the
    shadow of the glasses, see `spectacles.shadow_map`, of one cell if there are none.
    """

    cell: float
    base: Vector
    lips: Vector
    lip_wet: float
    lip_soft: float
    pores: float
    oil: float
    liner: float
    iris: Vector
    iris_radius: float
    pupil: float
    white: Vector
    eye_radius: float
    eye_centres: Vector
    eye_axes: Vector
    head_axes: Vector
    lids: Vector
    teeth: Vector
    freckles: float
    moles: float
    cloth: Vector
    open: float
    relief: NDArray[np.float32]
    rims: NDArray[np.float32]


# Columns of the table of vertex attributes that the shading kernels interpolate.
POSITION, NORMAL, NEUTRAL, LIGHT, ALBEDO = 0, 3, 6, 9, 12  # three each
LIP, MOUTH, LID, EAR, KEY_SEEN, SKY_SEEN, RIM_SEEN, HOLLOW, OIL, BEARD, SCALP, WRINKLE = range(15, 27)
COLUMNS = 27
