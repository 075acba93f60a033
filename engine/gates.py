"""May the funding-body version be issued for signature? The gates G1 to G9 of domain.md C3, and the clocks of G11.

Pure, over values. What the gates ask for by year, and who may waive one, stands in the rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from dateutil.relativedelta import relativedelta

from engine.measurable import MARKS, marks
from engine.models import untouched
from engine.places import Record, Value
from engine.plan import PLACES, TABLES, keys_of, place_of
from engine.rules import Rules

VOICE = ("aspiration.", "goals[", "targets[")
"""The parts of the plan in which the learner speaks."""

CLOSED = frozenset({"Achieved", "Dropped"})
"""The states of a target that nobody works towards any more."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition before a version is issued for signature.

    Attributes:
        why: a sentence that says what is missing; "" when passed.
        waivers: roles that may waive it, by name and with a reason; none = it has to be passed.
        note: what people should know of a gate that is passed: what could not be compared, or who waived it and why.
    """

    gate: str
    passed: bool
    why: str
    waivers: tuple[str, ...] = ()
    note: str = ""

    @property
    def waivable(self) -> bool:
        """Whether anybody may waive it."""
        return bool(self.waivers)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the gates look at.

    Attributes:
        words: places to the words people know them by.
        large: whether what is out for signature is out in large print too; None = nothing is out.
    """

    record: Record
    rules: Rules
    today: dt.date
    words: Mapping[str, str]
    large: bool | None = None


def gates(asked: Asked) -> tuple[Gate, ...]:
    """The gates in their order, waived ones as passed."""
    return tuple(_gate(name, look, asked) for name, look in GATES.items())


def _gate(name: str, look: Callable[[Asked], str], asked: Asked) -> Gate:
    why = look(asked)
    found = Gate(name, not why, why, asked.rules.may_waive(name), "" if why else _note(name, asked))
    waiver = {part: asked.record.get(f"waivers[{name}].{part}") for part in ("by", "reason")}
    if found.passed or not found.waivable or not all(waiver.values()):
        return found
    return replace(found, passed=True, why="", note=f"waived by {waiver['by']}: {waiver['reason']}")


def _note(name: str, asked: Asked) -> str:
    return NOTES[name](asked) if name in NOTES else ""


def unassessed(record: Record, rules: Rules, day: dt.date) -> list[str]:
    """The subjects that the rules want assessed and that have no result on a day, nor were waived with a reason."""
    missing = []
    for subject in rules.assessed:
        row = f"assessments[{subject}]"
        state, held = record.get(f"{row}.state"), record.get(f"{row}.date")
        done = state == "Done" and record.get(f"{row}.level") and held and str(held) <= day.isoformat()
        waived = state == "Waived" and record.get(f"{row}.reason")
        if not done and not waived:
            missing.append(subject)
    return missing


def _unassessed(asked: Asked) -> str:
    """G1: every subject the rules name has a result, or was waived with a reason, on or before the day of issue."""
    missing = unassessed(asked.record, asked.rules, asked.today)
    return f"initial assessment is not complete: {', '.join(missing)}" if missing else ""


def _unsummed(asked: Asked) -> str:
    """G2: the plan says what assessment showed, and what follows from prior learning, if only “None”."""
    return _empty(asked, asked.rules.summary)


def need_is_open(record: Record, key: Value) -> bool:
    """Whether a need is open still: neither met nor declined; so is one of which nobody has said."""
    status = record.get(f"needs[{key}].status")
    return status is None or PLACES["needs[KEY].status"].step(status) == 0


def unmet_needs(record: Record) -> list[str]:
    """The open needs without an action; it stands beside its need, or names it in a row of its own."""
    served = {
        record.get(f"actions[{key}].need") for key in keys_of(record, "actions") if record.get(f"actions[{key}].what")
    }
    bare = [key for key in keys_of(record, "needs") if not record.get(f"needs[{key}].action") and key not in served]
    return [key for key in bare if need_is_open(record, key)]


def _unmet_needs(asked: Asked) -> str:
    """G3: every open need has an action; one that is met or was declined is not open."""
    bare = unmet_needs(asked.record)
    return f"support needs without an action: {', '.join(bare)}" if bare else ""


def _voiceless(asked: Asked) -> str:
    """G4: something in the plan is the learner's own: an aspiration, a goal or a target."""
    own = any((place := place_of(path)) and "L" in place.by and path.startswith(VOICE) for path in asked.record)
    return "" if own else "nothing in the plan is in the learner's own words yet: an aspiration, a goal or a target"


