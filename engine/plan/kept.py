"""What is written once and kept: reviews, the learner's log, notes, evidence, signatures, waivers, local answers.

Contributions, log entries, notes and signatures only ever grow (domain.md M11).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from engine.places import About
from engine.plan.entity import Entity
from engine.plan.written import WORKING, Count, Hash, Hours, Line, Name, Prose, Tick


class Review(Entity):
    """A progress review, its key the number; the boxes of each role are filled before the meeting."""

    type: Annotated[
        Literal["Progress review", "Off-site review", "Half-term review", "Return from a break", "Final review"] | None,
        About(WORKING, "LTEMA", "T", 2),
    ] = None
    due: Annotated[dt.date | None, About(WORKING, "LTEMA", "T", 2)] = None
    held: Annotated[
        dt.date | None,
        About(
            WORKING, "LTEMA", "T", 2, past=True,
            after=(("learner.date_of_birth", "the review would have been held before the learner was born"),),
        ),
    ] = None  # fmt: skip
    attended: Annotated[Line | None, About(WORKING, "LTEMA", "T", 2)] = None
    progress: Annotated[Prose | None, About(WORKING, "LTEMA", "T", 2)] = None
    on_course: Annotated[Literal["Ahead", "On course", "Behind"] | None, About(WORKING, "LTEMA", "T", 2)] = None
    rag: Annotated[Literal["Red", "Amber", "Green"] | None, About(WORKING, "LTEMA", "T", 2)] = None
    learner_says: Annotated[Prose | None, About(WORKING, "LTE", "L", 2, append=True, scribe="scribe")] = None
    scribe: Annotated[Name | None, About(WORKING, "LTE", "LTE", 2)] = None
    tutor_says: Annotated[Prose | None, About(WORKING, "LTE", "T", 2, append=True)] = None
    employer_says: Annotated[Prose | None, About(WORKING, "LTE", "E", 2, append=True)] = None
    parent_says: Annotated[Prose | None, About(WORKING, "LTEP", "P", 2, append=True)] = None
    partner_says: Annotated[Prose | None, About(WORKING, "LTEO", "O", 2, append=True)] = None
    went_well: Annotated[Prose | None, About(WORKING, "LTE", "LT", 2)] = None
    less_well: Annotated[Prose | None, About(WORKING, "LTE", "LT", 2)] = None
    use_again: Annotated[Prose | None, About(WORKING, "LTE", "LT", 2)] = None
    support_check: Annotated[Prose | None, About(WORKING, "LTS", "LTS", 3)] = None
    hours_planned: Annotated[Hours | None, About(WORKING, "LTEMA", "T", 2)] = None
    hours_actual: Annotated[Hours | None, About(WORKING, "LTEMA", "T", 2)] = None
    concerns: Annotated[bool | None, About(WORKING, "LTEM", "TL", 2)] = None
    plan_change: Annotated[
        Literal["None", "Content", "End date", "Training re-planned"] | None, About(WORKING, "LTEMA", "T", 2)
    ] = None  # fmt: skip
    changes: Annotated[Prose | None, About(WORKING, "LTEMA", "LTE", 2)] = None
    next_due: Annotated[
        dt.date | None,
        About(WORKING, "LTEMA", "T", 2, after=(("held", "the next review would be due before this one was held"),)),
    ] = None


class LogEntry(Entity):
    """An entry of the learner's own log; blocks are six weeks long, and nobody else sees what it says."""

    block: Annotated[Count | None, About(WORKING, "L", "L")] = None
    date: Annotated[dt.date | None, About(WORKING, "L", "L", past=True)] = None
    learned: Annotated[Prose | None, About(WORKING, "L", "L", 2, append=True)] = None
    how: Annotated[Prose | None, About(WORKING, "L", "L", 2, append=True)] = None
    went_well: Annotated[Prose | None, About(WORKING, "L", "L", 2, append=True)] = None
    less_well: Annotated[Prose | None, About(WORKING, "L", "L", 2, append=True)] = None
    use_again: Annotated[Prose | None, About(WORKING, "L", "L", 2, append=True)] = None
    unplanned: Annotated[Prose | None, About(WORKING, "L", "L", 2, append=True)] = None
    medium: Annotated[Line | None, About(WORKING, "L", "L")] = None


