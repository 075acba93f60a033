"""Mistakes by people, put right: as people meet them, and as laws over generated records."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import mending, merge, undoing
from engine.errors import Declined, WrongUse
from engine.merge import Returned
from engine.mistakes import undo
from engine.model import Answer, Decision, Outcome, Query, Revision, State
from engine.people import settle
from engine.places import Change, Record
from engine.plan import change_of, contradictions, place_of, split
from engine.sheet import Sheet
from engine.slip import FIRST as FIRST_COLUMN
from tests.conftest import AMRIT, PROGRAMME, Desk, Office
from tests.strategies import MERGED_PATHS, PRINTED, RECEIVED, answers, changed, law, records, revision, some

PIOTR = {
    "learner.given_name": "Piotr", "learner.family_name": "Nowak", "learner.date_of_birth": "02/07/2007",
    "learner.uln": "TEMP",
}  # fmt: skip


def newest(desk: Desk, plan: str) -> int:
    return desk.workspace.premises.ledger.newest(plan)


def asked(desk: Desk, plan: str | None = None) -> list[Query]:
    return desk.workspace.queries(plan)


# ── Entered in error ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_revision_taken_back_leaves_the_plan_as_it_was_and_the_history_longer(desk: Desk) -> None:
    plan = desk.joins()
    before = desk.record(plan)
    desk.back(desk.prints("plan", plan), PROGRAMME | {"targets[new 1].text": "Weigh dough"})
    desk.workspace.undo(plan, 2, "typed for the wrong week", "Ruth Mbeki")
    assert desk.record(plan) == before
    assert newest(desk, plan) == 3
    last = desk.workspace.history(plan)[-1][1]
    assert (last.cause, last.undoes, last.reason, last.by) == ("undo", 2, "typed for the wrong week", "Ruth Mbeki")
    assert desk.workspace.verify().ok


def test_what_has_changed_since_stays_and_is_asked_about_once(desk: Desk) -> None:
    plan = desk.joins({**AMRIT, "learner.phone": "0161 496 0000", "learner.address": "1 Mill Lane"})
    desk.back(desk.prints("plan", plan), {"learner.phone": "0161 496 0111"})
    desk.back(desk.prints("plan", plan), {"learner.phone": "0161 496 0222"})
    desk.workspace.undo(plan, 2, "somebody else's number")
    assert desk.record(plan)["learner.phone"] == "0161 496 0222"
    (query,) = asked(desk, plan)
    assert (query.kind, query.theirs, query.ours) == ("undone", "0161 496 0000", "0161 496 0222")
    desk.workspace.settle(query.query, take="form", by="Ruth Mbeki")
    assert desk.record(plan)["learner.phone"] == "0161 496 0000"


def test_the_questions_that_a_revision_raised_go_with_it_and_come_back_with_it(desk: Desk) -> None:
    plan = desk.joins({**AMRIT, "contacts[new 1].phone": "ring the bell"})
    (query,) = asked(desk, plan)
    desk.workspace.undo(plan, 1, "a test")
    assert asked(desk, plan) == []
    desk.workspace.undo(plan, 2, "it was no test")
    (again,) = asked(desk, plan)
    assert (again.place, again.kind, again.theirs) == (query.place, query.kind, query.theirs)
    assert desk.record(plan)["learner.family_name"] == "Kaur"


def test_an_answer_that_is_taken_back_is_a_question_again(desk: Desk) -> None:
    plan = desk.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    desk.back(desk.prints("plan", plan), {"learner.phone": ""})
    (query,) = asked(desk, plan)
    desk.workspace.settle(query.query, take="form", by="Chidi Okafor")
    assert "learner.phone" not in desk.record(plan)
    desk.workspace.undo(plan, newest(desk, plan), "asked the wrong person")
    assert desk.record(plan)["learner.phone"] == "0161 496 0000"
    assert [(q.place, q.kind) for q in asked(desk, plan)] == [("learner.phone", "removal")]


def test_what_was_settled_for_a_form_that_is_taken_back_is_asked_about(desk: Desk) -> None:
    plan = desk.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    early = desk.prints("plan", plan)
    desk.back(desk.prints("plan", plan), {"learner.phone": "0161 496 0111"})
    desk.back(early, {"learner.phone": "0161 496 0999"})
    (query,) = asked(desk, plan)
    desk.workspace.settle(query.query, take="form")
    assert query.raised_in is not None
    desk.workspace.undo(plan, query.raised_in, "it was about somebody else")
    (again,) = asked(desk, plan)
    assert (again.kind, again.theirs, again.ours) == ("undone", "0161 496 0111", "0161 496 0999")


def test_a_form_that_was_taken_back_counts_as_if_it_had_never_come(desk: Desk) -> None:
    plan = desk.joins()
    form = desk.prints("plan", plan)
    desk.back(form, {"learner.phone": "0161 496 0111"})
    desk.workspace.undo(plan, 2, "the wrong number")
    desk.back(form, {"learner.phone": "0161 496 0111", "learner.email": "amrit@kaur.example"})
    assert desk.record(plan)["learner.phone"] == "0161 496 0111"


def test_undoing_twice_is_refused_politely_and_says_what_to_do(desk: Desk) -> None:
    plan = desk.joins()
    desk.back(desk.prints("plan", plan), {"learner.phone": "0161 496 0111"})
    desk.workspace.undo(plan, 2, "wrong")
    with pytest.raises(Declined, match=f"counterpart undo {plan} 3"):
        desk.workspace.undo(plan, 2, "wrong")
    with pytest.raises(WrongUse, match="no change 9"):
        desk.workspace.undo(plan, 9, "wrong")


def test_a_signature_is_taken_back_as_long_as_no_version_rests_on_it(desk: Desk) -> None:
    plan = desk.joins()
    desk.back(desk.prints("plan", plan), PROGRAMME)
    desk.workspace.waive(plan, "G1", "assessed at the last college", "Ruth Mbeki")
    desk.prints("funding-plan", plan)
    for role, name in (("learner", "Amrit Kaur"), ("employer", "Jo Hargreaves")):
        desk.workspace.sign(plan, role, name, "Ruth Mbeki")
    wrong = newest(desk, plan)
    desk.workspace.undo(plan, wrong, "it was the other Jo")
    desk.workspace.sign(plan, "provider", "Chidi Okafor", "Ruth Mbeki")
    assert desk.workspace.standing(plan).state == "part-signed"
    desk.workspace.undo(plan, wrong + 1, "it was the right Jo")
    assert desk.workspace.standing(plan).state == "in force"
    with pytest.raises(Declined, match="new version signed"):
        desk.workspace.undo(plan, wrong, "it was the other Jo after all")


def test_a_form_of_the_wrong_learner_goes_to_the_right_one_with_what_was_written_on_it_alone(desk: Desk) -> None:
    wrong = desk.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    desk.back(desk.prints("plan", wrong), {"targets[new 1].text": "Weigh dough to 5 g"})
    form = desk.prints("plan", wrong)
    right = desk.joins(PIOTR)
    desk.back(
        form,
        {"aspiration.destination": "Chef", "targets[T1].status": "Under way", "targets[new 1].text": "Sharpen knives"},
    )
    came = desk.workspace.history(wrong)[2][1].submission
    undo(desk.premises, wrong, 3, "that was Piotr's", "Ruth Mbeki", right, desk.forms[came])
    theirs, ours = desk.record(right), desk.record(wrong)
    assert "aspiration.destination" not in ours
    assert ours["targets[T1].text"] == "Weigh dough to 5 g"
    assert theirs["aspiration.destination"] == "Chef"
    assert sorted(v for p, v in theirs.items() if p.startswith("targets[")) == ["Sharpen knives", "Under way"]
    assert (theirs["learner.given_name"], theirs.get("learner.phone")) == ("Piotr", None)
    assert asked(desk) == []
    with pytest.raises(WrongUse):
        desk.workspace.undo(wrong, 4, "nothing to move", to=right)


PHONE = "learner.phone"
BEFORE, FIRST, SECOND = "0161 496 0000", "0161 496 0111", "0161 496 0222"


def two_say(desk: Desk, first: str, second: str) -> str:
    """A learner's plan about whose telephone two forms of one print say something (changes 2 and 3)."""
    plan = desk.joins({**AMRIT, PHONE: BEFORE})
    sheets = desk.prints("plan", plan), desk.prints("plan", plan)
    for sheet, says in zip(sheets, (first, second), strict=True):
        desk.back(sheet, {PHONE: says})
    return plan


