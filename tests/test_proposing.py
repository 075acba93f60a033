"""Rules of proposing: which place in the plan a box of somebody else's form asks for, and what of that is sure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import adopted
from engine.clues import Blank
from engine.errors import Mistake
from engine.model import Field
from engine.places import Kind
from engine.plan import PLACES, WHOLES
from engine.proforma import Proforma, Question, Section
from engine.proposing import Proposal, propose
from engine.wording import known, near, words


def proposed(*boxes: str | Blank) -> dict[str, Proposal]:
    """The proposals for boxes by their labels, as on a Word form of a label table."""
    made = [Blank(box, "text", box) if isinstance(box, str) else box for box in boxes]
    return {box: proposal for proposal in propose(made, "theirs", known()) for box in proposal.fields}


LABELS = [
    ("Learner's full name", "learner.full_name"),
    ("1. Surname:", "learner.family_name"),
    ("Date of Birth (dd/mm/yyyy)", "learner.date_of_birth"),
    ("ULN", "learner.uln"),
    ("Apprentice's mobile number", "learner.phone"),
    ("Your postcode", "learner.postcode"),
    ("National Insurance No.", "learner.ni_number"),
    ("Emergency contact name", "contacts[C1].name"),
    ("Parent/carer e-mail", "contacts[C1].email"),
    ("Name of employer", "employer.name"),
    ("Employer address", "employer.workplace"),
    ("Personal tutor", "staff.tutor"),
    ("Career aspirations", "aspiration.destination"),
    ("Employer's comments", "reviews[#].employer_says"),
    ("Student comments", "reviews[#].learner_says"),
    ("Date of next review", "reviews[#].next_due"),
    ("Learner's signature", "signatures[learner].name"),
    ("Tutor signature", "signatures[tutor].name"),
    ("Reading level", "assessments[Reading].level"),
    ("Planned end date", "programme.planned_end"),
]


@pytest.mark.parametrize(("label", "place"), LABELS)
def test_the_very_words_of_a_place_are_sure(label: str, place: str) -> None:
    found = proposed(label)[label]
    assert (found.ask, found.sure) == (place, True), found.why


DOUBTFUL = [
    ("Name", "learner.full_name"),
    ("Adress", "learner.address"),
    ("Telephone", "learner.phone"),
    ("Company", "employer.name"),
    ("Signature", "signatures[learner].name"),
    ("Surname of donor", "learner.family_name"),
]


@pytest.mark.parametrize(("label", "place"), DOUBTFUL)
def test_what_is_only_likely_waits_for_a_person_and_says_why(label: str, place: str) -> None:
    found = proposed(label)[label]
    assert (found.ask, found.sure) == (place, False)
    assert found.why


STRANGERS = [
    "Spouse's first name",
    "Title",
    "Witness address",
    "Favourite sandwich",
    "Doctor's telephone",
    "Age",
    "Box",
]


@pytest.mark.parametrize("label", STRANGERS)
def test_what_the_plan_has_no_place_for_is_kept_as_an_answer_of_ones_own(label: str) -> None:
    found = proposed(label)[label]
    assert found.local
    assert found.ask.startswith("local[theirs/")


def test_a_telephone_number_is_that_of_the_person_named_before() -> None:
    found = proposed("Learner name", "Telephone", "Emergency contact name", "Phone")
    assert found["Telephone"].ask == "learner.phone"
    assert found["Phone"].ask == "contacts[C1].phone"
    assert not found["Phone"].sure


def test_two_boxes_for_one_place_are_never_both_asked() -> None:
    found = proposed("Surname", "Last name")
    assert found["Surname"].ask == "learner.family_name"
    assert found["Last name"].local
    assert not found["Surname"].sure


def test_people_told_apart_by_figures_are_not_the_learner() -> None:
    boxes = [Blank(f"applicant-{n}-name-last", "text", "Last name") for n in range(3)]
    assert all(proposal.local for proposal in propose(boxes, "theirs", known()))


def test_a_label_and_a_name_that_disagree_are_not_sure() -> None:
    (found,) = propose([Blank("FNAME", "text", "Last name")], "theirs", known())
    assert not found.sure
    assert "FNAME" in found.why


def test_targets_in_rows_are_numbered() -> None:
    found = proposed("Target 1", "By when 1", "Target 2", "By when 2")
    assert [p.ask for p in found.values()] == [
        "targets[T1].text", "targets[T1].due", "targets[T2].text", "targets[T2].due",
    ]  # fmt: skip


def test_a_birthday_in_three_boxes_is_one_answer() -> None:
    boxes = [Blank(f"dob_{part}", "text", part.title()) for part in ("month", "day", "year")]
    (found,) = propose(boxes, "theirs", known())
    assert found.fields == ("dob_day", "dob_month", "dob_year")
    assert (found.ask, found.sure) == ("learner.date_of_birth", True)


def test_two_ticks_of_which_one_is_meant_are_one_answer() -> None:
    boxes = [
        Blank(f"{stem}_{part}", "tick", part.title()) for stem in ("disability", "parking") for part in ("yes", "no")
    ]
    ours, local = propose(boxes, "theirs", known())
    assert (ours.ask, ours.sure) == ("learner.has_difficulty", False)
    assert ours.choices == {"disability_yes": "Yes", "disability_no": "No"}
    assert local.fields == ("parking_yes", "parking_no")
    assert local.label == "parking"
    (lonely,) = propose([Blank("disability_yes", "tick", "Yes")], "theirs", known())
    assert (lonely.ask, lonely.sure) == ("learner.has_difficulty", False)


def test_the_plans_words_are_found_for_a_lists_own() -> None:
    (found,) = propose([Blank("sex", "choice", "Gender", choices=("M", "F"))], "theirs", known())
    assert (found.choices, found.sure) == ({"M": "Male", "F": "Female"}, True)
    (other,) = propose([Blank("sex", "choice", "Gender", choices=("M", "F", "Other"))], "theirs", known())
    assert not other.sure


def test_room_with_words_in_it_may_be_no_box() -> None:
    (found,) = propose([Blank("Surname", "text", "Surname", holds="as in passport", typed=True)], "theirs", known())
    assert not found.sure


_BOX = st.builds(
    Blank, st.text(min_size=1, max_size=12), st.sampled_from(["text", "tick", "choice", "date", "signature"]),
    st.sampled_from([label for label, _ in (*LABELS, *DOUBTFUL)]) | st.text(max_size=30), st.text(max_size=4),
)  # fmt: skip


@given(st.lists(_BOX, max_size=12, unique_by=lambda box: box.name))
@example([Blank("0", "text", "Emergency contact name", "²")])  # A digit, and no number.
def test_every_box_is_in_one_question_and_no_place_is_asked_for_twice(boxes: list[Blank]) -> None:
    found = propose(boxes, "theirs", known())
    assert sorted(name for p in found for name in p.fields) == sorted(box.name for box in boxes)
    asked = [p.ask for p in found]
    assert len(set(asked)) == len(asked)
    assert len({p.label.casefold() for p in found}) == len(found)


def test_an_administrators_own_words_count_too(tmp_path: Path) -> None:
    assert not [n for n in near(words("Lieblingsname"), known(tmp_path)) if n.said.place == "learner.preferred_name"]
    (tmp_path / "wording.yaml").write_text("places:\n  - {place: learner.preferred_name, said: [lieblingsname]}\n")
    assert [n for n in near(words("Lieblingsname"), known(tmp_path)) if n.exact]
    (tmp_path / "wording.yaml").write_text("places:\n  - {place: learner.prefered_name, said: [lieblingsname]}\n# more")
    with pytest.raises(Mistake, match="prefered_name"):
        known(tmp_path)


# ── Out and in again ────────────────────────────────────────────────────────────────────────────────────────────

_NAME = st.text("abcdefghijklmnopqrstuvwxyzåéłŵÖ'-", min_size=1, max_size=12)


def form(*questions: Question) -> Proforma:
    return Proforma(
        proforma="theirs", title="Theirs", version=1, audience=("learner",), blank="blank.pdf",
        sections=(Section(heading="All", questions=questions),),
    )  # fmt: skip


def read_back(proforma: Proforma, record: dict[str, str]) -> dict[str, object]:
    """What a form says that holds a record, with nothing changed on it."""
    shown = adopted.entries(proforma, record, "")
    fields = [Field(name, "text", entry.words or None, entry.words or None) for name, entry in shown.items()]
    said = adopted.said(fields, proforma, "", record)
    return {path: PLACES[path].parse(f.value) for _, path, f in said if isinstance(f.value, str) and not f.problems}


@given(st.dates(), st.lists(_NAME, min_size=1, max_size=6), st.lists(_NAME, min_size=1, max_size=3), _NAME)
def test_what_is_written_in_several_boxes_or_in_one_comes_back_as_it_was(
    day: object, lines: list[str], given_names: list[str], family: str
) -> None:
    proforma = form(
        Question(ask="learner.date_of_birth", label="Born", fields=("d", "m", "y")),
        Question(ask="learner.address", label="Address", fields=("a1", "a2", "a3", "a4", "a5", "a6")),
        Question(ask="learner.full_name", label="Name", fields=("n",)),
    )
    record = {
        "learner.address": "\n".join(lines), "learner.given_name": " ".join(given_names),
        "learner.family_name": family,
    }  # fmt: skip
    if "1900" <= str(day)[:4] <= "2150":
        record["learner.date_of_birth"] = str(day)
    assert read_back(proforma, record) == record


@pytest.mark.parametrize(("yes", "no", "said"), [(True, False, "Yes"), (False, True, "No"), (False, False, None)])
def test_of_two_ticks_the_one_that_is_marked_counts(yes: bool, no: bool, said: str | None) -> None:
    choices = {"y": "Yes", "n": "No"}
    proforma = form(Question(ask="learner.has_difficulty", label="Difficulty", fields=("y", "n"), choices=choices))
    record = {"learner.has_difficulty": said} if said else {}
    assert [entry.ticked for entry in adopted.entries(proforma, record, "").values()] == (
        [yes, no] if said else [False] * 2
    )
    fields = [Field("y", "tick", yes, None), Field("n", "tick", no, None)]
    ((_, _, field),) = adopted.said(fields, proforma, "", {})
    assert field.value == said
    # Where one of the two is lost, the other says nothing, and somebody is asked.
    assert not list(adopted.said(fields[:1], proforma, "", {}))
    assert [lost.name for lost, _ in adopted.strangers(fields[:1], proforma)] == ["y"]


def test_two_ticks_that_are_both_marked_are_asked_about() -> None:
    proforma = form(
        Question(ask="learner.has_difficulty", label="D", fields=("y", "n"), choices={"y": "Yes", "n": "No"})
    )
    both = [Field(name, "tick", True, None) for name in ("y", "n")]
    ((_, path, field),) = adopted.said(both, proforma, "", {})
    assert isinstance(field.value, str)
    with pytest.raises(ValueError, match="is not one of the choices"):
        PLACES[path].parse(field.value)


def test_every_whole_is_made_of_places_of_the_plan() -> None:
    assert all(PLACES[path].kind is Kind.TEXT for paths in WHOLES.values() for path in paths)
