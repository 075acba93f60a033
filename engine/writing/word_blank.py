"""What every Word form of ours has in common: styles, settings, hints, footer, and the package around them.

These parts never depend on a sheet, so they are deflated once in a process; a form adds its own parts to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from zipfile import ZipFile

from engine.places import HINTS
from engine.writing import zipped

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"'
)
"""The namespaces that every part under `word/` declares."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

FONT = "Arial"
"""Stands on people's own machines (or its twin, Liberation Sans, does): our PDF's font mostly does not."""

INK, WORKING, FUNDING, QUIET, RULE = "1A1A1A", "0B4A6F", "5A2266", "505050", "6B6B6B"
TINT, CREAM, AMBER = "EEF4F8", "FDF5DF", "B07A00"
"""The colours of our PDF: words, the two versions, quiet words (8:1 on white), lines; label cells and notices."""

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
_WORD = f"{_TYPE}.wordprocessingml"


def packed(parts: Mapping[str, str], large: bool = False) -> bytes:
    """A Word package of the parts given and of those that all forms share, always the same bytes.

    Args:
        large: whether it is set in large print: 18 points instead of 12, and nothing on it smaller.
    """
    package = BytesIO()
    package.write(_shared(large))
    with ZipFile(package, "a") as archive:
        _put(archive, parts)
    return package.getvalue()


@lru_cache(maxsize=2)
def _shared(large: bool) -> bytes:
    package = BytesIO()
    with ZipFile(package, "w") as archive:
        _put(
            archive,
            {
                "[Content_Types].xml": _content_types(),
                "_rels/.rels": _relations(
                    f"{_OFFICE}/officeDocument word/document.xml",
                    f"{_PACKAGE}/relationships/metadata/core-properties docProps/core.xml",
                    f"{_OFFICE}/custom-properties docProps/custom.xml",
                ),
                "word/_rels/document.xml.rels": _relations(
                    f"{_OFFICE}/styles styles.xml",
                    f"{_OFFICE}/settings settings.xml",
                    f"{_OFFICE}/fontTable fontTable.xml",
                    f"{_OFFICE}/header header.xml",
                    f"{_OFFICE}/footer footer.xml",
                    f"{_OFFICE}/glossaryDocument glossary/document.xml",
                ),
                "word/styles.xml": _styles(large),
                "word/settings.xml": _settings(),
                "word/fontTable.xml": _fonts(),
                "word/footer.xml": _footer(),
                "word/glossary/_rels/document.xml.rels": _relations(f"{_OFFICE}/styles styles.xml"),
                "word/glossary/document.xml": _glossary(),
                "word/glossary/styles.xml": _styles(large),
            },
        )
    return package.getvalue()


HEADER_RELATION, FOOTER_RELATION = "rId4", "rId5"
"""The numbers that the document's relations give to its header and footer."""


def _put(archive: ZipFile, parts: Mapping[str, str]) -> None:
    for name, xml in parts.items():
        zipped.put(archive, name, xml.encode())


def _relations(*pairs: str) -> str:
    lines = (pair.split() for pair in pairs)
    return (
        f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(lines, 1)
        )
        + "</Relationships>"
    )


def _content_types() -> str:
    kinds = {
        "/word/document.xml": f"{_WORD}.document.main+xml",
        "/word/styles.xml": f"{_WORD}.styles+xml",
        "/word/settings.xml": f"{_WORD}.settings+xml",
        "/word/fontTable.xml": f"{_WORD}.fontTable+xml",
        "/word/header.xml": f"{_WORD}.header+xml",
        "/word/footer.xml": f"{_WORD}.footer+xml",
        "/word/glossary/document.xml": f"{_WORD}.document.glossary+xml",
        "/word/glossary/styles.xml": f"{_WORD}.styles+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/custom.xml": f"{_TYPE}.custom-properties+xml",
    }
    return (
        f'{DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
        + "</Types>"
    )


