"""Is an archive one thing to everybody: what reads its directory must find what its members say of themselves.

torch (miniz) and this program go by the directory at the end of a ZIP archive and take from a member's own header
only where its bytes begin; programs that unpack while they download, and some scanners, go by the members' headers.
An archive whose two halves differ shows each of them another checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

from ckpt_studio.core.checkpoint import Checkpoint, Finding
from ckpt_studio.core.jobs import SILENT, Progress
from ckpt_studio.errors import FormatError, StudioError, message
from ckpt_studio.formats.blob import Blob
from ckpt_studio.formats.sniff import sniff
from ckpt_studio.formats.zip_directory import ZipDirectory

_MAX_FINDINGS = 100
_POLL_EVERY = 256
_MAGIC = b"PK\3\4"
_LEAST_HEADER = 30
# How far into bytes that belong to no member one is looked for.
_SEARCHED = 1 << 16


def check_container(checkpoint: Checkpoint, progress: Progress = SILENT) -> list[Finding]:
    """What is wrong with the ZIP archives of a checkpoint beyond what opening them tells, at most 100 findings.

    All of code "corrupt": members whose own header disagrees with the directory about name, size, sum or method;
    members that lie over one another; members that the directory does not name. Reads the headers of all members.

    Raises:
        Cancelled: through `progress`.
        OSError: the disk's own failure.
    """
    findings: list[Finding] = []
    for file in checkpoint.source.files:
        blob = Blob.of_file(file)
        try:
            if sniff(blob) != "zip":
                continue
            directory = ZipDirectory(blob)
        except StudioError:
            # Opening the checkpoint has told of it.
            continue
        for finding in _findings(directory, progress):
            findings.append(finding)
            if len(findings) == _MAX_FINDINGS:
                return findings
    return findings


def _findings(directory: ZipDirectory, progress: Progress) -> Iterator[Finding]:
    blob = directory.blob
    end = 0
    last = ""
    for number, member in enumerate(sorted(directory.members.values(), key=lambda member: member.header)):
        if number % _POLL_EVERY == 0:
            progress.check()
        if member.header < end:
            yield _found("finding-zip-overlap", member.name, other=last)
        elif _hidden(blob, end, member.header):
            yield _found("finding-zip-hidden", member.name, position=end)
        start = member.header + _LEAST_HEADER
        try:
            start = directory.data_offset(member)
        except FormatError as error:
            if error.code != "zip-headers-disagree":
                yield Finding("corrupt", "warning", error.message, member.name)
            else:
                yield _found("finding-zip-headers", member.name)
        if start + member.packed > end:
            end, last = start + member.packed, member.name
    if not directory.duplicates and _hidden(blob, end, directory.start):
        yield _found("finding-zip-hidden", last, position=end)


def _found(code: str, record: str, **fields: object) -> Finding:
    return Finding("corrupt", "warning", message(code, record=record, **fields), record)


def _hidden(blob: Blob, start: int, end: int) -> bool:
    """Whether bytes that no member of the directory owns hold a member's header."""
    return end - start >= _LEAST_HEADER and _MAGIC in blob.read(start, min(end - start, _SEARCHED))
