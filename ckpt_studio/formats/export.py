"""A checkpoint into a file: planned without reading, written atomically, verified before it is called done."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

from ckpt_studio.core.checkpoint import Checkpoint, StateDict
from ckpt_studio.core.data import value_nbytes
from ckpt_studio.core.discovery import beside_tensors
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.core.storage import AbsentBytes, ByteSource, SourceFile, Storage, close_everywhere
from ckpt_studio.core.tensor import Tensor
from ckpt_studio.core.tree import ABSENT, BareStorage, Dict, Global, Value
from ckpt_studio.errors import ExportError, Message, message
from ckpt_studio.formats import atomic, safetensors_writer, sharing
from ckpt_studio.formats.copying import Sink, Streamed
from ckpt_studio.formats.opening import without_collector
from ckpt_studio.formats.pickle_writer import ORDERED_DICT, dumps, leaves
from ckpt_studio.formats.rebuild import NDARRAY
from ckpt_studio.formats.safety import is_weights_only
from ckpt_studio.formats.sharded_writer import INDEX_SUFFIX, ShardSet, lay_out_shards, old_shards
from ckpt_studio.formats.storage_plan import StoragePlan, used_range
from ckpt_studio.formats.torch_legacy_writer import write_legacy
from ckpt_studio.formats.torch_zip_writer import write_zip
from ckpt_studio.formats.verify import LARGE_HEADER, Follower, Verifier

Format: TypeAlias = Literal["pth", "safetensors", "pth-legacy"]

SUFFIXES: Mapping[str, Format] = {
    ".pth": "pth", ".pt": "pth", ".bin": "pth", ".ckpt": "pth", ".th": "pth", ".tar": "pth", ".pkl": "pth",
    ".model": "pth", ".safetensors": "safetensors",
}  # fmt: skip
"""What a file's suffix says about its format."""


@dataclass(frozen=True)
class ExportOptions:
    """How to export.

    Attributes:
        format: None means what the target's suffix says.
        whole: the whole object tree instead of the active state dict alone (`.pth` only).
        metadata: added to the checkpoint's own (safetensors only); values are strings.
        overwrite: an existing target may be replaced.
        max_shard_size: most bytes of tensors in one file; more make several files and an index (safetensors only).
    """

    format: Format | None = None
    whole: bool = False
    metadata: Mapping[str, str] | None = None
    overwrite: bool = False
    max_shard_size: int | None = None


