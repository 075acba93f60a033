"""What the property tests generate: values for a place, records, answers, and the forms that a sheet makes."""

import datetime as dt
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine.model import Answer, Field, Form, Issue, Media, Revision, State, digest
from engine.places import Kind, Place, Record, Value, clean
from engine.plan import PLACES, TABLES, computed, contradictions, place_of, split
from engine.proforma import load_all
from engine.reading.word_tables import is_hint
from engine.sheet import Box, Sheet

CASES = int(os.environ.get("LAW_CASES", "1000"))
"""How often each law is tried; the long run of the README asks for more."""

law = settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""A law over values."""

rendering = settings(max_examples=max(50, CASES // 50), deadline=None, suppress_health_check=list(HealthCheck))
"""A law for which documents are written and read, or forms taken in by a whole workspace."""

Draw = Callable[[st.SearchStrategy[Any]], Any]

PROFORMAS = load_all(Path(__file__).parents[1] / "proformas")
PRINTED = dt.date(2026, 9, 1)
RECEIVED = dt.date(2026, 10, 1)
NOON = dt.datetime(2026, 10, 1, 12, 0, tzinfo=dt.UTC)

NASTY = (
    "Źródło żółci", "مرحبا بالعالم", "Llanfairpwllgwyngyll ŵ ŷ", "🙂 well done 🎓", "<script>alert(1)</script>",
    "Marks & Spencer's \"best\"", "=1+1", "a" * 400, "one\ntwo\n\nfour\nfive", "{{ 7*7 }} #link(1) \\n $x$ [y] @z",
    "None", "Yes", "31/02/2027", "](){}*_`~", "e\u0301te\u0301",
)  # fmt: skip
"""What people write that programs stumble over."""

# ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────────

days = st.dates(dt.date(1900, 1, 1), dt.date(2150, 12, 31)).map(dt.date.isoformat)
anything = st.sampled_from(tuple(map(clean, NASTY))) | st.text(max_size=20).map(lambda said: clean(f"{said}."))
words = anything.filter(lambda said: not is_hint(said))
"""Words as people write them; those of a hint (“Choose”) say nothing in a Word form."""
letters = st.text("ABCDEFGHJKLMNOPRSTWXYZ", min_size=1, max_size=8)


def with_check_digit(nine: int) -> str:
    """The ten digits that the first nine make, or nine others where these make none."""
    while True:
        total = sum(int(d) * (10 - i) for i, d in enumerate(str(nine))) % 11
        if total:
            return f"{nine}{10 - total}"
        nine += 1


ulns = st.integers(100_000_000, 999_999_900).map(with_check_digit)
ni_numbers = st.from_regex(r"(?:AB|CE|JK|PR|ST|WX)[0-9]{6}[A-D]?", fullmatch=True)
postcodes = st.from_regex(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}", fullmatch=True)
references = st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True)
e_mails = st.from_regex(r"[a-z0-9.]{1,12}@[a-z0-9]{1,12}\.(?:uk|example)", fullmatch=True)
phones = st.from_regex(r"0[0-9]{3} [0-9]{6}(?: ext 12)?", fullmatch=True)


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


CODES = {
    "uln": ulns, "ni_number": ni_numbers, "postcode": postcodes, "postcode_prior": postcodes,
    "postcode_start": postcodes, "reference": references, "rules": st.integers(22, 27).map(lambda n: f"20{n}-{n + 1}"),
    "subcontractor_ukprn": st.integers(10_000_000, 19_999_999).map(str), "hash": st.binary(max_size=9).map(digest_of),
}  # fmt: skip


@cache
def values(place: Place) -> st.SearchStrategy[Value]:
    """The values that are valid in a place."""
    match place.format:
        case "tick":
            return st.just(True)
        case "yes-no":
            return st.booleans()
        case "choice":
            return st.sampled_from(place.choices)
        case "date":
            return days
        case "number":
            bounds = next(part for part in place.adapter.json_schema()["anyOf"] if "maximum" in part)
            return st.integers(bounds["minimum"], bounds["maximum"])
        case "code":
            return CODES[place.path.rpartition(".")[2]]
        case "e-mail":
            return e_mails
        case "phone":
            return phones
        case _ if place.check:
            return words.map(place.parse)
        case _:
            return words


@cache
def value_of(path: str) -> st.SearchStrategy[Value]:
    """The values that are valid in the place that a path names, row key and all."""
    place = place_of(path)
    assert place is not None
    return values(place)


# ── Records ─────────────────────────────────────────────────────────────────────────────────────────────────────

ROW_KEYS = {"signatures": ("F-AAAA1111 learner", "F-AAAA1111 employer"), "waivers": ("G1", "G6"), "reviews": ("1", "2")}


def rows_at(pattern: str) -> list[str]:
    """Paths that a place with KEY for its row may have in a record."""
    if "[KEY]" not in pattern:
        return [pattern]
    table = pattern.partition("[")[0]
    keys = PLACES[pattern].keys or ROW_KEYS.get(table) or tuple(f"{TABLES[table].prefix}{n}" for n in (1, 2, 10))
    return [pattern.replace("KEY", key) for key in keys]


def paths_of(patterns: Iterable[str]) -> list[str]:
    return [path for pattern in sorted(patterns) for path in rows_at(pattern)]


ALL_PATHS = tuple(path for path in paths_of(PLACES) if not computed(path))
MERGED_PATHS = tuple(path for path in ALL_PATHS if not path.startswith("signatures["))


@cache
def some(paths: tuple[str, ...], fewest: int, most: int) -> st.SearchStrategy[list[str]]:
    """A few of the paths, in any order."""
    return st.lists(st.sampled_from(paths), min_size=fewest, max_size=most, unique=True)


@st.composite
def records(draw: st.DrawFn, paths: tuple[str, ...] = ALL_PATHS, most: int = 6) -> dict[str, Value]:
    """A record of valid values."""
    return {path: draw(value_of(path)) for path in draw(some(paths, 0, most))}


def sound(record: Record) -> bool:
    """Whether the record's values can stand together."""
    return not contradictions(record)


