"""The window. The only place where Qt is imported."""

import ctypes
import sys

if sys.version_info < (3, 12):
    # WORKAROUND(PySide6 6.12.0): every `Signal.emit` gives back a reference to True that it never took. Before
    # Python 3.12 made it immortal, True was freed after some thousand emits ("bool_dealloc"), and the program with it.
    for _constant in (True, False):
        ctypes.c_ssize_t.from_address(id(_constant)).value += 1 << 40 if sys.maxsize > 1 << 40 else 1 << 28
