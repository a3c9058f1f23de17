"""Names of one convention find those of another; the mapping is explained, and applied as one edit."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import pytest

from ckpt_studio.compare.align import Alignment, align, alignment_edit
from ckpt_studio.core.checkpoint import Checkpoint, Source, StateDict
from ckpt_studio.core.dtypes import FLOAT32
from ckpt_studio.core.edits import ApplyMapping, edit_from_json, edit_to_json
from ckpt_studio.core.storage import MemoryBytes, Storage
from ckpt_studio.core.tensor import contiguous
from ckpt_studio.errors import EditError
from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.skeleton import Entry, Skeleton

CATALOG = Catalog.load()
Shapes = dict[str, tuple[int, ...]]


def skeleton_of(shapes: Mapping[str, tuple[int, ...]]) -> Skeleton:
    return Skeleton("x", "x", tuple(Entry(name, shape, "float32") for name, shape in shapes.items()))


def baked(name: str) -> Skeleton:
    skeleton = CATALOG.skeleton(name)
    assert skeleton is not None
    return skeleton


def as_pairs(found: Alignment) -> dict[str, str]:
    return {pair.source: pair.target for pair in found.pairs}


def detectron(name: str) -> str:
    """torchvision's ResNet in detectron2's names."""
    name = re.sub(r"^conv1\.", "stem.conv1.", name)
    name = re.sub(r"^bn1\.", "stem.conv1.norm.", name)
    name = re.sub(r"layer(\d)", lambda m: f"res{int(m[1]) + 1}", name)
    name = re.sub(r"bn(\d)\.", r"conv\1.norm.", name)
    return name.replace("downsample.0", "shortcut").replace("downsample.1", "shortcut.norm").replace("fc.", "linear.")


def flat(name: str) -> str:
    """A made-up convention: underscores, other words."""
    parts = name.replace("features", "trunk").replace("classifier", "top").split(".")
    return "_".join(parts[:-1]) + "." + parts[-1]


def upper(name: str) -> str:
    return "Net/" + name.replace(".weight", ".kernel").replace(".bias", ".beta_").replace("beta_", "bias")


def prefixed(name: str) -> str:
    return "module.model." + name


def old_densenet(name: str) -> str:
    return re.sub(r"(norm|conv)([12])\.", r"\1.\2.", name)


CASES: list[tuple[str, Callable[[str], str]]] = [
    ("resnet50", detectron), ("resnet18", detectron), ("mobilenet_v2", prefixed), ("densenet121", old_densenet),
    ("efficientnet_b0", flat), ("vgg16_bn", flat), ("swin_t", prefixed), ("vit_b_16", upper), ("resnet34", flat),
    ("maskrcnn_resnet50_fpn", flat), ("googlenet", prefixed), ("convnext_tiny", flat),
]  # fmt: skip


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
@pytest.mark.parametrize(("name", "rename"), CASES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_renamed_torchvision_models(name: str, rename: Callable[[str], str], ordered: bool) -> None:
    skeleton = baked(name)
    shapes = {rename(entry.name): entry.shape for entry in skeleton.entries}
    found = align(shapes if ordered else dict(sorted(shapes.items())), skeleton)
    assert as_pairs(found) == {rename(entry.name): entry.name for entry in skeleton.entries}
    assert found.unmatched_source == found.unmatched_target == ()


def llama(layers: int, meta: bool) -> Shapes:
    names = (
        ("attention.wq", "attention.wk", "attention.wv", "attention.wo", "feed_forward.w1", "feed_forward.w2",
         "feed_forward.w3", "attention_norm", "ffn_norm")
        if meta
        else ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj",
              "mlp.down_proj", "mlp.up_proj", "input_layernorm", "post_attention_layernorm")
    )  # fmt: skip
    shapes = ((64, 64), (64, 64), (64, 64), (64, 64), (160, 64), (64, 160), (160, 64), (64,), (64,))
    result: Shapes = {"tok_embeddings.weight" if meta else "model.embed_tokens.weight": (99, 64)}
    for layer in range(layers):
        prefix = f"layers.{layer}." if meta else f"model.layers.{layer}."
        result |= {f"{prefix}{name}.weight": shape for name, shape in zip(names, shapes, strict=True)}
    result["norm.weight" if meta else "model.norm.weight"] = (64,)
    result["output.weight" if meta else "lm_head.weight"] = (99, 64)
    return result


@pytest.mark.parametrize("ordered", [True, False], ids=["file order", "sorted"])
@pytest.mark.parametrize("layers", [4, 80])
@pytest.mark.parametrize("from_meta", [True, False])
def test_llama_in_both_conventions(layers: int, from_meta: bool, ordered: bool) -> None:
    source, target = llama(layers, from_meta), llama(layers, not from_meta)
    expected = dict(zip(source, target, strict=True))
    found = align(source if ordered else dict(sorted(source.items())), skeleton_of(target))
    assert as_pairs(found) == expected


def test_rules_are_few_and_readable() -> None:
    skeleton = baked("resnet50")
    found = align({detectron(entry.name): entry.shape for entry in skeleton.entries}, skeleton)
    patterns = {(rule.source, rule.target) for rule in found.rules}
    assert ("res{n}.{m}.conv{k}.norm.*", "layer{n-1}.{m}.bn{k}.*") in patterns
    assert len(found.rules) <= 10
    assert sum(len(rule.pairs) for rule in found.rules) == len(found.pairs)
    assert all(str(rule.evidence) for rule in found.rules)


def test_equal_names_stay_as_they_are() -> None:
    skeleton = baked("resnet34")
    found = align({entry.name: entry.shape for entry in skeleton.entries}, skeleton)
    assert all(pair.source == pair.target for pair in found.pairs)
    assert alignment_edit(found, {name: entry.shape for name, entry in skeleton.by_name.items()}) is None


def test_extra_and_lacking_tensors_are_left_over() -> None:
    skeleton = baked("resnet18")
    shapes = {f"net.{entry.name}": entry.shape for entry in skeleton.entries if not entry.name.startswith("fc.")}
    shapes["projector.weight"] = (77, 512)
    found = align(shapes, skeleton)
    assert found.unmatched_source == ("projector.weight",)
    assert found.unmatched_target == ("fc.weight", "fc.bias")
    assert all(pair.source == f"net.{pair.target}" for pair in found.pairs)


def test_a_linear_layer_and_a_pointwise_convolution_are_the_same() -> None:
    found = align({"proj.weight": (8, 4, 1, 1), "proj.bias": (8,)}, skeleton_of({"fc.weight": (8, 4), "fc.bias": (8,)}))
    assert {(p.source, p.target, p.transform, p.shape) for p in found.pairs} == {
        ("proj.weight", "fc.weight", "reshape", (8, 4)),
        ("proj.bias", "fc.bias", None, None),
    }


def test_what_only_the_alphabet_decides_is_not_called_certain() -> None:
    # Nothing but a meaningless order tells "x" from "y".
    source = {"apple.weight": (3, 3), "pear.weight": (3, 3)}
    target = {"tulip.weight": (3, 3), "rose.weight": (3, 3)}
    found = align(source, skeleton_of(target))
    assert len(found.pairs) == 2
    assert found.unsure == found.pairs
    assert all(rule.is_unsure for rule in found.rules)


def checkpoint_of(shapes: Shapes) -> Checkpoint:
    entries = {}
    for name, shape in shapes.items():
        count = 1
        for size in shape:
            count *= size
        entries[name] = contiguous(FLOAT32, shape, Storage(MemoryBytes(bytes(4 * count)), name))
    state_dict = StateDict((), entries)
    return Checkpoint(Source("x.pth", "torch-zip", 0), None, (state_dict,), ())


def shapes_of(checkpoint: Checkpoint) -> Shapes:
    return {name: tensor.shape for name, tensor in checkpoint.active_state_dict.tensors.items()}


def test_the_edit_renames_and_reshapes_in_one_step() -> None:
    target = {"a.weight": (4, 2), "b.weight": (2, 4)}
    checkpoint = checkpoint_of({"b.weight": (4, 2, 1, 1), "a.weight": (2, 4, 1, 1)})
    found = align(checkpoint.active_state_dict, skeleton_of(target))
    edit = alignment_edit(found, shapes_of(checkpoint))
    assert isinstance(edit, ApplyMapping)
    assert edit_from_json(edit_to_json(edit)) == edit
    after = edit.apply(checkpoint).active_state_dict
    assert {name: tensor.shape for name, tensor in after.tensors.items()} == target
    assert "2" in str(edit.describe())


def test_a_name_that_another_tensor_needs_is_dropped() -> None:
    checkpoint = checkpoint_of({"fc.weight": (9, 9), "head.weight": (4, 2)})
    found = align(checkpoint.active_state_dict, skeleton_of({"fc.weight": (4, 2)}))
    edit = alignment_edit(found, shapes_of(checkpoint))
    assert edit is not None
    assert edit.drop == ("fc.weight",)
    after = edit.apply(checkpoint).active_state_dict
    assert {name: tensor.shape for name, tensor in after.tensors.items()} == {"fc.weight": (4, 2)}


def test_an_empty_mapping_says_so() -> None:
    with pytest.raises(EditError):
        ApplyMapping((("a", "a"),)).apply(checkpoint_of({"a": (1,)}))


def test_empty_sides() -> None:
    assert align({}, skeleton_of({})).pairs == ()
    assert align({"a": (1,)}, skeleton_of({})).unmatched_source == ("a",)
    assert align({}, skeleton_of({"a": (1,)})).unmatched_target == ("a",)


def test_a_thousand_and_ten_thousand_tensors() -> None:
    for layers, limit in ((111, 2.0), (1111, 10.0)):
        source, target = llama(layers, True), llama(layers, False)
        start = time.process_time()
        found = align(dict(sorted(source.items())), skeleton_of(target))
        assert time.process_time() - start < limit
        assert as_pairs(found) == dict(zip(source, target, strict=True))


@pytest.mark.parametrize("word", ["w", "W", "matrix", "kern"])
def test_square_matrices_under_an_unknown_word_stay_as_they_are(word: str) -> None:
    source = {f"p1.{word}": (8, 8), "p1.b": (8,), f"p2.{word}": (8, 8), "p2.b": (8,), f"cls.{word}": (3, 8)}
    target = {"zeta.weight": (8, 8), "zeta.bias": (8,), "gate.weight": (8, 8), "gate.bias": (8,), "out.weight": (3, 8)}
    entries = tuple(
        Entry(name, shape, "float32", "parameter", "torch.nn.modules.linear.Linear") for name, shape in target.items()
    )
    found = align(source, Skeleton("", "", entries))
    assert len(found.pairs) == len(target)
    assert not any(pair.transposed for pair in found.pairs)
