"""Rules of companions: a guide for learners and notes for staff beside every form, made of its own definition."""

from __future__ import annotations

from io import BytesIO

import page
import pikepdf
import pytest
from strategies import PROFORMAS

from engine import guides
from engine.plan import PLACES
from engine.reading import read
from engine.sheet import Sheet
from engine.writing.pages import texts
from engine.writing.pdf import write_guide
from tests.conftest import Office

TELL = ("Reception: 01632 960100", "If you do not feel safe, talk to Ms Okafor.")
NAMES = sorted(PROFORMAS)


def said(sheet: Sheet | None) -> str:
    assert sheet is not None
    return "\n".join(texts(sheet))


@pytest.mark.parametrize("name", NAMES)
def test_the_notes_explain_every_question_and_the_guide_every_one_that_is_the_learners(name: str) -> None:
    proforma = PROFORMAS[name]
    notes = said(guides.for_staff(proforma, "Kingsmead"))
    assert [q.label for _, q, _ in proforma.questions() if q.label not in notes] == []
    if proforma.asks("learner"):
        guide = said(guides.for_learners(proforma, "Kingsmead", TELL))
        own = [q.plain or q.label for _, q, _ in proforma.questions() if "learner" in q.by]
        assert [label for label in own if label not in guide] == []
        assert all(line in guide for line in TELL)


def test_a_form_that_asks_nothing_of_learners_has_no_guide_for_them() -> None:
    form = PROFORMAS["learner-details"]
    staff_only = form.model_copy(update={"signed": (), "sections": form.sections[2:3]})
    only = staff_only.sections[0].model_copy(
        update={
            "questions": tuple(q.model_copy(update={"by": ("provider",)}) for q in staff_only.sections[0].questions)
        }
    )
    assert guides.for_learners(staff_only.model_copy(update={"sections": (only,)}), "Kingsmead") is None


def test_the_notes_say_what_a_change_leads_to() -> None:
    notes = said(guides.for_staff(PROFORMAS["plan"], "Kingsmead"))
    assert "may have to be signed again" in notes
    assert "It goes forward only; to go back, say why in “Why open again”." in notes
    review = said(guides.for_staff(PROFORMAS["progress-review"], "Kingsmead"))
    assert "name them in “Who wrote this down for the learner”" in review
    assert "What was written stays" in review
    assert any(place.about.sensitivity == 3 for place in map(PLACES.__getitem__, PROFORMAS["support-plan"].places()))
    assert "Very private" in said(guides.for_staff(PROFORMAS["support-plan"], "Kingsmead"))


@pytest.mark.parametrize("name", ["plan", "learning-log", "funding-plan"])
def test_they_pass_pdf_ua_and_are_no_forms(name: str) -> None:
    for sheet in (
        guides.for_learners(PROFORMAS[name], "Kingsmead", TELL),
        guides.for_staff(PROFORMAS[name], "Kingsmead"),
    ):
        assert sheet is not None
        content = write_guide(sheet)
        assert content == write_guide(sheet)
        assert list(page.validate_pdf_bytes(content, profile="ua1").failures) == []
        with pikepdf.open(BytesIO(content)) as pdf:
            assert "/AcroForm" not in pdf.Root
        found = read(content)
        assert found.stamps == ()
        assert found.refused is not None
        assert (found.fields, "no boxes" in found.refused.reason) == ((), True)


def test_they_lie_beside_the_blank_forms_and_speak_the_words_of_the_setting(office: Office) -> None:
    there = {file.stem for file in (office.root / "outbox" / "blank forms" / "guides").glob("*.pdf")}
    assert {"Target sheet - guide for learners", "Target sheet - notes for staff"} <= there
    assert not any(title.startswith(("Amendment", "Questions")) for title in there)
