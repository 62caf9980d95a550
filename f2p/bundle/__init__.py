"""A bundle: one engine's schema, networks, frame and statistics, in a folder.

    bundle.json              what is in it: names, frame, hashes of the files, metrics, provenance; calibration, the
                             engine's constants (`f2p.bundle.calibration`), may be missing
    schema.yaml
    imitator.safetensors     each with arch, config, schema_hash and provenance in its header
    parser.safetensors
    translator.safetensors   may be missing: the search then starts at the human mean
    statistics.safetensors   identity_centre_colour, identity_centre_grey (128,), prior_mean, prior_scale (C,) in z;
                             zoom (P + 1,), see `f2p.fitting.scale`, and blendshape_rest, blendshape_reach (52,), see
                             `f2p.targets.expression_evidence`, may be missing, as may option_odds (2, A, O), see
                             `f2p.fitting.options.person_odds`

Nothing in it is code, and nothing is unpickled. Every file's sha256 is checked before it is read.
"""

from __future__ import annotations

from f2p.bundle.bundle import ODDS_AGES, Bundle, load_bundle, save_bundle
from f2p.bundle.calibration import Calibration, Flattering, IlluminationPrior
from f2p.bundle.manifest import DEFAULT_BUNDLE, FORMAT, MANIFEST

__all__ = [
    "DEFAULT_BUNDLE",
    "FORMAT",
    "MANIFEST",
    "ODDS_AGES",
    "Bundle",
    "Calibration",
    "Flattering",
    "IlluminationPrior",
    "load_bundle",
    "save_bundle",
]
