"""Somebody else's blank form into a proforma: its boxes listed, a place in the plan proposed for each, written as YAML.

What is sure is ready for use. What a person must confirm carries `confirm:` and is merged from only when that is taken
out; what the plan has no place for is kept as an answer of the provider's own.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine import theirs
from engine.clues import Blank
from engine.errors import Declined, Unreadable, WrongUse
from engine.plan import PLACES, WHOLES, pattern
from engine.proforma import ROLE_LETTER, load
from engine.proposing import Proposal, propose
from engine.reading import read
from engine.reading.limits import Limits
from engine.reading.sniff import ENDINGS
from engine.wording import known

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ROLES = ("learner", "tutor", "provider")
_TITLE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Adopted:
    """A form that was adopted.

    Attributes:
        folder: where its `proforma.yaml` and its blank are.
        blank: the file's name there.
        about, until: the table of which the form is about one row, and the column that ends that row's turn; "" = none.
        notes: what a person should know besides, each a sentence.
    """

    proforma: str
    title: str
    folder: Path
    blank: str
    audience: tuple[str, ...]
    questions: tuple[Proposal, ...]
    about: str
    until: str
    notes: tuple[str, ...]

    @property
    def sure(self) -> tuple[Proposal, ...]:
        """The questions whose place is certain."""
        return tuple(q for q in self.questions if q.sure and not q.local)

    @property
    def doubtful(self) -> tuple[Proposal, ...]:
        """The questions that a person must look at."""
        return tuple(q for q in self.questions if not q.sure)

    @property
    def local(self) -> tuple[Proposal, ...]:
        """The questions that the plan has no place for."""
        return tuple(q for q in self.questions if q.sure and q.local)


def adopt(content: bytes, file_name: str, name: str, proformas: Path, limits: Limits) -> Adopted:
    """Makes a proforma of a form.

    Args:
        file_name: what the form's file is called; its title is made of that.
        name: what the proforma is to be called, small letters, digits and hyphens.
        proformas: the workspace's folder of proformas.
        limits: on the form's file.

    Raises:
        WrongUse: when the name cannot be, or is taken.
        Declined: when the file is no form, or one of ours.
    """
    if not NAME.fullmatch(name):
        raise WrongUse(
            f"“{name}” cannot be the name of a proforma.", "Use small letters, digits and hyphens: my-review."
        )
    home = proformas / name
    if home.exists():
        raise WrongUse(f"There is a proforma “{name}” already, in {home}.", "Choose another name, or take that away.")
    content, ending = _as_it_is_kept(content, limits)
    boxes = theirs.boxes(content, limits)
    if not boxes:
        raise Declined(f"“{file_name}” has no boxes that could be filled in.", "Send the blank form itself.")
    wording = known(proformas.parent)
    questions = propose(boxes, name, wording)
    about = next((question.ask.partition("[")[0] for question in questions if "[#]" in question.ask), "")
    audience = _audience(questions)
    title = " ".join(_TITLE.sub(" ", Path(file_name).stem).split())[:80] or name
    notes = (*_not_for(questions, audience), *_filled(boxes))
    made = Adopted(name, title, home, f"blank{ending}", audience, questions, about, wording.until.get(about, ""), notes)
    _write(made, content)
    return made


def _as_it_is_kept(content: bytes, limits: Limits) -> tuple[bytes, str]:
    """The form as its blank is kept, and its ending; what another word processor made becomes a Word file.

    Raises:
        Declined: when the file cannot be read as a form, or carries a form number of ours.
    """
    form = read(content, limits)
    if form.refused:
        raise Declined(form.refused.reason, form.refused.advice)
    if form.stamps:
        raise Declined(f"This is a form of ours: {form.stamps[0].line()}.", "It needs no adopting.")
    if form.media_type in ENDINGS:
        from engine.reading.convert import as_word

        try:
            return as_word(content, ENDINGS[form.media_type]), ".docx"
        except Unreadable as error:
            raise Declined(error.what, error.advice) from error
    return content, ".pdf" if theirs.is_pdf(content) else ".docx"


def _audience(questions: Sequence[Proposal]) -> tuple[str, ...]:
    """Those of learner, tutor and provider who may see all that the form asks (law 8)."""
    places = [PLACES[pattern(path)] for q in questions for path in WHOLES.get(q.ask, (q.ask,))]
    return tuple(role for role in _ROLES if all(ROLE_LETTER[role] in place.audience for place in places)) or (
        "learner",
    )


def _filled(boxes: Sequence[Blank]) -> Iterator[str]:
    """That the file is not blank, where it is not."""
    full = [f"“{box.label or box.name}” holds “{box.holds[:40]}”" for box in boxes if box.holds and not box.typed]
    if full:
        yield f"The file is not blank: {'; '.join(full[:5])}{' …' if len(full) > 5 else ''}."


def _not_for(questions: Sequence[Proposal], audience: Sequence[str]) -> Iterator[str]:
    """For each of those who usually hold such a form and may not hold this one, what on it they may not see."""
    for role in _ROLES:
        hidden = [
            question.label
            for question in questions
            for path in WHOLES.get(question.ask, (question.ask,))
            if ROLE_LETTER[role] not in PLACES[pattern(path)].audience
        ]
        if role not in audience and hidden:
            named = ", ".join(f"“{label}”" for label in dict.fromkeys(hidden))
            yield f"It is not for the {role}, who may not see {named}."


def _write(made: Adopted, content: bytes) -> None:
    """Writes the folder whole, or not at all.

    Raises:
        Mistake: when what was written is no sound proforma: a mistake in the program.
    """
    part = made.folder.with_name(f".{made.proforma}.part") / made.proforma
    shutil.rmtree(part.parent, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        (part / made.blank).write_bytes(content)
        (part / "proforma.yaml").write_text("".join(_yaml(made)), "utf-8")
        load(part)
        part.rename(made.folder)
    finally:
        shutil.rmtree(part.parent, ignore_errors=True)


def _yaml(made: Adopted) -> Iterator[str]:
    yield "# Made by `counterpart adopt` of somebody else's form. The blank beside this file is given out as it is,\n"
    yield "# with the plan's answers in its own boxes (`fields:`).\n"
    yield "#   ask      the place in the plan; `counterpart check` names the nearest one where there is no such place\n"
    yield "#   confirm  why a person must look first. Where the place is right, take `confirm:` out; where it is not,\n"
    yield "#            change `ask:` too. Until then nothing is merged from the box, and nothing is written in it.\n"
    yield "#   printed  what the blank has in the box already; it is nobody's answer\n"
    yield "#   local[…] an answer that the plan has no place for: it is kept, with what was asked\n"
    yield f"proforma: {made.proforma}\ntitle: {_quoted(made.title)}\nversion: 1\n"
    yield f"audience: [{', '.join(made.audience)}]\nblank: {_quoted(made.blank)}\n"
    if made.about:
        yield f"about: {made.about}\n"
        yield f"until: {made.until}\n" if made.until else ""
    yield "sections:\n"
    for heading, questions in (
        ("Recognised", made.sure), ("To be confirmed", made.doubtful), ("Answers of our own", made.local),
    ):  # fmt: skip
        if questions:
            yield f"  - heading: {heading}\n    questions:\n"
        for question in questions:
            yield from _question(question)


def _question(question: Proposal) -> Iterator[str]:
    if not question.sure:
        yield "      # To be confirmed:\n"
    yield f"      - ask: {_quoted(question.ask)}\n        label: {_quoted(question.label)}\n"
    yield f"        fields: [{', '.join(map(_quoted, question.fields))}]\n"
    if question.choices:
        pairs = (f"{_quoted(theirs_)}: {_quoted(ours)}" for theirs_, ours in question.choices.items())
        yield f"        choices: {{{', '.join(pairs)}}}\n"
    if question.printed:
        yield f"        printed: {_quoted(question.printed)}\n"
    if not question.sure:
        yield f"        confirm: {_quoted(question.why)}\n"


def _quoted(words: str) -> str:
    """A text as YAML, plain where that is safe."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*", words) and words.casefold() not in _TAKEN:
        return words
    return json.dumps(words, ensure_ascii=not words.isprintable())


_TAKEN = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})