def test_what_another_form_said_too_stands_until_that_is_taken_back_as_well(desk: Desk) -> None:
    plan = two_say(desk, FIRST, FIRST)
    desk.workspace.undo(plan, 2, "of another learner")
    assert (desk.record(plan)[PHONE], asked(desk, plan)) == (FIRST, [])
    desk.workspace.undo(plan, 3, "of another learner, too")
    assert (desk.record(plan)[PHONE], asked(desk, plan)) == (BEFORE, [])


def test_what_a_person_had_kept_is_asked_about_when_its_form_is_taken_back(desk: Desk) -> None:
    plan = two_say(desk, FIRST, SECOND)
    (query,) = asked(desk, plan)
    desk.workspace.settle(query.query, take="plan", by="Ruth Mbeki")
    desk.workspace.undo(plan, 2, "of another learner")
    (again,) = asked(desk, plan)
    assert (again.kind, again.theirs, again.ours) == ("undone", BEFORE, FIRST)
    assert "settled by Ruth Mbeki" in again.question


def test_what_disagreed_with_a_form_alone_is_taken_when_that_form_is_taken_back(desk: Desk) -> None:
    plan = two_say(desk, FIRST, SECOND)
    desk.workspace.undo(plan, 2, "of another learner")
    assert (desk.record(plan)[PHONE], asked(desk, plan)) == (SECOND, [])
    desk.workspace.undo(plan, 4, "it was theirs")
    assert desk.record(plan)[PHONE] == FIRST
    assert [(q.kind, q.theirs, q.ours) for q in asked(desk, plan)] == [("conflict", SECOND, FIRST)]
    desk.workspace.undo(plan, 3, "the other one was not")
    assert (desk.record(plan)[PHONE], asked(desk, plan)) == (FIRST, [])


