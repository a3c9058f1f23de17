"""Every torchvision model is recognised, also wrapped, cut, half finished, or with another head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from ckpt_studio.compare.identify import Candidate, identify
from ckpt_studio.models.catalog import Catalog
from tests.clock import quick

CATALOG = Catalog.load()
Shapes = dict[str, tuple[int, ...]]
SAMPLE = (
    "alexnet", "resnet18", "resnet34", "wide_resnet50_2", "resnext50_32x4d", "vgg16", "vgg16_bn", "densenet121",
    "googlenet", "inception_v3", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b3", "vit_b_32", "swin_t",
    "fcn_resnet50", "deeplabv3_mobilenet_v3_large", "maskrcnn_resnet50_fpn", "ssd300_vgg16", "raft_small",
    "r3d_18", "s3d", "regnet_y_800mf", "mnasnet0_5", "shufflenet_v2_x1_5", "maxvit_t", "lraspp_mobilenet_v3_large",
)  # fmt: skip


def shapes_of(name: str, **kwargs: object) -> Shapes:
    skeleton = CATALOG.skeleton(name, (), kwargs)
    assert skeleton is not None
    return {entry.name: entry.shape for entry in skeleton.entries}


def model_of(candidate: Candidate) -> str:
    return candidate.reference.removeprefix("torchvision:").partition("(")[0]


def names_of(found: list[Candidate]) -> list[str]:
    """The best candidate's model and those that fit exactly as well."""
    best = found[0]
    return [model_of(best), *(twin.removeprefix("torchvision:").partition("(")[0] for twin in best.twins)]


def as_it_is(shapes: Shapes) -> Shapes:
    return shapes


def wrapped(shapes: Shapes) -> Shapes:
    return {f"module.model.{name}": shape for name, shape in shapes.items()}


def without_counters(shapes: Shapes) -> Shapes:
    return {name: shape for name, shape in shapes.items() if not name.endswith("num_batches_tracked")}


def headless(shapes: Shapes) -> Shapes:
    last = list(shapes)[-1].rpartition(".")[0]
    return {name: shape for name, shape in shapes.items() if not name.startswith(last + ".")}


def with_extras(shapes: Shapes) -> Shapes:
    doubled = {f"ema_model.{name}": shape for name, shape in shapes.items()}
    return {**{f"model.{name}": shape for name, shape in shapes.items()}, **doubled, "loss.weight": (3,)}


def scattered(shapes: Shapes) -> Shapes:
    return {f"net.{name.replace('.', '.module.', 1)}": shape for name, shape in shapes.items()}


def tallest_row(shapes: Shapes) -> tuple[str, list[int]] | None:
    """The longest row of numbered blocks: what stands before the number, and the numbers."""
    rows: dict[str, set[int]] = {}
    for name in shapes:
        parts = name.split(".")
        for place, part in enumerate(parts[:-1]):
            if part.isdigit():
                rows.setdefault("".join(f"{one}." for one in parts[:place]), set()).add(int(part))
    tallest = max(rows, key=lambda before: len(rows[before]), default=None)
    return None if tallest is None else (tallest, sorted(rows[tallest]))


def without_a_block(shapes: Shapes) -> Shapes:
    row = tallest_row(shapes)
    gone = f"{row[0]}{row[1][len(row[1]) // 2]}." if row is not None else "-"
    return {name: shape for name, shape in shapes.items() if not name.startswith(gone)}


def with_a_block(shapes: Shapes) -> Shapes:
    row = tallest_row(shapes)
    if row is None:
        return shapes
    head, more = f"{row[0]}{row[1][-1]}.", f"{row[0]}{row[1][-1] + 1}."
    return {**shapes, **{more + name[len(head) :]: shape for name, shape in shapes.items() if name.startswith(head)}}


def of_gray_pictures(shapes: Shapes) -> Shapes:
    first = next((name for name, shape in shapes.items() if len(shape) == 4 and shape[1] == 3), "")
    return {name: (shape[0], 1, *shape[2:]) if name == first else shape for name, shape in shapes.items()}


def as_backbone(shapes: Shapes) -> Shapes:
    return {f"backbone.{name}": shape for name, shape in headless(shapes).items()} | {"head.weight": (5, 10)}


def everything(shapes: Shapes) -> Shapes:
    shapes = wrapped(without_a_block(without_counters(shapes)))
    return dict(sorted({**shapes, **{f"ema.shadow.{name}": shape for name, shape in shapes.items()}}.items()))


ROUGH = (without_a_block, with_a_block, of_gray_pictures, as_backbone, everything)
CHANGES = (as_it_is, wrapped, without_counters, headless, with_extras, scattered)


def check(name: str, change: Callable[[Shapes], Shapes]) -> None:
    found = identify(change(shapes_of(name)))
    assert found, "nothing found"
    assert name in names_of(found), found[0]
    if change is not headless:
        assert found[0].missing == found[0].mismatched == 0
    if change in (as_it_is, wrapped, without_counters, scattered):
        assert found[0].score == 1.0


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", SAMPLE)
def test_recognises(name: str, change: Callable[[Shapes], Shapes]) -> None:
    check(name, change)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", CATALOG.names())
def test_recognises_every_model(name: str, change: Callable[[Shapes], Shapes]) -> None:
    check(name, change)


