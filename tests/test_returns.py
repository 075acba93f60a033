"""Forms that come back one after the other: what of them is in doubt has one question, as long as it is in doubt.

Forms are given out and taken in by a workspace, as their readers would find them; documents are not written.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import notify
from engine.errors import WrongUse
from engine.mistakes import close, undo
from engine.model import Manner, Query
from engine.people import settle
from engine.standing import standing
from tests.conftest import AMRIT, Desk


class OneDesk(Desk):
    """A desk for one learner."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.plan = self.joins({**AMRIT, "learner.phone": "0161 496 0000"})

    def on(self, day: dt.date) -> None:
        """Sets the day."""
        self.premises = replace(self.premises, today=day)

    def asked(self) -> list[tuple[str, str, object]]:
        """The open questions: about which place, of which kind, and what was said there."""
        return [(q.place, q.kind, q.theirs) for q in self.premises.ledger.open_queries(self.plan)]

    def question(self) -> Query:
        """The one open question."""
        (query,) = self.premises.ledger.open_queries(self.plan)
        return query

    def says(self, place: str) -> object:
        """What the plan says."""
        return self.premises.ledger.record(self.plan).get(place)


@pytest.fixture
def desk(new_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OneDesk]:
    monkeypatch.setenv("COUNTERPART_TODAY", "2026-10-01")
    made = OneDesk(shutil.copytree(new_desk, tmp_path / "office"))
    yield made
    made.workspace.close()


DREAM = "aspiration.destination"


def test_what_one_of_two_takes_back_leaves_the_question_about_the_other(desk: OneDesk) -> None:
    first, second, third = (desk.prints("plan", desk.plan, folder) for folder in ("staff", "learner", ""))
    desk.back(first, {DREAM: "Baker"})
    desk.back(second, {DREAM: "Cook"})
    desk.back(third, {DREAM: "Chef"})
    assert desk.asked() == [(DREAM, "conflict", "Chef")]
    assert desk.question().others == ("Cook",)
    desk.back(third, {DREAM: "Baker"})
    assert desk.asked() == [(DREAM, "conflict", "Cook")]
    assert "Chef" not in desk.question().question
    desk.back(second, {DREAM: ""})
    desk.back(second, {DREAM: "Baker"})
    assert desk.asked() == []


def test_a_correction_that_still_disagrees_loses_nothing_that_another_said(desk: OneDesk) -> None:
    first, second, third = (desk.prints("plan", desk.plan, folder) for folder in ("staff", "learner", ""))
    for sheet, words in ((first, "Baker"), (second, "Cook"), (third, "Chef"), (third, "Waiter")):
        desk.back(sheet, {DREAM: words})
    assert desk.asked() == [(DREAM, "conflict", "Waiter")]
    assert desk.question().others == ("Cook",)


def test_a_question_ends_when_the_plan_says_what_the_form_said(desk: OneDesk) -> None:
    first, second = desk.prints("plan", desk.plan), desk.prints("plan", desk.plan, "learner")
    desk.back(first, {DREAM: "Baker"})
    desk.back(second, {DREAM: "Cook"})
    assert desk.asked() == [(DREAM, "conflict", "Cook")]
    desk.back(desk.prints("plan", desk.plan, ""), {DREAM: "Cook"})
    assert (desk.asked(), desk.says(DREAM)) == ([], "Cook")


def test_a_change_that_its_sender_takes_back_is_asked_about_no_more(desk: OneDesk) -> None:
    desk.back(desk.prints("plan", desk.plan), {DREAM: "Baker"})
    first, second = desk.prints("plan", desk.plan), desk.prints("plan", desk.plan, "learner")
    desk.back(first, {DREAM: "Cook"})
    desk.back(second, {DREAM: "Chef"})
    desk.back(second, {DREAM: "Baker"})
    assert (desk.asked(), desk.says(DREAM)) == ([], "Cook")


def test_an_empty_answer_settles_nothing_and_the_word_clear_removes(desk: OneDesk) -> None:
    first, second = desk.prints("learner-details", desk.plan, ""), desk.prints("learner-details", desk.plan, "learner")
    desk.back(first, {"learner.phone": "0161 496 0001"})
    desk.back(second, {"learner.phone": "0161 496 0002"})
    number = desk.question().query
    with pytest.raises(WrongUse, match="changes nothing"):
        settle(desk.premises, number, None, " ", "Chidi Okafor", None)
    assert desk.says("learner.phone") == "0161 496 0001"
    settle(desk.premises, number, None, "CLEAR", "Chidi Okafor", None)
    assert (desk.asked(), desk.says("learner.phone")) == ([], None)


