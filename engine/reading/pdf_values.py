"""What one field of a PDF says: stored codes, states and strings into what a person sees."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

import pikepdf

from engine.model import FieldKind
from engine.reading.dates import iso_date

_RADIO, _PUSH = 1 << 15, 1 << 16
_SEVERAL = 1 << 21
_OFF = (None, "", "Off")

_Value = str | bool | tuple[str, ...] | None
Said = tuple[FieldKind, _Value, _Value, tuple[str, ...]]
"""The kind, the value, what is stored, and what is doubtful."""

_Node = pikepdf.Object


_NO_KIND = "the file does not say what kind of box this is"

_STRING, _NO_WORDS = pikepdf.String, (pikepdf.Object, bool)


class Inherited(NamedTuple):
    """What a field takes from those above it, where it has none of its own; the kind as `/Tx`, "" where there is none.

    A tuple, because one is made for every field.
    """

    kind: str = ""
    flags: object = 0
    value: object = None
    options: object = None


def words_of(value: object) -> str | None:
    """A stored value as text with one kind of line end: a string, a stream, a name or a number; else None."""
    if value is None:
        return None
    if isinstance(value, _STRING):
        words = str(value)
    elif isinstance(value, pikepdf.Name):
        words = _name(bytes(value))
    elif isinstance(value, pikepdf.Stream):
        words = str(pikepdf.String(value.read_bytes()))
    elif isinstance(value, _NO_WORDS):
        return None
    else:
        words = str(value)
    return _lines(words)


def words_at(node: _Node, key: pikepdf.Name) -> str | None:
    """What `words_of` says of an entry that a dictionary has; without an object made of it, where it is a string."""
    try:
        words: str | None = node.get_str(key, None)
    except RuntimeError:  # A string that says it is UTF-8 and is not; `words_of` says what that is.
        words = None
    if words is None:
        return words_of(node.get(key))
    return _lines(words)


def _lines(words: str) -> str:
    """Words with one kind of line end."""
    return words.replace("\r\n", "\n").replace("\r", "\n") if "\r" in words else words


def _name(stored: bytes) -> str:
    """A name without its slash. Most are ASCII; old programs wrote those of states in the letters of their country."""
    try:
        return stored[1:].decode()
    except UnicodeDecodeError:
        return stored[1:].decode("cp1252", "replace")


def said(node: _Node, keys: set[str], here: Inherited, widgets: list[_Node]) -> Said | None:
    """What a field says; None for one of no kind that says nothing. Signatures are not read here."""
    if here.kind == "/Tx":
        return _text(node, keys, here)
    if here.kind == "/Ch":
        return _chosen(here)
    if here.kind != "/Btn":
        words = words_of(here.value)
        return ("text", words, words, (_NO_KIND,)) if words and words.strip() else None
    flags = here.flags if isinstance(here.flags, int) else 0
    return ("button", None, None, ()) if flags & _PUSH else _marked(bool(flags & _RADIO), here, widgets)


def _text(node: _Node, keys: set[str], here: Inherited) -> Said:
    stored = words_of(here.value)
    value = stored if stored and stored.strip() else None
    if stored is None and "/RV" in keys:
        value = plain(words_of(node.get("/RV")) or "") or None
    if "/AA" in keys and (shape := date_script(node.get("/AA"))) is not None:
        day = iso_date(value, month_first=shape.lstrip("\"'( ").startswith("m")) if value else None
        return "date", day or value, stored, ()
    return "text", value, stored, ()


_TAG = re.compile(r"<[^>]*>")
_NEXT_LINE = re.compile(r"</p>\s*<p|<br\b", re.IGNORECASE)


def plain(rich: str) -> str:
    """Rich text as plain text, line by line."""
    return html.unescape(_TAG.sub("", _NEXT_LINE.sub("\n<", rich))).strip()


def date_script(actions: object) -> str | None:
    """What follows `AFDate_` in the scripts that format a box; None when none is about dates. No script is run."""
    if not isinstance(actions, pikepdf.Dictionary):
        return None
    for key in ("/F", "/K"):
        action = actions.get(key) if key in actions else None
        script = words_of(action.get("/JS")) if isinstance(action, pikepdf.Dictionary) and "/JS" in action else None
        if script:
            return script.partition("AFDate_")[2].partition("(")[2] if "AFDate_" in script else None
    return None


def on_state(widget: _Node) -> str | None:
    """The name of the state in which a widget is drawn as marked."""
    appearance = widget.get("/AP") if "/AP" in widget else None
    normal = appearance.get("/N") if isinstance(appearance, pikepdf.Dictionary) else None
    # A stream is a dictionary to pikepdf, whose keys would be the stream's own.
    if isinstance(normal, pikepdf.Stream) or not isinstance(normal, pikepdf.Dictionary):
        return None
    # A key that is not UTF-8 comes with its bytes as lone surrogates.
    return next((_name(key.encode(errors="surrogateescape")) for key in sorted(normal.keys()) if key != "/Off"), None)


def _marked(radio: bool, here: Inherited, widgets: list[_Node]) -> Said:
    """A tick box, or a choice made by marking one of several."""
    stored = words_of(here.value)
    off = stored in _OFF
    # A widget that does not say how it is shown is not held against what is stored.
    shown = [words_of(w.get("/AS")) for w in widgets if "/AS" in w]
    marked = [state for state in shown if state and state not in _OFF]
    if not radio and len(widgets) == 1 and off and not marked:
        return "tick", False, stored, ()
    states = [on_state(w) for w in widgets]
    if not radio and len(set(states)) == 1:
        drawn = bool(marked) and (states[0] is None or states[0] in marked)
        return _tick(stored, off, drawn, bool(shown), states[0])
    if off:
        problem = ("it is shown as marked, but nothing is stored",) if marked and marked[0] in states else ()
        return "choice", None, stored, problem
    as_shown = f"“{'” and “'.join(dict.fromkeys(marked))}”" if marked else "not marked"
    problem = () if not shown or {stored} == set(marked) else (f"it is stored as “{stored}”, but shown as {as_shown}",)
    return "choice", label_of(stored or "", states, here.options), stored, problem


def _tick(stored: str | None, off: bool, drawn: bool, says: bool, state: str | None) -> Said:
    """A tick box: `drawn` when it is shown ticked, `says` when it says how it is shown, `state` what it can show."""
    if off:
        return "tick", False, stored, ("the box is shown ticked, but stored as not ticked",) if drawn else ()
    known = state is None or stored == state
    problem = f"the box is stored as “{stored}”, but shown as {'ticked' if drawn else 'not ticked'}"
    # A stored state that the box cannot show: what a person sees decides.
    return "tick", known or drawn, stored, () if known and (drawn or not says) else (problem,)


def label_of(state: str, states: list[str | None], options: object) -> str:
    """The words that a marked choice stands for."""
    if not isinstance(options, pikepdf.Array):
        return state
    labels = list(options)
    place = states.index(state) if state in states else int(state) if state.isdecimal() and len(state) < 5 else -1
    # Some programs list the options in an order of their own, and name the states by their place in it.
    if state.isdecimal() and len(state) < 5 and len(states) != len(labels):
        place = int(state)
    return (option(labels[place])[1] or state) if 0 <= place < len(labels) else state


def option(item: object) -> tuple[str, str]:
    """What is stored for an option, and what is shown."""
    if isinstance(item, pikepdf.Array):
        pair = [words_of(part) or "" for part in item]
        return (pair[0], pair[-1]) if pair else ("", "")
    words = words_of(item) or ""
    return words, words


def _chosen(here: Inherited) -> Said:
    flags = here.flags if isinstance(here.flags, int) else 0
    values = here.value
    parts = list(values) if isinstance(values, pikepdf.Array) else [values]
    several = bool(flags & _SEVERAL) or len(parts) > 1
    stored = [words for part in parts if (words := words_of(part)) and words.strip()]
    if not stored:
        return "choices" if several else "choice", None, words_of(values), ()
    shown = tuple(_shown(stored, here.options))
    return ("choices", shown, tuple(stored), ()) if several else ("choice", shown[0], stored[0], ())


def _shown(stored: list[str], options: object) -> Iterator[str]:
    """For each stored code, the words that a person sees; the code itself when the list does not have it."""
    wanted = dict.fromkeys(stored)
    if isinstance(options, pikepdf.Array):
        for item in options:
            code, words = option(item)
            if code in wanted and wanted[code] is None:
                wanted[code] = words
                if None not in wanted.values():
                    break
    for code in stored:
        yield wanted[code] or code
