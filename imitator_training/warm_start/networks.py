"""Old weights into new networks, one function per kind of network; each returns what it did, in words.

Shapes: P parameters, K regions, F features, H hidden width, N further axes.
"""

from __future__ import annotations

import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from f2p.networks.face_parser import FaceParser
from f2p.networks.imitator.base import Imitator
from f2p.networks.imitator.decals import CHANNELS
from f2p.networks.translator import Translator
from f2p.schema import Schema
from imitator_training.warm_start.fields import strongest
from imitator_training.warm_start.names import (
    block_rows,
    changes,
    choice_rows,
    features_map,
    option_rows,
    region_rows,
    slider_rows,
    standardised_map,
    with_pose,
)
from imitator_training.warm_start.source import Source
from imitator_training.warm_start.transfer import Transfer

__all__ = ["warm_imitator", "warm_parser", "warm_translator"]

COLOURS = 3
KINDS = ("weight", "bias")


def warm_imitator(network: Imitator, source: Source, schema: Schema) -> str:
    """Copy into `network` in place."""
    transfer = Transfer(network, source.tensors)
    drew, turned = source.config.get("expressions", {}), source.config.get("pose", ())
    matrix, constant = standardised_map(source.schema, schema, drew, network.expressions)
    matrix = with_pose(matrix, turned, network.pose)
    constant = torch.cat((constant, constant.new_zeros(len(turned))))
    if source.arch == "dcgan":
        # The layer has no bias and its output differs from place to place, so a moved average cannot be made up for.
        transfer.put("layers.0.weight", lambda old: torch.einsum("pcij,pq->qcij", old, matrix))
    else:
        _columns(transfer, "code.0.weight", "code.0.bias", matrix, constant)
        _field(transfer, matrix, constant)
        _later_fields(transfer, network, matrix, constant)
        _decals(transfer, network, source, schema)
        _image(transfer)
        _head(transfer, "to_labels", source)
    return transfer.finish(source.path, changes(source.schema, schema, source.regions))


def warm_parser(network: FaceParser, source: Source) -> str:
    """Copy into `network` in place; it depends on no schema."""
    transfer = Transfer(network, source.tensors)
    _head(transfer, "head" if source.arch == "resnet50_os8" else "net.segmentation_head.0", source)
    if source.config.get("fine"):
        _head(transfer, "fine.correction", source, offset=0.0)
    return transfer.finish(source.path, changes(source.schema, source.schema, source.regions))


def warm_translator(network: Translator, source: Source, schema: Schema) -> str:
    """Copy into `network` in place; its feature mean and scale stay those measured on today's renders."""
    transfer = Transfer(network, source.tensors)
    _features(transfer, source)
    matrix, constant = slider_rows(source.schema, schema)
    _rows(transfer, "to_continuous", matrix, constant)
    options = option_rows(source.schema, schema)
    _rows(transfer, "to_discrete", options, torch.zeros(len(options)).double())
    return transfer.finish(source.path, changes(source.schema, schema, source.regions))


def _columns(transfer: Transfer, weight: str, bias: str, matrix: Tensor, constant: Tensor) -> None:
    """A linear layer whose old input is `matrix` times its new one, plus `constant`."""
    if transfer.put(weight, lambda old: old @ matrix):
        transfer.put(bias, lambda old: old + transfer.old(weight) @ constant)


def _rows(transfer: Transfer, layer: str, matrix: Tensor, constant: Tensor) -> None:
    """A linear layer or convolution whose new output is `matrix` times its old one, plus `constant`."""
    if transfer.put(f"{layer}.weight", lambda old: torch.einsum("ab,b...->a...", matrix, old)):
        transfer.put(f"{layer}.bias", lambda old: matrix @ old + constant)
    else:
        transfer.keep(f"{layer}.bias")


def _head(transfer: Transfer, layer: str, source: Source, offset: float = 1.0) -> None:
    """Region logits; each region has one row, or one block of rows before a pixel shuffle. offset: 0 for what is added
    to the logits of another layer, 1 otherwise."""
    matrix, constant = region_rows(source.regions)
    constant = offset * constant
    before = len(transfer.old(f"{layer}.bias")) // len(source.regions)
    now = len(transfer.new(f"{layer}.bias")) // len(matrix)
    _rows(transfer, layer, torch.kron(matrix, block_rows(before, now)), constant.repeat_interleave(now))


