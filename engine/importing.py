"""What a list of learners says: its columns understood, its rows made into values, each mistake by its cell. Pure.

A sheet with given and family names has a learner on each row; every other sheet adds to those rows by the first column
that it shares with them: an employer's details by the employer's name, a programme by the learner's reference.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model import Tab
from engine.places import Kind, Place, Record, Value
from engine.plan import IDENTIFYING, PLACES, contradictions
from engine.proforma import Proforma, Question
from engine.recognise import Known, alike, one_of

PLAN = "plan"
"""The column that says which plan a row is about: its number, or NEW."""

_PLAN_HEADINGS = frozenset({"plan", "plannumber"})
_NAMES = frozenset({"learner.given_name", "learner.family_name"})
_KEYS = ("learner.uln", "learner.reference")
_LOOKED = 10
"""Rows of a sheet among which its headings are looked for."""

_ERRORS = re.compile(r"#(?:REF|N/A|VALUE|NAME\?|DIV/0|NUM|NULL|SPILL|CALC)[!?]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """Where something stands in a spreadsheet."""

    tab: str
    column: int
    row: int

    def __str__(self) -> str:
        return f"{self.tab}!{letters(self.column)}{self.row}"


def letters(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    found = ""
    while column:
        column, last = divmod(column - 1, 26)
        found = chr(65 + last) + found
    return found


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be taken, and why, in a sentence."""

    cell: Cell
    why: str


@dataclass
class Row:
    """A learner in the list.

    Attributes:
        said: values by place; what is wrong is not among them.
        cells: where each stands.
        plan: whose plan it is, when that is known; "" = a new one.
        taken: whether it may be taken in; not with a mistake in what says who the learner is.
    """

    at: Cell
    said: dict[str, Value] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    plan: str = ""
    wanted: str = ""
    taken: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of learners, understood.

    Attributes:
        strange: headings that are no column here, each with its cell.
    """

    rows: tuple[Row, ...]
    wrong: tuple[Wrong, ...]
    strange: tuple[tuple[Cell, str], ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet with its columns: the place that each stands for."""

    tab: Tab
    header: int
    columns: Mapping[int, str]

    def rows(self) -> Iterator[tuple[int, Mapping[int, str]]]:
        return ((number, said) for number, said in self.tab.rows if number > self.header)

    def cell(self, place: str, row: int) -> Cell:
        return Cell(self.tab.name, next(c for c, p in self.columns.items() if p == place), row)


# ── Columns ─────────────────────────────────────────────────────────────────────────────────────────────────────


def heading_key(words: str) -> str:
    """A heading as far as it counts: its letters and digits."""
    return re.sub(r"[^a-z0-9]", "", words.casefold())


def headings(columns: Proforma, remembered: Mapping[str, str]) -> dict[str, str]:
    """The place that each known heading stands for.

    Args:
        remembered: headings that somebody has mapped here before, each with the label of a column.
    """
    found = dict.fromkeys(_PLAN_HEADINGS, PLAN)
    for _, question, place in columns.questions():
        for words in (question.label, *question.also):
            found[heading_key(words)] = place.path
    return found | {heading_key(words): found[heading_key(label)] for words, label in remembered.items()
                    if heading_key(label) in found}  # fmt: skip


def _sheets(tabs: Sequence[Tab], known: Mapping[str, str]) -> Iterator[_Sheet]:
    for tab in tabs:
        best: dict[int, str] = {}
        header = 0
        for number, said in tab.rows[:_LOOKED]:
            columns: dict[int, str] = {}
            for column, words in said.items():
                place = known.get(heading_key(words))
                if place and place not in columns.values():
                    columns[column] = place
            if len(columns) > len(best):
                best, header = columns, number
        if len(best) >= 2:
            yield _Sheet(tab, header, best)


def is_list(tabs: Sequence[Tab], known: Mapping[str, str]) -> bool:
    """Whether a spreadsheet is a list of learners: a sheet of it has columns for both names, and one more."""
    return any(set(s.columns.values()) >= _NAMES and len(s.columns) > 2 for s in _sheets(tabs, known))


# ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────────


def listed(
    tabs: Sequence[Tab], columns: Proforma, remembered: Mapping[str, str], known: Known, today: dt.date
) -> Listed:
    """What a list of learners says, and what is wrong with it, cell by cell."""
    heads = headings(columns, remembered)
    sheets = list(_sheets(tabs, heads))
    main = [s for s in sheets if set(s.columns.values()) >= _NAMES]
    asked = {place.path: question for _, question, place in columns.questions()}
    wrong: list[Wrong] = []
    rows = [_row(sheet, number, said, asked, today, wrong) for sheet in main for number, said in sheet.rows()]
    shared = {place for sheet in main for place in sheet.columns.values()}
    for sheet in sheets:
        if sheet not in main:
            _join(sheet, shared, rows, asked, today, wrong)
    for row in rows:
        _sound(row, wrong)
    _twice(rows, wrong)
    for row in rows:
        if row.taken:
            _whose(row, known, wrong)
    strange = tuple(
        (Cell(s.tab.name, column, s.header), words)
        for s in sheets
        for number, said in s.tab.rows
        if number == s.header
        for column, words in said.items()
        if column not in s.columns
    )
    return Listed(tuple(row for row in rows if row.taken), tuple(wrong), strange)


def _row(
    sheet: _Sheet, number: int, said: Mapping[int, str], asked: Mapping[str, Question], today: dt.date,
    wrong: list[Wrong],
) -> Row:  # fmt: skip
    row = Row(Cell(sheet.tab.name, min(sheet.columns), number))
    for column, place in sheet.columns.items():
        cell = Cell(sheet.tab.name, column, number)
        if place == PLAN:
            row.wanted = said.get(column, "").strip().upper()
        elif column in said:
            _put(row, place, said[column], cell, asked[place], today, wrong)
    for place in _NAMES:
        if place not in row.said and place not in row.cells:
            _fault(row, place, Wrong(sheet.cell(place, number), f"{asked[place].label}: there is nothing here"), wrong)
    if row.taken and not any(row.said.get(place) for place in (*_KEYS, "learner.date_of_birth")):
        row.taken = False
        wrong.append(Wrong(row.at, "A date of birth, a ULN or a learner reference is needed beside the name"))
    return row


def _put(row: Row, place: str, words: str, cell: Cell, question: Question, today: dt.date, wrong: list[Wrong]) -> None:
    """A cell's value into its row, or why it cannot be."""
    row.cells[place] = cell
    try:
        row.said[place] = _value(PLACES[place], question.codes.get(words, words), today)
    except ValueError as error:
        _fault(row, place, Wrong(cell, f"{question.label}: {error}"), wrong)


def _value(place: Place, words: str, today: dt.date) -> Value:
    if _ERRORS.fullmatch(words):
        raise ValueError(f"the formula in this cell gives {words}")
    if place.kind is Kind.DATE and re.fullmatch(r"-?\d+(\.\d+)?", words):
        raise ValueError(f"“{words}” is a number and not a date; give the cell the format of a date")
    value = place.parse(words)
    if place.about.past and isinstance(value, str) and value > today.isoformat():
        raise ValueError(f"{place.show(value)} has not come yet")
    return value


def _fault(row: Row, place: str, found: Wrong, wrong: list[Wrong]) -> None:
    """Notes what is wrong; a row is left out where it is unclear who the learner is."""
    wrong.append(found)
    row.taken = row.taken and place not in IDENTIFYING


