"""What is wrong with a definition that is well-formed: its places, labels, columns and boxes looked through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.places import Place
from engine.plan import PLACES, TABLES, WHOLES, split
from engine.proforma.form import ROLE_LETTER, Proforma, Question, Section
from engine.settings import SIZES

Where = tuple[str | int, ...]
"""A path into a definition's file, key by key."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something wrong in a definition.

    Attributes:
        where: what it is about.
        says: a sentence without its stop.
        strange, known: the word that there is not, and those that there are.
        first: the other of two questions that are in each other's way.
        advice: what to do.
    """

    where: Where
    says: str
    strange: str = ""
    known: tuple[str, ...] = ()
    first: Where = ()
    advice: str = ""


@dataclass
class _Before:
    """What stands on a form before a question, each with the question: labels, places asked for, boxes of a blank."""

    labels: dict[str, Where] = field(default_factory=dict)
    asked: dict[str, Where] = field(default_factory=dict)
    boxes: dict[str, Where] = field(default_factory=dict)


def mistakes(proforma: Proforma) -> Iterator[Found]:
    """What is wrong with a definition that is well-formed."""
    before = _Before()
    for number, section in enumerate(proforma.sections):
        if section.table and section.table not in TABLES:
            yield _no_table(("sections", number, "table"), section.table)
            continue
        yield from _wrong_with_columns(section, ("sections", number))
        for n, question in enumerate(section.questions):
            yield from _wrong_with(question, section, proforma, ("sections", number, "questions", n), before)
    yield from _mistakes_of_theirs(proforma, before)
    for n, keep in enumerate(proforma.keep):
        shared = proforma.owned and keep.when == "shared"
        if keep.folder not in ("staff", *proforma.audience) and not shared and not proforma.has_part(keep.folder):
            yield Found(("keep", n, "folder"), f"the folder “{keep.folder}” is not for this form's audience")
    if proforma.about and proforma.about not in TABLES:
        yield _no_table(("about",), proforma.about)
    if proforma.earlier:
        yield Found(("earlier",), "an earlier issue is kept in a file of its own, like v1.yaml beside this one")


def _no_table(where: Where, table: str) -> Found:
    return Found(where, f"the plan has no table “{table}”", table, tuple(TABLES))


def _wrong_with_columns(section: Section, where: Where) -> Iterator[Found]:
    beside = [("prompts", prompt.until) for prompt in section.prompts if prompt.until]
    for key, column in (*beside, *(("compare", column) for column in section.compare)):
        if f"{section.table}[KEY].{column}" not in PLACES:
            says = f"the table “{section.table}” has no column “{column}”"
            yield Found((*where, key), says, column, _askable(section.table))


def _askable(table: str) -> tuple[str, ...]:
    """What may be asked for: in a table its columns, else every place, with # for the row of a table."""
    if table:
        return tuple(path.partition("].")[2] for path in PLACES if path.startswith(f"{table}[KEY]."))
    return (*WHOLES, *(path.replace("[KEY]", "[#]") for path in PLACES))


def _wrong_with(
    question: Question, section: Section, proforma: Proforma, where: Where, before: _Before
) -> Iterator[Found]:
    """What is wrong with one question; keeps what it adds to what stands before the next."""
    paths = WHOLES.get(question.ask, (proforma.path(section, question),))
    known = [PLACES[path] for path in paths if path in PLACES]
    if not known:
        says = f"the plan has no place “{question.ask}”"
        yield Found((*where, "ask"), says, question.ask, _askable(section.table))
        return
    yield from _misplaced(question, proforma, known, (*where, "ask"))
    if not question.confirm:
        own = paths if section.table else WHOLES.get(question.ask, (question.ask,))
        first = next((before.asked[path] for path in own if path in before.asked), None)
        if first:
            yield Found((*where, "ask"), f"“{question.ask}” is asked for twice on this form", first=first)
        before.asked.update({path: where for path in own if path not in before.asked})
    named = [("label", question.label), ("plain", question.plain), *(("was", label) for label in question.was)]
    for key, label in named:
        if label.casefold() in before.labels:
            says = f"the label “{label}” stands on this form twice"
            yield Found((*where, key), says, first=before.labels[label.casefold()])
    own_labels = {label.casefold(): where for _, label in named if label}
    before.labels = own_labels | before.labels
    if question.size != SIZES[0] and proforma.signable:
        yield Found((*where, "size"), "a form that is signed for the funding body is always whole")


def _misplaced(question: Question, proforma: Proforma, known: Sequence[Place], where: Where) -> Iterator[Found]:
    """What is wrong with the place that a question asks for."""
    blind = [role for role in proforma.audience if any(ROLE_LETTER[role] not in place.audience for place in known)]
    if blind:
        says = f"{' and '.join(blind)} may not see “{question.ask}”"
        yield Found(where, says, advice="Take them out of `audience:`, or ask for something else.")
    if "[#]" in question.ask and question.ask.partition("[")[0] != proforma.about:
        yield Found(where, "[#] is the row that the form is about; `about:` must name its table")
    row, keys = split(question.ask), known[0].keys
    if row and keys and row[1] not in (*keys, "#"):
        yield Found(where, f"“{row[0]}” has no row “{row[1]}”", row[1], keys)


def _mistakes_of_theirs(proforma: Proforma, before: _Before) -> Iterator[Found]:
    """What is wrong with a definition where somebody else's form is meant, or only seems to be."""
    for number, section in enumerate(proforma.sections):
        if proforma.blank and section.table:
            says = "on somebody else's form each box is a question of its own"
            yield Found(("sections", number, "table"), says)
        for n, question in enumerate(section.questions):
            where = ("sections", number, "questions", n)
            theirs = question.fields or question.choices or question.confirm or question.ask in WHOLES
            if theirs and not proforma.blank:
                says = "only a form of somebody else's, with a `blank:`, has this kind of question"
                yield Found((*where, "ask"), says)
            if proforma.blank and not question.fields:
                yield Found(where, f"“{question.label}” does not say which `fields:` of the blank it is about")
            for box in question.fields:
                if box in before.boxes:
                    says = f"the box “{box}” belongs to two questions"
                    yield Found((*where, "fields"), says, first=before.boxes[box])
                before.boxes.setdefault(box, where)
    if proforma.blank and proforma.keep:
        yield Found(("keep",), "somebody else's form is given out on request, and kept nowhere")
