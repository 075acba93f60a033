"""Whose detail each box of somebody else's form asks for, and so which place in the plan it claims.

Few labels say whose address they want. A box may say so itself, or its name may go with the names of other boxes that
do; an address goes on from line to line, and a telephone number belongs to whom the box before it named. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from engine.clues import LEARNER, NOBODY_OF_OURS, Clue, fits, kept, one_of
from engine.plan import PLACES, WHOLES, is_signature
from engine.wording import Near, Wording, best_first, gist, near, words


def claimed(clues: Sequence[Clue], wording: Wording) -> list[str]:
    """The place that each box claims, KEY for the row of a table; "" where the plan has none."""
    whose = _people_by_affix(clues)
    claims = _continued(clues, list(_claims(clues, whose, wording)))
    return _signed_days(clues, claims, wording)


def _people_by_affix(clues: Sequence[Clue]) -> Mapping[tuple[str, str], str]:
    """For the boxes whose names go together, whom the labels of some of them name."""
    found: dict[tuple[str, str], str] = {}
    numbered = _several(clues)
    for clue in clues:
        who = one_of(clue.people)
        for key in ((clue.affix, clue.number), (clue.affix, "")) if clue.affix else ((clue.affix, clue.number),):
            if who and (key[0] or key[1]) and clue.found:
                found.setdefault(key, who)
        if re.sub(r"\b\d+\b", "#", clue.affix) in numbered:
            found[clue.affix, clue.number] = found[clue.affix, ""] = NOBODY_OF_OURS
    return found


def _several(clues: Sequence[Clue]) -> frozenset[str]:
    """The beginnings of names that several people share, told apart by a figure: `attorney 0`, `attorney 1`."""
    seen: dict[str, set[str]] = defaultdict(set)
    for clue in clues:
        if clue.found and clue.found.said.of == LEARNER and re.search(r"\b\d+\b", clue.affix):
            seen[re.sub(r"\b\d+\b", "#", clue.affix)].add(clue.affix)
    return frozenset(shape for shape, affixes in seen.items() if len(affixes) > 1)


def _claims(clues: Sequence[Clue], whose: Mapping[tuple[str, str], str], wording: Wording) -> Iterator[str]:
    """The place that each box claims; "" where the plan has none.

    A telephone number or an e-mail address that does not say whose it is belongs to whom the box before it named.
    """
    named = ""
    for clue in clues:
        who = _who(clue, whose)
        if named and not who and clue.found and _may_be_anybodys(clue.found):
            who = named
        else:
            named = who if clue.found and who != LEARNER and _is_name(clue.found) else ""
        yield _claim(clue, who, wording)


def _who(clue: Clue, whose: Mapping[tuple[str, str], str]) -> str:
    """Whom a box says that it is about, itself or by the boxes whose names go with its own."""
    shared = whose.get((clue.affix, clue.number)) or (whose.get((clue.affix, "")) if clue.affix else "") or ""
    who = one_of(clue.people) or shared
    return shared if shared == NOBODY_OF_OURS and who in ("", LEARNER) else who


def _may_be_anybodys(found: Near) -> bool:
    return found.said.of == LEARNER and not found.said.alone and not found.said.block and not _is_name(found)


def _is_name(found: Near) -> bool:
    path = found.said.place
    return path in WHOLES or (bool(path) and PLACES[kept(path)].format == "name")


def _claim(clue: Clue, who: str, wording: Wording) -> str:
    """The place that a box claims, about a person; "" where the plan has none."""
    if clue.found is None:
        return ""
    said = clue.found.said
    if who == NOBODY_OF_OURS:
        return ""
    if "[ROLE]" in said.place:
        role = wording.roles.get(who or LEARNER, "")
        return said.place.replace("ROLE", role) if role else ""
    if said.of and said.of != who and not (said.of == LEARNER and not who):
        return _of(who, clue, wording)
    return said.place


def _continued(clues: Sequence[Clue], claims: list[str]) -> list[str]:
    """What goes on from somebody else's, as the lines of an address and its postcode do, is somebody else's, too."""
    after = list(claims)
    for n in range(1, len(claims)):
        before, own = clues[n - 1].found, clues[n].found
        goes_on = (
            before is not None and own is not None and bool(own.said.block) and own.said.block == before.said.block
        )
        if goes_on and not after[n - 1] and not clues[n].people:
            after[n] = ""
    return after


def _of(who: str, clue: Clue, wording: Wording) -> str:
    """The place that the same words mean of another person: the address of an employer."""
    told = words(gist(clue.box.label)) or words(clue.box.name)
    found = [n for n in near(told, wording) if n.said.of == who and fits(clue.box, n.said.place)]
    return min(found, key=best_first).said.place if found else ""


def _signed_days(clues: Sequence[Clue], claims: list[str], wording: Wording) -> list[str]:
    """A bare “Date” behind a signature is the day of it."""
    after = list(claims)
    for n in range(1, len(claims)):
        signs = is_signature(after[n - 1]) and after[n - 1].endswith(".name")
        bare = [w for w in words(clues[n].box.label or clues[n].box.name) if w not in wording.fillers]
        if signs and not after[n] and bare[:1] == ["date"] and len(bare) <= 2:
            after[n] = after[n - 1].replace(".name", ".date")
    return after
