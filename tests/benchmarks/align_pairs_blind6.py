"""A sixth blind set, of the same kind as the fifth and with other families: 43 of 52 at first sight.

What failed: statistics under Paddle's names (`_mean`, `_variance`; left over), attention heads kept one by one where
the other side has all in one (left over), and a row of equal gates that a decoder counts backwards (wrong, not asked).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import align_networks_blind6 as six
import torch
from align_networks_blind5 import stored
from align_pairs import Maker, Pair, called, eps, fix, hf, ids, image, renamed, tm, tv
from align_pairs_blind import floats
from align_pairs_blind2 import Rule, called_with, registered
from align_pairs_blind3 import both_ways
from align_pairs_blind5 import features, watched
from torch import Tensor, nn


def without(make: Maker, ending: str) -> Maker:
    """The same model, whose state dict lacks tensors with this ending."""

    class Without(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = make()

        def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:  # type: ignore[override]
            return {name: tensor for name, tensor in self.net.state_dict().items() if not name.endswith(ending)}

        def load_state_dict(self, state: Mapping[str, Tensor], *args: Any, **kwargs: Any) -> Any:
            rest = {name: tensor for name, tensor in self.net.state_dict().items() if name.endswith(ending)}
            return self.net.load_state_dict({**rest, **state}, *args, **kwargs)

        def forward(self, *inputs: Any) -> Any:
            return self.net(*inputs)

    return Without


def placed() -> tuple[Tensor, ...]:
    """Words, and where they stand."""
    return (*ids(99)(), torch.arange(12).expand(2, -1))


def sub(name: str, *rules: tuple[str, str]) -> str:
    for pattern, new in rules:
        name = re.sub(pattern, new, name)
    return name


timm_intern = features(
    tm("vit_intern300m_patch14_448", img_size=42, embed_dim=48, depth=6, num_heads=3, num_classes=0)
)  # fmt: skip
hf_intern = hf(
    "InternVLVisionModel", "InternVLVisionConfig", hidden_size=48, num_hidden_layers=6, num_attention_heads=3,
    intermediate_size=192, image_size=[42, 42], patch_size=[14, 14], attention_bias=True,
)  # fmt: skip
PRE_NORM = {
    "vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 6, "num_attention_heads": 4, "intermediate_size": 64,
    "max_position_embeddings": 40, "type_vocab_size": 2,
}  # fmt: skip
xlm_xl = called_with(
    eps(hf("XLMRobertaXLModel", "XLMRobertaXLConfig", **PRE_NORM, add_pooling_layer=False), 1e-12), "input_ids", "position_ids"
)  # fmt: skip
megatron = called_with(
    eps(hf("MegatronBertModel", "MegatronBertConfig", **PRE_NORM), 1e-12), "input_ids", "position_ids"
)


def pooled(model: Any) -> None:
    plain = model.forward
    model.forward = lambda x: plain(x).pooler_output


hf_next = fix(
    hf("DINOv3ConvNextModel", "DINOv3ConvNextConfig", hidden_sizes=[16, 32, 64, 128], depths=[2, 2, 6, 2]), pooled
)  # fmt: skip
timm_next = tm("convnext_tiny", num_classes=0, dims=(16, 32, 64, 128), depths=(2, 2, 6, 2))
timm_sam2 = features(tm("sam2_hiera_tiny", embed_dim=32))
hf_sam2 = hf(
    "Sam2HieraDetModel", "Sam2HieraDetConfig", hidden_size=32, embed_dim_per_stage=[32, 64, 128, 256], image_size=[128, 128]
)  # fmt: skip


def centred(model: Any) -> None:
    """The parts of a detector that hold weights, each in its own scale, without the choice of boxes."""

    def forward(x: Tensor) -> Tensor:
        told = model.head(list(model.backbone(x).values()))
        told = [told[name] for name in ("cls_logits", "bbox_regression", "bbox_ctrness")]
        return torch.cat([(value / value.abs().max()).flatten() for value in told])

    model.forward = forward


tv_fcos = watched(
    fix(tv("fcos_resnet50_fpn", weights_backbone=None), centred),
    r"body\.layer\d\.\d$|blocks\.\d\.0$|^head\.\w+\.conv\.\d+$",
)
ADELAI: tuple[Rule, ...] = (
    (r"^backbone\.body\.conv1", "backbone.bottom_up.stem.conv1"), (r"^backbone\.body\.bn1", "backbone.bottom_up.stem.conv1.norm"),
    (r"^backbone\.body\.layer(\d)", lambda m: f"backbone.bottom_up.res{int(m[1]) + 1}"), (r"bn(\d)\.", r"conv\1.norm."),
    (r"downsample\.0", "shortcut"), (r"downsample\.1", "shortcut.norm"),
    (r"^backbone\.fpn\.inner_blocks\.(\d)\.0", lambda m: f"backbone.fpn_lateral{int(m[1]) + 3}"),
    (r"^backbone\.fpn\.layer_blocks\.(\d)\.0", lambda m: f"backbone.fpn_output{int(m[1]) + 3}"),
    (r"^backbone\.fpn\.extra_blocks", "backbone.top_block"), (r"^head\.classification_head\.conv", "proposal_generator.fcos_head.cls_tower"),
    (r"^head\.regression_head\.conv", "proposal_generator.fcos_head.bbox_tower"),
    (r"^head\.classification_head\.cls_logits", "proposal_generator.fcos_head.cls_logits"),
    (r"^head\.regression_head\.bbox_reg", "proposal_generator.fcos_head.bbox_pred"),
    (r"^head\.regression_head\.bbox_ctrness", "proposal_generator.fcos_head.ctrness"),
)  # fmt: skip
adelai = registered(
    renamed(tv_fcos, *ADELAI), "backbone", "fpn_lateral3", "fpn_output3", "fpn_lateral4", "fpn_output4", "fpn_lateral5",
    "fpn_output5", "top_block", "bottom_up", "cls_tower", "bbox_tower", "cls_logits", "bbox_pred", "ctrness", "stem", "res2",
    "res3", "res4", "res5", "shortcut", "conv1", "conv2", "conv3", "weight", "norm",
)  # fmt: skip

hf_blender = called_with(
    hf(
        "BlenderbotModel", "BlenderbotConfig", vocab_size=99, d_model=32, encoder_layers=2, decoder_layers=5,
        encoder_ffn_dim=64, decoder_ffn_dim=64, encoder_attention_heads=4, decoder_attention_heads=4,
        max_position_embeddings=40,
    ),
    "input_ids", "decoder_input_ids",
)  # fmt: skip
PARLAI: tuple[Rule, ...] = (
    (r"^shared", "embeddings"), (r"embed_tokens", "embeddings"), (r"embed_positions", "position_embeddings"),
    (r"^(\w+)coder\.layer_norm", r"\1coder.norm_embeddings"), (r"encoder_attn_layer_norm", "norm2"),
    (r"self_attn_layer_norm", "norm1"), (r"^encoder(.*)final_layer_norm", r"encoder\1norm2"),
    (r"^decoder(.*)final_layer_norm", r"decoder\1norm3"), (r"(q|k|v|out)_proj", r"\1_lin"),
    (r"^encoder(.*)self_attn", r"encoder\1attention"), (r"self_attn", "self_attention"), (r"encoder_attn", "encoder_attention"),
    (r"\.fc(\d)", r".ffn.lin\1"),
)  # fmt: skip
parlai = registered(
    renamed(hf_blender, *PARLAI), "embeddings", "position_embeddings", "norm_embeddings", "layers", "attention", "self_attention",
    "norm1", "encoder_attention", "norm2", "ffn", "norm3", "q_lin", "k_lin", "v_lin", "out_lin",
)  # fmt: skip


def possible(norm: Any, _inputs: Any) -> None:
    norm.running_var.abs_().clamp_(min=0.3)


def positive(model: Any) -> None:
    """Random variances of any name are made possible ones, before they are first used."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.register_forward_pre_hook(possible)


