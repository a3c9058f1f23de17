"""The pairs of implementations that `align_function` judges, and what makes them.

A pair names a source and a target model of one function. The `held_out` ones were run before anything was tuned on
them; what they taught since is general, but they are no blind test any more. `align_pairs_more` holds the latest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import align_networks as own
import torch
from torch import Tensor, nn

Maker = Callable[[], nn.Module]


@dataclass(frozen=True)
class Pair:
    """Two implementations of one function."""

    name: str
    source: Maker
    target: Maker
    inputs: Callable[[], tuple[Any, ...]]
    held_out: bool = False
    # Target -> source: a strict load is impossible where the target has constants of its own; these are kept.
    own_buffers: tuple[str, ...] = ()


def image(size: int = 64, channels: int = 3, batch: int = 2) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randn(batch, channels, size, size, generator=torch.Generator().manual_seed(5)),)


def ids(vocab: int, length: int = 12) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randint(4, vocab, (2, length), generator=torch.Generator().manual_seed(5)),)


def tv(name: str, **kwargs: Any) -> Maker:
    def make() -> nn.Module:
        import torchvision

        return torchvision.models.get_model(name, weights=None, **kwargs)

    return make


def tm(name: str, **kwargs: Any) -> Maker:
    def make() -> nn.Module:
        import timm

        return timm.create_model(name, pretrained=False, **kwargs)

    return make


def hf(cls: str, config: str, **kwargs: Any) -> Maker:
    def make() -> nn.Module:
        import transformers

        made = getattr(transformers, config)(**kwargs)
        made._attn_implementation = "eager"
        return getattr(transformers, cls)(made)

    return make


def eps(make: Maker, value: float) -> Maker:
    """The same model with another epsilon in its norms (libraries differ in defaults)."""

    def made() -> nn.Module:
        model = make()
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d | nn.LayerNorm):
                module.eps = value
        return model

    return made


def fix(make: Maker, change: Callable[[Any], None]) -> Maker:
    def made() -> nn.Module:
        model = make()
        change(model)
        return model

    return made


def wrap(make: Maker, *names: str) -> Maker:
    def made() -> nn.Module:
        model = make()
        for name in names:
            model = own.Wrapped(model, name)
        return model

    return made


TEXT = {"hidden_size": 64, "num_attention_heads": 4, "vocab_size": 99}
BERT = {**TEXT, "num_hidden_layers": 6, "intermediate_size": 128, "max_position_embeddings": 64}
LLAMA = {**TEXT, "num_hidden_layers": 12, "intermediate_size": 160, "rms_norm_eps": 1e-6}
WHISPER = {
    "vocab_size": 99, "d_model": 64, "encoder_layers": 4, "decoder_layers": 4, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 256, "decoder_ffn_dim": 256, "max_source_positions": 50,
    "max_target_positions": 32, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 3,
}  # fmt: skip
TV_VIT = {
    "image_size": 32, "patch_size": 8, "num_layers": 6, "num_heads": 4, "hidden_dim": 64, "mlp_dim": 128,
    "num_classes": 10,
}  # fmt: skip
TM_VIT = {
    "img_size": 32, "patch_size": 8, "depth": 6, "num_heads": 4, "embed_dim": 64, "mlp_ratio": 2.0, "num_classes": 10,
}  # fmt: skip


def tv_vit() -> nn.Module:
    from torchvision.models.vision_transformer import VisionTransformer

    return VisionTransformer(**TV_VIT)


def tm_vit() -> nn.Module:
    from timm.models.vision_transformer import VisionTransformer

    return VisionTransformer(**TM_VIT)


def tv_swin() -> nn.Module:
    from torchvision.models.swin_transformer import SwinTransformer

    return SwinTransformer([4, 4], 32, [2, 2, 4, 2], [2, 4, 8, 8], [7, 7], num_classes=10)


def tm_swin() -> nn.Module:
    from timm.models.swin_transformer import SwinTransformer

    return SwinTransformer(
        patch_size=4, embed_dim=32, depths=(2, 2, 4, 2), num_heads=(2, 4, 8, 8), window_size=7, num_classes=10
    )


def torch_encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    return nn.TransformerEncoder(layer, 6, norm=nn.LayerNorm(32))


def called(make: Maker, name_of: Callable[[str], str]) -> Maker:
    """A model whose state dict carries other names, made by a function; it is loaded under them, too."""

    class Called(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = make()
            plain = self.net.state_dict()
            self.names = {name_of(name): name for name in plain}
            assert len(self.names) == len(plain), "two names became one"

        def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:  # type: ignore[override]
            plain = self.net.state_dict()
            return {name: plain[old] for name, old in self.names.items()}

        def load_state_dict(self, state: Mapping[str, Tensor], *args: Any, **kwargs: Any) -> Any:
            return self.net.load_state_dict({self.names[name]: value for name, value in state.items()}, *args, **kwargs)

        def forward(self, *inputs: Any) -> Any:
            return self.net(*inputs)

    return Called


def renamed(make: Maker, *rules: tuple[str, str | Callable[[re.Match[str]], str]]) -> Maker:
    """A model whose state dict carries other names, made by regular expressions."""

    def name_of(name: str) -> str:
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        return name

    return called(make, name_of)


def old_densenet(make: Maker) -> Maker:
    """Names of the first torchvision releases: `norm.1` for `norm1`."""
    return renamed(make, (r"(norm|conv)([12])\.", r"\1.\2."))


def set_hf_eps(model: Any) -> None:
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 1e-5


def resnet_hf(depths: tuple[int, ...], basic: bool = False, labels: int = 1000) -> Maker:
    return hf(
        "ResNetForImageClassification", "ResNetConfig", depths=list(depths), num_labels=labels,
        layer_type="basic" if basic else "bottleneck",
        hidden_sizes=[64, 128, 256, 512] if basic else [256, 512, 1024, 2048],
    )  # fmt: skip


PAIRS: list[Pair] = [
    Pair("DataParallel resnet50(10)", wrap(tv("resnet50", num_classes=10), "module"), tv("resnet50", num_classes=10), image()),
    Pair("Lightning resnet18", wrap(tv("resnet18"), "backbone", "model"), tv("resnet18"), image()),
    Pair("tv resnet50 -> hf", tv("resnet50"), resnet_hf((3, 4, 6, 3)), image()),
    Pair("hf -> timm resnet50", resnet_hf((3, 4, 6, 3)), tm("resnet50"), image()),
    Pair("tv resnet18 -> hf", tv("resnet18"), resnet_hf((2, 2, 2, 2), True), image()),
    Pair("d2 -> tv resnet50", own.D2ResNet50, tv("resnet50"), image()),
    Pair("tv -> d2 resnet50", tv("resnet50"), own.D2ResNet50, image()),
    Pair("flat -> tv resnet18", own.FlatResNet18, tv("resnet18"), image()),
    Pair("tv -> flat resnet18", tv("resnet18"), own.FlatResNet18, image()),
    Pair("timm -> tv convnext_tiny", eps(tm("convnext_tiny"), 1e-6), tv("convnext_tiny"), image()),
    Pair("tv convnext_tiny -> hf", tv("convnext_tiny"), eps(hf("ConvNextForImageClassification", "ConvNextConfig", num_labels=1000), 1e-6), image()),
    Pair("timm -> tv efficientnet_b0", tm("efficientnet_b0"), tv("efficientnet_b0"), image()),
    Pair("tv efficientnet_b0 -> timm", tv("efficientnet_b0"), tm("efficientnet_b0"), image()),
    Pair("timm -> tv mobilenetv2", tm("mobilenetv2_100"), tv("mobilenet_v2"), image()),
    Pair("tv -> timm mobilenetv3", eps(tv("mobilenet_v3_large"), 1e-5), tm("mobilenetv3_large_100"), image()),
    Pair("tv -> timm vit", tv_vit, tm_vit, image(32)),
    Pair("timm -> tv vit", tm_vit, tv_vit, image(32)),
    Pair("lucid -> clip vit", own.LucidVit, own.ClipVit, image(32)),
    Pair("clip -> lucid vit", own.ClipVit, own.LucidVit, image(32)),
    Pair("timm -> tv swin", tm_swin, tv_swin, image(224), own_buffers=("relative_position_index",)),
    Pair("tv -> timm swin", tv_swin, tm_swin, image(224)),
    Pair("old densenet121", old_densenet(tv("densenet121")), tv("densenet121"), image()),
    Pair("unet milesial -> buda", own.MilesUNet, own.BudaUNet, image()),
    Pair("unet buda -> list", own.BudaUNet, own.ListUNet, image()),
    Pair("unet list -> milesial", own.ListUNet, own.MilesUNet, image()),
    Pair("unet diffusers -> compvis", own.DiffusersUNet, own.CompVisUNet, image(32)),
    Pair("unet compvis -> diffusers", own.CompVisUNet, own.DiffusersUNet, image(32)),
    Pair("bert own -> hf", own.OwnBert, eps(hf("BertModel", "BertConfig", **BERT, ), 1e-12), ids(99), own_buffers=("pooler.dense.weight", "pooler.dense.bias")),
    Pair("bert hf -> own", hf("BertModel", "BertConfig", **BERT), own.OwnBert, ids(99)),
    Pair("bert gamma/beta", renamed(hf("BertModel", "BertConfig", **BERT), (r"LayerNorm\.weight", "LayerNorm.gamma"), (r"LayerNorm\.bias", "LayerNorm.beta"), ("^", "bert.")), hf("BertModel", "BertConfig", **BERT), ids(99)),
    Pair("llama meta -> hf", own.MetaLlama, hf("LlamaForCausalLM", "LlamaConfig", **LLAMA), ids(99)),
    Pair("llama hf -> meta", hf("LlamaForCausalLM", "LlamaConfig", **LLAMA), own.MetaLlama, ids(99)),
    Pair("gpt2 openai -> hf", own.OpenAiGpt2, hf("GPT2Model", "GPT2Config", vocab_size=99, n_embd=64, n_layer=12, n_head=4, n_positions=64), ids(99)),
    Pair("whisper openai -> hf", own.OaWhisper, hf("WhisperModel", "WhisperConfig", **WHISPER), lambda: (torch.randn(1, 80, 100, generator=torch.Generator().manual_seed(1)), ids(99)()[0][:1])),
    Pair("whisper hf -> openai", hf("WhisperModel", "WhisperConfig", **WHISPER), own.OaWhisper, lambda: (torch.randn(1, 80, 100, generator=torch.Generator().manual_seed(1)), ids(99)()[0][:1])),
    Pair("lstm a -> b", own.LstmA, own.LstmB, ids(50)),
    Pair("mixer a -> b", own.MixerA, own.MixerB, image(32)),
    Pair("mixer b -> a", own.MixerB, own.MixerA, image(32)),
    Pair("fairseq -> annotated", own.FairseqTranslator, own.AnnotatedTranslator, ids(70)),
    Pair("annotated -> fairseq", own.AnnotatedTranslator, own.FairseqTranslator, ids(70)),
    Pair("vae a -> b", own.VaeA, own.VaeB, lambda: (torch.randn(3, 40, generator=torch.Generator().manual_seed(1)),)),
    Pair("siamese", lambda: own.Siamese("net_query", "net_key"), lambda: own.Siamese("encoder_q", "encoder_k"), lambda: (torch.randn(3, 16, generator=torch.Generator().manual_seed(1)),)),
    Pair("edsr -> basicsr", lambda: own.ResidualDense("edsr"), lambda: own.ResidualDense("basicsr"), image(16)),
    Pair("basicsr -> edsr", lambda: own.ResidualDense("basicsr"), lambda: own.ResidualDense("edsr"), image(16)),
    Pair("1x1 conv -> linear", lambda: own.LinearHeads(False), lambda: own.LinearHeads(True), image(8)),
    Pair("linear -> 1x1 conv", lambda: own.LinearHeads(True), lambda: own.LinearHeads(False), image(8)),
    # --- held out at first
    Pair("hf -> tv regnet", hf("RegNetForImageClassification", "RegNetConfig", depths=[1, 3, 8, 2], hidden_sizes=[64, 144, 320, 784], groups_width=16, embedding_size=32, num_labels=1000, layer_type="y"), tv("regnet_y_800mf"), image(), True),
    Pair("tv -> timm regnet", tv("regnet_y_800mf"), tm("regnety_008_tv"), image(), True),
    Pair("timm -> hf convnextv2", eps(tm("convnextv2_atto"), 1e-6), eps(hf("ConvNextV2ForImageClassification", "ConvNextV2Config", depths=[2, 2, 6, 2], hidden_sizes=[40, 80, 160, 320], num_labels=1000), 1e-6), image(), True),
    Pair("timm -> hf mobilenetv1", tm("mobilenetv1_100"), fix(hf("MobileNetV1ForImageClassification", "MobileNetV1Config", num_labels=1000, tf_padding=False, layer_norm_eps=1e-5), lambda m: None), image(), True),
    Pair("bert -> electra", hf("BertModel", "BertConfig", **BERT), hf("ElectraModel", "ElectraConfig", **BERT, embedding_size=64), ids(99), True),
    Pair("timm vgg16_bn -> tv", tm("vgg16_bn"), tv("vgg16_bn"), image(224, batch=1), True),
    Pair("torch encoder -> clip-like", torch_encoder, wrap(torch_encoder, "text"), lambda: (torch.randn(2, 7, 32, generator=torch.Generator().manual_seed(1)),), True),
    Pair("bart -> mbart-like pegasus", hf("BartModel", "BartConfig", vocab_size=99, d_model=32, encoder_layers=4, decoder_layers=4, encoder_ffn_dim=64, decoder_ffn_dim=64, encoder_attention_heads=4, decoder_attention_heads=4, max_position_embeddings=40), wrap(hf("BartModel", "BartConfig", vocab_size=99, d_model=32, encoder_layers=4, decoder_layers=4, encoder_ffn_dim=64, decoder_ffn_dim=64, encoder_attention_heads=4, decoder_attention_heads=4, max_position_embeddings=40), "net"), ids(99), True),
]  # fmt: skip


def keras_resnet(make: Maker) -> Maker:
    """ResNet-50 in Keras' names: conv2_block1_1_conv, conv2_block1_0_bn (gamma, beta, moving_mean)."""
    numbers = {"conv1": "1_conv", "conv2": "2_conv", "conv3": "3_conv", "bn1": "1_bn", "bn2": "2_bn", "bn3": "3_bn",
               "downsample.0": "0_conv", "downsample.1": "0_bn"}  # fmt: skip
    rules = [
        (rf"^layer(\d)\.(\d+)\.{re.escape(old)}\.", rf"conv\g<1>x_block\g<2>_{new}.") for old, new in numbers.items()
    ]
    return renamed(
        make, *rules, (r"^conv1\.", "conv1_conv."), (r"^bn1\.", "conv1_bn."), (r"^fc\.", "predictions."),
        (r"_bn\.weight$", "_bn.gamma"), (r"_bn\.bias$", "_bn.beta"), (r"running_mean$", "moving_mean"),
        (r"running_var$", "moving_variance"), (r"_conv\.weight$", "_conv.kernel"),
    )  # fmt: skip


