"""The host process: what it builds, and how every kind of user code that misbehaves comes back as words."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ckpt_studio.core.jobs import Progress
from ckpt_studio.errors import Cancelled, ModelError
from ckpt_studio.models.host.client import HostClient, HostModel
from ckpt_studio.models.reference import FileReference, ImportReference, TorchvisionReference, parse_reference

HEAD = "import torch\nfrom torch import nn\n"
NET = HEAD + "class Net(nn.Module):\n    def __init__(self, width=4):\n        super().__init__()\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., FileReference]:
    """Writes a Python file and refers to `Net` in it."""

    def write(text: str, qualname: str = "Net", name: str = "net.py", **kwargs: Any) -> FileReference:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return FileReference(str(path), qualname, (), kwargs)

    return write


# Two minutes at least, as somebody's class takes who reads a data set in its constructor.
PATIENT_SECONDS = 121


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Future[HostModel]]:
    """A model that takes minutes to build, begun before the other tests so that nobody waits for it twice."""
    pytest.importorskip("torch")
    path = tmp_path_factory.mktemp("patient") / "net.py"
    path.write_text(f"import time\n{NET}        time.sleep({PATIENT_SECONDS})\n        self.l = nn.Linear(2, width)\n")
    with HostClient() as client, ThreadPoolExecutor(1) as pool:
        client.versions()  # the worker runs from here on
        yield pool.submit(client.build, FileReference(str(path), "Net", (), {}))


@pytest.fixture(scope="module", autouse=True)
def _begin_early(request: pytest.FixtureRequest) -> None:
    if any(item.name == test_a_model_that_takes_minutes.__name__ for item in request.session.items):
        request.getfixturevalue("patient")


def failure(host: HostClient, reference: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        host.build(reference)
    assert "{" not in str(caught.value)
    return caught.value


def shapes(model: HostModel) -> dict[str, tuple[int, ...]]:
    return {entry.name: entry.shape for entry in model.skeleton.entries}


# ---- what it builds


@pytest.mark.parametrize(
    "text",
    [
        "torchvision:resnet34(num_classes=10)",
        "torchvision:detection.ssd300_vgg16(num_classes=3)",
        "torchvision:segmentation.fcn_resnet50()",
        "torchvision:video.r3d_18()",
        "torchvision:optical_flow.raft_small()",
        "torchvision:quantization.mobilenet_v2(weights='DEFAULT')",
        "torchvision:regnet_y_400mf(num_classes=3)",
    ],
)
def test_torchvision_models_of_every_family_without_weights(host: HostClient, text: str) -> None:
    models = pytest.importorskip("torchvision").models
    reference = parse_reference(text)
    assert isinstance(reference, TorchvisionReference)
    family, _, name = reference.name.rpartition(".")
    wanted = {key: value for key, value in reference.kwargs.items() if key != "weights"}
    if "segmentation" in family or "detection" in family:
        wanted["weights_backbone"] = None
    live = models.get_model(("quantized_" if family == "quantization" else "") + name, weights=None, **wanted)
    skeleton = host.build(reference).skeleton
    assert [(entry.name, entry.shape, entry.dtype) for entry in skeleton.entries] == [
        (key, tuple(value.shape), str(value.dtype)[6:]) for key, value in live.state_dict().items()
    ]
    assert {entry.name for entry in skeleton.entries if entry.role == "parameter"} == {
        key for key, _ in live.named_parameters()
    }
    assert skeleton.details["built"] in ("meta", "parameters")


def test_entries_say_role_owner_and_ties(host: HostClient, write: Callable[..., FileReference]) -> None:
    model = host.build(
        write(
            NET + "        self.a = nn.Embedding(5, width)\n        self.b = nn.Linear(width, 5, bias=False)\n"
            "        self.b.weight = self.a.weight\n        self.norm = nn.BatchNorm1d(width)\n"
            "        self.gone = nn.Linear(2, 2)\n        self.gone = None\n",
            width=7,
        )
    )
    entries = model.skeleton.by_name
    assert list(entries) == [
        "a.weight", "b.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
        "norm.num_batches_tracked",
    ]  # fmt: skip
    assert entries["a.weight"].shape == (5, 7)
    assert entries["b.weight"].tied_to == "a.weight"
    assert entries["norm.weight"].role == "parameter"
    assert (entries["norm.num_batches_tracked"].role, entries["norm.num_batches_tracked"].dtype) == ("buffer", "int64")
    assert entries["norm.weight"].owner == "torch.nn.modules.batchnorm.BatchNorm1d"
    modules = {module.prefix: module for module in model.skeleton.modules}
    assert modules["norm"].loads_like == "torch.nn.modules.batchnorm._NormBase"
    assert (modules["norm"].version, modules["norm"].custom_loading) == (2, False)
    assert modules["gone"].cls == "builtins.NoneType"
    assert not model.skeleton.needs_torch_verdict


def test_values_needed_while_building_are_there(host: HostClient, write: Callable[..., FileReference]) -> None:
    """Stochastic depth's `linspace(...).item()` cannot work on the meta device; weights still take no memory."""
    model = host.build(
        write(
            NET + "        rates = [x.item() for x in torch.linspace(0, 0.1, 4)]\n"
            "        self.layers = nn.ModuleList(nn.Linear(100000, int(rate * 100) + 1) for rate in rates)\n"
        )
    )
    assert model.skeleton.details["built"] == "parameters"
    assert shapes(model)["layers.3.weight"] == (11, 100000)


