"""The edits as a script of plain PyTorch that does the same: for notebooks, papers and colleagues."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import singledispatch

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.dtypes import dtype
from ckpt_studio.core.edits.activating import Activate
from ckpt_studio.core.edits.base import Edit
from ckpt_studio.core.edits.cleaning import PopEntries, UseAverages, UseStateDict
from ckpt_studio.core.edits.completing import AddConstant, FillMissing, TieTensors, UpdateFrom
from ckpt_studio.core.edits.contents import PopEntry, SetMetadata, SetValue
from ckpt_studio.core.edits.mapping import ApplyMapping
from ckpt_studio.core.edits.names import (
    AddPrefix,
    NameEdit,
    RegexRename,
    RenameGroup,
    RenameTensor,
    RenameTensors,
    StripPrefix,
)
from ckpt_studio.core.edits.pattern import COUNTED, PatternRename
from ckpt_studio.core.edits.removing import Keep, KeepNames, Pop, PopMatching
from ckpt_studio.core.edits.shaping import AdaptChannels, InterpolatePositions, Join, Reshape, SelectRows, Split
from ckpt_studio.core.edits.values import Cast, SetDevice
from ckpt_studio.core.tree import Path

_IMPORTS = {"fnmatch.": "import fnmatch", "re.": "import re"}
_INTERPOLATION = "import torch.nn.functional as F"

_HELPERS = {
    "load": '''
def load(path):
    """The content of a checkpoint file, on the CPU."""
{safetensors}    return torch.load(path, map_location="cpu", weights_only={weights_only})
''',
    "rename": '''
def rename(state_dict, new_name):
    """The state dict under other names, in the same order."""
    renamed = {new_name(name): value for name, value in state_dict.items()}
    assert len(renamed) == len(state_dict), "names collide"
    return renamed
''',
    "replace": '''
def replace(state_dict, going, coming):
    """The state dict with `coming` in the place of the first of `going`."""
    result = {}
    for name, value in state_dict.items():
        if name == going[0]:
            result.update(coming)
        elif name not in going:
            result[name] = value
    return result
''',
    "add": '''
def add(state_dict, new):
    """The state dict with new tensors, each after the last one of its module."""
    result = {}
    last = {name.rpartition(".")[0]: name for name in state_dict}
    for name, value in state_dict.items():
        result[name] = value
        module = name.rpartition(".")[0]
        if last[module] == name:
            result.update((key, tensor) for key, tensor in new.items() if key.rpartition(".")[0] == module)
    return {**result, **{key: tensor for key, tensor in new.items() if key not in result}}
''',
}
_LOADS_SAFETENSORS = """    if path.endswith(".safetensors"):
        from safetensors.torch import load_file

        return load_file(path)
