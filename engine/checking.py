"""A proforma checked for whoever edits it: every mistake in one line, with its place in the file and the nearest word.

`engine.proforma.load` stops at the first mistake, in words for whoever meets it; here all are listed, and the boxes
of a form that was adopted are looked for in its blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from engine import theirs
from engine.adopted import questions
from engine.errors import Unreadable
from engine.proforma import Found, Keep, Proforma, Question, Section, Signer, mistakes, plain, spot_of
from engine.reading.limits import Limits

_CONFLICT = re.compile(r"(<{7}|\|{7}|={7}|>{7})(\s|$)")
_TAB = re.compile(r"^ *\t")
_LINES: Mapping[str, type[BaseModel]] = {
    "sections": Section, "questions": Question, "keep": Keep, "signed": Signer,
}  # fmt: skip
_LIKE = 60.0
"""How alike (of 100) a word must be to be named as the one that was meant."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake in a proforma's file.

    Attributes:
        line, column: where it stands, both from 1.
        what: a sentence without its stop.
        suggestion: what may be meant, or what to do; "" where nobody can tell.
    """

    file: Path
    line: int
    column: int
    what: str
    suggestion: str = ""

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, column {self.column}: {self.what}. {self.suggestion}".strip()


@dataclass(frozen=True, slots=True)
class Checked:
    """A proforma that was checked.

    Attributes:
        proforma: as it is defined; None where it has faults.
        waiting: its questions that a person must confirm, each with its line.
        unasked: boxes of an adopted form's blank that belong to no question.
    """

    faults: tuple[Fault, ...]
    proforma: Proforma | None = None
    waiting: tuple[tuple[int, Question], ...] = ()
    unasked: tuple[str, ...] = ()


def check(folder: Path, limits: Limits) -> Checked:
    """Checks the `proforma.yaml` in a folder."""
    file = folder / "proforma.yaml"
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return Checked((Fault(file, 1, 1, "there is no such file", "Each proforma is a folder with that file."),))
    except UnicodeDecodeError:
        return Checked((Fault(file, 1, 1, "it is not saved as UTF-8", "Save it again as UTF-8."),))
    found = tuple(_in_the_text(file, text))
    if found:
        return Checked(found)
    tree, fault = _parsed(file, text)
    if fault:
        return Checked((fault,))
    try:
        proforma = Proforma.model_validate(plain(tree))
    except ValidationError as error:
        return Checked(tuple(_in_the_shape(file, tree, error)))
    wrong = [*_in_the_meaning(file, tree, proforma)]
    if proforma.proforma != folder.name:
        line, column = spot_of(tree, ("proforma",))
        wrong.append(
            Fault(file, line, column, f"it calls itself “{proforma.proforma}”", f"Its folder is “{folder.name}”.")
        )
    boxes, missing = _boxes(folder, file, tree, proforma, limits)
    if wrong or missing:
        return Checked((*wrong, *missing))
    asked = {box for question in questions(proforma) for box in question.fields}
    return Checked((), proforma, tuple(_waiting(tree, proforma)), tuple(box for box in boxes if box not in asked))


def _waiting(tree: Any, proforma: Proforma) -> Iterator[tuple[int, Question]]:
    for number, section in enumerate(proforma.sections):
        for n, question in enumerate(section.questions):
            if question.confirm:
                yield spot_of(tree, ("sections", number, "questions", n, "confirm"))[0], question


# ── The text, and its shape ─────────────────────────────────────────────────────────────────────────────────────


def _in_the_text(file: Path, text: str) -> Iterator[Fault]:
    """What no YAML may hold: the marks of two versions that were not brought together, and tabs to indent with."""
    conflict = False
    for number, line in enumerate(text.splitlines(), 1):
        mark = _CONFLICT.match(line)
        if mark:
            if not conflict:
                advice = "Keep one of the two versions, and take out the three lines of marks."
                yield Fault(file, number, 1, f"a merge conflict begins here ({mark[1]})", advice)
            conflict = mark[1][0] != ">"
        elif tab := _TAB.match(line):
            yield Fault(file, number, tab.end(), "a tab stands here", "Put blanks in its place.")


def _parsed(file: Path, text: str) -> tuple[Any, Fault | None]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt").load(text), None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join((error.problem or "it is not YAML").split()).rstrip(".").partition(" with value")[0]
        return None, Fault(file, line, column, what, "Look at this line and the one before it.")
    except YAMLError as error:
        return None, Fault(file, 1, 1, " ".join(str(error).split()).rstrip("."), "It is not YAML.")


def _in_the_shape(file: Path, tree: Any, error: ValidationError) -> Iterator[Fault]:
    """What the lines of a proforma may not be: words that are not known, missing ones, answers of the wrong type."""
    found = error.errors()
    meant: set[tuple[str | int, ...]] = set()
    for one in (one for one in found if one["type"] == "extra_forbidden"):
        *parent, key = one["loc"]
        model = next((_LINES[str(step)] for step in reversed(parent) if step in _LINES), Proforma)
        missing = {
            other["loc"][-1] for other in found if other["type"] == "missing" and other["loc"][:-1] == tuple(parent)
        }
        near = nearest(str(key), map(str, missing)) or nearest(str(key), model.model_fields)
        if near in missing:
            meant.add((*parent, near))
        line, column = _key_of(tree, one["loc"])
        yield Fault(file, line, column, f"“{key}” is no word that is known here", _did_you_mean(near))
    for one in found:
        if one["type"] == "extra_forbidden" or one["loc"] in meant:
            continue
        line, column = spot_of(tree, one["loc"])
        yield Fault(file, line, column, *_said(one))


def _key_of(tree: Any, where: tuple[str | int, ...]) -> tuple[int, int]:
    """Where a key stands, not what it says."""
    for step in where[:-1]:
        tree = tree[step]
    try:
        line, column = tree.lc.data[where[-1]][:2]
    except (KeyError, AttributeError, TypeError):
        return spot_of(tree, where)
    return line + 1, column + 1


_TYPES = {
    "int_parsing": "a whole number", "int_type": "a whole number", "string_type": "text", "float_parsing": "a number",
    "bool_parsing": "true or false", "bool_type": "true or false", "tuple_type": "a list", "float_type": "a number",
    "model_type": "a group of lines", "dict_type": "a group of lines", "model_attributes_type": "a group of lines",
    "mapping_type": "a group of lines",
}  # fmt: skip


def _said(one: Any) -> tuple[str, str]:
    """A mistake of the shape in words, and what may be meant."""
    key = next((str(step) for step in reversed(one["loc"]) if isinstance(step, str)), "it")
    given = one["input"]
    if one["type"] == "missing":
        return f"“{key}” is missing here", f"Add a line “{key}:”."
    if one["type"] == "literal_error":
        options = re.findall(r"'([^']*)'", one["ctx"]["expected"])
        near = nearest(str(given), options)
        return f"“{given}” cannot stand at “{key}”", _did_you_mean(near) or f"It may be {', '.join(options)}."
    if one["type"] in _TYPES:
        shown = f"“{given}”" if isinstance(given, (str, int, float)) else "what stands here"
        return f"“{key}” must be {_TYPES[one['type']]}, and {shown} is not", ""
    return f"“{key}”: {one['msg']}", ""


# ── The meaning ─────────────────────────────────────────────────────────────────────────────────────────────────


def _in_the_meaning(file: Path, tree: Any, proforma: Proforma) -> Iterator[Fault]:
    for wrong in mistakes(proforma):
        line, column = spot_of(tree, wrong.where)
        yield Fault(file, line, column, wrong.says, _suggested(tree, wrong))


def _suggested(tree: Any, wrong: Found) -> str:
    """What may be meant, or where the other of two stands."""
    if wrong.known:
        return _did_you_mean(nearest(wrong.strange, wrong.known))
    if wrong.first and wrong.first != wrong.where[: len(wrong.first)]:
        return f"The first is on line {spot_of(tree, wrong.first)[0]}."
    return wrong.advice


def _boxes(
    folder: Path, file: Path, tree: Any, proforma: Proforma, limits: Limits
) -> tuple[tuple[str, ...], list[Fault]]:
    """The boxes of an adopted form's blank, and the faults of questions that name others."""
    if not proforma.blank:
        return (), []
    line, column = spot_of(tree, ("blank",))
    try:
        known = tuple(box.name for box in theirs.boxes((folder / proforma.blank).read_bytes(), limits))
    except FileNotFoundError:
        beside = [f.name for f in folder.iterdir() if f.name != file.name]
        return (), [Fault(file, line, column, f"there is no file “{proforma.blank}” here",
                          _did_you_mean(nearest(proforma.blank, beside)))]  # fmt: skip
    except Unreadable as error:
        return (), [Fault(file, line, column, f"“{proforma.blank}” cannot be read", error.advice)]
    wrong = []
    for number, section in enumerate(proforma.sections):
        for n, question in enumerate(section.questions):
            for strange in (box for box in question.fields if box not in known):
                line, column = spot_of(tree, ("sections", number, "questions", n, "fields"))
                near = nearest(strange, known)
                wrong.append(Fault(file, line, column, f"the blank has no box “{strange}”", _did_you_mean(near)))
    return known, wrong


# ── The nearest word ────────────────────────────────────────────────────────────────────────────────────────────


def nearest(word: str, known: Iterable[str]) -> str:
    """The word most like one that is not known; "" where none is like it."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=_LIKE)
    return str(found[0]) if found else ""


def _did_you_mean(near: str) -> str:
    return f"Did you mean “{near}”?" if near else ""
