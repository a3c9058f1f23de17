"""What a stock `torch.load` would have executed, from the globals a pickle names; in words, by severity.

Three answers about a global: nothing (torch's own rebuilding and plain Python data), a note (classes of a well-known
library: their code runs, as intended), a warning (code that nobody here knows), danger (what attacks use). A file that
names something dangerous and never calls it is called dangerous all the same: importing already runs code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ckpt_studio.core.checkpoint import Finding, Severity
from ckpt_studio.core.discovery import describe_value
from ckpt_studio.core.dtypes import BY_NAME
from ckpt_studio.core.tree import Global
from ckpt_studio.errors import message
from ckpt_studio.formats.pickle_machine import Trace
from ckpt_studio.formats.rebuild import is_storage_class

# Whole modules (with everything below them) by what their functions do to the machine that loads the file.
_DANGEROUS_MODULES = {
    "command": (
        "os posix nt subprocess _posixsubprocess commands popen2 pty pip venv ensurepip webbrowser platform test "
        "_aix_support _osx_support _pyrepl setuptools distutils antigravity multiprocessing uuid "
        "torch.utils.collect_env torch.utils.cpp_extension torch._inductor torch.distributed.launcher"
    ),
    "code": (
        "code codeop runpy timeit pdb bdb cProfile profile trace doctest idlelib lib2to3 marshal importlib imp zipimport "
        "_frozen_importlib _imp pkgutil pydoc ctypes _ctypes cffi sys gc inspect atexit signal faulthandler "
        "numpy.f2py numpy.testing numpy.distutils numpy.ctypeslib cloudpickle.cloudpickle dill._dill jinja2 mako "
        "torch._dynamo torch.hub torch.utils.bottleneck torch.jit.unsupported_tensor_ops torch.testing._internal "
        "torch.fx.experimental torch.fx.graph_module torch.ops IPython pytest _pytest nose execnet "
        "torch._C._jit torch.utils._config_module tensorflow.keras.models"
    ),
    "network": (
        "socket _socket ssl _ssl http httplib urllib urllib2 requests httpx aiohttp asyncio ftplib smtplib poplib imaplib "
        "nntplib telnetlib xmlrpc xmlrpclib socketserver SocketServer wsgiref paramiko"
    ),
    "file": "shutil tempfile fileinput zipfile tarfile glob linecache dbm sqlite3 mmap",
    "pickle": "pickle _pickle cPickle shelve dill cloudpickle joblib jsonpickle torch.utils.data.datapipes.utils.decoder",
}
_DANGEROUS_NAMES = {
    "command": {"torch.utils.data.datapipes.utils": {"decoder"}, "logging.config": {"listen", "fileConfig"}},
    "code": {
        "__builtin__": {"eval", "exec", "execfile", "compile", "__import__", "apply", "breakpoint", "input", "reload",
                        "globals", "locals", "vars", "setattr", "delattr", "memoryview", "help"},
        "types": {"CodeType", "FunctionType", "LambdaType", "MethodType"},
        "operator": {"methodcaller", "call"},
        "torch": {"load", "compile"},
        "torch.jit": {"load", "script", "CompilationUnit"},
        "torch.serialization": {"load"},
        "torch._utils": {"_import_dotted_name"},
        "torch.package": {"PackageImporter"},
        "torch.fx.experimental.symbolic_shapes": {"ShapeEnv.evaluate_guards_expression"},
        "pandas": {"eval", "read_pickle"},
        "pandas.core.computation.eval": {"eval"},
        "sympy.core.sympify": {"sympify"},
        "sympy": {"sympify", "parse_expr"},
        "copyreg": {"add_extension", "pickle", "constructor"},
        "numexpr": {"evaluate"},
        "threading": {"Thread", "Timer"},
    },
    "file": {
        "__builtin__": {"open", "file"},
        "io": {"open", "open_code", "FileIO"},
        "logging": {"FileHandler", "basicConfig"},
        "logging.handlers": {"RotatingFileHandler", "TimedRotatingFileHandler", "SocketHandler", "HTTPHandler"},
        "codecs": {"open"},
        "numpy": {"load", "save", "savez", "fromfile", "memmap", "loadtxt", "savetxt", "genfromtxt"},
        "numpy.lib.npyio": {"load", "save"},
        "torch": {"save", "from_file"},
        "torch.storage": {"UntypedStorage.from_file"},
    },
}  # fmt: skip
# Names of several modules that do the same under another name.
_ALIASES = {"builtins": "__builtin__", "_operator": "operator", "_io": "io", "copy_reg": "copyreg", "_codecs": "codecs"}

# Plain data of Python itself, torch and numpy: unpickling it does nothing but make the object.
_PLAIN: dict[str, frozenset[str]] = {
    "__builtin__": frozenset(
        "object set frozenset list dict tuple int long float bool str unicode bytes bytearray complex slice range xrange "
        "Ellipsis NotImplemented NoneType basestring Exception ValueError TypeError KeyError RuntimeError".split()
    ),
    "collections": frozenset("OrderedDict defaultdict Counter deque ChainMap UserDict namedtuple".split()),
    "copyreg": frozenset({"_reconstructor", "__newobj__", "__newobj_ex__"}),
    "datetime": frozenset("datetime date time timedelta timezone".split()),
    "decimal": frozenset({"Decimal"}),
    "fractions": frozenset({"Fraction"}),
    "argparse": frozenset({"Namespace"}),
    "types": frozenset({"SimpleNamespace", "NoneType"}),
    "uuid": frozenset({"UUID", "SafeUUID"}),
    "pathlib": frozenset("Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath".split()),
    "pathlib._local": frozenset("Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath".split()),
    "codecs": frozenset({"encode"}),
    "array": frozenset({"array", "_array_reconstructor"}),
    "re": frozenset({"_compile"}),
    "typing": frozenset("Any Union Optional List Dict Tuple Set Callable Sequence Mapping".split()),
    "numpy": frozenset(
        "ndarray dtype bool_ float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 str_ bytes_ "
        "complex64 complex128 longlong ulonglong void object_".split()
    ),
    "numpy.core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy._core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy.core.numeric": frozenset({"_frombuffer"}),
    "numpy._core.numeric": frozenset({"_frombuffer"}),
    "numpy.ma.core": frozenset({"_mareconstruct", "MaskedArray"}),
    "ml_dtypes": frozenset({"bfloat16", "float8_e4m3fn", "float8_e5m2"}),
    "torch._utils": frozenset(
        "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state "
        "_rebuild_qtensor _rebuild_sparse_tensor _rebuild_sparse_csr_tensor _rebuild_meta_tensor_no_storage "
        "_rebuild_nested_tensor _rebuild_wrapper_subclass _rebuild_device_tensor_from_numpy "
        "_rebuild_device_tensor_from_cpu_tensor _rebuild_xla_tensor".split()
    ),
    "torch._tensor": frozenset({"_rebuild_from_type_v2", "Tensor"}),
    "torch.tensor": frozenset({"_rebuild_from_type", "Tensor"}),
    "torch.storage": frozenset({"_load_from_bytes", "UntypedStorage", "TypedStorage", "_UntypedStorage", "_TypedStorage"}),
    "torch.serialization": frozenset({"_get_layout"}),
    "torch.nn.parameter": frozenset({"Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer"}),
    "torch.nn": frozenset({"Parameter"}),
    "torch.jit._pickle": frozenset(
        "build_intlist build_tensorlist build_doublelist build_boollist build_tensor_from_id restore_type_tag".split()
    ),
}  # fmt: skip
_TORCH_VALUES = frozenset(
    "Size Tensor device dtype layout Generator finfo iinfo per_tensor_affine per_tensor_symmetric per_channel_affine "
    "per_channel_symmetric per_channel_affine_float_qparams sparse_coo sparse_csr sparse_csc sparse_bsr sparse_bsc strided "
    "contiguous_format preserve_format channels_last channels_last_3d".split()
) | {f"{kind}Tensor" for kind in "Float Double Half BFloat16 Long Int Short Char Byte Bool".split()}  # fmt: skip

# Libraries whose classes people keep in checkpoints. Their code is theirs: needed, known, and no attack by itself.
_LIBRARIES = frozenset(
    "torch torchvision torchaudio torchtext torchdata torchao torchrl torchmetrics numpy scipy sklearn pandas PIL lightning "
    "pytorch_lightning lightning_fabric lightning_utilities omegaconf hydra transformers tokenizers sentence_transformers "
    "timm diffusers accelerate peft datasets safetensors monai fairseq fairseq2 detectron2 fvcore iopath mmcv mmengine mmdet "
    "mmseg ultralytics models yacs ml_collections easydict addict attr attrs pydantic jax flax dgl torch_geometric e3nn ase "
    "pymatgen matgl chgnet mace schnetpack esm espnet espnet2 speechbrain nemo allennlp spacy thinc flair gensim nltk skorch "
    "fastai fastcore catalyst ignite gpytorch botorch pyro stable_baselines3 gymnasium gym ray tensordict segmentation_models_pytorch "
    "kornia albumentations einops xformers bitsandbytes apex deepspeed megatron open_clip clip whisper TTS encodec audiocraft "
    "collections datetime enum functools typing argparse types dataclasses abc numbers random math itertools string json "
    "logging copy re weakref threading pathlib decimal".split()
)  # fmt: skip
_FUNCTION_HOMES = re.compile(
    r"^torch\.(nn\.(functional|init)|_C(\._nn|\._VariableFunctions)?|functional|nn\.modules\..*)$"
)
_GETTERS = frozenset({("__builtin__", "getattr"), ("operator", "attrgetter"), ("operator", "itemgetter")})
_MAX_FINDINGS = 200


def _top_level_names() -> frozenset[str]:
    names = (name for modules in _DANGEROUS_MODULES.values() for name in modules.split())
    # Words that are also usual attribute and method names of harmless classes.
    return frozenset(name for name in names if "." not in name) - {
        "test",
        "code",
        "profile",
        "trace",
        "platform",
        "models",
    }


_MODULE_KINDS = {module: kind for kind, modules in _DANGEROUS_MODULES.items() for module in modules.split()}
_TOP_LEVEL = _top_level_names()


def danger_of(name: Global) -> str | None:
    """What kind of harm a global stands for ("command", "code", "network", "file", "pickle"), or None."""
    module = _ALIASES.get(name.module, name.module)
    if name.name in _PLAIN.get(module, ()):
        return None
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        kind = _MODULE_KINDS.get(".".join(parts[:end]))
        if kind is not None:
            return kind
    for kind, table in _DANGEROUS_NAMES.items():
        if name.name in table.get(module, ()):
            return kind
    # "torch.serialization" "os.system" reaches another module through an attribute of a harmless one.
    for part in name.name.split("."):
        if part in _TOP_LEVEL:
            return _MODULE_KINDS[part]
        if part in ("__globals__", "__subclasses__", "__builtins__", "__code__", "__import__", "__getattribute__"):
            return "code"
    if "." in name.name and name.name.rsplit(".", 1)[1] in ("eval", "exec", "system", "popen", "open", "load", "loads"):
        return "code"
    return None


def is_plain(name: Global) -> bool:
    """Whether unpickling the global does nothing but make an object."""
    module = _ALIASES.get(name.module, name.module)
    if name.name in _PLAIN.get(module, ()):
        return True
    if is_storage_class(name):
        return True
    if module == "torch" and (name.name in BY_NAME or name.name in _TORCH_VALUES):
        return True
    if module in ("numpy", "numpy.dtypes") and name.name.endswith("DType"):
        return True
    # TorchScript's own classes are compiled from the archive's code and never Python.
    return module.startswith("__torch__")


def inspect_trace(trace: Trace, record: str) -> list[Finding]:
    """The findings of one pickle: each dangerous or unknown global, one note per well-known library.

    Args:
        trace: what the pickle named and called.
        record: where it lies, for `Finding.where`.
    """
    return list(_findings(trace, record))[:_MAX_FINDINGS]


def _findings(trace: Trace, record: str) -> Iterator[Finding]:
    libraries: dict[str, list[Global]] = {}
    getters: list[Global] = []
    unknown: list[Global] = []
    for name in trace.imported:
        kind = danger_of(name)
        if kind is not None:
            yield _finding("danger", f"unsafe-{kind}", record, name=_text(name), call=_call(trace, name))
        elif (_ALIASES.get(name.module, name.module), name.name) in _GETTERS:
            getters.append(name)
        elif is_plain(name):
            continue
        elif _is_library(name):
            libraries.setdefault(name.module.split(".")[0], []).append(name)
        else:
            unknown.append(name)
    for name in trace.built_globals:
        yield _finding("danger", "unsafe-built-class", record, name=_text(name))
    # An attribute that is looked up and then called can be any function at all.
    for name in getters:
        severity: Severity = "danger" if trace.computed_calls else "warning"
        yield _finding(severity, "unsafe-getter", record, name=_text(name), call=_call(trace, name))
    if trace.computed_calls and not getters:
        yield _finding("warning", "unsafe-computed-call", record, count=len(trace.computed_calls))
    for name in unknown:
        yield _finding("warning", "unsafe-unknown", record, name=_text(name))
    for library, names in libraries.items():
        yield _finding("note", "needs-library", record, library=library, count=len(names), name=_text(names[0]))


def _finding(severity: Severity, code: str, record: str, **fields: object) -> Finding:
    return Finding("unsafe-global", severity, message(code, **fields), record)


def _is_library(name: Global) -> bool:
    """Whether the global is a class of a library people know (or one of torch's plain functions)."""
    if name.module.split(".")[0] not in _LIBRARIES:
        return False
    if _ALIASES.get(name.module, name.module) == "functools" and name.name == "partial":
        return False
    if _FUNCTION_HOMES.match(name.module):
        return True
    last = name.name.rsplit(".", 1)[-1].lstrip("_")
    return last[:1].isupper() or name.module.startswith(("torch.nn.", "torch.optim."))


def _text(name: Global) -> str:
    return str(name) if len(str(name)) <= 120 else str(name)[:119] + "…"


def _call(trace: Trace, name: Global) -> str:
    """The first call as a person would write it, shortened; the bare name when it is only imported."""
    if name not in trace.called:
        return _text(name)
    arguments = trace.first_arguments.get(name, ())
    if type(arguments) is not tuple:
        arguments = ()
    inner = ", ".join(_argument(argument) for argument in arguments[:4])
    return f"{_text(name)}({inner})"


def _argument(value: object) -> str:
    text = describe_value(value)
    if len(text) > 80:
        text = text[:79] + "…"
    return repr(text) if type(value) is str else text
