"""Rules of words: a setting's own words stand on every form, and a form is read by them and by those it had before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from strategies import PROFORMAS, form_of, issue
from test_recognise import told, without_names

from engine import vocabulary
from engine.answers import read_answers
from engine.errors import Mistake
from engine.layout import lay_out
from engine.model import State
from engine.opening import shipped
from engine.proforma import Proforma
from engine.workspace import Workspace
from engine.writing.pages import texts
from tests.conftest import Office

WORDS = vocabulary.load(shipped("proformas"))
SETS = (("IEP", "pupil"), ("training plan", "apprentice"), ("PEP", "learner"), ("learning agreement", "ILP"))


def read_by_label(form: Proforma, by: Proforma) -> dict[str, tuple[State, object]]:
    """What is read from a form of which only the labels are left, by another wording of the same proforma."""
    given = issue(form.proforma)
    record = {"learner.given_name": "Amrit", "learner.family_name": "Kaur"}
    return told(read_answers(without_names(form_of(lay_out(form, record, given, "Kingsmead"))), by, given.row))


@pytest.mark.parametrize("names", SETS, ids=" and ".join)
@pytest.mark.parametrize("name", sorted(PROFORMAS))
def test_labels_stay_unique_and_are_read_back_in_either_words(name: str, names: tuple[str, ...]) -> None:
    usual = PROFORMAS[name]
    other = vocabulary.worded(usual, WORDS.chosen(names))
    labels = [q.label.casefold() for _, q, _ in other.questions()]
    assert len(set(labels)) == len(labels)
    assert other.places() == usual.places()
    asked = {box.name for box in lay_out(usual, {}, issue(name), "Kingsmead").boxes()}
    for form, by in ((other, other), (usual, other)):
        assert read_by_label(form, by).keys() == asked


@pytest.mark.parametrize("name", sorted(name for name, proforma in PROFORMAS.items() if not proforma.serves))
def test_no_form_for_pupils_speaks_of_learners(name: str) -> None:
    other = vocabulary.worded(PROFORMAS[name], WORDS.chosen(("pupil", "IEP")))
    said = " ".join(texts(lay_out(other, {}, issue(name), "Kingsmead"))).casefold()
    for kept in WORDS.never:
        said = said.replace(kept, "")
    assert not re.search(r"\blearners?\b", said)
    assert "individual learning plan" not in said


def test_capitals_articles_and_proper_names_are_kept() -> None:
    usual = PROFORMAS["learner-details"]
    other = vocabulary.worded(usual, WORDS.chosen(("apprentice",)))
    said = {place.path: question.label for _, question, place in other.questions()}
    assert other.title == "Apprentice details and sharing agreement"
    assert said["learner.reference"] == "Apprentice reference"
    assert said["learner.uln"] == "Unique learner number (ULN)"


def test_where_two_questions_would_be_called_the_same_the_second_keeps_its_words() -> None:
    usual = PROFORMAS["plan"]
    other = vocabulary.worded(usual, {"family name": "first names"})
    assert [q.label for _, q, _ in other.questions()][:2] == ["First names", "Family name"]


def test_a_second_language_stands_beside_the_label_and_both_are_read() -> None:
    usual = PROFORMAS["plan"]
    (first, *rest) = usual.sections
    named = first.questions[0].model_copy(update={"other": {"cy": "Enwau cyntaf"}})
    section = first.model_copy(update={"other": {"cy": "Dyma fi"}, "questions": (named, *first.questions[1:])})
    welsh = usual.model_copy(update={"sections": (section, *rest)})
    both = vocabulary.worded(welsh, {}, "cy")
    assert both.sections[0].heading == "This is me / Dyma fi"
    assert both.sections[0].questions[0].label == "First names / Enwau cyntaf"
    assert read_by_label(both, both)["learner.given_name"] == (State.SAID, "Amrit")
    assert read_by_label(usual, both)["learner.given_name"] == (State.SAID, "Amrit")


def test_the_setting_changes_the_forms_and_what_is_out_comes_back_right(office: Office) -> None:
    plan = office.joins()
    out = office.document("Individual learning plan")
    kept = out.rename(office.root / out.name)
    with (office.root / "counterpart.toml").open("a") as settings:
        settings.write('[forms]\nwords = ["IEP", "pupil"]\n')
    office.workspace.close()
    office.workspace = Workspace(office.root)
    office.returns(kept, {"aspiration.destination": "Run my own bakery"})
    assert office.record(plan)["aspiration.destination"] == "Run my own bakery"
    assert office.document("Individual education plan").exists()
    blanks = {file.stem for file in (office.root / "outbox" / "blank forms").glob("*.pdf")}
    assert "Pupil details and sharing agreement" in blanks
    assert "Learner details and sharing agreement" not in blanks
    assert not list((office.root / "outbox" / "staff").glob("*/Individual learning plan*"))


def test_a_set_that_there_is_not_and_a_file_that_cannot_be_are_named(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="no set of words “ghosts”"):
        WORDS.chosen(("ghosts",))
    for text in ("sets: [", "sets: 7"):
        (tmp_path / "vocabulary.yaml").write_text(text, "utf-8")
        with pytest.raises(Mistake, match=r"vocabulary\.yaml"):
            vocabulary.load(tmp_path)
