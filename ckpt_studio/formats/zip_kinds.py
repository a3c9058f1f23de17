"""Which of the ZIP-based kinds an archive is: torch's own, TorchScript, torch.package, .pt2, or none of them."""

from __future__ import annotations

from ckpt_studio.errors import FormatError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.reading import Reading
from ckpt_studio.formats.torch_zip import find_root, read_torch_zip
from ckpt_studio.formats.zip_directory import ZipDirectory


def read_zip(blob: Blob, depth: int = 0) -> Reading:
    """The tree of a ZIP archive that torch wrote.

    Raises:
        FormatError: damaged, encrypted, or some other kind of archive.
    """
    directory = ZipDirectory(blob)
    root = find_root(directory)
    if root is None:
        raise FormatError("zip-without-checkpoint", path=blob.name)
    reading = read_torch_zip(blob, directory, root, depth)
    script = root + "constants.pkl" in directory.members
    reading.format = "torchscript" if script else "torch-zip"
    return reading
