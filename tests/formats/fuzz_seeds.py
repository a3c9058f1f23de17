"""Small files of every container that is read, made by torch: what fuzzing begins with, besides the corpus.

Files that belong together lie in a folder of their own; which of them is opened may differ from which is mutated.
"""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import json
import shutil
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckpt_studio.formats.export import export, plan_export
from ckpt_studio.formats.opening import open_checkpoint

torch: Any = importlib.import_module("torch") if importlib.util.find_spec("torch") else None


@dataclass(frozen=True)
class Seed:
    """A file to be mutated, and what is then opened: itself, another file of its folder, or the folder ("")."""

    path: Path
    opened: str

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"


def _state() -> dict[str, Any]:
    shared = torch.arange(24.0)
    state: dict[str, Any] = {f"layers.{i}.weight": torch.full((2, 3), float(i)) for i in range(60)}
    state |= {f"layers.{i}.bias": torch.nn.Parameter(shared[i % 8 : i % 8 + 2]) for i in range(60)}
    return state


def _zip(folder: Path) -> str:
    # Past 256 memo entries tensors are read in one step.
    torch.save(_state(), folder / "zip.pt")
    return "zip.pt"


def _ours(folder: Path) -> str:
    torch.save(_state(), folder / "theirs")
    export(plan_export(open_checkpoint(folder / "theirs"), folder / "ours.pth"))
    (folder / "theirs").unlink()
    return "ours.pth"


def _legacy(folder: Path) -> str:
    torch.save(_state(), folder / "legacy.pt", _use_new_zipfile_serialization=False)
    return "legacy.pt"


def _big_endian_legacy(folder: Path) -> str:
    torch.save({"a": torch.ones(2)}, folder / "big.pt", _use_new_zipfile_serialization=False)
    data = (folder / "big.pt").read_bytes()
    (folder / "big.pt").write_bytes(data[:-16] + data[-16:-8][::-1] + data[-8:])
    return "big.pt"


def _rezipped(folder: Path, name: str, change: Callable[[str, bytes], bytes], method: int) -> str:
    torch.save({"a": torch.ones(40), "b": [torch.zeros(2, dtype=torch.int16)]}, folder / "plain")
    with zipfile.ZipFile(folder / "plain") as source, zipfile.ZipFile(folder / name, "w", method) as target:
        for item in source.infolist():
            target.writestr(item.filename, change(item.filename, source.read(item)))
    (folder / "plain").unlink()
    return name


def _big_endian_zip(folder: Path) -> str:
    return _rezipped(folder, "big.pt", lambda n, data: b"big" if n.endswith("byteorder") else data, zipfile.ZIP_STORED)


def _deflated(folder: Path) -> str:
    return _rezipped(folder, "deflated.pt", lambda _, data: data, zipfile.ZIP_DEFLATED)


def _kinds(folder: Path) -> str:
    values = torch.randn(2, 4)
    scales, points = torch.tensor([0.1, 0.2]), torch.tensor([1, 2])
    state = {
        "tensor": torch.quantize_per_tensor(values, 0.1, 3, torch.quint8),
        "channel": torch.quantize_per_channel(values, scales, points, 0, torch.qint8),
        "coo": values.to_sparse(),
        "csr": values.to_sparse_csr(),
        "bsr": values.to_sparse_bsr((2, 2)),
        "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        "jagged": torch.nested.nested_tensor([torch.ones(2, 2), torch.ones(3, 2)], layout=torch.jagged),
        "meta": torch.zeros(2, device="meta"),
        "conj": torch.ones(2, dtype=torch.complex64).conj(),
        "fp8": torch.zeros(3, dtype=torch.float8_e4m3fn),
        "array": values.numpy(),
        "storage": torch.FloatStorage(3),
    }
    torch.save(state, folder / "kinds.pt")
    return "kinds.pt"


def _module(folder: Path) -> str:
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LSTM(3, 2))
    torch.save({"model": network, "optimizer": torch.optim.Adam(network.parameters())}, folder / "module.pt")
    return "module.pt"


def _script(folder: Path) -> str:
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 3)), folder / "script.pt")
    return "script.pt"


def _package(folder: Path) -> str:
    with torch.package.PackageExporter(folder / "package.pt") as exporter:
        exporter.extern("torch.**")
        exporter.save_pickle("model", "model.pkl", torch.nn.Linear(2, 3).state_dict())
    return "package.pt"


def _program(folder: Path) -> str:
    network = torch.nn.Linear(2, 3)
    torch.export.save(torch.export.export(network, (torch.zeros(1, 2),)), folder / "program.pt2")
    return "program.pt2"


def _sharded_bin(folder: Path) -> str:
    names = {"a": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}
    for key, name in names.items():
        torch.save({key: torch.ones(2)}, folder / name)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": names}))
    return "pytorch_model.bin.index.json"


def _distributed(folder: Path) -> str:
    checkpoints = importlib.import_module("torch.distributed.checkpoint")
    checkpoints.save({"model": {"a": torch.ones(3, 4)}, "epoch": 7}, checkpoint_id=folder, no_dist=True)
    return ""


def _safetensors(folder: Path) -> str:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    position = 0
    dtypes = {"F4": 1, "F6_E2M3": 3, "F8_E4M3": 4, "F8_E8M0": 4, "BF16": 8, "I64": 32, "BOOL": 4, "C64": 32}
    for dtype, nbytes in sorted(dtypes.items(), key=lambda item: -item[1]):
        shape = [2] if dtype == "F4" else [4]
        header[f"of {dtype}"] = {"dtype": dtype, "shape": shape, "data_offsets": [position, position + nbytes]}
        position += nbytes
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(position))
    return "model.safetensors"


def _compressed(folder: Path) -> str:
    joblib = b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}X\x05\0\0\0shape)sb\x10" + bytes(40)
    (folder / "joblib").write_bytes(joblib)
    (folder / "joblib.z").write_bytes(zlib.compress(joblib))
    (folder / "joblib.gz").write_bytes(gzip.compress(joblib))
    return "joblib"


_MAKERS: dict[str, Callable[[Path], str]] = {
    "zip": _zip, "ours": _ours, "legacy": _legacy, "big-endian-legacy": _big_endian_legacy,
    "big-endian-zip": _big_endian_zip, "deflated": _deflated, "kinds": _kinds, "module": _module, "script": _script,
    "package": _package, "pt2": _program, "sharded-bin": _sharded_bin, "distributed": _distributed,
    "safetensors": _safetensors, "compressed": _compressed,
}  # fmt: skip


def make_seeds(folder: Path) -> list[Seed]:
    """Makes a folder of files for each container; every file in them is a seed. None without torch."""
    found: list[Seed] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, maker in _MAKERS.items() if torch is not None else ():
            place = folder / name
            place.mkdir()
            opened = maker(place)
            for path in sorted(path for path in place.iterdir() if path.is_file()):
                found.append(Seed(path, path.name if name == "compressed" else opened))
                if name == "sharded-bin" and path.suffix == ".bin":
                    found.append(Seed(path, path.name))
    return found


def corpus_seeds(corpus: Path, names: tuple[str, ...], folder: Path) -> list[Seed]:
    """Copies of real files, each in a folder of its own."""
    found: list[Seed] = []
    for number, name in enumerate(names):
        if (corpus / name).is_file():
            place = folder / f"corpus-{number}"
            place.mkdir()
            found.append(Seed(Path(shutil.copy(corpus / name, place)), Path(name).name))
    return found
