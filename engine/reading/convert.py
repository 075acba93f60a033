"""Files of other word processors made into Word files by LibreOffice, where one is installed.

It runs as a program of its own: without a window, with an empty profile in a folder that is thrown away, with macros
and links forbidden, within a limit of time, and in a group of processes that ends as a whole.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.errors import Unreadable

SECONDS = 25.0
"""How long LibreOffice may take over one file: less than the time that a file may take in all."""

_FILTERS = {"odt": "writer8", "doc": "MS Word 97", "rtf": "Rich Text Format"}

NAMES = {"odt": "OpenDocument text (.odt)", "doc": "old Word file (.doc)", "rtf": "Rich Text file (.rtf)"}
"""What people call these files, by their endings."""

_MEMORY, _PROCESSOR_SECONDS = 4 << 30, 60

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value>
</prop></item></oor:items>
"""

_ADVICE = (
    "Open it in the program it was made with, choose Save As, pick “Word document (.docx)” and send that file; or "
    "install LibreOffice on this machine."
)


def converter() -> str | None:
    """The LibreOffice program of this machine, if there is one."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def as_word(content: bytes, ending: str, seconds: float = SECONDS) -> bytes:
    """A file of another word processor as a Word file.

    Args:
        ending: `odt`, `doc` or `rtf`.

    Raises:
        Unreadable: when there is no LibreOffice here, it does not understand the file, or takes too long over it.
    """
    program = converter()
    if program is None:
        raise Unreadable(
            f"This {NAMES[ending]} cannot be read here: there is no LibreOffice on this machine to convert it.", _ADVICE
        )
    with tempfile.TemporaryDirectory(prefix="counterpart-") as name:
        folder = Path(name)
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
        (folder / f"form.{ending}").write_bytes(content)
        _run(
            [
                program, "--headless", "--norestore", "--nologo", "--nolockcheck", "--nodefault",
                f"-env:UserInstallation={(folder / 'profile').as_uri()}", f"--infilter={_FILTERS[ending]}",
                "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "made"),
                str(folder / f"form.{ending}"),
            ],
            folder,
            seconds,
            NAMES[ending],
        )  # fmt: skip
        made = folder / "made" / "form.docx"
        if not made.is_file():
            raise Unreadable(f"LibreOffice could not open this {NAMES[ending]}: it is damaged or locked.", _ADVICE)
        return made.read_bytes()


def _run(command: list[str], folder: Path, seconds: float, what: str) -> None:
    """Runs LibreOffice to its end, or ends it and whatever it started.

    Raises:
        Unreadable: when it takes too long.
    """
    own_group = os.name == "posix"
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder), "SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=own_group, preexec_fn=_room() if own_group else None,
    )  # fmt: skip
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Unreadable(f"LibreOffice took longer than {seconds:g} seconds to open this {what}.", _ADVICE) from None
    finally:
        if own_group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        elif process.poll() is None:
            process.kill()
        process.wait()


def _room() -> Callable[[], None]:
    """What the child does before it becomes LibreOffice: takes the room it needs, and agrees to end with its parent."""
    import resource

    libc = ctypes.CDLL(ctypes.util.find_library("c")) if sys.platform == "linux" else None

    def lift(kind: int, most: int) -> None:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))

    def before() -> None:
        lift(resource.RLIMIT_AS, _MEMORY)
        lift(resource.RLIMIT_CPU, _PROCESSOR_SECONDS)
        if libc is not None:
            end_with_parent = 1  # PR_SET_PDEATHSIG
            libc.prctl(end_with_parent, signal.SIGTERM)

    return before
