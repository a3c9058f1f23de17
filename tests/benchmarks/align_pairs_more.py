"""Pairs that were run blind after `align` was done, over families that the first ones leave out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import align_networks_more as more
import torch
from align_pairs import LLAMA, Maker, Pair, called, eps, fix, hf, ids, image, renamed, tm, tv
from torch import Tensor, nn


def mixed(make: Maker, seed: int = 3) -> Maker:
    """The same model with the parts of every module registered in another order."""

    def made() -> nn.Module:
        model = make()
        rng = random.Random(seed)
        for module in model.modules():
            children = list(module._modules.items())
            in_order = isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict)
            if len(children) > 1 and not in_order:
                rng.shuffle(children)
                module._modules.clear()
                module._modules.update(children)
        return model

    return made


def luke_efficientnet(make: Maker, depths: tuple[int, ...] = (1, 2, 2, 3, 3, 4, 1)) -> Maker:
    """The first PyTorch EfficientNet's names: blocks in one row, _expand_conv, _bn0."""
    blocks = [(stage, place) for stage, depth in enumerate(depths) for place in range(depth)]
    first = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
    other = {
        "conv_pw": "_expand_conv",
        "bn1": "_bn0",
        "conv_dw": "_depthwise_conv",
        "bn2": "_bn1",
        "conv_pwl": "_project_conv",
        "bn3": "_bn2",
    }
    both = {"se.conv_reduce": "_se_reduce", "se.conv_expand": "_se_expand"}
    top = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc"}

    def name_of(name: str) -> str:
        found = re.match(r"blocks\.(\d)\.(\d)\.(.*)\.(\w+)$", name)
        if found is None:
            layer, _, leaf = name.rpartition(".")
            return f"{top[layer]}.{leaf}"
        stage, place, layer, leaf = int(found[1]), int(found[2]), found[3], found[4]
        table = {**(first if stage == 0 else other), **both}
        return f"_blocks.{blocks.index((stage, place))}.{table[layer]}.{leaf}"

    return called(make, name_of)


def marvis_mobilenet(make: Maker) -> Maker:
    """MobileNetV1 in one Sequential of Sequentials: model.1.0 (depthwise), .1 (norm), .3 (pointwise), .4."""

    def name_of(name: str) -> str:
        parts = re.match(r"mobilenet_v1\.(conv_stem|layer\.(\d+))\.(convolution|normalization)\.(\w+)", name)
        if parts is None:
            return name.replace("classifier", "fc")
        norm = int(parts[3] == "normalization")
        if parts[2] is None:
            return f"model.0.{norm}.{parts[4]}"
        number = int(parts[2])
        return f"model.{1 + number // 2}.{3 * (number % 2) + norm}.{parts[4]}"

    return called(make, name_of)


def tonylins_mobilenetv2(make: Maker) -> Maker:
    """MobileNetV2 with flat blocks: features.2.conv.0, 1, 3, 4, 6, 7."""
    flat = {"0.0": 0, "0.1": 1, "1.0": 3, "1.1": 4, "2": 6, "3": 7}
    first = {"0.0": 0, "0.1": 1, "1": 3, "2": 4}

    def name_of(name: str) -> str:
        found = re.match(r"features\.(\d+)\.conv\.([\d.]+)\.(\w+)$", name)
        if found is not None:
            table = first if found[1] == "1" else flat
            return f"features.{found[1]}.conv.{table[found[2]]}.{found[3]}"
        return re.sub(r"features\.18\.", "conv.", name)

    return called(make, name_of)


def legacy(name: str) -> Maker:
    """Cadene's SENets, whose first pooling rounds otherwise."""

    def change(model: Any) -> None:
        model.pool0 = nn.MaxPool2d(3, 2, 1)

    return fix(eps(tm(name), 1e-5), change)


def floats(*shape: int) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randn(*shape, generator=torch.Generator().manual_seed(7)),)


