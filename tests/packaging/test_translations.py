"""Every text of the window is translated, keeps its fields, and is found in the file that Qt loads."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QTranslator

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "resources" / "translations").glob("*.ts"))

SAMPLE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>Window</name>
    <message><source>Open</source><translation>打开</translation></message>
    <message><source>Open</source><comment>state</comment><translation>已打开 &amp; 🎉</translation></message>
    <message><source>Later</source><translation type="unfinished"></translation></message>
    <message><source>Gone</source><translation type="vanished">没了</translation></message>
    <message numerus="yes">
        <source>%n tensors</source>
        <translation><numerusform>%n 个张量</numerusform></translation>
    </message>
</context>
<context>
    <name>messages</name>
    <message><source>Open</source><translation>打开它</translation></message>
</context>
</TS>
"""


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(ROOT / "packaging")
    import compile_translations

    yield compile_translations
    del sys.modules["compile_translations"]


def test_qt_reads_what_was_compiled(tmp_path: Path, compiler: Any) -> None:
    (tmp_path / "x.ts").write_text(SAMPLE, encoding="utf-8")
    assert compiler.compile_all(tmp_path) == [tmp_path / "x.qm"]
    assert compiler.compile_all(tmp_path) == []
    translator = QTranslator()
    assert translator.load(str(tmp_path / "x.qm"))
    assert translator.language() == "zh_CN"
    assert translator.translate("Window", "Open") == "打开"
    assert translator.translate("Window", "Open", "state") == "已打开 & 🎉"
    assert translator.translate("messages", "Open") == "打开它"
    assert translator.translate("Window", "%n tensors", "", 3) == "%n 个张量"
    assert translator.translate("Window", "Later") == ""
    assert translator.translate("Window", "Gone") == ""


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_text_of_the_source_is_in_the_file(source: Path, tmp_path: Path, compiler: Any) -> None:
    """Runs lupdate on a copy: what it adds was forgotten (`packaging/dev.py translations` adds it for real)."""
    copy = tmp_path / source.name
    copy.write_bytes(source.read_bytes())
    modules = [str(path) for room in ("gui", "wording") for path in sorted((ROOT / "ckpt_studio" / room).rglob("*.py"))]
    program = Path(sys.executable).with_name("pyside6-lupdate")
    subprocess.run([program, "-silent", "-locations", "none", *modules, "-ts", copy], check=True, capture_output=True)
    unfinished = [f"{e.context}: {e.source}" for e in compiler.entries(copy) if not e.finished]
    assert unfinished == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_translations_keep_their_fields(source: Path, compiler: Any) -> None:
    fields = re.compile(r"\{[a-z_]*[^{}]*\}|%n|%L?\d")
    wrong = [
        (entry.source, form)
        for entry in compiler.entries(source)
        for form in entry.forms
        if entry.finished and sorted(set(fields.findall(entry.source))) != sorted(set(fields.findall(form)))
    ]
    assert wrong == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_qt_finds_every_translation(source: Path, tmp_path: Path, compiler: Any) -> None:
    target = tmp_path / "all.qm"
    target.write_bytes(compiler.compiled(source))
    translator = QTranslator()
    assert translator.load(str(target))
    for entry in compiler.entries(source):
        if entry.finished:
            number = 2 if "%n" in entry.source else -1
            assert translator.translate(entry.context, entry.source, entry.comment, number) in entry.forms
