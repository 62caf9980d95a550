"""Several photos at once: `python examples/async_client.py HOST:PORT PHOTO...`.

`pip install face-to-parameter-client` is all that it needs.
"""

import asyncio
import sys

from f2p.client import AsyncCharacterClient, Connection, values
from f2p.errors import F2PError


async def create(client: AsyncCharacterClient, path: str) -> None:
    checked = await client.check(path)
    for found in (*checked.issues, *checked.hints):
        print(f"{path}: {found.reason}: {found.message} {found.remedy}")
    if not checked.usable:
        return
    try:
        # What has been found after 30 seconds will do.
        character = await client.create(path, time_limit=30, best_so_far=True)
    except F2PError as error:
        print(f"{path}: error {error.reason}: {error}")
        return
    print(f"{path}: {values(character)}")


async def main(target: str, paths: list[str]) -> None:
    # A server whose queue is full says when to come back, and the client does.
    async with AsyncCharacterClient(Connection(target=target, timeout=600, retries=20)) as client:
        await asyncio.gather(*(create(client, path) for path in paths))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python examples/async_client.py HOST:PORT PHOTO...")
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
