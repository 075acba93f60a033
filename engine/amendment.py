"""The lines of an amendment sheet: what has changed since a version was signed, old and new, and what follows.

Pure: a function of the drift, so that the sheet is a function of the record (law 6). The sheet is the page that people
staple on (domain.md M17): whoever signs it signs the version with these changes in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from engine.drift import Difference, Drift
from engine.places import Record, Value, clean
from engine.plan import may_see, place_of
from engine.signoff import named

HIDDEN = "Something that this form may not show"
LISTED = "Listed only: "


def lines(found: Drift, name: Callable[[str], str], eyes: frozenset[str]) -> Record:
    """The rows of the computed table `amended`: what needs signatures first, then what is only listed.

    What needs signatures has its line even where the form may not show it, so that nobody signs unawares.

    Args:
        name: a place in words.
        eyes: letters of those who may hold the sheet; a place that one of them may not see is not shown (law 8).
    """
    rows: dict[str, Value] = {}
    noted = (difference for difference in found.noted if may_see(difference.place, eyes))
    for number, difference in enumerate((*found.reasons, *noted), 1):
        shown = _shown(difference, name) if may_see(difference.place, eyes) else {"what": HIDDEN, "why": WHY_HIDDEN}
        said = shown | {"who": _who(difference)}
        rows |= {f"amended[{number}].{column}": clean(words) for column, words in said.items() if clean(words)}
    return rows


WHY_HIDDEN = "It is not for everybody who holds this form to see; ask the provider."


def _shown(difference: Difference, name: Callable[[str], str]) -> dict[str, str]:
    place = place_of(difference.place)
    assert place is not None
    because = f"{difference.because[:1].upper()}{difference.because[1:]}"
    return {
        "what": name(difference.place),
        "was": place.show(difference.was) or "(nothing)",
        "now": place.show(difference.now) or "(nothing)",
        "why": f"{because}: {difference.rule}." if difference.rule else f"{LISTED}{difference.because}.",
    }


def _who(difference: Difference) -> str:
    if not difference.who:
        return "Nobody"
    by = f", by {difference.deadline:%d/%m/%Y}" if difference.deadline else ""
    who = named(difference.who)
    return f"{who[:1].upper()}{who[1:]}{by}"


def listed_for(found: Drift, audience: frozenset[str]) -> Drift:
    """The same, without what is only listed and not for all of an audience to see."""
    return replace(found, noted=tuple(d for d in found.noted if may_see(d.place, audience)))


def beyond(found: Drift, eyes: frozenset[str], others: frozenset[str]) -> bool:
    """Whether what needs signatures, as far as some may see it, is more than others may see."""
    return any(may_see(d.place, eyes) and not may_see(d.place, others) for d in found.reasons)


def told(found: Drift, name: Callable[[str], str], eyes: frozenset[str]) -> Iterator[str]:
    """The same in sentences; that something is hidden which needs signatures is one more."""
    for difference in (*found.reasons, *found.noted):
        if may_see(difference.place, eyes):
            said = _shown(difference, name)
            yield f"{said['what']}: “{said['was']}” is now “{said['now']}”. {said['why']}"
    if not all(may_see(reason.place, eyes) for reason in found.reasons):
        yield f"{HIDDEN} has changed. {WHY_HIDDEN}"
