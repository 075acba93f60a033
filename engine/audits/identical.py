"""Is each plan its learner's own? Plans that are the same but for names, clones, and plans that are all template."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from engine.audits.alike import Clusters, Shingles, jaccard, names_of, near, words
from engine.audits.cases import Case, Finding
from engine.places import Change, Record
from engine.plan import PLACES, place_of
from engine.settings import Audit

_KEPT = frozenset(path.partition("[")[0].partition(".")[0] for path, p in PLACES.items() if p.about.append)
"""The groups that are written along the way, and are not the plan: they hold contributions that only grow."""

OWN = frozenset(
    path
    for path, place in PLACES.items()
    if place.format == "prose" and place.change is Change.WORKING and "L" in place.by
    and path.partition("[")[0].partition(".")[0] not in _KEPT
)  # fmt: skip
"""The places in which the plan speaks of this learner in sentences, and the learner may speak too."""

NEAR = 0.75
"""From where on the likeness of two plans is reckoned at all; below it, a plan's individuality is above 0.25."""


def cohort_of(record: Record) -> str:
    """Whom a plan is compared with for what everybody has: the same programme, begun in the same term."""
    start = str(record.get("programme.start") or "")
    term = 1 + (start[5:7] >= "04") + (start[5:7] >= "09") if start else 0
    return f"{record.get('programme.reference') or record.get('programme.title') or ''} {start[:4]}/{term}"


def names_in(record: Record) -> frozenset[str]:
    """The words of every person's name that a record holds."""
    return names_of(str(v) for p, v in record.items() if (place := place_of(p)) and place.format == "name")


