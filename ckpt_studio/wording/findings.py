"""Sentences of: findings."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
    # What a stock loader would execute.
    "unsafe-command": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would run system commands or programs: {call}."
    ),
    "unsafe-code": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would run arbitrary code on your computer: {call}."
    ),
    "unsafe-network": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would open network connections: {call}."
    ),
    "unsafe-file": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would read or write files: {call}."
    ),
    "unsafe-pickle": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would unpickle further data, hidden from scanners: {call}."
    ),
    "unsafe-built-class": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would change “{name}” itself for the whole program."
    ),
    "unsafe-getter": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load looks functions up by name, which can reach anything: {call}."
    ),
    "unsafe-computed-call": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would call {count} functions that the file computes itself."
    ),
    "unsafe-unknown": QT_TRANSLATE_NOOP(
        "messages",
        "The file names “{name}”, code that would run when torch.load opens it; it belongs to no library known here.",
    ),
    "needs-library": QT_TRANSLATE_NOOP(
        "messages",
        "torch.load needs the library “{library}” for this file and runs its code (“{name}”; {count} in all).",
    ),
    # Damage the reader met.
    "finding-record-missing": QT_TRANSLATE_NOOP(
        "messages", "The storage “{key}” is named but not in the file; tensors that use it have no values."
    ),
    "finding-record-short": QT_TRANSLATE_NOOP(
        "messages", "The storage “{key}” is shorter than the file says; tensors that use it cannot be read."
    ),
    "finding-record-long": QT_TRANSLATE_NOOP(
        "messages", "The record of the storage “{key}” is larger than what its tensors use; the rest is never read."
    ),
    "finding-damaged-pickle": QT_TRANSLATE_NOOP(
        "messages", "The pickle is damaged at byte {position}; what a loader would have run before that is listed."
    ),
    "finding-trailing-pickle": QT_TRANSLATE_NOOP(
        "messages", "{nbytes} bytes follow the end of the pickle; no loader reads them."
    ),
    "finding-trailing-bytes": QT_TRANSLATE_NOOP(
        "messages", "{nbytes} bytes follow the last storage; no loader reads them."
    ),
    "tensor-outside-storage": QT_TRANSLATE_NOOP(
        "messages", "A tensor reaches to byte {needed} of the storage “{key}”, which has {there}; it has no values."
    ),
    "call-does-not-fit": QT_TRANSLATE_NOOP(
        "messages", "“{name}” is called with arguments that it does not take; torch would refuse this file."
    ),
}
