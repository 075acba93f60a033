"""A sheet in the words of `templates/form.typ`: what each box needs of the page, and what stands in it.

Here is decided what the template cannot know: how many lines an answer takes, where a long one is cut into pieces, how
wide the columns of a table are, and which widget a question gets. Lengths are in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from engine.places import Kind
from engine.road import Road
from engine.sheet import Block, Box, Sheet, SignatureBlock, TableRow
from engine.writing import fonts
from engine.writing.widgets import Blank, Part, Widget

_WIDTH = 493.0
_LABELS = 160.0
_GUTTER = 12.0
_INSET = (6.0, 5.0)
_CELL_INSET = (5.0, 5.0)
_STANDARD, _LARGE = 12.0, 18.0
_ARROW = 12.0
# Of one line, to the size of the type (appearances.typ); and how much wider words run in bold.
_LEADING, _BOLD = 1.3, 1.08
# So much of a page an answer may take as one field; a longer one is laid out in pieces, each so tall.
_WHOLE, _PIECE = 530.0, 190.0
# How long the road is drawn, and how many of its milestones are named under it; all stand in their table.
_ROAD, _NAMED = 460.0, 12


def texts(sheet: Sheet) -> Iterator[str]:
    """Every text that a sheet shows."""
    yield from (sheet.title, sheet.purpose, sheet.provider, sheet.learner, sheet.mark)
    for block in (*sheet.notices, *sheet.blocks, *sheet.evidence):
        yield from (block.heading, block.help, *block.lines, *(column.label for column in block.columns))
        yield from (row.key for row in block.rows)
    yield from sheet.road.words() if sheet.road else ()
    yield from (signature.statement for signature in sheet.signatures)
    for box in sheet.boxes():
        yield from (box.label, box.help, box.shown, *box.choices)


class Drawing:
    """A sheet in the words of form.typ, and the blanks in it, numbered in reading order."""

    def __init__(self, sheet: Sheet, plain: bool = False) -> None:
        self.sheet = sheet
        self.size = _LARGE if sheet.large else _STANDARD
        self.static = sheet.edition > 0 or sheet.static or bool(sheet.foot)
        self.plain = plain
        self.substituted: set[str] = set()
        self.blanks: list[Blank] = []

    def spec(self, carried: Sequence[str] = ()) -> dict[str, Any]:
        """Everything the template shows.

        Args:
            carried: the files inside a sealed document, each in words.
        """
        sheet = self.sheet
        tone = "edition" if sheet.edition or sheet.mark.startswith("Funding-body") else "working"
        return {
            "static": self.static,
            "tone": tone if sheet.mark else "plain",
            "title": self._said(sheet.title),
            "provider": self._said(sheet.provider),
            "learner": self._said(sheet.learner),
            "mark": self._said(sheet.mark),
            "size": self.size,
            "running": [
                _short(self._said(text), 235, self.size) for text in (sheet.mark or sheet.title, sheet.learner)
            ],
            "printed": f"Printed on {sheet.printed.day} {sheet.printed:%B %Y}" if sheet.stamp.plan else "",
            "purpose": self._said(sheet.purpose),
            "foot": self._said(sheet.foot) if sheet.foot else sheet.stamp.line() if self.static else "",
            "label-width": _LABELS,
            "notices": [self._block(block, _WIDTH - 28) for block in sheet.notices],
            "road": self._road(sheet.road) if sheet.road else None,
            "blocks": [self._block(block) for block in sheet.blocks],
            "signatures": [self._signature(signature) for signature in sheet.signatures],
            "evidence": [self._block(block) for block in sheet.evidence],
            "seal": self._block(_seal(sheet, carried), _WIDTH - 28) if sheet.edition else None,
        }

    def _drawn(self, text: str, room: float, size: float) -> str:
        drawn = fonts.drawn(text, room, size, self.plain)
        if fonts.SUBSTITUTE in drawn:
            self.substituted |= fonts.foreign((text,)) - set(drawn)
        return drawn

    def _said(self, text: str, room: float = _WIDTH, weight: float = 1.0) -> str:
        """Words of the form itself; in bold they are some hundredths wider."""
        size = self.size * weight
        text = self._drawn(text, room, size)
        return "".join(fonts.wrapped(text, room, size)) if _longest_word(text) * size > room else text

    def _block(self, block: Block, room: float = _WIDTH) -> dict[str, Any]:
        rows = [row for row in block.rows if not (self.static and _spare(row))]
        return {
            "heading": self._said(block.heading),
            "help": [self._said(block.help)] * bool(block.help) + self._offered(block),
            "lines": [self._said(line, room) for line in block.lines],
            "boxes": [self._box(box) for box in block.boxes],
            "table": self._table(block, rows) if block.columns else None,
        }

    def _road(self, road: Road) -> dict[str, Any]:
        """The road as it is drawn; lengths in points, words as elsewhere."""
        ends: list[float] = []
        stones = []
        for stone in sorted(road.stones, key=lambda stone: stone.at):
            key = self._said(stone.key)
            half, at = fonts.width(key, self.size) * _BOLD / 2 + 3, stone.at * _ROAD
            # Names that would touch stand one under the other, in as many lines as that takes, within reason.
            lane = next((n for n, end in enumerate(ends) if end <= at - half), len(ends))
            if lane < 4:
                ends[lane : lane + 1] = [at + half]
                stones.append({"key": key, "at": at, "state": stone.state, "lane": lane})
        return {
            "told": self._said(road.told),
            "line": road.start is not None and bool(road.stones),
            "today": road.today * _ROAD,
            "lanes": len(ends[:4]),
            "stones": stones,
            "bars": [
                {
                    "what": self._said(b.what, _LABELS),
                    "share": min(b.done / max(b.of, 1), 1),
                    "words": self._said(b.words, 180),
                }
                for b in road.bars
            ],
            "legend": [self._said(stone.words) for stone in road.stones[:_NAMED]],
            "alt": self._said(" ".join(road.words())),
            "length": _ROAD,
        }

    def _offered(self, block: Block) -> list[str]:
        """What may be chosen in a table's columns, for those who fill it in by hand."""
        if self.static or not block.rows:
            return []
        offers = zip(block.columns, block.rows[0].boxes, strict=True)
        return [self._said(f"{c.label}: {_listed(box.choices)}.") for c, box in offers if box.choices]

    def _signature(self, signature: SignatureBlock) -> dict[str, Any]:
        return {
            "heading": signature.called.capitalize(),
            "statement": self._said(signature.statement, _WIDTH - 24),
            "boxes": [self._box(signature.name, 292.0, 2), self._box(signature.date, 165.0, 2)],
        }

    def _box(self, box: Box, room: float = _WIDTH - _LABELS - _GUTTER, empty: int = 1) -> dict[str, Any]:
        kind = _kind(box, room, self.size)
        parts = self._parts(box, kind, room, _INSET, empty, 3)
        helps = [box.help] if box.help else []
        if not self.static:
            helps += ["Day/month/year"] if box.kind is Kind.DATE and "/month" not in box.help else []
            helps += [f"One of {_listed(box.choices)}"] if kind == "combo" else []
        self.blanks.append(Blank(box, kind, box.label, parts))
        return {
            "n": len(self.blanks) - 1,
            "kind": kind,
            "label": self._said(box.label, _LABELS),
            "help": self._said("\n".join(helps), _LABELS),
            "choices": [self._said(choice) for choice in box.choices],
            "tall": self._tall(parts),
            "empty": "Not ticked" if box.kind is Kind.TICK else "Not answered",
            "parts": [{"text": p.text, "rtl": p.rtl, "pad": p.pad, "reserve": p.reserve} for p in parts],
        }

    def _parts(
        self, box: Box, kind: Widget, room: float, inset: tuple[float, float], empty: int, least: int
    ) -> tuple[Part, ...]:
        """The value in pieces that each fit a page, with room to write under the last.

        Args:
            empty, least: how many lines an empty box has, and any for a long answer.
        """
        size = self.size
        reserve = _ARROW if kind == "combo" else 0.0
        room -= 2 * inset[0] + reserve
        text = self._drawn(box.shown, room, size)
        lines = fonts.wrapped(text, room, size) if text else []
        tall = len(lines) * size * _LEADING > _WHOLE and not self.static
        step = int(_PIECE / size / _LEADING) if tall else max(len(lines), 1)
        pieces = [lines[n : n + step] for n in range(0, len(lines), step)] or [[]]
        last = len(pieces) - 1
        least = least if box.long else empty
        spare = max(least - len(lines), 1) if box.long else 0 if lines else empty
        rtl = fonts.right_to_left(text)
        return tuple(
            Part(
                "".join(piece).removesuffix("\n" if n < last else ""),
                size, inset, reserve, rtl, len(piece), spare if n == last else 0,
            )
            for n, piece in enumerate(pieces)
        )  # fmt: skip

    def _tall(self, parts: Sequence[Part]) -> bool:
        """Whether an answer may run over the end of a page."""
        return sum(part.lines for part in parts) * self.size * _LEADING > _WHOLE

    # ── Tables ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _table(self, block: Block, rows: Sequence[TableRow]) -> dict[str, Any]:
        keyed = "No." if all(re.fullmatch(r"[A-Z]{1,3}\d+|new \d+", row.key) for row in block.rows) else block.row_noun
        first = max(fonts.width(words, self.size) for words in (keyed, *(row.key for row in rows))) * _BOLD
        first = min(first + 12, 10 * self.size)
        widths = [first, *_shared(block, rows, _WIDTH - first, self.size)]
        return {
            "widths": [round(width, 2) for width in widths],
            "heads": [
                self._said(head, width - 10, _BOLD)
                for head, width in zip((keyed.capitalize(), *(c.label for c in block.columns)), widths, strict=True)
            ],
            "rows": [self._row(block, row, widths) for row in rows],
        }

    def _row(self, block: Block, row: TableRow, widths: Sequence[float]) -> dict[str, Any]:
        noun = f"{block.row_noun.capitalize()} {row.key}".strip()
        cells = [self._cell(box, noun, room) for box, room in zip(row.boxes, widths[1:], strict=True)]
        return {
            "key": self._said(row.key, widths[0] - 10, _BOLD),
            "tall": any(cell["tall"] for cell in cells),
            "cells": cells,
        }

    def _cell(self, box: Box, noun: str, room: float) -> dict[str, Any]:
        kind = "combo" if box.kind is Kind.CHOICE else _kind(box, room, self.size)
        parts = self._parts(box, kind, room, _CELL_INSET, 2, 2)
        self.blanks.append(Blank(box, kind, f"{noun}: {box.label}", parts, in_table=True))
        return {
            "n": len(self.blanks) - 1,
            "kind": kind,
            "tall": self._tall(parts),
            "empty": "–",
            "parts": [{"text": p.text, "rtl": p.rtl, "pad": p.pad, "reserve": p.reserve} for p in parts],
        }