def test_a_question_that_stays_open_tells_what_the_plan_says_after_a_form_was_taken_back(desk: Desk) -> None:
    place, days = "programme.expected_end", ("31/08/2027", "30/09/2027", "31/10/2027")
    plan = desk.joins()
    desk.back(desk.prints("plan", plan), PROGRAMME | {place: days[0]})
    sheets = desk.prints("plan", plan), desk.prints("plan", plan)
    for sheet, day in zip(sheets, days[1:], strict=True):
        desk.back(sheet, {place: day})
    desk.workspace.undo(plan, 3, "of another learner")
    (query,) = asked(desk, plan)
    assert (query.theirs, query.ours) == ("2027-10-31", "2027-08-31")
    assert days[0] in query.question
    assert days[1] not in query.question


def test_a_step_that_had_given_way_to_a_form_returns_when_that_form_is_taken_back(desk: Desk) -> None:
    plan = desk.joins()
    desk.back(desk.prints("plan", plan), {"targets[new 1].text": "Weigh", "targets[new 1].status": "Not started"})
    first, second = desk.prints("plan", plan), desk.prints("plan", plan)
    desk.back(first, {"targets[T1].status": "Achieved"})
    desk.back(second, {"targets[T1].status": "Under way"})
    desk.workspace.undo(plan, 3, "of another learner")
    assert (desk.record(plan)["targets[T1].status"], asked(desk, plan)) == ("Under way", [])


def test_a_proposal_that_had_given_way_is_asked_about_when_what_it_gave_way_to_is_taken_back(desk: Desk) -> None:
    plan, status = desk.joins(), "targets[T1].status"
    desk.back(desk.prints("plan", plan), {"targets[new 1].text": "Weigh", "targets[new 1].status": "Not started"})
    staff, learner = desk.prints("plan", plan, "staff"), desk.prints("plan", plan, "learner")
    desk.back(staff, {status: "Under way"})
    desk.back(learner, {status: "Achieved"})
    assert asked(desk, plan) == []
    desk.workspace.undo(plan, 3, "of another learner")
    assert desk.record(plan)[status] == "Not started"
    (query,) = asked(desk, plan)
    assert (query.place, query.theirs, query.ours) == (status, "Achieved", "Not started")
    assert "had given way to it said “Achieved”" in query.question
    desk.workspace.settle(query.query, take="form")
    assert desk.record(plan)[status] == "Achieved"


def reviewed(desk: Desk, *reviews: dict[str, str]) -> str:
    """A learner with a target, about whom prints of one review came back (from change 3 on)."""
    plan = desk.joins()
    desk.back(desk.prints("plan", plan), {"targets[new 1].text": "Weigh dough"})
    desk.premises = replace(desk.premises, today=dt.date(2026, 10, 20))
    for sheet, written in [(desk.prints("progress-review", plan), written) for written in reviews]:
        desk.back(sheet, written)
    return plan


