"""What is promised of the PDFs we write: standards, fields, stamps, growth, sameness."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import subprocess
import sys
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import page
import pikepdf
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Declined
from engine.layout import lay_out
from engine.model import Issue, Signature, Stamp
from engine.places import Kind, Record
from engine.proforma import Proforma
from engine.reading.pdf_lines import lines
from engine.reading.pdf_page import read_page
from engine.sheet import Block, Box, Sheet, sealed
from engine.writing import fonts
from engine.writing.pdf import SEAL_FIELD, Attachment, write_copies, write_form, write_sealed
from engine.writing.seal import Certificate, make_certificate, seal
from engine.writing.seal_check import check
from tests.strategies import PROFORMAS, issue, printable, records, rendering

PLAN = Proforma.model_validate(
    {
        "proforma": "plan",
        "title": "Individual learning plan",
        "version": 3,
        "purpose": "Where you want to get to, how you will get there and who helps.",
        "audience": ("learner", "tutor"),
        "sections": (
            {
                "heading": "About you",
                "questions": (
                    {"ask": "learner.given_name", "label": "First name"},
                    {"ask": "learner.family_name", "label": "Family name"},
                    {"ask": "learner.date_of_birth", "label": "Date of birth"},
                    {"ask": "learner.address", "label": "Address"},
                    {"ask": "learner.has_difficulty", "label": "Do you have a learning difficulty?"},
                    {"ask": "sharing.notice_seen", "label": "I have seen the privacy notice"},
                    {"ask": "employer.releases", "label": "Does your employer release you for training?"},
                ),
            },
            {
                "heading": "Targets",
                "table": "targets",
                "questions": (
                    {"ask": "text", "label": "What I will do", "width": 3},
                    {"ask": "due", "label": "By when"},
                    {"ask": "status", "label": "Status"},
                ),
            },
            {
                "heading": "Initial assessment",
                "table": "assessments",
                "questions": ({"ask": "state", "label": "State"}, {"ask": "date", "label": "Date"}),
            },
        ),
        "signed": ({"role": "learner", "statement": "I took part in making this plan."},),
    }
)
RECORD: Record = {
    "learner.given_name": "Siân",
    "learner.family_name": "Łukasiewicz-Ŵyn",
    "learner.date_of_birth": "2007-03-09",
    "learner.address": "14 Heol y Bryn\nTregaron",
    "learner.has_difficulty": "Prefer not to say",
    "sharing.notice_seen": True,
    "targets[T1].text": "Finish unit 204",
    "targets[T1].due": "2026-12-18",
    "targets[T1].status": "Under way",
    "assessments[Maths].state": "Done",
}
ISSUE = Issue(
    form="F-7K3QX9ZA", proforma="plan", version=3, plan="P-4MZQ8W2T", revision=12, medium="pdf",
    printed=dt.date(2026, 12, 4),
)  # fmt: skip
NOTICE = Block("One question is open", lines=("The form says 03/09/2007; the plan says 09/03/2007. Which is right?",))
RECORD_FILE = Attachment("record.json", "application/json", "the record as JSON", "Data", b'{"plan":"P-4MZQ8W2T"}')
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SIGNED_FILE = Attachment("form F-7K3QX9ZA.docx", WORD, "the form that was signed", "Source", bytes(range(256)))


def sheet_of(**changes: str | bool) -> Sheet:
    record = {**RECORD, **{key.replace("__", "."): value for key, value in changes.items()}}
    return lay_out(PLAN, record, ISSUE, "Coleg Ceredigion", "Working document", (NOTICE,))


def edition() -> Sheet:
    signature = Signature(
        role="learner", name="Siân Łukasiewicz-Ŵyn", date=dt.date(2026, 12, 2), method="typed on the form",
        form="F-7K3QX9ZA", submission="ab" * 32, received=dt.date(2026, 12, 3), revision=13,
    )  # fmt: skip
    evidence = Block("How this version was signed", lines=("The learner signed on 2 December 2026.",))
    return sealed(lay_out(PLAN, RECORD, ISSUE, "Coleg Ceredigion"), 2, (signature,), (evidence,))


@cache
def form() -> bytes:
    return write_form(sheet_of()).content


@cache
def unsealed() -> bytes:
    return write_sealed(edition(), (RECORD_FILE, SIGNED_FILE))


def fails(content: bytes, profile: str) -> list[str]:
    return [f"{f.rule_id}: {f.message}" for f in page.validate_pdf_bytes(content, profile=profile).failures]


def leaves(pdf: pikepdf.Pdf) -> dict[str, pikepdf.Object]:
    """The fields of a file by their fully qualified names."""
    found: dict[str, pikepdf.Object] = {}

    def walk(field: pikepdf.Object, above: str) -> None:
        name = f"{above}.{field.T}" if above else str(field.T)
        kids = [kid for kid in field.get("/Kids", ()) if "/T" in kid]
        if not kids:
            found[name] = field
        for kid in kids:
            walk(kid, name)

    for field in pdf.Root.AcroForm.Fields:
        walk(field, "")
    return found


def widgets_of(field: pikepdf.Object) -> list[pikepdf.Object]:
    return list(field.get("/Kids", [field]))


@cache
def with_seal() -> bytes:
    noon = dt.datetime(2026, 12, 4, 12, tzinfo=dt.UTC)
    return seal(unsealed(), Certificate(make_certificate("Coleg Ceredigion", noon.date())), noon, "Version 2")


# ── Standards ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_passes_pdf_ua() -> None:
    assert fails(form(), "ua1") == []


def test_a_sealed_version_passes_pdf_ua_and_pdf_a_before_and_after_the_seal() -> None:
    for content in (unsealed(), with_seal()):
        assert fails(content, "ua1") == []
        assert fails(content, "3a") == []
    assert check(with_seal()).good


def test_the_check_is_a_real_one_a_widget_without_its_tag_fails() -> None:
    with pikepdf.open(io.BytesIO(form())) as pdf:
        del pdf.pages[0].obj.Annots[0].StructParent
        spoilt = io.BytesIO()
        pdf.save(spoilt)
    assert fails(spoilt.getvalue(), "ua1")


# ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_box_is_a_field_of_its_name_and_holds_its_value() -> None:
    with pikepdf.open(io.BytesIO(form())) as pdf:
        fields = leaves(pdf)
        for box in sheet_of().boxes():
            field = fields.pop(box.name)
            kind = "/Tx" if box.kind in (Kind.TEXT, Kind.DATE) else "/Btn" if box.kind is Kind.TICK else None
            assert kind in (None, field.FT)
            stored = str(field.V).removeprefix("/") if "/V" in field else ""
            assert stored in ((box.shown, "Off") if field.FT == "/Btn" else (box.shown,)), box.name
            assert all(widget.AP.N is not None and "/TU" in widget for widget in widgets_of(field))
        assert list(fields) == ["counterpart.stamp"]


def test_no_part_of_a_field_name_has_a_dot() -> None:
    with pikepdf.open(io.BytesIO(form())) as pdf:
        fields = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/T" in item]
        assert not [str(item.T) for item in fields if "/S" not in item and "." in str(item.T)]


def test_a_few_short_choices_are_circles_and_others_drop_down() -> None:
    with pikepdf.open(io.BytesIO(form())) as pdf:
        fields = leaves(pdf)
        asked = fields["learner.has_difficulty"]
        assert [sorted(widget.AP.N.keys()) for widget in asked.Kids] == [
            ["/Off", "/Yes"], ["/No", "/Off"], ["/Off", "/Prefer not to say"]
        ]  # fmt: skip
        assert [str(widget.AS) for widget in asked.Kids] == ["/Off", "/Off", "/Prefer not to say"]
        assert str(asked.Kids[0].TU) == "Do you have a learning difficulty?: Yes"
        status = fields["targets[T1].status"]
        assert [str(option) for option in status.Opt] == ["", "Not started", "Under way", "Achieved", "Dropped"]


def test_a_label_is_the_tooltip_and_in_a_table_the_row_too() -> None:
    with pikepdf.open(io.BytesIO(form())) as pdf:
        fields = leaves(pdf)
        assert str(fields["learner.date_of_birth"].TU) == "Date of birth"
        assert str(fields["targets[T1].text"].TU) == "Target T1: What I will do"
        assert "/NeedAppearances" not in pdf.Root.AcroForm


def test_people_can_fill_it_in() -> None:
    reader = pypdf.PdfReader(io.BytesIO(form()))
    writer = pypdf.PdfWriter(reader)
    typed = {"targets[new 1].text": "Ask Mrs Pugh", "learner.given_name": "Ann"}
    writer.update_page_form_field_values(None, typed, auto_regenerate=False)
    filled = io.BytesIO()
    writer.write(filled)
    with pikepdf.open(filled) as pdf:
        fields = leaves(pdf)
        asked, tick = fields["learner.has_difficulty"], fields["sharing.notice_seen"]
        asked.V = asked.Kids[1].AS = pikepdf.Name.No
        asked.Kids[2].AS = pikepdf.Name.Off
        tick.V = tick.AS = pikepdf.Name.Off
        pdf.save(filled := io.BytesIO())
    answers = pypdf.PdfReader(filled).get_fields() or {}
    assert answers["targets[new 1].text"].value == "Ask Mrs Pugh"
    assert answers["learner.given_name"].value == "Ann"
    assert answers["learner.has_difficulty"].value == "/No"
    assert answers["sharing.notice_seen"].value == "/Off"


def test_the_face_for_typing_is_embedded_and_has_welsh_and_polish() -> None:
    with pikepdf.open(io.BytesIO(form())) as pdf:
        face = pdf.Root.AcroForm.DR.Font.SourceSans
        assert len(face.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()) > 100_000
        table = face.ToUnicode.read_bytes().decode()
        assert all(f"<{ord(letter):04x}>" in table for letter in "ŵŷŁźęЖΩ✓€")


def test_the_values_are_on_the_page_that_people_see() -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(form()) as pdf:
        pdf.init_forms()
        empty, filled = (pdf[0].render(may_draw_forms=drawn).to_pil().tobytes() for drawn in (False, True))
        assert empty != filled


# ── The stamp ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("written", [form, unsealed])
def test_every_carrier_holds_the_stamp(written: type[bytes]) -> None:
    stamp = edition().stamp
    with pikepdf.open(io.BytesIO(written())) as pdf:
        field = leaves(pdf)["counterpart.stamp"]
        assert Stamp.find(str(field.V)) == stamp
        assert int(field.Ff) & 1
        assert Stamp.find(str(pdf.docinfo["/Counterpart"])) == stamp
        assert set(pdf.docinfo) == {"/Title", "/Counterpart"}
        assert Stamp.find(pdf.open_metadata()["dc:identifier"]) == stamp
    for sheet_side in pypdf.PdfReader(io.BytesIO(written())).pages:
        assert Stamp.find(sheet_side.extract_text()) == stamp


# ── The sealed version ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_sealed_version_is_static_and_carries_its_files() -> None:
    with pikepdf.open(io.BytesIO(unsealed())) as pdf:
        assert sorted(leaves(pdf)) == [SEAL_FIELD, "counterpart.stamp"]
        carried = {file.name: file for file in (RECORD_FILE, SIGNED_FILE)}
        for name, spec in pdf.attachments.items():
            file = carried.pop(name)
            assert spec.get_file().read_bytes() == file.content
            assert spec.relationship == f"/{file.relationship}"
        assert not carried
        assert len(pdf.Root.AF) == 2
    text = " ".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(unsealed())).pages)
    for words in ("Łukasiewicz-Ŵyn", "Under way", "Not answered", "02/12/2026", "Seal", "sealed by Coleg Ceredigion"):
        assert words in text
    assert "new 1" not in text


def test_a_file_whose_packed_form_ends_in_a_carriage_return_keeps_the_standard() -> None:
    tricky = replace(RECORD_FILE, content=bytes([12]))
    assert zlib.compress(tricky.content).endswith(b"\r")
    written = write_sealed(edition(), (tricky, SIGNED_FILE))
    assert b"\r\nendstream" not in written
    assert fails(written, "3a") == []
    with pikepdf.open(io.BytesIO(written)) as pdf:
        assert pdf.attachments["record.json"].get_file().read_bytes() == tricky.content
    assert pypdf.PdfReader(io.BytesIO(written)).attachments["record.json"] == [tricky.content]


def test_a_version_with_a_character_that_cannot_be_drawn_is_not_sealed() -> None:
    with pytest.raises(Declined, match="U\\+1F600"):
        write_sealed(replace(edition(), learner="😀"), ())


def test_a_strange_file_name_does_not_hinder_the_seal() -> None:
    written = write_sealed(edition(), (replace(RECORD_FILE, name="récord 😀.json"),))
    assert fails(written, "3a") == []


# ── Anybody's words ─────────────────────────────────────────────────────────────────────────────────────────────

NASTY = {
    "the usual": "Practise every day.",
    "three times the usual": "Practise adding up prices without a calculator for ten minutes a day. " * 12,
    "pages of it": "I will try. " * 900 + "\n\n" + "W" * 400,
    "one word": "W" * 400,
    "markup": "#let x = 1; #panic() $a$ *b* _c_ @d <e> `f` \\ // <script>alert(1)</script> {{7*7}} & = - +",
    "Arabic": "مرحبا بالعالم هذا نص طويل",
    "Polish and Welsh": "Zażółć gęślą jaźń; llongyfarchiadau, tŷ, dŵr",
    "Devanagari": "नमस्ते मेरा नाम",
    "white": " \n\n  \n",
}


@pytest.mark.parametrize("words", NASTY.values(), ids=NASTY.keys())
def test_any_words_fit_their_box_and_keep_the_standard(words: str) -> None:
    """That nothing is clipped: the picture of an answer that did not fit would take a second page, which raises."""
    sheet = sheet_of(learner__address=words, **{"targets[T1].text": words, "learner.family_name": words})
    written = write_form(sheet)
    assert written.substituted == frozenset()
    assert fails(written.content, "ua1") == []
    with pikepdf.open(io.BytesIO(written.content)) as pdf:
        fields = leaves(pdf)
        assert str(fields["learner.address"].V) == words
        for widget in (w for field in fields.values() for w in widgets_of(field) if "/Rect" in w):
            left, bottom, right, top = (float(edge) for edge in widget.Rect)
            assert 50 < left < right < 545
            assert 60 < bottom < top < 790


@pytest.mark.parametrize("words", [NASTY["pages of it"], NASTY["Devanagari"], "\n".join("x" * 60)])
def test_any_words_fit_a_static_page(words: str) -> None:
    sheet = sheet_of(learner__address=words, **{"targets[T1].text": words})
    written = write_sealed(replace(sheet, edition=1, mark="Funding-body version 1"), ())
    assert fails(written, "ua1") == []
    assert fails(written, "3a") == []
    footers = [p.extract_text() for p in pypdf.PdfReader(io.BytesIO(written)).pages]
    assert all(f"Page {n + 1} of {len(footers)}" in text for n, text in enumerate(footers))


def test_mixtures_that_break_the_typesetter_are_drawn_as_substitutes() -> None:
    words = "ل--कאaiرWW 𝔘\n\u2066iﬁا\u2069字ГheवẈi.ﷺﷺภǆย\u200eم𝔘\nไ-\u200dﬁ字字\u200f\n҉We\u202e iا-҉ ﬁ字 व. ्"
    written = write_form(sheet_of(learner__address=words, **{"targets[T1].text": words}))
    assert fails(written.content, "ua1") == []
    assert written.substituted >= {"字", "ภ"}


def test_a_character_without_a_glyph_is_told_and_kept() -> None:
    written = write_form(sheet_of(learner__address="fine 😀 and 漢"))
    assert written.substituted == {"😀", "漢"}
    assert fails(written.content, "ua1") == []
    with pikepdf.open(io.BytesIO(written.content)) as pdf:
        assert str(leaves(pdf)["learner.address"].V) == "fine 😀 and 漢"


def test_a_choice_that_is_no_longer_offered_is_still_shown() -> None:
    sheet = sheet_of()
    old = Box("learner.sex", "Sex", Kind.CHOICE, "Unknown", "Unknown", choices=("Female", "Male"))
    with pikepdf.open(io.BytesIO(write_form(replace(sheet, blocks=(Block("B", boxes=(old,)),))).content)) as pdf:
        assert str(leaves(pdf)["learner.sex"].V) == "Unknown"


# ── Sameness ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_sheet_gives_the_same_bytes_in_any_process() -> None:
    assert write_form(sheet_of()).content == form()
    assert write_sealed(edition(), (RECORD_FILE, SIGNED_FILE)) == unsealed()
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_writing_pdf as t; print(t.digests())"
    here = Path(__file__).parent
    told = subprocess.run(
        [sys.executable, "-c", code, str(here)], capture_output=True, text=True, check=True, cwd=here.parent
    )
    assert told.stdout.strip() == digests()


@rendering
@given(st.data(), st.sampled_from(sorted(PROFORMAS)), st.sampled_from(["standard", "large-print"]))
def test_copies_that_are_typeset_once_are_each_the_same_as_written_alone(
    data: st.DataObject, name: str, variant: str
) -> None:
    record = data.draw(records(printable(name)))
    numbers = data.draw(st.lists(st.from_regex(r"F-[0-9A-Z]{8}", fullmatch=True), min_size=2, max_size=3, unique=True))
    given_out = [issue(name, form=number, variant=variant) for number in numbers]
    copies = [lay_out(PROFORMAS[name], record, form, "Coleg Ceredigion", "Working document") for form in given_out]
    assert write_copies(copies) == [write_form(copy) for copy in copies]


def test_only_sheets_that_differ_in_their_numbers_alone_are_copies() -> None:
    one = sheet_of()
    for other in (sheet_of(learner__address="Aberaeron"), replace(one, stamp=replace(one.stamp, revision=13))):
        with pytest.raises(AssertionError):
            write_copies([one, other])


@pytest.mark.parametrize("large", [False, True])
def test_the_stamp_stands_beside_the_number_of_every_page(large: bool) -> None:
    sheet = replace(sheet_of(learner__address="a longer line\n" * 60), large=large)
    with pikepdf.open(io.BytesIO(write_form(sheet).content)) as pdf:
        assert len(pdf.pages) > 2
        for number, one in enumerate(pdf.pages, 1):
            glyphs = read_page(one).glyphs
            first, *more = (line for line in lines(glyphs)[-3:] if line.foot < 60)
            assert len({round(glyph.foot, 1) for glyph in glyphs if abs(glyph.foot - first.foot) < 5}) == 1
            # The number of the page ends the stamp's first line, on the same foot.
            page_number = f"Page {number} of {len(pdf.pages)}"
            assert first.text.endswith(page_number)
            shown = (first.text.removesuffix(page_number), *(line.text for line in more))
            assert Stamp.find(" ".join(shown)) == sheet.stamp
            assert first.size == (18 if large else 12)


def digests() -> str:
    return " ".join(hashlib.sha256(content).hexdigest() for content in (form(), unsealed()))


def test_only_our_own_faces_are_used() -> None:
    faces = fonts._faces().fonts()
    ours = {face.family for face in faces if face.path}
    assert ours == {"Source Sans Pro"}
    assert len([face for face in faces if face.path]) == 3
