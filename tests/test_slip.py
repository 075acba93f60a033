"""The query slip, by the front door: a plan's open questions on one form, dropped back in, and settled."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from engine.errors import Declined
from engine.model import Query
from engine.slip import BESIDE, FIRST, SECOND, for_role
from tests.conftest import Office


@pytest.fixture
def asked(office: Office) -> tuple[Office, str, Query]:
    """An office where two prints disagree about where a learner wants to go."""
    plan = office.joins()
    early = Path(shutil.copy(office.document("Individual learning plan"), office.root / "early.docx"))
    office.returns(office.document("Individual learning plan", "pdf"), {"aspiration.destination": "Run my own bakery"})
    office.returns(early, {"aspiration.destination": "Teach baking"})
    (query,) = office.workspace.queries(plan)
    return office, plan, query


def slip(office: Office, folder: str = "staff", medium: str = "docx") -> Path:
    return office.document("Questions to answer", medium, folder)


def test_an_open_question_lies_ready_as_a_slip_and_what_it_answers_is_settled(asked: tuple[Office, str, Query]) -> None:
    office, plan, query = asked
    office.returns(slip(office), {f"asked[{query.query}].answer": FIRST})
    assert office.record(plan)["aspiration.destination"] == "Teach baking"
    assert office.workspace.queries(plan) == []
    assert not list((office.root / "outbox").glob("staff/*/Questions to answer*"))
    settled = office.workspace.premises.ledger.query(query.query)
    assert settled is not None
    assert settled[1] is not None
    assert settled[1].taken == "form"


def test_what_the_plan_says_may_be_taken_and_words_may_be_written_instead(asked: tuple[Office, str, Query]) -> None:
    office, plan, query = asked
    before = slip(office).read_bytes()
    office.returns(slip(office), {f"asked[{query.query}].answer": SECOND})
    assert office.record(plan)["aspiration.destination"] == "Run my own bakery"
    old = office.root / "old.docx"
    old.write_bytes(before)
    late = {f"asked[{query.query}].answer": BESIDE, f"asked[{query.query}].words": "Both, in turn"}
    assert office.returns(old, late).queries_raised == 1
    assert office.record(plan)["aspiration.destination"] == "Run my own bakery"


@pytest.mark.parametrize(("answer", "chosen"), [(FIRST, "Teach baking."), (SECOND, "Run my own bakery.")])
def test_its_receipt_says_what_it_settled(asked: tuple[Office, str, Query], answer: str, chosen: str) -> None:
    office, _, query = asked
    office.returns(slip(office), {f"asked[{query.query}].answer": answer})
    (receipt,) = (office.root / "outbox" / "receipts").glob("* Questions to answer*.html")
    page = " ".join(re.sub("<[^>]*>", "", receipt.read_text(encoding="utf-8")).split())
    assert "It settled 1 question." in page
    assert f"{query.query} about" in page
    assert f": {chosen} The funding-body version" in page
    with pytest.raises(Declined, match=f"was settled on .*: {chosen}$"):
        office.workspace.settle(query.query, take="plan")


def test_a_line_that_is_left_empty_stays_open_and_the_slip_stays(asked: tuple[Office, str, Query]) -> None:
    office, plan, query = asked
    office.returns(slip(office), {})
    assert [q.query for q in office.workspace.queries(plan)] == [query.query]
    assert slip(office).exists()


def test_words_written_on_a_slip_become_what_the_plan_says(asked: tuple[Office, str, Query]) -> None:
    office, plan, query = asked
    office.returns(slip(office), {f"asked[{query.query}].words": "Own a bakery, and teach in it"})
    assert office.record(plan)["aspiration.destination"] == "Own a bakery, and teach in it"


def test_the_same_slip_saved_again_settles_nothing_twice(asked: tuple[Office, str, Query]) -> None:
    office, plan, query = asked
    old = office.root / "old.docx"
    old.write_bytes(slip(office).read_bytes())
    for _ in range(2):
        summary = office.returns(old, {f"asked[{query.query}].answer": FIRST})
    assert (summary.revisions, summary.queries_raised) == (0, 0)
    assert office.record(plan)["aspiration.destination"] == "Teach baking"


def test_what_the_plan_says_is_what_the_slip_showed_of_it(asked: tuple[Office, str, Query]) -> None:
    """A slip was printed, and the plan has moved on since: its “what the plan says” is not what that says now."""
    office, plan, query = asked
    old = office.root / "old.docx"
    old.write_bytes(slip(office).read_bytes())
    office.returns(office.document("Individual learning plan"), {"aspiration.destination": "Run a tea room"})
    (moved,) = office.workspace.queries(plan)
    assert "the plan says “Run a tea room”" in moved.question
    office.returns(old, {f"asked[{query.query}].answer": SECOND})
    (again,) = office.workspace.queries(plan)
    assert (again.theirs, again.ours) == ("Run my own bakery", "Run a tea room")
    assert office.record(plan)["aspiration.destination"] == "Run a tea room"


def test_a_second_slip_that_answers_otherwise_is_asked_about(asked: tuple[Office, str, Query]) -> None:
    office, plan, query = asked
    old = office.root / "old.docx"
    old.write_bytes(slip(office).read_bytes())
    office.returns(slip(office), {f"asked[{query.query}].answer": FIRST})
    office.returns(old, {f"asked[{query.query}].answer": SECOND})
    assert [q.theirs for q in office.workspace.queries(plan)] == ["Run my own bakery"]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"answer": BESIDE}, "an empty answer"),
        ({"answer": FIRST, "words": "No, he wants to be a pilot"}, "“No, he wants to be a pilot”"),
    ],
)
def test_a_line_that_cannot_be_taken_is_asked_again_and_removes_nothing(
    asked: tuple[Office, str, Query], answers: dict[str, str], why: str
) -> None:
    office, plan, query = asked
    office.returns(slip(office), {f"asked[{query.query}].{column}": words for column, words in answers.items()})
    (again,) = office.workspace.queries(plan)
    assert why in again.question
    assert office.record(plan)["aspiration.destination"] == "Run my own bakery"


def test_what_was_done_about_a_remark_may_stand_beside_the_tick(office: Office) -> None:
    plan = office.joins()
    remark = Query.model_validate(
        {"query": "Q-SEEN0001", "plan": plan, "place": "", "kind": "remark", "question": "Has somebody seen to it?",
         "choices": ("noted",), "theirs": "Ring her mother", "raised": "2026-09-07T12:00:00Z"}
    )  # fmt: skip
    with office.workspace.premises.ledger.writing():
        office.workspace.premises.ledger.raise_query(remark)
    office.workspace.run()
    answers = {"asked[Q-SEEN0001].answer": SECOND, "asked[Q-SEEN0001].words": "Rang her on Monday"}
    office.returns(slip(office), answers)
    found = office.workspace.premises.ledger.query("Q-SEEN0001")
    assert found is not None
    assert found[1] is not None
    assert found[1].taken == "Rang her on Monday"
    assert office.workspace.queries(plan) == []


def test_words_beside_what_becomes_of_a_closed_plan_are_for_somebody_to_see(office: Office) -> None:
    plan = office.joins()
    form = office.document("Individual learning plan")
    office.workspace.close_plan(plan, "Finished", "Dana Marsh")
    office.returns(form, {"aspiration.destination": "Run my own bakery"})
    (query,) = office.workspace.queries(plan)
    answers = {f"asked[{query.query}].answer": FIRST, f"asked[{query.query}].words": "Not before May"}
    office.returns(slip(office), answers)
    asked = {q.kind: q.question for q in office.workspace.queries(plan)}
    assert asked.keys() == {"closed", "remark"}
    assert "Not before May" in asked["remark"]
    assert "closing.day" in office.record(plan)


def test_the_word_clear_on_a_slip_removes_what_the_plan_says(asked: tuple[Office, str, Query]) -> None:
    office, plan, query = asked
    office.returns(slip(office), {f"asked[{query.query}].words": "CLEAR"})
    assert "aspiration.destination" not in office.record(plan)
    assert office.workspace.queries(plan) == []


@pytest.mark.parametrize(("column", "closed"), [(FIRST, False), (SECOND, True)])
def test_the_slip_that_says_whether_a_plan_is_opened_again_asks_that_no_more(
    office: Office, column: str, closed: bool
) -> None:
    plan = office.joins()
    form = office.document("Individual learning plan")
    office.workspace.close_plan(plan, "Finished", "Dana Marsh")
    office.returns(form, {"aspiration.destination": "Run my own bakery"})
    (query,) = office.workspace.queries(plan)
    old = Path(shutil.copy(slip(office), office.root / "old.docx"))
    office.returns(slip(office), {f"asked[{query.query}].answer": column})
    assert ("closing.day" in office.record(plan), office.workspace.queries(plan)) == (closed, [])
    office.returns(old, {f"asked[{query.query}].answer": SECOND if column == FIRST else FIRST})
    assert ["late answer" in q.question for q in office.workspace.queries(plan)] == [True]


def test_only_the_learner_is_asked_about_what_only_the_learner_may_say() -> None:
    mine = Query.model_validate(
        {"query": "Q-1", "plan": "P-1", "place": "aspiration.why", "kind": "conflict", "question": "?",
         "raised": "2026-09-01T12:00:00Z"}
    )  # fmt: skip
    assert for_role(mine, "learner", frozenset("L"))
    assert not for_role(mine, "", frozenset("T"))
    assert not for_role(mine.model_copy(update={"place": "programme.title"}), "learner", frozenset("L"))
    assert not for_role(mine.model_copy(update={"place": ""}), "employer", frozenset("E"))
