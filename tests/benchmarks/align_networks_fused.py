"""Networks that fuse their projections, or keep them apart, or transposed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from align_pairs import BERT, hf
from torch import Tensor, nn


class Mean(nn.Module):
    """A model under another root whose output is the last hidden state."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x).last_hidden_state


def timm_vit(**more: Any) -> nn.Module:
    from timm.models.vision_transformer import VisionTransformer

    sizes = {
        "img_size": 32,
        "patch_size": 8,
        "depth": 6,
        "num_heads": 4,
        "embed_dim": 64,
        "mlp_ratio": 2.0,
        "num_classes": 10,
    }
    return VisionTransformer(**{**sizes, **more})


def deit() -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        from timm.models.deit import VisionTransformerDistilled

        return VisionTransformerDistilled(
            img_size=32, patch_size=8, depth=6, num_heads=4, embed_dim=64, mlp_ratio=2.0, num_classes=10
        )

    return make


class Tokens(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net.forward_features(x)


def dino_timm(swiglu: bool) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        return Tokens(timm_vit(depth=5, num_classes=0, init_values=0.5))

    return make


def siglip_timm() -> nn.Module:
    return Tokens(timm_vit(depth=5, num_classes=0, class_token=False, global_pool=""))


def beit_timm() -> nn.Module:
    from timm.models.beit import Beit

    return Beit(
        img_size=32,
        patch_size=8,
        embed_dim=64,
        depth=4,
        num_heads=4,
        mlp_ratio=2.0,
        num_classes=10,
        use_abs_pos_emb=False,
        use_rel_pos_bias=True,
        init_values=0.1,
    )


def beit_hf() -> nn.Module:
    return hf(
        "BeitForImageClassification", "BeitConfig", hidden_size=64, num_hidden_layers=4, num_attention_heads=4,
        intermediate_size=128, image_size=32, patch_size=8, num_labels=10, use_relative_position_bias=True,
        use_absolute_position_embeddings=False, use_mask_token=False, layer_norm_eps=1e-6,
    )()  # fmt: skip


# --- CLIP's image tower as its authors wrote it ----------------------------------------------------------


class QuickGelu(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class OpenClipBlock(nn.Module):
    def __init__(self, d: int, heads: int, hidden: int) -> None:
        super().__init__()
        from collections import OrderedDict

        self.attn = nn.MultiheadAttention(d, heads)
        self.ln_1 = nn.LayerNorm(d)
        self.mlp = nn.Sequential(
            OrderedDict([("c_fc", nn.Linear(d, hidden)), ("gelu", QuickGelu()), ("c_proj", nn.Linear(hidden, d))])
        )
        self.ln_2 = nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class OpenClipVision(nn.Module):
    def __init__(self, d: int = 64, layers: int = 5, heads: int = 4, out: int = 48) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, d, 8, 8, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(d))
        self.positional_embedding = nn.Parameter(torch.randn(17, d))
        self.ln_pre = nn.LayerNorm(d)
        self.transformer = nn.Module()
        self.transformer.resblocks = nn.Sequential(*(OpenClipBlock(d, heads, 2 * d) for _ in range(layers)))
        self.ln_post = nn.LayerNorm(d)
        self.proj = nn.Parameter(torch.randn(d, out))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        x = self.transformer.resblocks(self.ln_pre(x).transpose(0, 1)).transpose(0, 1)
        return self.ln_post(x[:, 0]) @ self.proj


# --- BERT on torch's own encoder, and in TensorFlow's names ------------------------------------------------


class TorchBert(nn.Module):
    def __init__(self, vocab: int = 99, d: int = 64, layers: int = 6) -> None:
        super().__init__()
        self.tok, self.pos, self.seg = nn.Embedding(vocab, d), nn.Embedding(64, d), nn.Embedding(2, d)
        self.norm = nn.LayerNorm(d, eps=1e-12)
        layer = nn.TransformerEncoderLayer(d, 4, 128, activation="gelu", batch_first=True, layer_norm_eps=1e-12)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tok(ids) + self.pos.weight[: ids.shape[1]] + self.seg.weight[0]
        return self.encoder(self.norm(x))


class TfBert(nn.Module):
    """BERT with kernels [in, out], as its first checkpoints have them."""

    def __init__(self) -> None:
        super().__init__()
        self.net = hf("BertModel", "BertConfig", **BERT)()

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:  # type: ignore[override]
        result = {}
        for name, value in self.net.state_dict().items():
            matrix = name.endswith(("dense.weight", "query.weight", "key.weight", "value.weight"))
            name = "bert/" + name.replace("layer.", "layer_").replace(".", "/")
            if "LayerNorm" in name:
                name = name.replace("weight", "gamma").replace("bias", "beta")
            name = name.removesuffix("/weight") if "embeddings/" in name and "LayerNorm" not in name else name
            result[name.replace("weight", "kernel")] = value.t().contiguous() if matrix else value
        return result

    def forward(self, ids: Tensor) -> Any:
        return self.net(ids)


# --- GPT -----------------------------------------------------------------------------------------------------


class MinAttention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.key, self.query, self.value, self.proj = (nn.Linear(d, d) for _ in range(4))
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        q, k, v = (p(x).view(b, n, self.heads, -1).transpose(1, 2) for p in (self.query, self.key, self.value))
        return self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, n, d))


