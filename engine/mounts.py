"""What kind of disk a folder lies on: this machine's own, or one that other machines write to without telling it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "davfs", "fuse.sshfs", "fuse.rclone"})
"""File systems of other machines, on which a ledger is not safe: their locks and memory maps cannot be relied on."""

QUIET = SHARES | {"9p", "virtiofs", "fuse", "vboxsf", "prl_fs", "drvfs", "ceph", "glusterfs"}
"""File systems that tell of no change that another machine makes; there only looking helps."""


def kind(folder: Path) -> str:
    """The file system that a folder lies on, by the name the operating system gives it; "" where that is not known."""
    folder = folder.resolve()
    if sys.platform == "win32":
        return _windows(str(folder))
    try:
        return kind_in(Path("/proc/self/mountinfo").read_text("utf-8", "replace"), str(folder))
    except OSError:
        return ""


def kind_in(mounts: str, folder: str) -> str:
    """The kind of the mount that a folder lies on, from the text of Linux's mountinfo: the longest point that fits."""
    found, longest = "", -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields[4]).rstrip("/")
        # Of two mounts on one point, the later one lies over the other.
        if (folder == point or folder.startswith(f"{point}/")) and len(point) >= longest:
            found, longest = after.split(" ")[0], len(point)
    return found


def _windows(folder: str) -> str:
    """`cifs` for a share, by its name or by its drive letter."""
    import ctypes

    if folder.startswith("\\\\"):
        return "cifs"
    remote = 4
    drive = ctypes.windll.kernel32.GetDriveTypeW(f"{folder[:2]}\\")  # type: ignore[attr-defined, unused-ignore]
    return "cifs" if drive == remote else "ntfs"


def is_share(folder: Path) -> bool:
    """Whether a folder lies on another machine's disk, where no ledger may lie."""
    return kind(folder) in SHARES


def is_quiet(folder: Path) -> bool:
    """Whether the system tells nothing of what others change there, so that only looking finds it."""
    found = kind(folder)
    return found in QUIET or found.startswith("fuse.")
