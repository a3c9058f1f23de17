"""The window. The only place where Qt is imported."""

import ctypes
import sys

if sys.version_info < (3, 12):
    # WORKAROUND(PySide6 6.12.0): built for Python 3.12 and later, where these are immortal, it gives back references
    # it never took: to None in every call that returns nothing, to True in every `Signal.emit`. Python 3.10 and 3.11
    # abort ("none_dealloc", "bool_dealloc") after some thousand calls. The count is the first field of an object.
    for _constant in (None, True, False):
        ctypes.c_ssize_t.from_address(id(_constant)).value += 1 << 40 if sys.maxsize > 1 << 40 else 1 << 28
