"""Parts of a zip package, packed so that the bytes are the same whenever and wherever they are written (law 6)."""

from __future__ import annotations

from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file can tell."""


def put(archive: ZipFile, name: str, content: bytes, day: tuple[int, int, int, int, int, int] = _FIRST_DAY) -> None:
    """Puts a part into a package.

    Args:
        day: when the part says that it was made: year, month, day, hour, minute, second.
    """
    entry = ZipInfo(name, day)
    entry.create_system = 0  # Left alone, it tells the operating system that wrote the file.
    entry.compress_type = ZIP_DEFLATED
    archive.writestr(entry, content)