def test_what_a_late_form_said_counts_when_the_later_one_is_taken_back(desk: Desk) -> None:
    plan = reviewed(
        desk,
        {"reviews[1].held": "19/10/2026", "targets[T1].due": "30/11/2026"},
        {"reviews[1].held": "12/10/2026", "targets[T1].due": "20/12/2026"},
    )
    desk.workspace.undo(plan, 3, "of another learner")
    record = desk.record(plan)
    assert (record["targets[T1].due"], record["reviews[1].held"]) == ("2026-12-20", "2026-10-12")
    assert asked(desk, plan) == []


def test_the_words_of_one_go_from_a_box_and_those_of_others_stay(desk: Desk) -> None:
    held = {"reviews[1].held": "19/10/2026"}
    words = ("Bad week", "Good week", "Late once")
    plan = reviewed(desk, *({**held, "reviews[1].tutor_says": said} for said in words))
    desk.workspace.undo(plan, 3, "of another learner")
    record = desk.record(plan)
    assert (record["reviews[1].held"], record["reviews[1].tutor_says"]) == ("2026-10-19", "Good week\nLate once")
    desk.workspace.undo(plan, 5, "of another learner, too")
    assert desk.record(plan)["reviews[1].tutor_says"] == "Good week"
    desk.workspace.undo(plan, 6, "it was theirs")
    assert desk.record(plan)["reviews[1].tutor_says"] == "Good week\nBad week"
    assert asked(desk, plan) == []


def test_a_new_row_in_which_others_have_spoken_goes_only_when_somebody_says_so(desk: Desk) -> None:
    plan = desk.joins()
    desk.back(desk.prints("plan", plan), {"targets[new 1].text": "Weigh dough", "targets[new 1].owner": "Amrit"})
    desk.back(desk.prints("plan", plan), {"targets[T1].status": "Under way"})
    desk.workspace.undo(plan, 2, "of another learner")
    row = {p: v for p, v in desk.record(plan).items() if p.startswith("targets[")}
    assert row == {"targets[T1].text": "Weigh dough", "targets[T1].owner": "Amrit", "targets[T1].status": "Under way"}
    assert {q.place for q in asked(desk, plan)} == {"targets[T1].text", "targets[T1].owner"}


def test_a_question_that_was_asked_again_goes_with_the_form_that_it_is_about(desk: Desk) -> None:
    plan = two_say(desk, FIRST, SECOND)
    (query,) = asked(desk, plan)
    desk.workspace.settle(query.query, take="plan")
    desk.workspace.undo(plan, 4, "not asked the right person")
    assert len(asked(desk, plan)) == 1
    desk.workspace.undo(plan, 3, "of another learner")
    assert (desk.record(plan)[PHONE], asked(desk, plan)) == (FIRST, [])


def test_what_was_settled_when_it_was_asked_again_is_asked_about_with_its_form_and_no_other(desk: Desk) -> None:
    plan = two_say(desk, FIRST, SECOND)
    desk.workspace.settle(asked(desk, plan)[0].query, take="form")
    desk.workspace.undo(plan, 4, "not asked the right person")
    desk.workspace.settle(asked(desk, plan)[0].query, take="form")
    desk.workspace.undo(plan, 5, "it was the right person")
    assert (desk.record(plan)[PHONE], asked(desk, plan)) == (SECOND, [])
    desk.workspace.undo(plan, 3, "of another learner")
    assert [(q.kind, q.theirs, q.ours) for q in asked(desk, plan)] == [("undone", FIRST, SECOND)]


# ── One learner, two plans ──────────────────────────────────────────────────────────────────────────────────────


TWIN = {
    "learner.given_name": "Amrit", "learner.family_name": "Kaur", "learner.date_of_birth": "14/03/2009",
    "learner.uln": "TEMP", "learner.phone": "0161 496 0111", "learner.email": "amrit@kaur.example",
}  # fmt: skip


