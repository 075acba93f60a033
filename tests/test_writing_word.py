"""Rules for Word forms: what a person fills in, what comes back, and that the same sheet makes the same file."""

import datetime as dt
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.model import Stamp
from engine.places import Kind
from engine.reading import read
from engine.sheet import Block, Box, Column, Sheet, SignatureBlock, TableRow
from engine.writing.word import write_form
from engine.writing.word_blank import HINTS

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STATES = ("Not started", "Under way", "Achieved")


def text(name: str, label: str, shown: str = "", **more: object) -> Box:
    return Box(name, label, Kind.TEXT, shown or None, shown, **more)


def tick(name: str, label: str, on: bool) -> Box:
    return Box(name, label, Kind.TICK, on or None, "Yes" if on else "")


def choice(name: str, label: str, shown: str = "") -> Box:
    return Box(name, label, Kind.CHOICE, shown or None, shown, choices=STATES)


def date(name: str, label: str, iso: str = "") -> Box:
    return Box(name, label, Kind.DATE, iso or None, iso and dt.date.fromisoformat(iso).strftime("%d/%m/%Y"))


def target_row(key: str, what: str = "", due: str = "", state: str = "") -> TableRow:
    return TableRow(
        key,
        (
            text(f"targets[{key}].text", "Target", what),
            date(f"targets[{key}].due", "Due", due),
            choice(f"targets[{key}].status", "State", state),
        ),
    )


SHEET = Sheet(
    title="Individual learning plan",
    purpose="The plan we work from.",
    provider="Northgate & Sons Training",
    learner="Siân O’Brien",
    stamp=Stamp("plan", 3, "F-7K3QX9ZA", "P-2WQ8RT6M", 14),
    printed=dt.date(2026, 11, 22),
    mark="Working document",
    notices=(Block("One question is open", lines=("The planned end date: 31/07/2027 or 30/06/2027?",)),),
    blocks=(
        Block(
            "This is me",
            boxes=(
                text("learner.given_name", "First names", "Siân"),
                text("learner.family_name", "Family name"),
                date("learner.date_of_birth", "Date of birth", "2008-02-29"),
                text(
                    "aspiration.why", "Why it matters", "Bikes & <brakes>\n\nand “Łódź”", help="As you like", long=True
                ),
                tick("sharing.notice_seen", "I have seen the notice", True),
                tick("sharing.other", "I want a copy", False),
                choice("programme.state", "How it goes", "Under way"),
                choice("programme.other", "How it ends"),
            ),
        ),
        Block(
            "My targets",
            columns=(Column("Target", 6), Column("Due", 1), Column("State", 1)),
            rows=(target_row("T1", "Price a service", "2027-01-31", "Achieved"), target_row("new 1")),
            row_noun="target",
        ),
        Block(
            "Results",
            columns=(Column("Level", 1),),
            rows=tuple(TableRow(k, (text(f"assessments[{k}].level", "Level"),)) for k in ("Reading", "Writing")),
            row_noun="assessment",
        ),
    ),
    signatures=(
        SignatureBlock(
            "learner",
            "I agree to this plan.",
            text("signatures[learner].name", "Signed by the learner: name"),
            date("signatures[learner].date", "Signed by the learner: date"),
            "learner",
        ),
    ),
)


def with_boxes(*boxes: Box) -> Sheet:
    return replace(SHEET, blocks=(Block("Questions", boxes=boxes),), signatures=(), notices=())


def parts(sheet: Sheet = SHEET) -> dict[str, etree._Element]:
    with zipfile.ZipFile(io.BytesIO(write_form(sheet).content)) as package:
        return {name: etree.fromstring(package.read(name)) for name in package.namelist()}


def body(sheet: Sheet = SHEET) -> etree._Element:
    return parts(sheet)["word/document.xml"]


def words(element: etree._Element) -> str:
    return "".join({"t": e.text or "", "br": "\n"}[etree.QName(e).localname] for e in element.iter(f"{W}t", f"{W}br"))


def expected(box: Box) -> str | bool | None:
    """What the reader has to say of a box nobody touched."""
    if box.kind is Kind.TICK:
        return bool(box.shown)
    return box.value if box.kind is Kind.DATE else box.shown or None


