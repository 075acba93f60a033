"""The seven fixtures that domain.md names at its end, each told once where it shows."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from engine.clocks import next_review
from engine.drift import Moment, drift
from engine.gates import Asked, gates
from engine.places import Record
from engine.plan import place_of
from engine.rules import rules_for
from tests.conftest import PROGRAMME, Office
from tests.filling import W

ULN = "9276308686"
TODAY = dt.date(2026, 10, 1)


def test_the_learner_number_of_the_published_example_is_valid_and_no_digit_of_it_may_be_another() -> None:
    uln = place_of("learner.uln")
    assert uln is not None
    assert uln.parse(ULN) == ULN
    for at, digit in ((at, digit) for at in range(10) for digit in "0123456789" if digit != ULN[at]):
        with pytest.raises(ValueError, match="not a unique learner number"):
            uln.parse(ULN[:at] + digit + ULN[at + 1 :])
    for at in (at for at in range(9) if ULN[at] != ULN[at + 1]):
        with pytest.raises(ValueError, match="not a unique learner number"):
            uln.parse(ULN[:at] + ULN[at + 1] + ULN[at] + ULN[at + 2 :])


def test_a_review_on_1_august_makes_the_next_one_due_by_30_november() -> None:
    record = {"programme.type": "Apprenticeship", "programme.start": "2025-08-01", "reviews[1].held": "2026-08-01"}
    assert next_review(record, rules_for(record, dt.date(2026, 8, 1))) == dt.date(2026, 11, 30)


def shut(record: Record) -> dict[str, str]:
    """The gates that are not passed, with why."""
    found = gates(Asked(record, rules_for(record, TODAY), TODAY, {}))
    return {gate.gate: gate.why for gate in found if not gate.passed}


def test_the_lectures_essay_can_be_told_to_be_done_once_it_says_how_long_and_by_when() -> None:
    vague: Record = {"targets[T1].text": "Better essays about the causes of the war"}
    assert "T1" in shut(vague)["G6"]
    clear: Record = {
        "targets[T1].text": "Write 1000 words on the causes of the war by 20th November",
        "targets[T1].due": "2026-11-20",
        "targets[T1].owner": "Amrit",
    }
    assert "G6" not in shut(clear)
    assert "it has no date" in shut({**clear, "targets[T1].due": None, "targets[T1].owner": None})["G6"]


def test_plans_that_are_one_template_with_other_names_in_it_are_not_signed() -> None:
    # Held against other learners' plans they are by the audits; here each is known by its template alone.
    template = {"targets[T1].text": "Arrive on time every day", "targets[T1].template": "Bakery, week 1"}
    for name in ("Amrit", "Zoë"):
        plan: Record = {**template, "learner.given_name": name, "targets[T1].owner": name}
        assert "G7" in shut(plan)
        assert "G7" not in shut({**plan, "aspiration.destination": "Run my own bakery"})


def test_a_missed_session_is_nobodys_signature_and_a_removed_unit_is_everybodys() -> None:
    signed: Record = {
        "programme.type": "Apprenticeship", "programme.start": "2026-09-07",
        "training[R1].what": "Dough", "training[R1].when": "Tuesdays, October",
        "training[R2].what": "Cakes", "training[R2].when": "Fridays, October",
    }  # fmt: skip

    def signs(now: Record) -> tuple[str, ...]:
        return drift(signed, now, rules_for(signed, TODAY), Moment(TODAY)).must_sign

    assert signs({**signed, "reviews[1].progress": "Missed a Tuesday", "training[R1].when": "Mondays, October"}) == ()
    removed = {place: value for place, value in signed.items() if not place.startswith("training[R2]")}
    assert signs(removed) == ("learner", "employer", "provider")


def test_a_late_form_from_an_old_print_does_not_reopen_an_achieved_target(office: Office) -> None:
    plan = office.joins()
    first = {
        **PROGRAMME,
        "targets[new 1].text": "Read ten pages of the recipe book aloud",
        "targets[new 1].status": "Not started",
    }
    office.returns(office.document("Individual learning plan"), first)
    old = Path(shutil.copy(office.document("Individual learning plan"), office.root / "old print.docx"))
    office.returns(office.document("Individual learning plan", "pdf"), {"targets[T1].status": "Achieved"})
    summary = office.returns(old, {"targets[T1].status": "Under way", "targets[T1].owner": "Amrit"})
    assert (summary.revisions, summary.queries_raised) == (1, 0)
    record = office.record(plan)
    assert (record["targets[T1].status"], record["targets[T1].owner"]) == ("Achieved", "Amrit")
    decided = {d.place: (d.outcome, d.rule) for d in office.workspace.premises.ledger.revisions(plan)[-1].decisions}
    assert decided["targets[T1].status"] == ("superseded", "M9")


def struck(form: Path, tag: str) -> Path:
    """The Word form with the words in one box struck through."""
    saved = io.BytesIO()
    with zipfile.ZipFile(form) as before, zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            inside = before.read(part)
            if part.filename == "word/document.xml":
                tree = etree.fromstring(inside)
                (control,) = (
                    s for s in tree.iter(f"{W}sdt") if s.find(f"{W}sdtPr/{W}tag[@{W}val='{tag}']") is not None
                )
                for run in control.find(f"{W}sdtContent").iter(f"{W}r"):
                    look = run.find(f"{W}rPr")
                    if look is None:
                        look = etree.Element(f"{W}rPr")
                        run.insert(0, look)
                    look.append(etree.Element(f"{W}strike"))
                inside = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
            after.writestr(part, inside)
    form = form.with_name(f"struck {form.name}")
    form.write_bytes(saved.getvalue())
    return form


def test_a_support_need_that_was_struck_out_is_removed_by_name_and_stays_in_the_history(office: Office) -> None:
    plan = office.joins()
    need = {"needs[new 1].description": "Large print", "needs[new 1].action": "Overlays", "needs[new 1].status": "Open"}
    office.returns(office.document("Needs summary"), need)
    copy = Path(shutil.copy(office.document("Needs summary"), office.root / "needs.docx"))
    summary = office.returns(struck(copy, "needs[N1].description"), {})
    assert (summary.revisions, summary.queries_raised) == (1, 0)
    record = office.record(plan)
    assert "needs[N1].description" not in record
    assert record["needs[N1].action"] == "Overlays"
    (removed,) = office.workspace.premises.ledger.revisions(plan)[-1].decisions
    assert (removed.outcome, removed.rule, removed.ours) == ("cleared", "M4", "Large print")
