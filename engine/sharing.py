"""Which sections of the learner's own plan somebody else may see: those that the learner grants, while that lasts."""

from __future__ import annotations

import datetime as dt
import re

from engine.places import Record
from engine.plan import GRANTED_TO
from engine.proforma import ROLE_LETTER, Proforma

ALL = frozenset({"all", "everything", "the whole plan"})
"""Words by which a learner shares every section."""


def granted(record: Record, proforma: Proforma, role: str, today: dt.date) -> tuple[str, ...]:
    """The headings of the sections that the learner shares with a role today (domain.md A1-2, R17).

    A grant names headings, or how they begin, with commas between them; one that names none shares nothing.
    """
    whose = GRANTED_TO.get(ROLE_LETTER.get(role, ""))
    row = f"grants[{whose}]"
    if not proforma.owned or whose is None or record.get(f"{row}.agreed") is not True:
        return ()
    since, until = (record.get(f"{row}.{part}") for part in ("since", "until"))
    if (since and str(since) > today.isoformat()) or (until and str(until) < today.isoformat()):
        return ()
    named = [words.strip() for words in re.split(r"[,;\n]", str(record.get(f"{row}.what") or ""))]
    if any(words.casefold() in ALL for words in named):
        return tuple(section.heading for section in proforma.sections)
    found = (proforma.section(words) for words in named if words)
    return tuple(dict.fromkeys(section.heading for section in found if section))
