"""The disk's own manners: writing a file in one step, names that every system takes, files open elsewhere."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path


def write_whole(place: Path, content: bytes) -> None:
    """Writes a file in one step, safely on disk when it returns: a reader sees the old bytes or the new, never a part.

    The bytes are written to a hidden file beside it first, named `.NAME.part`.
    """
    part = place.with_name(f".{place.name[:80]}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def safe_name(words: str) -> str:
    """Words as a file name that every system takes: no reserved characters, no outer dots or blanks, not too long."""
    kept = "".join(c for c in unicodedata.normalize("NFC", words) if unicodedata.category(c)[0] != "C")
    kept = re.sub(r'[<>:"/\\|?*]+', "-", kept).strip(" .")[:100].strip(" .")
    reserved = re.fullmatch(r"(?i)con|prn|aux|nul|com[0-9]|lpt[0-9]", kept)
    return f"_{kept}" if reserved or not kept else kept


def open_elsewhere(file: Path) -> bool:
    """Whether Word or LibreOffice has the file open: they leave an owner file beside it."""
    owners = (f"~${file.name[2:]}", f"~${file.name}", f".~lock.{file.name}#")
    return any((file.parent / name).exists() for name in owners)
