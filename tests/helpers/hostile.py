"""What hostile clients send: photos that are damaged in every way, values that are none, requests of changed bytes."""

import io
from functools import cache

import numpy as np
from hypothesis import strategies as st
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from f2p.serving.contract import METHODS
from f2p.v1 import character_pb2 as messages
from f2p.v1 import character_service_pb2 as calls
from tests.helpers.bad_photos import BAD_PHOTOS, bad_photo, good_photo

__all__ = ["changed_requests", "corpus", "mutated", "values"]


def _saved(mode: str, kind: str, **options: object) -> bytes:
    register_heif_opener()
    rng = np.random.default_rng(0)
    base = Image.fromarray(rng.integers(0, 255, (80, 96, 3), dtype=np.uint8))
    buffer = io.BytesIO()
    base.convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


@cache
def corpus() -> tuple[bytes, ...]:
    """One of every sort of file that a decoder treats in a way of its own."""
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = io.BytesIO()
    Image.fromarray(np.arange(96 * 80, dtype=np.uint16).reshape(80, 96) * 8).save(deep, "PNG")
    frames = [Image.new("RGB", (96, 80), (shade, 0, 0)) for shade in (0, 90, 180)]
    animated = {"save_all": True, "append_images": frames[1:]}
    moving = []
    for kind in ("WEBP", "PNG", "GIF", "TIFF"):
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, **animated)
        moving.append(buffer.getvalue())
    return (
        _saved("RGB", "JPEG"),
        _saved("RGB", "JPEG", progressive=True, exif=exif),
        _saved("L", "JPEG"),
        _saved("CMYK", "JPEG"),
        _saved("RGB", "JPEG", icc_profile=b"no profile" * 40),
        _saved("RGBA", "PNG"),
        _saved("P", "PNG"),
        _saved("1", "PNG"),
        deep.getvalue(),
        _saved("RGB", "WEBP"),
        _saved("RGB", "WEBP", lossless=True),
        _saved("RGB", "HEIF"),
        _saved("RGBA", "HEIF"),
        _saved("RGB", "AVIF"),
        _saved("RGB", "AVIF", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()),
        _saved("P", "GIF"),
        _saved("RGB", "BMP"),
        _saved("RGB", "TIFF", compression="tiff_lzw"),
        _saved("F", "TIFF"),
        *moving,
        *(bad_photo(name) for name in BAD_PHOTOS if name != "three_faces"),
    )


@cache
def faces() -> tuple[bytes, ...]:
    """Photos of which something may remain to be made a character of."""
    portrait = Image.open(io.BytesIO(good_photo())).resize((256, 256))
    found = []
    for kind in ("JPEG", "PNG", "WEBP"):
        buffer = io.BytesIO()
        portrait.save(buffer, kind)
        found.append(buffer.getvalue())
    return tuple(found)


@st.composite
def mutated(draw: st.DrawFn, with_faces: bool = False) -> bytes:
    """A file of the corpus, cut, changed in some bytes, or with a piece repeated."""
    data = bytearray(draw(st.sampled_from((*corpus(), *faces()) if with_faces else corpus())))
    if not data:
        return bytes(data)
    for _ in range(draw(st.integers(0, 8))):
        # Headers are small and matter most.
        place = draw(st.integers(0, min(len(data) - 1, 200)) | st.integers(0, len(data) - 1))
        data[place] = draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFF)) | st.integers(0, 255))
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data) - 1)) :]
    elif draw(st.booleans()):
        start = draw(st.integers(0, len(data) - 1))
        data[start:start] = data[start : start + draw(st.integers(1, 64))]
    return bytes(data)


names = st.sampled_from(["eye_size", "hair", "face_width", "smile", "", "x" * 5000, "\0", "Ω"]) | st.text(max_size=20)
values = st.builds(
    lambda name, number, option: messages.ParameterValue(name=name, value=number, option=option),
    names,
    st.floats(width=32),
    st.sampled_from(["", "bald", "long", "\0"]) | st.text(max_size=20),
)
expressions = st.builds(
    lambda photo, name, weight, yaw: messages.FaceExpression(
        photo_index=photo, units=[messages.ExpressionUnit(name=name, weight=weight)], yaw_degrees=yaw
    ),
    st.integers(-1, 3),
    names,
    st.floats(width=32),
    st.floats(width=32),
)