@dataclass(frozen=True, eq=False)
class ExportPlan:
    """What an export is going to do, worked out without reading a tensor.

    Attributes:
        checkpoint, options: what it was made from.
        target: the file as the user named it.
        format: of the file.
        tensors: how many tensors are written.
        nbytes: bytes of values that are written (shared ones once where the format shares).
        notices: what the user should know beforehand.
        weights_only: whether `torch.load(weights_only=True)` reads what is written.
    """

    checkpoint: Checkpoint
    options: ExportOptions
    target: str
    format: Format
    tensors: int
    nbytes: int
    notices: tuple[Message, ...]
    weights_only: bool = True
    pickled: Pickled | None = field(default=None, repr=False)
    layout: safetensors_writer.Layout | None = field(default=None, repr=False)
    shards: ShardSet | None = field(default=None, repr=False)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that will be written, the one to open first."""
        if self.shards is None:
            return (self.target,)
        return (self.shards.index, *(path for path, _ in self.shards.shards))

    @property
    def layouts(self) -> tuple[safetensors_writer.Layout, ...]:
        """The safetensors files that will be written."""
        if self.shards is not None:
            return tuple(layout for _, layout in self.shards.shards)
        return () if self.layout is None else (self.layout,)


@dataclass(frozen=True, eq=False)
class Pickled:
    """The content of a `.pth`: a tree, what replaces which of its nodes, and the storages of its tensors."""

    root: Value
    replacements: Mapping[int, Value]
    storages: StoragePlan
    leaves: tuple[Tensor | BareStorage, ...]


@dataclass(frozen=True)
class SaveOutcome:
    """An export that is done.

    Attributes:
        path: the file (of a sharded export: the index).
        tensors: how many it holds.
        nbytes: its size.
        verified: it was read back and found right.
        seconds: how long it took.
        notices: what the user should know.
    """

    path: str
    tensors: int
    nbytes: int
    verified: bool
    seconds: float
    notices: tuple[Message, ...] = ()


def plan_export(
    checkpoint: Checkpoint, target: str | os.PathLike[str], options: ExportOptions | None = None
) -> ExportPlan:
    """What exporting would write; costs O(keys) and reads no tensor.

    Raises:
        ExportError: it cannot be done; `problems` lists every tensor that stands in the way.
        StudioError: "no-state-dict" when there is none to export.
    """
    options = options or ExportOptions()
    path = os.path.abspath(os.fspath(target))
    chosen = _format(path, options)
    if options.whole and chosen == "safetensors":
        raise ExportError("whole-needs-pth")
    if options.max_shard_size is not None:
        if chosen != "safetensors":
            raise ExportError("shards-need-safetensors")
        if options.max_shard_size <= 0:
            raise ExportError("shard-size-too-small", size=options.max_shard_size)
    if not options.overwrite and os.path.exists(path) and not os.path.isdir(path):
        raise ExportError("target-exists", path=path)
    notices = list(_target_notices(path, chosen))
    with without_collector():
        if chosen == "safetensors":
            return _plan_safetensors(checkpoint, options, path, notices)
        return _plan_pickled(checkpoint, options, path, chosen, notices)


def export(plan: ExportPlan, progress: Progress = SILENT) -> SaveOutcome:
    """Writes the planned file and reads it back.

    The target is the whole old file or the whole new one, whatever happens; on failure and on
    cancelling no temporary file remains.

    Raises:
        ExportError: it could not be written, or did not read back.
        StudioError: the source cannot be read or was changed meanwhile.
        Cancelled: the job was told to stop.
    """
    started = time.monotonic()
    sources = _source_files(plan)
    for source in sources:
        source.require_unchanged()
    # What the published library needs to look at the result is loaded while the disk is busy.
    preload = threading.Thread(target=_preload, name="preload")
    asked = any(len(layout.header) <= LARGE_HEADER for layout in plan.layouts)
    if asked:
        preload.start()
    try:
        # What the set that is replaced leaves over; removed when the new one is in place.
        old = old_shards(plan.shards.index, plan.files) if plan.shards is not None else []
        nbytes, overwritten = _write_files(plan, sources, old, progress)
    finally:
        if asked:
            preload.join()
    notices = list(plan.notices)
    removed = [path for path in old if _removed(path)]
    if removed:
        notices.append(message("old-shards-removed", count=len(removed), first=os.path.basename(removed[0])))
    for source in overwritten:
        source.replaced()
        notices.append(message("source-replaced"))
    seconds = time.monotonic() - started
    return SaveOutcome(plan.files[0], plan.tensors, nbytes, True, seconds, tuple(notices))


def _write_files(
    plan: ExportPlan, sources: Sequence[SourceFile], old: Sequence[str], progress: Progress
) -> tuple[int, list[SourceFile]]:
    """Writes, verifies and puts in place; bytes written, and which of the sources were replaced or are `old`."""
    if plan.shards is None:
        with atomic.replacing(plan.target, progress) as draft:
            shares = _require_space(plan, draft, sources)
            nbytes = _fill(plan, draft, plan.layout, 0, sources, shares, progress)
            overwritten = _hold(sources, [draft.target])
        return nbytes, overwritten
    folder, name = os.path.split(plan.shards.index)
    with atomic.replacing_all(folder, name) as drafts:
        nbytes = done = 0
        shares = False
        for path, layout in plan.shards.shards:
            draft = drafts.draft(path)
            if not nbytes:
                shares = _require_space(plan, draft, sources)
            nbytes += _fill(plan, draft, layout, done, sources, shares, progress)
            done += sum(item.nbytes for item in layout.placed)
            drafts.finished(draft)
        draft = drafts.draft(plan.shards.index)
        sink = Sink(draft.fd, progress, plan.nbytes, plan.nbytes)
        sink.write(plan.shards.index_text)
        nbytes += sink.finish()
        draft.sync(progress)
        drafts.finished(draft)
        for source in sources:
            source.require_unchanged()
        overwritten = _hold(sources, [*plan.files, *old])
        progress.check()
    return nbytes, overwritten


def _fill(
    plan: ExportPlan,
    draft: atomic.Draft,
    layout: safetensors_writer.Layout | None,
    before: int,
    sources: Sequence[SourceFile],
    shares: bool,
    progress: Progress,
) -> int:
    """Writes one file, sends it to the disk and reads it back; its size.

    Args:
        before: bytes of values written earlier.
        sources: every file that is read.
        shares: its blocks can be those of a source.
    """
    name = os.path.basename(draft.target)
    progress.report(before, plan.nbytes, message("step-writing", name=name))
    sink = Sink(draft.fd, progress, plan.nbytes, before)
    follower = Follower(draft.path)
    sink.listener = follower
    if not shares:
        sink.reserve(plan.nbytes if layout is None else layout.nbytes)
    try:
        computed = _write(plan, layout, sink)
        nbytes = sink.finish()
        for source in sources:
            source.require_unchanged()
        reached = before + sum(item.nbytes for item in layout.placed) if layout is not None else plan.nbytes
        progress.report(reached, plan.nbytes, message("step-verifying", name=name))
        verifier = Verifier(draft.path, draft.target, follower, progress)
        with draft.syncing(progress):
            if layout is not None:
                verifier.safetensors(layout, computed)
            elif plan.pickled is not None:
                pickled = plan.pickled
                root = pickled.replacements.get(id(pickled.root), pickled.root)
                verifier.pickled(root, pickled.leaves, pickled.storages, computed)
    finally:
        sink.abandon()
        follower.stop()
    return nbytes


def _removed(path: str) -> bool:
    """Removes a file; whether it is gone. One that stays is in nobody's way."""
    if not atomic.REPLACES_OPEN_FILES:
        close_everywhere(path)
    try:
        os.unlink(path)
    except OSError:
        return False
    return True


