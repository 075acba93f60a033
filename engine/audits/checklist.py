"""The health check and the checklist: each line answered from the records where they can answer it, with evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.audits.catalogue import audit_of, catalogue, kind_of
from engine.places import Record
from engine.plan import PLACES, place_of

FILE = Path(__file__).with_name("checklist.yaml")

MOST = 0.95
"""From which share of plans on the records answer yes for the provider; below 1 − this share, no; between, partly."""


class Line(BaseModel):
    """One line.

    Attributes:
        without: kinds of finding that must be absent.
        holds: places that must say something; `a|b` = one of them.
        of: whether each plan answers it, or only all of them together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: str
    text: str
    group: str = ""
    of: Literal["plan", "provider"] = "plan"
    without: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()

    @property
    def for_people(self) -> bool:
        """Whether the records can never answer it."""
        return not self.without and not self.holds


@dataclass(frozen=True, slots=True)
class Answered:
    """A line with its answer: `Yes`, `Partly`, `No`; "" = it is left to people. `evidence` says what it rests on."""

    line: Line
    answer: str
    evidence: str


@lru_cache(maxsize=1)
def lines() -> tuple[Line, ...]:
    """The nine questions and the 39 lines, in order.

    Raises:
        ValueError: when a line names a kind of finding, or a place, that there is not.
    """
    from ruamel.yaml import YAML

    groups = YAML(typ="safe").load(FILE.read_text("utf-8"))
    found = tuple(Line.model_validate({**line, "group": group["group"]}) for group in groups for line in group["lines"])
    kinds = {kind.kind for described in catalogue().values() for kind in described.kinds}
    for line in found:
        unknown = [kind for kind in line.without if kind not in kinds]
        unknown += [place for told in line.holds for place in told.split("|") if place not in PLACES]
        if unknown:
            raise ValueError(f"line {line.line} names {unknown[0]}, which is neither a place nor a kind of finding")
    return found


def held_by(record: Record) -> dict[str, int]:
    """How many of the places that each line wants a record holds, by line; lines that want none are left out."""
    there = {place.path for path, value in record.items() if value not in (None, "") and (place := place_of(path))}
    return {
        line.line: sum(any(place in there for place in told.split("|")) for told in line.holds)
        for line in lines()
        if line.holds
    }


def answers(kinds: Collection[str], looked: Collection[str], held: Mapping[str, int]) -> Iterator[Answered]:
    """The lines as one plan's records answer them.

    Args:
        kinds: the kinds of finding about the plan.
        looked: the audits that could be computed for it.
        held: as of `held_by`.
    """
    for line in lines():
        yield _answered(line, kinds, looked, held.get(line.line, 0))


def _answered(line: Line, kinds: Collection[str], looked: Collection[str], held: int) -> Answered:
    if line.for_people or line.of == "provider":
        return Answered(line, "", "")
    seen = [kind for kind in line.without if audit_of(kind) in looked]
    against = [kind for kind in seen if kind in kinds]
    if not line.holds and not seen:
        return Answered(line, "", "")
    told = [kind_of(kind).title for kind in against]
    if line.holds and held < len(line.holds):
        told.append("What it asks for is empty" if not held else "Some of what it asks for is empty")
    if not told:
        checked = ", ".join(dict.fromkeys(catalogue()[audit_of(kind)].title for kind in seen))
        return Answered(line, "Yes", f"Looked at: {checked or 'the plan itself'}.")
    nothing = not held if line.holds else True
    return Answered(line, "No" if nothing or against else "Partly", f"{'; '.join(told)}.")


def over_all(counts: Mapping[str, Counter[str]], kinds: Collection[str], looked: Collection[str]) -> Sequence[Answered]:
    """The lines as all plans together answer them.

    Args:
        counts: by line, how many plans answer `Yes`, `Partly`, `No`, or "".
        kinds, looked: the kinds of finding about the provider, and the audits that could be computed.
    """
    found = []
    for line in lines():
        if line.of == "provider" and line.without:
            found.append(_answered(line.model_copy(update={"of": "plan"}), kinds, looked, 0))
            continue
        count = counts.get(line.line, Counter())
        known = count["Yes"] + count["Partly"] + count["No"]
        if not known:
            found.append(Answered(line, "", ""))
            continue
        share = count["Yes"] / known
        answer = "Yes" if share >= MOST else "No" if share <= 1 - MOST and not count["Partly"] else "Partly"
        said = f"{count['Yes']} of {known} plans answer yes, {count['Partly']} partly, {count['No']} no"
        rest = f"; {count['']} could not be told" if count[""] else ""
        found.append(Answered(line, answer, f"{said}{rest}."))
    return found
