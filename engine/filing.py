"""Files that are no forms, put a name to: whose each is, what it shows, and the signature in ink that it proves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine import merge, people
from engine.asking import answered
from engine.errors import Declined
from engine.model import Decision, Form, Outcome, Query, Submission
from engine.places import Value
from engine.plan import keys_of, next_key, typed
from engine.premises import Premises
from engine.recognise import marks_of
from engine.sheet import display_name
from engine.workflow import append_revision

Said = Mapping[str, Value]
"""What an office form says, by the last word of each place."""

Reread = Callable[[str], Form]
"""What an archived file says, by its hash."""

NOBODY, NEW = "NOBODY", "NEW"

_FOR_STAFF = frozenset({"Letter or message", "Recording", "Other"})
"""The kinds of file that only staff see in the list, until a person says otherwise."""


def plan_of(premises: Premises, words: str) -> str:
    """The one plan that words name: by its number, or the learner's ULN, reference or name.

    Raises:
        Declined: when they name none, or more than one.
    """
    ledger, said = premises.ledger, " ".join(words.split())
    joined = ledger.index.joined()
    number = joined.get(said.upper(), said.upper())
    if ledger.newest(number):
        return number
    found = [plan for plan in ledger.derived.found_by(marks_of(said)) if plan not in joined]
    if not found:
        raise Declined(f"No learner here is “{said}”.", "Write the plan number (P-...), the ULN or the whole name.")
    if len(found) > 1:
        raise Declined(f"“{said}” could be {' or '.join(sorted(found))}.", "Write the plan number.")
    return found[0]


def settle(premises: Premises, query: Query, said: Said, by: str, reread: Reread) -> str:
    """Does what a slip says of a file, and settles the question; tells what was done, in a sentence.

    Raises:
        Declined: when the slip does not say enough, or something that cannot be.
    """
    whose = str(said.get("whose") or "").strip()
    if not whose:
        raise Declined("The slip does not say whose the file is.", "Write a name or a number in the first box.")
    if query.kind != "file":
        plan = "new" if whose.upper() == NEW else plan_of(premises, whose)
        people.settle(premises, query.query, plan, None, by, reread(query.submission or ""))
        return "The form was put into a new plan." if plan == "new" else f"The form was put into the plan {plan}."
    if whose.upper() == NOBODY:
        answered(premises, query, "nobody’s", by)
        return "The file is kept, and belongs to no learner."
    plan = plan_of(premises, whose)
    with premises.ledger.writing():
        told = _put_to(premises, query, plan, said, by)
        signed = _signed_in_ink(premises, query, plan, said, by)
    return f"{told} {signed}".strip()


def _put_to(premises: Premises, query: Query, plan: str, said: Said, by: str) -> str:
    """The file into the plan's list of evidence, and the question settled; inside `ledger.writing()`."""
    came = premises.ledger.submission(query.submission or "")
    assert came is not None
    kind = str(said.get("kind") or ("Signed form" if said.get("form") else query.theirs))
    staff = said.get("seen_by") == "Staff only" or (kind in _FOR_STAFF and said.get("seen_by") is None)
    shows, day = str(said.get("shows") or came.name), str(said.get("day") or "")
    number = put(premises, plan, came, shows, kind, day, staff, by)
    answered(premises, query, plan, by, number)
    name = display_name(premises.ledger.record(plan)) or plan
    if number is None:
        return f"“{came.name}” was among the evidence of {name} already."
    return f"“{came.name}” is now among the evidence of {name}{', for staff alone' if staff else ''}."


def put(
    premises: Premises, plan: str, came: Submission, shows: str, kind: str, day: str = "", staff: bool = True,
    by: str = "",
) -> int | None:  # fmt: skip
    """Puts a file that came into a plan's list of evidence, with its hash; None when it stands there already.

    Args:
        day: the day it was made (ISO); "" = that of the message that it came with.
        staff: whether it is for staff alone.

    Returns:
        The number of the revision that says so.
    """
    table, record = "papers" if staff else "evidence", premises.ledger.record(plan)
    if any(record.get(f"{table}[{key}].hash") == came.sha256 for key in keys_of(record, table)):
        return None
    sent = came.sent.date().isoformat() if came.sent else None
    values = {"what": shows, "kind": kind, "date": day or sent, "whose": came.by or None, "hash": came.sha256}
    key = next_key(record, table, premises.ledger.past(plan).used.get(table, frozenset()))
    decisions = tuple(
        Decision(place=f"{table}[{key}].{part}", outcome=Outcome.ACCEPTED, rule="evidence", theirs=value)
        for part, value in values.items()
        if value is not None
    )
    typed(merge.apply(record, decisions))
    with premises.ledger.writing():
        return append_revision(premises, plan, "evidence", decisions, by or came.by).number


def _signed_in_ink(premises: Premises, query: Query, plan: str, said: Said, by: str) -> str:
    """Records the signature that a file shows, attested by a member of staff; "" where the slip tells of none."""
    form = str(said.get("form") or "").strip().upper()
    if not form:
        return ""
    role, signer, day = (str(said.get(part) or "") for part in ("role", "signer", "signed"))
    witness = str(said.get("witness") or by)
    if not (role and signer and day and witness):
        raise Declined(
            "A signature in ink counts when the slip says which form it stands on, who signed, in which role, on which "
            "day, and who has seen the paper.",
            "Fill in all five boxes.",
        )
    people.sign(premises, plan, role, signer, witness, (form, day, query.submission or ""))
    return f"The signature of {signer} ({role}) on {form} is recorded; {witness} has seen it."
