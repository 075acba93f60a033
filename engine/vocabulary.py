"""The words of a setting laid over its proformas: pupil for learner, education plan for learning plan; two languages.

What a form asks, and of which place, stays as it is; a question is still found by the words that it had before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from engine.edited import read_as
from engine.errors import Mistake
from engine.proforma import Line, Proforma, Question, Section, Signer

FILE = "vocabulary.yaml"
"""Where the sets of words stand, beside the proformas."""


class Vocabulary(Line):
    """The sets of words that a provider may choose from.

    Attributes:
        never: phrases that stay as they are.
        sets: by name, each with what the forms say and what is said instead.
    """

    never: tuple[str, ...] = ()
    sets: Mapping[str, Mapping[str, str]] = {}

    def chosen(self, names: tuple[str, ...]) -> Mapping[str, str]:
        """What is said instead, in the sets of these names; nothing where none of them changes a word.

        Raises:
            Mistake: when there is no such set.
        """
        unknown = [name for name in names if name not in self.sets]
        if unknown:
            raise Mistake(f"There is no set of words “{unknown[0]}”.", f"{FILE} has: {', '.join(self.sets)}.")
        found = {phrase.casefold(): instead for name in names for phrase, instead in self.sets[name].items()}
        return {phrase.casefold(): "" for phrase in self.never} | found if found else {}


def load(folder: Path) -> Vocabulary:
    """Reads the sets of words that stand beside proformas; there may be none.

    Raises:
        Mistake: when the file is not what it should be.
    """
    file = folder / FILE
    return read_as(file, Vocabulary) if file.exists() else Vocabulary()


def worded(proforma: Proforma, instead: Mapping[str, str], language: str = "") -> Proforma:
    """The proforma in other words, and with a second language beside its labels.

    Args:
        instead: phrases in small letters, and what is said for each; "" = it stays.
        language: the second language, as the proformas name it; "" = none.
    """
    say = partial(_said, _pattern(instead), instead) if instead else str
    taken: set[str] = set()
    sections = tuple(_section(section, say, language, taken) for section in proforma.sections)
    return proforma.model_copy(
        update={
            "title": say(proforma.title),
            "purpose": say(proforma.purpose),
            "plain_purpose": say(proforma.plain_purpose),
            "sections": sections,
            "signed": tuple(_signer(signer, say) for signer in proforma.signed),
            "earlier": tuple(worded(earlier, instead, language) for earlier in proforma.earlier),
        }
    )


def _pattern(instead: Mapping[str, str]) -> re.Pattern[str]:
    longest_first = sorted(instead, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def _said(pattern: re.Pattern[str], instead: Mapping[str, str], words: str) -> str:
    def other(found: re.Match[str]) -> str:
        said = instead[found[0].casefold()] or found[0]
        return said[0].upper() + said[1:] if found[0][0].isupper() else said

    return pattern.sub(other, words)


def _section(section: Section, say: Callable[[str], str], language: str, taken: set[str]) -> Section:
    update = {name: say(getattr(section, name)) for name in ("heading", "help", "plain", "plain_help")}
    update["heading"] = _beside(update["heading"], section.other.get(language))
    questions = tuple(_question(question, say, language, taken) for question in section.questions)
    return section.model_copy(update={**update, "questions": questions})


def _question(question: Question, say: Callable[[str], str], language: str, taken: set[str]) -> Question:
    """A question in other words; where these would be another question's, it keeps its own.

    Args:
        taken: the labels of the questions before it; its own are added.
    """
    label = _beside(say(question.label), question.other.get(language))
    plain = say(question.plain)
    if {label.casefold(), plain.casefold()} & taken:
        label, plain = question.label, question.plain
    taken |= {words.casefold() for words in (label, plain) if words}
    now = {label.casefold(), plain.casefold()}
    was = (w for w in (question.label, question.plain, *question.was) if w and w.casefold() not in now)
    return question.model_copy(
        update={
            "label": label,
            "plain": plain,
            "help": say(question.help),
            "plain_help": say(question.plain_help),
            "was": tuple(dict.fromkeys(was)),
        }
    )


def _signer(signer: Signer, say: Callable[[str], str]) -> Signer:
    return signer.model_copy(update={"statement": say(signer.statement), "called": say(signer.role)})


def _beside(words: str, other: str | None) -> str:
    return f"{words} / {other}" if other else words
