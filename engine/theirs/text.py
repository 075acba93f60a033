"""Words put into the text of a Word file: into a run, a paragraph, a cell, or the place of some characters."""

from __future__ import annotations

from lxml import etree

from engine.reading.word_text import RUN_LOOK, VAL, Element, P, R, T, symbol, w

_KEEP = "{http://www.w3.org/XML/1998/namespace}space"
_BR, _TAB, _SYM, _LOOK = w("br"), w("tab"), w("sym"), w("pPr")
_HINT_STYLE = w("rStyle")
_WORDS = (T, _BR, w("cr"), _TAB, _SYM, w("noBreakHyphen"), w("softHyphen"))


def set_run(run: Element, words: str) -> None:
    """Makes these the words of a run; line ends become breaks."""
    for child in list(run):
        if child.tag in _WORDS:
            run.remove(child)
    look = run.find(RUN_LOOK)
    style = look.find(_HINT_STYLE) if look is not None else None
    if look is not None and style is not None and "placeholder" in (style.get(VAL) or "").casefold():
        look.remove(style)
    for number, line in enumerate(words.split("\n")):
        if number:
            etree.SubElement(run, _BR)
        text = etree.SubElement(run, T)
        text.text = line
        text.set(_KEEP, "preserve")


def set_inside(holder: Element, words: str) -> None:
    """Makes these the only words in a control's content, a paragraph or a cell, in the look of its first run."""
    runs = [run for run in holder.iter(R) if run.find(w("fldChar")) is None and run.find(w("instrText")) is None]
    first = runs[0] if runs else _new_run(holder)
    paragraphs = list(holder.iter(P))
    home = next((p for p in paragraphs if first in p.iterdescendants()), None)
    for run in runs[1:]:
        _drop(run)
    for paragraph in paragraphs:
        if paragraph is not home and len(paragraphs) > 1 and paragraph.getparent() is not None and not _last(paragraph):
            _drop(paragraph)
    set_run(first, words)


def _last(paragraph: Element) -> bool:
    """Whether it is the only paragraph of its cell, which must keep one."""
    parent = paragraph.getparent()
    return parent is not None and sum(1 for child in parent if child.tag == P) < 2


def _new_run(holder: Element) -> Element:
    paragraph = holder if holder.tag == P else next(holder.iter(P), None)
    run = etree.SubElement(holder if paragraph is None else paragraph, R)
    look = paragraph.find(f"{_LOOK}/{RUN_LOOK}") if paragraph is not None else None
    if look is not None:
        copy = etree.SubElement(run, RUN_LOOK)
        copy.extend([etree.fromstring(etree.tostring(part)) for part in look if part.tag not in (w("ins"), w("del"))])
    return run


def _drop(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


class Line:
    """The text of a paragraph or a cell, in which characters are replaced where they stand."""

    def __init__(self, holder: Element) -> None:
        self._nodes = list(holder.iter(T, _BR, _TAB, _SYM))
        self.text = "".join(map(_words_of, self._nodes))

    def replace(self, start: int, end: int, words: str) -> bool:
        """Puts words where the characters from start to end stand; tells whether there was text to put them in."""
        at, put = 0, False
        for node in self._nodes:
            own = _words_of(node)
            begin, at = at, at + len(own)
            low, high = max(start - begin, 0), min(end - begin, len(own))
            touched = low < high or (not put and start == end and begin <= start <= at)
            if not touched or node.tag not in (T, _SYM):
                continue
            text = node if node.tag == T else _as_text(node)
            text.text = own[:low] + ("" if put else words) + own[max(high, low) :]
            text.set(_KEEP, "preserve")
            put = True
        return put


def _words_of(node: Element) -> str:
    """What a node of text shows."""
    if node.tag == T:
        return node.text or ""
    if node.tag == _SYM:
        return symbol(node.get(w("font")) or "", node.get(w("char")) or "")
    return "\n" if node.tag == _BR else "\t"


def _as_text(node: Element) -> Element:
    """A symbol of a font of its own, as plain text."""
    text = node.makeelement(T)
    parent = node.getparent()
    assert parent is not None
    parent.replace(node, text)
    return text
