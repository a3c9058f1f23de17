"""Code that only a recipe names is run when whoever exports names it, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
safetensors_numpy = pytest.importorskip("safetensors.numpy")
import numpy as np  # noqa: E402

from ckpt_studio.cli.main import main  # noqa: E402
from ckpt_studio.core.edits import FillMissing, Recipe  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402


@pytest.mark.slow
def test_a_recipes_code_runs_only_when_it_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, ran, out = tmp_path / "net.py", tmp_path / "ran", tmp_path / "out.safetensors"
    code.write_text(
        f"import torch.nn as nn\nopen({str(ran)!r}, 'w').close()\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.head = nn.Linear(4, 2)\n"
    )
    file, recipe = tmp_path / "in.safetensors", tmp_path / "recipe.json"
    safetensors_numpy.save_file({"stem.weight": np.ones(3, "f4")}, file)
    edit = FillMissing(str(tmp_path / "gone.safetensors"), ("head.weight",), f"{code}:Net()", 3)
    recipe.write_text(Recipe((edit,)).to_json(), encoding="utf-8")
    words = ["export", str(file), str(out), "--recipe", str(recipe), "--json"]
    assert main(words) != 0
    said = capsys.readouterr()
    assert json.loads(said.out or said.err)["error"]["code"] == "recipe-needs-code"
    assert not ran.exists()
    assert main([*words, "--with", f"{code}:Net()"]) == 0
    assert ran.exists()
    assert open_checkpoint(out).active_state_dict.tensors["head.weight"].shape == (2, 4)
