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
    "several-problems": QT_TRANSLATE_NOOP("messages", "Nothing was changed, for {count} reasons. The first: {first}"),
    "no-such-tensor": QT_TRANSLATE_NOOP("messages", "There is no tensor “{name}” in the state dict."),
    "no-such-group": QT_TRANSLATE_NOOP(
        "messages", "No name begins with “{name}.”, so there is no such group to rename."
    ),
    "empty-name": QT_TRANSLATE_NOOP("messages", "“{name}” would be left without a name."),
    "names-collide": QT_TRANSLATE_NOOP("messages", "“{first}” and “{second}” would both be called “{name}”."),
    "renames-nothing": QT_TRANSLATE_NOOP("messages", "No name would change."),
    "renamed-twice": QT_TRANSLATE_NOOP("messages", "“{name}” is to be renamed twice at once."),
    "empty-prefix": QT_TRANSLATE_NOOP(
        "messages", "The prefix is empty. Type the text to strip or to add, such as “module.”."
    ),
    "no-such-prefix": QT_TRANSLATE_NOOP("messages", "No name has the prefix “{prefix}”."),
    "bad-pattern": QT_TRANSLATE_NOOP(
        "messages", "The pattern “{pattern}” is not a valid regular expression: {reason}."
    ),
    "pattern-too-slow": QT_TRANSLATE_NOOP(
        "messages",
        "The pattern “{pattern}” was stopped: it was still matching after {seconds} seconds. "
        "Nested repeats such as “(a+)+” cause this; write it without them.",
    ),
    "pattern-matches-nothing": QT_TRANSLATE_NOOP("messages", "The pattern “{pattern}” changes no name."),
    "empty-pattern": QT_TRANSLATE_NOOP("messages", "The pattern is empty. Type the part of the names to look for."),
    "bad-placeholder": QT_TRANSLATE_NOOP(
        "messages", "“{text}” is no placeholder. Write a word in braces, such as {{n}} for a number."
    ),
    "unknown-placeholder": QT_TRANSLATE_NOOP("messages", "{placeholder} does not occur in “{pattern}”."),
    "number-below-zero": QT_TRANSLATE_NOOP(
        "messages", "“{replacement}” would count {number} below zero. Add to it, or begin with a higher number."
    ),
    "too-many-stars": QT_TRANSLATE_NOOP("messages", "The new name has more “*” than “{pattern}” has."),
    "glob-matches-nothing": QT_TRANSLATE_NOOP(
        "messages",
        "No name matches “{glob}”. The pattern must match the whole name; “*” stands for any text, dots included.",
    ),
    "nothing-removed": QT_TRANSLATE_NOOP("messages", "Nothing would be removed."),
    "nothing-left": QT_TRANSLATE_NOOP("messages", "No tensor would be left in the state dict."),
    "unknown-dtype": QT_TRANSLATE_NOOP("messages", "“{dtype}” is not a dtype of PyTorch. Known: {known}."),
    "cannot-cast-to": QT_TRANSLATE_NOOP("messages", "Tensors cannot be converted to {dtype}."),
    "cast-changes-nothing": QT_TRANSLATE_NOOP(
        "messages", "No tensor would change: all that can become {dtype} already are."
    ),
    "cast-overflows": QT_TRANSLATE_NOOP(
        "messages", "“{name}”: {count} values are too large for {dtype} and would become infinite (largest: {largest})."
    ),
    "cast-overflows=1": QT_TRANSLATE_NOOP(
        "messages", "“{name}”: 1 value is too large for {dtype} and would become infinite ({largest})."
    ),
    "cast-saturates": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}”: {count} values are too large for {dtype} and would be cut to its limit (largest: {largest}).",
    ),
    "cast-saturates=1": QT_TRANSLATE_NOOP(
        "messages", "“{name}”: 1 value is too large for {dtype} and would be cut to its limit ({largest})."
    ),
    "bad-device": QT_TRANSLATE_NOOP(
        "messages", "“{device}” is not a device that PyTorch records. Write “cpu”, “cuda:0”, “mps” or the like."
    ),
    "device-changes-nothing": QT_TRANSLATE_NOOP("messages", "Every tensor is recorded on “{device}” already."),
    "no-such-metadata": QT_TRANSLATE_NOOP("messages", "There is no metadata entry “{key}”."),
    "metadata-unchanged": QT_TRANSLATE_NOOP("messages", "The metadata entry “{key}” has that value already."),
    "no-such-entry": QT_TRANSLATE_NOOP("messages", "The file holds nothing at “{path}”."),
    "entry-is-weights": QT_TRANSLATE_NOOP("messages", "“{path}” belongs to the weights; remove it as a tensor."),
    "entry-holds-weights": QT_TRANSLATE_NOOP(
        "messages", "“{path}” holds the state dict that is being edited (“{active}”); choose another one first."
    ),
    "bad-recipe": QT_TRANSLATE_NOOP("messages", "This is not a recipe that can be applied: {reason}."),
    "recipe-step-refused": QT_TRANSLATE_NOOP("messages", "Step {number} ({step}): {reason}"),
    "recipe-foreign": QT_TRANSLATE_NOOP("messages", "not a Ckpt Studio recipe, or one of a newer version"),
    "recipe-no-edit": QT_TRANSLATE_NOOP("messages", "not an edit: {text}"),
    "recipe-unknown-edit": QT_TRANSLATE_NOOP("messages", "unknown edit “{kind}”"),
    "rename-tensor": QT_TRANSLATE_NOOP("messages", "Rename “{old}” to “{new}”"),
    "rename-group": QT_TRANSLATE_NOOP("messages", "Rename the group “{old}” to “{new}”"),
    "rename-group-to-root": QT_TRANSLATE_NOOP("messages", "Move the group “{old}” to the root"),
    "rename-tensors=1": QT_TRANSLATE_NOOP("messages", "Rename 1 tensor"),
    "rename-tensors": QT_TRANSLATE_NOOP("messages", "Rename {count} tensors"),
    "strip-prefix": QT_TRANSLATE_NOOP("messages", "Strip the prefix “{prefix}”"),
    "strip-prefix-anywhere": QT_TRANSLATE_NOOP("messages", "Strip “{prefix}” wherever it occurs"),
    "add-prefix": QT_TRANSLATE_NOOP("messages", "Add the prefix “{prefix}”"),
    "add-prefix-to=1": QT_TRANSLATE_NOOP("messages", "Add the prefix “{prefix}” to 1 tensor"),
    "add-prefix-to": QT_TRANSLATE_NOOP("messages", "Add the prefix “{prefix}” to {count} tensors"),
    "regex-rename": QT_TRANSLATE_NOOP("messages", "Replace the pattern “{pattern}” by “{replacement}”"),
    "renumber": QT_TRANSLATE_NOOP("messages", "Rename all like “{old}” to “{new}”"),
    "pattern-rename": QT_TRANSLATE_NOOP("messages", "Rename “{pattern}” to “{replacement}”"),
    "pattern-remove": QT_TRANSLATE_NOOP("messages", "Take “{pattern}” out of the names"),
    "pop-one": QT_TRANSLATE_NOOP("messages", "Pop “{name}”"),
    "pop": QT_TRANSLATE_NOOP("messages", "Pop {count} tensors"),
    "pop-matching": QT_TRANSLATE_NOOP("messages", "Pop tensors matching “{glob}”"),
    "keep": QT_TRANSLATE_NOOP("messages", "Keep only tensors matching “{glob}”"),
    "keep-names=1": QT_TRANSLATE_NOOP("messages", "Keep only 1 tensor"),
    "keep-names": QT_TRANSLATE_NOOP("messages", "Keep only {count} tensors"),
    "cast": QT_TRANSLATE_NOOP("messages", "Convert to {dtype}"),
    "cast-matching": QT_TRANSLATE_NOOP("messages", "Convert tensors matching “{glob}” to {dtype}"),
    "cast-some=1": QT_TRANSLATE_NOOP("messages", "Convert 1 tensor to {dtype}"),
    "cast-some": QT_TRANSLATE_NOOP("messages", "Convert {count} tensors to {dtype}"),
    "set-device": QT_TRANSLATE_NOOP("messages", "Record “{device}” as the device"),
    "set-device-some=1": QT_TRANSLATE_NOOP("messages", "Record “{device}” as the device of 1 tensor"),
    "set-device-some": QT_TRANSLATE_NOOP("messages", "Record “{device}” as the device of {count} tensors"),
    "set-metadata": QT_TRANSLATE_NOOP("messages", "Set the metadata “{key}” to “{value}”"),
    "pop-metadata": QT_TRANSLATE_NOOP("messages", "Remove the metadata “{key}”"),
    "pop-entry": QT_TRANSLATE_NOOP("messages", "Leave out “{path}”"),
    "set-value": QT_TRANSLATE_NOOP("messages", "Set “{path}” to {value}"),
    "activate-state-dict": QT_TRANSLATE_NOOP("messages", "Work on the state dict “{path}”"),
    # Cleaning up.
    "no-such-state-dict": QT_TRANSLATE_NOOP("messages", "There is no other state dict “{path}” in the file."),
    "rename-last-parts": QT_TRANSLATE_NOOP("messages", "Rename the last parts {words}"),
    "use-state-dict": QT_TRANSLATE_NOOP("messages", "Use the values of “{path}” as the weights"),
    "use-averages": QT_TRANSLATE_NOOP("messages", "Use the averages under “{prefix}” as the weights"),
    "pop-entries": QT_TRANSLATE_NOOP("messages", "Leave out {paths}"),
    "clean-strip": QT_TRANSLATE_NOOP("messages", "Strip “{prefix}”"),
    "clean-strip-by": QT_TRANSLATE_NOOP("messages", "Strip “{prefix}” ({writer})"),
    "clean-densenet": QT_TRANSLATE_NOOP("messages", "DenseNet of 2017: norm.1 → norm1, conv.1 → conv1"),
    "clean-gamma": QT_TRANSLATE_NOOP("messages", "Old normalisation names: gamma → weight, beta → bias"),
    "clean-ema": QT_TRANSLATE_NOOP("messages", "Use the averaged weights (EMA) of “{path}”"),
    "clean-ema-beside": QT_TRANSLATE_NOOP("messages", "Use the averaged weights (EMA) under “{prefix}”"),
    "clean-training": QT_TRANSLATE_NOOP("messages", "Leave out the training state ({names})"),
    # Completing and reshaping.
    "name-taken": QT_TRANSLATE_NOOP("messages", "There is a tensor “{name}” already."),
    "nothing-added": QT_TRANSLATE_NOOP("messages", "There is nothing to take over."),
    "bad-shape": QT_TRANSLATE_NOOP("messages", "{shape} is no shape."),
    "tie-tensor": QT_TRANSLATE_NOOP("messages", "Add “{new}” as a second name of “{old}”"),
    "tie-tensors": QT_TRANSLATE_NOOP("messages", "Add {count} second names of tensors that the model ties"),
    "tie-tensors=1": QT_TRANSLATE_NOOP("messages", "Add 1 second name of a tensor that the model ties"),
    "add-constant-one": QT_TRANSLATE_NOOP("messages", "Add “{name}” with the value {value}"),
    "add-constant": QT_TRANSLATE_NOOP("messages", "Add {count} tensors with the value {value}"),
    "fill-missing=1": QT_TRANSLATE_NOOP(
        "messages", "Fill 1 missing tensor from the initialisation of {reference}, seed {seed}"
    ),
    "fill-missing": QT_TRANSLATE_NOOP(
        "messages",
        "Fill {count} missing tensors from the initialisation of {reference}, seed {seed}",
    ),
    "update-from": QT_TRANSLATE_NOOP("messages", "Take over the tensors of “{path}”"),
    "update-from-some=1": QT_TRANSLATE_NOOP("messages", "Take over 1 tensor of “{path}”"),
    "update-from-some": QT_TRANSLATE_NOOP("messages", "Take over {count} tensors of “{path}”"),
    "update-from-edited": QT_TRANSLATE_NOOP(
        "messages", "Take over the tensors of “{path}” as they are after {edits} changes of their own"
    ),
    "update-from-edited-some": QT_TRANSLATE_NOOP(
        "messages", "Take over {count} tensors of “{path}” as they are after {edits} changes of their own"
    ),
    "update-from-edited-some=1": QT_TRANSLATE_NOOP(
        "messages", "Take over 1 tensor of “{path}” as it is after {edits} changes of its own"
    ),
    "cannot-reshape-kind": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” is quantised, sparse or otherwise no plain block of numbers; its shape cannot be edited.",
    ),
    "bad-choice": QT_TRANSLATE_NOOP("messages", "“{value}” is not one of: {known}."),
    "no-rows": QT_TRANSLATE_NOOP("messages", "“{name}” has no rows to choose from."),
    "row-outside": QT_TRANSLATE_NOOP("messages", "“{name}” has only {rows} rows (counted from 0; -1 means a new one)."),
    "rows-unchanged": QT_TRANSLATE_NOOP("messages", "The rows would stay as they are."),
    "select-rows": QT_TRANSLATE_NOOP("messages", "Give “{name}” {count} of its own rows"),
    "select-rows=1": QT_TRANSLATE_NOOP("messages", "Give “{name}” 1 of its own rows"),
    "select-rows-fresh": QT_TRANSLATE_NOOP("messages", "Give “{name}” {count} rows, {fresh} of them new"),
    "no-channels": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” is not the floating weight of a convolution: it has no axis of input channels.",
    ),
    "bad-channels": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” has {old} input channels; “{how}” cannot make {new} of them.",
    ),
    "adapt-channels": QT_TRANSLATE_NOOP("messages", "Let “{name}” take {channels} input channels ({how})"),
    "bad-grid": QT_TRANSLATE_NOOP("messages", "The grid for “{name}” needs two sizes of at least 1."),
    "grid-does-not-fit": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” has the shape {shape}, which is not a grid of {tokens} positions with these leading tokens.",
    ),
    "grid-unchanged": QT_TRANSLATE_NOOP("messages", "The grid of “{name}” would stay as it is."),
    "interpolate-positions": QT_TRANSLATE_NOOP("messages", "Resample “{name}” from {old} to {new} positions ({mode})"),
    "cannot-reshape": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” has the shape {old}; {new} has another number of elements.",
    ),
    "shape-unchanged": QT_TRANSLATE_NOOP("messages", "“{name}” has that shape already."),
    "reshape": QT_TRANSLATE_NOOP("messages", "Reshape “{name}” to {shape}"),
    "apply-mapping=1": QT_TRANSLATE_NOOP("messages", "Map 1 tensor to the model's name"),
    "apply-mapping": QT_TRANSLATE_NOOP("messages", "Map {count} tensors to the model's names"),
    "apply-mapping-and": QT_TRANSLATE_NOOP("messages", "{first}; {more}"),
    "apply-mapping-split": QT_TRANSLATE_NOOP("messages", "{count} are parts of fused ones"),
    "apply-mapping-split=1": QT_TRANSLATE_NOOP("messages", "1 is a part of a fused one"),
    "apply-mapping-join": QT_TRANSLATE_NOOP("messages", "{count} are joined from several"),
    "apply-mapping-join=1": QT_TRANSLATE_NOOP("messages", "1 is joined from several"),
    "apply-mapping-transpose": QT_TRANSLATE_NOOP("messages", "{count} are transposed"),
    "apply-mapping-transpose=1": QT_TRANSLATE_NOOP("messages", "1 is transposed"),
    "apply-mapping-reshape": QT_TRANSLATE_NOOP("messages", "{count} are reshaped"),
    "apply-mapping-reshape=1": QT_TRANSLATE_NOOP("messages", "1 is reshaped"),
    "apply-mapping-drop": QT_TRANSLATE_NOOP("messages", "{count} whose names are needed are popped"),
    "apply-mapping-drop=1": QT_TRANSLATE_NOOP("messages", "1 whose name is needed is popped"),
    "apply-rule": QT_TRANSLATE_NOOP("messages", "“{source}” → “{target}”"),
    "apply-rules-one": QT_TRANSLATE_NOOP("messages", "Map names by the rule {first}"),
    "apply-rules": QT_TRANSLATE_NOOP("messages", "Map names by {count} rules, from {first} to {last}"),
    "apply-rules-single=1": QT_TRANSLATE_NOOP("messages", "1 name for itself"),
    "apply-rules-single": QT_TRANSLATE_NOOP("messages", "{count} names for themselves"),
    "apply-rules-cut=1": QT_TRANSLATE_NOOP("messages", "1 rule splits or joins"),
    "apply-rules-cut": QT_TRANSLATE_NOOP("messages", "{count} rules split or join"),
    "mapping-fits-nothing=1": QT_TRANSLATE_NOOP("messages", "The rule finds no tensor in this file."),
    "mapping-fits-nothing": QT_TRANSLATE_NOOP("messages", "None of the {count} rules finds a tensor in this file."),
    "rule-finds-nothing": QT_TRANSLATE_NOOP("messages", "The rule “{source}” → “{target}” finds no tensor here."),
    "rule-misfits=1": QT_TRANSLATE_NOOP(
        "messages", "The rule “{source}” → “{target}” leaves 1 tensor: a part is missing or the shape is another."
    ),
    "rule-misfits": QT_TRANSLATE_NOOP(
        "messages",
        "The rule “{source}” → “{target}” leaves {count} tensors: parts are missing or the shapes are others.",
    ),
    "pairs-find-nothing=1": QT_TRANSLATE_NOOP("messages", "1 name of the mapping is not in this file: “{name}”."),
    "pairs-find-nothing": QT_TRANSLATE_NOOP(
        "messages", "{count} names of the mapping are not in this file, such as “{name}”."
    ),
    "bad-rule-placeholder": QT_TRANSLATE_NOOP(
        "messages",
        "“{text}” is no placeholder. Write {{n}} for a number, {{n+1}} for the next one, {{weight,bias}} for one of"
        " several words, and * for any text.",
    ),
    "unknown-rule-placeholder": QT_TRANSLATE_NOOP("messages", "{placeholder} says nothing that “{pattern}” tells."),
    "bad-running-number": QT_TRANSLATE_NOOP("messages", "{text} counts numbers that “{pattern}” does not begin with."),
    "bad-rule-part": QT_TRANSLATE_NOOP(
        "messages", "“{text}” names no part of a tensor. Write [1/3] for the first of three, [0:64/128] for a stretch."
    ),
    "bad-form": QT_TRANSLATE_NOOP(
        "messages",
        "“{text}” is no change of axes. Write such as “a b -> b a” (transpose) or “a b 1 1 -> a b” (drop axes).",
    ),
    "no-such-axis": QT_TRANSLATE_NOOP("messages", "“{name}” has no axis {axis}."),
    "bad-split": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” has {size} entries along that axis, which the parts {sizes} do not make up.",
    ),
    "split": QT_TRANSLATE_NOOP("messages", "Split “{name}” into {count} parts"),
    "bad-join": QT_TRANSLATE_NOOP("messages", "Choose at least two different tensors to join."),
    "join-dtype": QT_TRANSLATE_NOOP("messages", "“{name}” is {dtype}, the first one {first}; convert them first."),
    "join-shape": QT_TRANSLATE_NOOP(
        "messages",
        "“{name}” has the shape {shape}, which does not fit to {first} along that axis.",
    ),
    "join": QT_TRANSLATE_NOOP("messages", "Join {count} tensors into “{name}”"),
}
