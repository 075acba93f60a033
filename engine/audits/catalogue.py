"""The catalogue of audits: what each asks, where it comes from, why each thing it finds matters, what puts it right.

It is `catalogue.yaml` beside this file, for people who know the work and not the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("catalogue.yaml")


class Entry(BaseModel):
    """Base of everything in the catalogue; a word it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(Entry):
    """One thing that an audit finds.

    Attributes:
        why: why it matters, one plain sentence.
        remedy: what would put it right, one plain sentence.
        staff_only: whether it is kept from learners and employers.
    """

    kind: str
    title: str
    why: str
    remedy: str
    staff_only: bool = False


class Described(Entry):
    """One audit.

    Attributes:
        number: its number in domain.md C5.
        asks: the question that it answers.
        judges: whether it reckons with `figures` alone, or also judges `text`.
        source: where the question comes from.
        ended: whether it looks at plans that have ended, too; the others ask what can still be put right.
    """

    audit: str
    number: int
    title: str
    asks: str
    judges: Literal["figures", "text"]
    source: str
    ended: bool = False
    kinds: tuple[Kind, ...]


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Described]:
    """Every audit by name, in order."""
    from ruamel.yaml import YAML

    found = [Described.model_validate(entry) for entry in YAML(typ="safe").load(FILE.read_text("utf-8"))]
    return {described.audit: described for described in found}


@lru_cache(maxsize=1)
def _kinds() -> Mapping[str, tuple[Described, Kind]]:
    return {kind.kind: (described, kind) for described in catalogue().values() for kind in described.kinds}


def kind_of(kind: str) -> Kind:
    """What the catalogue says of a kind of finding."""
    return _kinds()[kind][1]


def audit_of(kind: str) -> str:
    """The name of the audit that finds a kind."""
    return _kinds()[kind][0].audit
