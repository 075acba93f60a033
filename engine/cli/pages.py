"""One plan, its history, questions and tables as lines for a terminal: none longer than it is wide, no word cut."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest

from engine.cli.words import CAUSES, ruling
from engine.drift import Difference
from engine.model import Decision, Query, Revision, Submission
from engine.places import Record, Value
from engine.plan import PLACES, TABLES, is_signature, keys_of, place_of
from engine.premises import label_of, title_of
from engine.signoff import Version, named
from engine.standing import Standing

LABEL = 30
"""Columns that the words for a place take."""

# ── Lines ───────────────────────────────────────────────────────────────────────────────────────────────────────


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` characters, broken between words; what moves the cursor is left out."""
    if len(text) <= width and text.isprintable():
        return [text]
    parts = ("".join(c for c in part if c.isprintable()) for part in text.split("\n"))
    return [
        line for part in parts for line in textwrap.wrap(part, width, break_on_hyphens=False) or [""]
    ]  # fmt: skip


def beside(cells: Sequence[str], widths: Sequence[int], indent: int = 0) -> Iterator[str]:
    """Cells beside each other, each wrapped in its own width, with two blanks between."""
    columns = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        line = "  ".join(part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield f"{' ' * indent}{line}".rstrip()


def tabular(headings: Sequence[str], rows: Iterable[Sequence[object]], width: int) -> Iterator[str]:
    """A table. Its widest columns give way until it fits, and no column is narrower than its longest word."""
    body = [["" if cell is None else str(cell) for cell in row] for row in rows]
    columns = list(zip(headings, *body, strict=True))
    widths = [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]
    least = [min(30, max(len(word) for cell in column for word in (cell.split() or [""]))) for column in columns]
    room = width - 2 * (len(widths) - 1)
    for _ in range(max(0, sum(widths) - room)):
        give = max(range(len(widths)), key=lambda n: (widths[n] > least[n], widths[n]))
        widths[give] -= 1
    yield from beside(headings, widths)
    yield "  ".join("─" * w for w in widths)
    for row in body:
        yield from beside(row, widths)


def said(label: str, text: str, width: int, indent: int = 2) -> Iterator[str]:
    """A label and what is said of it."""
    return beside((label, text), (LABEL, max(20, width - indent - LABEL - 2)), indent)


def shown(path: str, value: Value) -> str:
    """A value as people read it."""
    place = place_of(path)
    return place.show(value) if place else "" if value is None else str(value)


# ── One plan ────────────────────────────────────────────────────────────────────────────────────────────────────


def plan(
    there: Standing, name: str, words: Mapping[str, str], width: int, versions: Sequence[Version]
) -> Iterator[str]:
    """Where a plan stands, and all it says: group by group, the rows of a table together, in people's words.

    Args:
        versions: the funding-body versions to be told of.
    """
    version = f"version {there.edition.number}, {there.state}" if there.edition else there.state
    parts = (there.plan, name, f"revision {there.latest.number}", f"funding-body version: {version}", there.ended)
    yield from wrapped(" · ".join(part for part in parts if part), width)
    yield from _record(there.record, words, width)
    yield from _list("Funding-body versions", [_version(version) for version in versions], width)
    ahead = [f"{gate.why} ({gate.gate})" for gate in there.gates if not gate.passed]
    yield from _list("Before it can be signed", ahead, width)
    yield from _list("Gates", [f"{gate.note} ({gate.gate})" for gate in there.gates if gate.note], width)
    yield from _list("Found", there.findings, width)
    yield from _list("Due", [f"{due.day:%d/%m/%Y}  {due.what}" for due in there.due], width)
    yield from _list("Open questions", [f"{query.query}  {query.question}" for query in there.queries], width)


def _version(version: Version) -> str:
    until = f" to {version.until:%d/%m/%Y}" if version.until else ""
    signed = ", ".join(f"{s.name} ({s.role})" for s in version.edition.signatures)
    return f"{version.edition.number}: {version.state}, from {version.edition.effective:%d/%m/%Y}{until}; {signed}"


# ── Against what was signed ─────────────────────────────────────────────────────────────────────────────────────


def drift(there: Standing, words: Mapping[str, str], width: int) -> Iterator[str]:
    """The working document against the funding-body version: what has to be signed, and what has not, and why."""
    yield from wrapped(there.sentence(words), width)
    found = there.found
    if found is None:
        return
    for reason in found.reasons:
        yield ""
        yield from _difference(reason, words, width)
        yield from said("Because", reason.because, width, 4)
        yield from said("Rule", reason.rule, width, 4)
        yield from said("To sign", named(reason.who), width, 4)
        yield from said("By", f"{reason.deadline:%d/%m/%Y}" if reason.deadline else "no day is set", width, 4)
    told = (d for d in (*found.noted, *found.working) if not d.place.startswith("waivers["))
    others = [d for d in told if not is_signature(d.place)]
    for because, differences in groupby(sorted(others, key=lambda d: d.because), key=lambda d: d.because):
        yield ""
        yield from wrapped(f"Nobody has to sign: {because}.", width)
        for difference in differences:
            yield from _difference(difference, words, width)


def _difference(difference: Difference, words: Mapping[str, str], width: int) -> Iterator[str]:
    was, now = (shown(difference.place, value) or "nothing" for value in (difference.was, difference.now))
    return said(label_of(words, difference.place), f"{was} → {now}", width)


# ── All it says ─────────────────────────────────────────────────────────────────────────────────────────────────


def _record(record: Record, words: Mapping[str, str], width: int) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for path in PLACES:
        groups.setdefault(path.partition(".")[0], []).append(path)
    for group, paths in groups.items():
        table = group.removesuffix("[KEY]")
        keys = keys_of(record, table) if table in TABLES else ("",)
        for key in keys:
            filled = [(p, here) for p in paths if (here := p.replace("[KEY]", f"[{key}]")) in record]
            if filled:
                title = f"{TABLES[table].noun} {key}" if table in TABLES else table.replace("_", " ")
                yield from ("", title[:1].upper() + title[1:])
            for path, here in filled:
                yield from said(title_of(words, PLACES[path]), PLACES[path].show(record[here]), width)


def _list(heading: str, lines: Sequence[str], width: int) -> Iterator[str]:
    if lines:
        yield from ("", heading)
    for line in lines:
        yield from beside((line,), (width - 2,), 2)


# ── Its history ─────────────────────────────────────────────────────────────────────────────────────────────────


def history(
    revisions: Iterable[Revision],
    came: Callable[[str], Submission | None],
    titles: Mapping[str, str],
    words: Mapping[str, str],
    width: int,
) -> Iterator[str]:
    """A block for each revision: when, why, by whom, from which file; then each decision: was, said, what came of it.

    Args:
        came: the submission of a hash.
        titles: what forms are called.
    """
    for revision in revisions:
        yield from wrapped(_heading(revision), width)
        for line in _circumstances(revision, came, titles):
            yield from beside((line,), (width - 2,), 2)
        for (outcome, rule), decisions in groupby(revision.decisions, key=lambda d: (d.outcome, d.rule)):
            yield from beside((ruling(outcome, rule),), (width - 2,), 2)
            for decision in decisions:
                yield from said(label_of(words, decision.place), _change(decision), width, 4)
        yield ""


def _heading(revision: Revision) -> str:
    cause = CAUSES.get(revision.cause, revision.cause)
    by = f" · by {revision.by}" if revision.by else ""
    return f"Revision {revision.number} · {revision.recorded.astimezone():%d/%m/%Y %H:%M} · {cause}{by}"


def _circumstances(
    revision: Revision, came: Callable[[str], Submission | None], titles: Mapping[str, str]
) -> Iterator[str]:
    file = came(revision.submission) if revision.submission else None
    if file:
        form = titles.get(revision.proforma or "", revision.proforma or "a form")
        number = f" {revision.form}" if revision.form else ""
        same = f"; {revision.same} answers as printed" if revision.same else ""
        yield f"“{file.name}”: {form}{number}{same}"
    if revision.effective != revision.recorded.date():
        yield f"It counts from {revision.effective:%d/%m/%Y}."
    if revision.undoes:
        yield f"Takes back revision {revision.undoes}."
    if revision.joined:
        yield f"The other plan is {revision.joined}."
    if revision.reason:
        yield f"Reason: {revision.reason}"


def _change(decision: Decision) -> str:
    """Was → said, in words."""
    was, theirs = (shown(decision.place, v) for v in (decision.ours, decision.after))
    after = theirs or ("nothing" if decision.applies or was else "")
    reason = f" ({decision.reason})" if decision.reason and decision.place else ""
    return f"{was} → {after}{reason}" if was and was != theirs else f"{after}{reason}"


# ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────


def queries(
    found: Iterable[Query], names: Mapping[str, str], waits: Callable[[Query], Sequence[tuple[str, str]]], width: int
) -> Iterator[str]:
    """A block for each open question: whose it is, since when, whom it waits for, and what it takes.

    Args:
        names: each plan's learner.
        waits: the roles that may decide, each with the person's name, "" where it is not known.
    """
    for query in found:
        who = ", ".join(f"{role} {name}".strip() for role, name in waits(query)) or "anybody"
        whose = f"{names.get(query.plan, '')} ({query.plan})".strip() if query.plan else "plan not known"
        head = (query.query, whose, f"since {query.raised.astimezone():%d/%m/%Y}", f"waits for: {who}")
        yield from wrapped(" · ".join(head), width)
        yield from beside((query.question,), (width - 2,), 2)
        if query.choices:
            yield from beside((f"Take: {' or '.join(query.choices)}",), (width - 2,), 2)
        yield ""
