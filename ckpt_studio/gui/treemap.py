"""Where the bytes go: every module of the file as a rectangle as large as its share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from ckpt_studio.core.checkpoint import Checkpoint
from ckpt_studio.core.jobs import Progress, gradually
from ckpt_studio.core.tree import Path
from ckpt_studio.gui.dialogs.ask_dialog import counted, muted
from ckpt_studio.gui.document import Document
from ckpt_studio.gui.figures import size_text
from ckpt_studio.gui.statuses import is_dark
from ckpt_studio.gui.tasks import Task, run_task
from ckpt_studio.gui.theme import colors

# A rectangle below this many square pixels is drawn together with its neighbours.
_LEAST_AREA = 16.0
# Such neighbours share rectangles of at least this many.
_SHARED_AREA = 300.0
_MARGIN = 2.0
# Hues that stay apart for colour-blind eyes when they are side by side (after Okabe and Ito).
_HUES = (210, 38, 165, 330, 20, 195, 55, 275)
# What is not weights is grey.
_OTHER = 1_000_000


@dataclass(eq=False, slots=True)
class Module:
    """One group or tensor: its bytes, and what is in it, the largest first.

    Attributes:
        key: its name inside its parent.
        name: full name of the tensor or group; "" for what is no name of a state dict.
        path: of the state dict it belongs to; None for what belongs to none.
        beside: where it is in the file's tree when it belongs to none.
        is_tensor: a tensor, not a group.
        nbytes: of its tensors, tied ones counted once.
        count: how many tensors are in it.
    """

    key: str
    name: str = ""
    path: Path | None = None
    is_tensor: bool = False
    nbytes: int = 0
    count: int = 0
    parts: list[Module] = field(default_factory=list)
    beside: Path = ()


# Tensors have none; a list of its own for each of a million would only cost time.
_NO_PARTS: list[Module] = []


@dataclass(frozen=True)
class Tile:
    """A rectangle on the screen: one module, or several that are too small to be drawn one by one (`rest`)."""

    rect: QRectF
    module: Module
    depth: int
    color: int
    is_leaf: bool
    rest: int = 0


@dataclass(frozen=True)
class Mark:
    """A selected row that is not in the active state dict: all that lies in it is marked.

    Attributes:
        path: of its state dict; None when it belongs to none.
        name: full name of the tensor or group; "" for the whole state dict.
        beside: where it is in the file's tree, when it belongs to none.
    """

    path: Path | None
    name: str = ""
    beside: Path = ()

    def holds(self, module: Module) -> bool:
        """Whether a module is in the row."""
        if module.path != self.path:
            return False
        if self.path is None:
            return bool(self.beside) and module.beside[: len(self.beside)] == self.beside
        return not self.name or module.name == self.name or module.name.startswith(self.name + ".")


def modules(checkpoint: Checkpoint, progress: Progress) -> Module:
    """The file as modules: each state dict by its dotted names, then the other tensors. Polls `progress`."""
    from ckpt_studio.core.discovery import walk
    from ckpt_studio.core.tensor import Tensor

    root = Module("")
    seen: set[tuple[int, int, tuple[int, ...], tuple[int, ...]]] = set()
    known: set[int] = set()

    def nbytes(tensor: Tensor) -> int:
        key = (id(tensor.storage), tensor.offset, tensor.shape, tensor.stride)
        if key in seen:
            return 0
        seen.add(key)
        return tensor.nbytes

    # The active one first: what is tied with it is counted there.
    for state_dict in sorted(checkpoint.state_dicts, key=lambda sd: sd.path != checkpoint.active):
        top = Module(state_dict.label or "/", "", state_dict.path)
        groups: dict[str, Module] = {"": top}
        for number, (name, tensor) in enumerate(state_dict.tensors.items()):
            if number % 2048 == 0:
                progress.check()
            known.add(id(tensor))
            prefix, _, key = name.rpartition(".")
            _group(groups, prefix, state_dict.path).parts.append(
                Module(key, name, state_dict.path, True, nbytes(tensor), 1, _NO_PARTS)
            )
        root.parts.append(top)
    paths = {sd.path for sd in checkpoint}
    others: dict[str, Module] = {}
    for number, (path, value) in enumerate(walk(checkpoint.root)):
        if number % 2048 == 0:
            progress.check()
        if type(value) is not Tensor or id(value) in known or path[:-1] in paths:
            continue
        key = str(path[0]) if path else "/"
        if key not in others:
            others[key] = Module(key, beside=path[:1])
            root.parts.append(others[key])
        name = ".".join(map(str, path[1:])) or key
        others[key].parts.append(Module(name, "", None, True, nbytes(value), 1, _NO_PARTS, path))
    _sum_up(root)
    while len(root.parts) == 1 and not root.parts[0].is_tensor:
        root = root.parts[0]
    return root


def _group(groups: dict[str, Module], prefix: str, path: Path) -> Module:
    found = groups.get(prefix)
    if found is None:
        above, _, key = prefix.rpartition(".")
        found = groups[prefix] = Module(key, prefix, path)
        _group(groups, above, path).parts.append(found)
    return found


def _sum_up(root: Module) -> None:
    order: list[Module] = [root]
    for module in order:
        order += [part for part in module.parts if not part.is_tensor]
    for module in gradually(reversed(order)):
        module.nbytes = sum(part.nbytes for part in gradually(module.parts))
        module.count = sum(part.count for part in gradually(module.parts))
        module.parts.sort(key=lambda part: -part.nbytes)


def squarified(sizes: Sequence[float], area: QRectF) -> Iterator[QRectF]:
    """Rectangles of these sizes (the largest first) that fill the area, as square as may be.

    The algorithm of Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).
    """
    total = sum(sizes)
    if total <= 0:
        return
    if len(sizes) == 1:
        yield QRectF(area)
        return
    scale = area.width() * area.height() / total
    left = QRectF(area)
    row: list[float] = []
    for size in sizes:
        part = size * scale
        short = min(left.width(), left.height())
        if row and _worst([*row, part], short) > _worst(row, short):
            yield from _laid_out(row, left)
            left = _rest(row, left)
            row = []
        row.append(part)
    yield from _laid_out(row, left)


def _worst(row: Sequence[float], short: float) -> float:
    total = sum(row)
    if total <= 0 or short <= 0:
        return float("inf")
    return max(short * short * max(row) / (total * total), total * total / (short * short * max(min(row), 1e-12)))


def _laid_out(row: Sequence[float], area: QRectF) -> Iterator[QRectF]:
    total = sum(row)
    if total <= 0:
        return
    if area.width() >= area.height():
        width, top = total / max(area.height(), 1e-9), area.top()
        for part in row:
            yield QRectF(area.left(), top, width, part / max(width, 1e-9))
            top += part / max(width, 1e-9)
    else:
        height, left = total / max(area.width(), 1e-9), area.left()
        for part in row:
            yield QRectF(left, area.top(), part / max(height, 1e-9), height)
            left += part / max(height, 1e-9)


def _rest(row: Sequence[float], area: QRectF) -> QRectF:
    total = sum(row)
    if area.width() >= area.height():
        width = total / max(area.height(), 1e-9)
        return QRectF(area.left() + width, area.top(), max(area.width() - width, 0), area.height())
    height = total / max(area.width(), 1e-9)
    return QRectF(area.left(), area.top() + height, area.width(), max(area.height() - height, 0))


def tiles(root: Module, area: QRectF, header: float) -> list[Tile]:
    """What to draw in the area, groups before what is in them; bounded by the area, not by the file.

    Args:
        header: height of the line with a group's name, where there is room for it.
    """
    found: list[Tile] = []
    pending: list[tuple[Module, QRectF, int, int]] = [(root, area, 0, -1)]
    while pending:
        module, room, depth, color = pending.pop(0)
        if not module.nbytes:
            continue
        shown: list[Module] = []
        scale = room.width() * room.height() / module.nbytes
        for part in module.parts:
            if part.nbytes * scale < _LEAST_AREA:
                break
            shown.append(part)
        rest = _gathered(module, module.parts[len(shown) :], scale)
        sizes = [float(part.nbytes) for part in (*shown, *rest)]
        places = list(squarified(sizes, room))
        for number, (part, rect) in enumerate(zip(shown, places, strict=False)):
            hue = number if color < 0 else color
            if not depth and len(root.parts) > 1 and part.path is None:
                hue = _OTHER
            leaf = part.is_tensor or min(rect.width(), rect.height()) < 8
            found.append(Tile(rect, part, depth, hue, leaf))
            if leaf:
                continue
            inner = rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            if rect.height() > 2.4 * header and rect.width() > 3 * header:
                inner.setTop(rect.top() + header)
            # The modules of a state dict differ in colour, those of two state dicts by their places.
            is_state_dict = part.path is not None and not part.name
            # One group with nothing beside it would only make frames in frames.
            while len(part.parts) == 1 and not part.parts[0].is_tensor:
                part = part.parts[0]
            pending.append((part, inner, depth + 1, -1 if is_state_dict else hue))
        for part, rect in zip(rest, places[len(shown) :], strict=False):
            found.append(Tile(rect, part, depth, max(color, 0), True, part.count))
    return found


def _gathered(module: Module, parts: Sequence[Module], scale: float) -> list[Module]:
    """Neighbours that are too small to be seen, several in one, in their order."""
    gathered: list[Module] = []
    first: Module | None = None
    nbytes = count = 0
    for number, part in enumerate(parts):
        if not part.nbytes:
            break
        first = first or part
        nbytes, count = nbytes + part.nbytes, count + part.count
        is_last = number + 1 == len(parts) or not parts[number + 1].nbytes
        if nbytes * scale >= _SHARED_AREA or is_last:
            key = part.key if first is part else f"{first.key} … {part.key}"
            gathered.append(Module(key, module.name, module.path, False, nbytes, count))
            first, nbytes, count = None, 0, 0
    return gathered


class Treemap(QWidget):
    """The picture. Arrow keys go from rectangle to rectangle, Enter or a click selects.

    Signals:
        module_wanted(object): the Module that was chosen.
        hovered(str): what is below the pointer or under the keyboard's mark.
    """

    module_wanted = Signal(object)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.root: Module | None = None
        self.tiles: list[Tile] = []
        self.selected: frozenset[str] = frozenset()
        self.marked: Sequence[Mark] = ()
        self._path: Path | None = None
        self._picture = QPixmap()
        self._current = -1
        self._palette_key = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 90)
        self.setAccessibleName(self.tr("Sizes of the file's parts"))

    @property
    def room(self) -> tuple[QRectF, float]:
        """What `tiles` is to fill: the area, and the height of a group's name."""
        return QRectF(self.rect()).adjusted(1, 1, -1, -1), self.fontMetrics().height() + 3.0

    def show_modules(self, root: Module, arranged: list[Tile] | None = None) -> None:
        """Shows another file, or the same one after an edit; `arranged` are its tiles in the present `room`."""
        self.root = root
        self._current = -1
        self._arrange(arranged)

    def select(self, names: frozenset[str], path: Path | None = None, marked: Sequence[Mark] = ()) -> None:
        """Marks tensors: those of these names in the state dict at `path`, and what lies at other places."""
        self.selected, self._path, self.marked = names, path, marked
        self.update()

    def is_selected(self, tile: Tile) -> bool:
        """Whether a rectangle is a selected tensor, or lies in something selected."""
        module = tile.module
        if tile.rest or not module.is_tensor:
            return False
        if module.path is not None and module.path == self._path and module.name in self.selected:
            return True
        return any(mark.holds(module) for mark in self.marked)

    def text_of(self, tile: Tile) -> str:
        """Name, size and share of a rectangle."""
        root, module = self.root, tile.module
        name = module.name or module.key
        if tile.rest:
            name = f"{module.name}: {module.key}" if module.name else module.key
        share = 100 * module.nbytes / root.nbytes if root is not None and root.nbytes else 0
        text = self.tr("{name}: {size}, {percent} %").format(
            name=name, size=size_text(module.nbytes), percent=f"{share:.3g}"
        )
        if module.is_tensor:
            return text
        return text + counted(module.count, self.tr(", 1 tensor"), self.tr(", {count} tensors"))

    def tile_at(self, place: QPointF) -> int:
        """The innermost rectangle at a place, -1 for none."""
        return max((n for n, tile in enumerate(self.tiles) if tile.rect.contains(place)), default=-1)

    def _arrange(self, arranged: list[Tile] | None = None) -> None:
        if arranged is not None:
            self.tiles = arranged
        else:
            self.tiles = tiles(self.root, *self.room) if self.root is not None else []
        if self._current >= len(self.tiles):
            self._current = -1
        self._picture = QPixmap()
        self.update()

    def _move_to(self, number: int) -> None:
        if number != self._current and 0 <= number < len(self.tiles):
            self._current = number
            text = self.text_of(self.tiles[number])
            self.setAccessibleDescription(text)
            self.hovered.emit(text)
            self.update()

    def _step(self, right: int, down: int) -> None:
        if self._current < 0:
            self._move_to(next((n for n, tile in enumerate(self.tiles) if tile.is_leaf), -1))
            return
        here = self.tiles[self._current].rect.center()
        best, nearest = -1, float("inf")
        for number, tile in enumerate(self.tiles):
            across = tile.rect.center() - here
            along = across.x() * right + across.y() * down
            aside = abs(across.x() * down) + abs(across.y() * right)
            if tile.is_leaf and along > 0.5 and along + 2 * aside < nearest:
                best, nearest = number, along + 2 * aside
        self._move_to(best)

    def _choose(self, number: int) -> None:
        if 0 <= number < len(self.tiles):
            self.module_wanted.emit(self.tiles[number].module)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._current < 0 and event.reason() != Qt.FocusReason.MouseFocusReason:
            # Keys begin where the tree stands.
            first = next((n for n, tile in enumerate(self.tiles) if self.is_selected(tile)), -1)
            self._move_to(first if first >= 0 else next((n for n, t in enumerate(self.tiles) if t.is_leaf), -1))
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._arrange()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._move_to(self.tile_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self.tile_at(event.position()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.tile_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.text_of(self.tiles[number]) if number >= 0 else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        if event.key() in steps:
            self._step(*steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture.isNull() or self._picture.devicePixelRatio() != ratio:
            self._picture = self._drawn(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        theme = colors()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.selected or self.marked:
            painter.setPen(QPen(QColor(theme.text), 2))
            for tile in self.tiles:
                if self.is_selected(tile):
                    painter.drawRect(tile.rect.adjusted(1, 1, -1, -1))
        if 0 <= self._current < len(self.tiles) and (self.hasFocus() or self.underMouse()):
            painter.setPen(QPen(QColor(theme.accent), 2.5))
            painter.drawRect(self.tiles[self._current].rect.adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()

    def _drawn(self, ratio: float) -> QPixmap:
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        theme = colors()
        picture.fill(QColor(theme.base))
        painter = QPainter(picture)
        metrics = painter.fontMetrics()
        dark = is_dark()
        edge, least = QPen(QColor(theme.base), 1), metrics.height() + 2
        fills: dict[tuple[object, ...], QColor] = {}
        painter.setPen(edge)
        for tile in self.tiles:
            # There may be thousands, of a few looks.
            module, rect = tile.module, tile.rect
            look = (tile.color, tile.depth, tile.is_leaf, bool(tile.rest), module.path is not None and not module.name)
            fill = fills.get(look)
            if fill is None:
                fill = fills[look] = fill_of(tile, dark)
            painter.setBrush(fill)
            painter.drawRect(rect)
            if rect.width() < 37 or rect.height() < least:
                continue
            room = rect.adjusted(5, 2, -4, -2)
            text = tile.module.key
            painter.setPen(QColor(theme.text))
            painter.drawText(
                room,
                int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop),
                metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width())),
            )
            if tile.is_leaf and room.height() > 2.2 * metrics.height():
                painter.drawText(
                    room.adjusted(0, metrics.height(), 0, 0),
                    int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop),
                    metrics.elidedText(size_text(tile.module.nbytes), Qt.TextElideMode.ElideRight, int(room.width())),
                )
            painter.setPen(edge)
        painter.end()
        return picture


def fill_of(tile: Tile, dark: bool) -> QColor:
    """The colour of a rectangle, on which text can be read."""
    hue = _HUES[tile.color % len(_HUES)]
    if tile.rest or tile.color == _OTHER or (tile.module.path is not None and not tile.module.name):
        return QColor.fromHsl(hue, 20, 62 if dark else 214)
    # Groups lighter (or darker) than what is in them, so that text on either is readable.
    level = min(tile.depth, 4)
    if dark:
        return QColor.fromHsl(hue, 70, (74 if tile.is_leaf else 44) - 3 * level)
    return QColor.fromHsl(hue, 130, (206 if tile.is_leaf else 228) - 4 * level)


class SizesPane(QWidget):
    """The treemap of one document, and a line that says what is pointed at.

    Args:
        marked: the selected rows that are not in the active state dict.

    Signals:
        module_wanted(object): the Module that was chosen.
    """

    module_wanted = Signal(object)

    def __init__(
        self, document: Document, marked: Callable[[], Sequence[Mark]] = tuple, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self._marked = marked
        self._task: Task | None = None
        self._shown: Checkpoint | None = None
        self.map = Treemap()
        self.map.module_wanted.connect(self.module_wanted)
        self.map.hovered.connect(self._on_hovered)
        self.line = muted(QLabel())
        self.line.setWordWrap(False)
        self.line.setMinimumWidth(60)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self.line)
        layout.addWidget(self.map, 1)
        document.changed.connect(self.refresh)
        document.selection.names_changed.connect(self.show_selection)
        self.show_selection()
        self._say_hint()

    @property
    def is_measuring(self) -> bool:
        """Whether the picture is still to come."""
        return self._task is not None

    def show_selection(self, *_: object) -> None:
        """Marks what is selected in the tree."""
        self.map.select(self.document.selection.names, self.document.checkpoint.active, self._marked())

    def refresh(self, *_: object) -> None:
        """Looks at the file again; while the pane is hidden it does nothing."""
        checkpoint = self.document.checkpoint
        if not self.isVisible() or checkpoint is self._shown:
            return
        self._shown = checkpoint
        if self._task is not None:
            self._task.cancel()
        room = self.map.room

        def measure(progress: Progress) -> tuple[Module, list[Tile]]:
            root = modules(checkpoint, progress)
            progress.check()
            return root, tiles(root, *room)

        task = run_task(self, measure, label=self.tr("Adding up sizes…"))
        self._task = task
        self.line.setText(self.tr("Adding up sizes…"))
        task.succeeded.connect(lambda found: self._on_measured(task, room, *found))
        task.finished.connect(lambda: self._on_finished(task))

    def _on_measured(self, task: Task, room: tuple[QRectF, float], root: Module, arranged: list[Tile]) -> None:
        if task is self._task:
            self.map.show_modules(root, arranged if room == self.map.room else None)
            self._say_hint()

    def _on_finished(self, task: Task) -> None:
        if task is self._task:
            self._task = None

    def _on_hovered(self, text: str) -> None:
        self.line.setText(self.line.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, self.line.width()))

    def _say_hint(self) -> None:
        root = self.map.root
        if root is not None and not root.nbytes:
            self.line.setText(self.tr("There are no tensors in this file."))
        else:
            self.line.setText(self.tr("Each rectangle is as large as its share of the bytes. Click one to select it."))

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