def test_what_must_be_allocated_is_allocated_and_said(host: HostClient, write: Callable[..., FileReference]) -> None:
    model = host.build(
        write(NET + "        self.l = nn.Linear(3, 3)\n        assert float(self.l.weight.abs().sum()) > 0\n")
    )
    assert model.skeleton.details["built"] == "real"


def test_moving_to_a_gpu_that_is_not_there_moves_nothing(host: HostClient, write: Callable[..., FileReference]) -> None:
    model = host.build(
        write(
            NET + "        self.l = nn.Linear(3, 3, device='cuda').cuda()\n        self.to('cuda:1')\n"
            "        self.register_buffer('t', torch.zeros(2, device='cuda').to(torch.device('cuda'), torch.half))\n"
        )
    )
    assert shapes(model) == {"t": (2,), "l.weight": (3, 3), "l.bias": (3,)}
    assert model.skeleton.by_name["t"].dtype == "float16"


def test_siblings_relative_imports_and_config_files(host: HostClient, tmp_path: Path) -> None:
    package = tmp_path / "my nets" / "nets"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text("import package_that_does_not_exist\n")
    (package / "deep" / "__init__.py").write_text("")
    (package / "parts.py").write_text(HEAD + "WIDTH = 6\n")
    (package / "deep" / "sibling.py").write_text("NAME = 'depth'\n")
    (package / "deep" / "net.json").write_text('{"depth": 3}')
    (package / "deep" / "net.py").write_text(
        "import json\nfrom ..parts import WIDTH, nn\nfrom . import sibling\nimport sibling as again\n"
        "def build(path='net.json'):\n    depth = json.load(open(path))[sibling.NAME]\n"
        "    return nn.Sequential(*[nn.Linear(WIDTH, WIDTH) for _ in range(depth)]), 'preprocessing'\n"
    )
    model = host.build(FileReference(str(package / "deep" / "net.py"), "build"))
    assert shapes(model)["2.weight"] == (6, 6)


def test_relative_imports_without_a_package_file(host: HostClient, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "base.py").write_text(NET + "        self.l = nn.Linear(2, width)\n")
    (tmp_path / "lib" / "net.py").write_text("from .base import Net\n")
    assert shapes(host.build(FileReference(str(tmp_path / "lib" / "net.py"), "Net")))["l.weight"] == (4, 2)


