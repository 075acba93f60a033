"""The commands about proformas themselves: somebody else's form adopted, definitions checked, standards met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.terminal import Json, Where, app, chosen, lines, print_json, table, there
from engine.errors import WrongUse

if TYPE_CHECKING:
    from engine.adopting import Adopted
    from engine.checking import Checked
    from engine.proforma import Proforma
    from engine.proposing import Proposal
    from engine.standards import Held


@app.command()
def adopt(
    file: Annotated[Path, typer.Argument(help="The blank form, a Word file or a PDF.", metavar="FILE")],
    name: Annotated[str, typer.Option("--as", help="What it is to be called here: my-review.", metavar="NAME")],
    workspace: Where = None,
    as_json: Json = False,
) -> int:
    """Makes a proforma of somebody else's form: lists its questions, proposes for each the place in the plan."""
    from engine.adopting import adopt as adopted
    from engine.opening import own_proformas
    from engine.reading.limits import Limits
    from engine.settings_file import load

    there(file)
    root = chosen(workspace)
    limits = Limits.of(load(root).limits)
    made = adopted(file.read_bytes(), file.name, name, own_proformas(root), limits)
    if as_json:
        print_json(_shape(made))
    else:
        _tell(made)
    return 1 if made.doubtful or made.notes else 0


def _shape(made: Adopted) -> dict[str, Any]:
    return {
        "proforma": made.proforma,
        "title": made.title,
        "folder": str(made.folder),
        "blank": made.blank,
        "audience": list(made.audience),
        "questions": [
            {
                "fields": list(q.fields),
                "label": q.label,
                "ask": q.ask,
                "status": "confirm" if not q.sure else "local" if q.local else "sure",
                "why": q.why,
                "choices": dict(q.choices),
            }
            for q in made.questions
        ],
        "notes": list(made.notes),
    }


def _tell(made: Adopted) -> None:
    print(f"“{made.title}” is the proforma {made.proforma} now, in {made.folder}.")
    for heading, found in (
        (f"Certain ({len(made.sure)})", made.sure),
        (f"To be confirmed by a person ({len(made.doubtful)})", made.doubtful),
        (f"No place in the plan; kept as answers of your own ({len(made.local)})", made.local),
    ):
        if found:
            print()
            table(("Question", "Place", "Why"), _rows(found), title=heading)
    print()
    lines(made.notes)
    if made.doubtful:
        print(f"Open {made.folder / 'proforma.yaml'}: where a place is right, take its line `confirm:` out; where it")
        print("is not, change its line `ask:` too. Until then nothing is merged from these boxes.")
    print(f"Then: counterpart check {made.proforma}")


def _rows(found: Iterable[Proposal]) -> Iterable[tuple[str, str, str]]:
    return ((q.label, q.ask, "" if q.sure else q.why) for q in found)


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Proformas, by their names; none = all.", metavar="[NAME...]")
    ] = None,
    standards: Annotated[
        bool, typer.Option("--standards", help="Hold them, together, against the minimum standards.")
    ] = False,
    workspace: Where = None,
    as_json: Json = False,
) -> int:
    """Checks proformas: every mistake in a line, with file, line, column and the nearest right word."""
    from engine.checking import check as checked
    from engine.reading.limits import Limits
    from engine.settings_file import load

    root = chosen(workspace)
    folders, limits = _folders(root, names or ()), Limits.of(load(root).limits)
    found = {folder.name: checked(folder, limits) for folder in folders}
    sound = [one.proforma for one in found.values() if one.proforma]
    held = _held(root, sound) if standards and len(sound) == len(found) else ()
    if as_json:
        print_json({"proformas": [_checked(name, one) for name, one in found.items()], **_standards(held)})
    else:
        for name, one in found.items():
            _tell_checked(name, one)
        _tell_held(root, sound, held)
    if any(one.faults for one in found.values()):
        return 2
    return 1 if any(one.waiting for one in found.values()) or any(h.falls_short for h in held) else 0


def _folders(root: Path, names: Sequence[str]) -> list[Path]:
    """The folders of the proformas named, or of all there are.

    Raises:
        WrongUse: when there is none of a name.
    """
    from engine.checking import nearest
    from engine.opening import proformas_of

    home = proformas_of(root)
    known = sorted(file.parent.name for file in home.glob("*/proforma.yaml"))
    for name in names:
        if name not in known:
            near = nearest(name, known)
            advice = f"Did you mean “{near}”?" if near else f"There are: {', '.join(known)}."
            raise WrongUse(f"There is no proforma “{name}” in {home}.", advice)
    return [home / name for name in names or known]


def _held(root: Path, proformas: Sequence[Proforma]) -> tuple[Held, ...]:
    from engine.standards import agreed, held

    return tuple(held(proformas, agreed(root)[0]))


def _checked(name: str, one: Checked) -> dict[str, Any]:
    return {
        "proforma": name,
        "ok": not one.faults,
        "mistakes": [
            {"file": str(f.file), "line": f.line, "column": f.column, "what": f.what, "suggestion": f.suggestion}
            for f in one.faults
        ],
        "to_confirm": [
            {"line": line, "label": q.label, "ask": q.ask, "fields": list(q.fields), "why": q.confirm}
            for line, q in one.waiting
        ],
        "unasked": list(one.unasked),
    }


def _standards(held: Sequence[Held]) -> dict[str, Any]:
    """How the standards are met, where that was asked."""
    rows = [
        {
            "part": h.part, "question": h.standard.question, "must": h.standard.must, "met": h.met,
            "by": [{"form": form, "label": label} for form, label in h.by],
        }
        for h in held
    ]  # fmt: skip
    return {"standards": rows} if rows else {}


def _tell_checked(name: str, one: Checked) -> None:
    lines(str(fault) for fault in one.faults)
    if one.faults:
        return
    print(f"{name}: sound.")
    for line, question in one.waiting:
        print(f"  line {line}: “{question.label}” waits to be confirmed as {question.ask}: {question.confirm}.")
    if one.unasked:
        print(f"  Boxes of the blank that no question is about: {', '.join(f'“{box}”' for box in one.unasked)}.")


def _tell_held(root: Path, proformas: Sequence[Proforma], held: Sequence[Held]) -> None:
    if not held:
        return
    from engine.standards import agreed

    found, file = agreed(root)
    titles = ", ".join(f"“{p.title}”" for p in proformas)
    for part in found.parts:
        own = [h for h in held if h.part == part.part]
        met = sum(h.met == "yes" for h in own)
        print()
        rows = (
            (
                h.standard.question,
                {"yes": "yes", "to confirm": "perhaps", "no": "LACKING" if h.standard.must else "no"}[h.met],
                "; ".join(label for _, label in h.by[:3]),
            )
            for h in own
        )
        table(("Asked?", "", "By"), rows, title=f"{part.part}: {met} of {len(own)}. {part.says}.")
    short = [h for h in held if h.falls_short]
    print()
    print(f"{titles}, held against “{found.standards}” ({file}):")
    print(f"{len(short)} of what must be asked is lacking." if short else "all that must be asked is asked.")
