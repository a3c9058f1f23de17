"""Networks of the fifth blind set: recommenders, actors and critics, image translation, series, and how weights are kept."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Maker = Callable[[], nn.Module]
# What one stored tensor is called, by a pattern for the first of the tensors that it joins, and what the others are.
Joint = tuple[str, tuple[str, ...], str]


def stored(
    make: Maker, joints: tuple[Joint, ...] = (), turned: str = "", shapes: tuple[tuple[str, str], ...] = ()
) -> Maker:
    """The same model with some tensors joined on axis 0, turned (axes reversed) or in another shape in its state dict.

    `joints` hold a pattern for the first piece, templates for the other pieces, and the joint tensor's name; `turned` is
    a pattern; `shapes` hold a pattern and what to do: "squeeze" takes axes of one away at the end, "conv1" and "conv2"
    add one or two, "row" adds one in front. The model's own weights become views, so that changes in place arrive.
    """

    class Stored(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = make()
            plain = self.net.state_dict(keep_vars=True)
            self.kept: dict[str, Tensor] = {}
            groups: dict[str, tuple[str, list[str]]] = {}
            for name in plain:
                new, names = self.joined(name)
                if len(names) > 1:
                    groups |= dict.fromkeys(names, (new, names))
            for name in plain:
                new, names = groups.get(name, (name, [name]))
                if new in self.kept:
                    continue
                tensors = [plain[piece].data for piece in names]
                if len(names) > 1:
                    joint = torch.cat(tensors)
                    for piece, part in zip(names, joint.split([len(tensor) for tensor in tensors]), strict=True):
                        plain[piece].data = part
                elif turned and re.search(turned, name):
                    joint = tensors[0].permute(*range(tensors[0].dim())[::-1]).contiguous()
                    plain[name].data = joint.permute(*range(joint.dim())[::-1])
                else:
                    joint = self.shaped(name, tensors[0])
                self.kept[new] = joint

        def joined(self, name: str) -> tuple[str, list[str]]:
            for pattern, others, joint in joints:
                found = re.search(pattern, name)
                if found is not None:
                    rest = [re.sub(pattern, other, name) for other in others]
                    return re.sub(pattern, joint, name), [name, *rest]
            return name, [name]

        def shaped(self, name: str, tensor: Tensor) -> Tensor:
            for pattern, how in shapes:
                if re.search(pattern, name):
                    if how == "squeeze":
                        return tensor.flatten(1)
                    if how == "row":
                        return tensor[None]
                    return tensor[..., None] if how == "conv1" else tensor[..., None, None]
            return tensor

        def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:  # type: ignore[override]
            return OrderedDict((name, tensor.detach()) for name, tensor in self.kept.items())

        def load_state_dict(self, state: Mapping[str, Tensor], *args: Any, **kwargs: Any) -> Any:
            if set(state) != set(self.kept):
                raise RuntimeError("Error(s) in loading state_dict: other keys")
            with torch.no_grad():
                for name, value in state.items():
                    if value.shape != self.kept[name].shape:
                        raise RuntimeError(f"size mismatch for {name}")
                    self.kept[name].copy_(value)

        def forward(self, *inputs: Any) -> Any:
            return self.net(*inputs)

    return Stored


class JunyanzBlock(nn.Module):
    """One level of the nested generator of pytorch-CycleGAN-and-pix2pix."""

    def __init__(self, outer: int, inner: int, inside: nn.Module | None, at_top: bool = False, i: int = 0) -> None:
        super().__init__()
        self.at_top = at_top
        down = nn.Conv2d(i or outer, inner, 4, 2, 1, bias=False)
        if at_top:
            layers = [down, inside, nn.ReLU(), nn.ConvTranspose2d(inner * 2, outer, 4, 2, 1), nn.Tanh()]
        elif inside is None:
            up = nn.ConvTranspose2d(inner, outer, 4, 2, 1, bias=False)
            layers = [nn.LeakyReLU(0.2), down, nn.ReLU(), up, nn.BatchNorm2d(outer)]
        else:
            up = nn.ConvTranspose2d(inner * 2, outer, 4, 2, 1, bias=False)
            layers = [nn.LeakyReLU(0.2), down, nn.BatchNorm2d(inner), inside, nn.ReLU(), up, nn.BatchNorm2d(outer)]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x) if self.at_top else torch.cat([x, self.model(x)], 1)


class JunyanzPix2pix(nn.Module):
    """Generator of seven levels, one inside the other."""

    def __init__(self, d: int = 8) -> None:
        super().__init__()
        block = JunyanzBlock(d * 8, d * 8, None)
        for _ in range(2):
            block = JunyanzBlock(d * 8, d * 8, block)
        for width in (4, 2, 1):
            block = JunyanzBlock(d * width, d * width * 2, block)
        self.model = JunyanzBlock(3, d, block, True)

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class AladdinBlock(nn.Module):
    def __init__(self, i: int, o: int, down: bool) -> None:
        super().__init__()
        kind = nn.Conv2d if down else nn.ConvTranspose2d
        self.conv = nn.Sequential(
            kind(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.LeakyReLU(0.2) if down else nn.ReLU()
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.conv[1](self.conv[0](x))


class AladdinPix2pix(nn.Module):
    """The same generator as a course writes it: initial_down, down1 …, bottleneck, up1 …, final_up."""

    def __init__(self, d: int = 8) -> None:
        super().__init__()
        self.initial_down = nn.Sequential(nn.Conv2d(3, d, 4, 2, 1, bias=False), nn.LeakyReLU(0.2))
        self.down1 = AladdinBlock(d, d * 2, True)
        self.down2 = AladdinBlock(d * 2, d * 4, True)
        self.down3 = AladdinBlock(d * 4, d * 8, True)
        self.down4 = AladdinBlock(d * 8, d * 8, True)
        self.down5 = AladdinBlock(d * 8, d * 8, True)
        self.bottleneck = nn.Sequential(nn.Conv2d(d * 8, d * 8, 4, 2, 1, bias=False), nn.ReLU())
        self.up1 = AladdinBlock(d * 8, d * 8, False)
        self.up2 = AladdinBlock(d * 16, d * 8, False)
        self.up3 = AladdinBlock(d * 16, d * 8, False)
        self.up4 = AladdinBlock(d * 16, d * 4, False)
        self.up5 = AladdinBlock(d * 8, d * 2, False)
        self.up6 = AladdinBlock(d * 4, d, False)
        self.final_up = nn.Sequential(nn.ConvTranspose2d(d * 2, 3, 4, 2, 1), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.initial_down[0](x)]
        for level in (self.down1, self.down2, self.down3, self.down4, self.down5):
            skips.append(level(F.leaky_relu(skips[-1], 0.2)))
        x = self.up1(self.bottleneck(F.leaky_relu(skips[-1], 0.2)))
        for level in (self.up2, self.up3, self.up4, self.up5, self.up6):
            x = level(F.relu(torch.cat([skips.pop(), x], 1)))
        return self.final_up(F.relu(torch.cat([skips.pop(), x], 1)))


def future(length: int) -> Tensor:
    """True where a position must not look."""
    return torch.ones(length, length, dtype=torch.bool).triu(1)


class PmixerForward(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(d, d, 1), nn.Conv1d(d, d, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.conv1(x.transpose(1, 2)))).transpose(1, 2)


class PmixerSasRec(nn.Module):
    """SASRec.pytorch: lists of every kind of layer beside each other."""

    def __init__(self, items: int = 80, d: int = 32, blocks: int = 3, length: int = 20) -> None:
        super().__init__()
        self.item_emb = nn.Embedding(items + 1, d, padding_idx=0)
        self.pos_emb = nn.Embedding(length + 1, d, padding_idx=0)
        self.attention_layernorms, self.attention_layers = nn.ModuleList(), nn.ModuleList()
        self.forward_layernorms, self.forward_layers = nn.ModuleList(), nn.ModuleList()
        self.last_layernorm = nn.LayerNorm(d, eps=1e-8)
        for _ in range(blocks):
            self.attention_layernorms.append(nn.LayerNorm(d, eps=1e-8))
            self.attention_layers.append(nn.MultiheadAttention(d, 2, batch_first=True))
            self.forward_layernorms.append(nn.LayerNorm(d, eps=1e-8))
            self.forward_layers.append(PmixerForward(d))

    def forward(self, seq: Tensor) -> Tensor:
        x = self.item_emb(seq) * self.item_emb.embedding_dim**0.5
        x = x + self.pos_emb(torch.arange(1, seq.shape[1] + 1))
        mask = future(seq.shape[1])
        for k, attention in enumerate(self.attention_layers):
            q = self.attention_layernorms[k](x)
            x = q + attention(q, x, x, attn_mask=mask, need_weights=False)[0]
            y = self.forward_layernorms[k](x)
            x = y + self.forward_layers[k](y)
        return self.last_layernorm(x) @ self.item_emb.weight.T


class BoleAttention(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.query, self.key, self.value = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.dense = nn.Linear(d, d)
        self.LayerNorm = nn.LayerNorm(d, eps=1e-8)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.LayerNorm(x)
        q, k, v = (
            layer(y).unflatten(-1, (2, -1)).transpose(1, 2)
            for layer, y in ((self.query, normed), (self.key, x), (self.value, x))
        )
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=~future(x.shape[1])).transpose(1, 2).flatten(2)
        return normed + self.dense(y)


class BoleForward(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.dense_1, self.dense_2 = nn.Linear(d, d), nn.Linear(d, d)
        self.LayerNorm = nn.LayerNorm(d, eps=1e-8)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.LayerNorm(x)
        return normed + self.dense_2(F.relu(self.dense_1(normed)))


class BoleLayer(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.multi_head_attention = BoleAttention(d)
        self.feed_forward = BoleForward(d)

    def forward(self, x: Tensor) -> Tensor:
        return self.feed_forward(self.multi_head_attention(x))


class BoleSasRec(nn.Module):
    """The same in RecBole's names."""

    def __init__(self, items: int = 80, d: int = 32, blocks: int = 3, length: int = 20) -> None:
        super().__init__()
        self.item_embedding = nn.Embedding(items + 1, d, padding_idx=0)
        self.position_embedding = nn.Embedding(length + 1, d)
        self.trm_encoder = nn.Module()
        self.trm_encoder.layer = nn.ModuleList(BoleLayer(d) for _ in range(blocks))
        self.LayerNorm = nn.LayerNorm(d, eps=1e-8)

    def forward(self, seq: Tensor) -> Tensor:
        x = self.item_embedding(seq) * self.item_embedding.embedding_dim**0.5
        x = x + self.position_embedding(torch.arange(1, seq.shape[1] + 1))
        for layer in self.trm_encoder.layer:
            x = layer(x)
        return self.LayerNorm(x) @ self.item_embedding.weight.T


