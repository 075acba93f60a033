"""Does what was found about a learner's needs reach the plan: actions, reviews, levels, what came before?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache

from engine.audits.cases import Case, Finding, Found, Row, day, said
from engine.gates import need_is_open, unmet_needs
from engine.places import Value
from engine.plan import PLACES

LEVELS = PLACES["assessments[KEY].level"].choices
"""The levels of assessment, the lowest first."""

_ENGLISH_MATHS = {
    "Reading": re.compile(r"\b(?:read\w*|english|literacy|comprehension)\b", re.IGNORECASE),
    "Writing": re.compile(r"\b(?:writ\w*|english|literacy|spell\w*|grammar|punctuat\w*)\b", re.IGNORECASE),
    "Maths": re.compile(r"\b(?:math\w*|numeracy|number\w*|fractions?|percentages?|decimals?)\b", re.IGNORECASE),
}
"""The words by which a target speaks of English or maths, whatever strand it names."""

_STRAND = PLACES["targets[KEY].strand"].choices[-1]


@lru_cache(maxsize=1024)
def level_of(words: Value) -> int | None:
    """The step that words such as “Level 2” or “2” name, counted from the lowest level; None where they name none."""
    text = str(words or "").casefold()
    exact = next((n for n, level in enumerate(LEVELS) if level.casefold() == text), None)
    if exact is not None:
        return exact
    entry = re.search(r"\bentry (?:level )?([123])\b", text)
    if entry:
        return int(entry[1])
    number = re.search(r"\b([1-7])\b", text)
    return min(3 + int(number[1]), len(LEVELS) - 1) if number else None


def needs(case: Case) -> Found:
    """Audit 7: open needs without an action ÷ needs; support without who and when; support that no review speaks of.

    Source: domain.md C5-7, R2, R8, R9. Also: a subject of initial assessment in English or maths below the programme's
    level, up to level 2, with no target for it; earlier learning with a decision and neither hours, content nor a
    reason. *Apart*: support begun more than `isolated_days` ago, and reviews held since, none of which has anything in
    its support part. Limits: what was never told to us is not seen; whether an action helps is for people to judge.
    """
    if not any(case.rows(table) for table in ("needs", "actions", "assessments", "prior")):
        return "nothing was recorded of needs, assessment or earlier learning"
    return [*_unmet(case), *_promises(case), *_apart(case), *_gaps(case), *_ignored(case)]


def _unmet(case: Case) -> Iterator[Finding]:
    rows = case.tables.get("needs", {})
    bare = [key for key in unmet_needs(case.record) if said(rows[key], "description")]
    if bare:
        says = f"{len(bare)} of {len(rows)} needs have no action: {', '.join(bare)}."
        places = [f"needs[{key}].{c}" for key in bare for c in ("description", "action")]
        yield case.find("need-unmet", says, places, len(bare) / len(rows))


def _promises(case: Case) -> Iterator[Finding]:
    empty = []
    for key, row in case.rows("actions"):
        timed = any(row.get(c) for c in ("when", "start", "frequency"))
        if said(row, "what") and not (row.get("who") and timed) and _still_open(case, row):
            empty.append(key)
    if empty:
        says = f"Support without who or when: {', '.join(empty)}."
        yield case.find("empty-promise", says, [f"actions[{k}].{c}" for k in empty for c in ("who", "when")],
                        float(len(empty)))  # fmt: skip


def _still_open(case: Case, row: Row) -> bool:
    return need_is_open(case.record, row.get("need"))


def _apart(case: Case) -> Iterator[Finding]:
    edge = case.today - dt.timedelta(days=case.bounds.isolated_days)
    running = [
        key for key, row in case.rows("actions")
        if (begun := day(row.get("start"))) and begun <= edge and _still_open(case, row)
    ]  # fmt: skip
    since = [(key, row) for held, key, row in case.held() if held > edge]
    if running and since and not any(row.get("support_check") for _, row in since):
        says = f"{len(since)} reviews in {case.bounds.isolated_days} days, and none speaks of the support given."
        yield case.find("support-apart", says, (*(f"reviews[{k}].support_check" for k, _ in since),
                                                *(f"actions[{k}].start" for k in running)))  # fmt: skip


def _gaps(case: Case) -> Iterator[Finding]:
    wanted = level_of(case.record.get("programme.level"))
    if wanted is None:
        return
    wanted = min(wanted, len(LEVELS) - 2)
    targets = [row for _, row in case.rows("targets") if said(row, "text")]
    below = []
    for subject, about in _ENGLISH_MATHS.items():
        level = level_of(case.record.get(f"assessments[{subject}].level"))
        aimed = any(row.get("strand") == _STRAND or about.search(_words(row)) for row in targets)
        if level is not None and level < wanted and not aimed:
            below.append(subject)
    if below:
        says = f"Assessed below the programme's level in {', '.join(below)}, and no target for it."
        yield case.find("level-gap", says, [f"assessments[{subject}].level" for subject in below], float(len(below)))


def _words(row: Row) -> str:
    return " ".join(str(row.get(column) or "") for column in ("text", "skills", "steps", "area"))


def _ignored(case: Case) -> Iterator[Finding]:
    for key, row in case.rows("prior"):
        effect = any(row.get(column) not in (None, "") for column in ("hours_removed", "content_removed", "reason"))
        if said(row, "item") and said(row, "decision") and not effect:
            says = f"Earlier learning {key} has a decision, and neither hours nor content taken out, nor a reason."
            yield case.find("prior-ignored", says, [f"prior[{key}].decision"])
