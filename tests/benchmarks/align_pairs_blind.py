"""Pairs written and run once before anything was tuned for them; what they showed was then repaired in general ways."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch
from align_pairs import Maker, Pair, called, hf, ids, image, tm, tv
from torch import Tensor, nn
from torch.nn import functional as F


def floats(*shape: int) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randn(*shape, generator=torch.Generator().manual_seed(7)),)


def rewritten(make: Maker, *rules: tuple[str, str]) -> Maker:
    """The same model under names that these substitutions give, in order."""

    def name_of(name: str) -> str:
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        return name

    return called(make, name_of)


def mobilenet_v2_tonylins() -> Maker:
    """features.0.0, features.k.conv.3 …: one flat Sequential a block, as in the first PyTorch MobileNetV2."""

    class Block(nn.Module):
        def __init__(self, inp: int, oup: int, stride: int, ratio: int) -> None:
            super().__init__()
            hidden = inp * ratio
            self.identity = stride == 1 and inp == oup
            layers: list[nn.Module] = []
            if ratio != 1:
                layers += [nn.Conv2d(inp, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6()]
            layers += [
                nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(),
                nn.Conv2d(hidden, oup, 1, bias=False), nn.BatchNorm2d(oup),
            ]  # fmt: skip
            self.conv = nn.Sequential(*layers)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.conv(x) if self.identity else self.conv(x)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers: list[nn.Module] = [
                nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6())
            ]
            inp = 32
            for t, c, n, s in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                               (6, 160, 3, 2), (6, 320, 1, 1)):  # fmt: skip
                for k in range(n):
                    layers.append(Block(inp, c, s if k == 0 else 1, t))
                    inp = c
            self.features = nn.Sequential(*layers)
            self.conv = nn.Sequential(nn.Conv2d(320, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU6())
            self.classifier = nn.Linear(1280, 1000)

        def forward(self, x: Tensor) -> Tensor:
            return self.classifier(self.conv(self.features(x)).mean((2, 3)))

    return Net


def fpn(detectron: bool) -> Maker:
    """A small backbone with a feature pyramid, in detectron2's or in mmdetection's names and order."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1) for a, b in ((3, 16), (16, 32), (32, 64), (64, 128)))
            self.lateral = nn.ModuleList(nn.Conv2d(c, 32, 1) for c in (16, 32, 64, 128))
            self.output = nn.ModuleList(nn.Conv2d(32, 32, 3, padding=1) for _ in range(4))

        def forward(self, x: Tensor) -> Tensor:
            maps = []
            for conv in self.body:
                x = conv(x).relu()
                maps.append(x)
            result = None
            outputs = []
            for k in (3, 2, 1, 0):
                here = self.lateral[k](maps[k])
                result = here if result is None else here + F.interpolate(result, scale_factor=2.0)
                outputs.append(self.output[k](result).mean((2, 3)))
            return torch.cat([value * (k + 1) for k, value in enumerate(outputs)], 1)

    if not detectron:
        return rewritten(
            Net, (r"^body\.(\d)", r"backbone.convs.\1"), (r"^lateral\.(\d)", r"neck.lateral_convs.\1.conv"),
            (r"^output\.(\d)", r"neck.fpn_convs.\1.conv"),
        )  # fmt: skip

    def name_of(name: str) -> str:
        kind, number, leaf = name.split(".")
        if kind == "body":
            return f"bottom_up.res{int(number) + 2}.{leaf}"
        return f"fpn_{kind}{int(number) + 2}.{leaf}"

    class Top(Net):
        """detectron2 registers the pyramid first, lateral and output of each level together."""

        def __init__(self) -> None:
            super().__init__()
            body = self._modules.pop("body")
            self._modules["body"] = body

    return called(Top, name_of)


