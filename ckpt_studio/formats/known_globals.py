"""Globals that pickles name: what attacks use, what is plain data, and whose classes people keep in checkpoints."""

from __future__ import annotations

import builtins


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Whole modules (with everything below them) by what their functions do to the machine that loads the file.
DANGEROUS_MODULES = {
    "command": words(
        "os posix nt subprocess _posixsubprocess commands popen2 pty pip venv ensurepip webbrowser "
        "platform test _aix_support _osx_support _pyrepl setuptools distutils antigravity "
        "multiprocessing uuid torch.utils.collect_env torch.utils.cpp_extension torch._inductor "
        "torch.distributed.launcher"
    ),
    "code": words(
        "code codeop runpy timeit pdb bdb cProfile profile trace doctest idlelib lib2to3 marshal "
        "importlib imp zipimport _frozen_importlib _imp pkgutil pydoc ctypes _ctypes cffi sys gc inspect "
        "atexit signal faulthandler numpy.f2py numpy.testing numpy.distutils numpy.ctypeslib "
        "cloudpickle.cloudpickle dill._dill jinja2 mako torch._dynamo torch.hub torch.utils.bottleneck "
        "torch.jit.unsupported_tensor_ops torch.testing._internal torch.fx.experimental "
        "torch.fx.graph_module torch.ops IPython pytest _pytest nose execnet torch._C._jit "
        "torch.utils._config_module tensorflow.keras.models"
    ),
    "network": words(
        "socket _socket ssl _ssl http httplib urllib urllib2 requests httpx aiohttp asyncio ftplib "
        "smtplib poplib imaplib nntplib telnetlib xmlrpc xmlrpclib socketserver SocketServer wsgiref "
        "paramiko"
    ),
    "file": words("shutil tempfile fileinput zipfile tarfile glob linecache dbm sqlite3 mmap"),
    "pickle": words(
        "pickle _pickle cPickle shelve dill cloudpickle joblib jsonpickle torch.utils.data.datapipes.utils.decoder"
    ),
}
DANGEROUS_NAMES = {
    "command": {"torch.utils.data.datapipes.utils": {"decoder"}, "logging.config": {"listen", "fileConfig"}},
    "code": {
        "__builtin__": {
            "eval",
            "exec",
            "execfile",
            "compile",
            "__import__",
            "apply",
            "breakpoint",
            "input",
            "reload",
            "globals",
            "locals",
            "vars",
            "setattr",
            "delattr",
            "memoryview",
            "help",
        },
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
}
# Classes of dangerous modules that hold nothing but values, and that torch's own tensors and compiled modules keep.
HARMLESS = {
    "torch._dynamo.decorators": words("_DimRange"),
    "torch._dynamo.eval_frame": words("OptimizedModule OptimizeContext"),
    "torch._dynamo.convert_frame": words("CatchErrorsWrapper ConvertFrame ConvertFrameAssert ConvertFrameBox"),
    "torch._dynamo.hooks": words("Hooks"),
    "torch._dynamo.repro.after_dynamo": words("WrapBackendDebug"),
}
# Attributes that may be looked up and called: pickling of harmless classes goes this way.
HARMLESS_LOOKUPS = frozenset({(("zoneinfo", "ZoneInfo"), "_unpickle")})
# Names of several modules that do the same under another name.
ALIASES = {"builtins": "__builtin__", "_operator": "operator", "_io": "io", "copy_reg": "copyreg", "_codecs": "codecs"}

EXCEPTIONS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
# Plain data of Python itself, torch and numpy: unpickling it does nothing but make the object.
PLAIN: dict[str, frozenset[str]] = {
    "__builtin__": words(
        "object set frozenset list dict tuple int long float bool str unicode bytes bytearray complex "
        "slice range xrange Ellipsis NotImplemented NoneType basestring"
    )
    | EXCEPTIONS,
    "exceptions": EXCEPTIONS,
    "UserDict": words("UserDict IterableUserDict"),
    "contextlib": words("nullcontext"),
    "zoneinfo": words("ZoneInfo"),
    "collections": words("OrderedDict defaultdict Counter deque ChainMap UserDict namedtuple"),
    "joblib.numpy_pickle": frozenset({"NumpyArrayWrapper", "NDArrayWrapper", "ZNDArrayWrapper"}),
    "copyreg": frozenset({"_reconstructor", "__newobj__", "__newobj_ex__"}),
    "datetime": words("datetime date time timedelta timezone"),
    "decimal": frozenset({"Decimal"}),
    "fractions": frozenset({"Fraction"}),
    "argparse": frozenset({"Namespace"}),
    "types": frozenset({"SimpleNamespace", "NoneType"}),
    "uuid": frozenset({"UUID", "SafeUUID"}),
    "pathlib": words("Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath"),
    "pathlib._local": words("Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath"),
    "codecs": frozenset({"encode"}),
    "array": frozenset({"array", "_array_reconstructor"}),
    "re": frozenset({"_compile"}),
    "typing": words("Any Union Optional List Dict Tuple Set Callable Sequence Mapping"),
    "numpy": words(
        "ndarray dtype bool_ float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 "
        "str_ bytes_ complex64 complex128 longlong ulonglong void object_ record matrix recarray datetime64 timedelta64"
    ),
    "numpy.rec": words("recarray"),
    "numpy.random._pickle": words("__randomstate_ctor __bit_generator_ctor __generator_ctor"),
    "numpy.random.bit_generator": words("__pyx_unpickle_SeedSequence"),
    "numpy.core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy._core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy.core.numeric": frozenset({"_frombuffer"}),
    "numpy._core.numeric": frozenset({"_frombuffer"}),
    "numpy.ma.core": frozenset({"_mareconstruct", "MaskedArray"}),
    "ml_dtypes": frozenset({"bfloat16", "float8_e4m3fn", "float8_e5m2"}),
    "torch._utils": words(
        "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter "
        "_rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor "
        "_rebuild_sparse_csr_tensor _rebuild_meta_tensor_no_storage _rebuild_nested_tensor "
        "_rebuild_wrapper_subclass _rebuild_device_tensor_from_numpy "
        "_rebuild_device_tensor_from_cpu_tensor _rebuild_xla_tensor"
    ),
    "torch._tensor": frozenset({"_rebuild_from_type_v2", "Tensor"}),
    "torch.nested._internal.nested_tensor": words("_rebuild_njt"),
    "torch.amp.grad_scaler": words("_refresh_per_optimizer_state"),
    "torch.cuda.amp.grad_scaler": words("_refresh_per_optimizer_state"),
    "torch.utils.data._utils.collate": words("default_collate"),
    "torchvision.ops.boxes": words("box_iou"),
    "torchvision.models.optical_flow.raft": words("_pass_through_h"),
    "torch.tensor": frozenset({"_rebuild_from_type", "Tensor"}),
    "torch.storage": frozenset(
        {"_load_from_bytes", "UntypedStorage", "TypedStorage", "_UntypedStorage", "_TypedStorage"}
    ),
    "torch.serialization": frozenset({"_get_layout"}),
    "torch.nn.parameter": frozenset({"Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer"}),
    "torch.nn": frozenset({"Parameter"}),
    "torch.jit._pickle": words(
        "build_intlist build_tensorlist build_doublelist build_boollist build_tensor_from_id restore_type_tag"
    ),
}
TORCH_VALUES = words(
    "Size Tensor device dtype layout Generator finfo iinfo per_tensor_affine per_tensor_symmetric "
    "per_channel_affine per_channel_symmetric per_channel_affine_float_qparams sparse_coo sparse_csr "
    "sparse_csc sparse_bsr sparse_bsc strided contiguous_format preserve_format channels_last "
    "channels_last_3d"
) | {f"{kind}Tensor" for kind in words("Float Double Half BFloat16 Long Int Short Char Byte Bool")}

# What `torch.load(weights_only=True)` accepts of its own accord, besides storages and dtypes.
WEIGHTS_ONLY: dict[str, frozenset[str]] = {
    "collections": words("OrderedDict Counter"),
    "_codecs": words("encode"),
    "__builtin__": words("bytearray set complex"),
    "torch.nn.parameter": words("Parameter"),
    "torch.serialization": words("_get_layout"),
    "torch._utils": PLAIN["torch._utils"],
    "torch._tensor": words("_rebuild_from_type_v2"),
}
WEIGHTS_ONLY_VALUES = words(
    "Size Tensor device per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric "
    "per_channel_affine_float_qparams"
) | {f"{kind}Tensor" for kind in words("Float Double Half BFloat16 Long Int Short Char Byte Bool")}

# Libraries whose classes people keep in checkpoints. Their code is theirs: needed, known, and no attack by itself.
LIBRARIES = words(
    "torch torchvision torchaudio torchtext torchdata torchao torchrl torchmetrics numpy scipy "
    "sklearn pandas PIL lightning pytorch_lightning lightning_fabric lightning_utilities omegaconf "
    "hydra transformers tokenizers sentence_transformers timm diffusers accelerate peft datasets "
    "safetensors monai fairseq fairseq2 detectron2 fvcore iopath mmcv mmengine mmdet mmseg "
    "ultralytics yacs ml_collections easydict addict attr attrs pydantic jax flax dgl "
    "torch_geometric e3nn ase pymatgen matgl chgnet mace schnetpack esm espnet espnet2 speechbrain "
    "nemo allennlp spacy thinc flair gensim nltk skorch fastai fastcore catalyst ignite gpytorch "
    "botorch pyro stable_baselines3 gymnasium gym ray tensordict segmentation_models_pytorch kornia "
    "albumentations einops xformers bitsandbytes apex deepspeed megatron open_clip clip whisper TTS "
    "encodec audiocraft collections datetime enum functools typing argparse types dataclasses abc "
    "numbers random math itertools string json logging copy re weakref threading pathlib decimal"
)
