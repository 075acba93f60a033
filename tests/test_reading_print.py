"""A form of ours that was printed to PDF is read by its labels; whatever is not certain is not said for certain."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from made_pdf import printed, saved
from strategies import PROFORMAS, issue

from engine.answers import read_answers
from engine.layout import lay_out
from engine.model import Answer, Form, State
from engine.reading import read
from engine.reading.pdf_lines import Line, joined, lines
from engine.reading.pdf_page import read_page
from engine.writing.pdf import write_form
from engine.writing.word import write_form as write_word

SAID = {
    "learner.given_name": "Zoë",
    "learner.family_name": "O’Brien-Łódź",
    "learner.date_of_birth": "2008-03-14",
    "learner.address": "12 Orchard Row\nKingsmead",
    "learner.sex": "Female",
    "learner.has_difficulty": "Yes",
    "learner.difficulty_note": "I lose my place in long recipes. Bigger gaps between the lines help, and light.",
    "targets[T1].text": "Shape a loaf without help",
    "targets[T1].due": "2026-12-01",
    "targets[T2].text": "Weigh, scale and note down what I used each time",
}


@cache
def form(name: str, variant: str = "standard") -> bytes:
    """The form as it is sent out, with what is said in its boxes."""
    own = {"row": "1"} if PROFORMAS[name].about else {}
    own |= {"variant": variant} if variant != "standard" else {}
    return write_form(lay_out(PROFORMAS[name], SAID, issue(name, **own), "Coleg Ceredigion")).content


def answers(read_form: Form, name: str) -> Mapping[str, tuple[State, Any]]:
    assert read_form.refused is None
    return {a.place: (a.state, a.value) for a in read_answers(read_form, PROFORMAS[name], "1") if certain(a)}


def certain(answer: Answer) -> bool:
    return answer.state is not State.UNREADABLE


@pytest.mark.parametrize("scale", [1.0, 0.94])
@pytest.mark.parametrize("name", PROFORMAS)
def test_a_printed_form_says_what_the_form_said(name: str, scale: float) -> None:
    before, after = answers(read(form(name)), name), answers(read(printed(form(name), scale)), name)
    assert {place: said for place, said in after.items() if before[place] != said} == {}
    assert len(after) >= 0.95 * len(before)


@pytest.mark.parametrize("name", PROFORMAS)
def test_a_print_in_large_letters_is_known_by_its_stamp_and_read(name: str) -> None:
    large = form(name, "large-print")
    before, after = answers(read(large), name), answers(read(printed(large)), name)
    assert {place: said for place, said in after.items() if before[place] != said} == {}
    assert len(after) >= 0.95 * len(before)


@pytest.fixture(scope="module")
def from_word(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[bytes, bytes]]:
    """Every Word form of ours with what is said in its boxes, and its print by LibreOffice."""
    if not shutil.which("soffice"):
        pytest.skip("apt-get install libreoffice-writer")
    folder = tmp_path_factory.mktemp("printed")
    for name, proforma in PROFORMAS.items():
        own = {"row": "1"} if proforma.about else {}
        written = write_word(lay_out(proforma, SAID, issue(name, **own), "Coleg Ceredigion"))
        (folder / f"{name}.docx").write_bytes(written.content)
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
         "--outdir", folder, *folder.glob("*.docx")],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return {f.stem: (f.read_bytes(), Path(f.with_suffix(".pdf")).read_bytes()) for f in folder.glob("*.docx")}


@pytest.mark.parametrize("name", PROFORMAS)
def test_a_word_form_printed_to_pdf_says_what_the_form_said(
    from_word: Mapping[str, tuple[bytes, bytes]], name: str
) -> None:
    word, pdf = from_word[name]
    before, after = answers(read(word), name), answers(read(pdf), name)
    assert {place: said for place, said in after.items() if before[place] != said} == {}
    assert len(after) >= 0.9 * len(before)


def test_a_printed_word_form_without_its_last_page_is_refused_with_its_stamp(
    from_word: Mapping[str, tuple[bytes, bytes]],
) -> None:
    read_form = read(pages(from_word["plan"][1], 0, 1))
    assert read_form.refused is not None
    assert read_form.stamp is not None


def test_its_fields_are_found_by_label_and_row() -> None:
    found = read(printed(form("plan")))
    assert {f.route for f in found.fields} == {"label"}
    assert {(f.row, f.value) for f in found.fields if f.label == "Target" and f.value} == {
        ("T1", SAID["targets[T1].text"]), ("T2", SAID["targets[T2].text"]),
    }  # fmt: skip


def test_ticks_and_circles_are_read_from_what_is_drawn_in_them() -> None:
    fields = {f.label: f for f in read(printed(form("learner-details"))).fields}
    assert (fields["Sex on official records"].kind, fields["Sex on official records"].value) == ("choice", "Female")
    ticks = [f for f in fields.values() if f.kind == "tick"]
    assert [f.value for f in ticks] == [False] * len(ticks)
    assert ticks


def pages(content: bytes, *kept: int) -> bytes:
    """Only some pages of a file."""
    with pikepdf.open(BytesIO(content)) as document:
        for number in reversed(range(len(document.pages))):
            if number not in kept:
                del document.pages[number]
        return saved(document)


def test_a_print_with_a_page_missing_or_pages_turned_round_is_refused_with_its_stamp() -> None:
    whole = printed(form("learner-details"))
    for part in (pages(whole, 0, 1), pages(whole, 1, 2)):
        found = read(part)
        assert found.refused
        assert found.stamp == read(form("learner-details")).stamp


def test_what_has_no_fields_and_is_no_form_of_ours_is_refused() -> None:
    foreign = pikepdf.new()
    foreign.add_blank_page()
    foreign.pages[0].contents_add(b"BT /F1 12 Tf 51 38 Td (Form F-AAAA1111) Tj ET 223 500 320 25 re S")
    found = read(saved(foreign))
    assert found.refused
    assert "Send the original" in found.refused.advice


def test_words_that_ran_out_of_their_box_are_doubtful() -> None:
    with pikepdf.open(BytesIO(printed(form("learner-details")))) as document:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        document.pages[0].obj.Resources.Font.Added = font
        foot = next(line.foot for line in lines(read_page(document.pages[0]).glyphs) if "Telephone" in line.text)
        words = b"a telephone number and much more than would ever have room in one box of this form " * 2
        document.pages[0].contents_add(b"BT /Added 12 Tf 229 %d Td (%s) Tj ET" % (foot, words))
        found = {f.label: f for f in read(saved(document)).fields}
    assert "cut off" in found["Telephone"].problems[0]


def line(text: str, right: float, foot: float = 0) -> Line:
    """A line of type in which every character is as wide as the next."""
    words = [len(word) * right / len(text) for word in text.split()]
    return Line(0, right, foot, 10, text, words[0], words[-1])


def test_lines_are_joined_where_they_were_broken_for_want_of_room() -> None:
    assert joined([line("one two", 90), line("three", 40, -15)], 100, 1) == ("one two three", True)
    assert joined([line("one", 30), line("two", 30, -15)], 100, 1) == ("one\ntwo", True)
    assert joined([line("one", 30), line("two", 30, -45)], 100, 1) == ("one\n\ntwo", True)
    assert joined([line("a end-", 90), line("point", 40, -15)], 100, 1) == ("a end-point", False)
    assert joined([line("aaaaaaaaa", 98), line("aaaa", 40, -15)], 100, 1) == ("aaaaaaaaa aaaa", False)


def test_a_note_typed_words_and_ink_on_a_form_of_ours_come_back_with_their_places() -> None:
    with pikepdf.open(BytesIO(form("learner-details"))) as document:
        page = document.pages[0].obj
        widget = next(w for w in page.Annots if w.get("/TU") == "Telephone")
        left, bottom, right, top = (float(edge) for edge in widget.Rect)
        for words in (
            f"/Subtype /Text /Contents (Ring after five) /T (Jo) /Rect [{right} {bottom} {right + 18} {top}]",
            f"/Subtype /FreeText /Contents (or his mother) /Rect [{left + 9} {bottom} {left + 90} {top}]",
            f"/Subtype /Ink /InkList [[{left} {bottom} {right} {top}]] /Rect [{left} {bottom} {right} {top}]",
        ):
            page.Annots.append(pikepdf.Object.parse(f"<< {words} >>".encode()))
        found = read(saved(document)).remarks
    assert [(r.kind, r.text, r.where, r.by, r.picture is not None) for r in found] == [
        ("note", "Ring after five", "page 1, beside “Telephone”", "Jo", False),
        ("text", "or his mother", "page 1, on “Telephone”", "", False),
        ("drawing", "", "page 1, on “Telephone”", "", True),
    ]