def _hold(sources: Sequence[SourceFile], targets: Sequence[str]) -> list[SourceFile]:
    """Prepares those of the sources that are about to be replaced."""
    overwritten = [source for source in sources if any(_same_file(source.path, target) for target in targets)]
    for source in overwritten:
        # Where that is possible, the open document goes on reading the old bytes.
        if atomic.REPLACES_OPEN_FILES:
            source.hold()
    return overwritten


def _preload() -> None:
    with contextlib.suppress(ImportError):
        import numpy  # noqa: F401
        import safetensors  # noqa: F401


def state_dict_root(state_dict: StateDict) -> Dict:
    """The state dict as the tree of a file that holds nothing else: an OrderedDict with torch's `_metadata`.

    Tensors of classes of their own become plain ones, which `torch.load(weights_only=True)` knows.
    """
    plain: dict[int, Tensor] = {}
    entries: list[tuple[Value, Value]] = [(name, _as_tensor(item, plain)) for name, item in state_dict.entries.items()]
    if state_dict.kind == "module":
        # What the module's own `state_dict()` would have saved: detached tensors, not Parameters.
        detached: dict[int, Tensor] = {}
        entries = [(name, _detached(value, detached)) for name, value in entries]
    state: Value = ABSENT
    if state_dict.versions is not None:
        versions: list[tuple[Value, Value]] = list(state_dict.versions.items())
        state = Dict([("_metadata", Dict(versions, ORDERED_DICT))])
    return Dict(entries, ORDERED_DICT, state=state)


def _as_tensor(value: Value, done: dict[int, Tensor]) -> Value:
    """An array of numpy or a tensor of a class of its own as the torch tensor that every loader of weights knows."""
    if type(value) is not Tensor or value.form is None:
        return value
    if value.form.subclass == NDARRAY:
        return value.with_changes(form=None)
    if not _becomes_plain(value):
        return value
    if id(value) not in done:
        form = replace(value.form, subclass=None, state=None)
        kind = "parameter" if value.kind == "parameter" else "tensor"
        done[id(value)] = value.with_changes(kind=kind, form=None if value.is_plain else form)
    return done[id(value)]


