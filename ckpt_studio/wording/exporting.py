"""Sentences of: exporting."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
    # Where the file goes.
    "folder-missing": QT_TRANSLATE_NOOP(
        "messages", "The folder “{folder}” does not exist, so “{path}” cannot be written. Create it first."
    ),
    "target-is-directory": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a folder; give the name of a file to write in it."
    ),
    "target-not-a-file": QT_TRANSLATE_NOOP("messages", "“{path}” is not an ordinary file and cannot be replaced."),
    "target-exists-force": QT_TRANSLATE_NOOP(
        "messages", "“{path}” exists already. Choose another name, or replace it with --force."
    ),
    "target-exists": QT_TRANSLATE_NOOP(
        "messages", "“{path}” exists already. Choose another name, or say that it is to be replaced."
    ),
    "too-large-to-drag": QT_TRANSLATE_NOOP(
        "messages",
        "This is too much to be dragged into another program ({size}, at most {most}). Use File → Save selected tensors"
        " instead.",
    ),
    "nothing-to-save": QT_TRANSLATE_NOOP(
        "messages",
        "None of these tensors has values to write: they are recorded without their bytes. Nothing was written.",
    ),
    "name-too-long": QT_TRANSLATE_NOOP(
        "messages", "The name of “{path}” is too long for this disk. Choose a shorter one."
    ),
    "not-permitted": QT_TRANSLATE_NOOP(
        "messages", "Writing “{path}” is not permitted: the folder “{folder}” is read-only for you. Choose another one."
    ),
    "file-in-use": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is open in another program. Close it there, or choose another name."
    ),
    "disk-full": QT_TRANSLATE_NOOP(
        "messages",
        "The disk is full: “{path}” was not written, and what was there before is unchanged. "
        "Free some space or choose another disk.",
    ),
    "disk-too-small": QT_TRANSLATE_NOOP(
        "messages", "“{path}” needs {needed:size}, but only {free:size} are free on that disk. Nothing was written."
    ),
    "file-too-big": QT_TRANSLATE_NOOP("messages", "“{path}” would be larger than this disk allows for one file."),
    "write-failed": QT_TRANSLATE_NOOP(
        "messages", "“{path}” could not be written ({reason}); what was there before is unchanged."
    ),
    # What is written.
    "unknown-export-suffix": QT_TRANSLATE_NOOP(
        "messages",
        "The name “{path}” does not say which format to write. End it in .pth or .safetensors, or choose a format.",
    ),
    "unknown-export-format": QT_TRANSLATE_NOOP(
        "messages", "There is no export format “{format}”; choose pth, pth-legacy or safetensors."
    ),
    "whole-needs-pth": QT_TRANSLATE_NOOP(
        "messages",
        "safetensors holds tensors only, not the whole checkpoint. Write a .pth file, or the state dict alone.",
    ),
    "shards-need-safetensors": QT_TRANSLATE_NOOP(
        "messages", "Only safetensors is written in shards. Leave the shard size out, or write safetensors."
    ),
    "shard-size-too-small": QT_TRANSLATE_NOOP("messages", "A shard size of {size} bytes is too small."),
    "cannot-hold": QT_TRANSLATE_NOOP(
        "messages", "safetensors cannot hold {count} of the tensors, for example “{first}”. Write a .pth file instead."
    ),
    "cannot-hold=1": QT_TRANSLATE_NOOP("messages", "safetensors cannot hold “{first}”. Write a .pth file instead."),
    "safetensors-cannot-hold": QT_TRANSLATE_NOOP("messages", "“{name}” is {what}, which safetensors has no form for."),
    "safetensors-meta": QT_TRANSLATE_NOOP("messages", "“{name}” is a meta tensor: it has a shape but no values."),
    "safetensors-reserved-name": QT_TRANSLATE_NOOP(
        "messages", "safetensors reserves the name “{name}”; rename the tensor."
    ),
    "safetensors-surrogate-name": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” contains half a character (a lone surrogate), which safetensors has no form for; rename the tensor.",
    ),
    "safetensors-header-too-big": QT_TRANSLATE_NOOP(
        "messages",
        "The names and metadata need {size} bytes; safetensors allows {limit}. Write shards or a .pth file.",
    ),
    "legacy-cannot-hold": QT_TRANSLATE_NOOP(
        "messages",
        "The format of torch before 1.6 cannot hold {count} of the tensors, for example “{first}”. "
        "Write an ordinary .pth file, or cast them first.",
    ),
    "legacy-cannot-hold=1": QT_TRANSLATE_NOOP(
        "messages",
        "The format of torch before 1.6 cannot hold “{first}”. Write an ordinary .pth file, or cast it first.",
    ),
    "legacy-dtype": QT_TRANSLATE_NOOP("messages", "“{name}” is {dtype}, which torch cannot load from that format."),
    "legacy-untyped": QT_TRANSLATE_NOOP(
        "messages", "“{name}” lies in a storage without a dtype, which torch cannot load from that format."
    ),
    "tensors-absent": QT_TRANSLATE_NOOP(
        "messages",
        "The values of {count} tensors are not there, for example “{first}” (a file of the set is missing or "
        "damaged). Restore it, or pop these tensors first.",
    ),
    "tensors-absent=1": QT_TRANSLATE_NOOP(
        "messages",
        "The values of “{first}” are not there (a file of the set is missing or damaged). Restore "
        "it, or pop this tensor first.",
    ),
    "absent-tensor": QT_TRANSLATE_NOOP("messages", "“{name}”: {reason}"),
    "cannot-write-value": QT_TRANSLATE_NOOP(
        "messages", "The file holds a value ({type}) that cannot be written back. Export the state dict alone."
    ),
    "whole-module-renamed": QT_TRANSLATE_NOOP(
        "messages",
        "“{label}” is a whole module: its names come from its code, so “{first}” cannot be renamed or added inside it. "
        "Export the state dict alone.",
    ),
    "whole-module-conflict": QT_TRANSLATE_NOOP(
        "messages",
        "“{first}” and “{second}” are one and the same tensor of the module “{label}”, but were edited differently. "
        "Export the state dict alone.",
    ),
    "whole-needs-code": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” ({format}) brings its own code, which a .pth file cannot carry. Export the state dict alone.",
    ),
    "whole-patch-unplaced": QT_TRANSLATE_NOOP(
        "messages", "The edit at “{path}” cannot be laid over the whole checkpoint. Export the state dict alone."
    ),
    # What went wrong on the way.
    "source-unreadable": QT_TRANSLATE_NOOP(
        "messages", "“{path}” could not be read ({reason}). Nothing was written; check the disk it lies on."
    ),
    "wrong-length": QT_TRANSLATE_NOOP(
        "messages", "A tensor gave {written} bytes where {expected} were due; nothing was written."
    ),
    "verification-failed": QT_TRANSLATE_NOOP(
        "messages",
        "The written file did not read back as it should (“{name}”: {what}), so it was thrown away. "
        "What was at “{path}” before is unchanged.",
    ),
    # Notices.
    "ties-copied": QT_TRANSLATE_NOOP(
        "messages",
        "{count} tensors share their values with others; safetensors writes each as a copy, which costs {extra:size}. "
        "Pop the names you do not need to avoid it.",
    ),
    "ties-copied=1": QT_TRANSLATE_NOOP(
        "messages",
        "1 tensor shares its values with another; safetensors writes it as a copy, which costs "
        "{extra:size}. Pop the name you do not need to avoid it.",
    ),
    "slices-saved": QT_TRANSLATE_NOOP(
        "messages", "{count} tensors are parts of larger storages; only the parts are written, saving {saved:size}."
    ),
    "slices-saved=1": QT_TRANSLATE_NOOP(
        "messages", "1 tensor is part of a larger storage; only the part is written, saving {saved:size}."
    ),
    "made-contiguous": QT_TRANSLATE_NOOP(
        "messages", "{count} tensors are stored with gaps or transposed; safetensors writes them row by row."
    ),
    "made-contiguous=1": QT_TRANSLATE_NOOP(
        "messages", "1 tensor is stored with gaps or transposed; safetensors writes it row by row."
    ),
    "values-dropped": QT_TRANSLATE_NOOP(
        "messages", "{count} entries are not tensors and are left out of safetensors, for example “{first}”."
    ),
    "values-dropped=1": QT_TRANSLATE_NOOP(
        "messages", "1 entry is not a tensor and is left out of safetensors: “{first}”."
    ),
    "entries-dropped": QT_TRANSLATE_NOOP(
        "messages",
        "{count} entries beside the tensors are no part of the state dict and are left out, for example “{first}”. "
        "Write the whole checkpoint to keep them.",
    ),
    "entries-dropped=1": QT_TRANSLATE_NOOP(
        "messages",
        "1 entry beside the tensors is no part of the state dict and is left out: “{first}”. Write "
        "the whole checkpoint to keep it.",
    ),
    "metadata-dropped": QT_TRANSLATE_NOOP(
        "messages", "{count} metadata entries of the safetensors file have no place in a .pth file and are left out."
    ),
    "metadata-dropped=1": QT_TRANSLATE_NOOP(
        "messages", "1 metadata entry of the safetensors file has no place in a .pth file and is left out."
    ),
    "forms-dropped": QT_TRANSLATE_NOOP(
        "messages", "{count} tensors lose their class or attributes in safetensors, for example “{first}”."
    ),
    "forms-dropped=1": QT_TRANSLATE_NOOP(
        "messages", "1 tensor loses its class or attributes in safetensors: “{first}”."
    ),
    "classes-dropped": QT_TRANSLATE_NOOP(
        "messages",
        "{count} tensors are of a class that needs its own code and are written as plain tensors, for example "
        "“{first}”. Write the whole checkpoint to keep the class.",
    ),
    "classes-dropped=1": QT_TRANSLATE_NOOP(
        "messages",
        "1 tensor is of a class that needs its own code and is written as a plain tensor: “{first}”. "
        "Write the whole checkpoint to keep the class.",
    ),
    "classes-kept": QT_TRANSLATE_NOOP(
        "messages",
        "{count} tensors keep their class, without which their parts mean nothing, for example “{first}” ({cls}). "
        "torch.load reads them with weights_only=True only where that class is imported and listed with "
        "torch.serialization.add_safe_globals.",
    ),
    "classes-kept=1": QT_TRANSLATE_NOOP(
        "messages",
        "1 tensor keeps its class, without which its parts mean nothing: “{first}” ({cls}). torch.load reads it with "
        "weights_only=True only where that class is imported and listed with torch.serialization.add_safe_globals.",
    ),
    "byteorder-turned": QT_TRANSLATE_NOOP(
        "messages", "The source is big-endian; the values are written little-endian, as every reader expects."
    ),
    "suffix-says-otherwise": QT_TRANSLATE_NOOP(
        "messages", "The name ends in “{suffix}”, but the format written is {format}."
    ),
    "hard-link-target": QT_TRANSLATE_NOOP(
        "messages", "“{path}” has other names (hard links); those go on showing the old content."
    ),
    "source-replaced": QT_TRANSLATE_NOOP("messages", "The new file has taken the place of the one that was opened."),
    "metadata-surrogate": QT_TRANSLATE_NOOP(
        "messages", "The metadata “{key}” holds half a character, which safetensors cannot hold. Nothing was written."
    ),
    "old-shards-removed": QT_TRANSLATE_NOOP(
        "messages", "Removed {count} files of the set that was replaced, which the new index does not name: {first} …"
    ),
    "old-shards-removed=1": QT_TRANSLATE_NOOP(
        "messages", "Removed 1 file of the set that was replaced, which the new index does not name: {first}"
    ),
    # Steps.
    "step-writing": QT_TRANSLATE_NOOP("messages", "Writing “{name}”"),
    "step-verifying": QT_TRANSLATE_NOOP("messages", "Verifying “{name}”"),
    # Many files.
    "batch-folder": QT_TRANSLATE_NOOP("messages", "The folder “{path}” cannot be made: {reason}."),
    "batch-same-target": QT_TRANSLATE_NOOP(
        "messages", "“{first}” was written as “{target}” already; this file would replace it."
    ),
    "batch-step": QT_TRANSLATE_NOOP("messages", "{name} ({number} of {count})"),
    "batch-edit-fails": QT_TRANSLATE_NOOP("messages", "This does not fit the file: {edit}. {reason}"),
    "batch-edit-left-out": QT_TRANSLATE_NOOP("messages", "Left out, for it does not fit: {edit}. {reason}"),
}
