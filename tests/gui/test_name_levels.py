"""How names divide into the rows of a level: as if each was looked at alone, however few of them are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ckpt_studio.gui.name_levels import divided, divided_among, level_of

NAMES = st.lists(
    st.lists(st.sampled_from(["a", "b", "ab", "", "10", "1"]), min_size=1, max_size=3).map(".".join), unique=True
)


def one_by_one(names: Sequence[str], offset: int, indices: Sequence[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i in indices:
        part, dot, _ = names[i][offset:].partition(".")
        found.setdefault(part + dot, []).append(i)
    return found


def as_lists(found: dict[str, Sequence[int]]) -> list[tuple[str, list[int]]]:
    return [(part, list(indices)) for part, indices in found.items()]


@given(NAMES, st.sampled_from(["", "module.", "model.a."]), st.data())
def test_all_and_some_of_the_names(names: list[str], prefix: str, data: st.DataObject) -> None:
    names = [prefix + name for name in names]
    level = level_of(names, len(prefix))
    everything = range(len(names))
    assert as_lists(divided(level, everything)) == list(one_by_one(names, len(prefix), everything).items())
    some = sorted(data.draw(st.sets(st.sampled_from(everything)))) if names else []
    # Positions in a file count from its first name; the group may begin later.
    moved = [i + 7 for i in some]
    found = as_lists(divided_among(level, 7, moved))
    assert found == [(part, [i + 7 for i in where]) for part, where in one_by_one(names, len(prefix), some).items()]


def test_a_common_part_is_one_run() -> None:
    names = [f"model.{i}.weight" for i in range(10_000)]
    assert level_of(names, 0).parts == ["model."]
    assert as_lists(divided_among(level_of(names, 0), 0, [3, 9_999])) == [("model.", [3, 9_999])]
