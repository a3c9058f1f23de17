"""`python -m ckpt_studio` is `ckpt-studio`."""

from __future__ import annotations

import sys

from ckpt_studio.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
