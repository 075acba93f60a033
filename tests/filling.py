"""Fills forms by the names of their boxes, as the programs that people use would: not through our own writers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pikepdf
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

Answers = Mapping[str, str | bool]
"""Answers by the names of the boxes: text, dates as day/month/year, True or False for a tick."""


def fill(blank: Path, answers: Answers, filled: Path) -> Path:
    """Types the answers into a form and saves it under another name."""
    content = blank.read_bytes()
    filled.parent.mkdir(parents=True, exist_ok=True)
    filled.write_bytes(fill_pdf(content, answers) if blank.suffix == ".pdf" else fill_word(content, answers))
    return filled


def fill_pdf(content: bytes, answers: Answers) -> bytes:
    """A PDF form with values in its fields, as a program without appearances would store them."""
    left = dict(answers)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for field in pdf.Root.AcroForm.Fields:
            _fill_field(field, "", None, left)
        assert not left, f"no such fields: {sorted(left)}"
        saved = io.BytesIO()
        pdf.save(saved)
    return saved.getvalue()


def _fill_field(field: pikepdf.Object, outer: str, kind: object, left: dict[str, str | bool]) -> None:
    name = ".".join(part for part in (outer, str(field.T) if "/T" in field else "") if part)
    kind = field.get("/FT", kind)
    kids = list(field.get("/Kids", []))
    if any("/T" in kid for kid in kids):
        for kid in kids:
            _fill_field(kid, name, kind, left)
    elif name in left:
        value = left.pop(name)
        widgets = kids or [field]
        if kind != "/Btn":
            field.V = pikepdf.String(str(value))
            for widget in widgets:
                if "/AP" in widget:
                    del widget["/AP"]
            return
        state = pikepdf.Name("/Yes" if value is True else "/Off" if value is False else f"/{value}")
        field.V = state
        for widget in widgets:
            widget.AS = state if str(state) in widget.AP.N else pikepdf.Name.Off


def fill_word(content: bytes, answers: Answers) -> bytes:
    """A Word form with the answers in its content controls, as Word would store them."""
    left = dict(answers)
    saved = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            inside = before.read(part)
            if part.filename == "word/document.xml":
                tree = etree.fromstring(inside)
                for control in tree.iter(f"{W}sdt"):
                    tag = control.find(f"{W}sdtPr/{W}tag")
                    if tag is not None and tag.get(f"{W}val") in left:
                        _fill_control(control, left.pop(str(tag.get(f"{W}val"))))
                inside = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
            after.writestr(part, inside)
    assert not left, f"no such controls: {sorted(left)}"
    return saved.getvalue()


def _fill_control(control: etree._Element, value: str | bool) -> None:
    settings, content = control.find(f"{W}sdtPr"), control.find(f"{W}sdtContent")
    assert settings is not None
    assert content is not None
    for flag in settings.findall(f"{W}showingPlcHdr"):
        settings.remove(flag)
    for style in list(content.iter(f"{W}rStyle")):
        style.getparent().remove(style)
    texts = list(content.iter(f"{W}t"))
    for more in (*texts[1:], *content.iter(f"{W}br")):
        more.getparent().remove(more)
    checked, date = settings.find(f"{W14}checkbox/{W14}checked"), settings.find(f"{W}date")
    if checked is not None:
        checked.set(f"{W14}val", "1" if value else "0")
        texts[0].text = "☒" if value else "☐"
        return
    if date is not None and value:
        day, month, year = str(value).split("/")
        date.set(f"{W}fullDate", f"{year}-{month}-{day}T00:00:00Z")
    elif date is not None:
        date.attrib.pop(f"{W}fullDate", None)
    texts[0].text = str(value)
