"""Dates as people write them, day first, into ISO; nothing is guessed."""

from __future__ import annotations

import datetime as dt
import re

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
            "sep sept september", "oct october", "nov november", "dec december",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T[\d:.]+Z?)?$")
_NUMBERS = re.compile(r"(\d{1,2}) ?[/.\-–] ?(\d{1,2}) ?[/.\-–] ?(\d{4}|\d{2})$")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ \-]?(?:of )?([a-z]{3,9})\.?,?[ \-]?(\d{4}|\d{2})$")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? ")


def iso_date(words: str, month_first: bool = False) -> str | None:
    """The day that the words name, as `2027-01-31`; None when they do not name exactly one day.

    Args:
        month_first: for a box that is set to show dates the American way.
    """
    text = _WEEKDAY.sub("", " ".join(words.casefold().split()))
    if found := _ISO.match(text):
        year, month, day = found[1], int(found[2]), int(found[3])
    elif found := _NUMBERS.match(text):
        year, month, day = found[3], int(found[2]), int(found[1])
        if month_first:
            month, day = day, month
    elif (found := _DAY_MONTH.match(text)) and found[2] in _MONTHS:
        year, month, day = found[3], _MONTHS[found[2]], int(found[1])
    elif (found := _MONTH_DAY.match(text)) and found[1] in _MONTHS:
        year, month, day = found[3], _MONTHS[found[1]], int(found[2])
    else:
        return None
    # Two figures are this century's up to 69, as Word and dateutil of our day take them.
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    try:
        return dt.date(full, month, day).isoformat()
    except ValueError:
        return None
