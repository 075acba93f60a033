"""What the reader takes for an answer in a PDF form, rule by rule."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from engine.model import Field, Form, Stamp
from engine.reading import Limits, read

STAMP = Stamp("plan", 1, "F-ABCDEFGH", "P-7K3QX9ZA", 3)


def pdf(*fields: str, more: str = "", **settings: object) -> bytes:
    """A one-page PDF with these fields, each written as PDF has it; `more` stands in the form's dictionary."""
    document = pikepdf.new()
    page = document.add_blank_page()
    made = [document.make_indirect(Object.parse(f"<< {f} >>".encode())) for f in fields]
    for field in made:
        for kid in field.get("/Kids", []):
            if "/Subtype" in kid or "/T" in kid:
                kid.Parent = field
    page.obj.Annots = Array([f for f in made if f.get("/Subtype") == "/Widget"])
    document.Root.AcroForm = Object.parse(f"<< {more} >>".encode())
    document.Root.AcroForm.Fields = Array(made)
    return saved(document, **settings)


def saved(document: pikepdf.Pdf, **settings: object) -> bytes:
    file = BytesIO()
    document.save(file, **settings)  # type: ignore[arg-type]
    return file.getvalue()


def said(*fields: str, more: str = "") -> dict[str, Field]:
    form = read(pdf(*fields, more=more))
    assert form.refused is None
    return {field.name: field for field in form.fields}


def only(field: str) -> Field:
    (found,) = said(field).values()
    return found


# ── The tree ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_names_are_fully_qualified_and_what_stands_above_is_inherited() -> None:
    fields = said("/T (learner) /FT /Tx /Kids [<< /T (name) /V (Ada) /TM (map) /TU (Family name) >> << /T (town) >>]")
    assert {n: (f.value, f.label, f.route) for n, f in fields.items()} == {
        "learner.name": ("Ada", "Family name", "field name"),
        "learner.town": (None, "", "field name"),
    }


def test_widgets_tell_the_page_and_a_field_may_have_none() -> None:
    assert only("/T (a) /FT /Tx /Subtype /Widget /Rect [0 0 9 9]").where == "page 1"
    assert only("/T (a) /FT /Tx").where == ""


@pytest.mark.filterwarnings("ignore:This document has 1 form widget")
def test_a_widget_that_only_its_page_knows_is_read() -> None:
    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx /V (x)")))
    widget = Dictionary(T=String("b"), FT=Name.Tx, V=String("y"), Subtype=Name.Widget, Rect=Array([0, 0, 9, 9]))
    document.pages[0].obj.Annots = Array([document.make_indirect(widget)])
    assert {f.name: f.value for f in read(saved(document)).fields} == {"a": "x", "b": "y"}


@pytest.mark.filterwarnings("ignore:This document has 1 form widget")
def test_a_widget_that_its_parent_does_not_know_keeps_its_parents_name() -> None:
    document = pikepdf.open(BytesIO(pdf("/T (learner) /FT /Tx /Kids [<< /T (name) /V (Ada) >>]")))
    parent = document.Root.AcroForm.Fields[0]
    widget = Dictionary(T=String("town"), V=String("Ely"), Subtype=Name.Widget, Parent=parent)
    document.pages[0].obj.Annots = Array([document.make_indirect(widget)])
    assert {f.name: f.value for f in read(saved(document)).fields} == {"learner.name": "Ada", "learner.town": "Ely"}


def test_a_tree_that_bites_its_tail_ends() -> None:
    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx /V (x)", "/T (b) /FT /Tx /V (y)")))
    first = document.Root.AcroForm.Fields[0]
    first.Kids = Array([first, document.Root.AcroForm.Fields[1]])
    assert {f.name for f in read(saved(document)).fields} == {"a.b"}


def test_names_are_unique_in_a_file() -> None:
    assert list(said("/T (a) /FT /Tx /V (1)", "/T (a) /FT /Tx /V (2)")) == ["a", "a (2)"]


