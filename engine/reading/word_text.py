"""The words of a Word file's XML: names of elements, text as a person sees it, tracked changes as if accepted."""

from __future__ import annotations

from typing import Any

from lxml import etree

Element = etree._Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def w(name: str) -> str:
    """The full name of an element or attribute of WordprocessingML."""
    return _W + name


def w14(name: str) -> str:
    """The full name of an element or attribute that Word 2010 added."""
    return _W14 + name


VAL = w("val")
P, R, T, SDT, TBL, TR, TC = w("p"), w("r"), w("t"), w("sdt"), w("tbl"), w("tr"), w("tc")
RUN_LOOK = w("rPr")

FIELD_MARK, FIELD_MARK_TYPE = w("fldChar"), w("fldCharType")

_LOOK_OF_PARAGRAPH = w("pPr")
_TAB, _BR, _CR, _SYM, _HYPHEN = w("tab"), w("br"), w("cr"), w("sym"), w("noBreakHyphen")
INSTRUCTION, CODE = w("instrText"), "code"

_NO_WORDS = etree.XPath("descendant::text()[not(parent::w:t)]", namespaces={"w": _W[1:-1]})

_STRUCK = (w("strike"), w("dstrike"))
_DEL, _MOVED_AWAY, _HIDDEN = w("del"), w("moveFrom"), w("vanish")
_FALLBACK, _CHOICE = f"{_MC}Fallback", f"{_MC}Choice"

SYMBOLS = {
    "wingdings": {
        0x6F: "☐", 0x70: "☐", 0x71: "☐", 0x72: "☐", 0xA8: "☐", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑", 0x78: "☒",
        0xA1: "○", 0xA4: "◉", 0x6C: "●",
    },
    "wingdings 2": {
        0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x2A: "☐", 0xA3: "☐", 0x30: "☐",
    },
    "symbol": {0xB7: "•", 0xA8: "♦", 0xD6: "√"},
}  # fmt: skip
"""Ticks, boxes and bullets of the symbol fonts, by the character's lower byte."""


def on(flag: Element | None) -> bool:
    """Whether a switch such as `w:strike` is on."""
    return flag is not None and (flag.get(VAL) or flag.get(w14("val")) or "1") not in ("0", "false", "off")


def as_seen(root: Element) -> None:
    """Makes a part what a person sees of it, all changes accepted: then `text_of` has the words of any element."""
    _accept_changes(root)
    _write_out(root)


def _accept_changes(root: Element) -> None:
    """Takes out of a part what a person does not see with all changes accepted: deletions, hidden words, doubles."""
    for node in list(root.iter(_DEL, _MOVED_AWAY, _FALLBACK, _HIDDEN)):
        parent = node.getparent()
        if parent is None:
            continue
        if node.tag == _HIDDEN:
            run = parent.getparent()
            if parent.tag == RUN_LOOK and run is not None and run.tag == R and on(node):
                _drop(run)
        elif node.tag == _FALLBACK:
            if parent.find(_CHOICE) is not None:
                _drop(node)
        elif parent.tag == w("trPr"):
            if node.tag == _DEL and (row := parent.getparent()) is not None:
                _drop(row)
        elif parent.tag == RUN_LOOK:
            _join_paragraphs(parent)
        else:
            _drop(node)
    for node in list(root.iter(w("cellDel"))):
        cell = next(node.iterancestors(TC), None)
        if cell is not None:
            _drop(cell)