class CifarBlock(nn.Module):
    """weiaicunzai's pytorch-cifar100: a row of layers, and what leads past it."""

    def __init__(self, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.residual_function = nn.Sequential(
            nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
            nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o),
        )  # fmt: skip
        self.shortcut = nn.Sequential()
        if stride != 1 or i != o:
            self.shortcut = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.residual_function(x) + self.shortcut(x))


class CifarResNet(nn.Module):
    def __init__(self, d: int = 16, depths: tuple[int, ...] = (3, 4, 6, 3)) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, d, 3, padding=1, bias=False), nn.BatchNorm2d(d), nn.ReLU())
        i = d
        for stage, depth in enumerate(depths):
            blocks = []
            for k in range(depth):
                blocks.append(CifarBlock(i, d << stage, 2 if k == 0 and stage else 1))
                i = d << stage
            setattr(self, f"conv{stage + 2}_x", nn.Sequential(*blocks))
        self.fc = nn.Linear(i, 100)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv5_x(self.conv4_x(self.conv3_x(self.conv2_x(self.conv1(x)))))
        return self.fc(x.mean((2, 3)))


class StudentUnit(nn.Module):
    """A residual unit whose way past the layers is registered first, norms in a list."""

    def __init__(self, i: int, o: int, stride: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(i, o, 1, stride, bias=False) if stride != 1 or i != o else None
        self.proj_norm = nn.BatchNorm2d(o) if self.proj is not None else None
        self.convs = nn.ModuleList([nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.Conv2d(o, o, 3, 1, 1, bias=False)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(o), nn.BatchNorm2d(o)])

    def forward(self, x: Tensor) -> Tensor:
        y = self.norms[1](self.convs[1](F.relu(self.norms[0](self.convs[0](x)))))
        return F.relu(y + (x if self.proj is None else self.proj_norm(self.proj(x))))


class StudentResNet(nn.Module):
    """The same network with all units in one row, in a Lightning module: net.units.7.convs.0."""

    def __init__(self, d: int = 16, depths: tuple[int, ...] = (3, 4, 6, 3)) -> None:
        super().__init__()
        net = self.net = nn.Module()
        net.head = nn.Linear(d << 3, 100)
        net.stem_conv, net.stem_norm = nn.Conv2d(3, d, 3, padding=1, bias=False), nn.BatchNorm2d(d)
        net.units = nn.ModuleList()
        i = d
        for stage, depth in enumerate(depths):
            for k in range(depth):
                net.units.append(StudentUnit(i, d << stage, 2 if k == 0 and stage else 1))
                i = d << stage

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.net.stem_norm(self.net.stem_conv(x)))
        for unit in self.net.units:
            x = unit(x)
        return self.net.head(x.mean((2, 3)))


