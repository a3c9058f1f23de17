"""Networks of the sixth blind set: attention gates, super resolution, operators, speakers, and a lecture's language model."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class GateConv(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(),
            nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class GateUp(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU()
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.up(x)


class Gate(nn.Module):
    """What of a skip counts, by what comes from below (g)."""

    def __init__(self, g: int, x: int, d: int) -> None:
        super().__init__()
        self.W_g = nn.Sequential(nn.Conv2d(g, d, 1), nn.BatchNorm2d(d))
        self.W_x = nn.Sequential(nn.Conv2d(x, d, 1), nn.BatchNorm2d(d))
        self.psi = nn.Sequential(nn.Conv2d(d, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, g: Tensor, x: Tensor) -> Tensor:
        return x * self.psi(F.relu(self.W_g(g) + self.W_x(x)))


class LeeAttentionUNet(nn.Module):
    """AttU_Net of Image_Segmentation: Conv1 …, Up5, Att5, Up_conv5 …"""

    def __init__(self, d: int = 8) -> None:
        super().__init__()
        self.Conv1 = GateConv(3, d)
        for k in range(2, 6):
            setattr(self, f"Conv{k}", GateConv(d << k - 2, d << k - 1))
        for k in range(5, 1, -1):
            low, high = d << k - 1, d << k - 2
            setattr(self, f"Up{k}", GateUp(low, high))
            setattr(self, f"Att{k}", Gate(high, high, high // 2))
            setattr(self, f"Up_conv{k}", GateConv(low, high))
        self.Conv_1x1 = nn.Conv2d(d, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.Conv1(x)]
        for k in range(2, 6):
            skips.append(getattr(self, f"Conv{k}")(F.max_pool2d(skips[-1], 2)))
        x = skips.pop()
        for k in range(5, 1, -1):
            x = getattr(self, f"Up{k}")(x)
            x = getattr(self, f"Up_conv{k}")(torch.cat([getattr(self, f"Att{k}")(x, skips.pop()), x], 1))
        return self.Conv_1x1(x)


class ThesisConv(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.conv_a, self.norm_a = nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o)
        self.conv_b, self.norm_b = nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm_b(self.conv_b(F.relu(self.norm_a(self.conv_a(x))))))


class ThesisGate(nn.Module):
    def __init__(self, d: int, o: int) -> None:
        super().__init__()
        self.gate_conv, self.gate_norm = nn.Conv2d(d, o, 1), nn.BatchNorm2d(o)
        self.skip_conv, self.skip_norm = nn.Conv2d(d, o, 1), nn.BatchNorm2d(o)
        self.score_conv, self.score_norm = nn.Conv2d(o, 1, 1), nn.BatchNorm2d(1)

    def forward(self, gate: Tensor, skip: Tensor) -> Tensor:
        both = self.gate_norm(self.gate_conv(gate)) + self.skip_norm(self.skip_conv(skip))
        return skip * torch.sigmoid(self.score_norm(self.score_conv(F.relu(both))))


class ThesisUp(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.attention = ThesisGate(o, o // 2)
        self.up_conv, self.up_norm = nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o)
        self.fuse = ThesisConv(i, o)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = F.relu(self.up_norm(self.up_conv(F.interpolate(x, scale_factor=2))))
        return self.fuse(torch.cat([self.attention(x, skip), x], 1))


class ThesisAttentionUNet(nn.Module):
    """The same in a thesis: lists of levels, the gate inside its level, everything below `model`."""

    def __init__(self, d: int = 8) -> None:
        super().__init__()
        model = self.model = nn.Module()
        widths = [d << k for k in range(5)]
        model.encoder = nn.ModuleList(ThesisConv(i, o) for i, o in zip([3, *widths], widths, strict=False))
        model.decoder = nn.ModuleList(ThesisUp(2 * o, o) for o in widths[-2::-1])
        model.out = nn.Conv2d(d, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for k, level in enumerate(self.model.encoder):
            x = level(F.max_pool2d(x, 2) if k else x)
            skips.append(x)
        skips.pop()
        for level in self.model.decoder:
            x = level(x, skips.pop())
        return self.model.out(x)


class ChannelAttention(nn.Module):
    def __init__(self, d: int, squeeze: int) -> None:
        super().__init__()
        self.conv_du = nn.Sequential(nn.Conv2d(d, squeeze, 1), nn.ReLU(), nn.Conv2d(squeeze, d, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return x * self.conv_du(x.mean((2, 3), keepdim=True))


class Row(nn.Module):
    """Layers in a row, around which the input passes."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Rcan(nn.Module):
    """yulunzhang's RCAN: body.3.body.5.body.0 is the first convolution of the sixth block of the fourth group."""

    def __init__(self, d: int = 16, groups: int = 4, blocks: int = 5) -> None:
        super().__init__()

        def conv(i: int = d, o: int = d) -> nn.Conv2d:
            return nn.Conv2d(i, o, 3, padding=1)

        def group() -> Row:
            return Row(*(Row(conv(), nn.ReLU(), conv(), ChannelAttention(d, 4)) for _ in range(blocks)), conv())

        self.head = nn.Sequential(conv(3))
        self.body = nn.Sequential(*(group() for _ in range(groups)), conv())
        self.tail = nn.Sequential(nn.Sequential(conv(d, 4 * d), nn.PixelShuffle(2)), conv(d, 3))

    def forward(self, x: Tensor) -> Tensor:
        x = self.head(x)
        return self.tail(x + self.body(x))


