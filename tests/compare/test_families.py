"""Well-known kinds of networks are named after the names of their own libraries' modules."""

from __future__ import annotations

from typing import Any

import pytest

from ckpt_studio.compare.families import Family, family
from tests.clock import quick

Shapes = dict[str, tuple[int, ...]]
TF = "transformers"


def shapes_of(model: Any) -> Shapes:
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "cls", "options", "expected"),
    [
        ("BertConfig", "BertForMaskedLM", {}, Family("BERT", TF, 4, 32)),
        ("BertConfig", "BertModel", {}, Family("BERT / RoBERTa", TF, 4, 32)),
        ("RobertaConfig", "RobertaForMaskedLM", {}, Family("RoBERTa", TF, 4, 32)),
        ("LlamaConfig", "LlamaForCausalLM", {"num_key_value_heads": 2}, Family("LLaMA / Mistral", TF, 4, 32)),
        ("Qwen2Config", "Qwen2Model", {"num_key_value_heads": 2}, Family("Qwen 2", TF, 4, 32)),
        ("GPT2Config", "GPT2LMHeadModel", {"n_layer": 3, "n_embd": 24, "n_head": 2}, Family("GPT-2", TF, 3, 24)),
        ("WhisperConfig", "WhisperModel", {"encoder_layers": 3, "d_model": 36}, Family("Whisper", TF, 3, 36)),
        ("ViTConfig", "ViTForImageClassification", {}, Family("ViT", TF, 4, 32)),
        ("Dinov2Config", "Dinov2Model", {}, Family("DINOv2", TF, 4, 32)),
        ("ResNetConfig", "ResNetModel", {}, Family("ResNet", TF)),
    ],
)  # fmt: skip
def test_models_of_transformers(config: str, cls: str, options: dict[str, int], expected: Family) -> None:
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    usual = {"num_hidden_layers": 4, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 64}
    if config in ("WhisperConfig", "ResNetConfig", "GPT2Config"):
        usual = {}
    with torch.device("meta"):
        model = getattr(transformers, cls)(getattr(transformers, config)(**{**usual, **options}))
    shapes = shapes_of(model)
    assert family(shapes) == expected
    assert family(dict(sorted(shapes.items()))) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vit_tiny_patch16_224", Family("ViT", "timm", 12, 192)),
        ("convnext_atto", Family("ConvNeXt", "timm")),
        ("efficientnet_lite0", Family("EfficientNet / MobileNetV3", "timm")),
    ],
)
def test_models_of_timm(name: str, expected: Family) -> None:
    torch, timm = pytest.importorskip("torch"), pytest.importorskip("timm")
    with torch.device("meta"):
        assert family(shapes_of(timm.create_model(name))) == expected


def test_a_prefix_and_a_head_of_ones_own_change_nothing() -> None:
    torch = pytest.importorskip("torch")
    shapes = shapes_of(torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(16, 2, batch_first=True), 3))
    wrapped = {f"module.net.{name}": shape for name, shape in shapes.items()} | {"module.head.0.weight": (3, 16)}
    assert family(wrapped) == family(shapes) == Family("nn.TransformerEncoder", "PyTorch", 3, 16)


def test_what_is_a_part_only_is_not_what_the_network_is() -> None:
    layer = {"self_attn.in_proj_weight": (192, 64), "linear1.weight": (64, 64), "norm1.weight": (64,)}
    encoder = {f"time.model.layers.{i}.{name}": shape for i in range(2) for name, shape in layer.items()}
    cnn: Shapes = {f"cnn.conv{i}.weight": (8, 8, 3, 3) for i in range(8)}
    assert family(encoder) is not None
    assert family(cnn | encoder) is None


def test_an_adapter_needs_its_base_model() -> None:
    shapes: Shapes = {}
    for layer in range(6):
        for part in "qv":
            name = f"base_model.model.model.layers.{layer}.self_attn.{part}_proj.lora_"
            shapes |= {f"{name}A.weight": (8, 64), f"{name}B.weight": (64, 8)}
    assert family(shapes) == Family("LoRA adapter", "", 6, rank=8)


def test_what_is_not_known_is_not_named() -> None:
    assert family({}) is None
    assert family({"conv1.weight": (8, 3, 3, 3), "layers.0.weight": (3, 3)}) is None


def test_100_000_names_are_quick() -> None:
    shapes = {f"model.layers.{i // 40}.experts.{i % 40}.w1.weight": (4, 4) for i in range(100_000)}
    quick(0.5, lambda: family(shapes))
