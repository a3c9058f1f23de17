"""REF as CLI.md writes it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from ckpt_studio.errors import ModelError
from ckpt_studio.models.reference import (
    CheckpointReference,
    FileReference,
    ImportReference,
    Reference,
    TorchvisionReference,
    parse_arguments,
    parse_reference,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torchvision:resnet34", TorchvisionReference("resnet34")),
        ("torchvision:resnet34()", TorchvisionReference("resnet34")),
        ("torchvision:resnet34(num_classes=10)", TorchvisionReference("resnet34", (), {"num_classes": 10})),
        ("torchvision:detection.ssd300_vgg16(91)", TorchvisionReference("detection.ssd300_vgg16", (91,))),
        ("path/to/net.py:Net(depth=3)", FileReference("path/to/net.py", "Net", (), {"depth": 3})),
        ("my nets/net 2.py:Net", FileReference("my nets/net 2.py", "Net")),
        (r"C:\nets\net.py:Outer.Net(-1)", FileReference(r"C:\nets\net.py", "Outer.Net", (-1,))),
        ("net.py:build({'a': [1, (2,)]}, 'x:y')", FileReference("net.py", "build", ({"a": [1, (2,)]}, "x:y"))),
        ("package.module:factory('name')", ImportReference("package.module", "factory", ("name",))),
        ("timm:create_model('resnet50', num_classes=7)",
         ImportReference("timm", "create_model", ("resnet50",), {"num_classes": 7})),
        ("path/to/other.pth", CheckpointReference("path/to/other.pth")),
        (r"C:\weights\other.pth", CheckpointReference(r"C:\weights\other.pth")),
        ("my file.pth::model.ema", CheckpointReference("my file.pth", "model.ema")),
        (r"C:\w.pth::state_dict", CheckpointReference(r"C:\w.pth", "state_dict")),
        ("w.pth::.", CheckpointReference("w.pth", "")),
    ],
)  # fmt: skip
def test_every_form_parses_and_is_written_back(text: str, expected: Reference) -> None:
    reference = parse_reference(text)
    assert reference == expected
    assert parse_reference(str(reference)) == expected
    assert hash(reference) == hash(parse_reference(str(reference)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "reference-empty"),
        ("  ", "reference-empty"),
        ("torchvision:", "reference-syntax"),
        ("torchvision:resnet34(", "reference-syntax"),
        ("torchvision:3", "reference-syntax"),
        ("torchvision:resnet34(num_classes=n)", "reference-not-literal"),
        ("torchvision:resnet34(__import__('os').system('x'))", "reference-not-literal"),
        ("net.py:Net(*[1])", "reference-not-literal"),
        ("net.py:Net(**{'a': 1})", "reference-not-literal"),
        ("net.py:Net(1 2)", "reference-syntax"),
        ("net.py", "reference-needs-class"),
        ("torchvision:f(" + "(" * 500 + ")" * 500 + ")", "reference-syntax"),
    ],
)
def test_what_does_not_parse_says_why(text: str, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_reference(text)
    assert caught.value.code == code
    assert str(caught.value)


def test_relative_paths_start_from_the_base(tmp_path: Path) -> None:
    assert parse_reference("net.py:Net", tmp_path) == FileReference(str(tmp_path / "net.py"), "Net")
    assert parse_reference("w.pth", tmp_path) == CheckpointReference(str(tmp_path / "w.pth"))
    reference = parse_reference("nets.small:Net", tmp_path)
    assert isinstance(reference, ImportReference)
    assert reference.base == str(tmp_path)


def test_a_file_that_exists_is_that_file(tmp_path: Path) -> None:
    odd = tmp_path / "a::b"
    odd.write_bytes(b"")
    assert parse_reference(str(odd)) == CheckpointReference(str(odd))


def test_infinite_numbers_survive() -> None:
    reference = parse_reference("torchvision:f(-1e999, x=[1e999])")
    assert parse_reference(str(reference)) == reference
    assert isinstance(reference, TorchvisionReference)
    assert math.isinf(reference.args[0])


def test_arguments_alone() -> None:
    assert parse_arguments("10, pretrained=False, ") == ((10,), {"pretrained": False})
    assert parse_arguments("") == ((), {})
    with pytest.raises(ModelError):
        parse_arguments("1), g(2")
    with pytest.raises(ModelError):
        parse_arguments("a")
