"""What somebody outside may have of a plan: sections that the learner grants, and copies of forms they take part in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from engine.places import ROLES, Record, Value
from engine.plan import GRANTED_TO, may_see, split
from engine.proforma import ROLE_LETTER, Proforma, Section, begins
from engine.rules import Rules

ALL = frozenset({"all", "everything", "the whole plan"})
"""Words by which a learner shares every section."""


def granted(record: Record, proforma: Proforma, role: str, today: dt.date) -> tuple[str, ...]:
    """The headings of the sections that the learner shares with a role today (domain.md A1-2, R17).

    A grant names headings, or the words they begin with, with commas or "and" between them; one that names none shares
    nothing.
    """
    named = _named(record, role, today) if proforma.owned else ()
    if ALL.intersection(named):
        return tuple(section.heading for section in proforma.sections)
    found = (section for words in named for section in _sections(proforma, words))
    return tuple(dict.fromkeys(section.heading for section in found))


def _sections(proforma: Proforma, words: str) -> list[Section]:
    """The sections that some words name; where an "and" stands between two names, only when both name one.

    What is called "Health and safety" is asked for first, so that it never shares what is called "Health".
    """
    whole = proforma.section(words)
    named = [whole] if whole else [proforma.section(name) for name in re.split(r"\s+(?:and|&)\s+", words)]
    return [section for section in named if section] if all(named) else []


def visible(record: Record, proforma: Proforma, role: str, today: dt.date) -> tuple[str, ...]:
    """Those of them in which the role may see anything at all."""
    letter = ROLE_LETTER[role]
    seen = {section.heading for section, _, place in proforma.questions() if may_see(place.path, letter)}
    return tuple(heading for heading in granted(record, proforma, role, today) if heading in seen)


def may_have(
    record: Record, proforma: Proforma, owned: Iterable[Proforma], role: str, rules: Rules, today: dt.date
) -> bool:
    """Whether a copy of a form may lie in a role's folder: they take part in it, or the learner grants it.

    A grant of a form names its title, or the part of the plan in which its rows stand ("Reviews so far"), or all.

    Args:
        owned: the forms whose sections the learner shares.
    """
    lines = rules.part_of(role, record, today)
    if lines is None or any(not line.granted and (proforma.signable or not line.signs) for line in lines):
        return True
    if not any(line.granted for line in lines):
        return False
    named = _named(record, role, today)
    shared = ((form, heading) for form in owned for heading in granted(record, form, role, today))
    rows = {section.table for form, heading in shared if (section := form.section(heading))}
    whole = any(words in ALL or begins(proforma.title, words) for words in named)
    return whole or proforma.about in rows - {""}


def absent(
    record: Record, proforma: Proforma, owned: Iterable[Proforma], rules: Rules, today: dt.date
) -> frozenset[str]:
    """The roles that take no part in a form today."""
    forms = tuple(owned)
    return frozenset(role for role in ROLES.values() if not may_have(record, proforma, forms, role, rules, today))


def in_vain(places: Iterable[str], record: Record, proformas: Iterable[Proforma]) -> Iterator[str]:
    """A sentence for each name under which the learner shares something, and which nothing has.

    Args:
        places: what has changed in the record.
    """
    forms = tuple(proformas)
    for place in places:
        row = split(place)
        if row is None or (row[0], row[2]) != ("grants", "what"):
            continue
        for words in _names(record.get(place)):
            known = (_sections(form, words) if form.owned else [] for form in forms)
            if words.casefold() not in ALL and not any(known) and not any(begins(f.title, words) for f in forms):
                yield f"No part of the plan is called “{words}”, so nobody sees anything by that name."


def _named(record: Record, role: str, today: dt.date) -> tuple[str, ...]:
    """The words, in small letters, by which the learner's grant to a role names what is shared; none = no grant."""
    whose = GRANTED_TO.get(ROLE_LETTER.get(role, ""))
    row = f"grants[{whose}]"
    if whose is None or record.get(f"{row}.agreed") is not True:
        return ()
    since, until = (record.get(f"{row}.{part}") for part in ("since", "until"))
    if (since and str(since) > today.isoformat()) or (until and str(until) < today.isoformat()):
        return ()
    return tuple(words.casefold() for words in _names(record.get(f"{row}.what")))


def _names(what: Value) -> list[str]:
    """The names that stand in a grant."""
    return [words for part in re.split(r"[,;\n]", str(what or "")) if (words := part.strip())]
