"""The catalog equals live torchvision: names, order, shapes, dtypes, roles, owners, modules."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pytest

from ckpt_studio.models.catalog import Catalog
from ckpt_studio.models.skeleton import Skeleton
from tests.clock import patience, quick

CATALOG = Catalog.load()
SAMPLE = [
    ("resnet34", {}),
    ("resnet34", {"num_classes": 10, "progress": False}),
    ("resnet50", {"num_classes": 7, "width_per_group": 128}),
    ("googlenet", {"aux_logits": False, "num_classes": 5}),
    ("googlenet", {}),
    ("inception_v3", {"aux_logits": True, "init_weights": False, "num_classes": 12}),
    ("fcn_resnet50", {"aux_loss": True, "num_classes": 4, "weights_backbone": None}),
    ("maskrcnn_resnet50_fpn", {"num_classes": 3}),
    ("keypointrcnn_resnet50_fpn", {"num_classes": 2, "num_keypoints": 21}),
    ("ssd300_vgg16", {"num_classes": 4}),
    ("vit_b_16", {"image_size": 384, "num_classes": 100}),
    ("mobilenet_v2", {"dropout": 0.1}),
    ("raft_small", {}),
    ("r3d_18", {"num_classes": 51}),
    ("quantized_resnet18", {"num_classes": 9}),
    ("regnet_y_400mf", {"num_classes": 33}),
    ("swin_t", {"num_classes": 1}),
]


def live(name: str, kwargs: dict[str, Any]) -> Any:
    """The live model, parameters on the meta device."""
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("torchvision.models")
    import inspect

    builder = models.get_model_builder(name)
    wanted = {"weights": None, "weights_backbone": None, **kwargs}
    if "weights_backbone" not in inspect.signature(builder).parameters:
        del wanted["weights_backbone"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                return builder(**wanted)
        except NotImplementedError:  # RegNet computes with tensors while it is built
            with pytest.MonkeyPatch.context() as patch:
                # Nobody looks at the values: up to 600 million random numbers less.
                for filler in ("normal_", "kaiming_normal_", "kaiming_uniform_", "uniform_"):
                    patch.setattr(torch.nn.init, filler, lambda tensor, *_, **__: tensor)
                return builder(**wanted)


def facts_of(model: Any) -> tuple[list[Any], list[Any]]:
    """What the skeleton must say, straight from torch."""
    owners = dict(model.named_modules())
    parameters = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    entries = []
    for name, tensor in model.state_dict().items():
        cls = type(owners[name.rpartition(".")[0]])
        role = "parameter" if name in parameters else "buffer"
        dtype = str(tensor.dtype).removeprefix("torch.")
        entries.append((name, tuple(tensor.shape), dtype, role, f"{cls.__module__}.{cls.__qualname__}"))
    modules = [
        (prefix, f"{type(m).__module__}.{type(m).__qualname__}", m._version) for prefix, m in model.named_modules()
    ]
    return entries, modules


def facts_said(skeleton: Skeleton) -> tuple[list[Any], list[Any]]:
    """The same from a skeleton."""
    return (
        [(e.name, e.shape, e.dtype, e.role, e.owner) for e in skeleton.entries],
        [(m.prefix, m.cls, m.version) for m in skeleton.modules if m.cls != "builtins.NoneType"],
    )


def check(name: str, kwargs: dict[str, Any]) -> None:
    skeleton = CATALOG.skeleton(name, (), kwargs)
    assert skeleton is not None
    assert facts_said(skeleton) == facts_of(live(name, kwargs))


@pytest.mark.parametrize(("name", "kwargs"), SAMPLE, ids=lambda value: str(value))
def test_equals_live_torchvision(name: str, kwargs: dict[str, Any]) -> None:
    check(name, kwargs)


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOG.names())
def test_every_model_equals_live_torchvision(name: str) -> None:
    check(name, {})
    model = CATALOG.model(name)
    changes = [{key: not value} for key, value in model.flags.items()]
    if model.sizes:
        # Two values that the fit was not made from.
        changes += [{key: 37 for key in model.sizes if key.startswith("num_")}]
        changes += [{**{key: 123 for key in model.sizes if key.startswith("num_")}, **change} for change in changes[:1]]
    for change in changes:
        check(name, change)


def test_lists_what_torchvision_lists() -> None:
    models = pytest.importorskip("torchvision.models")
    assert list(CATALOG.names()) == models.list_models()


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("resnet_of_nobody", (), {}),
        ("resnet34", (10,), {}),
        ("resnet34", (), {"weights": "DEFAULT"}),
        ("resnet34", (), {"num_classes": "ten"}),
        ("resnet34", (), {"num_classes": True}),
        ("resnet34", (), {"num_classes": 0}),
        ("resnet34", (), {"norm_layer": "x"}),
        ("resnet34", (), {"unheard_of": 1}),
        ("vit_b_16", (), {"image_size": 225}),
        ("quantized_resnet18", (), {"quantize": True}),
        # Both multiply in the width of every block.
        ("resnet50", (), {"groups": 32, "width_per_group": 4}),
    ],
)
def test_leaves_to_torchvision_what_it_cannot_answer(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    assert CATALOG.skeleton(name, args, kwargs) is None


def test_titles_and_references() -> None:
    skeleton = CATALOG.skeleton("resnet34", (), {"num_classes": 10})
    assert skeleton is not None
    assert skeleton.title == "torchvision resnet34(num_classes=10)"
    assert skeleton.reference == "torchvision:resnet34(num_classes=10)"
    assert CATALOG.signature("resnet34") == "(num_classes=1000)"
    assert CATALOG.signature("googlenet") == "(num_classes=1000, aux_logits=True)"


def test_answers_quickly_and_without_torch() -> None:
    code = (
        "import sys, time\n"
        "from ckpt_studio.models.catalog import Catalog\n"
        "start = time.process_time()\n"
        "assert Catalog.load().skeleton('densenet201', (), {'num_classes': 9})\n"
        "print(time.process_time() - start)\n"
        "assert not {'torch', 'numpy', 'PySide6'} & set(sys.modules)\n"
    )
    # The best of three: the machine has other things to do.
    seconds = min(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    )
    assert seconds < 0.1 * patience()


def test_the_file_is_small() -> None:
    from ckpt_studio.models.catalog import FILE_NAME
    from ckpt_studio.resources import resource_path

    assert resource_path(FILE_NAME).stat().st_size < 2_000_000


def test_parsed_models_are_kept() -> None:
    CATALOG.skeleton("resnet152")
    quick(0.1, lambda: CATALOG.skeleton("resnet152", (), {"num_classes": 3}))
