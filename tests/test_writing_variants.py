"""Rules of variants: large print, plain words, one section, one role; each says the same as the standard form."""

from __future__ import annotations

import ctypes
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import page
import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from engine.answers import read_answers
from engine.cli import run
from engine.errors import WrongUse
from engine.layout import lay_out
from engine.model import Manner, Rendition
from engine.places import Record
from engine.plan import place_of
from engine.proforma import ROLE_LETTER
from engine.proofs import disagreements
from engine.reading import read
from engine.sheet import Sheet
from engine.signoff import content_digest
from engine.writing import pdf, word
from tests.conftest import AMRIT, Office
from tests.strategies import PROFORMAS, form_of, issue, paths_of

WRITERS: dict[str, Callable[[Sheet], Rendition]] = {"word": word.write_form, "pdf": pdf.write_form}
VARIANTS = ("large-print", "plain", "plain-large-print")
EACH = [(proforma, variant) for proforma in sorted(PROFORMAS) for variant in VARIANTS]


SAID = {
    "tick": True, "yes-no": True, "date": "2027-01-31", "number": 3, "e-mail": "amrit@kingsmead.example",
    "phone": "0161 496 0000",
}  # fmt: skip


def full(proforma: str) -> Record:
    """A record in which every place of a form says something; codes aside, which have digits that must fit."""
    found = {}
    for n, path in enumerate(paths_of(PROFORMAS[proforma].places())):
        place = place_of(path)
        if place and place.format != "code":
            found[path] = place.choices[0] if place.format == "choice" else SAID.get(place.format, f"Nr. {n} & more")
    return found


def sheet(proforma: str, **manner: str) -> Sheet:
    return lay_out(PROFORMAS[proforma], full(proforma), issue(proforma, **manner), "Kingsmead")


def values(shown: Sheet) -> dict[str, object]:
    return {box.name: box.value for box in shown.boxes()}