def _image(transfer: Transfer) -> None:
    """The pixels: one block of rows per colour before the pixel shuffle, which may have another factor now."""
    before, now = (len(side("to_image.bias")) // COLOURS for side in (transfer.old, transfer.new))
    matrix = torch.kron(torch.eye(COLOURS).double(), block_rows(before, now))
    _rows(transfer, "to_image", matrix, torch.zeros(len(matrix)).double())


def _field(transfer: Transfer, matrix: Tensor, constant: Tensor) -> None:
    """The linear field of x, which has no bias of its own: the learned first picture takes a moved average up."""
    if not transfer.put("field.weight", lambda old: old @ matrix):
        return
    if not transfer.put("spread_field.weight", lambda old: old):
        return
    spread = transfer.old("spread_field.weight")[:, :, 0, 0]
    moved = (transfer.old("field.weight") @ constant).view(-1, spread.shape[1])
    transfer.put("first", lambda old: old + (spread @ moved.T).view_as(old))


def _later_fields(transfer: Transfer, network: Imitator, matrix: Tensor, constant: Tensor) -> None:
    """The linear fields of x at larger sides, of as many channels as they had, or fewer."""
    for name in network.state_dict():
        if name.startswith("stages.") and name.endswith(".field.weight"):
            stage = name.removesuffix(".field.weight")
            before, now = (side(f"{stage}.spread_field.weight") for side in (transfer.old, transfer.new))
            if before.ndim == now.ndim and before.shape[1] > now.shape[1]:
                _narrower_field(transfer, stage, now.shape[1], matrix, constant)
            else:
                _columns(transfer, name, name.replace("weight", "bias"), matrix, constant)


def _narrower_field(transfer: Transfer, stage: str, count: int, matrix: Tensor, constant: Tensor) -> None:
    spread = transfer.old(f"{stage}.spread_field.weight")[:, :, 0, 0]
    weight, bias = (transfer.old(f"{stage}.field.{kind}").unflatten(0, (-1, spread.shape[1])) for kind in KINDS)
    bias = bias + weight @ constant
    weight = weight @ matrix
    narrow, mixed = strongest(spread, weight.transpose(0, 1).flatten(1), count)
    transfer.put(f"{stage}.spread_field.weight", lambda _: narrow[:, :, None, None])
    transfer.put(f"{stage}.field.weight", lambda _: torch.einsum("ab,nbp->nap", mixed, weight).flatten(0, 1))
    transfer.put(f"{stage}.field.bias", lambda _: (bias @ mixed.T).flatten())


def _decals(transfer: Transfer, network: Imitator, source: Source, schema: Schema) -> None:
    """Templates by option, and what a decal is to a region by region."""
    for name in network.state_dict():
        if name.startswith("decals.templates."):
            rows = choice_rows(source.schema, schema, name.split(".")[2])
            side = network.config.size
            transfer.put(name, partial(_template, rows, side))
    regions, _ = region_rows(source.regions)
    transfer.put("decals.regions", lambda old: old @ regions.T)


def _template(rows: Tensor, side: int, old: Tensor) -> Tensor:
    """One picture per option, resized where the imitator's picture has another size now."""
    pictures = (old @ rows.T).T.unflatten(1, (CHANNELS, -1))
    before = math.isqrt(pictures.shape[-1])
    if before != side:
        pictures = F.interpolate(
            pictures.unflatten(2, (before, before)), size=(side, side), mode="bilinear", antialias=True
        ).flatten(2)
    return pictures.flatten(1).T


def _features(transfer: Transfer, source: Source) -> None:
    """The translator's first layer: columns by feature, and converted to today's means and scales of the features."""
    old_mean, old_scale = transfer.old("feature_mean"), transfer.old("feature_scale")
    mean, scale = transfer.new("feature_mean"), transfer.new("feature_scale")
    transfer.keep("feature_mean")
    transfer.keep("feature_scale")
    places = features_map(source.regions, len(old_mean), len(mean))
    if places is None:
        transfer.keep("trunk.0.weight")
        transfer.keep("trunk.0.bias")
        return
    # Behind the features stands what is made of the pictures, where they are looked at.
    before, now = (side("trunk.0.weight").shape[1] for side in (transfer.old, transfer.new))
    matrix, constant = torch.zeros(before, now).double(), torch.zeros(before).double()
    matrix[len(old_mean) :, len(mean) :] = torch.eye(before - len(old_mean), now - len(mean))
    for column, row in enumerate(places):
        if row >= 0:
            matrix[row, column] = old_scale[row] / scale[column]
            constant[row] = (mean[column] - old_mean[row]) * old_scale[row]
    _columns(transfer, "trunk.0.weight", "trunk.0.bias", matrix, constant)
