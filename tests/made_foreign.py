"""Forms of a partner's own, as other programs make them: one by python-docx, one by hand in PDF's own words."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from docx import Document
from lxml import etree
from pikepdf import Array, Object

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMES = f'xmlns:w="{W}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def riverside_review(file: Path) -> Path:
    """Riverside College's review form: a label table with controls, plain cells, a field of older Word; ruled lines."""
    document = Document()
    document.add_heading("Riverside College: learner review", 1)
    rows: list[tuple[str, str]] = [
        ("Learner name", _control("LearnerName", "<w:text/>", "Click here to enter text.")),
        ("Date of birth", _control("DOB", '<w:date><w:dateFormat w:val="d MMMM yyyy"/></w:date>', "Pick a date")),
        ("Learner's email address", ""),
        ("Learner's address", ""),
        ("Gender", _control("Gender", _list("F", "M"), "Choose an item.")),
        ("Course title", _older("Course")),
        (
            "Date of review",
            _control("ReviewDate", '<w:date><w:dateFormat w:val="dd/MM/yyyy"/></w:date>', "Pick a date"),
        ),
        ("What went well", _control("Well", "<w:richText/>", "Click here to enter text.")),
        ("Learner comments", ""),
        ("Next review date", ""),
        ("Favourite sandwich", ""),
        ("Contact no", ""),
        ("I have read the privacy notice", _tick("Privacy")),
    ]
    table = document.add_table(rows=0, cols=2)
    for label, answer in rows:
        cells = table.add_row().cells
        cells[0].text = label
        if answer:
            paragraph = cells[1].paragraphs[0]._p
            paragraph.extend(etree.fromstring(f"<w:x {_NAMES}>{answer}</w:x>"))
    document.add_paragraph("Name of tutor: ______________________")
    document.add_paragraph("Learner signature: ______________________")
    document.save(str(file))
    return file


def _control(tag: str, nature: str, hint: str) -> str:
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val="{tag}"/><w:tag w:val="{tag}"/><w:showingPlcHdr/>{nature}</w:sdtPr>'
        f'<w:sdtContent><w:r><w:rPr><w:rStyle w:val="PlaceholderText"/></w:rPr><w:t>{hint}</w:t></w:r></w:sdtContent>'
        "</w:sdt>"
    )


def _list(*choices: str) -> str:
    items = "".join(f'<w:listItem w:displayText="{choice}" w:value="{choice}"/>' for choice in choices)
    return f"<w:dropDownList>{items}</w:dropDownList>"


def _tick(tag: str) -> str:
    return (
        f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/><w14:checkbox><w14:checked w14:val="0"/></w14:checkbox></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt>"
    )


def _older(name: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="{name}"/><w:enabled/><w:textInput/></w:ffData>'
        '</w:fldChar></w:r><w:r><w:instrText xml:space="preserve"> FORMTEXT </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>     </w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def harbour_enrolment(file: Path) -> Path:
    """Harbour Training's enrolment form: text fields, a birthday in three of them, a list, radio buttons, a tick."""
    fields = [
        _text("learner_first_name", "First name", 700),
        _text("learner_surname", "Surname", 675),
        _text("dob_day", "Day", 650, 60, 90), _text("dob_month", "Month", 650, 100, 130),
        _text("dob_year", "Year", 650, 140, 190),
        _text("learner_address1", "Address line 1", 625), _text("learner_address2", "Address line 2", 600),
        _text("learner_town", "Town", 575),
        _text("learner_postcode", "Postcode", 550),
        _text("uln", "Unique learner number", 525, 60, 260, "/Ff 16777216 /MaxLen 10"),
        "/T (sex) /TU (Gender) /FT /Ch /Ff 131072 /Opt [[(F)(Female)][(M)(Male)]] " + _at(500),
        _text("career", "Career aspirations", 440, 60, 540, "/Ff 4096", 50),
        _text("shoe_size", "Shoe size for the workshop", 415),
        "/T (privacy) /TU (I have read the privacy notice) /FT /Btn /V /Off /AS /Off "
        "/AP << /N << /Ja 1 0 R /Off 1 0 R >> >> " + _at(390, 60, 75),
        _text("tutor_email", "Tutor's email", 365),
    ]  # fmt: skip
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    face = document.make_indirect(Object.parse(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"))
    mark: Any = pikepdf.Stream(document, b"0 0 m 15 15 l S", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form,
                               BBox=Array([0, 0, 15, 15]))  # fmt: skip
    made = []
    for field in fields:
        one = document.make_indirect(Object.parse(f"<< {field.replace('1 0 R', 'null')} >>".encode()))
        if one.FT == "/Btn":
            one.AP = Object.parse(b"<< /N << >> >>")
            one.AP.N.Ja = one.AP.N.Off = document.make_indirect(mark)
        one.P = page.obj
        made.append(one)
    page.obj.Annots = Array(made)
    page.obj.Resources = Object.parse(b"<< /Font << >> >>")
    page.obj.Resources.Font.Helv = face
    words = "".join(f"BT /Helv 10 Tf 60 {y} Td ({t}) Tj ET\n" for t, y in (("Harbour Training: enrolment", 760),))
    page.contents_add(words.encode())
    document.Root.AcroForm = Object.parse(b"<< /DA (/Helv 0 Tf 0 g) /DR << /Font << >> >> >>")
    document.Root.AcroForm.DR.Font.Helv = face
    document.Root.AcroForm.Fields = Array(made)
    saved = BytesIO()
    document.save(saved)
    file.write_bytes(saved.getvalue())
    return file


def _text(name: str, label: str, foot: int, left: int = 60, right: int = 400, more: str = "", tall: int = 18) -> str:
    return f"/T ({name}) /TU ({label}) /FT /Tx /DA (/Helv 0 Tf 0 g) {more} {_at(foot, left, right, tall)}"


def _at(foot: int, left: int = 60, right: int = 260, tall: int = 18) -> str:
    return f"/Type /Annot /Subtype /Widget /F 4 /Rect [{left} {foot} {right} {foot + tall}]"
