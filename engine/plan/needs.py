"""Where the learner starts and what stands in the way: background, assessment, prior learning, needs and support."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from engine.places import About
from engine.plan.entity import Entity
from engine.plan.written import FUNDING, WORKING, Hours, Level, Line, Name, Prose, Scale, Tick

Domain = Literal[
    "Reading", "Writing", "Speaking", "Listening", "Maths", "Digital", "Personal and social", "Vocational"
]  # fmt: skip


class Background(Entity):
    """Where the learner comes from: the needs summary's own words."""

    history: Annotated[Prose | None, About(WORKING, "LTSM", "LTS")] = None
    interests: Annotated[Prose | None, About(WORKING, "LTSM", "LT")] = None
    ways_to_learn: Annotated[Prose | None, About(WORKING, "LTS", "LTS")] = None
    barriers: Annotated[Prose | None, About(WORKING, "LTS", "LTS", 2)] = None
    circumstances: Annotated[Prose | None, About(WORKING, "LTS", "LTS", 2)] = None
    medical: Annotated[Prose | None, About(WORKING, "LTS", "LS", 3)] = None
    learner_view: Annotated[Prose | None, About(WORKING, "LTSM", "L")] = None
    staff_view: Annotated[Prose | None, About(WORKING, "LTSM", "TS")] = None


class Assessment(Entity):
    """The result of assessment in one domain."""

    state: Annotated[Literal["Booked", "Waived", "Done"] | None, About(FUNDING, "LTSMFA", "TS", 2, forward=True)] = None
    level: Annotated[Level | None, About(FUNDING, "LTSMFA", "TS", 2)] = None
    kind: Annotated[
        Literal["Initial", "Diagnostic", "Self-assessment", "Summative"] | None, About(WORKING, "LTSM", "TS", 2)
    ] = None  # fmt: skip
    instrument: Annotated[Line | None, About(WORKING, "LTSM", "TS")] = None
    date: Annotated[
        dt.date | None,
        About(
            FUNDING,
            "LTSMFA",
            "TS",
            2,
            past=True,
            after=(("learner.date_of_birth", "the result would be older than the learner"),),
        ),
    ] = None
    assessor: Annotated[Name | None, About(WORKING, "LTSM", "TS")] = None
    confidence: Annotated[Scale | None, About(WORKING, "LTSM", "LTS", 2)] = None
    reason: Annotated[Line | None, About(WORKING, "LTSM", "TS", 2)] = None


class Screening(Entity):
    """What a screening for a particular difficulty showed; never for the funding body."""

    what: Annotated[Line | None, About(WORKING, "LTS", "TS", 3)] = None
    result: Annotated[Prose | None, About(WORKING, "LTS", "TS", 3)] = None
    date: Annotated[dt.date | None, About(WORKING, "LTS", "TS", 3, past=True)] = None
    assessor: Annotated[Name | None, About(WORKING, "LTS", "TS", 2)] = None


class PriorLearning(Entity):
    """Something learnt before, and what was decided about it."""

    item: Annotated[Line | None, About(FUNDING, "LTSEMFA", "LTM")] = None
    level: Annotated[Line | None, About(FUNDING, "LTSEMFA", "LTM")] = None
    date: Annotated[
        dt.date | None,
        About(
            FUNDING, "LTSEMFA", "LTM", past=True,
            after=(("learner.date_of_birth", "it would have been learnt before the learner was born"),),
        ),
    ] = None  # fmt: skip
    seen: Annotated[bool | None, About(FUNDING, "LTSEMFA", "TM")] = None
    relevance: Annotated[Line | None, About(FUNDING, "LTSEMFA", "TM")] = None
    decision: Annotated[Line | None, About(FUNDING, "LTSEMFA", "TM")] = None
    reason: Annotated[Line | None, About(FUNDING, "LTSEMFA", "TM")] = None
    hours_removed: Annotated[Hours | None, About(FUNDING, "LTSEMFA", "M")] = None
    content_removed: Annotated[Line | None, About(FUNDING, "LTSEMFA", "TM")] = None


class Need(Entity):
    """A support need, and in brief what is done about it."""

    description: Annotated[Prose | None, About(WORKING, "LTS", "LS", 3)] = None
    source: Annotated[Line | None, About(WORKING, "LTS", "LS", 3)] = None
    category: Annotated[
        Literal[
            "Communication and interaction", "Cognition and learning", "Social, emotional and mental health",
            "Sensory and physical", "Medical", "Other",
        ] | None,
        About(WORKING, "LTS", "LS", 3),
    ] = None  # fmt: skip
    primary: Annotated[Tick | None, About(WORKING, "LTS", "LS", 3)] = None
    ehcp_outcome: Annotated[Line | None, About(WORKING, "LTS", "LS", 3)] = None
    action: Annotated[Prose | None, About(WORKING, "LTS", "S", 3)] = None
    who: Annotated[Line | None, About(WORKING, "LTS", "S", 2)] = None
    status: Annotated[
        Literal["Open", "Met", "Declined"] | None, About(WORKING, "LTS", "S", 2, forward=True, reopen="reopened")
    ] = None  # fmt: skip
    reopened: Annotated[Line | None, About(WORKING, "LTS", "LS", 2)] = None


class SupportAction(Entity):
    """Support given for a need: while it is claimed for, the funding body relies on it.

    What it is for is the learner's; the funding body sees that it was planned and given, never why.
    """

    need: Annotated[Line | None, About(WORKING, "LTS", "S", 3)] = None
    what: Annotated[Prose | None, About(WORKING, "LTS", "S", 3, claimed="claimed")] = None
    arrangement: Annotated[Line | None, About(WORKING, "LTSMFA", "S", 2, claimed="claimed")] = None
    who: Annotated[Line | None, About(WORKING, "LTSMFA", "S", 2, claimed="claimed")] = None
    when: Annotated[Line | None, About(WORKING, "LTSMFA", "S", 2, claimed="claimed")] = None
    frequency: Annotated[Line | None, About(WORKING, "LTSMFA", "S", 2, claimed="claimed")] = None
    start: Annotated[dt.date | None, About(WORKING, "LTSMFA", "S", 2, claimed="claimed")] = None
    funded_how: Annotated[Line | None, About(WORKING, "LTSMFA", "SM", 2, claimed="claimed")] = None
    claimed: Annotated[bool | None, About(WORKING, "LTSMFA", "SM", 2, claimed="claimed")] = None
    review: Annotated[
        dt.date | None,
        About(WORKING, "LTSMFA", "S", 2, after=(("start", "the support would be reviewed before it starts"),)),
    ] = None
    delivered: Annotated[Prose | None, About(WORKING, "LTSMFA", "S", 2)] = None


class Outcome(Entity):
    """A soft outcome: how sure the learner is of something, at the start and now."""

    what: Annotated[Line | None, About(WORKING, "LTS", "LT")] = None
    baseline: Annotated[Scale | None, About(WORKING, "LTS", "LT")] = None
    baseline_date: Annotated[dt.date | None, About(WORKING, "LTS", "LT", past=True)] = None
    now: Annotated[Scale | None, About(WORKING, "LTS", "LT")] = None
    now_date: Annotated[
        dt.date | None,
        About(
            WORKING, "LTS", "LT", past=True,
            after=(("baseline_date", "the later answer would be older than the first one"),),
        ),
    ] = None  # fmt: skip
    evidence: Annotated[Line | None, About(WORKING, "LTS", "LT")] = None
