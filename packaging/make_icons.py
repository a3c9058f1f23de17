"""Draws the application's icon family from `resources/icons/ckpt-studio.svg`: PNGs, an .ico and an .icns.

Sizes up to 32 pixels are drawn from `ckpt-studio-small.svg`, the same picture without what would blur.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parents[1] / "resources" / "icons"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 256)
# Apple's four-letter types for PNG data of these sizes; 32 and 64 and so on are the "@2x" of 16, 32 …
ICNS_TYPES = {
    "icp4": 16,
    "icp5": 32,
    "ic11": 32,
    "icp6": 64,
    "ic12": 64,
    "ic07": 128,
    "ic08": 256,
    "ic13": 256,
    "ic09": 512,
    "ic14": 512,
}


def png(size: int) -> bytes:
    """The icon as PNG bytes, `size` pixels wide and high."""
    name = "ckpt-studio-small.svg" if size <= 32 else "ckpt-studio.svg"
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(ICONS / name)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon that holds the PNGs as they are (read by Vista and later)."""
    header = struct.pack("<HHH", 0, 1, len(ICO_SIZES))
    offset = len(header) + 16 * len(ICO_SIZES)
    entries, bodies = b"", b""
    for size in ICO_SIZES:
        body = pictures[size]
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(body), offset + len(bodies))
        bodies += body
    return header + entries + bodies


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon: typed blocks of PNG data."""
    blocks = b"".join(
        kind.encode() + struct.pack(">I", len(pictures[size]) + 8) + pictures[size] for kind, size in ICNS_TYPES.items()
    )
    return b"icns" + struct.pack(">I", len(blocks) + 8) + blocks


if __name__ == "__main__":
    application = QGuiApplication([])
    drawn = {size: png(size) for size in SIZES}
    folder = ICONS / "app"
    folder.mkdir(exist_ok=True)
    for size, body in drawn.items():
        (folder / f"ckpt-studio-{size}.png").write_bytes(body)
    (folder / "ckpt-studio.ico").write_bytes(ico(drawn))
    (folder / "ckpt-studio.icns").write_bytes(icns(drawn))
    print(f"{len(drawn)} sizes, .ico and .icns in {folder.name}/")
