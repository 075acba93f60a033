"""Every real form adopted and given out blank, and the places proposed for a person's details held against a table.

The table, made by hand, is `adopting.tsv`.

.venv/bin/python -m tests.scores.adopting
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine import theirs
from engine.adopting import Adopted, adopt
from engine.errors import CounterpartError
from engine.model import Stamp
from engine.proposing import Proposal
from engine.reading import read
from engine.reading.limits import Limits
from tests.scores.hostile import FORMS

TRUTH = Path(__file__).with_suffix(".tsv")
_FEWEST = 5
_STAMP = Stamp("theirs", 1, "F-7K3QX9ZA")


def truth() -> Mapping[tuple[str, str], Mapping[str, frozenset[str]]]:
    """For each set and form, the places that are right for its fields."""
    found: dict[tuple[str, str], dict[str, frozenset[str]]] = defaultdict(dict)
    for line in TRUTH.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, form, field, places = line.split("\t")
            found[kind, form][field] = frozenset(places.split("|"))
    return found


def forms(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """The forms with boxes enough, each with the names of its boxes."""
    for file in sorted(file for kind in ("pdf", "word") for file in (folder / kind).iterdir()):
        if file.suffix != ".json":
            form = read(file.read_bytes())
            boxes = [field.name for field in form.fields if field.kind != "button"]
            if not form.refused and len(boxes) >= _FEWEST:
                yield file, boxes


def right(made: Adopted, wanted: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, Proposal, frozenset[str] | None]]:
    """Each box with what was proposed for it, and the places that are right, where the table has it."""
    for proposal in made.questions:
        for box in proposal.fields:
            begun = (places for name, places in wanted.items() if name.endswith("*") and box.startswith(name[:-1]))
            yield box, proposal, wanted.get(box) or next(begun, None)


def kept(made: Adopted) -> bool:
    """Whether a form that is given out blank carries its stamp, and has all its boxes with what stood in them."""
    blank = (made.folder / made.blank).read_bytes()
    before, after = read(blank), read(theirs.fill(blank, {}, _STAMP.line(), Limits()).content)
    same = [(f.name, f.kind, f.value) for f in before.fields] == [(f.name, f.kind, f.value) for f in after.fields]
    return same and after.stamps == (_STAMP,)


def tell(folder: Path) -> int:
    """Prints the scores; 1 where something failed."""
    if not folder.is_dir():
        print(f"No shared forms at {folder}.")
        return 0
    table, bad, count = truth(), 0, 0
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    lines: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as home:
        for number, (file, boxes) in enumerate(forms(folder)):
            count += 1
            try:
                made = adopt(file.read_bytes(), file.name, f"form-{number}", Path(home) / "proformas", Limits())
            except CounterpartError as error:
                bad += 1
                print(f"FAILED {file.name}: {error}")
                continue
            listed = sorted(box for question in made.questions for box in question.fields)
            if listed != sorted(boxes):
                bad += 1
                print(f"LISTED OTHERWISE {file.name}: {len(listed)} of {len(boxes)}")
            if not kept(made):
                bad += 1
                print(f"NOT AS IT WAS {file.name}, given out blank")
            for kind in ("tried", "unseen", "unseen again"):
                if (kind, file.name) in table:
                    lines[kind].append(_score(made, file.name, table[kind, file.name], totals[kind]))
    for kind, told in lines.items():
        fit, asked, sure, wrong = totals[kind]
        print(f"\n{kind}: {fit} of {asked} right ({fit / asked:.1%}); {sure} called sure, {wrong} of them wrong")
        print("\n".join(told))
    print(f"\n{count} forms adopted and given out blank; {bad} failed, lost a box or came out otherwise")
    return 1 if bad or any(total[3] for total in totals.values()) else 0


def _score(made: Adopted, name: str, wanted: Mapping[str, frozenset[str]], total: list[int]) -> str:
    fit = asked = sure = wrong = 0
    missed = []
    for box, proposal, places in right(made, wanted):
        if places is None:
            continue
        place = "local" if proposal.local else proposal.ask
        certain = proposal.sure and not proposal.local
        asked, fit = asked + 1, fit + (place in places)
        sure, wrong = sure + certain, wrong + (certain and place not in places)
        if place not in places:
            mark = "WRONG AND SURE " if certain else ""
            missed.append(f"    {mark}{box}: {place}, and not {' or '.join(sorted(places))}")
    for n, more in enumerate((fit, asked, sure, wrong)):
        total[n] += more
    return "\n".join([f"  {fit:3} of {asked:3} ({fit / asked:4.0%}), {sure} sure  {name}", *missed])


if __name__ == "__main__":
    raise SystemExit(tell(FORMS))