def _settings() -> str:
    return (
        f'{DECLARATION}<w:settings {NAMESPACES}><w:zoom w:percent="100"/>'
        '<w:documentProtection w:edit="forms" w:enforcement="1"/><w:defaultTabStop w:val="720"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/>'
        # Without this Word opens the form in its 2007 mode, where tick boxes do not work.
        '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
        'w:val="15"/></w:compat><w:themeFontLang w:val="en-GB"/><w:decimalSymbol w:val="."/>'
        '<w:listSeparator w:val=","/></w:settings>'
    )


def _fonts() -> str:
    return (
        f'{DECLARATION}<w:fonts {NAMESPACES}><w:font w:name="{FONT}"><w:altName w:val="Liberation Sans"/>'
        '<w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font><w:font w:name="MS Gothic">'
        '<w:altName w:val="Segoe UI Symbol"/><w:family w:val="modern"/><w:pitch w:val="fixed"/></w:font></w:fonts>'
    )


def _footer() -> str:
    def number(instruction: str) -> str:
        return f'<w:fldSimple w:instr=" {instruction} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'

    def words(text: str) -> str:
        return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'

    return (
        f'{DECLARATION}<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        f"{words('Page ')}{number('PAGE')}{words(' of ')}{number('NUMPAGES')}</w:p></w:ftr>"
    )


def _glossary() -> str:
    """The hints as building blocks: what Word puts back when a person empties a box."""

    def part(number: int, hint: str) -> str:
        return (
            f'<w:docPart><w:docPartPr><w:name w:val="{hint}"/><w:category><w:name w:val="General"/>'
            '<w:gallery w:val="placeholder"/></w:category><w:types><w:type w:val="bbPlcHdr"/></w:types>'
            '<w:behaviors><w:behavior w:val="content"/></w:behaviors>'
            f'<w:guid w:val="{{C0DE0000-0000-4000-8000-00000000000{number}}}"/></w:docPartPr><w:docPartBody><w:p><w:r>'
            f'<w:rPr><w:rStyle w:val="PlaceholderText"/></w:rPr><w:t>{hint}</w:t></w:r></w:p></w:docPartBody>'
            "</w:docPart>"
        )

    return (
        f"{DECLARATION}<w:glossaryDocument {NAMESPACES}><w:docParts>"
        + "".join(part(number, hint) for number, hint in enumerate(HINTS.values(), 1))
        + "</w:docParts></w:glossaryDocument>"
    )