@st.composite
def changed_requests(draw: st.DrawFn) -> tuple[str, bytes]:
    """(method, bytes): a request of that or another call, whole or with some bytes changed, cut or doubled."""
    method = draw(st.sampled_from(sorted(METHODS)))
    photo = draw(mutated(with_faces=True))
    sent = draw(st.lists(values, max_size=6))
    options = messages.CreateOptions(
        preset=draw(st.sampled_from(("", "default", "paper", "x" * 3000))),
        seed=draw(st.integers(-(2**63), 2**63 - 1)),
        choose_face=draw(st.booleans()),
        face_index=draw(st.sampled_from((0, 1, -1, 2**31 - 1))),
        bundle=draw(st.sampled_from(("", "tiny", "other", "../../etc"))),
        # What is not refused must not take long.
        time_limit_ms=draw(st.sampled_from((1, 200, -5))),
        include_pictures=draw(st.booleans()),
        take_best_so_far=draw(st.booleans()),
        choose_strength=draw(st.booleans()),
        strength=draw(st.sampled_from((0.0, 1.5, -1.0, float("nan")))),
        flatter=draw(st.sampled_from((0.0, 0.3, 7.0, float("inf")))),
        remove_glasses=draw(st.booleans()),
        candidate_count=draw(st.sampled_from((0, 1, 4, 5, -1))),
    )
    further = [messages.FurtherPhoto(photo=photo, face_index=draw(st.integers(-1, 3)))] * draw(st.integers(0, 3))
    whole = {
        "Create": calls.CreateCharacterRequest(photo=photo, options=options, more_photos=further),
        "Refit": calls.RefitCharacterRequest(
            photo=photo,
            options=options,
            values=sent,
            edits=sent[:2],
            locked=[item.name for item in sent],
            expressions=draw(st.lists(expressions, max_size=3)),
        ),
        "Check": calls.CheckPhotoRequest(photo=photo, face_index=draw(st.integers(-2, 2))),
        "Render": calls.RenderPreviewRequest(values=sent, size_px=draw(st.integers(-1, 5000))),
        "Compare": calls.CompareParametersRequest(first=sent, second=sent),
        "Migrate": calls.MigrateCharacterRequest(
            character=messages.Character(
                continuous=[
                    messages.ContinuousValue(name=item.name, value=item.value, engine_value=-item.value)
                    for item in sent
                ],
                discrete=[messages.DiscreteValue(name=item.name, option=item.option) for item in sent[:2]],
                engine_name=draw(st.sampled_from(("", "makehuman", "x" * 3000))),
            ),
            renames=[messages.ParameterRename(old_name=item.name, new_name=item.option) for item in sent[:3]],
        ),
        "Share": calls.ShareCharacterRequest(values=sent, bundle=draw(st.sampled_from(("", "tiny", "x" * 3000)))),
        "Export": calls.ExportCharacterRequest(
            values=sent,
            bundle=draw(st.sampled_from(("", "tiny", "x" * 3000))),
            format=draw(st.text(max_size=9)),
            texture_size_px=draw(st.integers(-1, 5000)),
        ),
        "Receive": calls.ReceiveCharacterRequest(code=draw(st.text(max_size=400))),
        "Get": calls.GetSchemaRequest(bundle=draw(st.text(max_size=9))),
    }
    other = draw(st.sampled_from(sorted(whole))) if draw(st.integers(0, 9)) == 0 else ""
    kind = next(name for name in whole if name in (other or method))
    data = bytearray(whole[kind].SerializeToString())
    for _ in range(draw(st.integers(0, 4)) if data else 0):
        place = draw(st.integers(0, min(len(data) - 1, 40)) | st.integers(0, len(data) - 1))
        data[place] = draw(st.integers(0, 255))
    if data and draw(st.integers(0, 4)) == 0:
        del data[draw(st.integers(0, len(data) - 1)) :]
    return method, bytes(data)