def _detached(value: Value, done: dict[int, Tensor]) -> Value:
    if type(value) is not Tensor or (value.kind == "tensor" and not value.requires_grad):
        return value
    if id(value) not in done:
        form = value.form
        plain = form is None or (value.is_plain and form.subclass is None)
        done[id(value)] = value.with_changes(kind="tensor", requires_grad=False, form=None if plain else form)
    return done[id(value)]


def _format(path: str, options: ExportOptions) -> Format:
    if options.format is not None:
        if options.format not in get_args(Format):
            raise ExportError("unknown-export-format", format=options.format)
        return options.format
    if path.lower().endswith(INDEX_SUFFIX):
        return "safetensors"
    found = SUFFIXES.get(os.path.splitext(path)[1].lower())
    if found is None:
        raise ExportError("unknown-export-suffix", path=path)
    return found


def _target_notices(path: str, chosen: Format) -> Iterable[Message]:
    suffix = os.path.splitext(path)[1].lower()
    said = SUFFIXES.get(suffix)
    if said is not None and (said == "safetensors") != (chosen == "safetensors"):
        yield message("suffix-says-otherwise", suffix=suffix, format=chosen)
    hard = atomic.hard_link_notice(path)
    if hard is not None:
        yield hard


def _plan_pickled(
    checkpoint: Checkpoint, options: ExportOptions, path: str, chosen: Format, notices: list[Message]
) -> ExportPlan:
    replacements: Mapping[int, Value] = {}
    if options.whole:
        from ckpt_studio.formats.whole_tree import whole_replacements

        root, replacements = checkpoint.root, whole_replacements(checkpoint)
    else:
        root = state_dict_root(checkpoint.active_state_dict)
        if set(checkpoint.metadata) - {"format"}:
            notices.append(message("metadata-dropped", count=len(set(checkpoint.metadata) - {"format"})))
        notices += _beside_notices(checkpoint)
        notices += _class_notices(checkpoint.active_state_dict)
    classes: set[Global] = set()
    found = leaves(root, replacements, classes)
    named = dict(_names(checkpoint, None if options.whole else root))
    names = [named.get(id(leaf), f"{leaf.storage.key}#{index}") for index, leaf in enumerate(found)]
    _require_present(dict(zip(names, found, strict=True)))
    storages = StoragePlan(found)
    if chosen == "pth-legacy":
        _require_legacy(names, found, storages)
    notices += _slice_notices(found, storages)
    if any(leaf.storage.byteorder == "big" for leaf in found):
        notices.append(message("byteorder-turned"))
    count = sum(type(leaf) is Tensor for leaf in found)
    pickled = Pickled(root, replacements, storages, tuple(found))
    weights_only = all(map(is_weights_only, classes))
    return ExportPlan(
        checkpoint, options, path, chosen, count, storages.nbytes, tuple(notices), weights_only, pickled=pickled
    )


def _names(checkpoint: Checkpoint, root: Dict | None) -> Iterator[tuple[int, str]]:
    """(id, name) of every tensor that has a name, and of the parts of sparse ones."""
    entries = [pair for state_dict in checkpoint.state_dicts for pair in state_dict.entries.items()]
    for name, value in [*entries, *(root.items if root is not None else ())]:
        yield id(value), str(name)
        if type(value) is Tensor and value.form is not None:
            yield from ((id(part), str(name)) for _, part in value.form.parts)


def _require_legacy(names: Sequence[str], found: Sequence[Tensor | BareStorage], storages: StoragePlan) -> None:
    """Raises when torch could not load what is to be written: the legacy container knows typed storages only.

    `torch.load` asks the class of every storage for its dtype, which `UntypedStorage` has not
    (`torch/serialization.py`, `_legacy_load`).
    """
    problems: list[Message] = []
    for name, leaf in zip(names, found, strict=True):
        if leaf.dtype is not None and leaf.dtype.storage_class is None:
            problems.append(message("legacy-dtype", name=name, dtype=leaf.dtype.name))
        elif leaf.dtype is None or storages.slot(leaf).dtype is None:
            problems.append(message("legacy-untyped", name=name))
    if problems:
        first = problems[0].fields["name"]
        raise ExportError("legacy-cannot-hold", count=len(problems), first=first, problems=problems)


