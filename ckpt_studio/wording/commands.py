"""Sentences of: commands."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
    "usage": QT_TRANSLATE_NOOP("messages", "{reason} (see ckpt-studio {verb} --help)"),
    "unknown-option": QT_TRANSLATE_NOOP("messages", "There is no option {option}. See ckpt-studio --help."),
    "unknown-verb": QT_TRANSLATE_NOOP(
        "messages", "“{verb}” is neither a file nor something that ckpt-studio does ({verbs}). See ckpt-studio --help."
    ),
    "no-display": QT_TRANSLATE_NOOP("messages", "there is no display (DISPLAY and WAYLAND_DISPLAY are not set)"),
    "no-window": QT_TRANSLATE_NOOP(
        "messages", "The window cannot be opened: {reason}. The other verbs work without it; see ckpt-studio --help."
    ),
    "more-problems": QT_TRANSLATE_NOOP("messages", "And {count} more."),
    "all-problems": QT_TRANSLATE_NOOP("messages", "Nothing was changed, for {count} reasons: {problems}"),
    "out-of-memory": QT_TRANSLATE_NOOP("messages", "There is not enough memory for this."),
    "system-error": QT_TRANSLATE_NOOP("messages", "The system says: {reason} {path}"),
    "internal-error": QT_TRANSLATE_NOOP(
        "messages", "This is a mistake in Ckpt Studio ({kind}). Please report it with the file {log}."
    ),
    "recipe-needs-code": QT_TRANSLATE_NOOP(
        "messages",
        'The recipe takes fresh values from {reference}, and for that its code has to run. Add --with "{reference}" if'
        " you trust it.",
    ),
    "needs-model": QT_TRANSLATE_NOOP("messages", "{option} needs a model: add --with REF."),
    "bad-regex-option": QT_TRANSLATE_NOOP("messages", "--regex needs PATTERN=>REPLACEMENT, and “{value}” has no “=>”."),
    "bad-rename-option": QT_TRANSLATE_NOOP("messages", "--rename needs OLD=NEW, and “{value}” has no “=”."),
    "metadata-needs-safetensors": QT_TRANSLATE_NOOP(
        "messages", "Only safetensors holds metadata. Leave --metadata out, or write safetensors."
    ),
    "recipe-unreadable": QT_TRANSLATE_NOOP("messages", "The recipe “{path}” cannot be read: {reason}."),
    "recipe-unwritable": QT_TRANSLATE_NOOP("messages", "The recipe “{path}” cannot be written: {reason}."),
    "cast-left": QT_TRANSLATE_NOOP(
        "messages", "{count} tensors made of parts, “{first}” first, are not converted and stay as they are."
    ),
    "cast-left=1": QT_TRANSLATE_NOOP(
        "messages", "1 tensor made of parts, “{first}”, is not converted and stays as it is."
    ),
    "ties-cut": QT_TRANSLATE_NOOP(
        "messages",
        "“{first}” and “{second}” were one tensor under two names and are two now ({count} such pairs): what is done "
        "to one name is not done to the other.",
    ),
    "align-unsure": QT_TRANSLATE_NOOP(
        "messages", "{count} of {total} mapped tensors are unsure; “ckpt-studio align” shows them."
    ),
}
