"""Several hands at one place, form after form: each changes and takes away its own words, and nobody else's."""

from __future__ import annotations

import pytest

from engine.documents import slip_rows
from engine.mistakes import join, undo
from engine.model import Manner, Outcome
from engine.people import settle
from engine.sheet import Sheet
from tests.conftest import AMRIT, Desk

SAYS = "reviews[1].tutor_says"
HELD = {"reviews[1].held": "05/09/2026"}
CAKE = "Make one three tier wedding cake for a real customer by myself"
MOTHER = {
    "contacts[new 1].name": "Harjit Kaur", "contacts[new 1].relation": "Mother",
    "contacts[new 1].may_receive": "Yes",
}  # fmt: skip


@pytest.fixture
def plan(desk: Desk) -> str:
    return desk.joins(AMRIT)


def prints(desk: Desk, plan: str, proforma: str = "plan") -> tuple[Sheet, Sheet]:
    return desk.prints(proforma, plan), desk.prints(proforma, plan)


def answer(desk: Desk, plan: str, take: str | None, value: str | None = None) -> None:
    """The one open question of a plan is answered."""
    (query,) = desk.premises.ledger.open_queries(plan)
    settle(desk.premises, query.query, take, value, "Dana Marsh", None)


def test_who_agreed_and_changes_their_mind_disagrees_with_who_said_it_first(desk: Desk, plan: str) -> None:
    first, second = prints(desk, plan)
    desk.back(first, {"aspiration.destination": "Own a café"})
    desk.back(second, {"aspiration.destination": "Own a café"})
    desk.back(second, {"aspiration.destination": "Be a chef"})
    (query,) = desk.premises.ledger.open_queries(plan)
    assert (query.theirs, query.ours) == ("Be a chef", "Own a café")


@pytest.mark.parametrize("then", ["Late four times.", "CLEAR"])
def test_words_that_were_agreed_to_are_not_the_second_hands_to_change(desk: Desk, plan: str, then: str) -> None:
    first, second = prints(desk, plan, "progress-review")
    for sheet, words in ((first, "No concerns."), (second, "No concerns."), (second, then)):
        desk.back(sheet, {SAYS: words, **HELD})
    assert "No concerns." in str(desk.record(plan)[SAYS])


def test_who_takes_their_own_words_out_leaves_the_others(desk: Desk, plan: str) -> None:
    first, second = prints(desk, plan, "progress-review")
    for sheet, words in ((first, "Good."), (second, "Late twice."), (first, "CLEAR")):
        desk.back(sheet, {SAYS: words, **HELD})
    assert desk.record(plan)[SAYS] == "Late twice."
    assert desk.premises.ledger.open_queries(plan) == []


def test_a_row_that_another_added_too_is_not_removed_by_who_agreed(desk: Desk, plan: str) -> None:
    first, second = prints(desk, plan)
    for sheet, words in ((first, "Weigh flour"), (second, "Weigh flour"), (second, "CLEAR")):
        desk.back(sheet, {"targets[new 1].text": words})
    assert desk.record(plan)["targets[T1].text"] == "Weigh flour"


class TestTwoRowsThatMayBeOne:
    def test_what_the_new_one_says_otherwise_is_asked_about_when_they_are(self, desk: Desk) -> None:
        plan = desk.joins({**AMRIT, **MOTHER})
        again = {**MOTHER, "contacts[new 1].may_receive": "No", "contacts[new 1].phone": "0161 496 0003"}
        desk.back(desk.blank, {**AMRIT, **again})
        answer(desk, plan, "one")
        (query,) = desk.premises.ledger.open_queries(plan)
        assert (query.place, query.theirs, query.ours) == ("contacts[C1].may_receive", False, True)
        assert desk.record(plan)["contacts[C1].phone"] == "0161 496 0003"
        assert "contacts[C2].name" not in desk.record(plan)

    @pytest.mark.parametrize("then", ["Bake forty scones", "CLEAR"])
    def test_the_question_ends_when_the_new_one_says_something_else(self, desk: Desk, plan: str, then: str) -> None:
        first, second = prints(desk, plan)
        desk.back(first, {"targets[new 1].text": f"{CAKE} alone"})
        for words in (CAKE, then):
            desk.back(second, {"targets[new 1].text": words})
        assert desk.premises.ledger.open_queries(plan) == []
        assert desk.record(plan)["targets[T1].text"] == f"{CAKE} alone"

    @pytest.mark.parametrize(
        "said",
        [
            ({"measure": "Seen by Jo"}, {"measure": "Sold to a customer"}),
            ({"due": "01/03/2027"}, {"due": "01/03/2027", "measure": "Sold"}),
            ({}, {"due": "01/03/2027"}),
        ],
    )
    def test_the_same_words_are_asked_about_whatever_stands_beside(
        self, desk: Desk, plan: str, said: tuple[dict[str, str], dict[str, str]]
    ) -> None:
        for sheet, beside in zip(prints(desk, plan), said, strict=True):
            desk.back(sheet, {"targets[new 1].text": CAKE, **{f"targets[new 1].{c}": v for c, v in beside.items()}})
        (query,) = desk.premises.ledger.open_queries(plan)
        assert query.kind == "twin row"

    def test_the_same_training_at_another_time_is_another(self, desk: Desk, plan: str) -> None:
        baking = {"what": "Baking skills", "when": "October 2026"}
        for when in ("October 2026", "November 2026"):
            said = {f"training[new 1].{column}": words for column, words in {**baking, "when": when}.items()}
            desk.back(desk.prints("plan", plan), said)
        assert desk.premises.ledger.open_queries(plan) == []
        assert desk.record(plan)["training[R2].when"] == "November 2026"

    def test_two_of_one_form_are_asked_about_too(self, desk: Desk, plan: str) -> None:
        desk.back(desk.prints("plan", plan), {"targets[new 1].text": CAKE, "targets[new 2].text": f"{CAKE}!"})
        (query,) = desk.premises.ledger.open_queries(plan)
        assert query.kind == "twin row"