def _plan_safetensors(checkpoint: Checkpoint, options: ExportOptions, path: str, notices: list[Message]) -> ExportPlan:
    state_dict = checkpoint.active_state_dict
    tensors = state_dict.tensors
    problems = safetensors_writer.problems(tensors)
    if problems:
        raise ExportError("cannot-hold", count=len(problems), first=problems[0].fields["name"], problems=problems)
    _require_present(tensors)
    notices += _beside_notices(checkpoint)
    notices += _safetensors_notices(state_dict)
    metadata = {**checkpoint.metadata, **(options.metadata or {})}
    for key, value in metadata.items():
        if safetensors_writer.has_surrogate(key) or safetensors_writer.has_surrogate(value):
            raise ExportError("metadata-surrogate", key=key)
    layout = shards = None
    if options.max_shard_size is not None:
        shards = lay_out_shards(tensors, metadata, path, options.max_shard_size)
    if shards is None:
        layout = safetensors_writer.lay_out(tensors, metadata)
    nbytes = sum(value_nbytes(tensor) for tensor in tensors.values())
    plan = ExportPlan(
        checkpoint, options, path, "safetensors", len(tensors), nbytes, tuple(notices), layout=layout, shards=shards
    )
    for made in plan.layouts:
        if len(made.header) - 8 > safetensors_writer.MAX_HEADER:
            raise ExportError("safetensors-header-too-big", size=len(made.header), limit=safetensors_writer.MAX_HEADER)
    if not options.overwrite:
        for file in plan.files:
            if os.path.exists(file) and not os.path.isdir(file):
                raise ExportError("target-exists", path=file)
    return plan


def _beside_notices(checkpoint: Checkpoint) -> Iterable[Message]:
    """Says which values shared the mapping with the tensors, but are no part of the state dict."""
    state_dict = checkpoint.active_state_dict
    beside = [
        key for key in beside_tensors(state_dict) if checkpoint.patches.get((*state_dict.path, key)) is not ABSENT
    ]
    if beside:
        yield message("entries-dropped", count=len(beside), first=beside[0])


def _safetensors_notices(state_dict: StateDict) -> Iterable[Message]:
    tensors = state_dict.tensors
    others = [name for name in state_dict.entries if name not in tensors]
    if others:
        yield message("values-dropped", count=len(others), first=others[0])
    found = list(tensors.values())
    storages = StoragePlan(found)
    sharing: dict[int, int] = {}
    for tensor in found:
        sharing[id(storages.slot(tensor))] = sharing.get(id(storages.slot(tensor)), 0) + 1
    tied = sum(count for count in sharing.values() if count > 1)
    extra = state_dict.nbytes - storages.nbytes
    if tied and extra > 0:
        yield message("ties-copied", count=tied, extra=extra)
    yield from _slice_notices(found, storages)
    gaps = sum(not tensor.is_contiguous for tensor in found)
    if gaps:
        yield message("made-contiguous", count=gaps)
    formed = [name for name, tensor in tensors.items() if _loses_class(tensor)]
    if formed:
        yield message("forms-dropped", count=len(formed), first=formed[0])
    if any(tensor.storage.byteorder == "big" for tensor in found):
        yield message("byteorder-turned")


def _loses_class(tensor: Tensor) -> bool:
    form = tensor.form
    return form is not None and form.subclass is not None and form.subclass != NDARRAY


def _becomes_plain(tensor: Tensor) -> bool:
    """Whether the tensor can do without its class: what a wrapper holds has no meaning but to its class."""
    return _loses_class(tensor) and tensor.form is not None and tensor.form.layout not in ("wrapper", "nested")


