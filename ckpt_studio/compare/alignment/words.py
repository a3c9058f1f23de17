"""How alike two layer names are in words, over the conventions of libraries.

`CONCEPTS` are groups of words that mean the same part of a network; a word may stand in several. Words that
no group knows are compared as text (equal, abbreviation, shared beginning), so that new conventions still count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from ckpt_studio.compare.alignment.names import full_forms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONCEPTS: tuple[str, ...] = (
    "conv convolution cnn convs conv2d filter",
    "norm bn batchnorm normalization ln layernorm groupnorm gn rmsnorm rms instancenorm norms normalize",
    "fc linear dense lin proj projection project mlp ffn",
    "q query wq queries qlin",
    "k key wk keys klin",
    "v value wv values val vlin",
    "o out output wo proj outputs projection project",
    "qkv wqkv attn inproj in",
    "attn attention att sa mha mhsa selfattention selfattn msa multihead attend mixer",
    "self sa",
    "cross encoder src crossattn crossattention memory enc context xattn encdec",
    "mlp ffn ff feed forward feedforward intermediate net mixing ffw",
    "downsample shortcut skip identity residual res bypass adjust down sc projection match",
    "embed embedding embeddings embedder emb lut tok wte",
    "token word tok wte tokens words vocab",
    "pos position positional wpe positions posemb rel relative",
    "segment type seg",
    "cls class classtoken",
    "head heads classifier classification regressor predictor pred score fc linear logits output final last outc out",
    "head classifier prediction predictor generator final output",
    "down downs encoder enc contracting input inc downsampler downsamplers downsample op",
    "up ups decoder dec expanding upconv upsampler upsamplers upsample deconv convtranspose transpose output",
    "decoder dec tgt trg target decode",
    "encoder enc src source encode",
    "mid middle bottleneck center bottom bridge neck",
    "gate gating router switch",
    "stem embedder patch first initial input embeddings",
    "layer layers block blocks stage stages group groups unit units resblocks h res body features trunk resnets",
    "before pre first input in macaron",
    "after post second final out",
    "residual res resblock resnet",
    "merging merge reduction reduce downsample",
    "box bbox boxes reg regression loc localization delta deltas",
    "cls class classes classification conf score scores logits",
    "audio speech wav mel spectrogram acoustic",
    "duration dur dp",
    "pitch f0",
    "speaker spk",
    "codebook quantizer quantize vq",
    "expert experts moe",
    "temporal time frame",
    "se squeeze excitation excite senet attention",
    "reduce squeeze fc1 down",
    "expand expansion excite fc2",
    "dw depthwise dwconv",
    "pw pointwise pwconv",
    "gamma scale layerscale ls lambda",
    "time temb timestep emb t",
    "mu mean loc avg",
    "var logvar sigma std logstd logsigma variance",
    "lstm rnn gru recurrent",
    "image vision visual img pixel",
    "text language lang caption",
    "student online main base",
    "teacher momentum ema target",
    "last final post end",
    "fpn lateral inner",
    "channel channels",
    "patch patches",
    "g generator gen",
    "d discriminator disc critic",
    "actor policy pi",
    "critic value vf",
    "pool pooler pooling",
    "hidden intermediate",
)  # fmt: skip


@cache
def _concepts() -> dict[str, frozenset[int]]:
    table: dict[str, set[int]] = {}
    for number, group in enumerate(CONCEPTS):
        for word in group.split():
            table.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in table.items()}


@cache
def meanings(word: str) -> frozenset[int]:
    """The groups a word stands in, or its singular ("w_qs" are queries), or what it abbreviates ("slf")."""
    table = _concepts()
    return table.get(word) or table.get(word.removesuffix("s")) or table.get(_full_forms().get(word, ""), frozenset())


@cache
def _full_forms() -> dict[str, str]:
    return full_forms(_concepts())


@cache
def likeness(a: str, b: str) -> float:
    """0 (nothing in common) to 1 (the same word)."""
    if a == b:
        return 1.0
    ours, theirs = meanings(a), meanings(b)
    if ours & theirs:
        # A word with many meanings says less.
        return 0.9 if min(len(ours), len(theirs)) == 1 else 0.75
    short, long = sorted((a, b), key=len)
    if len(short) >= 3 and long.startswith(short):
        return 0.8
    if len(short) >= 2 and short[0] == long[0] and _abbreviates(short, long):
        return 0.6
    common = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        common += 1
    return 0.5 if common >= 4 else 0.0


def _abbreviates(short: str, long: str) -> bool:
    letters = iter(long)
    return len(short) <= len(long) - 2 and all(letter in letters for letter in short)


def phrase_likeness(
    ours: Sequence[tuple[str, ...]],
    theirs: Sequence[tuple[str, ...]],
    our_counts: Sequence[int],
    their_counts: Sequence[int],
) -> NDArray[np.float32]:
    """How alike phrases (the words of layer names) are: a matrix of len(ours) × len(theirs), 0 to 1.

    Words that nearly every layer has count for little, rare ones for much, weighed by how many layers (`*_counts`)
    carry a phrase.
    """
    import numpy as np

    our_words = sorted({word for phrase in ours for word in phrase})
    their_words = sorted({word for phrase in theirs for word in phrase})
    result = np.zeros((len(ours), len(theirs)), np.float32)
    if not our_words or not their_words:
        return result
    table = np.zeros((len(our_words) + 1, len(their_words) + 1), np.float32)
    # Two words are alike only by a shared meaning or a shared first letter.
    by_letter: dict[str, list[int]] = {}
    for j, b in enumerate(their_words):
        by_letter.setdefault(b[0], []).append(j)
    with_meaning = [j for j, b in enumerate(their_words) if meanings(b)]
    for i, a in enumerate(our_words):
        alike = by_letter.get(a[0], [])
        for j in {*alike, *with_meaning} if meanings(a) else alike:
            table[i, j] = likeness(a, their_words[j])
    our_places, our_weights = _padded(ours, our_words, our_counts)
    their_places, their_weights = _padded(theirs, their_words, their_counts)
    their_total = their_weights.sum(1)
    for row, (places, weights) in enumerate(zip(our_places, our_weights, strict=True)):
        grid = table[places][:, their_places]  # words of ours × phrases of theirs × words of theirs
        forward = (grid.max(2) * weights[:, None]).sum(0)
        backward = (grid.max(0) * their_weights).sum(1)
        total = weights.sum() + their_total
        result[row] = np.where(total > 0, (forward + backward) / np.maximum(total, 1e-9), 0)
    return result


def _padded(
    phrases: Sequence[tuple[str, ...]], words: Sequence[str], counts: Sequence[int]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    import numpy as np

    number = {word: place for place, word in enumerate(words)}
    total = sum(counts)
    having = dict.fromkeys(words, 0)
    for phrase, count in zip(phrases, counts, strict=True):
        for word in set(phrase):
            having[word] += count
    width = max((len(phrase) for phrase in phrases), default=1) or 1
    places = np.full((len(phrases), width), len(words), np.int32)
    weights = np.zeros((len(phrases), width), np.float32)
    for row, phrase in enumerate(phrases):
        for column, word in enumerate(phrase):
            places[row, column] = number[word]
            # Words nearer to the tensor say more than those of its distant parents.
            near = 0.8 ** (len(phrase) - 1 - column)
            weights[row, column] = (math.log((total + 1) / having[word]) + 0.02) * (0.4 + 0.6 * near)
    return places, weights
