"""The record copied to another disk while work goes on, and brought back from there; each copy proved by its hash.

A backup is a folder: the ledger, the originals and sealed files by their hashes, the certificate, the settings and
proformas, and `manifest.json`, written last, which names every file with its SHA-256. Made again into the same folder
it adds what is new. Documents are not in it: they are written again from the record.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine import lock
from engine.commitments import unsalted
from engine.errors import WorkspaceTrouble, WrongUse
from engine.files import read_regular, safe_name, write_whole
from engine.ledger import Ledger
from engine.model import digest
from engine.outbox import made_folder
from engine.premises import Premises
from engine.settings import now
from engine.settings_file import FILE, load

MANIFEST = "manifest.json"
FORMAT = "counterpart-backup-1"
LEDGER = "ledger.sqlite"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup holds.

    Attributes:
        files: how many there are, and `added` of them were not there before.
        missing: hashes of originals that could not be copied, because they are not where they belong.
        back: names of files that went back into the inbox, because the record that was brought back is older.
    """

    files: int
    added: int
    missing: tuple[str, ...] = ()
    back: tuple[str, ...] = ()


def backup(premises: Premises, folder: Path) -> Copied:
    """Copies the record into a folder, while other programs may go on writing it.

    The ledger is copied first: whatever it speaks of was archived before it was recorded.

    Raises:
        WrongUse: when the folder lies inside the workspace's inbox, outbox or store.
    """
    folder = folder.resolve()
    for own in (premises.inbox, premises.outbox, premises.store):
        if folder.is_relative_to(own.resolve()):
            raise WrongUse(f"{folder} lies in {own}.", "A backup belongs on another disk.")
    made_folder(folder)
    _copy_ledger(premises.ledger.file, folder / LEDGER)
    hashes = {LEDGER: digest((folder / LEDGER).read_bytes())}
    added, missing = 0, []
    for path, source, sha256 in _belonging(premises, folder / LEDGER):
        there = folder / path
        if not there.exists():
            content = read_regular(source) if source.is_file() else b""
            if digest(content) != sha256:
                missing.append(sha256)
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            write_whole(there, content)
            added += 1
        hashes[path] = sha256
    for path, source in _beside(premises):
        content = read_regular(source)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / path, content)
        hashes[path] = digest(content)
    manifest = {"format": FORMAT, "made": now().isoformat(), "by": version("counterpart"), "files": hashes}
    write_whole(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
    return Copied(len(hashes), added, tuple(missing))


def _copy_ledger(file: Path, there: Path) -> None:
    """Copies a ledger as it stands at one moment, through SQLite's own way of doing so under way."""
    part = there.with_name(f".{there.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    part.replace(there)


def _belonging(premises: Premises, ledger: Path) -> Iterator[tuple[str, Path, str]]:
    """Every file that a ledger speaks of: its path in a backup, where it is, and its hash."""
    for body in _bodies(ledger, "submission"):
        source = premises.archive.folder / body["sha256"]
        if body.get("set_aside"):
            source = _set_aside(premises, body["sha256"], body["size"]) or source
        yield f"archive/{body['sha256']}", source, body["sha256"]
    for body in _bodies(ledger, "seal"):
        yield f"sealed/{body['sha256']}", premises.sealed.folder / body["sha256"], body["sha256"]


def _bodies(ledger: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table of a ledger that is only looked at: to open it as a ledger would change it."""
    with closing(sqlite3.connect(f"{ledger.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        rows = opened.execute(f"SELECT body FROM {table} ORDER BY rowid").fetchall()  # noqa: S608 - ours
    return [unsalted(json.loads(body)) for (body,) in rows]


def _set_aside(premises: Premises, sha256: str, size: int) -> Path | None:
    """The file that was too large to be archived, in the refused folder."""
    refused = premises.outbox / "refused"
    files = (f for f in (refused.iterdir() if refused.is_dir() else ()) if f.is_file() and f.stat().st_size == size)
    return next((f for f in files if digest(read_regular(f)) == sha256), None)


def _beside(premises: Premises) -> Iterator[tuple[str, Path]]:
    """The certificate, the settings and the proformas."""
    for name, file in (("seal.p12", premises.store / "seal.p12"), (FILE, premises.root / FILE)):
        if file.is_file():
            yield name, file
    proformas = premises.root / "proformas"
    for file in sorted(proformas.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield f"proformas/{file.relative_to(proformas).as_posix()}", file


# ── Bringing it back ────────────────────────────────────────────────────────────────────────────────────────────


def restore(root: Path, folder: Path) -> Copied:
    """Brings a backup back into a workspace, or makes one of it; nothing that is there is deleted.

    The ledger that was there is moved aside. An original of which the older record knows nothing goes back into the
    inbox, to be taken in again.

    Raises:
        WorkspaceTrouble: when the backup is damaged; then nothing was touched.
    """
    hashes = _proved(folder)
    for name in ("inbox", "outbox"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for path in hashes:
        if path == FILE or path.startswith("proformas/"):
            _bring(folder / path, root / path)
    store = (root / load(root).store.folder).resolve()
    with lock.held(store / "lock"):
        names = _names(store / LEDGER) | _names(folder / LEDGER)
        aside = store / f"before restore {now():%Y-%m-%d %H.%M.%S}"
        for old in store.glob(f"{LEDGER}*"):
            aside.mkdir(exist_ok=True)
            old.rename(aside / old.name)
        added = sum(_bring(folder / path, store / path) for path in hashes if path != LEDGER and _is_kept(path))
        write_whole(store / LEDGER, read_regular(folder / LEDGER))
        back = tuple(_return_unknown(store, root / "inbox", names))
    return Copied(len(hashes), added, (), back)


def _is_kept(path: str) -> bool:
    return path == "seal.p12" or path.startswith(("archive/", "sealed/"))


def _proved(folder: Path) -> dict[str, str]:
    """The files of a backup with their hashes, every one of them checked, and its ledger too."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        hashes: dict[str, str] = manifest["files"]
        known = manifest["format"] == FORMAT and LEDGER in hashes
        safe = not any(Path(path).is_absolute() or ".." in Path(path).parts for path in hashes)
    except FileNotFoundError as error:
        raise WrongUse(f"There is no backup in {folder}.", "Name the folder that `backup` wrote.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceTrouble(f"{folder} is no backup: {error}.", "Name the folder that `backup` wrote.") from error
    if not (known and safe):
        raise WorkspaceTrouble(f"{folder} is no backup that this program reads.", "Is it of a newer version?")
    for path, sha256 in hashes.items():
        file = folder / path
        if not file.is_file() or digest(read_regular(file)) != sha256:
            raise WorkspaceTrouble(f"The backup is damaged: {file} is not as it was written.", "Use another backup.")
    with TemporaryDirectory() as elsewhere:
        copy = Path(shutil.copy(folder / LEDGER, elsewhere))  # To open it as a ledger would change it.
        ledger = Ledger(copy)
        wrong = next(ledger.problems(), None)
        ledger.close()
    if wrong:
        raise WorkspaceTrouble(f"The backup's record does not hold: {' '.join(wrong)}.", "Use another backup.")
    return hashes


def _bring(source: Path, there: Path) -> bool:
    """Copies a file unless one is there; whether it did."""
    if there.exists():
        return False
    there.parent.mkdir(parents=True, exist_ok=True)
    write_whole(there, read_regular(source))
    return True


def _names(file: Path) -> dict[str, str]:
    """What the files of a ledger were called, by their hashes; nothing where the ledger cannot be read any more."""
    try:
        return {body["sha256"]: body.get("name", "") for body in _bodies(file, "submission")} if file.exists() else {}
    except (sqlite3.DatabaseError, ValueError):
        return {}


def _return_unknown(store: Path, inbox: Path, names: dict[str, str]) -> Iterator[str]:
    """Puts originals that the record knows nothing of back into the inbox, under the names they came with."""
    known = _names(store / LEDGER).keys()
    archive = store / "archive"
    for file in sorted(archive.iterdir() if archive.is_dir() else ()):
        if file.name in known or file.name.startswith("."):
            continue
        name = Path(names.get(file.name) or "returned")
        there = inbox / f"{safe_name(name.stem)} {file.name[:8]}{name.suffix[:10]}"
        if not there.exists():
            write_whole(there, read_regular(file))
            os.utime(there, (file.stat().st_mtime,) * 2)
            yield there.name
