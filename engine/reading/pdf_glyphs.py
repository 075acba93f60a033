"""What the codes of a PDF's fonts stand for: their characters, and how far each moves the pen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pikepdf

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that the file does not tell."""

_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_RANGE = re.compile(rb"<([0-9A-Fa-f\s]*)>\s*<([0-9A-Fa-f\s]*)>\s*(?:<([0-9A-Fa-f\s]*)>|\[(.*?)\])", re.DOTALL)
_CODES = 70_000
_BREAK = "\N{ZERO WIDTH SPACE}"
"""Where our typesetter may break a long word; nobody wrote it."""
_BREAK_MANGLED = "\u4016"
_MANGLED = "\N{IDEOGRAPHIC SPACE}"
"""Ghostscript mangles some marks beside letters into characters from here on, and a break always into that one."""

_CODECS = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}


@dataclass(slots=True)
class Face:
    """A font, as far as reading needs it.

    Attributes:
        wide: whether its codes have two bytes.
        characters: what each code stands for.
        widths: how far each code moves the pen, in sizes of the type.
        usual: how far one does that is not listed.
        cut: the name of the type, such as `SourceSansPro-Semibold`; "" where it has none.
    """

    wide: bool = False
    characters: Mapping[int, str] = field(default_factory=dict)
    widths: Mapping[int, float] = field(default_factory=dict)
    usual: float = 0.5
    cut: str = ""

    def spell(self, codes: bytes) -> Iterator[tuple[str, float, bool]]:
        """Each code's characters, its width, and whether it is the one-byte space."""
        if self.wide:
            for i in range(0, len(codes) - 1, 2):
                code = codes[i] << 8 | codes[i + 1]
                yield self.characters.get(code, UNKNOWN), self.widths.get(code, self.usual), False
        else:
            for code in codes:
                yield self.characters.get(code, UNKNOWN), self.widths.get(code, self.usual), code == 32


def face(font: pikepdf.Object) -> Face:
    """A font, read from its dictionary; one that says nothing of its characters spells unknown ones."""
    if not isinstance(font, pikepdf.Dictionary):
        return Face()
    # Six letters and a plus before the name say which part of the type is in the file.
    cut = str(font.get("/BaseFont", "")).removeprefix("/").rpartition("+")[2]
    told = font.get("/ToUnicode")
    mapped = _mapped(told.read_bytes()) if isinstance(told, pikepdf.Stream) else {}
    if font.get("/Subtype") == "/Type0":
        below = font.get("/DescendantFonts")
        inner = below[0] if isinstance(below, pikepdf.Array) and len(below) else pikepdf.Dictionary()
        wide = font.get("/Encoding") in ("/Identity-H", None)
        usual = _number(inner.get("/DW"), 1000) / 1000
        return Face(True, mapped if wide else {}, dict(_wide_widths(inner.get("/W"))), usual, cut)
    return Face(False, {**_encoded(font.get("/Encoding")), **mapped}, _narrow_widths(font), 0.556, cut)


def _number(value: object, otherwise: float) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return otherwise


# ── Characters ──────────────────────────────────────────────────────────────────────────────────────────────────


def _mapped(cmap: bytes) -> dict[int, str]:
    """A `ToUnicode` map: codes into characters."""
    found: dict[int, str] = {}
    for block in _CHARS.findall(cmap):
        parts = _HEX.findall(block)
        for code, text in zip(parts[::2], parts[1::2], strict=False):
            found[_code(code)] = _text(text)
    for block in _RANGES.findall(cmap):
        for low, high, text, several in _RANGE.findall(block):
            first, last = _code(low), _code(high)
            if not 0 <= last - first <= 0xFFFF or len(found) > _CODES:
                continue
            if several:
                for step, one in enumerate(_HEX.findall(several)[: last - first + 1]):
                    found[first + step] = _text(one)
            else:
                start = _text(text)
                for step in range(last - first + 1 if start else 0):
                    found[first + step] = start[:-1] + chr(min(ord(start[-1]) + step, 0x10FFFF))
    return found


def _code(digits: bytes) -> int:
    return int(b"".join(digits.split())[:8] or b"0", 16)


def _text(digits: bytes) -> str:
    written = b"".join(digits.split())
    if len(written) % 4:
        return UNKNOWN
    text = bytes.fromhex(written.decode())
    if len(text) > 2 and text[-1] == 0 and text[0] != 0:
        # Ghostscript loses the first byte where one glyph stands for several letters: `ff`, 0066 0066, as 6600 6600.
        letters = (b"\0" + text[:-1]).decode("utf-16-be", "replace").replace(_BREAK, "").replace(_BREAK_MANGLED, "")
        return "".join(letter if letter < _MANGLED else UNKNOWN for letter in letters)
    return text.decode("utf-16-be", "replace").replace(_BREAK, "").strip("\0")


def _encoded(encoding: object) -> dict[int, str]:
    """What the codes of a one-byte font stand for by its named encoding and what differs from that."""
    from fontTools.agl import toUnicode

    base = encoding.get("/BaseEncoding") if isinstance(encoding, pikepdf.Dictionary) else encoding
    codec = _CODECS.get(str(base), "")
    found = {code: bytes((code,)).decode(codec, "replace") for code in range(32, 256)} if codec else {}
    if not codec:
        # The standard encoding has the letters, digits and most marks of ASCII where ASCII has them.
        found = {code: chr(code) for code in range(32, 127) if chr(code) not in "'`"}
    differences = encoding.get("/Differences") if isinstance(encoding, pikepdf.Dictionary) else None
    code = 0
    for item in differences if isinstance(differences, pikepdf.Array) else ():
        if isinstance(item, pikepdf.Name):
            found[code] = toUnicode(str(item)[1:]) or UNKNOWN
            code += 1
        else:
            code = int(_number(item, 0))
    return found


_HELVETICA = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, *[556] * 10, 278, 278, 584, 584,
    584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611,
    722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""From the space on: what a viewer writes in when the form brings no type of its own, without saying how wide it is."""


def _narrow_widths(font: pikepdf.Object) -> dict[int, float]:
    """The widths of a one-byte font; Helvetica's where it lists none."""
    widths, first = font.get("/Widths"), int(_number(font.get("/FirstChar"), 0))
    if not isinstance(widths, pikepdf.Array):
        even = "Courier" in str(font.get("/BaseFont"))
        return {code: 0.6 if even else width / 1000 for code, width in enumerate(_HELVETICA, 32)}
    matrix = font.get("/FontMatrix")
    unit = _number(matrix[0], 0.001) if isinstance(matrix, pikepdf.Array) and len(matrix) else 0.001
    return {first + step: _number(widths[step], 0) * unit for step in range(min(len(widths), 256))}


def _wide_widths(listed: object) -> Iterator[tuple[int, float]]:
    """The widths of a two-byte font: `first [w w w]` or `first last w`."""
    items = list(listed)[:_CODES] if isinstance(listed, pikepdf.Array) else []
    place = 0
    while place + 1 < len(items):
        first, second = int(_number(items[place], 0)), items[place + 1]
        if isinstance(second, pikepdf.Array):
            for step, width in enumerate(second):
                yield first + step, _number(width, 0) / 1000
            place += 2
        elif place + 2 < len(items):
            for code in range(first, min(int(_number(second, 0)), first + _CODES) + 1):
                yield code, _number(items[place + 2], 0) / 1000
            place += 3
        else:
            return
