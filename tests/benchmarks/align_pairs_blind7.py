"""A seventh blind set, by somebody who had never seen the mapper: 48 of 48 at first sight.

Ports between installed libraries, first repositories, and what labs write themselves.
"""

from __future__ import annotations

from typing import Any

import align_networks_blind7 as seven
import torch
from align_networks_blind5 import stored
from align_pairs import Pair, eps, fix, hf, ids, image, renamed, tm, tv
from align_pairs_blind import floats
from align_pairs_blind2 import Rule, called_with, registered
from align_pairs_blind3 import both_ways
from align_pairs_blind5 import features, watched
from torch import Tensor, nn


def last_map(model: Any) -> None:
    plain = model.forward
    model.forward = lambda x: plain(x).feature_maps[-1]


timm_resnet_d = watched(
    features(tm("resnet50d", stem_width=8, channels=(8, 16, 32, 64), layers=(2, 3, 3, 2), num_classes=0)),
    r"^layer\d\.\d$",
)
hf_resnet_d = watched(
    fix(
        hf(
            "RTDetrResNetBackbone", "RTDetrResNetConfig", embedding_size=16, hidden_sizes=[32, 64, 128, 256],
            depths=[2, 3, 3, 2], out_features=["stage4"],
        ),
        last_map,
    ),
    r"stages\.\d\.layers\.\d$",
)  # fmt: skip


def last_state(model: Any) -> None:
    plain = model.forward
    model.forward = lambda x: plain(x).last_hidden_state


DAVIT = {"depths": (1, 1, 3, 1), "num_heads": (2, 4, 8, 16)}
timm_davit = watched(
    features(tm("davit_base_fl", embed_dims=(16, 32, 64, 128), **DAVIT, window_size=4, num_classes=0)),
    r"^stages\.\d\.blocks\.\d\.(spatial|channel)_block$",
)
hf_florence = watched(
    fix(
        hf(
            "Florence2VisionBackbone", "Florence2VisionConfig", embed_dim=[16, 32, 64, 128], depths=[1, 1, 3, 1],
            num_heads=[2, 4, 8, 16], num_groups=[2, 4, 8, 16], window_size=4, projection_dim=32,
        ),
        last_state,
    ),
    r"^blocks\.\d\.\d\.(spatial|channel)_block$",
)  # fmt: skip


def bare(model: Any) -> None:
    """Without places of its own, and without what makes maps narrower at the end."""
    model.pos_embed, model.neck = None, nn.Identity()


timm_samvit = features(
    fix(
        tm(
            "samvit_base_patch16", embed_dim=48, depth=6, num_heads=3, global_attn_indexes=(2, 5), window_size=2,
            img_size=64, num_classes=0,
        ),
        bare,
    )
)  # fmt: skip


def placeless(model: Any) -> None:
    """Places are told by the attention alone."""
    model.embeddings.position_embeddings = None


hf_vitdet = fix(
    hf(
        "VitDetModel", "VitDetConfig", hidden_size=48, num_hidden_layers=6, num_attention_heads=3, image_size=64,
        pretrain_image_size=64, window_block_indices=[0, 1, 3, 4], window_size=2,
        use_relative_position_embeddings=True,
    ),
    placeless,
)  # fmt: skip

hf_xlm = hf(
    "XLMModel", "XLMConfig", vocab_size=99, emb_dim=32, n_layers=6, n_heads=4, n_langs=1, use_lang_emb=False,
    max_position_embeddings=40,
)  # fmt: skip
hf_distil = hf(
    "DistilBertModel", "DistilBertConfig", vocab_size=99, dim=32, n_layers=6, n_heads=4, hidden_dim=128,
    max_position_embeddings=40,
)  # fmt: skip


def pooled(model: Any) -> None:
    """What the pooling of a tower answers to rows of patches."""
    plain = model.forward
    model.forward = lambda x: (
        plain(
            pixel_values=x, pixel_attention_mask=torch.ones(2, 16), spatial_shapes=torch.full((2, 2), 4)
        ).pooler_output
    )


def patched(model: Any) -> None:
    """The same rows of patches in timm's form."""
    plain = model.forward
    rows, columns = torch.meshgrid(torch.arange(4), torch.arange(4), indexing="ij")
    places = torch.stack([rows.flatten(), columns.flatten()], -1).expand(2, -1, -1)

    def forward(x: Tensor) -> Tensor:
        return plain({"patches": x, "patch_coord": places, "patch_valid": torch.ones(2, 16, dtype=torch.bool)})

    model.forward = forward


hf_siglip2 = fix(
    hf(
        "Siglip2VisionModel", "Siglip2VisionConfig", hidden_size=48, num_hidden_layers=5, num_attention_heads=3,
        intermediate_size=96, num_patches=16, patch_size=8,
    ),
    pooled,
)  # fmt: skip
timm_naflex = fix(
    tm(
        "naflexvit_base_patch16_siglip", embed_dim=48, depth=5, num_heads=3, mlp_ratio=2.0, patch_size=8,
        pos_embed_grid_size=(4, 4), num_classes=0, act_layer="gelu_tanh",
    ),
    patched,
)  # fmt: skip