def yolo_block(csp: bool) -> Maker:
    """Darknet's C3 block and stem, in ultralytics' names or in mmdetection's."""

    class Conv(nn.Module):
        def __init__(self, a: int, b: int, k: int, s: int = 1) -> None:
            super().__init__()
            self.conv, self.bn = nn.Conv2d(a, b, k, s, k // 2, bias=False), nn.BatchNorm2d(b)

        def forward(self, x: Tensor) -> Tensor:
            return F.silu(self.bn(self.conv(x)))

    class Bottleneck(nn.Module):
        def __init__(self, c: int) -> None:
            super().__init__()
            self.cv1, self.cv2 = Conv(c, c, 1), Conv(c, c, 3)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.cv2(self.cv1(x))

    class C3(nn.Module):
        def __init__(self, a: int, b: int, n: int) -> None:
            super().__init__()
            self.cv1, self.cv2, self.cv3 = Conv(a, b // 2, 1), Conv(a, b // 2, 1), Conv(b, b, 1)
            self.m = nn.Sequential(*(Bottleneck(b // 2) for _ in range(n)))

        def forward(self, x: Tensor) -> Tensor:
            return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = nn.Sequential(
                Conv(3, 16, 3, 2), Conv(16, 32, 3, 2), C3(32, 32, 1), Conv(32, 64, 3, 2), C3(64, 64, 2),
                Conv(64, 128, 3, 2), C3(128, 128, 3),
            )  # fmt: skip

        def forward(self, x: Tensor) -> Tensor:
            return self.model(x).mean((2, 3))

    if not csp:
        return Net
    return rewritten(
        Net,
        (r"^model\.0\.", "backbone.stem."), (r"^model\.1\.", "backbone.stage1.0."), (r"^model\.2\.", "backbone.stage1.1."),
        (r"^model\.3\.", "backbone.stage2.0."), (r"^model\.4\.", "backbone.stage2.1."),
        (r"^model\.5\.", "backbone.stage3.0."), (r"^model\.6\.", "backbone.stage3.1."),
        (r"\.m\.(\d)\.cv(\d)", r".blocks.\1.conv\2"), (r"\.cv1\.", ".main_conv."), (r"\.cv2\.", ".short_conv."),
        (r"\.cv3\.", ".final_conv."),
    )  # fmt: skip


class Gpt2OfOpenAi(nn.Module):
    """GPT-2 in the names of the first TensorFlow release: model/h0/attn/c_attn/w with a leading axis of one."""

    def __init__(self) -> None:
        super().__init__()
        self.net = hf("GPT2LMHeadModel", "GPT2Config", vocab_size=99, n_embd=64, n_layer=5, n_head=4, n_positions=64)()

    def _named(self) -> list[tuple[str, Tensor]]:
        result = []
        for name, value in self.net.state_dict().items():
            if name == "lm_head.weight":
                continue
            name = (
                name.removeprefix("transformer.").replace("h.", "h", 1)
                if "h." in name
                else name.removeprefix("transformer.")
            )
            name = "model/" + name.replace(".", "/")
            if "/ln_" in name:
                name = name.replace("weight", "g").replace("bias", "b")
            elif "wte" in name or "wpe" in name:
                name = name.removesuffix("/weight")
            else:
                name = name.replace("weight", "w").replace("bias", "b")
                value = value[None] if value.dim() == 2 else value
            result.append((name, value))
        return result

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:  # type: ignore[override]
        return dict(self._named())

    def forward(self, ids: Tensor) -> Any:
        return self.net(ids)


def unet(names: str) -> Maker:
    """A residual U-Net for volumes' slices, in three conventions of names and of registration order."""

    class Double(nn.Module):
        def __init__(self, a: int, b: int) -> None:
            super().__init__()
            self.c1, self.n1 = nn.Conv2d(a, b, 3, padding=1), nn.InstanceNorm2d(b, affine=True)
            self.c2, self.n2 = nn.Conv2d(b, b, 3, padding=1), nn.InstanceNorm2d(b, affine=True)

        def forward(self, x: Tensor) -> Tensor:
            return F.leaky_relu(self.n2(self.c2(F.leaky_relu(self.n1(self.c1(x))))))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sizes = (8, 16, 32, 64)
            self.down = nn.ModuleList(Double(a, b) for a, b in zip((1, *sizes), sizes, strict=False))
            ups = [(64, 32), (32, 16), (16, 8)]
            self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, 2) for a, b in ups)
            self.merge = nn.ModuleList(Double(a, b) for a, b in ups)
            self.out = nn.Conv2d(8, 3, 1)

        def forward(self, x: Tensor) -> Tensor:
            kept = []
            for k, block in enumerate(self.down):
                x = block(x if k == 0 else F.max_pool2d(x, 2))
                kept.append(x)
            for up, merge, skip in zip(self.up, self.merge, kept[-2::-1], strict=True):
                x = merge(torch.cat((skip, up(x)), 1))
            return self.out(x)

    if names == "nnunet":
        return rewritten(
            Net,
            (r"^down\.(\d)\.c(\d)", r"conv_blocks_context.\1.blocks.\2.conv"),
            (r"^down\.(\d)\.n(\d)", r"conv_blocks_context.\1.blocks.\2.instnorm"),
            (r"^merge\.(\d)\.c(\d)", r"conv_blocks_localization.\1.0.blocks.\2.conv"),
            (r"^merge\.(\d)\.n(\d)", r"conv_blocks_localization.\1.0.blocks.\2.instnorm"),
            (r"^up\.", "tu."), (r"^out\.", "seg_outputs.0."),
        )  # fmt: skip
    return rewritten(
        Net,
        (r"^down\.(\d)\.c(\d)", r"encoder\1.enc\1conv\2"), (r"^down\.(\d)\.n(\d)", r"encoder\1.enc\1norm\2"),
        (r"^merge\.(\d)\.c(\d)", r"decoder\1.dec\1conv\2"), (r"^merge\.(\d)\.n(\d)", r"decoder\1.dec\1norm\2"),
        (r"^up\.(\d)", r"upconv\1"), (r"^out\.", "conv."),
    )  # fmt: skip


class LstmTagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 16)
        self.lstm = nn.LSTM(16, 24, 2, batch_first=True, bidirectional=True)
        self.hidden2tag = nn.Linear(48, 7)

    def forward(self, ids: Tensor) -> Tensor:
        return self.hidden2tag(self.lstm(self.embedding(ids))[0])


class OtherTagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(48, 7)
        self.rnn = nn.LSTM(16, 24, 2, batch_first=True, bidirectional=True)
        self.word_embeds = nn.Embedding(50, 16)

    def forward(self, ids: Tensor) -> Tensor:
        return self.fc(self.rnn(self.word_embeds(ids))[0])


TEXT = {"hidden_size": 64, "num_attention_heads": 4, "vocab_size": 99, "num_hidden_layers": 4}
DISTIL = {"vocab_size": 99, "dim": 64, "n_layers": 4, "n_heads": 4, "hidden_dim": 128, "max_position_embeddings": 64}
BERT = {**TEXT, "intermediate_size": 128, "max_position_embeddings": 64}
T5 = {
    "vocab_size": 99,
    "d_model": 64,
    "d_kv": 16,
    "d_ff": 128,
    "num_layers": 3,
    "num_heads": 4,
    "decoder_start_token_id": 0,
}
MISTRAL = {**TEXT, "intermediate_size": 128, "num_key_value_heads": 2, "sliding_window": None}
OPT = {
    "vocab_size": 99, "hidden_size": 64, "num_hidden_layers": 4, "ffn_dim": 128, "num_attention_heads": 4,
    "max_position_embeddings": 64, "word_embed_proj_dim": 64,
}  # fmt: skip

hf_bert = hf("BertModel", "BertConfig", **BERT)
hf_distil = hf("DistilBertModel", "DistilBertConfig", **DISTIL)
mistral = hf("MistralForCausalLM", "MistralConfig", **MISTRAL)
hf_opt = hf("OPTForCausalLM", "OPTConfig", **OPT)
t5 = hf("T5EncoderModel", "T5Config", **T5)
roberta = hf("RobertaModel", "RobertaConfig", **BERT)

RESNET_MM = (
    (r"^conv1", "backbone.stem.0"), (r"^bn1", "backbone.stem.1"), (r"^layer", "backbone.layer"), (r"^fc", "head.fc"),
)  # fmt: skip
FAIRSEQ_OPT = (
    (r"^model\.decoder\.embed_tokens", "decoder.embed_tokens"), (r"^model\.decoder\.embed_positions", "decoder.embed_positions"),
    (r"^model\.decoder\.final_layer_norm", "decoder.layer_norm"), (r"^model\.decoder\.layers\.(\d+)\.fc(\d)", r"decoder.layers.\1.fc\2"),
    (r"^model\.decoder\.layers", "decoder.layers"), (r"^lm_head", "decoder.output_projection"),
)  # fmt: skip
FAIRSEQ_ROBERTA = (
    (r"^embeddings\.word_embeddings", "decoder.sentence_encoder.embed_tokens"),
    (r"^embeddings\.position_embeddings", "decoder.sentence_encoder.embed_positions"),
    (r"^embeddings\.token_type_embeddings", "decoder.sentence_encoder.segment_embeddings"),
    (r"^embeddings\.LayerNorm", "decoder.sentence_encoder.emb_layer_norm"),
    (r"^encoder\.layer\.(\d+)\.attention\.self\.(query|key|value)", r"decoder.sentence_encoder.layers.\1.self_attn.\2_proj"),
    (r"(query|key|value)_proj", lambda found: found[1][0] + "_proj"),
    (r"^encoder\.layer\.(\d+)\.attention\.output\.dense", r"decoder.sentence_encoder.layers.\1.self_attn.out_proj"),
    (r"^encoder\.layer\.(\d+)\.attention\.output\.LayerNorm", r"decoder.sentence_encoder.layers.\1.self_attn_layer_norm"),
    (r"^encoder\.layer\.(\d+)\.intermediate\.dense", r"decoder.sentence_encoder.layers.\1.fc1"),
    (r"^encoder\.layer\.(\d+)\.output\.dense", r"decoder.sentence_encoder.layers.\1.fc2"),
    (r"^encoder\.layer\.(\d+)\.output\.LayerNorm", r"decoder.sentence_encoder.layers.\1.final_layer_norm"),
)  # fmt: skip
T5_MESH = (
    (r"^encoder\.block\.(\d+)\.layer\.0\.SelfAttention\.relative_attention_bias", r"enc.\1.attn.rel_bias"),
    (r"^encoder\.block\.(\d+)\.layer\.0\.SelfAttention\.(\w)", r"enc.\1.attn.w\2"),
    (r"^encoder\.block\.(\d+)\.layer\.0\.layer_norm", r"enc.\1.attn_ln"),
    (r"^encoder\.block\.(\d+)\.layer\.1\.DenseReluDense\.wi", r"enc.\1.ffn.up"),
    (r"^encoder\.block\.(\d+)\.layer\.1\.DenseReluDense\.wo", r"enc.\1.ffn.down"),
    (r"^encoder\.block\.(\d+)\.layer\.1\.layer_norm", r"enc.\1.ffn_ln"),
    (r"^encoder\.final_layer_norm", "enc_ln"), (r"^encoder\.embed_tokens", "enc_tok"), (r"^shared", "tok"),
)  # fmt: skip

BLIND: list[Pair] = [
    Pair("tonylins mobilenetv2 -> tv", mobilenet_v2_tonylins(), tv("mobilenet_v2"), image()),
    Pair("tv mobilenetv2 -> tonylins", tv("mobilenet_v2"), mobilenet_v2_tonylins(), image()),
    Pair("mmdet fpn -> detectron2", fpn(False), fpn(True), image()),
    Pair("detectron2 fpn -> mmdet", fpn(True), fpn(False), image()),
    Pair("yolov5 -> mmyolo", yolo_block(False), yolo_block(True), image()),
    Pair("mmyolo -> yolov5", yolo_block(True), yolo_block(False), image()),
    Pair("openai gpt2 -> hf", Gpt2OfOpenAi, hf("GPT2LMHeadModel", "GPT2Config", vocab_size=99, n_embd=64, n_layer=5, n_head=4, n_positions=64, tie_word_embeddings=True), ids(99), True, ("lm_head.weight",)),
    Pair("nnunet -> buda-like", unet("nnunet"), unet("other"), floats(2, 1, 32, 32)),
    Pair("buda-like -> nnunet", unet("other"), unet("nnunet"), floats(2, 1, 32, 32)),
    Pair("lstm tagger -> other", LstmTagger, OtherTagger, ids(50)),
    Pair("other tagger -> lstm", OtherTagger, LstmTagger, ids(50)),
    Pair("distilbert -> hf bert-like", hf_distil, rewritten(hf_distil, (r"transformer\.layer", "encoder.blocks"), (r"q_lin", "to_q"), (r"k_lin", "to_k"), (r"v_lin", "to_v"), (r"out_lin", "to_out"), (r"sa_layer_norm", "norm_attn"), (r"output_layer_norm", "norm_ffn"), (r"ffn\.lin1", "mlp.0"), (r"ffn\.lin2", "mlp.2")), ids(99)),
    Pair("fairseq opt -> hf", rewritten(hf_opt, *FAIRSEQ_OPT), hf_opt, ids(99)),
    Pair("hf opt -> fairseq", hf_opt, rewritten(hf_opt, *FAIRSEQ_OPT), ids(99)),
    Pair("fairseq roberta -> hf", rewritten(roberta, *FAIRSEQ_ROBERTA), roberta, ids(99)),
    Pair("hf roberta -> fairseq", roberta, rewritten(roberta, *FAIRSEQ_ROBERTA), ids(99)),
    Pair("t5 -> own names", t5, rewritten(t5, *T5_MESH), ids(99)),
    Pair("own names -> t5", rewritten(t5, *T5_MESH), t5, ids(99)),
    Pair("mistral original -> hf", rewritten(mistral, (r"^model\.", ""), (r"embed_tokens", "tok_embeddings"), (r"self_attn\.(\w)_proj", r"attention.w\1"), (r"mlp\.gate_proj", "feed_forward.w1"), (r"mlp\.down_proj", "feed_forward.w2"), (r"mlp\.up_proj", "feed_forward.w3"), (r"input_layernorm", "attention_norm"), (r"post_attention_layernorm", "ffn_norm"), (r"lm_head", "output")), mistral, ids(99)),
    Pair("mmcls resnet34 -> tv", rewritten(tv("resnet34"), *RESNET_MM), tv("resnet34"), image()),
    Pair("timm ghostnet -> original", tm("ghostnet_050"), rewritten(tm("ghostnet_050"), (r"^conv_stem", "conv1"), (r"^bn1", "norm_stem"), (r"blocks\.(\d+)\.(\d+)\.", r"features.s\1b\2."), (r"ghost(\d)\.primary_conv", r"gm\1.main"), (r"ghost(\d)\.cheap_operation", r"gm\1.cheap"), (r"se\.conv_reduce", "se.fc.0"), (r"se\.conv_expand", "se.fc.2"), (r"classifier", "linear")), image()),
    Pair("timm inception_v4 -> tf-like", tm("inception_resnet_v2"), rewritten(tm("inception_resnet_v2"), (r"conv2d_", "Conv2d_"), (r"repeat_?(\d?)", r"Block\1"), (r"branch(\d)", r"Branch_\1"), (r"\.bn\.", ".BatchNorm."), (r"classif", "Logits")), image(96, batch=1)),
    Pair("timm regnety -> tv names", tm("regnety_002"), rewritten(tm("regnety_002"), (r"^s(\d)\.b(\d+)", r"trunk_output.block\1.block\1-\2"), (r"conv1\.conv", "f.a.0"), (r"conv1\.bn", "f.a.1"), (r"conv2\.conv", "f.b.0"), (r"conv2\.bn", "f.b.1"), (r"conv3\.conv", "f.c.0"), (r"conv3\.bn", "f.c.1"), (r"downsample\.conv", "proj.0"), (r"downsample\.bn", "proj.1"), (r"^stem\.conv", "stem.0"), (r"^stem\.bn", "stem.1"), (r"^head\.fc", "fc")), image()),
    Pair("timm regnety -> tv regnet_y", tm("regnety_004"), tv("regnet_y_400mf"), image()),
    Pair("tf efficientnet -> keras names", tm("tf_efficientnet_b0"), rewritten(tm("tf_efficientnet_b0"), (r"blocks\.(\d+)\.(\d+)\.", lambda found: f"block{int(found[1]) + 1}{'abcdefgh'[int(found[2])]}_"), (r"_conv_dw", "_dwconv.kernel"), (r"_conv_pwl", "_project_conv.kernel"), (r"_conv_pw", "_expand_conv.kernel"), (r"kernel\.weight", "kernel"), (r"_se\.conv_", "_se_"), (r"_bn(\d)", r"_norm\1"), (r"^classifier", "probs")), image()),
    Pair("bert -> prefixes of a pretrainer", hf_bert, rewritten(hf_bert, (r"^", "bert_model."), (r"LayerNorm", "layer_norm"), (r"attention\.self\.(query|key|value)", r"attn.\1_projection"), (r"attention\.output\.dense", "attn.output_projection"), (r"attention\.output\.layer_norm", "attn_norm"), (r"intermediate\.dense", "ffn_in"), (r"output\.dense", "ffn_out"), (r"output\.layer_norm", "ffn_norm")), ids(99)),
]  # fmt: skip
