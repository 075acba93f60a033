"""Rules of other people's forms: adopted, given out in their own layout, filled elsewhere, taken in as any other."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pikepdf
import pytest
from docx import Document

from engine import documents, theirs
from engine.adopted import Entry
from engine.adopting import Adopted, adopt
from engine.cli import run
from engine.errors import Declined, Mistake, WrongUse
from engine.model import Manner
from engine.reading import read
from engine.reading.limits import Limits
from engine.workspace import Workspace
from tests.conftest import AMRIT, Office, made_office
from tests.filling import fill_pdf, fill_word
from tests.made_foreign import harbour_enrolment, riverside_review

KAUR = {
    **AMRIT, "learner.address": "12 Mill Lane\nOtley\nLeeds", "learner.postcode": "LS21 3AB",
    "learner.email": "amrit@example.org", "learner.sex": "Female",
}  # fmt: skip


@pytest.fixture(scope="module")
def new_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an office with few forms of ours, so that little is written besides."""
    return made_office(tmp_path_factory.mktemp("few") / "office", "learner-details", "funding-plan")


def adopted(office: Office, form: Path, name: str, *confirmed: str) -> Adopted:
    """A form adopted, and the questions of these labels confirmed by a person."""
    made = adopt(form.read_bytes(), form.name, name, office.root / "proformas", Limits())
    file = made.folder / "proforma.yaml"
    text = file.read_text("utf-8")
    for label in confirmed:
        text, count = re.subn(rf'(label: "?{re.escape(label)}"?\n(?:.*\n)*?)\s+confirm: .*\n', r"\1", text, count=1)
        assert count, label
    file.write_text(text, "utf-8")
    reopen(office)
    return made


def reopen(office: Office) -> None:
    office.workspace.close()
    office.workspace = Workspace(office.root)


def cells(file: Path) -> dict[str, str]:
    """What stands in a label table, as python-docx sees it."""
    document = Document(str(file))
    return {row.cells[0].text: row.cells[1].text for table in document.tables for row in table.rows}


def type_in_cells(file: Path, answers: Mapping[str, str]) -> None:
    """Types into the plain cells of a label table with python-docx."""
    document = Document(str(file))
    for row in (row for table in document.tables for row in table.rows):
        if row.cells[0].text in answers:
            row.cells[1].text = answers[row.cells[0].text]
    document.save(str(file))


def saved_by_libreoffice(file: Path, folder: Path) -> None:
    """The file saved again by LibreOffice; its older versions forget the names of controls."""
    profile = f"-env:UserInstallation={(file.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def fields(file: Path) -> dict[str, str]:
    """What is stored in the fields of a PDF, as pikepdf sees it."""
    with pikepdf.open(file) as pdf:
        return {str(f.T): str(f.get("/V", "")) for f in pdf.Root.AcroForm.Fields if "/T" in f}


