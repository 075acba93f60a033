"""What the reader takes for an answer in a Word file, rule by rule."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from made_word import control, p, part, run, table, tc, tr, word, zipped
from test_writing_word import SHEET

from engine.model import Field, Form, Stamp
from engine.reading import Limits, read
from engine.writing.word import write_form
from tests.ways.forty_two import WAYS, bound, document, outcome, strict

STAMP = Stamp("plan", 1, "F-ABCDEFGH", "P-7K3QX9ZA", 3)
LIST = '<w:dropDownList><w:listItem w:displayText="Yes please" w:value="Y"/><w:listItem w:value="N"/></w:dropDownList>'
DATE = '<w:date w:fullDate="2027-01-31T00:00:00Z"><w:dateFormat w:val="dd/MM/yyyy"/></w:date>'


def said(body: str, **more: str) -> dict[str, Field]:
    form = read(word(body, **more))
    assert form.refused is None
    return {field.name: field for field in form.fields}


def only(body: str, **more: str) -> Field:
    (field,) = said(body, **more).values()
    return field


def tick(state: str, mark: str) -> str:
    return control(run(mark), "t", nature=f'<w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox>')


# ── Controls in every nesting ───────────────────────────────────────────────────────────────────────────────────

ADA = control(run("Ada"), "name")
REPEATING = '<w15:repeatingSection xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/>'
BOX = f"<w:txbxContent>{p(ADA)}</w:txbxContent>"

NESTINGS = {
    "run": p(ADA),
    "block": control(p("Ada"), "name"),
    "cell": f"<w:tbl>{tr(control(tc('Ada'), 'name'))}</w:tbl>",
    "inside a cell": f"<w:tbl>{tr(tc(p(ADA)))}</w:tbl>",
    "a row of a repeating section": f"<w:tbl>{control(tr(tc(p(ADA))), nature=REPEATING)}</w:tbl>",
    "a tracked insertion": p(f"<w:ins>{ADA}</w:ins>"),
    "a text box, written twice for old Word": p(
        f"<w:r><mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    ),
}


@pytest.mark.parametrize("body", NESTINGS.values(), ids=NESTINGS)
def test_a_control_is_found_wherever_it_stands(body: str) -> None:
    field = only(body)
    assert (field.name, field.value, field.route) == ("name", "Ada", "tag")


def test_a_control_in_a_header_or_footnote_is_found() -> None:
    body = p("Nothing here")
    assert only(body, header=part("hdr", p(control(run("Ada"), "name")))).where == "header"
    assert only(body, footnotes=part("footnotes", p(control(run("Ada"), "name")))).where == "footnotes"


def test_a_cell_that_is_itself_a_control_moves_no_other_cell() -> None:
    field = said(f"<w:tbl>{tr(tc('School'), control(tc('Ash'), 's'), tc('x'))}</w:tbl>")["s"]
    assert (field.label, field.where) == ("School", "table 1, row 1")


def test_the_name_is_the_tag_else_the_alias_else_the_label() -> None:
    fields = read(
        word(
            table(
                ("Family name", p(control(run("a"), "learner.family_name", "Family name"))),
                ("First names", p(control(run("b"), "", "Given"))),
                ("Postcode", p(control(run("c")))),
            )
        )
    ).fields
    assert [(f.name, f.label, f.route) for f in fields] == [
        ("learner.family_name", "Family name", "tag"),
        ("Given", "First names", "alias"),
        ("Postcode", "Postcode", "label"),
    ]


def test_names_are_unique_in_a_file() -> None:
    assert list(said(p(control(run("a"), "x")) + p(control(run("b"), "x")) + p(control(run("c"), "x (2)")))) == [
        "x", "x (3)", "x (2)",
    ]  # fmt: skip


def test_controls_that_google_docs_wraps_around_anything_are_no_boxes() -> None:
    field = only(table(("Name", control(p("Ada"), "goog_rdk_7"))))
    assert (field.name, field.value, field.route) == ("Name", "Ada", "label")


def test_libreoffice_wraps_a_control_in_another_and_it_stays_one_box() -> None:
    inner = control(run("☒"), nature='<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>')
    field = only(table(("I agree", control(p(inner), alias="I agree", nature=""))))
    assert (field.name, field.value, field.route) == ("I agree", True, "alias")


# ── What a control says ─────────────────────────────────────────────────────────────────────────────────────────


def test_lines_tabs_and_paragraphs_are_kept() -> None:
    broken = f"<w:r><w:t>one</w:t><w:br/><w:t>two</w:t></w:r>{run('')}"
    assert only(control(p(broken) + p("three"), "n")).value == "one\ntwo\nthree"


@pytest.mark.parametrize(
    "hint",
    ["Write here", "Choose", "Pick a date", "Click or tap here to enter text.", "Choose an item.", "choose AN item"],
)
def test_a_hint_is_no_answer_even_when_its_mark_is_gone(hint: str) -> None:
    assert only(p(control(run(hint), "n"))).value is None


def test_words_marked_as_a_hint_are_one_when_they_look_like_one() -> None:
    assert only(p(control(run("Your name", '<w:rStyle w:val="PlaceholderText"/>'), "n", hint=True))).value is None
    assert only(p(control(run("[Type your name]"), "n", hint=True))).value is None


def test_an_answer_written_over_the_hint_is_an_answer_and_doubtful() -> None:
    field = only(p(control(run("Ada"), "n", hint=True)))
    assert field.value == "Ada"
    assert "hint" in field.problems[0]


def test_the_glossary_settles_what_the_hint_was() -> None:
    nature = '<w:placeholder><w:docPart w:val="H1"/></w:placeholder><w:text/>'
    glossary = part(
        "glossaryDocument",
        f'<w:docParts><w:docPart><w:docPartPr><w:name w:val="H1"/></w:docPartPr><w:docPartBody>{p("Say who")}'
        "</w:docPartBody></w:docPart></w:docParts>",
    )
    for words, value in (("Say who", None), ("Ada", "Ada")):
        body = p(control(run(words, '<w:rStyle w:val="PlaceholderText"/>'), "n", nature=nature, hint=True))
        assert only(body, glossaryDocument=glossary).value == value


@pytest.mark.parametrize(("state", "value"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_a_tick_box_says_what_is_stored(state: str, value: bool) -> None:
    field = only(p(tick(state, "☒" if value else "☐")))
    assert (field.kind, field.value, field.problems) == ("tick", value, ())


def test_a_tick_box_that_shows_something_else_is_doubtful() -> None:
    assert only(p(tick("1", "☐"))).problems == ("the box shows ☐, but is stored as ticked",)


def test_a_choice_is_what_a_person_sees_and_raw_its_code() -> None:
    for shown in ("Yes please", "Y"):
        field = only(p(control(run(shown), "n", nature=LIST)))
        assert (field.kind, field.value) == ("choice", "Yes please")
    assert only(p(control(run("Yes please"), "n", nature=LIST))).raw == "Y"
    assert only(p(control(run("Something else"), "n", nature=LIST.replace("dropDownList", "comboBox")))).value == (
        "Something else"
    )


def test_a_date_is_iso_and_checked_against_what_is_shown() -> None:
    field = only(p(control(run("31/01/2027"), "n", nature=DATE)))
    assert (field.kind, field.value, field.problems) == ("date", "2027-01-31", ())
    assert only(p(control(run("31 January 2027"), "n", nature=DATE))).problems == ()
    assert "stores 2027-01-31" in only(p(control(run("01/02/2027"), "n", nature=DATE))).problems[0]
    assert only(p(control(run("1/2/2027"), "n", nature="<w:date/>"))).value == "2027-02-01"
    assert only(p(control(run("next week"), "n", nature="<w:date/>"))).value == "next week"


def test_tracked_changes_count_as_accepted() -> None:
    changed = f"<w:del><w:r><w:delText>old</w:delText><w:t>old</w:t></w:r></w:del><w:ins>{run('new')}</w:ins>"
    moved = f"<w:moveFrom>{run('away')}</w:moveFrom><w:moveTo>{run(' here')}</w:moveTo>"
    assert only(p(control(changed + moved, "n"))).value == "new here"
    gone = tr(tc("Age"), tc("7"), look="<w:trPr><w:del/></w:trPr>")
    assert list(said(f"<w:tbl>{gone}{tr(tc('Name'), tc('Ada'))}</w:tbl>")) == ["Name"]


def test_struck_out_words_are_given_and_marked() -> None:
    struck = only(p(control(run("Ada", "<w:strike/>"), "n")))
    assert (struck.value, struck.problems) == ("Ada", ("struck out",))
    partly = only(p(control(run("Ada", "<w:strike/>") + run(" Bell"), "n")))
    assert partly.problems == ("part of it is struck out",)
    assert only(p(control(run("Ada", '<w:strike w:val="0"/>'), "n"))).problems == ()


def test_hidden_words_are_not_read() -> None:
    assert only(p(control(run("Ada") + run(" secret", "<w:vanish/>"), "n"))).value == "Ada"


# ── The form fields of older Word ───────────────────────────────────────────────────────────────────────────────


def legacy(settings: str, shown: str = "") -> str:
    return p(
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{settings}</w:ffData></w:fldChar></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + "".join(run(letter) for letter in shown)
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_legacy_fields_are_read_by_name() -> None:
    fields = said(
        legacy('<w:name w:val="Text1"/><w:textInput/>', "Ada")
        + legacy('<w:name w:val="Text1"/><w:textInput/>', "\u2002" * 5)
        + legacy('<w:name w:val="Check1"/><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>')
        + legacy('<w:name w:val="Check2"/><w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>')
        + legacy(
            '<w:name w:val="Pick"/><w:ddList><w:result w:val="1"/><w:listEntry w:val="No"/><w:listEntry w:val="Yes"/>'
            "</w:ddList>"
        )
        + legacy('<w:name w:val="Day"/><w:textInput><w:type w:val="date"/></w:textInput>', "31/01/2027")
    )
    assert {name: field.value for name, field in fields.items()} == {
        "Text1": "Ada", "Text1 (2)": None, "Check1": True, "Check2": False, "Pick": "Yes", "Day": "2027-01-31",
    }  # fmt: skip
    assert {field.route for field in fields.values()} == {"legacy field"}


# ── Labels ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_label_and_answer_cells_are_a_field_without_any_control() -> None:
    fields = said(table(("Family name", "Lovelace"), (p("Postcode") + p("where you live now"), ""), ("Notes", "____")))
    assert {f.label: f.value for f in fields.values()} == {"Family name": "Lovelace", "Postcode": None, "Notes": None}
    assert {f.route for f in fields.values()} == {"label"}


def test_two_pairs_in_a_row_are_two_fields() -> None:
    fields = said(table(("Name:", "Ada", "Age:", "36"), ("Town:", "", "Job:", "none")))
    assert {name: f.value for name, f in fields.items()} == {
        "Name:": "Ada",
        "Age:": "36",
        "Town:": None,
        "Job:": "none",
    }


def test_under_a_header_row_the_column_names_the_cell_and_the_first_cell_the_row() -> None:
    box = p(control(run("Read more"), "targets[T1].text"))
    fields = said(table(("No.", "Target", "Done"), ("T1", box, "☒"), ("new 1", "Write here", ""), headed=True))
    assert {name: (f.label, f.row, f.value) for name, f in fields.items()} == {
        "targets[T1].text": ("Target", "T1", "Read more"),
        "Done [T1]": ("Done", "T1", True),
        "Target [new 1]": ("Target", "new 1", None),
        "Done [new 1]": ("Done", "new 1", None),
    }


def test_three_columns_with_words_over_each_need_no_header_mark() -> None:
    assert "Grade [Maths]" in said(table(("Subject", "Grade", "Date"), ("Maths", "4", "")))


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("☒", "tick", True), ("☐", "tick", False), ("[x]", "tick", True), ("[ ]", "tick", False), ("✓", "tick", True),
        ("☐ Yes ☒ No", "choice", "No"), ("☐ Yes ☐ No", "choice", None), ("x", "text", "x"),
    ],
)  # fmt: skip
def test_typed_ticks_are_read(typed: str, kind: str, value: object) -> None:
    field = only(table(("Agreed", typed)))
    assert (field.kind, field.value) == (kind, value)


def test_a_tick_in_running_words_takes_those_beside_it() -> None:
    def box(tag: str) -> str:
        return control(run("☐"), tag, nature="<w14:checkbox/>")

    after = said(p(box("a") + run(" Yes ") + box("b") + run(" No")))
    before = said(p(run("Yes ") + box("a") + run(" No ") + box("b")))
    for fields in (after, before):
        assert [field.label for field in fields.values()] == ["Yes", "No"]


def test_ticks_drawn_with_wingdings_are_read() -> None:
    assert only(table(("Agreed", p('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>')))).value is True


# ── The stamp and what stands beside ────────────────────────────────────────────────────────────────────────────

CUSTOM = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property name="Counterpart">'
    "<vt:lpwstr>{}</vt:lpwstr></property></Properties>"
)
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>{}</dc:identifier>'
    "<cp:lastModifiedBy>J Smith</cp:lastModifiedBy></cp:coreProperties>"
)
BODY = p(control(run("Ada"), "name"))


@pytest.mark.parametrize(
    "carrier",
    [
        {"custom": CUSTOM.format(STAMP.line())},
        {"core": CORE.format(STAMP.line())},
        {"header": part("hdr", p(control(run(STAMP.line()), alias="Form stamp")))},
    ],
    ids=["custom property", "identifier", "header"],
)
def test_each_carrier_alone_holds_the_stamp_and_is_no_field(carrier: dict[str, str]) -> None:
    form = read(word(BODY, **carrier))
    assert form.stamps == (STAMP,)
    assert [field.name for field in form.fields] == ["name"]


def test_carriers_that_disagree_are_all_told() -> None:
    other = Stamp("plan", 1, "F-22222222")
    form = read(word(BODY, custom=CUSTOM.format(STAMP.line()), core=CORE.format(other.line())))
    assert form.stamps == (STAMP, other)
    assert form.stamp is None
    assert form.author == "J Smith"


def test_words_beside_a_box_of_ours_are_not_passed_over() -> None:
    cell = p(control(run("Ada"), "name")) + p("and Charles")
    (field,) = read(word(table(("Name", cell)), custom=CUSTOM.format(STAMP.line()))).fields
    assert field.value == "Ada"
    assert field.problems == ("words stand outside the box: “and Charles”",)


def test_comments_are_remarks() -> None:
    comments = part("comments", f'<w:comment w:author="Jo">{p("Is this right?")}</w:comment>')
    (remark,) = read(word(BODY, comments=comments)).remarks
    assert (remark.kind, remark.text, remark.by) == ("comment", "Is this right?", "Jo")


# ── Files that are not as they should be ────────────────────────────────────────────────────────────────────────


def test_strict_files_and_main_parts_of_other_names_are_read() -> None:
    content = word(BODY, main="word/document22.xml")
    assert read(content).fields[0].value == "Ada"
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = f'<w:document xmlns:w="{strict}"><w:body>{BODY}</w:body></w:document>'
    assert read(zipped({"[Content_Types].xml": "<x/>", "word/document.xml": body})).fields[0].value == "Ada"


def refusal(form: Form) -> str:
    assert form.refused is not None
    assert form.refused.advice
    return form.refused.reason


def test_a_letter_is_refused() -> None:
    assert "no boxes or label tables" in refusal(read(word(p("Dear all"))))


def test_a_document_type_is_refused_and_no_entity_expanded() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><w:document xmlns:w="x">&b;</w:document>'
    assert "document type" in refusal(read(zipped({"[Content_Types].xml": "<x/>", "word/document.xml": bomb})))


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        (Limits(size=10), "size"), (Limits(entries=2), "parts inside it"), (Limits(unpacked=100), "unpacked size"),
        (Limits(fields=0), "fields"),
    ],
)  # fmt: skip
def test_each_limit_refuses_and_is_named(limits: Limits, named: str) -> None:
    assert f"limit on {named}" in refusal(read(word(BODY), limits))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({"[Content_Types].xml": "<x/>", "word/document.xml": b" " * 5_000_000})
    assert "limit on packing" in refusal(read(bomb))


def test_nesting_is_limited() -> None:
    assert "limit on nesting" in refusal(read(word("<w:p>" * 400 + "</w:p>" * 400)))


# ── Every way of carrying an answer ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [document(), strict(document())], ids=["transitional", "strict"])
def test_the_document_with_42_ways_is_read_in_full_and_nothing_else_is(content: bytes) -> None:
    form = read(content)
    assert len(WAYS) == 42
    assert {way.way: wrong for way, wrong in outcome(form) if wrong} == {}
    assert {field.name for field in form.fields} == {name for way in WAYS for name, *_ in way.fields}


@pytest.mark.parametrize(
    ("line", "read_as"),
    [
        ("Name: Ada   Date: 1/2/27", {"Name": "Ada", "Date": "1/2/27"}),
        ("Name: ____ Date: ____", {"Name": None, "Date": None}),
        ("Name ______________", {"Name": None}),
        ("Starts at: 10:30", {"Starts at": "10:30"}),
        ("☒ Yes ☐ No", {"Yes": True, "No": False}),
        ("Driver?  Yes ☒ No ☐", {"Yes": True, "No": False}),
        ("All of the people who came to the meeting said: never again", {}),
        ("Ticks such as ✓ in prose are none", {}),
    ],
)
def test_lines_typed_over(line: str, read_as: dict[str, object]) -> None:
    form = read(word(p(line) + BODY))
    assert {field.name: field.value for field in form.fields if field.name != "name"} == read_as


def test_data_that_says_something_else_is_told_and_paths_that_are_not_plain_are_never_followed() -> None:
    content = document()
    field = next(f for f in read(content).fields if f.name == "w41")
    assert field.problems == ("the file's data holds “STORED”, which is not what the box shows",)
    bombs = word(p(bound("a", "x", path="//*//*//*[count(//*)>0]")))
    assert read(bombs).fields[0].problems == ()


# ── Signatures ──────────────────────────────────────────────────────────────────────────────────────────────────

BLIP = '<a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"/>'
PICTURE = f"<w:r><w:drawing>{BLIP}</w:drawing></w:r>"
INK = '<w:r><mc:AlternateContent><mc:Choice Requires="wpi"><w:drawing><w14:contentPart/></w:drawing></mc:Choice>'
INK += f"<mc:Fallback>{PICTURE}</mc:Fallback></mc:AlternateContent></w:r>"


@pytest.mark.parametrize(("drawn", "value"), [(PICTURE, "picture"), (INK, "ink"), ("", None)])
def test_a_picture_or_ink_where_one_signs_is_a_signature(drawn: str, value: str | None) -> None:
    field = only(table(("Signature", p(drawn))))
    assert (field.value, field.label, field.problems) == (value, "Signature", ())
    assert field.kind == ("signature" if value else "text")
    assert only(p(control(drawn, "learner_signature", nature="<w:picture/>"))).value == value


def test_a_signature_is_never_inferred_from_a_neighbour() -> None:
    fields = said(table(("Signature", ""), ("Photograph", p(PICTURE)), ("Signed on", "31/01/2027")))
    assert {name: (f.kind, f.value) for name, f in fields.items()} == {
        "Signature": ("text", None), "Photograph": ("text", None), "Signed on": ("text", "31/01/2027"),
    }  # fmt: skip
    hint = control(p(PICTURE), "signature", nature="<w:picture/>", hint=True)
    assert only(hint).value is None


def test_digital_signatures_are_listed_and_said_to_be_unchecked() -> None:
    package = "http://schemas.openxmlformats.org/package/2006"
    time = f'<t:SignatureTime xmlns:t="{package}/digital-signature"><t:Value>2026-11-22T10:00:00Z</t:Value>'
    origin = f"{package}/relationships/digital-signature"

    def relation(kind: str, target: str) -> str:
        one = f'<Relationship Id="r9" Type="{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{package}/relationships">{one}</Relationships>'

    beside = {
        "_rels/.rels": relation(f"{origin}/origin", "_xmlsignatures/origin.sigs"),
        "_xmlsignatures/origin.sigs": "",
        "_xmlsignatures/_rels/origin.sigs.rels": relation(f"{origin}/signature", "sig1.xml"),
        "_xmlsignatures/sig1.xml": f'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">{time}</t:SignatureTime>'
        "<X509Certificate>AAAA</X509Certificate></Signature>",
    }
    assert read(word(BODY, beside=beside)).seals == (
        "signed by somebody whose name it does not say on 2026-11-22; not checked",
    )


# ── Beside the boxes of a form of ours ──────────────────────────────────────────────────────────────────────────


def changed(find: str, instead: str, part: str = "word/document.xml") -> Form:
    """A form of ours in which somebody changed the XML."""
    with zipfile.ZipFile(BytesIO(write_form(SHEET).content)) as file:
        parts: dict[str, str | bytes] = {name: file.read(name) for name in file.namelist()}
    xml = parts[part]
    assert isinstance(xml, bytes)
    assert find.encode() in xml
    return read(zipped({**parts, part: xml.replace(find.encode(), instead.encode(), 1)}))


def test_a_form_of_ours_as_it_left_us_has_nothing_beside() -> None:
    assert read(write_form(SHEET).content).remarks == ()


TYPED = "<w:p>{}<w:r><w:t>Please ring me</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    ("find", "instead", "where"),
    [
        ("</w:tbl>", "</w:tbl>" + TYPED.format(""), "under the table “This is me”"),
        (
            "</w:tbl>",
            "</w:tbl>" + TYPED.format('<w:pPr><w:pStyle w:val="Standard"/></w:pPr>'),
            "under the table “This is me”",
        ),
        (
            '<w:p><w:pPr><w:pStyle w:val="Gap"/></w:pPr></w:p><w:sectPr>',
            TYPED.format('<w:pPr><w:pStyle w:val="Gap"/></w:pPr>') + "<w:sectPr>",
            "under the table “Signature of the learner”",
        ),
        (
            "First names</w:t></w:r></w:p>",
            "First names</w:t></w:r></w:p>" + TYPED.format(""),
            "in the table “This is me”, row 1",
        ),
        ("First names</w:t>", "First names Please ring me</w:t>", "in the table “This is me”, row 1"),
        (
            '<w:p><w:pPr><w:pStyle w:val="Heading1"/>',
            TYPED.format("") + '<w:p><w:pPr><w:pStyle w:val="Heading1"/>',
            "at the top of the form",
        ),
    ],
)
def test_what_somebody_typed_beside_the_boxes_is_a_remark_with_its_place(find: str, instead: str, where: str) -> None:
    form = changed(find, instead)
    assert [(r.kind, r.text, r.where) for r in form.remarks] == [("text", "Please ring me", where)]


def test_what_somebody_typed_in_the_header_or_drew_is_a_remark() -> None:
    header = changed("</w:hdr>", TYPED.format("") + "</w:hdr>", "word/header.xml")
    assert [(r.text, r.where) for r in header.remarks] == [("Please ring me", "page header")]
    picture = changed("</w:tbl>", f"</w:tbl><w:p>{PICTURE}</w:p>")
    assert [(r.kind, r.where) for r in picture.remarks] == [("drawing", "on the page")]


def test_a_comment_tells_the_words_it_hangs_on() -> None:
    comments = part("comments", f'<w:comment w:id="4" w:author="Jo">{p("Is this right?")}</w:comment>')
    hung = '<w:commentRangeStart w:id="4"/>' + run("Ada") + '<w:commentRangeEnd w:id="4"/>' + run(" Bell")
    (remark,) = read(word(table(("Name", p(hung))), comments=comments)).remarks
    assert (remark.text, remark.by, remark.where) == ("Is this right?", "Jo", "table 1, row 1, on “Ada”")
