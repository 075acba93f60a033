"""A folder of files named by what they hold: their SHA-256. Written once, never altered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.files import write_whole
from engine.model import digest


class Archive:
    """Files by hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes) -> str:
        """Keeps the bytes, safely on disk before it returns, and tells their SHA-256."""
        sha256 = digest(content)
        place = self.folder / sha256
        if not place.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(place, content)
            place.chmod(0o444)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of that hash.

        Raises:
            FileNotFoundError: when the archive does not hold them.
        """
        return (self.folder / sha256).read_bytes()

    def problems(self) -> Iterator[tuple[str, str]]:
        """Every file whose bytes are not what its name says, with why."""
        if not self.folder.exists():
            return
        for file in sorted(self.folder.iterdir()):
            if not file.name.startswith(".") and digest(file.read_bytes()) != file.name:
                yield file.name, "its bytes are not what its name says"