def _drop(node: Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _join_paragraphs(look: Element) -> None:
    """Joins a paragraph whose end was deleted to the next."""
    properties = look.getparent()
    paragraph = properties.getparent() if properties is not None and properties.tag == w("pPr") else None
    while paragraph is not None and (after := paragraph.getnext()) is not None and after.tag == P:
        for child in list(after):
            if child.tag != w("pPr"):
                paragraph.append(child)
        end = after.find(f"{w('pPr')}/{RUN_LOOK}/{_DEL}")
        _drop(after)
        if end is None:
            break


def _write_out(root: Element) -> None:
    """Puts into a part, as plain text, what a person sees and nothing else: so its words can be had in one step.

    Each paragraph begins with a line end; breaks, tabs and symbols become characters. Other text there is no words:
    blanks between elements, the code of a field (kept as the attribute `CODE`), numbers that place a picture.
    """
    no_words: Any = _NO_WORDS(root)
    for words in no_words:
        holder = words.getparent()
        if words.is_tail:
            holder.tail = None
        elif holder.text:
            if holder.tag == INSTRUCTION:
                holder.set(CODE, holder.text)
            holder.text = None
    for node in root.iter(_BR, _TAB, _SYM, _CR, _HYPHEN):
        if (parent := node.getparent()) is not None and parent.tag == R:
            node.text = _mark(node, str(node.tag))
    for paragraph in root.iter(P):
        paragraph.text = "\n"


def text_of(element: Element) -> str:
    """The text as a person sees it, one line for each paragraph, without outer blanks; of a part made `as_seen`."""
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False).strip()


def first_child(element: Element, tag: str) -> Element | None:
    """The first child of that name; many times faster than `find`."""
    for child in element:
        if child.tag == tag:
            return child
    return None


def _mark(node: Element, tag: str) -> str:
    if tag in (_BR, _CR):
        return "\n"
    if tag == _TAB:
        return "\t"
    if tag == _HYPHEN:
        return "\N{NON-BREAKING HYPHEN}"
    return symbol(node.get(w("font")) or "", node.get(w("char")) or "")


def symbol(font: str, code: str) -> str:
    """The character that a symbol font draws for a code."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    known = SYMBOLS.get(font.casefold(), {}).get(number & 0xFF)
    if known:
        return known
    return "\N{REPLACEMENT CHARACTER}" if 0xE000 <= number <= 0xF8FF or number > 0x10FFFF else chr(number)


def one_line(text: str) -> str:
    """The text with every run of blanks as one space."""
    return " ".join(text.split())


def first_words(cell: Element) -> str:
    """The first paragraph of a cell that says anything: its label, before any help."""
    for paragraph in cell.iter(P):
        words = one_line(text_of(paragraph))
        if words:
            return words
    return ""


def has_strikes(root: Element) -> bool:
    """Whether anything at all is crossed out in a part."""
    return next(root.iter(*_STRUCK), None) is not None


def struck(element: Element) -> str:
    """Whether the words are crossed out: a sentence that says so, or nothing."""
    if next(element.iter(*_STRUCK), None) is None:
        return ""
    crossed = standing = False
    for run in element.iter(R):
        if not text_of(run):
            continue
        look = run.find(RUN_LOOK)
        if look is not None and any(on(look.find(tag)) for tag in _STRUCK if look.find(tag) is not None):
            crossed = True
        else:
            standing = True
    if not crossed:
        return ""
    return "part of it is struck out" if standing else "struck out"


# ── The words beside a box ──────────────────────────────────────────────────────────────────────────────────────


def words_before(box: Element) -> str:
    """The words before a control, or a run that begins a field, in its paragraph, back to the box before it."""
    words: list[str] = []
    for sibling in box.itersiblings(preceding=True):
        if sibling.tag == SDT or _field_mark(sibling) == "end":
            break
        if sibling.tag != _LOOK_OF_PARAGRAPH:
            words.append(text_of(sibling))
    return one_line(" ".join(reversed(words)))


def words_beside(box: Element) -> str:
    """The words beside a tick: after it where the paragraph begins with a box, else before it."""
    paragraph = box.getparent()
    if paragraph is None or paragraph.tag != P:
        return ""
    for child in paragraph:
        if child.tag == SDT or _field_mark(child) == "begin":
            return _words_after(box)
        if child.tag != _LOOK_OF_PARAGRAPH and text_of(child):
            break
    return words_before(box)


def _words_after(box: Element) -> str:
    words: list[str] = []
    inside = _field_mark(box) == "begin"
    for sibling in box.itersiblings():
        mark = _field_mark(sibling)
        if inside:
            inside = mark != "end"
        elif sibling.tag == SDT or mark == "begin":
            break
        else:
            words.append(text_of(sibling))
    return one_line(" ".join(words))


def _field_mark(run: Element) -> str | None:
    """Whether a run begins, parts or ends a field."""
    mark = first_child(run, FIELD_MARK)
    return None if mark is None else mark.get(FIELD_MARK_TYPE)
