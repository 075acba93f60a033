"""A sheet into a Word form: every box a content control beside its label, the stamp in three places.

The body is written as text, which is several times faster than building a tree and serialising it; words reach it
only through `_words` and `_attribute`. Every question stands as label | answer in a table, and every answer is a
control inside a paragraph: the nesting that LibreOffice keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape

from engine.model import Rendition
from engine.places import HINTS, Kind
from engine.sheet import Block, Box, Sheet, SignatureBlock
from engine.writing.word_blank import DECLARATION, FOOTER_RELATION, HEADER_RELATION, NAMESPACES, TINT, packed
from engine.writing.word_columns import TEXT_WIDTH, widths_of

# In twentieths of a point, as all lengths here.
_LABEL_WIDTH = 3400
_LONG, _LONG_IN_TABLE = 1900, 1300
_LIMIT = 64
"""Word calls a file damaged whose tags or titles are longer than this."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FREE_KEY = re.compile(r"[A-Z]+\d+|new \d+")

Controls = Mapping[str, tuple[int, str]]
"""For each box by name: the number of its control and the control's title, both unique on the form."""


def write_form(sheet: Sheet) -> Rendition:
    """The sheet as a Word document that people fill in.

    Raises:
        ValueError: for a sealed funding-body version, which is never written as Word.
    """
    if sheet.edition:
        raise ValueError("a sealed funding-body version is never written as Word")
    parts = {
        "word/document.xml": _document(sheet),
        "word/header.xml": _header(sheet),
        "docProps/core.xml": _core(sheet),
        "docProps/custom.xml": _custom(sheet),
    }
    # What is printable is sound XML, and that is told in half the time; only the rest is looked at closely.
    doubtful = (xml for xml in parts.values() if not xml.isprintable())
    unprintable = frozenset(character for xml in doubtful for character in _NOT_XML.findall(xml))
    if unprintable:
        parts = {name: _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", xml) for name, xml in parts.items()}
    return Rendition(packed(parts, sheet.large), unprintable)


def _document(sheet: Sheet) -> str:
    controls = _controls(sheet)
    return (
        f"{DECLARATION}<w:document {NAMESPACES}><w:body>"
        + "".join(_front(sheet))
        + "".join(part for block in sheet.blocks for part in _block(block, controls, sheet.large))
        + "".join(_signatures(sheet.signatures, controls))
        + f'{_paragraph("Gap", "")}<w:sectPr><w:headerReference w:type="default" r:id="{HEADER_RELATION}"/>'
        f'<w:footerReference w:type="default" r:id="{FOOTER_RELATION}"/><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" '
        'w:gutter="0"/></w:sectPr></w:body></w:document>'
    )


def _controls(sheet: Sheet) -> Controls:
    """Numbers and titles for the boxes: the label, and in a table the row's key; counted where that is not unique."""
    rows = {box.name: row.key for block in sheet.blocks for row in block.rows for box in row.boxes}
    controls: dict[str, tuple[int, str]] = {}
    taken: set[str] = set()
    for number, box in enumerate(sheet.boxes(), 2):
        if len(box.name) > _LIMIT:
            raise ValueError(f"the box “{box.name}” has a name longer than {_LIMIT} characters")
        full = f"{box.label} {rows[box.name]}" if box.name in rows else box.label
        title, again = _short(full), 1
        while title.casefold() in taken:
            again += 1
            title = _short(full, f" ({again})")
        taken.add(title.casefold())
        controls[box.name] = (number, title)
    return controls


def _short(words: str, ending: str = "") -> str:
    room = _LIMIT - len(ending)
    return (words if len(words) <= room else words[: room - 1].rstrip() + "…") + ending


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────


def _front(sheet: Sheet) -> Iterator[str]:
    yield _paragraph("Title", sheet.title)
    if sheet.mark:
        yield _paragraph("FundingMark" if sheet.mark.startswith("Funding-body") else "Mark", sheet.mark)
    if sheet.purpose:
        yield _paragraph("Normal", sheet.purpose)
    for name, fact in (
        ("Learner", sheet.learner),
        ("Provider", sheet.provider),
        ("Printed", sheet.printed.strftime("%d/%m/%Y") if sheet.stamp.plan else ""),
    ):
        if fact:
            yield f"<w:p>{_run(f'{name}: ', '<w:b/>')}{_run(fact)}</w:p>"
    for notice in sheet.notices:
        yield _paragraph("NoticeHeading", notice.heading)
        for line in (notice.help, *notice.lines):
            if line:
                yield _paragraph("Notice", line)
    if sheet.road:
        # Drawn in the PDF; here it is told.
        yield _paragraph("NoticeHeading", "The road so far")
        for line in sheet.road.words():
            yield _paragraph("Notice", line)


def _block(block: Block, controls: Controls, large: bool) -> Iterator[str]:
    # Two tables that touch would become one.
    yield _paragraph("Heading1", block.heading) if block.heading else _paragraph("Gap", "")
    if block.help:
        yield _paragraph("SectionHelp", block.help)
    for line in block.lines:
        yield _paragraph("Normal", line)
    if block.boxes:
        yield _questions(block.heading, block.boxes, controls)
    if block.columns:
        yield _rows(block, controls, large)


def _questions(heading: str, boxes: Iterable[Box], controls: Controls) -> str:
    """Boxes as label | answer."""
    return _table(
        heading,
        "The questions are on the left, the boxes for the answers on the right.",
        (_LABEL_WIDTH, TEXT_WIDTH - _LABEL_WIDTH),
        (
            _row(
                (
                    _cell(_LABEL_WIDTH, _label(box), TINT),
                    _cell(TEXT_WIDTH - _LABEL_WIDTH, _answer(box, controls)),
                ),
                _LONG if box.long else 0,
            )
            for box in boxes
        ),
    )


def _rows(block: Block, controls: Controls, large: bool) -> str:
    """A table of the plan: a row of headings, then a row for each key."""
    free = all(_FREE_KEY.fullmatch(row.key) for row in block.rows)
    first = "No." if free else block.row_noun.capitalize() or "Row"
    widths = widths_of(first, block, 1.5 if large else 1)
    headings = (first, *(column.label for column in block.columns))
    return _table(
        block.heading,
        f"One row for each {block.row_noun or 'entry'}. The first column names the row; the others are boxes.",
        widths,
        (
            _row(
                (_cell(w, _paragraph("ColumnHeading", t), TINT) for w, t in zip(widths, headings, strict=True)),
                heading=True,
            ),
            *(
                _row(
                    (
                        _cell(widths[0], _paragraph("Label", row.key), TINT),
                        *(_cell(w, _answer(b, controls)) for w, b in zip(widths[1:], row.boxes, strict=True)),
                    ),
                    _LONG_IN_TABLE if any(box.long for box in row.boxes) else 0,
                )
                for row in block.rows
            ),
        ),
    )


def _signatures(signatures: Iterable[SignatureBlock], controls: Controls) -> Iterator[str]:
    for number, signature in enumerate(signatures):
        if number == 0:
            yield _paragraph("Heading1", "Signatures")
        yield _paragraph("Statement", signature.statement)
        yield _questions(f"Signature of the {signature.called}", (signature.name, signature.date), controls)


def _table(caption: str, description: str, widths: Iterable[int], rows: Iterable[str]) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Boxes"/><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" '
        f'w:lastColumn="0" w:noHBand="0" w:noVBand="1"/><w:tblCaption w:val="{_attribute(caption)}"/>'
        f'<w:tblDescription w:val="{_attribute(description)}"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        + "".join(rows)
        + "</w:tbl>"
    )


