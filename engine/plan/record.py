"""The whole record: the plan's groups and tables, the places they make, and paths into them."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from sys import intern
from typing import Annotated, Any, Literal

from engine.places import Aside, Change, Place, Record, Rows, Value, resolve, unwrap
from engine.plan.aims import Aspiration, Goal, Measure, Milestone, Target
from engine.plan.entity import Entity, Key
from engine.plan.kept import Asked, Evidence, Local, LogEntry, Note, Paper, Review, Signing, Waiver
from engine.plan.needs import (
    Assessment,
    Background,
    Domain,
    Need,
    Outcome,
    PriorLearning,
    Screening,
    SupportAction,
)
from engine.plan.office import Filing, Leave, Request
from engine.plan.people import (
    Audience,
    Contact,
    DeclaredDifficulty,
    Difficulty,
    Employer,
    Learner,
    Sharing,
    SharingGrant,
    Staff,
)
from engine.plan.programme import Aim, Amended, Break, ChangeAsked, Closing, MovingOn, Programme, Training
from engine.plan.quality import Check, Improvement, Sample


class Plan(Entity):
    """The whole record of one learner's programme."""

    learner: Learner = Learner()
    lldd: Annotated[Mapping[Difficulty, DeclaredDifficulty], Rows("", "difficulty or disability")] = {}
    contacts: Annotated[Mapping[Key, Contact], Rows("C", "contact", told_by="name")] = {}
    sharing: Sharing = Sharing()
    grants: Annotated[Mapping[Audience, SharingGrant], Rows("", "grant")] = {}
    staff: Staff = Staff()
    background: Background = Background()
    assessments: Annotated[Mapping[Domain, Assessment], Rows("", "assessment")] = {}
    screening: Annotated[Mapping[Key, Screening], Rows("D", "screening")] = {}
    prior: Annotated[Mapping[Key, PriorLearning], Rows("L", "piece of prior learning")] = {}
    needs: Annotated[Mapping[Key, Need], Rows("N", "need", told_by="description")] = {}
    actions: Annotated[Mapping[Key, SupportAction], Rows("S", "support action", told_by="what")] = {}
    outcomes: Annotated[Mapping[Key, Outcome], Rows("O", "soft outcome")] = {}
    aspiration: Aspiration = Aspiration()
    goals: Annotated[Mapping[Key, Goal], Rows("G", "goal", told_by="text")] = {}
    targets: Annotated[
        Mapping[Key, Target],
        Rows("T", "target", told_by="text", done="status", states=("Achieved", "Dropped"), carried="carried"),
    ] = {}
    milestones: Annotated[Mapping[Key, Milestone], Rows("M", "milestone", told_by="what")] = {}
    kpis: Annotated[Mapping[Key, Measure], Rows("K", "measure", told_by="what")] = {}
    programme: Programme = Programme()
    breaks: Annotated[Mapping[Key, Break], Rows("B", "break", begun="began")] = {}
    employer: Employer = Employer()
    aims: Annotated[Mapping[Key, Aim], Rows("A", "aim")] = {}
    training: Annotated[Mapping[Key, Training], Rows("R", "training row")] = {}
    changes: Annotated[Mapping[Key, ChangeAsked], Rows("H", "change")] = {}
    amended: Annotated[Mapping[Key, Amended], Rows("", "change since it was signed", computed=True)] = {}
    reviews: Annotated[Mapping[Key, Review], Rows("", "review")] = {}
    logs: Annotated[Mapping[Key, LogEntry], Rows("W", "log entry")] = {}
    notes: Annotated[Mapping[Key, Note], Rows("P", "note")] = {}
    evidence: Annotated[Mapping[Key, Evidence], Rows("E", "piece of evidence")] = {}
    papers: Annotated[Mapping[Key, Paper], Rows("Z", "paper for staff alone")] = {}
    moving_on: MovingOn = MovingOn()
    closing: Closing = Closing()
    signatures: Annotated[Mapping[Key, Signing], Rows("", "signature")] = {}
    waivers: Annotated[Mapping[Key, Waiver], Rows("", "waiver")] = {}
    asked: Annotated[Mapping[Key, Asked], Rows("", "question", computed=True)] = {}
    samples: Annotated[Mapping[Key, Sample], Rows("", "sample")] = {}
    checks: Annotated[Mapping[Key, Check], Rows("", "line of the checklist")] = {}
    improvements: Annotated[Mapping[Key, Improvement], Rows("V", "action from a sample")] = {}
    local: Annotated[Mapping[Key, Local], Rows("X", "answer", named=True)] = {}
    filing: Annotated[Filing, Aside()] = Filing()
    leave: Annotated[Leave, Aside()] = Leave()
    request: Annotated[Request, Aside()] = Request()


def _tables() -> Mapping[str, Rows]:
    return {
        name: mark
        for name, field in Plan.model_fields.items()
        for mark in (*field.metadata, *unwrap(field.annotation)[1])
        if isinstance(mark, Rows)
    }


TABLES: Mapping[str, Rows] = _tables()
"""The plan's tables by name."""


ASIDE = frozenset(
    name for name, field in Plan.model_fields.items() if any(isinstance(mark, Aside) for mark in field.metadata)
)
"""The groups that only office forms ask for."""


def _places() -> Iterator[Place]:
    for group, field in Plan.model_fields.items():
        entity: Any = field.annotation
        keys: tuple[str, ...] = ()
        if group in TABLES:
            key_type, entity = typing.get_args(unwrap(field.annotation)[0])
            keys = typing.get_args(key_type) if typing.get_origin(key_type) is Literal else ()
        row = "[KEY]" if group in TABLES else ""
        for name, leaf in entity.model_fields.items():
            yield resolve(f"{group}{row}.{name}", leaf.annotation, tuple(leaf.metadata), keys)