def _join(
    sheet: _Sheet, shared: set[str], rows: list[Row], asked: Mapping[str, Question], today: dt.date,
    wrong: list[Wrong],
) -> None:  # fmt: skip
    """Adds what another sheet says to the rows that it is about."""
    key = next((p for p in sheet.columns.values() if p in shared and p != PLAN), None)
    if key is None:
        first = Cell(sheet.tab.name, min(sheet.columns), sheet.header)
        wrong.append(Wrong(first, "No column of this sheet says which learners it is about"))
        return
    found: dict[Value, Row] = {}
    for number, said in sheet.rows():
        part = Row(Cell(sheet.tab.name, min(sheet.columns), number))
        for column, place in sheet.columns.items():
            if column in said and place != PLAN:
                _put(part, place, said[column], Cell(sheet.tab.name, column, number), asked[place], today, wrong)
        if part.said.get(key) in found:
            wrong.append(Wrong(sheet.cell(key, number), f"“{part.said[key]}” stands on this sheet twice"))
        elif part.said.get(key) is not None:
            found[part.said[key]] = part
    wanted = {row.said.get(key) for row in rows}
    for value, part in found.items():
        if key in IDENTIFYING and value not in wanted:
            wrong.append(Wrong(part.cells[key], f"“{value}” is no learner of this list"))
    for row in rows:
        value = row.said.get(key)
        other = found.get(value) if value is not None else None
        if other is not None:
            row.said = {**other.said, **row.said}
            row.cells = {**other.cells, **row.cells}
        elif value is not None and key not in IDENTIFYING:
            wrong.append(Wrong(row.cells[key], f"“{value}” is not on the sheet “{sheet.tab.name}”"))
            del row.said[key]


def _sound(row: Row, wrong: list[Wrong]) -> None:
    """Values that cannot stand together: the likelier culprit is left out."""
    for _ in range(len(row.said)):
        found = next(iter(contradictions(row.said).items()), None)
        if found is None:
            return
        places, why = found
        blamed = next((place for place in places if place in row.cells), None)
        if blamed is None:
            return
        _fault(row, blamed, Wrong(row.cells[blamed], why[:1].upper() + why[1:]), wrong)
        row.said.pop(blamed, None)


def _twice(rows: Sequence[Row], wrong: list[Wrong]) -> None:
    """One learner on two rows, or two with one number: the second is left out."""
    seen: dict[tuple[object, ...], Cell] = {}
    for row in rows:
        said = row.said
        marks = [(place, said[place]) for place in _KEYS if said.get(place) not in (None, "TEMP")]
        who = tuple(str(said.get(p)).casefold() for p in ("learner.given_name", "learner.family_name"))
        if said.get("learner.date_of_birth"):
            marks.append(("name", (*who, said["learner.date_of_birth"])))  # type: ignore[arg-type]
        first = next(((mark, seen[mark]) for mark in marks if mark in seen), None)
        if first and row.taken:
            (place, _), before = first
            cell = row.cells.get(place) or row.cells["learner.family_name"]
            wrong.append(Wrong(cell, f"This learner, or the number, stands in row {before.row} already"))
            row.taken = False
        else:
            seen |= {mark: row.at for mark in marks if row.taken}


def _whose(row: Row, known: Known, wrong: list[Wrong]) -> None:
    """Which plan a row is about: one, none yet, or a doubt that the list itself can settle."""
    said = {place: value for place, value in row.said.items() if place in IDENTIFYING}
    if row.wanted and row.wanted != "NEW":
        if row.wanted in known.plans:
            row.plan = known.now(row.wanted)
        else:
            row.taken = False
            wrong.append(Wrong(row.at, f"There is no plan “{row.wanted}”"))
        return
    found = one_of(said, known)
    if found or row.wanted == "NEW":
        row.plan = found or ""
        return
    sure, doubtful = alike(said, known)
    if sure or doubtful:
        row.taken = False
        cell = row.cells.get("learner.uln") or row.cells["learner.family_name"]
        names = ", ".join(f"{plan} ({_name(known.plans[plan])})" for plan in (*sure, *doubtful))
        why = f"This looks like somebody who is here already: {names}. Write that number, or NEW, in a column “Plan”"
        wrong.append(Wrong(cell, why))


def _name(record: Record) -> str:
    return f"{record.get('learner.given_name') or ''} {record.get('learner.family_name') or ''}".strip()
