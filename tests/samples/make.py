"""Makes the samples of the demo anew: walks the story, and has other programs fill each form as it is reached.

    .venv/bin/python tests/samples/make.py

Run it when a proforma has changed, then read the `.json` beside each sample against the answers in story.yaml. It
needs LibreOffice with `uno`, Node with npm, and the network for pdf-lib and pdf.js; it says what is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from engine.demo import Sample, Step, live, load_story, on
from engine.opening import init
from engine.reading import entry, read
from engine.workspace import Workspace

HERE = Path(__file__).parent
FILL = HERE / "fill"
PYTHON_WITH_UNO = "/usr/bin/python3"


def main() -> int:
    """Makes every sample with the JSON that it reads as; returns the exit status."""
    missing = list(_missing())
    if missing:
        print("\n".join(missing), file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="make-samples-") as scratch:
        programs = Path(scratch) / "programs"
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", programs, "pdf-lib", "pdfjs-dist"],
            check=True,
        )
        os.environ["PDF_LIB"] = str(programs)
        _walk(Path(scratch))
    return 0


def _missing() -> Iterator[str]:
    """What has to be installed first, each a sentence."""
    for program, package in (("soffice", "libreoffice-writer"), ("node", "nodejs"), ("npm", "npm")):
        if not shutil.which(program):
            yield f"{program} is missing: apt-get install {package}"
    if subprocess.run([PYTHON_WITH_UNO, "-c", "import uno"], capture_output=True, check=False).returncode:
        yield f"{PYTHON_WITH_UNO} has no uno: apt-get install python3-uno"


def _walk(scratch: Path) -> None:
    """Lives the story in a workspace of its own, each form filled just before it is dropped."""
    told = load_story(HERE)
    root = scratch / "workspace"
    init(root, told.provider)
    with Workspace(root) as workspace:
        workspace.run()
        _keep(root, scratch, "now")
        for step in told.steps:
            for sample in step.files:
                _fill(sample, scratch)
            with on(step.day):
                live(workspace, step, HERE, [sample.file for sample in step.files])
            _keep(root, scratch, "now")
            _keep(root, scratch, step.day.isoformat())
            _say(step, workspace)


def _keep(root: Path, scratch: Path, moment: str) -> None:
    """Keeps the outbox as it is at a moment."""
    shutil.rmtree(scratch / moment, ignore_errors=True)
    shutil.copytree(root / "outbox", scratch / moment)


def _fill(sample: Sample, scratch: Path) -> None:
    """Makes one sample and its JSON."""
    file = HERE / sample.file
    if sample.fill == "a picture":
        file.write_bytes(picture())
    else:
        outbox = scratch / (sample.as_of.isoformat() if sample.as_of else "now")
        found = list(outbox.glob(sample.take))
        if len(found) != 1:
            sys.exit(f"{sample.file}: {len(found)} documents are called {sample.take}.")
        answers = scratch / "answers.json"
        answers.write_text(json.dumps(dict(sample.answers), ensure_ascii=False), "utf-8")
        programs: dict[str, list[str | Path]] = {
            "pdf-lib": ["node", FILL / "fill_pdf.mjs"],
            "pdf.js": ["node", FILL / "fill_pdfjs.mjs"],
            "PDFium": [sys.executable, FILL / "fill_pdfium.py"],
            "LibreOffice Writer": [PYTHON_WITH_UNO, FILL / "fill_word.py"],
        }
        subprocess.run([*programs[sample.fill], found[0], answers, file], check=True)
    said = entry(file.name, read(file.read_bytes()))
    file.with_suffix(".json").write_text(json.dumps([said], ensure_ascii=False, indent=1) + "\n", "utf-8")


def _say(step: Step, workspace: Workspace) -> None:
    for there in workspace.plans():
        print(f"{step.day}  {step.tell}: revision {there.latest.number}, {there.state}, {len(there.queries)} questions")
    for file in step.files:
        print(f"            {file.file}, {(HERE / file.file).stat().st_size:,} bytes")


def picture() -> bytes:
    """A small PNG: a grey square."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = 48
    rows = b"".join(b"\0" + bytes(96 + (x ^ y) for x in range(size)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


if __name__ == "__main__":
    sys.exit(main())
