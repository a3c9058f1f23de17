"""`torch.distributed.checkpoint` as several real ranks write it: each file holds pieces of every tensor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ckpt_studio.core.data import to_numpy  # noqa: E402
from ckpt_studio.formats.export import export, plan_export  # noqa: E402
from ckpt_studio.formats.opening import open_checkpoint  # noqa: E402

RANK = """
import os, sys, torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.tensor import DeviceMesh, Replicate, Shard, distribute_tensor
folder, rank, world = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
dist.init_process_group("gloo", init_method="file://" + folder + "/meeting", rank=rank, world_size=world)
mesh = DeviceMesh("cpu", list(range(world)))
whole = torch.arange(60.0).reshape(10, 6)
state = {"model": {
    "rows": distribute_tensor(whole, mesh, [Shard(0)]),
    "columns": distribute_tensor(whole.to(torch.bfloat16), mesh, [Shard(1)]),
    "everywhere": distribute_tensor(whole[:3], mesh, [Replicate()]),
    "plain": torch.arange(5),
}, "step": 7}
dcp.save(state, checkpoint_id=folder + "/saved")
dist.destroy_process_group()
"""


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_available() or sys.platform != "linux", reason="needs gloo")
def test_pieces_of_three_ranks_become_whole_tensors(tmp_path: Path) -> None:
    ranks = [
        subprocess.Popen([sys.executable, "-W", "ignore", "-c", RANK, str(tmp_path), str(rank), "3"])
        for rank in range(3)
    ]
    assert [rank.wait(timeout=240) for rank in ranks] == [0, 0, 0]
    assert len(list((tmp_path / "saved").glob("*.distcp"))) == 3
    opened = open_checkpoint(tmp_path / "saved")
    assert [finding for finding in opened.warnings if finding.severity != "note"] == []
    found = {name: tensor for state_dict in opened.state_dicts for name, tensor in state_dict.tensors.items()}
    whole = np.arange(60.0, dtype="f4").reshape(10, 6)
    expected = {"rows": whole, "columns": whole, "everywhere": whole[:3], "plain": np.arange(5)}
    assert {name.rsplit(".", 1)[-1] for name in found} == set(expected)
    for name, tensor in found.items():
        np.testing.assert_array_equal(to_numpy(tensor).astype("f8"), expected[name.rsplit(".", 1)[-1]])
    export(plan_export(opened, tmp_path / "out.pth"))
    loaded = torch.load(tmp_path / "out.pth", weights_only=True)
    assert len(loaded) == 4
    for name, tensor in loaded.items():
        np.testing.assert_array_equal(tensor.float().numpy(), expected[name.rsplit(".", 1)[-1]])


WRAPPED = """
import sys, torch
import torch.distributed as dist
from torch.distributed.tensor import DeviceMesh, Shard, distribute_tensor
folder = sys.argv[1]
dist.init_process_group("gloo", init_method="file://" + folder + "/meeting", rank=0, world_size=1)
wrapped = distribute_tensor(torch.arange(6.0).reshape(2, 3), DeviceMesh("cpu", [0]), [Shard(0)])
torch.save({"wrapped": wrapped, "plain": torch.ones(2)}, folder + "/file.pth")
dist.destroy_process_group()
"""


@pytest.mark.slow
@pytest.mark.skipif(not torch.distributed.is_available() or sys.platform != "linux", reason="needs gloo")
def test_wrapped_tensors_in_a_plain_file(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", WRAPPED, str(tmp_path)], check=True, timeout=240)
    opened = open_checkpoint(tmp_path / "file.pth")
    assert [finding for finding in opened.warnings if finding.severity != "note"] == []
    wrapped = opened.active_state_dict.tensors["wrapped"]
    assert wrapped.form is not None
    assert wrapped.form.layout == "wrapper"
    assert (wrapped.shape, wrapped.dtype.name) == ((2, 3), "float32")
    assert to_numpy(opened.active_state_dict.tensors["plain"]).tolist() == [1.0, 1.0]
