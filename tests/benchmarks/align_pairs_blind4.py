"""A fourth blind set, written and run once after what the third one showed was repaired: 38 of 44 at first sight."""

from __future__ import annotations

import re
from typing import Any

import torch
from align_pairs import Maker, Pair, called, fix, hf, ids, image, renamed, tm, tv
from align_pairs_blind import floats
from align_pairs_blind2 import Rule, registered
from align_pairs_blind3 import both_ways
from torch import Tensor, nn


def classified(name: str) -> Maker:
    """The parts of a torchvision detector that hold weights, without the choice of boxes."""

    def change(model: Any) -> None:
        def forward(x: Tensor) -> Tensor:
            told = model.head(list(model.backbone(x).values()))
            return torch.cat([told["cls_logits"].flatten(), told["bbox_regression"].flatten()])

        model.forward = forward

    return fix(tv(name, weights_backbone=None), change)


def described(make: Maker) -> Maker:
    """SuperPoint before points are chosen."""

    def change(model: Any) -> None:
        def forward(x: Tensor) -> Tensor:
            x = model.encoder(x)[0]
            scores = model.keypoint_decoder.conv_score_b(model.keypoint_decoder.conv_score_a(x).relu())
            signs = model.descriptor_decoder.conv_descriptor_b(model.descriptor_decoder.conv_descriptor_a(x).relu())
            return torch.cat([scores, signs], 1)

        model.forward = forward

    return fix(make, change)


def calm(make: Maker) -> Maker:
    """Speech without chance, and what the part that only training uses makes of a spectrogram."""

    def change(model: Any) -> None:
        plain = model.forward
        model.noise_scale = 0.0

        def forward(tokens: Tensor) -> Tensor:
            generator = torch.Generator().manual_seed(3)
            spectrogram = torch.randn(len(tokens), 33, 9, generator=generator)
            _, mean, spread = model.posterior_encoder(spectrogram, torch.ones(len(tokens), 1, 9))
            return torch.cat([plain(tokens).waveform[:, :64].flatten(), mean.flatten(), spread.flatten()])

        model.forward = forward

    return fix(make, change)


