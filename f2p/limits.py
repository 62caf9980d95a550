"""Sizes and counts that f2p accepts, shared by the client, the server's process and the library. Imports nothing."""

from typing import Final

MIB: Final = 2**20

# One photo. The library takes larger files than the service, where many callers' photos are in memory at once.
MAX_PHOTO_BYTES: Final = 64 * MIB
"""Bytes of a photo's file, in the library and on the command line."""
MAX_SERVED_PHOTO_BYTES: Final = 16 * MIB
"""Bytes of a photo's file, over the wire."""
MAX_PHOTO_PIXELS: Final = 64_000_000
"""Width times height of a photo, as its header says."""
MAX_JPEG_PIXELS: Final = 150_000_000
"""The same of a JPEG that is not progressive, which is decoded at a reduced scale."""
MIN_PHOTO_SIDE: Final = 64
"""Pixels of a photo's shorter side."""
MAX_DECODED_SIDE: Final = 1600
"""Pixels of the longer side to which a photo is reduced when it is decoded."""

# Files beside photos.
MAX_CHARACTER_BYTES: Final = 16 * MIB
"""Bytes of a character.json."""
MAX_SETTINGS_BYTES: Final = MIB
"""Bytes of a certificate, a key, or a file of tokens or settings."""

# Photos of one person.
MAX_PHOTOS: Final = 16
"""Photos of one person that make one character."""
MAX_SERVED_PHOTOS_BYTES: Final = 24 * MIB
"""Bytes of all photos of one request: what a worker, the queue and a proxy hold of one caller."""
MAX_MESSAGE_BYTES: Final = 32 * MIB
"""Bytes of a gRPC message. The limits above are refused by name; this one only bounds memory."""

# Pictures that f2p draws.
ENGINE_PICTURE_SIDES: Final = (64, 1024)
"""Pixels of a side that every engine must draw, smallest and largest."""
PREVIEW_SIDES: Final = (32, 1024)
"""Pixels of a side that RenderPreview answers with, smallest and largest."""

# Files that engines export.
MAX_SERVED_TEXTURE: Final = 2048
"""Pixels of a side of the largest textures that the service exports; a file at 4096 is of some 50 MB."""
MESH_TEXTURE: Final = 512
"""The same of GetMesh."""

# Names and numbers in requests.
MAX_NAME_LENGTH: Final = 200
"""Characters of a parameter's or a group's name."""
MAX_NAME_COUNT: Final = 10_000
"""Names in one list of a request."""
MAX_ANGLE_DEGREES: Final = 180.0
"""Magnitude of a head's yaw, pitch or roll."""
