"""Sentences of: reading values and editing (core.data, core.derived, core.edits)."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
    "no-dense-values": QT_TRANSLATE_NOOP(
        "messages", "The tensor in “{name}” is of a kind ({what}) whose values are not one plain block of numbers."
    ),
    "beyond-storage": QT_TRANSLATE_NOOP(
        "messages",
        "A tensor needs {wanted} bytes of the storage “{name}”, which holds only {held}. The file is damaged.",
    ),
}
