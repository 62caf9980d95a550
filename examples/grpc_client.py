"""A client of `f2p serve`: `python examples/grpc_client.py PHOTO [HOST:PORT]`.

`pip install face-to-parameter-client` is all that it needs.
"""

import sys

from f2p.client import CharacterClient, values
from f2p.errors import F2PError


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python examples/grpc_client.py PHOTO [HOST:PORT]")
    target = sys.argv[2] if len(sys.argv) == 3 else "localhost:50051"
    try:
        with CharacterClient(target) as client:
            character = client.create(
                sys.argv[1],
                progress=lambda step: print(f"step {step.iteration} of {step.iteration_count}", file=sys.stderr),
            )
    except F2PError as error:
        sys.exit(f"error {error.reason}: {error}")
    for name, value in values(character).items():
        print(f"{name:32} {value if isinstance(value, str) else round(value, 4)}")


if __name__ == "__main__":
    main()