class Likeness:
    """Audit 1. Jᵢⱼ = |(Aᵢ∩Aⱼ)−T| / |(Aᵢ∪Aⱼ)−T| over five-word shingles; individuality = 1 − the greatest of them.

    Source: domain.md C5-1, R3, R4. Aᵢ are the shingles of the plan's own sentences, with names, pronouns and dates
    masked; T are those that stand in at least `common` of a cohort's plans (same programme, same term), if the cohort
    has `cohort` of them. *Names-only*: the masked text is equal. *Untouched*: Aᵢ−T is empty. *Clone*: in a cluster of
    at least `cluster` plans, each with J ≥ `alike` to another. *Same dates*: the same four dates or more in `cluster`.

    Limits: words, not meaning: a plan in other words with the same content is not found, nor always one whose learner
    has the name of somebody else in the text. Cohorts below `cohort` plans
    have no T, so that in them shared course goals count as a plan's own words. A plan of fewer than `least_words` words
    is not judged.
    """

    def __init__(self, bounds: Audit) -> None:
        self._bounds = bounds
        self._shingles = Shingles()
        self._plans: list[Finding] = []
        self._sets: list[array[int]] = []
        self._texts: list[bytes] = []
        self._cohorts: list[str] = []
        self._dates: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self.figures: dict[str, float] = {}

    def see(self, case: Case) -> str:
        """Takes a plan into the comparison; tells why it could not be, else ""."""
        own = sorted(path for path in case.record if (place := place_of(path)) and place.path in OWN)
        names = names_in(case.record)
        firm = str(case.record.get("employer.name") or "")
        texts = [words(str(case.record[path]), names, firm) for path in own]
        if sum(map(len, texts)) < self._bounds.least_words:
            return "too little is written in the plan to compare it"
        number = len(self._plans)
        self._plans.append(case.find("clone", "", own))
        self._sets.append(self._shingles.of(texts))
        self._texts.append(blake2b("\n".join(" ".join(t) for t in texts).encode(), digest_size=12).digest())
        self._cohorts.append(cohort_of(case.record))
        dates = _dates(case)
        if len(dates) >= 4:
            self._dates[dates].append(number)
        return ""

    def lacking(self) -> str:
        """Why nothing can be said: one plan alone has none to be compared with."""
        return "" if len(self._plans) > 1 else "there is no other plan to compare it with"

    def findings(self) -> Iterator[Finding]:
        """What stands out among the plans taken in."""
        own = self._without_template()
        same = {n: group for n, group in self._same_text().items() if own[n]}
        alone = self._alone(own, same)
        best, clusters = self._near([own[n] for n in alone])
        size = Counter(clusters.top(k) for k in range(len(alone)))
        self.figures = {"plans compared": len(self._plans), "in clusters of clones": 0, "the same but for names": 0}
        for n, group in sorted(same.items()):
            self.figures["the same but for names"] += 1
            others = [m for m in group if m != n]
            says = f"Word for word, but for names and dates, the same as {_count(len(others), 'other plan')}."
            yield self._made("names-only", n, says, 1.0, others)
        for k, n in enumerate(alone):
            if not own[n]:
                says = f"Nothing in it goes beyond what at least {self._bounds.common:.0%} of its cohort have."
                yield self._made("untouched", n, says, 0.0)
            elif size[clusters.top(k)] >= self._bounds.cluster:
                self.figures["in clusters of clones"] += 1
                other, share = best[k]
                yield self._clone(n, alone[other], share)
        for group in self._dates.values():
            if len(group) >= self._bounds.cluster:
                says = f"Every date in it is the same as in {_count(len(group) - 1, 'other plan')}."
                for n in group:
                    yield self._made("same-dates", n, says, float(len(group)), [m for m in group[:6] if m != n])

    def _clone(self, n: int, other: int, share: float) -> Finding:
        whole = jaccard(self._sets[n], self._sets[other])
        says = (
            f"It shares {share:.0%} of its own words with {self._plans[other].plan}, {whole:.0%} with the template's; "
            f"its individuality is {1 - share:.2f}."
        )
        return self._made("clone", n, says, share, [other])

    def _without_template(self) -> list[array[int]]:
        """Each plan's shingles without those of its cohort's template."""
        members: dict[str, list[int]] = defaultdict(list)
        for n, cohort in enumerate(self._cohorts):
            members[cohort].append(n)
        own = list(self._sets)
        for group in members.values():
            if len(group) < self._bounds.cohort:
                continue
            often = Counter(shingle for n in group for shingle in self._sets[n])
            template = {s for s, count in often.items() if count >= self._bounds.common * len(group)}
            for n in group:
                own[n] = array("q", (s for s in self._sets[n] if s not in template))
        return own

    def _same_text(self) -> Mapping[int, list[int]]:
        """The plans whose masked text is that of another one, each with all that have it."""
        groups: dict[bytes, list[int]] = defaultdict(list)
        for n, text in enumerate(self._texts):
            groups[text].append(n)
        return {n: group for group in groups.values() if len(group) > 1 for n in group}

    def _alone(self, own: list[array[int]], same: Mapping[int, list[int]]) -> list[int]:
        return [n for n in range(len(own)) if n not in same]

    def _near(self, sets: list[array[int]]) -> tuple[dict[int, tuple[int, float]], Clusters]:
        best: dict[int, tuple[int, float]] = {}
        clusters = Clusters()
        for one, other, share in near(sets, NEAR):
            for first, second in ((one, other), (other, one)):
                if share > best.get(first, (0, 0.0))[1]:
                    best[first] = (second, share)
            if share >= self._bounds.alike:
                clusters.join(one, other)
        return best, clusters

    def _made(self, kind: str, n: int, says: str, measure: float, others: Sequence[int] = ()) -> Finding:
        beside = tuple(self._plans[m].plan for m in others[:5])
        return replace(self._plans[n], kind=kind, says=says, others=beside, measure=round(measure, 3))


def _dates(case: Case) -> tuple[str, ...]:
    """The dates of milestones and targets, in their order; () where a row has none."""
    wanted = [("milestones", "planned"), ("targets", "due")]
    found = [str(row.get(column) or "") for table, column in wanted for _, row in case.rows(table)]
    return () if "" in found else tuple(found)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
