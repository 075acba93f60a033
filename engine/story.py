"""One learner's story for those who inspect: where they began, the way they went, where they are now. Pure.

It says only what one audience may see; the learner's own words come first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from engine.audits import Case, Finding
from engine.audits.cases import Row
from engine.audits.figures import measured
from engine.audits.targets import is_open
from engine.places import Kind, Place
from engine.plan import PLACES, may_see, place_of, split
from engine.sheet import Block, Box, Column, TableRow

LONGEST = 260
"""How many characters of one text stand in the story; the whole of it stands further back, where it was written."""

_VOICE = ("aspiration.destination", "aspiration.why", "background.learner_view")
_SILENT = "The plan has none that are for these eyes."
_QUOTES = 4


def story(case: Case, eyes: frozenset[str]) -> tuple[Block, ...]:
    """The story on one page.

    Args:
        eyes: letters of `ROLES` of those who read it.
    """
    blocks = (
        Block("In the learner’s own words", lines=tuple(_words(case, eyes)) or (_SILENT,)),
        Block("Where it began", lines=tuple(_beginning(case, eyes))),
        Block("The way", lines=tuple(_way(case, eyes))),
        Block("Where it stands now", lines=tuple(_now(case, eyes))),
    )
    return tuple(block for block in blocks if block.lines)


def reviews(case: Case, eyes: frozenset[str]) -> Iterator[Block]:
    """The reviews in the order they were held, each as far as the audience may see it."""
    for held, key, row in case.held():
        places = ((PLACES[f"reviews[KEY].{column}"], value) for column, value in row.items() if column != "held")
        boxes = [
            Box(f"reviews[{key}].{_column(p)}", _label(p), Kind.TEXT, value, p.show(value))
            for p, value in sorted(places, key=lambda told: list(PLACES).index(told[0].path))
            if eyes <= p.audience
        ]
        if may_see("reviews[KEY].held", eyes):
            yield Block(f"Review {key}, held on {held:%d/%m/%Y}", boxes=tuple(boxes))


def distance(case: Case, eyes: frozenset[str]) -> Block | None:
    """Distance travelled: every measure at the start and at the last, and the steps between; missing ones are said."""
    first, last = measured(case)
    rows = []
    for place in first:
        if may_see(place, eyes):
            steps = f"{last[place] - first[place]:+d}" if place in last else "not measured again"
            cells = (_shown(place, first[place]), _shown(place, last[place]) if place in last else "", steps)
            rows.append(TableRow(_subject(case, place, eyes), tuple(Box("", "", Kind.TEXT, c, c) for c in cells)))
    columns = (Column("At the start", 3), Column("At the last", 3), Column("Steps", 3))
    return Block("Distance travelled", columns=columns, rows=tuple(rows), row_noun="measure") if rows else None


def asked_about(findings: Iterable[Finding]) -> Block | None:
    """What the audits would ask about, for staff alone."""
    lines = tuple(f"{f.about.title}: {f.says} {f.about.remedy}" for f in findings)
    return Block("What an inspector may ask about", lines=lines) if lines else None


# ── Parts of the story ──────────────────────────────────────────────────────────────────────────────────────────


def _words(case: Case, eyes: frozenset[str]) -> Iterator[str]:
    told = [path for path in _VOICE if case.record.get(path) and may_see(path, eyes)]
    own = [path for path, p in PLACES.items() if path.startswith("reviews[") and p.by == {"L"} and p.about.append]
    for _, key, _ in reversed(case.held()):
        said = (path.replace("KEY", key) for path in own if may_see(path, eyes))
        told += [path for path in said if case.record.get(path)]
    for path in told[:_QUOTES]:
        step = case.origins[path]
        yield f"“{_short(case.record[path])}” ({_said_on(path, step.effective)})"


def _said_on(path: str, day: dt.date) -> str:
    row = split(path)
    return f"review {row[1]}, {day:%d/%m/%Y}" if row else f"{day:%d/%m/%Y}"


def _beginning(case: Case, eyes: frozenset[str]) -> Iterator[str]:
    yield from _told(case, eyes, "background.history", "History: {}")
    levels = [
        f"{key} {row['level']}"
        for key, row in case.rows("assessments")
        if row.get("level") and may_see(f"assessments[{key}].level", eyes)
    ]
    if levels:
        yield f"Initial assessment: {', '.join(levels)}."
    prior = _column_of(case, eyes, "prior", "item")
    if prior:
        yield f"Learnt before: {_short('; '.join(prior))}."


def _way(case: Case, eyes: frozenset[str]) -> Iterator[str]:
    yield from _told(case, eyes, "programme.title", "Programme: {}")
    days = [
        f"{word} {day:%d/%m/%Y}"
        for word, path in (("from", "programme.start"), ("expected to end on", "programme.expected_end"))
        if (day := case.day(path)) and may_see(path, eyes)
    ]
    if days:
        yield f"{' and '.join(days).capitalize()}."
    goals = _column_of(case, eyes, "goals", "text")
    if goals:
        yield f"Goals: {_short('; '.join(goals))}."
    stones = [f"{row.get('what') or key} ({_stone(row)})" for key, row in case.rows("milestones")]
    if stones and may_see("milestones[KEY].what", eyes):
        yield f"Milestones: {_short('; '.join(stones))}."


def _stone(row: Row) -> str:
    for column, word in (("reached", "reached"), ("revised", "now planned for"), ("planned", "planned for")):
        if row.get(column):
            return f"{word} {dt.date.fromisoformat(str(row[column])):%d/%m/%Y}"
    return "no date"


def _now(case: Case, eyes: frozenset[str]) -> Iterator[str]:
    if may_see("targets[KEY].status", eyes):
        rows = [row for _, row in case.rows("targets") if row.get("text")]
        done = sum(row.get("status") == "Achieved" for row in rows)
        yield f"{done} of {len(rows)} targets achieved, {sum(is_open(row) for row in rows)} open."
    held = case.held()
    if held and may_see("reviews[KEY].held", eyes):
        row = held[-1][2]
        said = row.get("on_course") if may_see("reviews[KEY].on_course", eyes) else None
        course = f", {str(said).lower()}" if said else ""
        yield f"Reviews held: {len(held)}, the last on {held[-1][0]:%d/%m/%Y}{course}."
    first, last = measured(case)
    gains = [last[p] - first[p] for p in first if p in last and may_see(p, eyes)]
    if gains:
        yield f"Measured twice: {len(gains)} things, {sum(gains):+d} steps in all; the table is further back."
    for edition in case.editions[-1:]:
        yield f"Funding-body version {edition.number} is in force from {edition.effective:%d/%m/%Y}."
    yield from _told(case, eyes, "moving_on.destination", "Goes on to: {}")


def _told(case: Case, eyes: frozenset[str], path: str, words: str) -> Iterator[str]:
    if case.record.get(path) and may_see(path, eyes):
        yield words.format(_short(case.record[path]))


def _column_of(case: Case, eyes: frozenset[str], table: str, column: str) -> Sequence[str]:
    seen = may_see(f"{table}[KEY].{column}", eyes)
    return [str(row[column]) for _, row in case.rows(table) if row.get(column)] if seen else ()


def _short(said: object) -> str:
    """A text cut at a word, with a mark that there is more."""
    text = re.sub(r"\s+", " ", str(said)).strip()
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rsplit(" ", 1)[0] + " …"


def _subject(case: Case, place: str, eyes: frozenset[str]) -> str:
    row = split(place)
    assert row is not None
    named = f"{row[0]}[{row[1]}].what"
    return str(case.record.get(named) or row[1]) if place_of(named) and may_see(named, eyes) else row[1]


def _shown(path: str, step: int) -> str:
    place = place_of(path)
    return place.choices[step] if place and place.choices else f"{step} of 4"


def _column(place: Place) -> str:
    return place.path.rpartition(".")[2]


def _label(place: Place) -> str:
    return _column(place).replace("_", " ").capitalize()