def unpacked(content: bytes) -> str:
    """The words of a Word form's body."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return parts.read("word/document.xml").decode()


class TestEveryVariant:
    @pytest.mark.parametrize("medium", WRITERS)
    @pytest.mark.parametrize(("proforma", "variant"), EACH)
    def test_says_the_same_and_reads_back(self, proforma: str, variant: str, medium: str) -> None:
        shown, standard = sheet(proforma, variant=variant), sheet(proforma)
        spare = {name for name in values(standard) if "[new " in name}
        assert values(shown).keys() == values(standard).keys()
        assert {k: v for k, v in values(shown).items() if k not in spare} == {
            k: v for k, v in values(standard).items() if k not in spare
        }
        content = WRITERS[medium](shown).content
        assert disagreements(shown, content) == []
        assert read(content).remarks == ()

    @pytest.mark.parametrize(("proforma", "variant"), EACH)
    def test_is_still_read_when_a_program_has_lost_the_names_of_its_boxes(self, proforma: str, variant: str) -> None:
        shown = sheet(proforma, variant=variant)
        form = form_of(shown)
        nameless = replace(form, fields=tuple(f._replace(name=f"Text{n}") for n, f in enumerate(form.fields)))
        found = {a.place: a.value for a in read_answers(nameless, PROFORMAS[proforma], "1")}
        assert found == {a.place: a.value for a in read_answers(form, PROFORMAS[proforma], "1")}

    @pytest.mark.parametrize("proforma", sorted(PROFORMAS))
    def test_passes_pdf_ua(self, proforma: str) -> None:
        content = pdf.write_form(sheet(proforma, variant="plain-large-print")).content
        assert page.validate_pdf_bytes(content, profile="ua1").failures == []


class TestLargePrint:
    @pytest.mark.parametrize("proforma", sorted(PROFORMAS))
    def test_has_nothing_on_its_pages_below_18_points(self, proforma: str) -> None:
        shown = replace(sheet(proforma, variant="large-print"), mark="Working document")
        assert sizes(pdf.write_form(shown).content) >= {18}
        assert min(sizes(pdf.write_form(shown).content)) >= 18

    def test_has_no_smaller_letters_in_word_either(self) -> None:
        with zipfile.ZipFile(io.BytesIO(word.write_form(sheet("plan", variant="large-print")).content)) as parts:
            styles = parts.read("word/styles.xml").decode()
        named = re.sub(r'<w:style [^>]*w:styleId="Gap">.*?</w:style>', "", styles)
        assert min(int(half) for half in re.findall(r'<w:sz w:val="(\d+)"', named)) >= 36

    def test_sets_each_row_of_a_wide_table_out_by_itself(self) -> None:
        shown = sheet("plan", variant="large-print")
        assert {b.heading for b in shown.blocks if "targets" in b.heading} >= {
            "My targets now: T1",
            "My targets now: new 1",
        }
        assert not [block for block in shown.blocks if len(block.columns) > 3]


def sizes(content: bytes) -> set[int]:
    """The sizes of the letters on the pages, in whole points."""
    found = set()
    with pypdfium2.PdfDocument(content) as opened:
        opened.init_forms()
        for sheet_of_paper in opened:
            for thing in sheet_of_paper.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=5):
                points = ctypes.c_float()
                pdfium.FPDFTextObj_GetFontSize(thing, points)
                found.add(round(points.value))
    return found


class TestPlainWords:
    def test_are_those_of_the_form(self) -> None:
        labels = [box.label for box in sheet("progress-review", variant="plain").boxes()]
        assert "What do you want to say?" in labels
        assert "What the learner says" not in labels

    def test_are_the_usual_ones_where_the_form_has_none(self) -> None:
        assert "First names" in [box.label for box in sheet("plan", variant="plain").boxes()]


class TestForOneRole:
    @pytest.mark.parametrize(
        ("proforma", "role"),
        [(name, role) for name in sorted(PROFORMAS) for role in ROLE_LETTER if PROFORMAS[name].asks(role)],
    )
    def test_only_its_questions_are_on_it(self, proforma: str, role: str) -> None:
        shown = sheet(proforma, role=role)
        by = {PROFORMAS[proforma].path(s, q): q.by for s, q, _ in PROFORMAS[proforma].questions()}
        for box in shown.boxes():
            place = place_of(box.name)
            assert place is not None
            assert ROLE_LETTER[role] in place.audience
            if box.name.startswith("signatures["):
                assert box.name.startswith(f"signatures[{role}]")
            elif not PROFORMAS[proforma].signable and by[place.path]:
                assert role in by[place.path]
        assert {f.name for f in read(pdf.write_form(shown).content).fields} == {box.name for box in shown.boxes()}

    @pytest.mark.parametrize("medium", WRITERS)
    def test_what_it_may_not_see_is_nowhere_on_it(self, medium: str) -> None:
        record = {"prior[L1].item": "GCSE", "needs[N1].action": "Qwyjibo", "needs[N1].description": "Qwyjibo"}
        shown = lay_out(PROFORMAS["needs-summary"], record, issue("needs-summary", role="provider"), "Kingsmead")
        assert "Qwyjibo" not in repr(shown)
        assert "GCSE" in repr(shown)
        assert disagreements(shown, WRITERS[medium](shown).content) == []

    def test_a_signer_has_the_whole_plan_to_read_and_one_place_to_sign(self) -> None:
        shown = sheet("funding-plan", role="employer", to_sign=True)
        assert [s.role for s in shown.signatures] == ["employer"]
        assert full("funding-plan").keys() <= values(shown).keys()


class TestByTheFrontDoor:
    def test_a_learner_who_wants_large_print_gets_it_in_their_own_folder(self, office: Office) -> None:
        office.joins({**AMRIT, "learner.type_size": "Large print (18 point)"})
        mine = sizes(office.document("Individual", "pdf", "learner").read_bytes())
        staffs = sizes(office.document("Individual", "pdf", "staff").read_bytes())
        assert min(mine) == 18
        assert min(staffs) == 12

    def test_a_section_alone_says_that_it_is_and_is_for_no_signature(self, office: Office) -> None:
        plan = office.ready_to_sign()
        given, file = office.workspace.issue("funding-plan", plan, "word", office.root, Manner(section="the programme"))
        body = unpacked(file.read_bytes())
        assert "printed on 16/09/2026 from revision 3" in body
        assert "may be outdated" in body
        assert not given.to_sign
        assert {f.name.partition("[")[0] for f in read(file.read_bytes()).fields} == {
            q.ask for s, q, _ in PROFORMAS["funding-plan"].questions() if s.heading == "The programme"
        }

    def test_copies_signed_in_different_variants_make_one_version(self, office: Office) -> None:
        plan = office.ready_to_sign()
        names = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}
        for (role, name), variant in zip(names.items(), ("plain-large-print", "plain", "standard"), strict=True):
            manner = Manner(variant, role)  # type: ignore[arg-type]
            _, file = office.workspace.issue("funding-plan", plan, "pdf", office.root / "forms", manner)
            office.returns(file, {f"signatures[{role}].name": name, f"signatures[{role}].date": "16/09/2026"})
        there = office.workspace.standing(plan)
        assert there.state == "in force"
        assert there.edition is not None
        assert there.edition.content == content_digest(there.record, PROFORMAS["funding-plan"])

    def test_one_roles_form_changes_what_it_says_and_nothing_else(self, office: Office) -> None:
        plan = office.ready_to_sign()
        before = office.record(plan)
        manner = Manner("plain-large-print", "learner")
        given, file = office.workspace.issue("progress-review", plan, "word", office.root / "forms", manner)
        assert given.role == "learner"
        office.returns(file, {"reviews[1].learner_says": "It went well", "targets[new 1].text": "Bake alone"})
        changed = {k: v for k, v in office.record(plan).items() if before.get(k) != v}
        assert changed == {"reviews[1].learner_says": "It went well", "targets[T1].text": "Bake alone"}

    def test_a_wish_that_makes_no_sense_is_wrong_usage(
        self, office: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for words, said in (
            (["--variant", "huge"], "no variant"),
            (["--section", "Nowhere"], "no one section"),
            (["--for", "auditor"], "asks nothing of"),
            (["--section", "Qualifications", "--for", "learner"], "asks nothing of"),
        ):
            assert run(["issue", "plan", "--workspace", str(office.root), *words]) == 2
            assert said in capsys.readouterr().err

    def test_the_same_wish_gives_the_same_number(self, office: Office, tmp_path: Path) -> None:
        blank = [office.workspace.issue("plan", None, "pdf", tmp_path, m)[0].form for m in (Manner(), Manner("plain"))]
        again = [office.workspace.issue("plan", None, "pdf", tmp_path, m)[0].form for m in (Manner(), Manner("plain"))]
        assert blank == again
        assert blank[0] != blank[1]
        with pytest.raises(WrongUse):
            office.workspace.issue("plan", None, "pdf", tmp_path, Manner(role="auditor"))
