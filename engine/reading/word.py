"""A Word file into a Form: its parts found through their relations, its stamps, its boxes, its comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from engine.errors import Unreadable
from engine.model import Field, Form, Media, Refusal, Stamp
from engine.reading.container import Container, relations
from engine.reading.limits import Limits, keep_within
from engine.reading.names import unique
from engine.reading.word_controls import Story, controls
from engine.reading.word_legacy import legacy_fields
from engine.reading.word_lines import lines
from engine.reading.word_remarks import beside, comments
from engine.reading.word_signatures import seals, signatures
from engine.reading.word_store import Store
from engine.reading.word_tables import Tables
from engine.reading.word_text import VAL, Element, as_seen, text_of, w

STAMP_PROPERTY = "Counterpart"
"""The custom document property that carries the stamp on our forms."""
LAYOUT_PROPERTY, THEIR_OWN = "Counterpart layout", "their own"
"""The property, and what it says, on somebody else's form that we gave out: there words may stand beside the boxes."""

_DC = "{http://purl.org/dc/elements/1.1/}"
_CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"

_NO_BOXES = Refusal(
    "This Word file has no boxes or label tables that can be read as a form.",
    "Check that it is the form and not a letter or notes, and send the form that was filled in.",
    "Document",
)

_SIDE_STORIES = {
    "header": "header", "footer": "footer", "footnotes": "footnotes", "endnotes": "endnotes",
}  # fmt: skip


def read_word(container: Container, limits: Limits) -> Form:
    """What a Word file says; one without anything like a form's boxes comes back refused.

    Raises:
        Unreadable: when it is damaged, over a limit, or holds no Word document.
    """
    form, _ = _read(container, limits, _part)
    return form


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands in the file: the part, and the element's number in it, all elements counted from 0."""

    part: str
    number: int


def read_places(container: Container, limits: Limits) -> tuple[Form, tuple[Place, ...]]:
    """What a Word file says, as `read_word` has it, and where each of its boxes stands.

    Raises:
        Unreadable: as `read_word`.
    """
    form, met = _read(container, limits, _numbered_part)
    return form, tuple(Place(part, int(element.get(_NUMBER) or 0)) for part, element in met)


_NUMBER = "n"
_Open = Callable[[Container, str], Element | None]


def _read(container: Container, limits: Limits, opened: _Open) -> tuple[Form, list[tuple[str, Element]]]:
    """What a Word file says, and for each of its boxes the part and the element where it was met."""
    package = relations(container, "")
    main = next((target for kind, target in package if kind == "officeDocument"), "word/document.xml")
    root = opened(container, main)
    if root is None or root.tag != w("document"):
        raise Unreadable(
            "This file calls itself a Word file, but there is no Word document in it.",
            "Open it in Word, save it again as a Word document (.docx) and send that copy.",
        )
    parts = list(dict.fromkeys(relations(container, main)))
    beside_it = [
        (name, _SIDE_STORIES[kind], tree)
        for kind, name in parts
        if kind in _SIDE_STORIES and (tree := opened(container, name)) is not None
    ]
    side = [(where, tree) for _, where, tree in beside_it]
    core = next((container.tree(name) for kind, name in package if kind == "core-properties"), None)
    stamps = _stamps(_carried(container, package, core, side))
    glossary = _Glossary(container, next((name for kind, name in parts if kind == "glossaryDocument"), None))

    store = Store(container, [name for kind, name in parts if kind == "customXml"])
    tables, ours = Tables(root), bool(stamps) and not _in_their_own_layout(container, package, side)
    found: list[Field] = []
    met: list[tuple[str, Element]] = []
    stories = [
        (main, Story(root, tables, glossary, store, "body", ours)),
        *((name, Story(tree, Tables(tree), glossary, store, where, ours)) for name, where, tree in beside_it),
    ]
    for part, story in stories:
        for reader in (controls, legacy_fields, _signatures, _typed, _lines):
            found.extend(islice(reader(story), limits.fields + 1))
            keep_within("fields", len(found), limits.fields)
        met.extend((part, element) for element in story.met)
    said = [
        *(
            remark
            for kind, name in parts
            if kind == "comments" and (tree := _part(container, name)) is not None
            for remark in comments(tree, root, tables)
        ),
        *(beside(root, tables, side) if ours else ()),
    ]
    refused = None if found else replace(_NO_BOXES, evidence="") if ours else _NO_BOXES
    sealed = tuple(seals(container, package))
    return Form("", Media.WORD, stamps, _named(found), tuple(said), sealed, _author(core), refused), met


