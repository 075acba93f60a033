"""Folders of a workspace that stand open to more people than they are for, as far as the file system shows it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engine.documents import BLANKS

_FOR_EVERYBODY = frozenset({BLANKS})


def wide_open(root: Path) -> list[str]:
    """The folders of inbox and outbox that anybody on the machine may open, though each is for some people alone.

    What Windows and access lists say is not seen here; the README says how to set them.
    """
    if os.name == "nt":
        return []
    folders = [root / ".counterpart", root / "inbox"]
    outbox = root / "outbox"
    folders += sorted(f for f in outbox.iterdir() if f.name not in _FOR_EVERYBODY) if outbox.is_dir() else []
    return [f.relative_to(root).as_posix() for f in folders if f.is_dir() and _open_to_all(f) and _reached(f.parent)]


def _open_to_all(folder: Path) -> bool:
    wanted = stat.S_IROTH | stat.S_IXOTH
    return folder.stat().st_mode & wanted == wanted


def _reached(folder: Path) -> bool:
    """Whether anybody may come as far as a folder."""
    return all(f.stat().st_mode & stat.S_IXOTH for f in (folder, *folder.resolve().parents))