class MinBlock(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attn = MinAttention(d, heads)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(approximate="tanh"), nn.Linear(4 * d, d))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class MinGpt(nn.Module):
    def __init__(self, vocab: int = 99, d: int = 64, layers: int = 6) -> None:
        super().__init__()
        self.tok_emb = nn.Embedding(vocab, d)
        self.pos_emb = nn.Parameter(torch.zeros(1, 64, d))
        self.blocks = nn.Sequential(*(MinBlock(d, 4) for _ in range(layers)))
        self.ln_f = nn.LayerNorm(d)
        self.head = nn.Linear(d, vocab, bias=False)
        self.head.weight = self.tok_emb.weight

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.ln_f(self.blocks(self.tok_emb(ids) + self.pos_emb[:, : ids.shape[1]])))


class NanoAttention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        q, k, v = (t.view(b, n, self.heads, -1).transpose(1, 2) for t in self.c_attn(x).split(d, 2))
        return self.c_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, n, d))


class NanoMlp(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.c_fc, self.c_proj = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class NanoBlock(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(d), NanoAttention(d, heads)
        self.ln_2, self.mlp = nn.LayerNorm(d), NanoMlp(d)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class NanoGpt(nn.Module):
    def __init__(self, vocab: int = 99, d: int = 64, layers: int = 6) -> None:
        super().__init__()
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(vocab, d),
                "wpe": nn.Embedding(64, d),
                "h": nn.ModuleList(NanoBlock(d, 4) for _ in range(layers)),
                "ln_f": nn.LayerNorm(d),
            }
        )
        self.lm_head = nn.Linear(d, vocab, bias=False)
        self.transformer["wte"].weight = self.lm_head.weight

    def forward(self, ids: Tensor) -> Tensor:
        x = self.transformer["wte"](ids) + self.transformer["wpe"].weight[: ids.shape[1]]
        for block in self.transformer["h"]:
            x = block(x)
        return self.lm_head(self.transformer["ln_f"](x))


# --- a decoder with cross-attention ---------------------------------------------------------------------------


class TorchDecoder(nn.Module):
    def __init__(self, d: int = 32, layers: int = 4) -> None:
        super().__init__()
        layer = nn.TransformerDecoderLayer(d, 4, 64, batch_first=True)
        self.transformer = nn.TransformerDecoder(layer, layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.transformer(x, x.flip(1))


class SeparateAttention(nn.Module):
    def __init__(self, d: int, heads: int = 4) -> None:
        super().__init__()
        self.k_proj, self.v_proj, self.q_proj, self.out_proj = (nn.Linear(d, d) for _ in range(4))
        self.heads = heads

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        b, n, d = x.shape
        split: Callable[[Tensor], Tensor] = lambda t: t.view(b, -1, self.heads, d // self.heads).transpose(1, 2)  # noqa: E731
        y = F.scaled_dot_product_attention(
            split(self.q_proj(x)), split(self.k_proj(memory)), split(self.v_proj(memory))
        )
        return self.out_proj(y.transpose(1, 2).reshape(b, n, d))


class SeparateLayer(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.self_attn = SeparateAttention(d)
        self.self_attn_layer_norm = nn.LayerNorm(d)
        self.encoder_attn = SeparateAttention(d)
        self.encoder_attn_layer_norm = nn.LayerNorm(d)
        self.fc1, self.fc2 = nn.Linear(d, 64), nn.Linear(64, d)
        self.final_layer_norm = nn.LayerNorm(d)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        x = self.self_attn_layer_norm(x + self.self_attn(x, x))
        x = self.encoder_attn_layer_norm(x + self.encoder_attn(x, memory))
        return self.final_layer_norm(x + self.fc2(F.relu(self.fc1(x))))


class SeparateDecoder(nn.Module):
    def __init__(self, d: int = 32, layers: int = 4) -> None:
        super().__init__()
        self.decoder = nn.Module()
        self.decoder.layers = nn.ModuleList(SeparateLayer(d) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        memory = x.flip(1)
        for layer in self.decoder.layers:
            x = layer(x, memory)
        return x


Kept = Mapping[str, Tensor]
