"""What tests stand on: a real workspace in a new folder, and an office that drops forms into it."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import delivery, documents, workflow
from engine.layout import lay_out
from engine.model import Form, Manner, Remark, Submission, digest
from engine.opening import init, shipped
from engine.sheet import Sheet
from engine.workspace import Summary, Workspace
from tests.filling import Answers, fill
from tests.strategies import form_of

KINGSMEAD = "Kingsmead Training"
AMRIT: Answers = {
    "learner.given_name": "Amrit",
    "learner.family_name": "Kaur",
    "learner.date_of_birth": "14/03/2008",
    "learner.uln": "9276308686",
}
PROGRAMME: Answers = {
    "aspiration.destination": "Run my own bakery",
    "programme.type": "Apprenticeship",
    "programme.title": "Baker, level 2",
    "programme.start": "07/09/2026",
    "programme.planned_end": "31/08/2027",
    "programme.expected_end": "31/08/2027",
    "programme.planned_hours": "420",
    "programme.weekly_hours": "30",
    "programme.delivery": "One day a week at Kingsmead",
    "programme.assessment_summary": "Reading and maths at level 1, writing at entry 3",
    "programme.prior_learning": "None",
    "programme.level": "Level 2",
    "programme.english_maths": "English to level 1, one hour a week",
    "programme.review_weeks": "12 weeks",
    "programme.complaints": "The principal of Kingsmead Training",
    "employer.name": "Hargreaves Bakery",
    "employer.releases": "Yes",
}
ASSESSED: Answers = {
    f"assessments[{subject}].{part}": value
    for subject in ("Reading", "Writing", "Maths")
    for part, value in (("state", "Done"), ("level", "Level 1"), ("date", "14/09/2026"))
}


class Office:
    """A workspace with people who fill in forms and drop them into the inbox."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root, self._patch, self._count = root, patch, 0
        self.day(dt.date(2026, 9, 7))
        init(root, KINGSMEAD)
        (root / "counterpart.toml").write_text(
            '[provider]\nname = "Kingsmead Training"\n[watch]\nrest = 0.02\npatience = 0\n'
        )
        self.workspace = Workspace(root)
        self.workspace.run()

    def day(self, day: dt.date) -> None:
        """Sets the day that clocks take for today."""
        self._patch.setenv("COUNTERPART_TODAY", day.isoformat())

    def blank(self, title: str, medium: str = "docx") -> Path:
        """A blank form by the beginning of its title."""
        return next((self.root / "outbox" / "blank forms").glob(f"{title}*.{medium}"))

    def document(self, title: str, medium: str = "docx", folder: str = "staff") -> Path:
        """A kept document of the only learner there is, by the beginning of its title."""
        return next((self.root / "outbox" / folder).glob(f"*/{title}*.{medium}"))

    def drop(self, form: Path, answers: Answers) -> Path:
        """Fills a form in and drops it into the inbox."""
        self._count += 1
        return fill(form, answers, self.root / "inbox" / f"{self._count:02} {form.name}")

    def returns(self, form: Path, answers: Answers) -> Summary:
        """A form filled in, dropped and taken in."""
        self.drop(form, answers)
        return self.workspace.run()

    def joins(self, answers: Answers = AMRIT) -> str:
        """A learner joins; tells the number of the new plan."""
        before = set(self.workspace.premises.ledger.plans())
        self.returns(self.blank("Learner details"), answers)
        (plan,) = set(self.workspace.premises.ledger.plans()) - before
        return plan

    def ready_to_sign(self) -> str:
        """A learner whose funding-body version lies ready for signature."""
        plan = self.joins()
        self.returns(self.document("Individual learning plan"), PROGRAMME)
        self.day(dt.date(2026, 9, 16))
        self.returns(self.document("Needs summary"), ASSESSED)
        return plan

    def signed(self) -> str:
        """A learner whose funding-body version 1 is in force."""
        plan = self.ready_to_sign()
        names = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}
        answers = {f"signatures[{role}].name": name for role, name in names.items()}
        answers |= {f"signatures[{role}].date": "16/09/2026" for role in names}
        self.returns(self.document("Training plan", "pdf"), answers)
        return plan

    def record(self, plan: str) -> dict[str, object]:
        """The plan's record now."""
        return dict(self.workspace.premises.ledger.record(plan))


def made_office(root: Path, *forms: str) -> Path:
    """The folder of an office in which nothing has happened yet.

    Args:
        forms: the proformas that it has, so that little is written; none = all that ship.
    """
    for name in forms:
        shutil.copytree(shipped("proformas") / name, root / "proformas" / name)
    with pytest.MonkeyPatch.context() as patch:
        Office(root, patch).workspace.close()
    Workspace(root).close()  # Only what is opened again remembers how its definitions read.
    return root


@pytest.fixture(scope="session")
def new_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an office with all forms; its blank ones are written once for all tests."""
    return made_office(tmp_path_factory.mktemp("new") / "office")


@pytest.fixture
def office(new_office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A new office."""
    made = Office(shutil.copytree(new_office, tmp_path / "office"), monkeypatch)
    yield made
    made.workspace.close()


class Desk:
    """Forms given out and taken in as their readers would find them: no file is written or read, which takes long."""

    def __init__(self, root: Path) -> None:
        init(root, KINGSMEAD)
        for file in root.glob("proformas/*/proforma.yaml"):
            file.write_text(re.sub(r"\nkeep:\n(  - .*\n)+", "\n", file.read_text("utf-8")), "utf-8")
        self.workspace = Workspace(root)
        self.premises = self.workspace.premises
        self.forms: dict[str | None, Form] = {}
        self.remarks: tuple[Remark, ...] = ()
        details = self.premises.proformas["learner-details"]
        self.blank = lay_out(details, {}, delivery.blank(self.premises, details, "word"), KINGSMEAD)

    def prints(self, proforma: str, plan: str, folder: str = "staff", manner: Manner = documents.STANDARD) -> Sheet:
        """A form of the plan as it is now."""
        known = self.premises.proformas[proforma]
        issue = documents.new_issue(self.premises, known, plan, "word", folder, manner)
        with self.premises.ledger.writing():
            self.premises.ledger.give_out(issue)
        return documents.sheet_of(self.premises, issue)

    def back(self, sheet: Sheet, written: Answers) -> Submission:
        """A form comes back with words in some of its boxes, saved anew by some program."""
        content = f"{len(self.forms)} {sheet.stamp.line()} {written}"
        form = form_of(sheet)
        fields = tuple(f._replace(value=written[f.name]) if f.name in written else f for f in form.fields)
        form = replace(form, sha256=digest(content), fields=fields, remarks=self.remarks)
        self.forms[form.sha256] = form
        return workflow.take_in(self.premises, content.encode(), f"{len(self.forms)}.docx", form)

    def joins(self, answers: Answers = AMRIT) -> str:
        """A learner joins; tells the number of the new plan."""
        return self.back(self.blank, answers).plan or ""

    def record(self, plan: str) -> dict[str, object]:
        """The plan's record now."""
        return dict(self.premises.ledger.record(plan))


@pytest.fixture(scope="session")
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a desk at which nothing has happened yet; its definitions are parsed once for all tests."""
    root = tmp_path_factory.mktemp("desk") / "office"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERPART_TODAY", "2026-09-07")
        Desk(root).workspace.close()
    Workspace(root).close()
    return root


@pytest.fixture
def desk(new_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A new desk."""
    monkeypatch.setenv("COUNTERPART_TODAY", "2026-09-07")
    made = Desk(shutil.copytree(new_desk, tmp_path / "office"))
    yield made
    made.workspace.close()
