"""The typefaces of our documents: which characters they have, how wide text runs, and the typesetter set up with them.

Only the Source Sans Pro files of the `font_source_sans_pro` package and what Typst embeds are ever used, never the
machine's own fonts: the same sheet must give the same bytes everywhere (law 6). Lengths are in points.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name, Stream

TEMPLATES = Path(__file__).parent / "templates"
SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"
"""What is drawn in place of a character that no font has."""

_WEIGHTS = ("Regular", "Semibold", "Bold")
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"


@cache
def compiler(template: str) -> Any:
    """The warm Typst compiler of one template, with our fonts only."""
    # A template is compiled again and again: given as bytes it would work once.
    return typst.Compiler(str(TEMPLATES / template), root=str(TEMPLATES), font_paths=_faces(), ignore_system_fonts=True)


@cache
def _faces() -> Any:
    """Typst's font book: our weights in a fixed order, then what it embeds."""
    with tempfile.TemporaryDirectory(prefix="counterpart-fonts-") as folder:
        homes = []
        for weight in _WEIGHTS:
            # The package holds each weight as .ttf and .otf: in one folder, the file system's order would choose.
            home = Path(folder) / weight
            home.mkdir()
            shutil.copy(_file(weight), home)
            homes.append(str(home))
        faces = typst.Fonts(False, True, homes)
        # Font files are read when first used, and the folder goes away: use every weight now.
        warm = "\n".join(f'#text(font: "Source Sans Pro", weight: {weight})[a]' for weight in (400, 600, 700))
        typst.Compiler(warm.encode(), font_paths=faces, ignore_system_fonts=True).compile(format="pdf")
        return faces


def _file(weight: str) -> Path:
    import font_source_sans_pro

    return Path(font_source_sans_pro.__file__).parent / "files" / f"SourceSansPro-{weight}.ttf"


@cache
def _regular() -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(_file("Regular"), lazy=True)


@cache
def _advances() -> Mapping[str, float]:
    """Width of each character of Source Sans Pro, as a share of the type size."""
    font = _regular()
    metrics, unit = font["hmtx"].metrics, font["head"].unitsPerEm
    return {chr(code): metrics[glyph][0] / unit for code, glyph in font.getBestCmap().items()}


def width(text: str, size: float) -> float:
    """How wide a text runs on one line; a character of another font counts as a full square."""
    advances = _advances()
    return size * sum([advances.get(c, 1.0) for c in text])


def glyphs(text: str) -> str:
    """The numbers of a text's glyphs in Source Sans Pro, four digits for each, as the `embedded` face takes them."""
    font = _regular()
    names = font.getBestCmap()
    return "".join(f"{font.getGlyphID(names[ord(c)]):04X}" for c in text)


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The lines a text takes in a column, each with the blank or line end that closes it.

    A word wider than the column gets invisible break points, so that the typesetter can break it too.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in re.findall(r"[^\s-]+[\s-]*|[\s-]+", paragraph):
            taken = width(word.rstrip(), size)
            if used and used + taken > room:
                lines.append(line)
                line, used = "", 0.0
            if taken > room:
                *full, word = _cut(word, room, size)
                lines += full
                taken = width(word.rstrip(), size)
            line += word
            used += taken + width(word[len(word.rstrip()) :], size)
        lines.append(line + "\n")
    lines[-1] = lines[-1][:-1]
    return lines


def _cut(word: str, room: float, size: float) -> list[str]:
    """A word that is wider than its column in pieces that fit, with a break point before each of its letters."""
    pieces, piece, used = [], "", 0.0
    for letter in word:
        taken = width(letter, size)
        joined = unicodedata.combining(letter) or letter in " -" or unicodedata.category(letter) == "Cf"
        if not joined and used + taken > room:
            pieces.append(piece)
            piece, used = "", 0.0
        piece += letter if joined else _ZERO_WIDTH_SPACE + letter
        used += taken
    return [*pieces, piece]


def foreign(texts: Iterable[str]) -> frozenset[str]:
    """The characters of these texts that Source Sans Pro has not, control characters aside."""
    found = frozenset().union(*texts) - _advances().keys()
    return frozenset(c for c in found if unicodedata.category(c) != "Cc")


def drawn(text: str, room: float, size: float, plain: bool = False) -> str:
    """The text as it can be drawn in a column: without marks that steer the line, what has no glyph substituted.

    Args:
        plain: whether to substitute whatever Source Sans Pro has not.
    """
    if text.isascii() and text.isprintable():
        return text
    text = "".join(map(_visible, text))
    strange = foreign((text,))
    absent = strange if plain else _missing(strange)
    text = _without(text, absent)
    # Letters that have glyphs alone may have none together, and some mixtures make the typesetter fail.
    if strange - absent and not _draws("".join(wrapped(text, room, size)), room, size):
        text = _without(text, strange)
    return text


def _visible(letter: str) -> str:
    """A character without its effect on the line: blanks for controls, nothing for marks of direction and variation."""
    if letter.isalnum() or letter in "\n\u200c\u200d":
        return letter
    if letter in "\u2028\u2029":
        return "\n"
    kind = unicodedata.category(letter)
    return " " if kind == "Cc" else "" if kind == "Cf" or "\ufe00" <= letter <= "\ufe0f" else letter


def _without(text: str, absent: frozenset[str]) -> str:
    return "".join(SUBSTITUTE if c in absent else c for c in text) if absent else text


