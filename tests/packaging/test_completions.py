"""What the shells complete and the manual lists is what the program takes: nothing less, and nothing else."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ckpt_studio.cli import main as cli
from ckpt_studio.cli.arguments import overview, parser_of

LINUX = Path(__file__).resolve().parents[2] / "packaging" / "linux"
CASES = ["", *cli.VERBS]


def taken(verb: str) -> set[str]:
    """The long options of a verb; of the window and the program itself for ""."""
    if not verb:
        usage = overview().split("every verb")[0]
        return {*re.findall(r"ckpt-studio (--[a-z-]+)", usage), "--help"}
    actions = parser_of(verb)._actions
    return {word for action in actions for word in action.option_strings if word.startswith("--")}


def choices(option: str) -> set[str]:
    """The values that an option of `export` is limited to."""
    found = next(action for action in parser_of("export")._actions if option in action.option_strings)
    return set(found.choices or ())


def shell(name: str) -> str:
    """The path of a shell; the test is skipped where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def said(*words: str) -> str:
    """What a program prints; it must not complain."""
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("verb", CASES)
def test_bash(verb: str) -> None:
    ask = f"""source {LINUX / "completion.bash"}
COMP_WORDS=(ckpt-studio {verb} --); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _ckpt_studio; echo "${{COMPREPLY[@]}}" """
    assert set(said(shell("bash"), "-c", ask).split()) == taken(verb)


def test_bash_completes_verbs_and_values() -> None:
    ask = f"""source {LINUX / "completion.bash"}
COMP_WORDS=(ckpt-studio insp); COMP_CWORD=1; _ckpt_studio; echo "${{COMPREPLY[@]}}"
COMP_WORDS=(ckpt-studio export a.pth b.pth --format ""); COMP_CWORD=5; _ckpt_studio; echo "${{COMPREPLY[@]}}" """
    verb, formats = said(shell("bash"), "-c", ask).splitlines()
    assert verb == "inspect"
    assert set(formats.split()) == choices("--format")


@pytest.mark.parametrize("verb", CASES)
def test_fish(verb: str) -> None:
    """Read as text everywhere, and asked of fish itself where it is installed."""
    text = (LINUX / "completion.fish").read_text(encoding="utf-8")
    found: set[str] = set()
    loop: list[str] = []
    for line in text.splitlines():
        if line.startswith("for option in "):
            loop = line.removeprefix("for option in ").split()
        condition = re.search(r'-n "(.+?)"', line)
        option = re.search(r"-l (\S+)", line)
        if "complete -c" not in line or option is None or (condition and not _holds(condition[1], verb)):
            continue
        found |= {f"--{name}" for name in (loop if option[1] == "$option" else [option[1]])}
    assert found == taken(verb)
    fish = shutil.which("fish")
    if fish is not None:
        ask = f'source {LINUX / "completion.fish"}; complete -C "ckpt-studio {verb} --"'
        assert {line.split("\t")[0] for line in said(fish, "--no-config", "-c", ask).splitlines()} == taken(verb)


def _holds(condition: str, verb: str) -> bool:
    """Whether a condition of completion.fish is true after the verb."""
    named = condition.partition("__fish_seen_subcommand_from ")[2].split()
    among = verb in (cli.VERBS if named == ["$verbs"] else named)
    return not among if condition.startswith("not ") else among


@pytest.mark.parametrize("verb", CASES)
def test_zsh(verb: str) -> None:
    """Read as text everywhere, and run by zsh where it is installed, with its completion functions played by us."""
    text = (LINUX / "completion.zsh").read_text(encoding="utf-8")
    branches = dict(re.findall(r"^  ([a-z|*]+)\) (.*?) ;;", text, flags=re.MULTILINE | re.DOTALL))
    branch = next(body for names, body in branches.items() if verb in names.split("|") or names == "*")
    common = re.search(r"^common=\((.*)\)$", text, flags=re.MULTILINE)
    assert common is not None
    branch = branch.replace("$common", common[1])
    for group in re.findall(r"--'\{(.+?)\}", branch):
        branch += "".join(f" --{name}" for name in group.split(","))
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", branch)) == taken(verb)
    zsh = shutil.which("zsh")
    if zsh is not None:
        told = said(zsh, "-f", "-c", f"""_arguments() {{ print -rl -- "$@" }}
run() {{ local -a words; words=(ckpt-studio {verb} --); local CURRENT=${{#words}}; source {LINUX / "completion.zsh"} }}
run""")  # fmt: skip
        assert set(re.findall(r"^\*?(--[a-z-]+)", told, flags=re.MULTILINE)) == taken(verb)


@pytest.mark.parametrize("name", ["bash", "fish", "zsh"])
def test_every_verb_is_completed(name: str) -> None:
    text = (LINUX / f"completion.{name}").read_text(encoding="utf-8")
    listed = {
        "bash": r'verbs="(.+?)"',
        "fish": r"set -l verbs (.+)",
        "zsh": r"verbs=\(\n(.+?)\n\)",
    }
    found = re.search(listed[name], text, flags=re.DOTALL if name == "zsh" else 0)
    assert found is not None
    words = re.findall(r"'(\w+):", found[1]) if name == "zsh" else found[1].split()
    assert set(words) == set(cli.VERBS)
    if name == "fish":
        assert set(re.findall(r"-a (\w+) -d", text)) == set(cli.VERBS)


def test_the_manual_page() -> None:
    text = (LINUX / "ckpt-studio.1").read_text(encoding="utf-8").replace(r"\-", "-")
    listed = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*", text))
    assert listed == set().union(*map(taken, CASES))
    assert set(re.findall(r'^\.BI (\w+) "', text, flags=re.MULTILINE)) == set(cli.VERBS)


def test_arguments_of_verbs_in_the_manual_page() -> None:
    text = (LINUX / "ckpt-studio.1").read_text(encoding="utf-8")
    for verb in cli.VERBS:
        line = re.search(rf'^\.BI {verb} "([^"]*)"', text, flags=re.MULTILINE)
        assert line is not None
        wanted = [
            str(action.metavar)
            for action in parser_of(verb)._actions
            if not action.option_strings and not isinstance(action, argparse._HelpAction)
        ]
        assert line[1].split() == wanted