def changed(draw: Draw, record: Record, paths: tuple[str, ...], most: int = 4) -> dict[str, Value]:
    """The record after some of its places got other values, or any, or none."""
    after = dict(record)
    for path in draw(some(paths, 0, most)):
        if draw(st.booleans()):
            after[path] = draw(value_of(path))
        else:
            after.pop(path, None)
    return after


# ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────


def said(path: str, value: Value) -> Answer:
    """A box that says a value, or is blank."""
    place = place_of(path)
    shown = place.show(value) if place else str(value)
    return Answer(path, State.BLANK if value is None else State.SAID, value, shown)


FILLED_IN = ("printed", "said", "said", "blank", State.CLEAR, State.NOT_APPLICABLE, State.UNREADABLE)
filled_in = st.sampled_from(FILLED_IN)


def answers(draw: Draw, paths: tuple[str, ...], record: Record, fewest: int = 0, most: int = 5) -> list[Answer]:
    """Boxes filled in by a person in any way: as printed, changed, emptied, struck out, spoilt."""
    found = []
    for path in draw(some(paths, fewest, most)):
        match draw(filled_in):
            case "printed":
                found.append(said(path, record.get(path)))
            case "said":
                found.append(said(path, draw(value_of(path))))
            case "blank":
                found.append(said(path, None))
            case State.UNREADABLE:
                found.append(Answer(path, State.UNREADABLE, words=draw(words), why="it cannot be read"))
            case state:
                found.append(Answer(path, State(state), words=str(state)))
    return found


def revision(number: int, decisions: Iterable[object], **more: object) -> Revision:
    """A revision of the plan P-TEST0001."""
    known = {
        "plan": "P-TEST0001", "number": number, "parent": "", "recorded": NOON, "effective": RECEIVED, "cause": "form",
        "decisions": tuple(decisions),
    }  # fmt: skip
    return Revision.model_validate(known | more)


