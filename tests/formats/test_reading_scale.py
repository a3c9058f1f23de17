"""Size does not matter: 120,000 tensors in 400 shards of a terabyte, and 100,000 in one file, within their bounds."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

SHARDS = 400
TENSORS = 300
SECONDS = 5.0
MEMORY = 400 << 20
TENSOR_BYTES = (1 << 40) // (SHARDS * TENSORS) // 8192 * 8192

# Times are processor time: the machine that runs the tests does other things too.
CHILD = """
import json, sys, time
before = time.process_time()
from ckpt_studio.formats.opening import open_checkpoint
checkpoint = open_checkpoint(sys.argv[1])
seconds = time.process_time() - before
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
print(json.dumps({"seconds": seconds, "peak": peak,
                  "tensors": len(checkpoint.active_state_dict.tensors), "bytes": checkpoint.active_state_dict.nbytes}))
"""


def measured(path: Path) -> dict[str, float]:
    """Seconds, peak memory in bytes, tensors and bytes of opening `path` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, float] = json.loads(done.stdout)
    return result


def write_shard(path: Path, names: list[str]) -> None:
    """A safetensors file whose tensors are a hole in the file."""
    header = {}
    for number, name in enumerate(names):
        offsets = [number * TENSOR_BYTES, (number + 1) * TENSOR_BYTES]
        header[name] = {"dtype": "BF16", "shape": [TENSOR_BYTES // 8192, 4096], "data_offsets": offsets}
    raw = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        file.truncate(8 + len(raw) + TENSOR_BYTES * len(names))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="sparse files and memory as Linux has them")
def test_a_terabyte_in_400_shards(tmp_path: Path) -> None:
    weight_map = {}
    for shard in range(SHARDS):
        file = f"model-{shard + 1:05d}-of-{SHARDS:05d}.safetensors"
        names = [f"model.layers.{shard}.experts.{i}.weight" for i in range(TENSORS)]
        try:
            write_shard(tmp_path / file, names)
        except OSError:
            pytest.skip("this file system has no sparse files of this size")
        weight_map.update(dict.fromkeys(names, file))
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    result = measured(index)
    assert result["tensors"] == SHARDS * TENSORS
    assert result["bytes"] == SHARDS * TENSORS * TENSOR_BYTES
    assert result["seconds"] < SECONDS
    assert result["peak"] < MEMORY