class LocusBlock(nn.Module):
    """locuslab's TCN: the layers are held by name and once more in a row, as the same objects."""

    def __init__(self, i: int, o: int, dilation: int) -> None:
        super().__init__()
        norm = nn.utils.weight_norm
        self.conv1 = norm(nn.Conv1d(i, o, 3, padding=dilation * 2, dilation=dilation))
        self.relu1, self.drop1 = nn.ReLU(), nn.Dropout(0.2)
        self.conv2 = norm(nn.Conv1d(o, o, 3, padding=dilation * 2, dilation=dilation))
        self.relu2, self.drop2 = nn.ReLU(), nn.Dropout(0.2)
        chomp = Chomp(dilation * 2)
        self.net = nn.Sequential(self.conv1, chomp, self.relu1, self.drop1, self.conv2, chomp, self.relu2, self.drop2)
        self.downsample = nn.Conv1d(i, o, 1) if i != o else None

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.net(x) + (x if self.downsample is None else self.downsample(x)))


class Chomp(nn.Module):
    """Takes off what the padding added."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : -self.size]


class LocusTcn(nn.Module):
    def __init__(self, channels: tuple[int, ...] = (24, 24, 24, 32, 32)) -> None:
        super().__init__()
        self.tcn = nn.Module()
        widths = (10, *channels)
        self.tcn.network = nn.Sequential(
            *(LocusBlock(widths[k], widths[k + 1], 1 << k) for k in range(len(channels)))
        )  # fmt: skip
        self.linear = nn.Linear(channels[-1], 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.tcn.network(x)[:, :, -1])


class OwnTemporal(nn.Module):
    def __init__(self, i: int, o: int, dilation: int) -> None:
        super().__init__()
        norm = nn.utils.parametrizations.weight_norm
        self.pad = dilation * 2
        self.skip = nn.Conv1d(i, o, 1) if i != o else None
        self.first = norm(nn.Conv1d(i, o, 3, dilation=dilation))
        self.second = norm(nn.Conv1d(o, o, 3, dilation=dilation))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.first(F.pad(x, (self.pad, 0))))
        y = F.relu(self.second(F.pad(y, (self.pad, 0))))
        return F.relu(y + (x if self.skip is None else self.skip(x)))


class OwnTcn(nn.Module):
    """The same with today's weight norm, and every layer once."""

    def __init__(self, channels: tuple[int, ...] = (24, 24, 24, 32, 32)) -> None:
        super().__init__()
        widths = (10, *channels)
        self.levels = nn.ModuleList(OwnTemporal(widths[k], widths[k + 1], 1 << k) for k in range(len(channels)))
        self.classifier = nn.Linear(channels[-1], 4)

    def forward(self, x: Tensor) -> Tensor:
        for level in self.levels:
            x = level(x)
        return self.classifier(x[:, :, -1])