def test_the_stamp_is_carried_by_three_and_is_no_field() -> None:
    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx")))
    document.Root.AcroForm.Fields.append(
        Dictionary(T=String("counterpart"), Kids=Array([Dictionary(T=String("stamp"), FT=Name.Tx, V=STAMP.line())]))
    )
    form = read(saved(document))
    assert (form.stamps, [f.name for f in form.fields]) == ((STAMP,), ["a"])

    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx")))
    document.docinfo["/Counterpart"] = STAMP.line()
    assert read(saved(document)).stamps == (STAMP,)

    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx")))
    with document.open_metadata() as metadata:
        metadata["dc:identifier"] = STAMP.line()
    assert read(saved(document)).stamps == (STAMP,)


# ── What a field says ───────────────────────────────────────────────────────────────────────────────────────────


def test_text_has_one_kind_of_line_end_and_blanks_are_no_answer() -> None:
    assert only(r"/T (a) /FT /Tx /V (one\r\ntwo\rthree)").value == "one\ntwo\nthree"
    assert only("/T (a) /FT /Tx /V (  )").value is None
    assert only("/T (a) /FT /Tx /V <FEFF0141>").value == "Ł"


def test_text_may_be_a_stream() -> None:
    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx")))
    document.Root.AcroForm.Fields[0].V = Stream(document, b"a long answer")
    assert read(saved(document)).fields[0].value == "a long answer"


def date(shape: str, stored: str) -> Field:
    return only(f'/T (a) /FT /Tx /V ({stored}) /AA << /F << /S /JavaScript /JS (AFDate_FormatEx\\("{shape}"\\)) >> >>')


def test_a_box_formatted_as_a_date_is_one() -> None:
    assert (date("dd/mm/yyyy", "3/2/2027").kind, date("dd/mm/yyyy", "3/2/2027").value) == ("date", "2027-02-03")
    assert date("mm/dd/yyyy", "3/2/2027").value == "2027-03-02"
    assert (date("dd/mm/yyyy", "soon").value, date("dd/mm/yyyy", "soon").raw) == ("soon", "soon")


APPEARANCE = "/AP << /N << /Ja 1 /Off 2 >> >>"

TICKS = {
    f"/V /Ja /AS /Ja {APPEARANCE}": (True, "Ja", False),
    f"/V /Off /AS /Off {APPEARANCE}": (False, "Off", False),
    APPEARANCE: (False, None, False),
    f"/V /Ja {APPEARANCE}": (True, "Ja", False),
    f"/V /Ja /AS /Off {APPEARANCE}": (True, "Ja", True),
    f"/AS /Ja {APPEARANCE}": (False, None, True),
    f"/V /Yes /AS /Off {APPEARANCE}": (False, "Yes", True),
    "/V /J#e4 /AS /J#e4 /AP << /N << /J#e4 1 /Off 2 >> >>": (True, "Jä", False),
    "/V /Yes": (True, "Yes", False),
}


@pytest.mark.parametrize(("written", "expected"), TICKS.items(), ids=TICKS)
def test_a_tick_box_has_its_own_word_for_on_and_must_show_it(written: str, expected: tuple[object, ...]) -> None:
    field = only(f"/T (a) /FT /Btn /Subtype /Widget /Rect [0 0 9 9] {written}")
    assert field.kind == "tick"
    assert (field.value, field.raw, bool(field.problems)) == expected


def radio(value: str, options: str = "", first: str = "/Off", second: str = "/Off") -> Field:
    def kid(state: str, shown: str) -> str:
        return f"<< /Subtype /Widget /Rect [0 0 9 9] /AS {shown} /AP << /N << /{state} 1 /Off 2 >> >> >>"

    return only(f"/T (a) /FT /Btn /Ff 32768 {value} {options} /Kids [{kid('0', first)} {kid('1', second)}]")


def test_a_radio_group_is_a_choice_and_opt_holds_its_words() -> None:
    assert radio("/V /1", second="/1").value == "1"
    named = radio("/V /1", "/Opt [(Yes) (No)]", second="/1")
    assert (named.kind, named.value, named.raw, named.problems) == ("choice", "No", "1", ())
    assert radio("/V /Off").value is None
    assert radio("/V /1", first="/0").problems