"""


def _uses(body: str, word: str) -> bool:
    """Whether a script has this word; in a name of a tensor it counts too, which only brings in more than needed."""
    return re.search(rf"(?<![\w.]){re.escape(word)}", body) is not None


def _head(body: str, weights_only: bool) -> str:
    """What comes before the body of a script: the imports and functions that it uses."""
    imports = [line for word, line in _IMPORTS.items() if _uses(body, word)]
    torch = ["import torch", *([_INTERPOLATION] if _uses(body, "F.") else [])]
    reads = _LOADS_SAFETENSORS if ".safetensors" in body else ""
    helpers = [text for name, text in _HELPERS.items() if _uses(body, f"{name}(")]
    texts = [text.replace("{safetensors}", reads).replace("{weights_only}", str(weights_only)) for text in helpers]
    above = ["\n".join(imports), ""] if imports else []
    return "\n".join(['"""Edits made with Ckpt Studio, as plain PyTorch."""', "", *above, *torch, "", *texts, "", ""])


def as_python(edits: Iterable[Edit], opened: Checkpoint, target: str = "edited.pth") -> str:
    """A Python script that opens the file with torch, makes the edits and saves the state dict that is active then.

    Args:
        edits: in order, with `Activate` where they act on another state dict (`History.recipe`).
        opened: the checkpoint before the first of them; where an edit's meaning depends on the names (which
            prefix, which kind of tensors) it is settled here.
        target: where the script writes.

    Raises:
        EditError: an edit does not fit.
    """
    state_dict = opened.active_state_dict
    whole_module = state_dict.kind == "module"
    lines = [f"checkpoint = load({opened.source.path!r})"]
    lines.append(f"state_dict = {_reach('checkpoint', state_dict.path)}{'.state_dict()' if whole_module else ''}")
    edits = tuple(edits)
    has_metadata = any(isinstance(edit, SetMetadata) for edit in edits)
    if has_metadata:
        lines.append("metadata = {}")
    if any(isinstance(edit, Activate) for edit in edits):
        lines.append("edited = {}")
    lines += _steps(edits, opened)
    lines.append("")
    if target.endswith(".safetensors"):
        metadata = "{'format': 'pt', **metadata}" if has_metadata else "{'format': 'pt'}"
        lines.append("from safetensors.torch import save_file")
        lines.append("")
        lines.append("state_dict = {name: value.clone().contiguous() for name, value in state_dict.items()}")
        lines.append(f"save_file(state_dict, {target!r}, metadata={metadata})")
    else:
        lines.append(f"torch.save(state_dict, {target!r})")
    body = "\n".join(lines) + "\n"
    return _head(body, not whole_module) + body


def _steps(edits: Iterable[Edit], checkpoint: Checkpoint) -> list[str]:
    lines: list[str] = []
    for edit in edits:
        lines += ["", f"# {_one_line(str(edit.describe()))}", *_lines(edit, checkpoint)]
        checkpoint = edit.apply(checkpoint)
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split()).encode("utf-8", "backslashreplace").decode("utf-8")


def _reach(name: str, path: Path) -> str:
    return name + "".join(f"[{key!r}]" for key in path)


@singledispatch
def _lines(edit: Edit, checkpoint: Checkpoint) -> list[str]:
    raise NotImplementedError(type(edit).__name__)


@_lines.register
def _(edit: RenameTensor, checkpoint: Checkpoint) -> list[str]:
    return [f"state_dict = rename(state_dict, lambda name: {edit.new!r} if name == {edit.old!r} else name)"]


@_lines.register
def _(edit: RenameTensors, checkpoint: Checkpoint) -> list[str]:
    return [
        "new_names = {",
        *(f"    {old!r}: {new!r}," for old, new in edit.pairs),
        "}",
        "state_dict = rename(state_dict, lambda name: new_names.get(name, name))",
    ]


@_lines.register
def _(edit: ApplyMapping, checkpoint: Checkpoint) -> list[str]:
    lines = [f"#   {_one_line(rule.source)} -> {_one_line(rule.target)}" for rule in edit.rules]
    edit = edit.settled({name: tensor.shape for name, tensor in checkpoint.active_state_dict.tensors.items()})
    if edit.drop:
        lines += _lines(Pop(edit.drop), checkpoint)
    changed = tuple((old, new) for old, new in edit.pairs if old != new)
    if edit.parts:
        lines.append("parts = [")
        for _, pieces, axis in edit.parts:
            cut = ", ".join(f"state_dict[{name!r}].narrow({axis}, {start}, {size})" for name, start, size in pieces)
            lines.append(f"    {cut}," if len(pieces) == 1 else f"    torch.cat([{cut}], {axis}),")
        lines.append("]")
        changed += tuple((f"part {number}", new) for number, (new, _, _) in enumerate(edit.parts))
        groups = edit.groups()
        for first, numbers in groups.items():
            taken = {piece[0]: None for number in numbers for piece in edit.parts[number][1]}
            going = [first, *(name for name in taken if name not in groups)]
            coming = ", ".join(f"'part {number}': parts[{number}]" for number in numbers)
            lines.append(f"state_dict = replace(state_dict, {going!r}, {{{coming}}})")
    if changed:
        lines += _lines(RenameTensors(changed), checkpoint)
    if edit.transposed:
        names = ", ".join(map(repr, edit.transposed))
        lines += [
            f"for name in [{names}]:",
            "    state_dict[name] = state_dict[name].permute(*range(state_dict[name].dim())[::-1])",
        ]
    for name, shape in edit.shapes:
        lines += _lines(Reshape(name, shape), checkpoint)
    return lines


@_lines.register
def _(edit: RenameGroup, checkpoint: Checkpoint) -> list[str]:
    old = edit.old.rstrip(".") + "."
    new = edit.new.rstrip(".") + "." if edit.new.rstrip(".") else ""
    return _head_change(old, new)


@_lines.register
def _(edit: StripPrefix, checkpoint: Checkpoint) -> list[str]:
    prefix = edit.prefix
    component = prefix.rstrip(".") + "."
    names = checkpoint.active_state_dict.entries
    if edit.anywhere:
        # At the start of a name or after a dot; stacked ones go together.
        pattern = rf"(^|(?<=\.))(?:{re.escape(component)})+"
        return _renaming(f"re.sub({pattern!r}, '', name)")
    if not prefix.endswith(".") and any(name.startswith(component) for name in names):
        prefix = component
    return _head_change(prefix, "")


@_lines.register
def _(edit: AddPrefix, checkpoint: Checkpoint) -> list[str]:
    if edit.names is None:
        return _renaming(f"{edit.prefix!r} + name")
    return [f"chosen = {_set(edit.names)}", *_renaming(f"{edit.prefix!r} + name if name in chosen else name")]


@_lines.register
def _(edit: RegexRename, checkpoint: Checkpoint) -> list[str]:
    return _renaming(f"re.sub({edit.pattern!r}, {edit.replacement!r}, name)")


@_lines.register
def _(edit: PatternRename, checkpoint: Checkpoint) -> list[str]:
    pattern, replacement = edit.as_regex()
    expression = f"re.sub({pattern!r}, {replacement!r}, name)"
    if edit.is_counted:
        expression = f"re.sub({COUNTED!r}, lambda found: str(int(found[1]) + int(found[2])), {expression})"
    return _renaming(expression)


@_lines.register
def _(edit: NameEdit, checkpoint: Checkpoint) -> list[str]:
    names = list(checkpoint.active_state_dict.entries)
    pairs = zip(names, edit.new_names(names), strict=True)
    return _lines(RenameTensors(tuple((old, new) for old, new in pairs if old != new)), checkpoint)


def _renaming(expression: str) -> list[str]:
    return [f"state_dict = rename(state_dict, lambda name: {expression})"]


def _head_change(old: str, new: str) -> list[str]:
    added = f"{new!r} + " if new else ""
    return _renaming(f"{added}name[{len(old)}:] if name.startswith({old!r}) else name")


def _set(names: Iterable[str]) -> str:
    return "{" + ", ".join(repr(name) for name in names) + "}"


def _filtered(condition: str) -> list[str]:
    return [f"state_dict = {{name: value for name, value in state_dict.items() if {condition}}}"]


@_lines.register
def _(edit: Pop, checkpoint: Checkpoint) -> list[str]:
    return [f"for name in [{', '.join(repr(name) for name in edit.names)}]:", "    del state_dict[name]"]


@_lines.register
def _(edit: PopMatching, checkpoint: Checkpoint) -> list[str]:
    return _filtered(f"not fnmatch.fnmatchcase(name, {edit.glob!r})")


@_lines.register
def _(edit: Keep, checkpoint: Checkpoint) -> list[str]:
    return _filtered(f"fnmatch.fnmatchcase(name, {edit.glob!r})")


@_lines.register
def _(edit: KeepNames, checkpoint: Checkpoint) -> list[str]:
    return _filtered(f"name in {_set(edit.names)}")


@_lines.register
def _(edit: Cast, checkpoint: Checkpoint) -> list[str]:
    target, touched = edit.targets(checkpoint.active_state_dict)
    kinds = {tensor.dtype.kind for tensor in touched.values()}
    conditions = ["torch.is_tensor(value)"]
    if edit.names is not None:
        conditions.append(f"name in {_set(edit.names)}")
    if edit.glob is not None:
        conditions.append(f"fnmatch.fnmatchcase(name, {edit.glob!r})")
    if kinds == {"float"}:
        conditions.append("value.is_floating_point()")
    elif kinds == {"complex"}:
        conditions.append("value.is_complex()")
    elif kinds <= {"int", "bool"}:
        conditions.append("not (value.is_floating_point() or value.is_complex())")
    return [
        "state_dict = {",
        f"    name: value.to(torch.{target.name}) if {' and '.join(conditions)} else value",
        "    for name, value in state_dict.items()",
        "}",
    ]


@_lines.register
def _(edit: SetDevice, checkpoint: Checkpoint) -> list[str]:
    condition = "torch.is_tensor(value)" + (f" and name in {_set(edit.names)}" if edit.names is not None else "")
    return [
        "state_dict = {",
        f"    name: value.to({edit.device!r}) if {condition} else value for name, value in state_dict.items()",
        "}",
    ]


@_lines.register
def _(edit: SetMetadata, checkpoint: Checkpoint) -> list[str]:
    if edit.value is None:
        return [f"metadata.pop({edit.key!r}, None)"]
    return [f"metadata[{edit.key!r}] = {edit.value!r}"]


@_lines.register
def _(edit: PopEntry, checkpoint: Checkpoint) -> list[str]:
    return [f"del {_reach('checkpoint', edit.path)}"]


@_lines.register
def _(edit: PopEntries, checkpoint: Checkpoint) -> list[str]:
    return [f"del {_reach('checkpoint', path)}" for path in edit.paths]


@_lines.register
def _(edit: UseStateDict, checkpoint: Checkpoint) -> list[str]:
    other = next(sd for sd in checkpoint.state_dicts if sd.path == edit.path)
    reach = _reach("checkpoint", edit.path) + (".state_dict()" if other.kind == "module" else "")
    return [f"averages = {reach}", *_taken(edit.partners(checkpoint), "averages")]


@_lines.register
def _(edit: UseAverages, checkpoint: Checkpoint) -> list[str]:
    tensors = checkpoint.active_state_dict.tensors
    return [*_taken(edit.partners(tensors), "state_dict"), *_lines(Pop(edit.averages(tensors)), checkpoint)]


def _taken(partners: Mapping[str, str], source: str) -> list[str]:
    return [
        "partners = {",
        *(f"    {name!r}: {partner!r}," for name, partner in partners.items()),
        "}",
        f"taken = {{name: {source}[partner] for name, partner in partners.items()}}",
        "state_dict = {name: taken.get(name, value) for name, value in state_dict.items()}",
    ]


@_lines.register
def _(edit: Activate, checkpoint: Checkpoint) -> list[str]:
    left = checkpoint.active_state_dict
    entered = next((other for other in checkpoint.state_dicts if other.path == edit.path), left)
    reach = _reach("checkpoint", edit.path) + (".state_dict()" if entered.kind == "module" else "")
    # Edits of the one that is left are kept under its path, in case one comes back to it.
    return [
        f"edited[{left.path!r}] = state_dict",
        f"state_dict = edited[{edit.path!r}] if {edit.path!r} in edited else {reach}",
    ]


@_lines.register
def _(edit: SetValue, checkpoint: Checkpoint) -> list[str]:
    return [f"{_reach('checkpoint', edit.path)} = {edit.value!r}"]


@_lines.register
def _(edit: AddConstant, checkpoint: Checkpoint) -> list[str]:
    made = f"torch.full({edit.shape!r}, {edit.value!r}, dtype=torch.{dtype(edit.dtype).name})"
    names = ", ".join(repr(name) for name in edit.names)
    return [f"state_dict = add(state_dict, {{name: {made} for name in [{names}]}})"]


@_lines.register
def _(edit: TieTensors, checkpoint: Checkpoint) -> list[str]:
    names = ", ".join(f"{new!r}: state_dict[{old!r}]" for old, new in edit.pairs)
    return [f"state_dict = add(state_dict, {{{names}}})"]


@_lines.register
def _(edit: FillMissing, checkpoint: Checkpoint) -> list[str]:
    names = ", ".join(repr(name) for name in edit.names)
    return [
        f"# Values that {edit.reference} has after torch.manual_seed({edit.seed}).",
        "# They lie in this file: keep it with the script, and change the path where you copy both to.",
        f"fresh = load({edit.path!r})",
        f"state_dict = add(state_dict, {{name: fresh[name] for name in [{names}]}})",
    ]


@_lines.register
def _(edit: UpdateFrom, checkpoint: Checkpoint) -> list[str]:
    from ckpt_studio.core.other_files import open_other

    opened, other = open_other(edit.path), edit.other()
    path = (other.active_state_dict if edit.state_dict is None else other.state_dict(edit.state_dict)).path
    if edit.edits:
        switches = any(isinstance(item, Activate) for item in edit.edits)
        kept = f"edited.get({path!r}, {_reach('checkpoint', path)})" if switches else _reach("checkpoint", path)
        inside = [
            f"checkpoint = load({edit.path!r})",
            f"state_dict = {_reach('checkpoint', opened.active_state_dict.path)}",
            *(["metadata = {}"] if any(isinstance(item, SetMetadata) for item in edit.edits) else []),
            *(["edited = {}"] if switches else []),
            *_steps(edit.edits, opened),
            "return " + ("state_dict" if other.active == path else kept),
        ]
        lines = ["def other_file():", *(f"    {line}" if line else "" for line in inside), "", "other = other_file()"]
    else:
        lines = [f"other = {_reach(f'load({edit.path!r})', path)}"]
    chosen = f"if name in {_set(edit.names)}" if edit.names is not None else "if torch.is_tensor(value)"
    lines.append(f"other = {{name: value for name, value in other.items() {chosen}}}")
    if edit.replace:
        lines.append("state_dict = {name: other.get(name, value) for name, value in state_dict.items()}")
    if edit.add:
        new = "{name: value for name, value in other.items() if name not in state_dict}"
        lines.append(f"state_dict = add(state_dict, {new})")
    return lines


@_lines.register
def _(edit: SelectRows, checkpoint: Checkpoint) -> list[str]:
    fresh = "value.double().mean(0)" if edit.fresh == "average" else "torch.zeros_like(value[0])"
    return [
        f"rows = {list(edit.rows)!r}",
        "resized = {}",
        f"for name in [{', '.join(repr(name) for name in edit.names)}]:",
        "    value = state_dict[name]",
        "    tied = (value.data_ptr(), value.shape, value.stride())",
        "    if tied not in resized:",
        *([f"        fresh = {fresh}.to(value.dtype)"] if -1 in edit.rows else []),
        "        resized[tied] = torch.stack([fresh if row < 0 else value[row] for row in rows])"
        if -1 in edit.rows
        else "        resized[tied] = value[rows]",
        "    state_dict[name] = resized[tied]",
    ]


@_lines.register
def _(edit: AdaptChannels, checkpoint: Checkpoint) -> list[str]:
    old = checkpoint.active_state_dict.tensors[edit.name].shape[1]
    new = edit.channels
    made = {
        "sum": "wide.sum(1, keepdim=True)",
        "average": "wide.mean(1, keepdim=True)",
        "repeat": f"wide[:, [k % {old} for k in range({new})]] * ({old} / {new})",
        "add-average": f"torch.cat([wide] + [wide.mean(1, keepdim=True)] * {new - old}, 1)",
        "add-zero": f"torch.cat([wide] + [torch.zeros_like(wide[:, :1])] * {new - old}, 1)",
    }[edit.how]
    return [
        f"value = state_dict[{edit.name!r}]",
        "wide = value.double()",
        f"state_dict[{edit.name!r}] = ({made}).to(value.dtype)",
    ]


@_lines.register
def _(edit: InterpolatePositions, checkpoint: Checkpoint) -> list[str]:
    old, new = tuple(edit.old), tuple(edit.new)
    return [
        f"value = state_dict[{edit.name!r}]",
        "tokens = value.double().reshape(-1, value.shape[-1])",
        f"grid = tokens[{edit.extra}:].reshape(1, {old[0]}, {old[1]}, -1).permute(0, 3, 1, 2)",
        f"grid = F.interpolate(grid, size={new!r}, mode={edit.mode!r}, align_corners=False)",
        f"tokens = torch.cat([tokens[:{edit.extra}], grid.permute(0, 2, 3, 1).reshape({new[0] * new[1]}, -1)])",
        f"state_dict[{edit.name!r}] = tokens.reshape(*value.shape[:-2], *tokens.shape).to(value.dtype)",
    ]


@_lines.register
def _(edit: Reshape, checkpoint: Checkpoint) -> list[str]:
    return [f"state_dict[{edit.name!r}] = state_dict[{edit.name!r}].reshape({edit.shape!r})"]


@_lines.register
def _(edit: Split, checkpoint: Checkpoint) -> list[str]:
    whole = checkpoint.active_state_dict.tensors[edit.name].shape[edit.axis]
    sizes = list(edit.sizes or (whole // len(edit.into),) * len(edit.into))
    return [
        f"parts = torch.split(state_dict[{edit.name!r}], {sizes!r}, {edit.axis})",
        f"state_dict = replace(state_dict, [{edit.name!r}], dict(zip({list(edit.into)!r}, parts)))",
    ]


@_lines.register
def _(edit: Join, checkpoint: Checkpoint) -> list[str]:
    return [
        f"names = {list(edit.names)!r}",
        f"joined = torch.cat([state_dict[name] for name in names], {edit.axis})",
        f"state_dict = replace(state_dict, names, {{{edit.into!r}: joined}})",
    ]