def test_every_box_is_read_back_with_what_it_shows():
    form = read(write_form(SHEET).content)
    found = {field.name: field for field in form.fields}
    assert {name: field.value for name, field in found.items()} == {box.name: expected(box) for box in SHEET.boxes()}
    assert {name: field.kind for name, field in found.items()} == {box.name: box.kind.value for box in SHEET.boxes()}
    assert {name: field.label for name, field in found.items()} == {box.name: box.label for box in SHEET.boxes()}
    assert found["targets[new 1].due"].row == "new 1"
    assert not [field for field in form.fields if field.problems]
    assert not form.remarks


def test_the_stamp_stands_in_the_properties_the_identifier_and_the_header():
    line = SHEET.stamp.line()
    found = parts()
    assert "".join(found["docProps/custom.xml"].itertext()) == line
    assert line in "".join(found["docProps/core.xml"].itertext())
    assert words(found["word/header.xml"]) == line
    assert read(write_form(SHEET).content).stamps == (SHEET.stamp,)


def test_the_stamp_of_a_blank_is_read_back():
    blank = replace(SHEET, stamp=Stamp("plan", 3, "F-7K3QX9ZA"), learner="")
    assert read(write_form(blank).content).stamp == blank.stamp


def test_nobody_can_change_the_stamp_or_take_a_box_away():
    stamp = parts()["word/header.xml"].find(f".//{W}sdtPr")
    assert stamp.find(f"{W}lock").get(f"{W}val") == "sdtContentLocked"
    assert stamp.find(f"{W}tag") is None
    assert {lock.get(f"{W}val") for lock in body().iter(f"{W}lock")} == {"sdtLocked"}


def test_numbers_names_and_titles_of_controls_are_unique_over_the_form():
    found = parts()
    every = [p for part in ("word/document.xml", "word/header.xml") for p in found[part].iter(f"{W}sdtPr")]
    for name in ("id", "alias"):
        values = [p.find(f"{W}{name}").get(f"{W}val") for p in every]
        assert len(values) == len(set(values)), name
    assert [t.get(f"{W}val") for t in found["word/document.xml"].iter(f"{W}tag")] == [b.name for b in SHEET.boxes()]


def test_the_title_of_a_box_in_a_table_is_column_and_row():
    titles = [a.get(f"{W}val") for a in body().iter(f"{W}alias")]
    assert "Target T1" in titles
    assert "State new 1" in titles


def test_titles_that_two_tables_share_are_counted():
    tables = tuple(
        Block(name, columns=(Column("What", 1),), rows=(TableRow("new 1", (text(f"{name}[new 1].what", "What"),)),))
        for name in ("aims", "training")
    )
    titles = [a.get(f"{W}val") for a in body(replace(SHEET, blocks=tables, signatures=())).iter(f"{W}alias")]
    assert titles == ["What new 1", "What new 1 (2)"]


def test_titles_fit_what_word_accepts_and_names_that_do_not_are_refused():
    long = "How the training is delivered, where, and by whom, in every week of the programme"
    sheet = with_boxes(text("a.b", long + " one"), text("a.c", long + " two"))
    titles = [a.get(f"{W}val") for a in body(sheet).iter(f"{W}alias")]
    assert len(set(titles)) == 2
    assert max(map(len, titles)) <= 64
    with pytest.raises(ValueError, match="longer than 64"):
        write_form(with_boxes(text("x" * 65, "Label")))


@pytest.mark.parametrize(
    ("box", "hint"),
    [(text("a", "A"), "Write here"), (choice("a", "A"), "Choose"), (date("a", "A"), "Pick a date")],
)
def test_an_empty_box_shows_a_hint_that_word_puts_back_when_it_is_emptied(box, hint):
    found = parts(with_boxes(box))
    control = found["word/document.xml"].find(f".//{W}sdt")
    assert words(control) == hint
    assert control.find(f"{W}sdtPr/{W}showingPlcHdr") is not None
    block = control.find(f"{W}sdtPr/{W}placeholder/{W}docPart").get(f"{W}val")
    assert block in [name.get(f"{W}val") for name in found["word/glossary/document.xml"].iter(f"{W}name")]


def test_a_hint_is_never_a_kind_without_one():
    assert set(HINTS) == set(Kind) - {Kind.TICK}


