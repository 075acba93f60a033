"""Every form × blank, full, longest × standard, large print × Word, PDF: filled by other programs and read back.

    PDF_LIB=/tmp/fill .venv/bin/python -m tests.scores.filling

PDF files must pass PDF/UA-1, too. Programs that are missing are left out, and named: pdf-lib and pdf.js want Node and
`npm install pdf-lib pdfjs-dist --prefix /tmp/fill`; LibreOffice wants its Python bridge.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import page

from engine.answers import read_answers
from engine.layout import lay_out
from engine.places import Kind, Value
from engine.plan import place_of
from engine.proforma import load_all
from engine.reading import read
from engine.sheet import Box, Sheet
from engine.writing import pdf, word
from tests.filling import fill_pdf, fill_word
from tests.strategies import issue, paths_of

PROFORMAS = load_all(Path(__file__).parents[2] / "proformas")
STATES = ("blank", "full", "longest")
VARIANTS = ("standard", "large-print")
SAYING = 3
"""How many times longer than usual an answer is where it is longest."""

_DRIVERS = Path(__file__).parents[1] / "samples" / "fill"
_SYSTEM_PYTHON = "/usr/bin/python3"
_USUAL = "Keep the oven log for four weeks with no day missing, and say why it matters. "
_SAID: Mapping[str, Value] = {
    "tick": True, "yes-no": True, "date": "2027-01-31", "number": 3, "e-mail": "amrit@kingsmead.example",
    "phone": "0161 496 0000",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One form of the matrix."""

    proforma: str
    state: str
    variant: str

    def sheet(self) -> Sheet:
        """The form laid out."""
        record = {} if self.state == "blank" else dict(_record(self.proforma, self.state))
        given = issue(self.proforma, None if self.state == "blank" else "P-TEST0001", variant=self.variant)
        return lay_out(PROFORMAS[self.proforma], record, given, "Kingsmead & Sons")


CASES = tuple(Case(*words) for words in product(sorted(PROFORMAS), STATES, VARIANTS))


def _record(proforma: str, state: str) -> Iterator[tuple[str, Value]]:
    long = _USUAL * (SAYING if state == "longest" else 1)
    for number, path in enumerate(paths_of(PROFORMAS[proforma].places())):
        place = place_of(path)
        if place and place.format != "code":
            usual = long.strip() if place.format == "prose" else f"Nr. {number}"
            yield path, place.choices[-1] if place.format == "choice" else _SAID.get(place.format, usual)


def wishes(sheet: Sheet) -> dict[str, Value]:
    """A new value for every box that takes one: its place to what the record shall hold."""
    found: dict[str, Value] = {}
    for number, box in enumerate(sheet.boxes()):
        place = place_of(box.name)
        assert place is not None
        match place.format:
            case "tick":
                found[box.name] = None if box.value else True
            case "yes-no":
                found[box.name] = box.value is not True
            case "choice":
                found[box.name] = place.choices[0]
            case "date":
                found[box.name] = "2028-02-29"
            case "number":
                found[box.name] = 2
            case "prose" | "name" | "text":
                found[box.name] = f"Filled in, box {number} & more"
    return found


def typed(box: Box, value: Value) -> str | bool:
    """What a person types or clicks so that a box says a value."""
    place = place_of(box.name)
    assert place is not None
    return value is True if box.kind is Kind.TICK else place.show(value)


# ── Programs ────────────────────────────────────────────────────────────────────────────────────────────────────

Filler = Callable[[bytes, Sheet, Mapping[str, Value]], bytes]


def _by_name(sheet: Sheet, wanted: Mapping[str, Value]) -> dict[str, str | bool]:
    return {box.name: typed(box, wanted[box.name]) for box in sheet.boxes() if box.name in wanted}


def by_pikepdf(content: bytes, sheet: Sheet, wanted: Mapping[str, Value]) -> bytes:
    """Values set in the file, as scripts do."""
    return fill_pdf(content, _by_name(sheet, wanted))


def by_hand_in_word(content: bytes, sheet: Sheet, wanted: Mapping[str, Value]) -> bytes:
    """Content controls filled as Word stores them."""
    return fill_word(content, _by_name(sheet, wanted))