class Spectral(nn.Module):
    """Multiplies the lowest frequencies, as the first Fourier neural operator does: pairs of numbers for complex ones."""

    def __init__(self, d: int, modes: int) -> None:
        super().__init__()
        self.modes = modes
        self.weights1 = nn.Parameter(torch.rand(d, d, modes, modes, 2) / d)
        self.weights2 = nn.Parameter(torch.rand(d, d, modes, modes, 2) / d)

    def forward(self, x: Tensor) -> Tensor:
        return multiplied(x, self.modes, self.weights1, self.weights2)


def multiplied(x: Tensor, modes: int, first: Tensor, second: Tensor) -> Tensor:
    """The low frequencies of both signs, each by its weights."""
    low = torch.fft.rfft2(x, norm="ortho")
    told = torch.zeros_like(low)
    one, two = torch.view_as_complex(first.contiguous()), torch.view_as_complex(second.contiguous())
    told[..., :modes, :modes] = torch.einsum("bixy,ioxy->boxy", low[..., :modes, :modes], one)
    told[..., -modes:, :modes] = torch.einsum("bixy,ioxy->boxy", low[..., -modes:, :modes], two)
    return torch.fft.irfft2(told, s=x.shape[-2:], norm="ortho")


class ZongyiFno(nn.Module):
    """fourier_neural_operator's names: fc0, conv0 … conv3, w0 … w3, fc1, fc2."""

    def __init__(self, d: int = 12, modes: int = 4) -> None:
        super().__init__()
        self.fc0 = nn.Linear(3, d)
        for k in range(4):
            setattr(self, f"conv{k}", Spectral(d, modes))
        for k in range(4):
            setattr(self, f"w{k}", nn.Conv2d(d, d, 1))
        self.fc1, self.fc2 = nn.Linear(d, 32), nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc0(x).permute(0, 3, 1, 2)
        for k in range(4):
            x = getattr(self, f"conv{k}")(x) + getattr(self, f"w{k}")(x)
            x = F.gelu(x) if k < 3 else x
        return self.fc2(F.gelu(self.fc1(x.permute(0, 2, 3, 1))))


