"""What the fields of a form say: which place of the plan each answers, by name or by label, and what is said there.

Pure: values in, values out. What no place of the plan answers to comes back as words beside the answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine import adopted
from engine.layout import signature_boxes
from engine.model import Answer, Field, Form, Remark, State
from engine.places import WORDS, Kind, Place, Record, clean
from engine.plan import PLACES, TABLES, is_signature, pattern, place_of, split
from engine.proforma import Proforma


def read_answers(form: Form, proforma: Proforma, own_row: str, whose: Record | None = None) -> tuple[Answer, ...]:
    """What the form says, place by place; each place once, the first rung that finds it wins.

    Args:
        whose: who the form was printed for, by which a full name is told apart into its parts.
    """
    if proforma.blank:
        return tuple(_of_theirs(form, proforma, own_row, whose or {}))
    found: dict[str, Answer] = {}
    for field, path, place in _matched(form, proforma, own_row):
        if path and place and path not in found:
            found[path] = _answer(path, place, field)
    return tuple(found.values())


def _of_theirs(form: Form, proforma: Proforma, own_row: str, whose: Record) -> Iterator[Answer]:
    """What a form of somebody else's says; an answer of a provider's own is kept with what was asked."""
    for question, path, field in adopted.said(form.fields, proforma, own_row, whose):
        answer = _answer(path, PLACES[pattern(path)], field)
        yield answer
        beside = adopted.asked_beside(question, path)
        if beside and answer.state is State.SAID:
            yield beside


def strays(form: Form, proforma: Proforma, own_row: str) -> tuple[Remark, ...]:
    """What stands in fields that are none of the form's questions: said beside the answers, and never dropped."""
    if proforma.blank:
        return tuple(
            Remark("text", f"{field.label or field.name}: {shown}{f' ({why})' if why else ''}", field.where)
            for field, why in adopted.strangers(form.fields, proforma)
            if field.kind not in ("button", "signature") and (shown := _shown(field))
        )
    return tuple(
        Remark("text", f"{field.label or field.name}: {shown}", field.where)
        for field, _, place in _matched(form, proforma, own_row)
        if place is None and field.kind not in ("button", "signature") and (shown := _shown(field))
    )


def _matched(form: Form, proforma: Proforma, own_row: str) -> Iterator[tuple[Field, str | None, Place | None]]:
    """Every field with the place that it answers, by its name or its label; None where it answers no question."""
    by_label = dict(_labelled(proforma, own_row))
    older = form.stamp is not None and form.stamp.version < proforma.version
    for field in form.fields:
        path = _place_by_name(field, proforma, older) or _place_by_label(field, by_label)
        yield field, path, place_of(path) if path else None


def _place_by_name(field: Field, proforma: Proforma, older: bool) -> str | None:
    """The place that a field's name is. An older issue of a form may ask what it asks no more (domain.md M8)."""
    row = split(field.name)
    if is_signature(field.name):
        boxes = (box for signer in proforma.signed for box in signature_boxes(signer))
        return field.name if any(box.name == field.name for box in boxes) else None
    place = pattern(field.name)
    asked = place in proforma.places() or (older and place in PLACES)
    if not asked or (row and PLACES[place].keys and row[1] not in PLACES[place].keys):
        return None
    return field.name


def _labelled(proforma: Proforma, own_row: str) -> Iterator[tuple[str, str]]:
    """Every label of the form with the box it stands beside; for a table's column, the place with KEY for the row."""
    for section, question, place in proforma.questions():
        box_name = place.path if section.table else question.ask.replace("[#]", f"[{own_row}]")
        for label in filter(None, (question.label, question.plain, *question.was)):
            yield label.casefold(), box_name
    for signer in proforma.signed:
        for named in {signer, signer.model_copy(update={"called": ""})}:
            for box in signature_boxes(named):
                yield box.label.casefold(), box.name


def _place_by_label(field: Field, by_label: Mapping[str, str]) -> str | None:
    """The place that a field's label names; behind a column's label may stand its row's key (`layout.row_label`)."""
    words = " ".join(field.label.split()).rstrip(":").split()
    path = by_label.get(" ".join(words).casefold())
    if path:
        return path if "[KEY]" not in path else path.replace("[KEY]", f"[{field.row}]") if field.row else None
    for end in range(len(words) - 1, 0, -1):
        path, key = by_label.get(" ".join(words[:end]).casefold(), ""), " ".join(words[end:])
        if "[KEY]" in path and _may_be_key(path, key):
            return path.replace("[KEY]", f"[{key}]")
    return None


def _may_be_key(path: str, key: str) -> bool:
    """Whether words are the key of a row of the table that a column stands in."""
    table, fixed = path.partition("[")[0], PLACES[path].keys
    return key in fixed if fixed else bool(re.fullmatch(rf"new \d+|{TABLES[table].prefix}\d+", key))


def _answer(path: str, place: Place, field: Field) -> Answer:
    words = field.value if isinstance(field.value, (str, bool)) else ", ".join(field.value or ())
    shown = _shown(field)

    def answer(state: State, value: object = None, why: str = "") -> Answer:
        assert value is None or isinstance(value, (str, bool, int))
        return Answer(path, state, value, shown, field.label, why, field.route, field.where)

    if not shown:
        return answer(State.BLANK)
    if "struck out" in field.problems or says_clear(place, shown):
        return answer(State.CLEAR)
    if place.format not in WORDS and shown.casefold().rstrip(".") in {"n/a", "na", "not applicable"}:
        return answer(State.NOT_APPLICABLE)
    if field.problems:
        return answer(State.UNREADABLE, why=f"“{shown}” cannot be read with certainty: {'; '.join(field.problems)}")
    try:
        value = place.parse(words)
        return answer(State.BLANK if value is None else State.SAID, value)
    except ValueError as error:
        return answer(State.UNREADABLE, why=str(error))


def _shown(field: Field) -> str:
    """What stands in a field, as a person reads it; a tick that is not set says nothing."""
    if isinstance(field.value, bool):
        return "Yes" if field.value else ""
    return clean(field.value if isinstance(field.value, str) else ", ".join(field.value or ()))


def says_clear(place: Place, shown: str) -> bool:
    """M4: the word CLEAR or DELETE; in small letters only where it could not be an answer."""
    return (shown if place.kind is Kind.TEXT else shown.upper()) in {"CLEAR", "DELETE"}
