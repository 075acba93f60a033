"""How large a file may be before it is refused unread."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Unreadable

_ADVICE = (
    "Check that it is the form you meant to send. If it holds pictures or scans, send those separately and send the "
    "form on its own."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on one file; passing one refuses the file and names the limit.

    XML nested deeper than 256 elements is refused too: that limit is libxml2's own.

    Attributes:
        size: of the file, in bytes.
        entries: parts inside a zip container.
        unpacked: of all parts of a container together, in bytes.
        ratio: of a part's size unpacked to its size packed, for parts above one megabyte.
        pages: of a PDF.
        fields: of a form.
        depth: of a PDF's tree of fields.
    """

    size: int = 50_000_000
    entries: int = 5_000
    unpacked: int = 200_000_000
    ratio: int = 200
    pages: int = 500
    fields: int = 5_000
    depth: int = 60


def keep_within(what: str, found: int, limit: int, unit: str = "") -> None:
    """Passes when the count is within the limit.

    Raises:
        Unreadable: naming the limit.
    """
    if found > limit:
        raise Unreadable(
            f"This file is over the limit on {what}: {found:,}{unit}, where {limit:,} is allowed.", _ADVICE
        )
