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
    "unsafe-computed-call=1": QT_TRANSLATE_NOOP(
        "messages", "Loading this file with torch.load would call a function that the file computes itself."
    ),
    "program-torchscript": QT_TRANSLATE_NOOP(
        "messages",
        "The file is a TorchScript program: besides the weights it holds code, which PyTorch compiles when it loads "
        "the file and runs when the model is used. Here only the weights are read, and only they are exported.",
    ),
    "program-exported": QT_TRANSLATE_NOOP(
        "messages",
        "The file is an exported program: besides the weights it holds what the model computes, which PyTorch runs "
        "when the model is used. Here only the weights are read, and only they are exported.",
    ),
    "unsafe-unknown": QT_TRANSLATE_NOOP(
        "messages",
        "The file names “{name}”, code that would run when torch.load opens it; it belongs to no library known here.",
    ),
    "needs-torch-classes": QT_TRANSLATE_NOOP(
        "messages",
        "The file holds objects of torch’s own classes, not only tensors (“{name}”; {count} in all): "
        "torch.load opens it with weights_only=False alone.",
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
    "finding-trailing-zip": QT_TRANSLATE_NOOP(
        "messages", "{nbytes} bytes follow the end of the archive; no loader reads them."
    ),
    "finding-shadowed-record": QT_TRANSLATE_NOOP(
        "messages", "The archive holds “{record}” twice; loaders differ in which of the two they read."
    ),
    "finding-shard-missing": QT_TRANSLATE_NOOP(
        "messages", "The shard “{file}” is missing: {count} tensors have neither shape nor values."
    ),
    "finding-shard-missing=1": QT_TRANSLATE_NOOP(
        "messages", "The shard “{file}” is missing: 1 tensor has neither shape nor values."
    ),
    "finding-shard-unreadable": QT_TRANSLATE_NOOP(
        "messages", "The shard “{file}” cannot be opened, so {count} tensors have neither shape nor values. {reason}"
    ),
    "finding-shard-unreadable=1": QT_TRANSLATE_NOOP(
        "messages", "The shard “{file}” cannot be opened, so 1 tensor has neither shape nor values. {reason}"
    ),
    "finding-shard-lacks": QT_TRANSLATE_NOOP(
        "messages", "The shard “{file}” lacks {count} tensors that the index promises, such as “{name}”."
    ),
    "finding-shard-lacks=1": QT_TRANSLATE_NOOP(
        "messages", "The shard “{file}” lacks 1 tensor that the index promises: “{name}”."
    ),
    "finding-part-of-set": QT_TRANSLATE_NOOP(
        "messages", "This is one file of a set; open “{index}” to see the whole model."
    ),
    "finding-file-missing": QT_TRANSLATE_NOOP(
        "messages", "The file “{file}” of this checkpoint is missing; the tensors in it have no values."
    ),
    "finding-value-damaged": QT_TRANSLATE_NOOP("messages", "A value of this checkpoint cannot be read. {reason}"),
    "finding-duplicate-name": QT_TRANSLATE_NOOP(
        "messages", "The name “{name}” occurs twice in the header; loaders take the last of the two."
    ),
    "tensor-outside-storage": QT_TRANSLATE_NOOP(
        "messages", "A tensor reaches to byte {needed} of the storage “{key}”, which has {there}; it has no values."
    ),
    "call-does-not-fit": QT_TRANSLATE_NOOP(
        "messages", "“{name}” is called with arguments that it does not take; torch would refuse this file."
    ),
    "finding-zip-headers": QT_TRANSLATE_NOOP(
        "messages",
        "The archive's directory and the header of “{record}” say different things. torch believes the directory; "
        "other programs may see another content. No honest program writes this.",
    ),
    "finding-zip-overlap": QT_TRANSLATE_NOOP(
        "messages",
        "“{record}” lies over “{other}” in the archive: the same bytes are two things. No honest program writes this.",
    ),
    "finding-zip-hidden": QT_TRANSLATE_NOOP(
        "messages",
        "The archive holds something at byte {position} that its directory does not name. torch does not see it; other "
        "programs may.",
    ),
    # Health of the values.
    "step-checking": QT_TRANSLATE_NOOP("messages", "Reading the values"),
    "step-comparing": QT_TRANSLATE_NOOP("messages", "Comparing “{name}”"),
    "health-checksum": QT_TRANSLATE_NOOP(
        "messages",
        "The bytes of the storage “{key}” do not match their checksum: the file was damaged after it was written.",
    ),
    "health-unreadable": QT_TRANSLATE_NOOP("messages", "“{name}” cannot be read: {reason}"),
    "health-nan": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” holds {count} NaN values of {total}, first at {place}. A network with them computes nothing but NaN.",
    ),
    "health-nan=1": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” holds 1 NaN value of {total}, at {place}. A network with it computes nothing but NaN.",
    ),
    "health-inf": QT_TRANSLATE_NOOP("messages", "“{name}” holds {count} infinite values of {total}, first at {place}."),
    "health-inf=1": QT_TRANSLATE_NOOP("messages", "“{name}” holds 1 infinite value of {total}, at {place}."),
    "health-zero": QT_TRANSLATE_NOOP("messages", "“{name}” is all zeros."),
    "health-constant": QT_TRANSLATE_NOOP("messages", "Every value of “{name}” is {value}."),
    "health-exploding": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” holds values up to {value}; training may have diverged.",
    ),
    "health-float16": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” holds values up to {value}, which float16 cannot: a conversion would make them infinite.",
    ),
    "health-duplicate": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” has the same values as {others}, stored again: {nbytes:size}.",
    ),
    "health-shared": QT_TRANSLATE_NOOP("messages", "“{name}” shares its storage with {others}."),
    "health-oversized": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” uses {used:size} of a storage of {held:size}; the rest is dead weight. An export leaves it out.",
    ),
}