@pytest.mark.slow
@pytest.mark.parametrize("change", ROUGH)
@pytest.mark.parametrize("name", CATALOG.names())
def test_recognises_every_model_through_rough_changes(name: str, change: Callable[[Shapes], Shapes]) -> None:
    shapes = change(shapes_of(name))
    found = quick(0.2, lambda: identify(shapes))
    assert found, "nothing found"
    assert name in names_of(found), found[0]


@pytest.mark.parametrize("name", [name for name in SAMPLE if CATALOG.model(name).sizes])
def test_infers_the_number_of_classes(name: str) -> None:
    found = identify(shapes_of(name, num_classes=37))
    assert f"torchvision:{name}(num_classes=37)" in [found[0].reference, *found[0].twins]
    assert found[0].score == 1.0


@pytest.mark.parametrize(
    ("reference", "name", "kwargs"),
    [
        (
            "torchvision:googlenet(num_classes=5, aux_logits=False)",
            "googlenet",
            {"aux_logits": False, "num_classes": 5},
        ),
        ("torchvision:fcn_resnet50(aux_loss=True)", "fcn_resnet50", {"aux_loss": True}),
        ("torchvision:vit_b_16(image_size=384)", "vit_b_16", {"image_size": 384}),
        ("torchvision:wide_resnet50_2()", "resnet50", {"width_per_group": 128}),
        ("torchvision:resnet50(width_per_group=96)", "resnet50", {"width_per_group": 96}),
        (
            "torchvision:keypointrcnn_resnet50_fpn(num_classes=3, num_keypoints=5)",
            "keypointrcnn_resnet50_fpn",
            {"num_classes": 3, "num_keypoints": 5},
        ),
    ],
)
def test_infers_arguments(reference: str, name: str, kwargs: dict[str, object]) -> None:
    found = identify(shapes_of(name, **kwargs))
    assert found[0].score == 1.0
    assert reference in [found[0].reference, *found[0].twins]


def test_a_changed_head_and_a_lost_block_are_named() -> None:
    shapes = shapes_of("resnet34")
    cut = {name: shape for name, shape in shapes.items() if not name.startswith("layer3.5.")}
    best = identify(cut)[0]
    assert best.reference == "torchvision:resnet34()"
    assert best.missing == 10
    assert "layer3.5.conv1.weight" in str(best.reason)
    del shapes["fc.weight"], shapes["fc.bias"]
    best = identify({**shapes, "fc.0.weight": (7, 512), "fc.0.bias": (7,)})[0]
    assert best.reference == "torchvision:resnet34()"
    assert (best.missing, best.unexpected) == (2, 2)


def test_edits_bring_the_names_into_form() -> None:
    best = identify(wrapped(shapes_of("resnet18")))[0]
    assert [edit.kind for edit in best.after] == ["strip-prefix", "strip-prefix"]
    best = identify(with_extras(shapes_of("resnet18")))[0]
    assert [edit.kind for edit in best.after] == ["keep-names", "strip-prefix"]


def test_a_known_network_under_other_names_comes_with_the_mapping() -> None:
    shapes = {
        re.sub(r"(norm|conv)([12])\.", r"\1.\2.", name.replace("features", "body")): shape
        for name, shape in shapes_of("densenet121", num_classes=12).items()
    }
    best = identify(shapes)[0]
    assert best.reference == "torchvision:densenet121(num_classes=12)"
    assert [edit.kind for edit in best.after] == ["apply-mapping"]
    assert (best.matched, best.missing, best.unexpected) == (727, 0, 0)


def test_what_no_model_of_torchvision_is_stays_unnamed() -> None:
    assert identify({"a.weight": (3, 3), "b.bias": (3,)}) == []
    assert identify({}) == []


def test_shape_twins_are_listed_together() -> None:
    best = identify(shapes_of("resnet18"))[0]
    assert best.reference == "torchvision:resnet18()"
    assert "torchvision:quantized_resnet18()" in best.twins


def test_is_quick() -> None:
    shapes = wrapped(shapes_of("densenet201"))
    quick(0.2, lambda: identify(shapes))


def under_other_names(shapes: Shapes) -> Shapes:
    """Every word another one, so that no name is in the catalog any more."""
    return {re.sub(r"[a-z_]+(?=[\w.]*\.)", lambda word: f"{word[0]}x", name): shape for name, shape in shapes.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOG.names())
def test_recognises_every_model_under_other_names(name: str) -> None:
    shapes = under_other_names(shapes_of(name))
    assert len(set(shapes) & set(shapes_of(name))) <= 1
    found = quick(0.2, lambda: identify(shapes))
    assert found
    assert found[0].is_renamed
    # Quantised twins, and two that differ in what they do to pictures only, have the very same tensors.
    assert Counter(shapes_of(model_of(found[0])).values()) == Counter(shapes_of(name).values())
    assert (found[0].missing, found[0].unexpected) == (0, 0)


def test_under_other_names_a_first_answer_is_quick_too() -> None:
    shapes = under_other_names(shapes_of("densenet201"))

    def at_first() -> list[Candidate]:
        Catalog.load.cache_clear()
        return identify(shapes)

    assert model_of(quick(0.2, at_first)[0]) == "densenet201"
