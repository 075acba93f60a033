"""Boxes in which things are only ever added: whose words stand there, and what becomes of more (M10, M11)."""

from __future__ import annotations

import re

from engine.places import Value


def added(ours: Value, theirs: Value, first: str = "", second: str = "", seen: Value = None) -> Value:
    """What was written, with what somebody else wrote below it; each stands there once.

    Args:
        first, second: who wrote the one and the other, as far as known; then the words of both have a name (M10).
        seen: what stood in the box before its sender, who may have gone on in the same line.
    """
    if theirs in (None, ""):
        return ours
    if stands(ours, theirs) or (seen == ours and _goes_on(str(ours), str(theirs))):
        return theirs
    return ours if stands(theirs, ours) else f"{_by(ours, first)}\n{_by(theirs, second)}"


def _goes_on(before: str, after: str) -> bool:
    """Whether words still stand among more of them, each as it was: “No” does not in “Not yet”."""
    return re.search(rf"(?<!\w){re.escape(before)}(?!\w)", after) is not None


def corrected(ours: Value, own: Value, theirs: Value, who: str = "") -> Value:
    """What was written, with one writer's own words there replaced by other words of theirs, or by nothing."""
    found = stands(own, ours)
    assert found is not None
    before, after = str(ours)[: found.start()], str(ours)[found.end() :]
    new = _by(theirs, who) if theirs and (before or after) else theirs or ""
    return "\n".join(part for part in (before.strip("\n"), str(new), after.strip("\n")) if part)


def stands(words: Value, text: Value) -> re.Match[str] | None:
    """Where words stand in a text as whole lines, with or without the name of who wrote them."""
    return re.search(rf"^{re.escape(str(words))}{_NAMED}?$", str(text), re.MULTILINE)


_NAMED = r"(?: \([^()\n]+, \d\d/\d\d/\d{4}\))"
"""How the name of who wrote something stands after it, with the day."""


def _by(words: Value, who: str) -> str:
    return f"{words} ({who})" if who and not re.search(f"{_NAMED}$", str(words)) else str(words)


def below(printed: Value, words: Value) -> Value:
    """What somebody wrote in a box without the words that were printed in it, which are another's."""
    if printed is None or words is None:
        return words
    return "" if words == printed else str(words).removeprefix(f"{printed}\n")