def _missing(strange: frozenset[str]) -> frozenset[str]:
    # Nearly always there are none, or they are one script that Typst embeds: ask about all of them at once first.
    if not strange or _draws(" ".join(sorted(strange)), 1000, 12):
        return frozenset()
    return frozenset(c for c in strange if not _draws(c, 1000, 12))


@lru_cache(maxsize=2048)
def _draws(text: str, room: float, size: float) -> bool:
    """Whether Typst can draw the text; its check for PDF/UA is the only one that knows the glyphs of all its fonts."""
    probe = {"text": text, "size": size, "w": room, "rtl": right_to_left(text)}
    try:
        compiler("appearances.typ").compile(
            format="pdf", pdf_standards=["ua-1"], sys_inputs={"probe": json.dumps(probe)}, timestamp=0
        )
    except BaseException as error:
        if failed(error):
            return False
        raise
    return True


def failed(error: BaseException) -> bool:
    """Whether an error is Typst's own: a mistake it reports, or a panic, which is no `Exception` and has no name."""
    return isinstance(error, typst.TypstError) or type(error).__name__ == "PanicException"


def right_to_left(text: str) -> bool:
    """Whether a text's first strong letter belongs to a script written from the right."""
    if text.isascii():
        return False
    directions = (unicodedata.bidirectional(c) for c in text)
    return next((d for d in directions if d in ("L", "R", "AL")), "L") != "L"


def complete_maps(pdf: Any) -> None:
    """Gives every glyph that a document's fonts hold a place in their maps back to text, as PDF/UA asks.

    Where several letters make several glyphs, as in Devanagari, Typst maps the first glyph to all of the letters and
    the others to nothing; they get a zero-width space.
    """
    for font in pdf.objects:
        if not isinstance(font, pikepdf.Dictionary) or font.get("/Subtype") != "/Type0":
            continue
        present = font.DescendantFonts[0].FontDescriptor.get("/CIDSet")
        if present is None:
            continue
        text = font.ToUnicode.read_bytes().decode("latin-1")
        mapped = {int(code, 16) for code in re.findall(r"^<([0-9A-Fa-f]{4})> <", text, re.MULTILINE)}
        bits = "".join(f"{byte:08b}" for byte in present.read_bytes())
        lacking = [f"<{glyph:04X}> <200B>\n" for glyph, bit in enumerate(bits) if bit == "1" and glyph not in mapped]
        for n in range(0, len(lacking), 100):
            lines = lacking[n : n + 100]
            text = text.replace("endcmap", f"{len(lines)} beginbfchar\n{''.join(lines)}endbfchar\nendcmap", 1)
        if lacking:
            font.ToUnicode.write(text.encode("latin-1"))


def embedded(pdf: Any) -> Any:
    """Source Sans Pro whole, as a Type 0 font of a document, for viewers to type with."""
    program, widths, codes, (ascent, descent, capitals, *box) = _program_and_metrics()
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name.SourceSansPro_Regular, Flags=32, FontBBox=Array(box), ItalicAngle=0,
        Ascent=ascent, Descent=descent, CapHeight=capitals, StemV=80,
        FontFile2=pdf.make_indirect(Stream(pdf, program, Length1=len(program))),
    )  # fmt: skip
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.SourceSansPro_Regular, CIDToGIDMap=Name.Identity,
        CIDSystemInfo=Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        ),
        FontDescriptor=pdf.make_indirect(descriptor), W=Array([0, Array(widths)]),
    )  # fmt: skip
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.SourceSansPro_Regular, Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_indirect(Stream(pdf, _to_unicode(codes).encode())),
        )
    )  # fmt: skip


def _to_unicode(codes: Sequence[tuple[int, int]]) -> str:
    """The character map from glyph numbers back to text; the first character of a glyph stands for it."""
    first: dict[int, int] = {}
    for glyph, code in codes:
        # PDF/UA takes these three for no letters.
        if code not in (0, 0xFEFF, 0xFFFE):
            first.setdefault(glyph, code)
    lines = [f"<{glyph:04x}> <{chr(code).encode('utf-16-be').hex()}>" for glyph, code in sorted(first.items())]
    cuts = [*range(0, len(lines), 100), len(lines)]
    blocks = [f"{b - a} beginbfchar\n" + "\n".join(lines[a:b]) + "\nendbfchar" for a, b in pairwise(cuts)]
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    )


def _program_and_metrics() -> tuple[bytes, list[int], list[tuple[int, int]], tuple[int, ...]]:
    """Source Sans Pro, taken apart for `embedded`.

    Returns:
        The font program without its layout tables, glyph widths by glyph number (of 1000), pairs of glyph number and
        character code, and ascent, descent, cap height and the four numbers of the bounding box.
    """
    from fontTools.ttLib.sfnt import SFNTReader, SFNTWriter

    font = _regular()
    keep = ("cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep")
    program = io.BytesIO()
    with _file("Regular").open("rb") as file:
        reader = SFNTReader(file)
        writer = SFNTWriter(program, len(keep))
        for table in keep:
            writer[table] = reader[table]
        writer.close()
    unit, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
    widths = [round(metrics[glyph][0] * 1000 / unit) for glyph in font.getGlyphOrder()]
    codes = sorted((font.getGlyphID(glyph), code) for code, glyph in font.getBestCmap().items())
    head, hhea = font["head"], font["hhea"]
    box = (head.xMin, head.yMin, head.xMax, head.yMax)
    return program.getvalue(), widths, codes, (hhea.ascent, hhea.descent, font["OS/2"].sCapHeight, *box)
