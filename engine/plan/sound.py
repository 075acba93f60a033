"""Which of a record's values cannot stand together: dates out of order, answers that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from engine.places import Record
from engine.plan.record import PLACES, keys_of, place_of


def _order() -> Iterator[tuple[str, str, str]]:
    for path, place in PLACES.items():
        for earlier, why in place.about.after:
            yield path, earlier if "." in earlier else f"{path.rpartition('.')[0]}.{earlier}", why


_ORDER: tuple[tuple[str, str, str], ...] = tuple(_order())
"""A date, one that it may not lie before (KEY = the same row), and the sentence for where it does; as declared."""

_HELD = frozenset({
    "learner.main_difficulty", "lldd[KEY].applies", "learner.date_of_birth", "programme.start",
    *(path for later, earlier, _ in _ORDER for path in (later, earlier)),
})  # fmt: skip

_TABLES = frozenset(path.partition("[")[0] for path in _HELD if "[" in path)

UNTOLD = ("Prefer not to say", "Not provided")
"""Choices by which somebody does not say."""


def held_together(path: str) -> bool:
    """Whether what a place says is held against what others say."""
    place = place_of(path)
    return place is not None and place.path in _HELD


def contradictions(record: Record) -> Mapping[tuple[str, ...], str]:
    """Places whose values cannot stand together, the likelier culprit first, each with the sentence that says why."""
    # A plan has thousands of places in tables that are not looked at here; they are passed over once.
    said = {path: value for path, value in record.items() if "[" not in path or path.partition("[")[0] in _TABLES}
    return dict([*_out_of_order(said), *_ages(said), *_difficulties(said), *_open_breaks(said)])


def _out_of_order(record: Record) -> Iterator[tuple[tuple[str, ...], str]]:
    for later, earlier, why in _ORDER:
        table, row, _ = later.partition("[KEY]")
        for key in keys_of(record, table) if row else ("",):
            after, before = later.replace("KEY", key), earlier.replace("KEY", key)
            if record.get(after) and record.get(before) and str(record[after]) < str(record[before]):
                yield (after, before), why


def _ages(record: Record) -> Iterator[tuple[tuple[str, ...], str]]:
    birth, start = record.get("learner.date_of_birth"), record.get("programme.start")
    if birth and start and int(str(start)[:4]) - int(str(birth)[:4]) < 12:
        yield ("learner.date_of_birth", "programme.start"), "the learner would start before the age of 12"


def _difficulties(record: Record) -> Iterator[tuple[tuple[str, ...], str]]:
    """One main difficulty, among those declared; none beside “Prefer not to say” (domain.md B2, LLDDCat)."""
    declared = keys_of(record, "lldd")
    main = record.get("learner.main_difficulty")
    told = [key for key in declared if key not in UNTOLD]
    if main and declared and main not in declared:
        # Its own tick may be what was taken away.
        places = ("learner.main_difficulty", *(f"lldd[{key}].applies" for key in (main, *declared)))
        yield places, f"“{main}” is given as the main difficulty and is not among those ticked"
    for key in declared:
        if key in UNTOLD and told:
            places = (f"lldd[{key}].applies", *(f"lldd[{other}].applies" for other in told))
            yield places, f"“{key}” is ticked together with “{told[0]}”"


def _open_breaks(record: Record) -> Iterator[tuple[tuple[str, ...], str]]:
    """A learner is on one break at a time."""
    spans = sorted(
        (str(record[f"breaks[{key}].began"]), str(record.get(f"breaks[{key}].returned") or "9"), key)
        for key in keys_of(record, "breaks")
        if record.get(f"breaks[{key}].began")
    )
    for (_, until, first), (since, _, second) in combinations(spans, 2):
        if since < until:
            # Whichever of the two is told of last, one of these it says.
            places = (f"breaks[{second}].began", f"breaks[{first}].returned", f"breaks[{first}].began")
            yield places, "it would begin while the learner is still on another break"