class TestAWordForm:
    def test_is_given_out_filled_in_its_own_layout_and_comes_back_into_the_record(
        self, office: Office, tmp_path: Path
    ) -> None:
        plan = office.joins(KAUR)
        form = riverside_review(tmp_path / "Riverside review.docx")
        adopted(office, form, "riverside", "Contact no")
        given, file = office.workspace.issue("riverside", plan)
        assert given.medium == "word"
        read_back = {f.name: f.value for f in read(file.read_bytes()).fields}
        assert read_back["LearnerName"] == "Amrit Kaur"
        assert read_back["DOB"] == "2008-03-14"
        assert read_back["Gender"] == "F"
        assert cells(file)["Learner's email address"] == "amrit@example.org"
        assert cells(file)["Learner's address"] == "12 Mill Lane\nOtley\nLeeds"
        returned = office.root / "inbox" / "back.docx"
        returned.write_bytes(
            fill_word(
                file.read_bytes(),
                {"ReviewDate": "14/09/2026", "Well": "Puff pastry & choux", "Privacy": True, "Gender": "F"},
            )
        )
        type_in_cells(
            returned,
            {
                "Favourite sandwich": "Egg and cress", "Next review date": "12/10/2026", "Contact no": "01132 496 0123",
                "Learner comments": "I like the early start",
            },
        )  # fmt: skip
        office.day(dt.date(2026, 9, 15))
        summary = office.workspace.run()
        assert (summary.taken_in, summary.refused, summary.queries_raised) == (1, 0, 0)
        record = office.record(plan)
        assert record["reviews[1].held"] == "2026-09-14"
        assert record["reviews[1].went_well"] == "Puff pastry & choux"
        assert record["reviews[1].learner_says"] == "I like the early start"
        assert record["reviews[1].next_due"] == "2026-10-12"
        assert record["learner.phone"] == "01132 496 0123"
        assert record["sharing.notice_seen"] is True
        assert record["local[riverside/favourite-sandwich].value"] == "Egg and cress"
        assert record["local[riverside/favourite-sandwich].asked"] == "Favourite sandwich"
        assert record["learner.address"] == KAUR["learner.address"]

    def test_is_known_by_its_labels_where_a_program_lost_the_names_of_its_boxes(
        self, office: Office, tmp_path: Path
    ) -> None:
        if not shutil.which("soffice"):
            pytest.skip("apt-get install libreoffice-writer")
        plan = office.joins(KAUR)
        adopted(office, riverside_review(tmp_path / "Riverside review.docx"), "riverside")
        _, file = office.workspace.issue("riverside", plan)
        typed = tmp_path / "back.docx"
        typed.write_bytes(fill_word(file.read_bytes(), {"ReviewDate": "14/09/2026", "Well": "Choux", "Privacy": True}))
        saved_by_libreoffice(typed, office.root / "inbox")
        office.day(dt.date(2026, 9, 15))
        summary = office.workspace.run()
        assert (summary.taken_in, summary.refused, summary.queries_raised) == (1, 0, 0)
        record = office.record(plan)
        assert (record["reviews[1].held"], record["reviews[1].went_well"]) == ("2026-09-14", "Choux")
        assert record["sharing.notice_seen"] is True
        assert {path: record[path] for path in KAUR if path.startswith("learner.a")} == {
            "learner.address": KAUR["learner.address"]
        }


class TestAPdfForm:
    def test_is_given_out_filled_in_its_own_layout_and_comes_back_into_the_record(
        self, office: Office, tmp_path: Path
    ) -> None:
        plan = office.joins(KAUR)
        form = harbour_enrolment(tmp_path / "Harbour enrolment.pdf")
        adopted(office, form, "harbour", "Address")
        given, file = office.workspace.issue("harbour", plan)
        assert given.medium == "pdf"
        stored = fields(file)
        assert (stored["dob_day"], stored["dob_month"], stored["dob_year"]) == ("14", "03", "2008")
        assert stored["learner_address1"] == "12 Mill Lane"
        assert stored["uln"] == AMRIT["learner.uln"]
        assert stored["sex"] == "F"
        assert stored["counterpart.stamp"] == given.stamp.line() if "counterpart.stamp" in stored else True
        assert _shows(file, "Amrit")
        assert _shows(file, given.form)
        answers = {"career": "Open a bakery\nin Otley", "shoe_size": "38", "dob_year": "2009"}
        returned = office.root / "inbox" / "back.pdf"
        returned.write_bytes(_tick(fill_pdf(file.read_bytes(), answers), "privacy"))
        summary = office.workspace.run()
        assert (summary.taken_in, summary.refused, summary.queries_raised) == (1, 0, 0)
        record = office.record(plan)
        assert record["aspiration.destination"] == "Open a bakery\nin Otley"
        assert record["local[harbour/shoe-size-for-the-workshop].value"] == "38"
        assert record["learner.date_of_birth"] == "2009-03-14"
        assert record["sharing.notice_seen"] is True
        assert record["learner.address"] == KAUR["learner.address"]

    def test_that_comes_without_its_number_is_known_by_its_boxes(self, office: Office, tmp_path: Path) -> None:
        form = harbour_enrolment(tmp_path / "Harbour enrolment.pdf")
        adopted(office, form, "harbour")
        answers = {
            "learner_first_name": "Tomos", "learner_surname": "Llewellyn", "dob_day": "2", "dob_month": "11",
            "dob_year": "2007", "uln": "9276308686", "tutor_email": "r.mbeki@harbour.example",
        }  # fmt: skip
        (office.root / "inbox" / "new.pdf").write_bytes(fill_pdf(form.read_bytes(), answers))
        office.workspace.run()
        (plan,) = office.workspace.premises.ledger.plans()
        assert office.record(plan)["learner.date_of_birth"] == "2007-11-02"
        # What nobody has confirmed is not merged: somebody is asked, and nothing is lost.
        assert "staff.tutor_email" not in office.record(plan)
        (query,) = office.workspace.queries(plan)
        assert "r.mbeki@harbour.example" in query.question
        assert "staff.tutor_email" in query.question


