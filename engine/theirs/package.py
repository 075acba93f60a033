"""The stamp on somebody else's Word file, and its parts packed anew.

The stamp stands in the custom properties and in the identifier of the document, where no program that was tried loses
both; and in small type in the footer, where there is room for it and nothing else moves.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from lxml import etree

from engine.reading.container import Container, relations
from engine.reading.word import LAYOUT_PROPERTY, STAMP_PROPERTY, THEIR_OWN
from engine.reading.word_text import VAL, Element, P, R, T, w
from engine.writing import zipped

_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DC = "http://purl.org/dc/elements/1.1/"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_R_ID = f"{{{_OFFICE}}}id"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_MAIN_TYPE = re.compile(
    rb"application/vnd\.(?:ms-word\.(?:document|template)\.macroEnabled(?:Template)?\.main"
    rb"|openxmlformats-officedocument\.wordprocessingml\.template\.main)\+xml"
)
_ROOM_LINE = 280
"""Height of a line of a footer, about, in twentieths of a point."""


def stamped(container: Container, trees: Mapping[str, Element], line: str) -> dict[str, bytes]:
    """The parts of a file that change: those that were written in, and those that carry the stamp."""
    parts = {name: _xml(tree) for name, tree in trees.items()}
    package = relations(container, "")
    main = next((target for kind, target in package if kind == "officeDocument"), "word/document.xml")
    types = _Types(container)
    links = _Links(container, "_rels/.rels")
    custom = next((name for kind, name in package if kind == "custom-properties"), "")
    parts[custom or "docProps/custom.xml"] = _with_property(container.tree(custom) if custom else None, line)
    if not custom:
        types.add("/docProps/custom.xml", "application/vnd.openxmlformats-officedocument.custom-properties+xml")
        links.add("docProps/custom.xml", f"{_OFFICE}/custom-properties")
    core = next((name for kind, name in package if kind == "core-properties"), "")
    if core and (tree := container.tree(core)) is not None:
        identifier = tree.find(f"{{{_DC}}}identifier")
        if identifier is None:
            identifier = etree.SubElement(tree, f"{{{_DC}}}identifier")
        identifier.text = line
        parts[core] = _xml(tree)
    parts.update(_footer(container, main, trees, line, types))
    parts["[Content_Types].xml"] = _MAIN_TYPE.sub(f"{_WORD}.document.main+xml".encode(), types.xml())
    parts["_rels/.rels"] = links.xml()
    return parts


def packed(content: bytes, container: Container, parts: Mapping[str, bytes]) -> bytes:
    """The file with these parts in the place of its own; all others as they were, but macros, which are left out."""
    made = io.BytesIO()
    left = dict(parts)
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w") as after:
        seen: set[str] = set()
        for entry in before.infolist():
            if entry.filename in seen or "vbaProject" in entry.filename or "vbaData" in entry.filename:
                continue
            seen.add(entry.filename)
            inside = left.pop(entry.filename, None)
            kept = inside if inside is not None else container.part(entry.filename) or b""
            zipped.put(after, entry.filename, kept, entry.date_time)
        for name, inside in sorted(left.items()):
            zipped.put(after, name, inside)
    return made.getvalue()


def _xml(tree: Element) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _with_property(tree: Element | None, line: str) -> bytes:
    """The custom properties with the stamp among them."""
    if tree is None:
        tree = etree.fromstring(f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_TYPES}"/>')
    for name, words in ((STAMP_PROPERTY, line), (LAYOUT_PROPERTY, THEIR_OWN)):
        for one in list(tree):
            if one.get("name") == name:
                tree.remove(one)
        numbers = [int(one.get("pid") or 1) for one in tree if (one.get("pid") or "").isdecimal()]
        own = etree.SubElement(tree, f"{{{_CUSTOM}}}property")
        own.set("fmtid", _FORMAT)
        own.set("pid", str(max(numbers, default=1) + 1))
        own.set("name", name)
        etree.SubElement(own, f"{{{_TYPES}}}lpwstr").text = words
    return _xml(tree)


class _Types:
    """The list of what kind each part is."""

    def __init__(self, container: Container) -> None:
        found = container.tree("[Content_Types].xml")
        self._tree = found if found is not None else etree.Element(f"{{{_CONTENT_TYPES}}}Types")
        for one in list(self._tree):
            if "vba" in (one.get("PartName") or "").casefold():
                self._tree.remove(one)

    def add(self, part: str, kind: str) -> None:
        """Names the kind of a part."""
        own = etree.SubElement(self._tree, f"{{{_CONTENT_TYPES}}}Override")
        own.set("PartName", part)
        own.set("ContentType", kind)

    def xml(self) -> bytes:
        """The list."""
        return _xml(self._tree)


class _Links:
    """The relations of a part."""

    def __init__(self, container: Container, name: str) -> None:
        found = container.tree(name)
        self._tree = found if found is not None else etree.Element(f"{{{_RELATIONS}}}Relationships")
        for one in list(self._tree):
            if (one.get("Type") or "").endswith(("/vbaProject", "/wordVbaData")):
                self._tree.remove(one)

    def add(self, target: str, kind: str) -> str:
        """A new relation; its name."""
        known = {one.get("Id") for one in self._tree}
        name = next(f"rIdC{n}" for n in range(1, len(known) + 2) if f"rIdC{n}" not in known)
        own = etree.SubElement(self._tree, f"{{{_RELATIONS}}}Relationship")
        own.set("Id", name)
        own.set("Type", kind)
        own.set("Target", target)
        return name

    def xml(self) -> bytes:
        """The relations."""
        return _xml(self._tree)


# ── The visible stamp ───────────────────────────────────────────────────────────────────────────────────────────


def _footer(
    container: Container, main: str, trees: Mapping[str, Element], line: str, types: _Types
) -> dict[str, bytes]:
    """The parts that change for a line in the footer: where there is none yet, and room for one."""
    tree = trees.get(main)
    if tree is None:
        tree = container.tree(main)
    folder, _, own = main.rpartition("/")
    links_name = f"{folder}/_rels/{own}.rels" if folder else f"_rels/{own}.rels"
    links = _Links(container, links_name)
    same = {links_name: links.xml()}
    if tree is None:
        return same
    sections = list(tree.iter(w("sectPr")))
    if len(sections) != 1 or sections[0].find(w("footerReference")) is not None or not _has_room(sections[0]):
        return same
    part = f"{folder}/counterpart-footer.xml" if folder else "counterpart-footer.xml"
    reference = sections[0].makeelement(w("footerReference"))
    reference.set(w("type"), "default")
    reference.set(_R_ID, links.add("counterpart-footer.xml", f"{_OFFICE}/footer"))
    heads = [n for n, child in enumerate(sections[0]) if child.tag == w("headerReference")]
    sections[0].insert(heads[-1] + 1 if heads else 0, reference)
    types.add(f"/{part}", f"{_WORD}.footer+xml")
    return {links_name: links.xml(), part: _xml(_footer_tree(line)), main: _xml(tree)}


def _has_room(section: Element) -> bool:
    """Whether a line in the footer moves nothing: the bottom margin holds it."""
    margins = section.find(w("pgMar"))
    if margins is None:
        return False
    edges = [margins.get(w(side)) or "0" for side in ("bottom", "footer")]
    if not all(re.fullmatch(r"[+-]?\d{1,6}", edge) for edge in edges):
        return False  # Given in points or millimetres, which Word itself does not write.
    bottom, distance = (abs(int(edge)) for edge in edges)
    return bottom - distance >= _ROOM_LINE


def _footer_tree(line: str) -> Element:
    footer = etree.Element(w("ftr"), nsmap={"w": w("x")[1:-2]})
    paragraph = etree.SubElement(footer, P)
    look = etree.SubElement(paragraph, w("pPr"))
    spacing = etree.SubElement(look, w("spacing"))
    spacing.set(w("before"), "0")
    spacing.set(w("after"), "0")
    run = etree.SubElement(paragraph, R)
    size = etree.SubElement(etree.SubElement(run, w("rPr")), w("sz"))
    size.set(VAL, "14")
    etree.SubElement(run, T).text = line
    return footer