def test_a_value_that_is_no_longer_offered_is_still_in_the_list():
    sheet = with_boxes(choice("a", "A", "Dropped"))
    assert [i.get(f"{W}value") for i in body(sheet).iter(f"{W}listItem")] == [*STATES, "Dropped"]


def test_a_date_says_the_same_in_words_and_in_its_value():
    control = body(with_boxes(date("a", "A", "2027-01-31"))).find(f".//{W}sdt")
    assert words(control) == "31/01/2027"
    assert control.find(f".//{W}date").get(f"{W}fullDate") == "2027-01-31T00:00:00Z"


def test_every_table_names_itself_and_keeps_its_rows_whole():
    for table in body().iter(f"{W}tbl"):
        assert table.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val")
        assert table.find(f"{W}tblPr/{W}tblDescription").get(f"{W}val")
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in table.iter(f"{W}tr"))


def test_a_repeating_table_has_headings_and_a_key_in_every_row():
    _, targets, results, _ = body().iter(f"{W}tbl")
    rows = [[words(cell) for cell in row.iter(f"{W}tc")] for row in targets.iter(f"{W}tr")]
    assert rows[0] == ["No.", "Target", "Due", "State"]
    assert [row[0] for row in rows[1:]] == ["T1", "new 1"]
    assert targets.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
    assert words(results.find(f".//{W}tc")) == "Assessment"


def test_columns_fill_the_page_and_none_is_too_narrow_for_a_date():
    widths = [int(c.get(f"{W}w")) for c in list(body().iter(f"{W}tblGrid"))[1]]
    assert 9600 < sum(widths) <= 9638
    assert widths[2] > 1400


def test_however_crowded_a_table_is_a_date_keeps_to_one_line():
    def row(key: str) -> TableRow:
        words = tuple(text(f"targets[{key}].a{n}", "Accommodations") for n in range(7))
        return TableRow(key, (*words, date(f"targets[{key}].due", "Due", "2027-01-31")))

    columns = (*(Column("Accommodations", 3) for _ in range(7)), Column("Due", 1))
    crowded = replace(SHEET, blocks=(Block("My targets", columns=columns, rows=(row("T1"),), row_noun="target"),))
    widths = [int(c.get(f"{W}w")) for c in next(body(crowded).iter(f"{W}tblGrid"))]
    assert 9600 < sum(widths) <= 9638
    assert widths[-1] > 1400
    assert min(widths) > 500


def test_the_label_is_the_first_paragraph_of_its_cell_and_help_the_second():
    cell = next(c for c in body().iter(f"{W}tc") if words(c).startswith("Why it matters"))
    assert [words(p) for p in cell.iter(f"{W}p")] == ["Why it matters", "As you like"]


def test_only_boxes_can_be_changed_and_word_accepts_the_order_of_its_settings():
    names = [etree.QName(e).localname for e in parts()["word/settings.xml"]]
    assert names.index("documentProtection") < names.index("defaultTabStop")
    protection = parts()["word/settings.xml"].find(f"{W}documentProtection")
    assert (protection.get(f"{W}edit"), protection.get(f"{W}enforcement")) == ("forms", "1")


def test_the_page_says_what_it_is_for_whom_and_which():
    shown = [words(p) for p in body().iter(f"{W}p")]
    for line in (SHEET.title, SHEET.mark, SHEET.purpose, "Learner: Siân O’Brien", "Printed: 22/11/2026",
                 "One question is open", "I agree to this plan."):  # fmt: skip
        assert line in shown


def test_nothing_is_smaller_than_twelve_points_or_set_in_capitals_or_italics():
    styles = parts()["word/styles.xml"]
    small = [
        s.get(f"{W}styleId") for s in styles.iter(f"{W}style") for z in s.iter(f"{W}sz") if int(z.get(f"{W}val")) < 24
    ]
    assert small == ["Gap"]
    assert not list(styles.iter(f"{W}i", f"{W}u", f"{W}caps", f"{W}smallCaps"))