class TestWhatIsGivenOut:
    def test_is_the_same_byte_for_byte_when_it_is_written_again(self, office: Office, tmp_path: Path) -> None:
        plan = office.joins(KAUR)
        for form in (riverside_review(tmp_path / "a.docx"), harbour_enrolment(tmp_path / "b.pdf")):
            adopted(office, form, f"form-{form.stem}")
            given, file = office.workspace.issue(f"form-{form.stem}", plan)
            assert documents.render(office.workspace.premises, given).content == file.read_bytes()

    def test_shows_nothing_where_nobody_has_confirmed_the_place(self, office: Office, tmp_path: Path) -> None:
        plan = office.joins(KAUR)
        adopted(office, harbour_enrolment(tmp_path / "Harbour enrolment.pdf"), "harbour")
        _, file = office.workspace.issue("harbour", plan)
        assert fields(file)["learner_address1"] == ""

    def test_is_held_back_where_a_box_is_too_small_and_says_which(self, office: Office, tmp_path: Path) -> None:
        plan = office.joins({**KAUR, "learner.given_name": "Amrit " * 60})
        adopted(office, harbour_enrolment(tmp_path / "Harbour enrolment.pdf"), "harbour")
        with pytest.raises(Declined, match=r"“First name” is too small for its answer"):
            office.workspace.issue("harbour", plan)

    def test_is_given_out_as_the_file_it_is_and_no_other(self, office: Office, tmp_path: Path) -> None:
        adopted(office, harbour_enrolment(tmp_path / "Harbour enrolment.pdf"), "harbour")
        with pytest.raises(Declined, match="is a PDF"):
            office.workspace.issue("harbour", None, "word")
        with pytest.raises(WrongUse, match="somebody else's form"):
            office.workspace.issue("harbour", manner=Manner("large-print"))

    def test_keeps_every_box_of_the_blank_and_what_stands_in_it(self, office: Office, tmp_path: Path) -> None:
        for form in (riverside_review(tmp_path / "a.docx"), harbour_enrolment(tmp_path / "b.pdf")):
            before = read(form.read_bytes()).fields
            adopted(office, form, f"form-{form.stem}")
            _, file = office.workspace.issue(f"form-{form.stem}")
            after = read(file.read_bytes()).fields
            assert [(f.name, f.kind, f.value) for f in after] == [(f.name, f.kind, f.value) for f in before]

    def test_lies_blank_with_the_other_blank_forms(self, office: Office, tmp_path: Path) -> None:
        adopted(office, harbour_enrolment(tmp_path / "Harbour enrolment.pdf"), "harbour")
        office.workspace.run()
        assert [f.name for f in (office.root / "outbox" / "blank forms").glob("Harbour*")] == ["Harbour enrolment.pdf"]