class CaffeVgg(nn.Module):
    """VGG-16 in Caffe's names: conv1_1 … conv5_3, fc6, fc7, fc8."""

    def __init__(self) -> None:
        super().__init__()
        i = 3
        for stage, (width, depth) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
            for index in range(1, depth + 1):
                setattr(self, f"conv{stage}_{index}", nn.Conv2d(i, width, 3, padding=1))
                i = width
        self.fc6, self.fc7, self.fc8 = nn.Linear(512 * 49, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000)

    def forward(self, x: Tensor) -> Tensor:
        import torch.nn.functional as F

        for stage, depth in enumerate([2, 2, 3, 3, 3], 1):
            for index in range(1, depth + 1):
                x = F.relu(getattr(self, f"conv{stage}_{index}")(x))
            x = F.max_pool2d(x, 2)
        return self.fc8(F.relu(self.fc7(F.relu(self.fc6(x.flatten(1))))))


def detectron_maskrcnn(make: Maker) -> Maker:
    """Mask R-CNN in detectron2's names."""
    return renamed(
        make, (r"backbone\.body\.conv1", "backbone.bottom_up.stem.conv1"),
        (r"backbone\.body\.bn1", "backbone.bottom_up.stem.conv1.norm"), (r"backbone\.body\.layer1", "backbone.bottom_up.res2"),
        (r"backbone\.body\.layer2", "backbone.bottom_up.res3"), (r"backbone\.body\.layer3", "backbone.bottom_up.res4"),
        (r"backbone\.body\.layer4", "backbone.bottom_up.res5"), (r"bn(\d)", r"conv\1.norm"),
        (r"downsample\.0", "shortcut"), (r"downsample\.1", "shortcut.norm"),
        (r"fpn\.inner_blocks\.0\.0", "fpn_lateral2"), (r"fpn\.inner_blocks\.1\.0", "fpn_lateral3"),
        (r"fpn\.inner_blocks\.2\.0", "fpn_lateral4"), (r"fpn\.inner_blocks\.3\.0", "fpn_lateral5"),
        (r"fpn\.layer_blocks\.0\.0", "fpn_output2"), (r"fpn\.layer_blocks\.1\.0", "fpn_output3"),
        (r"fpn\.layer_blocks\.2\.0", "fpn_output4"), (r"fpn\.layer_blocks\.3\.0", "fpn_output5"),
        (r"rpn\.head\.conv\.0\.0", "proposal_generator.rpn_head.conv"), (r"rpn\.head\.cls_logits", "proposal_generator.rpn_head.objectness_logits"),
        (r"rpn\.head\.bbox_pred", "proposal_generator.rpn_head.anchor_deltas"), (r"box_head\.fc6", "box_head.fc1"),
        (r"box_head\.fc7", "box_head.fc2"), (r"box_predictor\.fc", "box_predictor"), (r"mask_head\.(\d)\.0", r"mask_head.mask_fcn\1"),
        (r"mask_predictor\.conv5_mask", "mask_head.deconv"), (r"mask_predictor\.mask_fcn_logits", "mask_head.predictor"),
    )  # fmt: skip