def test_headings_are_real_and_the_language_is_said():
    styles = {s.get(f"{W}styleId"): s for s in parts()["word/styles.xml"].iter(f"{W}style")}
    used = {s.get(f"{W}val") for s in body().iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")}
    assert used <= set(styles)
    assert styles["Heading1"].find(f".//{W}outlineLvl").get(f"{W}val") == "0"
    assert parts()["word/styles.xml"].find(f".//{W}lang").get(f"{W}val") == "en-GB"


def test_the_same_sheet_makes_the_same_bytes():
    from engine.writing import word_blank

    once = write_form(SHEET).content
    word_blank._shared.cache_clear()
    assert write_form(SHEET).content == once
    with zipfile.ZipFile(io.BytesIO(once)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert len(package.namelist()) == len(set(package.namelist()))


def test_a_form_is_small():
    assert len(write_form(SHEET).content) < 20_000


def test_python_docx_opens_it_too():
    import docx

    document = docx.Document(io.BytesIO(write_form(SHEET).content))
    assert document.core_properties.title == SHEET.title
    assert document.core_properties.created.date() == SHEET.printed


def test_what_cannot_stand_in_a_word_file_is_shown_as_a_substitute_and_reported():
    rendition = write_form(with_boxes(text("a", "A", "bell\x07 half\ud800 end")))
    assert rendition.substituted == {"\x07", "\ud800"}
    assert read(rendition.content).fields[0].value == "bell\N{REPLACEMENT CHARACTER} half\N{REPLACEMENT CHARACTER} end"
    assert not write_form(SHEET).substituted


def test_a_sealed_version_is_never_written_as_word():
    with pytest.raises(ValueError, match="never written as Word"):
        write_form(replace(SHEET, edition=2))


lines = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" &<>\"'"), min_size=1)


@settings(max_examples=25, deadline=None)
@given(st.lists(lines, min_size=1, max_size=4).map("\n".join), st.booleans())
def test_any_text_comes_back_as_it_was(answer, long):
    control = body(with_boxes(text("a", "A", answer, long=long))).find(f".//{W}sdtContent")
    assert words(control) == answer


@pytest.mark.skipif(not shutil.which("soffice"), reason="apt-get install libreoffice-writer")
def test_every_answer_survives_being_saved_by_libreoffice(tmp_path: Path):
    (tmp_path / "form.docx").write_bytes(write_form(SHEET).content)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to",
         "docx:MS Word 2007 XML", "--outdir", tmp_path / "saved", tmp_path / "form.docx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    form = read((tmp_path / "saved" / "form.docx").read_bytes())
    assert form.stamp == SHEET.stamp
    rows = {box.name: row.key for block in SHEET.blocks for row in block.rows for box in row.boxes}
    found = {(field.label, field.row): field.value for field in form.fields if field.kind != "tick"}
    for box in SHEET.boxes():
        if box.kind is not Kind.TICK:
            assert found[box.label, rows.get(box.name, "")] == expected(box), box.name
    # LibreOffice 7.4 wraps a tick box in a second control, which bears its title.
    ticks = [field for field in form.fields if field.kind == "tick"]
    assert [field.value for field in ticks] == [True, False]


@pytest.mark.skipif(
    subprocess.run(["/usr/bin/env", "/usr/bin/python3", "-c", "import uno"], capture_output=True).returncode != 0
    or not shutil.which("soffice"),
    reason="apt-get install libreoffice-writer python3-uno",
)
def test_what_a_person_types_in_libreoffice_is_read(tmp_path: Path):
    (tmp_path / "form.docx").write_bytes(write_form(SHEET).content)
    typed = {
        "Family name": "O’Brien & <Sons>",
        "Date of birth": "01/03/2008",
        "Why it matters": "Because\nof bikes",
        "How it ends": "Achieved",
        "I want a copy": True,
        "Target [new 1]": "Fit a chain",
        "Due [new 1]": "31/03/2027",
        "State [T1]": "Under way",
    }
    (tmp_path / "answers.json").write_text(json.dumps(typed), "utf-8")
    script = Path(__file__).parent / "samples" / "fill" / "fill_word.py"
    subprocess.run(
        ["/usr/bin/python3", script, "form.docx", "answers.json", "filled.docx"],
        check=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    form = read((tmp_path / "filled.docx").read_bytes())
    found = {f"{f.label} [{f.row}]" if f.row else f.label: f.value for f in form.fields}
    said = {**typed, "Date of birth": "2008-03-01", "Due [new 1]": "2027-03-31"}
    assert {label: found[label] for label in said} == said
    assert found["First names"] == "Siân"
    assert form.stamp == SHEET.stamp
