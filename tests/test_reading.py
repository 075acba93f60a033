"""What is a form and what is not, from the bytes alone; and that no file at all makes the reader fall over."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_word import control, p, run, word, zipped

from engine.model import Media
from engine.reading import entry, read
from engine.reading.dates import iso_date

FORMS = Path(__file__).parents[2] / "shared" / "forms"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def ole(*names: str) -> bytes:
    return OLE + b"".join(name.encode("utf-16-le") for name in names)


NO_FORMS = {
    "nothing": (b"", "empty"),
    "zeros": (bytes(4000), "never arrived"),
    "a photo": (b"\xff\xd8\xff\xe0" + bytes(50), "picture"),
    "a scan": (b"II*\x00" + bytes(50), "picture"),
    "an old Word file": (ole("WordDocument"), "old Word file"),
    "a Word file with a password": (ole("EncryptedPackage"), "password"),
    "the same, by another program": (ole("encryptedpackage"), "password"),
    "an old spreadsheet": (ole("Workbook"), "spreadsheet"),
    "a spreadsheet": (zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "spreadsheet"),
    "a presentation": (zipped({"[Content_Types].xml": "", "ppt/presentation.xml": ""}), "presentation"),
    "an OpenDocument text": (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "OpenDocument"),
    "forms in a zip": (zipped({"form.docx": "x"}), "zip archive"),
    "half a Word file": (word(p("x"))[:300], "cut short"),
    "a Rich Text file": (b"{\\rtf1 hello}", "Rich Text"),
    "a web page": (b"<!DOCTYPE html><html></html>", "web page"),
    "an e-mail": (b"Received: from x\nFrom: a@b\n", "e-mail"),
    "plain text": ("Dear all, café".encode(), "plain text"),
    "noise": (bytes(range(256)) * 4, "no kind of file"),
}


@pytest.mark.parametrize(("content", "why"), NO_FORMS.values(), ids=NO_FORMS)
def test_what_is_no_form_is_refused_in_plain_words(content: bytes, why: str) -> None:
    form = read(content)
    assert form.refused is not None
    assert why in form.refused.reason
    assert form.refused.advice.endswith(".")
    assert form.fields == ()


def test_the_bytes_count_and_not_what_stands_before_them() -> None:
    assert read(b"junk of a mail gateway\n%PDF-1.7\n").media_type == Media.PDF


def test_an_entry_has_the_promised_keys_and_is_json() -> None:
    got = entry("a.docx", read(word(p(control(run("Ada"), "name")))))
    assert list(got) == ["file", "sha256", "media_type", "stamp", "signatures", "fields", "remarks", "refused"]
    assert json.loads(json.dumps(got))["fields"] == [
        {
            "name": "name", "kind": "text", "value": "Ada", "raw": "Ada", "label": "", "route": "tag", "where": "body",
            "problems": [],
        }
    ]  # fmt: skip
    assert entry("x", read(b""))["refused"]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("03/02/2027", "2027-02-03"), ("3.2.27", "2027-02-03"), ("3rd of February 2027", "2027-02-03"),
        ("Wed 3 Feb 2027", "2027-02-03"), ("February 3, 2027", "2027-02-03"), ("2027-02-03", "2027-02-03"),
        ("1/2/99", "1999-02-01"), ("31/02/2027", None), ("February 2027", None), ("13/13/2027", None), ("soon", None),
    ],
)  # fmt: skip
def test_dates_are_day_first_and_never_guessed(words: str, day: str | None) -> None:
    assert iso_date(words) == day


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_makes_the_reader_fall_over(data: st.DataObject) -> None:
    content = bytearray(word(p(control(run("Ada"), "name")) + p("x")))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    form = read(bytes(content))
    assert form.refused or form.fields


def shared(*folders: str) -> list[Path]:
    return [f for folder in folders for f in sorted((FORMS / folder).glob("*")) if f.suffix != ".json"]


@pytest.mark.skipif(not FORMS.is_dir(), reason="the shared forms are not beside the repository")
def test_every_hostile_file_ends_soon_with_boxes_or_a_reason() -> None:
    for file in shared("hostile"):
        began = time.monotonic()
        form = read(file.read_bytes())
        assert time.monotonic() - began < 5, file.name
        assert form.refused or form.fields or form.seals, file.name


@pytest.mark.skipif(not FORMS.is_dir(), reason="the shared forms are not beside the repository")
def test_every_real_form_is_read_alike_twice_and_names_each_field_once() -> None:
    for file in shared("pdf", "word", "filled"):
        content = file.read_bytes()
        form = read(content)
        assert form == read(content), file.name
        names = [field.name for field in form.fields]
        assert len(names) == len(set(names)), file.name
        assert all(isinstance(f.value, bool) for f in form.fields if f.kind == "tick"), file.name
        json.dumps(entry(file.name, form)).encode()
