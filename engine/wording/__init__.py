"""What other people's forms call the places of the plan: words beside a box, and names that programs give a box.

The words are data (`places.yaml`), and an administrator's own stand in the workspace's `wording.yaml`. `near` says
which places some words may mean, and how nearly; whose details they are, and what of it is sure, is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.edited import read_as
from engine.errors import Mistake
from engine.places import ROLES
from engine.plan import PLACES, WHOLES, pattern

FILE = "wording.yaml"
"""The file in a workspace with an administrator's own words."""

_SHIPPED = Path(__file__).parent / "places.yaml"
_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=\D)(?=\d)|(?<=\d)(?=\D)")
_NUMBERING = re.compile(r"^\W*(?:(?:line|page|question|q|section|part)\W*)?\d+[a-z]?\s*(?:[.):]|\b)\s*", re.IGNORECASE)
_ASIDE = re.compile(r"[(\[]|[.:;?](?:\s|$)|\s[-–—]\s|_Row|\n")
_LIKE = 88.0
"""How alike (of 100) words must be to be taken for others that are misspelt or put a little otherwise."""
_SHORTEST = 5
"""How many letters words must have to be taken for others: short ones are like too many."""


class _Line(BaseModel):
    """Base of everything in a file of words; a key it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Person(_Line):
    who: str
    role: str = ""
    called: tuple[str, ...]


class _Place(_Line):
    place: str
    of: str = ""
    alone: bool = False
    said: tuple[str, ...] = ()
    loosely: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    lines: bool = False
    block: str = ""


class _File(_Line):
    people: tuple[_Person, ...] = ()
    fillers: tuple[str, ...] = ()
    parts: Mapping[Literal["day", "month", "year", "Yes", "No"], tuple[str, ...]] = {}
    until: Mapping[str, str] = {}
    places: tuple[_Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What one place is called.

    Attributes:
        place: its path; KEY stands for a row's key, ROLE for who signs, # for the row that a form is about; "" = the
            plan has no place for it.
        of: whose detail it is, a word of `people`; "" = nobody's in particular.
        alone: whether such words are about a person even where nothing says whose.
        phrases: words beside a box, each as its words.
        loosely: those of them that may mean other things, too.
        names: names that programs give it, in one word.
        lines: whether boxes that follow one another are its lines.
        block: a word for what stands together about one person, as an address and its postcode do.
    """

    place: str
    of: str
    alone: bool
    phrases: tuple[tuple[str, ...], ...]
    loosely: frozenset[tuple[str, ...]]
    names: tuple[str, ...]
    lines: bool = False
    block: str = ""


@dataclass(frozen=True, eq=False)
class Wording:
    """All the words that are known.

    Attributes:
        people: who a box may be about, with the words that tell.
        roles: in which role each of them signs; "" = in none.
        fillers: words that change nothing.
        parts: what the box of a day, a month, a year, of Yes, of No is called.
        until: for a table of which a form may be about one row: the column that, once filled, ends that row's turn.
    """

    people: Mapping[str, tuple[tuple[str, ...], ...]]
    roles: Mapping[str, str]
    fillers: frozenset[str]
    parts: Mapping[str, frozenset[str]]
    until: Mapping[str, str]
    places: tuple[Said, ...]

    @cached_property
    def calls(self) -> Sequence[tuple[str, tuple[str, ...]]]:
        """Every word for a person, the longest first."""
        return sorted(((who, call) for who, all_ in self.people.items() for call in all_), key=lambda c: -len(c[1]))

    @cached_property
    def by_first(self) -> Mapping[str, Sequence[tuple[Said, tuple[str, ...]]]]:
        """What places are called, by the first word."""
        found: dict[str, list[tuple[Said, tuple[str, ...]]]] = {}
        for said in self.places:
            for phrase in said.phrases:
                found.setdefault(phrase[0], []).append((said, phrase))
        return found

    @cached_property
    def whole(self) -> Mapping[str, Sequence[tuple[Said, tuple[str, ...]]]]:
        """What places are called, each as one text."""
        found: dict[str, list[tuple[Said, tuple[str, ...]]]] = {}
        for said in self.places:
            for phrase in said.phrases:
                found.setdefault(" ".join(phrase), []).append((said, phrase))
        return found


@dataclass(frozen=True, slots=True)
class Near:
    """A place that some words may mean.

    Attributes:
        phrase: the words of the place that were met.
        strange: what stands beside them, and is neither a person nor a filler.
        likeness: of 100; 100 = its very words.
    """

    said: Said
    phrase: tuple[str, ...]
    strange: tuple[str, ...]
    likeness: float

    @property
    def exact(self) -> bool:
        """Whether the words are the place's very own and mean nothing else, and no others stand beside them."""
        return self.likeness == 100 and not self.strange and self.phrase not in self.said.loosely


def known(workspace: Path | None = None) -> Wording:
    """The words that ship, with an administrator's own.

    Raises:
        Mistake: when a file is not what it should be, or names a place that the plan does not have.
    """
    own = workspace / FILE if workspace else None
    return _known(own if own and own.exists() else None, own.stat().st_mtime_ns if own and own.exists() else 0)


