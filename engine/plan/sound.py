"""Which of a record's values cannot stand together: dates out of order, answers that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from engine.places import Record
from engine.plan.record import keys_of

_ORDER: tuple[tuple[str, str, str], ...] = (
    ("programme.planned_end", "programme.start", "the programme would end before it starts"),
    ("programme.expected_end", "programme.start", "the programme would end before it starts"),
    ("programme.practical_end", "programme.practical_start", "the practical period would end before it starts"),
    ("programme.practical_end", "programme.start", "the practical period would end before the programme starts"),
    ("programme.practical_start", "programme.start", "the practical period would begin before the programme starts"),
    ("employer.placement_end", "employer.placement_start", "the placement would end before it starts"),
    ("aims[KEY].planned_end", "aims[KEY].start", "it would be achieved before it is begun"),
    ("aims[KEY].actual_end", "aims[KEY].start", "it would be over before it is begun"),
    ("breaks[KEY].expected_return", "breaks[KEY].began", "the learner would be back before the break began"),
    ("breaks[KEY].returned", "breaks[KEY].began", "the learner would be back before the break began"),
    ("breaks[KEY].began", "programme.start", "the break would begin before the programme"),
    ("grants[KEY].until", "grants[KEY].since", "the leave to share would end before it begins"),
    ("outcomes[KEY].now_date", "outcomes[KEY].baseline_date", "the later answer would be older than the first one"),
    ("actions[KEY].review", "actions[KEY].start", "the support would be reviewed before it starts"),
    ("reviews[KEY].next_due", "reviews[KEY].held", "the next review would be due before this one was held"),
    ("reviews[KEY].held", "learner.date_of_birth", "the review would have been held before the learner was born"),
    ("assessments[KEY].date", "learner.date_of_birth", "the result would be older than the learner"),
    ("prior[KEY].date", "learner.date_of_birth", "it would have been learnt before the learner was born"),
)
"""A date, one that it may not lie before (KEY = the same row), and the sentence for where it does."""

_TABLES = frozenset({"lldd", "breaks", *(later.partition("[")[0] for later, _, _ in _ORDER if "[" in later)})

_UNTOLD = ("Prefer not to say", "Not provided")


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
    told = [key for key in declared if key not in _UNTOLD]
    if main and declared and main not in declared:
        places = ("learner.main_difficulty", *(f"lldd[{key}].applies" for key in declared))
        yield places, f"“{main}” is given as the main difficulty and is not among those ticked"
    for key in declared:
        if key in _UNTOLD and told:
            places = (f"lldd[{key}].applies", *(f"lldd[{other}].applies" for other in told))
            yield places, f"“{key}” is ticked together with “{told[0]}”"


def _open_breaks(record: Record) -> Iterator[tuple[tuple[str, ...], str]]:
    """A learner is on one break at a time."""
    spans = sorted(
        (str(record[f"breaks[{key}].began"]), str(record.get(f"breaks[{key}].returned") or "9"), key)
        for key in keys_of(record, "breaks")
        if record.get(f"breaks[{key}].began")
    )
    for (_, until, first), (since, _, second) in pairwise(spans):
        if since < until:
            places = (f"breaks[{second}].began", f"breaks[{first}].returned")
            yield places, "it would begin while the learner is still on another break"
