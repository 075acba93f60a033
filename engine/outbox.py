"""Documents into files of the outbox: each replaced in one step, never over somebody's work.

The ledger remembers what was written where. A file that no longer holds what was written has been changed by a
person: `changed` finds those, so that they are taken in before they are replaced. A file that is open in another
program is left alone, and the new one put beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from engine.files import open_elsewhere, write_whole
from engine.model import Output, digest


def changed(outbox: Path, outputs: Iterable[Output]) -> Iterator[Output]:
    """The files of ours that a person has changed where they lie and closed again."""
    for ours in outputs:
        file = outbox / ours.path
        if (
            file.is_file()
            and not file.is_symlink()
            and not open_elsewhere(file)
            and digest(file.read_bytes()) != ours.sha256
        ):
            yield ours


def put(outbox: Path, path: str, content: bytes, known: Callable[[str], Output | None]) -> str | None:
    """Writes a document at a path of the outbox; tells the path it was written at, None when it stood there already.

    A file there that is not ours, was changed, or is open in another program is not touched: the new one is put
    beside it, as `NAME (new).pdf`.

    Args:
        known: what we last wrote at a path.
    """
    file, ours = outbox / path, known(path)
    sha256 = digest(content)
    if file.exists():
        there = digest(file.read_bytes())
        if there == sha256:
            return None if ours and ours.sha256 == sha256 else path
        if ours is None or ours.sha256 != there or open_elsewhere(file):
            beside = str(Path(path).with_name(f"{file.stem} (new){file.suffix}"))
            return put(outbox, beside, content, known)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, content)
    return path


def move(old: Path, new: Path) -> bool:
    """Moves everything in a folder to another one; tells whether nothing of it is left behind.

    Nothing is moved while somebody has one of the files open, and nothing is replaced.
    """
    if not old.is_dir():
        return True
    files = sorted(old.iterdir())
    if any(open_elsewhere(file) or (new / file.name).exists() for file in files):
        return False
    new.mkdir(parents=True, exist_ok=True)
    for file in files:
        file.rename(new / file.name)
    old.rmdir()
    return True


def remove(outbox: Path, ours: Output) -> bool:
    """Removes a file of ours, if it still holds what was written and nobody has it open."""
    file = outbox / ours.path
    if not file.is_file() or open_elsewhere(file) or digest(file.read_bytes()) != ours.sha256:
        return not file.exists()
    file.unlink()
    return True
