"""A sealed version changed in a thousand ways: `verify` must call each of them bad, and the untouched ones good.

.venv/bin/python -m tests.scores.tampering --count 1000 --seed 1
"""

from __future__ import annotations

import argparse
import io
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from engine.verify import verify_file

Change = Callable[[bytes, random.Random], bytes]


def flipped(pdf: bytes, chance: random.Random) -> bytes:
    """One bit of one byte is another."""
    at = chance.randrange(len(pdf))
    return pdf[:at] + bytes((pdf[at] ^ (1 << chance.randrange(8)),)) + pdf[at + 1 :]


def flipped_in_the_seal(pdf: bytes, chance: random.Random) -> bytes:
    """One bit in the container of the seal, or in the zeros behind it, where no digest looks."""
    found = re.search(rb"/Contents <([0-9a-f]+)>", pdf)
    assert found
    at = chance.randrange(*found.span(1))
    return pdf[:at] + bytes((pdf[at] ^ (1 << chance.randrange(8)),)) + pdf[at + 1 :]


def added(pdf: bytes, chance: random.Random) -> bytes:
    """Bytes at the end."""
    return pdf + chance.choice([b"\n", b" ", b"%%EOF\n", chance.randbytes(chance.randrange(1, 500))])


def cut(pdf: bytes, chance: random.Random) -> bytes:
    """An end that is missing."""
    return pdf[: chance.randrange(1, len(pdf))]


def moved(pdf: bytes, chance: random.Random) -> bytes:
    """A few bytes that stand elsewhere."""
    start, length = chance.randrange(len(pdf) - 40), chance.randrange(1, 40)
    rest = pdf[:start] + pdf[start + length :]
    at = chance.choice([n for n in (chance.randrange(len(rest)) for _ in range(9)) if n != start] or [0])
    changed = rest[:at] + pdf[start : start + length] + rest[at:]
    return changed if changed != pdf else pdf + b"\n"


def edited(pdf: bytes, chance: random.Random) -> bytes:
    """An update behind the seal, as a PDF editor makes it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root[pdf_name(f"/Note{chance.randrange(1000)}")] = pdf_string("Approved")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def swapped(pdf: bytes, chance: random.Random) -> bytes:
    """Another record inside, and the file saved anew."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        name = chance.choice(sorted(opened.attachments))
        opened.attachments[name] = pikepdf.AttachedFileSpec(opened, chance.randbytes(64), filename=name)
        return saved(opened)


def unsealed(pdf: bytes, chance: random.Random) -> bytes:
    """The seal taken out."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for seal in [f for f in opened.Root.AcroForm.Fields if f.get("/FT") == "/Sig"]:
            del seal["/V"]
        if "/Perms" in opened.Root and chance.random() < 0.9:
            del opened.Root["/Perms"]
        return saved(opened)


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


CHANGES: tuple[Change, ...] = (
    flipped, flipped, flipped, flipped_in_the_seal, flipped_in_the_seal, added, cut, moved, edited, swapped, unsealed,
)  # fmt: skip


def tampered(sealed: bytes, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How often each change was made, and those that were called good, each by its number."""
    chance, made, missed = random.Random(seed), Counter[str](), []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "changed.pdf"
        for number in range(count):
            change = CHANGES[number % len(CHANGES)]
            file.write_bytes(change(sealed, chance))
            made[change.__name__] += 1
            if verify_file(file)[0]:
                missed.append(f"{number}: {change.__name__}")
    return made, missed


def sealed_version(folder: Path) -> bytes:
    """The first funding-body version of the demo's story."""
    from engine.demo import tell

    tell(folder)
    (found, *_) = sorted(folder.glob("outbox/funding-body/*/*version 1*.pdf"))
    return found.read_bytes()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--count", type=int, default=1000)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    with TemporaryDirectory() as folder:
        sealed = sealed_version(Path(folder))
        file = Path(folder) / "untouched.pdf"
        file.write_bytes(sealed)
        print(f"untouched ({len(sealed) // 1000} kB): {'good' if verify_file(file)[0] else 'NOT GOOD'}")
        made, missed = tampered(sealed, asked.count, asked.seed)
    for name, often in made.most_common():
        print(f"{often:6} {name.replace('_', ' ')}")
    print(f"{len(missed)} called good: {', '.join(missed[:20])}")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()
