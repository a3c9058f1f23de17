"""A third blind set, written and run once after what the second one showed was repaired.

At first sight 47 of 52 were right (26 pairs, each in two orders). Two further pairs, PoolFormer and SwiftFormer of two
libraries, were taken out: their mappings were right, name by name, but the libraries compute different functions.
"""

from __future__ import annotations

import re
from typing import Any

import align_networks_blind3 as three
import torch
from align_pairs import Maker, Pair, called, fix, hf, ids, image, renamed, tm, tv
from align_pairs_blind import floats
from align_pairs_blind2 import Rule, registered
from torch import Tensor

hf_bloom = hf("BloomForCausalLM", "BloomConfig", vocab_size=99, hidden_size=32, n_layer=12, n_head=4)
MEGATRON: tuple[Rule, ...] = (
    (r"^transformer\.word_embeddings\.", "language_model.embedding.word_embeddings."),
    (r"^transformer\.word_embeddings_layernorm", "language_model.embedding.word_embeddings_norm"),
    (r"^transformer\.h\.", "language_model.encoder.layers."), (r"self_attention\.dense", "self_attention.out_linear"),
    (r"^transformer\.ln_f", "language_model.encoder.final_layernorm"), (r"^lm_head", "output_layer"),
)  # fmt: skip
hf_mpt = hf("MptForCausalLM", "MptConfig", vocab_size=99, d_model=32, n_layers=6, n_heads=4, max_seq_len=32)
MPT: tuple[Rule, ...] = (
    (r"^transformer\.wte", "tok_embeddings"), (r"^transformer\.blocks", "layers"), (r"norm_1", "attention_norm"),
    (r"norm_2", "ffn_norm"), (r"attn\.Wqkv", "attention.wqkv"), (r"attn\.out_proj", "attention.wo"),
    (r"ffn\.up_proj", "feed_forward.w1"), (r"ffn\.down_proj", "feed_forward.w2"), (r"^transformer\.norm_f", "norm"),
    (r"^lm_head", "output"),
)  # fmt: skip
hf_encodec = hf(
    "EncodecModel", "EncodecConfig", num_filters=8, hidden_size=16, codebook_size=32, codebook_dim=16,
    upsampling_ratios=[4, 2], num_lstm_layers=2,
)  # fmt: skip
ENCODEC: tuple[Rule, ...] = (
    (r"^(\w+coder)\.layers", r"\1.model"), (r"parametrizations\.weight\.original0", "weight_g"),
    (r"parametrizations\.weight\.original1", "weight_v"), (r"^quantizer\.layers", "quantizer.vq.layers"),
    (r"\.codebook\.", "._codebook."), (r"\.conv\.(weight|bias)", r".conv.conv.\1"),
    (r"^decoder\.model\.([36])\.conv\.conv\.", r"decoder.model.\1.convtr.convtr."),
)  # fmt: skip


def autoencoded(make: Maker) -> Maker:
    """Without the choice of codes, which no derivative of the weights would show."""

    def change(model: Any) -> None:
        model.forward = lambda x: model.decoder(
            model.encoder(x) + model.quantizer.layers[0].codebook.embed.sum() * 0.01
        )

    return fix(make, change)


def detected(make: Maker) -> Maker:
    """What a detector's parts answer before boxes are chosen."""

    def change(model: Any) -> None:
        def forward(x: Tensor) -> Tensor:
            maps = model.backbone(x)
            logits, boxes = model.rpn.head(list(maps.values()))
            areas = [torch.tensor([[2.0, 3.0, 40.0, 50.0], [10.0, 5.0, 60.0, 30.0]])] * len(x)
            found = model.roi_heads.box_roi_pool(maps, areas, [tuple(x.shape[2:])] * len(x))
            classes, places = model.roi_heads.box_predictor(model.roi_heads.box_head(found))
            told = [value.mean((2, 3)) for value in (*logits, *boxes)] + [classes, places]
            return torch.cat([value.flatten() for value in told])

        model.forward = forward

    return fix(make, change)


