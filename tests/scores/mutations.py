"""Good forms of ours, damaged in thousands of ways, read by the pool: nothing falls over, and no damage that can be
known is passed over in silence.

    .venv/bin/python -m tests.scores.mutations --count 20000 --seed 1
"""

from __future__ import annotations

import argparse
import io
import random
import re
import tempfile
import time
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.bench import made_forms
from engine.model import Form
from engine.pool import Pool
from engine.reading import read, read_file
from engine.settings import Limits

WINDOW = 200
"""Files that lie on the disk at once."""

_ENDED = re.compile("limits\\.(seconds|cpu_seconds|memory)|stopped the program|ended before|not foreseen")

HANGS = Limits(seconds=30, cpu_seconds=5)
"""A worker that takes longer over a file is held to hang."""


@dataclass(frozen=True)
class Mutant:
    """A good form after one act of damage.

    Attributes:
        number: which mutant of its seed it is.
        form, kind: which form, and what was done to it.
        known: why a reader can know of the damage; "" where it cannot.
    """

    number: int
    form: str
    kind: str
    content: bytes
    known: str = ""


@dataclass
class Told:
    """What came of all mutants.

    Attributes:
        outcomes: how many of each kind were refused, read with problems, read as before, and read otherwise.
        silent: mutants whose damage can be known and that were read without a word about it.
        ended: mutants that ended their worker, by time, memory or crash; each was refused.
        slowest: wall seconds between two answers, at most.
    """

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    slowest: float = 0.0


# ── Damage to any file ──────────────────────────────────────────────────────────────────────────────────────────


def bits(content: bytes, chance: random.Random) -> bytes:
    """Some bits turned over."""
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def blotted(content: bytes, chance: random.Random) -> bytes:
    """A stretch overwritten with zeros, as a bad sector leaves it."""
    at = chance.randrange(len(content))
    length = min(chance.choice((16, 512, 4096)), len(content) - at)
    return content[:at] + bytes(length) + content[at + length :]


def truncated(content: bytes, chance: random.Random) -> bytes:
    """Cut short: the tail, with everything that a reader looks for there, is gone."""
    return content[: chance.randrange(1, len(content) - 64)]


def shortened(content: bytes, chance: random.Random) -> bytes:
    """A stretch lost from the middle."""
    at = chance.randrange(16, len(content) - 600)
    return content[:at] + content[at + chance.randint(1, 500) :]


# ── Damage to the parts of a Word file ──────────────────────────────────────────────────────────────────────────

Parts = list[tuple[str, bytes]]


def parts_of(content: bytes) -> Parts:
    """The parts of a zip container."""
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        return [(entry.filename, container.read(entry)) for entry in container.infolist()]


def packed(parts: Parts) -> bytes:
    """A zip container, sound in itself, of whatever parts; the same name may stand in it twice."""
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as container:
        warnings.simplefilter("ignore")
        for name, content in parts:
            container.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def removed(parts: Parts, chance: random.Random) -> Parts:
    """One part taken out."""
    gone = chance.randrange(len(parts))
    return [part for n, part in enumerate(parts) if n != gone]


def swapped(parts: Parts, chance: random.Random) -> Parts:
    """Two parts under each other's names."""
    one, other = chance.sample(range(len(parts)), 2)
    names = [name for name, _ in parts]
    names[one], names[other] = names[other], names[one]
    return [(name, content) for name, (_, content) in zip(names, parts, strict=True)]


def doubled(parts: Parts, chance: random.Random) -> Parts:
    """A second part of the same name, with other words in it, before or after the first."""
    at = chance.randrange(len(parts))
    name, content = parts[at]
    other = (name, content.replace(b"<w:t", b"<w:t xml:space='default'", 1) + b" ")
    return [*parts, other] if chance.random() < 0.5 else [other, *parts]


