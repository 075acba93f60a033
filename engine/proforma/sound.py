"""What is wrong with a definition that is well-formed: its places, labels, columns and boxes looked through."""

from __future__ import annotations

from collections.abc import Iterator

from engine.plan import PLACES, TABLES, WHOLES, split
from engine.proforma.form import ROLE_LETTER, Proforma, Question, Section
from engine.settings import SIZES

Found = tuple[tuple[str | int, ...], str]
"""Something wrong in a definition: where in the file, and the sentence."""


def mistakes(proforma: Proforma) -> Iterator[Found]:
    """What is wrong with a definition that is well-formed."""
    labels: set[str] = set()
    asked: set[str] = set()
    for number, section in enumerate(proforma.sections):
        if section.table and section.table not in TABLES:
            yield ("sections", number, "table"), f"the plan has no table “{section.table}”"
            continue
        beside = [("prompts", prompt.until) for prompt in section.prompts if prompt.until]
        for key, column in (*beside, *(("compare", column) for column in section.compare)):
            if f"{section.table}[KEY].{column}" not in PLACES:
                yield ("sections", number, key), f"the table “{section.table}” has no column “{column}”"
        for n, question in enumerate(section.questions):
            yield from _wrong_with(question, section, proforma, ("sections", number, "questions", n), labels, asked)
    yield from _mistakes_of_theirs(proforma)
    for n, keep in enumerate(proforma.keep):
        if keep.folder not in ("staff", *proforma.audience):
            yield ("keep", n, "folder"), f"the folder “{keep.folder}” is not for this form's audience"
    if proforma.about and proforma.about not in TABLES:
        yield ("about",), f"the plan has no table “{proforma.about}”"
    if proforma.earlier:
        yield ("earlier",), "an earlier issue is kept in a file of its own, like v1.yaml beside this one"


def _wrong_with(
    question: Question,
    section: Section,
    proforma: Proforma,
    where: tuple[str | int, ...],
    labels: set[str],
    asked: set[str],
) -> Iterator[Found]:
    """What is wrong with one question.

    Args:
        labels, asked: what stands on the form before it and is asked for there; its own are added.
    """
    wrong = list(_misplaced(proforma, section, question, asked))
    yield from (((*where, "ask"), sentence) for sentence in wrong)
    if any("no place" in sentence for sentence in wrong):
        return
    own = [("label", question.label), ("plain", question.plain), *(("was", label) for label in question.was)]
    for key, label in own:
        if label.casefold() in labels:
            yield (*where, key), f"the label “{label}” stands on this form twice"
    labels |= {label.casefold() for _, label in own if label}
    if question.size != SIZES[0] and proforma.signable:
        yield (*where, "size"), "a form that is signed for the funding body is always whole"


def _misplaced(proforma: Proforma, section: Section, question: Question, asked: set[str]) -> Iterator[str]:
    """What is wrong with the place that a question asks for; keeps what the form has asked for so far."""
    paths = WHOLES.get(question.ask, (proforma.path(section, question),))
    known = [PLACES[path] for path in paths if path in PLACES]
    if not known:
        yield f"the plan has no place “{question.ask}”"
        return
    blind = [role for role in proforma.audience if any(ROLE_LETTER[role] not in p.audience for p in known)]
    if blind:
        yield f"{' and '.join(blind)} may not see “{question.ask}”"
    if "[#]" in question.ask and question.ask.partition("[")[0] != proforma.about:
        yield "[#] is the row that the form is about; `about:` must name its table"
    row = split(question.ask)
    if row and known[0].keys and row[1] not in (*known[0].keys, "#"):
        yield f"“{row[0]}” has no row “{row[1]}”"
    if question.confirm:
        return
    own = set(paths) if section.table else set(WHOLES.get(question.ask, (question.ask,)))
    if own & asked:
        yield f"“{question.ask}” is asked for twice on this form"
    asked |= own


def _mistakes_of_theirs(proforma: Proforma) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a definition where somebody else's form is meant, or only seems to be."""
    boxes: set[str] = set()
    for number, section in enumerate(proforma.sections):
        if proforma.blank and section.table:
            yield ("sections", number, "table"), "on somebody else's form each box is a question of its own"
        for n, question in enumerate(section.questions):
            where = ("sections", number, "questions", n)
            theirs = question.fields or question.choices or question.confirm or question.ask in WHOLES
            if theirs and not proforma.blank:
                yield (*where, "ask"), "only a form of somebody else's, with a `blank:`, has this kind of question"
            if proforma.blank and not question.fields:
                yield where, f"“{question.label}” does not say which `fields:` of the blank it is about"
            for field in question.fields:
                if field in boxes:
                    yield (*where, "fields"), f"the box “{field}” belongs to two questions"
                boxes.add(field)
    if proforma.blank and proforma.keep:
        yield ("keep",), "somebody else's form is given out on request, and kept nowhere"