def _styles(large: bool) -> str:
    def tall(size: int) -> str:
        """The size of type in half points, as two elements."""
        size += 12 * large
        return f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'

    def fill(colour: str) -> str:
        return f'<w:shd w:val="clear" w:color="auto" w:fill="{colour}"/>'

    def gap(before: int, after: int) -> str:
        return f'<w:spacing w:before="{before}" w:after="{after}"/>'

    def edge(sides: str, colour: str, space: int = 4, size: int = 4) -> str:
        return "".join(
            f'<w:{side} w:val="single" w:sz="{size}" w:space="{space}" w:color="{colour}"/>' for side in sides.split()
        )

    def panel(*edges: str) -> str:
        return f"<w:pBdr>{''.join(edges)}</w:pBdr>{fill(CREAM)}"

    def band(colour: str) -> str:
        return f"<w:pBdr>{edge('top left bottom right', colour)}</w:pBdr>{fill(colour)}"

    def heading(level: int) -> str:
        return f'<w:outlineLvl w:val="{level}"/>'

    def letters(size: int, colour: str, bold: bool = False) -> str:
        weight = "<w:b/><w:bCs/>" if bold else ""
        return f'{weight}<w:color w:val="{colour}"/>{tall(size)}'

    keep, inset = "<w:keepNext/><w:keepLines/>", '<w:ind w:left="113" w:right="113"/>'
    note = panel(edge("top", CREAM), edge("left", AMBER, 8, 32), edge("bottom right", CREAM))
    paragraphs = (
        _style("Normal", "Normal", "", gap(0, 80), "", default=True),
        _style("Title", "Title", "Normal", keep + gap(0, 120), letters(44, INK, True)),
        _style("Heading1", "heading 1", "Normal", keep + gap(320, 100) + heading(0), letters(30, WORKING, True)),
        _style("Heading2", "heading 2", "Normal", keep + gap(240, 80) + heading(1), letters(26, WORKING, True)),
        _style("Mark", "Mark", "Normal",
               keep + band(WORKING) + gap(120, 200) + inset, letters(26, "FFFFFF", True)),
        _style("FundingMark", "Funding mark", "Mark", band(FUNDING), ""),
        _style("NoticeHeading", "Notice heading", "Heading1", note + gap(200, 0) + inset, letters(26, INK, True)),
        _style("Notice", "Notice", "Normal", note + gap(0, 0) + inset, ""),
        _style("Statement", "Statement", "Normal", keep + gap(160, 100), ""),
        _style("Label", "Label", "Normal", gap(40, 40), letters(24, INK, True)),
        _style("ColumnHeading", "Column heading", "Label", keep, letters(24, INK, True)),
        _style("Help", "Help", "Normal", gap(0, 40), letters(24, QUIET)),
        _style("SectionHelp", "Section help", "Help", keep + gap(0, 100), letters(24, QUIET)),
        _style("Answer", "Answer", "Normal", gap(40, 40), ""),
        _style("LongAnswer", "Long answer", "Answer", gap(40, 280), ""),
        _style("Gap", "Gap", "Normal", gap(0, 0), '<w:sz w:val="12"/><w:szCs w:val="12"/>'),
        _style("Header", "header", "Normal", gap(0, 120), letters(24, QUIET)),
        _style("Footer", "footer", "Normal", gap(120, 0), letters(24, QUIET)),
    )  # fmt: skip
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{RULE}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return (
        f"{DECLARATION}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>"
        f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>{tall(24)}'
        '<w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        + "".join(paragraphs)
        + '<w:style w:type="character" w:styleId="PlaceholderText"><w:name w:val="Placeholder Text"/>'
        f'<w:uiPriority w:val="99"/><w:rPr><w:color w:val="{QUIET}"/></w:rPr></w:style>'
        '<w:style w:type="character" w:customStyle="1" w:styleId="TickBox"><w:name w:val="Tick box"/><w:rPr>'
        '<w:rFonts w:ascii="MS Gothic" w:hAnsi="MS Gothic" w:eastAsia="MS Gothic" w:hint="eastAsia"/>'
        f"{tall(32)}</w:rPr></w:style>"
        '<w:style w:type="table" w:customStyle="1" w:styleId="Boxes"><w:name w:val="Boxes"/><w:tblPr>'
        f'<w:tblBorders>{lines}</w:tblBorders><w:tblCellMar><w:top w:w="40" w:type="dxa"/>'
        '<w:left w:w="85" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/><w:right w:w="85" w:type="dxa"/>'
        "</w:tblCellMar></w:tblPr></w:style></w:styles>"
    )


_BUILT_IN = frozenset({"Normal", "Title", "Heading1", "Heading2", "Header", "Footer"})


def _style(key: str, name: str, based: str, layout: str, letters: str, default: bool = False) -> str:
    """A paragraph style; `layout` and `letters` are the insides of its `w:pPr` and `w:rPr`."""
    flags = ' w:default="1"' if default else "" if key in _BUILT_IN else ' w:customStyle="1"'
    return (
        f'<w:style w:type="paragraph"{flags} w:styleId="{key}"><w:name w:val="{name}"/>'
        + (f'<w:basedOn w:val="{based}"/>' if based else "")
        + "<w:qFormat/>"
        + (f"<w:pPr>{layout}</w:pPr>" if layout else "")
        + (f"<w:rPr>{letters}</w:rPr>" if letters else "")
        + "</w:style>"
    )