def test_importable_modules(host: HostClient, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text("")
    (tmp_path / "mine" / "models.py").write_text(NET + "        self.l = nn.Linear(2, width)\n")
    reference = ImportReference("mine.models", "Net", (3,), base=str(tmp_path))
    assert host.locate(reference) == str(tmp_path / "mine" / "models.py")
    assert shapes(host.build(reference))["l.weight"] == (3, 2)
    linear = ImportReference("torch.nn", "Linear", (2, 3))
    assert shapes(host.build(linear)) == {"weight": (3, 2), "bias": (3,)}
    assert host.locate(ImportReference("no.such.module", "Net")) == ""


def test_an_edited_file_is_built_anew(host: HostClient, write: Callable[..., FileReference], tmp_path: Path) -> None:
    (tmp_path / "part.py").write_text("WIDTH = 3\n")
    reference = write("from part import WIDTH\n" + NET + "        self.l = nn.Linear(2, WIDTH)\n")
    assert shapes(host.build(reference))["l.weight"] == (3, 2)
    (tmp_path / "part.py").write_text("WIDTH = 50\n")
    assert shapes(host.build(reference))["l.weight"] == (50, 2)


def test_odd_file_names_and_names_of_installed_modules(host: HostClient, write: Callable[..., FileReference]) -> None:
    for name in ("my net-2.py", "json.py", "torch.py", "Größe 网.py"):
        model = host.build(write(NET + "        self.l = nn.Linear(2, width)\n", name=f"{name[:3]}/{name}"))
        assert shapes(model)["l.bias"] == (4,)


def test_lists_torchvision_models_with_their_arguments(host: HostClient) -> None:
    models = dict(host.torchvision_models())
    assert len(models) > 100
    assert models["googlenet"] == "(**kwargs)"
    assert "num_classes" in models["fcn_resnet50"]


def test_versions_without_importing(host: HostClient) -> None:
    import torch

    assert host.versions()["torch"] == torch.__version__.split("+")[0] or torch.__version__


# ---- what goes wrong


@pytest.mark.parametrize(
    ("text", "code", "words", "details"),
    [
        ("class Net(:\n", "model-syntax", "net.py, line 1", "class Net(:"),
        ("import package_that_does_not_exist\n", "missing-package", "package_that_does_not_exist", "net.py"),
        (HEAD + "raise ValueError('no good')\n", "model-import-failed", "ValueError: no good", "net.py"),
        (HEAD + "class Other(nn.Module): pass\n", "model-name-missing", "Other", ""),
        (NET + "        raise KeyError('depth')\n", "model-failed", "KeyError: 'depth'", "__init__"),
        (NET + "        import sys; sys.exit(3)\n", "model-exited", "sys.exit(3)", "__init__"),
        ("import sys; sys.exit('usage: train')\n", "model-exited", "usage: train", "net.py"),
        (NET + "        input('continue?')\n", "model-failed", "EOFError", "input("),
        (NET + "        def down(): down()\n        down()\n", "model-failed", "RecursionError", "down"),
        ("class Net: pass\n", "model-not-a-model", "“Net”", ""),
        ("Net = 3\n", "model-not-a-model", "int", ""),
        (HEAD + "class Net(nn.Module):\n    def __init__(self, depth): super().__init__()\n", "model-arguments",
         "depth", ""),
        (NET + "        raise SystemError\n", "model-failed", "SystemError", ""),
        (NET + "        raise KeyboardInterrupt\n", "model-failed", "KeyboardInterrupt", ""),
        (NET + "        torch.hub.load_state_dict_from_url('https://example.org/w.pth', 'here')\n",
         "model-downloads", "example.org", "load_state_dict_from_url"),
        ("import urllib.request\n" + NET + "        urllib.request.urlopen('https://example.org/w.pth')\n",
         "model-downloads", "example.org", "urlopen"),
        ("import socket\n" + NET + "        socket.create_connection(('10.0.0.1', 80))\n",
         "model-downloads", "10.0.0.1", ""),
        (NET + "        torch.zeros(1 << 50).sum().item()\n", "model-memory", "memory", ""),
        (NET + "        self.me = self\n", "model-recursive", "contains itself", ""),
    ],
)  # fmt: skip
def test_what_user_code_does_wrong_is_said(
    host: HostClient, write: Callable[..., FileReference], text: str, code: str, words: str, details: str
) -> None:
    error = failure(host, write(text))
    assert error.code == code, (str(error), error.details)
    assert words in str(error)
    assert details in error.details
    assert "worker.py" not in error.details
    if code == "missing-package":
        assert sys.executable in str(error)


def test_noise_cannot_disturb_the_line_and_its_tail_is_kept(
    host: HostClient, write: Callable[..., FileReference]
) -> None:
    noisy = (
        "import os, sys, threading\n" + NET + "        os.write(1, b'{\"id\": 1}\\n' * 200000)\n"
        "        print('x' * 3000000)\n"
        "        sys.stderr.write('last words\\n')\n        os.system('echo from a child')\n"
        "        threading.Thread(target=lambda: [print('thread') for _ in range(1000)]).start()\n"
    )
    model = host.build(write(noisy + "        self.l = nn.Linear(1, 1)\n"))
    assert shapes(model) == {"l.weight": (1, 1), "l.bias": (1,)}
    assert sum(map(len, model.skeleton.notes)) < 20 * 501
    error = failure(host, write(noisy + "        raise ValueError('after the noise')\n"))
    assert "after the noise" in error.details
    assert "from a child" in error.details
    assert len(error.details) < 200_000


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("os.abort()", "host-crashed", "SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "host-crashed", "SIGSEGV"),
        ("os._exit(7)", "host-exited", "7"),
        ("os.kill(os.getpid(), 9)", "host-killed", "memory"),
    ],
)
def test_a_crash_is_said_and_the_next_question_is_answered(
    write: Callable[..., FileReference], body: str, code: str, words: str
) -> None:
    pytest.importorskip("torch")
    with HostClient() as client:
        fine = write(NET + "        self.l = nn.Linear(1, 1)\n", name="fine.py")
        model = client.build(fine)
        error = failure(client, write(f"import os\n{NET}        print('before', flush=True); {body}\n"))
        assert error.code == code
        assert words in str(error)
        assert "before" in error.details
        if code == "host-crashed":
            assert "net.py" in error.details  # where it happened, by faulthandler
        assert shapes(client.build(fine)) == shapes(model)