def test_lists_give_the_words_and_keep_the_codes() -> None:
    options = "/Opt [[(y) (Yes please)] [(n) (No)] (Perhaps)]"
    field = only(f"/T (a) /FT /Ch /Ff 131072 {options} /V (y)")
    assert (field.kind, field.value, field.raw) == ("choice", "Yes please", "y")
    field = only(f"/T (a) /FT /Ch /Ff 2097152 {options} /V [(n) (Perhaps)]")
    assert (field.kind, field.value, field.raw) == ("choices", ("No", "Perhaps"), ("n", "Perhaps"))
    assert only(f"/T (a) /FT /Ch /Ff 131072 {options} /V (Something else)").value == "Something else"
    assert only(f"/T (a) /FT /Ch /Ff 131072 {options}").value is None


def test_buttons_and_signatures() -> None:
    assert said("/T (a) /FT /Btn /Ff 65536", "/T (b) /FT /Tx")["a"].kind == "button"
    assert "no boxes" in refusal(read(pdf("/T (print) /FT /Btn /Ff 65536")))
    form = read(pdf("/T (sign) /FT /Sig /V << /Type /Sig /Name (J Smith) /M (D:20270131120000Z) >>", "/T (x) /FT /Sig"))
    assert [(f.kind, f.value) for f in form.fields] == [("signature", "J Smith"), ("signature", None)]
    assert form.seals == ("sign: signed by J Smith on 31/01/2027",)


def test_notes_drawings_and_typed_text_on_the_page_are_remarks() -> None:
    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx")))
    document.pages[0].obj.Annots = Object.parse(
        b"[<< /Subtype /Text /Contents (Ask him) /T (Jo) >> << /Subtype /FreeText /Contents (typed) >>"
        b" << /Subtype /Ink >> << /Subtype /Highlight >> << /Subtype /Link >>]"
    )
    assert [(r.kind, r.text, r.where, r.by) for r in read(saved(document)).remarks] == [
        ("note", "Ask him", "page 1", "Jo"), ("text", "typed", "page 1", ""), ("drawing", "", "page 1", ""),
    ]  # fmt: skip


# ── Files that are not as they should be ────────────────────────────────────────────────────────────────────────


def refusal(form: Form) -> str:
    assert form.refused is not None
    assert form.refused.advice
    return form.refused.reason


def test_a_password_is_refused_and_an_empty_one_is_none() -> None:
    def locked(word: str) -> bytes:
        return pdf("/T (a) /FT /Tx /V (x)", encryption=pikepdf.Encryption(user=word, owner="boss"))

    assert "password" in refusal(read(locked("secret")))
    assert read(locked("")).fields[0].value == "x"


def test_pure_xfa_is_refused_and_a_hybrid_read_with_a_warning() -> None:
    assert "XFA" in refusal(read(pdf(more="/XFA (x)")))
    assert "XFA" in said("/T (a) /FT /Tx /V (x)", more="/XFA (x)")["a"].problems[0]


def test_a_pdf_without_boxes_is_refused_unless_it_is_signed() -> None:
    assert "printed to PDF" in refusal(read(pdf()))
    assert read(pdf("/T (s) /FT /Sig /V << /Name (J) >>")).refused is None


def test_a_damaged_file_is_repaired_and_says_so() -> None:
    content = pdf("/T (a) /FT /Tx /V (x)")
    field = read(content[: content.rindex(b"xref")]).fields[0]
    assert field.value == "x"
    assert "repaired" in field.problems[0]


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\x00\xff" * 500, b"%PDF-1.4 trailer << /Root 1 0 R >>"]
)
def test_what_cannot_be_repaired_is_refused(content: bytes) -> None:
    assert "damaged" in refusal(read(content))


@pytest.mark.parametrize(
    ("limits", "named"),
    [(Limits(pages=0), "pages"), (Limits(fields=1), "fields"), (Limits(depth=0), "nesting of fields")],
)
def test_each_limit_refuses_and_is_named(limits: Limits, named: str) -> None:
    content = pdf("/T (a) /FT /Tx", "/T (b) /FT /Tx /Kids [<< /T (c) >>]")
    assert f"limit on {named}" in refusal(read(content, limits))
