"""Privacy: private words where others can read them, leave to share that has run out, records kept too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from engine.audits.cases import Case, Finding, Found
from engine.plan import PLACES, place_of
from engine.rules import special_words

OUTSIDE = frozenset("EPOF")
"""Those outside the provider who may hold a document."""

OPEN = frozenset(
    path for path, p in PLACES.items()
    if p.audience & OUTSIDE and p.format == "prose" and p.about.sensitivity < 3
)  # fmt: skip
"""The boxes for free words that somebody outside the provider may read."""

SECRET = frozenset(path for path, p in PLACES.items() if p.about.sensitivity == 3 and p.format in ("prose", "text"))
"""The boxes for free words about health, belief and the like."""

_PHRASE = 4
"""From how many words on a phrase that is repeated elsewhere is no accident."""


def privacy(case: Case) -> Found:
    """Audit 16: free words of sensitivity 3 in boxes that people outside may read; grants past their end; retention.

    Source: domain.md C5-16, M22, R16, R17, B4. *Private words*: a word of the special list, or four words in a row that
    stand in a box of sensitivity 3 too, in a box that an employer, parent, partner or the funding body may read, unless
    a person has settled that it belongs there. Limits: it knows words, not what they mean, and one word of the list may
    be harmless where it stands.
    """
    readable = [path for path in case.record if (p := place_of(path)) and p.path in OPEN]
    if not readable and not case.rows("grants") and not case.record.get("closing.day"):
        return "nothing in it is for anybody outside"
    return [*_private(case, readable), *_grants(case), *_kept(case)]


@lru_cache(maxsize=1)
def _special() -> re.Pattern[str]:
    listed = "|".join(re.escape(word) for word in sorted(special_words(), key=len, reverse=True))
    return re.compile(rf"\b(?:{listed})\b")


def _private(case: Case, readable: list[str]) -> Iterator[Finding]:
    secrets = {
        phrase
        for path, value in case.record.items()
        if (p := place_of(path)) and p.path in SECRET
        for phrase in _phrases(str(value))
    }
    found = []
    for path in readable:
        words = str(case.record[path]).casefold()
        told = _special().search(words) or (secrets and not secrets.isdisjoint(_phrases(words)))
        if told and path not in case.origins[path].settled:
            found.append(path)
    if found:
        says = f"{len(found)} boxes that people outside may read hold what looks private."
        yield case.find("private-words", says, found, float(len(found)))


def _phrases(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return (tuple(words[n : n + _PHRASE]) for n in range(len(words) - _PHRASE + 1))


def _grants(case: Case) -> Iterator[Finding]:
    for key, row in case.rows("grants"):
        until = case.day(f"grants[{key}].until")
        if row.get("agreed") is True and until and until < case.today:
            says = f"Leave to share with {key.lower()} ended on {until:%d/%m/%Y}."
            yield case.find("sharing-over", says, [f"grants[{key}].until"], float((case.today - until).days))


def _kept(case: Case) -> Iterator[Finding]:
    closed = case.day("closing.day")
    if closed and closed + relativedelta(years=case.bounds.kept_years) < case.today:
        says = f"It was closed on {closed:%d/%m/%Y}, more than {case.bounds.kept_years} years ago."
        yield case.find("keeping-over", says, ["closing.day"], float((case.today - closed).days))
