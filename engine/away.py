"""When a learner is away: on a break, or for good; and which days do not count. Pure, over a plan's record."""

from __future__ import annotations

import datetime as dt

from engine.places import Record
from engine.plan import PLACES, keys_of


def ended(record: Record) -> bool:
    """Whether nothing more falls due: the programme has ended, or the plan is closed."""
    place, status = PLACES["programme.status"], record.get("programme.status")
    over = status is not None and place.step(status) > place.step("On a break")
    return over or record.get("closing.day") is not None


def on_break(record: Record, today: dt.date, told: dt.date | None = None) -> bool:
    """Whether the learner is on a break today: as the breaks say, or the status alone.

    Args:
        told: the day on which the status was last told; None = not known.
    """
    key = open_break(record)
    began = day_of(record, f"breaks[{key}].began")
    within = any(since <= today < back for since, back in _over(record))
    return within or (began <= today if began else _by_status(record, told))


def _by_status(record: Record, told: dt.date | None) -> bool:
    """Whether the status alone says so: no break is written down, or all were over when it was told.

    A status from before the last return was forgotten there, and is no word of another break.
    """
    last = max((back for _, back in _over(record)), default=None)
    return record.get("programme.status") == "On a break" and (last is None or (told is not None and last < told))


def open_break(record: Record) -> str:
    """The key of the break from which the learner has not returned yet, the last to begin; "" where there is none."""
    days = ((day_of(record, f"breaks[{key}].began"), key) for key in keys_of(record, "breaks"))
    begun = ((began, key) for began, key in days if began and not record.get(f"breaks[{key}].returned"))
    return max(begun, default=(None, ""))[1]


def after_break(record: Record, day: dt.date, told: dt.date | None = None) -> dt.date | None:
    """A day, or where it falls into a break that is not over, the expected return; None where that has no day.

    Args:
        told: the day on which the status was last told; None = not known.
    """
    key = open_break(record)
    if not key:
        return None if _by_status(record, told) else day
    began, back = day_of(record, f"breaks[{key}].began"), day_of(record, f"breaks[{key}].expected_return")
    return back if began and began <= day and (back is None or day < back) else day


def pushed(record: Record, since: dt.date, day: dt.date) -> dt.date:
    """A day that is counted from another one, later by the days of every break between them that is over."""
    for began, back in _over(record):
        if back > since and began <= day:
            day += back - max(began, since)
    return day


def counted(record: Record, since: dt.date, day: dt.date) -> dt.timedelta:
    """The time from one day to another without the breaks between them that are over, as `pushed` counts it."""
    out = (min(back, day) - max(began, since) for began, back in _over(record) if back > since and began < day)
    return sum((-span for span in out), day - since)


def day_of(record: Record, place: str) -> dt.date | None:
    """The day that a place says; None where it says none."""
    value = record.get(place)
    return dt.date.fromisoformat(str(value)) if value else None


def _over(record: Record) -> list[tuple[dt.date, dt.date]]:
    """The breaks that are over: the day each began and the day of the return, in order."""
    days = ((day_of(record, f"breaks[{key}].began"), day_of(record, f"breaks[{key}].returned"))
            for key in keys_of(record, "breaks"))  # fmt: skip
    return sorted((began, back) for began, back in days if began and back)
