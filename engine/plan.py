"""The plan: the record of one learner's programme. Each place in it is declared here, and only here.

A field's `About` says its change class, who may see it, who may assert it and how sensitive it is (domain.md C1);
its type says how it is answered and what is valid. `PLACES` lists the places this makes; a record is their values by
path, and `Plan` the same values typed and validated.
"""

from __future__ import annotations

import datetime as dt
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.places import About, Change, Place, Record, Rows, Value, Written, _unwrap, resolve

IDENTITY, LOCKED, FUNDING, NOTE_ON, WORKING = Change


def _uln(text: str) -> str:
    """A unique learner number: ten digits whose weighted sum leaves 10 modulo 11 (domain.md B2), or TEMP."""
    digits = text.replace(" ", "")
    if digits.upper() == "TEMP":
        return "TEMP"
    if not re.fullmatch(r"[1-9][0-9]{9}", digits):
        raise ValueError(f"“{text}” is not a unique learner number: it has ten digits, the first not 0")
    if sum(int(d) * (10 - i) for i, d in enumerate(digits[:9])) % 11 + int(digits[9]) != 10:
        raise ValueError(f"“{text}” is not a unique learner number: its last digit does not fit the others")
    return digits


def _ni_number(text: str) -> str:
    """A National Insurance number (rule NINumber_01 and HMRC's barred prefixes, domain.md B2)."""
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[^\W\d_DFIQUV][^\W\d_DFIOQUV][0-9]{6}[A-D]?", number, re.ASCII):
        raise ValueError(f"“{text}” is not a National Insurance number (like QQ 12 34 56 C)")
    return number


def _postcode(text: str) -> str:
    """A postcode in upper case with its one space; ZZ99 9ZZ = not known."""
    found = re.fullmatch(r"([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9][A-Z]{2})", text.upper())
    if not found:
        raise ValueError(f"“{text}” is not a postcode")
    return f"{found[1]} {found[2]}"


def _ukprn(text: str) -> str:
    """A UK provider reference number: eight digits, the first a 1."""
    if not re.fullmatch(r"1[0-9]{7}", text.replace(" ", "")):
        raise ValueError(f"“{text}” is not a UKPRN: it has eight digits, the first a 1")
    return text.replace(" ", "")


def _reference(text: str) -> str:
    """A learner reference of the provider: at most twelve letters, digits and blanks (domain.md B2)."""
    if not re.fullmatch(r"[A-Za-z0-9 ]{1,12}", text):
        raise ValueError(f"“{text}” is not a learner reference: at most 12 letters, digits and blanks")
    return text


def _e_mail(text: str) -> str:
    if not re.fullmatch(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}", text):
        raise ValueError(f"“{text}” is not an e-mail address")
    return text


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9 ()\-]{6,24}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?", text):
        raise ValueError(f"“{text}” is not a telephone number")
    return text


Name = Annotated[str, Written("name")]
Prose = Annotated[str, Written("prose")]
Line = Annotated[str, Written("text")]
Uln = Annotated[str, Written("code", _uln)]
NiNumber = Annotated[str, Written("code", _ni_number)]
Postcode = Annotated[str, Written("code", _postcode)]
Ukprn = Annotated[str, Written("code", _ukprn)]
Reference = Annotated[str, Written("code", _reference)]
Email = Annotated[str, Written("e-mail", _e_mail)]
Phone = Annotated[str, Written("phone", _phone)]
Tick = Literal[True]
Hours = Annotated[int, Field(ge=0, le=9999)]
WeeklyHours = Annotated[int, Field(ge=0, le=80)]
Level = Literal["Below Entry 1", "Entry 1", "Entry 2", "Entry 3", "Level 1", "Level 2", "Level 3 or above"]


