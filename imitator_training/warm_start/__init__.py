"""Starting a training from the weights of an earlier network, even when sliders, options or regions have changed since.

Layers are copied where name and shape agree. What hangs on a parameter or a region is copied by that one's name: the
columns that take x, the rows that give a region's logits or a slider's value. Where a slider's range, average or spread
has changed, the weights are converted, so that the same face still gives the same picture.
"""

from imitator_training.warm_start.networks import warm_imitator, warm_parser, warm_translator
from imitator_training.warm_start.source import Source, open_source

__all__ = ["Source", "open_source", "warm_imitator", "warm_parser", "warm_translator"]
