"""What the learner works towards from week to week: aspiration, goals, targets, milestones, measures of progress."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from engine.places import About
from engine.plan.entity import Entity
from engine.plan.written import NOTE_ON, WORKING, Count, Line, Prose

Strand = Literal["Vocational or subject", "Personal and social", "Functional skills"]


class Aspiration(Entity):
    """Where the learner wants to get to."""

    destination: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    why: Annotated[Prose | None, About(WORKING, "LTSEPO", "L")] = None
    strengths: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None


class Goal(Entity):
    """A long-term goal that targets are stepping stones to."""

    text: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    kind: Annotated[Literal["Learning", "Work", "Progression", "Life"] | None, About(WORKING, "LTSEPO", "LT")] = None
    strand: Annotated[Strand | None, About(WORKING, "LTSEPO", "LT")] = None
    horizon: Annotated[
        Literal["Short term", "Medium term", "Long term"] | None, About(WORKING, "LTSEPO", "LT")
    ] = None  # fmt: skip
    by_when: Annotated[dt.date | None, About(WORKING, "LTSEPO", "LT")] = None


class Target(Entity):
    """A short-term target, with what each of the three models of target-setting asks of it (domain.md A6)."""

    text: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    goal: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    strand: Annotated[Strand | None, About(WORKING, "LTSEPO", "LT")] = None
    area: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    outcome: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    lens: Annotated[Literal["SMART", "PASTIE", "POWER"] | None, About(WORKING, "LTSEPO", "LT")] = None
    starting_point: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    skills: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    steps: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    measure: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    evidence: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    strategy: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    help: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    feeling: Annotated[Prose | None, About(WORKING, "LT", "L", 2)] = None
    owner: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    agreed: Annotated[dt.date | None, About(WORKING, "LTSEPO", "LT", past=True)] = None
    due: Annotated[dt.date | None, About(WORKING, "LTSEPO", "LT")] = None
    status: Annotated[
        Literal["Not started", "Under way", "Achieved", "Dropped"] | None,
        About(WORKING, "LTSEPO", "T", forward=True, reopen="reopened"),
    ] = None
    reopened: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    progress: Annotated[Prose | None, About(WORKING, "LTSEPO", "LT")] = None
    template: Annotated[Line | None, About(WORKING, "LTSMQ", "TM")] = None
    model: Annotated[Prose | None, About(WORKING, "LTSMQ", "TM")] = None
    carried: Annotated[Count | None, About(WORKING, "LTSEPO", "T")] = None


class Milestone(Entity):
    """A unit, qualification or skill with its planned date; moving it moves nobody's signature."""

    what: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    planned: Annotated[dt.date | None, About(NOTE_ON, "LTSEPOMFA", "T")] = None
    revised: Annotated[dt.date | None, About(NOTE_ON, "LTSEPOMFA", "T")] = None
    reason: Annotated[Line | None, About(WORKING, "LTSEPO", "LT")] = None
    reached: Annotated[dt.date | None, About(WORKING, "LTSEPO", "T", past=True)] = None


class Measure(Entity):
    """A measure of progress that means something to the learner (domain.md A6 names the six areas)."""

    area: Annotated[
        Literal[
            "Attainment", "Independent learning", "Time and organisation", "Participation", "Problem-solving",
            "Progression",
        ] | None,
        About(WORKING, "LTSE", "LT"),
    ] = None  # fmt: skip
    what: Annotated[Line | None, About(WORKING, "LTSE", "LT")] = None
    baseline: Annotated[Line | None, About(WORKING, "LTSE", "LT")] = None
    aim: Annotated[Line | None, About(WORKING, "LTSE", "LT")] = None
    now: Annotated[Line | None, About(WORKING, "LTSE", "LT")] = None