class Entity(BaseModel):
    """A group of places. Frozen; an unknown place is an error, an unanswered one is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Learner(Entity):
    """Who the learner is and how to reach them."""

    given_name: Annotated[Name | None, About(IDENTITY, "LTSEPMFA", "LM")] = None
    family_name: Annotated[Name | None, About(IDENTITY, "LTSEPMFA", "LM")] = None
    preferred_name: Annotated[Name | None, About(WORKING, "LTSM", "LM")] = None
    date_of_birth: Annotated[dt.date | None, About(IDENTITY, "LTMFA", "LM")] = None
    uln: Annotated[Uln | None, About(IDENTITY, "LTMFA", "M")] = None
    reference: Annotated[Reference | None, About(IDENTITY, "LTMFA", "M")] = None
    ni_number: Annotated[NiNumber | None, About(LOCKED, "LMFA", "LM")] = None
    address: Annotated[Prose | None, About(NOTE_ON, "LTM", "LM")] = None
    postcode: Annotated[Postcode | None, About(NOTE_ON, "LTM", "LM")] = None
    postcode_prior: Annotated[Postcode | None, About(LOCKED, "LMFA", "LM")] = None
    phone: Annotated[Phone | None, About(NOTE_ON, "LTM", "LM")] = None
    email: Annotated[Email | None, About(NOTE_ON, "LTM", "LM")] = None
    sex: Annotated[Literal["Female", "Male"] | None, About(NOTE_ON, "LMF", "L", 3)] = None
    has_difficulty: Annotated[
        Literal["Yes", "No", "Prefer not to say"] | None, About(NOTE_ON, "LMF", "L", 3)
    ] = None  # fmt: skip
    difficulty_note: Annotated[Prose | None, About(WORKING, "LSM", "L", 3)] = None
    type_size: Annotated[Literal["Standard", "Large print (18 point)"] | None, About(WORKING, "LTSM", "LS", 2)] = None


class Contact(Entity):
    """A person to reach about the learner: parent, carer, next of kin."""

    name: Annotated[Name | None, About(WORKING, "LTPM", "LM")] = None
    relation: Annotated[Line | None, About(WORKING, "LTPM", "LM")] = None
    phone: Annotated[Phone | None, About(WORKING, "LTPM", "LM")] = None
    may_receive: Annotated[bool | None, About(WORKING, "LTPM", "LM")] = None


class Sharing(Entity):
    """What the learner was told and agreed to."""

    notice_seen: Annotated[Tick | None, About(WORKING, "LTM", "L")] = None


class SharingGrant(Entity):
    """Leave given by the learner to share the plan with one group of people."""

    agreed: Annotated[bool | None, About(WORKING, "LTM", "L")] = None
    what: Annotated[Line | None, About(WORKING, "LTM", "L")] = None


class Background(Entity):
    """Where the learner comes from: the needs summary's own words."""

    history: Annotated[Prose | None, About(WORKING, "LTSM", "LTS")] = None
    interests: Annotated[Prose | None, About(WORKING, "LTSM", "LT")] = None
    ways_to_learn: Annotated[Prose | None, About(WORKING, "LTS", "LTS")] = None
    barriers: Annotated[Prose | None, About(WORKING, "LTS", "LTS", 2)] = None
    learner_view: Annotated[Prose | None, About(WORKING, "LTSM", "L")] = None
    staff_view: Annotated[Prose | None, About(WORKING, "LTSM", "TS")] = None


class Assessment(Entity):
    """The result of initial assessment in one domain."""

    state: Annotated[Literal["Booked", "Waived", "Done"] | None, About(FUNDING, "LTSMFA", "TS", 2, forward=True)] = None
    level: Annotated[Level | None, About(FUNDING, "LTSMFA", "TS", 2)] = None
    instrument: Annotated[Line | None, About(WORKING, "LTSM", "TS")] = None
    date: Annotated[dt.date | None, About(FUNDING, "LTSMFA", "TS", 2)] = None
    reason: Annotated[Line | None, About(WORKING, "LTSM", "TS", 2)] = None


class PriorLearning(Entity):
    """Something learnt before, and what was decided about it."""

    item: Annotated[Line | None, About(FUNDING, "LTSEMFA", "LTM")] = None
    level: Annotated[Line | None, About(FUNDING, "LTSEMFA", "LTM")] = None
    seen: Annotated[bool | None, About(FUNDING, "LTSEMFA", "TM")] = None
    decision: Annotated[Line | None, About(FUNDING, "LTSEMFA", "TM")] = None
    hours_removed: Annotated[Hours | None, About(FUNDING, "LTSEMFA", "M")] = None


