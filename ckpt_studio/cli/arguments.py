"""The words of a command line into options, as CLI.md lays them down."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from ckpt_studio.errors import UsageError

_VERBS = {
    "inspect": "list what a checkpoint holds",
    "compare": "would load_state_dict(strict=True) succeed, and if not, what would repair it",
    "identify": "which known architecture is this",
    "align": "map the names of a checkpoint to those of a model",
    "export": "apply edits and write the result",
    "diff": "compare the values of two checkpoints",
    "check": "is it safe, whole and healthy",
}

_EXIT = """exit status:
  0  done, nothing to report      1  done, and the answer is "no"
  2  bad input or usage           130  cancelled"""

_REF = """REF names a model, written as Python would call it, with literal arguments:
  torchvision:resnet34(num_classes=10)
  path/to/net.py:Net(depth=3)             runs that file in a separate process
  package.module:factory('name')
  path/to/other.pth                       another checkpoint (path::state.dict.path picks one inside)"""

_EDITS = (
    ("--strip-prefix", "P", "take a prefix off every name that has it"),
    ("--add-prefix", "P", "put a prefix before every name"),
    ("--rename", "OLD=NEW", "rename a tensor, or a group when OLD names one"),
    ("--regex", "PATTERN=>REPLACEMENT", r"Python re.sub on every name (\1, \g<name>)"),
    ("--pop", "GLOB", "remove tensors"),
    ("--keep", "GLOB", "remove all other tensors"),
    ("--cast", "DTYPE[:GLOB]", "convert floating tensors: float16, bfloat16, float32 ..."),
    ("--device", "DEVICE", "change the recorded device"),
    ("--recipe", "FILE.json", "apply the edits of a recipe"),
)
_MODEL_EDITS = (
    ("--align", "rename by automatic mapping"),
    ("--drop-unexpected", "remove tensors that the model does not have"),
    ("--drop-mismatched", "remove tensors whose shapes differ from the model's"),
    ("--fill-missing", "add what is missing from the model's own initialisation"),
    ("--resize-mismatched", "fit tensors whose shapes differ (heads by rows, positions by interpolation)"),
)


def overview() -> str:
    """The text of `ckpt-studio --help`."""
    verbs = "\n".join(f"  ckpt-studio {name:<9} …   {what}" for name, what in _VERBS.items())
    return f"""Ckpt Studio: open, inspect, repair and save PyTorch checkpoints without running code from them.

usage:
  ckpt-studio [FILE …]        open the window, or the files in the window that is open already
  ckpt-studio --new-window …  open a window of its own
{verbs}
  ckpt-studio VERB --help     the options of a verb
  ckpt-studio --version

every verb takes --json, --quiet and --state-dict PATH (which state dict inside the file; default: detected)

{_EXIT}"""


def help_text(verb: str) -> str:
    """The text of `ckpt-studio VERB --help`."""
    return parser_of(verb).format_help().rstrip()


def parse(verb: str, words: Sequence[str]) -> argparse.Namespace | None:
    """The options of a verb; None when its help is asked for.

    `export` gets `edits`: (word, value) pairs in the order given.

    Raises:
        UsageError: "usage", with argparse's reason.
    """
    if "--help" in words or "-h" in words:
        return None
    return parser_of(verb).parse_args(list(words))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError("usage", reason=message, verb=self.prog.split()[-1])


class _Append(argparse.Action):
    """Collects the edits in the order of the command line, whatever their kinds."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        namespace.edits = [*namespace.edits, ((option or "").lstrip("-"), values if self.nargs != 0 else None)]


def parser_of(verb: str) -> argparse.ArgumentParser:
    """The parser of a verb; completions and the manual page are held to it."""
    takes_model = verb in ("compare", "align", "export")
    parser = _Parser(
        prog=f"ckpt-studio {verb}",
        description=f"{_VERBS[verb][0].upper()}{_VERBS[verb][1:]}.",
        epilog=f"{_REF}\n\n{_EXIT}" if takes_model else _EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", help="the checkpoint")
    if verb == "diff":
        parser.add_argument("other", metavar="OTHER", help="the checkpoint to compare it with")
    if verb == "export":
        parser.add_argument("output", metavar="OUT", help="where to write; its suffix says the format")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress and no remarks")
    parser.add_argument("--state-dict", metavar="PATH", help="which state dict inside FILE (default: detected)")
    if takes_model:
        parser.add_argument(
            "--with", dest="model", metavar="REF", required=verb != "export", help="the model to compare with"
        )
        parser.add_argument("--python", metavar="INTERPRETER", help="the Python that runs the model's code")
    if verb == "inspect":
        parser.add_argument("--stats", action="store_true", help="read the values: min, max, mean, std, NaN, Inf")
    if verb == "identify":
        parser.add_argument("--top", metavar="N", type=_positive, default=5, help="how many candidates (default 5)")
    if verb == "export":
        _add_export(parser)
    return parser


def _add_export(parser: argparse.ArgumentParser) -> None:
    edits = parser.add_argument_group("edits, applied in the order given")
    parser.set_defaults(edits=[])
    for word, value, text in _EDITS:
        edits.add_argument(word, metavar=value, action=_Append, help=text.replace("%", "%%"))
    repairs = parser.add_argument_group("edits that need --with REF")
    for word, text in _MODEL_EDITS:
        repairs.add_argument(word, nargs=0, action=_Append, help=text)
    repairs.add_argument("--seed", metavar="N", type=int, default=0, help="seed of the initialisation (default 0)")
    writing = parser.add_argument_group("writing")
    writing.add_argument("--format", choices=("pth", "safetensors", "pth-legacy"), help="instead of OUT's suffix")
    writing.add_argument("--whole", action="store_true", help="keep everything else in the file too (.pth only)")
    writing.add_argument(
        "--metadata", metavar="K=V", action="append", default=[], type=_pair, help="safetensors metadata"
    )
    writing.add_argument("--force", action="store_true", help="replace OUT if it exists")
    writing.add_argument("--max-shard-size", metavar="SIZE", type=parse_size, help="split into files of at most 5GB …")
    writing.add_argument("--save-recipe", metavar="FILE.json", help="write the edits as a recipe")


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return number


_UNITS = {
    "": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}  # fmt: skip


def parse_size(text: str) -> int:
    """Bytes of "5GB", "200MB", "4GiB" or a plain number; decimal units as transformers reads them.

    Raises:
        argparse.ArgumentTypeError: it is no size.
    """
    number = text.strip().rstrip("BbKkMmGgTtIi")
    unit = text.strip()[len(number) :].upper()
    try:
        size = round(float(number) * _UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        size = 0
    if size < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 5GB")
    return size
