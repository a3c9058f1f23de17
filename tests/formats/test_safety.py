"""What a stock torch.load would execute: compared with picklescan on the corpus, and case by case."""

from __future__ import annotations

import logging
import pickle
import struct
from pathlib import Path

import pytest

from ckpt_studio.core.checkpoint import Finding
from ckpt_studio.core.tree import Global
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.opening import open_checkpoint
from ckpt_studio.formats.safety import danger_of, is_plain

# What picklescan calls dangerous in benign files: a partial is a function kept for later, as harmless as the function
# it holds, which is judged by itself; here it is a warning.
ONLY_A_WARNING = {("functools", "partial")}


def findings(path: Path) -> tuple[Finding, ...]:
    try:
        return open_checkpoint(path).warnings
    except StudioError:
        return ()


def test_nothing_that_picklescan_flags_is_missed(corpus: Path) -> None:
    scanner = pytest.importorskip("picklescan.scanner")
    logging.disable(logging.CRITICAL)
    try:
        flagged = 0
        for path in sorted(file for file in corpus.rglob("*") if file.is_file()):
            try:
                scanned = scanner.scan_file_path(str(path)).globals
            except Exception:
                # Archives of kinds that need further packages.
                continue
            dangerous = {(g.module, g.name) for g in scanned if g.safety == scanner.SafetyLevel.Dangerous}
            if not dangerous:
                continue
            found = findings(path)
            flagged += 1
            if dangerous <= ONLY_A_WARNING:
                assert any(f.severity in ("danger", "warning") for f in found), path
            else:
                assert any(f.severity == "danger" for f in found), path
        assert flagged > 40
    finally:
        logging.disable(logging.NOTSET)


def test_no_benign_file_is_called_dangerous(corpus: Path) -> None:
    for path in sorted(file for file in corpus.rglob("*") if file.is_file()):
        if "hostile" not in path.relative_to(corpus).parts:
            assert not [f for f in findings(path) if f.severity == "danger"], path


@pytest.mark.parametrize(
    ("module", "name", "kind"),
    [
        ("os", "system", "command"),
        ("posix", "popen", "command"),
        ("subprocess", "Popen", "command"),
        ("builtins", "eval", "code"),
        ("__builtin__", "execfile", "code"),
        ("builtins", "__import__", "code"),
        ("builtins", "open", "file"),
        ("runpy", "run_path", "code"),
        ("ctypes", "CDLL", "code"),
        ("importlib", "import_module", "code"),
        ("socket", "create_connection", "network"),
        ("urllib.request", "urlopen", "network"),
        ("operator", "methodcaller", "code"),
        ("shutil", "rmtree", "file"),
        ("pickle", "loads", "pickle"),
        ("torch", "load", "code"),
        ("torch.serialization", "os.system", "command"),
        ("torch.hub", "load", "code"),
        ("numpy", "load", "file"),
        ("numpy.testing._private.utils", "runstring", "code"),
        ("pip", "main", "command"),
        ("webbrowser", "open", "command"),
        ("types", "CodeType", "code"),
        ("uuid", "_get_command_stdout", "command"),
        ("pandas.io.pickle", "os.system", "command"),
    ],
)
def test_dangers(module: str, name: str, kind: str) -> None:
    assert danger_of(Global(module, name)) == kind
    assert not is_plain(Global(module, name))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("collections", "OrderedDict"),
        ("torch._utils", "_rebuild_tensor_v2"),
        ("torch", "FloatStorage"),
        ("torch", "float8_e4m3fn"),
        ("torch", "Size"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("argparse", "Namespace"),
        ("uuid", "UUID"),
        ("pathlib", "PosixPath"),
        ("datetime", "datetime"),
        ("_codecs", "encode"),
        ("copy_reg", "_reconstructor"),
        ("__torch__.torch.nn.modules.linear", "Linear"),
    ],
)
def test_plain_data(module: str, name: str) -> None:
    assert danger_of(Global(module, name)) is None
    assert is_plain(Global(module, name))


class Calls:
    """Pickles as a call of any function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> object:
        return self.call


def severities(tmp_path: Path, data: bytes) -> dict[str, str]:
    path = tmp_path / "file.pkl"
    path.write_bytes(data)
    return {f.message.code: f.severity for f in open_checkpoint(path).warnings}


def test_words_name_the_call(tmp_path: Path) -> None:
    path = tmp_path / "file.pkl"
    path.write_bytes(b"\x80\x02cos\nsystem\nX\x06\0\0\0rm -rf\x85R.")
    (found,) = open_checkpoint(path).warnings
    assert (found.code, found.severity, found.where) == ("unsafe-global", "danger", "pickle")
    assert "os.system('rm -rf')" in str(found.message)


def test_a_clean_file_has_no_findings(tmp_path: Path) -> None:
    assert severities(tmp_path, pickle.dumps({"a": [1, 2.5, "x", None, b"y", {3}, (4,)]})) == {}


def test_chains_of_lookups(tmp_path: Path) -> None:
    assert severities(tmp_path, pickle.dumps([Calls(getattr, "text", "upper")])) == {"unsafe-getter": "warning"}
    chain = b"\x80\x02c__builtin__\ngetattr\nX\x04\0\0\0textX\x05\0\0\0upper\x86R)R."
    assert severities(tmp_path, chain)["unsafe-getter"] == "danger"


def test_a_member_of_an_enum_pickled_by_name(tmp_path: Path) -> None:
    def asked(module: str, name: str, member: str, then: bytes = b".") -> dict[str, str]:
        owner = f"c__builtin__\ngetattr\nc{module}\n{name}\n".encode()
        return severities(
            tmp_path, b"\x80\x02" + owner + b"X" + struct.pack("<I", len(member)) + member.encode() + b"\x86R" + then
        )

    metadata = "torch.distributed.checkpoint.metadata"
    assert asked(metadata, "_MEM_FORMAT_ENCODING", "TORCH_CONTIGUOUS_FORMAT") == {"needs-torch-classes": "note"}
    # What is then called, is private, or belongs to something unknown is told.
    assert asked(metadata, "_MEM_FORMAT_ENCODING", "mro", b")R.")["unsafe-getter"] == "danger"
    assert asked(metadata, "_MEM_FORMAT_ENCODING", "__subclasses__")["unsafe-getter"] == "warning"
    assert asked("project", "Mode", "A")["unsafe-getter"] == "warning"
    assert asked("os", "path", "join")["unsafe-getter"] == "warning"


def test_changing_a_class(tmp_path: Path) -> None:
    data = b"\x80\x02ctorch.nn\nLinear\n}X\x07\0\0\0forwardK\x01sb."
    assert severities(tmp_path, data)["unsafe-built-class"] == "danger"


def test_a_second_pickle(tmp_path: Path) -> None:
    data = pickle.dumps({"a": 1}) + b"\x80\x02cos\nsystem\nX\x01\0\0\0x\x85R."
    found = severities(tmp_path, data)
    assert found == {"finding-trailing-pickle": "warning", "unsafe-command": "danger"}


def test_dangerous_and_damaged(tmp_path: Path) -> None:
    data = b"\x80\x02cos\nsystem\nX\x01\0\0\0x\x85Rhello"
    assert severities(tmp_path, data) == {"unsafe-command": "danger", "finding-damaged-pickle": "warning"}
