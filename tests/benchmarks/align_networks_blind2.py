"""Networks of the second blind set: originals whose structure differs from what they are compared with."""

from __future__ import annotations

from typing import Any

import torch
from align_networks import attend
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, spectral_norm

# --- DINOv2 with registers and SwiGLU, in Meta's names ------------------------------------------------------


class DinoAttention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).chunk(3, -1)
        return self.proj(attend(q, k, v, self.heads))


class DinoScale(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(d))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class DinoSwiGlu(nn.Module):
    def __init__(self, d: int, hidden: int) -> None:
        super().__init__()
        self.w12 = nn.Linear(d, 2 * hidden)
        self.w3 = nn.Linear(hidden, d)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.w12(x).chunk(2, -1)
        return self.w3(F.silu(a) * b)


class DinoBlock(nn.Module):
    def __init__(self, d: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(d, eps=1e-6)
        self.attn = DinoAttention(d, heads)
        self.ls1 = DinoScale(d)
        self.norm2 = nn.LayerNorm(d, eps=1e-6)
        self.mlp = DinoSwiGlu(d, hidden)
        self.ls2 = DinoScale(d)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class PatchEmbed(nn.Module):
    def __init__(self, d: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, d, patch, patch)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(x).flatten(2).transpose(1, 2)


class DinoVit(nn.Module):
    def __init__(self, d: int = 48, layers: int = 5, heads: int = 4, hidden: int = 64) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, d))
        self.pos_embed = nn.Parameter(torch.zeros(1, 17, d))
        self.register_tokens = nn.Parameter(torch.zeros(1, 4, d))
        self.patch_embed = PatchEmbed(d, 8)
        self.blocks = nn.ModuleList(DinoBlock(d, heads, hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(d, eps=1e-6)
        self.mask_token = nn.Parameter(torch.zeros(1, d))

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_embed(x)
        x = torch.cat([self.cls_token.expand(len(x), 1, -1), x], 1) + self.pos_embed
        x = torch.cat([x[:, :1], self.register_tokens.expand(len(x), -1, -1), x[:, 1:]], 1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


# --- CLIP as OpenAI and OpenCLIP write it, both towers ------------------------------------------------------


class QuickGelu(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class ClipBlock(nn.Module):
    def __init__(self, d: int, heads: int, hidden: int, causal: bool) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(d)
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(d)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(d, hidden))
        self.mlp.add_module("gelu", QuickGelu())
        self.mlp.add_module("c_proj", nn.Linear(hidden, d))
        self.causal = causal

    def forward(self, x: Tensor) -> Tensor:
        mask = torch.full((x.shape[1],) * 2, float("-inf")).triu(1) if self.causal else None
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class ClipTransformer(nn.Module):
    def __init__(self, d: int, heads: int, hidden: int, layers: int, causal: bool) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(ClipBlock(d, heads, hidden, causal) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.resblocks:
            x = block(x)
        return x


class ClipVisual(nn.Module):
    def __init__(self, d: int, out: int, layers: int) -> None:
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(d))
        self.positional_embedding = nn.Parameter(torch.randn(17, d))
        self.proj = nn.Parameter(torch.randn(d, out))
        self.conv1 = nn.Conv2d(3, d, 8, 8, bias=False)
        self.ln_pre = nn.LayerNorm(d)
        self.transformer = ClipTransformer(d, 4, 96, layers, False)
        self.ln_post = nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(x))[:, 0]) @ self.proj


class OpenClip(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.randn(16, 32))
        self.text_projection = nn.Parameter(torch.randn(32, 24))
        self.logit_scale = nn.Parameter(torch.tensor(1.0))
        self.visual = ClipVisual(48, 24, 4)
        self.transformer = ClipTransformer(32, 4, 64, 3, True)
        self.token_embedding = nn.Embedding(99, 32)
        self.ln_final = nn.LayerNorm(32)

    def forward(self, ids: Tensor, pixels: Tensor) -> Tensor:
        x = self.token_embedding(ids) + self.positional_embedding[: ids.shape[1]]
        x = self.ln_final(self.transformer(x))
        text = x[torch.arange(len(x)), ids.argmax(-1)] @ self.text_projection
        both = [F.normalize(self.visual(pixels), dim=-1), F.normalize(text, dim=-1)]
        return torch.cat([*both, self.logit_scale.exp() * both[0] @ both[1].T], -1)


# --- masked autoencoder, in Meta's names ---------------------------------------------------------------------


class MaeMlp(nn.Module):
    def __init__(self, d: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(d, hidden)
        self.fc2 = nn.Linear(hidden, d)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class MaeBlock(nn.Module):
    def __init__(self, d: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(d, eps=1e-12)
        self.attn = DinoAttention(d, heads)
        self.norm2 = nn.LayerNorm(d, eps=1e-12)
        self.mlp = MaeMlp(d, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Mae(nn.Module):
    def __init__(self, d: int = 32, e: int = 24) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, d))
        self.pos_embed = nn.Parameter(torch.zeros(1, 17, d))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, e))
        self.decoder_pos_embed = nn.Parameter(torch.zeros(1, 17, e))
        self.patch_embed = PatchEmbed(d, 8)
        self.blocks = nn.ModuleList(MaeBlock(d, 4, 64) for _ in range(5))
        self.norm = nn.LayerNorm(d, eps=1e-12)
        self.decoder_embed = nn.Linear(d, e)
        self.decoder_blocks = nn.ModuleList(MaeBlock(e, 4, 48) for _ in range(3))
        self.decoder_norm = nn.LayerNorm(e, eps=1e-12)
        self.decoder_pred = nn.Linear(e, 192)

    def forward(self, pixels: Tensor, noise: Tensor) -> Tensor:
        x = self.patch_embed(pixels) + self.pos_embed[:, 1:]
        shuffled = noise.argsort(1)
        restored = shuffled.argsort(1)
        kept = shuffled[:, :4]
        x = x.gather(1, kept[..., None].expand(-1, -1, x.shape[-1]))
        x = torch.cat([(self.cls_token + self.pos_embed[:, :1]).expand(len(x), 1, -1), x], 1)
        for block in self.blocks:
            x = block(x)
        x = self.decoder_embed(self.norm(x))
        masked = self.mask_token.expand(len(x), 12, -1)
        rest = torch.cat([x[:, 1:], masked], 1).gather(1, restored[..., None].expand(-1, -1, x.shape[-1]))
        x = torch.cat([x[:, :1], rest], 1) + self.decoder_pos_embed
        for block in self.decoder_blocks:
            x = block(x)
        return self.decoder_pred(self.decoder_norm(x))[:, 1:]