def test_a_break_that_is_told_of_again_with_its_return_is_the_same_break(desk: Desk, plan: str) -> None:
    first, second = prints(desk, plan, "change-of-circumstances")
    desk.back(first, {"breaks[new 1].began": "01/09/2026"})
    desk.back(second, {"breaks[new 1].began": "01/09/2026", "breaks[new 1].returned": "05/09/2026"})
    assert desk.premises.ledger.open_queries(plan) == []
    assert desk.record(plan)["breaks[B1].returned"] == "2026-09-05"


def test_the_return_from_a_printed_break_may_be_told_in_a_new_row(desk: Desk, plan: str) -> None:
    desk.back(desk.prints("change-of-circumstances", plan), {"breaks[new 1].began": "01/09/2026"})
    sheet = desk.prints("change-of-circumstances", plan)
    for _ in range(2):
        came = desk.back(sheet, {"breaks[new 1].began": "01/09/2026", "breaks[new 1].returned": "05/09/2026"})
    assert came.outcome == "same"
    decisions = desk.premises.ledger.revisions(plan)[-1].decisions
    assert {d.place: d.outcome for d in decisions} == {
        "breaks[B1].began": Outcome.AGREED,
        "breaks[B1].returned": Outcome.ACCEPTED,
    }


def test_a_row_that_its_sender_moved_up_is_asked_about_where_it_was(desk: Desk, plan: str) -> None:
    sheet = desk.prints("plan", plan)
    desk.back(sheet, {"targets[new 1].text": "Bake scones", "targets[new 2].text": "Sell at the market"})
    desk.back(sheet, {"targets[new 1].text": "Sell at the market"})
    (query,) = desk.premises.ledger.open_queries(plan)
    assert (query.place, query.kind) == ("targets[T2].text", "removal")


class TestWordsThatAreNotForEverybody:
    """Another learner's, entered in error; and those that may be too private for who reads the box."""

    def test_what_was_taken_back_is_told_without_its_words(self, desk: Desk, plan: str) -> None:
        before = {"background.barriers": "Travels two hours"}
        desk.back(desk.prints("needs-summary", plan), before)
        desk.prints("plan", plan)
        wrong = {"background.barriers": "Sleeps badly", "needs[new 1].description": "Panics in a crowd"}
        desk.back(desk.prints("needs-summary", plan), wrong)
        undo(desk.premises, plan, desk.premises.ledger.newest(plan), "It was Zoë’s", "Dana Marsh", None)
        told = desk.prints("plan", plan)
        said = " ".join(line for block in told.notices for line in block.lines)
        assert "an entry made in error was taken back; it says “Travels two hours” again" in said
        assert "Sleeps badly" not in said
        assert "Panics" not in said

    def test_no_one_outside_is_asked_whether_words_are_too_private_for_them(self, desk: Desk, plan: str) -> None:
        words = "Jo told me about her epilepsy"
        desk.back(desk.prints("progress-review", plan), {"reviews[1].employer_says": words, **HELD})
        (query,) = desk.premises.ledger.open_queries(plan)
        assert query.kind == "private"
        asked = {role: slip_rows([query], role, frozenset("LTSEM")) for role in ("employer", "staff", "")}
        assert (bool(asked["employer"]), bool(asked["staff"]), bool(asked[""])) == (False, True, False)
        told = desk.prints("plan", plan, "employer", Manner(role="employer"))
        assert words not in " ".join(line for block in told.notices for line in block.lines)


class TestOneLearnerUnderTwoNames:
    @pytest.mark.parametrize("names", [("Jose", "Garcia Lopez"), ("José", "García López"), ("García-López", "José")])
    def test_accents_hyphens_and_the_order_of_names_are_asked_about(self, desk: Desk, names: tuple[str, str]) -> None:
        born = {"learner.date_of_birth": "02/05/2007"}
        desk.joins({**born, "learner.given_name": "José", "learner.family_name": "García-López"})
        came = desk.back(desk.blank, {**born, "learner.given_name": names[0], "learner.family_name": names[1]})
        assert (came.outcome, came.plan) == ("query", None)
        assert len(desk.premises.ledger.plans()) == 1

    def test_who_was_joined_is_known_by_the_name_that_they_had(self, desk: Desk, plan: str) -> None:
        born = {"learner.given_name": "Amrit", "learner.date_of_birth": "14/03/2008"}
        before = {**born, "learner.family_name": "Gill"}
        other = desk.joins(before)
        join(desk.premises, plan, other, "Dana Marsh")
        came = desk.back(desk.blank, {**before, "learner.phone": "0161 496 0002"})
        assert came.plan == plan
        assert len(desk.premises.ledger.plans()) == 2
