"""The tree of fields in a PDF, walked once, with what fields inherit and where their widgets stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pikepdf

from engine.model import Field
from engine.reading.limits import Limits, keep_within
from engine.reading.pdf_values import Inherited, Said, said, words_of

STAMP_FIELD = "counterpart.stamp"
"""The hidden field that carries the stamp on our forms."""

_Node = pikepdf.Object
_NOTHING = Inherited()


class Tree:
    """The fields of one PDF.

    Attributes:
        carriers: what stands in the hidden stamp field.
        seals: a line for each signature field that is signed.
    """

    def __init__(self, acroform: _Node, limits: Limits) -> None:
        self._acroform = acroform
        self._limits = limits
        self._pages: dict[tuple[int, int], int] = {}
        self._widgets: list[tuple[_Node, int]] = []
        self._seen: set[tuple[int, int]] = set()
        self._found: list[Field] = []
        self.carriers: list[str] = []
        self.seals: list[str] = []

    def stands_on(self, widget: _Node, page: int) -> None:
        """Notes that a widget was met on a page, counted from 1."""
        self._pages[widget.objgen] = page
        self._widgets.append((widget, page))

    def fields(self) -> tuple[Field, ...]:
        """Every field, in the order of the tree, then those that only pages know; names made unique.

        Raises:
            Unreadable: when there are more than the limit allows.
        """
        top = self._acroform.get("/Fields")
        for node in top if isinstance(top, pikepdf.Array) else ():
            self._walk(node, "", _NOTHING, 0)
        for widget, _ in self._widgets:
            if widget.objgen not in self._seen or widget.objgen == (0, 0):
                self._walk(self._top_of(widget), "", _NOTHING, 0)
        return tuple(_unique(self._found))

    def _top_of(self, widget: _Node) -> _Node:
        """The field at the head of a widget's line, as far as it was not walked already."""
        node = widget
        for _ in range(self._limits.depth):
            parent = node.get("/Parent")
            if not isinstance(parent, pikepdf.Dictionary) or parent.objgen in self._seen:
                break
            node = parent
        return node

    def _walk(self, node: _Node, prefix: str, above: Inherited, depth: int) -> None:
        if not isinstance(node, pikepdf.Dictionary):
            return
        number = node.objgen
        if number != (0, 0):
            if number in self._seen:
                return
            self._seen.add(number)
        keep_within("nesting of fields", depth, self._limits.depth)
        # Asking for a key that is missing costs more than asking which keys there are.
        keys = node.keys()
        own = words_of(node.get("/T")) if "/T" in keys else None
        name = prefix if own is None else f"{prefix}.{own}" if prefix else own
        here = above
        if "/FT" in keys or "/Ff" in keys or "/V" in keys or "/Opt" in keys:
            here = Inherited(
                node.get("/FT") if "/FT" in keys else above.kind,
                node.get("/Ff") if "/Ff" in keys else above.flags,
                node.get("/V") if "/V" in keys else above.value,
                node.get("/Opt") if "/Opt" in keys else above.options,
            )
        widgets: list[_Node] = self._below(node, name, here, depth) if "/Kids" in keys else [node]
        if widgets and isinstance(here.kind, pikepdf.Name):
            self._take(node, keys, name, here, widgets)

    def _below(self, node: _Node, name: str, here: Inherited, depth: int) -> list[_Node]:
        """Walks the fields below a node; gives the node's own widgets, which is itself when it has nothing below."""
        kids = node.get("/Kids")
        if not isinstance(kids, pikepdf.Array) or not len(kids):
            return [node]
        widgets: list[_Node] = []
        for kid in kids:
            if not isinstance(kid, pikepdf.Dictionary):
                continue
            if "/T" in kid or "/Kids" in kid:
                self._walk(kid, name, here, depth + 1)
            elif kid.objgen == (0, 0) or kid.objgen not in self._seen:
                self._seen.add(kid.objgen)
                widgets.append(kid)
        return widgets

    def _take(self, node: _Node, keys: set[str], name: str, here: Inherited, widgets: list[_Node]) -> None:
        """Reads one terminal field."""
        if name == STAMP_FIELD:
            self.carriers.append(words_of(here.value) or "")
            return
        keep_within("fields", len(self._found) + 1, self._limits.fields)
        label = (words_of(node.get("/TU")) or "").strip() if "/TU" in keys else ""
        if not label and widgets[0] is not node and "/TU" in widgets[0]:
            label = (words_of(widgets[0].get("/TU")) or "").strip()
        page = next((p for w in widgets if (p := self._pages.get(w.objgen))), None)
        route = "field name" if name else "tooltip" if label else ""
        name = name or label
        read = self._signature(name, here) if here.kind == "/Sig" else said(node, keys, here, widgets)
        if read is not None:
            kind, value, raw, problems = read
            where = f"page {page}" if page else ""
            self._found.append(Field(name, kind, value, raw, label, route, where, "", problems))

    def _signature(self, name: str, here: Inherited) -> Said:
        if not isinstance(here.value, pikepdf.Dictionary):
            return "signature", None, None, ()
        signer = words_of(here.value.get("/Name")) or ""
        day = words_of(here.value.get("/M")) or ""
        on = f" on {day[8:10]}/{day[6:8]}/{day[2:6]}" if day.startswith("D:") and len(day) >= 10 else ""
        self.seals.append(f"{name}: signed by {signer or 'somebody whose name it does not say'}{on}")
        return "signature", signer or None, None, ()


def _unique(fields: list[Field]) -> Iterator[Field]:
    """The fields with a number behind a name that was there before."""
    if len({f.name for f in fields}) == len(fields):
        yield from fields
        return
    taken: Counter[str] = Counter()
    names = {f.name for f in fields}
    for field in fields:
        taken[field.name] += 1
        name = field.name
        while taken[field.name] > 1 and (name := f"{field.name} ({taken[field.name]})") in names:
            taken[field.name] += 1
        names.add(name)
        yield field if name == field.name else replace(field, name=name)