class Note(Entity):
    """A pastoral or disciplinary note of a member of staff."""

    kind: Annotated[Literal["Pastoral", "Disciplinary"] | None, About(WORKING, "TS", "TS", 2)] = None
    date: Annotated[dt.date | None, About(WORKING, "TS", "TS", 2, past=True)] = None
    author: Annotated[Name | None, About(WORKING, "TS", "TS", 2)] = None
    text: Annotated[Prose | None, About(WORKING, "TS", "TS", 3, append=True)] = None


FileKind = Literal[
    "Document", "Photograph", "Recording", "Observation", "Witness statement", "Letter or message", "Signed form",
    "Other",
]  # fmt: skip


class Evidence(Entity):
    """Something that shows what was learnt or done: where it is, and the hash of its file."""

    what: Annotated[Line | None, About(WORKING, "LTEMQA", "LTE")] = None
    kind: Annotated[FileKind | None, About(WORKING, "LTEMQA", "LTE")] = None
    date: Annotated[dt.date | None, About(WORKING, "LTEMQA", "LTE", past=True)] = None
    whose: Annotated[Name | None, About(WORKING, "LTEMQA", "LTE")] = None
    hash: Annotated[Hash | None, About(WORKING, "LTEMQA", "TM")] = None


class Paper(Entity):
    """Evidence that is for the learner's staff alone: an agency's letter, a message, what nobody has opened up."""

    what: Annotated[Line | None, About(WORKING, "TSM", "TSM", 3)] = None
    kind: Annotated[FileKind | None, About(WORKING, "TSM", "TSM", 2)] = None
    date: Annotated[dt.date | None, About(WORKING, "TSM", "TSM", 2, past=True)] = None
    whose: Annotated[Name | None, About(WORKING, "TSM", "TSM", 2)] = None
    hash: Annotated[Hash | None, About(WORKING, "TSM", "TM", 2)] = None


class Signing(Entity):
    """A signature made on a form: the key of the row is the form's number and the role.

    `bound` says that it stands under what was printed: nothing else on the form had been changed (domain.md M18).
    """

    name: Annotated[Name | None, About(WORKING, "LTSEPOMQFA", "LTSEPOMQ", append=True)] = None
    date: Annotated[dt.date | None, About(WORKING, "LTSEPOMQFA", "LTSEPOMQ", append=True, past=True)] = None
    capacity: Annotated[Line | None, About(WORKING, "LTSEPOMQFA", "LTSEPOMQ", append=True)] = None
    method: Annotated[Line | None, About(WORKING, "LTSEPOMQFA", "M", append=True)] = None
    bound: Annotated[Tick | None, About(WORKING, "LTSEPOMQFA", "M", append=True)] = None


class Asked(Entity):
    """A line of a query slip: an open question and its choices, as the ledger has them, and what somebody decides."""

    question: Annotated[Prose | None, About(WORKING, "LTSEPOMQ", "M")] = None
    first: Annotated[Prose | None, About(WORKING, "LTSEPOMQ", "M")] = None
    second: Annotated[Prose | None, About(WORKING, "LTSEPOMQ", "M")] = None
    answer: Annotated[
        Literal["What the form said", "What the plan says", "What is written here"] | None,
        About(WORKING, "LTSEPOMQ", "LTSEPOMQ"),
    ] = None
    words: Annotated[Prose | None, About(WORKING, "LTSEPOMQ", "LTSEPOMQ")] = None


class Waiver(Entity):
    """A gate before sign-off that a named person waived; the key of the row is the gate.

    It stands on the signed version, so that everybody who signs it knows.
    """

    reason: Annotated[Prose | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    by: Annotated[Name | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    role: Annotated[Line | None, About(WORKING, "LTSEPOMQFA", "M")] = None
    date: Annotated[dt.date | None, About(WORKING, "LTSEPOMQFA", "M", past=True)] = None


class Local(Entity):
    """An answer of a provider's own that has no other place in the plan, with what was asked; never dropped."""

    asked: Annotated[Line | None, About(WORKING, "LTSM", "LTSM", 2)] = None
    value: Annotated[Prose | None, About(WORKING, "LTSM", "LTSM", 2)] = None
