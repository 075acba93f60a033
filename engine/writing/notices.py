"""Notices for people, in HTML: receipts, refusals, question slips and the register.

Each is a pure function of what it tells: the same values give the same bytes, on any machine. What learners and files
say is text in a template and never part of one; a page loads nothing, and only the register has a script, its own.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import typing
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from engine.model import Decision, Outcome, Query, Submission
from engine.places import Value
from engine.plan import place_of
from engine.road import Bar
from engine.slip import SIDES

if typing.TYPE_CHECKING:
    from jinja2 import Environment

STATES: Mapping[str, str] = {
    "none": "none yet",
    "issued": "out for signature",
    "part-signed": "signed in part",
    "in force": "in force",
    "stale": "out of date, to be signed again",
}
"""The states of a funding-body version, in the words that people read."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One plan in the register.

    Attributes:
        plan: its number.
        learner: display name.
        revision: the working document's.
        edition: the number of the funding-body version; 0 = there is none.
        edition_state: a key of `STATES`.
        unsealed: whether that version still waits for its seal.
        progress: what grows in the plan, drawn as bars.
        next_due: what is due and when, in words, "" = nothing.
        overdue: whether that day has passed.
        open_queries: how many questions are open.
        links: words, and the address of a document relative to the register.
        findings: what somebody should see about its signing, each a sentence.
    """

    plan: str
    learner: str
    revision: int
    edition: int
    edition_state: str
    next_due: str
    overdue: bool
    open_queries: int
    links: tuple[tuple[str, str], ...] = ()
    unsealed: bool = False
    findings: tuple[str, ...] = ()
    progress: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for a member of staff.

    Attributes:
        learner: display name.
        day: the last day for it, as people write it; "" = as soon as may be.
        link: address of the folder of the learner's documents, relative to the page; "" = there is none.
        who: the one person whom it waits for.
        since: the day since which it waits, where it is stuck (ISO); "" = it is not.
    """

    learner: str
    what: str
    day: str = ""
    overdue: bool = False
    link: str = ""
    who: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A decision as a receipt shows it."""

    label: str
    was: str
    now: str
    why: str


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to answer a question: what it does, and the command that does it."""

    words: str
    command: str


# ── The notices ─────────────────────────────────────────────────────────────────────────────────────────────────


def receipt(
    submission: Submission,
    learner: str,
    decisions: Sequence[Decision],
    labels: Mapping[str, str],
    queries: Sequence[tuple[Query, str]],
    settled: Sequence[tuple[str, str, str]],
    standing: str,
) -> str:
    """What became of a form that was taken in.

    Args:
        decisions: those of the revision it made; empty when it changed nothing.
        labels: by place, the label that people know it by.
        queries: the questions it raised that are open, each with the one person whom it waits for.
        settled: the questions that it settled: number, what it was about ("" = the whole form), what was chosen.
        standing: the sentence on what it does to the funding-body version.
    """
    lines = [(d, _Line(_label(d.place, labels), _show(d.place, d.ours), _now(d), d.reason)) for d in decisions]
    return written(
        "receipt.html.j2",
        file=submission,
        learner=learner,
        changed=[line for d, line in lines if d.applies],
        agreed=[line for d, line in lines if d.outcome is Outcome.AGREED and d.rule != "settled"],
        left=[line for d, line in lines if not d.applies and d.outcome is not Outcome.AGREED],
        questions=[(q, _label(q.place, labels) if q.place else "", whom) for q, whom in queries],
        settled=settled,
        standing=standing,
    )


def refusal(submission: Submission) -> str:
    """Why a file was not taken, and what the person who sent it can do. It lies beside the file."""
    return written("refusal.html.j2", file=submission)


def done(submission: Submission, questions: Sequence[tuple[str, str]], came_with: Sequence[str]) -> str:
    """What became of a file that goes into no plan itself: a request, a slip, a file kept as evidence, a message.

    Args:
        questions: the numbers of those that wait because of it, each with the one person whom it waits for.
        came_with: the names of the files that came attached to it.
    """
    lines = submission.reason.splitlines()
    return written("done.html.j2", file=submission, lines=lines, questions=questions, came_with=came_with)


def question(query: Query, learner: str, file_name: str, label: str, form: str = "", whom: str = "") -> str:
    """A slip that puts one question to a person: what is asked, what was said, how to answer.

    Args:
        label: what people call the place it is about; "" = it is about the whole form.
        form: the name of the form beside it that answers it; "" = there is none.
        whom: the one person whom it waits for; "" = anybody who reads it.
    """
    ways = list(_ways(query))
    said = [
        (words, _show(query.place, value))
        for words, value in (
            ("The form says", query.theirs),
            ("The plan holds", query.ours),
            ("The form was sent out with", query.base),
        )
        if query.place and query.kind not in SIDES
    ]
    return written(
        "question.html.j2", query=query, learner=learner, file_name=file_name, label=label, said=said, ways=ways,
        form=form, whom=whom,
    )  # fmt: skip


def todo(who: str, things: Sequence[Todo], provider: str, day: str) -> str:
    """What waits for one member of staff, on one page, to be printed if they like.

    Args:
        things: the most urgent first.
        day: the day it is as of, as people write it.
    """
    learners = len({thing.learner for thing in things})
    return written("todo.html.j2", who=who, things=things, provider=provider, day=day, learners=learners)


def stuck(things: Sequence[Todo], provider: str, today: dt.date) -> str:
    """What is stuck, where, and since when: a page for those who lead, once a week.

    Args:
        things: what has waited longest first.
    """
    lines = [(thing, (today - dt.date.fromisoformat(thing.since)).days) for thing in things]
    return written("stuck.html.j2", lines=lines, provider=provider, day=f"{today:%d/%m/%Y}")


