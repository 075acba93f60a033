"""The road of a plan: its milestones along the time of the programme, and how far along it the learner is. Pure.

Everything that is drawn of it has its words too, for whoever reads instead of looks, and for Word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from engine.places import Record
from engine.plan import keys_of, may_see

SOON = dt.timedelta(days=21)
"""How long before its day a target is told among what is due."""

_OVER = frozenset({"Achieved", "Dropped"})


@dataclass(frozen=True, slots=True)
class Stone:
    """A milestone on the road.

    Attributes:
        at: how far along the road it lies, from 0 at the start to 1 at the end.
        state: `reached`, `ahead`, or `late`: its day has gone by.
    """

    key: str
    what: str
    at: float
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that grows: how much of it is done, of how much, and in words."""

    what: str
    done: int
    of: int
    words: str


@dataclass(frozen=True, slots=True)
class Road:
    """The road as of a day.

    Attributes:
        start, end: of the programme; None where the plan does not say, and then there is no line to draw.
        today: how far along it the day lies, from 0 to 1.
        told: the day, in words.
    """

    start: dt.date | None
    end: dt.date | None
    today: float
    told: str
    stones: tuple[Stone, ...]
    bars: tuple[Bar, ...]

    def words(self) -> tuple[str, ...]:
        """The road in words, each line a sentence or two."""
        return (
            *filter(None, (self.told,)),
            *(f"{bar.what}: {bar.words}." for bar in self.bars),
            *(stone.words for stone in self.stones),
        )


def road(record: Record, today: dt.date, eyes: frozenset[str]) -> Road | None:
    """The road of a plan as an audience may see it; None where the plan has nothing to show of it yet.

    Args:
        eyes: letters of `ROLES`; a place that one of them may not see counts as empty.
    """
    seen = {path: value for path, value in record.items() if may_see(path, eyes)}
    if not may_see("milestones[KEY].reached", eyes):
        # Whoever cannot see that one is reached would be told that it is late.
        seen = {path: value for path, value in seen.items() if not path.startswith("milestones[")}
    start, end = _day(seen, "programme.start"), _day(seen, "programme.expected_end")
    if start is None or end is None or end <= start:
        start = end = None
    stones = tuple(_stones(seen, today, start, end))
    bars = tuple(_bars(seen, today, start, end))
    if not stones and not bars:
        return None
    told = f"From {start:%d/%m/%Y} to {end:%d/%m/%Y}; today is {today:%d/%m/%Y}." if start and end else ""
    return Road(start, end, _share(today, start, end), told, stones, bars)


def targets_due(record: Record, today: dt.date, eyes: frozenset[str]) -> Iterator[str]:
    """The open targets whose day has gone by or is near, each as a line, the soonest first."""
    seen = {path: value for path, value in record.items() if may_see(path, eyes)}
    rows = [(day, key) for key in keys_of(seen, "targets") if (day := _day(seen, f"targets[{key}].due"))]
    for day, key in sorted(rows):
        if seen.get(f"targets[{key}].status") not in _OVER and day - today <= SOON:
            late = " (overdue)" if day < today else ""
            yield f"Target {key}, {_short(seen.get(f'targets[{key}].text'))}: by {day:%d/%m/%Y}{late}."


def _stones(seen: Record, today: dt.date, start: dt.date | None, end: dt.date | None) -> Iterator[Stone]:
    rows = []
    for key in keys_of(seen, "milestones"):
        planned, reached = (_day(seen, f"milestones[{key}].{word}") for word in ("planned", "reached"))
        if day := planned or reached:
            rows.append((day, key, planned, reached))
    for day, key, planned, reached in sorted(rows, key=lambda row: row[:2]):
        state = "reached" if reached else "late" if day < today else "ahead"
        said = [f"planned for {planned:%d/%m/%Y}"] if planned else []
        said += [f"reached on {reached:%d/%m/%Y}"] if reached else ["not reached yet"] if state == "late" else []
        what = _short(seen.get(f"milestones[{key}].what"))
        yield Stone(key, what, _share(day, start, end), state, f"{key}, {what}: {', '.join(said)}.")


def _bars(seen: Record, today: dt.date, start: dt.date | None, end: dt.date | None) -> Iterator[Bar]:
    states = [seen.get(f"targets[{key}].status") for key in keys_of(seen, "targets")]
    alive = [state for state in states if state != "Dropped"]
    if alive:
        done = alive.count("Achieved")
        yield Bar("Targets", done, len(alive), f"{done} of {len(alive)} achieved")
    stones = keys_of(seen, "milestones")
    if stones:
        done = sum(bool(seen.get(f"milestones[{key}].reached")) for key in stones)
        yield Bar("Milestones", done, len(stones), f"{done} of {len(stones)} reached")
    planned = seen.get("programme.planned_hours")
    hours = [int(str(h)) for key in keys_of(seen, "reviews") if (h := seen.get(f"reviews[{key}].hours_actual"))]
    if isinstance(planned, int) and planned and hours:
        yield Bar("Hours of training", max(hours), planned, f"{max(hours)} of {planned} planned")
    if start and end and (stones or alive):
        gone = min(max((today - start).days, 0), (end - start).days)
        weeks = (end - start).days // 7
        yield Bar("Time", gone, (end - start).days, f"{gone // 7} of {weeks} weeks gone")


def _share(day: dt.date, start: dt.date | None, end: dt.date | None) -> float:
    if start is None or end is None:
        return 0.0
    return round(min(max((day - start) / (end - start), 0.0), 1.0), 4)


def _day(seen: Record, path: str) -> dt.date | None:
    value = seen.get(path)
    return dt.date.fromisoformat(str(value)) if value else None


def _short(value: object) -> str:
    """An answer as part of a line: on one line, and not too long."""
    text = " ".join(str(value or "without a name yet").split())
    return text if len(text) <= 70 else f"{text[:69].rstrip()}…"