def _row(cells: Iterable[str], height: int = 0, heading: bool = False) -> str:
    tall = f'<w:trHeight w:val="{height}" w:hRule="atLeast"/>' if height else ""
    head = "<w:tblHeader/>" if heading else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{tall}{head}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(width: int, inside: str, fill: str = "") -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>{inside}</w:tc>'


def _label(box: Box) -> str:
    return _paragraph("Label", box.label) + (_paragraph("Help", box.help) if box.help else "")


def _answer(box: Box, controls: Controls) -> str:
    style = "LongAnswer" if box.long else "Answer"
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_control(box, *controls[box.name])}</w:p>'


# ── The boxes ───────────────────────────────────────────────────────────────────────────────────────────────────


def _control(box: Box, number: int, title: str) -> str:
    """The content control of a box, inside a paragraph, with what it shows."""
    hint = HINTS.get(box.kind, "")
    empty = hint and not box.shown
    if box.kind is Kind.TICK:
        words = _run("☒" if box.shown else "☐", '<w:rStyle w:val="TickBox"/>')
    elif empty:
        words = _run(hint, '<w:rStyle w:val="PlaceholderText"/>')
    else:
        words = _run(box.shown)
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val="{_attribute(title)}"/><w:tag w:val="{_attribute(box.name)}"/>'
        f'<w:id w:val="{number}"/><w:lock w:val="sdtLocked"/>'
        + (f'<w:placeholder><w:docPart w:val="{hint}"/></w:placeholder>' if hint else "")
        + ("<w:showingPlcHdr/>" if empty else "")
        + f"{_nature(box)}</w:sdtPr><w:sdtContent>{words}</w:sdtContent></w:sdt>"
    )