def _kind(box: Box, room: float, size: float) -> Widget:
    """How a box is drawn: few short choices as circles side by side, others as a drop-down list."""
    if box.kind is Kind.TICK:
        return "tick"
    if box.kind is not Kind.CHOICE:
        return "text"
    taken = sum(fonts.width(choice, size) + 3.2 * size for choice in box.choices)
    known = box.shown in ("", *box.choices)
    return "radio" if known and len(box.choices) <= 4 and taken <= room else "combo"


def _listed(choices: Sequence[str]) -> str:
    """Choices as people list them: A, B or C."""
    return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))


def _spare(row: TableRow) -> bool:
    """Whether a row is only room to write."""
    return row.key.startswith("new ") and not any(box.shown for box in row.boxes)


def _short(text: str, room: float, size: float) -> str:
    """A text cut to one line of the running head."""
    if fonts.width(text, size) * _BOLD <= room:
        return text
    text = text[:200]
    while fonts.width(text + "…", size) * _BOLD > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _longest_word(text: str) -> float:
    """Width of a text's longest word, as a share of the type size."""
    if len(text) < 30:
        return 0.0
    return max((fonts.width(word, 1) for word in text.split()), default=0.0)


def _shared(block: Block, rows: Sequence[TableRow], room: float, size: float) -> list[float]:
    """Widths of a table's columns: by their shares, but none narrower than the words it must hold."""
    columns = [[row.boxes[n] for row in rows] for n in range(len(block.columns))]
    floors = [_floor(c.label, boxes, size) for c, boxes in zip(block.columns, columns, strict=True)]
    # Where there is room, no word that people wrote is broken either.
    whole = [max(floor, _longest(boxes, size)) for floor, boxes in zip(floors, columns, strict=True)]
    floors = whole if sum(whole) < room else floors
    if sum(floors) >= room:
        return [floor * room / sum(floors) for floor in floors]
    narrow: dict[int, float] = {}
    while True:
        left = room - sum(narrow.values())
        shares = sum(c.width for n, c in enumerate(block.columns) if n not in narrow)
        found = [narrow.get(n, left * c.width / shares) for n, c in enumerate(block.columns)]
        tight = {n: floors[n] for n, width in enumerate(found) if width < floors[n] - 0.01}
        if not tight:
            return found
        narrow |= tight