def test_hanging_code_is_stopped_at_the_limit_with_its_children(
    write: Callable[..., FileReference], tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    reference = write(
        "import subprocess, sys, time\n" + NET + "        child = subprocess.Popen(['sleep', '1000'])\n"
        "        open('pid', 'w').write(str(child.pid))\n        print('working', flush=True)\n"
        "        while True: time.sleep(1)\n"
    )
    with HostClient(build_seconds=600) as client:
        client.build(parse_reference("torchvision:alexnet"))  # torch is imported before the limit counts
        client.build_seconds = 1.0
        error = failure(client, reference)
        assert error.code == "host-timeout"
        assert "working" in error.details
        assert client.pid is None
    assert _is_gone(int((tmp_path / "pid").read_text()))


def _is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.02)
    return False


def test_cancel_kills_at_once(write: Callable[..., FileReference]) -> None:
    pytest.importorskip("torch")
    reference = write(NET + "        while True: pass\n")
    progress = Progress()
    with HostClient() as client:
        client.versions()
        timer = threading.Timer(0.3, progress.cancel)
        timer.start()
        started = time.monotonic()
        with pytest.raises(Cancelled):
            client.build(reference, progress)
        assert time.monotonic() - started < 3
        assert client.pid is None
        timer.join()


def test_closing_while_somebody_waits_says_nothing(write: Callable[..., FileReference]) -> None:
    pytest.importorskip("torch")
    client = HostClient()
    client.versions()
    timer = threading.Timer(0.3, client.close)
    timer.start()
    with pytest.raises(Cancelled):
        client.build(write(NET + "        while True: pass\n"))
    timer.join()
    assert client.pid is None


def test_two_threads_may_ask_at_once(host: HostClient) -> None:
    found: list[int] = []

    def ask(name: str) -> None:
        found.append(len(host.build(parse_reference(f"torchvision:{name}")).skeleton.entries))

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("alexnet", "vgg11", "alexnet", "vgg13")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [16, 16, 22, 26]


def test_dropping_the_client_ends_the_process(write: Callable[..., FileReference]) -> None:
    client = HostClient()
    client.versions()
    pid = client.pid
    assert pid is not None
    del client
    assert _is_gone(pid)


def test_a_host_whose_program_is_gone_ends_itself(tmp_path: Path) -> None:
    import signal
    import subprocess

    script = (
        "import sys, time\nfrom ckpt_studio.models.host.client import HostClient\n"
        "client = HostClient(); client.versions(); print(client.pid, flush=True); time.sleep(1000)\n"
    )
    program = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert program.stdout is not None
    with program.stdout:
        pid = int(program.stdout.readline())
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
    assert _is_gone(pid)


def test_too_much_memory_is_said(write: Callable[..., FileReference]) -> None:
    pytest.importorskip("torch")
    reference = write(NET + "        self.data = [bytearray(64 << 20) for _ in range(1000)]\n")
    with HostClient(memory_limit=3 << 30) as client:
        assert failure(client, reference).code in ("model-memory", "host-killed")


def test_a_python_that_does_not_start_or_has_no_torch(tmp_path: Path) -> None:
    with HostClient(str(tmp_path / "python")) as client:
        error = failure(client, parse_reference("torchvision:alexnet"))
        assert error.code == "host-not-started"
    without = tmp_path / "without"
    import venv

    venv.create(without, with_pip=False)
    python = next(path for path in (without / "bin" / "python", without / "Scripts" / "python.exe") if path.exists())
    with HostClient(str(python)) as client:
        error = failure(client, parse_reference("torchvision:alexnet"))
        assert error.code == "no-torch"
        assert str(python) in str(error)
        assert "torch" not in client.versions()


def test_unknown_torchvision_names_are_answered_with_similar_ones(host: HostClient) -> None:
    error = failure(host, parse_reference("torchvision:resnet43"))
    assert error.code == "unknown-torchvision-model"
    assert "resnet34" in str(error)
    assert failure(host, parse_reference("torchvision:resnet18(depth=3)")).code == "model-failed"
    assert failure(host, parse_reference("torchvision:_utils._make_divisible")).code == "unknown-torchvision-model"
    assert failure(host, FileReference("/no/such/net.py", "Net")).code == "model-file-missing"


@pytest.mark.slow
def test_a_model_that_takes_minutes(patient: Future[HostModel]) -> None:
    """Begun by the first test of this file; no limit of ours ends it, and no message."""
    assert shapes(patient.result()) == {"l.weight": (4, 2), "l.bias": (4,)}
