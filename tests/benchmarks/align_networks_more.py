"""More small networks in several naming conventions, written after `align` and run blind first."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# --- the autoencoder of latent diffusion, in CompVis' and in diffusers' names ---------------------------


def swish(x: Tensor) -> Tensor:
    return x * x.sigmoid()


class LdmResnet(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(4, i)
        self.conv1 = nn.Conv2d(i, o, 3, padding=1)
        self.norm2 = nn.GroupNorm(4, o)
        self.conv2 = nn.Conv2d(o, o, 3, padding=1)
        if i != o:
            self.nin_shortcut = nn.Conv2d(i, o, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(swish(self.norm2(self.conv1(swish(self.norm1(x))))))
        return y + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class LdmAttention(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(4, d)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(d, d, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        q, k, v = (part(h).flatten(2).transpose(1, 2) for part in (self.q, self.k, self.v))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        return x + self.proj_out(y)


class LdmResample(nn.Module):
    def __init__(self, d: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(d, d, 3, stride, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class LdmMiddle(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.block_1 = LdmResnet(d, d)
        self.attn_1 = LdmAttention(d)
        self.block_2 = LdmResnet(d, d)

    def forward(self, x: Tensor) -> Tensor:
        return self.block_2(self.attn_1(self.block_1(x)))


class LdmCoder(nn.Module):
    """Encoder or decoder; the decoder's levels are numbered from the finest, and run backwards."""

    def __init__(self, decodes: bool, widths: tuple[int, ...] = (16, 32, 32), blocks: int = 2) -> None:
        super().__init__()
        self.decodes = decodes
        top = widths[-1]
        self.conv_in = nn.Conv2d(4 if decodes else 3, top if decodes else widths[0], 3, padding=1)
        if decodes:
            self.mid = LdmMiddle(top)
        i = top if decodes else widths[0]
        levels = []
        for level, width in reversed(list(enumerate(widths))) if decodes else enumerate(widths):
            part = nn.Module()
            part.block = nn.ModuleList()
            for _ in range(blocks + decodes):
                part.block.append(LdmResnet(i, width))
                i = width
            if decodes and level:
                part.upsample = LdmResample(i, 1)
            if not decodes and level < len(widths) - 1:
                part.downsample = LdmResample(i, 2)
            levels.append(part)
        if decodes:
            self.up = nn.ModuleList(reversed(levels))
        else:
            self.down = nn.ModuleList(levels)
            self.mid = LdmMiddle(top)
        self.norm_out = nn.GroupNorm(4, i)
        self.conv_out = nn.Conv2d(i, 3 if decodes else 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        if self.decodes:
            x = self.mid(x)
        for level in reversed(self.up) if self.decodes else self.down:
            for block in level.block:
                x = block(x)
            if hasattr(level, "upsample"):
                x = level.upsample(F.interpolate(x, scale_factor=2))
            if hasattr(level, "downsample"):
                x = level.downsample(x)
        if not self.decodes:
            x = self.mid(x)
        return self.conv_out(swish(self.norm_out(x)))


class LdmVae(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = LdmCoder(False), LdmCoder(True)
        self.quant_conv = nn.Conv2d(8, 8, 1)
        self.post_quant_conv = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.post_quant_conv(self.quant_conv(self.encoder(x))[:, :4]))


class DiffResnet(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(4, i)
        self.conv1 = nn.Conv2d(i, o, 3, padding=1)
        self.norm2 = nn.GroupNorm(4, o)
        self.conv2 = nn.Conv2d(o, o, 3, padding=1)
        if i != o:
            self.conv_shortcut = nn.Conv2d(i, o, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(swish(self.norm2(self.conv1(swish(self.norm1(x))))))
        return y + (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x)


class DiffAttention(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.group_norm = nn.GroupNorm(4, d)
        self.to_q, self.to_k, self.to_v = (nn.Linear(d, d) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(d, d), nn.Dropout(0.0)])

    def forward(self, x: Tensor) -> Tensor:
        h = self.group_norm(x).flatten(2).transpose(1, 2)
        y = self.to_out[0](F.scaled_dot_product_attention(self.to_q(h), self.to_k(h), self.to_v(h)))
        return x + y.transpose(1, 2).reshape(x.shape)


class DiffMiddle(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.attentions = nn.ModuleList([DiffAttention(d)])
        self.resnets = nn.ModuleList([DiffResnet(d, d), DiffResnet(d, d)])

    def forward(self, x: Tensor) -> Tensor:
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))


class DiffCoder(nn.Module):
    def __init__(self, decodes: bool, widths: tuple[int, ...] = (16, 32, 32), blocks: int = 2) -> None:
        super().__init__()
        self.decodes = decodes
        top = widths[-1]
        i = top if decodes else widths[0]
        self.conv_in = nn.Conv2d(4 if decodes else 3, i, 3, padding=1)
        levels = nn.ModuleList()
        order = list(reversed(widths)) if decodes else list(widths)
        for level, width in enumerate(order):
            part = nn.Module()
            part.resnets = nn.ModuleList()
            for _ in range(blocks + decodes):
                part.resnets.append(DiffResnet(i, width))
                i = width
            if level < len(widths) - 1:
                setattr(
                    part,
                    "upsamplers" if decodes else "downsamplers",
                    nn.ModuleList([LdmResample(i, 1 if decodes else 2)]),
                )
            levels.append(part)
        if decodes:
            self.up_blocks = levels
        else:
            self.down_blocks = levels
        self.mid_block = DiffMiddle(top)
        self.conv_norm_out = nn.GroupNorm(4, i)
        self.conv_out = nn.Conv2d(i, 3 if decodes else 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        if self.decodes:
            x = self.mid_block(x)
        for level in self.up_blocks if self.decodes else self.down_blocks:
            for block in level.resnets:
                x = block(x)
            if hasattr(level, "upsamplers"):
                x = level.upsamplers[0](F.interpolate(x, scale_factor=2))
            if hasattr(level, "downsamplers"):
                x = level.downsamplers[0](x)
        if not self.decodes:
            x = self.mid_block(x)
        return self.conv_out(swish(self.conv_norm_out(x)))


class DiffVae(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = DiffCoder(False), DiffCoder(True)
        self.quant_conv = nn.Conv2d(8, 8, 1)
        self.post_quant_conv = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.post_quant_conv(self.quant_conv(self.encoder(x))[:, :4]))


# --- CSP backbone in two detectors' names ------------------------------------------------------------


class V5Conv(nn.Module):
    def __init__(self, i: int, o: int, k: int = 1, s: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, s, k // 2, bias=False)
        self.bn = nn.BatchNorm2d(o)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.bn(self.conv(x)))


class V5Bottleneck(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.cv1, self.cv2 = V5Conv(d, d), V5Conv(d, d, 3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.cv2(self.cv1(x))


class V5C3(nn.Module):
    def __init__(self, i: int, o: int, n: int) -> None:
        super().__init__()
        h = o // 2
        self.cv1, self.cv2, self.cv3 = V5Conv(i, h), V5Conv(i, h), V5Conv(2 * h, o)
        self.m = nn.Sequential(*(V5Bottleneck(h) for _ in range(n)))

    def forward(self, x: Tensor) -> Tensor:
        return self.cv3(torch.cat([self.m(self.cv1(x)), self.cv2(x)], 1))


class V5Sppf(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.cv1, self.cv2 = V5Conv(i, i // 2), V5Conv(2 * i, o)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.cv1(x)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.cv2(torch.cat(parts, 1))


class V5Net(nn.Module):
    """One flat list of layers, as a configuration file makes it."""

    def __init__(self, w: int = 16) -> None:
        super().__init__()
        self.model = nn.Sequential(
            V5Conv(3, w, 3, 2), V5Conv(w, 2 * w, 3, 2), V5C3(2 * w, 2 * w, 1), V5Conv(2 * w, 4 * w, 3, 2),
            V5C3(4 * w, 4 * w, 2), V5Conv(4 * w, 8 * w, 3, 2), V5C3(8 * w, 8 * w, 3), V5Sppf(8 * w, 8 * w),
            V5Conv(8 * w, 4 * w), nn.Upsample(scale_factor=2), V5C3(8 * w, 4 * w, 1), nn.Conv2d(4 * w, 30, 1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        kept = None
        for number, layer in enumerate(self.model):
            x = layer(x)
            if number == 4:
                kept = x
            if number == 9:
                x = torch.cat([x, kept], 1)
        return x


class XBase(nn.Module):
    def __init__(self, i: int, o: int, k: int = 1, s: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, s, k // 2, bias=False)
        self.bn = nn.BatchNorm2d(o)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.bn(self.conv(x)))


class XCsp(nn.Module):
    def __init__(self, i: int, o: int, n: int) -> None:
        super().__init__()
        h = o // 2
        self.conv1, self.conv2, self.conv3 = XBase(i, h), XBase(i, h), XBase(2 * h, o)
        blocks = []
        for _ in range(n):
            block = nn.Module()
            block.conv1, block.conv2 = XBase(h, h), XBase(h, h, 3)
            blocks.append(block)
        self.m = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        for block in self.m:
            y = y + block.conv2(block.conv1(y))
        return self.conv3(torch.cat([y, self.conv2(x)], 1))


class XSpp(nn.Module):
    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = XBase(i, i // 2), XBase(2 * i, o)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.conv1(x)]
        for _ in range(3):
            parts.append(F.max_pool2d(parts[-1], 5, 1, 2))
        return self.conv2(torch.cat(parts, 1))


class XBackbone(nn.Module):
    def __init__(self, w: int) -> None:
        super().__init__()
        self.stem = XBase(3, w, 3, 2)
        self.dark2 = nn.Sequential(XBase(w, 2 * w, 3, 2), XCsp(2 * w, 2 * w, 1))
        self.dark3 = nn.Sequential(XBase(2 * w, 4 * w, 3, 2), XCsp(4 * w, 4 * w, 2))
        self.dark4 = nn.Sequential(XBase(4 * w, 8 * w, 3, 2), XCsp(8 * w, 8 * w, 3), XSpp(8 * w, 8 * w))


class XNet(nn.Module):
    def __init__(self, w: int = 16) -> None:
        super().__init__()
        self.head = nn.Module()
        self.head.pred = nn.Conv2d(4 * w, 30, 1)
        self.neck = nn.Module()
        self.neck.C3_p3 = XCsp(8 * w, 4 * w, 1)
        self.neck.lateral_conv0 = XBase(8 * w, 4 * w)
        self.backbone = XBackbone(w)

    def forward(self, x: Tensor) -> Tensor:
        b = self.backbone
        p3 = b.dark3(b.dark2(b.stem(x)))
        y = F.interpolate(self.neck.lateral_conv0(b.dark4(p3)), scale_factor=2)
        return self.head.pred(self.neck.C3_p3(torch.cat([y, p3], 1)))


# --- nnU-Net, first and second version ------------------------------------------------------------------


class N1Conv(nn.Module):
    def __init__(self, i: int, o: int, s: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv3d(i, o, 3, s, 1)
        self.instnorm = nn.InstanceNorm3d(o, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.instnorm(self.conv(x)), 0.01)


class N1Stack(nn.Module):
    def __init__(self, i: int, o: int, n: int, s: int = 1) -> None:
        super().__init__()
        self.blocks = nn.Sequential(N1Conv(i, o, s), *(N1Conv(o, o) for _ in range(n - 1)))

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(x)


class NnUnet1(nn.Module):
    def __init__(self, w: int = 8, levels: int = 4) -> None:
        super().__init__()
        widths = [w << level for level in range(levels)]
        localization, context, tu, seg = [], [], [], []
        i = 1
        for level, width in enumerate(widths[:-1]):
            context.append(N1Stack(i, width, 2, 1 if level == 0 else 2))
            i = width
        context.append(nn.Sequential(N1Stack(i, widths[-1], 1, 2), N1Stack(widths[-1], widths[-1], 1)))
        for level in reversed(range(levels - 1)):
            tu.append(nn.ConvTranspose3d(widths[level + 1], widths[level], 2, 2, bias=False))
            localization.append(
                nn.Sequential(N1Stack(2 * widths[level], widths[level], 1), N1Stack(widths[level], widths[level], 1))
            )
            seg.append(nn.Conv3d(widths[level], 3, 1, bias=False))
        self.conv_blocks_localization = nn.ModuleList(localization)
        self.conv_blocks_context = nn.ModuleList(context)
        self.tu = nn.ModuleList(tu)
        self.seg_outputs = nn.ModuleList(seg)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for block in self.conv_blocks_context:
            x = block(x)
            skips.append(x)
        outputs = []
        for place, tu in enumerate(self.tu):
            x = self.conv_blocks_localization[place](torch.cat([tu(x), skips[-2 - place]], 1))
            outputs.append(self.seg_outputs[place](x).mean((2, 3, 4)))
        return torch.cat(outputs, 1)


class N2Conv(nn.Module):
    def __init__(self, i: int, o: int, s: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv3d(i, o, 3, s, 1)
        self.norm = nn.InstanceNorm3d(o, affine=True)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.norm(self.conv(x)), 0.01)


class N2Stack(nn.Module):
    def __init__(self, i: int, o: int, s: int = 1) -> None:
        super().__init__()
        self.convs = nn.Sequential(N2Conv(i, o, s), N2Conv(o, o))

    def forward(self, x: Tensor) -> Tensor:
        return self.convs(x)


class NnUnet2(nn.Module):
    def __init__(self, w: int = 8, levels: int = 4) -> None:
        super().__init__()
        widths = [w << level for level in range(levels)]
        self.encoder, self.decoder = nn.Module(), nn.Module()
        stages, i = [], 1
        for level, width in enumerate(widths):
            stages.append(nn.Sequential(N2Stack(i, width, 1 if level == 0 else 2)))
            i = width
        self.encoder.stages = nn.Sequential(*stages)
        up, trans, seg = [], [], []
        for level in reversed(range(levels - 1)):
            trans.append(nn.ConvTranspose3d(widths[level + 1], widths[level], 2, 2, bias=False))
            up.append(N2Stack(2 * widths[level], widths[level]))
            seg.append(nn.Conv3d(widths[level], 3, 1, bias=False))
        self.decoder.stages = nn.ModuleList(up)
        self.decoder.transpconvs = nn.ModuleList(trans)
        self.decoder.seg_layers = nn.ModuleList(seg)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for block in self.encoder.stages:
            x = block(x)
            skips.append(x)
        outputs = []
        for place, tu in enumerate(self.decoder.transpconvs):
            x = self.decoder.stages[place](torch.cat([tu(x), skips[-2 - place]], 1))
            outputs.append(self.decoder.seg_layers[place](x).mean((2, 3, 4)))
        return torch.cat(outputs, 1)


# --- ESRGAN, first and later names ------------------------------------------------------------------------


class Rdb(nn.Module):
    def __init__(self, d: int = 16, g: int = 8) -> None:
        super().__init__()
        for k in range(5):
            setattr(self, f"conv{k + 1}", nn.Conv2d(d + k * g, g if k < 4 else d, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        parts = [x]
        for k in range(4):
            parts.append(F.leaky_relu(getattr(self, f"conv{k + 1}")(torch.cat(parts, 1)), 0.2))
        return x + 0.2 * self.conv5(torch.cat(parts, 1))


class Rrdb(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = Rdb(), Rdb(), Rdb()

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.2 * self.rdb3(self.rdb2(self.rdb1(x)))


class RrdbNet(nn.Module):
    def __init__(self, blocks: int = 6, d: int = 16) -> None:
        super().__init__()
        self.conv_first = nn.Conv2d(3, d, 3, padding=1)
        self.body = nn.Sequential(*(Rrdb() for _ in range(blocks)))
        self.conv_body = nn.Conv2d(d, d, 3, padding=1)
        self.conv_up1 = nn.Conv2d(d, d, 3, padding=1)
        self.conv_up2 = nn.Conv2d(d, d, 3, padding=1)
        self.conv_hr = nn.Conv2d(d, d, 3, padding=1)
        self.conv_last = nn.Conv2d(d, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_first(x)
        x = x + self.conv_body(self.body(x))
        x = F.leaky_relu(self.conv_up1(F.interpolate(x, scale_factor=2)), 0.2)
        x = F.leaky_relu(self.conv_up2(F.interpolate(x, scale_factor=2)), 0.2)
        return self.conv_last(F.leaky_relu(self.conv_hr(x), 0.2))


class OldRdb(nn.Module):
    def __init__(self, d: int = 16, g: int = 8) -> None:
        super().__init__()
        for k in range(5):
            conv = nn.Conv2d(d + k * g, g if k < 4 else d, 3, padding=1)
            setattr(self, f"conv{k + 1}", nn.Sequential(conv, nn.LeakyReLU(0.2)) if k < 4 else nn.Sequential(conv))

    def forward(self, x: Tensor) -> Tensor:
        parts = [x]
        for k in range(4):
            parts.append(getattr(self, f"conv{k + 1}")(torch.cat(parts, 1)))
        return x + 0.2 * self.conv5(torch.cat(parts, 1))


class OldRrdb(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.RDB1, self.RDB2, self.RDB3 = OldRdb(), OldRdb(), OldRdb()

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.2 * self.RDB3(self.RDB2(self.RDB1(x)))


class Around(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.sub = inner

    def forward(self, x: Tensor) -> Tensor:
        return x + self.sub(x)


class OldRrdbNet(nn.Module):
    def __init__(self, blocks: int = 6, d: int = 16) -> None:
        super().__init__()

        def conv(o: int = d) -> nn.Conv2d:
            return nn.Conv2d(d, o, 3, padding=1)

        self.model = nn.Sequential(
            nn.Conv2d(3, d, 3, padding=1),
            Around(nn.Sequential(*(OldRrdb() for _ in range(blocks)), conv())),
            nn.Upsample(scale_factor=2), conv(), nn.LeakyReLU(0.2),
            nn.Upsample(scale_factor=2), conv(), nn.LeakyReLU(0.2),
            conv(), nn.LeakyReLU(0.2), conv(3),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


# --- text recognition --------------------------------------------------------------------------------------


class Crnn(nn.Module):
    """Named layers, as the first implementation has them."""

    def __init__(self, classes: int = 37, w: int = 16) -> None:
        super().__init__()
        widths = [w, 2 * w, 4 * w, 4 * w, 8 * w]
        self.cnn = nn.Sequential()
        i = 1
        for k, width in enumerate(widths):
            self.cnn.add_module(f"conv{k}", nn.Conv2d(i, width, 3, padding=1))
            if k in (2, 4):
                self.cnn.add_module(f"batchnorm{k}", nn.BatchNorm2d(width))
            self.cnn.add_module(f"relu{k}", nn.ReLU())
            i = width
        self.rnn = nn.Sequential(CrnnLstm(i, 32, 32), CrnnLstm(32, 32, classes))

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(self.cnn(x).mean(2).transpose(1, 2))


class CrnnLstm(nn.Module):
    def __init__(self, i: int, h: int, o: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(i, h, bidirectional=True, batch_first=True)
        self.embedding = nn.Linear(2 * h, o)

    def forward(self, x: Tensor) -> Tensor:
        return self.embedding(self.rnn(x)[0])


class TextRecognizer(nn.Module):
    def __init__(self, classes: int = 37, w: int = 16) -> None:
        super().__init__()
        self.FeatureExtraction, self.Prediction = nn.Module(), nn.Linear(64, classes)
        layers: list[nn.Module] = []
        i = 1
        for k, width in enumerate([w, 2 * w, 4 * w, 4 * w, 8 * w]):
            layers.append(nn.Conv2d(i, width, 3, padding=1))
            if k in (2, 4):
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU())
            i = width
        self.FeatureExtraction.ConvNet = nn.Sequential(*layers)
        one, two = nn.Module(), nn.Module()
        one.rnn, one.linear = nn.LSTM(i, 32, bidirectional=True, batch_first=True), nn.Linear(64, 32)
        two.rnn = nn.LSTM(32, 32, bidirectional=True, batch_first=True)
        self.SequenceModeling = nn.Sequential(one, two)

    def forward(self, x: Tensor) -> Tensor:
        x = self.FeatureExtraction.ConvNet(x).mean(2).transpose(1, 2)
        one, two = self.SequenceModeling
        return self.Prediction(two.rnn(one.linear(one.rnn(x)[0]))[0])


# --- GANs -----------------------------------------------------------------------------------------------------


def dcgan(w: int = 8) -> nn.Module:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers: list[nn.Module] = []
            for i, o in ((16, 8 * w), (8 * w, 4 * w), (4 * w, 2 * w), (2 * w, w)):
                layers += [nn.ConvTranspose2d(i, o, 4, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
            self.main = nn.Sequential(*layers, nn.ConvTranspose2d(w, 3, 4, 2, 1, bias=False))

        def forward(self, x: Tensor) -> Tensor:
            return self.main(x)

    return Net()


class NamedDcgan(nn.Module):
    def __init__(self, w: int = 8) -> None:
        super().__init__()
        sizes = [16, 8 * w, 4 * w, 2 * w, w]
        for k in range(4):
            setattr(self, f"bn{k + 1}", nn.BatchNorm2d(sizes[k + 1]))
        for k in range(4):
            setattr(self, f"tconv{k + 1}", nn.ConvTranspose2d(sizes[k], sizes[k + 1], 4, 2, 1, bias=False))
        self.tconv5 = nn.ConvTranspose2d(w, 3, 4, 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        for k in range(4):
            x = F.relu(getattr(self, f"bn{k + 1}")(getattr(self, f"tconv{k + 1}")(x)))
        return self.tconv5(x)


class CycleSequential(nn.Module):
    def __init__(self, w: int = 8, blocks: int = 6) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, w, 7, padding=3), nn.InstanceNorm2d(w, affine=True), nn.ReLU()]
        for k in range(2):
            layers += [
                nn.Conv2d(w << k, w << (k + 1), 3, 2, 1),
                nn.InstanceNorm2d(w << (k + 1), affine=True),
                nn.ReLU(),
            ]
        for _ in range(blocks):
            layers.append(CycleBlock(4 * w))
        for k in (2, 1):
            layers += [
                nn.ConvTranspose2d(w << k, w << (k - 1), 2, 2),
                nn.InstanceNorm2d(w << (k - 1), affine=True),
                nn.ReLU(),
            ]
        self.model = nn.Sequential(*layers, nn.Conv2d(w, 3, 7, padding=3))

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


class CycleBlock(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.Conv2d(d, d, 3, padding=1), nn.InstanceNorm2d(d, affine=True), nn.ReLU(),
            nn.Conv2d(d, d, 3, padding=1), nn.InstanceNorm2d(d, affine=True),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


class StarResidual(nn.Module):
    def __init__(self, d: int) -> None:
        super().__init__()
        self.in1, self.in2 = nn.InstanceNorm2d(d, affine=True), nn.InstanceNorm2d(d, affine=True)
        self.conv1, self.conv2 = nn.Conv2d(d, d, 3, padding=1), nn.Conv2d(d, d, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.in2(self.conv2(F.relu(self.in1(self.conv1(x)))))


class StyleTransfer(nn.Module):
    def __init__(self, w: int = 8, blocks: int = 6) -> None:
        super().__init__()
        self.conv1, self.in1 = nn.Conv2d(3, w, 7, padding=3), nn.InstanceNorm2d(w, affine=True)
        self.conv2, self.in2 = nn.Conv2d(w, 2 * w, 3, 2, 1), nn.InstanceNorm2d(2 * w, affine=True)
        self.conv3, self.in3 = nn.Conv2d(2 * w, 4 * w, 3, 2, 1), nn.InstanceNorm2d(4 * w, affine=True)
        for k in range(blocks):
            setattr(self, f"res{k + 1}", StarResidual(4 * w))
        self.deconv1, self.in4 = nn.ConvTranspose2d(4 * w, 2 * w, 2, 2), nn.InstanceNorm2d(2 * w, affine=True)
        self.deconv2, self.in5 = nn.ConvTranspose2d(2 * w, w, 2, 2), nn.InstanceNorm2d(w, affine=True)
        self.deconv3 = nn.Conv2d(w, 3, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.in1(self.conv1(x)))
        x = F.relu(self.in2(self.conv2(x)))
        x = F.relu(self.in3(self.conv3(x)))
        for k in range(6):
            x = getattr(self, f"res{k + 1}")(x)
        x = F.relu(self.in4(self.deconv1(x)))
        return self.deconv3(F.relu(self.in5(self.deconv2(x))))


# --- sequence to sequence with recurrent layers -----------------------------------------------------------


class NmtA(nn.Module):
    def __init__(self, vocab: int = 60, d: int = 24) -> None:
        super().__init__()
        self.encoder, self.decoder, self.generator = nn.Module(), nn.Module(), nn.Sequential(nn.Linear(d, vocab))
        self.encoder.embeddings = nn.Embedding(vocab, d)
        self.encoder.rnn = nn.GRU(d, d, 2, batch_first=True)
        self.decoder.embeddings = nn.Embedding(vocab, d)
        self.decoder.rnn = nn.GRU(d, d, 2, batch_first=True)
        self.decoder.attn = nn.Module()
        self.decoder.attn.linear_in = nn.Linear(d, d, bias=False)
        self.decoder.attn.linear_out = nn.Linear(2 * d, d, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        memory, state = self.encoder.rnn(self.encoder.embeddings(ids))
        y, _ = self.decoder.rnn(self.decoder.embeddings(ids.flip(1)), state)
        weight = (self.decoder.attn.linear_in(y) @ memory.transpose(1, 2)).softmax(-1)
        return self.generator(torch.tanh(self.decoder.attn.linear_out(torch.cat([weight @ memory, y], -1))))


class NmtB(nn.Module):
    def __init__(self, vocab: int = 60, d: int = 24) -> None:
        super().__init__()
        self.fc_out = nn.Linear(d, vocab)
        self.attention_combine = nn.Linear(2 * d, d, bias=False)
        self.attention_query = nn.Linear(d, d, bias=False)
        self.tgt_embed, self.src_embed = nn.Embedding(vocab, d), nn.Embedding(vocab, d)
        self.dec_gru = nn.GRU(d, d, 2, batch_first=True)
        self.enc_gru = nn.GRU(d, d, 2, batch_first=True)

    def forward(self, ids: Tensor) -> Tensor:
        memory, state = self.enc_gru(self.src_embed(ids))
        y, _ = self.dec_gru(self.tgt_embed(ids.flip(1)), state)
        weight = (self.attention_query(y) @ memory.transpose(1, 2)).softmax(-1)
        return self.fc_out(torch.tanh(self.attention_combine(torch.cat([weight @ memory, y], -1))))


# --- feature pyramid with dense heads -------------------------------------------------------------------------


def head_stack(d: int, out: int) -> tuple[list[nn.Module], nn.Conv2d]:
    layers: list[nn.Module] = []
    for _ in range(4):
        layers += [nn.Conv2d(d, d, 3, padding=1), nn.ReLU()]
    return layers, nn.Conv2d(d, out, 3, padding=1)


class D2Retina(nn.Module):
    def __init__(self, d: int = 16) -> None:
        super().__init__()
        self.backbone, self.head = nn.Module(), nn.Module()
        self.stem = nn.ModuleList(nn.Conv2d(i, o, 3, 2, 1) for i, o in ((3, 16), (16, 32), (32, 64)))
        for k, width in enumerate((16, 32, 64)):
            setattr(self.backbone, f"fpn_lateral{k + 3}", nn.Conv2d(width, d, 1))
            setattr(self.backbone, f"fpn_output{k + 3}", nn.Conv2d(d, d, 3, padding=1))
        cls, self.head.cls_score = head_stack(d, 18)
        box, self.head.bbox_pred = head_stack(d, 12)
        self.head.cls_subnet, self.head.bbox_subnet = nn.Sequential(*cls), nn.Sequential(*box)

    def forward(self, x: Tensor) -> Tensor:
        features = []
        for conv in self.stem:
            x = F.relu(conv(x))
            features.append(x)
        above, result = None, []
        for k in (2, 1, 0):
            y = getattr(self.backbone, f"fpn_lateral{k + 3}")(features[k])
            above = y if above is None else y + F.interpolate(above, scale_factor=2)
            out = getattr(self.backbone, f"fpn_output{k + 3}")(above)
            result.append(self.head.cls_score(self.head.cls_subnet(out)).mean((2, 3)))
            result.append(self.head.bbox_pred(self.head.bbox_subnet(out)).mean((2, 3)))
        return torch.cat(result, 1)


class TvRetinaHead(nn.Module):
    def __init__(self, d: int, out: int, last: str) -> None:
        super().__init__()
        layers, final = head_stack(d, out)
        self.conv = nn.Sequential(*(nn.Sequential(layers[2 * k], layers[2 * k + 1]) for k in range(4)))
        self.last = last
        setattr(self, last, final)

    def forward(self, x: Tensor) -> Tensor:
        return getattr(self, self.last)(self.conv(x)).mean((2, 3))


class TvRetina(nn.Module):
    def __init__(self, d: int = 16) -> None:
        super().__init__()
        self.body = nn.ModuleDict()
        for k, (i, o) in enumerate(((3, 16), (16, 32), (32, 64))):
            self.body[f"layer{k + 1}"] = nn.Conv2d(i, o, 3, 2, 1)
        self.fpn = nn.Module()
        self.fpn.inner_blocks = nn.ModuleList(nn.Sequential(nn.Conv2d(w, d, 1)) for w in (16, 32, 64))
        self.fpn.layer_blocks = nn.ModuleList(nn.Sequential(nn.Conv2d(d, d, 3, padding=1)) for _ in range(3))
        self.head = nn.Module()
        self.head.classification_head = TvRetinaHead(d, 18, "cls_logits")
        self.head.regression_head = TvRetinaHead(d, 12, "bbox_reg")

    def forward(self, x: Tensor) -> Tensor:
        features = []
        for conv in self.body.values():
            x = F.relu(conv(x))
            features.append(x)
        above, result = None, []
        for k in (2, 1, 0):
            y = self.fpn.inner_blocks[k](features[k])
            above = y if above is None else y + F.interpolate(above, scale_factor=2)
            out = self.fpn.layer_blocks[k](above)
            result += [self.head.classification_head(out), self.head.regression_head(out)]
        return torch.cat(result, 1)


# --- PointNet -------------------------------------------------------------------------------------------------


class PointA(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.feat = nn.Module()
        self.feat.stn = PointStn()
        self.feat.conv1, self.feat.conv2, self.feat.conv3 = (
            nn.Conv1d(3, 32, 1),
            nn.Conv1d(32, 64, 1),
            nn.Conv1d(64, 128, 1),
        )
        self.feat.bn1, self.feat.bn2, self.feat.bn3 = nn.BatchNorm1d(32), nn.BatchNorm1d(64), nn.BatchNorm1d(128)
        self.fc1, self.fc2, self.fc3 = nn.Linear(128, 64), nn.Linear(64, 32), nn.Linear(32, classes)
        self.bn1, self.bn2 = nn.BatchNorm1d(64), nn.BatchNorm1d(32)

    def forward(self, x: Tensor) -> Tensor:
        f = self.feat
        x = f.stn(x) @ x
        x = f.bn3(f.conv3(F.relu(f.bn2(f.conv2(F.relu(f.bn1(f.conv1(x)))))))).amax(2)
        return self.fc3(F.relu(self.bn2(self.fc2(F.relu(self.bn1(self.fc1(x)))))))


class PointStn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = nn.Conv1d(3, 32, 1), nn.Conv1d(32, 64, 1), nn.Conv1d(64, 128, 1)
        self.fc1, self.fc2, self.fc3 = nn.Linear(128, 64), nn.Linear(64, 32), nn.Linear(32, 9)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm1d(32), nn.BatchNorm1d(64), nn.BatchNorm1d(128)
        self.bn4, self.bn5 = nn.BatchNorm1d(64), nn.BatchNorm1d(32)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn3(self.conv3(F.relu(self.bn2(self.conv2(x)))))).amax(2)
        return self.fc3(F.relu(self.bn5(self.fc2(F.relu(self.bn4(self.fc1(x))))))).view(-1, 3, 3)


def shared(i: int, *widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for o in widths:
        layers += [nn.Conv1d(i, o, 1), nn.BatchNorm1d(o), nn.ReLU()]
        i = o
    return nn.Sequential(*layers)


def dense(i: int, *widths: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for o in widths:
        layers += [nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU()]
        i = o
    return layers


class PointB(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.transform = nn.ModuleDict(
            {"mlp": shared(3, 32, 64, 128), "regressor": nn.Sequential(*dense(128, 64, 32), nn.Linear(32, 9))}
        )
        self.encoder = shared(3, 32, 64, 128)[:-1]
        self.classifier = nn.Sequential(*dense(128, 64, 32), nn.Linear(32, classes))

    def forward(self, x: Tensor) -> Tensor:
        t = self.transform["regressor"](self.transform["mlp"](x).amax(2)).view(-1, 3, 3)
        return self.classifier(self.encoder(t @ x).amax(2))


# --- U-Net on a residual encoder -------------------------------------------------------------------------------


class ResUnetA(nn.Module):
    """Names as in segmentation_models: encoder.layer1.0.conv1, decoder.blocks.0.conv1.0, segmentation_head.0."""

    def __init__(self) -> None:
        super().__init__()
        import torchvision

        self.encoder = torchvision.models.resnet18(weights=None)
        del self.encoder.fc
        self.decoder = nn.Module()
        self.decoder.blocks = nn.ModuleList(
            ResUnetUp(i, s, o) for i, s, o in ((512, 256, 64), (64, 128, 32), (32, 64, 16))
        )
        self.segmentation_head = nn.Sequential(nn.Conv2d(16, 2, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        e = self.encoder
        x = e.maxpool(e.relu(e.bn1(e.conv1(x))))
        skips = []
        for stage in (e.layer1, e.layer2, e.layer3, e.layer4):
            x = stage(x)
            skips.append(x)
        for place, block in enumerate(self.decoder.blocks):
            x = block(x, skips[2 - place])
        return self.segmentation_head(x)


class ResUnetUp(nn.Module):
    def __init__(self, i: int, s: int, o: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(i + s, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        self.conv2 = nn.Sequential(nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.conv2(self.conv1(torch.cat([F.interpolate(x, scale_factor=2), skip], 1)))


class ResUnetB(nn.Module):
    """Stages as Sequentials beside each other, heads first, conv and norm of the decoder by name."""

    def __init__(self) -> None:
        super().__init__()
        import torchvision

        net = torchvision.models.resnet18(weights=None)
        self.out_conv = nn.Conv2d(16, 2, 3, padding=1)
        for place, (i, s, o) in enumerate(((512, 256, 64), (64, 128, 32), (32, 64, 16))):
            up = nn.Module()
            up.norm_a, up.norm_b = nn.BatchNorm2d(o), nn.BatchNorm2d(o)
            up.conv_a = nn.Conv2d(i + s, o, 3, padding=1, bias=False)
            up.conv_b = nn.Conv2d(o, o, 3, padding=1, bias=False)
            setattr(self, f"up_{place}", up)
        self.stem = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)
        self.enc_1, self.enc_2, self.enc_3, self.enc_4 = net.layer1, net.layer2, net.layer3, net.layer4

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        skips = []
        for stage in (self.enc_1, self.enc_2, self.enc_3, self.enc_4):
            x = stage(x)
            skips.append(x)
        for place in range(3):
            up = getattr(self, f"up_{place}")
            x = torch.cat([F.interpolate(x, scale_factor=2), skips[2 - place]], 1)
            x = F.relu(up.norm_b(up.conv_b(F.relu(up.norm_a(up.conv_a(x))))))
        return self.out_conv(x)
