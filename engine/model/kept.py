"""What is kept, and what was decided: submissions, revisions, questions, forms given out, signed versions, their seals.

These are pydantic models, because the ledger stores them as canonical JSON.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.model.said import Stamp
from engine.places import Value
from engine.settings import Size


class Outcome(StrEnum):
    """What became of an answer."""

    ACCEPTED = "accepted"
    CLEARED = "cleared"
    AGREED = "agreed"
    QUERY = "query"
    SUPERSEDED = "superseded"


class Kept(BaseModel):
    """A noun that the ledger keeps."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Decision(Kept):
    """What was decided about one place, and the rule that decided it (domain.md C4).

    Attributes:
        box: the name of the box on the form, where it differs from the place (a row that was new).
        base, theirs, ours: the value printed on the form, said on it, and in the plan when it came.
        reason: a plain sentence, where the outcome wants one.
        becomes: what the plan says afterwards, where that is more than `theirs` (words added to what was written).
    """

    place: str
    outcome: Outcome
    rule: str
    base: Value = None
    theirs: Value = None
    ours: Value = None
    box: str = ""
    reason: str = ""
    becomes: Value = None

    @property
    def after(self) -> Value:
        """What the plan says after the decision, where it applies or agrees; None where it was cleared."""
        return self.theirs if self.becomes is None else self.becomes

    @property
    def applies(self) -> bool:
        """Whether the plan's value becomes `after` (or nothing, when cleared)."""
        return self.outcome in (Outcome.ACCEPTED, Outcome.CLEARED)


