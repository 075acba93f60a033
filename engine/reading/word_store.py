"""The data that a Word file keeps for its boxes beside what they show: where the two disagree, somebody is told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from engine.errors import Unreadable
from engine.model import FieldKind
from engine.reading.container import Container, relations
from engine.reading.dates import iso_date
from engine.reading.word_text import Element, one_line, w

_ITEM = "{http://schemas.openxmlformats.org/officeDocument/2006/customXml}"
_STEP = r"/(?:[\w.-]+:)?[\w.-]+(?:\[\d{1,4}\])?"
_PLAIN_PATH = re.compile(rf"(?:{_STEP})+(?:/@(?:[\w.-]+:)?[\w.-]+)?\Z")
_PREFIX = re.compile(r"""xmlns:([\w.-]+)\s*=\s*(?:'([^']*)'|"([^"]*)")""")
_YES, _NO = frozenset({"1", "true", "on", "yes"}), frozenset({"", "0", "false", "off", "no"})


class Store:
    """The custom XML parts of a file, read when a box that is bound to one is first met."""

    def __init__(self, container: Container, parts: list[str]) -> None:
        self._container, self._names = container, parts
        self._items: Mapping[str, Element] | None = None

    def disagrees(self, binding: Element, kind: FieldKind, value: object, raw: object) -> str:
        """A sentence when the file's data says something else than the box shows, else nothing.

        Args:
            binding: the `w:dataBinding` of the box.
        """
        stored = self._stored(binding)
        if stored is None:
            return ""
        shown = one_line(stored)
        if kind == "tick":
            agrees = shown.casefold() in (_YES if value else _NO)
        elif kind == "date":
            agrees = (iso_date(shown[:10]) or iso_date(shown) or shown or None) == value
        else:
            agrees = shown in {one_line(str(said or "")) for said in (value, raw if value is not None else None)}
        return "" if agrees else f"the file's data holds “{shown}”, which is not what the box shows"

    def _stored(self, binding: Element) -> str | None:
        """What the data holds for a box; None where it holds nothing about it, or the path is not a plain one."""
        path = binding.get(w("xpath")) or ""
        if not _PLAIN_PATH.match(path):
            return None
        item = self._all().get((binding.get(w("storeItemID")) or "").casefold())
        if item is None:
            return None
        named = _PREFIX.findall(binding.get(w("prefixMappings")) or "")
        try:
            found = item.xpath(path, namespaces={prefix: one or other for prefix, one, other in named if one or other})
        except (etree.XPathError, ValueError):
            return None
        if not isinstance(found, list) or not found:
            return None
        first = found[0]
        return "".join(map(str, first.itertext())) if isinstance(first, etree._Element) else str(first)

    def _all(self) -> Mapping[str, Element]:
        if self._items is None:
            self._items = dict(pair for name in self._names if (pair := self._item(name)) is not None)
        return self._items

    def _item(self, name: str) -> tuple[str, Element] | None:
        """A part and the number it goes by. LibreOffice empties these parts, which says nothing about the boxes."""
        settings = next((target for kind, target in relations(self._container, name) if kind == "customXmlProps"), None)
        try:
            item, about = self._container.tree(name), self._container.tree(settings) if settings else None
        except Unreadable:
            return None
        if item is None or about is None:
            return None
        return (about.get(f"{_ITEM}itemID") or "").casefold(), item