def register(
    rows: Sequence[RegisterRow], provider: str, looked: dt.datetime, waiting: Sequence[str], queries: Sequence[Query],
    total: int | None = None, overdue: int | None = None, pages: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """The page that shows every plan at a glance; opened by a double click, from wherever it lies.

    Args:
        looked: when the inbox was last looked at. Whoever opens the page much later is told so, in words.
        waiting: what could not be taken in or written yet, each a file name or a sentence.
        queries: the open ones.
        total, overdue: how many plans there are and how many of them are overdue, where the rows are not all.
        pages: the pages on which all plans stand then, as words and addresses.
    """
    script = _pages().get_template("register_script.html.j2").render()
    return written(
        "register.html.j2",
        rows=rows,
        provider=provider,
        looked=looked,
        waiting=waiting,
        queries=queries,
        learners={row.plan: row.learner for row in rows},
        states=STATES,
        total=len(rows) if total is None else total,
        overdue=sum(row.overdue for row in rows) if overdue is None else overdue,
        pages=pages,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _show(path: str, value: Value) -> str:
    """A value in the words people read; "" = nothing."""
    place = place_of(path)
    try:
        if place is not None:
            return place.show(value)
    except ValueError:
        # A value that broke a rule, in a question about just that: shown as it was said.
        pass
    if isinstance(value, bool):
        return "Yes" if value else "No"
    day = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", str(value))
    return f"{day[3]}/{day[2]}/{day[1]}" if day else "" if value is None else str(value)


def _now(decision: Decision) -> str:
    """What the plan says after a decision that applies; after any other, what the form says."""
    if decision.outcome is Outcome.CLEARED:
        return ""
    return _show(decision.place, decision.after if decision.applies else decision.theirs)


_KEY = re.compile(r"\[([^\]]*)\]")


def _label(path: str, labels: Mapping[str, str]) -> str:
    """What people call a place, with the row it is in: "Target (T1)"; else the place itself made readable."""
    key = _KEY.search(path)
    known = labels.get(path) or labels.get(_KEY.sub("[KEY]", path))
    if known:
        return known if key is None or key[1] in known else f"{known} ({key[1]})"
    readable = _KEY.sub(r" \1", path).replace("_", " ").replace(".", ": ")
    return readable[:1].upper() + readable[1:]


_SIDES = ("form", "Take what the form says", "plan", "Keep what the plan holds")


def _ways(query: Query) -> Iterator[_Way]:
    first, says, second, otherwise = SIDES.get(query.kind, _SIDES)
    known = {first: says, second: otherwise}
    for choice in query.choices:
        yield _Way(known.get(choice, f"It is {choice}"), f"counterpart settle {query.query} --take {choice}")
    if query.place and query.kind not in SIDES:
        yield _Way("Neither: put in something else", f'counterpart settle {query.query} --value "…"')


def _when(moment: dt.datetime) -> str:
    """A time as people in the United Kingdom write and keep it: 22 November 2026, 10:05."""
    from dateutil import tz

    # By rule, so that it is the same on machines without a time zone database.
    london = tz.tzstr("GMT0BST,M3.5.0/1,M10.5.0/2")
    local = (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(london)
    return f"{local.day} {local:%B %Y, %H:%M}"


def _instant(moment: dt.datetime) -> str:
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat(timespec="seconds")


def _size(size: int) -> str:
    for unit, words in ((1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {words}"
    return _count(size, "byte")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"


def _sentence(words: str) -> str:
    """Words as a sentence: a capital, and a stop."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '?', '!')) else '.'}" if words else ""


def _due_key(words: str) -> str:
    """What a table sorts by where its words name a day: the day; what names none comes last."""
    day = re.search(r"(\d{1,2})/(\d{1,2})/(\d{4})", words)
    iso = re.search(r"\d{4}-\d{2}-\d{2}", words)
    return f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}" if day else iso[0] if iso else "9999"


def _href(address: str) -> str:
    """The address with whatever could end it, or make it leave the folder's own scheme, quoted."""
    return quote(address.replace("\\", "/"), safe="/%", errors="replace")


def _harmless(shown: object) -> object:
    """Text without characters that act: controls and lone surrogates are shown as substitutes, overrides dropped."""
    if not isinstance(shown, str) or shown.isprintable():
        return shown
    text = "".join(_SUBSTITUTES.get(c) or _SUBSTITUTES.get(unicodedata.category(c), c) for c in shown)
    # `Markup` stays `Markup`: it is ours, and must not be escaped twice.
    return type(shown)(text)


_SUBSTITUTES = {"\n": "\n", "\t": " ", "\r": " ", "Cc": "\N{REPLACEMENT CHARACTER}", "Cs": "\N{REPLACEMENT CHARACTER}"}
_SUBSTITUTES |= dict.fromkeys("\u202a\u202b\u202c\u202d\u202e", "\N{ZERO WIDTH SPACE}")


@lru_cache(maxsize=1)
def _pages() -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    pages = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).with_name("templates"), encoding="utf-8"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_harmless,
        keep_trailing_newline=True, auto_reload=False,
    )  # fmt: skip
    pages.filters |= {
        "when": _when, "instant": _instant, "size": _size, "count": _count, "due_key": _due_key, "show": _show,
        "href": _href, "sentence": _sentence,
    }  # fmt: skip
    return pages


def written(page: str, **told: object) -> str:
    """A page of ours made from its template, with what it tells."""
    return _pages().get_template(page).render(**told)
