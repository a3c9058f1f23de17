"""A pickle without a container: numpy arrays, nested `torch.save` bytes, or any Python object."""

from __future__ import annotations

from ckpt_studio.errors import FormatError
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.reading import Reading, run_pickle

# The whole pickle is in memory while it is read, arrays included.
_MAX_PICKLE = 4 << 30


def read_plain_pickle(blob: Blob, depth: int = 0) -> Reading:
    """The tree of the first pickle in `blob`.

    Raises:
        FormatError: "not-a-checkpoint" when the bytes make no pickle; "pickle-cut-short", "pickle-damaged".
    """
    if blob.nbytes > _MAX_PICKLE:
        raise FormatError("record-too-large", path=blob.name, record="pickle", nbytes=blob.nbytes)
    reading = Reading(record="pickle", format="pickle")
    data = blob.read(0, blob.nbytes)
    from_joblib = b"joblib.numpy_pickle" in data
    try:
        run_pickle(reading, data, blob, None, None, depth)
    except FormatError as error:
        if from_joblib:
            raise FormatError("joblib-file", path=blob.name, details=error.details) from None
        if data[:1] != b"\x80" and error.code in ("pickle-damaged", "pickle-cut-short"):
            raise FormatError("not-a-checkpoint", path=blob.name, details=error.details) from None
        raise
    if from_joblib and not any(finding.severity == "danger" for finding in reading.findings):
        raise FormatError("joblib-file", path=blob.name)
    return reading
