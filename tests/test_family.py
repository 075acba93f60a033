"""Every proforma of a plan: issued for a plan, filled by a program that is not ours, dropped; the record is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from strategies import PROFORMAS

from engine.model import Manner
from engine.opening import init
from engine.places import Change, Kind, Value
from engine.plan import IDENTIFYING, computed, next_key, place_of, split
from engine.proforma import Proforma
from engine.sheet import Box, Sheet
from engine.workspace import Workspace
from tests.conftest import ASSESSED, PROGRAMME
from tests.filling import Answers, fill
from tests.scores.filling import typed

TODAY = "2026-11-27"
WORDS = (
    "oven", "dough", "rye", "salt", "flour", "yeast", "crust", "proving", "scoring", "shaping", "baking", "cooling",
    "packing", "selling",
)  # fmt: skip
FULL = Manner(size="full")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace that keeps no documents for plans, and issues them when asked."""
    root = tmp_path_factory.mktemp("family") / "office"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPART_TODAY", TODAY)
        init(root, "Kingsmead Training")
        (root / "counterpart.toml").write_text("[watch]\nrest = 0.01\npatience = 0\n[work]\nworkers = 1\n")
        for file in root.glob("proformas/*/proforma.yaml"):
            file.write_text(re.sub(r"\nkeep:\n(  - .*\n)+", "\n", file.read_text("utf-8")), "utf-8")
        with Workspace(root) as opened:
            opened.run()
            yield opened


def joins(workspace: Workspace, number: int) -> str:
    """A learner whose plan may be signed."""
    named = {"learner.given_name": f"Amrit {WORDS[number % 14]}", "learner.family_name": f"Kaur {WORDS[number // 14]}"}
    born = {"learner.date_of_birth": f"{number % 27 + 1:02}/03/2008"}
    details = next((workspace.premises.outbox / "blank forms").glob("Learner details*.docx"))
    plan = workspace.take_in(fill(details, named | born, workspace.premises.store / f"{number} details.docx")).plan
    assert plan is not None
    returns(workspace, "plan", plan, PROGRAMME)
    returns(workspace, "needs-summary", plan, ASSESSED)
    return plan


def returns(workspace: Workspace, proforma: str, plan: str, answers: Answers, medium: str = "docx") -> None:
    """A form issued, filled and taken in."""
    kind = "word" if medium == "docx" else "pdf"
    _, form = workspace.issue(proforma, plan, kind, workspace.premises.store / "out", FULL)
    workspace.take_in(fill(form, answers, form.with_stem(form.stem + " filled")))


def circumstances(workspace: Workspace, proforma: Proforma, plan: str) -> None:
    """What has to have happened before a form is about anything: a signed version that is stale, an open question."""
    if proforma.amends:
        signed = {f"signatures[{role}].name": f"Jo {role}" for role in ("learner", "employer", "provider")}
        dated = {name.replace("name", "date"): "27/11/2026" for name in signed}
        returns(workspace, next(p.proforma for p in PROFORMAS.values() if p.edition), plan, signed | dated)
        returns(workspace, "plan", plan, {"programme.expected_end": "30/11/2027"})
    if proforma.settles:
        folder = workspace.premises.store / "out"
        both = [workspace.issue("plan", plan, "word", folder)[1] for _ in range(2)]
        for number, form in enumerate(both):
            says = {"programme.title": f"Baker {number}"}
            workspace.take_in(fill(form, says, form.with_stem(f"{form.stem} {number}")))


def wishes(sheet: Sheet, proforma: Proforma) -> dict[str, Value]:
    """A new value for every box that takes one, each with words of its own; who the learner is stays as it is."""
    found: dict[str, Value] = {}
    boxes = [
        b for b in sheet.boxes() if b.name not in IDENTIFYING and not (proforma.amends and "signatures" not in b.name)
    ]
    for number, box in enumerate(boxes):
        value = wish(number, box)
        if value is not None:
            found[box.name] = value
    return found


def wish(number: int, box: Box) -> Value:
    place = place_of(box.name)
    assert place is not None
    word = WORDS[number % 14]
    if place.change is Change.LOCKED and box.value is not None:
        return None
    if computed(box.name):
        return "What the form said" if place.kind is Kind.CHOICE else None
    match place.format:
        case "tick":
            # Some of a list's ticks exclude each other, as “Prefer not to say” and any other.
            first = not place.keys or f"[{place.keys[0]}]" in box.name
            return True if first and not box.value else None
        case "yes-no":
            return box.value is not True
        case "choice" if place.about.forward:
            return place.choices[-1]
        case "choice":
            return next(choice for choice in place.choices if choice != box.value)
        case "date" if place.about.past:
            # One that must follow another day stays out: that day lies in the future here.
            return None if place.about.after else TODAY
        case "date":
            return "2028-02-29"
        case "number":
            return 1 + number % 3
        case "name" | "text" | "prose":
            return f"{word.capitalize()} {number}, {WORDS[(number * 5 + 3) % 14]} & {WORDS[(number * 3 + 1) % 14]}"
    return None


def as_recorded(
    wanted: Mapping[str, Value], record: Mapping[str, Value], proforma: Proforma, form: str
) -> dict[str, Value]:
    """What the record has to say then: a row that was new has a key of the plan's, a signature its form's number."""
    keys: dict[tuple[str, str], str] = {}
    found: dict[str, Value] = {}
    for path, value in wanted.items():
        row = split(path)
        if row is None or computed(path):
            found.update({path: value} if row is None else {})
        elif row[0] == "signatures":
            found[f"signatures[{form} {row[1]}].{row[2]}"] = value
        elif row[1].startswith("new "):
            taken = frozenset(key for (table, _), key in keys.items() if table == row[0])
            key = keys.setdefault((row[0], row[1]), next_key(record, row[0], taken))
            found[f"{row[0]}[{key}].{row[2]}"] = value
        else:
            found[path] = value
    return found


@pytest.mark.parametrize("medium", ["word", "pdf"])
@pytest.mark.parametrize("name", sorted(name for name, proforma in PROFORMAS.items() if not proforma.serves))
def test_issued_filled_elsewhere_dropped_and_the_record_is_right(
    workspace: Workspace, name: str, medium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERPART_TODAY", TODAY)
    proforma, ledger = PROFORMAS[name], workspace.premises.ledger
    plan = joins(workspace, 2 * sorted(PROFORMAS).index(name) + (medium == "pdf"))
    circumstances(workspace, proforma, plan)
    kind = "word" if medium == "word" else "pdf"
    given, form = workspace.issue(name, plan, kind, workspace.premises.store / "out", FULL)
    sheet, before = sheet_of(workspace, given.form), dict(ledger.record(plan))
    wanted = wishes(sheet, proforma)
    assert wanted
    typed_in = {box.name: typed(box, wanted[box.name]) for box in sheet.boxes() if box.name in wanted}
    fill(form, typed_in, workspace.premises.inbox / form.name)
    summary = workspace.run()
    assert (summary.taken_in, summary.refused, summary.troubles) == (1, 0, ())
    record = ledger.record(plan)
    right = as_recorded(wanted, before, proforma, given.form)
    assert {path: record.get(path) for path in right} == right
    assert [q.question for q in ledger.open_queries(plan)] == []
    if proforma.amends:
        assert len(ledger.editions(plan)) == 2
    if proforma.settles:
        assert record["programme.title"] == "Baker 1"


def sheet_of(workspace: Workspace, form: str) -> Sheet:
    from engine.documents import sheet_of as sheet

    issue = workspace.premises.ledger.issue(form)
    assert issue is not None
    return sheet(workspace.premises, issue)
