"""Somebody else's form: what stands in each of its boxes for one plan, and what its boxes say when it comes back.

The form keeps its own layout, and its boxes their own names; a proforma with a `blank` says which boxes make which
answer. Several boxes may make one (day, month and year; the lines of an address; ticks of which one is meant), and one
box may hold several answers (a full name). Both ways are here, each the inverse of the other. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.model import Answer, Field, FieldKind, State
from engine.places import Kind, Place, Record
from engine.plan import PLACES, WHOLES, is_signature, pattern, split
from engine.proforma import Proforma, Question

LOCAL = "local"
"""The table of the plan for answers that have no other place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to stand in a box of somebody else's form.

    Attributes:
        words: the text, or the choice in the form's own words; "" = nothing.
        day: the same as a date, ISO, where it is one.
        ticked: whether a tick box is to be ticked.
    """

    words: str = ""
    day: str = ""
    ticked: bool = False


# ── Out: what is to stand in the boxes ──────────────────────────────────────────────────────────────────────────


def entries(proforma: Proforma, record: Record, own_row: str) -> Mapping[str, Entry]:
    """What is to stand in each box, by the box's name; those that wait to be confirmed are left as they are.

    Args:
        own_row: key of the row that the form is about, "" if none.
    """
    found: dict[str, Entry] = {}
    for question in (question for question in questions(proforma) if not question.confirm):
        shown = _shown(question, record, own_row)
        padded = (*shown, *(Entry() for _ in question.fields[len(shown) :]))
        found.update(zip(question.fields, padded, strict=False))
    return found


def questions(proforma: Proforma) -> Iterator[Question]:
    """Every question of the form, those that wait to be confirmed among them."""
    for section in proforma.sections:
        yield from section.questions


def paths(question: Question, own_row: str) -> tuple[str, ...]:
    """The places that a question asks for, rows and all."""
    return WHOLES.get(question.ask, (question.ask.replace("[#]", f"[{own_row}]"),))


def _shown(question: Question, record: Record, own_row: str) -> Sequence[Entry]:
    asked = paths(question, own_row)
    place, value = PLACES[pattern(asked[0])], record.get(asked[0])
    if len(asked) > 1:
        said = (str(record[path]) for path in asked if record.get(path))
        return (Entry(" ".join(said)),)
    if value is None or is_signature(asked[0]):
        return ()
    words = place.show(value)
    if len(question.fields) == 1:
        theirs = next((t for t, ours in question.choices.items() if ours.casefold() == words.casefold()), words)
        return (Entry(theirs, str(value) if place.kind is Kind.DATE else "", words == "Yes"),)
    if question.choices:
        return tuple(Entry(ticked=question.choices.get(box, "") == words) for box in question.fields)
    return tuple(Entry(part, ticked=False) for part in _parted(place, words, len(question.fields)))


def _parted(place: Place, words: str, count: int) -> Sequence[str]:
    """An answer in as many parts as it has boxes, the last with all that is left."""
    if place.kind is Kind.DATE:
        return words.split("/")
    if place.format == "prose" or "\n" in words:
        lines = words.split("\n")
        return (*lines[: count - 1], ", ".join(lines[count - 1 :]))
    return words.split(" ", count - 1)


# ── In: what the boxes say ──────────────────────────────────────────────────────────────────────────────────────


def matched(fields: Sequence[Field], proforma: Proforma) -> Mapping[str, Field]:
    """The boxes of the proforma found on a form, by their names there: by name, else by the label that people see."""
    by_name = {field.name: field for field in fields}
    found = {box: by_name[box] for q in questions(proforma) for box in q.fields if box in by_name}
    left = [field for field in fields if field.name not in found]
    by_label: dict[str, list[Field]] = {}
    for field in left:
        for words in {_plainly(field.label), _plainly(field.name)} - {""}:
            by_label.setdefault(words, []).append(field)
    for question in questions(proforma):
        alike = by_label.get(_plainly(question.label), [])
        if len(question.fields) == 1 and question.fields[0] not in found and len(alike) == 1:
            found[question.fields[0]] = alike[0]
    return found


def _plainly(words: str) -> str:
    return " ".join(words.split()).rstrip(":").casefold()


def is_form(fields: Sequence[Field], proforma: Proforma) -> bool:
    """Whether a form that carries no number is this one: it has four fifths of its boxes, and few that are strange."""
    boxes = {box for question in questions(proforma) for box in question.fields}
    real = [field for field in fields if field.kind != "button"]
    found = matched(real, proforma)
    strangers = len(real) - len({field.name for field in found.values()})
    return bool(boxes) and len(found) >= 0.8 * len(boxes) and strangers <= 0.2 * len(real)


def said(
    fields: Sequence[Field], proforma: Proforma, own_row: str, whose: Record
) -> Iterator[tuple[Question, str, Field]]:
    """Each question that the form carries, with the place and the one field that its boxes come to.

    Args:
        whose: who the form was printed for.
    """
    found = matched(fields, proforma)
    for question in questions(proforma):
        parts = _whole(question, found)
        if parts and not question.confirm:
            one = _joined(question, parts)
            if question.printed and one.value == question.printed:
                one = one._replace(value=None)
            for path, field in _divided(paths(question, own_row), one, whose):
                yield question, path, field


def _whole(question: Question, found: Mapping[str, Field]) -> Sequence[Field]:
    """The boxes of a question, where the form has all of them; of an answer in parts, a part alone says nothing."""
    parts = [found[box] for box in question.fields if box in found]
    return parts if len(parts) == len(question.fields) else ()


def strangers(fields: Sequence[Field], proforma: Proforma) -> Iterator[tuple[Field, str]]:
    """The boxes that answer no question, each with what is to be said of it: it waits to be confirmed, or nothing."""
    found = matched(fields, proforma)
    sure = {part.name for q in questions(proforma) if not q.confirm for part in _whole(q, found)}
    waiting = {found[box].name: q for q in questions(proforma) if q.confirm for box in q.fields if box in found}
    for field in fields:
        if field.name not in sure:
            question = waiting.get(field.name)
            if question and question.printed and _words(field) == question.printed:
                continue
            yield field, f"perhaps {question.ask}, which nobody has confirmed" if question else ""


def asked_beside(question: Question, path: str) -> Answer | None:
    """For an answer of a provider's own: what was asked, which is kept with it."""
    row = split(path)
    if row is None or row[0] != LOCAL:
        return None
    return Answer(f"{LOCAL}[{row[1]}].asked", State.SAID, question.label, question.label, question.label)