def test_a_blank_that_is_gone_is_told_and_once_it_is_back_the_rest_is_put_in_order(
    office: Office, tmp_path: Path
) -> None:
    blanks = office.root / "outbox" / "blank forms"
    made = adopted(office, harbour_enrolment(tmp_path / "Harbour enrolment.pdf"), "harbour")
    (file,) = made.folder.glob("*.pdf")
    shutil.move(file, tmp_path / "away.pdf")
    shutil.rmtree(office.root / "proformas" / "funding-plan")
    reopen(office)
    (trouble,) = office.workspace.run().troubles
    assert f"is gone: {file}. Put it back there." in trouble
    shutil.move(tmp_path / "away.pdf", file)
    assert office.workspace.run().troubles == ()
    assert sorted(f.stem for f in blanks.glob("*.pdf")) == [
        "Harbour enrolment",
        "Learner details and sharing agreement",
    ]


def test_a_form_of_somebody_else_lies_ready_for_nobody(office: Office, tmp_path: Path) -> None:
    adopted(office, harbour_enrolment(tmp_path / "Harbour enrolment.pdf"), "harbour")
    with (office.root / "counterpart.toml").open("a") as file:
        file.write('[ready]\nemployer = ["harbour"]\n')
    with pytest.raises(Mistake, match=r"“ready\.employer” names “harbour”, which is somebody else’s form"):
        reopen(office)


def test_a_full_name_of_three_words_is_told_apart_by_what_the_plan_says(office: Office, tmp_path: Path) -> None:
    plan = office.joins({**KAUR, "learner.given_name": "Amrit Jaspreet"})
    adopted(office, riverside_review(tmp_path / "Riverside review.docx"), "riverside")
    _, file = office.workspace.issue("riverside", plan)
    returned = office.root / "inbox" / "back.docx"
    returned.write_bytes(fill_word(file.read_bytes(), {"LearnerName": "Amrit Jaspreet Kaur-Singh"}))
    office.workspace.run()
    assert office.record(plan)["learner.family_name"] == "Kaur-Singh"
    assert office.record(plan)["learner.given_name"] == "Amrit Jaspreet"


def _tick(content: bytes, name: str) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        (field,) = (f for f in pdf.Root.AcroForm.Fields if str(f.get("/T")) == name)
        field.V = field.AS = pikepdf.Name("/Ja")
        saved = io.BytesIO()
        pdf.save(saved)
    return saved.getvalue()


def _shows(file: Path, words: str) -> bool:
    """Whether PDFium, drawing the page, shows these words: of its text, and of what stands in its fields."""
    import pypdfium2

    document = pypdfium2.PdfDocument(file)
    document.init_forms()
    page = document[0]
    page.flatten()
    return words in document[0].get_textpage().get_text_bounded()