def two_plans(desk: Desk) -> tuple[str, str, Sheet]:
    """One learner's two plans, which share a target; and a working document of the second."""
    first = desk.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    dough = {"targets[new 1].text": "Weigh dough to 5 g", "targets[new 1].status": "Under way"}
    desk.back(desk.prints("plan", first), {"targets[new 1].text": "Be here by nine"})
    desk.back(desk.prints("plan", first), dough)
    desk.back(desk.blank, TWIN)
    (query,) = asked(desk)
    settle(desk.premises, query.query, "new", None, "Ruth Mbeki", desk.forms[query.submission])
    (second,) = set(desk.workspace.premises.ledger.plans()) - {first}
    own = {"targets[new 2].text": "Clean as you go", "targets[new 2].goal": "G1", "goals[new 1].text": "Own bakery"}
    desk.back(desk.prints("plan", second), dough | own)
    return first, second, desk.prints("plan", second)


def test_the_second_plan_goes_into_the_first_and_what_differs_is_asked_once(desk: Desk) -> None:
    first, second, _ = two_plans(desk)
    desk.workspace.join(first, second, "Ruth Mbeki")
    record = desk.record(first)
    assert record["learner.email"] == "amrit@kaur.example"
    assert record["learner.phone"] == "0161 496 0000"
    assert {q.place for q in asked(desk, first)} == {"learner.phone", "learner.date_of_birth", "learner.uln"}
    texts = {p: v for p, v in record.items() if p.startswith("targets[") and p.endswith(".text")}
    assert list(texts.values()) == ["Be here by nine", "Weigh dough to 5 g", "Clean as you go"]
    assert record["targets[T3].goal"] == "G1"
    assert desk.record(second)["closing.into"] == first
    with pytest.raises(Declined, match=first):
        desk.workspace.issue("plan", second)
    ledger = desk.workspace.premises.ledger
    for index in ("gone", "past"):
        with ledger.writing():
            ledger._connection.exec_driver_sql(f"DELETE FROM {index}")
    assert next(ledger.index_problems())[:2] == ("index", second)
    ledger.rebuild()
    assert list(ledger.index_problems()) == []
    assert ledger.index.joined() == {second: first}


def test_what_lay_in_the_outbox_for_the_second_plan_is_cleared_away(office: Office) -> None:
    first, second = office.joins(), office.joins(PIOTR)
    office.workspace.join(first, second, "Ruth Mbeki")
    assert list((office.root / "outbox" / "staff").glob(f"*({second})/*")) == []
    assert list((office.root / "outbox" / "staff").glob(f"*({first})/*")) != []
    assert office.workspace.verify().ok


def test_a_form_printed_for_the_joined_plan_merges_against_what_it_showed(desk: Desk) -> None:
    first, second, printed = two_plans(desk)
    desk.workspace.join(first, second)
    before = {q.query for q in asked(desk)}
    desk.back(
        printed, {"targets[T2].status": "Achieved", "learner.email": "a2@kaur.example", "goals[new 1].text": "Teach"}
    )
    record = desk.record(first)
    assert record["targets[T3].status"] == "Achieved"
    assert record["learner.email"] == "a2@kaur.example"
    assert record["goals[G2].text"] == "Teach"
    assert {q.query for q in asked(desk)} == before
    desk.back(
        printed,
        {"targets[T2].status": "Achieved", "learner.email": "a3@kaur.example", "goals[new 1].text": "Teach bread"},
    )
    record = desk.record(first)
    assert (record["learner.email"], record["goals[G2].text"]) == ("a3@kaur.example", "Teach bread")
    assert {q.query for q in asked(desk)} == before


def test_a_blank_form_of_a_learner_whose_plans_were_joined_finds_the_one_that_is_left(desk: Desk) -> None:
    first, second, _ = two_plans(desk)
    desk.workspace.join(second, first)
    desk.back(
        desk.blank,
        TWIN | {"learner.address": "1 Mill Lane"},
    )
    assert desk.record(second)["learner.address"] == "1 Mill Lane"


def test_a_joining_is_undone_and_the_second_plan_is_itself_again(desk: Desk) -> None:
    first, second, printed = two_plans(desk)
    before = desk.record(first), desk.record(second), len(asked(desk))
    made = desk.workspace.join(first, second)
    with pytest.raises(Declined, match=f"counterpart undo {first} {made.number}"):
        desk.workspace.undo(second, newest(desk, second), "wrong")
    desk.workspace.undo(first, made.number, "they are two people")
    assert (desk.record(first), desk.record(second), len(asked(desk))) == before
    desk.back(printed, {"learner.email": "a2@kaur.example"})
    assert desk.record(second)["learner.email"] == "a2@kaur.example"
    desk.workspace.undo(first, made.number + 1, "they are one after all")
    assert desk.record(second)["closing.into"] == first


