"""Values, views and pictures as messages of proto/f2p/v1/engine_service.proto, and back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine_bridge.doors.jobs import Values
from engine_bridge.doors.pictures import read_labels_png, read_picture_png, write_png
from f2p.engines.protocol import View
from f2p.errors import EngineFailed
from f2p.v1 import engine_service_pb2 as messages

__all__ = [
    "picture_message",
    "read_labels",
    "read_picture",
    "read_values",
    "read_view",
    "values_message",
    "view_message",
]

PNG = messages.ENGINE_PICTURE_FORMAT_PNG


def values_message(values: Values) -> messages.EngineValues:
    """Values by name."""
    return messages.EngineValues(
        values=[
            messages.EngineValue(name=name, option=value)
            if isinstance(value, str)
            else messages.EngineValue(name=name, value=float(value))
            for name, value in values.items()
        ]
    )


def read_values(message: messages.EngineValues) -> dict[str, float | str]:
    """Values by name."""
    return {entry.name: entry.option or entry.value for entry in message.values}


def view_message(view: View) -> messages.EngineView:
    """A view."""
    return messages.EngineView(yaw=view.yaw, pitch=view.pitch, roll=view.roll, light=view.light)


def read_view(message: messages.EngineView) -> View:
    """A view."""
    return View(message.yaw, message.pitch, message.roll, message.light)


def picture_message(array: npt.NDArray[np.uint8], kind: messages.EnginePictureFormat) -> messages.EnginePicture:
    """A picture (S, S, 3) or label map (S, S)."""
    data = write_png(array) if kind == PNG else array.tobytes()
    return messages.EnginePicture(size_px=array.shape[0], data=data, format=kind)


def read_picture(message: messages.EnginePicture) -> npt.NDArray[np.uint8]:
    """(S, S, 3). Raises EngineFailed where the message is no picture."""
    return read_picture_png(message.data) if message.format == PNG else _raw(message, (3,))


def read_labels(message: messages.EnginePicture) -> npt.NDArray[np.uint8]:
    """(S, S). Raises EngineFailed where the message is no label map."""
    return read_labels_png(message.data) if message.format == PNG else _raw(message, ())


def _raw(message: messages.EnginePicture, channels: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    side = message.size_px
    shape = (side, side, *channels)
    if side < 1 or len(message.data) != int(np.prod(shape)):
        raise EngineFailed(
            f"The engine's picture of {side} px has {len(message.data)} bytes.",
            "A raw picture has three bytes a pixel, a label map one.",
        )
    return np.frombuffer(message.data, np.uint8).reshape(shape)