cvt = hf("CvtForImageClassification", "CvtConfig", embed_dim=[16, 48, 96], depth=[1, 2, 4], num_labels=10)
MS_CVT: tuple[Rule, ...] = (
    (r"^cvt\.encoder\.stages\.(\d)\.embedding\.convolution_embeddings\.projection", r"stage\1.patch_embed.proj"),
    (r"^cvt\.encoder\.stages\.(\d)\.embedding\.convolution_embeddings\.normalization", r"stage\1.patch_embed.norm"),
    (r"^cvt\.encoder\.stages\.(\d)\.layers", r"stage\1.blocks"), (r"^cvt\.encoder\.stages\.(\d)", r"stage\1"),
    (r"attention\.attention\.convolution_projection_(\w)\w*\.convolution_projection\.convolution", r"attn.conv_proj_\1.conv"),
    (r"attention\.attention\.convolution_projection_(\w)\w*\.convolution_projection\.normalization", r"attn.conv_proj_\1.bn"),
    (r"attention\.attention\.projection_(\w)\w*", r"attn.proj_\1"), (r"attention\.output\.dense", "attn.proj"),
    (r"intermediate\.dense", "mlp.fc1"), (r"output\.dense", "mlp.fc2"), (r"layernorm_before", "norm1"),
    (r"layernorm_after", "norm2"), (r"^layernorm", "norm"), (r"^classifier", "head"),
)  # fmt: skip
ms_cvt = registered(renamed(cvt, *MS_CVT), "patch_embed", "norm1", "attn", "norm2", "mlp")
deberta = hf(
    "DebertaV2Model", "DebertaV2Config", vocab_size=99, hidden_size=32, num_hidden_layers=5, num_attention_heads=4,
    intermediate_size=64, relative_attention=True, pos_att_type=["c2p", "p2c"], position_buckets=8,
    max_position_embeddings=32, norm_rel_ebd="layer_norm", share_att_key=True,
)  # fmt: skip
OWN_DEBERTA: tuple[Rule, ...] = (
    (r"^embeddings\.word_embeddings", "tok_emb"), (r"^embeddings\.position_embeddings", "pos_emb"),
    (r"^embeddings\.LayerNorm", "emb_ln"), (r"^encoder\.layer\.(\d+)\.", r"blocks.\1."),
    (r"attention\.self\.(query|key|value)_proj", lambda found: f"attn.w{found[1][0]}"),
    (r"attention\.output\.dense", "attn.wo"), (r"attention\.output\.LayerNorm", "attn_ln"),
    (r"intermediate\.dense", "ffn.0"), (r"output\.dense", "ffn.2"), (r"output\.LayerNorm", "ffn_ln"),
    (r"^encoder\.rel_embeddings", "rel_emb"), (r"^encoder\.LayerNorm", "rel_ln"),
)  # fmt: skip
own_deberta = registered(renamed(deberta, *OWN_DEBERTA), "tok_emb", "pos_emb", "rel_emb", "rel_ln", "emb_ln", "blocks")
blip = hf(
    "BlipVisionModel", "BlipVisionConfig", hidden_size=32, num_hidden_layers=5, num_attention_heads=4,
    intermediate_size=64, image_size=32, patch_size=8,
)  # fmt: skip
SALESFORCE: tuple[Rule, ...] = (
    (r"^embeddings\.class_embedding", "visual_encoder.cls_token"), (r"^embeddings\.position_embedding", "visual_encoder.pos_embed"),
    (r"^embeddings\.patch_embedding", "visual_encoder.patch_embed.proj"), (r"^encoder\.layers", "visual_encoder.blocks"),
    (r"self_attn\.qkv", "attn.qkv"), (r"self_attn\.projection", "attn.proj"), (r"layer_norm(\d)", r"norm\1"),
    (r"^post_layernorm", "visual_encoder.norm"),
)  # fmt: skip
salesforce = registered(renamed(blip, *SALESFORCE), "norm1", "attn", "norm2", "mlp")
vits = calm(
    hf(
        "VitsModel", "VitsConfig", vocab_size=40, hidden_size=32, num_hidden_layers=4, num_attention_heads=2, ffn_dim=64,
        flow_size=32, spectrogram_bins=33, upsample_initial_channel=32, upsample_rates=[4, 4],
        upsample_kernel_sizes=[8, 8], resblock_kernel_sizes=[3, 5], resblock_dilation_sizes=[[1, 3], [1, 3]],
        wavenet_dilation_rate=1, posterior_encoder_num_wavenet_layers=6, use_stochastic_duration_prediction=False,
    )
)  # fmt: skip
JAYWALNUT: tuple[Rule, ...] = (
    (r"^text_encoder\.embed_tokens", "enc_p.emb"), (r"^text_encoder\.project", "enc_p.proj"),
    (r"^text_encoder\.encoder\.layers\.(\d)\.attention\.emb_rel", r"enc_p.encoder.attn_layers.\1.emb_rel"),
    (r"^text_encoder\.encoder\.layers\.(\d)\.attention\.(\w)_proj", r"enc_p.encoder.attn_layers.\1.conv_\2"),
    (r"^text_encoder\.encoder\.layers\.(\d)\.attention\.out_proj", r"enc_p.encoder.attn_layers.\1.conv_o"),
    (r"^text_encoder\.encoder\.layers\.(\d)\.layer_norm", r"enc_p.encoder.norm_layers_1.\1"),
    (r"^text_encoder\.encoder\.layers\.(\d)\.feed_forward", r"enc_p.encoder.ffn_layers.\1"),
    (r"^text_encoder\.encoder\.layers\.(\d)\.final_layer_norm", r"enc_p.encoder.norm_layers_2.\1"),
    (r"^decoder", "dec"), (r"upsampler", "ups"), (r"^posterior_encoder\.conv_pre", "enc_q.pre"),
    (r"^posterior_encoder\.conv_proj", "enc_q.proj"), (r"^posterior_encoder", "enc_q"), (r"wavenet", "enc"),
    (r"^flow\.flows\.(\d)\.conv_(pre|post)", r"flow.flows.\1.\2"),
    (r"^flow\.flows\.(\d)", lambda found: f"flow.flows.{2 * int(found[1])}"),
    (r"parametrizations\.weight\.original0", "weight_g"), (r"parametrizations\.weight\.original1", "weight_v"),
    (r"^duration_predictor", "dp"), (r"(norm_layers_\d\.\d|norm_\d)\.weight", r"\1.gamma"),
    (r"(norm_layers_\d\.\d|norm_\d)\.bias", r"\1.beta"),
)  # fmt: skip
jaywalnut = registered(
    renamed(vits, *JAYWALNUT), "enc_p", "dec", "enc_q", "flow", "dp", "emb", "encoder", "attn_layers",
    "norm_layers_1", "ffn_layers", "norm_layers_2", "proj", "conv_q", "conv_k", "conv_v", "conv_o", "pre", "enc", "post",
)  # fmt: skip
repvgg = tm("repvgg_a0")
DING: tuple[Rule, ...] = (
    (r"^stem\.", "stage0."), (r"^stages\.(\d)", lambda found: f"stage{int(found[1]) + 1}"),
    (r"conv_kxk", "rbr_dense"), (r"conv_1x1", "rbr_1x1"), (r"identity", "rbr_identity"), (r"^head\.fc", "linear"),
)  # fmt: skip
edgenext = tm("edgenext_xx_small")
MAAZ: tuple[Rule, ...] = (
    (r"^stem", "downsample_layers.0"), (r"^stages\.(\d)\.downsample", r"downsample_layers.\1"),
    (r"^stages\.(\d)\.blocks", r"stages.\1"), (r"conv_dw", "dwconv"), (r"mlp\.fc1", "pwconv1"), (r"mlp\.fc2", "pwconv2"),
    (r"^head\.norm", "norm"), (r"^head\.fc", "head"),
)  # fmt: skip
maaz = registered(renamed(edgenext, *MAAZ), "downsample_layers", "stages", "norm", "head")
superpoint = described(hf("SuperPointForKeypointDetection", "SuperPointConfig"))
MAGICLEAP: tuple[Rule, ...] = (
    (r"^encoder\.conv_blocks\.(\d)\.conv_(\w)", lambda found: f"conv{int(found[1]) + 1}{found[2]}"),
    (r"^keypoint_decoder\.conv_score_(\w)", r"convP\1"), (r"^descriptor_decoder\.conv_descriptor_(\w)", r"convD\1"),
)  # fmt: skip
timesformer = hf(
    "TimesformerModel", "TimesformerConfig", hidden_size=32, num_hidden_layers=5, num_attention_heads=4,
    intermediate_size=64, image_size=32, patch_size=8, num_frames=2,
)  # fmt: skip
META_TIMESFORMER: tuple[Rule, ...] = (
    (r"^embeddings\.cls_token", "model.cls_token"), (r"^embeddings\.position_embeddings", "model.pos_embed"),
    (r"^embeddings\.time_embeddings", "model.time_embed"), (r"^embeddings\.patch_embeddings\.projection", "model.patch_embed.proj"),
    (r"^encoder\.layer\.", "model.blocks."), (r"temporal_attention\.attention", "temporal_attn"),
    (r"temporal_attention\.output\.dense", "temporal_attn.proj"), (r"attention\.attention", "attn"),
    (r"attention\.output\.dense", "attn.proj"), (r"temporal_layernorm", "temporal_norm1"), (r"temporal_dense", "temporal_fc"),
    (r"layernorm_before", "norm1"), (r"layernorm_after", "norm2"), (r"intermediate\.dense", "mlp.fc1"),
    (r"output\.dense", "mlp.fc2"), (r"^layernorm", "model.norm"),
)  # fmt: skip
meta_timesformer = registered(
    renamed(timesformer, *META_TIMESFORMER), "norm1", "attn", "temporal_norm1", "temporal_attn", "temporal_fc", "norm2", "mlp"
)  # fmt: skip
ssd = classified("ssd300_vgg16")