class Need(Entity):
    """A support need, and what is done about it."""

    description: Annotated[Prose | None, About(WORKING, "LTS", "LS", 3)] = None
    action: Annotated[Prose | None, About(WORKING, "LTS", "S", 3)] = None
    who: Annotated[Line | None, About(WORKING, "LTS", "S", 2)] = None
    status: Annotated[Literal["Open", "Met", "Declined"] | None, About(WORKING, "LTS", "S", 2, forward=True)] = None


class Aspiration(Entity):
    """Where the learner wants to get to."""

    destination: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    why: Annotated[Prose | None, About(WORKING, "LTSEPO", "L")] = None
    strengths: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None


class Goal(Entity):
    """A long-term goal that targets are stepping stones to."""

    text: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    by_when: Annotated[dt.date | None, About(WORKING, "LTSEPO", "LT")] = None


class Target(Entity):
    """A short-term target."""

    text: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    goal: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    measure: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    owner: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    due: Annotated[dt.date | None, About(WORKING, "LTSEPO", "LT")] = None
    status: Annotated[
        Literal["Not started", "Under way", "Achieved", "Dropped"] | None, About(WORKING, "LTSEPO", "T", forward=True)
    ] = None  # fmt: skip


class Milestone(Entity):
    """A unit, qualification or skill with its planned date."""

    what: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    planned: Annotated[dt.date | None, About(NOTE_ON, "LTSEPOMFA", "T")] = None
    reached: Annotated[dt.date | None, About(WORKING, "LTSEPO", "T")] = None


class Programme(Entity):
    """The programme the learner is on: one episode, under the rules of its start date."""

    type: Annotated[Literal["Apprenticeship", "Adult skills", "16 to 19"] | None, About(FUNDING, "LTSEPMFA", "M")] = (
        None
    )
    title: Annotated[Line | None, About(FUNDING, "LTSEPMFA", "M")] = None
    level: Annotated[Line | None, About(FUNDING, "LTSEPMFA", "M")] = None
    start: Annotated[dt.date | None, About(LOCKED, "LTSEPMFA", "M")] = None
    planned_end: Annotated[dt.date | None, About(LOCKED, "LTEMFA", "M")] = None
    expected_end: Annotated[dt.date | None, About(FUNDING, "LTSEPMFA", "M")] = None
    planned_hours: Annotated[Hours | None, About(FUNDING, "LTEMFA", "M")] = None
    weekly_hours: Annotated[WeeklyHours | None, About(FUNDING, "LTEMFA", "EM")] = None
    delivery: Annotated[Prose | None, About(FUNDING, "LTSEPMFA", "TM")] = None
    review_weeks: Annotated[
        Literal["4 weeks", "6 weeks", "8 weeks", "12 weeks"] | None, About(NOTE_ON, "LTSEPMFA", "TM")
    ] = None  # fmt: skip
    assessment_summary: Annotated[Prose | None, About(FUNDING, "LTSEMFA", "TM")] = None
    english_maths: Annotated[Prose | None, About(FUNDING, "LTEMFA", "TM")] = None
    prior_learning: Annotated[Prose | None, About(FUNDING, "LTSEMFA", "TM")] = None
    complaints: Annotated[Prose | None, About(NOTE_ON, "LTEMFA", "M")] = None


class Employer(Entity):
    """The employer or placement."""

    name: Annotated[Line | None, About(FUNDING, "LTSEMFA", "EM", 0)] = None
    workplace: Annotated[Line | None, About(NOTE_ON, "LTEMFA", "EM")] = None
    mentor: Annotated[Name | None, About(NOTE_ON, "LTEMFA", "EM")] = None
    mentor_email: Annotated[Email | None, About(NOTE_ON, "LTEM", "EM")] = None
    releases: Annotated[bool | None, About(FUNDING, "LTEMFA", "E")] = None


