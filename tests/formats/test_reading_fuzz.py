"""Mutated real files and random opcodes: only our own errors come out of any parser."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckpt_studio.core.discovery import describe_value, walk
from ckpt_studio.errors import StudioError
from ckpt_studio.formats.opening import open_checkpoint
from tests.conftest import CORPUS
from tests.formats.fuzz_seeds import Seed, corpus_seeds, make_seeds

# Small real files; `fuzz_seeds` makes some of every container besides.
SEEDS = (
    "generated-gaps/bf16_tied.pt", "generated-gaps/tied_legacy.pt",
    "generated-gaps/dtypes.safetensors", "tch-rs/foo.pt",
    "generated-gaps/quant_per_channel.pt", "generated-gaps/sparse_coo.pt", "generated-gaps/whole_model.pt",
    "generated-gaps/protocol5.pt", "burn/burn-store/src/pytorch/reader/tar_weight_bias.tar",
    "3ddfa_v2/param_mean_std_62d_120x120.pkl", "pytorch-tests/py27_torch041_utf8_bytes.pt",
    "generated-gaps/dcp/.metadata", "generated-gaps/sharded/model.safetensors.index.json",
    "practical-pytorch/char-rnn-classification.pt", "matgl/MEGNet-MP-2018.6.1-Eform/model.pt", "skorch/net_cuda.pkl",
    "hostile/picklescan/data/malicious15a.pkl", "hostile/picklescan/data2/dns_exfiltration.npy",
)  # fmt: skip
SECONDS = 5.0


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few changes of the kinds that break parsers."""
    out = bytearray(data)
    # Headers, pickles and directories are short beside the storages; most changes go to the ends.
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        size = max(len(out), 1)
        at = chance.choice(
            (chance.randrange(size), chance.randrange(min(size, 400)), size - 1 - chance.randrange(min(size, 400)))
        )
        kind = chance.randrange(7)
        if kind == 0:
            out[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1 and out:
            out[min(at, len(out) - 1)] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del out[at : at + chance.choice((1, 2, 8, 100))]
        elif kind == 3:
            out[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 8))))
        elif kind == 4:
            out[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\x01\0\0\0"))
        elif kind == 5:
            source = chance.randrange(size)
            out[at:at] = out[source : source + chance.choice((1, 8, 64))]
        else:
            out[at : at + 1] = bytes([chance.choice(b"()0123]}RbQtus.cehjqr\x81\x85\x93\x8a\x8b\x8c\x8d\x94\x95")])
    return bytes(out)


def require_only_our_errors(path: Path) -> None:
    """Opens a file and looks at all that is in it."""
    before = time.process_time()
    try:
        opened = open_checkpoint(path)
        for number, (_, value) in enumerate(walk(opened.root)):
            if number < 2000:
                describe_value(value)
        for finding in opened.warnings:
            assert str(finding.message)
        for state_dict in opened.state_dicts:
            for tensor in list(state_dict.tensors.values())[:10]:
                source = tensor.storage.source
                source.read(0, min(source.nbytes, 16))
                source.extent()
    except StudioError as error:
        # Every error has its sentence.
        str(error)
    assert time.process_time() - before < SECONDS


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[Seed]:
    """Files of every container, and those of the corpus where it is."""
    folder = tmp_path_factory.mktemp("seeds")
    found = [*make_seeds(folder), *corpus_seeds(CORPUS, SEEDS, folder)]
    if not found:
        pytest.skip("neither torch, which makes files, nor the corpus of real ones is here")
    return found


def run(seeds: list[Seed], seed: int, seconds: float) -> int:
    """Mutates and opens one file after the other for so long; how many."""
    originals = {seed.path: seed.path.read_bytes() for seed in seeds}
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        chosen = seeds[number % len(seeds)]
        chosen.path.write_bytes(mutated(originals[chosen.path], random.Random(f"{seed}:{number}")))
        try:
            require_only_our_errors(chosen.path.parent / chosen.opened)
        except Exception as error:
            pytest.fail(f"case {seed}:{number} of {chosen.name}: {type(error).__name__}: {error}")
        finally:
            chosen.path.write_bytes(originals[chosen.path])
        number += 1
    return number


def test_seeds_open(seeds: list[Seed]) -> None:
    for seed in seeds:
        if "compressed" not in seed.name and "corpus" not in seed.name:
            assert open_checkpoint(seed.path.parent / seed.opened).state_dicts, seed.name


def test_mutated_files(seeds: list[Seed]) -> None:
    assert run(seeds, 1, 4.0) > 100


@pytest.mark.slow
def test_mutated_files_for_a_minute(seeds: list[Seed]) -> None:
    # The same cases in every run, so that a change is judged by what it did; CKPT_STUDIO_FUZZ_SEED walks new ground.
    seed = int(os.environ.get("CKPT_STUDIO_FUZZ_SEED", "20261122"))
    seconds = float(os.environ.get("CKPT_STUDIO_FUZZ_SECONDS", "60"))
    assert run(seeds, seed, seconds) > 1000


OPCODES = [bytes([code]) for code in b"()0123]}NRbQtusdealo.\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94"]
PIECES = st.sampled_from(
    [
        *OPCODES, b"K\x01", b"K\x00", b"q\x00",
        b"q\x01", b"h\x00", b"h\x01", b"r\x00\x01\x00\x00", b"j\x00\x01\x00\x00",
        b"X\x01\0\0\0a", b"X\x07\0\0\0storage",
        b"\x8c\x01b", b"ctorch._utils\n_rebuild_tensor_v2\n", b"ctorch\nFloatStorage\n",
        b"ccollections\nOrderedDict\n", b"ctorch._utils\n_rebuild_parameter\n",
        b"c__builtin__\nset\n", b"ctorch\nSize\n",
        b"cnumpy.core.multiarray\n_reconstruct\n", b"cnumpy\nndarray\n",
        b"cnumpy\ndtype\n", b"ccopy_reg\n_reconstructor\n",
        b"ctorch._tensor\n_rebuild_from_type_v2\n", b"ctorch._utils\n_rebuild_sparse_tensor\n", b"c_codecs\nencode\n",
        b"X\x0b\0\0\0_parametersX\x08\0\0\0_modules", b"X\x05\0\0\0stateX\x0c\0\0\0param_groups", b"ios\nsystem\n",
        b"ctorch._utils\n_rebuild_qtensor\n", b"ctorch._utils\n_rebuild_meta_tensor_no_storage\n", b"ctorch\nfloat32\n",
    ]
)  # fmt: skip


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(PIECES, max_size=60), protocol=st.sampled_from([b"", b"\x80\x02", b"\x80\x04"]))
def test_random_opcodes(tmp_path: Path, pieces: list[bytes], protocol: bytes) -> None:
    path = tmp_path / "file.pkl"
    path.write_bytes(protocol + b"".join(pieces) + b".")
    require_only_our_errors(path)