# --- ConvNeXt V2, in Meta's names ----------------------------------------------------------------------------


class ChannelNorm(nn.Module):
    def __init__(self, d: int, first: bool = False) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))
        self.first = first

    def forward(self, x: Tensor) -> Tensor:
        if self.first:
            return F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6).permute(
                0, 3, 1, 2
            )
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-6)


class Grn(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, d))
        self.beta = nn.Parameter(torch.zeros(1, 1, 1, d))

    def forward(self, x: Tensor) -> Tensor:
        g = x.norm(dim=(1, 2), keepdim=True)
        return self.gamma * (x * (g / (g.mean(-1, keepdim=True) + 1e-6))) + self.beta + x


class NextBlock(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(d, d, 7, padding=3, groups=d)
        self.norm = ChannelNorm(d)
        self.pwconv1 = nn.Linear(d, 4 * d)
        self.grn = Grn(4 * d)
        self.pwconv2 = nn.Linear(4 * d, d)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        return x + self.pwconv2(self.grn(F.gelu(self.pwconv1(y)))).permute(0, 3, 1, 2)


class MetaConvNextV2(nn.Module):
    def __init__(self, depths: tuple[int, ...] = (2, 2, 6, 2), dims: tuple[int, ...] = (40, 80, 160, 320)) -> None:
        super().__init__()
        self.downsample_layers = nn.ModuleList([nn.Sequential(nn.Conv2d(3, dims[0], 4, 4), ChannelNorm(dims[0], True))])
        for a, b in zip(dims, dims[1:], strict=False):
            self.downsample_layers.append(nn.Sequential(ChannelNorm(a, True), nn.Conv2d(a, b, 2, 2)))
        self.stages = nn.ModuleList(
            nn.Sequential(*(NextBlock(d) for _ in range(n))) for n, d in zip(depths, dims, strict=True)
        )
        self.norm = nn.LayerNorm(dims[-1], eps=1e-6)
        self.head = nn.Linear(dims[-1], 1000)

    def forward(self, x: Tensor) -> Tensor:
        for down, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(down(x))
        return self.head(self.norm(x.mean((2, 3))))


# --- SegFormer, in NVIDIA's names ----------------------------------------------------------------------------


class MitAttention(nn.Module):
    def __init__(self, d: int, heads: int, ratio: int) -> None:
        super().__init__()
        self.heads, self.ratio = heads, ratio
        self.q = nn.Linear(d, d)
        self.kv = nn.Linear(d, 2 * d)
        self.proj = nn.Linear(d, d)
        if ratio > 1:
            self.sr = nn.Conv2d(d, d, ratio, ratio)
            self.norm = nn.LayerNorm(d)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        other = x
        if self.ratio > 1:
            other = self.sr(x.transpose(1, 2).unflatten(2, size)).flatten(2).transpose(1, 2)
            other = self.norm(other)
        k, v = self.kv(other).chunk(2, -1)
        return self.proj(attend(self.q(x), k, v, self.heads))


class MitDepthwise(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(d, d, 3, 1, 1, groups=d)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        return self.dwconv(x.transpose(1, 2).unflatten(2, size)).flatten(2).transpose(1, 2)


class MitMlp(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(d, 4 * d)
        self.dwconv = MitDepthwise(4 * d)
        self.fc2 = nn.Linear(4 * d, d)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        return self.fc2(F.gelu(self.dwconv(self.fc1(x), size)))


class MitBlock(nn.Module):
    def __init__(self, d: int, heads: int, ratio: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(d)
        self.attn = MitAttention(d, heads, ratio)
        self.norm2 = nn.LayerNorm(d)
        self.mlp = MitMlp(d)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        x = x + self.attn(self.norm1(x), size)
        return x + self.mlp(self.norm2(x), size)


class MitPatches(nn.Module):
    def __init__(self, i: int, o: int, k: int, s: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(i, o, k, s, k // 2)
        self.norm = nn.LayerNorm(o)

    def forward(self, x: Tensor) -> tuple[Tensor, tuple[int, int]]:
        x = self.proj(x)
        return self.norm(x.flatten(2).transpose(1, 2)), (x.shape[2], x.shape[3])


class SegProject(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.proj = nn.Linear(i, o)


class SegFuse(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(i, o, 1, bias=False)
        self.bn = nn.BatchNorm2d(o)


SEG_DIMS, SEG_DEPTHS, SEG_HEADS, SEG_RATIOS = (16, 32, 64, 96), (2, 2, 3, 2), (1, 2, 4, 4), (8, 4, 2, 1)


class MixTransformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for stage in range(4):
            i, o = (3, *SEG_DIMS)[stage], SEG_DIMS[stage]
            setattr(self, f"patch_embed{stage + 1}", MitPatches(i, o, 3 if stage else 7, 2 if stage else 4))
        for stage, (d, depth) in enumerate(zip(SEG_DIMS, SEG_DEPTHS, strict=True)):
            blocks = (MitBlock(d, SEG_HEADS[stage], SEG_RATIOS[stage]) for _ in range(depth))
            setattr(self, f"block{stage + 1}", nn.ModuleList(blocks))
            setattr(self, f"norm{stage + 1}", nn.LayerNorm(d))

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for stage in range(1, 5):
            x, size = getattr(self, f"patch_embed{stage}")(x)
            for block in getattr(self, f"block{stage}"):
                x = block(x, size)
            x = getattr(self, f"norm{stage}")(x).transpose(1, 2).unflatten(2, size)
            maps.append(x)
        return maps


class SegHead(nn.Module):
    def __init__(self, d: int = 48, classes: int = 7) -> None:
        super().__init__()
        self.linear_pred = nn.Conv2d(d, classes, 1)
        for stage in (4, 3, 2, 1):
            setattr(self, f"linear_c{stage}", SegProject(SEG_DIMS[stage - 1], d))
        self.linear_fuse = SegFuse(4 * d, d)

    def forward(self, maps: list[Tensor]) -> Tensor:
        wide = []
        for stage in (4, 3, 2, 1):
            x = maps[stage - 1]
            y = getattr(self, f"linear_c{stage}").proj(x.flatten(2).transpose(1, 2)).transpose(1, 2)
            y = y.unflatten(2, x.shape[2:])
            wide.append(F.interpolate(y, size=maps[0].shape[2:], mode="bilinear", align_corners=False))
        x = self.linear_fuse.bn(self.linear_fuse.conv(torch.cat(wide, 1))).relu()
        return self.linear_pred(x)


class NvSegFormer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = MixTransformer()
        self.decode_head = SegHead()

    def forward(self, x: Tensor) -> Tensor:
        return self.decode_head(self.backbone(x))


# --- a discriminator with spectral norm, by the old hook and by the new parametrization -----------------------


class SnBlock(nn.Module):
    def __init__(self, wrap: Any, i: int, o: int) -> None:
        super().__init__()
        self.conv1 = wrap(nn.Conv2d(i, o, 3, padding=1))
        self.conv2 = wrap(nn.Conv2d(o, o, 3, padding=1))
        self.shortcut = wrap(nn.Conv2d(i, o, 1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(F.relu(self.conv1(F.relu(x))))
        return F.avg_pool2d(y + self.shortcut(x), 2)


class OldSpectral(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = (3, 16, 32, 64, 64)
        self.blocks = nn.ModuleList(SnBlock(spectral_norm, a, b) for a, b in zip(sizes, sizes[1:], strict=False))
        self.l_y = spectral_norm(nn.Embedding(5, 64))
        self.linear = spectral_norm(nn.Linear(64, 1))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        x = F.relu(x).sum((2, 3))
        labels = torch.arange(len(x)) % 5
        return self.linear(x) + (self.l_y(labels) * x).sum(1, keepdim=True)


class NewSpectral(nn.Module):
    """The same, its parts registered as the layers of a residual network."""

    def __init__(self) -> None:
        super().__init__()
        wrap = parametrizations.spectral_norm
        sizes = (3, 16, 32, 64, 64)
        for number, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False)):
            block = nn.Module()
            block.skip = wrap(nn.Conv2d(a, b, 1))
            block.main = nn.Sequential(
                nn.ReLU(), wrap(nn.Conv2d(a, b, 3, padding=1)), nn.ReLU(), wrap(nn.Conv2d(b, b, 3, padding=1))
            )
            setattr(self, f"res{number + 1}", block)
        self.fc = wrap(nn.Linear(64, 1))
        self.embed = wrap(nn.Embedding(5, 64))

    def forward(self, x: Tensor) -> Tensor:
        for number in (1, 2, 3, 4):
            block = getattr(self, f"res{number}")
            x = F.avg_pool2d(block.main(x) + block.skip(x), 2)
        x = F.relu(x).sum((2, 3))
        labels = torch.arange(len(x)) % 5
        return self.fc(x) + (self.embed(labels) * x).sum(1, keepdim=True)


# --- recurrent translation: whole LSTMs, and rows of cells ----------------------------------------------------


class WholeLstm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.embedding = nn.Embedding(60, 20)
        self.encoder.rnn = nn.LSTM(20, 32, 3, batch_first=True)
        self.decoder = nn.Module()
        self.decoder.embedding = nn.Embedding(60, 20)
        self.decoder.rnn = nn.LSTM(20, 32, 3, batch_first=True)
        self.decoder.fc_out = nn.Linear(32, 60)

    def forward(self, ids: Tensor) -> Tensor:
        _, state = self.encoder.rnn(self.encoder.embedding(ids))
        return self.decoder.fc_out(self.decoder.rnn(self.decoder.embedding(ids.flip(1)), state)[0])


class CellLstm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.src_embed = nn.Embedding(60, 20)
        self.tgt_embed = nn.Embedding(60, 20)
        self.enc_cells = nn.ModuleList(nn.LSTMCell(20 if k == 0 else 32, 32) for k in range(3))
        self.dec_cells = nn.ModuleList(nn.LSTMCell(20 if k == 0 else 32, 32) for k in range(3))
        self.generator = nn.Linear(32, 60)

    def forward(self, ids: Tensor) -> Tensor:
        states: list[tuple[Tensor, Tensor] | None] = [None] * 3
        outputs = []
        for cells, table, row in (
            (self.enc_cells, self.src_embed, ids), (self.dec_cells, self.tgt_embed, ids.flip(1)),
        ):  # fmt: skip
            outputs = []
            for step in range(row.shape[1]):
                x = table(row[:, step])
                for k, cell in enumerate(cells):
                    states[k] = cell(x, states[k])
                    x = states[k][0]
                outputs.append(x)
        return self.generator(torch.stack(outputs, 1))


# --- an encoder and decoder with separate projections, and torch's own transformer ---------------------------


class TorchSeq2Seq(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.src_tok_emb = nn.Embedding(80, 32)
        self.tgt_tok_emb = nn.Embedding(90, 32)
        self.transformer = nn.Transformer(32, 4, 4, 3, 64, batch_first=True)
        self.generator = nn.Linear(32, 90)

    def forward(self, ids: Tensor) -> Tensor:
        mask = torch.full((ids.shape[1],) * 2, float("-inf")).triu(1)
        y = self.transformer(self.src_tok_emb(ids), self.tgt_tok_emb(ids.flip(1)), tgt_mask=mask)
        return self.generator(y)


class Heads(nn.Module):
    """Jadore's attention, without its norm."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.w_qs, self.w_ks, self.w_vs = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.fc = nn.Linear(d, d)
        self.layer_norm = nn.LayerNorm(d)

    def forward(self, x: Tensor, other: Tensor, causal: bool = False) -> Tensor:
        y = attend(self.w_qs(x), self.w_ks(other), self.w_vs(other), 4, causal)
        return self.layer_norm(x + self.fc(y))


class PositionFfn(nn.Module):
    def __init__(self, d: int, hidden: int) -> None:
        super().__init__()
        self.w_1, self.w_2 = nn.Linear(d, hidden), nn.Linear(hidden, d)
        self.layer_norm = nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer_norm(x + self.w_2(F.relu(self.w_1(x))))


class JadoreLayer(nn.Module):
    def __init__(self, d: int, cross: bool) -> None:
        super().__init__()
        self.slf_attn = Heads(d)
        if cross:
            self.enc_attn = Heads(d)
        self.pos_ffn = PositionFfn(d, 2 * d)
        self.cross = cross

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        x = self.slf_attn(x, x, self.cross)
        if other is not None:
            x = self.enc_attn(x, other)
        return self.pos_ffn(x)


class Jadore(nn.Module):
    def __init__(self, d: int = 32) -> None:
        super().__init__()
        for side, words, layers in (("encoder", 80, 4), ("decoder", 90, 3)):
            part = nn.Module()
            setattr(part, "src_word_emb" if side == "encoder" else "trg_word_emb", nn.Embedding(words, d))
            part.layer_stack = nn.ModuleList(JadoreLayer(d, side == "decoder") for _ in range(layers))
            part.layer_norm = nn.LayerNorm(d)
            setattr(self, side, part)
        self.trg_word_prj = nn.Linear(d, 90)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.encoder.src_word_emb(ids)
        for layer in self.encoder.layer_stack:
            x = layer(x)
        x = self.encoder.layer_norm(x)
        y = self.decoder.trg_word_emb(ids.flip(1))
        for layer in self.decoder.layer_stack:
            y = layer(y, x)
        return self.trg_word_prj(self.decoder.layer_norm(y))


# --- one network each, told in several conventions by renaming ------------------------------------------------


class ConformerConv(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.pointwise_conv1 = nn.Conv1d(d, 2 * d, 1)
        self.depthwise_conv = nn.Conv1d(d, d, 5, padding=2, groups=d)
        self.norm = nn.BatchNorm1d(d)
        self.pointwise_conv2 = nn.Conv1d(d, d, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.glu(self.pointwise_conv1(x.transpose(1, 2)), 1)
        return self.pointwise_conv2(F.silu(self.norm(self.depthwise_conv(y)))).transpose(1, 2)


class ConformerFeed(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.w_1, self.w_2 = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x: Tensor) -> Tensor:
        return self.w_2(F.silu(self.w_1(x)))


class ConformerAttention(nn.Module):
    def __init__(self, d: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.linear_q, self.linear_k, self.linear_v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.linear_out = nn.Linear(d, d)
        self.linear_pos = nn.Linear(d, d, bias=False)
        self.pos_bias_u = nn.Parameter(torch.zeros(heads, d // heads))
        self.pos_bias_v = nn.Parameter(torch.zeros(heads, d // heads))

    def forward(self, x: Tensor) -> Tensor:
        q = self.linear_q(x)
        k = self.linear_k(x) + self.linear_pos(x.roll(1, 1)) * self.pos_bias_v.flatten()
        return self.linear_out(attend(q + self.pos_bias_u.flatten(), k, self.linear_v(x), self.heads))


class ConformerLayer(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.self_attn = ConformerAttention(d)
        self.feed_forward = ConformerFeed(d)
        self.feed_forward_macaron = ConformerFeed(d)
        self.conv_module = ConformerConv(d)
        self.norm_ff = nn.LayerNorm(d)
        self.norm_mha = nn.LayerNorm(d)
        self.norm_ff_macaron = nn.LayerNorm(d)
        self.norm_conv = nn.LayerNorm(d)
        self.norm_final = nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        x = x + 0.5 * self.feed_forward_macaron(self.norm_ff_macaron(x))
        x = x + self.self_attn(self.norm_mha(x))
        x = x + self.conv_module(self.norm_conv(x))
        x = x + 0.5 * self.feed_forward(self.norm_ff(x))
        return self.norm_final(x)


class Conformer(nn.Module):
    """ESPnet's names."""

    def __init__(self, d: int = 32, layers: int = 5) -> None:
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.embed = nn.Sequential(nn.Conv2d(1, d, 3, 2), nn.ReLU(), nn.Conv2d(d, d, 3, 2), nn.ReLU())
        self.encoder.out = nn.Linear(d * 4, d)
        self.encoder.encoders = nn.ModuleList(ConformerLayer(d) for _ in range(layers))
        self.encoder.after_norm = nn.LayerNorm(d)
        self.ctc_lo = nn.Linear(d, 30)

    def forward(self, x: Tensor) -> Tensor:
        y = self.encoder.embed(x[:, None])
        y = self.encoder.out(y.transpose(1, 2).flatten(2))
        for layer in self.encoder.encoders:
            y = layer(y)
        return self.ctc_lo(self.encoder.after_norm(y))


class FaceBlock(nn.Module):
    def __init__(self, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.shortcut_layer = (
            nn.MaxPool2d(1, stride)
            if i == o
            else nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))
        )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(i), nn.Conv2d(i, o, 3, 1, 1, bias=False), nn.PReLU(o),
            nn.Conv2d(o, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut_layer(x) + self.res_layer(x)


class FaceNet(nn.Module):
    """The ArcFace backbone of InsightFace_Pytorch: all blocks in one row."""

    def __init__(self) -> None:
        super().__init__()
        self.input_layer = nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.PReLU(16))
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(128), nn.Dropout(0.4), nn.Flatten(), nn.Linear(128 * 16, 64), nn.BatchNorm1d(64)
        )
        blocks: list[nn.Module] = []
        i = 16
        for o, depth in ((16, 3), (32, 4), (64, 6), (128, 3)):
            for place in range(depth):
                blocks.append(FaceBlock(i, o, 2 if place == 0 else 1))
                i = o
        self.body = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        return self.output_layer(self.body(self.input_layer(x)))


class GuidedRes(nn.Module):
    def __init__(self, i: int, o: int, t: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(nn.GroupNorm(4, i), nn.SiLU(), nn.Conv2d(i, o, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(t, 2 * o))
        self.out_layers = nn.Sequential(nn.GroupNorm(4, o), nn.SiLU(), nn.Dropout(), nn.Conv2d(o, o, 3, padding=1))
        self.skip_connection = nn.Conv2d(i, o, 1) if i != o else nn.Identity()

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        y = self.in_layers(x)
        scale, shift = self.emb_layers(t)[..., None, None].chunk(2, 1)
        y = self.out_layers[0](y) * (1 + scale) + shift
        return self.skip_connection(x) + self.out_layers[1:](y)


class GuidedCross(nn.Module):
    """A transformer over pixels that looks at a text too, as in latent diffusion."""

    def __init__(self, d: int, context: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(4, d)
        self.proj_in = nn.Conv2d(d, d, 1)
        block = nn.Module()
        for name, other in (("attn1", d), ("attn2", context)):
            attention = nn.Module()
            attention.to_q = nn.Linear(d, d, bias=False)
            attention.to_k = nn.Linear(other, d, bias=False)
            attention.to_v = nn.Linear(other, d, bias=False)
            attention.to_out = nn.Sequential(nn.Linear(d, d), nn.Dropout())
            setattr(block, name, attention)
            if name == "attn1":
                block.ff = nn.Module()
                gate = nn.Module()
                gate.proj = nn.Linear(d, 8 * d)
                block.ff.net = nn.Sequential(gate, nn.Dropout(), nn.Linear(4 * d, d))
        block.norm1, block.norm2, block.norm3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.transformer_blocks = nn.ModuleList([block])
        self.proj_out = nn.Conv2d(d, d, 1)

    def forward(self, x: Tensor, text: Tensor) -> Tensor:
        y = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        block = self.transformer_blocks[0]
        for attention, norm, told in ((block.attn1, block.norm1, None), (block.attn2, block.norm2, text)):
            z = norm(y)
            other = z if told is None else told
            y = y + attention.to_out(attend(attention.to_q(z), attention.to_k(other), attention.to_v(other), 4))
        a, b = block.ff.net[0].proj(block.norm3(y)).chunk(2, -1)
        y = y + block.ff.net[2](a * F.gelu(b))
        return x + self.proj_out(y.transpose(1, 2).unflatten(2, x.shape[2:]))


class GuidedUNet(nn.Module):
    """Latent diffusion's names: input_blocks.1.0.in_layers.0, input_blocks.1.1.transformer_blocks.0.attn1.to_q."""

    def __init__(self, d: int = 16, context: int = 24) -> None:
        super().__init__()
        t = 4 * d
        self.time_embed = nn.Sequential(nn.Linear(d, t), nn.SiLU(), nn.Linear(t, t))
        self.input_blocks = nn.ModuleList([nn.ModuleList([nn.Conv2d(4, d, 3, padding=1)])])
        widths, i = [d], d
        for level, o in enumerate((d, 2 * d)):
            for _ in range(2):
                self.input_blocks.append(nn.ModuleList([GuidedRes(i, o, t), GuidedCross(o, context)]))
                widths.append(o)
                i = o
            if level == 0:
                down = nn.Module()
                down.op = nn.Conv2d(o, o, 3, 2, 1)
                self.input_blocks.append(nn.ModuleList([down]))
                widths.append(o)
        self.middle_block = nn.ModuleList([GuidedRes(i, i, t), GuidedCross(i, context), GuidedRes(i, i, t)])
        self.output_blocks = nn.ModuleList()
        for level, o in enumerate((2 * d, d)):
            for place in range(3):
                parts = [GuidedRes(i + widths.pop(), o, t), GuidedCross(o, context)]
                i = o
                if level == 0 and place == 2:
                    up = nn.Module()
                    up.conv = nn.Conv2d(o, o, 3, padding=1)
                    parts.append(up)
                self.output_blocks.append(nn.ModuleList(parts))
        self.out = nn.Sequential(nn.GroupNorm(4, d), nn.SiLU(), nn.Conv2d(d, 4, 3, padding=1))

    def forward(self, x: Tensor, t: Tensor, text: Tensor) -> Tensor:
        t = self.time_embed(t)
        kept = []
        for parts in self.input_blocks:
            if len(parts) == 2:
                x = parts[1](parts[0](x, t), text)
            else:
                x = (parts[0].op if hasattr(parts[0], "op") else parts[0])(x)
            kept.append(x)
        x = self.middle_block[2](self.middle_block[1](self.middle_block[0](x, t), text), t)
        for parts in self.output_blocks:
            x = parts[1](parts[0](torch.cat([x, kept.pop()], 1), t), text)
            if len(parts) == 3:
                x = parts[2].conv(F.interpolate(x, scale_factor=2.0))
        return self.out(x)


class CoatConv(nn.Module):
    def __init__(self, i: int, o: int, stride: int) -> None:
        super().__init__()
        h = 4 * o
        self.shortcut = nn.Module()
        if i != o:
            self.shortcut.expand = nn.Conv2d(i, o, 1, bias=False)
        self.stride = stride
        self.pre_norm = nn.BatchNorm2d(i)
        self.conv1_1x1 = nn.Conv2d(i, h, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(h)
        self.conv2_kxk = nn.Conv2d(h, h, 3, stride, 1, groups=h, bias=False)
        self.norm2 = nn.BatchNorm2d(h)
        self.se = nn.Module()
        self.se.fc1, self.se.fc2 = nn.Conv2d(h, o, 1), nn.Conv2d(o, h, 1)
        self.conv3_1x1 = nn.Conv2d(h, o, 1)

    def forward(self, x: Tensor) -> Tensor:
        short = F.avg_pool2d(x, self.stride) if self.stride > 1 else x
        short = self.shortcut.expand(short) if hasattr(self.shortcut, "expand") else short
        y = F.gelu(self.norm1(self.conv1_1x1(self.pre_norm(x))))
        y = F.gelu(self.norm2(self.conv2_kxk(y)))
        y = y * torch.sigmoid(self.se.fc2(F.silu(self.se.fc1(y.mean((2, 3), keepdim=True)))))
        return short + self.conv3_1x1(y)


class CoatAttention(nn.Module):
    def __init__(self, i: int, o: int, stride: int, size: int) -> None:
        super().__init__()
        self.stride = stride
        self.shortcut = nn.Module()
        if i != o:
            self.shortcut.expand = nn.Conv2d(i, o, 1, bias=False)
        self.norm1 = nn.LayerNorm(i)
        self.attn = nn.Module()
        self.attn.qkv = nn.Linear(i, 3 * o)
        self.attn.proj = nn.Linear(o, o)
        self.attn.relative_position_bias_table = nn.Parameter(torch.zeros((2 * size - 1) ** 2, 4))
        self.norm2 = nn.LayerNorm(o)
        self.mlp = nn.Module()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(o, 4 * o), nn.Linear(4 * o, o)

    def forward(self, x: Tensor) -> Tensor:
        x = F.avg_pool2d(x, self.stride) if self.stride > 1 else x
        size = x.shape[2:]
        short = self.shortcut.expand(x) if hasattr(self.shortcut, "expand") else x
        y = self.norm1(x.flatten(2).transpose(1, 2))
        q, k, v = self.attn.qkv(y).chunk(3, -1)
        table = self.attn.relative_position_bias_table.sum() * 0.01
        y = self.attn.proj(attend(q, k, v, 4)) * (1 + table)
        x = short.flatten(2).transpose(1, 2) + y
        x = x + self.mlp.fc2(F.gelu(self.mlp.fc1(self.norm2(x))))
        return x.transpose(1, 2).unflatten(2, size)


class CoatNet(nn.Module):
    """timm's names: stages.0.blocks.1.conv1_1x1, stages.2.blocks.0.attn.qkv."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Module()
        self.stem.conv1 = nn.Conv2d(3, 16, 3, 2, 1, bias=False)
        self.stem.norm1 = nn.BatchNorm2d(16)
        self.stem.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.stages = nn.ModuleList()
        i, size = 16, 32
        for number, (o, depth) in enumerate(((16, 2), (32, 3), (64, 4), (96, 2))):
            stage = nn.Module()
            size //= 2
            blocks: list[nn.Module] = []
            for place in range(depth):
                stride = 2 if place == 0 else 1
                blocks.append(CoatConv(i, o, stride) if number < 2 else CoatAttention(i, o, stride, size))
                i = o
            stage.blocks = nn.Sequential(*blocks)
            self.stages.append(stage)
        self.head = nn.Module()
        self.head.norm = nn.LayerNorm(96)
        self.head.fc = nn.Linear(96, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem.conv2(F.gelu(self.stem.norm1(self.stem.conv1(x))))
        for stage in self.stages:
            x = stage.blocks(x)
        return self.head.fc(self.head.norm(x.mean((2, 3))))


class SetAbstraction(nn.Module):
    def __init__(self, i: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.mlp_convs, self.mlp_bns = nn.ModuleList(), nn.ModuleList()
        for o in widths:
            self.mlp_convs.append(nn.Conv2d(i, o, 1))
            self.mlp_bns.append(nn.BatchNorm2d(o))
            i = o

    def forward(self, x: Tensor) -> Tensor:
        for conv, bn in zip(self.mlp_convs, self.mlp_bns, strict=True):
            x = F.relu(bn(conv(x)))
        return x


class PointNet2(nn.Module):
    """PointNet++ without its sampling, in the names of the best known port."""

    def __init__(self) -> None:
        super().__init__()
        self.sa1 = SetAbstraction(6, (32, 32, 64))
        self.sa2 = SetAbstraction(64, (64, 64, 128))
        self.sa3 = SetAbstraction(128, (128, 256, 256))
        self.fp3 = SetAbstraction(384, (128, 128))
        self.fp2 = SetAbstraction(192, (128, 64))
        self.fp1 = SetAbstraction(64, (64, 64, 64))
        self.conv1 = nn.Conv1d(64, 64, 1)
        self.bn1 = nn.BatchNorm1d(64)
        self.conv2 = nn.Conv1d(64, 13, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = x[..., None]
        a = self.sa1(x)
        b = self.sa2(a)
        c = self.sa3(b)
        y = self.fp1(self.fp2(torch.cat([a, self.fp3(torch.cat([b, c], 1))], 1)))
        return self.conv2(F.relu(self.bn1(self.conv1(y[..., 0]))))