class StableSac(nn.Module):
    """stable-baselines3's SAC policy: actor, critic and the critic's slow copy, twins counted from 0."""

    def __init__(self, state: int = 17, action: int = 6, d: int = 64) -> None:
        super().__init__()
        self.actor = nn.Module()
        self.actor.latent_pi = nn.Sequential(nn.Linear(state, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU())
        self.actor.mu, self.actor.log_std = nn.Linear(d, action), nn.Linear(d, action)
        for name in ("critic", "critic_target"):
            critic = nn.Module()
            for twin in ("qf0", "qf1"):
                layers = [nn.Linear(state + action, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 1)]
                setattr(critic, twin, nn.Sequential(*layers))
            setattr(self, name, critic)

    def forward(self, x: Tensor) -> Tensor:
        y = self.actor.latent_pi(x)
        mean, spread = self.actor.mu(y), torch.tanh(self.actor.log_std(y))
        both = torch.cat([x, torch.tanh(mean)], 1)
        values = [net(both) for critic in (self.critic, self.critic_target) for net in (critic.qf0, critic.qf1)]
        return torch.cat([mean, spread, *values], 1)


class CleanActor(nn.Module):
    def __init__(self, state: int, action: int, d: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(state, d), nn.Linear(d, d)
        self.fc_mean, self.fc_logstd = nn.Linear(d, action), nn.Linear(d, action)
        self.register_buffer("action_scale", torch.ones(action))
        self.register_buffer("action_bias", torch.zeros(action))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = F.relu(self.fc2(F.relu(self.fc1(x))))
        return self.fc_mean(y), torch.tanh(self.fc_logstd(y))


class CleanSoftQ(nn.Module):
    def __init__(self, i: int, d: int) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(i, d), nn.Linear(d, d), nn.Linear(d, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class CleanSac(nn.Module):
    """CleanRL's: everything saved side by side, twins counted from 1."""

    def __init__(self, state: int = 17, action: int = 6, d: int = 64) -> None:
        super().__init__()
        self.actor = CleanActor(state, action, d)
        for name in ("qf1", "qf2", "qf1_target", "qf2_target"):
            setattr(self, name, CleanSoftQ(state + action, d))

    def forward(self, x: Tensor) -> Tensor:
        mean, spread = self.actor(x)
        both = torch.cat([x, torch.tanh(mean)], 1)
        values = [net(both) for net in (self.qf1, self.qf2, self.qf1_target, self.qf2_target)]
        return torch.cat([mean, spread, *values], 1)