SECOND = [
    Pair("keras-like -> tv resnet50", keras_resnet(tv("resnet50")), tv("resnet50"), image(), True),
    Pair("caffe vgg16 -> tv", CaffeVgg, tv("vgg16"), image(224, batch=1), True),
    Pair("tv vgg16 -> caffe", tv("vgg16"), CaffeVgg, image(224, batch=1), True),
    Pair("timm vit -> lucid", eps(tm_vit, 1e-5), own.LucidVit, image(32), True),
    Pair("clip -> timm vit", own.ClipVit, eps(tm_vit, 1e-5), image(32), True),
    Pair("tv vit -> lucid", eps(tv_vit, 1e-5), own.LucidVit, image(32), True),
    Pair("d2 -> hf resnet50", own.D2ResNet50, resnet_hf((3, 4, 6, 3)), image(), True),
    Pair("hf -> flat resnet18", resnet_hf((2, 2, 2, 2), True), own.FlatResNet18, image(), True),
    Pair("timm -> hf convnext", eps(tm("convnext_tiny"), 1e-6), eps(hf("ConvNextForImageClassification", "ConvNextConfig", num_labels=1000), 1e-6), image(), True),
    Pair("tv -> timm mnasnet", tv("mnasnet1_0"), tm("mnasnet_100"), image(), True),
    Pair("timm -> tv efficientnet_v2_s", eps(tm("efficientnetv2_s"), 1e-3), tv("efficientnet_v2_s"), image(), True),
    Pair("timm -> hf mobilenetv2", eps(tm("mobilenetv2_100"), 1e-5), eps(hf("MobileNetV2ForImageClassification", "MobileNetV2Config", num_labels=1000, tf_padding=False), 1e-5), image(), True),
    Pair("timm -> hf levit", tm("levit_128s"), hf("LevitForImageClassificationWithTeacher", "LevitConfig", num_labels=1000, hidden_sizes=[128, 256, 384], num_attention_heads=[4, 6, 8], depths=[2, 3, 4], key_dim=[16, 16, 16]), image(224, batch=1), True),
    Pair("buda -> milesial unet", own.BudaUNet, own.MilesUNet, image(), True),
    Pair("milesial -> list unet", own.MilesUNet, own.ListUNet, image(), True),
    Pair("tv efficientnet_b7 -> timm", eps(tv("efficientnet_b7"), 1e-3), eps(tm("efficientnet_b7"), 1e-3), image(), True),
]  # fmt: skip


PAIRS += SECOND
