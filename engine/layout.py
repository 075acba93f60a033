"""A proforma laid out for one plan: the only place that decides what a document shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.model import Issue, Manner
from engine.places import Kind, Record
from engine.plan import PLACES, TABLES, finished, keys_of, next_key
from engine.proforma import ROLE_LETTER, Proforma, Question, Section, Signer
from engine.road import Road
from engine.sheet import Block, Box, Column, Sheet, SignatureBlock, TableRow, display_name

NEW = "new "
"""How the keys of empty rows begin, that a form has room for."""

_MOST_COLUMNS = 3
"""How many columns of a table there is room for in large print; of a wider one, each row is set out by itself."""


def own_row(proforma: Proforma, record: Record) -> str:
    """The key of the row that the plan's next form of this kind is about; "" if it is about none.

    A review filled in part, by one of those who take part, stays the subject until it is held.
    """
    if not proforma.about:
        return ""
    keys = keys_of(record, proforma.about)
    if keys and proforma.until and not record.get(f"{proforma.about}[{keys[-1]}].{proforma.until}"):
        return keys[-1]
    return next_key(record, proforma.about)


def lay_out(
    proforma: Proforma,
    record: Record,
    issue: Issue,
    provider: str,
    mark: str = "",
    notices: tuple[Block, ...] = (),
    signers: frozenset[str] | None = None,
    road: Road | None = None,
    absent: frozenset[str] = frozenset(),
) -> Sheet:
    """The proforma with the record's values in its boxes, in the manner of the issue. Pure.

    Args:
        record: the plan at the revision the issue names; empty for a blank.
        signers: the roles that have to sign, where fewer than the proforma names; None = all of these.
        absent: the roles that take no part in this form; what is for them alone is left out while it says nothing.
    """
    manner = issue.manner
    sections = [s for s in proforma.sections if manner.section in ("", s.heading)]
    guest = proforma.owned and bool(manner.section) and manner.role not in ("", *proforma.audience)
    # A copy that is out for signature has no room for rows that nobody has agreed to; what is shared is to be read.
    layout = _Layout(proforma, record, manner, issue.row, not (issue.to_sign or guest), absent)
    own = [section for section in sections if layout.asked(section)]
    signatures = tuple(
        SignatureBlock(signer.role, signer.statement, *signature_boxes(signer), signer.called or signer.role)
        for signer in proforma.signed
        if not manner.section and manner.role in ("", signer.role) and (signers is None or signer.role in signers)
    )
    eyes = proforma.eyes | frozenset(ROLE_LETTER.get(manner.role, ""))
    purpose = "" if guest else (manner.plain and proforma.plain_purpose) or proforma.purpose
    return Sheet(
        proforma.title, purpose, provider, display_name(record, eyes), issue.stamp, issue.printed,
        mark, manner.large, notices, road, tuple(b for section in own for b in layout.blocks(section)), signatures,
    )  # fmt: skip


def signature_boxes(signer: Signer) -> tuple[Box, Box]:
    """The boxes for name and date in which a role signs."""
    row, called = f"signatures[{signer.role}]", signer.called or signer.role
    return (
        Box(f"{row}.name", f"Signed by the {called}: name", Kind.TEXT, None, ""),
        Box(f"{row}.date", f"Signed by the {called}: date", Kind.DATE, None, ""),
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the sections of a proforma become blocks.

    Attributes:
        row: key of the row that the form is about.
        spare: whether tables have empty rows to write in.
        absent: the roles that take no part.
    """

    proforma: Proforma
    record: Record
    manner: Manner
    row: str
    spare: bool
    absent: frozenset[str]

    def asked(self, section: Section) -> list[Question]:
        """The questions of a section that are on the form: all of its size, or those of the role whose form it is.

        Whoever signs has the whole of it, to read and to put right.
        """
        told, role = self._told(section), "" if self.proforma.signable else self.manner.role
        own = [q for q in told if q.for_role(role)]
        # Whoever the learner shares one section with has all of it that they may see.
        guest = self.proforma.owned and self.manner.section and role not in self.proforma.audience
        return own or (told if guest else own)

    def _told(self, section: Section) -> list[Question]:
        """The questions of a section that a form of its size has, as far as the role may see them."""
        return [
            q
            for q in section.questions
            if q.in_size(self.manner.size) and self._seen(section, q) and not self._idle(section, q)
        ]

    def _idle(self, section: Section, question: Question) -> bool:
        """Whether a question is for people alone who take no part, and nobody has answered it."""
        if section.table or not question.by or not self.absent.issuperset(question.by):
            return False
        return self.record.get(question.ask.replace("[#]", f"[{self.row}]")) is None

    def blocks(self, section: Section) -> Iterator[Block]:
        """A section as a block; a table of cards, and in large print a wide one, as a block for each of its rows.

        A table that has neither rows nor room for any is left out.
        """
        heading, help_ = self._words(section.heading, section.plain), self._words(section.help, section.plain_help)
        asked, keys = self.asked(section), self._row_keys(section) if section.table else ("",)
        if not section.table:
            beside = self._beside(section, asked, keys)
            yield Block(heading, _joined(help_, *beside), tuple(self._box(section, q) for q in asked))
        elif not keys:
            return
        elif not (section.cards or (self.manner.large and len(asked) > _MOST_COLUMNS)):
            columns = tuple(Column(self._words(q.label, q.plain), q.width) for q in asked)
            rows = tuple(TableRow(key, tuple(self._box(section, q, key) for q in asked)) for key in keys)
            beside = self._beside(section, asked, keys)
            yield Block(heading, _joined(help_, *beside), (), columns, rows, TABLES[section.table].noun)
        else:
            for key in keys:
                boxes = (self._box(section, q, key) for q in asked)
                labelled = tuple(replace(box, label=row_label(box.label, key)) for box in boxes)
                beside = self._beside(section, asked, [key])
                yield Block(f"{heading}: {key}", _joined(help_ if key == keys[0] else "", *beside), labelled)

    def _beside(self, section: Section, asked: Sequence[Question], keys: Sequence[str]) -> Iterator[str]:
        """What the plan says to the other questions of a section, as far as the role may see it, and what that means.

        Behind it stand the section's prompts, of which those for new rows stand once.
        """
        others = [q for q in self._told(section) if q not in asked]
        for key in keys if others else ():
            said = [(self._words(q.label, q.plain), self._box(section, q, key).shown) for q in others]
            words = [f"{label}: {shown}" for label, shown in said if shown]
            if section.table and words:
                yield f"{key}: {'; '.join(words)}"
            elif not section.table:
                yield from words
        for key in keys if section.table else ():
            yield from self._moved(section, key)
            if not key.startswith(NEW) or key == f"{NEW}1":
                yield from self._prompts(section, key, alone=len(keys) == 1)

    def _moved(self, section: Section, key: str) -> Iterator[str]:
        """How far a row has come from then to now; where one of the two is missing, it says so and guesses nothing."""
        if not section.compare or key.startswith(NEW):
            return
        then, now = (self.record.get(f"{section.table}[{key}].{column}") for column in section.compare)
        if isinstance(then, int) and isinstance(now, int):
            steps = abs(now - then)
            way = "as at the start" if not steps else f"{steps} {'step' if steps == 1 else 'steps'}"
            yield f"{key}: from {then} to {now}, {way}{' further' if now > then else ' back' if now < then else ''}."
        else:
            yield f"{key}: {'not asked again yet' if then is not None else 'nothing is known of the start'}."

    def _prompts(self, section: Section, key: str, alone: bool) -> Iterator[str]:
        """What each lens still asks of a row, a line for each.

        Args:
            alone: whether the row is set out by itself, so that its key need not be said.
        """
        row = f"{section.table}[{key}]"
        asked: dict[str, list[str]] = {}
        for prompt in section.prompts:
            if not prompt.until or self.record.get(f"{row}.{prompt.until}") in (None, ""):
                asked.setdefault(prompt.lens, []).append(prompt.say)
        for lens, questions in asked.items():
            yield f"{'' if alone else f'{key}, '}{lens}: {' '.join(questions)}"

    def _seen(self, section: Section, question: Question) -> bool:
        role = self.manner.role
        return not role or ROLE_LETTER[role] in PLACES[self.proforma.path(section, question)].audience

    def _words(self, usual: str, plain: str) -> str:
        return (self.manner.plain and plain) or usual

    def _row_keys(self, section: Section) -> tuple[str, ...]:
        """The keys printed: the fixed ones, or those of the record's rows and then the spare ones."""
        fixed = next(iter(PLACES[f"{section.table}[KEY].{q.ask}"].keys for q in section.questions), ())
        there = keys_of(self.record, section.table)
        if section.open:
            there = tuple(key for key in there if not finished(self.record, section.table, key))
        room = max(section.most - len(there), 0) if section.most else section.spare
        spare = (f"{NEW}{n + 1}" for n in range(min(section.spare, room) * self.spare))
        return fixed or (*there, *spare)

    def _box(self, section: Section, question: Question, key: str = "") -> Box:
        if section.table:
            name = f"{section.table}[{key}].{question.ask}"
        else:
            name = question.ask.replace("[#]", f"[{self.row}]")
        place, value = PLACES[self.proforma.path(section, question)], self.record.get(name)
        return Box(
            name,
            self._words(question.label, question.plain),
            place.kind,
            value,
            place.show(value),
            self._words(question.help, question.plain_help),
            place.choices,
            place.format == "prose",
        )


def row_label(label: str, key: str) -> str:
    """The label of a table's column beside a box that stands by itself, out of its table."""
    return f"{label} {key}"


def _joined(*lines: str) -> str:
    return "\n".join(filter(None, lines))
