"""Answers written in running text: lines such as “Name: ____” that were typed over, and ticks typed before words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.model import Field
from engine.reading.word_controls import Story
from engine.reading.word_tables import ANY_MARK, is_ticked, typed_answer
from engine.reading.word_text import SDT, VAL, Element, P, R, T, one_line, struck, text_of, w

_BOX, _SYMBOL = w("txbxContent"), w("sym")
_THROUGH = (w("body"), w("customXml"), w("ins"), w("moveTo"), w("smartTag"), w("footnote"), w("endnote"))
_READ_ELSEWHERE = (SDT, w("ffData"), w("fldSimple"))
"""What makes a paragraph hold boxes of its own; Google's wrappers are none."""

_LABEL = re.compile(
    r"(?:\A|\t|\s{2,}|_\s*)(?P<label>[^\W_](?:[^:_\t\n ]| (?! )){0,60}?)\s*(?::(?=[\s_]|\Z)|(?=[_…]{3,}|\.{5,}))"
)
_RULE = re.compile(r"_{3,}|\.{5,}|…{2,}")
_ENDS = " _…\t\N{NO-BREAK SPACE}\N{EN SPACE}"
_MOST_WORDS, _LONGEST = 6, 200

_ITEM_AFTER = re.compile(rf"({ANY_MARK})\s*((?:(?!{ANY_MARK}).)+)")
_ITEM_BEFORE = re.compile(rf"((?:(?!{ANY_MARK}).)+?)\s*({ANY_MARK})")
_BOX_MARK = re.compile(r"[☒☑⊠☐□▢❏❑🞎🗹🗷]|[\[(][ xX✓✔]?[\])]")
_MARK = re.compile(ANY_MARK)
_TELLS = re.compile(rf"[:_…]|\.{{5}}|{ANY_MARK}")
"""What a paragraph has that holds a label or a tick; most have not, and are passed over quickly."""


def lines(story: Story) -> Iterator[Field]:
    """The answers in the running text of a part: outside tables, in text boxes, and in cells that fill their row."""
    symbols = next(story.root.iter(_SYMBOL), None) is not None
    for paragraph, where in _paragraphs(story):
        if not symbols and not _TELLS.search("".join(map(str, paragraph.itertext(T, with_tail=False)))):
            continue
        words = _own_words(paragraph)
        if any(node.tag != SDT or not _is_google(node) for node in paragraph.iter(*_READ_ELSEWHERE)):
            continue
        for line in words.split("\n"):
            for field in _line(paragraph, line, where):
                crossed = struck(paragraph) if field.value is not None else ""
                story.met.append(paragraph)
                yield Field(
                    field.name, field.kind, field.value, field.raw, field.label, "label", where,
                    problems=(crossed,) if crossed else (),
                )  # fmt: skip


def _paragraphs(story: Story) -> Iterator[tuple[Element, str]]:
    for paragraph in _loose(story.root):
        yield paragraph, story.where
    for box in story.root.iter(_BOX):
        for paragraph in _loose(box):
            yield paragraph, "text box"
    for cell in story.tables.lone_cells():
        for paragraph in _loose(cell.element):
            yield paragraph, cell.where


def _loose(element: Element) -> Iterator[Element]:
    """The paragraphs of a part that stand in no table and in no box of their own."""
    for child in element.iterchildren(P, SDT, *_THROUGH):
        if child.tag == P:
            yield child
        elif child.tag != SDT:
            yield from _loose(child)
        elif (content := child.find(w("sdtContent"))) is not None and _is_google(child):
            yield from _loose(content)


def _is_google(control: Element) -> bool:
    tag = control.find(f"{w('sdtPr')}/{w('tag')}")
    return tag is not None and (tag.get(VAL) or "").startswith("goog_rdk_")


def _own_words(paragraph: Element) -> str:
    """The words of a paragraph without those of text boxes that hang on it."""
    if next(paragraph.iter(_BOX), None) is None:
        return text_of(paragraph)
    runs = (run for run in paragraph.iter(R) if next(run.iter(_BOX), None) is None)
    return "".join(text_of(run) for run in runs if next(run.iterancestors(P)) is paragraph)


def _line(paragraph: Element, line: str, where: str) -> Iterator[Field]:
    found = list(_labels(line))
    ends = [*(after.start() for after in found[1:]), len(line)]
    for one, end in zip(found, ends, strict=False):
        rest = line[one.end() : end]
        answer = rest.strip(_ENDS).strip()
        ruled = bool(_RULE.search(rest)) or rest != rest.lstrip("_") or _is_underlined(paragraph)
        if not ruled and (not answer or len(answer) > _LONGEST):
            continue
        label = one_line(one["label"])
        kind, value, raw = typed_answer(answer)
        yield Field(label, kind, value, raw, label)
    if not found and len(line) <= _LONGEST and _BOX_MARK.search(line):
        yield from _marked(line)


def _labels(line: str) -> Iterator[re.Match[str]]:
    """The labels in a line; words between rules, right behind a label, are its answer and no label."""
    before = None
    for one in _LABEL.finditer(line):
        if len(one["label"].split()) > _MOST_WORDS and not _RULE.search(line):
            continue
        if not one[0].endswith(":") and before and not line[before.end() : one.start("label")].strip(_ENDS):
            continue
        before = one
        yield one


def _marked(line: str) -> Iterator[Field]:
    """Ticks with words beside them; words before the first of several ask the question."""
    starts = _MARK.match(line.lstrip()) is not None
    question, asks, rest = line.partition("?")
    if not starts and asks and _MARK.search(rest):
        label = one_line(question) + "?"
        if _MARK.match(rest.lstrip()):
            kind, value, raw = typed_answer(rest.strip())
            yield Field(label, kind, value, raw, label)
            return
        line = rest
    items = (
        [(one[1], one[2]) for one in _ITEM_AFTER.finditer(line)]
        if starts
        else [(one[2], one[1]) for one in _ITEM_BEFORE.finditer(line)]
    )
    for mark, words in items:
        label = one_line(words).strip(" :;,")
        if label:
            yield Field(label, "tick", is_ticked(mark), mark, label)


def _is_underlined(paragraph: Element) -> bool:
    """Whether a blank is drawn as an underline or a row of leaders."""
    if any((line.get(VAL) or "none") != "none" for line in paragraph.iter(w("u"))):
        return True
    return any(stop.get(w("leader")) == "underscore" for stop in paragraph.iter(w("tab")))