def amdegroot_name(name: str) -> str:
    """ssd.pytorch's names: one row of layers for VGG, one for what is added, one for each kind of answer."""
    name = re.sub(r"^head\.classification_head\.module_list", "conf", name)
    name = re.sub(r"^head\.regression_head\.module_list", "loc", name)
    name = name.replace("backbone.scale_weight", "L2Norm.weight").replace("backbone.features", "vgg")
    found = re.match(r"backbone\.extra\.0\.(\d)\.?(\d)?\.(\w+)$", name)
    if found is not None:
        return f"vgg.{ {'1': 24, '3': 26, '5': 28}.get(found[1], 31 if found[2] == '1' else 33) }.{found[3]}"
    return re.sub(
        r"^backbone\.extra\.(\d)\.(\d)", lambda found: f"extras.{2 * (int(found[1]) - 1) + int(found[2]) // 2}", name
    )


amdegroot = registered(called(ssd, amdegroot_name), "vgg", "L2Norm", "extras", "loc", "conf")
esm = hf(
    "EsmModel", "EsmConfig", vocab_size=40, hidden_size=32, num_hidden_layers=6, num_attention_heads=4,
    intermediate_size=64, position_embedding_type="rotary", pad_token_id=1, mask_token_id=2, add_pooling_layer=False,
)  # fmt: skip
FAIR_ESM: tuple[Rule, ...] = (
    (r"^embeddings\.word_embeddings", "embed_tokens"), (r"^encoder\.layer\.", "layers."),
    (r"attention\.self\.(query|key|value)", lambda found: f"self_attn.{found[1][0]}_proj"),
    (r"attention\.output\.dense", "self_attn.out_proj"), (r"attention\.LayerNorm", "self_attn_layer_norm"),
    (r"intermediate\.dense", "fc1"), (r"output\.dense", "fc2"), (r"LayerNorm", "final_layer_norm"),
    (r"^encoder\.emb_layer_norm_after", "emb_layer_norm_after"),
)  # fmt: skip
fair_esm = registered(
    renamed(esm, *FAIR_ESM), "embed_tokens", "layers", "self_attn", "self_attn_layer_norm", "k_proj", "v_proj", "q_proj", "out_proj"
)  # fmt: skip


