"""The quality report by its front door: gathered in one look, on pages and in a spreadsheet, least said."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from engine.auditing import cases
from engine.audits import Audited
from engine.audits.catalogue import catalogue
from engine.audits.glance import glances
from engine.cli import run
from engine.model import Decision, Outcome, Revision
from engine.opening import init
from engine.places import Kind, Place
from engine.plan import PLACES
from engine.settings import now
from engine.watch import watch
from engine.workspace import Workspace
from tests.conftest import Office
from tests.scores.audits import about_provider, found_in, scored, written
from tests.scores.providers import GARDENS, TODAY, Made, provider

HOSTILE = "<script>alert(1)</script>"
FORMULA = "=cmd()"


@pytest.fixture(scope="module")
def gardens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, list[Made], dict[str, set[str]]]]:
    """A small provider with faults planted in it."""
    root = tmp_path_factory.mktemp("gardens")
    init(root)
    made = list(provider(GARDENS, 240, 5))
    patch = pytest.MonkeyPatch()
    patch.setenv("COUNTERPART_TODAY", TODAY.isoformat())
    with Workspace(root) as workspace:
        planted = written(workspace.premises.ledger, made)
        yield workspace, made, planted
    patch.undo()


@pytest.fixture(scope="module")
def found(gardens: tuple[Workspace, list[Made], dict[str, set[str]]]) -> Audited:
    return gardens[0].audit()


def files(workspace: Workspace) -> dict[str, str]:
    """The report's files as text, a spreadsheet's parts among them."""
    texts = {}
    for file in (workspace.premises.outbox / "quality").rglob("*"):
        if file.suffix == ".html":
            texts[str(file)] = file.read_text("utf-8")
        elif file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                texts |= {f"{file}/{name}": book.read(name).decode() for name in book.namelist()}
    return texts


def test_what_is_planted_is_found_and_nothing_else(
    gardens: tuple[Workspace, list[Made], dict[str, set[str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, made, planted = gardens
    assert run(["audit", "--json", "--workspace", str(workspace.premises.root)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [result["audit"] for result in told["audits"]] == list(catalogue())
    scores = scored(planted, found_in(told))
    assert sum(right for right, _, _ in scores.values()) > 60
    assert {name: s[1:] for name, s in scores.items() if any(s[1:])} == {}
    assert {name: s[1:] for name, s in about_provider(told, made, GARDENS).items() if any(s[1:])} == {}


def test_every_finding_rests_on_the_revisions_and_files_that_said_what_it_is_about(
    gardens: tuple[Workspace, list[Made], dict[str, set[str]]], found: Audited
) -> None:
    plans = {case.plan: case for case in cases(gardens[0].premises)}
    told = [finding for result in found.results for finding in result.findings if finding.plan]
    assert len({finding.kind for finding in told}) > 20
    for finding in told:
        case = plans[finding.plan]
        steps = {step.number: step for step in case.steps}
        said = {case.origins[place].number for place in finding.places if place in case.origins}
        assert said <= set(finding.revisions) <= steps.keys(), finding
        assert {steps[n].submission for n in finding.revisions} - {None} == set(finding.submissions), finding
        assert plans.keys() >= set(finding.others) - {finding.plan} == set(finding.others), finding


def test_every_kind_of_finding_says_why_it_matters_and_what_puts_it_right() -> None:
    for described in catalogue().values():
        for kind in described.kinds:
            assert [words for words in (kind.title, kind.why, kind.remedy) if len(words.split()) < 3] == [], kind


def test_the_record_gathered_in_one_look_is_the_record(office: Office) -> None:
    plan = office.signed()
    office.returns(office.document("Individual learning plan"), {"programme.expected_end": "30/09/2027"})
    (case,) = cases(office.workspace.premises)
    assert case.plan == plan
    assert case.record == office.record(plan)
    for number in range(1, case.steps[-1].number + 1):
        assert case.at(number) == office.workspace.premises.ledger.record(plan, number)
    assert case.stale is not None
    assert case.stale[1] == ("programme.expected_end",)


def test_groups_of_fewer_than_ten_are_not_shown(found: Audited) -> None:
    for glance in glances(found, 10):
        assert all(group.plans >= 10 for group in glance.groups)
    months = next(g for g in glances(found, 10) if g.way == "month")
    assert months.hidden + len(months.groups) == len({dict(p.groups).get("month") for p in found.placed.values()})


def test_the_report_is_the_same_when_written_again_and_every_number_leads_to_a_page(
    gardens: tuple[Workspace, list[Made], dict[str, set[str]]], found: Audited
) -> None:
    workspace = gardens[0]
    page = workspace.write_quality_report(found)
    before = {p: p.read_bytes() for p in page.parent.rglob("*") if p.is_file()}
    workspace.write_quality_report(workspace.audit())
    assert {p: p.read_bytes() for p in page.parent.rglob("*") if p.is_file()} == before
    addresses = set(re.findall(r'href="([^"#]+)', page.read_text("utf-8")))
    assert len(addresses) > 17
    assert [a for a in addresses if not (page.parent / a.replace("%20", " ")).exists()] == []


def test_the_spreadsheet_says_the_same_as_the_page(
    gardens: tuple[Workspace, list[Made], dict[str, set[str]]], found: Audited
) -> None:
    page = gardens[0].write_quality_report(found)
    book = load_workbook(page.parent / "Quality report.xlsx")
    rows = list(book["Findings"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == sum(len(result.findings) for result in found.results)
    assert {row[2] for row in rows if row[2]} == {f.plan for r in found.results for f in r.findings if f.plan}


def test_what_people_wrote_does_nothing_in_page_or_spreadsheet(office: Office) -> None:
    office.joins({"learner.given_name": FORMULA, "learner.family_name": HOSTILE, "learner.date_of_birth": "01/02/2008"})
    office.returns(office.document("Individual learning plan"), {"goals[new 1].text": "Qualify"})
    page = office.workspace.write_quality_report(office.workspace.audit())
    for name, text in files(office.workspace).items():
        assert HOSTILE not in text, name
        assert "<f>" not in text, name
    book = load_workbook(page.parent / "Quality report.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert any(str(cell.value).startswith("=") for cell in cells)


def test_the_report_holds_nothing_that_quality_staff_may_not_see(office: Office) -> None:
    """Law 8: a mark in every place, and those of places that quality staff may not see are nowhere in the report."""
    plan = office.joins()
    marks = {path: f"Zq{n}zq" for n, path in enumerate(PLACES) if not PLACES[path].keys}
    said = {p.replace("[KEY]", "[K1]"): m for p, m in marks.items() if _holds_text(PLACES[p]) and ".into" not in p}
    decided = tuple(Decision(place=p, outcome=Outcome.ACCEPTED, rule="M2", theirs=f"{m} more") for p, m in said.items())
    ledger = office.workspace.premises.ledger
    with ledger.writing():
        ledger.append(
            Revision(
                plan=plan, number=ledger.newest(plan) + 1, parent="", recorded=now(), effective=TODAY, cause="form",
                decisions=decided,
            )
        )  # fmt: skip
    office.workspace.write_quality_report(office.workspace.audit())
    texts = files(office.workspace)
    assert any(marks["learner.family_name"] in text for text in texts.values())
    hidden = [marks[path] for path, place in PLACES.items() if path in marks and "Q" not in place.audience]
    assert len(hidden) > 100
    assert [(name, mark) for name, text in texts.items() for mark in hidden if mark in text] == []


def _holds_text(place: Place) -> bool:
    return place.kind is Kind.TEXT and place.format in ("prose", "text", "name")


def test_the_report_is_due_once_a_week_and_not_before_there_are_plans(office: Office) -> None:
    assert not office.workspace.quality_report_is_due()
    office.joins()
    assert office.workspace.quality_report_is_due()
    office.workspace.write_quality_report(office.workspace.audit())
    assert not office.workspace.quality_report_is_due()
    office.workspace.premises = replace(
        office.workspace.premises, today=office.workspace.premises.today + dt.timedelta(7)
    )
    assert office.workspace.quality_report_is_due()


def test_the_watch_writes_it_when_it_is_due(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.watch.IDLE", 0.0)
    office.joins()
    page, stop = office.root / "outbox" / "quality" / "index.html", threading.Event()
    assert not page.exists()
    runs = watch(office.workspace, stop)
    for _ in range(3):
        next(runs)
    assert page.exists()
    stop.set()
    assert list(runs) == []


def test_the_command_tells_what_it_found_and_what_it_could_not(
    gardens: tuple[Workspace, list[Made], dict[str, set[str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    root = gardens[0].premises.root
    assert run(["audit", "--workspace", str(root)]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{len(gardens[1])} plans as of 29/01/2027.")
    assert "Signed before assessed" in told
    assert str(Path("outbox") / "quality" / "index.html") in told


# ── Samples ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sample_is_drawn_looked_at_taken_in_and_followed_to_its_closing_date(office: Office) -> None:
    plan = office.joins()
    office.returns(office.document("Individual learning plan"), {"aspiration.destination": "A shop"})
    ((drawn, why, issue, form),) = office.workspace.sample("Spring 2027", by="Ms Vaughan")
    assert (drawn, issue.plan) == (plan, plan)
    assert "programme" in why or "assessor" in why
    assert form.parent == office.root / "outbox" / "quality" / "samples" / "Spring 2027"
    record = office.record(plan)
    assert record["samples[1].sample"] == "Spring 2027"
    assert record["checks[C3].answer"] == "Yes"
    assert "checks[S2].answer" not in record
    assert len([path for path in record if path.startswith("checks[") and path.endswith("].line")]) == 48
    again = office.workspace.sample("Spring 2027")
    assert [(p, w) for p, w, _, _ in again] == [(plan, why)]
    office.day(dt.date(2026, 9, 20))
    said = {
        "samples[1].sampler": "Ms Vaughan", "samples[1].looked": "20/09/2026", "samples[1].outcome": "Not met",
        "checks[S2].answer": "No", "checks[S2].priority": "High", "checks[C3].answer": "Partly",
        "improvements[new 1].what": "Date the milestones", "improvements[new 1].who": "Mr Pugh",
        "improvements[new 1].due": "01/10/2026", "signatures[quality].name": "Ms Vaughan",
        "signatures[quality].date": "20/09/2026",
    }  # fmt: skip
    office.returns(form, said)
    record = office.record(plan)
    assert record["checks[S2].answer"] == "No"
    assert record["checks[C3].answer"] == "Partly"
    assert record["improvements[V1].due"] == "2026-10-01"
    office.day(dt.date(2026, 10, 2))
    with Workspace(office.root) as later:
        kinds = {finding.kind for finding in later.audit().by_plan[plan]}
    assert kinds & {kind.kind for kind in catalogue()["sampling"].kinds} == {"sample-action-overdue"}


def test_a_sample_of_nobody_says_so(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--sample", "Spring", "--workspace", str(office.root)]) == 0
    assert "0 plans" in capsys.readouterr().out
