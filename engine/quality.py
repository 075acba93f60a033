"""The quality report kept in the outbox, for quality staff: written once a week by the watch, and on demand."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from engine import delivery
from engine.audits import Audited
from engine.premises import Premises, label_of, labels

FOLDER = "quality"
EVERY = dt.timedelta(days=7)
"""How often the report is written by itself."""

_WRITTEN = "quality report"


def report(premises: Premises, found: Audited) -> int:
    """Writes the report's pages and its spreadsheet where they would say something new; tells how many it wrote."""
    from engine.writing import quality
    from engine.writing.workbook import workbook

    name, smallest = premises.settings.provider.name, premises.settings.audit.smallest
    words = labels(premises.proformas)
    called = lru_cache(100_000)(lambda place: label_of(words, place))
    count = sum(
        delivery.put(premises, f"{FOLDER}/{path}", page.encode())
        for path, page in quality.pages(found, name, smallest, called)
    )  # fmt: skip
    count += delivery.put(premises, f"{FOLDER}/{quality.WORKBOOK}", workbook(found, name, smallest, called))
    with premises.ledger.writing():
        premises.ledger.derived.say(_WRITTEN, premises.today.isoformat())
    return count


def is_due(premises: Premises) -> bool:
    """Whether a week has gone by since the report was written; never before there are plans."""
    last = premises.ledger.derived.said(_WRITTEN)
    if last and premises.today - dt.date.fromisoformat(last) < EVERY:
        return False
    return premises.ledger.derived.counts(premises.today)[0] > 0