rcnn = detected(tv("fasterrcnn_resnet50_fpn", weights_backbone=None))
MMDET: tuple[Rule, ...] = (
    (r"^backbone\.body\.", "backbone."), (r"^backbone\.fpn\.inner_blocks\.(\d)\.0", r"neck.lateral_convs.\1.conv"),
    (r"^backbone\.fpn\.layer_blocks\.(\d)\.0", r"neck.fpn_convs.\1.conv"), (r"^rpn\.head\.conv\.0\.0", "rpn_head.rpn_conv"),
    (r"^rpn\.head\.cls_logits", "rpn_head.rpn_cls"), (r"^rpn\.head\.bbox_pred", "rpn_head.rpn_reg"),
    (r"^roi_heads\.box_head\.fc6", "roi_head.bbox_head.shared_fcs.0"),
    (r"^roi_heads\.box_head\.fc7", "roi_head.bbox_head.shared_fcs.1"),
    (r"^roi_heads\.box_predictor\.cls_score", "roi_head.bbox_head.fc_cls"),
    (r"^roi_heads\.box_predictor\.bbox_pred", "roi_head.bbox_head.fc_reg"),
)  # fmt: skip
mm_rcnn = registered(renamed(rcnn, *MMDET), "backbone", "neck", "rpn_head", "roi_head", "fc_cls", "fc_reg")
video = tv("r2plus1d_18")
MMACTION: tuple[Rule, ...] = (
    (r"^stem\.0", "backbone.conv1.conv.conv_s"), (r"^stem\.1", "backbone.conv1.conv.bn_s"),
    (r"^stem\.3", "backbone.conv1.conv.conv_t"), (r"^stem\.4", "backbone.conv1.bn"),
    (r"^layer", "backbone.layer"), (r"conv(\d)\.0\.0", r"conv\1.conv.conv_s"), (r"conv(\d)\.0\.1", r"conv\1.conv.bn_s"),
    (r"conv(\d)\.0\.3", r"conv\1.conv.conv_t"), (r"layer(\d)\.(\d)\.conv(\d)\.1\.", r"layer\1.\2.conv\3.bn."),
    (r"downsample\.0", "downsample.conv"), (r"downsample\.1", "downsample.bn"), (r"^fc", "cls_head.fc_cls"),
)  # fmt: skip
mm_video = registered(renamed(video, *MMACTION), "conv_s", "bn_s", "conv_t", "bn")

swinv2 = hf("Swinv2ForImageClassification", "Swinv2Config", num_labels=1000, image_size=256, window_size=8)
hiera = hf("HieraForImageClassification", "HieraConfig", depths=[1, 2, 7, 2], num_labels=1000)
mobilevitv2 = hf("MobileViTV2ForImageClassification", "MobileViTV2Config", width_multiplier=0.5, num_labels=1000)

NERF_PL: tuple[Rule, ...] = (
    (r"^pts_linears\.(\d)", lambda found: f"xyz_encoding_{int(found[1]) + 1}.0"), (r"^views_linears\.0", "dir_encoding.0"),
    (r"^feature_linear", "xyz_encoding_final"), (r"^alpha_linear", "sigma"), (r"^rgb_linear", "rgb.0"),
)  # fmt: skip
nerf_pl = registered(renamed(three.Nerf, *NERF_PL), *(f"xyz_encoding_{k}" for k in range(1, 9)), "xyz_encoding_final", "dir_encoding", "sigma", "rgb")  # fmt: skip
COQUI: tuple[Rule, ...] = (
    (r"convolutions\.(\d)\.0\.conv", r"convolutions.\1.convolution1d"), (r"convolutions\.(\d)\.1", r"convolutions.\1.batch_normalization"),
    (r"prenet\.layers", "prenet.linear_layers"), (r"attention_layer\.query_layer", "attention.query_layer"),
    (r"attention_layer\.memory_layer", "attention.inputs_layer"), (r"attention_layer\.v\.", "attention.v."),
    (r"gate_layer", "stopnet.1"), (r"linear_projection\.", "linear_projection."),
)  # fmt: skip
coqui = registered(
    renamed(three.Tacotron2, *COQUI), "embedding", "encoder", "prenet", "attention_rnn", "attention", "decoder_rnn",
    "linear_projection", "stopnet",
)  # fmt: skip


