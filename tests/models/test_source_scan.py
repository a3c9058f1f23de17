"""Classes and factories found by parsing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckpt_studio.errors import ModelError
from ckpt_studio.models.source_scan import Candidate, scan

SOURCE = '''
"""Some nets."""
import torch.nn as nn
import torch
from torch.nn import Module, functional as F
from pytorch_lightning import LightningModule
from timm.layers import SomethingElse
raise SystemExit("never run")

class Block(nn.Module):
    def __init__(self, width: int, /, stride=1, *rest, act="relu", **more): ...

class Net(Base0 := Module):
    pass

class Model(Block):
    """The whole thing.

    More."""
    def __init__(self, depth: int, width=64, *, classes: int = 10): self.block = Block(1)

class Inherits(Model):
    pass

class Wrapped(LightningModule):
    def __init__(self, config): ...

class Maybe(SomethingElse):
    def forward(self, x): ...

class Data:
    class Inner(torch.nn.Sequential): ...
    def forward(self): ...

class Generic(Block, metaclass=type): ...

def resnet(depth, pretrained=False):
    """A ResNet."""
    model = Model(depth)
    return model

def typed() -> nn.Module: ...

def build_model(name): return REGISTRY[name]()

def pair():
    return Model(1), 3

def train(): return 3
def _private(): return Model(1)
if True:
    class Conditional(Model): ...
'''.replace("Base0 := Module", "Module")


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Candidate]:
    path = tmp_path / "nets.py"
    path.write_text(SOURCE, encoding="utf-8")
    return {candidate.qualname: candidate for candidate in scan(path)}


def test_what_is_found(found: dict[str, Candidate]) -> None:
    assert {name: candidate.certain for name, candidate in found.items()} == {
        "Block": True, "Net": True, "Model": True, "Inherits": True, "Wrapped": False, "Maybe": False,
        "Data.Inner": True, "Generic": True, "resnet": True, "typed": True, "build_model": False, "pair": True,
        "Conditional": True,
    }  # fmt: skip
    assert found["resnet"].kind == "function"
    assert found["Model"].summary == "The whole thing."


def test_the_outermost_model_comes_before_its_parts(found: dict[str, Candidate]) -> None:
    order = list(found)
    assert order.index("Inherits") < order.index("Block")
    assert order.index("resnet") < order.index("Maybe")


def test_arguments(found: dict[str, Candidate]) -> None:
    assert found["Block"].signature == "(width, stride=1, *rest, act='relu', **more)"
    assert found["Inherits"].signature == "(depth, width=64, *, classes=10)"
    depth, width, star, classes = found["Model"].parameters
    assert (depth.name, depth.required, depth.annotation, depth.default) == ("depth", True, "int", None)
    assert (width.default, width.required, star.name, classes.annotation) == ("64", False, "*", "int")
    assert found["typed"].signature == "()"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"class Net(:\n", "line 1"),
        (b"x = '\xff\xfe'\n", "encoding"),
        (b"# coding: no-such-coding\n", "no-such-coding"),
        (b"a\0b", "null"),
        (b"(" * 100_000, "net.py"),
        (b"x = " + b"-" * 100_000 + b"1", "net.py"),
    ],
)
def test_what_cannot_be_parsed_is_said(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        scan(path)
    assert caught.value.code == "model-syntax"
    assert words in str(caught.value)


def test_other_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes("# coding: latin-1\nimport torch.nn as nn\nclass Größe(nn.Module): 'ä'\n".encode("latin-1"))
    assert [candidate.qualname for candidate in scan(path)] == ["Größe"]
    path.write_bytes(b"\xef\xbb\xbfimport torch\nclass Net(torch.nn.Module): ...\n")
    assert [candidate.qualname for candidate in scan(path)] == ["Net"]


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "no.py", "model-file-missing"), (tmp_path, "model-file-unreadable")):
        with pytest.raises(ModelError) as caught:
            scan(path)
        assert caught.value.code == code


def test_the_class_beside_a_checkpoint_that_has_its_names(tmp_path: Path) -> None:
    from ckpt_studio.models.nearby import models_beside

    (tmp_path / "net.py").write_text(
        "import torch.nn as nn\n"
        "class Block(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv = None\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.stem, self.body = nn.Conv2d(3, 4, 1), Block()\n        self.head = nn.Linear(4, 2)\n"
    )
    (tmp_path / "broken.py").write_text("class Net(nn.Module:\n")
    names = ["module.stem.weight", "module.body.conv.weight", "module.head.weight", "module.head.bias"]
    (found,) = models_beside(str(tmp_path / "net.pth"), names)
    assert (found.candidate.qualname, found.share) == ("Net", 1.0)
    assert found.path == str(tmp_path / "net.py")
    assert models_beside(str(tmp_path / "net.pth"), ["other.weight", "more.weight"]) == []
    assert models_beside(str(tmp_path / "none" / "net.pth"), names) == []
