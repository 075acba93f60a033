"""What the reader takes for an answer in a PDF form, rule by rule."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from made_pdf import filled_afterwards, pdf, saved, signed
from pikepdf import Array, Dictionary, Name, Object, Stream, String
from PIL import Image

from engine.model import Field, Form, Stamp
from engine.reading import Limits, read

STAMP = Stamp("plan", 1, "F-ABCDEFGH", "P-7K3QX9ZA", 3)


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


@pytest.mark.parametrize("where", ["/T <EFBBBFFF> /V (one)", "/T (a) /V <EFBBBFFF>", "/T (a) /TU <EFBBBFFF> /V (one)"])
def test_words_that_are_not_in_the_letters_that_they_say_make_the_file_a_damaged_one(where: str) -> None:
    refused = read(pdf(f"/FT /Tx {where}")).refused
    assert refused is not None
    assert "damaged" in refused.reason


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
    assert radio("/V /1", first="/0", second="/1").problems == ("it is stored as “1”, but shown as “0” and “1”",)


def test_lists_give_the_words_and_keep_the_codes() -> None:
    options = "/Opt [[(y) (Yes please)] [(n) (No)] (Perhaps)]"
    field = only(f"/T (a) /FT /Ch /Ff 131072 {options} /V (y)")
    assert (field.kind, field.value, field.raw) == ("choice", "Yes please", "y")
    field = only(f"/T (a) /FT /Ch /Ff 2097152 {options} /V [(n) (Perhaps)]")
    assert (field.kind, field.value, field.raw) == ("choices", ("No", "Perhaps"), ("n", "Perhaps"))
    assert only(f"/T (a) /FT /Ch /Ff 131072 {options} /V (Something else)").value == "Something else"
    assert only(f"/T (a) /FT /Ch /Ff 131072 {options}").value is None


def test_buttons_are_told_from_fields() -> None:
    assert said("/T (a) /FT /Btn /Ff 65536", "/T (b) /FT /Tx")["a"].kind == "button"
    assert "no boxes" in refusal(read(pdf("/T (print) /FT /Btn /Ff 65536")))


def test_words_in_a_box_of_no_known_kind_are_not_lost() -> None:
    found = said("/T (a) /V (I cannot come on Fridays) /TU (Anything else?)", "/T (b)", "/T (c) /FT /Tx")
    assert (found["a"].kind, found["a"].value, found["a"].label) == (
        "text",
        "I cannot come on Fridays",
        "Anything else?",
    )
    assert found["a"].problems == ("the file does not say what kind of box this is",)
    assert found.keys() == {"a", "c"}


def test_combs_and_rich_text_are_read_as_they_are_stored() -> None:
    assert only("/T (a) /FT /Tx /Ff 16777216 /MaxLen 4 /V (AB12)").value == "AB12"
    rich = only("/T (a) /FT /Tx /Ff 33554432 /V (one two) /RV (<body><p><b>one</b> two</p></body>)")
    assert (rich.kind, rich.value) == ("text", "one two")
    kept = only("/T (a) /FT /Tx /Ff 33554432 /RV (<body><p><b>one</b> &amp; two</p><p>three</p></body>)")
    assert (kept.value, kept.raw) == ("one & two\nthree", None)


def test_kinds_flags_and_options_are_inherited_over_several_levels() -> None:
    inner = "/T (b) /Kids [<< /T (c) /V (y) >>]"
    field = only(f"/T (a) /FT /Ch /Ff 131072 /Opt [[(y) (Yes please)] [(n) (No)]] /Kids [<< {inner} >>]")
    assert (field.name, field.kind, field.value, field.raw) == ("a.b.c", "choice", "Yes please", "y")


# ── Signatures ──────────────────────────────────────────────────────────────────────────────────────────────────

UNSIGNED = "/T (a) /FT /Tx /V (x) /Subtype /Widget /Rect [50 50 90 70]"


def test_a_signature_is_checked_and_its_certificate_names_the_signer() -> None:
    form = read(signed(pdf(UNSIGNED)))
    field = next(f for f in form.fields if f.name == "Signature1")
    assert (field.kind, field.value, field.problems) == ("signature", "Jo Hargreaves", ())
    (line,) = form.seals
    assert line.startswith("Signature1: signed by Jo Hargreaves on ")
    assert line.endswith(", valid, covers the whole file")


@pytest.mark.parametrize(
    ("change", "finding", "doubtful"),
    [
        (lambda c: filled_afterwards(c, "y"), "filled in or signed further afterwards", False),
        (lambda c: signed(c, "Signature2"), "filled in or signed further afterwards", False),
        (lambda c: c + b"\n% more\n", "changed afterwards", True),
        (lambda c: c.replace(b"(x)", b"(z)", 1), "what was signed has been altered", True),
        (lambda c: c.replace(b"/ByteRange [0 ", b"/ByteRange [9 ", 1), "", True),
    ],
    ids=["filled", "signed again", "junk", "altered", "range"],
)
def test_what_was_done_to_a_file_after_it_was_signed_is_said(change, finding: str, doubtful: bool) -> None:  # type: ignore[no-untyped-def]
    form = read(change(signed(pdf(UNSIGNED))))
    field = next(f for f in form.fields if f.name == "Signature1")
    assert finding in form.seals[0]
    assert bool(field.problems) is doubtful


def test_a_signature_without_anything_to_check_is_told_with_doubt() -> None:
    form = read(pdf("/T (sign) /FT /Sig /V << /Type /Sig /Name (J Smith) /M (D:20270131120000Z) >>", "/T (x) /FT /Sig"))
    assert [(f.kind, f.value, bool(f.problems)) for f in form.fields] == [
        ("signature", "J Smith", True), ("signature", None, False),
    ]  # fmt: skip
    assert form.seals == ("sign: signed by J Smith on 31/01/2027, in a way that cannot be checked",)


# ── What stands beside the fields ───────────────────────────────────────────────────────────────────────────────


def drawn_on(*annotations: str) -> Form:
    """A form with two fields and these annotations."""
    document = pikepdf.open(
        BytesIO(
            pdf(
                "/T (a) /TU (Telephone) /FT /Tx /Subtype /Widget /Rect [200 600 400 620]",
                "/T (b) /FT /Tx /Subtype /Widget /Rect [200 300 400 320]",
            )
        )
    )
    for words in annotations:
        document.pages[0].obj.Annots.append(Object.parse(f"<< {words} >>".encode()))
    return read(saved(document))


REMARKS = {
    "/Subtype /Text /Contents (Ask him) /T (Jo) /Rect [410 600 430 620]":
        ("note", "Ask him", "page 1, beside “Telephone”", "Jo"),
    "/Subtype /FreeText /Contents (01632) /Rect [210 601 300 619]": ("text", "01632", "page 1, on “Telephone”", ""),
    "/Subtype /FreeText /RC (<p>see</p><p>over</p>) /Rect [10 10 20 20]": ("text", "see\nover", "page 1", ""),
    "/Subtype /Highlight /Contents (why?) /Rect [180 290 190 310]": ("note", "why?", "page 1, beside “b”", ""),
    "/Subtype /StrikeOut /Rect [180 290 190 310]": ("note", "(struck through)", "page 1, beside “b”", ""),
    "/Subtype /Stamp /Name /NotApproved": ("drawing", "Not Approved", "page 1", ""),
    "/Subtype /Square /Rect [150 280 420 340]": ("drawing", "", "page 1, on “b”", ""),
}  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), REMARKS.items(), ids=[w[9:30] for w in REMARKS])
def test_what_people_put_on_a_page_is_a_remark_with_its_place(written: str, expected: tuple[str, ...]) -> None:
    (remark,) = drawn_on(written).remarks
    assert (remark.kind, remark.text, remark.where, remark.by) == expected


def test_links_and_states_of_a_review_are_no_remarks() -> None:
    assert drawn_on("/Subtype /Link", "/Subtype /Text /StateModel (Review) /Contents (Accepted)").remarks == ()


@pytest.mark.parametrize(("field", "told"), [("learner.phone", ["(a file attached: note.txt)"]), ("a", [])])
def test_a_file_put_inside_a_form_of_ours_is_a_remark(field: str, told: list[str]) -> None:
    document = pikepdf.open(BytesIO(pdf(f"/T ({field}) /FT /Tx")))
    document.attachments["note.txt"] = b"I take tablets"
    assert [remark.text for remark in read(saved(document)).remarks] == told


def test_ink_comes_back_as_its_picture() -> None:
    (remark,) = drawn_on("/Subtype /Ink /Rect [200 600 260 620] /InkList [[205 605 230 615 255 602] [210 600]]").remarks
    assert (remark.kind, remark.where) == ("drawing", "page 1, on “Telephone”")
    assert remark.picture is not None
    image = Image.open(BytesIO(remark.picture))
    assert image.size == (116, 46)
    assert image.getextrema() == (0, 255)


@pytest.mark.parametrize("strokes", ["[]", "[[1 (x)]]", "[[100000 5]]", "(none)"])
def test_ink_that_cannot_be_drawn_is_still_a_remark(strokes: str) -> None:
    (remark,) = drawn_on(f"/Subtype /Ink /InkList {strokes}").remarks
    assert remark.picture is None


def test_the_picture_on_a_stamp_is_kept() -> None:
    document = pikepdf.open(BytesIO(pdf("/T (a) /FT /Tx")))
    image = Stream(document, b"\x00\xff\xff\x00", Type=Name.XObject, Subtype=Name.Image, Width=2, Height=2)
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    look = Stream(document, b"/I Do", Subtype=Name.Form, BBox=Array([0, 0, 2, 2]))
    look.Resources = Dictionary(XObject=Dictionary(I=image))
    stamp = Dictionary(Subtype=Name.Stamp, Rect=Array([0, 0, 2, 2]), AP=Dictionary(N=look))
    document.pages[0].obj.Annots = Array([stamp])
    (remark,) = read(saved(document)).remarks
    assert remark.picture is not None
    assert Image.open(BytesIO(remark.picture)).size == (2, 2)


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
