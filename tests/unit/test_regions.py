from __future__ import annotations

import pytest

from f2p.errors import ParameterError
from f2p.regions import PALETTE, REGIONS, index


def test_every_region_has_an_index_and_a_colour_of_its_own() -> None:
    assert [index(name) for name in REGIONS] == list(range(13))
    assert PALETTE.shape == (13, 3)
    assert len({tuple(colour) for colour in PALETTE.tolist()}) == 13


def test_unknown_region_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"no region 'lips'.*upper_lip"):
        index("lips")