timm_lcnet = watched(fix(tm("lcnet_050", num_classes=20), positive), r"^blocks\.\d\.\d$")
PADDLE: tuple[Rule, ...] = (
    (r"^conv_stem", "conv1.conv"), (r"^bn1", "conv1.bn"), (r"^conv_head", "last_conv"), (r"^classifier", "fc"),
    (r"^blocks\.4\.(\d)", lambda m: f"blocks5.{int(m[1]) + 2}"), (r"^blocks\.5", "blocks6"),
    (r"^blocks\.(\d)", lambda m: f"blocks{int(m[1]) + 2}"), (r"conv_dw", "dw_conv.conv"),
    (r"(\d)\.bn1", r"\1.dw_conv.bn"), (r"conv_pw", "pw_conv.conv"), (r"(\d)\.bn2", r"\1.pw_conv.bn"),
    (r"se\.conv_reduce", "se.conv1"), (r"se\.conv_expand", "se.conv2"), (r"running_mean", "_mean"), (r"running_var", "_variance"),
)  # fmt: skip
paddle = registered(
    without(renamed(stored(timm_lcnet, turned=r"^classifier\.weight"), *PADDLE), "num_batches_tracked"),
    "conv1", "blocks2", "dw_conv", "se", "pw_conv",
)  # fmt: skip

