"""Rules of the practices: leave to see a plan, model targets, prompts, distance travelled, and the year after."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategies import PROFORMAS, issue

from engine import models, rolling
from engine.cli import run
from engine.errors import Declined, Mistake
from engine.layout import lay_out
from engine.merge import apply
from engine.model import Manner
from engine.opening import shipped
from engine.places import Record
from engine.sheet import Sheet
from tests.conftest import Office

ASKED: Record = {"targets[T1].text": "Improve my essay"}
GRANTS = {"grants[Employer].agreed": "Yes", "grants[Employer].what": "my goals; Milestones"}


def said_beside(proforma: str, record: Record, size: str = "standard") -> str:
    """What stands beside the questions of a form."""
    sheet: Sheet = lay_out(PROFORMAS[proforma], record, issue(proforma, size=size), "Kingsmead")
    return "\n".join(block.help for block in sheet.blocks)


class TestSharing:
    def test_a_section_of_the_learners_plan_goes_to_others_by_the_learners_leave_alone(self, office: Office) -> None:
        plan = office.joins()
        says = {"goals[new 1].text": "My own bakery", "targets[new 1].text": "Keep the log"}
        office.returns(office.document("Individual learning plan"), says)
        wanted = Manner(role="employer", section="My goals")
        with pytest.raises(Declined, match="the learner shares with the employer: nothing"):
            office.workspace.issue("plan", plan, "pdf", office.root / "out", wanted)
        office.workspace.issue("learner-details", plan, "word", office.root / "out")
        office.returns(next((office.root / "out").glob("*.docx")), GRANTS)
        _, file = office.workspace.issue("plan", plan, "pdf", office.root / "out", wanted)
        said = {field.value for field in office.workspace.read(file).fields}
        assert "My own bakery" in said
        assert "Keep the log" not in said
        with pytest.raises(Declined, match="My goals, Milestones"):
            office.workspace.issue(
                "plan", plan, "pdf", office.root / "out", Manner(role="employer", section="My targets now")
            )
        # What comes back from a reader is a proposal.
        _, shared = office.workspace.issue("plan", plan, "word", office.root / "out", wanted)
        office.returns(shared, {"goals[G1].text": "To stay with us"})
        assert office.record(plan)["goals[G1].text"] == "My own bakery"
        assert [query.kind for query in office.workspace.queries(plan)] == ["proposal"]


class TestModels:
    def test_every_shipped_model_is_a_target(self) -> None:
        known = models.load(shipped("proformas"))
        assert len(known) >= 4
        for name, model in known.items():
            record = apply({}, models.taken({}, name, model))
            assert models.untouched(record) == ("T1",)
            assert models.divergence(record, "T1") == 0

    def test_its_words_are_kept_and_how_far_the_target_has_moved_is_told(self) -> None:
        record = apply({}, models.taken({}, "Log", {"text": "Keep the log for four weeks"}))
        moved = {**record, "targets[T1].text": "Keep the oven log until Christmas"}
        assert models.untouched(moved) == ()
        assert 0 < (models.divergence(moved, "T1") or 0) < 1
        assert "of its words are its own" in models.moved(moved)[0]
        assert models.divergence({"targets[T1].text": "My own"}, "T1") is None
        assert models.untouched({**record, "targets[T1].text": " keep THE log for four weeks"}) == ("T1",)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("models: [", "line"), ("models: 7", "a name for each"), ("models: {A: {area: x}}", "has no text"),
            ("models: {A: {text: x, colour: y}}", "no “colour”"),
            ("models: {A: {text: x, strand: Cooking}}", "strand: “Cooking” is not one of the choices"),
        ],
    )  # fmt: skip
    def test_a_mistake_in_them_is_named(self, tmp_path: Path, text: str, why: str) -> None:
        (tmp_path / "models.yaml").write_text(text, "utf-8")
        with pytest.raises(Mistake, match=rf"models\.yaml.*{why}"):
            models.load(tmp_path)

    def test_the_command_lists_them_and_puts_one_in(self, office: Office, capsys: pytest.CaptureFixture[str]) -> None:
        plan, there = office.joins(), ["--workspace", str(office.root)]
        assert run([*there, "model"]) == 0
        assert "Read aloud: Read one page aloud" in capsys.readouterr().out
        assert run([*there, "model", plan, "Read aloud", "--by", "Chidi"]) == 0
        assert office.record(plan)["targets[T1].template"] == "Read aloud"
        assert run([*there, "model", plan, "Ghosts"]) == 2
        assert run([*there, "model", plan]) == 2


class TestPrompts:
    def test_three_lenses_stand_beside_one_target(self) -> None:
        said = said_beside("action-plan", ASKED)
        assert all(f"{lens}: " in said for lens in ("SMART", "PASTIE", "POWER"))
        assert "By what day?" in said

    def test_a_prompt_falls_silent_when_it_is_answered(self) -> None:
        answered = {
            **ASKED,
            "targets[T1].due": "2026-11-20",
            "targets[T2].text": "x",
            "targets[T2].due": "2026-11-20",
        }
        there, gone = (said_beside("action-plan", r).count("By what day?") for r in (ASKED, answered))
        assert gone == there - 1

    def test_a_prompt_is_no_grade(self) -> None:
        said = said_beside("action-plan", ASKED) + said_beside("target-sheet", ASKED)
        assert not any(word in said.casefold() for word in ("score", "grade", "poor", "%", "fail", "not smart"))


class TestDistance:
    @pytest.mark.parametrize(
        ("then", "now", "told"),
        [
            (1, 3, "from 1 to 3, 2 steps further."), (3, 2, "from 3 to 2, 1 step back."),
            (2, 2, "from 2 to 2, as at the start."), (2, None, "not asked again yet."),
            (None, 3, "nothing is known of the start."),
        ],
    )  # fmt: skip
    def test_it_is_told_and_never_guessed(self, then: int | None, now: int | None, told: str) -> None:
        said = {"outcomes[O1].what": "Asking", "outcomes[O1].baseline": then, "outcomes[O1].now": now}
        record = {path: value for path, value in said.items() if value is not None}
        assert f"O1: {told}" in said_beside("moving-on", record)


class TestTheYearAfter:
    def test_what_is_finished_leaves_and_what_is_open_says_how_often_it_was_carried(self) -> None:
        record: Record = {
            "targets[T1].text": "Done", "targets[T1].status": "Achieved", "targets[T2].text": "Open",
            "targets[T3].text": "Late", "targets[T3].carried": 1, "goals[G1].text": "Stays",
        }  # fmt: skip
        assert apply(record, rolling.decisions(record)) == {
            "targets[T2].text": "Open", "targets[T2].carried": 1, "targets[T3].text": "Late", "targets[T3].carried": 2,
            "goals[G1].text": "Stays",
        }  # fmt: skip

    def test_it_can_be_taken_back_and_a_form_from_before_takes_nothing_back(self, office: Office) -> None:
        plan = office.joins()
        says = {"targets[new 1].text": "Keep the log", "targets[new 1].status": "Achieved"}
        office.returns(office.document("Individual learning plan"), says)
        _, old = office.workspace.issue("plan", plan, "word", office.root / "out")
        there = ["--workspace", str(office.root)]
        assert run([*there, "roll-over", plan, "--by", "Chidi"]) == 0
        assert "targets[T1].text" not in office.record(plan)
        office.returns(old, {"aspiration.destination": "My own bakery"})
        assert "targets[T1].text" not in office.record(plan)
        assert office.record(plan)["aspiration.destination"] == "My own bakery"
        assert run([*there, "undo", plan, "3", "--reason", "Too early"]) == 0
        assert office.record(plan)["targets[T1].text"] == "Keep the log"
        assert run([*there, "roll-over", office.joins({"learner.given_name": "Bo", "learner.family_name": "Ek",
                                                       "learner.date_of_birth": "01/02/2008"})]) != 0  # fmt: skip


def test_a_short_plan_of_action_has_room_for_five_and_lists_what_is_open() -> None:
    record: Record = {f"targets[T{n}].text": f"Target number {n}" for n in range(1, 5)}
    record = {**record, "targets[T1].status": "Dropped", "targets[T5].text": "Fifth", "targets[T6].text": "Sixth"}
    sheet = lay_out(PROFORMAS["action-plan"], record, issue("action-plan"), "Kingsmead")
    keys = {box.name.partition("]")[0].partition("[")[2] for box in sheet.boxes() if box.name.startswith("targets[")}
    assert keys == {"T2", "T3", "T4", "T5", "T6"}
