"""What is remembered of a recent file, so that it can be shown without being opened."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ckpt_studio.gui.settings import recent_files, settings, text_setting

_SETTING = "recent/facts"


@dataclass(frozen=True)
class RecentFacts:
    """One file as it was when it was open last.

    Attributes:
        architecture: its name ("" when nobody knew it).
        parameters: of its weights; 0 for a file without.
        dtypes: the commonest first.
        parts: bytes of its largest modules, the largest first.
        exported: the file that its result was exported to last; "" for none.
        nbytes: of all files together where there are several; 0 for a single file.
    """

    architecture: str = ""
    parameters: int = 0
    dtypes: tuple[str, ...] = ()
    parts: tuple[int, ...] = field(default=())
    exported: str = ""
    nbytes: int = 0


def recent_facts(path: str) -> RecentFacts:
    """What is known of a recent file; nothing of one that was never open."""
    entry = _stored().get(path, {})
    try:
        return RecentFacts(
            str(entry.get("architecture", "")),
            int(entry.get("parameters", 0)),
            tuple(str(name) for name in entry.get("dtypes", ())),
            tuple(int(size) for size in entry.get("parts", ())),
            str(entry.get("exported", "")),
            int(entry.get("nbytes", 0)),
        )
    except (TypeError, ValueError, AttributeError):
        return RecentFacts()


def remember_facts(path: str, facts: RecentFacts) -> None:
    """Keeps the facts of a file as long as it is one of the recent ones."""
    entries = _stored()
    entries[path] = asdict(facts)
    recent = set(recent_files())
    kept = {file: entry for file, entry in entries.items() if file in recent}
    settings().setValue(_SETTING, json.dumps(kept, ensure_ascii=False))


def remember_exported(path: str, target: str) -> None:
    """Keeps where the result of a recent file went."""
    remember_facts(path, replace(recent_facts(path), exported=target))


def _stored() -> dict[str, dict[str, Any]]:
    try:
        entries = json.loads(text_setting(_SETTING, "{}"))
    except ValueError:
        return {}
    return entries if isinstance(entries, dict) else {}