def test_a_question_is_not_settled_by_what_cannot_stand_beside_the_rest_of_the_plan(desk: OneDesk) -> None:
    dates = {"programme.start": "07/09/2026", "programme.expected_end": "31/08/2027"}
    desk.back(desk.prints("funding-plan", desk.plan), dates)
    first, second = desk.prints("funding-plan", desk.plan), desk.prints("funding-plan", desk.plan)
    desk.back(first, {"programme.expected_end": "30/09/2027"})
    desk.back(second, {"programme.expected_end": "31/10/2027"})
    number = next(q.query for q in desk.premises.ledger.open_queries(desk.plan) if q.place == "programme.expected_end")
    with pytest.raises(WrongUse, match="before"):
        settle(desk.premises, number, None, "01/01/2020", "Chidi Okafor", None)
    assert desk.says("programme.expected_end") == "2027-09-30"


@pytest.mark.parametrize("words", ["CLEAR", ""])
def test_a_form_saved_again_after_its_question_was_settled_is_silent(desk: OneDesk, words: str) -> None:
    first, second = desk.prints("learner-details", desk.plan, ""), desk.prints("learner-details", desk.plan, "learner")
    desk.back(first, {"learner.phone": "0161 496 0001"})
    desk.back(second, {"learner.phone": words})
    settle(desk.premises, desk.question().query, "plan", None, "Chidi Okafor", None)
    for email in ("", "amrit@kingsmead.example"):
        desk.back(second, {"learner.phone": words, "learner.email": email})
        assert (desk.asked(), desk.says("learner.phone")) == ([], "0161 496 0001")


def test_an_old_copy_of_a_blank_saved_again_takes_nothing_back(desk: OneDesk) -> None:
    desk.back(desk.prints("learner-details", desk.plan, ""), {"learner.phone": "0161 496 0001"})
    again = desk.back(desk.blank, {**AMRIT, "learner.phone": "0161 496 0000"})
    assert (again.outcome, desk.says("learner.phone")) == ("same", "0161 496 0001")


def test_a_copied_blank_is_held_against_all_that_the_form_last_said(desk: OneDesk) -> None:
    sheet = desk.prints("learner-details", desk.plan, "")
    desk.back(sheet, {"learner.phone": "0161 496 0001"})
    desk.back(sheet, {"learner.phone": "0161 496 0001", "learner.email": "amrit@kingsmead.example"})
    desk.back(desk.blank, {**AMRIT, "learner.phone": "0161 496 0000", "learner.address": "1 High Street"})
    assert (desk.asked(), desk.says("learner.phone")) == ([], "0161 496 0000")


def test_an_untouched_copy_of_a_form_that_came_back_filled_in_asks_for_nothing_to_be_removed(desk: OneDesk) -> None:
    sheet = desk.prints("plan", desk.plan)
    desk.back(sheet, {DREAM: "Run a bakery", "aspiration.why": "My grandmother did"})
    assert desk.back(sheet, {}).outcome == "same"
    assert (desk.asked(), desk.says(DREAM)) == ([], "Run a bakery")


def test_where_two_rows_are_one_nothing_is_asked_any_more_about_the_row_that_goes(desk: OneDesk) -> None:
    row = {"text": "Weigh and scale the dough for white rolls to five grams", "measure": "Seen by Jo"}
    first, second = desk.prints("plan", desk.plan), desk.prints("plan", desk.plan)
    desk.back(first, {f"targets[new 1].{column}": words for column, words in row.items()})
    desk.back(second, {"targets[new 1].text": f"{row['text']}!", "targets[new 1].measure": row["measure"]})
    (twin,) = [q for q in desk.premises.ledger.open_queries(desk.plan) if q.kind == "twin row"]
    key = twin.place.partition("[")[2].partition("]")[0]
    again = desk.prints("plan", desk.plan)
    desk.back(again, {f"targets[{key}].measure": ""})
    assert len(desk.asked()) == 2
    settle(desk.premises, twin.query, "one", None, "Chidi Okafor", None)
    assert desk.asked() == []
    assert not [path for path in desk.record(desk.plan) if path.startswith(f"targets[{key}]")]


def test_two_reviews_of_different_days_are_not_one_review(desk: OneDesk) -> None:
    first, second = desk.prints("progress-review", desk.plan), desk.prints("progress-review", desk.plan, "")
    desk.on(dt.date(2026, 12, 10))
    desk.back(second, {"reviews[1].held": "08/12/2026"})
    desk.back(first, {"reviews[1].held": "12/10/2026"})
    assert desk.asked() == [("reviews[1].held", "conflict", "2026-10-12")]


def test_a_form_entered_in_error_takes_its_own_answer_out_of_a_question_and_no_other(desk: OneDesk) -> None:
    first, second, third = (desk.prints("plan", desk.plan, folder) for folder in ("staff", "learner", ""))
    for sheet, words in ((first, "Baker"), (second, "Cook"), (third, "Chef")):
        desk.back(sheet, {DREAM: words})
    newest = desk.premises.ledger.newest(desk.plan)
    undo(desk.premises, desk.plan, newest - 1, "of another learner", "Chidi Okafor")
    assert (desk.asked(), desk.question().others) == ([(DREAM, "conflict", "Chef")], ())
    undo(desk.premises, desk.plan, newest, "of another learner", "Chidi Okafor")
    assert (desk.asked(), desk.says(DREAM)) == ([], "Baker")


