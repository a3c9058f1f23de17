"""Many files: what a folder holds, and the same changes for all of them."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import pytest

from ckpt_studio.compare.batch import BatchOptions, BatchResult, run_batch, target_of
from ckpt_studio.compare.folder import checkpoint_files, facts_of
from ckpt_studio.core.edits import PopMatching, Recipe, StripPrefix
from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import Cancelled, StudioError
from ckpt_studio.formats.export import ExportOptions, export, plan_export
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.resources import resource_path


def write(path: Path, names: list[str], metadata: dict[str, str] | None = None, value: float = 1.0) -> Path:
    """A safetensors file by hand: the format is a length, a JSON header and bytes."""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    for k, name in enumerate(names):
        header[name] = {"dtype": "F32", "shape": [2], "data_offsets": [8 * k, 8 * k + 8]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + struct.pack("<2f", value, 2.0) * len(names))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    source.mkdir()
    write(source / "a.safetensors", ["module.w", "module.b"], {"epoch": "12"})
    write(source / "b.safetensors", ["w", "b"])
    export(plan_export(open_checkpoint(source / "a.safetensors"), source / "c.pth.tar", ExportOptions(format="pth")))
    (source / "broken.pth").write_bytes(b"not a checkpoint at all" * 20)
    (source / "notes.txt").write_text("hello")
    (source / "deep").mkdir()
    write(source / "deep" / "d.safetensors", ["x"])
    return source


def names(paths: object) -> list[str]:
    return [os.path.basename(path) for path in paths]  # type: ignore[attr-defined]


def test_lists_what_ends_like_a_checkpoint(folder: Path) -> None:
    assert names(checkpoint_files(str(folder))) == ["a.safetensors", "b.safetensors", "broken.pth", "c.pth.tar"]
    assert "d.safetensors" in names(checkpoint_files(str(folder), below=True))
    write(folder / "m-00001-of-00002.safetensors", ["w"])
    assert "m-00001-of-00002.safetensors" in names(checkpoint_files(str(folder)))
    (folder / "m.safetensors.index.json").write_text("{}")
    listed = names(checkpoint_files(str(folder)))
    assert "m.safetensors.index.json" in listed
    assert "m-00001-of-00002.safetensors" not in listed
    with pytest.raises(StudioError):
        list(checkpoint_files(str(folder / "nowhere")))


def test_says_what_a_file_is(folder: Path) -> None:
    facts = facts_of(str(folder / "a.safetensors"))
    assert (facts.tensors, facts.parameters, facts.dtype, facts.epoch) == (2, 4, "float32", "12")
    assert facts.format == "safetensors"
    assert facts.nbytes == (folder / "a.safetensors").stat().st_size
    assert facts.error is None
    sample = facts_of(str(resource_path("sample.pth")))
    assert sample.architecture == "small_resnet", "what the file itself calls it"
    broken = facts_of(str(folder / "broken.pth"))
    assert broken.error is not None
    assert str(broken.error)
    assert facts_of(str(folder / "gone.pth")).error is not None


def test_recipe_and_conversion_for_each_and_a_report(folder: Path, tmp_path: Path) -> None:
    paths = list(checkpoint_files(str(folder)))
    told: list[BatchResult] = []
    options = BatchOptions(str(tmp_path / "out"), Recipe((StripPrefix("module."),)), format="pth", dtype="float16")
    results = run_batch(paths, options, on_result=told.append)
    assert told == results
    by_name = {os.path.basename(result.path): result for result in results}
    done = by_name["a.safetensors"]
    assert done.outcome is not None
    assert done.outcome.verified
    written = open_checkpoint(done.target).active_state_dict
    assert list(written.entries) == ["w", "b"]
    assert {tensor.dtype.name for tensor in written.tensors.values()} == {"float16"}
    assert by_name["b.safetensors"].error is not None
    assert "does not fit" in str(by_name["b.safetensors"].error)
    assert not (tmp_path / "out" / "b.pth").exists()
    assert by_name["broken.pth"].error is not None
    assert by_name["c.pth.tar"].outcome is not None
    assert sorted(os.listdir(tmp_path / "out")) == ["a.pth", "c.pth"]


def test_lenient_leaves_out_what_does_not_fit(folder: Path, tmp_path: Path) -> None:
    recipe = Recipe((StripPrefix("module."), PopMatching("b")))
    (result,) = run_batch([str(folder / "b.safetensors")], BatchOptions(str(tmp_path / "out"), recipe, lenient=True))
    assert result.error is None
    assert result.target.endswith("b.safetensors")
    assert any("left out" in str(notice).lower() for notice in result.notices)
    assert list(open_checkpoint(result.target).active_state_dict.entries) == ["w"]


def test_never_overwrites_without_being_told(folder: Path, tmp_path: Path) -> None:
    paths = [str(folder / "a.safetensors")]
    before = (folder / "a.safetensors").read_bytes()
    (result,) = run_batch(paths, BatchOptions(str(folder), Recipe((StripPrefix("module."),))))
    assert result.error is not None
    assert result.error.code == "target-exists"
    assert (folder / "a.safetensors").read_bytes() == before
    (result,) = run_batch(paths, BatchOptions(str(folder), Recipe((StripPrefix("module."),)), overwrite=True))
    assert result.error is None
    assert list(open_checkpoint(folder / "a.safetensors").active_state_dict.entries) == ["w", "b"]


def test_two_files_of_one_name_are_told(folder: Path, tmp_path: Path) -> None:
    first, second = folder / "a.safetensors", write(folder / "deep" / "a.safetensors", ["x"])
    results = run_batch([str(first), str(second)], BatchOptions(str(tmp_path / "out"), overwrite=True))
    assert results[0].error is None
    assert results[1].error is not None
    assert results[1].error.code == "batch-same-target"
    assert len(open_checkpoint(results[0].target).active_state_dict.entries) == 2


def test_overflow_is_told(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    path = write(folder / "big.safetensors", ["w"], value=1e30)
    (result,) = run_batch([str(path)], BatchOptions(str(tmp_path / "out"), dtype="float16"))
    assert any("float16" in str(notice) for notice in result.notices)


def test_cancel_leaves_the_files_before_done(folder: Path, tmp_path: Path) -> None:
    progress = Progress()
    paths = [str(folder / "a.safetensors"), str(folder / "b.safetensors")]
    with pytest.raises(Cancelled):
        run_batch(paths, BatchOptions(str(tmp_path / "out")), progress, lambda result: progress.cancel())
    assert os.listdir(tmp_path / "out") == ["a.safetensors"]


def test_progress_grows_to_the_end(folder: Path, tmp_path: Path) -> None:
    steps: list[float] = []
    progress = Progress(lambda step: steps.append(step.done / step.total))
    run_batch(
        [str(folder / "a.safetensors"), str(folder / "b.safetensors")], BatchOptions(str(tmp_path / "o")), progress
    )
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


@pytest.mark.parametrize(
    ("name", "format_", "read", "target"),
    [
        ("a.pth.tar", None, "torch-zip", "a.pth.tar"),
        ("a.PT", None, "torch-zip", "a.PT"),
        ("a.pth", None, "torch-zip", "a.pth"),
        ("m.bin.index.json", None, "sharded", "m.bin"),
        ("a.pt2", None, "exported-program", "a.pth"),
        ("a.safetensors", None, "torch-zip", "a.pth"),
        ("a.ckpt", None, "safetensors", "a.safetensors"),
        ("a.npz", None, "npz", "a.npz.pth"),
        ("a.pth.tar", "safetensors", "torch-zip", "a.safetensors"),
        ("v1.2.bin", "pth", "torch-zip", "v1.2.pth"),
        ("m.safetensors.index.json", None, "sharded", "m.safetensors"),
        ("m.safetensors", "pth-legacy", "safetensors", "m.pth"),
        (".pth", None, "torch-zip", ".pth.pth"),
    ],
)
def test_names_of_results(name: str, format_: str, read: str, target: str) -> None:
    assert os.path.basename(target_of(f"/x/{name}", BatchOptions("/y", format=format_), read)) == target  # type: ignore[arg-type]


def test_target_folder_that_cannot_be_made(folder: Path) -> None:
    with pytest.raises(StudioError, match="cannot be made"):
        run_batch([], BatchOptions(str(folder / "a.safetensors" / "sub")))