hf_biogpt = eps(
    hf(
        "BioGptModel", "BioGptConfig", vocab_size=99, hidden_size=32, num_hidden_layers=5, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=40,
    ),
    1e-12,
)  # fmt: skip

hf_videomae = hf(
    "VideoMAEForVideoClassification", "VideoMAEConfig", image_size=32, patch_size=8, num_frames=4, hidden_size=48,
    num_hidden_layers=5, num_attention_heads=3, intermediate_size=96, num_labels=10,
)  # fmt: skip
VIDEOMAE_JOINTS = (
    (r"attention\.query\.weight", ("attention.key.weight", "attention.value.weight"), "attention.qkv.weight"),
)
NJU: tuple[Rule, ...] = (
    (r"attention\.attention\.query\.bias", "attn.q_bias"), (r"attention\.attention\.value\.bias", "attn.v_bias"),
    (r"attention\.attention\.qkv", "attn.qkv"), (r"attention\.output\.dense", "attn.proj"),
    (r"intermediate\.dense", "mlp.fc1"), (r"output\.dense", "mlp.fc2"), (r"layernorm_before", "norm1"),
    (r"layernorm_after", "norm2"), (r"^videomae\.embeddings\.patch_embeddings\.projection", "patch_embed.proj"),
    (r"^videomae\.encoder\.layer", "blocks"), (r"^classifier", "head"),
)  # fmt: skip
nju = registered(
    renamed(stored(hf_videomae, VIDEOMAE_JOINTS), *NJU), "patch_embed", "blocks", "fc_norm", "head", "norm1", "attn",
    "norm2", "mlp", "q_bias", "v_bias", "qkv", "proj",
)  # fmt: skip

hf_nanochat = hf(
    "NanoChatForCausalLM", "NanoChatConfig", vocab_size=99, hidden_size=48, num_hidden_layers=6,
    num_attention_heads=4, num_key_value_heads=4, intermediate_size=192, tie_word_embeddings=False,
)  # fmt: skip
KARPATHY: tuple[Rule, ...] = (
    (r"^model\.embed_tokens", "transformer.wte"), (r"^model\.layers", "transformer.h"),
    (r"self_attn\.(q|k|v)_proj", r"attn.c_\1"), (r"self_attn\.o_proj", "attn.c_proj"), (r"mlp\.fc1", "mlp.c_fc"),
    (r"mlp\.fc2", "mlp.c_proj"), (r"^", "_orig_mod."),
)  # fmt: skip
karpathy = renamed(hf_nanochat, *KARPATHY)

tv_r3d = watched(tv("r3d_18", num_classes=20), r"^layer\d\.\d$")
HARA: tuple[Rule, ...] = (
    (r"^stem\.0", "conv1"), (r"^stem\.1", "bn1"), (r"conv([12])\.0", r"conv\1"), (r"conv([12])\.1", r"bn\1"),
    (r"^", "module."),
)  # fmt: skip
hara = renamed(tv_r3d, *HARA)


def diffused() -> tuple[Tensor, ...]:
    """Noise and its steps."""
    return torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(5)), torch.tensor([3.0, 250.0])


BLIND7: list[Pair] = [
    *both_ways("timm resnet50d <-> hf rt-detr", timm_resnet_d, hf_resnet_d, image(64)),
    *both_ways(
        "timm davit <-> hf florence2", timm_davit, hf_florence, image(128, batch=1),
        ("head.norm.weight", "head.norm.bias"),
    ),
    *both_ways("timm samvit <-> hf vitdet", timm_samvit, hf_vitdet, image(64)),
    *both_ways("hf xlm <-> hf distilbert", hf_xlm, hf_distil, ids(99)),
    *both_ways("timm naflexvit <-> hf siglip2", timm_naflex, hf_siglip2, floats(2, 16, 192)),
    *both_ways("hf biogpt <-> torch encoder", hf_biogpt, seven.TorchLanguage, ids(99)),
    *both_ways("nju videomae <-> hf", nju, called_with(hf_videomae, "pixel_values"), floats(2, 4, 3, 32, 32)),
    *both_ways("karpathy nanochat <-> hf", karpathy, hf_nanochat, ids(99)),
    *both_ways("kensho hara r3d <-> tv", hara, tv_r3d, floats(1, 3, 4, 32, 32)),
    *both_ways("kaituoxu conv-tasnet <-> own", seven.KaituoxuTasNet, seven.OwnTasNet, floats(2, 400)),
    *both_ways("assembly speech <-> lab", seven.AssemblySpeech, seven.LabSpeech, floats(2, 1, 32, 40)),
    *both_ways("dome272 diffusion <-> lab", seven.DomeUNet, seven.LabDiffusion, diffused),
]  # fmt: skip