class Aim(Entity):
    """A qualification or learning aim of the programme."""

    title: Annotated[Line | None, About(FUNDING, "LTSEPMFA", "M")] = None
    reference: Annotated[Line | None, About(FUNDING, "LTEMFA", "M")] = None
    planned_end: Annotated[dt.date | None, About(FUNDING, "LTEMFA", "M")] = None


class Training(Entity):
    """A row of the training planned: what, when, by whom, how many hours."""

    what: Annotated[Line | None, About(FUNDING, "LTEMFA", "TM", 0)] = None
    when: Annotated[Line | None, About(FUNDING, "LTEMFA", "TM", 0)] = None
    who: Annotated[Line | None, About(FUNDING, "LTEMFA", "TM", 0)] = None
    hours: Annotated[Hours | None, About(FUNDING, "LTEMFA", "TM", 0)] = None


class Review(Entity):
    """A numbered progress review; the boxes of each role are filled before the meeting."""

    held: Annotated[dt.date | None, About(WORKING, "LTEMA", "T", 2)] = None
    attended: Annotated[Line | None, About(WORKING, "LTEMA", "T", 2)] = None
    progress: Annotated[Prose | None, About(WORKING, "LTEMA", "T", 2)] = None
    on_course: Annotated[Literal["Ahead", "On course", "Behind"] | None, About(WORKING, "LTEMA", "T", 2)] = None
    learner_says: Annotated[Prose | None, About(WORKING, "LTE", "L", 2)] = None
    tutor_says: Annotated[Prose | None, About(WORKING, "LTE", "T", 2)] = None
    employer_says: Annotated[Prose | None, About(WORKING, "LTE", "E", 2)] = None
    hours_actual: Annotated[Hours | None, About(WORKING, "LTEMA", "T", 2)] = None
    concerns: Annotated[bool | None, About(WORKING, "LTEM", "TL", 2)] = None
    plan_change: Annotated[
        Literal["None", "Content", "End date", "Training re-planned"] | None, About(WORKING, "LTEMA", "T", 2)
    ] = None  # fmt: skip
    next_due: Annotated[dt.date | None, About(WORKING, "LTEMA", "T", 2)] = None


class Signing(Entity):
    """A signature made on a form: the key of the row is the form's number and the role.

    `bound` says that it stands under what was printed: nothing else on the form had been changed (domain.md M18).
    """

    name: Annotated[Name | None, About(WORKING, "LTSEPOMQFA", "LTSEPOMQ")] = None
    date: Annotated[dt.date | None, About(WORKING, "LTSEPOMQFA", "LTSEPOMQ")] = None
    method: Annotated[Line | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    bound: Annotated[Tick | None, About(WORKING, "LTSEPOMQFA", "M")] = None


class Waiver(Entity):
    """A gate before sign-off that a named person waived; the key of the row is the gate."""

    reason: Annotated[Prose | None, About(WORKING, "TMQA", "M", 2)] = None
    by: Annotated[Name | None, About(WORKING, "TMQA", "M", 2)] = None
    date: Annotated[dt.date | None, About(WORKING, "TMQA", "M", 2)] = None


class Local(Entity):
    """An answer of a provider's own that has no other place in the plan; never dropped."""

    value: Annotated[Prose | None, About(WORKING, "TM", "LTSEPOM", 2)] = None


Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}$")]
Domain = Literal["Reading", "Writing", "Speaking", "Listening", "Maths", "Digital"]
Audience = Literal["Employer", "Parent or carer", "Next provider"]


