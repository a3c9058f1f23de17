"""Compiles Qt's translation sources (.ts) into what `QTranslator` loads (.qm), with nothing but Python.

The sources are collected by `packaging/dev.py translations`, whose command is `extraction` below: it adds the texts
that are new in the program to each .ts file, drops those that are gone, and lists what is left to translate. A new
language begins as a .ts file that holds only `<TS version="2.1" language="…"/>`.

Building a wheel must not need Qt's own tools. The layout of a .qm file is that of `QTranslatorPrivate` and of
`qm.cpp` in Qt's linguist: a magic number, then blocks of (tag, big-endian length, bytes). A message is found by
the ELF hash of its source text and comment, and told from others by its context.
"""

from __future__ import annotations

import struct
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRANSLATIONS = ROOT / "resources" / "translations"

_MAGIC = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")
_HASHES, _MESSAGES, _LANGUAGE, _NUMERUS_RULES = 0x42, 0x69, 0xA7, 0x88
_END, _TRANSLATION, _SOURCE, _CONTEXT, _COMMENT = 1, 3, 6, 7, 8

# numerus.cpp: languages with one plural form have no rule; English and its like: "n == 1" first.
_PLURAL_RULES = {"zh": b"", "ja": b"", "ko": b"", "en": b"\x01\x01", "de": b"\x01\x01", "es": b"\x01\x01"}


@dataclass(frozen=True)
class Entry:
    """One message of a .ts file; `forms` holds one text, or one for each plural form; empty when unfinished."""

    context: str
    source: str
    comment: str
    forms: tuple[str, ...]
    finished: bool


def entries(source: Path) -> Iterator[Entry]:
    """The messages of a .ts file that the program still uses."""
    for context in ElementTree.parse(source).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            translation = message.find("translation")
            kind = translation.get("type", "") if translation is not None else "unfinished"
            if translation is None or kind in ("vanished", "obsolete"):
                continue
            plural = [form.text or "" for form in translation.findall("numerusform")]
            forms = tuple(plural) if plural else (translation.text or "",)
            yield Entry(
                name,
                message.findtext("source", ""),
                message.findtext("comment", ""),
                forms,
                finished=kind != "unfinished" and all(forms),
            )


def extraction(lupdate: Path, target: Path) -> list[str]:
    """The command that brings a .ts file up to date with the program, with `pyside6-lupdate` at this path."""
    rooms = [ROOT / "ckpt_studio" / room for room in ("gui", "wording")]
    modules = [str(path) for room in rooms for path in sorted(room.rglob("*.py"))]
    options = ["-silent", "-no-obsolete", "-source-language", "en_US", "-locations", "none"]
    return [str(lupdate), *options, *modules, "-ts", str(target)]


def _elf_hash(data: bytes) -> int:
    value = 0
    for byte in data:
        value = ((value << 4) + byte) & 0xFFFFFFFF
        high = value & 0xF0000000
        if high:
            value ^= high >> 24
        value &= ~high
    return value or 1


def _block(tag: int, body: bytes) -> bytes:
    return struct.pack(">BI", tag, len(body)) + body


def compiled(source: Path) -> bytes:
    """The bytes of the .qm file for a .ts file. Unfinished messages are left out and show in English."""
    language = ElementTree.parse(source).getroot().get("language", "")
    messages = b""
    places: list[tuple[int, int]] = []
    for entry in sorted(entries(source), key=lambda e: (e.context, e.source, e.comment)):
        if not entry.finished:
            continue
        text, comment = entry.source.encode(), entry.comment.encode()
        places.append((_elf_hash(text + comment), len(messages)))
        for form in entry.forms:
            messages += _block(_TRANSLATION, form.encode("utf-16-be"))
        if comment:
            messages += _block(_COMMENT, comment)
        messages += _block(_SOURCE, text) + _block(_CONTEXT, entry.context.encode()) + bytes([_END])
    hashes = b"".join(struct.pack(">II", *place) for place in sorted(places))
    rules = _PLURAL_RULES[language.partition("_")[0]]
    return (
        _MAGIC
        + _block(_LANGUAGE, language.encode())
        + _block(_HASHES, hashes)
        + _block(_MESSAGES, messages)
        + (_block(_NUMERUS_RULES, rules) if rules else b"")
    )


def compile_all(folder: Path = TRANSLATIONS) -> list[Path]:
    """Compiles each .ts of the folder whose .qm is missing or older; the paths it wrote."""
    written = []
    for source in sorted(folder.glob("*.ts")):
        target = source.with_suffix(".qm")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.write_bytes(compiled(source))
            written.append(target)
    return written


if __name__ == "__main__":
    for path in compile_all(Path(sys.argv[1]) if len(sys.argv) > 1 else TRANSLATIONS):
        print(path.name)
