"""The host: builds models and asks torch's own `load_state_dict`, in whichever Python has torch.

One self-contained file, run by path (never imported by the program): Python 3.9 and later, torch 1.13 and later,
nothing of this program beside it. It speaks JSON lines over what were its stdin and stdout; whatever the
user's code prints or reads goes elsewhere. Requests carry an "id" and "do"; the answer is
`{"id", "ok": {...}}` or `{"id", "error": {"code", "fields", "details"}}`. It ends when its stdin does.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and sys.path and not getattr(sys.flags, "safe_path", False):
    # Started by path, Python puts this file's folder first: its neighbours must not shadow the user's modules.
    del sys.path[0]

import ast
import contextlib
import copy
import ctypes
import difflib
import faulthandler
import gc
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import inspect
import json
import os
import queue
import signal
import socket
import struct
import threading
import time
import traceback
import types
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

WORKER = os.path.abspath(__file__)
LARGE = 1 << 20  # elements from which even a computed tensor goes to the meta device
# Loading code that the program's own rules follow (`ckpt_studio.compare.rules`; a test keeps both equal).
KNOWN_LOADING = {
    "torch.nn.modules.batchnorm._NormBase",
    "torch.nn.modules.instancenorm._InstanceNorm",
    "torchvision.ops.misc.FrozenBatchNorm2d",
    "torchvision.ops.feature_pyramid_network.FeaturePyramidNetwork",
    "torchvision.models.vision_transformer.MLPBlock",
    "torchvision.models.detection.mask_rcnn.MaskRCNNHeads",
    "torchvision.models.detection.rpn.RPNHead",
    "torchvision.models.detection.retinanet.RetinaNetClassificationHead",
    "torchvision.models.detection.retinanet.RetinaNetRegressionHead",
    "torchvision.models.mnasnet.MNASNet",
    "torchvision.models.quantization.mobilenetv3.QuantizableSqueezeExcitation",
}
PACKAGES = ("torch", "torchvision", "timm", "transformers", "safetensors", "numpy")


class Refusal(Exception):
    """An answer that is an error: a code of the program's wording, its fields, and text for the details."""

    def __init__(self, code: Any, details: Any = "", **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields
        self.details = details


# ---- the network -----------------------------------------------------------------------------------------


class DownloadRefused(OSError):
    """What code gets that asks for the network."""


class NetworkGuard:
    """Refuses every connection that leaves this machine's process, and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def install(self) -> Any:
        guard = self

        def refuse(host: Any) -> None:
            guard.asked.append(str(host))
            raise DownloadRefused(f"Ckpt Studio lets no model download anything (asked for: {host})")

        connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
        local = getattr(socket, "AF_UNIX", None)

        def guarded_connect(self: Any, address: Any) -> Any:
            return connect(self, address) if local is not None and self.family == local else refuse(address)

        def guarded_connect_ex(self: Any, address: Any) -> Any:
            return connect_ex(self, address) if local is not None and self.family == local else refuse(address)

        socket.socket.connect = guarded_connect  # type: ignore[method-assign]
        socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            setattr(socket, name, lambda host, *args, **kwargs: refuse(host))


GUARD = NetworkGuard()


# ---- torch itself ----------------------------------------------------------------------------------------


def need_torch() -> Any:
    """The torch module."""
    return need("torch", "no-torch")


def need_torchvision() -> Any:
    """The torchvision module."""
    need_torch()
    return need("torchvision", "missing-package")


def need(package: Any, absent: Any) -> Any:
    """An importable package; `absent` is the code for its own absence."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        # A dependency of its may be what is missing.
        name = (error.name or package).split(".")[0]
        code = absent if name == package else "missing-package"
        raise Refusal(code, package=name, details=user_traceback(error)) from None
    except Exception as error:
        raise Refusal("package-broken", package=package, error=one_line(error), details=user_traceback(error)) from None


def versions() -> Any:
    """Package -> version of what is installed here; nothing is imported."""
    found = {}
    for package in PACKAGES:
        with contextlib.suppress(Exception):
            found[package] = importlib.metadata.version(package)
    return found


# ---- errors in words -------------------------------------------------------------------------------------


def one_line(error: Any) -> Any:
    """The exception in one line, as Python prints its last line."""
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    last = text.splitlines()[-1] if text else type(error).__name__
    return last if len(last) < 600 else last[:600] + "…"


def user_traceback(error: Any) -> Any:
    """The traceback without the frames of this file and of the import machinery."""
    with contextlib.suppress(Exception):
        whole = traceback.TracebackException(type(error), error, error.__traceback__)
        seen: set[int] = set()
        part: Any = whole
        while part is not None and id(part) not in seen:
            seen.add(id(part))
            part.stack = traceback.StackSummary.from_list(
                [
                    frame
                    for frame in part.stack
                    if os.path.abspath(frame.filename) != WORKER and not frame.filename.startswith("<frozen importlib")
                ]
            )
            part = part.__cause__ or part.__context__
        return "".join(whole.format())[-20000:]
    return one_line(error)


@contextlib.contextmanager
def user_code(code: Any, **fields: Any) -> Iterator[None]:
    """Turns whatever the user's code raises into a Refusal; `code` is for an ordinary exception."""
    asked = len(GUARD.asked)
    try:
        yield
    except Refusal:
        raise
    except SystemExit as error:
        raise Refusal("model-exited", status=str(error.code), details=user_traceback(error), **fields) from None
    except MemoryError as error:
        raise Refusal("model-memory", details=user_traceback(error), **fields) from None
    except BaseException as error:
        details = user_traceback(error)
        if len(GUARD.asked) > asked:
            raise Refusal("model-downloads", host=GUARD.asked[-1], details=details, **fields) from None
        if isinstance(error, ModuleNotFoundError) and error.name:
            raise Refusal("missing-package", package=error.name, details=details) from None
        if isinstance(error, SyntaxError) and code == "model-import-failed":
            place = f"{os.path.basename(error.filename or '')}, line {error.lineno}"
            raise Refusal("model-syntax", reason=error.msg, place=place, details=details, **fields) from None
        if "allocate memory" in str(error) or "out of memory" in str(error):
            raise Refusal("model-memory", details=details, **fields) from None
        raise Refusal(code, error=one_line(error), details=details, **fields) from None


# ---- finding the builder ---------------------------------------------------------------------------------


class Imports:
    """Imports the user's files afresh whenever they changed, without touching installed packages."""

    def __init__(self) -> None:
        self.roots: list[str] = []
        self.added: list[str] = []

    @staticmethod
    def _file_of(module: Any) -> Any:
        file = getattr(module, "__file__", None)
        if not file:
            path = getattr(module, "__path__", None)
            with contextlib.suppress(Exception):
                file = next(iter(path)) if path else None
        return os.path.abspath(file) if isinstance(file, str) else None

    def _is_users(self, file: Any) -> Any:
        parts = file.replace("\\", "/").split("/")
        if "site-packages" in parts or "dist-packages" in parts or file == WORKER:
            return False
        return any(file.startswith(root + os.sep) or file == root for root in self.roots)

    def modules(self) -> Any:
        """name -> file of the modules that came from the user's folders."""
        found = {}
        for name, module in list(sys.modules.items()):
            file = self._file_of(module)
            if name != "__main__" and file and self._is_users(file):
                found[name] = file
        return found

    def stamps(self) -> Any:
        """file -> (time, size) of the user's modules that are loaded."""
        found = {}
        for file in self.modules().values():
            with contextlib.suppress(OSError):
                status = os.stat(file)
                found[file] = (status.st_mtime_ns, status.st_size)
        return found

    def enter(self, folder: Any, *more: Any) -> None:
        """Forgets the user's modules and makes `folder` the place where names are looked up."""
        for name in self.modules():
            del sys.modules[name]
        for entry in self.added:
            with contextlib.suppress(ValueError):
                sys.path.remove(entry)
        self.added = [folder, *(entry for entry in more if entry != folder)]
        sys.path[:0] = self.added
        self.roots = list(dict.fromkeys([os.path.abspath(entry) for entry in self.added]))
        importlib.invalidate_caches()
        os.chdir(folder)

    def file(self, path: Any) -> Any:
        """The module of the Python file at `path`."""
        folder, base = os.path.split(path)
        stem = os.path.splitext(base)[0]
        package: list[str] = []
        top = folder
        while os.path.isfile(os.path.join(top, "__init__.py")) and os.path.dirname(top) != top:
            top, name = os.path.split(top)
            package.insert(0, name)
        self.enter(folder, top)
        sys.argv = [path]
        if package:
            dotted = ".".join(package if stem == "__init__" else [*package, stem])
            try:
                module = importlib.import_module(dotted)
                if self._file_of(module) == path:
                    return module
            except Exception as error:
                if isinstance(error, SyntaxError) and error.filename == path:
                    raise
                # The package's own __init__ may need what is not installed here; the file itself may not.
                with contextlib.suppress(Exception):
                    return self._under_stubs(path, folder, len(package), stem)
                raise
        levels = relative_levels(path)
        if levels:
            return self._under_stubs(path, folder, levels, stem)
        taken = stem in sys.modules or not stem.isidentifier() or stem in sys.builtin_module_names
        return self._load(f"ckpt_studio_user_{abs(hash(path))}" if taken else stem, path)

    def _under_stubs(self, path: Any, folder: Any, levels: Any, stem: Any) -> Any:
        """The module inside empty packages of its folders' names, so that relative imports work."""
        parts = []
        place = folder
        chain: list[str] = []
        for _ in range(levels):
            chain.insert(0, place)
            place = os.path.dirname(place)
        self.enter(folder, *chain[:1])
        for place in chain:
            parts.append(os.path.basename(place) or "root")
            dotted = ".".join(parts)
            stub = types.ModuleType(dotted)
            stub.__path__ = [place]
            stub.__package__ = dotted
            stub.__file__ = os.path.join(place, "__init__.py")
            sys.modules[dotted] = stub
        return self._load(".".join([*parts, stem]), path)

    @staticmethod
    def _load(name: Any, path: Any) -> Any:
        spec: Any = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            loader = importlib.machinery.SourceFileLoader(name, path)
            spec = importlib.util.spec_from_file_location(name, path, loader=loader)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(name, None)
            raise
        return module


IMPORTS = Imports()


def relative_levels(path: Any) -> Any:
    """How many folders up the file's relative imports reach; 0 when it has none."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return 0
    return max((node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)), default=0)


def attribute(module: Any, qualname: Any, where: Any) -> Any:
    """The object `qualname` of the module."""
    found = module
    for part in qualname.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            import torch

            known = [
                name
                for name, value in vars(module).items()
                if isinstance(value, type) and issubclass(value, torch.nn.Module)
            ]
            close = difflib.get_close_matches(qualname, known, 3, 0.4)
            close = (close + [other for other in known if other not in close])[:8]
            raise Refusal("model-name-missing", name=qualname, where=where, known=", ".join(close) or "–") from None
    return found


def torchvision_builder(name: Any) -> Any:
    """torchvision's builder, by registered name or by attribute path ("detection.ssd300_vgg16")."""
    models = need_torchvision().models
    known = models.list_models()
    if name in known:
        return models.get_model_builder(name)
    if name.startswith("quantization."):
        return torchvision_builder("quantized_" + name.split(".", 1)[1])
    if name.rpartition(".")[2] in known and "." in name:
        return models.get_model_builder(name.rpartition(".")[2])
    # Some families are importable but not registered.
    found = models
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found) or name.startswith("_"):
        close = ", ".join(difflib.get_close_matches(name, known, 3, 0.4)) or "–"
        raise Refusal("unknown-torchvision-model", name=name, known=close)
    return found