def structure(parts: Parts, chance: random.Random) -> Parts:
    """The XML of one part with an element lost, doubled, moved, emptied, renamed or left open."""
    choices = [n for n, (name, content) in enumerate(parts) if name.endswith((".xml", ".rels")) and b"<" in content]
    weights = [8 if "document" in parts[n][0] else 1 for n in choices]
    at = chance.choices(choices, weights)[0]
    name, content = parts[at]
    tags = list(re.finditer(rb"<[^?!][^>]*>", content))
    for _ in range(chance.randint(1, 4)):
        one, other = sorted(chance.sample(tags, 2), key=lambda tag: tag.start()) if len(tags) > 1 else (tags[0],) * 2
        here, there = one.span()[0], other.span()[1]
        content = chance.choice(
            (
                lambda c, h, t: c[:h] + c[t:],
                lambda c, h, t: c[:t] + c[h:t] + c[t:],
                lambda c, h, t: c[:h] + b"<w:sdt>" + c[h:t] + b"</w:sdt>" + c[t:],
                lambda c, h, t: c[:h] + c[h:t].replace(b"w:sdtContent", b"w:sdtPr") + c[t:],
                lambda c, h, t: c[:h] + re.sub(rb'w:val="[^"]*"', b'w:val=""', c[h:t]) + c[t:],
                lambda c, h, t: c[:h] + re.sub(rb"<w:(\w+)", rb"<w:x\1", c[h:t], count=1) + c[t:],
                lambda c, h, t: c[:h] + b"<w:p>" * 300 + c[h:],
            )
        )(content, here, there)
    return [*parts[:at], (name, content), *parts[at + 1 :]]


# ── Damage to the objects of a PDF ──────────────────────────────────────────────────────────────────────────────

_OBJECT = re.compile(rb"\d+ 0 obj\b.*?endobj", re.DOTALL)


def objects(content: bytes, chance: random.Random) -> bytes:
    """Objects lost, exchanged, made to refer to others or themselves, or told to be of another kind."""
    found = list(_OBJECT.finditer(content))
    if len(found) < 2:
        return bits(content, chance)
    one, other = sorted(chance.sample(found, 2), key=lambda o: o.start())
    body = one.group()
    act = chance.randrange(5)
    if act == 0:
        changed = b" " * len(body)
    elif act == 1:
        changed = other.group()[: len(body)].ljust(len(body))
    elif act == 2:
        number = body.split(b" ")[0]
        changed = re.sub(rb"\d+ 0 R", number + b" 0 R", body)
    elif act == 3:
        changed = re.sub(rb"/(Kids|Parent|Fields|FT|V|T|AS|Opt|Length|Filter|Type)\b", rb"/X\1", body)
    else:
        changed = re.sub(rb"\b\d+\b", lambda m: str(chance.randrange(10 ** len(m.group()))).encode(), body)
    return content[: one.start()] + changed + content[one.end() :]


# ── All of it ───────────────────────────────────────────────────────────────────────────────────────────────────

RAW: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "bits": bits,
    "blotted": blotted,
    "truncated": truncated,
    "shortened": shortened,
}
INSIDE: dict[str, Callable[[Parts, random.Random], Parts]] = {
    "removed": removed,
    "swapped": swapped,
    "doubled": doubled,
    "structure": structure,
}


def mutant(forms: dict[str, bytes], seed: int, number: int) -> Mutant:
    """The mutant of that number, always the same for one seed."""
    chance = random.Random(f"{seed} {number}")
    name = sorted(forms)[number % len(forms)]
    good = forms[name]
    word = good.startswith(b"PK")
    kind = chance.choice([*RAW, *INSIDE]) if word else chance.choice([*RAW, "objects", "objects"])
    if kind in RAW:
        content = RAW[kind](good, chance)
    elif kind == "objects":
        content = objects(good, chance)
    else:
        content = packed(INSIDE[kind](parts_of(good), chance))
    return Mutant(number, name, kind, content, known_of(word, kind, good, content))


_PACKED = re.compile(rb"<<[^<>]*/ObjStm[^<>]*>>\s*stream\r?\n")


def _broken(head: re.Match[bytes]) -> bool:
    """Whether packed objects of a PDF do not unpack to what their checksum was made of."""
    try:
        return not (unpacker := zlib.decompressobj()).decompress(head.string[head.end() :]) or not unpacker.eof
    except zlib.error:
        return True


