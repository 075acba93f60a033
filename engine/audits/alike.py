"""Which texts are nearly the same, among very many: words made comparable, shingles, and a search by rare shingles.

The search is exact prefix filtering: two sets whose Jaccard index is at least t share at least one of their rarest
`(1 - t)` shares of shingles, so only sets that meet in an inverted index over those are compared at all.
"""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

WIDTH = 5
"""How many words a shingle has (domain.md C5-1)."""

ENOUGH = 8
"""After how many near neighbours no more are looked for: they are one cluster by then, whatever else is like it."""

PATIENCE = 24
"""How many candidates, those with the rarest shingles in common first, one text is compared with at the most.

So the search stays within n log n, whatever people copy from the same source."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATES = re.compile(
    rf"(?i:\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[/.]\d{{1,2}}(?:[/.]\d{{2,4}})?\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b(?: \d{{4}})?|\b{_MONTH} \d{{4}}\b)"
)
_DIGIT = re.compile("[0-9]")
_DATE, NAME, _PRONOUN = "\x01", "\x02", "\x03"
_WORDS = re.compile(rf"{NAME}|[^\W_]+(?:['’][^\W_]+)?")
_PRONOUNS = frozenset(
    ["he", "she", "they", "him", "her", "them", "his", "hers", "their", "theirs", "himself", "herself", "themself",
     "themselves", "he's", "she's", "they're"]
)  # fmt: skip


def names_of(said: Iterable[str]) -> frozenset[str]:
    """The words of people's names, to be masked in texts."""
    return frozenset(word for name in said for word in _WORDS.findall(_folded(name)) if len(word) > 1)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def words(text: str, names: frozenset[str], firm: str = "") -> list[str]:
    """A text as comparable words: in small letters, with one mark each for dates, people's names and pronouns.

    Args:
        names: as of `names_of`. `firm`: a firm's name, masked as a whole.
    """
    found: list[str] = []
    text = unicodedata.normalize("NFC", text).replace(firm, f" {NAME} ") if firm else unicodedata.normalize("NFC", text)
    for n, stretch in enumerate(_DATES.split(text) if _DIGIT.search(text) else (text,)):
        if n:
            found.append(_DATE)
        for written in _WORDS.findall(stretch):
            word = written.casefold()
            # Price and Hill are names, price and hill are not.
            named = written != word and (word[:-2] if word.endswith(("'s", "’s")) else word) in names
            if named or word == NAME:
                if not found or found[-1] != NAME:
                    found.append(NAME)
            else:
                found.append(_PRONOUN if word.replace("’", "'") in _PRONOUNS else word)
    return found


class Shingles:
    """Texts into sets of numbers, each a run of `WIDTH` words; the same run has the same number in every text."""

    def __init__(self, width: int = WIDTH) -> None:
        self._numbers: dict[str, int] = {}
        self._width = width

    def of(self, texts: Iterable[Sequence[str]]) -> array[int]:
        """The shingles of several texts, sorted; a text that is shorter than one is one by itself."""
        found: set[int] = set()
        for text in texts:
            numbers = [self._numbers.setdefault(word, len(self._numbers)) for word in text]
            if numbers:
                last = max(1, len(numbers) - self._width + 1)
                found.update(hash(tuple(numbers[n : n + self._width])) for n in range(last))
        return array("q", sorted(found))


def jaccard(one: Iterable[int], other: Iterable[int]) -> float:
    """The share of what both have in all that either has; 0 where neither has anything."""
    first, second = set(one), set(other)
    both = len(first & second)
    either = len(first) + len(second) - both
    return both / either if either else 0.0


def near(sets: Sequence[Sequence[int]], least: float) -> Iterator[tuple[int, int, float]]:
    """Pairs of sets whose Jaccard index is at least `least`, by their positions, with the index.

    A set that has near neighbours is told with some of them, but not every pair of a big cluster is.
    Each set is given sorted; those that are equal to another should be left out by the caller.
    """
    often = Counter(shingle for one in sets for shingle in one)
    order = sorted(range(len(sets)), key=lambda n: len(sets[n]))
    index: dict[int, list[int]] = {}
    for n in order:
        size = len(sets[n])
        if not size:
            continue
        rare = sorted(sets[n], key=often.__getitem__)
        mine = frozenset(sets[n])
        seen: set[int] = set()
        found = 0
        prefix = rare[: size - math.ceil(least * size - 1e-9) + 1]
        for other in _candidates(index, prefix, seen, least * size, sets):
            both = len(mine.intersection(sets[other]))
            share = both / (size + len(sets[other]) - both)
            if share >= least:
                yield n, other, share
                found += 1
                if found >= ENOUGH:
                    break
        for shingle in prefix:
            if often[shingle] > 1:
                index.setdefault(shingle, []).append(n)


def _candidates(
    index: Mapping[int, Sequence[int]], prefix: Iterable[int], seen: set[int], fewest: float,
    sets: Sequence[Sequence[int]],
) -> Iterator[int]:  # fmt: skip
    for shingle in prefix:
        for other in reversed(index.get(shingle, ())):
            if len(sets[other]) < fewest - 1e-9:
                break  # They stand by size, so all that are left are smaller still.
            if other not in seen:
                seen.add(other)
                yield other
                if len(seen) >= PATIENCE:
                    return


class Clusters:
    """Which of some things hang together, as pairs of them are told."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def top(self, one: int) -> int:
        """The thing that stands for the cluster of another."""
        while (above := self._above.get(one, one)) != one:
            self._above[one] = self._above.get(above, above)
            one = above
        return one

    def join(self, one: int, other: int) -> None:
        """Notes that two things hang together."""
        self._above[self.top(one)] = self.top(other)