def builder_of(reference: Any) -> Any:
    """(callable or module object, positional arguments, keyword arguments) of a reference."""
    call = ast.parse(reference["call"], mode="eval").body
    args = [ast.literal_eval(node) for node in call.args]
    kwargs = {node.arg: ast.literal_eval(node.value) for node in call.keywords}
    kind = reference["kind"]
    if kind == "torchvision":
        builder = torchvision_builder(reference["name"])
        parameters = inspect.signature(builder).parameters
        # The file's weights are to be loaded, not torchvision's: nothing is ever downloaded.
        kwargs.pop("pretrained", None)
        kwargs.pop("pretrained_backbone", None)
        for name in ("weights", "weights_backbone"):
            if name in parameters:
                kwargs[name] = None
            else:
                kwargs.pop(name, None)
        return builder, args, kwargs
    need_torch()
    where = reference.get("path") or reference["module"]
    with user_code("model-import-failed", name=where):
        if kind == "file":
            path = os.path.abspath(reference["path"])
            # realpath of the folder only: a link's siblings are those of the link.
            module = IMPORTS.file(path)
        else:
            IMPORTS.enter(reference.get("base") or os.getcwd())
            sys.argv = [where]
            module = importlib.import_module(reference["module"])
    return attribute(module, reference["name"], where), args, kwargs


