"""Small networks written in several naming conventions, for judging `align` by function.

Each pair of classes computes the same thing; only names, nesting and registration order differ.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Fn(nn.Module):
    """A module without tensors."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


# --- ResNet in detectron2's names -----------------------------------------------------------------


class D2Conv(nn.Conv2d):
    def __init__(self, i: int, o: int, k: int, s: int = 1) -> None:
        super().__init__(i, o, k, s, k // 2, bias=False)
        self.norm = nn.BatchNorm2d(o)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(super().forward(x))


class D2Block(nn.Module):
    def __init__(self, i: int, mid: int, o: int, s: int) -> None:
        super().__init__()
        self.shortcut = D2Conv(i, o, 1, s) if i != o or s != 1 else None
        self.conv1 = D2Conv(i, mid, 1)
        self.conv2 = D2Conv(mid, mid, 3, s)
        self.conv3 = D2Conv(mid, o, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv3(F.relu(self.conv2(F.relu(self.conv1(x)))))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class D2Stem(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = D2Conv(3, 64, 7, 2)

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(F.relu(self.conv1(x)), 3, 2, 1)


class D2ResNet50(nn.Module):
    def __init__(self, classes: int = 1000, layers: tuple[int, ...] = (3, 4, 6, 3)) -> None:
        super().__init__()
        self.stem = D2Stem()
        i = 64
        for stage, n in enumerate(layers):
            mid = 64 << stage
            blocks = []
            for block in range(n):
                blocks.append(D2Block(i, mid, 4 * mid, 2 if stage and not block else 1))
                i = 4 * mid
            setattr(self, f"res{stage + 2}", nn.Sequential(*blocks))
        self.linear = nn.Linear(i, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for stage in range(4):
            x = getattr(self, f"res{stage + 2}")(x)
        return self.linear(x.mean((2, 3)))


class MmBlock(nn.Module):
    """An own ResNet-18 that registers the projection first and keeps everything in one flat list."""

    def __init__(self, i: int, o: int, s: int) -> None:
        super().__init__()
        if i != o or s != 1:
            self.skip_bn = nn.BatchNorm2d(o)
            self.skip_conv = nn.Conv2d(i, o, 1, s, bias=False)
        self.bn_a = nn.BatchNorm2d(o)
        self.bn_b = nn.BatchNorm2d(o)
        self.conv_a = nn.Conv2d(i, o, 3, s, 1, bias=False)
        self.conv_b = nn.Conv2d(o, o, 3, 1, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn_b(self.conv_b(F.relu(self.bn_a(self.conv_a(x)))))
        return F.relu(y + (self.skip_bn(self.skip_conv(x)) if hasattr(self, "skip_conv") else x))


class FlatResNet18(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.output = nn.Linear(512, classes)
        self.units = nn.ModuleList()
        i = 64
        for stage in range(4):
            for block in range(2):
                o = 64 << stage
                self.units.append(MmBlock(i, o, 2 if stage and not block else 1))
                i = o
        self.stem_conv = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.stem_bn = nn.BatchNorm2d(64)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.stem_bn(self.stem_conv(x))), 3, 2, 1)
        for unit in self.units:
            x = unit(x)
        return self.output(x.mean((2, 3)))


# --- U-Net in three styles -------------------------------------------------------------------------


class DoubleConv(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
            nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(i, o))

    def forward(self, x: Tensor) -> Tensor:
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(i, i // 2, 2, 2)
        self.conv = DoubleConv(i, o)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.conv(torch.cat([skip, self.up(x)], 1))


class OutConv(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(i, o, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class MilesUNet(nn.Module):
    def __init__(self, classes: int = 2, w: int = 16) -> None:
        super().__init__()
        self.inc = DoubleConv(3, w)
        self.down1, self.down2 = Down(w, 2 * w), Down(2 * w, 4 * w)
        self.down3, self.down4 = Down(4 * w, 8 * w), Down(8 * w, 16 * w)
        self.up1, self.up2, self.up3, self.up4 = Up(16 * w, 8 * w), Up(8 * w, 4 * w), Up(4 * w, 2 * w), Up(2 * w, w)
        self.outc = OutConv(w, classes)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x4 = self.down3(x3)
        x = self.up1(self.down4(x4), x4)
        return self.outc(self.up4(self.up3(self.up2(x, x3), x2), x1))


def buda_block(i: int, o: int, name: str) -> nn.Sequential:
    from collections import OrderedDict

    return nn.Sequential(
        OrderedDict(
            [
                (name + "conv1", nn.Conv2d(i, o, 3, padding=1, bias=False)),
                (name + "norm1", nn.BatchNorm2d(o)),
                (name + "relu1", nn.ReLU()),
                (name + "conv2", nn.Conv2d(o, o, 3, padding=1, bias=False)),
                (name + "norm2", nn.BatchNorm2d(o)),
                (name + "relu2", nn.ReLU()),
            ]
        )
    )


class BudaUNet(nn.Module):
    def __init__(self, classes: int = 2, w: int = 16) -> None:
        super().__init__()
        self.encoder1 = buda_block(3, w, "enc1")
        self.encoder2 = buda_block(w, 2 * w, "enc2")
        self.encoder3 = buda_block(2 * w, 4 * w, "enc3")
        self.encoder4 = buda_block(4 * w, 8 * w, "enc4")
        self.bottleneck = buda_block(8 * w, 16 * w, "bottleneck")
        for level in (4, 3, 2, 1):
            c = w << (level - 1)
            setattr(self, f"upconv{level}", nn.ConvTranspose2d(2 * c, c, 2, 2))
            setattr(self, f"decoder{level}", buda_block(2 * c, c, f"dec{level}"))
        self.conv = nn.Conv2d(w, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for level in (1, 2, 3, 4):
            x = getattr(self, f"encoder{level}")(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for level in (4, 3, 2, 1):
            x = getattr(self, f"upconv{level}")(x)
            x = getattr(self, f"decoder{level}")(torch.cat([skips[level - 1], x], 1))
        return self.conv(x)


class ListUNet(nn.Module):
    """Everything in ModuleLists; decoder registered before the encoder."""

    def __init__(self, classes: int = 2, w: int = 16) -> None:
        super().__init__()
        self.final = nn.Conv2d(w, classes, 1)
        self.ups = nn.ModuleList()
        for c in (8 * w, 4 * w, 2 * w, w):
            self.ups.append(nn.ConvTranspose2d(2 * c, c, 2, 2))
            self.ups.append(DoubleConv(2 * c, c))
        self.downs = nn.ModuleList(DoubleConv(a, b) for a, b in [(3, w), (w, 2 * w), (2 * w, 4 * w), (4 * w, 8 * w)])
        self.mid = DoubleConv(8 * w, 16 * w)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.downs:
            x = down(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.mid(x)
        for index in range(4):
            x = self.ups[2 * index](x)
            x = self.ups[2 * index + 1](torch.cat([skips[3 - index], x], 1))
        return self.final(x)


# --- LLaMA in Meta's names --------------------------------------------------------------------------


def rms(x: Tensor, weight: Tensor, eps: float = 1e-6) -> Tensor:
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps))


class MetaNorm(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x: Tensor) -> Tensor:
        return rms(x, self.weight)


def rotate(x: Tensor) -> Tensor:
    n, half = x.shape[-2], x.shape[-1] // 2
    freq = 1.0 / (10000 ** (torch.arange(0, half).float() / half))
    angle = torch.arange(n).float()[:, None] * freq
    cos, sin = torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1)
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


class MetaAttention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.wq, self.wk, self.wv, self.wo = (nn.Linear(d, d, bias=False) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        q, k, v = (w(x).view(b, n, self.heads, -1).transpose(1, 2) for w in (self.wq, self.wk, self.wv))
        y = F.scaled_dot_product_attention(rotate(q), rotate(k), v, is_causal=True)
        return self.wo(y.transpose(1, 2).reshape(b, n, d))


class MetaFeedForward(nn.Module):
    def __init__(self, d: int, hidden: int) -> None:
        super().__init__()
        self.w1 = nn.Linear(d, hidden, bias=False)
        self.w2 = nn.Linear(hidden, d, bias=False)
        self.w3 = nn.Linear(d, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class MetaBlock(nn.Module):
    def __init__(self, d: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.attention = MetaAttention(d, heads)
        self.feed_forward = MetaFeedForward(d, hidden)
        self.attention_norm, self.ffn_norm = MetaNorm(d), MetaNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x))
        return x + self.feed_forward(self.ffn_norm(x))


class MetaLlama(nn.Module):
    def __init__(self, vocab: int = 99, d: int = 64, layers: int = 12, heads: int = 4, hidden: int = 160) -> None:
        super().__init__()
        self.tok_embeddings = nn.Embedding(vocab, d)
        self.layers = nn.ModuleList(MetaBlock(d, heads, hidden) for _ in range(layers))
        self.norm = MetaNorm(d)
        self.output = nn.Linear(d, vocab, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tok_embeddings(ids)
        for layer in self.layers:
            x = layer(x)
        return self.output(self.norm(x))


# --- BERT in other names ----------------------------------------------------------------------------


class GammaNorm(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(d))
        self.beta = nn.Parameter(torch.zeros(d))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self.gamma, self.beta, 1e-12)


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool = False) -> Tensor:
    b, n, d = q.shape
    q, k, v = (t.view(b, -1, heads, d // heads).transpose(1, 2) for t in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal).transpose(1, 2).reshape(b, n, d)


class CodertimoAttention(nn.Module):
    """BERT-pytorch (codertimo): linear_layers.0..2 for q, k, v."""

    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.linear_layers = nn.ModuleList(nn.Linear(d, d) for _ in range(3))
        self.output_linear = nn.Linear(d, d)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        return self.output_linear(attend(*(layer(x) for layer in self.linear_layers), heads=self.heads))


class OwnBertLayer(nn.Module):
    def __init__(self, d: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.attention = CodertimoAttention(d, heads)
        self.attention_layernorm = GammaNorm(d)
        self.ffn_in = nn.Linear(d, hidden)
        self.ffn_out = nn.Linear(hidden, d)
        self.ffn_layernorm = GammaNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        x = self.attention_layernorm(x + self.attention(x))
        return self.ffn_layernorm(x + self.ffn_out(F.gelu(self.ffn_in(x))))


class OwnBert(nn.Module):
    def __init__(self, vocab: int = 99, d: int = 64, layers: int = 6, heads: int = 4, hidden: int = 128) -> None:
        super().__init__()
        self.token = nn.Embedding(vocab, d)
        self.segment = nn.Embedding(2, d)
        self.position = nn.Embedding(64, d)
        self.norm = GammaNorm(d)
        self.transformer_blocks = nn.ModuleList(OwnBertLayer(d, heads, hidden) for _ in range(layers))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.token(ids) + self.position.weight[: ids.shape[1]] + self.segment.weight[0]
        x = self.norm(x)
        for block in self.transformer_blocks:
            x = block(x)
        return x


# --- GPT ---------------------------------------------------------------------------------------------


class Conv1D(nn.Module):
    """GPT-2's transposed linear layer."""

    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.empty(i, o))
        self.b = nn.Parameter(torch.zeros(o))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.w + self.b


class OpenAiNorm(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.g = nn.Parameter(torch.ones(d))
        self.b = nn.Parameter(torch.zeros(d))

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self.g, self.b)


class OpenAiBlock(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.attn = nn.ModuleDict({"c_attn": Conv1D(d, 3 * d), "c_proj": Conv1D(d, d)})
        self.ln_1 = OpenAiNorm(d)
        self.ln_2 = OpenAiNorm(d)
        self.mlp = nn.ModuleDict({"c_fc": Conv1D(d, 4 * d), "c_proj": Conv1D(4 * d, d)})
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.attn["c_attn"](self.ln_1(x)).chunk(3, -1)
        x = x + self.attn["c_proj"](attend(q, k, v, self.heads, causal=True))
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh"))


class OpenAiGpt2(nn.Module):
    """GPT-2 in the names of OpenAI's TensorFlow checkpoint: model/h0/attn/c_attn/w."""

    def __init__(self, vocab: int = 99, d: int = 64, layers: int = 12, heads: int = 4) -> None:
        super().__init__()
        for layer in range(layers):
            setattr(self, f"h{layer}", OpenAiBlock(d, heads))
        self.ln_f = OpenAiNorm(d)
        self.wpe = nn.Parameter(torch.randn(64, d))
        self.wte = nn.Parameter(torch.randn(vocab, d))
        self.n = layers

    def forward(self, ids: Tensor) -> Tensor:
        x = self.wte[ids] + self.wpe[: ids.shape[1]]
        for layer in range(self.n):
            x = getattr(self, f"h{layer}")(x)
        return self.ln_f(x)


# --- Whisper in OpenAI's names -----------------------------------------------------------------------


class OaAttention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(d, d)
        self.key = nn.Linear(d, d, bias=False)
        self.value = nn.Linear(d, d)
        self.out = nn.Linear(d, d)

    def forward(self, x: Tensor, other: Tensor | None = None, causal: bool = False) -> Tensor:
        other = x if other is None else other
        return self.out(attend(self.query(x), self.key(other), self.value(other), self.heads, causal))


class OaBlock(nn.Module):
    def __init__(self, d: int, heads: int, cross: bool) -> None:
        super().__init__()
        self.attn = OaAttention(d, heads)
        self.attn_ln = nn.LayerNorm(d)
        self.cross_attn = OaAttention(d, heads) if cross else None
        self.cross_attn_ln = nn.LayerNorm(d) if cross else None
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))
        self.mlp_ln = nn.LayerNorm(d)

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        x = x + self.attn(self.attn_ln(x), causal=self.cross_attn is not None)
        if self.cross_attn is not None and self.cross_attn_ln is not None:
            x = x + self.cross_attn(self.cross_attn_ln(x), other)
        return x + self.mlp(self.mlp_ln(x))


class OaEncoder(nn.Module):
    def __init__(self, d: int, heads: int, layers: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(80, d, 3, padding=1)
        self.conv2 = nn.Conv1d(d, d, 3, 2, padding=1)
        self.register_buffer("positional_embedding", torch.randn(50, d))
        self.blocks = nn.ModuleList(OaBlock(d, heads, False) for _ in range(layers))
        self.ln_post = nn.LayerNorm(d)

    def forward(self, mel: Tensor) -> Tensor:
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2) + self.positional_embedding
        for block in self.blocks:
            x = block(x)
        return self.ln_post(x)


class OaDecoder(nn.Module):
    def __init__(self, vocab: int, d: int, heads: int, layers: int) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(vocab, d)
        self.positional_embedding = nn.Parameter(torch.randn(32, d))
        self.blocks = nn.ModuleList(OaBlock(d, heads, True) for _ in range(layers))
        self.ln = nn.LayerNorm(d)

    def forward(self, ids: Tensor, audio: Tensor) -> Tensor:
        x = self.token_embedding(ids) + self.positional_embedding[: ids.shape[1]]
        for block in self.blocks:
            x = block(x, audio)
        return self.ln(x)


class OaWhisper(nn.Module):
    def __init__(self, vocab: int = 99, d: int = 64, heads: int = 4, layers: int = 4) -> None:
        super().__init__()
        self.encoder = OaEncoder(d, heads, layers)
        self.decoder = OaDecoder(vocab, d, heads, layers)

    def forward(self, mel: Tensor, ids: Tensor) -> Tensor:
        return self.decoder(ids, self.encoder(mel))


# --- recurrent ---------------------------------------------------------------------------------------


class LstmA(nn.Module):
    def __init__(self, vocab: int = 50, d: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, d)
        self.lstm = nn.LSTM(d, d, 3, bidirectional=True, batch_first=True)
        self.fc1 = nn.Linear(2 * d, 2 * d)
        self.fc2 = nn.Linear(2 * d, vocab)

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc2(torch.tanh(self.fc1(self.lstm(self.embedding(ids))[0])))


class LstmB(nn.Module):
    def __init__(self, vocab: int = 50, d: int = 32) -> None:
        super().__init__()
        self.out = nn.Linear(2 * d, vocab)
        self.hidden = nn.Linear(2 * d, 2 * d)
        self.rnn = nn.LSTM(d, d, 3, bidirectional=True, batch_first=True)
        self.word_emb = nn.Embedding(vocab, d)

    def forward(self, ids: Tensor) -> Tensor:
        return self.out(torch.tanh(self.hidden(self.rnn(self.word_emb(ids))[0])))


# --- ViT, MLP-Mixer and encoder layers in several conventions ----------------------------------------


class LucidAttention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.to_qkv = nn.Linear(d, 3 * d)
        self.to_out = nn.Linear(d, d)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        return self.to_out(attend(*self.to_qkv(self.norm(x)).chunk(3, -1), heads=self.heads))


class LucidFeedForward(nn.Module):
    def __init__(self, d: int, hidden: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, hidden), nn.GELU(), nn.Linear(hidden, d))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class LucidVit(nn.Module):
    """vit-pytorch's nesting: transformer.layers.N.0 is attention, .1 the feed-forward part."""

    def __init__(self, d: int = 64, layers: int = 6, heads: int = 4, classes: int = 10) -> None:
        super().__init__()
        self.to_patch_embedding = nn.Conv2d(3, d, 8, 8)
        self.pos_embedding = nn.Parameter(torch.randn(1, 17, d))
        self.cls_token = nn.Parameter(torch.randn(1, 1, d))
        self.transformer = nn.Module()
        self.transformer.layers = nn.ModuleList(
            nn.ModuleList([LucidAttention(d, heads), LucidFeedForward(d, 2 * d)]) for _ in range(layers)
        )
        self.transformer.norm = nn.LayerNorm(d)
        self.mlp_head = nn.Linear(d, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.to_patch_embedding(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embedding
        for attention, feed_forward in self.transformer.layers:
            x = x + attention(x)
            x = x + feed_forward(x)
        return self.mlp_head(self.transformer.norm(x)[:, 0])


class ClipBlock(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.ln_1 = nn.LayerNorm(d)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(d, 2 * d))
        self.mlp.add_module("gelu", nn.GELU())
        self.mlp.add_module("c_proj", nn.Linear(2 * d, d))
        self.ln_2 = nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class ClipVit(nn.Module):
    """The same network in OpenAI CLIP's names."""

    def __init__(self, d: int = 64, layers: int = 6, heads: int = 4, classes: int = 10) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(d))
        self.positional_embedding = nn.Parameter(torch.randn(17, d))
        self.proj = nn.Linear(d, classes)
        self.conv1 = nn.Conv2d(3, d, 8, 8)
        self.transformer = nn.Module()
        self.transformer.resblocks = nn.Sequential(*(ClipBlock(d, heads) for _ in range(layers)))
        self.ln_post = nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        return self.proj(self.ln_post(self.transformer.resblocks(x))[:, 0])


class MixerA(nn.Module):
    def __init__(self, d: int = 48, n: int = 16, layers: int = 5) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, d, 8, 8)
        self.blocks = nn.ModuleList()
        for _ in range(layers):
            block = nn.Module()
            block.norm1 = nn.LayerNorm(d)
            block.mlp_tokens = nn.Module()
            block.mlp_tokens.fc1, block.mlp_tokens.fc2 = nn.Linear(n, 24), nn.Linear(24, n)
            block.norm2 = nn.LayerNorm(d)
            block.mlp_channels = nn.Module()
            block.mlp_channels.fc1, block.mlp_channels.fc2 = nn.Linear(d, 96), nn.Linear(96, d)
            self.blocks.append(block)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).flatten(2).transpose(1, 2)
        for b in self.blocks:
            y = b.norm1(x).transpose(1, 2)
            x = x + b.mlp_tokens.fc2(F.gelu(b.mlp_tokens.fc1(y))).transpose(1, 2)
            x = x + b.mlp_channels.fc2(F.gelu(b.mlp_channels.fc1(b.norm2(x))))
        return self.head(self.norm(x).mean(1))


class MixerB(nn.Module):
    """JAX-like names and a flat, capitalised layout."""

    def __init__(self, d: int = 48, n: int = 16, layers: int = 5) -> None:
        super().__init__()
        self.Classifier = nn.Linear(d, 10)
        self.PreHeadNorm = nn.LayerNorm(d)
        self.n = layers
        for index in range(layers):
            block = nn.Module()
            block.ChannelMixing = nn.Sequential(nn.Linear(d, 96), nn.GELU(), nn.Linear(96, d))
            block.TokenMixing = nn.Sequential(nn.Linear(n, 24), nn.GELU(), nn.Linear(24, n))
            block.LayerNorm_0 = nn.LayerNorm(d)
            block.LayerNorm_1 = nn.LayerNorm(d)
            setattr(self, f"MixerBlock_{index}", block)
        self.Stem = nn.Conv2d(3, d, 8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.Stem(x).flatten(2).transpose(1, 2)
        for index in range(self.n):
            b = getattr(self, f"MixerBlock_{index}")
            x = x + b.TokenMixing(b.LayerNorm_0(x).transpose(1, 2)).transpose(1, 2)
            x = x + b.ChannelMixing(b.LayerNorm_1(x))
        return self.Classifier(self.PreHeadNorm(x).mean(1))


class FairseqLayer(nn.Module):
    def __init__(self, d: int, heads: int, cross: bool) -> None:
        super().__init__()

        def attention() -> nn.Module:
            m = nn.Module()
            m.k_proj, m.v_proj, m.q_proj, m.out_proj = (nn.Linear(d, d) for _ in range(4))
            return m

        self.self_attn = attention()
        self.self_attn_layer_norm = nn.LayerNorm(d)
        if cross:
            self.encoder_attn = attention()
            self.encoder_attn_layer_norm = nn.LayerNorm(d)
        self.fc1 = nn.Linear(d, 2 * d)
        self.fc2 = nn.Linear(2 * d, d)
        self.final_layer_norm = nn.LayerNorm(d)
        self.heads = heads

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        a = self.self_attn
        y = a.out_proj(attend(a.q_proj(x), a.k_proj(x), a.v_proj(x), self.heads, causal=other is not None))
        x = self.self_attn_layer_norm(x + y)
        if other is not None:
            a = self.encoder_attn
            y = a.out_proj(attend(a.q_proj(x), a.k_proj(other), a.v_proj(other), self.heads))
            x = self.encoder_attn_layer_norm(x + y)
        return self.final_layer_norm(x + self.fc2(F.relu(self.fc1(x))))


class FairseqTranslator(nn.Module):
    def __init__(self, vocab: int = 70, d: int = 32, layers: int = 4, heads: int = 4) -> None:
        super().__init__()
        for side in ("encoder", "decoder"):
            m = nn.Module()
            m.embed_tokens = nn.Embedding(vocab, d)
            m.layers = nn.ModuleList(FairseqLayer(d, heads, side == "decoder") for _ in range(layers))
            setattr(self, side, m)
        self.decoder.output_projection = nn.Linear(d, vocab, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.encoder.embed_tokens(ids)
        for layer in self.encoder.layers:
            x = layer(x)
        y = self.decoder.embed_tokens(ids)
        for layer in self.decoder.layers:
            y = layer(y, x)
        return self.decoder.output_projection(y)


class AnnotatedLayer(nn.Module):
    """The Annotated Transformer's names: self_attn.linears.0..3, src_attn, sublayer.N.norm."""

    def __init__(self, d: int, heads: int, cross: bool) -> None:
        super().__init__()
        self.heads = heads
        self.self_attn = nn.Module()
        self.self_attn.linears = nn.ModuleList(nn.Linear(d, d) for _ in range(4))
        if cross:
            self.src_attn = nn.Module()
            self.src_attn.linears = nn.ModuleList(nn.Linear(d, d) for _ in range(4))
        self.feed_forward = nn.Module()
        self.feed_forward.w_1 = nn.Linear(d, 2 * d)
        self.feed_forward.w_2 = nn.Linear(2 * d, d)
        self.sublayer = nn.ModuleList(nn.ModuleDict({"norm": nn.LayerNorm(d)}) for _ in range(3 if cross else 2))

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        q, k, v, o = self.self_attn.linears
        x = self.sublayer[0]["norm"](x + o(attend(q(x), k(x), v(x), self.heads, causal=other is not None)))
        if other is not None:
            q, k, v, o = self.src_attn.linears
            x = self.sublayer[1]["norm"](x + o(attend(q(x), k(other), v(other), self.heads)))
        y = self.feed_forward.w_2(F.relu(self.feed_forward.w_1(x)))
        return self.sublayer[-1]["norm"](x + y)


class AnnotatedTranslator(nn.Module):
    def __init__(self, vocab: int = 70, d: int = 32, layers: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Module(), nn.Module()
        self.encoder.layers = nn.ModuleList(AnnotatedLayer(d, heads, False) for _ in range(layers))
        self.decoder.layers = nn.ModuleList(AnnotatedLayer(d, heads, True) for _ in range(layers))
        self.src_embed = nn.ModuleDict({"lut": nn.Embedding(vocab, d)})
        self.tgt_embed = nn.ModuleDict({"lut": nn.Embedding(vocab, d)})
        self.generator = nn.ModuleDict({"proj": nn.Linear(d, vocab, bias=False)})

    def forward(self, ids: Tensor) -> Tensor:
        x = self.src_embed["lut"](ids)
        for layer in self.encoder.layers:
            x = layer(x)
        y = self.tgt_embed["lut"](ids)
        for layer in self.decoder.layers:
            y = layer(y, x)
        return self.generator["proj"](y)


# --- others ------------------------------------------------------------------------------------------


class VaeA(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(40, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.fc_mu = nn.Linear(32, 8)
        self.fc_var = nn.Linear(32, 8)
        self.decoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 40))

    def forward(self, x: Tensor) -> Tensor:
        h = self.encoder(x)
        return self.decoder(self.fc_mu(h) + 0.1 * self.fc_var(h))


class VaeB(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.dec1, self.dec2, self.dec3 = nn.Linear(8, 32), nn.Linear(32, 32), nn.Linear(32, 40)
        self.enc1, self.enc2 = nn.Linear(40, 32), nn.Linear(32, 32)
        self.mean = nn.Linear(32, 8)
        self.logvar = nn.Linear(32, 8)

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.enc2(F.relu(self.enc1(x))))
        z = self.mean(h) + 0.1 * self.logvar(h)
        return self.dec3(F.relu(self.dec2(F.relu(self.dec1(z)))))


class Siamese(nn.Module):
    """Twin towers of the same shapes, told apart only by names."""

    def __init__(self, left: str, right: str, depth: int = 4) -> None:
        super().__init__()
        self.names = (left, right)
        for name in (left, right):
            setattr(self, name, nn.Sequential(*(nn.Linear(16, 16) for _ in range(depth))))

    def forward(self, x: Tensor) -> Tensor:
        a, b = (getattr(self, name)(x) for name in self.names)
        return a * 2 + torch.tanh(b)


class ResidualDense(nn.Module):
    """Super resolution: dozens of equal 3×3 convolutions."""

    def __init__(self, style: str, blocks: int = 8, w: int = 16) -> None:
        super().__init__()
        self.style, self.n = style, blocks

        def conv(i: int, o: int) -> nn.Conv2d:
            return nn.Conv2d(i, o, 3, padding=1)

        if style == "basicsr":
            self.conv_first = conv(3, w)
            self.body = nn.Sequential()
            for index in range(blocks):
                block = nn.Module()
                block.conv1, block.conv2 = conv(w, w), conv(w, w)
                self.body.add_module(str(index), block)
            self.conv_after_body = conv(w, w)
            self.conv_last = conv(w, 3)
        else:  # EDSR's own names
            self.tail = nn.Sequential(conv(w, 3))
            self.head = nn.Sequential(conv(3, w))
            blocks_: list[nn.Module] = []
            for _ in range(blocks):
                block = nn.Module()
                block.body = nn.Sequential(conv(w, w), nn.ReLU(), conv(w, w))
                blocks_.append(block)
            self.body = nn.Sequential(*blocks_, conv(w, w))

    def forward(self, x: Tensor) -> Tensor:
        if self.style == "basicsr":
            x = y = self.conv_first(x)
            for index in range(self.n):
                b = self.body[index]
                y = y + b.conv2(F.relu(b.conv1(y)))
            return self.conv_last(x + self.conv_after_body(y))
        x = y = self.head(x)
        for index in range(self.n):
            y = y + self.body[index].body(y)
        return self.tail(x + self.body[self.n](y))


class Wrapped(nn.Module):
    """A Lightning-like wrapper."""

    def __init__(self, model: nn.Module, name: str = "model") -> None:
        super().__init__()
        self.name = name
        setattr(self, name, model)

    def forward(self, *inputs: Tensor) -> Any:
        return getattr(self, self.name)(*inputs)


class LinearHeads(nn.Module):
    """A 1×1 convolution net against linear layers on channels-last data."""

    def __init__(self, linear: bool, depth: int = 6) -> None:
        super().__init__()
        self.linear = linear
        sizes = [3] + [24] * depth + [5]
        if linear:
            self.mlp = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))
            self.norms = nn.ModuleList(nn.LayerNorm(b) for b in sizes[1:-1])
        else:
            for index, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False)):
                setattr(self, f"conv{index + 1}", nn.Conv2d(a, b, 1))
                if index < depth:
                    setattr(self, f"ln{index + 1}", nn.LayerNorm(b))

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        n = len(self.mlp) if self.linear else 7
        for index in range(n):
            if self.linear:
                x = self.mlp[index](x)
            else:
                x = getattr(self, f"conv{index + 1}")(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
            if index < n - 1:
                x = F.gelu(self.norms[index](x) if self.linear else getattr(self, f"ln{index + 1}")(x))
        return x.mean((1, 2))


class DiffusersResnet(nn.Module):
    def __init__(self, i: int, o: int, t: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(4, i)
        self.conv1 = nn.Conv2d(i, o, 3, padding=1)
        self.time_emb_proj = nn.Linear(t, o)
        self.norm2 = nn.GroupNorm(4, o)
        self.conv2 = nn.Conv2d(o, o, 3, padding=1)
        if i != o:
            self.conv_shortcut = nn.Conv2d(i, o, 1)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x))) + self.time_emb_proj(F.silu(t))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x)


class DiffusersUNet(nn.Module):
    """A small diffusion U-Net in diffusers' names."""

    def __init__(self, w: int = 8) -> None:
        super().__init__()
        t = 4 * w
        self.conv_in = nn.Conv2d(3, w, 3, padding=1)
        self.time_embedding = nn.Module()
        self.time_embedding.linear_1, self.time_embedding.linear_2 = nn.Linear(w, t), nn.Linear(t, t)
        self.down_blocks, self.up_blocks = nn.ModuleList(), nn.ModuleList()
        widths = [w, 2 * w, 4 * w]
        i = w
        skips = [w]
        for level, o in enumerate(widths):
            block = nn.Module()
            block.resnets = nn.ModuleList([DiffusersResnet(i, o, t), DiffusersResnet(o, o, t)])
            skips += [o, o]
            if level < 2:
                down = nn.Module()
                down.conv = nn.Conv2d(o, o, 3, 2, 1)
                block.downsamplers = nn.ModuleList([down])
                skips.append(o)
            self.down_blocks.append(block)
            i = o
        for level, o in enumerate(reversed(widths)):
            block = nn.Module()
            block.resnets = nn.ModuleList()
            for _ in range(3):
                block.resnets.append(DiffusersResnet(i + skips.pop(), o, t))
                i = o
            if level < 2:
                up = nn.Module()
                up.conv = nn.Conv2d(o, o, 3, 1, 1)
                block.upsamplers = nn.ModuleList([up])
            self.up_blocks.append(block)
        self.mid_block = nn.Module()
        self.mid_block.resnets = nn.ModuleList([DiffusersResnet(4 * w, 4 * w, t), DiffusersResnet(4 * w, 4 * w, t)])
        self.conv_norm_out = nn.GroupNorm(4, w)
        self.conv_out = nn.Conv2d(w, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        t = self.time_embedding.linear_2(F.silu(self.time_embedding.linear_1(x.mean((1, 2, 3))[:, None].expand(-1, 8))))
        x = self.conv_in(x)
        skips = [x]
        for block in self.down_blocks:
            for res in block.resnets:
                x = res(x, t)
                skips.append(x)
            if hasattr(block, "downsamplers"):
                x = block.downsamplers[0].conv(x)
                skips.append(x)
        for res in self.mid_block.resnets:
            x = res(x, t)
        for block in self.up_blocks:
            for res in block.resnets:
                x = res(torch.cat([x, skips.pop()], 1), t)
            if hasattr(block, "upsamplers"):
                x = block.upsamplers[0].conv(F.interpolate(x, scale_factor=2))
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class CompVisResBlock(nn.Module):
    def __init__(self, i: int, o: int, t: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(nn.GroupNorm(4, i), nn.SiLU(), nn.Conv2d(i, o, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(t, o))
        self.out_layers = nn.Sequential(nn.GroupNorm(4, o), nn.SiLU(), nn.Dropout(0.0), nn.Conv2d(o, o, 3, padding=1))
        self.skip_connection = nn.Conv2d(i, o, 1) if i != o else nn.Identity()

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        h = self.in_layers(x) + self.emb_layers(t)[:, :, None, None]
        return self.skip_connection(x) + self.out_layers(h)


class CompVisUNet(nn.Module):
    """The same network in the names of the first latent-diffusion code."""

    def __init__(self, w: int = 8) -> None:
        super().__init__()
        t = 4 * w
        self.time_embed = nn.Sequential(nn.Linear(w, t), nn.SiLU(), nn.Linear(t, t))
        self.input_blocks = nn.ModuleList([nn.Sequential(nn.Conv2d(3, w, 3, padding=1))])
        widths, i, skips = [w, 2 * w, 4 * w], w, [w]
        for level, o in enumerate(widths):
            for _ in range(2):
                self.input_blocks.append(nn.Sequential(CompVisResBlock(i, o, t)))
                skips.append(o)
                i = o
            if level < 2:
                down = nn.Module()
                down.op = nn.Conv2d(o, o, 3, 2, 1)
                self.input_blocks.append(nn.ModuleList([down]))
                skips.append(o)
        self.middle_block = nn.ModuleList([CompVisResBlock(i, i, t), nn.Identity(), CompVisResBlock(i, i, t)])
        self.output_blocks = nn.ModuleList()
        for level, o in enumerate(reversed(widths)):
            for index in range(3):
                parts: list[nn.Module] = [CompVisResBlock(i + skips.pop(), o, t)]
                i = o
                if level < 2 and index == 2:
                    up = nn.Module()
                    up.conv = nn.Conv2d(o, o, 3, 1, 1)
                    parts.append(up)
                self.output_blocks.append(nn.ModuleList(parts))
        self.out = nn.Sequential(nn.GroupNorm(4, w), nn.SiLU(), nn.Conv2d(w, 3, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        t = self.time_embed(x.mean((1, 2, 3))[:, None].expand(-1, 8))
        skips = []
        for block in self.input_blocks:
            part = block[0]
            if isinstance(part, CompVisResBlock):
                x = part(x, t)
            else:
                x = part.op(x) if hasattr(part, "op") else part(x)
            skips.append(x)
        x = self.middle_block[2](self.middle_block[0](x, t), t)
        for block in self.output_blocks:
            x = block[0](torch.cat([x, skips.pop()], 1), t)
            if len(block) > 1:
                x = block[1].conv(F.interpolate(x, scale_factor=2))
        return self.out(x)


def sinusoid_free_init(model: nn.Module, seed: int) -> nn.Module:
    """Random weights and statistics that tell every tensor from every other."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not tensor.is_floating_point():
                continue
            if name.endswith(("running_var", "moving_variance")):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
            elif tensor.ndim < 2:
                base = 1.0 if name.endswith(("weight", "gamma", ".g")) else 0.0
                tensor.copy_(base + 0.3 * torch.randn(tensor.shape, generator=generator))
            else:
                scale = 1.0 / math.sqrt(max(tensor[0].numel(), 1))
                tensor.copy_(scale * torch.randn(tensor.shape, generator=generator))
    return model
