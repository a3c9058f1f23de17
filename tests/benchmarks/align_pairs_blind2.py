"""A second blind set, all written before any of it was run: original repositories against their ports.

At first sight 73 of 88 were right (44 pairs, each in two orders); what failed then was repaired in general ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import align_networks_blind2 as two
import torch
from align_pairs import Maker, Pair, called, eps, fix, hf, ids, image, renamed, tm, tm_swin, tv
from align_pairs_blind import floats
from torch import Tensor, nn


def registered(make: Maker, *words: str) -> Maker:
    """The same model, the children of every module registered in the order of these names; others follow."""

    class Registered(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = make()
            names = list(self.net.state_dict())
            first: dict[tuple[str, ...], int] = {}
            for place, name in enumerate(names):
                parts = tuple(name.split("."))
                for end in range(1, len(parts) + 1):
                    first.setdefault(parts[:end], place)

            def key(name: str) -> list[tuple[int, int]]:
                parts = tuple(name.split("."))
                return [
                    (words.index(part) if part in words else len(words), first[parts[: end + 1]])
                    for end, part in enumerate(parts)
                ]

            self.names = sorted(names, key=key)

        def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:  # type: ignore[override]
            plain = self.net.state_dict()
            return {name: plain[name] for name in self.names}

        def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
            return self.net.load_state_dict(*args, **kwargs)

        def forward(self, *inputs: Any) -> Any:
            return self.net(*inputs)

    return Registered


def called_with(make: Maker, *names: str) -> Maker:
    """A model of transformers that is given its inputs by these names."""

    def change(model: Any) -> None:
        plain = model.forward
        model.forward = lambda *inputs: plain(**dict(zip(names, inputs, strict=True)))

    return fix(make, change)


def clip_outputs(make: Maker) -> Maker:
    """All that CLIP answers, in one row."""

    def change(model: Any) -> None:
        plain = model.forward

        def both(ids: Tensor, pixels: Tensor) -> Tensor:
            told = plain(input_ids=ids, pixel_values=pixels)
            return torch.cat([told.image_embeds, told.text_embeds, told.logits_per_image], -1)

        model.forward = both

    return fix(make, change)


def texts_and_pixels() -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(5)
    tokens = torch.randint(4, 90, (2, 12), generator=generator)
    tokens[:, -1] = 98
    return tokens, torch.randn(2, 3, 32, 32, generator=generator)


def pixels_and_noise() -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(2, 3, 32, 32, generator=generator), torch.rand(2, 16, generator=generator)


def two_frames() -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(5)
    return tuple(torch.rand(1, 3, 128, 128, generator=generator) * 2 - 1 for _ in range(2))


def diffusion() -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(5)
    return tuple(torch.randn(*shape, generator=generator) for shape in ((2, 4, 16, 16), (2, 16), (2, 5, 24)))


Rule = tuple[str, str | Callable[[re.Match[str]], str]]


def shifted(pattern: str, form: str, by: int) -> Rule:
    """Numbers that another convention counts from elsewhere."""
    return pattern, lambda found: form.format(int(found[1]) + by)


def staged(block: int) -> str:
    """Where a block of one row stands in stages of 3, 4, 6 and 3."""
    stage, first = next((stage, first) for stage, first in ((4, 13), (3, 7), (2, 3), (1, 0)) if block >= first)
    return f"layer{stage}.{block - first}"


hf_sam = hf(
    "SamVisionModel", "SamVisionConfig", hidden_size=32, output_channels=16, num_hidden_layers=6, image_size=64,
    num_attention_heads=4, patch_size=8, global_attn_indexes=[2, 5], window_size=4, mlp_dim=64,
)  # fmt: skip
SAM: tuple[Rule, ...] = (
    (r"^vision_encoder\.", "image_encoder."), (r"projection", "proj"), (r"\.layers\.", ".blocks."),
    (r"blocks\.(\d+)\.layer_norm", r"blocks.\1.norm"), (r"neck\.conv1", "neck.0"), (r"neck\.layer_norm1", "neck.1"),
    (r"neck\.conv2", "neck.2"), (r"neck\.layer_norm2", "neck.3"),
)  # fmt: skip
hf_dino = hf(
    "Dinov2WithRegistersModel", "Dinov2WithRegistersConfig", hidden_size=48, num_hidden_layers=5, mlp_ratio=2,
    num_attention_heads=4, image_size=32, patch_size=8, use_swiglu_ffn=True,
)  # fmt: skip
hf_clip = clip_outputs(
    hf(
        "CLIPModel", "CLIPConfig", projection_dim=24,
        text_config={
            "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 64,
            "vocab_size": 99, "eos_token_id": 98, "max_position_embeddings": 16, "projection_dim": 24,
        },
        vision_config={
            "hidden_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 96,
            "image_size": 32, "patch_size": 8, "projection_dim": 24,
        },
    )
)  # fmt: skip
hf_mae = called_with(
    hf(
        "ViTMAEForPreTraining", "ViTMAEConfig", hidden_size=32, num_hidden_layers=5, num_attention_heads=4,
        intermediate_size=64, image_size=32, patch_size=8, decoder_num_attention_heads=4, decoder_hidden_size=24,
        decoder_num_hidden_layers=3, decoder_intermediate_size=48,
    ),
    "pixel_values", "noise",
)  # fmt: skip
hf_segformer = hf(
    "SegformerForSemanticSegmentation", "SegformerConfig", hidden_sizes=list(two.SEG_DIMS),
    depths=list(two.SEG_DEPTHS), num_attention_heads=list(two.SEG_HEADS), decoder_hidden_size=48, num_labels=7,
)  # fmt: skip
hf_neox = hf(
    "GPTNeoXForCausalLM", "GPTNeoXConfig", vocab_size=99, hidden_size=32, num_hidden_layers=12,
    num_attention_heads=4, intermediate_size=64,
)  # fmt: skip
NEOX: tuple[Rule, ...] = (
    (r"^gpt_neox\.embed_in", "sequential.0.word_embeddings"), shifted(r"^gpt_neox\.layers\.(\d+)", "sequential.{}", 2),
    (r"^gpt_neox\.final_layer_norm", "sequential.15.norm"), (r"^lm_head", "sequential.16.final_linear"),
)  # fmt: skip
hf_rwkv = hf("RwkvForCausalLM", "RwkvConfig", vocab_size=99, hidden_size=32, num_hidden_layers=5, context_length=32)
RWKV: tuple[Rule, ...] = (
    (r"^rwkv\.embeddings", "emb"), (r"^rwkv\.", ""), (r"pre_ln", "ln0"), (r"attention\.", "att."),
    (r"feed_forward\.", "ffn."), (r"time_mix_(k|v|r)\w*", r"time_mix_\1"),
)  # fmt: skip
hf_mamba = hf("MambaForCausalLM", "MambaConfig", vocab_size=99, hidden_size=32, num_hidden_layers=6, state_size=8)
MAMBA: tuple[Rule, ...] = (
    (r"^backbone\.embeddings", "tok_emb"), (r"^backbone\.layers", "blocks"), (r"\.norm\.", ".rms."),
    (r"mixer\.in_proj", "ssm.in_linear"), (r"mixer\.x_proj", "ssm.to_dbc"), (r"mixer\.dt_proj", "ssm.to_delta"),
    (r"mixer\.out_proj", "ssm.out_linear"), (r"mixer\.conv1d", "ssm.conv"), (r"mixer\.", "ssm."),
    (r"^backbone\.norm_f", "final_rms"), (r"^lm_head", "to_logits"),
)  # fmt: skip
hf_hubert = hf(
    "HubertModel", "HubertConfig", hidden_size=64, num_hidden_layers=5, num_attention_heads=4, intermediate_size=128,
    conv_dim=(32,) * 4, conv_stride=(5, 2, 2, 2), conv_kernel=(10, 3, 3, 2), num_feat_extract_layers=4,
    num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, apply_spec_augment=False,
)  # fmt: skip
TORCHAUDIO: tuple[Rule, ...] = (
    (r"^encoder\.", "encoder.transformer."), (r"^feature_projection", "encoder.feature_projection"),
    (r"parametrizations\.weight\.original0", "weight_g"), (r"parametrizations\.weight\.original1", "weight_v"),
    (r"^masked_spec_embed", "mask_generator.mask_embedding"),
)  # fmt: skip
raft = tv("raft_small")


def last_flow(make: Maker) -> Maker:
    def change(model: Any) -> None:
        plain = model.forward
        model.forward = lambda a, b: plain(a, b, num_flow_updates=2)[-1]

    return fix(make, change)


PRINCETON: tuple[Rule, ...] = (
    (r"^feature_encoder", "fnet"), (r"^context_encoder", "cnet"), (r"net\.conv\.", "net.conv2."),
    (r"net\.convnormrelu\.0", "net.conv1"), (r"convnormrelu(\d)\.0", r"conv\1"),
    (r"motion_encoder\.convcorr(\d)\.0", r"encoder.convc\1"), (r"motion_encoder\.convflow(\d)\.0", r"encoder.convf\1"),
    (r"motion_encoder\.conv\.0", "encoder.conv"), (r"recurrent_block\.convgru1", "gru"),
)  # fmt: skip
PYCLS: tuple[Rule, ...] = (
    (r"^stem\.0", "stem.conv"), (r"^stem\.1", "stem.bn"),
    (r"^trunk_output\.block(\d)\.block\d-(\d+)", lambda found: f"s{found[1]}.b{int(found[2]) + 1}"),
    (r"proj\.0", "proj"), (r"proj\.1", "bn"), (r"f\.([abc])\.0", r"f.\1"), (r"f\.([abc])\.1", r"f.\1_bn"),
    (r"se\.fc1", "se.f_ex.0"), (r"se\.fc2", "se.f_ex.2"), (r"^fc", "head.fc"),
)  # fmt: skip
MM_SWIN: tuple[Rule, ...] = (
    (r"^patch_embed\.proj", "backbone.patch_embed.projection"), (r"^patch_embed\.norm", "backbone.patch_embed.norm"),
    (r"^layers\.(\d)\.downsample", lambda found: f"backbone.stages.{int(found[1]) - 1}.downsample"),
    (r"^layers", "backbone.stages"), (r"\.attn\.", ".attn.w_msa."), (r"mlp\.fc1", "ffn.layers.0.0"),
    (r"mlp\.fc2", "ffn.layers.1"), (r"^norm\.", "backbone.norm3."),
)  # fmt: skip
mm_swin = registered(
    renamed(tm_swin, *MM_SWIN), "patch_embed", "projection", "stages", "blocks", "norm1", "attn", "norm2", "ffn",
    "downsample",
)  # fmt: skip
meta_convnext = two.MetaConvNextV2
timm_convnext = tm("convnextv2_atto")

NEMO: tuple[Rule, ...] = (
    (r"^encoder\.embed\.", "encoder.pre_encode.conv."), (r"^encoder\.out", "encoder.pre_encode.out"),
    (r"encoders\.", "layers."), (r"feed_forward_macaron", "feed_forward1"), (r"feed_forward\.", "feed_forward2."),
    (r"norm_ff_macaron", "norm_feed_forward1"), (r"norm_ff\.", "norm_feed_forward2."), (r"w_(\d)", r"linear\1"),
    (r"norm_mha", "norm_self_att"), (r"norm_final", "norm_out"), (r"conv_module\.norm", "conv.batch_norm"),
    (r"conv_module", "conv"), (r"^ctc_lo", "decoder.decoder_layers.0"), (r"after_norm", "final_norm"),
)  # fmt: skip
nemo = registered(
    renamed(two.Conformer, *NEMO), "pre_encode", "norm_feed_forward1", "feed_forward1", "norm_conv", "conv",
    "pointwise_conv1", "depthwise_conv", "batch_norm", "pointwise_conv2", "norm_self_att", "self_attn",
    "norm_feed_forward2", "feed_forward2", "norm_out",
)  # fmt: skip
HF_CONFORMER: tuple[Rule, ...] = (
    (r"^encoder\.embed\.0", "feature_extractor.conv1"), (r"^encoder\.embed\.2", "feature_extractor.conv2"),
    (r"^encoder\.out", "feature_projection.projection"), (r"encoders\.", "layers."), (r"feed_forward_macaron", "ffn1"),
    (r"feed_forward\.", "ffn2."), (r"norm_ff_macaron", "ffn1_layer_norm"), (r"norm_ff\.", "ffn2_layer_norm."),
    (r"w_1", "intermediate_dense"), (r"w_2", "output_dense"), (r"norm_mha", "self_attn_layer_norm"),
    (r"norm_final", "final_layer_norm"), (r"conv_module\.norm", "conv_module.batch_norm"),
    (r"norm_conv", "conv_module.layer_norm"), (r"^ctc_lo", "lm_head"), (r"after_norm", "layer_norm"),
)  # fmt: skip
hf_conformer = registered(
    renamed(two.Conformer, *HF_CONFORMER), "feature_extractor", "feature_projection", "ffn1_layer_norm", "ffn1",
    "self_attn_layer_norm", "self_attn", "conv_module", "layer_norm", "ffn2_layer_norm", "ffn2", "final_layer_norm",
)  # fmt: skip
FACE: tuple[Rule, ...] = (
    (r"^input_layer\.0", "conv1"), (r"^input_layer\.1", "bn1"), (r"^input_layer\.2", "prelu"),
    (r"^body\.(\d+)", lambda found: staged(int(found[1]))),
    (r"shortcut_layer", "downsample"), (r"res_layer\.0", "bn1"), (r"res_layer\.1", "conv1"), (r"res_layer\.2", "prelu"),
    (r"res_layer\.3", "conv2"), (r"res_layer\.4", "bn2"), (r"^output_layer\.0", "bn2"), (r"^output_layer\.3", "fc"),
    (r"^output_layer\.4", "features"),
)  # fmt: skip
insightface = registered(renamed(two.FaceNet, *FACE), "conv1", "bn1", "prelu", "layer1", "layer2", "layer3", "layer4")
CHIN_COAT: tuple[Rule, ...] = (
    (r"^stem\.conv1", "s0.0.0"), (r"^stem\.norm1", "s0.0.1"), (r"^stem\.conv2", "s0.1.0"),
    (r"^stages\.(\d)\.blocks\.(\d)", lambda found: f"s{int(found[1]) + 1}.{found[2]}"),
    (r"shortcut\.expand", "proj"), (r"pre_norm", "conv.norm"), (r"conv1_1x1", "conv.fn.0"),
    (r"^(s[12]\.\d)\.norm1", r"\1.conv.fn.1"), (r"conv2_kxk", "conv.fn.3"), (r"^(s[12]\.\d)\.norm2", r"\1.conv.fn.4"),
    (r"se\.fc1", "conv.fn.6.fc.0"), (r"se\.fc2", "conv.fn.6.fc.2"), (r"conv3_1x1", "conv.fn.7"),
    (r"\.attn\.qkv", ".attn.1.fn.to_qkv"), (r"\.attn\.proj", ".attn.1.fn.to_out.0"),
    (r"attn\.relative_position_bias_table", "attn.1.fn.relative_bias_table"), (r"(s\d\.\d)\.norm1", r"\1.attn.1.norm"),
    (r"(s\d\.\d)\.norm2", r"\1.ff.1.norm"), (r"mlp\.fc1", "ff.1.fn.net.0"), (r"mlp\.fc2", "ff.1.fn.net.3"),
    (r"^head\.", ""),
)  # fmt: skip
chin_coatnet = registered(renamed(two.CoatNet, *CHIN_COAT), "s0", "s1", "s2", "s3", "s4", "proj", "conv", "attn", "ff")
ERIK: tuple[Rule, ...] = (
    shifted(r"^sa(\d)", "SA_modules.{}", -1), shifted(r"^fp(\d)", "FP_modules.{}", -1),
    (r"mlp_convs\.(\d)", r"mlps.0.layer\1.conv"), (r"mlp_bns\.(\d)", r"mlps.0.layer\1.bn.bn"),
    (r"^conv1", "fc_layer.0.conv"), (r"^bn1", "fc_layer.0.bn.bn"), (r"^conv2", "fc_layer.2.conv"),
)  # fmt: skip
erik_pointnet = registered(
    renamed(two.PointNet2, *ERIK), "SA_modules", "FP_modules", "0", "1", "2", "layer0", "layer1", "layer2"
)


def diffusers_name(name: str) -> str:
    """What diffusers calls a tensor of latent diffusion's UNet (two levels, two blocks each)."""
    name = re.sub(r"in_layers\.0", "norm1", re.sub(r"in_layers\.2", "conv1", name))
    name = re.sub(r"out_layers\.0", "norm2", re.sub(r"out_layers\.3", "conv2", name))
    name = name.replace("emb_layers.1", "time_emb_proj").replace("skip_connection", "conv_shortcut")
    name = re.sub(
        r"^time_embed\.0", "time_embedding.linear_1", re.sub(r"^time_embed\.2", "time_embedding.linear_2", name)
    )
    name = re.sub(
        r"^input_blocks\.0\.0", "conv_in", re.sub(r"^out\.0", "conv_norm_out", re.sub(r"^out\.2", "conv_out", name))
    )
    name = re.sub(r"^middle_block\.0", "mid_block.resnets.0", re.sub(r"^middle_block\.2", "mid_block.resnets.1", name))
    name = re.sub(r"^middle_block\.1", "mid_block.attentions.0", name)
    found = re.match(r"input_blocks\.(\d)\.(\d)\.(.*)", name)
    if found is not None:
        level, place = divmod(int(found[1]) - 1, 3)
        kind = f"downsamplers.0.{found[3].replace('op.', 'conv.')}" if place == 2 else ""
        return f"down_blocks.{level}." + (kind or f"{('resnets', 'attentions')[int(found[2])]}.{place}.{found[3]}")
    found = re.match(r"output_blocks\.(\d)\.(\d)\.(.*)", name)
    if found is not None:
        level, place = divmod(int(found[1]), 3)
        kind = f"upsamplers.0.{found[3]}" if found[2] == "2" else ""
        return f"up_blocks.{level}." + (kind or f"{('resnets', 'attentions')[int(found[2])]}.{place}.{found[3]}")
    return name


