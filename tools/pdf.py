"""A small PDF writer for the demo: A4 pages of text in two embedded TrueType fonts, nothing else."""

import struct
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

PAGE_WIDTH = 595.28  # A4 in points
PAGE_HEIGHT = 841.89
FIRST_CODE, LAST_CODE = 32, 255
ENCODING = "cp1252"  # PDF calls it WinAnsiEncoding


class Font:
    """A TrueType file, read as far as a PDF needs it (the OpenType specification names the tables and offsets)."""

    def __init__(self, file: Path) -> None:
        self.data = file.read_bytes()
        count = struct.unpack_from(">H", self.data, 4)[0]
        entries = [struct.unpack_from(">4sLLL", self.data, 12 + 16 * i) for i in range(count)]
        self._tables = {tag.decode(): offset for tag, _, offset, _ in entries}
        self.name = file.stem

    def _read(self, table: str, offset: int, form: str) -> tuple[int, ...]:
        return struct.unpack_from(">" + form, self.data, self._tables[table] + offset)

    @cached_property
    def _units(self) -> int:
        return self._read("head", 18, "H")[0]

    def _scaled(self, value: int) -> int:
        return round(value * 1000 / self._units)

    @cached_property
    def box(self) -> list[int]:
        return [self._scaled(value) for value in self._read("head", 36, "hhhh")]

    @cached_property
    def ascent_and_descent(self) -> tuple[int, int]:
        ascent, descent = self._read("hhea", 4, "hh")
        return self._scaled(ascent), self._scaled(descent)

    @cached_property
    def _glyphs(self) -> dict[int, int]:
        """Character to glyph, from the format 4 subtable of `cmap`."""
        for i in range(self._read("cmap", 2, "H")[0]):
            start = self._read("cmap", 4 + 8 * i + 4, "L")[0]
            if self._read("cmap", start, "H")[0] == 4:
                return self._segments(start)
        raise ValueError(f"{self.name} has no character map of format 4")

    def _segments(self, start: int) -> dict[int, int]:
        doubled = self._read("cmap", start + 6, "H")[0]
        glyphs: dict[int, int] = {}
        for i in range(0, doubled, 2):
            last = self._read("cmap", start + 14 + i, "H")[0]
            first = self._read("cmap", start + 16 + doubled + i, "H")[0]
            delta = self._read("cmap", start + 16 + 2 * doubled + i, "h")[0]
            at = start + 16 + 3 * doubled + i
            offset = self._read("cmap", at, "H")[0]
            for code in range(first, min(last, 0xFFFE) + 1):
                glyph = self._read("cmap", at + offset + 2 * (code - first), "H")[0] if offset else code
                glyphs[code] = (glyph + delta) & 0xFFFF if glyph else 0
        return glyphs

    @cached_property
    def widths(self) -> list[int]:
        """Of the codes FIRST_CODE to LAST_CODE, in thousandths of the font size."""
        measured = self._read("hhea", 34, "H")[0]
        characters = (bytes([code]).decode(ENCODING, errors="replace") for code in range(FIRST_CODE, LAST_CODE + 1))
        glyphs = (self._glyphs.get(ord(character), 0) for character in characters)
        return [self._scaled(self._read("hmtx", 4 * min(glyph, measured - 1), "H")[0]) for glyph in glyphs]

    def width_of(self, text: str, size: float) -> float:
        return sum(self.widths[code - FIRST_CODE] for code in text.encode(ENCODING)) * size / 1000


@dataclass
class Page:
    content: list[bytes] = field(default_factory=list)

    def text(self, x: float, y: float, font: str, size: float, text: str) -> None:
        """`y` counts from the top edge, both in points."""
        escaped = text.encode(ENCODING).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        place = f"BT /{font} {size:g} Tf {x:.2f} {PAGE_HEIGHT - y:.2f} Td (".encode()
        self.content.append(place + escaped + b") Tj ET")

    def line(self, x: float, y: float, width: float) -> None:
        self.content.append(f"0.5 w {x:.2f} {PAGE_HEIGHT - y:.2f} m {x + width:.2f} {PAGE_HEIGHT - y:.2f} l S".encode())


class _Objects:
    """Numbered objects, and the file they make."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def add(self, body: str | bytes) -> int:
        self._bodies.append(body.encode() if isinstance(body, str) else body)
        return len(self._bodies)

    def add_stream(self, data: bytes, extra: str = "") -> int:
        packed = zlib.compress(data)
        head = f"<< /Filter /FlateDecode /Length {len(packed)} {extra}>>\nstream\n"
        return self.add(head.encode() + packed + b"\nendstream")

    def file(self, catalog: int, info: int) -> bytes:
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, body in enumerate(self._bodies, 1):
            offsets.append(len(out))
            out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
        out += f"trailer\n<< /Size {len(offsets) + 1} /Root {catalog} 0 R /Info {info} 0 R >>\n".encode()
        return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())


def _add_font(objects: _Objects, font: Font) -> int:
    ascent, descent = font.ascent_and_descent
    file = objects.add_stream(font.data, f"/Length1 {len(font.data)} ")
    descriptor = objects.add(
        f"<< /Type /FontDescriptor /FontName /{font.name} /Flags 32 /FontBBox {_array(font.box)} /ItalicAngle 0 "
        f"/Ascent {ascent} /Descent {descent} /CapHeight {ascent} /StemV 80 /FontFile2 {file} 0 R >>")
    return objects.add(
        f"<< /Type /Font /Subtype /TrueType /BaseFont /{font.name} /Encoding /WinAnsiEncoding /FirstChar {FIRST_CODE} "
        f"/LastChar {LAST_CODE} /Widths {_array(font.widths)} /FontDescriptor {descriptor} 0 R >>")


def _array(values: list[int]) -> str:
    return "[" + " ".join(map(str, values)) + "]"


def write(pages: list[Page], fonts: dict[str, Font], title: str) -> bytes:
    objects = _Objects()
    names = " ".join(f"/{name} {_add_font(objects, font)} 0 R" for name, font in fonts.items())
    contents = [objects.add_stream(b"\n".join(page.content)) for page in pages]
    tree = len(contents) * 2 + 1 + contents[0] - 1  # the page tree follows the contents and the pages
    kids = [objects.add(f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] "
                        f"/Resources << /Font << {names} >> >> /Contents {content} 0 R >>") for content in contents]
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects.add(f"<< /Type /Pages /Kids [{listed}] /Count {len(kids)} >>")
    catalog = objects.add(f"<< /Type /Catalog /Pages {tree} 0 R /Lang (de-DE) >>")
    hex_title = ("\ufeff" + title).encode("utf-16-be").hex()
    return objects.file(catalog, objects.add(f"<< /Title <{hex_title}> /Producer (elSec demo) >>"))