# ---- building --------------------------------------------------------------------------------------------


def meta_modes(torch: Any) -> Any:
    """The ways to build without allocating, best first: (name, function giving a context)."""
    from torch.overrides import TorchFunctionMode

    constructors = {
        getattr(torch, name)
        for name in (
            "empty", "empty_strided", "empty_permuted", "zeros", "ones", "full", "rand", "randn", "randint", "randperm",
            "arange", "range", "linspace", "logspace", "eye", "tensor", "as_tensor", "scalar_tensor", "tril_indices",
            "triu_indices", "hann_window", "hamming_window", "blackman_window", "bartlett_window", "kaiser_window",
        )
        if hasattr(torch, name)
    }  # fmt: skip
    allocating = {torch.zeros, torch.ones, torch.full, torch.rand, torch.randn}

    class WithoutDevices(TorchFunctionMode):
        """Moving to an accelerator moves nothing: a skeleton needs none, and this machine may have none."""

        def __torch_function__(self, func: Any, types_: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if func is torch.Tensor.cuda:
                return args[0]
            if func is torch.Tensor.to and any("cuda" in str(value) for value in [*args[1:], *kwargs.values()]):
                kinds = [value for value in [*args[1:], *kwargs.values()] if isinstance(value, torch.dtype)]
                return func(args[0], dtype=kinds[0]) if kinds else args[0]
            if "cuda" in str(kwargs.get("device", "")):
                kwargs = {**kwargs, "device": None}
            return func(*args, **kwargs)

    class AllOnMeta(TorchFunctionMode):
        """`torch.device("meta")` as a context, for torch before 2.0."""

        def __torch_function__(self, func: Any, types_: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if func in constructors and kwargs.get("device") is None:
                kwargs = {**kwargs, "device": "meta"}
            return func(*args, **kwargs)

    class ParametersOnMeta(TorchFunctionMode):
        """Only what is uninitialised or large goes to the meta device; small computed tensors keep their values."""

        def __torch_function__(self, func: Any, types_: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if func is torch.empty:
                kwargs = {**kwargs, "device": "meta"}
            elif func in allocating:
                size = args[0] if args and not isinstance(args[0], int) else args
                size = kwargs.get("size", size)
                with contextlib.suppress(TypeError):
                    count = 1
                    for axis in size:
                        count *= axis
                    if count > LARGE:
                        kwargs = {**kwargs, "device": "meta"}
            return func(*args, **kwargs)

    @contextlib.contextmanager
    def meta() -> Iterator[None]:
        whole = torch.device("meta") if hasattr(torch.device, "__enter__") else AllOnMeta()
        with whole, WithoutDevices():
            yield

    @contextlib.contextmanager
    def parameters() -> Iterator[None]:
        with ParametersOnMeta(), WithoutDevices():
            yield

    @contextlib.contextmanager
    def fake() -> Iterator[None]:
        from torch._subclasses.fake_tensor import FakeTensorMode

        with FakeTensorMode(allow_non_fake_inputs=True), WithoutDevices():
            yield

    return [("meta", meta), ("parameters", parameters), ("fake", fake), ("real", contextlib.nullcontext)]


def blames_meta(error: Any) -> Any:
    """Whether an exception may come from tensors without values, so that another way to build is worth trying."""
    if isinstance(error, (SystemExit, KeyboardInterrupt, MemoryError)):
        return False
    text = f"{type(error).__name__} {error}".lower()
    if any(word in text for word in ("meta", "fake", "device", "data-dependent", "datadependent")):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    inside = os.sep + "torch" + os.sep
    return bool(frames) and inside in frames[-1].filename and not isinstance(error, ImportError)


def call_builder(reference: Any, mode: Any = None, seed: Any = None) -> Any:
    """(the module, how it was built). `mode` "real" allocates; otherwise the first way that works."""
    torch = need_torch()
    target, args, kwargs = builder_of(reference)
    what = reference["title"]
    if isinstance(target, torch.nn.Module):
        return target, "real"
    if not callable(target):
        raise Refusal("model-not-a-model", name=what, type=type(target).__name__)
    with contextlib.suppress(ValueError):
        try:
            inspect.signature(target).bind(*args, **kwargs)
        except TypeError as error:
            signature = str(inspect.signature(target))
            raise Refusal("model-arguments", name=what, reason=str(error), signature=signature) from None
    ways = [way for way in meta_modes(torch) if mode is None or way[0] == mode]
    with user_code("model-failed", name=what):
        for name, context in ways:
            try:
                if seed is not None:
                    torch.manual_seed(seed)
                with context():
                    made = target(*args, **kwargs)
                break
            except BaseException as error:
                if name == ways[-1][0] or not blames_meta(error):
                    raise
                del error
                gc.collect()
    if not isinstance(made, torch.nn.Module) and isinstance(made, (tuple, list)):
        # Factories that return (model, preprocessing …): the only module among them is meant.
        modules = [part for part in made if isinstance(part, torch.nn.Module)]
        made = modules[0] if len(modules) == 1 else made
    if not isinstance(made, torch.nn.Module):
        raise Refusal("model-not-a-model", name=what, type=type(made).__name__)
    return made, name


# ---- describing ------------------------------------------------------------------------------------------


def qualified(cls: Any) -> str:
    """Module and name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def walk(module: Any) -> Iterator[tuple[str, Any]]:
    """(prefix, module or None) in `named_modules()` order, but shared modules as often as they occur."""
    stack = [("", module)]
    while stack:
        prefix, current = stack.pop()
        yield prefix, current
        if current is None:
            continue
        if prefix.count(".") > 900:
            raise Refusal("model-recursive", name=qualified(type(module)))
        children = [(f"{prefix}.{name}" if prefix else name, child) for name, child in current._modules.items()]
        stack.extend(reversed(children))


def loads_like(torch: Any, module: Any) -> Any:
    """Qualified name of the class whose `_load_from_state_dict` the module runs; "" for torch's plain one."""
    for cls in type(module).__mro__:
        if "_load_from_state_dict" in cls.__dict__:
            return "" if cls is torch.nn.Module else qualified(cls)
    return ""


def is_custom(torch: Any, module: Any, loading: Any, is_root: Any) -> Any:
    """Whether only torch itself can say what loading into this module does."""
    plain = torch.nn.Module
    cls = type(module)
    if loading and loading not in KNOWN_LOADING:
        return True
    if "_load_from_state_dict" in module.__dict__ or "load_state_dict" in module.__dict__:
        return True
    if getattr(module, "_load_state_dict_pre_hooks", None) or getattr(module, "_load_state_dict_post_hooks", None):
        return True
    if cls.set_extra_state is not plain.set_extra_state or cls.get_extra_state is not plain.get_extra_state:
        return True
    if is_root and (cls.load_state_dict is not plain.load_state_dict or cls.state_dict is not plain.state_dict):
        return True
    if loading.endswith("._NormBase") and module.track_running_stats and module.num_batches_tracked is None:
        return True
    if loading.endswith(".QuantizableSqueezeExcitation") and hasattr(module, "qconfig"):
        return True
    if any("." in name for name in module._modules):
        return True
    for tensor in [*module._parameters.values(), *module._buffers.values()]:
        if tensor is None:
            continue
        if torch.nn.parameter.is_lazy(tensor):
            return True
        if type(tensor) not in (torch.Tensor, torch.nn.Parameter) and not is_fake(tensor):
            return True
        with contextlib.suppress(Exception):
            # Overlapping memory cannot be copied into.
            if any(step == 0 and size > 1 for size, step in zip(tensor.shape, tensor.stride())):  # noqa: B905 - Python 3.9
                return True
    return False


def is_fake(tensor: Any) -> Any:
    """Whether the tensor is a FakeTensor, which stands for a plain one."""
    return "FakeTensor" in type(tensor).__name__ or "FakeTensor" in type(getattr(tensor, "data", None)).__name__


def describe(model: Any) -> Any:
    """The skeleton of a module as JSON values: entries, modules, and what is odd about it."""
    import torch

    modules: list[list[Any]] = []
    owners: dict[str, str] = {}
    parameters: set[str] = set()
    for prefix, module in walk(model):
        if module is None:
            modules.append([prefix, "builtins.NoneType", None, False, ""])
            continue
        owners[prefix] = qualified(type(module))
        start = prefix + "." if prefix else ""
        parameters.update(start + name for name in module._parameters)
        loading = loads_like(torch, module)
        custom = is_custom(torch, module, loading, not prefix)
        version = getattr(module, "_version", None)
        modules.append(
            [
                prefix,
                owners[prefix],
                version if isinstance(version, int) else None,
                custom,
                (loading or "torch.nn.modules.module.Module") if custom else loading,
            ]
        )
    try:
        state = model.state_dict(keep_vars=True)
    except TypeError:
        state = model.state_dict()
    entries: list[list[Any]] = []
    odd: list[str] = []
    first: dict[int, str] = {}
    for name, value in state.items():
        if not isinstance(value, torch.Tensor):
            odd.append(str(name))
            continue
        tied = first.setdefault(id(value), name)
        shape = [] if torch.nn.parameter.is_lazy(value) else [int(size) for size in value.shape]
        entries.append(
            [
                str(name),
                shape,
                str(value.dtype).split(".")[-1],
                "parameter" if name in parameters else "buffer",
                owners.get(name.rpartition(".")[0], ""),
                None if tied == name else tied,
            ]
        )
    return {"entries": entries, "modules": modules, "odd": odd, "cls": qualified(type(model))}


class Built:
    """A model kept for verdicts."""

    def __init__(self, reference: Any, model: Any, how: Any, description: Any, stamps: Any) -> None:
        self.reference = reference
        self.model = model
        self.how = how
        self.description = description
        self.stamps = stamps
        self.custom = any(row[3] for row in description["modules"])


class Models:
    """The models built so far, by the text of their reference."""

    LIMIT = 8

    def __init__(self) -> None:
        self.kept: OrderedDict[str, Built] = OrderedDict()

    def get(self, reference: Any) -> Any:
        """The model of a reference; built again when its files changed."""
        key = json.dumps(reference, sort_keys=True)
        built = self.kept.get(key)
        if built is not None and self._is_current(built):
            self.kept.move_to_end(key)
            return built
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an ordinary user's screen; torch warns a lot about meta tensors
            model, how = call_builder(reference)
            with user_code("model-failed", name=reference["title"]):
                description = describe(model)
            to_meta(model)
        stamps = {} if reference["kind"] == "torchvision" else IMPORTS.stamps()
        built = Built(reference, model, how, description, stamps)
        self.kept[key] = built
        while len(self.kept) > self.LIMIT:
            self.kept.popitem(last=False)
        return built

    @staticmethod
    def _is_current(built: Any) -> Any:
        for file, stamp in built.stamps.items():
            try:
                status = os.stat(file)
            except OSError:
                return False
            if (status.st_mtime_ns, status.st_size) != stamp:
                return False
        return True


MODELS = Models()


def to_meta(model: Any) -> None:
    """Gives the memory of a model that had to be allocated back; a model that resists stays as it is."""
    import torch

    with contextlib.suppress(Exception):
        if any(not tensor.is_meta for tensor in [*model.parameters(), *model.buffers()]):
            torch.nn.Module.to(model, "meta")
    gc.collect()


def all_meta(model: Any) -> Any:
    """Whether the model holds no values at all."""
    return all(tensor.is_meta and not is_fake(tensor) for tensor in [*model.parameters(), *model.buffers()])


def do_build(request: Any) -> Any:
    built = MODELS.get(request["reference"])
    return {**built.description, "how": built.how, "versions": versions(), "python": sys.version.split()[0]}


# ---- the verdict -----------------------------------------------------------------------------------------


class Recorder:
    """Watches `Module._load_from_state_dict` during one `load_state_dict`.

    Attributes:
        missing, unexpected, errors: torch's own lists, shared with `load_state_dict`.
        loaded: model name -> checkpoint name that filled it, None when loading code made the value.
        origin: name torch calls unexpected -> checkpoint name.
        mismatched: model names whose sizes differ.
        mismatch_texts: torch's messages about them.
    """

    def __init__(self, sources: Any) -> None:
        self.sources = sources
        self.missing: list[str] = []
        self.unexpected: list[str] = []
        self.errors: list[str] = []
        self.loaded: dict[str, str | None] = {}
        self.origin: dict[str, str] = {}
        self.mismatched: list[str] = []
        self.mismatch_texts: set[str] = set()

    @contextlib.contextmanager
    def watching(self, torch: Any) -> Iterator[None]:
        original = torch.nn.Module._load_from_state_dict
        recorder = self

        # Overrides may pass these by torch's names.
        def recording(
            module: Any,
            state_dict: Any,
            prefix: Any,
            local_metadata: Any,
            strict: Any,
            missing_keys: Any,
            unexpected_keys: Any,
            error_msgs: Any,
        ) -> None:
            recorder.missing, recorder.unexpected, recorder.errors = missing_keys, unexpected_keys, error_msgs
            said, odd = len(error_msgs), len(unexpected_keys)
            original(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
            names = [prefix + name for name, value in module._parameters.items() if value is not None]
            skipped = module._non_persistent_buffers_set
            names += [prefix + n for n, value in module._buffers.items() if value is not None and n not in skipped]
            for name in names:
                if name in state_dict:
                    recorder.loaded[name] = recorder.sources.get(id(state_dict[name]))
            for text in error_msgs[said:]:
                for name in names:
                    if text.startswith(f"size mismatch for {name}:"):
                        recorder.mismatched.append(name)
                        recorder.mismatch_texts.add(text)
            for name in unexpected_keys[odd:]:
                recorder.origin[name] = recorder.sources.get(id(state_dict.get(name)), name)

        torch.nn.Module._load_from_state_dict = recording
        try:
            yield
        finally:
            torch.nn.Module._load_from_state_dict = original


def stand_in_state_dict(torch: Any, request: Any, device: Any) -> Any:
    """(state dict with the file's names, shapes and dtypes but no values, id of tensor -> name)."""
    state: Any = OrderedDict()
    sources: dict[int, str] = {}
    values = request.get("values") or {}
    sketches = request.get("sketches") or {}
    nothing = {}
    for name, shape, dtype in request["tensors"]:
        if shape is None:
            text = values.get(name)
            state[name] = ast.literal_eval(text) if text is not None else sketched(torch, sketches.get(name))
            continue
        kind = getattr(torch, dtype, None)
        if dtype in QUANTISED and device != "meta":
            state[name] = sketched(torch, {"shape": shape, "dtype": dtype})
            sources[id(state[name])] = name
            continue
        if not isinstance(kind, torch.dtype) or dtype.startswith(("q", "bits")):
            kind = torch.uint8
        if device == "meta":
            tensor = torch.empty(shape, dtype=kind, device="meta")
        else:
            if kind not in nothing:
                nothing[kind] = torch.empty(1, dtype=kind)
                with contextlib.suppress(Exception):
                    nothing[kind].zero_()
            tensor = nothing[kind].expand(shape) if shape else nothing[kind][0]
            if not all(shape):
                tensor = torch.empty(shape, dtype=kind)
        state[name] = tensor
        sources[id(tensor)] = name
    recorded = request.get("versions")
    if recorded is not None:
        state._metadata = OrderedDict((prefix, dict(facts)) for prefix, facts in recorded.items())
    return state, sources


# Those that torch can make a tensor of, given a scale alone.
QUANTISED = ("qint8", "quint8", "qint32")


def sketched(torch: Any, sketch: Any) -> Any:
    """A value as the file holds it, with tensors of zeros: packed weights go through code that looks at them."""
    if not isinstance(sketch, dict):
        return None
    if "items" in sketch:
        return tuple(sketched(torch, part) for part in sketch["items"])
    if "torch" in sketch:
        found = getattr(torch, sketch["torch"], None)
        return found if isinstance(found, torch.dtype) else None
    kind = getattr(torch, sketch["dtype"], None)
    if not isinstance(kind, torch.dtype):
        return None
    if sketch["dtype"] in QUANTISED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch._empty_affine_quantized(sketch["shape"], scale=1.0, zero_point=0, dtype=kind)
    return torch.zeros(sketch["shape"], dtype=kind)


def call_load(model: Any, state: Any) -> Any:
    """torch's own strict loading, also through an override that takes no `strict`."""
    try:
        parameters: Any = inspect.signature(model.load_state_dict).parameters
    except (TypeError, ValueError):
        parameters = {"strict": None}
    takes = "strict" in parameters or any(p is not None and p.kind is p.VAR_KEYWORD for p in parameters.values())
    return model.load_state_dict(state, strict=True) if takes else model.load_state_dict(state)


def do_verdict(request: Any) -> Any:
    torch = need_torch()
    built = MODELS.get(request["reference"])
    answer = None
    # Loading code that looks at values cannot do so on the meta device; zeros that occupy nothing are tried then.
    for device in ("meta", "cpu") if all_meta(built.model) else ("cpu",):
        model = built.model
        if built.custom:
            try:
                model = copy.deepcopy(built.model)
            except Exception:
                MODELS.kept.clear()  # the verdict may change the model: the next one starts from a new one
        state, sources = stand_in_state_dict(torch, request, device)
        recorder = Recorder(sources)
        failure, details = None, ""
        with warnings.catch_warnings(), user_code("model-load-failed", name=built.reference["title"]):
            warnings.simplefilter("ignore")
            with recorder.watching(torch), torch.no_grad():
                try:
                    call_load(model, state)
                except MemoryError:
                    raise
                except Exception as error:
                    failure = error
                    details = user_traceback(error)
        ordinary = isinstance(failure, RuntimeError) and str(failure).startswith("Error(s) in loading state_dict")
        answer = verdict_answer(recorder, failure, ordinary, details)
        blamed = failure is not None and (not ordinary or any("meta" in text.lower() for text in answer["errors"]))
        if not blamed or not blames_meta(failure):
            break
    return answer


def verdict_answer(recorder: Any, failure: Any, ordinary: Any, details: Any) -> Any:
    """The recorded lists as JSON values."""
    joined = ("Missing key(s) in state_dict", "Unexpected key(s) in state_dict")
    errors = [text for text in recorder.errors if text not in recorder.mismatch_texts and not text.startswith(joined)]
    if failure is not None and not ordinary:
        errors.append(one_line(failure))
    return {
        "ok": failure is None,
        "missing": list(dict.fromkeys(recorder.missing)),
        "unexpected": [[name, recorder.origin.get(name, name)] for name in dict.fromkeys(recorder.unexpected)],
        "mismatched": list(dict.fromkeys(recorder.mismatched)),
        "renamed": {name: origin for name, origin in recorder.loaded.items() if origin not in (None, name)},
        "made": [name for name, origin in recorder.loaded.items() if origin is None],
        "completed": failure is None or ordinary,
        "errors": errors,
        "text": "" if failure is None else str(failure)[:200000],
        "details": "" if ordinary else details,
    }


# ---- values and load tests -------------------------------------------------------------------------------

SAFETENSORS_DTYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
    "int16": "I16", "int8": "I8", "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "bool": "BOOL",
    "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "float8_e8m0fnu": "F8_E8M0",
    "complex64": "C64",
}  # fmt: skip


def do_initial_values(request: Any) -> Any:
    """Writes the model's own fresh values of some names as safetensors (header length, JSON header, bytes)."""
    model, _ = call_builder(request["reference"], mode="real", seed=request["seed"])
    state = model.state_dict()
    wanted = request["names"]
    absent = [name for name in wanted if name not in state]
    if absent:
        raise Refusal("model-lacks-names", names=", ".join(absent[:5]))
    header, offset, tensors = {}, 0, []
    for name in wanted:
        tensor = state[name].detach().cpu().contiguous()
        dtype = str(tensor.dtype).split(".")[-1]
        if dtype not in SAFETENSORS_DTYPES:
            raise Refusal("model-odd-dtype", name=name, dtype=dtype)
        size = tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": SAFETENSORS_DTYPES[dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
        tensors.append(tensor)
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(request["path"], "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors:
            size = tensor.numel() * tensor.element_size()
            start = tensor.data_ptr()
            for done in range(0, size, 1 << 24):
                file.write(ctypes.string_at(start + done, min(1 << 24, size - done)))
    return {"tensors": len(tensors), "bytes": offset}


def read_exported(torch: Any, path: Any, inner: Any) -> Any:
    """(the state dict of an exported file, how it was read), with torch's or safetensors' own loader."""
    with open(path, "rb") as file:
        start = file.read(16)
    if start[:2] == b"PK" or start[:1] == b"\x80":
        if "weights_only" in inspect.signature(torch.load).parameters:
            how = "torch.load(weights_only=True)"
            value = torch.load(path, map_location="cpu", weights_only=True)
        else:
            # Before torch 1.13 a load runs whatever the file says; such a torch is not supported anyway.
            raise Refusal("torch-too-old", version=torch.__version__)
    else:
        try:
            from safetensors.torch import load_file
        except ModuleNotFoundError:
            raise Refusal("missing-package", package="safetensors") from None
        how = "safetensors.torch.load_file"
        value = load_file(path)
    for key in inner or ():
        value = value[key]
    return value, how


def candidate_inputs(torch: Any, model: Any) -> Any:
    """Argument tuples that may suit the model's forward, likeliest first."""
    first: tuple[Any, ...] | None = None
    for module in model.modules():
        weight = getattr(module, "weight", None)
        if isinstance(weight, torch.Tensor) and not first and module._parameters.get("weight") is not None:
            if isinstance(module, (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)):
                first = ("conv", weight.dim() - 2, module.in_channels)
            elif isinstance(module, torch.nn.Linear):
                first = ("linear", module.in_features, 0)
            elif isinstance(module, torch.nn.Embedding):
                first = ("embedding", module.num_embeddings, 0)
    options: list[tuple[Any, ...]] = []
    if first and first[0] == "conv":
        axes, channels = first[1:]
        sizes: Any = {1: [(1600,), (16000,)], 2: [(224, 224), (32, 32), (299, 299), (64, 64), (28, 28), (256, 256)],
                 3: [(16, 112, 112), (16, 224, 224), (32, 64, 64)]}[axes]  # fmt: skip
        for size in sizes:
            one = torch.rand(1, channels, *size)
            options.append((one,))
            if axes == 2 and size[0] == 224:
                options.append(([one[0]],))
                big = torch.rand(1, channels, 128, 128)
                options.append((big, big))
    if first and first[0] == "embedding":
        options.append((torch.randint(0, first[1], (1, 8)),))
    if first and first[0] == "linear":
        options += [(torch.rand(2, first[1]),), (torch.rand(1, 4, first[1]),)]
    return options or [(torch.rand(1, 3, 224, 224),)]


def forward_once(torch: Any, model: Any, shapes: Any) -> Any:
    """What one pass on random input gives: {"ok", "input", "output"} or {"ok": False, "error"}."""
    options = [tuple(torch.rand(*shape) for shape in shapes)] if shapes else candidate_inputs(torch, model)
    model.eval()
    problem = ""
    for inputs in options:
        try:
            with torch.no_grad():
                output = model(*inputs)
        except Exception as error:
            problem = problem or one_line(error)
            continue
        return {"ok": True, "input": shapes_of(torch, inputs), "output": shapes_of(torch, output)}
    return {"ok": False, "error": problem}


def shapes_of(torch: Any, value: Any) -> Any:
    """Shapes of a nest of tensors, in words."""
    if isinstance(value, torch.Tensor):
        return "×".join(map(str, value.shape)) or "scalar"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shapes_of(torch, part)}" for key, part in list(value.items())[:6]) + "}"
    if isinstance(value, (list, tuple)):
        return ", ".join(shapes_of(torch, part) for part in list(value)[:6])
    return type(value).__name__


def do_load_test(request: Any) -> Any:
    torch = need_torch()
    answer = {"loaded": False, "strict": False, "how": "", "text": "", "forward": None, "torch": torch.__version__}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            state, answer["how"] = read_exported(torch, request["path"], request.get("inner"))
        except Refusal:
            raise
        except Exception as error:
            return {**answer, "text": one_line(error), "details": user_traceback(error)}
        answer["loaded"] = True
        if request.get("reference") is None:
            return answer
        model, _ = call_builder(request["reference"], mode="real")
        with user_code("model-load-failed", name=request["reference"]["title"]):
            try:
                result = call_load(model, state)
            except (MemoryError, SystemExit):
                raise
            except Exception as error:
                return {**answer, "text": str(error), "details": user_traceback(error)}
            answer.update(strict=True, text=str(result))
            del state
            if request.get("forward"):
                answer["forward"] = forward_once(torch, model, request.get("inputs"))
    return answer


# ---- questions -------------------------------------------------------------------------------------------


def do_versions(request: Any) -> Any:
    return {"python": sys.version.split()[0], "executable": sys.executable, "packages": versions()}


def do_torchvision(request: Any) -> Any:
    models = need_torchvision().models
    found = []
    for name in models.list_models():
        try:
            signature = inspect.signature(models.get_model_builder(name))
        except (TypeError, ValueError):
            continue
        parameters = [
            parameter.replace(annotation=inspect.Parameter.empty)
            for parameter in signature.parameters.values()
            if parameter.name not in ("weights", "weights_backbone", "progress")
        ]
        found.append([name, str(inspect.Signature(parameters))])
    return {"models": found}


def do_locate(request: Any) -> Any:
    """The file an import would run first, found without running anything; "" when it cannot be told."""
    if request.get("base"):
        paths = [request["base"], *sys.path]
    else:
        paths = None
    spec: Any = None
    dotted = ""
    for part in request["module"].split("."):
        dotted = f"{dotted}.{part}" if dotted else part
        spec = importlib.machinery.PathFinder.find_spec(dotted, paths)
        if spec is None:
            return {"path": ""}
        paths = list(spec.submodule_search_locations or ())
    return {"path": spec.origin or ""}


ACTIONS = {
    "build": do_build,
    "verdict": do_verdict,
    "initial": do_initial_values,
    "load_test": do_load_test,
    "versions": do_versions,
    "torchvision": do_torchvision,
    "locate": do_locate,
}


# ---- the line to the program -----------------------------------------------------------------------------


def limit_resources() -> None:
    """No core files; and no more memory than most of the machine, so that a mistake cannot drown it."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(Exception):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(Exception):
        asked = os.environ.get("CKPT_STUDIO_HOST_MEMORY")
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        limit = int(asked) if asked else physical * 3 // 4
        resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def end_everything() -> None:
    """Ends this process and what the user's code started: the program that asked is gone."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(Exception):
            if os.getpgrp() == os.getpid():
                os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def read_requests(source: Any, requests: Any) -> None:
    """Reads while the user's code runs, so that the end of the program is noticed at once."""
    for line in source:
        requests.put(line)
    end_everything()


def answer(line: Any) -> Any:
    """The reply to one request."""
    request = json.loads(line)
    started = time.monotonic()
    try:
        with user_code("model-failed", name=str(request.get("do"))):
            reply = {"id": request["id"], "ok": ACTIONS[request["do"]](request)}
    except Refusal as refusal:
        error = {"code": refusal.code, "fields": refusal.fields, "details": refusal.details}
        reply = {"id": request["id"], "error": error}
    reply["seconds"] = time.monotonic() - started
    return reply


def main() -> None:
    """Serves requests until stdin ends."""
    # The protocol keeps the real stdin and stdout to itself; C-level prints cannot reach it either.
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    faulthandler.enable()
    limit_resources()
    GUARD.install()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=read_requests, args=(source, requests), daemon=True).start()
    hello = {"hello": {"python": sys.version.split()[0], "executable": sys.executable}}
    sink.write(json.dumps(hello).encode() + b"\n")
    sink.flush()
    while True:
        reply = answer(requests.get())
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        sink.write(json.dumps(reply).encode() + b"\n")
        sink.flush()


if __name__ == "__main__":
    main()