def test_a_question_of_the_joined_plan_tells_what_the_plan_says_that_it_is_part_of(desk: Desk) -> None:
    first, dream = desk.joins({**AMRIT, PHONE: BEFORE}), "aspiration.destination"
    second = desk.joins(PIOTR | {PHONE: "0161 496 0777"})
    sheets = desk.prints("plan", second), desk.prints("plan", second)
    for sheet, says, number in zip(sheets, ("Bake", "Teach"), (FIRST, SECOND), strict=True):
        desk.back(sheet, {dream: says, PHONE: number})
    desk.workspace.join(first, second)
    asked_now = {q.place: q for q in asked(desk, first)}
    assert (asked_now[dream].theirs, asked_now[dream].ours) == ("Teach", "Bake")
    phone = asked_now[PHONE]
    assert (phone.theirs, phone.ours, phone.others) == (SECOND, BEFORE, (FIRST,))
    assert f"the plan says “{BEFORE}”" in phone.question
    desk.workspace.settle(asked_now[dream].query, take="plan")
    assert desk.record(first)[dream] == "Bake"


def test_a_slip_that_was_printed_for_the_joined_plan_answers_the_question_where_it_is_asked_now(desk: Desk) -> None:
    first, dream = desk.joins(), "aspiration.destination"
    second = desk.joins(PIOTR)
    sheets = desk.prints("plan", second), desk.prints("plan", second)
    for sheet, said in zip(sheets, ("Bake", "Teach"), strict=True):
        desk.back(sheet, {dream: said})
    (query,) = asked(desk, second)
    slip = desk.prints("query-slip", second)
    desk.workspace.join(first, second)
    desk.back(slip, {f"asked[{query.query}].answer": FIRST_COLUMN})
    assert desk.record(first)[dream] == "Teach"
    assert {q.kind for q in asked(desk, first)} == {"joined"}


def test_a_plan_that_goes_on_is_not_joined_to_one_that_is_closed(desk: Desk) -> None:
    closed, live = desk.joins(), desk.joins(PIOTR)
    desk.workspace.close_plan(closed, "left in May")
    with pytest.raises(Declined, match=f"counterpart join {live} {closed}"):
        desk.workspace.join(closed, live)
    assert "closing.day" not in desk.record(live)
    desk.workspace.join(live, closed)
    assert "closing.day" not in desk.record(live)


# ── Finished ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_plan_is_due_for_nothing_and_a_form_for_it_asks_whether_to_open_it_again(desk: Desk) -> None:
    plan = desk.joins()
    assert desk.workspace.standing(plan).due
    desk.workspace.close_plan(plan, "moved to Leeds", "Ruth Mbeki")
    there = desk.workspace.standing(plan)
    assert (there.due, there.ended) == ((), "closed 07/09/2026")
    with pytest.raises(Declined, match="reopen"):
        desk.workspace.close_plan(plan, "again")
    desk.back(desk.prints("plan", plan), {"learner.phone": "0161 496 0111"})
    desk.back(desk.prints("plan", plan), {"learner.phone": "0161 496 0222"})
    assert desk.record(plan)["learner.phone"] == "0161 496 0222"
    (query,) = asked(desk, plan)
    assert (query.kind, query.choices) == ("closed", ("re-open", "leave"))
    desk.workspace.settle(query.query, take="re-open", by="Ruth Mbeki")
    assert desk.workspace.standing(plan).due
    with pytest.raises(Declined):
        desk.workspace.reopen_plan(plan, "again")


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_taken_back_closed_or_opened_again_without_a_reason(desk: Desk, reason: str) -> None:
    plan = desk.joins()
    with pytest.raises(WrongUse, match="reason"):
        desk.workspace.undo(plan, 1, reason)
    with pytest.raises(WrongUse, match="reason"):
        desk.workspace.close_plan(plan, reason)
    desk.workspace.close_plan(plan, "moved to Leeds")
    with pytest.raises(WrongUse, match="reason"):
        desk.workspace.reopen_plan(plan, reason)
    assert newest(desk, plan) == 2


# ── Laws ────────────────────────────────────────────────────────────────────────────────────────────────────────


