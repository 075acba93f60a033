"""The funding rules as values, one year's at a time; a learner stays under those of the start date (domain.md B1).

The rules are data: a YAML file for each year beside this one, over what all years have in common. They are the
provider's working copy of the published rules and claim no official validation: every rule is cited with its paragraph,
its document and version, and whether anybody has checked it.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.places import Record
from engine.rules.lines import Every, Lock, Signers, Stale
from engine.rules.year import Rules
from engine.settings import Policy

__all__ = ["Every", "Lock", "Rules", "Signers", "Stale", "all_rules", "rules_for", "special_words"]

FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rules, ...]:
    """Every year's rules, the oldest first."""
    common = _tree("common.yaml")
    years = (_tree(file.name) for file in FOLDER.glob("20*.yaml"))
    read = (
        Rules.model_validate({**common, **year, "clauses": {**common["clauses"], **year["clauses"]}}) for year in years
    )
    return tuple(sorted(read, key=lambda r: r.since))


@lru_cache(maxsize=1)
def special_words() -> frozenset[str]:
    """Words that speak of health, belief and the like, in small letters (domain.md M22, special-category)."""
    return frozenset(str(word).casefold() for word in _tree("special-words.yaml")["words"])


def _tree(name: str) -> dict[str, Any]:
    """What a rules file says, with tuples for its lists."""
    from ruamel.yaml import YAML

    found: dict[str, Any] = _tuples(YAML(typ="safe").load((FOLDER / name).read_text("utf-8")))
    return found


def _tuples(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _tuples(value) for key, value in tree.items()}
    return tuple(_tuples(value) for value in tree) if isinstance(tree, list) else tree


def rules_for(record: Record, today: dt.date, policy: Policy | None = None) -> Rules:
    """The rules that a learner is under, with what the provider's policy adds to them.

    They are those that the plan names, where it names a year that is known here; else those in force on the start
    date, or today's while there is none.
    """
    pinned = next((rules for rules in all_rules() if rules.rules == record.get("programme.rules")), None)
    start = record.get("programme.start")
    day = dt.date.fromisoformat(str(start)) if start else today
    in_force = [rules for rules in all_rules() if rules.since <= day]
    found = pinned or (in_force[-1] if in_force else all_rules()[0])
    if policy is None:
        return found
    said = {"parents_sign_under": policy.parents_sign_under, "months_count": policy.months_count}
    return found.model_copy(update=said)