def _class_notices(state_dict: StateDict) -> Iterable[Message]:
    """Says which tensors of classes of their own become plain ones, and which cannot."""
    classed = {name: tensor for name, tensor in state_dict.tensors.items() if _loses_class(tensor)}
    plain = [name for name, tensor in classed.items() if _becomes_plain(tensor)]
    if plain:
        yield message("classes-dropped", count=len(plain), first=plain[0])
    kept = [name for name, tensor in classed.items() if not _becomes_plain(tensor)]
    if kept:
        form = classed[kept[0]].form
        yield message("classes-kept", count=len(kept), first=kept[0], cls=str(form.subclass if form else ""))


def _slice_notices(found: Iterable[Tensor | BareStorage], storages: StoragePlan) -> Iterable[Message]:
    """Says when much less is written than the source's storages hold."""
    held = {id(leaf.storage): leaf.storage.nbytes for leaf in found}
    used: dict[int, int] = {}
    for slot in storages.slots:
        used[id(slot.data.storage)] = used.get(id(slot.data.storage), 0) + slot.nbytes
    larger = {key for key, nbytes in held.items() if nbytes > used[key]}
    if larger:
        count = sum(id(leaf.storage) in larger for leaf in found)
        yield message("slices-saved", count=count, saved=sum(held[key] - used[key] for key in larger))


def _require_present(tensors: Mapping[str, Tensor | BareStorage]) -> None:
    """Raises when values that are to be written are not there."""
    problems: list[Message] = []
    first = ""
    for name, tensor in tensors.items():
        absent = _absent(tensor.storage.source)
        start, end = used_range(tensor)
        if absent is not None and end > start:
            reason = message(absent.code, **absent.fields)
            problems.append(message("absent-tensor", name=name, reason=reason))
            first = first or name
    if problems:
        raise ExportError("tensors-absent", count=len(problems), first=first, problems=problems)


def _absent(source: ByteSource) -> AbsentBytes | None:
    """The absent bytes that a source is or is computed from."""
    while not isinstance(source, AbsentBytes):
        base = getattr(source, "base", None)
        if not isinstance(base, Storage):
            return None
        source = base.source
    return source


def _source_files(plan: ExportPlan) -> list[SourceFile]:
    """Every file the export reads, each once."""
    files = {id(file): file for file in plan.checkpoint.source.files}
    sources: list[ByteSource]
    if plan.pickled is not None:
        sources = [slot.data.storage.source for slot in plan.pickled.storages.slots]
    else:
        sources = [item.tensor.storage.source for layout in plan.layouts for item in layout.placed]
    for source in sources:
        extent = source.extent()
        if extent is not None:
            files[id(extent.file)] = extent.file
    return list(files.values())


def _require_space(plan: ExportPlan, draft: atomic.Draft, sources: Sequence[SourceFile]) -> bool:
    """Whether blocks can be shared; raises before anything is written when they cannot and the disk is too small."""
    if any(sharing.can_share(draft.fd, source) for source in sources):
        return True
    free = shutil.disk_usage(os.path.dirname(draft.path)).free
    if plan.nbytes > free:
        raise ExportError("disk-too-small", path=plan.target, needed=plan.nbytes, free=free)
    return False


def _write(plan: ExportPlan, layout: safetensors_writer.Layout | None, sink: Sink) -> dict[str, Streamed]:
    """Writes the content; where it lies what was computed on the way, by tensor name or slot key."""
    if layout is not None:
        return safetensors_writer.write_safetensors(sink, layout)
    pickled = plan.pickled
    assert pickled is not None
    legacy = plan.format == "pth-legacy"
    data = dumps(pickled.root, pickled.storages, replacements=pickled.replacements, view_metadata=legacy)
    return (write_legacy if legacy else write_zip)(sink, data, pickled.storages)


def _same_file(first: str, second: str) -> bool:
    try:
        return os.path.samefile(first, second)
    except OSError:
        return False


__all__ = ["SUFFIXES", "ExportOptions", "ExportPlan", "Format", "SaveOutcome", "export", "plan_export"]