def saying(number: int, before: Record, after: Record, **more: object) -> Revision:
    """A revision that makes one record of another."""
    places = sorted(p for p in {*before, *after} if before.get(p) != after.get(p))
    taken = {True: Outcome.CLEARED, False: Outcome.ACCEPTED}
    return revision(
        number,
        [
            Decision(place=p, outcome=taken[p not in after], rule="M2", theirs=after.get(p), ours=before.get(p))
            for p in places
        ],
        **more,
    )


def history(*records: Record) -> list[Revision]:
    """The history of a plan that said one record after the other."""
    return [saying(n, *pair) for n, pair in enumerate(zip(({}, *records), records, strict=False), start=1)]


def taken_back(past: list[Revision], number: int) -> list[Revision]:
    """The history after one of its revisions was taken back."""
    return [*past, revision(len(past) + 1, undoing.take_back(past, past[number - 1]), cause="undo", undoes=number)]


def says(past: list[Revision]) -> Record:
    """What the plan says after all of its history."""
    record: Record = {}
    for one in past:
        record = merge.apply(record, one.decisions)
    return record


@law
@given(st.data(), records(MERGED_PATHS))
def test_when_nothing_came_after_undoing_restores_exactly_and_so_does_undoing_that(
    data: st.DataObject, before: Record
) -> None:
    after = changed(data.draw, before, MERGED_PATHS)
    undone = taken_back(history(before, after), 2)
    assert says(undone) == before
    assert says(taken_back(undone, 3)) == after
    assert says(taken_back(taken_back(undone, 3), 4)) == before


@law
@given(st.data(), records(MERGED_PATHS))
def test_all_that_was_said_taken_back_in_any_order_leaves_nothing_or_a_question(
    data: st.DataObject, first: Record
) -> None:
    second = changed(data.draw, first, MERGED_PATHS)
    past = history(first, second)
    for number in data.draw(st.permutations([1, 2])):
        past = taken_back(past, number)
    held = {d.place for r in past for d in r.decisions if d.outcome is Outcome.QUERY}
    assert {*says(past)} <= held


@law
@given(st.data(), records(MERGED_PATHS))
def test_what_came_after_stands_and_each_place_it_touched_is_asked_about(data: st.DataObject, before: Record) -> None:
    after = changed(data.draw, before, MERGED_PATHS)
    now = changed(data.draw, after, MERGED_PATHS)
    decisions = undoing.take_back(history(before, after, now), history(before, after, now)[1])
    left = merge.apply(now, decisions)
    held = {d.place for d in decisions if d.outcome is Outcome.QUERY}
    told_apart = {p for p in {*before, *after, *now} if (place := place_of(p)) and place.about.append}
    for place in {*before, *after, *now} - told_apart:
        if now.get(place) != after.get(place) or place in held:
            assert left.get(place) == now.get(place)
        elif after.get(place) != before.get(place):
            assert left.get(place) == before.get(place)
    touched = {p for p in {*before, *after} if before.get(p) != after.get(p) != now.get(p) != before.get(p)}
    assert touched - told_apart <= held
    # One of difficulties names all that are ticked, so that it grows and shrinks with them.
    known = [{*places} for places in (*contradictions(now), *contradictions(before))]
    assert all(any({*found} <= one or {*found} >= one for one in known) for found in contradictions(left))


def test_a_tick_that_another_answer_rests_on_does_not_go_with_its_form_unasked() -> None:
    before: Record = {"learner.main_difficulty": "Vision"}
    after: Record = {**before, "lldd[Vision].applies": True}
    past = history(before, after, {**after, "lldd[Hearing].applies": True})
    (asked,) = undoing.take_back(past, past[1])
    assert (asked.place, asked.outcome) == ("lldd[Vision].applies", Outcome.QUERY)


def test_what_two_forms_wanted_removed_stays_so_when_one_of_them_is_taken_back() -> None:
    base: Record = {"learner.phone": "0161 496 0000"}
    past = history(base)
    for number, form in ((2, "F-A"), (3, "F-B")):
        past.append(merged(number, form, [Answer("learner.phone", State.CLEAR, words="CLEAR")], base, past, None))
    assert says(taken_back(past, 2)) == says(taken_back(past, 3)) == {}
    assert says(taken_back(taken_back(past, 2), 3)) == base


