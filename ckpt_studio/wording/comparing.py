"""Sentences of: comparing."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
    # Notes on single rows of the load report.
    "row-filled": QT_TRANSLATE_NOOP("messages", "Not in the file; filled by BatchNorm itself when it loads."),
    "row-scalar": QT_TRANSLATE_NOOP("messages", "A vector with one element fills the model's single number."),
    "row-renamed": QT_TRANSLATE_NOOP("messages", "The model's own loading code renames this old name."),
    # Notes on the whole report.
    "note-filled": QT_TRANSLATE_NOOP(
        "messages", "Missing but forgiven: {count} × num_batches_tracked, filled by BatchNorm itself."
    ),
    "note-renamed=1": QT_TRANSLATE_NOOP("messages", "Renamed by the model's own loading code: 1 tensor."),
    "note-renamed": QT_TRANSLATE_NOOP("messages", "Renamed by the model's own loading code: {count} tensors."),
    "note-scalars": QT_TRANSLATE_NOOP("messages", "Vectors with one element that fill a single number: {count}."),
    "note-ignored": QT_TRANSLATE_NOOP(
        "messages", "Ignored by the model without an error, because that part of it is switched off: {count} tensors."
    ),
    "note-ignored=1": QT_TRANSLATE_NOOP(
        "messages", "Ignored by the model without an error, because that part of it is switched off: 1 tensor."
    ),
    "note-cast=1": QT_TRANSLATE_NOOP(
        "messages", "Another dtype: 1 tensor is {has} in the file and becomes {wants} when the model loads it."
    ),
    "note-cast": QT_TRANSLATE_NOOP(
        "messages", "Another dtype: {count} tensors are {has} in the file and become {wants} when the model loads them."
    ),
    "row-made": QT_TRANSLATE_NOOP("messages", "Not in the file under any name; the model's own loading code makes it."),
    "row-forgiven": QT_TRANSLATE_NOOP("messages", "The model's own loading code accepts this without an error."),
    "note-swallowed=1": QT_TRANSLATE_NOOP(
        "messages", "Used or dropped by the model's own loading code under another name: 1 tensor."
    ),
    "note-swallowed": QT_TRANSLATE_NOOP(
        "messages", "Used or dropped by the model's own loading code under other names: {count} tensors."
    ),
    "note-not-torch": QT_TRANSLATE_NOOP(
        "messages",
        "Judged without PyTorch, although {classes} load in a way of their own. "
        "Choose a Python with PyTorch to be sure.",
    ),
    # Identification.
    "identified-whole": QT_TRANSLATE_NOOP("messages", "All {matched} tensors fit."),
    "identified-missing": QT_TRANSLATE_NOOP(
        "messages", "{matched} of {total} tensors fit; {count} are not in the file (“{example}” …)."
    ),
    "identified-missing=1": QT_TRANSLATE_NOOP(
        "messages", "{matched} of {total} tensors fit; 1 is not in the file (“{example}”)."
    ),
    "identified-mismatched": QT_TRANSLATE_NOOP(
        "messages", "{matched} of {total} tensors fit; {count} have another shape (“{example}” …)."
    ),
    "identified-mismatched=1": QT_TRANSLATE_NOOP(
        "messages", "{matched} of {total} tensors fit; 1 has another shape (“{example}”)."
    ),
    "identified-unexpected": QT_TRANSLATE_NOOP(
        "messages", "{matched} of {total} tensors fit; {count} more are in the file (“{example}” …)."
    ),
    "identified-unexpected=1": QT_TRANSLATE_NOOP(
        "messages", "{matched} of {total} tensors fit; 1 more is in the file (“{example}”)."
    ),
    "identified-mapped": QT_TRANSLATE_NOOP(
        "messages", "Other names, but the same network: {matched} of {total} tensors fit once the names are mapped."
    ),
    # Automatic mapping.
    "rule-equal=1": QT_TRANSLATE_NOOP("messages", "1 tensor: the name is equal already."),
    "rule-alone=1": QT_TRANSLATE_NOOP("messages", "1 tensor: the only one of its shape on both sides."),
    "rule-words=1": QT_TRANSLATE_NOOP("messages", "1 tensor: equal shapes and alike names, block by block."),
    "rule-place=1": QT_TRANSLATE_NOOP(
        "messages", "1 tensor: equal shapes at the same places of blocks that correspond."
    ),
    "rule-unsure=1": QT_TRANSLATE_NOOP(
        "messages", "1 tensor: equal shapes, but other pairs are nearly as likely; please look."
    ),
    "rule-transpose=1": QT_TRANSLATE_NOOP(
        "messages", "1 matrix: inputs and outputs change places (transposed), as this model keeps it."
    ),
    "rule-equal": QT_TRANSLATE_NOOP("messages", "{count} tensors: the names are equal already."),
    "rule-alone": QT_TRANSLATE_NOOP("messages", "{count} tensors: the only ones of their shapes on both sides."),
    "rule-words": QT_TRANSLATE_NOOP("messages", "{count} tensors: equal shapes and alike names, block by block."),
    "rule-place": QT_TRANSLATE_NOOP(
        "messages", "{count} tensors: equal shapes at the same places of blocks that correspond."
    ),
    "rule-unsure": QT_TRANSLATE_NOOP(
        "messages", "{count} tensors: equal shapes, but other pairs are nearly as likely; please look."
    ),
    "rule-transpose": QT_TRANSLATE_NOOP(
        "messages", "{count} matrices: inputs and outputs change places (transposed), as this model keeps them."
    ),
    "rule-transpose-unsure": QT_TRANSLATE_NOOP(
        "messages", "{count} matrices: probably to be transposed, but their shapes do not tell; please look."
    ),
    "rule-split": QT_TRANSLATE_NOOP("messages", "{count} tensors: each is a part of a fused one, which is split."),
    "rule-split-unsure": QT_TRANSLATE_NOOP(
        "messages",
        "{count} tensors: each would be a part of a fused one, if its rows stand part after part; some models mix them"
        " head by head. Please look.",
    ),
    "rule-join": QT_TRANSLATE_NOOP(
        "messages", "{count} tensors: the parts are joined, for this model keeps them fused."
    ),
    "rule-join-unsure": QT_TRANSLATE_NOOP(
        "messages",
        "{count} tensors: the parts would be joined one after another; some models mix their rows head by head."
        " Please look.",
    ),
    # Suggested edits.
    "suggest-strip": QT_TRANSLATE_NOOP(
        "messages", "Strip the prefix “{prefix}”: {matched} of {total} tensors then match"
    ),
    "suggest-strip-anywhere": QT_TRANSLATE_NOOP(
        "messages", "Strip “{prefix}” wherever it stands in a name: {matched} of {total} tensors then match"
    ),
    "suggest-add": QT_TRANSLATE_NOOP(
        "messages", "Add the prefix “{prefix}”, as the model has it: {matched} of {total} tensors then match"
    ),
    "suggest-add-some=1": QT_TRANSLATE_NOOP(
        "messages", "Add the prefix “{prefix}” to 1 tensor, as the model has it: {matched} of {total} then match"
    ),
    "suggest-add-some": QT_TRANSLATE_NOOP(
        "messages",
        "Add the prefix “{prefix}” to {count} tensors, as the model has it: {matched} of {total} then match",
    ),
    "suggest-move": QT_TRANSLATE_NOOP(
        "messages", "Rename the group “{old}” to “{new}”: {matched} of {total} tensors then match"
    ),
    "suggest-pair": QT_TRANSLATE_NOOP(
        "messages", "Rename “{old}” to “{new}”, which has the same shape: {matched} of {total} tensors then match"
    ),
    "suggest-pairs": QT_TRANSLATE_NOOP(
        "messages",
        "Rename {count} tensors to missing names of the same shapes (“{old}” → “{new}” …): "
        "{matched} of {total} tensors then match",
    ),
    "suggest-pairs=1": QT_TRANSLATE_NOOP(
        "messages",
        "Rename 1 tensor to a missing name of the same shape (“{old}” → “{new}”): {matched} of "
        "{total} tensors then match",
    ),
    "suggest-regex": QT_TRANSLATE_NOOP(
        "messages", "Rename like “{old}” → “{new}”, by pattern: {matched} of {total} tensors then match"
    ),
    "suggest-ends": QT_TRANSLATE_NOOP(
        "messages", "Use today's names for {words}: {matched} of {total} tensors then match"
    ),
    "suggest-pop-unexpected=1": QT_TRANSLATE_NOOP(
        "messages", "Pop “{example}”, which the model does not have: {matched} of {total} match"
    ),
    "suggest-pop-unexpected": QT_TRANSLATE_NOOP(
        "messages", "Pop {count} tensors the model does not have (“{example}” …): {matched} of {total} match"
    ),
    "suggest-pop-mismatched=1": QT_TRANSLATE_NOOP(
        "messages",
        "Pop “{example}”, which has another size, so that the model keeps its own: {matched} of {total} match",
    ),
    "suggest-pop-mismatched": QT_TRANSLATE_NOOP(
        "messages",
        "Pop the {count} tensors of another size (“{example}” …), so that the model keeps its own: "
        "{matched} of {total} match",
    ),
    # Tensors of another shape.
    "resize-reshape": QT_TRANSLATE_NOOP("messages", "The numbers stay as they are; only axes of size 1 come or go."),
    "resize-first-rows": QT_TRANSLATE_NOOP(
        "messages",
        "Keep the first {count} rows. Right when the classes are the same and in the same order; train the "
        "head anew otherwise.",
    ),
    "resize-first-rows=1": QT_TRANSLATE_NOOP(
        "messages",
        "Keep the first row. Right when it is the class of the model; train the head anew otherwise.",
    ),
    "resize-more-rows": QT_TRANSLATE_NOOP(
        "messages",
        "Keep all rows and add {count} new ones, each the average of the old: a neutral start for further training.",
    ),
    "resize-more-rows=1": QT_TRANSLATE_NOOP(
        "messages",
        "Keep all rows and add 1 new one, the average of the old: a neutral start for further training.",
    ),
    "resize-zero-rows": QT_TRANSLATE_NOOP(
        "messages",
        "Keep all rows and add {count} of zeros: the new classes begin without any opinion.",
    ),
    "resize-zero-rows=1": QT_TRANSLATE_NOOP(
        "messages", "Keep all rows and add 1 of zeros: the new class begins without any opinion."
    ),
    "resize-sum-channels": QT_TRANSLATE_NOOP(
        "messages",
        "Add the {old} input channels up: a grey picture gets the answer it got as a coloured one.",
    ),
    "resize-average-channels": QT_TRANSLATE_NOOP(
        "messages",
        "Average the {old} input channels: right when the input is scaled up by {old} elsewhere.",
    ),
    "resize-repeat-channels": QT_TRANSLATE_NOOP(
        "messages",
        "Repeat the {old} input channels in turn until there are {new}, scaled so that the response keeps its size.",
    ),
    "resize-add-average": QT_TRANSLATE_NOOP(
        "messages",
        "Keep the channels and add {count}, each the average of the old ones.",
    ),
    "resize-add-average=1": QT_TRANSLATE_NOOP("messages", "Keep the channels and add 1, the average of the old ones."),
    "resize-add-zero": QT_TRANSLATE_NOOP(
        "messages",
        "Keep the channels and add {count} of zeros: the network begins by ignoring the new inputs.",
    ),
    "resize-add-zero=1": QT_TRANSLATE_NOOP(
        "messages", "Keep the channels and add 1 of zeros: the network begins by ignoring the new input."
    ),
    "resize-positions": QT_TRANSLATE_NOOP(
        "messages",
        "Resample the positions from {old}×{old} to {new}×{new} ({mode}), as is usual for another picture "
        "size; a short fine-tuning helps.",
    ),
    "resize-left": QT_TRANSLATE_NOOP("messages", "No way is known to fit “{name}”; it stays as it is."),
}