def _joined(question: Question, parts: Sequence[Field]) -> Field:
    """The boxes of one answer as one field."""
    place = PLACES[pattern(paths(question, "#")[0])]
    first, problems = parts[0], tuple(dict.fromkeys(p for part in parts for p in part.problems))
    words = [_words(part) for part in parts]
    value: str | bool | None
    if len(question.fields) == 1:
        own = {theirs.casefold(): ours for theirs, ours in question.choices.items()}
        value = first.value if isinstance(first.value, bool) else own.get(words[0].casefold(), words[0]) or None
    elif question.choices:
        ticked = [question.choices.get(b, b) for b, p in zip(question.fields, parts, strict=False) if p.value is True]
        value = " and ".join(ticked) or None
    elif place.kind is Kind.DATE:
        value = "/".join(words) if any(words) else None
    else:
        between = "\n" if place.format == "prose" else " "
        value = between.join(filter(None, words)) or None
    kind: FieldKind = "tick" if isinstance(value, bool) else "text"
    return first._replace(kind=kind, value=value, label=question.label, problems=problems)


def _words(field: Field) -> str:
    if isinstance(field.value, bool):
        return "Yes" if field.value else ""
    return (field.value if isinstance(field.value, str) else ", ".join(field.value or ())).strip()


def _divided(asked: Sequence[str], field: Field, whose: Record) -> Iterator[tuple[str, Field]]:
    """The places of a question, each with its share of what the field says; of a full name nothing is guessed."""
    if len(asked) == 1 or not isinstance(field.value, str):
        for path in asked:
            yield path, field
        return
    shares = _shares(" ".join(field.value.split()), tuple(str(whose.get(path) or "") for path in asked))
    doubt = () if shares else (f"it cannot be told where in “{field.value}” the family name begins",)
    for path, share in zip(asked, shares or (field.value, field.value), strict=True):
        yield path, field._replace(value=share, problems=(*field.problems, *doubt))


def _shares(name: str, known: tuple[str, ...]) -> tuple[str, str] | None:
    """The given and the family name in a full name; None where nobody can tell them apart.

    They can be told where there are two words, where the family name comes first with a comma behind it, and where
    one of the two is still what it was.

    Args:
        known: given and family name as the plan has them; "" where it has none.
    """
    first, last = known
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma:
        return (given, family) if given and family and "," not in given else None
    if last and name.casefold().endswith(f" {last.casefold()}"):
        return name[: -len(last) - 1].strip(), name[-len(last) :]
    if first and name.casefold().startswith(f"{first.casefold()} "):
        return name[: len(first)], name[len(first) + 1 :].strip()
    words = name.split()
    return (words[0], words[1]) if len(words) == 2 else None
