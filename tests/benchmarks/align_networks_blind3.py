"""Networks of the third blind set that no library here has: radiance fields, actors and critics, speech, styles, graphs."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Nerf(nn.Module):
    """The original radiance field's names (nerf-pytorch)."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.pts_linears = nn.ModuleList(
            nn.Linear(63 if k == 0 else width + 63 if k == 5 else width, width) for k in range(8)
        )
        self.views_linears = nn.ModuleList([nn.Linear(27 + width, width // 2)])
        self.feature_linear = nn.Linear(width, width)
        self.alpha_linear = nn.Linear(width, 1)
        self.rgb_linear = nn.Linear(width // 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        points, views = x.split((63, 27), -1)
        y = points
        for k, layer in enumerate(self.pts_linears):
            y = F.relu(layer(torch.cat([points, y], -1) if k == 5 else y))
        alpha = self.alpha_linear(y)
        y = F.relu(self.views_linears[0](torch.cat([self.feature_linear(y), views], -1)))
        return torch.cat([self.rgb_linear(y), alpha], -1)


class StableActorCritic(nn.Module):
    """stable-baselines3's policy for actions of several numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.log_std = nn.Parameter(torch.zeros(6))
        self.mlp_extractor = nn.Module()
        self.mlp_extractor.policy_net = nn.Sequential(nn.Linear(17, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.mlp_extractor.value_net = nn.Sequential(nn.Linear(17, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.action_net = nn.Linear(64, 6)
        self.value_net = nn.Linear(64, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = self.action_net(self.mlp_extractor.policy_net(x))
        return torch.cat([mean, self.log_std.exp().expand_as(mean), self.value_net(self.mlp_extractor.value_net(x))], 1)


class CleanActorCritic(nn.Module):
    """CleanRL's: the critic first."""

    def __init__(self) -> None:
        super().__init__()
        self.critic = nn.Sequential(
            nn.Linear(17, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1)
        )  # fmt: skip
        self.actor_mean = nn.Sequential(
            nn.Linear(17, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 6)
        )  # fmt: skip
        self.actor_logstd = nn.Parameter(torch.zeros(1, 6))

    def forward(self, x: Tensor) -> Tensor:
        mean = self.actor_mean(x)
        return torch.cat([mean, self.actor_logstd.exp().expand_as(mean), self.critic(x)], 1)


class NvConv(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(i, o, 5, padding=2)


class NvLinear(nn.Module):
    def __init__(self, i: int, o: int, bias: bool = False) -> None:
        super().__init__()
        self.linear_layer = nn.Linear(i, o, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear_layer(x)


class Tacotron2(nn.Module):
    """NVIDIA's names, without the step by step decoding."""

    def __init__(self, d: int = 32, mel: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(60, d)
        self.encoder = nn.Module()
        self.encoder.convolutions = nn.ModuleList(nn.Sequential(NvConv(d, d), nn.BatchNorm1d(d)) for _ in range(3))
        self.encoder.lstm = nn.LSTM(d, d // 2, 1, batch_first=True, bidirectional=True)
        self.decoder = nn.Module()
        self.decoder.prenet = nn.Module()
        self.decoder.prenet.layers = nn.ModuleList([NvLinear(d, d), NvLinear(d, d)])
        self.decoder.attention_rnn = nn.LSTMCell(2 * d, d)
        self.decoder.attention_layer = nn.Module()
        self.decoder.attention_layer.query_layer = NvLinear(d, d)
        self.decoder.attention_layer.memory_layer = NvLinear(d, d)
        self.decoder.attention_layer.v = NvLinear(d, 1)
        self.decoder.decoder_rnn = nn.LSTMCell(2 * d, d)
        self.decoder.linear_projection = NvLinear(2 * d, mel, True)
        self.decoder.gate_layer = NvLinear(2 * d, 1, True)
        self.postnet = nn.Module()
        widths = (mel, d, d, d, mel)
        self.postnet.convolutions = nn.ModuleList(
            nn.Sequential(NvConv(a, b), nn.BatchNorm1d(b)) for a, b in zip(widths, widths[1:], strict=False)
        )

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embedding(ids)
        for conv, norm in self.encoder.convolutions:
            x = F.relu(norm(conv.conv(x.transpose(1, 2)))).transpose(1, 2)
        memory, _ = self.encoder.lstm(x)
        keys = self.decoder.attention_layer.memory_layer(memory)
        y = x
        for layer in self.decoder.prenet.layers:
            y = F.relu(layer(y))
        outputs = []
        context = memory.mean(1)
        for step in range(4):
            query, _ = self.decoder.attention_rnn(torch.cat([y[:, step], context], -1))
            told = self.decoder.attention_layer.v(
                torch.tanh(keys + self.decoder.attention_layer.query_layer(query)[:, None])
            )
            context = (told.softmax(1) * memory).sum(1)
            hidden, _ = self.decoder.decoder_rnn(torch.cat([query, context], -1))
            both = torch.cat([hidden, context], -1)
            outputs.append(self.decoder.linear_projection(both) * torch.sigmoid(self.decoder.gate_layer(both)))
        mel = torch.stack(outputs, 2)
        y = mel
        for conv, norm in self.postnet.convolutions:
            y = torch.tanh(norm(conv.conv(y)))
        return mel + y


class Modulated(nn.Module):
    def __init__(self, i: int, o: int, k: int, d: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, o, i, k, k))
        self.modulation = nn.Linear(d, i)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return F.conv2d(x * self.modulation(w)[..., None, None], self.weight[0], padding=self.weight.shape[-1] // 2)


class StyleConv(nn.Module):
    def __init__(self, i: int, o: int, d: int) -> None:
        super().__init__()
        self.conv = Modulated(i, o, 3, d)
        self.noise = nn.Module()
        self.noise.weight = nn.Parameter(torch.zeros(1))
        self.activate = nn.Module()
        self.activate.bias = nn.Parameter(torch.zeros(o))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        y = self.conv(x, w)
        return F.leaky_relu(y + self.noise.weight * y.flip(2) + self.activate.bias[:, None, None], 0.2)


class StyleRgb(nn.Module):
    def __init__(self, i: int, d: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))
        self.conv = Modulated(i, 3, 1, d)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return self.conv(x, w) + self.bias


class StyleGan2(nn.Module):
    """rosinality's names: conv1, to_rgb1, convs.0 … in one row, to_rgbs.0 …"""

    def __init__(self, d: int = 24) -> None:
        super().__init__()
        self.style = nn.Sequential(*(nn.Linear(d, d) for _ in range(4)))
        self.input = nn.Module()
        self.input.input = nn.Parameter(torch.randn(1, 32, 4, 4))
        self.conv1 = StyleConv(32, 32, d)
        self.to_rgb1 = StyleRgb(32, d)
        self.convs, self.to_rgbs = nn.ModuleList(), nn.ModuleList()
        i = 32
        for o in (32, 32, 16, 8):
            self.convs += [StyleConv(i, o, d), StyleConv(o, o, d)]
            self.to_rgbs.append(StyleRgb(o, d))
            i = o

    def forward(self, z: Tensor) -> Tensor:
        w = z
        for layer in self.style:
            w = F.leaky_relu(layer(w), 0.2)
        x = self.conv1(self.input.input.expand(len(z), -1, -1, -1), w)
        image = self.to_rgb1(x, w)
        for k, rgb in enumerate(self.to_rgbs):
            x = self.convs[2 * k + 1](self.convs[2 * k](F.interpolate(x, scale_factor=2.0), w), w)
            image = F.interpolate(image, scale_factor=2.0) + rgb(x, w)
        return image


class GatConv(nn.Module):
    """One attention layer over a full graph, in PyG's names."""

    def __init__(self, i: int, o: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.att_src = nn.Parameter(torch.randn(1, heads, o))
        self.att_dst = nn.Parameter(torch.randn(1, heads, o))
        self.bias = nn.Parameter(torch.zeros(heads * o))
        self.lin = nn.Linear(i, heads * o, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = self.lin(x).unflatten(-1, (self.heads, -1))
        source, target = (h * self.att_src).sum(-1), (h * self.att_dst).sum(-1)
        weights = F.leaky_relu(source[None] + 2 * target[:, None], 0.2).softmax(1)
        return torch.einsum("ijh,jho->iho", weights, h).flatten(1) + self.bias


class PygGat(nn.Module):
    def __init__(self, d: int = 32) -> None:
        super().__init__()
        self.node_encoder = nn.Linear(9, d)
        self.convs = nn.ModuleList(GatConv(d, d // 4, 4) for _ in range(4))
        self.batch_norms = nn.ModuleList(nn.BatchNorm1d(d) for _ in range(4))
        self.graph_pred_linear = nn.Linear(d, 5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.node_encoder(x)
        for conv, norm in zip(self.convs, self.batch_norms, strict=True):
            y = y + F.relu(norm(conv(y)))
        return self.graph_pred_linear(y)