def known_of(word: bool, kind: str, good: bytes, content: bytes) -> str:
    """Why the damage can be known, told without our reader: by checksums, or because the tail is gone."""
    if content == good:
        return ""
    if not word:
        if kind == "truncated" and b"%%EOF" not in content[-1100:]:
            return "the file is cut short"
        return "the checksum of packed objects" if any(map(_broken, _PACKED.finditer(content))) else ""
    if kind in ("truncated", "doubled"):
        return kind
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            bad = container.testzip()
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
        return "no sound zip container"
    return f"the checksum of {bad}" if bad else ""


def judged(mutated: Mutant, form: Form, before: Form) -> tuple[str, bool]:
    """What came of a mutant, and whether it was silent about damage that it could know of."""
    if form.refused:
        return "refused", False
    answers = [f for f in form.fields if f.kind != "button"]
    if answers and all(f.problems for f in answers):
        return "read with problems", False
    same = (form.fields, form.stamps) == (before.fields, before.stamps)
    # What a missing or exchanged part says is gone without a trace only where the answers are all there still.
    silent = bool(mutated.known) or (mutated.kind in ("removed", "swapped") and not same)
    return ("read as before" if same else "read otherwise"), silent


def tell(count: int, seed: int, workers: int = 2, forms: dict[str, bytes] | None = None) -> Told:
    """Reads that many mutants and tells what came of them."""
    told = Told()
    with tempfile.TemporaryDirectory() as place:
        good = forms or made_forms(Path(place) / "office")
        before = {name: read(content) for name, content in good.items()}
        warm = Path(place) / "warm"
        warm.write_bytes(next(iter(good.values())))
        with Pool(read_file, HANGS, workers) as pool:
            for reading in [pool.start(warm) for _ in range(workers * 2)]:
                pool.collect(reading)
            for first in range(0, count, WINDOW):
                numbers = range(first, min(first + WINDOW, count))
                for mutated, form in _window(pool, Path(place), [mutant(good, seed, n) for n in numbers], told):
                    outcome, silent = judged(mutated, form, before[mutated.form])
                    told.outcomes[mutated.kind, outcome] += 1
                    line = f"{mutated.number} ({mutated.form}, {mutated.kind}): "
                    if silent:
                        told.silent.append(line + (mutated.known or "answers changed"))
                    if form.refused and _ENDED.search(form.refused.reason):
                        told.ended.append(line + form.refused.reason)
    return told


def _window(pool: Pool, place: Path, mutants: list[Mutant], told: Told) -> Iterator[tuple[Mutant, Form]]:
    """Some mutants written to the disk, read side by side, and taken away again."""
    waiting = []
    for n, mutated in enumerate(mutants):
        file = place / f"{n:03}"
        file.write_bytes(mutated.content)
        waiting.append((mutated, file, pool.start(file)))
    for mutated, file, reading in waiting:
        began = time.monotonic()
        form = pool.collect(reading)
        told.slowest = max(told.slowest, time.monotonic() - began)
        yield mutated, form
        file.unlink()


def main() -> int:
    """Prints the table; status 1 when something was silent about its damage or hung."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--count", type=int, default=20_000)
    wanted.add_argument("--seed", type=int, default=1)
    asked = wanted.parse_args()
    began = time.monotonic()
    told = tell(asked.count, asked.seed)
    columns = ("refused", "read with problems", "read as before", "read otherwise")
    print(f"{'damage':12}" + "".join(f"{c:>20}" for c in columns))
    for kind in (*RAW, *INSIDE, "objects"):
        print(f"{kind:12}" + "".join(f"{told.outcomes[kind, c]:>20}" for c in columns))
    sums = (sum(count for (_, outcome), count in told.outcomes.items() if outcome == c) for c in columns)
    print(f"{'all':12}" + "".join(f"{count:>20}" for count in sums))
    print(f"{told.outcomes.total()} mutants in {time.monotonic() - began:.0f} s; longest wait {told.slowest:.2f} s;")
    print(f"workers ended by a limit or a crash: {len(told.ended)}; silent about damage: {len(told.silent)}")
    for line in (told.ended + told.silent)[:40]:
        print(" ", line)
    return 1 if told.silent or any("longer than" in line for line in told.ended) else 0


if __name__ == "__main__":
    raise SystemExit(main())