def _signatures(story: Story) -> Iterator[Field]:
    for field in signatures(story.root, story.tables, story.where):
        story.met.append(story.root)
        yield field


def _typed(story: Story) -> Iterator[Field]:
    for cell, field in story.tables.typed():
        story.met.append(cell.element)
        yield field


def _lines(story: Story) -> Iterator[Field]:
    """Lines typed over; on a form of ours such a line is no box, and what people write there is a remark."""
    return iter(()) if story.ours else lines(story)


def _part(container: Container, name: str) -> Element | None:
    root = container.tree(name)
    if root is not None:
        as_seen(root)
    return root


def _numbered_part(container: Container, name: str) -> Element | None:
    """A part as people see it, each of its elements with the number that it has in the file."""
    root = container.tree(name)
    if root is not None:
        for number, element in enumerate(root.iter()):
            element.set(_NUMBER, str(number))
        as_seen(root)
    return root


def _author(core: Element | None) -> str:
    """Who last saved the file, where it says so."""
    if core is None:
        return ""
    return (core.findtext(f"{_CORE}lastModifiedBy") or "").strip()


# ── The stamp ───────────────────────────────────────────────────────────────────────────────────────────────────


def _carried(
    container: Container, package: list[tuple[str, str]], core: Element | None, side: Iterable[tuple[str, Element]]
) -> Iterator[str]:
    """The texts in which a stamp is looked for."""
    for kind, name in package:
        properties = container.tree(name) if kind == "custom-properties" else None
        for one in properties if properties is not None else ():
            if one.get("name") == STAMP_PROPERTY:
                yield "".join(str(words) for words in one.itertext())
    if core is not None:
        yield core.findtext(f"{_DC}identifier") or ""
    for where, root in side:
        if where in ("header", "footer"):
            yield text_of(root)


def _in_their_own_layout(
    container: Container, package: list[tuple[str, str]], side: Iterable[tuple[str, Element]]
) -> bool:
    """Whether a form that carries our stamp is laid out by somebody else: it says so, or has the stamp in its foot."""
    for kind, name in package:
        properties = container.tree(name) if kind == "custom-properties" else None
        for one in properties if properties is not None else ():
            if one.get("name") == LAYOUT_PROPERTY and THEIR_OWN in "".join(str(words) for words in one.itertext()):
                return True
    carrying = {root.tag for _, root in side if Stamp.find(text_of(root))}
    return w("ftr") in carrying and w("hdr") not in carrying


def _stamps(texts: Iterable[str]) -> tuple[Stamp, ...]:
    return tuple(dict.fromkeys(stamp for text in texts if (stamp := Stamp.find(text))))


# ── Hints and names ───────────────────────────────────────────────────────────────────────────────────────────


class _Glossary:
    """The hints that the file defines for its boxes, read when one is first asked for."""

    def __init__(self, container: Container, name: str | None) -> None:
        self._container, self._name = container, name
        self._hints: dict[str, str] | None = None

    def __call__(self) -> Mapping[str, str]:
        if self._hints is None:
            root = _part(self._container, self._name) if self._name else None
            self._hints = {}
            for part in root.iter(w("docPart")) if root is not None else ():
                name, body = part.find(f"{w('docPartPr')}/{w('name')}"), part.find(w("docPartBody"))
                if name is not None and body is not None:
                    self._hints[name.get(VAL) or ""] = text_of(body)
        return self._hints


def _named(fields: list[Field]) -> tuple[Field, ...]:
    """The fields, each with a name of its own; one that has none at all is named for its place among them."""
    return unique([f if f.name else f._replace(name=f"box {number}") for number, f in enumerate(fields, 1)])