class Plan(Entity):
    """The whole record of one learner's programme."""

    learner: Learner = Learner()
    contacts: Annotated[Mapping[Key, Contact], Rows("C", "contact")] = {}
    sharing: Sharing = Sharing()
    grants: Annotated[Mapping[Audience, SharingGrant], Rows("", "grant")] = {}
    background: Background = Background()
    assessments: Annotated[Mapping[Domain, Assessment], Rows("", "assessment")] = {}
    prior: Annotated[Mapping[Key, PriorLearning], Rows("L", "piece of prior learning")] = {}
    needs: Annotated[Mapping[Key, Need], Rows("N", "need")] = {}
    aspiration: Aspiration = Aspiration()
    goals: Annotated[Mapping[Key, Goal], Rows("G", "goal")] = {}
    targets: Annotated[Mapping[Key, Target], Rows("T", "target")] = {}
    milestones: Annotated[Mapping[Key, Milestone], Rows("M", "milestone")] = {}
    programme: Programme = Programme()
    employer: Employer = Employer()
    aims: Annotated[Mapping[Key, Aim], Rows("A", "aim")] = {}
    training: Annotated[Mapping[Key, Training], Rows("R", "training row")] = {}
    reviews: Annotated[Mapping[Key, Review], Rows("", "review")] = {}
    signatures: Annotated[Mapping[Key, Signing], Rows("", "signature")] = {}
    waivers: Annotated[Mapping[Key, Waiver], Rows("", "waiver")] = {}
    local: Annotated[Mapping[Key, Local], Rows("X", "answer")] = {}


def _tables() -> Mapping[str, Rows]:
    return {
        name: mark
        for name, field in Plan.model_fields.items()
        for mark in (*field.metadata, *_unwrap(field.annotation)[1])
        if isinstance(mark, Rows)
    }


TABLES: Mapping[str, Rows] = _tables()
"""The plan's tables by name."""


def _places() -> Iterator[Place]:
    for group, field in Plan.model_fields.items():
        entity: Any = field.annotation
        keys: tuple[str, ...] = ()
        if group in TABLES:
            key_type, entity = typing.get_args(_unwrap(field.annotation)[0])
            keys = typing.get_args(key_type) if typing.get_origin(key_type) is Literal else ()
        row = "[KEY]" if group in TABLES else ""
        for name, leaf in entity.model_fields.items():
            yield resolve(f"{group}{row}.{name}", leaf.annotation, tuple(leaf.metadata), keys)


PLACES: Mapping[str, Place] = {place.path: place for place in _places()}
"""Every place by its path, rows as `targets[KEY].text`."""

IDENTIFYING = frozenset(path for path, place in PLACES.items() if place.change is IDENTITY)
"""The places that say who the learner is (domain.md M1)."""

_ROW = re.compile(r"^([a-z_]+)\[([^\[\]]+)\]\.([a-z_]+)$")


def split(path: str) -> tuple[str, str, str] | None:
    """`targets[T1].text` as ('targets', 'T1', 'text'); None for a place that is in no table."""
    found = _ROW.match(path)
    return (found[1], found[2], found[3]) if found else None


def place_of(path: str) -> Place | None:
    """What is declared about the place that a path names, row key and all; None where the plan has no such place."""
    row = split(path)
    return PLACES.get(f"{row[0]}[KEY].{row[2]}" if row else path)


def may_see(path: str, letters: Iterable[str]) -> bool:
    """Whether everybody of an audience (letters of `ROLES`) may see a place."""
    place = place_of(path)
    return place is not None and place.audience.issuperset(letters)


def keys_of(record: Record, table: str) -> tuple[str, ...]:
    """The keys of a table's rows in the record, in their order: T2 before T10."""
    found = {row[1] for path in record if (row := split(path)) and row[0] == table}
    return tuple(sorted(found, key=lambda k: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", k)]))


def next_key(record: Record, table: str, taken: frozenset[str] = frozenset()) -> str:
    """The key that the next new row of a table gets."""
    prefix = TABLES[table].prefix
    used = {*keys_of(record, table), *taken}
    numbers = [int(k[len(prefix) :]) for k in used if k.startswith(prefix) and k[len(prefix) :].isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1}"


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


def contradictions(record: Record) -> Mapping[tuple[str, ...], str]:
    """Places whose values cannot stand together, the likelier culprit first, each with the sentence that says why."""
    found: dict[tuple[str, ...], str] = {}
    start = record.get("programme.start")
    for end in ("programme.planned_end", "programme.expected_end"):
        if start and record.get(end) and str(record[end]) < str(start):
            found[end, "programme.start"] = "the programme would end before it starts"
    birth = record.get("learner.date_of_birth")
    if birth and start and int(str(start)[:4]) - int(str(birth)[:4]) < 12:
        found["learner.date_of_birth", "programme.start"] = "the learner would start before the age of 12"
    return found
