"""That PyTorch would refuse the file for the compared model, in the same words before and after an export."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter

from PySide6.QtCore import QCoreApplication

from ckpt_studio.compare.report import Status
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.figures import listed
from ckpt_studio.gui.statuses import status_count

_FAULTS: tuple[Status, ...] = ("missing", "mismatched", "unexpected")


def refusal_words(document: Document) -> str:
    """The sentence, with the model and the counts; "" where the file loads, or nobody has compared it yet."""
    report, resolved = document.report, document.resolved
    if report is None or resolved is None or document.is_comparing or report.loads_strict:
        return ""
    counts = Counter(map(attrgetter("status"), report.rows))
    reasons = listed(status_count(status, counts[status]) for status in _FAULTS if counts[status])
    if not reasons:
        text = QCoreApplication.translate("Refusal", "PyTorch would refuse this file for {model}.")
        return text.format(model=resolved.skeleton.title)
    text = QCoreApplication.translate("Refusal", "PyTorch would refuse this file for {model}: {reasons}.")
    return text.format(model=resolved.skeleton.title, reasons=reasons)
