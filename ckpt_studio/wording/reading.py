"""Sentences of: reading."""

from __future__ import annotations

from ckpt_studio.wording.marking import QT_TRANSLATE_NOOP

TEMPLATES: dict[str, str] = {
    # The file itself.
    "file-not-found": QT_TRANSLATE_NOOP("messages", "There is no file “{path}”."),
    "is-a-directory": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a folder without a checkpoint that can be opened as one; open one of its files."
    ),
    "unreadable": QT_TRANSLATE_NOOP("messages", "“{path}” cannot be read: {reason}."),
    "not-a-regular-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a pipe or a device, not a file on a disk. Save its content to a file and open that."
    ),
    "source-changed": QT_TRANSLATE_NOOP(
        "messages", "“{path}” was changed, moved or deleted since it was opened. Open it again."
    ),
    "truncated": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is cut short: at least {missing:size} are missing at its end. Download or copy it again."
    ),
    # What is no checkpoint.
    "empty-file": QT_TRANSLATE_NOOP("messages", "“{path}” is empty."),
    "zeros-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” begins with nothing but zero bytes; the download or copy was probably interrupted."
    ),
    "not-a-checkpoint": QT_TRANSLATE_NOOP("messages", "“{path}” is not a checkpoint of any kind known here."),
    "git-lfs-pointer": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is a git-LFS pointer: the real file was never downloaded. Run “git lfs pull” in its folder.",
    ),
    "html-page": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is a web page, not a checkpoint: the download gave an error or login page. Download it again.",
    ),
    "xml-file": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is an XML text, often a server’s error message saved in place of the file. Download it again.",
    ),
    "few-bytes-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” has only {nbytes} bytes: too few to be a checkpoint. Download or copy it again."
    ),
    "text-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a text file, not a checkpoint."),
    "json-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a JSON text that lists no shards of a checkpoint."),
    "gzip-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is compressed with gzip. Unpack it first, then open what is inside."
    ),
    "bzip2-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is compressed with bzip2. Unpack it first, then open what is inside."
    ),
    "xz-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is compressed with xz. Unpack it first, then open what is inside."
    ),
    "zstd-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is compressed with Zstandard. Unpack it first, then open what is inside."
    ),
    "zlib-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is compressed with zlib, as joblib does it. Unpack it first, then open what is inside."
    ),
    "lzma-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is compressed with LZMA. Unpack it first, then open what is inside."
    ),
    "lz4-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is compressed with LZ4. Unpack it first, then open what is inside."
    ),
    "7z-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a 7z archive. Unpack it first, then open what is inside."),
    "rar-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a RAR archive. Unpack it first, then open what is inside."),
    "archive-of-files": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is an archive of other files ({names}). Unpack it and open the checkpoint among them."
    ),
    "empty-zip": QT_TRANSLATE_NOOP("messages", "“{path}” is a ZIP archive without any files."),
    "gguf-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a GGUF or GGML model (llama.cpp), not a PyTorch checkpoint."
    ),
    "hdf5-file": QT_TRANSLATE_NOOP("messages", "“{path}” is an HDF5 file (Keras), not a PyTorch checkpoint."),
    "keras-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a Keras model, not a PyTorch checkpoint."),
    "numpy-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a NumPy array file (.npy), not a PyTorch checkpoint."),
    "numpy-archive": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a NumPy archive of arrays (.npz), not a PyTorch checkpoint."
    ),
    "onnx-file": QT_TRANSLATE_NOOP("messages", "“{path}” is an ONNX model, not a PyTorch checkpoint."),
    "tensorflow-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a TensorFlow model, not a PyTorch checkpoint."),
    "tflite-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a TensorFlow Lite model, not a PyTorch checkpoint."),
    "executorch-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is an ExecuTorch program, made for devices; open the checkpoint it was exported from."
    ),
    "ncnn-file": QT_TRANSLATE_NOOP("messages", "“{path}” is an ncnn model, not a PyTorch checkpoint."),
    "pdf-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a PDF document, not a checkpoint."),
    "image-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a picture, not a checkpoint."),
    "program-file": QT_TRANSLATE_NOOP("messages", "“{path}” is a program or library, not a checkpoint."),
    "joblib-file": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” was written by joblib, which puts arrays between the opcodes of a pickle; only joblib can read it.",
    ),
    "mar-file": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a TorchServe archive (.mar): a ZIP file. Unpack it and open the model inside."
    ),
    # ZIP containers.
    "zip-cut-short": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is cut short: the directory at the end of the archive is missing. Download or copy it again.",
    ),
    "zip-cut-short-by": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is cut short: at least {missing:size} are missing at its end, with the directory of the archive. "
        "Download or copy it again.",
    ),
    "zip-damaged": QT_TRANSLATE_NOOP("messages", "The ZIP archive “{path}” is damaged. Download or copy it again."),
    "zip-headers-disagree": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is damaged or was tampered with: its directory and the member “{record}” itself say different things.",
    ),
    "zip-encrypted": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is an encrypted ZIP archive. Unpack it with its password, then open what is inside."
    ),
    "zip-method": QT_TRANSLATE_NOOP(
        "messages", "“{record}” in “{path}” is compressed with a method ({method}) that torch never uses."
    ),
    "zip-without-checkpoint": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a ZIP archive, but not one that torch wrote: it has no data.pkl. Unpack it first."
    ),
    "record-too-large": QT_TRANSLATE_NOOP(
        "messages", "“{record}” in “{path}” claims {nbytes} bytes, more than any real checkpoint needs there."
    ),
    "record-missing": QT_TRANSLATE_NOOP(
        "messages", "The file has no record “{record}”, so these values are not there."
    ),
    "record-too-short": QT_TRANSLATE_NOOP(
        "messages", "The record “{record}” holds {there} bytes where the tensors need {needed}; the file is damaged."
    ),
    "record-damaged": QT_TRANSLATE_NOOP("messages", "The record “{record}” cannot be unpacked; the file is damaged."),
    "tensor-outside-storage-read": QT_TRANSLATE_NOOP(
        "messages", "This tensor reaches to byte {needed} of a storage (“{key}”) of {there} bytes; the file is damaged."
    ),
    "meta-tensor": QT_TRANSLATE_NOOP(
        "messages", "This tensor was saved on the “meta” device: it has a shape and no values."
    ),
    # Pickles.
    "pickle-cut-short": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is cut short or damaged: its pickle ({record}) breaks off at byte {position}."
    ),
    "pickle-damaged": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is damaged: its pickle ({record}) makes no sense at byte {position}."
    ),
    "nested-too-deep": QT_TRANSLATE_NOOP(
        "messages", "“{path}” holds checkpoints inside checkpoints inside checkpoints; that deep nothing is read."
    ),
    "tar-damaged": QT_TRANSLATE_NOOP("messages", "The tar archive “{path}” is damaged. Download or copy it again."),
    "exported-program-damaged": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is an exported program (.pt2) whose list of weights is damaged."
    ),
    "legacy-header": QT_TRANSLATE_NOOP(
        "messages", "“{path}” begins like an old PyTorch checkpoint, but what follows is none; it is damaged."
    ),
    "legacy-keys": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is damaged: its list of storages does not fit what its pickle describes."
    ),
    "legacy-count": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is damaged: the storage “{key}” has another size than the pickle says."
    ),
    # Sets of files.
    "index-damaged": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is a damaged list of shards: it does not map names to files."
    ),
    "index-inside": QT_TRANSLATE_NOOP("messages", "“{path}” is a list of shards where a checkpoint was expected."),
    "shard-missing": QT_TRANSLATE_NOOP(
        "messages",
        "The shard “{file}” is missing, so this tensor has no values. Put the file beside the others and open the set again.",
    ),
    "shard-outside": QT_TRANSLATE_NOOP(
        "messages", "“{path}” lies outside the folder of the list of shards and is not opened."
    ),
    "dcp-metadata": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is not what torch.distributed.checkpoint writes; the folder cannot be opened."
    ),
    "chunk-differs": QT_TRANSLATE_NOOP(
        "messages", "A part of this tensor in “{path}” is not what the checkpoint’s metadata says; the file is damaged."
    ),
    "chunk-missing": QT_TRANSLATE_NOOP("messages", "A part of this tensor is not in the checkpoint’s files."),
    # safetensors; the published library refuses all of these too.
    "safetensors-header": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is no valid safetensors file: its header is damaged ({reason})."
    ),
    "header-short": QT_TRANSLATE_NOOP("messages", "shorter than its header’s length field"),
    "header-no-list": QT_TRANSLATE_NOOP("messages", "not a list of tensors"),
    "header-not-utf8": QT_TRANSLATE_NOOP("messages", "not UTF-8"),
    "header-no-json": QT_TRANSLATE_NOOP("messages", "not a JSON object"),
    "header-name": QT_TRANSLATE_NOOP("messages", "a name is no valid text"),
    "header-metadata": QT_TRANSLATE_NOOP("messages", "“__metadata__” is not a table of strings"),
    "safetensors-header-too-large": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is no valid safetensors file: its header claims {nbytes} bytes, and 100 MB are the limit."
    ),
    "safetensors-duplicate": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is no valid safetensors file: the name “{name}” occurs twice in its header."
    ),
    "safetensors-entry": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is no valid safetensors file: the entry of “{name}” is not a dtype, a shape and two offsets.",
    ),
    "safetensors-dtype": QT_TRANSLATE_NOOP(
        "messages", "“{path}”: “{name}” has the dtype “{dtype}”, which is not known here."
    ),
    "safetensors-offsets": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is no valid safetensors file: the bytes of “{name}” overlap others or leave a gap before them.",
    ),
    "safetensors-size": QT_TRANSLATE_NOOP(
        "messages",
        "“{path}” is no valid safetensors file: “{name}” needs {needed} bytes by its shape and dtype, and has {there}.",
    ),
    "safetensors-overflow": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is no valid safetensors file: “{name}” has more elements than can be counted."
    ),
    "safetensors-unaligned": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is no valid safetensors file: “{name}” does not fill whole bytes."
    ),
    "safetensors-trailing": QT_TRANSLATE_NOOP(
        "messages", "“{path}” is no valid safetensors file: {nbytes} bytes follow the last tensor."
    ),
    # State dicts.
    "no-state-dict": QT_TRANSLATE_NOOP(
        "messages", "“{path}” holds no state dict: no mapping from names to tensors was found in it."
    ),
    "unknown-state-dict": QT_TRANSLATE_NOOP(
        "messages", "There is no state dict “{label}” in the file; there are: {known} (“.” is the file’s root)."
    ),
}
