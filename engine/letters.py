"""Whatever comes, taken: an office form, a form, a file that is none, or an e-mail with every file attached to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine import filing, office, workflow
from engine.files import readable
from engine.filing import Reread
from engine.model import Form, Message, Refusal, Submission
from engine.premises import Premises
from engine.reading.mail import KEPT


@dataclass(frozen=True, slots=True)
class Came:
    """A file that came, read.

    Attributes:
        by: who sent it, as far as the file system tells; "" = nobody knows.
        letter: the message that it came with.
        depth: in how many messages it lies.
    """

    name: str
    content: bytes
    form: Form
    by: str = ""
    letter: Submission | None = None
    depth: int = 0


def take_in(premises: Premises, came: Came, reread: Reread) -> Iterator[Submission]:
    """Takes a file in, and whatever came attached to it; what it was is told last.

    Args:
        reread: what an archived file says.
    """
    message = came.form.message
    if message is not None and came.depth < premises.settings.limits.messages:
        yield from _message(premises, came, message, reread)
        return
    arrived = workflow.arrived(came.content, came.name, came.form, came.by, came.letter)
    done = office.take_in(premises, arrived, came.form, reread)
    yield done or workflow.take_in(premises, came.content, came.name, came.form, came.by, came.letter)


def _message(premises: Premises, came: Came, message: Message, reread: Reread) -> Iterator[Submission]:
    """The files of a message, each with its sender and day; then the message, which is evidence."""
    ledger = premises.ledger
    whole = workflow.arrived(came.content, came.name, came.form, came.by, came.letter)
    letter = whole.model_copy(
        update={"by": message.name or came.by, "sender": message.sender, "sent": message.sent, "outcome": "kept"}
    )
    if not message.files:
        yield workflow.keep_as_evidence(premises, letter, KEPT)
        return
    taken: list[Submission] = []
    for file in message.files:
        sha256 = premises.archive.keep(file.content)
        known = ledger.submission(sha256)
        if known:
            taken.append(known)
            continue
        try:
            with ledger.writing():
                inside = Came(readable(file.name), file.content, reread(sha256), "", letter, came.depth + 1)
                found = list(take_in(premises, inside, reread))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, AssertionError) as error:
            found = [_stumbled(premises, file.name, file.content, letter, error)]
        taken += found
        yield from found
    plans = {s.plan for s in taken if s.plan}
    plan = plans.pop() if len(plans) == 1 else None
    kept = letter.model_copy(update={"plan": plan, "reason": KEPT.reason})
    with ledger.writing():
        if plan:
            day = f" of {letter.sent:%d/%m/%Y}" if letter.sent else ""
            filing.put(premises, plan, letter, f"E-mail{day} from {letter.by or 'nobody named'}", KEPT.evidence)
        ledger.keep_submission(kept)
    yield kept


def _stumbled(premises: Premises, name: str, content: bytes, letter: Submission, error: Exception) -> Submission:
    """A file of a message that the program itself stumbles over: refused alone, so that the others are taken."""
    refusal = Refusal(
        f"The program stumbled over this file ({type(error).__name__}: {str(error)[:200]}). Nothing of it was merged.",
        "Please drop the file in by itself, and send it to whoever looks after Counterpart if that fails too.",
    )
    form = Form("", "application/octet-stream", refused=refusal)
    return workflow.take_in(premises, content, readable(name), form, letter=letter)