@law
@given(st.data(), records(MERGED_PATHS))
def test_what_another_form_said_too_stands_when_the_first_is_taken_back(data: st.DataObject, before: Record) -> None:
    after = changed(data.draw, before, MERGED_PATHS)
    said = [p for p in after if after[p] != before.get(p)]
    too = data.draw(st.lists(st.sampled_from(said), unique=True)) if said else []
    agreed = [Decision(place=p, outcome=Outcome.AGREED, rule="M2", theirs=after[p], ours=after[p]) for p in too]
    past = taken_back([*history(before, after), revision(3, agreed, form="F-BBBB2222")], 2)
    assert all(says(past)[p] == after[p] for p in too)
    held = {d.place for d in past[-1].decisions if d.outcome is Outcome.QUERY}
    assert all(says(past).get(p) == before.get(p) for p in {*before, *after} - {*too} - held)
    again = taken_back(past, 3)
    held |= {d.place for d in again[-1].decisions if d.outcome is Outcome.QUERY}
    # Words that replaced others where things are only added are told apart from them by nothing.
    held |= {p for p in before if (place := place_of(p)) and place.about.append}
    assert all(says(again).get(p) == before.get(p) for p in {*before, *after} - held)


DAYS = st.sampled_from([None, PRINTED, RECEIVED])


@law
@given(st.data(), records(MERGED_PATHS), DAYS, DAYS)
def test_of_two_forms_the_one_that_is_left_says_what_it_would_have_said_alone(
    data: st.DataObject, base: Record, first_day: dt.date | None, second_day: dt.date | None
) -> None:
    # A row that is new on a form gets the next key, which depends on who came before.
    rows = {path.rpartition(".")[0] for path in base}
    asked_for = tuple(p for p in MERGED_PATHS if not mending.keyed(p) or p.rpartition(".")[0] in rows)
    few = tuple(data.draw(some(asked_for, 1, 5)))
    first, second = (answers(data.draw, few, base) for _ in range(2))
    past = history(base)
    for number, (form, boxes, day) in enumerate((("F-A", first, first_day), ("F-B", second, second_day)), start=2):
        past.append(merged(number, form, boxes, base, past, day))
    alone = merged(2, "F-B", second, base, past[:1], second_day)
    left = taken_back(past, 2)
    says_alone, says_left = says([past[0], alone]), says(left)
    held = {d.place: d.rule for r in left[2:] for d in r.decisions if d.outcome is Outcome.QUERY}
    said_itself = {a.place for a in second if a.value is not None and says_left.get(a.place) == a.value}
    for place in {*says_left, *says_alone} - {*held} - said_itself:
        assert says_left.get(place) == says_alone.get(place)
    # Where it disagreed with the other form alone, nobody is asked any more; what may be locked is for a person.
    for decision in alone.decisions:
        locks = change_of(decision.place, base, says_left) in (Change.LOCKED, Change.FUNDING, Change.IDENTITY)
        if decision.applies and not locks and held.get(decision.place, "M2") == "M2":
            assert says_left.get(decision.place) == decision.after


def merged(
    number: int, form: str, boxes: list[Answer], base: Record, past: list[Revision], day: dt.date | None
) -> Revision:
    """The revision that a form makes which was printed with a record and came back after a history."""
    came = Returned(
        answers=tuple(boxes), base=base, form=form, printed=PRINTED, printed_record=base, received=RECEIVED, day=day,
        past=merge.past(past),
    )  # fmt: skip
    verdict = merge.decide(came, says(past))
    return revision(number, verdict.decisions, form=form, dated=day is not None, effective=day or RECEIVED)


@law
@given(records(MERGED_PATHS), records(MERGED_PATHS))
@example({"moving_on.learner_says": "."}, {"moving_on.learner_says": "0."})
def test_joining_loses_nothing_and_doubles_nothing(first: Record, second: Record) -> None:
    decisions = mending.join(first, second, {})
    after = merge.apply(first, decisions)
    went = {d.box or d.place: d for d in decisions}
    grown = {d.place for d in decisions if d.becomes is not None}
    assert all(after[place] == value or place in grown for place, value in first.items())
    assert all(str(first[d.place]) in str(d.after) and str(d.theirs) in str(d.after) for d in decisions if d.becomes)
    for place, value in second.items():
        if not mending.stays_behind(place):
            decision = went[place]
            assert decision.outcome is Outcome.QUERY or after[decision.place] == decision.after
            assert decision.theirs == value or str(value) in {row[1] for p in second if (row := split(p))}
    assert all(d.outcome is Outcome.AGREED for d in mending.join(after, first, {}))
