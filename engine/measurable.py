"""Could anybody tell that a target is reached? The five marks of a measurable one (domain.md C5-4), by their words."""

from __future__ import annotations

import re

from engine.places import Record

VAGUE = frozenset(
    [
        "appreciate",
        "aim",
        "attempt",
        "aware",
        "be",
        "become",
        "begin",
        "better",
        "consider",
        "continue",
        "cope",
        "develop",
        "enhance",
        "engage",
        "explore",
        "feel",
        "focus",
        "further",
        "gain",
        "get",
        "have",
        "help",
        "hope",
        "improve",
        "increase",
        "know",
        "learn",
        "look",
        "maintain",
        "make",
        "more",
        "progress",
        "raise",
        "realise",
        "reflect",
        "see",
        "strengthen",
        "study",
        "think",
        "try",
        "understand",
        "want",
        "work",
    ]
)
"""Words at the head of a target that name no act which anybody could watch."""

_PRODUCT = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|each|every|all|both|first|second|third|"
    r"daily|weekly|monthly|once|twice|half|a|an)\b",
    re.IGNORECASE,
)

MARKS = {
    "verb": "it begins with no act that could be watched",
    "count": "nothing in it can be counted",
    "due": "it has no date",
    "evidence": "nothing says how we will know",
    "owner": "nobody is named for it",
}
"""The five marks, each with what is said of a target that lacks it."""


def marks(record: Record, row: str) -> frozenset[str]:
    """Which of the five marks a target has.

    Args:
        row: the target's row in the record, as `targets[T1]`.
    """
    text = str(record.get(f"{row}.text") or "")
    found = {
        "verb": _acts(text),
        "count": bool(re.search(r"\d", text) or _PRODUCT.search(text)),
        "due": bool(record.get(f"{row}.due")),
        "evidence": bool(record.get(f"{row}.measure") or record.get(f"{row}.evidence")),
        "owner": bool(record.get(f"{row}.owner")),
    }
    return frozenset(mark for mark, has in found.items() if has)


def _acts(text: str) -> bool:
    """Whether a target begins with an act; “I will” and “to” before it do not count."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    while words and words[0] in {"i", "will", "shall", "to", "can", "am", "able", "we", "learner", "the"}:
        words = words[1:]
    return bool(words) and words[0] not in VAGUE
