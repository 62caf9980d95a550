"""The library in three lines: `python examples/create_character.py PHOTO`."""

import sys

from f2p import CharacterCreator, load_bundle


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/create_character.py PHOTO")
    creator = CharacterCreator(load_bundle())
    character = creator.create(sys.argv[1])
    for name, value in character.values.items():
        print(f"{name:32} {value if isinstance(value, str) else round(value, 4)}")


if __name__ == "__main__":
    main()