@lru_cache(maxsize=4)
def _known(own: Path | None, _changed: int) -> Wording:
    people: dict[str, tuple[tuple[str, ...], ...]] = {}
    roles: dict[str, str] = {}
    fillers: set[str] = set()
    parts: dict[str, frozenset[str]] = {}
    until: dict[str, str] = {}
    places: list[Said] = []
    for file in (_SHIPPED, *([own] if own else [])):
        told = read_as(file, _File)
        for line in told.people:
            people[line.who] = (*people.get(line.who, ()), *_phrases(line.called))
            roles.setdefault(line.who, line.role)
        fillers.update(told.fillers)
        for part, called in told.parts.items():
            parts[part] = parts.get(part, frozenset()) | frozenset(called)
        until.update(told.until)
        places += (_said(line) for line in told.places)
        _sound(file, told, people)
    return Wording(people, roles, frozenset(fillers), parts, until, tuple(places))


def _sound(file: Path, told: _File, people: Container[str]) -> None:
    """Passes where every place that a file names is one of the plan's, and every person one who is known."""
    wanted = [*((line.place, line.place.replace("[ROLE]", "[KEY]")) for line in told.places if line.place),
              *((table, f"{table}[KEY].{column}") for table, column in told.until.items())]  # fmt: skip
    for named, place in wanted:
        if place not in WHOLES and pattern(place) not in PLACES:
            raise Mistake(f"{file}: the plan has no place “{named}”.", "Mend that line.")
    for person in told.people:
        if person.role and person.role not in ROLES.values():
            raise Mistake(f"{file}: nobody signs as “{person.role}”.", f"There are: {', '.join(ROLES.values())}.")
    for line in told.places:
        if line.of and line.of not in people:
            raise Mistake(f"{file}: under `people:` there is nobody “{line.of}”.", "Mend that line.")


def _said(line: _Place) -> Said:
    sure, loosely = _phrases(line.said), _phrases(line.loosely)
    return Said(
        line.place, line.of, line.alone, (*sure, *loosely), frozenset(loosely), line.named, line.lines, line.block
    )


def _phrases(said: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Phrases, each as its words; one that has none is left out."""
    return tuple(its_words for phrase in said if (its_words := words(phrase)))


def words(text: str) -> tuple[str, ...]:
    """The words of a label or of a name that a program gave, in small letters; humps and digits part words too."""
    plain = text.replace("’", "'").replace("'s", "").replace("s'", "s")
    return tuple(word.casefold() for word in _WORD.findall(_HUMP.sub(" ", plain)))


def gist(label: str) -> str:
    """What a label asks, without its number and what stands behind in brackets or in a further sentence."""
    text = label
    for _ in range(3):
        text, before = _NUMBERING.sub("", text), text
        if text == before:
            break
    return _ASIDE.split(text, maxsplit=1)[0] or label


@lru_cache(maxsize=16_384)
def people_in(said: tuple[str, ...], wording: Wording) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is named in some words, and the words that name nobody."""
    found: list[str] = []
    left = list(said)
    for who, call in wording.calls:
        at = _at(left, call)
        if at is not None:
            found.append(who)
            left[at : at + len(call)] = []
    return tuple(dict.fromkeys(found)), tuple(left)


def _at(said: Sequence[str], phrase: Sequence[str]) -> int | None:
    """Where a phrase stands in some words, singular or plural."""
    for start in range(len(said) - len(phrase) + 1):
        if _begins(said, start, phrase):
            return start
    return None


def _begins(said: Sequence[str], start: int, phrase: Sequence[str]) -> bool:
    words_there = said[start : start + len(phrase)]
    return len(words_there) == len(phrase) and all(a in (b, f"{b}s") for a, b in zip(words_there, phrase, strict=True))


@lru_cache(maxsize=16_384)
def near(said: tuple[str, ...], wording: Wording) -> tuple[Near, ...]:
    """The places that some words may mean: their very words, alone or among others, or words much like them."""
    _, bare = people_in(said, wording)
    best: dict[int, Near] = {}
    # A person may be part of what a place is called (“learner reference”), or say whose it is.
    for text in dict.fromkeys((said, bare)):
        for found in (*_in_so_many_words(text, wording), *_much_like(text, wording)):
            key = id(found.said)
            best[key] = min((found, best.get(key, found)), key=best_first)
    return tuple(best.values())


def _in_so_many_words(text: tuple[str, ...], wording: Wording) -> Iterator[Near]:
    for start, word in enumerate(text):
        for first in {word, word.removesuffix("s")}:
            for said, phrase in wording.by_first.get(first, ()):
                if _begins(text, start, phrase):
                    rest = (*text[:start], *text[start + len(phrase) :])
                    _, unnamed = people_in(rest, wording)
                    strange = tuple(w for w in unnamed if w not in wording.fillers and not w.isdecimal())
                    yield Near(said, phrase, strange, 100)


def _much_like(text: tuple[str, ...], wording: Wording) -> Iterator[Near]:
    from rapidfuzz import fuzz, process

    told = " ".join(word for word in text if word not in wording.fillers)
    if len(told) < _SHORTEST:
        return
    for phrase, likeness, _ in process.extract(
        told, list(wording.whole), scorer=fuzz.ratio, score_cutoff=_LIKE, limit=None
    ):
        for said, its_words in wording.whole[phrase] if likeness < 100 else ():
            yield Near(said, its_words, (), likeness)


def best_first(found: Near) -> tuple[float, float, int]:
    """The best first: few strange words before many, its very words before words like them, long before short."""
    return (len(found.strange), -found.likeness, -len(found.phrase))
