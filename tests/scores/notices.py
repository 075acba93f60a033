"""Every notice of the program, printed in one file for somebody to read aloud, with its reading age.

    .venv/bin/python -m tests.scores.notices [--to notices.txt]

The reading age is that of the automated readability index (characters a word, words a sentence; grade + 5 years), which
needs no dictionary. Names, numbers, quotations and addresses are the file's and the learner's own words, and are not
counted. Words of the program's inside are named where one stands in a notice.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lxml import html

from engine.demo import tell
from engine.workspace import Workspace
from tests.filling import fill_word

INSIDE = re.compile(
    r"(?<![`-])\b(revisions?|editions?|renditions?|submissions?|stamps?|stamped|quer(?:y|ies))\b", re.IGNORECASE
)
ENGINE = Path(__file__).parents[2] / "engine"
CALLS = frozenset({"Refusal", "Unreadable", "_no", "Unsure", "Declined", "WrongUse"})
OLDEST = 12


def reading_age(text: str) -> float:
    """The reading age of a text in years, by the automated readability index; 0 for one without a sentence."""
    text = re.sub(r"“[^”]*”|`[^`]*`|https?://\S+|[A-Z]-[0-9A-Z]{6,}|\S*[._/@]\S+\w|\d\S*", "X", text)
    lines = [line for line in text.splitlines() if line.rstrip().endswith((".", "?", "!"))]
    sentences = [s for line in lines for s in re.split(r"(?<=[.?!:;])\s+", line) if len(s.split()) > 1]
    words = [w for s in sentences for w in re.findall(r"[\w’'-]+", s)]
    if not words:
        return 0
    # A hyphenated word is read as its parts.
    parts = [p for w in words for p in w.split("-") if p]
    grade = 4.71 * sum(map(len, parts)) / len(parts) + 0.5 * len(parts) / len(sentences) - 21.43
    return grade + 5


def pages(outbox: Path) -> Iterator[tuple[str, str]]:
    """The notices of a workspace, each with what it says."""
    for folder in ("receipts", "questions", "refused", "staff/to do", "staff", "quality"):
        for file in sorted((outbox / folder).glob("*.html")):
            page = html.fromstring(file.read_text("utf-8"))
            for own in page.iter("bdi", "code", "td", "script", "style"):
                if own.tag != "td":
                    own.text = ("X" if own.text else None) if own.tag == "bdi" else None
                    for inside in own:
                        own.remove(inside)
            (main,) = page.iter("main")
            found = [" ".join(e.text_content().split()) for e in main.iter("h1", "h2", "p", "li", "th", "td", "dt")]
            yield f"{folder}/{file.name}", "\n".join(dict.fromkeys(line for line in found if line))


def sentences() -> Iterator[tuple[str, str]]:
    """What the code says when something cannot be taken or done, each sentence with where it stands."""
    for file in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = called.id if isinstance(called, ast.Name) else ""
            if isinstance(node, ast.Call) and name in CALLS:
                said = [_said(a) for a in node.args]
                text = " ".join(s for s in said if s and " " in s)
                if text:
                    yield f"{file.relative_to(ENGINE)}:{node.lineno}", text


def _said(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "X" for v in node.values)
    return ""


def story(root: Path) -> None:
    """The demo's story, and after it a picture, an e-mail, a request of a stranger's, and files that are damaged."""
    with contextlib.redirect_stdout(io.StringIO()):
        tell(root)
    os.environ["COUNTERPART_TODAY"] = "2027-03-01"
    inbox = root / "inbox"
    (inbox / "IMG_2031.png").write_bytes(b"\x89PNG\r\n\x1a\n a certificate IEND\xaeB`\x82")
    (inbox / "Report.eml").write_bytes(b"From: Ana <ana@agency.example>\nSubject: Report\n\nPlease see my report.")
    (inbox / "forms.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (inbox / "empty.pdf").write_bytes(b"")
    (inbox / "half.pdf").write_bytes(b"%PDF-1.7 and no more %%EOF")
    (inbox / "letter.docx").write_bytes(b"Dear all, this only calls itself a form")
    request = next((root / "outbox" / "blank forms").glob("Request.docx")).read_bytes()
    asked = {"request.what": "Close a plan", "request.learners": "Amrit Kaur", "request.reason": "She has finished"}
    (inbox / "please.docx").write_bytes(fill_word(request, asked))
    (inbox / "nothing.docx").write_bytes(fill_word(request, {"request.learners": "Amrit Kaur"}))
    with Workspace(root) as workspace:
        workspace.run()


def main() -> int:
    """Prints every notice with its reading age; then what is too hard to read, and words of the inside."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--to", type=Path, default=Path("notices.txt"))
    to = asked.parse_args().to
    with tempfile.TemporaryDirectory() as folder:
        story(Path(folder) / "office")
        found = [*pages(Path(folder) / "office" / "outbox"), *sentences()]
    ages = {name: reading_age(text) for name, text in found}
    to.write_text("\n\n".join(f"── {n} · reading age {ages[n]:.1f}\n{text}" for n, text in found), "utf-8")
    hard = sorted(((age, n) for n, age in ages.items() if age >= OLDEST), reverse=True)
    inside = [
        (n, sorted({w.casefold() for w in INSIDE.findall(text)}))
        for n, text in found
        if INSIDE.search(re.sub(r"`[^`]*`", "", text))
    ]
    whole = reading_age("\n".join(text for _, text in found))
    print(f"{len(found)} notices and sentences are in {to}; reading age of all together {whole:.1f}")
    print(f"{len(hard)} of them at or above {OLDEST}:")
    for age, name in hard[:40]:
        print(f"  {age:.1f}  {name}: {dict(found)[name][:140]!r}")
    print(f"{len(inside)} with words of the inside:")
    for name, words in inside:
        print(f"  {name}: {', '.join(words)}")
    return 1 if inside or whole >= OLDEST else 0


if __name__ == "__main__":
    sys.exit(main())
