"""Three forms of ours filled in by hand in LibreOffice's real window, saved as .docx, .odt and .pdf, and read.

    python tests/by_hand/fill_in_window.py FOLDER

FOLDER takes the forms, what was saved, and a picture of the window at the end of each. Needs Xvfb, openbox, xdotool,
ImageMagick (`import`) and LibreOffice (Debian: apt-get install xvfb openbox xdotool imagemagick libreoffice-writer).
The window is driven with keys and the mouse alone: short texts in the window “Review Fields” (Ctrl+Shift+F9), the
others by a click into the box, which is found by having LibreOffice search for its label. Takes about ten minutes.
Exit status 1: an answer did not come back.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from PIL import Image, ImageChops

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.opening import init
from engine.reading import read

DISPLAY = ":78"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ANSWER_X, TICK_X = 600, 586
"""Where on the screen the boxes begin, in a window of 1400 by 1000 at 100 %."""

Answers = dict[str, str | bool]
"""Answers by label: text, a date as day/month/year, the number of a choice as "#2", True for a tick."""

FORMS: dict[str, Answers] = {
    "Learner details": {
        "First names": "Siobhan", "Family name": "Novak & Sons", "Date of birth": "14/03/2008",
        "Sex on official records": "#2", "Home address": "3 Mill Lane, Kingsmead", "Postcode": "ZZ99 9ZZ",
        "I have seen the privacy notice": True,
    },
    "Individual learning plan": {
        "First names": "Amrit", "Family name": "Kaur", "What I am good at": "Up at five every morning",
        "What I want to do afterwards": "Run my own bakery", "Programme": "Baker",
    },
    "Needs summary": {"First names": "Tom", "Family name": "Reid"},
}  # fmt: skip


def main(folder: Path) -> int:
    """Fills in each form, and prints which answers came back from each file."""
    folder.mkdir(parents=True, exist_ok=True)
    init(folder / "office", "Kingsmead Training")
    from engine.workspace import Workspace

    with contextlib.closing(Workspace(folder / "office")) as workspace:
        workspace.run()
    wrong = 0
    with screen():
        for title, answers in FORMS.items():
            blank = next((folder / "office" / "outbox" / "blank forms").glob(f"{title}*.docx"))
            form = folder / f"{title}.docx"
            form.write_bytes(blank.read_bytes())
            saved = Window(form, folder).filled(answers)
            for file in saved:
                wrong += check(file, answers)
    return 1 if wrong else 0


@contextlib.contextmanager
def screen() -> Iterator[None]:
    """A screen that nobody sees, with a window manager."""
    os.environ |= {"DISPLAY": DISPLAY, "SAL_USE_VCLPLUGIN": "gen"}
    started = [subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1400x1000x24"], stderr=subprocess.DEVNULL)]
    time.sleep(1)
    started.append(subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    try:
        time.sleep(1)
        yield
    finally:
        for program in reversed(started):
            program.terminate()
            program.wait()


class Window:
    """LibreOffice's window with one form in it."""

    def __init__(self, form: Path, folder: Path) -> None:
        self.form, self.folder = form, folder

    def filled(self, answers: Answers) -> list[Path]:
        """Types and ticks the answers, saves the form three times, and tells the files."""
        profile = (self.folder / "profile").resolve().as_uri()
        program = subprocess.Popen(
            ["soffice", f"-env:UserInstallation={profile}", "--norestore", "--nologo", "--nofirststartwizard",
             str(self.form)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            window = self._wait_for(self.form.name)
            self._do("windowsize", window, "1400", "1000", "windowmove", window, "0", "0")
            time.sleep(1)
            texts = short_texts(self.form)
            self._review([answers.get(label) for label in texts])
            for label, answer in answers.items():
                if label not in texts:
                    self._at(label, answer)
            return [self._save("docx"), self._save("odt"), self._export()]
        finally:
            self.picture(self.form.with_suffix(".png"))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, 9)
            program.wait()

    def _do(self, *words: str) -> str:
        return subprocess.run(["xdotool", *words], capture_output=True, text=True, check=False).stdout

    def _key(self, *keys: str, rest: float = 0.4) -> None:
        self._do("key", "--delay", "60", *keys)
        time.sleep(rest)

    def _type(self, words: str) -> None:
        self._do("type", "--delay", "25", words)
        time.sleep(0.4)

    def _wait_for(self, name: str, seconds: float = 60) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self._do("search", "--onlyvisible", "--name", name).split():
                time.sleep(2)
                return found[0]
            time.sleep(0.5)
        sys.exit(f"There is no window “{name}”.")

    def picture(self, file: Path) -> Image.Image:
        """What the screen shows."""
        subprocess.run(["import", "-window", "root", str(file)], check=True)
        return Image.open(file).convert("RGB")

    def _review(self, texts: list[str | bool | None]) -> None:
        """Short texts: LibreOffice's window for fields takes one after the other. The stamp is the first."""
        self._key("ctrl+Home", "ctrl+shift+F9", rest=1.5)
        for number, text in enumerate(texts):
            self._key("alt+n")
            if text is not None:
                self._type(str(text))
            if not any(texts[number + 1 :]):
                break
        self._key("alt+o", rest=1)
        self._key("Escape")

    def _at(self, label: str, answer: str | bool) -> None:
        """The other boxes: by a click."""
        y = self._height_of(label)
        self._do("mousemove", str(TICK_X if answer is True else ANSWER_X), str(y), "click", "1")
        time.sleep(1)
        if answer is True:
            return
        words = str(answer)
        if words.startswith("#"):
            self._key("alt+Down", rest=1)
            self._key(*["Down"] * (int(words[1:]) - 1), "Return", rest=1)
        else:
            self._type(words)

    def _height_of(self, label: str) -> int:
        """Where on the screen a label stands: what changes when the words found are no longer marked."""
        self._key("Escape", "ctrl+Home", "ctrl+f", rest=0.8)
        self._key("ctrl+a")
        self._type(label)
        self._key("Return", rest=0.8)
        self._key("Escape", rest=0.8)
        marked = self.picture(self.folder / "marked.png").crop((330, 120, 560, 960))
        self._key("Left", rest=0.6)
        plain = self.picture(self.folder / "plain.png").crop((330, 120, 560, 960))
        box = ImageChops.difference(marked, plain).getbbox()
        if box is None:
            sys.exit(f"The label “{label}” was not found on the screen.")
        return 120 + (box[1] + box[3]) // 2

    def _save(self, ending: str) -> Path:
        file = self.form.with_name(f"{self.form.stem} filled.{ending}").resolve()
        self._key("ctrl+shift+s", rest=2)
        if ending == "odt":
            # The first of the file types is LibreOffice's own.
            self._key("alt+t", "Home")
            self._key("alt+n")
        self._key("ctrl+a")
        self._type(str(file))
        self._key("Return", rest=3)
        # “Keep the format?”, where it is asked.
        self._key("Return", rest=3)
        return file

    def _export(self) -> Path:
        """The button “Export directly as PDF”."""
        file = self.form.with_name(f"{self.form.stem} filled.pdf").resolve()
        self._do("mousemove", "123", "51", "click", "1")
        time.sleep(2)
        self._key("ctrl+a")
        self._type(str(file))
        self._key("Return", rest=6)
        return file


def short_texts(form: Path) -> list[str]:
    """The labels of the boxes that LibreOffice takes for fields, in order."""
    with zipfile.ZipFile(form) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    tags = [
        str(c.findtext(f"{W}sdtPr/{W}tag") or c.find(f"{W}sdtPr/{W}tag").get(f"{W}val"))  # type: ignore[union-attr]
        for c in body.iter(f"{W}sdt")
        if c.find(f"{W}sdtPr/{W}text") is not None
    ]
    labels = {field.name: field.label for field in read(form.read_bytes()).fields}
    return [labels[tag] for tag in tags]


def check(file: Path, answers: Answers) -> int:
    """Prints what came back from a file; tells how many answers did not."""
    if not file.exists():
        print(f"{file.name}: was not saved")
        return len(answers)
    form = read(file.read_bytes())
    if form.refused:
        print(f"{file.name}: refused: {form.refused.reason}")
        return len(answers)
    found: dict[str, object] = {}
    for field in form.fields:
        found.setdefault(field.label, field.value)
    missed = {label: found.get(label) for label, answer in answers.items() if not same(answer, found.get(label))}
    print(f"{file.name}: {len(answers) - len(missed)} of {len(answers)} answers, stamp {form.stamp is not None}, "
          f"{len(form.remarks)} remarks; missed: {missed}")  # fmt: skip
    return len(missed)


def same(answer: str | bool, value: object) -> bool:
    """Whether a box says what was typed; of a choice by number only that it was made."""
    words = str(answer)
    if words.startswith("#"):
        return value is not None
    if words[2:3] == "/":
        return value in (words, "-".join(reversed(words.split("/"))))
    return value == answer


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
