"""The tree of fields in a PDF, walked once, with what fields inherit and where their widgets stand."""

from __future__ import annotations

from collections.abc import Iterable

import pikepdf

from engine.model import Field
from engine.reading.limits import Limits, keep_within
from engine.reading.names import unique
from engine.reading.pdf_values import Inherited, Said, said, words_at, words_of

STAMP_FIELD = "counterpart.stamp"
"""The hidden field that carries the stamp on our forms."""

_Node = pikepdf.Object
_NAME, _DICTIONARY = pikepdf.Name, pikepdf.Dictionary
_T, _TU, _FT = pikepdf.Name.T, pikepdf.Name.TU, pikepdf.Name.FT
_NOTHING = Inherited()
_PASSED_ON = frozenset(["/FT", "/Ff", "/V", "/Opt"])

_DIRECT = (0, 0)
"""The number of every object that has none of its own."""


class Tree:
    """The fields of one PDF.

    Attributes:
        carriers: what stands in the hidden stamp field.
        met: for each field found, in the same order, its node, what it inherits, and its widgets.
        signed: what each signature field that is signed claims: its name, the signature itself.
        beside: what stands on the pages and is no box of a field, with the page's number and its kind.
    """

    def __init__(self, acroform: _Node, limits: Limits) -> None:
        self._acroform = acroform
        self._limits = limits
        self._standing: dict[tuple[int, int], tuple[int, _Node]] = {}
        self._seen: set[tuple[int, int]] = set()
        self._found: list[Field] = []
        self.met: list[tuple[_Node, Inherited, list[_Node]]] = []
        self.carriers: list[str] = []
        self.signed: dict[str, _Node] = {}
        self.beside: list[tuple[int, _Node, object]] = []

    def stand_on(self, page: int, annotations: Iterable[_Node]) -> None:
        """Notes what was met on a page: the boxes of fields, and anything else."""
        standing = self._standing
        for annotation in annotations:
            number = annotation.objgen
            # Those without a number of their own are kept apart by one that no object has.
            standing[number if number != _DIRECT else (-1, len(standing))] = page, annotation

    def fields(self) -> tuple[Field, ...]:
        """Every field, in the order of the tree, then those that only pages know; names made unique.

        Raises:
            Unreadable: when there are more than the limit allows.
        """
        top = self._acroform.get("/Fields")
        for node in top if isinstance(top, pikepdf.Array) else ():
            self._walk(node, "", _NOTHING, 0)
        # What no field of the tree has claimed by now; asking all for their kind would take longer than the fields.
        for page, annotation in list(self._standing.values()):
            kind, number = annotation.get("/Subtype"), annotation.objgen
            if kind != "/Widget":
                self.beside.append((page, annotation, kind))
            elif number not in self._seen or number == _DIRECT:
                self._walk_from_page(annotation)
        return unique(self._found)

    def _walk_from_page(self, widget: _Node) -> None:
        """Walks the field of a widget that the tree does not lead to, from its uppermost part not walked yet."""
        line = [widget]
        for _ in range(self._limits.depth):
            parent = line[-1].get("/Parent")
            if not isinstance(parent, _DICTIONARY):
                break
            line.append(parent)
        name, above = "", _NOTHING
        while len(line) > 1 and line[-1].objgen in self._seen:
            node = line.pop()
            name, above = _named(node, name), _inherited(node, node.keys(), above)
        self._walk(line[-1], name, above, 0)

    def _walk(self, node: _Node, prefix: str, above: Inherited, depth: int) -> None:
        if isinstance(node, _DICTIONARY):
            # Asking for a key that is missing costs more than asking which keys there are.
            self._walk_known(node, node.keys(), prefix, above, depth)

    def _walk_known(self, node: _Node, keys: set[str], prefix: str, above: Inherited, depth: int) -> None:
        number = node.objgen
        if number in self._seen:
            return
        if number != _DIRECT:
            self._seen.add(number)
        if depth > self._limits.depth:
            keep_within("nesting of fields", depth, self._limits.depth)
        name = _named(node, prefix) if "/T" in keys else prefix
        here = above if _PASSED_ON.isdisjoint(keys) else _inherited(node, keys, above)
        widgets: list[_Node] = self._below(node, name, here, depth) if "/Kids" in keys else [node]
        if widgets and (here.kind or here.value is not None):
            self._take(node, keys, name, here, widgets)

    def _below(self, node: _Node, name: str, here: Inherited, depth: int) -> list[_Node]:
        """Walks the fields below a node; gives the node's own widgets, which is itself when it has nothing below."""
        kids = node.get("/Kids")
        if not isinstance(kids, pikepdf.Array) or not len(kids):
            return [node]
        widgets: list[_Node] = []
        for kid in kids:
            if not isinstance(kid, _DICTIONARY):
                continue
            keys = kid.keys()
            if "/T" in keys or "/Kids" in keys:
                self._walk_known(kid, keys, name, here, depth + 1)
            elif (number := kid.objgen) not in self._seen:
                if number != _DIRECT:
                    self._seen.add(number)
                widgets.append(kid)
        return widgets

    def _take(self, node: _Node, keys: set[str], name: str, here: Inherited, widgets: list[_Node]) -> None:
        """Reads one terminal field."""
        if name == STAMP_FIELD:
            self.carriers.append(words_of(here.value) or "")
            return
        if len(self._found) >= self._limits.fields:
            keep_within("fields", len(self._found) + 1, self._limits.fields)
        label = (words_at(node, _TU) or "").strip() if "/TU" in keys else ""
        if not label and widgets[0] is not node and "/TU" in widgets[0]:
            label = (words_at(widgets[0], _TU) or "").strip()
        page = 0
        for widget in widgets:
            claimed = self._standing.pop(widget.objgen, None)
            page = page or (claimed[0] if claimed else 0)
        route = "field name" if name else "tooltip" if label else ""
        name = name or label
        read = self._signature(name, here) if here.kind == "/Sig" else said(node, keys, here, widgets)
        if read is not None:
            kind, value, raw, problems = read
            self.met.append((node, here, widgets))
            self._found.append(
                Field(name, kind, value, raw, label, route, f"page {page}" if page else "", "", problems)
            )

    def _signature(self, name: str, here: Inherited) -> Said:
        if not isinstance(here.value, _DICTIONARY):
            return "signature", None, None, ()
        self.signed[name] = here.value
        return "signature", words_of(here.value.get("/Name")) or None, None, ()


def _named(node: _Node, prefix: str) -> str:
    """The fully qualified name of a node that has a name."""
    own = words_at(node, _T)
    return prefix if own is None else f"{prefix}.{own}" if prefix else own


def _inherited(node: _Node, keys: set[str], above: Inherited) -> Inherited:
    """What a node passes on: its own, else what stands above it."""
    kind, flags, value, options = above
    if "/FT" in keys:
        own = node[_FT]
        kind = str(own) if isinstance(own, _NAME) else ""
    if "/Ff" in keys and kind != "/Tx":  # The flags of a text box change nothing of what it says.
        flags = node.get("/Ff")
    if "/V" in keys:
        value = node.get("/V")
    if "/Opt" in keys:
        options = node.get("/Opt")
    return Inherited(kind, flags, value, options)