class OwnSpectral(nn.Module):
    def __init__(self, d: int, modes: int) -> None:
        super().__init__()
        self.modes = modes
        self.weights = nn.ParameterList(nn.Parameter(torch.rand(d, d, modes, modes, 2) / d) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        return multiplied(x, self.modes, *self.weights)


class OwnFnoBlock(nn.Module):
    def __init__(self, d: int, modes: int) -> None:
        super().__init__()
        self.pointwise = nn.Linear(d, d)
        self.spectral = OwnSpectral(d, modes)

    def forward(self, x: Tensor) -> Tensor:
        return self.spectral(x) + self.pointwise(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class OwnFno(nn.Module):
    """The same with blocks, 1×1 convolutions for what works on single points, and linear layers inside."""

    def __init__(self, d: int = 12, modes: int = 4) -> None:
        super().__init__()
        self.lifting = nn.Conv2d(3, d, 1)
        self.blocks = nn.ModuleList(OwnFnoBlock(d, modes) for _ in range(4))
        self.projection = nn.Sequential(nn.Conv2d(d, 32, 1), nn.GELU(), nn.Conv2d(32, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.lifting(x.permute(0, 3, 1, 2))
        for k, block in enumerate(self.blocks):
            x = block(x) if k == 3 else F.gelu(block(x))
        return self.projection(x).permute(0, 2, 3, 1)


class SpeakerSqueeze(nn.Module):
    def __init__(self, d: int, inner: int) -> None:
        super().__init__()
        self.se = nn.Sequential(
            nn.AdaptiveAvgPool1d(1), nn.Conv1d(d, inner, 1), nn.ReLU(), nn.Conv1d(inner, d, 1), nn.Sigmoid()
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return x * self.se(x)


class SpeakerBlock(nn.Module):
    """Bottle2neck of TaoRuijie's ECAPA-TDNN."""

    def __init__(self, d: int, dilation: int, scale: int = 8) -> None:
        super().__init__()
        width = d // scale
        self.conv1, self.bn1 = nn.Conv1d(d, d, 1), nn.BatchNorm1d(d)
        self.convs = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation) for _ in range(scale - 1)
        )
        self.bns = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(scale - 1))
        self.conv3, self.bn3 = nn.Conv1d(d, d, 1), nn.BatchNorm1d(d)
        self.se = SpeakerSqueeze(d, 16)

    def forward(self, x: Tensor) -> Tensor:
        parts = list(self.bn1(F.relu(self.conv1(x))).chunk(8, 1))
        for k, (conv, norm) in enumerate(zip(self.convs, self.bns, strict=True), 1):
            parts[k] = norm(F.relu(conv(parts[k] + parts[k - 1] if k > 1 else parts[k])))
        return x + self.se(self.bn3(F.relu(self.conv3(torch.cat(parts, 1)))))


class Ecapa(nn.Module):
    def __init__(self, d: int = 64) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(20, d, 5, padding=2), nn.BatchNorm1d(d)
        self.layer1, self.layer2, self.layer3 = SpeakerBlock(d, 2), SpeakerBlock(d, 3), SpeakerBlock(d, 4)
        self.layer4 = nn.Conv1d(3 * d, 96, 1)
        self.attention = nn.Sequential(
            nn.Conv1d(288, 32, 1), nn.ReLU(), nn.BatchNorm1d(32), nn.Tanh(), nn.Conv1d(32, 96, 1), nn.Softmax(2)
        )  # fmt: skip
        self.bn5, self.fc6 = nn.BatchNorm1d(192), nn.Linear(192, 48)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(F.relu(self.conv1(x)))
        one = self.layer1(x)
        two = self.layer2(x + one)
        three = self.layer3(x + one + two)
        x = F.relu(self.layer4(torch.cat([one, two, three], 1)))
        around = [x.mean(2, keepdim=True).expand_as(x), x.std(2, keepdim=True).expand_as(x)]
        weights = self.attention(torch.cat([x, *around], 1))
        mean = (x * weights).sum(2)
        spread = ((x**2 * weights).sum(2) - mean**2).clamp(min=1e-4).sqrt()
        return self.fc6(self.bn5(torch.cat([mean, spread], 1)))


class LectureHead(nn.Module):
    def __init__(self, d: int, size: int) -> None:
        super().__init__()
        self.key, self.query, self.value = (nn.Linear(d, size, bias=False) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(self.query(x), self.key(x), self.value(x), is_causal=True)


class LectureHeads(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList(LectureHead(d, d // heads) for _ in range(heads))
        self.proj = nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(torch.cat([head(x) for head in self.heads], -1))


class LectureForward(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d, 4 * d), nn.ReLU(), nn.Linear(4 * d, d), nn.Dropout(0.2))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class LectureBlock(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.sa, self.ffwd = LectureHeads(d, heads), LectureForward(d)
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.sa(self.ln1(x))
        return x + self.ffwd(self.ln2(x))


class LectureGpt(nn.Module):
    """The language model of the well-known lecture: every head has three layers of its own."""

    def __init__(self, d: int = 48, heads: int = 4, depth: int = 4) -> None:
        super().__init__()
        self.token_embedding_table = nn.Embedding(65, d)
        self.position_embedding_table = nn.Embedding(32, d)
        self.blocks = nn.Sequential(*(LectureBlock(d, heads) for _ in range(depth)))
        self.ln_f, self.lm_head = nn.LayerNorm(d), nn.Linear(d, 65)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.token_embedding_table(ids) + self.position_embedding_table(torch.arange(ids.shape[1]))
        return self.lm_head(self.ln_f(self.blocks(x)))


class BatchedAttention(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(d, d, bias=False) for _ in range(3))
        self.out = nn.Linear(d, d)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for layer in (self.query, self.key, self.value)
        )
        return self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


class BatchedBlock(nn.Module):
    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.norm_attn = nn.LayerNorm(d)
        self.attn = BatchedAttention(d, heads)
        self.norm_mlp = nn.LayerNorm(d)
        self.fc_in, self.fc_out = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm_attn(x))
        return x + self.fc_out(F.relu(self.fc_in(self.norm_mlp(x))))


class BatchedGpt(nn.Module):
    """The same with all heads at once."""

    def __init__(self, d: int = 48, heads: int = 4, depth: int = 4) -> None:
        super().__init__()
        self.tok_emb, self.pos_emb = nn.Embedding(65, d), nn.Embedding(32, d)
        self.layers = nn.ModuleList(BatchedBlock(d, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(d)
        self.to_logits = nn.Linear(d, 65)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tok_emb(ids) + self.pos_emb(torch.arange(ids.shape[1]))
        for layer in self.layers:
            x = layer(x)
        return self.to_logits(self.norm(x))