def _driven(command: list[str], content: bytes, answers: object, suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        form, told, out = (Path(folder) / name for name in (f"in{suffix}", "answers.json", f"out{suffix}"))
        form.write_bytes(content)
        told.write_text(json.dumps(answers), "utf-8")
        subprocess.run([*command, str(form), str(told), str(out)], check=True, capture_output=True, timeout=120)
        return out.read_bytes()


def by_pdf_lib(content: bytes, sheet: Sheet, wanted: Mapping[str, Value]) -> bytes:
    """As many web portals fill forms."""
    return _driven(["node", str(_DRIVERS / "fill_pdf.mjs")], content, _by_name(sheet, wanted), ".pdf")


def by_pdf_js(content: bytes, sheet: Sheet, wanted: Mapping[str, Value]) -> bytes:
    """As Firefox does."""
    return _driven(["node", str(_DRIVERS / "fill_pdfjs.mjs")], content, _by_name(sheet, wanted), ".pdf")


def by_pdfium(content: bytes, sheet: Sheet, wanted: Mapping[str, Value]) -> bytes:
    """As Chrome does, by clicks and keys: text and ticks."""
    answers = _by_name(sheet, {name: value for name, value in wanted.items() if name in _typable(sheet)})
    return _driven([sys.executable, str(_DRIVERS / "fill_pdfium.py")], content, answers, ".pdf")


def by_libreoffice(content: bytes, sheet: Sheet, wanted: Mapping[str, Value]) -> bytes:
    """As somebody without Word does, by the words beside each box."""
    keys = {box.name: row.key for block in sheet.blocks for row in block.rows for box in row.boxes}
    answers = {
        f"{box.label} [{keys[box.name]}]" if box.name in keys else box.label: typed(box, wanted[box.name])
        for box in sheet.boxes()
        if box.name in wanted
    }
    return _driven([_SYSTEM_PYTHON, str(_DRIVERS / "fill_word.py")], content, answers, ".docx")


def _typable(sheet: Sheet) -> set[str]:
    return {box.name for box in sheet.boxes() if box.kind in (Kind.TEXT, Kind.DATE, Kind.TICK)}


@cache
def missing(program: str) -> str:
    """Why a program cannot be had here, in words; "" when it can."""
    if program in ("pdf-lib", "pdf.js"):
        package = {"pdf-lib": "pdf-lib", "pdf.js": "pdfjs-dist"}[program]
        there = Path(os.environ.get("PDF_LIB", _DRIVERS)) / "node_modules" / package
        return "" if shutil.which("node") and there.exists() else f"{package} is not installed (PDF_LIB)"
    if program == "LibreOffice":
        bridge = shutil.which("soffice") and Path(_SYSTEM_PYTHON).exists()
        there = bridge and not subprocess.run([_SYSTEM_PYTHON, "-c", "import uno"], capture_output=True).returncode
        return "" if there else "LibreOffice with its Python bridge is not installed"
    return ""


ON_PDF: Mapping[str, Filler] = {
    "pikepdf": by_pikepdf, "pdf-lib": by_pdf_lib, "pdf.js": by_pdf_js, "PDFium": by_pdfium,
}  # fmt: skip
ON_WORD: Mapping[str, Filler] = {"content controls": by_hand_in_word, "LibreOffice": by_libreoffice}


def misread(case: Case, program: str) -> list[str]:
    """What does not come back as a program filled it in."""
    sheet = case.sheet()
    on_pdf = program in ON_PDF
    content = (pdf if on_pdf else word).write_form(sheet).content
    wanted = wishes(sheet)
    filled = (ON_PDF | ON_WORD)[program](content, sheet, wanted)
    proforma = PROFORMAS[case.proforma]
    said = {answer.place: answer for answer in read_answers(read(filled), proforma, "1" if proforma.about else "")}
    wrong = [f"{failure.rule_id}: {failure.message}" for failure in _failures(content)] if on_pdf else []
    for box in sheet.boxes():
        left_out = box.name not in wanted or (program == "PDFium" and box.name not in _typable(sheet))
        right = box.value if left_out else wanted[box.name]
        answer = said.get(box.name)
        if answer is None or answer.value != right or answer.why:
            wrong.append(f"{box.name}: {answer}, not {right!r}")
    return wrong


def _failures(content: bytes) -> list[page.Failure]:
    return list(page.validate_pdf_bytes(content, profile="ua1").failures)


def main() -> None:
    done, bad = Counter[str](), Counter[str]()
    for program in (*ON_PDF, *ON_WORD):
        if missing(program):
            print(f"left out: {program}: {missing(program)}")
            continue
        for case in CASES:
            done[program] += 1
            try:
                wrong = misread(case, program)
            except subprocess.CalledProcessError as error:
                wrong = [error.stderr.decode(errors="replace").strip()[-200:]]
            if wrong:
                bad[program] += 1
                print(f"{program}: {case}: {len(wrong)} wrong: {'; '.join(wrong[:3])}")
    for program, count in done.items():
        print(f"{program:18} {count - bad[program]:4} of {count} forms read as they were filled")
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