def _unsaid(asked: Asked) -> str:
    """G5: every place that the rules want on the version is filled, and every milestone and aim has its date."""
    wanted = [place for place in asked.rules.must_say(asked.record) if place not in asked.rules.summary]
    undated = [
        f"{TABLES[table].noun} {key}"
        for table, column in (place.split("[KEY].") for place in asked.rules.dated)
        for key in keys_of(asked.record, table)
        if not asked.record.get(f"{table}[{key}].{column}")
    ]
    no_date = f"there is no date for: {', '.join(undated)}" if undated else ""
    return "; ".join(part for part in (_empty(asked, wanted), no_date) if part)


def _empty(asked: Asked, places: Iterable[str]) -> str:
    empty = [asked.words.get(place, place) for place in places if asked.record.get(place) in (None, "")]
    return f"the plan does not say yet: {', '.join(empty)}" if empty else ""


def _unmeasurable(asked: Asked) -> str:
    """G6: anybody could tell that a target is reached (domain.md C5-4); a plan without targets passes."""
    poor = []
    for key in keys_of(asked.record, "targets"):
        row = f"targets[{key}]"
        if not asked.record.get(f"{row}.text") or asked.record.get(f"{row}.status") in CLOSED:
            continue
        has = marks(asked.record, row)
        if len(has) / len(MARKS) < asked.rules.measurable:
            poor.append(f"{key} ({', '.join(why for mark, why in MARKS.items() if mark not in has)})")
    return f"nobody could tell that these targets are reached: {'; '.join(poor)}" if poor else ""


def _untouched(asked: Asked) -> str:
    """G7: something in the plan is its learner's alone, and no target is a model as it stands (domain.md C5-1).

    In a row that came from a template, what only the learner may say is the learner's.
    """
    copied = tuple(path.removesuffix("template") for path in asked.record if path.endswith("].template"))
    said = [path for path in asked.record if path.startswith(VOICE)]
    own = (path for path in said if not path.startswith(copied) or ((p := place_of(path)) and p.by == {"L"}))
    if said and not any(own):
        return "everything in the plan comes from templates: nothing in it is this learner's alone"
    still = [key for key in untouched(asked.record) if asked.record.get(f"targets[{key}].status") not in CLOSED]
    return f"these targets say word for word what their models say: {', '.join(still)}" if still else ""


def hours_known(record: Record, rules: Rules) -> dict[str, Value]:
    """The hours that must be the same wherever they stand, by place, as far as they are known."""
    return {place: hours for place in rules.hours if (hours := record.get(place)) is not None}


def _unequal(asked: Asked) -> str:
    """G8: the hours are the same on plan, agreement and learner record; what is not known is not compared."""
    known = hours_known(asked.record, asked.rules)
    if len(set(known.values())) < 2:
        return ""
    return "the hours differ: " + ", ".join(f"{asked.words.get(p, p)} {hours}" for p, hours in known.items())


def _uncompared(asked: Asked) -> str:
    known = hours_known(asked.record, asked.rules)
    missing = [asked.words.get(place, place) for place in asked.rules.hours if place not in known]
    return f"the hours were not compared with: {', '.join(missing)}" if missing else ""


def _unsuited(asked: Asked) -> str:
    """G9: what is out for signature is out in the size of print that the learner asked for, too."""
    wished = str(asked.record.get("learner.type_size") or "")
    lacking = wished.startswith("Large") and asked.large is False
    return f"the copy for signature is not out in the print that the learner asked for: {wished}" if lacking else ""


GATES: Mapping[str, Callable[[Asked], str]] = {
    "G1": _unassessed, "G2": _unsummed, "G3": _unmet_needs, "G4": _voiceless, "G5": _unsaid, "G6": _unmeasurable,
    "G7": _untouched, "G8": _unequal, "G9": _unsuited,
}  # fmt: skip
"""The gates before issue, each with what looks through it: why it is not passed, or "". G10 and G12 are of signatures
(`engine.signoff`), G11 is of clocks (`overdue`)."""

NOTES: Mapping[str, Callable[[Asked], str]] = {"G8": _uncompared}
"""What is said of a gate that is passed."""


def overdue(record: Record, rules: Rules, today: dt.date, last: dt.date | None) -> tuple[str, ...]:
    """G11: the days that the rules set and that have gone by, each a sentence; a finding, never an obstacle.

    Args:
        last: the last day for signing the first version; None = that is done.
    """
    found = []
    if last and today > last:
        found.append(f"The first version was to be signed by {last:%d/%m/%Y} ({rules.cite(rules.signed_rule)}).")
    for line in rules.named:
        end = record.get(line.of)
        if line.type not in (record.get("programme.type"), "") or not end or record.get(line.place):
            continue
        day = dt.date.fromisoformat(str(end)) - relativedelta(months=line.months_before)
        if today > day:
            found.append(f"{line.what} was to be named by {day:%d/%m/%Y} ({rules.cite(line.rule)}).")
    return tuple(found)