T5 = {
    "vocab_size": 99, "d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 4, "num_heads": 4,
    "decoder_start_token_id": 0,
}  # fmt: skip
ENCODER = {
    "vocab_size": 99,
    "hidden_size": 64,
    "num_hidden_layers": 6,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "max_position_embeddings": 64,
}
W2V = {
    "hidden_size": 64, "num_hidden_layers": 5, "num_attention_heads": 4, "intermediate_size": 128,
    "conv_dim": (32,) * 4, "conv_stride": (5, 2, 2, 2), "conv_kernel": (10, 3, 3, 2), "num_feat_extract_layers": 4,
    "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4, "apply_spec_augment": False, "vocab_size": 32,
}  # fmt: skip
HIFI = {
    "upsample_initial_channel": 64,
    "upsample_rates": [4, 4],
    "upsample_kernel_sizes": [8, 8],
    "normalize_before": False,
}


def t5_call(make: Maker) -> Maker:
    class Called(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = make()

        def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:  # type: ignore[override]
            return self.net.state_dict(*args, **kwargs)

        def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
            return self.net.load_state_dict(*args, **kwargs)

        def forward(self, tokens: Tensor) -> Any:
            return self.net(input_ids=tokens, decoder_input_ids=tokens.flip(1))

    return Called


FAIRSEQ_ROBERTA = (
    (r"^embeddings\.word_embeddings", "encoder.sentence_encoder.embed_tokens"),
    (r"^embeddings\.position_embeddings", "encoder.sentence_encoder.embed_positions"),
    (r"^embeddings\.LayerNorm", "encoder.sentence_encoder.emb_layer_norm"),
    (r"^encoder\.layer\.", "encoder.sentence_encoder.layers."),
    (r"attention\.self\.query", "self_attn.q_proj"), (r"attention\.self\.key", "self_attn.k_proj"),
    (r"attention\.self\.value", "self_attn.v_proj"), (r"attention\.output\.dense", "self_attn.out_proj"),
    (r"attention\.output\.LayerNorm", "self_attn_layer_norm"), (r"intermediate\.dense", "fc1"),
    (r"(\d)\.output\.dense", r"\1.fc2"), (r"(\d)\.output\.LayerNorm", r"\1.final_layer_norm"),
)  # fmt: skip
FAIRSEQ_W2V = (
    (r"feature_extractor\.conv_layers\.(\d)\.conv", r"feature_extractor.conv_layers.\1.0"),
    (r"feature_extractor\.conv_layers\.(\d)\.layer_norm", r"feature_extractor.conv_layers.\1.2"),
    (r"feature_projection\.projection", "post_extract_proj"), (r"feature_projection\.layer_norm", "layer_norm"),
    (r"encoder\.pos_conv_embed\.conv\.parametrizations\.weight\.original0", "encoder.pos_conv.0.weight_g"),
    (r"encoder\.pos_conv_embed\.conv\.parametrizations\.weight\.original1", "encoder.pos_conv.0.weight_v"),
    (r"encoder\.pos_conv_embed\.conv", "encoder.pos_conv.0"), (r"\.attention\.", ".self_attn."),
    (r"(\d)\.layer_norm", r"\1.self_attn_layer_norm"), (r"feed_forward\.intermediate_dense", "fc1"),
    (r"feed_forward\.output_dense", "fc2"), (r"masked_spec_embed", "mask_emb"),
)  # fmt: skip
T5X: tuple[tuple[str, str], ...] = (
    (r"^shared", "token_embedder"), (r"(encoder|decoder)\.block\.(\d+)\.", r"\1.layers_\2."),
    (r"layers_(\d+)\.layer\.0\.layer_norm\.weight", r"layers_\1.pre_self_attention_layer_norm.scale"),
    (r"decoder\.layers_(\d+)\.layer\.1\.layer_norm\.weight", r"decoder.layers_\1.pre_cross_attention_layer_norm.scale"),
    (r"layers_(\d+)\.layer\.\d\.layer_norm\.weight", r"layers_\1.pre_mlp_layer_norm.scale"),
    (r"layer\.\d\.SelfAttention\.relative_attention_bias\.weight", "relpos_bias.rel_embedding"),
    (r"layer\.\d\.SelfAttention\.q\.", "self_attention.query."), (r"layer\.\d\.SelfAttention\.k\.", "self_attention.key."),
    (r"layer\.\d\.SelfAttention\.v\.", "self_attention.value."), (r"layer\.\d\.SelfAttention\.o\.", "self_attention.out."),
    (r"layer\.\d\.EncDecAttention\.q\.", "encoder_decoder_attention.query."),
    (r"layer\.\d\.EncDecAttention\.k\.", "encoder_decoder_attention.key."),
    (r"layer\.\d\.EncDecAttention\.v\.", "encoder_decoder_attention.value."),
    (r"layer\.\d\.EncDecAttention\.o\.", "encoder_decoder_attention.out."),
    (r"layer\.\d\.DenseReluDense\.", "mlp."), (r"final_layer_norm\.weight", "norm.scale"), (r"\.weight$", ".kernel"),
)  # fmt: skip
TF_ALBERT = (
    (r"encoder\.embedding_hidden_mapping_in", "encoder/embedding_hidden_mapping_in"),
    (r"encoder\.albert_layer_groups\.(\d)\.albert_layers\.(\d)\.", r"encoder/transformer/group_\1/inner_group_\2/"),
    (r"full_layer_layer_norm", "LayerNorm_1"), (r"attention\.LayerNorm", "LayerNorm"),
    (r"attention\.(query|key|value)", r"attention_1/self/\1"), (r"attention\.dense", "attention_1/output/dense"),
    (r"ffn_output", "ffn_1/intermediate/output/dense"), (r"ffn\.", "ffn_1/intermediate/dense."),
    (r"^pooler", "pooler/dense"), (r"^", "bert/"), (r"\.", "/"), (r"LayerNorm(_1)?/weight", r"LayerNorm\1/gamma"),
    (r"LayerNorm(_1)?/bias", r"LayerNorm\1/beta"),
)  # fmt: skip
MMSEG_DEEPLAB = (
    (r"classifier\.0\.convs\.(\d)\.0\.", r"decode_head.aspp_modules.\1.conv."),
    (r"classifier\.0\.convs\.(\d)\.1\.", r"decode_head.aspp_modules.\1.bn."),
    (r"classifier\.0\.convs\.4\.2", "decode_head.image_pool.1.bn"), (r"decode_head\.aspp_modules\.4\.bn\.", "decode_head.image_pool.1.conv."),
    (r"classifier\.0\.project\.0", "decode_head.bottleneck.conv"), (r"classifier\.0\.project\.1", "decode_head.bottleneck.bn"),
    (r"classifier\.1", "decode_head.last.conv"), (r"classifier\.2", "decode_head.last.bn"), (r"classifier\.4", "decode_head.conv_seg"),
)  # fmt: skip
MXNET_DENSENET = (
    (r"features\.conv0", "conv0"), (r"features\.norm0", "batch_norm0"), (r"denseblock(\d)\.denselayer(\d+)\.", r"dense\1.layer\2_"),
    (r"transition(\d)\.", r"trans\1_"), (r"features\.norm5", "batch_norm5"), (r"^features\.", ""),
)  # fmt: skip
SHUFFLE = (
    (r"^conv1\.0", "first_conv.conv"), (r"^conv1\.1", "first_conv.bn"), (r"^conv5\.", "conv_last."),
    (r"branch1\.", "branch_proj."), (r"branch2\.", "branch_main."), (r"^stage(\d)\.", r"features.s\1.unit"), (r"^fc", "classifier.0"),
)  # fmt: skip
INCEPTION = (
    (r"Mixed_(\d)([a-e])", lambda m: f"mixed{['5b', '5c', '5d', '6a', '6b', '6c', '6d', '6e', '7a', '7b', '7c'].index(m[1] + m[2])}"),
    (r"branch1x1\.", "tower0."), (r"branch(\d)x\1dbl_", r"double\1_"), (r"branch(\d)x\1(x3)?_", r"single\1_"), (r"branch3x3\.", "single."),
    (r"branch_pool", "tower_pool"), (r"Conv2d_", "conv_"), (r"\.conv\.weight", ".conv.kernel"), (r"\.bn\.", ".norm."), (r"^fc", "logits"),
)  # fmt: skip
GOOGLENET = (
    (r"inception(\d)([a-e])\.branch1\.", r"inception_\1\2.1x1."), (r"inception(\d)([a-e])\.branch2\.0\.", r"inception_\1\2.3x3_reduce."),
    (r"inception(\d)([a-e])\.branch2\.1\.", r"inception_\1\2.3x3."), (r"inception(\d)([a-e])\.branch3\.0\.", r"inception_\1\2.5x5_reduce."),
    (r"inception(\d)([a-e])\.branch3\.1\.", r"inception_\1\2.5x5."), (r"inception(\d)([a-e])\.branch4\.1\.", r"inception_\1\2.pool_proj."),
    (r"^conv1\.", "conv1.7x7_s2."), (r"^conv2\.", "conv2.3x3_reduce."), (r"^conv3\.", "conv2.3x3."), (r"^fc", "loss3.classifier"),
)  # fmt: skip
SQUEEZE = (
    (r"features\.0", "conv1"), (r"features\.(\d+)\.", lambda m: f"fire{[3, 4, 6, 7, 9, 10, 11, 12].index(int(m[1])) + 2}."),
    (r"expand1x1", "expand_1x1"), (r"expand3x3", "expand_3x3"), (r"classifier\.1", "conv10"),
)  # fmt: skip
OPENAI_HIFI = (
    (r"^upsampler", "ups"),
    (r"\.convs1\.(\d)", r".conv_a.\1"),
    (r"\.convs2\.(\d)", r".conv_b.\1"),
    ("^conv_pre", "input_conv"),
    ("^conv_post", "output_conv"),
)

MORE: list[Pair] = [
    Pair("legacy seresnext -> timm", legacy("legacy_seresnext50_32x4d"), eps(tm("seresnext50_32x4d"), 1e-5), image(), True),
    Pair("hf focalnet -> timm", hf("FocalNetForImageClassification", "FocalNetConfig", num_labels=1000, focal_levels=[3, 3, 3, 3]), tm("focalnet_tiny_lrf"), image(224, batch=1), True),
    Pair("timm resnetv2 bit -> hf", tm("resnetv2_50x1_bit"), hf("BitForImageClassification", "BitConfig", num_labels=1000, layer_type="preactivation", global_padding=None), image(), True),
    Pair("timm convnextv2 nano -> hf", eps(tm("convnextv2_nano"), 1e-6), eps(hf("ConvNextV2ForImageClassification", "ConvNextV2Config", depths=[2, 2, 8, 2], hidden_sizes=[80, 160, 320, 640], num_labels=1000), 1e-6), image(), True),
    Pair("hf -> timm regnet_x", hf("RegNetForImageClassification", "RegNetConfig", depths=[1, 2, 7, 12], hidden_sizes=[32, 64, 160, 400], groups_width=16, embedding_size=32, num_labels=1000, layer_type="x"), tm("regnetx_004_tv", num_classes=1000), image(), True),
    Pair("luke efficientnet -> timm", luke_efficientnet(tm("efficientnet_b0")), tm("efficientnet_b0"), image(), True),
    Pair("timm efficientnet -> luke", tm("efficientnet_b0"), luke_efficientnet(tm("efficientnet_b0")), image(), True),
    Pair("luke efficientnet -> tv", luke_efficientnet(tm("efficientnet_b0")), tv("efficientnet_b0"), image(), True),
    Pair("hf mobilenetv1 -> flat", hf("MobileNetV1ForImageClassification", "MobileNetV1Config", num_labels=1000), marvis_mobilenet(hf("MobileNetV1ForImageClassification", "MobileNetV1Config", num_labels=1000)), image(), True),
    Pair("flat mobilenetv1 -> hf", marvis_mobilenet(hf("MobileNetV1ForImageClassification", "MobileNetV1Config", num_labels=1000)), hf("MobileNetV1ForImageClassification", "MobileNetV1Config", num_labels=1000), image(), True),
    Pair("tv wide_resnet50_2 mixed -> hf-like", mixed(tv("wide_resnet50_2")), renamed(tv("wide_resnet50_2"), ("^layer(\\d)", r"stage_\1"), ("downsample.0", "proj.conv"), ("downsample.1", "proj.norm"), (r"conv(\d)", r"conv_\1.w"), (r"bn(\d)", r"conv_\1.norm"), ("^fc", "head")), image(), True),
    Pair("resnext renamed -> tv", mixed(renamed(tv("resnext50_32x4d"), ("^layer(\\d)", r"res\1"), ("downsample", "shortcut"), (r"\.conv(\d)\.", r".c\1."), (r"\.bn(\d)\.", r".b\1."), ("^fc", "predictor"))), tv("resnext50_32x4d"), image(), True),
    Pair("tv densenet169 -> mxnet-like", tv("densenet169"), renamed(tv("densenet169"), *MXNET_DENSENET), image(), True),
    Pair("mxnet-like -> tv densenet121", mixed(renamed(tv("densenet121"), *MXNET_DENSENET)), tv("densenet121"), image(), True),
    Pair("tv inception_v3 -> towers", tv("inception_v3", aux_logits=False, init_weights=False), renamed(tv("inception_v3", aux_logits=False, init_weights=False), *INCEPTION), image(96), True),
    Pair("towers -> tv inception_v3", renamed(tv("inception_v3", aux_logits=False, init_weights=False), *INCEPTION), mixed(tv("inception_v3", aux_logits=False, init_weights=False)), image(96), True),
    Pair("caffe googlenet -> tv", renamed(tv("googlenet", aux_logits=False, init_weights=False), *GOOGLENET), tv("googlenet", aux_logits=False, init_weights=False), image(), True),
    Pair("tv googlenet -> caffe", mixed(tv("googlenet", aux_logits=False, init_weights=False)), renamed(tv("googlenet", aux_logits=False, init_weights=False), *GOOGLENET), image(), True),
    Pair("tv squeezenet -> fires", tv("squeezenet1_1"), renamed(tv("squeezenet1_1"), *SQUEEZE), image(), True),
    Pair("fires -> tv squeezenet", renamed(tv("squeezenet1_1"), *SQUEEZE), mixed(tv("squeezenet1_1")), image(), True),
    Pair("tv shufflenet -> megvii-like", tv("shufflenet_v2_x1_0"), renamed(tv("shufflenet_v2_x1_0"), *SHUFFLE), image(), True),
    Pair("megvii-like -> tv shufflenet", renamed(mixed(tv("shufflenet_v2_x0_5")), *SHUFFLE), tv("shufflenet_v2_x0_5"), image(), True),
    Pair("tv mobilenetv2 -> flat", tv("mobilenet_v2"), tonylins_mobilenetv2(tv("mobilenet_v2")), image(), True),
    Pair("tv vgg13 -> vgg blocks", tv("vgg13_bn"), renamed(tv("vgg13_bn"), (r"features\.(\d+)", lambda m: f"layers.l{m[1].zfill(2)}"), (r"classifier\.(\d)", r"fc\1")), image(224, batch=1), True),
    Pair("tv maxvit mixed", mixed(tv("maxvit_t")), renamed(tv("maxvit_t"), (r"layers\.(MBconv|window_attention|grid_attention)", lambda m: {"MBconv": "conv", "window_attention": "attn_block", "grid_attention": "attn_grid"}[m[1]]), (r"^blocks\.(\d)\.layers", r"stages.\1.blocks"), ("attn_layer.0", "norm1"), ("attn_layer.1", "attn"), ("mlp_layer.0", "norm2"), ("mlp_layer.1", "mlp.fc1"), ("mlp_layer.3", "mlp.fc2")), image(224, batch=1), True),
    Pair("tv deeplabv3 -> mmseg", tv("deeplabv3_resnet50", weights_backbone=None), renamed(tv("deeplabv3_resnet50", weights_backbone=None), *MMSEG_DEEPLAB), image(), True),
    Pair("mmseg -> tv deeplabv3", renamed(mixed(tv("deeplabv3_resnet50", weights_backbone=None)), *MMSEG_DEEPLAB), tv("deeplabv3_resnet50", weights_backbone=None), image(), True),
    Pair("ldm vae -> diffusers", more.LdmVae, more.DiffVae, image(16), True),
    Pair("diffusers vae -> ldm", more.DiffVae, more.LdmVae, image(16), True),
    Pair("yolov5 -> yolox", more.V5Net, more.XNet, image(64), True),
    Pair("yolox -> yolov5", more.XNet, more.V5Net, image(64), True),
    Pair("nnunet v1 -> v2", more.NnUnet1, more.NnUnet2, floats(1, 1, 16, 16, 16), True),
    Pair("nnunet v2 -> v1", more.NnUnet2, more.NnUnet1, floats(1, 1, 16, 16, 16), True),
    Pair("esrgan old -> basicsr", more.OldRrdbNet, more.RrdbNet, image(12), True),
    Pair("esrgan basicsr -> old", more.RrdbNet, more.OldRrdbNet, image(12), True),
    Pair("crnn -> recognizer", more.Crnn, more.TextRecognizer, floats(2, 1, 8, 20), True),
    Pair("recognizer -> crnn", more.TextRecognizer, more.Crnn, floats(2, 1, 8, 20), True),
    Pair("dcgan main -> named", more.dcgan, more.NamedDcgan, floats(2, 16, 2, 2), True),
    Pair("dcgan named -> main", more.NamedDcgan, more.dcgan, floats(2, 16, 2, 2), True),
    Pair("cyclegan -> style", more.CycleSequential, more.StyleTransfer, image(16), True),
    Pair("style -> cyclegan", more.StyleTransfer, more.CycleSequential, image(16), True),
    Pair("gru onmt -> own", more.NmtA, more.NmtB, ids(60), True),
    Pair("gru own -> onmt", more.NmtB, more.NmtA, ids(60), True),
    Pair("retina d2 -> tv", more.D2Retina, more.TvRetina, image(64), True),
    Pair("retina tv -> d2", more.TvRetina, more.D2Retina, image(64), True),
    Pair("pointnet a -> b", more.PointA, more.PointB, floats(4, 3, 30), True),
    Pair("pointnet b -> a", more.PointB, more.PointA, floats(4, 3, 30), True),
    Pair("resunet smp -> own", more.ResUnetA, more.ResUnetB, image(64), True),
    Pair("resunet own -> smp", more.ResUnetB, more.ResUnetA, image(64), True),
    Pair("roberta hf -> fairseq", hf("RobertaModel", "RobertaConfig", **ENCODER, add_pooling_layer=False) if False else hf("BertModel", "BertConfig", **ENCODER), mixed(renamed(hf("BertModel", "BertConfig", **ENCODER), *FAIRSEQ_ROBERTA)), ids(99), True),
    Pair("roberta fairseq -> hf", renamed(mixed(hf("RobertaModel", "RobertaConfig", **ENCODER)), *FAIRSEQ_ROBERTA), hf("RobertaModel", "RobertaConfig", **ENCODER), ids(99), True),
    Pair("albert tf -> hf", renamed(hf("AlbertModel", "AlbertConfig", **ENCODER, embedding_size=32), *TF_ALBERT), hf("AlbertModel", "AlbertConfig", **ENCODER, embedding_size=32), ids(99), True),
    Pair("wav2vec2 fairseq -> hf", renamed(mixed(hf("Wav2Vec2Model", "Wav2Vec2Config", **W2V)), *FAIRSEQ_W2V), hf("Wav2Vec2Model", "Wav2Vec2Config", **W2V), floats(1, 1600), True),
    Pair("wav2vec2 hf -> fairseq", hf("Wav2Vec2Model", "Wav2Vec2Config", **W2V), renamed(mixed(hf("Wav2Vec2Model", "Wav2Vec2Config", **W2V), 5), *FAIRSEQ_W2V), floats(1, 1600), True),
    Pair("t5 hf -> t5x", t5_call(hf("T5Model", "T5Config", **T5)), renamed(t5_call(hf("T5Model", "T5Config", **T5)), *T5X), ids(99), True),
    Pair("t5x -> t5 hf", renamed(t5_call(mixed(hf("T5Model", "T5Config", **T5))), *T5X), t5_call(hf("T5Model", "T5Config", **T5)), ids(99), True),
    Pair("distilbert hf -> own", hf("DistilBertModel", "DistilBertConfig", vocab_size=99, dim=64, n_layers=6, n_heads=4, hidden_dim=128, max_position_embeddings=64), mixed(renamed(hf("DistilBertModel", "DistilBertConfig", vocab_size=99, dim=64, n_layers=6, n_heads=4, hidden_dim=128, max_position_embeddings=64), ("transformer.layer", "blocks"), ("q_lin", "wq"), ("k_lin", "wk"), ("v_lin", "wv"), ("out_lin", "wo"), ("sa_layer_norm", "norm1"), ("output_layer_norm", "norm2"), (r"ffn\.lin(\d)", r"mlp.w_\1"), ("embeddings.LayerNorm", "embed_norm"))), ids(99), True),
    Pair("opt -> own gpt", hf("OPTModel", "OPTConfig", vocab_size=99, hidden_size=64, num_hidden_layers=6, ffn_dim=256, num_attention_heads=4, max_position_embeddings=64, word_embed_proj_dim=64), mixed(renamed(hf("OPTModel", "OPTConfig", vocab_size=99, hidden_size=64, num_hidden_layers=6, ffn_dim=256, num_attention_heads=4, max_position_embeddings=64, word_embed_proj_dim=64), (r"decoder\.layers", "h"), ("self_attn_layer_norm", "ln_1"), (r"(\d)\.final_layer_norm", r"\1.ln_2"), ("decoder.final_layer_norm", "ln_f"), ("fc1", "mlp.c_fc"), ("fc2", "mlp.c_proj"), ("embed_tokens", "wte"), ("embed_positions", "wpe"), ("self_attn", "attn"))), ids(99), True),
    Pair("llama -> gemma names", hf("LlamaForCausalLM", "LlamaConfig", **LLAMA), mixed(renamed(hf("LlamaForCausalLM", "LlamaConfig", **LLAMA), (r"model\.layers", "transformer.blocks"), ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"), ("self_attn.o_proj", "attn_out"), (r"self_attn\.(.)_proj", r"att_\1"), ("mlp.gate_proj", "ff_proj_gate"), ("mlp.up_proj", "ff_proj_up"), ("mlp.down_proj", "ff_out"), ("model.embed_tokens", "transformer.wte"), ("model.norm", "transformer.ln_f"), ("lm_head", "transformer.ff_out"))), ids(99), True),
    Pair("gguf -> llama hf", renamed(hf("LlamaForCausalLM", "LlamaConfig", **LLAMA), (r"model\.layers\.", "blk."), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"), ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"), ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output")), hf("LlamaForCausalLM", "LlamaConfig", **LLAMA), ids(99), True),
    Pair("hifigan -> own", fix(hf("SpeechT5HifiGan", "SpeechT5HifiGanConfig", **HIFI), lambda m: None), renamed(hf("SpeechT5HifiGan", "SpeechT5HifiGanConfig", **HIFI), *OPENAI_HIFI), floats(1, 8, 80), True),
]  # fmt: skip