# ── Forms ───────────────────────────────────────────────────────────────────────────────────────────────────────


def issue(proforma: str, plan: str | None = "P-TEST0001", **more: object) -> Issue:
    """A form that was given out."""
    known = {
        "form": "F-AAAA1111", "proforma": proforma, "version": PROFORMAS[proforma].version, "plan": plan,
        "revision": 1 if plan else None, "medium": "word", "printed": PRINTED, "size": "full",
        "row": "1" if PROFORMAS[proforma].about else "",
    }  # fmt: skip
    return Issue.model_validate(known | more)


def field(box: Box, row: str = "") -> Field:
    """A box as a reader finds it."""
    value: str | bool | None = bool(box.value) if box.kind is Kind.TICK else box.shown or None
    return Field(box.name, box.kind.value, value, value, box.label, "tag", row=row)


def form_of(sheet: Sheet, stamped: bool = True) -> Form:
    """What a reader finds in a document laid out so."""
    fields = [field(box) for block in sheet.blocks for box in block.boxes]
    fields += [field(box, row.key) for block in sheet.blocks for row in block.rows for box in row.boxes]
    fields += [field(box) for block in sheet.signatures for box in (block.name, block.date)]
    return Form(digest(repr(sheet)), Media.WORD, (sheet.stamp,) if stamped else (), tuple(fields))


def filled(form: Form, said_in: Record) -> Form:
    """The form with words typed into some of its boxes, by name."""

    def typed(found: Field) -> Field:
        if found.name not in said_in:
            return found
        place = place_of(found.name)
        value = said_in[found.name]
        shown = value if isinstance(value, bool) and place and place.kind is Kind.TICK else place and place.show(value)
        return found._replace(value=shown, raw=shown)

    return replace(form, fields=tuple(typed(found) for found in form.fields))


def printable(proforma: str) -> tuple[str, ...]:
    """The paths of a record that a proforma prints; of the row it is about, the one of its issue."""
    own, sections = PROFORMAS[proforma].about, PROFORMAS[proforma].sections
    # Where finished rows are left out, none is finished.
    ends = {f"{s.table}[KEY].{TABLES[s.table].done}" for s in sections if s.open}
    return tuple(
        path
        for path in paths_of(PROFORMAS[proforma].places() - ends)
        if not own or (row := split(path)) is None or row[0] != own or row[1] == "1"
    )


# ── A plan that may be signed ───────────────────────────────────────────────────────────────────────────────────

READY: Record = {
    "learner.given_name": "Amrit", "learner.family_name": "Kaur", "aspiration.destination": "Run my own bakery",
    "programme.type": "Apprenticeship", "programme.title": "Baker", "programme.start": "2026-09-07",
    "programme.expected_end": "2027-08-31", "programme.planned_hours": 420, "programme.weekly_hours": 30,
    "programme.delivery": "One day a week", "programme.assessment_summary": "Level 1",
    "programme.level": "Level 2", "programme.english_maths": "English to level 1", "programme.review_weeks": "12 weeks",
    "programme.complaints": "Ms Okafor", "programme.prior_learning": "None",
    "employer.name": "Hargreaves", "employer.releases": True,
    "targets[T1].text": "Read a recipe aloud daily", "targets[T1].due": "2026-11-20", "targets[T1].owner": "Amrit",
    "milestones[M1].planned": "2027-01-01", "training[R1].what": "Doughs", "training[R1].hours": 40,
    "training[R1].when": "Wednesdays in January",
    **{f"assessments[{s}].{part}": value for s in ("Reading", "Writing", "Maths")
       for part, value in (("state", "Done"), ("level", "Level 1"), ("date", "2026-09-14"))},
}  # fmt: skip
"""A plan that says everything that the gates ask for."""
