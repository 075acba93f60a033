"""How large a file may be before it is refused unread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Self

from engine import settings
from engine.errors import Unreadable

MEGABYTE = 1_000_000

_ADVICE = (
    "Check that it is the form you meant to send. If it holds pictures or scans, send those separately and send the "
    "form on its own."
)

_SETTINGS = {
    "size": "size",
    "parts inside it": "entries",
    "unpacked size": "unpacked",
    "packing (a small file that unpacks into a very large one)": "ratio",
    "pages": "pages",
    "fields": "fields",
    "nesting of fields": "depth",
    "files attached": "attachments",
}
"""The setting behind each limit, by the words that a person reads."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on one file; passing one refuses the file and names the limit and its setting.

    XML nested deeper than 256 elements is refused too: that limit is libxml2's own.

    Attributes:
        size: of the file, in bytes.
        entries: parts inside a zip container.
        unpacked: of all parts of a container together, or of one stream of a PDF, in bytes.
        ratio: of a part's size unpacked to its size packed, for parts above one megabyte.
        pages: of a PDF.
        fields: of a form.
        depth: of a PDF's tree of fields.
        attachments: files that came with one e-mail.
        rows: of a spreadsheet that is a list of learners.
    """

    size: int = 50_000_000
    entries: int = 5_000
    unpacked: int = 200_000_000
    ratio: int = 200
    pages: int = 500
    fields: int = 5_000
    depth: int = 60
    attachments: int = 100
    rows: int = 10_000

    @classmethod
    def of(cls, given: settings.Limits) -> Self:
        """The limits that a workspace's settings ask for."""
        return cls(
            size=given.size * MEGABYTE,
            entries=given.entries,
            unpacked=given.unpacked * MEGABYTE,
            ratio=given.ratio,
            pages=given.pages,
            fields=given.fields,
            depth=given.depth,
            attachments=given.attachments,
            rows=given.rows,
        )


def keep_within(what: str, found: int, limit: int, unit: str = "") -> None:
    """Passes when the count is within the limit.

    Raises:
        Unreadable: naming the limit, and the setting that it stands in.
    """
    if found > limit:
        setting = f" (the setting limits.{_SETTINGS[what]})" if what in _SETTINGS else ""
        raise Unreadable(
            f"This file is over the limit on {what}: {found:,}{unit}, where {limit:,} is allowed{setting}.", _ADVICE
        )


@cache
def confine_pdf(unpacked: int) -> None:
    """Makes the PDF library unpack no stream to more than so many bytes, in this whole process from now on."""
    from pikepdf.settings import set_qpdf_limits

    set_qpdf_limits(
        flate_max_memory=unpacked,
        run_length_max_memory=unpacked,
        png_max_memory=unpacked,
        tiff_max_memory=unpacked,
        dct_max_memory=unpacked,
    )


def named(refused: Unreadable, limits: Limits) -> Unreadable:
    """A refusal that names the limit, where it was a limit on unpacking that made a library call the file damaged."""
    cause = str(refused.__cause__).casefold()
    if "memory limit" not in cause and "bad_alloc" not in cause:
        return refused
    return Unreadable(
        f"This file is over the limit on unpacked size: a part of it unpacks to more than {limits.unpacked:,} bytes "
        "(the setting limits.unpacked).",
        _ADVICE,
    )
