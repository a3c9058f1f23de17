"""Sentences of: findings."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
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
