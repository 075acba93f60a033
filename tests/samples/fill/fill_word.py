"""Fills an issued Word form in LibreOffice Writer, as a person without Word would, and saves it.

    /usr/bin/python3 fill_word.py IN.docx ANSWERS.json OUT.docx [OUT.odt ...]

ANSWERS.json is {label: text}: the label that stands beside the box, or for a box in a table with a row of headings
"COLUMN LABEL [ROW KEY]". A tick takes true or false; a date is written as 31/01/2027; an empty text empties the box.
An ending of .docx or .odt on OUT says in which format it is saved.

Runs under the Python that has LibreOffice's `uno` (Debian: apt-get install libreoffice-writer python3-uno).
Exit status 1: a label was not found on the form; nothing is saved.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import uno
    from com.sun.star.beans import PropertyValue
    from com.sun.star.connection import NoConnectException
    from com.sun.star.lang import DisposedException
except ImportError:
    sys.exit("This Python has no `uno`: use /usr/bin/python3 after apt-get install libreoffice-writer python3-uno.")

LINE_BREAK = 1
FORMATS = {".docx": "MS Word 2007 XML", ".odt": "writer8"}


def main(form, answers, copies):
    """Opens the form, types the answers, saves each copy; returns the exit status."""
    wanted = json.loads(Path(answers).read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="fill-word-") as profile:
        pipe = Path(profile).name
        writer = subprocess.Popen(
            ["soffice", "--headless", "--norestore", "--nologo", "--nolockcheck",
             f"-env:UserInstallation={Path(profile).as_uri()}", f"--accept=pipe,name={pipe};urp;"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            desktop = connect(pipe)
            document = desktop.loadComponentFromURL(Path(form).resolve().as_uri(), "_blank", 0, said(Hidden=True))
            if document is None:
                sys.exit(f"LibreOffice could not open {form}.")
            lift_protection(document)
            boxes = find_boxes(document)
            missing = [label for label in wanted if label not in boxes]
            for label in missing:
                print(f"{form}: there is no box “{label}”.", file=sys.stderr)
            if not missing:
                for label, words in wanted.items():
                    type_into(document, boxes[label], words)
                for copy in copies:
                    target = Path(copy).resolve()
                    document.storeToURL(target.as_uri(), said(FilterName=FORMATS[target.suffix.lower()]))
            document.close(True)
            with contextlib.suppress(DisposedException):
                desktop.terminate()
            return 1 if missing else 0
        finally:
            try:
                writer.wait(20)
            except subprocess.TimeoutExpired:
                writer.kill()
                writer.wait()


def connect(pipe):
    """The desktop of the LibreOffice just started, as soon as it answers."""
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    for _ in range(120):
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except NoConnectException:
            time.sleep(0.25)
    sys.exit("LibreOffice did not start within 30 seconds.")


def said(**settings):
    """Named arguments in the form that LibreOffice takes."""
    values = []
    for name, value in settings.items():
        pair = PropertyValue()
        pair.Name, pair.Value = name, value
        values.append(pair)
    return tuple(values)


def lift_protection(document):
    """What a person does with Edit mode: forms protection would keep LibreOffice from changing anything."""
    settings = document.createInstance("com.sun.star.document.Settings")
    if settings.PropertySetInfo.hasPropertyByName("ProtectForm"):
        settings.ProtectForm = False


def find_boxes(document):
    """Each answer cell by its label: beside it in a table of two columns, else "COLUMN LABEL [ROW KEY]"."""
    found = {}
    for number in range(document.TextTables.Count):
        cells = grid(document.TextTables.getByIndex(number))
        headings = cells[0]
        if len(headings) == 2 and not is_repeating(headings):
            found.update({first_line(label): answer for label, answer in (row for row in cells if len(row) == 2)})
            continue
        for row in cells[1:]:
            key = first_line(row[0])
            found.update({f"{first_line(h)} [{key}]": cell for h, cell in zip(headings[1:], row[1:])})  # noqa: B905
    return found


def is_repeating(headings):
    """Whether the first row is a row of headings: then nothing in it can be filled."""
    return not any(box_in(cell) for cell in headings)


def grid(table):
    """A table's cells by rows."""
    rows = {}
    for name in table.CellNames:
        row = re.fullmatch(r"[A-Za-z]+(\d+)", name)[1]
        rows.setdefault(int(row), []).append(table.getCellByName(name))
    return [rows[number] for number in sorted(rows)]


def first_line(cell):
    """The label, without the help under it."""
    return cell.String.split("\n")[0].strip()


def box_in(cell):
    """The first thing in a cell that can be filled: an input field or a content control, with its place."""
    paragraphs = cell.createEnumeration()
    while paragraphs.hasMoreElements():
        paragraph = paragraphs.nextElement()
        portions = paragraph.createEnumeration()
        while portions.hasMoreElements():
            portion = portions.nextElement()
            if portion.TextPortionType == "TextField" and portion.TextField.supportsService(
                "com.sun.star.text.TextField.Input"
            ):
                return portion.TextField
            if portion.TextPortionType == "ContentControl":
                return portion.ContentControl
    return None


def type_into(document, cell, words):
    """Puts an answer into a cell's box; into the cell itself where a box is not there any more."""
    box = box_in(cell)
    if box is None:
        cell.String = str(words)
    elif box.supportsService("com.sun.star.text.TextField.Input"):
        box.Content = str(words)
        document.TextFields.refresh()
    elif box.Checkbox:
        box.Checked = bool(words)
        retype(box, box.CheckedState if words else box.UncheckedState)
    else:
        if box.Date:
            box.CurrentDate = iso(words)
        box.ShowingPlaceHolder = False
        retype(box, str(words))


def retype(control, words):
    """Replaces what stands in a content control: the new words go in before the old ones go out.

    A control that is empty for a moment would let the new words fall beside it.
    """
    old = control.getAnchor().String
    typist = control.createTextCursor()
    typist.gotoStart(False)
    for number, line in enumerate(words.split("\n")):
        if number:
            control.insertControlCharacter(typist, LINE_BREAK, False)
        control.insertString(typist, line, False)
    anchor = control.getAnchor()
    rubber = anchor.getText().createTextCursorByRange(anchor.getEnd())
    rubber.goLeft(len(old), True)
    if rubber.String != old:
        sys.exit(f"LibreOffice shows “{anchor.String}” where “{old}” was to be replaced.")
    rubber.String = ""


def iso(words):
    """A date control's own value for 31/01/2027; nothing when the words are no date."""
    try:
        return dt.datetime.strptime(words, "%d/%m/%Y").strftime("%Y-%m-%dT00:00:00Z")
    except ValueError:
        return ""


if __name__ == "__main__":
    if len(sys.argv) < 4 or any(Path(c).suffix.lower() not in FORMATS for c in sys.argv[3:]):
        sys.exit("usage: /usr/bin/python3 fill_word.py IN.docx ANSWERS.json OUT.docx [OUT.odt ...]")
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
