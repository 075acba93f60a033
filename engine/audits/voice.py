"""The learner's voice: silence in reviews, words that are the tutor's, words that are another learner's."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from engine.audits.alike import Shingles, near, words
from engine.audits.cases import Case, Finding, Row
from engine.audits.identical import names_in
from engine.plan import PLACES
from engine.settings import Audit

_BOXES = {path.rpartition(".")[2]: place.by for path, place in PLACES.items()
          if path.startswith("reviews[") and place.format == "prose"}  # fmt: skip
OWN = tuple(column for column, by in _BOXES.items() if by == frozenset("L"))
"""The boxes of a review that only the learner fills."""

STAFF = tuple(column for column, by in _BOXES.items() if "L" not in by)
"""Those that the learner does not fill."""


class Voice:
    """Audit 8. No learner-authored box in the last two reviews; learner text ≈ staff text, or ≈ other learners'.

    Source: domain.md C5-8, R5, R22. Two texts are near when their likeness (insertions and deletions, over masked
    words; rapidfuzz) is at least `alike`; those of other learners are looked for by rare shingles first. A text of
    fewer than `least_words` words is not judged. Reported only: the learner's share of all words in reviews.

    Limits: a scribe's words count as the learner's where the form names the scribe. Short phrases are not judged.
    """

    def __init__(self, bounds: Audit) -> None:
        self._bounds = bounds
        self._shingles = Shingles(3)
        self._texts: list[str] = []
        self._sets: list[array[int]] = []
        self._drafts: list[Finding] = []
        self._found: list[Finding] = []
        self._shares: list[float] = []
        self.figures: dict[str, float] = {}

    def see(self, case: Case) -> str:
        """Takes a plan in; tells why it could not be judged, else ""."""
        held = case.held()
        if not held:
            return "no review was held yet"
        names = names_in(case.record)
        if len(held) >= 2 and not any(row.get(column) for _, _, row in held[-2:] for column in OWN):
            numbers = " and ".join(key for _, key, _ in held[-2:])
            places = [f"reviews[{key}].{column}" for _, key, _ in held[-2:] for column in (*OWN, "held")]
            self._found.append(case.find("silent", f"In reviews {numbers} the learner's own boxes are empty.", places))
        spoken, all_words = 0, 0
        for _, key, row in held:
            mine = [word for column in OWN for word in words(str(row.get(column) or ""), names)]
            theirs = [words(str(row.get(column) or ""), names) for column in STAFF]
            spoken, all_words = spoken + len(mine), all_words + len(mine) + sum(map(len, theirs))
            if len(mine) >= self._bounds.least_words:
                self._judge(case, key, row, " ".join(mine), [" ".join(t) for t in theirs])
        if all_words:
            self._shares.append(spoken / all_words)
        return ""

    def _judge(self, case: Case, key: str, row: Row, mine: str, theirs: list[str]) -> None:
        from rapidfuzz import fuzz

        likest = max((fuzz.ratio(mine, text) / 100 for text in theirs), default=0.0)
        places = [f"reviews[{key}].{column}" for column in (*OWN, *STAFF) if row.get(column)]
        if likest >= self._bounds.alike:
            says = f"In review {key} the learner's words are {likest:.0%} those of another box on the form."
            self._found.append(case.find("echo-of-staff", says, places, likest))
        own = [p for p in places if p.rpartition(".")[2] in OWN]
        self._drafts.append(case.find("echo-of-others", f"In review {key}", own))
        self._texts.append(mine)
        self._sets.append(self._shingles.of([mine.split()]))

    def lacking(self) -> str:
        """Nothing is lacking: silence can be told of one plan alone."""
        return ""

    def findings(self) -> Iterator[Finding]:
        """What stands out among the plans taken in."""
        self.figures = {"learner's share of the words in reviews":
                        round(sum(self._shares) / len(self._shares), 3) if self._shares else 0.0}  # fmt: skip
        yield from self._found
        echoes: dict[int, dict[str, float]] = defaultdict(dict)
        for one, other, likeness in self._alike():
            if self._drafts[one].plan != self._drafts[other].plan:
                echoes[one][self._drafts[other].plan] = likeness
                echoes[other][self._drafts[one].plan] = likeness
        for n, others in sorted(echoes.items()):
            likest = max(others.values())
            says = f"{self._drafts[n].says} the learner's words are {likest:.0%} those of {len(others)} other learners."
            yield replace(self._drafts[n], says=says, others=tuple(sorted(others))[:5], measure=round(likest, 3))

    def _alike(self) -> Iterator[tuple[int, int, float]]:
        """Pairs of texts that are near: equal ones first, then those that share enough rare shingles."""
        from rapidfuzz import fuzz

        groups: dict[str, list[int]] = defaultdict(list)
        for n, text in enumerate(self._texts):
            groups[text].append(n)
        for group in groups.values():
            for n in group[1:]:
                yield group[0], n, 1.0
        alone = [group[0] for group in groups.values()]
        for one, other, _ in near([self._sets[n] for n in alone], self._bounds.alike * 0.7):
            likeness = fuzz.ratio(self._texts[alone[one]], self._texts[alone[other]]) / 100
            if likeness >= self._bounds.alike:
                yield alone[one], alone[other], likeness
