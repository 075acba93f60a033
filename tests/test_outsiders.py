"""Parents, carers and off-site partners: their copies, their part of a review, their signature, and nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from engine import sharing
from engine.model import canonical
from engine.places import Record
from engine.reading import read
from engine.workspace import Workspace
from tests.conftest import AMRIT, ASSESSED, PROGRAMME, Office
from tests.filling import Answers
from tests.strategies import PROFORMAS

MOTHER: Answers = {
    "contacts[new 1].name": "Harpreet Kaur",
    "contacts[new 1].relation": "Mother",
    "contacts[new 1].may_receive": "Yes",
}
BORN_LATER: Answers = {"learner.date_of_birth": "14/03/2010"}
SCHOOL: Answers = {
    **PROGRAMME,
    "programme.type": "Off-site school",
    "programme.subcontractor": "Low Farm College",
    "training[new 1].what": "Stable work",
    "training[new 1].hours": "90",
}
SIGNED = {"name": "Bryn Hughes", "date": "16/09/2026"}


def lies(office: Office, folder: str) -> list[str]:
    """The documents in a folder for somebody outside."""
    found = (office.root / "outbox" / folder).glob("*/*") if (office.root / "outbox" / folder).exists() else ()
    return sorted(file.name for file in found)


def goes_on(office: Office, day: dt.date) -> None:
    """A new day begins."""
    office.workspace.close()
    office.day(day)
    office.workspace = Workspace(office.root)
    office.workspace.run()


def granted(office: Office, words: str) -> None:
    """A grown-up learner lets the mother see parts of the plan."""
    plan = office.joins(AMRIT | MOTHER)
    rows = {"goals[new 1].text": "Be a baker", "targets[new 1].text": "Shape forty rolls in ten minutes"}
    office.returns(office.document("Individual learning plan"), PROGRAMME | rows)
    goes_on(office, dt.date(2026, 11, 20))
    form = office.workspace.issue("learner-details", plan, "word", office.root.parent)[1]
    office.returns(form, {"grants[Parent or carer].agreed": "Yes", "grants[Parent or carer].what": words})


def policy(office: Office, line: str) -> None:
    """The provider sets a policy."""
    office.workspace.close()
    with (office.root / "counterpart.toml").open("a") as file:
        file.write(f"[policy]\n{line}\n")
    office.workspace = Workspace(office.root)


def everything(file: Path) -> str:
    """All that a file of ours says, in its fields, its text and what is hidden in it."""
    import pikepdf

    form = read(file.read_bytes())
    with pikepdf.open(file) as pdf:
        inside = [bytes(one.read_bytes()) for one in pdf.objects if isinstance(one, pikepdf.Stream)]
        told = [str(one) for one in pdf.docinfo.values()]
    text = b" ".join(inside).decode("latin-1")
    return " ".join([canonical([[f.name, str(f.value), f.label] for f in form.fields]), *told, text])


def page_text(file: Path) -> str:
    """What people see on a PDF."""
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(file))


class TestAParent:
    def test_of_a_learner_under_18_has_their_part_of_a_review_and_it_is_taken_back_as_theirs(
        self, office: Office
    ) -> None:
        plan = office.joins(AMRIT | BORN_LATER | MOTHER)
        office.returns(office.document("Individual learning plan"), PROGRAMME)
        goes_on(office, dt.date(2026, 11, 20))
        assert lies(office, "parent") == ["Progress review - Amrit Kaur.pdf"]
        part = office.document("Progress review", "pdf", "parent")
        assert [f.name for f in read(part.read_bytes()).fields if f.kind != "button"] == ["reviews[1].parent_says"]
        office.returns(part, {"reviews[1].parent_says": "She gets up by herself now."})
        assert office.record(plan)["reviews[1].parent_says"] == "She gets up by herself now."
        theirs = read(office.document("Progress review", "pdf", "learner").read_bytes())
        assert "She gets up by herself now." in {f.value for f in theirs.fields}
        assert office.workspace.queries() == []

    def test_of_somebody_grown_up_has_nothing_unless_the_learner_grants_it(self, office: Office) -> None:
        plan = office.joins(AMRIT | MOTHER)
        office.returns(office.document("Individual learning plan"), PROGRAMME | {"goals[new 1].text": "Be a baker"})
        goes_on(office, dt.date(2026, 11, 20))
        assert lies(office, "parent") == []
        form = office.workspace.issue("learner-details", plan, "word", office.root.parent)[1]
        grant = {"agreed": "Yes", "what": "My goals, Reviews so far", "until": "30/11/2026"}
        office.returns(form, {f"grants[Parent or carer].{part}": value for part, value in grant.items()})
        assert lies(office, "parent") == [
            "Individual learning plan, My goals - Amrit Kaur.pdf",
            "Progress review - Amrit Kaur.pdf",
        ]
        goes_on(office, dt.date(2026, 12, 1))
        assert lies(office, "parent") == []

    @pytest.mark.parametrize("words", ["P", "Prog", "My go", "My", "Goals and luck", "and", "Milestones and my"])
    def test_has_nothing_of_what_a_grant_names_by_letters_or_beside_what_there_is_not(
        self, office: Office, words: str
    ) -> None:
        granted(office, words)
        assert lies(office, "parent") == []

    def test_has_nothing_by_a_name_that_nothing_has_and_the_receipt_says_so(self, office: Office) -> None:
        granted(office, "My goals, Luck")
        assert lies(office, "parent") == ["Individual learning plan, My goals - Amrit Kaur.pdf"]
        receipts = "".join(page.read_text("utf-8") for page in (office.root / "outbox" / "receipts").iterdir())
        assert receipts.count("is called “Luck”, so nobody sees anything by that name.") == 1
        assert "is called “My goals”" not in receipts

    def test_has_what_a_grant_names_as_people_speak_of_it(self, office: Office) -> None:
        granted(office, "Goals and targets")
        assert lies(office, "parent") == [
            "Individual learning plan, My goals - Amrit Kaur.pdf",
            "Individual learning plan, My targets now - Amrit Kaur.pdf",
        ]

    def test_has_no_section_that_half_of_a_name_would_name(self) -> None:
        first, second, *_ = PROFORMAS["plan"].sections
        headings = (
            first.model_copy(update={"heading": "Health"}),
            second.model_copy(update={"heading": "Health and work"}),
        )
        form = PROFORMAS["plan"].model_copy(update={"sections": headings})
        record: Record = {"grants[Parent or carer].agreed": True, "grants[Parent or carer].what": "Health and work"}
        assert sharing.granted(record, form, "parent", dt.date(2026, 11, 20)) == ("Health and work",)

    def test_has_nothing_any_more_from_the_learners_18th_birthday_on(self, office: Office) -> None:
        office.joins(AMRIT | MOTHER | {"learner.date_of_birth": "21/11/2008"})
        office.returns(office.document("Individual learning plan"), PROGRAMME)
        goes_on(office, dt.date(2026, 11, 20))
        assert lies(office, "parent") == ["Progress review - Amrit Kaur.pdf"]
        goes_on(office, dt.date(2026, 11, 21))
        assert lies(office, "parent") == []

    def test_signs_where_policy_asks_on_a_copy_of_their_own(self, office: Office) -> None:
        policy(office, "parents_sign_under = 18")
        plan = office.joins(AMRIT | BORN_LATER)
        office.returns(office.document("Individual learning plan"), PROGRAMME)
        office.day(dt.date(2026, 9, 16))
        office.returns(office.document("Needs summary"), ASSESSED)
        assert lies(office, "parent") == [
            "Training plan and learning agreement - funding-body version, for signature - Amrit Kaur.pdf"
        ]
        copy = office.document("Training plan", "pdf", "parent")
        names = {f.name for f in read(copy.read_bytes()).fields}
        assert {name for name in names if name.startswith("signatures")} == {
            "signatures[parent].name",
            "signatures[parent].date",
        }
        office.returns(copy, {"signatures[parent].name": "Harpreet Kaur", "signatures[parent].date": "16/09/2026"})
        there = office.workspace.standing(plan)
        assert (there.state, set(there.signed)) == ("part-signed", {"parent"})
        others = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}
        answers = {f"signatures[{role}].name": name for role, name in others.items()}
        answers |= {f"signatures[{role}].date": "16/09/2026" for role in others}
        office.returns(office.document("Training plan", "pdf"), answers)
        assert office.workspace.standing(plan).state == "in force"
        assert lies(office, "parent") == []


class TestAPartner:
    def test_who_delivers_a_part_has_the_short_plan_their_part_of_a_review_and_their_copy_to_sign(
        self, office: Office
    ) -> None:
        plan = office.joins()
        office.returns(office.document("Individual learning plan"), SCHOOL)
        office.day(dt.date(2026, 9, 16))
        office.returns(office.document("Needs summary"), ASSESSED)
        assert lies(office, "partner") == [
            "Progress review - Amrit Kaur.pdf",
            "Short-term action plan - Amrit Kaur.docx",
            "Training plan and learning agreement - funding-body version, for signature - Amrit Kaur.pdf",
        ]
        signing = office.document("Training plan", "pdf", "partner")
        assert {"Low Farm College", "Stable work"} <= {str(f.value) for f in read(signing.read_bytes()).fields}
        office.returns(signing, {f"signatures[partner].{part}": value for part, value in SIGNED.items()})
        assert set(office.workspace.standing(plan).signed) == {"partner"}
        part = office.document("Progress review", "pdf", "partner")
        office.returns(part, {"reviews[1].partner_says": "Good with the horses, late twice."})
        assert office.record(plan)["reviews[1].partner_says"] == "Good with the horses, late twice."
        assert office.workspace.queries() == []

    def test_there_is_none_where_the_plan_names_none(self, office: Office) -> None:
        office.ready_to_sign()
        office.returns(office.document("Individual learning plan"), {"programme.subcontractor": "None"})
        goes_on(office, dt.date(2026, 11, 20))
        assert (lies(office, "partner"), lies(office, "parent")) == ([], [])
        review = read(office.document("Progress review").read_bytes())
        assert not [f.name for f in review.fields if "parent_says" in f.name or "partner_says" in f.name]


@pytest.mark.parametrize("folder", ["parent", "partner"])
def test_no_copy_for_somebody_outside_holds_anything_they_may_not_see(office: Office, folder: str) -> None:
    policy(office, "parents_sign_under = 18")
    plan = office.joins(
        AMRIT | BORN_LATER | MOTHER | {"learner.preferred_name": "MARKERNAME", "learner.phone": "0161 496 0123"}
    )
    hidden: Answers = {
        "needs[new 1].description": "MARKERNEED",
        "needs[new 1].action": "MARKERACTION",
        "needs[new 1].status": "Open",
        "programme.assessment_summary": "MARKERASSESSED",
        "programme.english_maths": "MARKERENGLISH",
        "employer.mentor": "MARKERMENTOR",
        "changes[new 1].what": "MARKERCHANGE",
    }
    office.returns(office.document("Individual learning plan"), SCHOOL | hidden)
    office.day(dt.date(2026, 9, 16))
    office.returns(office.document("Needs summary"), ASSESSED)
    mine = {"reviews[1].learner_says": "MARKERLEARNER"}
    office.returns(office.document("Progress review", "pdf", "learner"), mine)
    office.returns(office.document("Progress review"), {"reviews[1].tutor_says": "MARKERTUTOR"})
    form = office.workspace.issue("learner-details", plan, "word", office.root.parent)[1]
    grants = {f"grants[{whose}].{part}": value for whose in ("Parent or carer", "Next provider")
              for part, value in (("agreed", "Yes"), ("what", "All"))}  # fmt: skip
    office.returns(form, grants)
    files = sorted((office.root / "outbox" / folder).glob("*/*.pdf"))
    assert any("Training plan" in file.name for file in files)
    for file in files:
        said = everything(file) + page_text(file) + file.name
        assert "MARKER" not in said, file.name
        assert "0161 496" not in said, file.name
    for file in (office.root / "outbox" / folder).glob("*/*.docx"):
        import zipfile

        with zipfile.ZipFile(file) as packed:
            assert not [n for n in packed.namelist() if b"MARKER" in packed.read(n)], file.name
    other = {"parent": "partner_says", "partner": "parent_says"}[folder]
    assert not [f.name for file in files for f in read(file.read_bytes()).fields if f.name.endswith(other)]
