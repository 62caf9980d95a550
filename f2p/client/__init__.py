"""The Python clients of the service. Neither needs torch or numpy: `pip install face-to-parameter-client` is enough.

with CharacterClient("localhost:50051") as client:
    character = client.create("me.jpg", progress=lambda step: print(step.iteration))
    print(values(character)["nose_width"])
    print(*(face.words() for face in expressions(character)), sep="\n")
    save(character, "me.json")  # a character.json; load("me.json") brings it back

`AsyncCharacterClient` has the same methods for asyncio.
"""

from f2p.client.asynchronous import AsyncCharacterClient
from f2p.client.connection import Connection
from f2p.client.files import load, save
from f2p.client.messages import expressions, parameter_values, values
from f2p.client.synchronous import CharacterClient

__all__ = [
    "AsyncCharacterClient",
    "CharacterClient",
    "Connection",
    "expressions",
    "load",
    "parameter_values",
    "save",
    "values",
]
