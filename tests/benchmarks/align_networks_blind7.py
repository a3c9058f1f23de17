"""Networks of the seventh blind set: a separator of speakers, a recognizer of speech, a small diffusion model, and a
language model out of torch's own layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class TasChannelNorm(nn.Module):
    """cLN of kaituoxu's Conv-TasNet: gamma and beta of three axes."""

    def __init__(self, d: int) -> None:
        super().__init__()
        self.gamma, self.beta = nn.Parameter(torch.ones(1, d, 1)), nn.Parameter(torch.zeros(1, d, 1))

    def forward(self, x: Tensor) -> Tensor:
        mean, var = x.mean(1, keepdim=True), x.var(1, keepdim=True, unbiased=False)
        return self.gamma * (x - mean) / (var + 1e-8).sqrt() + self.beta


class TasGlobalNorm(TasChannelNorm):
    def forward(self, x: Tensor) -> Tensor:
        mean, var = x.mean((1, 2), keepdim=True), x.var((1, 2), keepdim=True, unbiased=False)
        return self.gamma * (x - mean) / (var + 1e-8).sqrt() + self.beta


class TasDepthwise(nn.Module):
    def __init__(self, i: int, o: int, dilation: int) -> None:
        super().__init__()
        depthwise = nn.Conv1d(i, i, 3, padding=dilation, dilation=dilation, groups=i, bias=False)
        self.net = nn.Sequential(depthwise, nn.PReLU(), TasGlobalNorm(i), nn.Conv1d(i, o, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class TasBlock(nn.Module):
    def __init__(self, d: int, inner: int, dilation: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(d, inner, 1, bias=False), nn.PReLU(), TasGlobalNorm(inner), TasDepthwise(inner, d, dilation)
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return x + self.net(x)


def overlapped(frames: Tensor, step: int) -> Tensor:
    """Frames [batch, time, length] laid over each other."""
    length = (frames.shape[1] - 1) * step + frames.shape[2]
    return F.fold(frames.transpose(1, 2), (1, length), (1, frames.shape[2]), stride=(1, step)).flatten(1)


class KaituoxuTasNet(nn.Module):
    """Conv-TasNet with one speaker's mask after the other: separator.network.2.1.3.net.3.net.0."""

    def __init__(self, filters: int = 24, length: int = 8, d: int = 16, inner: int = 32) -> None:
        super().__init__()
        self.length = length
        self.encoder, self.separator, self.decoder = nn.Module(), nn.Module(), nn.Module()
        self.encoder.conv1d_U = nn.Conv1d(1, filters, length, length // 2, bias=False)
        repeats = [nn.Sequential(*(TasBlock(d, inner, 1 << k) for k in range(4))) for _ in range(3)]
        self.separator.network = nn.Sequential(
            TasChannelNorm(filters), nn.Conv1d(filters, d, 1, bias=False), nn.Sequential(*repeats),
            nn.Conv1d(d, 2 * filters, 1, bias=False),
        )  # fmt: skip
        self.decoder.basis_signals = nn.Linear(filters, length, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        heard = F.relu(self.encoder.conv1d_U(x[:, None]))
        masks = F.relu(self.separator.network(heard)).chunk(2, 1)
        frames = [self.decoder.basis_signals((mask * heard).transpose(1, 2)) for mask in masks]
        return torch.stack([overlapped(frame, self.length // 2) for frame in frames], 1)


class OwnTasBlock(nn.Module):
    def __init__(self, d: int, inner: int, dilation: int) -> None:
        super().__init__()
        self.expand = nn.Conv1d(d, inner, 1, bias=False)
        self.depthwise = nn.Conv1d(inner, inner, 3, padding=dilation, dilation=dilation, groups=inner, bias=False)
        self.project = nn.Conv1d(inner, d, 1, bias=False)
        self.act1, self.act2 = nn.PReLU(), nn.PReLU()
        self.norm1, self.norm2 = nn.GroupNorm(1, inner, eps=1e-8), nn.GroupNorm(1, inner, eps=1e-8)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(self.act1(self.expand(x)))
        return x + self.project(self.norm2(self.act2(self.depthwise(y))))


class OwnTasNet(nn.Module):
    """The same with all blocks in one list and torch's own norms."""

    def __init__(self, filters: int = 24, length: int = 8, d: int = 16, inner: int = 32) -> None:
        super().__init__()
        self.length = length
        self.encoder = nn.Conv1d(1, filters, length, length // 2, bias=False)
        self.decoder = nn.Linear(filters, length, bias=False)
        self.input_norm = nn.LayerNorm(filters, eps=1e-8)
        self.bottleneck = nn.Conv1d(filters, d, 1, bias=False)
        self.tcn = nn.ModuleList(OwnTasBlock(d, inner, 1 << k % 4) for k in range(12))
        self.mask_conv = nn.Conv1d(d, 2 * filters, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        heard = F.relu(self.encoder(x[:, None]))
        y = self.bottleneck(self.input_norm(heard.transpose(1, 2)).transpose(1, 2))
        for block in self.tcn:
            y = block(y)
        masks = F.relu(self.mask_conv(y)).chunk(2, 1)
        frames = [self.decoder((mask * heard).transpose(1, 2)) for mask in masks]
        return torch.stack([overlapped(frame, self.length // 2) for frame in frames], 1)


class SpeechNorm(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer_norm(x.transpose(2, 3)).transpose(2, 3)


class SpeechResidual(nn.Module):
    def __init__(self, d: int, height: int) -> None:
        super().__init__()
        self.cnn1, self.cnn2 = nn.Conv2d(d, d, 3, 1, 1), nn.Conv2d(d, d, 3, 1, 1)
        self.dropout1, self.dropout2 = nn.Dropout(0.1), nn.Dropout(0.1)
        self.layer_norm1, self.layer_norm2 = SpeechNorm(height), SpeechNorm(height)

    def forward(self, x: Tensor) -> Tensor:
        y = self.cnn1(self.dropout1(F.gelu(self.layer_norm1(x))))
        return x + self.cnn2(self.dropout2(F.gelu(self.layer_norm2(y))))


class SpeechGru(nn.Module):
    def __init__(self, i: int, d: int) -> None:
        super().__init__()
        self.BiGRU = nn.GRU(i, d, batch_first=True, bidirectional=True)
        self.layer_norm = nn.LayerNorm(i)

    def forward(self, x: Tensor) -> Tensor:
        return self.BiGRU(F.gelu(self.layer_norm(x)))[0]


class AssemblySpeech(nn.Module):
    """SpeechRecognitionModel of the well-known tutorial."""

    def __init__(self, d: int = 8, height: int = 16, rnn: int = 24, classes: int = 29) -> None:
        super().__init__()
        self.cnn = nn.Conv2d(1, d, 3, 2, 1)
        self.rescnn_layers = nn.Sequential(*(SpeechResidual(d, height) for _ in range(3)))
        self.fully_connected = nn.Linear(d * height, rnn)
        self.birnn_layers = nn.Sequential(*(SpeechGru(2 * rnn if k else rnn, rnn) for k in range(4)))
        self.classifier = nn.Sequential(nn.Linear(2 * rnn, rnn), nn.GELU(), nn.Dropout(0.1), nn.Linear(rnn, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.rescnn_layers(self.cnn(x)).flatten(1, 2).transpose(1, 2)
        return self.classifier(self.birnn_layers(self.fully_connected(x)))


class LabSpeech(nn.Module):
    """The same in a lab: what belongs to one level lies in lists beside each other, the end of the network first."""

    def __init__(self, d: int = 8, height: int = 16, rnn: int = 24, classes: int = 29) -> None:
        super().__init__()
        self.ctc_hidden, self.ctc_out = nn.Linear(2 * rnn, rnn), nn.Linear(rnn, classes)
        self.grus = nn.ModuleList(
            nn.GRU(2 * rnn if k else rnn, rnn, batch_first=True, bidirectional=True) for k in range(4)
        )
        self.gru_norms = nn.ModuleList(nn.LayerNorm(2 * rnn if k else rnn) for k in range(4))
        self.stem = nn.Conv2d(1, d, 3, 2, 1)
        self.res_blocks = nn.ModuleList()
        for _ in range(3):
            block = nn.Module()
            block.norm_in, block.conv_in = nn.LayerNorm(height), nn.Conv2d(d, d, 3, 1, 1)
            block.norm_out, block.conv_out = nn.LayerNorm(height), nn.Conv2d(d, d, 3, 1, 1)
            self.res_blocks.append(block)
        self.flatten_proj = nn.Linear(d * height, rnn)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.res_blocks:
            y = block.conv_in(F.gelu(block.norm_in(x.transpose(2, 3)).transpose(2, 3)))
            x = x + block.conv_out(F.gelu(block.norm_out(y.transpose(2, 3)).transpose(2, 3)))
        x = self.flatten_proj(x.flatten(1, 2).transpose(1, 2))
        for norm, gru in zip(self.gru_norms, self.grus, strict=True):
            x = gru(F.gelu(norm(x)))[0]
        return self.ctc_out(F.gelu(self.ctc_hidden(x)))


class DomeConv(nn.Module):
    """DoubleConv of dome272's Diffusion-Models-pytorch."""

    def __init__(self, i: int, o: int, middle: int | None = None, residual: bool = False) -> None:
        super().__init__()
        self.residual = residual
        middle = middle or o
        self.double_conv = nn.Sequential(
            nn.Conv2d(i, middle, 3, padding=1, bias=False), nn.GroupNorm(1, middle), nn.GELU(),
            nn.Conv2d(middle, o, 3, padding=1, bias=False), nn.GroupNorm(1, o),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x + self.double_conv(x)) if self.residual else self.double_conv(x)


class DomeDown(nn.Module):
    def __init__(self, i: int, o: int, time: int) -> None:
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DomeConv(i, i, residual=True), DomeConv(i, o))
        self.emb_layer = nn.Sequential(nn.SiLU(), nn.Linear(time, o))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        return self.maxpool_conv(x) + self.emb_layer(t)[:, :, None, None]


class DomeUp(nn.Module):
    def __init__(self, i: int, o: int, time: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(DomeConv(i, i, residual=True), DomeConv(i, o, i // 2))
        self.emb_layer = nn.Sequential(nn.SiLU(), nn.Linear(time, o))

    def forward(self, x: Tensor, skip: Tensor, t: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        return self.conv(torch.cat([skip, x], 1)) + self.emb_layer(t)[:, :, None, None]


class DomeAttention(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.mha = nn.MultiheadAttention(d, 4, batch_first=True)
        self.ln = nn.LayerNorm([d])
        self.ff_self = nn.Sequential(nn.LayerNorm([d]), nn.Linear(d, d), nn.GELU(), nn.Linear(d, d))

    def forward(self, x: Tensor) -> Tensor:
        y = x.flatten(2).transpose(1, 2)
        normed = self.ln(y)
        y = y + self.mha(normed, normed, normed, need_weights=False)[0]
        return (y + self.ff_self(y)).transpose(1, 2).reshape(x.shape)


def timed(t: Tensor, d: int) -> Tensor:
    """Sines and cosines of steps."""
    angles = t[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.cat([angles.sin(), angles.cos()], -1)


class DomeUNet(nn.Module):
    """UNet of the tutorial: inc, down1, sa1 … bot1 … up1, sa4 … outc."""

    def __init__(self, d: int = 8, time: int = 32) -> None:
        super().__init__()
        self.time = time
        self.inc = DomeConv(3, d)
        self.down1, self.sa1 = DomeDown(d, 2 * d, time), DomeAttention(2 * d)
        self.down2, self.sa2 = DomeDown(2 * d, 4 * d, time), DomeAttention(4 * d)
        self.down3, self.sa3 = DomeDown(4 * d, 4 * d, time), DomeAttention(4 * d)
        self.bot1, self.bot2, self.bot3 = DomeConv(4 * d, 8 * d), DomeConv(8 * d, 8 * d), DomeConv(8 * d, 4 * d)
        self.up1, self.sa4 = DomeUp(8 * d, 2 * d, time), DomeAttention(2 * d)
        self.up2, self.sa5 = DomeUp(4 * d, d, time), DomeAttention(d)
        self.up3, self.sa6 = DomeUp(2 * d, d, time), DomeAttention(d)
        self.outc = nn.Conv2d(d, 3, 1)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        t = timed(t, self.time)
        one = self.inc(x)
        two = self.sa1(self.down1(one, t))
        three = self.sa2(self.down2(two, t))
        x = self.bot3(self.bot2(self.bot1(self.sa3(self.down3(three, t)))))
        x = self.sa4(self.up1(x, three, t))
        x = self.sa5(self.up2(x, two, t))
        return self.outc(self.sa6(self.up3(x, one, t)))


class LabConv(nn.Module):
    def __init__(self, i: int, o: int, middle: int | None = None) -> None:
        super().__init__()
        middle = middle or o
        self.conv1, self.conv2 = (
            nn.Conv2d(i, middle, 3, padding=1, bias=False), nn.Conv2d(middle, o, 3, padding=1, bias=False)
        )  # fmt: skip
        self.norm1, self.norm2 = nn.GroupNorm(1, middle), nn.GroupNorm(1, o)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm2(self.conv2(F.gelu(self.norm1(self.conv1(x)))))


class LabAttention(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.attn_norm = nn.LayerNorm(d)
        self.to_q, self.to_k, self.to_v, self.to_out = (nn.Linear(d, d) for _ in range(4))
        self.mlp_norm = nn.LayerNorm(d)
        self.mlp_in, self.mlp_out = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        y = x.flatten(2).transpose(1, 2)
        normed = self.attn_norm(y)
        q, k, v = (layer(normed).unflatten(-1, (4, -1)).transpose(1, 2) for layer in (self.to_q, self.to_k, self.to_v))
        y = y + self.to_out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        y = y + self.mlp_out(F.gelu(self.mlp_in(self.mlp_norm(y))))
        return y.transpose(1, 2).reshape(x.shape)


class LabLevel(nn.Module):
    """One level of either side: a residual pair of convolutions, one that changes the width, the step, attention."""

    def __init__(self, i: int, o: int, time: int, middle: int | None = None) -> None:
        super().__init__()
        self.time_proj = nn.Linear(time, o)
        self.res, self.change = LabConv(i, i), LabConv(i, o, middle)
        self.attention = LabAttention(o)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        x = self.change(F.gelu(x + self.res(x)))
        return self.attention(x + self.time_proj(F.silu(t))[:, :, None, None])


class LabDiffusion(nn.Module):
    """The same in a Lightning module, levels in lists, attention inside its level, split query, key and value."""

    def __init__(self, d: int = 8, time: int = 32) -> None:
        super().__init__()
        self.time = time
        net = self.denoiser = nn.Module()
        net.conv_in = LabConv(3, d)
        net.downs = nn.ModuleList(LabLevel(i, o, time) for i, o in ((d, 2 * d), (2 * d, 4 * d), (4 * d, 4 * d)))
        net.middle = nn.ModuleList(LabConv(i, o) for i, o in ((4 * d, 8 * d), (8 * d, 8 * d), (8 * d, 4 * d)))
        net.ups = nn.ModuleList(
            LabLevel(i, o, time, i // 2) for i, o in ((8 * d, 2 * d), (4 * d, d), (2 * d, d))
        )  # fmt: skip
        net.conv_out = nn.Conv2d(d, 3, 1)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        net, t = self.denoiser, timed(t, self.time)
        skips = [net.conv_in(x)]
        for level in net.downs:
            skips.append(level(F.max_pool2d(skips[-1], 2), t))
        x = skips.pop()
        for layer in net.middle:
            x = layer(x)
        for level in net.ups:
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
            x = level(torch.cat([skips.pop(), x], 1), t)
        return net.conv_out(x)


class TorchLanguage(nn.Module):
    """A decoder of text out of torch's own layers: norms first, every word sees what stands before it."""

    def __init__(self, vocab: int = 99, d: int = 32, depth: int = 5, length: int = 42) -> None:
        super().__init__()
        self.tok_embed, self.pos_embed = nn.Embedding(vocab, d), nn.Embedding(length, d)
        layer = nn.TransformerEncoderLayer(d, 4, 2 * d, 0.1, "gelu", 1e-12, batch_first=True, norm_first=True)
        self.decoder = nn.TransformerEncoder(layer, depth, nn.LayerNorm(d, 1e-12), enable_nested_tensor=False)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tok_embed(ids) * self.tok_embed.embedding_dim**0.5
        # As in fairseq, places are counted from 2.
        x = x + self.pos_embed(torch.arange(2, 2 + ids.shape[1]))
        mask = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)
        return self.decoder(x, mask=mask)