def nvlabs_name(name: str) -> str:
    """StyleGAN2 in NVIDIA's names."""
    name = re.sub(r"conv\.modulation", "affine", re.sub(r"noise\.weight", "noise_strength", name))
    name = re.sub(r"activate\.bias", "bias", re.sub(r"\.conv\.weight", ".weight", name))
    name = re.sub(r"^style\.(\d)", r"mapping.fc\1", re.sub(r"^input\.input", "synthesis.b4.const", name))
    name = re.sub(r"^conv1\.", "synthesis.b4.conv1.", re.sub(r"^to_rgb1\.", "synthesis.b4.torgb.", name))
    name = re.sub(r"^to_rgbs\.(\d)", lambda found: f"synthesis.b{8 << int(found[1])}.torgb", name)
    return re.sub(r"^convs\.(\d)", lambda found: f"synthesis.b{8 << int(found[1]) // 2}.conv{int(found[1]) % 2}", name)


nvlabs = registered(called(three.StyleGan2, nvlabs_name), "synthesis", "mapping", "const", "b4", "b8", "b16", "b32", "b64", "conv0", "conv1", "torgb", "affine")  # fmt: skip
DGL: tuple[Rule, ...] = (
    (r"^node_encoder", "embedding_h"), (r"^convs\.(\d)\.lin", r"layers.\1.gatconv.fc"),
    (r"^convs\.(\d)\.att_src", r"layers.\1.gatconv.attn_l"), (r"^convs\.(\d)\.att_dst", r"layers.\1.gatconv.attn_r"),
    (r"^convs\.(\d)\.bias", r"layers.\1.gatconv.bias"), (r"^batch_norms\.(\d)", r"layers.\1.batchnorm_h"),
    (r"^graph_pred_linear", "readout.fc"),
)  # fmt: skip
dgl = registered(renamed(three.PygGat, *DGL), "embedding_h", "layers", "gatconv", "batchnorm_h")
clips = floats(1, 3, 4, 32, 32)


def both_ways(name: str, a: Maker, b: Maker, inputs: Any, buffers: tuple[str, ...] = ()) -> list[Pair]:
    first, second = name.split(" <-> ")
    return [
        Pair(f"{first} -> {second}", a, b, inputs, own_buffers=buffers),
        Pair(f"{second} -> {first}", b, a, inputs, own_buffers=buffers),
    ]


BLIND3: list[Pair] = [
    *both_ways("megatron bloom <-> hf", renamed(hf_bloom, *MEGATRON), hf_bloom, ids(99)),
    *both_ways("mpt <-> meta-like", hf_mpt, renamed(hf_mpt, *MPT), ids(99)),
    *both_ways(
        "meta encodec <-> hf", renamed(autoencoded(hf_encodec), *ENCODEC), autoencoded(hf_encodec), floats(1, 1, 320)
    ),
    *both_ways("mmdet faster r-cnn <-> tv", mm_rcnn, rcnn, image(64)),
    *both_ways("mmaction r2plus1d <-> tv", mm_video, video, clips),
    *both_ways("timm swinv2 <-> hf", tm("swinv2_tiny_window8_256"), swinv2, image(256, batch=1), ("k_bias",)),
    *both_ways("timm hiera <-> hf", tm("hiera_tiny_224"), hiera, image(224, batch=1)),
    *both_ways("timm mobilevitv2 <-> hf", tm("mobilevitv2_050"), mobilevitv2, image(64)),
    *both_ways("nerf-pytorch <-> nerf_pl", three.Nerf, nerf_pl, floats(20, 90)),
    *both_ways("stable-baselines3 <-> cleanrl", three.StableActorCritic, three.CleanActorCritic, floats(5, 17)),
    *both_ways("nvidia tacotron2 <-> coqui", three.Tacotron2, coqui, ids(60)),
    *both_ways("rosinality stylegan2 <-> nvlabs", three.StyleGan2, nvlabs, floats(2, 24)),
    *both_ways("pyg gat <-> dgl", three.PygGat, dgl, floats(11, 9)),
]