class CleanDqn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(),
            nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 6),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)


STABLE: tuple[Rule, ...] = (
    (r"^network\.([024])\.", r"q_net.features_extractor.cnn.\1."), (r"^network\.7", "q_net.features_extractor.linear.0"),
    (r"^network\.9", "q_net.q_net.0"),
)  # fmt: skip

BLIND4: list[Pair] = [
    *both_ways("microsoft cvt <-> hf", ms_cvt, cvt, image(64)),
    *both_ways("own deberta <-> hf", own_deberta, deberta, ids(99)),
    *both_ways("salesforce blip <-> hf", salesforce, blip, image(32)),
    *both_ways("jaywalnut vits <-> hf", jaywalnut, vits, ids(40)),
    *both_ways("ding repvgg <-> timm", renamed(repvgg, *DING), repvgg, image(64)),
    *both_ways("maaz edgenext <-> timm", maaz, edgenext, image(64)),
    *both_ways("magicleap superpoint <-> hf", renamed(superpoint, *MAGICLEAP), superpoint, floats(1, 1, 32, 32)),
    *both_ways("meta timesformer <-> hf", meta_timesformer, timesformer, floats(1, 2, 3, 32, 32)),
    *both_ways("amdegroot ssd <-> tv", amdegroot, ssd, image(300, batch=1)),
    *both_ways("fair esm <-> hf", fair_esm, esm, ids(40)),
    *both_ways("cleanrl dqn <-> stable-baselines3", CleanDqn, renamed(CleanDqn, *STABLE), floats(2, 4, 84, 84)),
]
