"""The office's own forms, taken: a slip that puts a name to a file, leave that is given, a request.

Each is done only for those who may: who somebody is, the file system or an e-mail says, and the settings say in which
roles. What a stranger asks for becomes a question to an administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import filing, lists, requests, slip
from engine.answers import read_answers
from engine.asking import answered
from engine.errors import CounterpartError, Declined
from engine.filing import Reread, Said
from engine.model import Form, Issue, Query, State, Submission, short_number
from engine.places import Value
from engine.premises import Premises, label_of, labels
from engine.proforma import Proforma
from engine.recognise import candidates
from engine.settings import STAFF


@dataclass(frozen=True, slots=True)
class OfficeForm:
    """A form of the office's own: what it says, by the last word of each place, and what cannot be read on it."""

    proforma: Proforma
    issue: Issue | None
    said: Said
    doubts: tuple[str, ...]


def read_office_form(premises: Premises, form: Form) -> OfficeForm | None:
    """The office form that a file is; None = it is none."""
    if form.refused or len(form.stamps) > 1:
        return None
    if form.stamp:
        proforma = premises.proformas.get(form.stamp.proforma)
        issue = premises.ledger.issue(form.stamp.form)
        if proforma is None or not proforma.serves or issue is None or issue.stamp != form.stamp:
            return None
    else:
        found = candidates(form, premises.proformas)
        if len(found) != 1 or found[0].serves != "request":
            return None
        proforma, issue = found[0], None
    answers = read_answers(form, proforma, "")
    said: Mapping[str, Value] = {
        a.place.partition(".")[2]: a.value for a in answers if a.state is State.SAID and a.value is not None
    }
    return OfficeForm(proforma, issue, said, tuple(a.why for a in answers if a.state is State.UNREADABLE))


def take_in(premises: Premises, came: Submission, form: Form, reread: Reread) -> Submission | None:
    """An office form, done or asked about, and kept with what came of it; None when the file is none.

    Args:
        came: the file as it came.
        reread: what an archived file says.
    """
    if form.tabs:
        return lists.take_in(premises, came, form)
    found = read_office_form(premises, form)
    if found is None:
        return None
    told = {"proforma": found.proforma.proforma, "form": found.issue.form if found.issue else None,
            "answers": len(found.said)}  # fmt: skip
    taken = came.model_copy(update={**told, "outcome": "taken"})
    with premises.ledger.writing():
        try:
            if found.doubts:
                raise Declined(" ".join(f"{why[:1].upper()}{why[1:]}." for why in found.doubts))
            with premises.ledger.writing():
                reason, asked = _done(premises, taken, found, reread)
            taken = taken.model_copy(update={"reason": reason, "outcome": "query" if asked else "taken"})
        except CounterpartError as error:
            taken = taken.model_copy(update={"reason": str(error), "outcome": "same"})
        premises.ledger.keep_submission(taken)
    return taken


def _done(premises: Premises, came: Submission, found: OfficeForm, reread: Reread) -> tuple[str, bool]:
    """What was done, in lines, and whether somebody has to give leave first."""
    if found.proforma.serves == "request":
        return _request(premises, came, found, reread)
    query = _open(premises, found.issue.row if found.issue else "")
    name, roles = premises.settings.person(came.sender)
    by = name or came.by
    if found.proforma.serves == "file":
        if name and not roles & STAFF:
            raise Declined("Only a member of staff says whose a file is.")
        return filing.settle(premises, query, found.said, by, reread), False
    if found.said.get("given") is None:
        raise Declined("The form says neither Yes nor No.", "Please choose one, and save it again.")
    if not roles & premises.settings.may.leave:
        who = f"“{came.sender or came.by or 'somebody'}”"
        raise Declined(
            f"{who} is nobody who may say yes or no to this.",
            "An administrator has to send it, from an account that the settings name ([people] in counterpart.toml).",
        )
    return leave(premises, query, bool(found.said["given"]), by, reread), False


def _open(premises: Premises, number: str) -> Query:
    found = premises.ledger.query(number)
    if found is None:
        raise Declined(
            "The form does not say which question it answers.", "Fill in the one in the folder of questions."
        )
    if found[1]:
        raise Declined(slip.settled_before(found[0], found[1]))
    return found[0]


def _request(premises: Premises, came: Submission, found: OfficeForm, reread: Reread) -> tuple[str, bool]:
    name, roles = premises.settings.person(came.sender)
    asked = requests.Asked(premises, found.said, name or came.by, reread)
    what = asked.must("what")
    if requests.may(premises, what, roles):
        return "\n".join(requests.do(asked)), False
    words = labels({found.proforma.proforma: found.proforma})
    query = Query(
        query=short_number("Q", came.sha256), plan=None, place="", kind="request", choices=("yes", "no"),
        question=f"{name or came.by or 'Somebody'} asks: {what}. May this be done?", submission=came.sha256,
        raised=came.received,
        lines=tuple(f"{label_of(words, f'request.{part}')}: {value}" for part, value in found.said.items()),
    )  # fmt: skip
    premises.ledger.raise_query(query)
    return f"An administrator is asked first ({query.query}). Nothing has been done yet.", True


def leave(premises: Premises, query: Query, given: bool, by: str, reread: Reread) -> str:
    """Does what waited for leave, or does not; tells what was done.

    Raises:
        Declined: when it cannot be done; the question is open still.
    """
    with premises.ledger.writing():
        done = _with_leave(premises, query, by, reread) if given else "It is not done."
        answered(premises, query, "yes" if given else "no", by)
    return done


def _with_leave(premises: Premises, query: Query, by: str, reread: Reread) -> str:
    """Does what a list or a request asks for, on behalf of who sent it."""
    came = premises.ledger.submission(query.submission or "")
    if came is None:
        raise Declined(f"The file that {query.query} is about is not here any more.", "Drop it into the inbox again.")
    form = reread(came.sha256)
    if query.kind == "import":
        return lists.take(premises, came, form, by)
    found = read_office_form(premises, form)
    if found is None:
        raise Declined(f"What {query.query} asks for cannot be read any more.", "Drop it into the inbox again.")
    asker = premises.settings.person(came.sender)[0] or came.by or by
    return "\n".join(requests.do(requests.Asked(premises, found.said, asker, reread)))


KINDS = frozenset({"file", "request", "import"})
"""The kinds of question that are settled here."""


def settle(premises: Premises, query: Query, take: str | None, value: str | None, by: str, reread: Reread) -> str:
    """Settles a question of the office's by a command.

    Args:
        take: yes or no; of a file, whose it is.
        value: of a file, whose it is and after a colon what it shows.

    Raises:
        Declined: when it cannot be settled so.
    """
    if query.kind == "file":
        whose, _, shows = (take or value or "").partition(":")
        return filing.settle(premises, query, {"whose": whose, "shows": shows.strip() or None}, by, reread)
    if take not in ("yes", "no"):
        raise Declined(f"{query.query} takes yes or no.")
    return leave(premises, query, take == "yes", by, reread)
