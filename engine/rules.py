"""A funding year's rules as values: who signs, what must be assessed and said, what makes a signed version stale.

The rules are data, one YAML file a year in `engine/rules/`; a learner stays under the rules of the start date
(domain.md B1). They are the provider's working copy of the published rules and claim no official validation.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from engine.places import Record

FOLDER = Path(__file__).parent / "rules"


class Rule(BaseModel):
    """Base of everything in a rules file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Signers(Rule):
    """Who signs for one kind of programme; type "" = any other."""

    type: str
    who: tuple[str, ...]
    rule: str


class Required(Rule):
    """Places that the funding-body version of one kind of programme must fill; type "" = all kinds."""

    type: str
    places: tuple[str, ...]


class Stale(Rule):
    """Why a change of places that begin so makes a signed version stale."""

    begins: str
    because: str
    rule: str


class Rules(Rule):
    """One year's rules.

    Attributes:
        rules: the year, as `2026-27`.
        since: the first start date they hold for.
        document: the published document they stand in.
        checked: whether somebody has held this file against that document.
        assessed: the subjects that initial assessment must cover.
    """

    rules: str
    since: dt.date = Field(alias="from")
    document: str
    checked: bool
    signers: tuple[Signers, ...]
    assessed: tuple[str, ...]
    assessed_within_days: int
    signed_within_days: int
    review_weeks: int
    required: tuple[Required, ...]
    stale: tuple[Stale, ...]

    def who_signs(self, record: Record) -> Signers:
        """The parties whose signatures make a funding-body version of this record."""
        kind = record.get("programme.type")
        return next(s for s in self.signers if s.type in (kind, ""))

    def must_say(self, record: Record) -> tuple[str, ...]:
        """The places that the funding-body version of this record must fill."""
        kind = record.get("programme.type")
        return tuple(place for line in self.required if line.type in (kind, "") for place in line.places)

    def why_stale(self, place: str) -> Stale:
        """The reason that a change of the place makes the signed version stale."""
        return next(line for line in self.stale if place.startswith(line.begins))

    def cite(self, rule: str) -> str:
        """A rule as it is cited to people: paragraph, document, and whether anybody has checked it."""
        return f"{rule}, {self.document}" + ("" if self.checked else " (not yet checked against the published text)")


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rules, ...]:
    """Every year's rules, the oldest first."""
    from ruamel.yaml import YAML

    loaded = (YAML(typ="safe").load(file.read_text("utf-8")) for file in FOLDER.glob("[0-9]*.yaml"))
    read = (Rules.model_validate(_tuples(tree)) for tree in loaded)
    return tuple(sorted(read, key=lambda r: r.since))


def _tuples(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _tuples(value) for key, value in tree.items()}
    return tuple(_tuples(value) for value in tree) if isinstance(tree, list) else tree


@lru_cache(maxsize=1)
def special_words() -> frozenset[str]:
    """Words that speak of health, belief and the like, in small letters (domain.md M22, special-category)."""
    from ruamel.yaml import YAML

    words = YAML(typ="safe").load((FOLDER / "special-words.yaml").read_text("utf-8"))
    return frozenset(str(word).casefold() for word in words["words"])


def rules_for(record: Record, today: dt.date) -> Rules:
    """The rules that a learner is under: those in force on the start date, or today's while there is none."""
    start = record.get("programme.start")
    day = dt.date.fromisoformat(str(start)) if start else today
    in_force = [rules for rules in all_rules() if rules.since <= day]
    return in_force[-1] if in_force else all_rules()[0]