PLACES: Mapping[str, Place] = {place.path: place for place in _places()}
"""Every place by its path, rows as `targets[KEY].text`."""

WHOLES: Mapping[str, tuple[str, ...]] = {"learner.full_name": ("learner.given_name", "learner.family_name")}
"""What other people's forms ask for in one box, and the places of which it is made, in their order."""

IDENTIFYING = frozenset(path for path, place in PLACES.items() if place.change is Change.IDENTITY)
"""The places that say who the learner is (domain.md M1)."""

_KEY = re.compile(r"\[[^\[\]]+\]")


def pattern(path: str) -> str:
    """A path with KEY for the key of its row: `targets[T1].text` as `targets[KEY].text`."""
    return _KEY.sub("[KEY]", path)


PATHS = 4096
"""Paths of which is remembered what they name: those of a plan of 600 rows. More would only hold on to signatures of
forms that came long ago.
"""

_ROW = re.compile(r"^([a-z_]+)\[([^\[\]]+)\]\.([a-z_]+)$")


@lru_cache(maxsize=PATHS)
def split(path: str) -> tuple[str, str, str] | None:
    """`targets[T1].text` as ('targets', 'T1', 'text'); None for a place that is in no table."""
    found = _ROW.match(path)
    # Of the names of tables and columns there are few, and each path that is remembered holds two.
    return (intern(found[1]), found[2], intern(found[3])) if found else None


@lru_cache(maxsize=PATHS)
def place_of(path: str) -> Place | None:
    """What is declared about the place that a path names, row key and all; None where the plan has no such place."""
    row = split(path)
    return PLACES.get(f"{row[0]}[KEY].{row[2]}" if row else path)


def is_signature(path: str) -> bool:
    """Whether a path is part of a signature, which has rules of its own (domain.md M18)."""
    return path.startswith("signatures[")


def is_waiver(path: str) -> bool:
    """Whether a path is part of a gate's waiver, which everybody is to see who signs the version."""
    return path.startswith("waivers[")


def signature_row(form: str, role: str) -> str:
    """The row of a signature: one for each form that was given out, and each who signs it."""
    return f"signatures[{form} {role}]"


def computed(path: str) -> bool:
    """Whether no record keeps a place: it is worked out for printing alone, or only office forms ask for it."""
    row = split(path)
    if row is None:
        return path.partition(".")[0] in ASIDE
    return row[0] in TABLES and TABLES[row[0]].computed


def may_see(path: str, letters: Iterable[str]) -> bool:
    """Whether everybody of an audience (letters of `ROLES`) may see a place."""
    place = place_of(path)
    return place is not None and place.audience.issuperset(letters)


def change_of(path: str, *records: Record) -> Change:
    """What a change of the place does to the two versions, in these records.

    A place that says it is `claimed` is funding-material while the place beside it says Yes in one of them; so a claim
    that ends touches the signed version as one that begins does.

    Raises:
        KeyError: when the plan has no such place.
    """
    row = split(path)
    about = PLACES[f"{row[0]}[KEY].{row[2]}" if row else path].about
    switch = path.rpartition(".")[0] + f".{about.claimed}"
    if about.claimed and any(record.get(switch) is True for record in records):
        return Change.FUNDING
    return about.change


def keys_of(record: Record, table: str) -> tuple[str, ...]:
    """The keys of a table's rows in the record, in their order: T2 before T10."""
    return tuple(in_order(_keys(record, table)))


def in_order(keys: Iterable[str]) -> list[str]:
    """Row keys in their order: T2 before T10."""
    return sorted(keys, key=_in_order)


def _keys(record: Record, table: str) -> set[str]:
    opens = f"{table}["
    rows = {path.partition("]")[0] for path in record if path.startswith(opens)}
    return {row[len(opens) :] for row in rows}


@lru_cache(maxsize=PATHS)
def _in_order(key: str) -> tuple[int | str, ...]:
    return tuple(int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", key))


def finished(record: Record, table: str, key: str) -> bool:
    """Whether a row is done with, as its table declares it."""
    rows = TABLES[table]
    said = record.get(f"{table}[{key}].{rows.done}") if rows.done else None
    return said is not None and (not rows.states or said in rows.states)


def next_key(record: Record, table: str, taken: frozenset[str] = frozenset()) -> str:
    """The key that the next new row of a table gets."""
    prefix = TABLES[table].prefix
    bare = (key.removeprefix(prefix) for key in (*_keys(record, table), *taken) if key.startswith(prefix))
    return f"{prefix}{max((int(number) for number in bare if number.isdecimal()), default=0) + 1}"


def nest(record: Record) -> dict[str, Any]:
    """A record as nested mappings: `{"targets": {"T1": {"text": ...}}}`."""
    nested: dict[str, Any] = {}
    for path, value in sorted(record.items()):
        row = split(path)
        *outer, leaf = row if row else path.split(".")
        inner = nested
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[leaf] = value
    return nested


def flatten(nested: Mapping[str, Any]) -> dict[str, Value]:
    """The record that nested mappings hold; the inverse of `nest`."""
    record: dict[str, Value] = {}
    for group, inner in nested.items():
        for key, leaf in inner.items():
            if group in TABLES:
                record.update({f"{group}[{key}].{name}": value for name, value in leaf.items() if value is not None})
            elif leaf is not None:
                record[f"{group}.{key}"] = leaf
    return record


def typed(record: Record) -> Plan:
    """The record as a validated `Plan`.

    Raises:
        pydantic.ValidationError: when a value has no business in its place.
    """
    return Plan.model_validate(nest(record))
