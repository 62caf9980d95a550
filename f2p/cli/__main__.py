"""`python -m f2p.cli`."""

from f2p.cli import main

if __name__ == "__main__":
    main()
