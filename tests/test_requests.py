"""Requests, by the front door: what staff ask for on a form is done for those who may, and told on a receipt."""

from __future__ import annotations

from dataclasses import replace

import pikepdf
import pytest

from engine import settings, settings_file
from engine.errors import Declined
from engine.model import Query, Submission
from engine.plan import PLACES
from engine.requests import ACTS
from tests.conftest import Office
from tests.filling import Answers, fill_word
from tests.test_letters import PEOPLE


@pytest.fixture
def staffed(office: Office) -> Office:
    """An office whose settings name three people."""
    with (office.root / "counterpart.toml").open("a") as file:
        file.write(PEOPLE)
    office.workspace.premises = replace(office.workspace.premises, settings=settings_file.load(office.root))
    return office


def ask(office: Office, sender: str, answers: Answers) -> Submission:
    """A request filled in and dropped into the sender's own folder of the inbox; what became of it."""
    said = {f"request.{part}": value for part, value in answers.items()}
    content = fill_word(office.blank("Request").read_bytes(), said)
    there = office.root / "inbox" / sender / f"request {len(office.workspace.premises.ledger.submissions())}.docx"
    there.parent.mkdir(exist_ok=True)
    there.write_bytes(content)
    assert office.workspace.run().troubles == ()
    return next(s for s in office.workspace.premises.ledger.submissions() if s.name == there.name)


def test_every_choice_of_the_form_is_an_act() -> None:
    assert set(ACTS) == set(PLACES["request.what"].choices)


def test_a_tutor_has_a_form_issued_and_a_caseload_printed(staffed: Office) -> None:
    staffed.joins()
    done = ask(staffed, "sam", {"what": "Issue forms", "form": "Progress review", "learners": "Amrit Kaur\nP-NOBODY"})
    assert (done.outcome, "No learner here is “P-NOBODY”" in done.reason) == ("same", True)
    done = ask(staffed, "sam", {"what": "Issue forms", "form": "Progress review", "learners": "Amrit Kaur"})
    assert (done.outcome, done.sender) == ("taken", "sam")
    (issued,) = (staffed.root / "outbox" / "staff" / "issued").glob("Progress review - Amrit Kaur *.docx")
    assert staffed.workspace.read(issued).stamp is not None
    done = ask(staffed, "sam", {"what": "Print a caseload", "learners": "Amrit Kaur", "of": "Sam Reed"})
    assert done.outcome == "taken", done.reason
    (printed,) = (staffed.root / "outbox" / "staff" / "issued").glob("Caseload Sam Reed *.pdf")
    with pikepdf.open(printed) as pdf:
        assert len(pdf.pages) >= 2


def test_what_a_tutor_may_not_ask_an_administrator_allows_on_a_form(staffed: Office) -> None:
    plan = staffed.joins()
    reason = "Entered for the wrong learner"
    asked = ask(staffed, "sam", {"what": "Take back what was entered in error", "learners": plan, "number": "1",
                                 "reason": reason})  # fmt: skip
    assert (asked.outcome, staffed.workspace.premises.ledger.newest(plan)) == ("query", 1)
    (query,) = staffed.workspace.queries()
    assert "Sam Reed asks: Take back what was entered in error" in query.question
    assert f"Why: {reason}" in query.lines
    (form,) = (staffed.root / "outbox" / "questions").glob("Q-* May this be done.docx")
    yes = fill_word(form.read_bytes(), {"leave.given": "Yes"})
    for folder, done in (("sam", 1), ("dana", 2)):
        there = staffed.root / "inbox" / folder / "may it.docx"
        there.parent.mkdir(exist_ok=True)
        there.write_bytes(yes + b"\0" * done)
        staffed.workspace.run()
        assert staffed.workspace.premises.ledger.newest(plan) == done
    taken = staffed.workspace.premises.ledger.revisions(plan)[-1]
    assert (taken.undoes, taken.by, taken.reason) == (1, "Sam Reed", reason)
    assert staffed.workspace.queries() == []


def test_a_stranger_is_never_obeyed_and_a_command_of_the_office_may_say_yes_or_no(office: Office) -> None:
    plan = office.joins()
    assert ask(office, "somebody", {"what": "Close a plan", "learners": plan, "reason": "Finished"}).outcome == "query"
    (query,) = office.workspace.queries()
    office.workspace.settle(query.query, take="no", by="Dana Marsh")
    assert "closing.day" not in office.record(plan)
    assert ask(office, "other", {"what": "Close a plan", "learners": plan, "reason": "Completed"}).outcome == "query"
    (query,) = office.workspace.queries()
    office.workspace.settle(query.query, take="yes", by="Dana Marsh")
    assert office.record(plan)["closing.reason"] == "Completed"


def test_a_signature_made_before_a_tutor_a_gate_waived_and_a_question_settled(staffed: Office) -> None:
    plan = staffed.ready_to_sign()
    done = ask(staffed, "sam", {"what": "Record a signature made before me", "learners": plan, "role": "learner",
                                "name": "Amrit Kaur"})  # fmt: skip
    assert done.outcome == "taken", done.reason
    assert staffed.workspace.standing(plan).signed["learner"].method == "made before Sam Reed"
    done = ask(staffed, "dana", {"what": "Quality report"})
    assert (done.outcome, (staffed.root / "outbox" / "quality" / "index.html").exists()) == ("taken", True)
    done = ask(staffed, "dana", {"what": "Inspection pack", "learners": plan})
    assert done.outcome == "taken", done.reason
    assert list((staffed.root / "outbox" / "quality" / "packs").glob(f"Inspection pack {plan} *.pdf"))
    done = ask(staffed, "sam", {"what": "Who may see what", "learners": plan})
    assert "learner: learner, tutor" in done.reason
    done = ask(staffed, "dana", {"what": "Waive a gate", "learners": plan, "number": "G2", "reason": "For a trial"})
    assert (done.outcome, "may not be waived" in done.reason) == ("same", True)
    done = ask(staffed, "dana", {"what": "Waive a gate", "learners": plan, "number": "G6", "reason": "For a trial",
                                 "role": "learner"})  # fmt: skip
    assert (done.outcome, "is not here as the learner" in done.reason) == ("same", True)


def test_leave_for_what_is_no_longer_here_settles_nothing(office: Office) -> None:
    premises = office.workspace.premises
    asked = Query(query="Q-GONE", plan=None, place="", kind="request", choices=("yes", "no"), question="May this be?",
                  submission="0" * 64, raised=settings.now())  # fmt: skip
    with premises.ledger.writing():
        premises.ledger.raise_query(asked)
    with pytest.raises(Declined, match="not here any more"):
        office.workspace.settle("Q-GONE", take="yes", by="Dana Marsh")
    assert office.workspace.queries() == [asked]
    office.workspace.settle("Q-GONE", take="no", by="Dana Marsh")
    assert office.workspace.queries() == []