def test_each_place_has_one_question_also_when_a_form_is_taken_back(desk: OneDesk) -> None:
    first, second, third = (desk.prints("plan", desk.plan, folder) for folder in ("staff", "learner", ""))
    desk.back(first, {DREAM: "Baker"})
    taken = desk.premises.ledger.newest(desk.plan)
    desk.back(second, {DREAM: "Cook"})
    desk.back(desk.prints("plan", desk.plan), {DREAM: "Miller"})
    undone = undo(desk.premises, desk.plan, taken, "of another learner", "Chidi Okafor").number
    assert desk.asked() == [(DREAM, "undone", None)]
    assert desk.question().others == ("Cook",)
    desk.back(third, {DREAM: "Chef"})
    assert desk.asked() == [(DREAM, "conflict", "Chef")]
    assert desk.question().others == ("Cook",)
    undo(desk.premises, desk.plan, undone, "it was theirs", "Chidi Okafor")
    assert (desk.asked(), desk.question().others) == ([(DREAM, "conflict", "Chef")], ("Cook",))


def test_a_form_taken_back_leaves_the_question_about_another_that_was_asked_with_it(desk: OneDesk) -> None:
    first, second, third = (desk.prints("plan", desk.plan, folder) for folder in ("staff", "learner", ""))
    for sheet, words in ((first, "Baker"), (second, "Cook"), (third, "Chef")):
        desk.back(sheet, {DREAM: words})
    undo(desk.premises, desk.plan, desk.premises.ledger.newest(desk.plan), "of another learner", "Chidi Okafor")
    assert desk.asked() == [(DREAM, "conflict", "Cook")]


def test_what_is_left_as_it_was_is_settled_on_a_day_that_the_history_tells(desk: OneDesk) -> None:
    close(desk.premises, desk.plan, "moved to Leeds", "Chidi Okafor")
    desk.back(desk.prints("plan", desk.plan), {DREAM: "Baker"})
    query, before = desk.question(), desk.premises.ledger.newest(desk.plan)
    settle(desk.premises, query.query, "leave", None, "Chidi Okafor", None)
    last = desk.premises.ledger.revisions(desk.plan)[-1]
    assert (last.number, last.cause, [d.outcome for d in last.decisions]) == (before + 1, "settlement", ["agreed"])
    assert query in standing(desk.premises, desk.plan, before).queries
    assert standing(desk.premises, desk.plan).queries == ()


def test_who_signs_sees_what_they_may_and_is_told_what_they_may_not(desk: OneDesk) -> None:
    """A partner's copy holds nothing that a partner may not see, and a signature under it counts all the same."""
    daily = {"programme.title": "Baker", "programme.type": "Off-site school", "programme.delivery": "Two days here"}
    daily |= {"programme.assessment_summary": "Reading at entry 2"}
    desk.back(desk.prints("plan", desk.plan), daily)
    sheet = desk.prints("funding-plan", desk.plan, "", Manner(role="partner"))
    shown = {box.shown for box in sheet.boxes()}
    assert ("Baker" in shown, "Two days here" in shown, "Reading at entry 2" in shown) == (True, True, False)
    (left_out,) = [b for b in sheet.notices if b.heading == "What this copy does not show"]
    assert "What initial assessment showed" in left_out.lines[0]
    assert "How the training is delivered" not in left_out.lines[0]
    desk.back(sheet, {"signatures[partner].name": "Elin Rees", "signatures[partner].date": "01/10/2026"})
    assert desk.says(f"signatures[{sheet.stamp.form} partner].bound") is True


def test_what_was_added_below_others_words_is_told_as_added_and_the_rest_as_still_there(desk: OneDesk) -> None:
    box = "reviews[1].tutor_says"
    first, second = (desk.prints("progress-review", desk.plan, folder) for folder in ("staff", ""))
    desk.back(first, {box: "Settled in well."})
    before = desk.prints("plan", desk.plan)
    desk.back(second, {box: "Late twice in May."})
    assert str(desk.says(box)).startswith("Settled in well.")
    now = desk.prints("plan", desk.plan)
    (told,) = [b.lines for b in now.notices if b.heading == f"What changed since revision {before.stamp.revision}"]
    (line,) = [line for line in told if "Late twice in May." in line]
    assert "to “Settled in well.” was added “Late twice in May.”" in line


def test_a_receipt_shows_staff_nothing_of_a_learners_own_words_also_where_some_were_added(desk: OneDesk) -> None:
    desk.back(desk.prints("learning-log", desk.plan, "learner"), {"logs[new 1].learned": "Kneading, from Zofia."})
    box = "logs[W1].learned"
    words = "Kneading, from Zofia.\nProving, alone."
    notify.about(desk.premises, desk.back(desk.prints("learning-log", desk.plan, "learner"), {box: words}))
    assert desk.says(box) == words
    (receipt,) = (desk.premises.outbox / "receipts").iterdir()
    page = receipt.read_text("utf-8")
    assert notify.UNSEEN in page
    assert not any(word in page for word in ("Kneading", "Proving"))
