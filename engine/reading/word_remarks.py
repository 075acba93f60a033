"""What stands beside the answers of a Word form: comments, and on a form of ours whatever somebody typed or drew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from engine.model import Remark, Stamp
from engine.reading.word_signatures import pictures
from engine.reading.word_tables import Cell, Table, Tables
from engine.reading.word_text import SDT, TBL, VAL, Element, P, T, first_child, one_line, text_of, w

_LOOK, _STYLE_NAME = w("pPr"), w("pStyle")
_CAPTION = f"{w('tblPr')}/{w('tblCaption')}"
_BOX = w("txbxContent")
_ROW_KEY = re.compile(r"\[(.+)\]")
_THROUGH = (w("customXml"), w("ins"), w("moveTo"), w("sdtContent"))

_FACT = re.compile(r"(Learner|Provider|Printed): ")
_PAGE = re.compile(r"Page \d+ of \d+")
_CUSTOM = frozenset({"label", "columnheading", "answer", "longanswer", "help", "sectionhelp"})
_LABELS = {"label": 1, "help": 1, "columnheading": 1}
"""How many paragraphs of each style our writer puts into a cell for a label."""

_PLACES = {"header": "page header", "footer": "page footer", "footnotes": "footnote", "endnotes": "endnote"}


def comments(part: Element, document: Element, tables: Tables) -> Iterator[Remark]:
    """The comments of a file: who made them, where they hang, and on which words."""
    cells: dict[str | None, Cell | None] = {}
    hung: dict[str | None, list[str]] = {}
    running: set[str | None] = set()
    start, end = w("commentRangeStart"), w("commentRangeEnd")
    for node in document.iter(start, end, w("commentReference"), T):
        number = node.get(w("id"))
        if node.tag == T:
            for one in running:
                hung[one].append(node.text or "")
        elif node.tag == start:
            running.add(number)
            hung[number] = []
            cells.setdefault(number, tables.cell_of(node))
        elif node.tag == end:
            running.discard(number)
        else:
            cells.setdefault(number, tables.cell_of(node))
    for comment in part.iter(w("comment")):
        if words := text_of(comment):
            number = comment.get(w("id"))
            cell = cells.get(number)
            on = one_line("".join(hung.get(number, ())))
            where = (cell.where if cell else "body" if number in cells else "") + (f", on “{_short(on)}”" if on else "")
            yield Remark("comment", words, where, comment.get(w("author")) or "")


def beside(document: Element, tables: Tables, side: Iterable[tuple[str, Element]]) -> Iterator[Remark]:
    """What somebody put on a form of ours beside its boxes.

    Ours are known by the styles that our writer gives them and by their order; a program that keeps no styles makes
    that impossible, and then only what stands in headers, footnotes and text boxes is told.
    """
    names: dict[Element, str] = {}
    found = list(_running_text(document, names))
    if any(_key(style.get(VAL)) in _CUSTOM for style in document.iter(_STYLE_NAME)):
        yield from found
        for table in tables.tables:
            yield from _cells(table, names.get(table.element, ""))
    for box in document.iter(_BOX):
        if words := text_of(box):
            yield Remark("text", words, "text box")
    seen: set[str] = set()
    for where, root in side:
        words = _without_ours(one_line(text_of(root)))
        if words and words not in seen:
            seen.add(words)
            yield Remark("text", words, _PLACES[where])
    for drawing, what in pictures(document):
        cell = tables.cell_of(drawing)
        if cell is None or not cell.read:
            about = next((node.get("descr") or "" for node in drawing.iter() if node.get("descr")), "")
            yield Remark("drawing", about or f"({what})", _in(cell, names, tables) if cell else "on the page")


def _without_ours(words: str) -> str:
    """A header's or footer's words without the stamp and the page number that we print there."""
    while stamp := Stamp.find(words):
        if stamp.line() not in words:
            break
        words = words.replace(stamp.line(), " ")
    return one_line(_PAGE.sub(" ", words))


# ── The running text of our forms ───────────────────────────────────────────────────────────────────────────────


class _Order:
    """Which paragraph of ours may come next: our writer puts each kind once, and in one order."""

    def __init__(self) -> None:
        self.front, self.awaits_table, self.used = True, False, {"start"}

    def table(self) -> None:
        """A table stands here: after it, a heading or a statement may come."""
        self.front, self.awaits_table, self.used = False, False, set()

    def ours(self, style: str, words: str) -> bool:
        """Whether a paragraph with these words may be ours; remembers that it was there."""
        if style == "heading1":
            mine = not self.awaits_table
            self.front, self.awaits_table, self.used = False, True, {"start"}
            return mine
        if style in ("notice", "noticeheading"):
            return self.front
        if style in ("", "normal"):
            if not self.front or "noticeheading" in self.used:
                return False
            fact = bool(_FACT.match(words))
            first = self._once("purpose")
            return "title" in self.used and (fact or first)
        if style in ("title", "mark", "fundingmark"):
            return self.front and self._once(style)
        if style == "sectionhelp":
            return "start" in self.used and self._once(style)
        return style == "statement" and self._once(style)

    def _once(self, kind: str) -> bool:
        first = kind not in self.used
        self.used.add(kind)
        return first


def _running_text(document: Element, names: dict[Element, str]) -> Iterator[Remark]:
    """Paragraphs outside tables that are not ours; `names` takes up what each table is called."""
    order, heading, under = _Order(), "", ""
    body = document.find(w("body"))
    for child in _flow(body) if body is not None else ():
        if child.tag == TBL:
            caption = child.find(_CAPTION)
            names[child] = under = (caption.get(VAL) if caption is not None else "") or heading
            order.table()
            continue
        if child.tag == SDT or next(child.iter(SDT, _BOX), None) is not None:
            continue
        words = text_of(child)
        if not words:
            continue
        key = _style(child)
        if order.ours(key, words):
            if key == "heading1":
                heading, under = one_line(words), ""
        else:
            place = f"under the table “{under}”" if under else f"under the heading “{heading}”" if heading else ""
            yield Remark("text", words, place or "at the top of the form")


def _flow(element: Element) -> Iterator[Element]:
    """Paragraphs and tables in their order, through what may be wrapped around them; controls as they are."""
    for child in element.iterchildren(P, TBL, SDT, *_THROUGH):
        if child.tag in _THROUGH:
            yield from _flow(child)
        else:
            yield child


def _style(paragraph: Element) -> str:
    for look in paragraph:
        if look.tag == _LOOK:
            style = first_child(look, _STYLE_NAME)
            return _key(style.get(VAL)) if style is not None else ""
    return ""


@lru_cache(maxsize=256)
def _key(style: str | None) -> str:
    """A style's name as we compare it: LibreOffice spells `NoticeHeading` anew, from “Notice heading”."""
    return re.sub(r"[^a-z0-9]", "", (style or "").casefold())


