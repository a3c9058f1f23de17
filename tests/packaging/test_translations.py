"""Every text of the window is translated, keeps its fields, and is found in the file that Qt loads."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QTranslator

from ckpt_studio.wording import templates

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


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each .ts file as `packaging/dev.py translations` would leave it, by name; the real ones stay as they are."""
    folder = tmp_path_factory.mktemp("extracted")
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        compiler = importlib.import_module("compile_translations")
    finally:
        sys.path.remove(str(ROOT / "packaging"))
        del sys.modules["compile_translations"]
    for source in SOURCES:
        copy = folder / source.name
        copy.write_bytes(source.read_bytes())
        command = compiler.extraction(Path(sys.executable).with_name("pyside6-lupdate"), copy)
        subprocess.run(command, check=True, capture_output=True)
    return {path.name: path for path in folder.iterdir()}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_text_is_translated(source: Path, extracted: dict[str, Path], compiler: Any) -> None:
    """What is listed was forgotten: run `packaging/dev.py translations` and translate it."""
    assert [f"{e.context}: {e.source}" for e in compiler.entries(extracted[source.name]) if not e.finished] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_no_text_is_stale(source: Path, extracted: dict[str, Path], compiler: Any) -> None:
    """What is listed is no longer in the program: `packaging/dev.py translations` drops it."""
    kept = {(e.context, e.source, e.comment) for e in compiler.entries(extracted[source.name])}
    assert [e for e in compiler.entries(source) if (e.context, e.source, e.comment) not in kept] == []


def test_lupdate_sees_every_text(extracted: dict[str, Path], compiler: Any) -> None:
    """Every literal that the program asks Qt to translate, and every sentence of the lower rooms, is collected."""
    seen = {(e.context, e.source) for e in compiler.entries(next(iter(extracted.values())))}
    assert {("messages", text) for text in templates().values()} - seen == set()
    asked: set[tuple[str, str]] = set()
    unreadable: list[str] = []
    for path in sorted((ROOT / "ckpt_studio" / "gui").rglob("*.py")):
        for place, context, text in _asked(ast.parse(path.read_text(encoding="utf-8")), ""):
            if text is None:
                unreadable.append(f"{path.name}:{place}")
            else:
                asked.add((context, text))
    assert asked - seen == set()
    # Texts that are looked up by a variable: each is a table whose texts are marked where they stand.
    assert {name.partition(":")[0] for name in unreadable} <= {"actions.py", "recipe_fields.py", "wording.py"}


def _asked(node: ast.AST, inside: str) -> Iterator[tuple[int, str, str | None]]:
    """(line, context, text) of each call that translates; None for a text that is no literal."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
            on = child.func.value
            if child.func.attr == "tr" and isinstance(on, ast.Name) and on.id == "self":
                yield child.lineno, inside, _literal(child.args[0])
            elif child.func.attr == "translate" and isinstance(on, ast.Name) and on.id == "QCoreApplication":
                yield child.lineno, _literal(child.args[0]) or "", _literal(child.args[1])
        yield from _asked(child, child.name if isinstance(child, ast.ClassDef) else inside)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _finished(compiler: Any, source: Path) -> list[tuple[str, str]]:
    return [(e.source, form) for e in compiler.entries(source) if e.finished for form in e.forms]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_translations_keep_their_fields(source: Path, compiler: Any) -> None:
    fields = re.compile(r"\{[a-z_]*[^{}]*\}|%n|%L?\d")
    wrong = [
        (text, form)
        for text, form in _finished(compiler, source)
        if sorted(set(fields.findall(text))) != sorted(set(fields.findall(form)))
    ]
    assert wrong == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_translations_keep_their_access_keys(source: Path, compiler: Any) -> None:
    """One key where the source has one, on the same letter unless the language has letters of its own."""

    def keys(text: str) -> list[str]:
        return [] if text.startswith("<") else [key.upper() for key in re.findall(r"&(\w)", text.replace("&&", ""))]

    pairs = _finished(compiler, source)
    assert [(text, form) for text, form in pairs if len(keys(text)) != len(keys(form))] == []
    if source.stem.endswith("zh_CN"):
        assert [(text, form) for text, form in pairs if keys(text) != keys(form)] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_translations_keep_their_shape(source: Path, compiler: Any) -> None:
    """Dots that announce a dialog, spaces around the text, line breaks, and quotes in pairs."""

    def shape(text: str) -> tuple[bool, int, int]:
        bare = re.sub(r"\(&\w\)", "", text)
        return bare.endswith("…"), len(text) - len(text.lstrip()), text.count("\n")

    pairs = _finished(compiler, source)
    assert [(text, form) for text, form in pairs if "…" in text and shape(text) != shape(form)][:3] == []
    assert [form for _, form in pairs if form.count("“") != form.count("”")] == []
    # A straight quote belongs to something to type, and is one in the source too.
    assert [form for text, form in pairs if '"' in form and '"' not in text] == []


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