def test_the_command_lists_every_question_once_and_asks_for_a_person(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form, place = str(harbour_enrolment(tmp_path / "Harbour enrolment.pdf")), ["--workspace", str(office.root)]
    assert run(["adopt", form, "--as", "harbour", "--json", *place]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said.keys() >= {"proforma", "title", "folder", "blank", "audience", "questions", "notes"}
    boxes = [box for question in said["questions"] for box in question["fields"]]
    assert sorted(boxes) == sorted(set(boxes)) == sorted(f.name for f in read(Path(form).read_bytes()).fields)
    assert {question["status"] for question in said["questions"]} == {"sure", "confirm", "local"}
    assert run(["check", "harbour", *place]) == 1
    assert "“Address” waits to be confirmed as learner.address" in capsys.readouterr().out
    assert run(["adopt", form, "--as", "harbour", *place]) == 2
    assert run(["adopt", form, "--as", "Harbour!", *place]) == 2
    assert run(["adopt", str(tmp_path / "no such.pdf"), "--as", "other", *place]) == 2


def test_a_mistake_in_an_adopted_form_names_the_boxes_it_has(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = adopted(office, harbour_enrolment(tmp_path / "Harbour enrolment.pdf"), "harbour")
    file = made.folder / "proforma.yaml"
    sound = file.read_text("utf-8")
    for right, wrong, what, meant in (
        ("fields: [career]", "fields: [carer]", "the blank has no box “carer”", "Did you mean “career”?"),
        ("fields: [career]", "fields: [uln]", "the box “uln” belongs to two questions", "The first is on line"),
        ("blank: blank.pdf", "blank: blanc.pdf", "there is no file “blanc.pdf” here", "Did you mean “blank.pdf”?"),
        ("ask: learner.uln", "ask: learner.given_name", "is asked for twice", "The first is on line"),
    ):
        file.write_text(sound.replace(right, wrong, 1), "utf-8")
        assert run(["check", "harbour", "--workspace", str(office.root)]) == 2
        (line,) = capsys.readouterr().out.splitlines()
        assert what in line
        assert meant in line


@pytest.mark.parametrize(
    ("right", "wrong"),
    [('w:bottom="1440"', 'w:bottom="72pt"')]
    + [("<w14:checkbox>", f'<w14:checkbox><w14:checkedState w14:val="{code}"/>') for code in ("x", "0", "F" * 10)],
)
def test_what_another_program_wrote_amiss_in_a_word_form_stops_nothing(tmp_path: Path, right: str, wrong: str) -> None:
    form, odd = riverside_review(tmp_path / "review.docx"), io.BytesIO()
    with zipfile.ZipFile(form) as whole, zipfile.ZipFile(odd, "w") as made:
        for part in whole.namelist():
            content = whole.read(part)
            assert part != "word/document.xml" or right.encode() in content
            made.writestr(part, content.replace(right.encode(), wrong.encode()))
    filled = theirs.fill(odd.getvalue(), {"Privacy": Entry(ticked=True)}, "a stamp", Limits())
    assert {f.name: f.value for f in read(filled.content).fields}["Privacy"] is True


def test_an_administrators_own_words_are_known_and_a_mistake_in_them_is_named(office: Office, tmp_path: Path) -> None:
    form = riverside_review(tmp_path / "review.docx")
    words = office.root / "wording.yaml"
    for wrong, why in (
        ("places: [", "line 1"),
        ("- places", "valid dictionary"),
        ("places:\n  - {place: learner.shoe, said: [shoe]}", "no place “learner.shoe”"),
        ("places:\n  - {place: learner.phone, sayd: [ring]}", "places, 1, sayd"),
        ("places:\n  - {place: learner.phone, of: lerner, said: [ring]}", "nobody “lerner”"),
        ("people:\n  - {who: aunt, role: aunt, called: [aunt]}", "nobody signs as “aunt”"),
        ("until: {reviews: hold}", "no place “reviews”"),
    ):
        words.write_text(wrong, "utf-8")
        with pytest.raises(Mistake, match=rf"wording\.yaml.*{why}"):
            adopt(form.read_bytes(), form.name, "review", office.root / "proformas", Limits())
    words.write_text('places:\n  - {place: learner.phone, of: learner, said: ["?", pigeon]}\nfillers:\n', "utf-8")
    made = adopted(office, form, "review")
    assert "about: reviews\nuntil: held\n" in (made.folder / "proforma.yaml").read_text("utf-8")


def test_the_limits_in_the_settings_hold_for_a_blank_of_other_people(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = riverside_review(tmp_path / "review.docx")
    with (office.root / "counterpart.toml").open("a") as file:
        file.write("[limits]\nfields = 3\n")
    assert run(["adopt", str(form), "--as", "review", "--workspace", str(office.root)]) == 1
    assert "the setting limits.fields" in capsys.readouterr().err


def test_one_of_ours_needs_no_adopting(office: Office) -> None:
    blank = office.blank("Learner details")
    with pytest.raises(Declined, match="form of ours"):
        adopt(blank.read_bytes(), blank.name, "theirs", office.root / "proformas", Limits())
