"""The programme and what the funding body pays for: episode, breaks, aims, training, changes, and how it ended."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from engine.places import About
from engine.plan.entity import Entity
from engine.plan.written import (
    FUNDING,
    LOCKED,
    NOTE_ON,
    WORKING,
    FundingYear,
    Hours,
    Line,
    Name,
    Prose,
    Ukprn,
    WeeklyHours,
)


class Programme(Entity):
    """The programme the learner is on: one episode, under the rules of its start date.

    The hours on the agreement and on the learner record's extract are quoted here only to be compared with the plan's.
    """

    type: Annotated[
        Literal["Apprenticeship", "Adult skills", "16 to 19", "Off-site school"] | None,
        About(FUNDING, "LTSEPOMQFA", "M"),
    ] = None
    title: Annotated[Line | None, About(FUNDING, "LTSEPOMQFA", "M")] = None
    reference: Annotated[Line | None, About(FUNDING, "LTEMFA", "M")] = None
    level: Annotated[Line | None, About(FUNDING, "LTSEPOMQFA", "M")] = None
    status: Annotated[
        Literal["Planned", "Continuing", "On a break", "Completed", "Withdrawn", "Transferred"] | None,
        About(FUNDING, "LTSEPOMFA", "M", forward=True, reopen="reopened", level=("Continuing", "On a break")),
    ] = None
    reopened: Annotated[Line | None, About(NOTE_ON, "LTSEPMFA", "M")] = None
    start: Annotated[dt.date | None, About(LOCKED, "LTSEPOMQFA", "M")] = None
    planned_end: Annotated[
        dt.date | None, About(LOCKED, "LTEMFA", "M", after=(("start", "the programme would end before it starts"),))
    ] = None  # fmt: skip
    expected_end: Annotated[
        dt.date | None, About(FUNDING, "LTSEPOMFA", "M", after=(("start", "the programme would end before it starts"),))
    ] = None  # fmt: skip
    practical_start: Annotated[
        dt.date | None,
        About(
            FUNDING, "LTEMFA", "M", after=(("start", "the practical period would begin before the programme starts"),)
        ),
    ] = None
    practical_end: Annotated[
        dt.date | None,
        About(
            FUNDING, "LTEMFA", "M",
            after=(
                ("practical_start", "the practical period would end before it starts"),
                ("start", "the practical period would end before the programme starts"),
            ),
        ),
    ] = None  # fmt: skip
    planned_hours: Annotated[Hours | None, About(FUNDING, "LTEMFA", "M")] = None
    agreement_hours: Annotated[Hours | None, About(WORKING, "TMQFA", "M")] = None
    ilr_hours: Annotated[Hours | None, About(WORKING, "TMQFA", "M")] = None
    weekly_hours: Annotated[WeeklyHours | None, About(FUNDING, "LTEMFA", "EM")] = None
    delivery: Annotated[Prose | None, About(FUNDING, "LTSEPOMFA", "TM")] = None
    subcontractor: Annotated[Line | None, About(FUNDING, "LTEPOMFA", "M", 0, person="O")] = None
    subcontractor_ukprn: Annotated[Ukprn | None, About(NOTE_ON, "LTEOMFA", "M", 0)] = None
    assessment_organisation: Annotated[Line | None, About(NOTE_ON, "LTEPOMFA", "EM", 0)] = None
    off_site: Annotated[bool | None, About(NOTE_ON, "LTSEPOMFA", "M", 0)] = None
    rules: Annotated[FundingYear | None, About(LOCKED, "TMQFA", "M", 0)] = None
    review_weeks: Annotated[
        Literal["4 weeks", "6 weeks", "8 weeks", "12 weeks", "Every half term"] | None,
        About(NOTE_ON, "LTSEPOMFA", "TM"),
    ] = None
    assessment_summary: Annotated[Prose | None, About(FUNDING, "LTSEMFA", "TM")] = None
    english_maths: Annotated[Prose | None, About(FUNDING, "LTEMFA", "TM")] = None
    prior_learning: Annotated[Prose | None, About(FUNDING, "LTSEMFA", "TM")] = None
    complaints: Annotated[Prose | None, About(NOTE_ON, "LTEPOMFA", "M")] = None
    fast_track: Annotated[bool | None, About(WORKING, "LTSM", "TSM", 2)] = None
    fast_track_reason: Annotated[Prose | None, About(WORKING, "LTS", "TS", 3)] = None


class Break(Entity):
    """A break in learning: clocks stand still from the day it began until the day the learner returned."""

    began: Annotated[
        dt.date | None,
        About(FUNDING, "LTSEPOMFA", "M", after=(("programme.start", "the break would begin before the programme"),)),
    ] = None
    expected_return: Annotated[
        dt.date | None,
        About(FUNDING, "LTSEPOMFA", "M", after=(("began", "the learner would be back before the break began"),)),
    ] = None
    returned: Annotated[
        dt.date | None,
        About(
            FUNDING, "LTSEPOMFA", "M", past=True, after=(("began", "the learner would be back before the break began"),)
        ),
    ] = None
    reason: Annotated[Prose | None, About(WORKING, "LTSM", "LTM", 3)] = None


class Aim(Entity):
    """A qualification or learning aim of the programme; what came of it is told, and signed by nobody again."""

    title: Annotated[Line | None, About(FUNDING, "LTSEPOMFA", "M")] = None
    reference: Annotated[Line | None, About(FUNDING, "LTEMFA", "M")] = None
    awarding_body: Annotated[Line | None, About(FUNDING, "LTEMFA", "M", 0)] = None
    registration: Annotated[Line | None, About(NOTE_ON, "LTEMFA", "M")] = None
    start: Annotated[dt.date | None, About(LOCKED, "LTEMFA", "M")] = None
    planned_end: Annotated[
        dt.date | None, About(FUNDING, "LTEPOMFA", "M", after=(("start", "it would be achieved before it is begun"),))
    ] = None
    actual_end: Annotated[
        dt.date | None,
        About(NOTE_ON, "LTEMFA", "M", past=True, after=(("start", "it would be over before it is begun"),)),
    ] = None
    completion: Annotated[
        Literal["Continuing", "On a break", "Completed", "Withdrawn"] | None, About(NOTE_ON, "LTEMFA", "M")
    ] = None  # fmt: skip
    outcome: Annotated[
        Literal["Achieved", "Partly achieved", "Not achieved", "Not yet known"] | None, About(NOTE_ON, "LTEMFA", "M")
    ] = None  # fmt: skip
    grade: Annotated[Line | None, About(NOTE_ON, "LTEMFA", "M")] = None


class Training(Entity):
    """A row of the training planned: what, when, where, by whom, how many hours, and whether they count.

    All who may sign the plan can read what is to be delivered, and when: nothing in it is personal.
    """

    what: Annotated[Line | None, About(FUNDING, "LTEPOMFA", "TM", 0)] = None
    when: Annotated[Line | None, About(FUNDING, "LTEPOMFA", "TM", 0)] = None
    where: Annotated[Line | None, About(FUNDING, "LTEPOMFA", "TM", 0)] = None
    who: Annotated[Line | None, About(FUNDING, "LTEPOMFA", "TM", 0)] = None
    hours: Annotated[Hours | None, About(FUNDING, "LTEPOMFA", "TM", 0)] = None
    counts: Annotated[bool | None, About(FUNDING, "LTEPOMFA", "TM", 0)] = None


class ChangeAsked(Entity):
    """A change of circumstances as an amendment sheet tells it; the changed places themselves stand where they are."""

    what: Annotated[Prose | None, About(WORKING, "LTEMFA", "LTEM")] = None
    effective: Annotated[dt.date | None, About(WORKING, "LTEMFA", "TM")] = None
    reason: Annotated[
        Literal[
            "Content changed", "End date changed", "Training re-planned", "Fast track", "Break", "Return from a break",
            "Transfer", "Withdrawal", "Change of employer", "Entered in error", "Other",
        ] | None,
        About(WORKING, "LTEMFA", "TM"),
    ] = None  # fmt: skip
    evidence: Annotated[Line | None, About(WORKING, "LTEMFA", "TM")] = None


class Amended(Entity):
    """A line of an amendment sheet: what has changed since a version was signed, as the ledger has it."""

    what: Annotated[Line | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    was: Annotated[Prose | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    now: Annotated[Prose | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    why: Annotated[Prose | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    who: Annotated[Prose | None, About(WORKING, "LTSEPOMQFA", "M")] = None


class MovingOn(Entity):
    """How the programme ended and where the learner goes: the moving-on plan, and the statements that close it."""

    achieved: Annotated[Prose | None, About(WORKING, "LTSEPOM", "LT")] = None
    learner_says: Annotated[Prose | None, About(WORKING, "LTE", "L", 2, append=True)] = None
    destination: Annotated[Prose | None, About(WORKING, "LTSEPOMFA", "LTM")] = None
    next_steps: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    support: Annotated[Prose | None, About(WORKING, "LTS", "LS", 3)] = None
    plan_delivered: Annotated[bool | None, About(WORKING, "LTEMFA", "LTEM")] = None
    hours_delivered: Annotated[Hours | None, About(WORKING, "LTEMFA", "TM")] = None
    hours_statement: Annotated[Prose | None, About(WORKING, "LTEMFA", "LEM")] = None


class Closing(Entity):
    """Why and when the plan was closed: finished, or joined into another plan of the same learner."""

    day: Annotated[dt.date | None, About(WORKING, "LTSEPOMQFA", "M", past=True)] = None
    reason: Annotated[Prose | None, About(WORKING, "TMQA", "M", 2)] = None
    by: Annotated[Name | None, About(WORKING, "TMQA", "M", 2)] = None
    into: Annotated[Line | None, About(WORKING, "TMQA", "M", 0)] = None