# ── The cells of our tables ─────────────────────────────────────────────────────────────────────────────────────


def _cells(table: Table, name: str) -> Iterator[Remark]:
    """What stands in label cells beside the label and its help, and in cells that hold neither box nor label."""
    if not any(cell.taken for row in table.rows for cell in row):
        return
    printed = _printed(table)
    for number, row in enumerate(table.rows):
        for cell in row:
            if cell.taken or cell.read:
                continue
            left = _LABELS.copy() if number == 0 or cell is row[0] else {}
            for paragraph in cell.element.iter(P):
                words = one_line(text_of(paragraph))
                if not words:
                    continue
                key = _style(paragraph)
                label = printed.get(cell.element, "") if key != "help" else ""
                if not left.get(key):
                    yield Remark("text", words, _place(cell, name))
                elif label and words != label and words.startswith(label):
                    yield Remark("text", words[len(label) :].strip(), _place(cell, name))
                left[key] = left.get(key, 0) - 1


def _printed(table: Table) -> dict[Element, str]:
    """What was printed in label cells and headings, as far as the titles and tags of the boxes tell."""
    found: dict[Element, str] = {}
    heads = {head.column: head for head in reversed(table.rows[0])}
    for row in table.rows[1 if table.headed else 0 :]:
        for cell in row:
            if cell.box is None or not cell.taken:
                continue
            above = heads.get(cell.column)
            if table.headed and row[0].element in found and (above is None or above.element in found):
                continue
            title, tag = one_line(cell.box[0]), cell.box[1]
            if not table.headed:
                if not title.endswith(("…", ")")):
                    found.setdefault(row[0].element, title)
                continue
            key = _ROW_KEY.search(tag)
            if key:
                found.setdefault(row[0].element, key[1])
                if above is not None and title.endswith(f" {key[1]}"):
                    found.setdefault(above.element, title.removesuffix(f" {key[1]}"))
    return found


def _place(cell: Cell, name: str) -> str:
    return f"in the table “{name}”, row {cell.row}" if name else cell.where


def _in(cell: Cell, names: dict[Element, str], tables: Tables) -> str:
    return _place(cell, names.get(tables.tables[cell.table - 1].element, ""))


def _short(words: str) -> str:
    return words if len(words) <= 80 else words[:79].rstrip() + "…"