hf_vitpose = called_with(
    fix(
        hf(
            "VitPoseForPoseEstimation", "VitPoseConfig", num_labels=17, use_simple_decoder=False,
            backbone_config={
                "model_type": "vitpose_backbone", "image_size": [64, 48], "patch_size": [16, 16], "hidden_size": 48,
                "num_hidden_layers": 6, "num_attention_heads": 3, "mlp_ratio": 4, "out_features": ["stage6"],
            },
        ),
        lambda model: None,
    ),
    "pixel_values",
)  # fmt: skip
VITPOSE_JOINTS = (
    (r"attention\.attention\.query\.", ("attention.attention.key.", "attention.attention.value."), "attention.attention.qkv."),
)  # fmt: skip
MMPOSE: tuple[Rule, ...] = (
    (r"embeddings\.position_embeddings", "pos_embed"), (r"embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
    (r"encoder\.layer\.", "blocks."), (r"attention\.attention", "attn"), (r"attention\.output\.dense", "attn.proj"),
    (r"layernorm_before", "norm1"), (r"layernorm_after", "norm2"), (r"backbone\.layernorm", "backbone.last_norm"),
    (r"^head\.deconv1", "keypoint_head.deconv_layers.0"), (r"^head\.batchnorm1", "keypoint_head.deconv_layers.1"),
    (r"^head\.deconv2", "keypoint_head.deconv_layers.3"), (r"^head\.batchnorm2", "keypoint_head.deconv_layers.4"),
    (r"^head\.conv", "keypoint_head.final_layer"),
)  # fmt: skip
mmpose = registered(renamed(stored(hf_vitpose, VITPOSE_JOINTS), *MMPOSE), "norm1", "attn", "norm2", "mlp")


def asked(model: Any) -> None:
    """Classes and boxes of all queries."""
    plain = model.forward

    def forward(x: Tensor) -> Tensor:
        told = plain(pixel_values=x)
        return torch.cat([told.logits, told.pred_boxes], -1)

    model.forward = forward


def small_detr() -> nn.Module:
    import transformers

    backbone = transformers.ResNetConfig(
        embedding_size=16, hidden_sizes=[32, 64, 128, 256], depths=[2, 2, 3, 2], out_features=["stage4"]
    )  # fmt: skip
    config = transformers.DetrConfig(
        backbone_config=backbone, d_model=32, encoder_layers=4, decoder_layers=4, encoder_ffn_dim=64, decoder_ffn_dim=64,
        encoder_attention_heads=4, decoder_attention_heads=4, num_queries=10, num_labels=7,
    )  # fmt: skip
    config._attn_implementation = "eager"
    return transformers.DetrForObjectDetection(config)


hf_detr = watched(fix(small_detr, asked), r"stages\.\d\.layers\.\d$|oder\.layers\.\d$")
DETR_JOINTS = tuple(
    (rf"{part}\.q_proj\.(\w+)$", (rf"{part}.k_proj.\1", rf"{part}.v_proj.\1"), rf"{part}.in_proj_\1")
    for part in ("self_attn", "encoder_attn")
)  # fmt: skip
DETR: tuple[Rule, ...] = (
    (r"^model\.backbone\.model\.", "backbone.0.body."), (r"embedder\.embedder\.convolution", "conv1"),
    (r"embedder\.embedder\.normalization", "bn1"), (r"encoder\.stages\.(\d)\.layers", lambda m: f"layer{int(m[1]) + 1}"),
    (r"shortcut\.convolution", "downsample.0"), (r"shortcut\.normalization", "downsample.1"),
    (r"layer\.(\d)\.convolution", lambda m: f"conv{int(m[1]) + 1}"), (r"layer\.(\d)\.normalization", lambda m: f"bn{int(m[1]) + 1}"),
    (r"^model\.(en|de)coder", r"transformer.\1coder"), (r"o_proj", "out_proj"),
    (r"encoder_attn_layer_norm", "norm2"), (r"self_attn_layer_norm", "norm1"),
    (r"encoder(.*)final_layer_norm", r"encoder\1norm2"), (r"decoder(.*)final_layer_norm", r"decoder\1norm3"),
    (r"encoder_attn", "multihead_attn"), (r"mlp\.fc(\d)", r"linear\1"), (r"decoder\.layernorm", "decoder.norm"),
    (r"^model\.query_position_embeddings", "query_embed"), (r"^model\.input_projection", "input_proj"),
    (r"^class_labels_classifier", "class_embed"), (r"^bbox_predictor", "bbox_embed"),
)  # fmt: skip
facebook_detr = registered(
    renamed(stored(hf_detr, DETR_JOINTS), *DETR), "transformer", "class_embed", "bbox_embed", "query_embed", "input_proj",
    "backbone", "self_attn", "multihead_attn", "linear1", "linear2", "conv1", "bn1", "conv2", "bn2", "conv3", "bn3",
)  # fmt: skip


def basicsr_name(name: str) -> str:
    """RCAN in BasicSR's names."""
    name = sub(
        name, (r"^body\.(\d)\.body\.(\d)\.body\.3\.conv_du\.(\d)", r"body.\1.residual_group.\2.rcab.3.attention.!\3")
    )
    name = name.replace("!2", "3").replace("!0", "1")
    return sub(
        name, (r"^body\.(\d)\.body\.(\d)\.body", r"body.\1.residual_group.\2.rcab"), (r"^body\.(\d)\.body\.5", r"body.\1.conv"),
        (r"^body\.4\.", "conv_after_body."), (r"^head\.0", "conv_first"), (r"^tail\.0\.0", "upsample.0"), (r"^tail\.1", "conv_last"),
    )  # fmt: skip


basicsr = registered(called(six.Rcan, basicsr_name), "conv_first", "body", "conv_after_body")
BRAIN: tuple[Rule, ...] = (
    (r"^conv1", "blocks.0.conv.conv"), (r"^bn1", "blocks.0.norm.norm"), (r"^layer([123])\.", r"blocks.\1."),
    (r"\.conv1", ".tdnn1.conv.conv"), (r"\.bn1", ".tdnn1.norm.norm"), (r"\.convs\.(\d)", r".res2net_block.blocks.\1.conv.conv"),
    (r"\.bns\.(\d)", r".res2net_block.blocks.\1.norm.norm"), (r"\.conv3", ".tdnn2.conv.conv"), (r"\.bn3", ".tdnn2.norm.norm"),
    (r"se\.se\.1", "se_block.conv1.conv"), (r"se\.se\.3", "se_block.conv2.conv"), (r"^layer4", "mfa.conv.conv"),
    (r"^attention\.0", "asp.tdnn.conv.conv"), (r"^attention\.2", "asp.tdnn.norm.norm"), (r"^attention\.4", "asp.conv.conv"),
    (r"^bn5", "asp_bn.norm"), (r"^fc6", "fc.conv"), (r"^", "mods.embedding_model."),
)  # fmt: skip
speechbrain = registered(
    renamed(stored(six.Ecapa, shapes=((r"^fc6\.weight", "conv1"),)), *BRAIN), "tdnn1", "res2net_block", "tdnn2", "se_block"
)  # fmt: skip
lee = watched(six.LeeAttentionUNet, r"^(Conv|Up_conv)\d$")
thesis = watched(six.ThesisAttentionUNet, r"encoder\.\d$|fuse$")

BLIND6: list[Pair] = [
    *both_ways("timm internvit <-> hf", timm_intern, hf_intern, image(42)),
    *both_ways("xlm-roberta-xl <-> megatron-bert", xlm_xl, megatron, placed, ("pooler.dense.weight", "pooler.dense.bias")),
    *both_ways("timm convnext features <-> hf dinov3", timm_next, hf_next, image(64)),
    Pair("timm sam2 hiera -> hf", timm_sam2, hf_sam2, image(128, batch=1)),
    *both_ways("adelaidet fcos <-> tv", adelai, tv_fcos, image(64, batch=1)),
    *both_ways("parlai blenderbot <-> hf", parlai, hf_blender, lambda: (*ids(99)(), *ids(99, 7)())),
    *both_ways("paddle pplcnet <-> timm", paddle, timm_lcnet, image(64)),
    *both_ways("mmpose vitpose <-> hf", mmpose, hf_vitpose, lambda: (torch.randn(2, 3, 64, 48, generator=torch.Generator().manual_seed(5)),)),
    *both_ways("facebook detr <-> hf", facebook_detr, hf_detr, image(64)),
    *both_ways("leejunhyun attention unet <-> thesis", lee, thesis, image(64)),
    *both_ways("yulunzhang rcan <-> basicsr", six.Rcan, basicsr, image(16)),
    *both_ways("zongyi fno <-> own", six.ZongyiFno, six.OwnFno, floats(2, 16, 16, 3)),
    Pair("taoruijie ecapa -> speechbrain", six.Ecapa, speechbrain, floats(2, 20, 40)),
    *both_ways("lecture gpt <-> batched heads", six.LectureGpt, six.BatchedGpt, ids(65)),
]  # fmt: skip
