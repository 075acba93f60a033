"""Files of other word processors: made into Word files by LibreOffice, refused with advice where there is none."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_word import zipped
from test_writing_word import SHEET

from engine.errors import Unreadable
from engine.pool import Pool
from engine.reading import convert, read, read_file
from engine.reading.dates import iso_date
from engine.reading.sniff import ENDINGS
from engine.settings import Limits
from engine.writing.word import write_form

needs_libreoffice = pytest.mark.skipif(convert.converter() is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one form saved by LibreOffice in each format."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "form.docx").write_bytes(write_form(SHEET).content)
    for ending in ("odt", "doc", "rtf"):
        subprocess.run(
            ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
             "--convert-to", ending, "--outdir", folder, folder / "form.docx"],
            check=True, capture_output=True, timeout=100,
        )  # fmt: skip
    return folder


def _day(value: object) -> object:
    """A date as we keep it: old formats keep no more of a date box than what it shows."""
    return (iso_date(value) or value) if isinstance(value, str) else value


@needs_libreoffice
@pytest.mark.parametrize(("ending", "media"), [(e, m) for m, e in sorted(ENDINGS.items())])
def test_other_formats_are_converted_and_say_so(saved: Path, ending: str, media: str) -> None:
    form = read((saved / f"form.{ending}").read_bytes())
    assert form.refused is None
    assert form.media_type == media
    assert form.stamp == SHEET.stamp
    issued = read(write_form(SHEET).content)
    assert {(f.label, f.row): _day(f.value) for f in form.fields} == {(f.label, f.row): f.value for f in issued.fields}
    assert form.remarks == ()
    assert all(field.route.endswith(" (converted)") for field in form.fields)


@needs_libreoffice
def test_a_worker_with_little_memory_can_still_convert(saved: Path) -> None:
    with Pool(read_file, Limits(memory=300)) as pool:
        form = pool.read(saved / "form.odt")
    assert form.refused is None
    assert form.stamp == SHEET.stamp


@needs_libreoffice
def test_a_file_that_libreoffice_does_not_understand_is_refused() -> None:
    form = read(zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}))
    assert form.refused is not None
    assert "LibreOffice could not open" in form.refused.reason


def test_where_there_is_no_libreoffice_the_file_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "converter", lambda: None)
    form = read(b"{\\rtf1 Hello}")
    assert form.refused is not None
    assert "no LibreOffice" in form.refused.reason
    assert ".docx" in form.refused.advice


def test_other_opendocument_files_are_no_forms() -> None:
    form = read(zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}))
    assert form.refused is not None
    assert "no text" in form.refused.reason


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are another matter there")
def test_one_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = tmp_path / "soffice"
    hangs.write_text(f"#!/bin/sh\nulimit -v > {tmp_path}/room\nsleep 60 & echo $! > {tmp_path}/child\nwait\n")
    hangs.chmod(0o755)
    monkeypatch.setattr(convert, "converter", lambda: str(hangs))
    began = time.monotonic()
    with pytest.raises(Unreadable, match=r"longer than 0\.5 seconds"):
        convert.as_word(b"{\\rtf1}", "rtf", seconds=0.5)
    assert time.monotonic() - began < 5
    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    deadline = time.monotonic() + 5
    while child.exists() and "Z" not in (child / "stat").read_text().split()[2] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists() or (child / "stat").read_text().split()[2] == "Z"
    room = (tmp_path / "room").read_text().strip()
    assert room == "unlimited" or int(room) >= 1 << 20
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