class Revision(Kept):
    """The plan after one change.

    Attributes:
        number: from 1, without gaps.
        parent: hash of the revision before; "" for the first.
        recorded: when it came, UTC.
        effective: the day the form speaks of; `dated` when it said so itself, else the day it came.
        cause: `form`, `settlement`, `signature`, `waiver`, `undo`, `join`, `close`, `re-open`, `evidence`, `sample`.
        by: who did it, as far as known.
        submission: the SHA-256 of the file it came from.
        form: the number on that file's stamp.
        decisions: every answer that was not simply the same.
        same: how many answers were the same as printed.
        reason: why, where a person said so.
        undoes: the revision that this one takes back.
        joined: the plan that this one joins to its own, or that it parts from it again.
    """

    plan: str
    number: int
    parent: str
    recorded: dt.datetime
    effective: dt.date
    cause: str
    by: str = ""
    submission: str | None = None
    form: str | None = None
    proforma: str | None = None
    decisions: tuple[Decision, ...] = ()
    same: int = 0
    dated: bool = False
    reason: str = ""
    undoes: int | None = None
    joined: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A revision in brief: what it made of the plan, for those who look at very many plans.

    Attributes:
        recorded: the day it came.
        changed: the places that it changed, each with what it says then; None = nothing.
        settled: those of them that a person decided on being asked.
    """

    number: int
    recorded: dt.date
    effective: dt.date
    cause: str
    submission: str | None
    proforma: str | None
    changed: Mapping[str, Value]
    settled: frozenset[str] = frozenset()


def taken_back(revisions: Sequence[Revision]) -> Mapping[int, int]:
    """The revisions of a plan that were taken back as entered in error, each with the one that did it.

    One whose taking back was itself taken back is not among them.
    """
    found: dict[int, int] = {}
    for revision in reversed(revisions):
        if revision.undoes is not None and revision.number not in found:
            found[revision.undoes] = revision.number
    return found


class Query(Kept):
    """A point that a person must settle.

    Attributes:
        query: its number, `Q-...`.
        plan: the plan it is about; None while it is not known whose form it is.
        kind: what it is about: `conflict`, `invalid`, `removal`, `proposal`, ... (`engine.merge.questions.KINDS`);
            of a form whose plan is not known, `identity`, `stamp` or `form`; of a file that is no form, `file`; of what
            is to be done only with leave, `request` or `import`.
        choices: what `settle --take` accepts: ("form", "plan"), or numbers of plans.
        others: what other forms said that were asked about before, and now are with this one.
        sides: the questions that were raised for all the answers which stand in this one; none = its own alone.
        raised_in: the revision that raised it; None when no plan is known.
        lines: what is shown with it, for whoever is to answer.
    """

    query: str
    plan: str | None
    place: str
    kind: str
    question: str
    choices: tuple[str, ...] = ()
    base: Value = None
    theirs: Value = None
    ours: Value = None
    others: tuple[Value, ...] = ()
    sides: tuple[str, ...] = ()
    box: str = ""
    submission: str | None = None
    raised: dt.datetime
    raised_in: int | None = None
    lines: tuple[str, ...] = ()


class Settlement(Kept):
    """How a query was settled, by whom, and in which revision (None where it concerns no plan)."""

    query: str
    revision: int | None = None
    taken: str
    by: str
    settled: dt.datetime


class Submission(Kept):
    """One file as it arrived, and what became of it.

    Attributes:
        outcome: `taken`, `same` (it changed nothing), `refused`, `query`, `kept` (it is no form, and is evidence).
        answers: how many answers it carried.
        set_aside: whether it was too large to be archived, and lies in the refused folder as it came.
        says: digest of its answers; the same form that says all the same is the same form once more.
        sender: who sent it, as the file system or an e-mail tells: what a person may ask for hangs on that.
        sent: when the message was sent that it came with.
        within: the SHA-256 of that message.
    """

    sha256: str
    name: str
    media_type: str
    size: int
    received: dt.datetime
    outcome: Literal["taken", "same", "refused", "query", "kept"]
    plan: str | None = None
    form: str | None = None
    proforma: str | None = None
    by: str = ""
    answers: int = 0
    same: int = 0
    reason: str = ""
    advice: str = ""
    set_aside: bool = False
    says: str = ""
    sender: str = ""
    sent: dt.datetime | None = None
    within: str | None = None


Variant = Literal["standard", "large-print", "plain", "plain-large-print"]
"""How a form is set: 12 points or 18, and in its usual words or in plain ones. What it says is the same."""


@dataclass(frozen=True, slots=True)
class Manner:
    """In what manner a form is put; the plain default is the whole form, for everybody.

    Attributes:
        role: word of `ROLES`, for whose hand alone it is; "" = anybody's.
        section: the heading of the one section that is given out alone; "" = all.
        size: how much it asks.
    """

    variant: Variant = "standard"
    role: str = ""
    section: str = ""
    size: Size = "standard"

    @property
    def large(self) -> bool:
        """Whether it is in large print."""
        return self.variant.endswith("large-print")

    @property
    def plain(self) -> bool:
        """Whether it is in plain words."""
        return self.variant.startswith("plain")


class Issue(Kept):
    """A form that was sent out: what its number stands for.

    Attributes:
        form: its number; given once.
        medium: `word` or `pdf`.
        printed: the day printed on it.
        folder: the audience folder of the outbox it was written for; "" = handed out on request.
        role: word of `ROLES` for whose hand it was issued, as far as that was said; "" = anybody's.
        variant, section, size: as in `Manner`.
        row: key of the row that the form is about (the number of its review), or the question that a form of the
            office's own is about; "" if none.
        to_sign: whether it was issued for signature.
    """

    form: str
    proforma: str
    version: int
    plan: str | None
    revision: int | None
    medium: Literal["word", "pdf"]
    folder: str = ""
    role: str = ""
    variant: Variant = "standard"
    section: str = ""
    size: Size = "standard"
    printed: dt.date
    row: str = ""
    to_sign: bool = False

    @property
    def stamp(self) -> Stamp:
        """The stamp that the form carries."""
        return Stamp(self.proforma, self.version, self.form, self.plan, self.revision)

    @property
    def manner(self) -> Manner:
        """In what manner it was put."""
        return Manner(self.variant, self.role, self.section, self.size)


class Signature(Kept):
    """One party's signature under an edition.

    Attributes:
        role: word of `ROLES`.
        date: the day the signer wrote.
        method: how it was made.
        form, submission: the form it stood on, and the file it came in.
        revision: the revision that recorded it.
    """

    role: str
    name: str
    date: dt.date
    method: str
    form: str
    submission: str | None
    received: dt.date
    revision: int


class Edition(Kept):
    """A funding-body version: a revision that was signed off.

    Attributes:
        number: from 1, for each plan.
        revision, revision_hash: the revision that was signed.
        completed: the revision that recorded the last signature.
        form: the number of the form that was issued for signature.
        effective: the day it comes into force: the last signature's.
        content: digest of the canonical places printed on it.
        rules: the rule set it was signed under.
    """

    plan: str
    number: int
    revision: int
    revision_hash: str
    completed: int
    form: str
    proforma: str
    version: int
    effective: dt.date
    recorded: dt.datetime
    content: str
    rules: str
    signatures: tuple[Signature, ...]


class Seal(Kept):
    """The sealed file of a funding-body version.

    Attributes:
        sha256: of the sealed file.
        head: the journal's newest hash when it was sealed; the file carries it too.
        fingerprint: SHA-256 of the certificate that sealed it: anybody can seal a changed file anew, but not with this.
    """

    plan: str
    number: int
    sha256: str
    sealed: dt.datetime
    head: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Output:
    """A file that we wrote into the outbox: its path there, the hash of what it held, whose and which form it is."""

    path: str
    sha256: str
    plan: str | None
    form: str | None


@dataclass(frozen=True, slots=True)
class Rendition:
    """A document written: its bytes, and the characters for which no font was found."""

    content: bytes
    substituted: frozenset[str] = field(default_factory=frozenset)