def _longest(boxes: Sequence[Box], size: float) -> float:
    """The width that the longest word in a column takes, within reason."""
    words = (word for box in boxes for word in box.shown.split())
    return min(max((fonts.width(word, size) for word in words), default=0.0), 8 * size) + 12


def _floor(label: str, boxes: Sequence[Box], size: float) -> float:
    """The least width of a column: its heading's longest word, a date, a choice's longest word."""
    words = [fonts.width(word, size) * _BOLD for word in label.split()]
    for box in boxes[:1]:
        if box.kind is Kind.DATE:
            words.append(fonts.width("00/00/0000", size))
        elif box.choices:
            wide = max(fonts.width(choice, size) for choice in box.choices)
            longest = max(fonts.width(word, size) for choice in box.choices for word in choice.split())
            words.append((wide if wide < 6.5 * size else longest) + _ARROW)
        elif box.kind is Kind.TEXT:
            words.append(4.2 * size)
    return max(words, default=2.7 * size) + 12


def _seal(sheet: Sheet, carried: Sequence[str]) -> Block:
    """The words beside the seal: what it proves, and why a viewer may doubt it."""
    return Block(
        "Seal",
        lines=(
            f"This is funding-body version {sheet.edition}, sealed by {sheet.provider}.",
            f"The seal proves that nothing in this file has changed since {sheet.provider} sealed it. Anything added "
            "or altered afterwards breaks the seal, and a PDF viewer will say so. The seal is not anybody’s own "
            "signature: who signed, when and how, is said above.",
            "A viewer may call the certificate unknown or not trusted. That says nothing about the file: it means "
            f"that the viewer has not met {sheet.provider}’s certificate before. {sheet.provider} can tell you the "
            "certificate’s fingerprint, to compare.",
            *(f"Inside this file: {file}." for file in carried),
        ),
    )
