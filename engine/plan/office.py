"""What office forms ask: of a file that is no form, whether something may be done, and what somebody wants done.

None of it is kept in a record: what an office form says is done, and the plans that it concerns say so.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from engine.places import About
from engine.plan.entity import Entity
from engine.plan.kept import FileKind
from engine.plan.written import WORKING, Line, Name, Prose

Signer = Literal["learner", "tutor", "support", "employer", "parent", "partner", "provider", "quality"]
EVERYBODY = "LTSEPOMQ"


class Filing(Entity):
    """What a person says of a file that is no form; of one that was signed in ink, which form it shows, and by whom."""

    whose: Annotated[Line | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    shows: Annotated[Line | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    kind: Annotated[FileKind | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    seen_by: Annotated[
        Literal["Everybody who has the plan", "Staff only"] | None, About(WORKING, EVERYBODY, "TSMQ")
    ] = None  # fmt: skip
    day: Annotated[dt.date | None, About(WORKING, EVERYBODY, "TSMQ", past=True)] = None
    form: Annotated[Line | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    role: Annotated[Signer | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    signer: Annotated[Name | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    signed: Annotated[dt.date | None, About(WORKING, EVERYBODY, "TSMQ", past=True)] = None
    witness: Annotated[Name | None, About(WORKING, EVERYBODY, "TSMQ")] = None


class Leave(Entity):
    """Whether something that was shown may be done."""

    given: Annotated[bool | None, About(WORKING, EVERYBODY, "MQ")] = None
    by: Annotated[Name | None, About(WORKING, EVERYBODY, "MQ")] = None


class Request(Entity):
    """What somebody asks to have done, of what commands do."""

    what: Annotated[
        Literal[
            "Issue forms", "Print a caseload", "Record a signature made before me", "Waive a gate",
            "Take back what was entered in error", "Join two plans of one learner", "Close a plan", "Open a plan again",
            "Settle a question", "Quality report", "Inspection pack", "Who may see what",
        ] | None,
        About(WORKING, EVERYBODY, "TSMQ"),
    ] = None  # fmt: skip
    learners: Annotated[Prose | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    whole: Annotated[
        Literal["All for whom it is due", "All of this tutor", "All of this site"] | None,
        About(WORKING, EVERYBODY, "TSMQ"),
    ] = None  # fmt: skip
    of: Annotated[Line | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    form: Annotated[Line | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    medium: Annotated[Literal["Word", "PDF"] | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    number: Annotated[Line | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    role: Annotated[Signer | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    name: Annotated[Name | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    answer: Annotated[Prose | None, About(WORKING, EVERYBODY, "TSMQ")] = None
    reason: Annotated[Prose | None, About(WORKING, EVERYBODY, "TSMQ")] = None
