"""`python -m f2p.cli`."""

import sys

from f2p.cli import main

if __name__ == "__main__":
    sys.exit(main())