def _nature(box: Box) -> str:
    """The element that makes a control a tick box, a list, a date or text."""
    if box.kind is Kind.TICK:
        return (
            f'<w14:checkbox><w14:checked w14:val="{1 if box.shown else 0}"/><w14:checkedState w14:val="2612" '
            'w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>'
        )
    if box.kind is Kind.CHOICE:
        # A value that is no longer on offer stays in the list: Word would show it, LibreOffice would drop it.
        return _list(box.choices if box.shown in ("", *box.choices) else (*box.choices, box.shown))
    if box.kind is Kind.DATE:
        day = f' w:fullDate="{box.value}T00:00:00Z"' if box.value else ""
        return (
            f'<w:date{day}><w:dateFormat w:val="dd/MM/yyyy"/><w:lid w:val="en-GB"/>'
            '<w:storeMappedDataAs w:val="dateTime"/><w:calendar w:val="gregorian"/></w:date>'
        )
    # LibreOffice 7.4 loses the line ends of a plain-text control; those of a rich one it keeps.
    return "<w:richText/>" if box.long or "\n" in box.shown else '<w:text w:multiLine="1"/>'


@lru_cache(maxsize=256)
def _list(choices: tuple[str, ...]) -> str:
    words = map(_attribute, dict.fromkeys(choices))
    items = "".join(f'<w:listItem w:displayText="{word}" w:value="{word}"/>' for word in words)
    return f"<w:dropDownList>{items}</w:dropDownList>"


def _paragraph(style: str, words: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_run(words) if words else ""}</w:p>'


def _run(words: str, letters: str = "") -> str:
    look = f"<w:rPr>{letters}</w:rPr>" if letters else ""
    return f"<w:r>{look}{_words(words)}</w:r>"


def _words(text: str) -> str:
    """Text in a run: line ends and tabs are elements of their own."""
    xml = escape(text.replace("\r\n", "\n").replace("\r", "\n"), quote=False)
    xml = xml.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    xml = xml.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f'<w:t xml:space="preserve">{xml}</w:t>'


def _attribute(text: str) -> str:
    return escape(" ".join(text.split()))


# ── The stamp ───────────────────────────────────────────────────────────────────────────────────────────────────


def _header(sheet: Sheet) -> str:
    return (
        f'{DECLARATION}<w:hdr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:sdt><w:sdtPr>'
        '<w:alias w:val="Form stamp"/><w:id w:val="1"/><w:lock w:val="sdtContentLocked"/><w:text/></w:sdtPr>'
        f"<w:sdtContent>{_run(sheet.stamp.line())}</w:sdtContent></w:sdt></w:p></w:hdr>"
    )


def _core(sheet: Sheet) -> str:
    day = f"{sheet.printed.isoformat()}T00:00:00Z"
    return (
        f"{DECLARATION}<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(sheet.title)}</dc:title><dc:creator>{escape(sheet.provider)}</dc:creator>"
        f"<dc:identifier>{escape(sheet.stamp.line())}</dc:identifier><dc:language>en-GB</dc:language>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{day}</dcterms:modified></cp:coreProperties>'
    )


def _custom(sheet: Sheet) -> str:
    return (
        f"{DECLARATION}<Properties "
        'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Counterpart">'
        f"<vt:lpwstr>{escape(sheet.stamp.line())}</vt:lpwstr></property></Properties>"
    )