diffusers_unet = registered(
    called(two.GuidedUNet, diffusers_name), "conv_in", "time_embedding", "down_blocks", "up_blocks", "mid_block",
    "conv_norm_out", "conv_out", "attentions", "resnets", "downsamplers", "upsamplers", "proj_in",
    "transformer_blocks", "norm1", "attn1", "conv1", "time_emb_proj", "norm2", "attn2", "conv2", "norm3", "ff",
)  # fmt: skip
sam = renamed(hf_sam, *SAM)
dino_own = ("mask_token",)
regnet = tv("regnet_y_800mf")

BLIND2: list[Pair] = [
    Pair("sam original -> hf", sam, hf_sam, image(64)),
    Pair("hf sam -> original", hf_sam, sam, image(64)),
    Pair("dinov2 reg swiglu -> hf", two.DinoVit, hf_dino, image(32)),
    Pair("hf dinov2 reg swiglu -> meta", hf_dino, two.DinoVit, image(32)),
    Pair("open_clip both towers -> hf", two.OpenClip, hf_clip, texts_and_pixels, own_buffers=("position_ids",)),
    Pair("hf clip both towers -> openai", hf_clip, two.OpenClip, texts_and_pixels),
    Pair("ldm cross-attention -> diffusers", two.GuidedUNet, diffusers_unet, diffusion),
    Pair("diffusers -> ldm cross-attention", diffusers_unet, two.GuidedUNet, diffusion),
    Pair("meta mae -> hf", two.Mae, hf_mae, pixels_and_noise),
    Pair("hf mae -> meta", hf_mae, two.Mae, pixels_and_noise),
    Pair("meta convnextv2 -> timm", meta_convnext, timm_convnext, image()),
    Pair("timm convnextv2 -> meta", timm_convnext, meta_convnext, image()),
    Pair("nvidia segformer -> hf", two.NvSegFormer, eps(hf_segformer, 1e-5), image(64)),
    Pair("hf segformer -> nvidia", eps(hf_segformer, 1e-5), two.NvSegFormer, image(64)),
    Pair("gpt-neox -> hf", renamed(hf_neox, *NEOX), hf_neox, ids(99)),
    Pair("hf -> gpt-neox", hf_neox, renamed(hf_neox, *NEOX), ids(99)),
    Pair("rwkv blinkdl -> hf", renamed(hf_rwkv, *RWKV), hf_rwkv, ids(99)),
    Pair("hf rwkv -> blinkdl", hf_rwkv, renamed(hf_rwkv, *RWKV), ids(99)),
    Pair("mamba hf -> own", hf_mamba, renamed(hf_mamba, *MAMBA), ids(99)),
    Pair("mamba own -> hf", renamed(hf_mamba, *MAMBA), hf_mamba, ids(99)),
    Pair("torchaudio hubert -> hf", renamed(hf_hubert, *TORCHAUDIO), hf_hubert, floats(1, 2000)),
    Pair("hf hubert -> torchaudio", hf_hubert, renamed(hf_hubert, *TORCHAUDIO), floats(1, 2000)),
    Pair("princeton raft -> tv", renamed(last_flow(raft), *PRINCETON), last_flow(raft), two_frames),
    Pair("tv raft -> princeton", last_flow(raft), renamed(last_flow(raft), *PRINCETON), two_frames),
    Pair("pycls regnet -> tv", renamed(regnet, *PYCLS), regnet, image()),
    Pair("tv regnet -> pycls", regnet, renamed(regnet, *PYCLS), image()),
    Pair("mmdet swin -> timm", mm_swin, tm_swin, image(224, batch=1)),
    Pair("timm swin -> mmdet", tm_swin, mm_swin, image(224, batch=1)),
    Pair("espnet conformer -> nemo", two.Conformer, nemo, floats(2, 30, 19)),
    Pair("nemo conformer -> espnet", nemo, two.Conformer, floats(2, 30, 19)),
    Pair("espnet conformer -> hf names", two.Conformer, hf_conformer, floats(2, 30, 19)),
    Pair("hf conformer -> nemo", hf_conformer, nemo, floats(2, 30, 19)),
    Pair("arcface one row -> insightface", two.FaceNet, insightface, image(64)),
    Pair("insightface -> arcface one row", insightface, two.FaceNet, image(64)),
    Pair("timm coatnet -> chinhsuanwu", two.CoatNet, chin_coatnet, image(64)),
    Pair("chinhsuanwu coatnet -> timm", chin_coatnet, two.CoatNet, image(64)),
    Pair("pointnet2 yanx27 -> erik", two.PointNet2, erik_pointnet, floats(4, 6, 30)),
    Pair("pointnet2 erik -> yanx27", erik_pointnet, two.PointNet2, floats(4, 6, 30)),
    Pair("spectral norm old -> new", two.OldSpectral, two.NewSpectral, image(32)),
    Pair("spectral norm new -> old", two.NewSpectral, two.OldSpectral, image(32)),
    Pair("lstm -> cells", two.WholeLstm, two.CellLstm, ids(60)),
    Pair("cells -> lstm", two.CellLstm, two.WholeLstm, ids(60)),
    Pair("nn.Transformer -> jadore", two.TorchSeq2Seq, two.Jadore, ids(80)),
    Pair("jadore -> nn.Transformer", two.Jadore, two.TorchSeq2Seq, ids(80)),
]  # fmt: skip
