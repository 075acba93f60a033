"""A story for each system and practice that the forms have to work for: a year of it, walked through with the forms.

The stories are `stories.yaml`. What is told there goes the whole way from a form that is given out to the record, but
for the files: a sheet is filled in as a reader would find it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from strategies import form_of

from engine import people, sharing, workflow
from engine.archive import Archive
from engine.documents import new_issue, sheet_of
from engine.errors import Declined
from engine.ledger import Ledger
from engine.model import Field, Form, Issue, Manner, Variant
from engine.models import divergence
from engine.models import load as load_models
from engine.opening import shipped
from engine.premises import Premises
from engine.proforma import load_all
from engine.settings import Forms, Policy, Settings
from engine.sheet import Sheet
from engine.standing import standing
from engine.writing.pages import texts

HOME = shipped("proformas")
STORIES: list[dict[str, Any]] = YAML(typ="safe").load((Path(__file__).parent / "stories.yaml").read_text("utf-8"))
ROWS = {*range(1, 14), *range(15, 23), 26, 28, 30, 31, *range(34, 39)}
"""The rows of the list of systems that the forms have to work for (domain.md A1)."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    """One office for all stories, with a learner in each."""
    root = tmp_path_factory.mktemp("stories")
    store = root / ".counterpart"
    ledger = Ledger(store / "ledger.sqlite")
    yield Premises(
        root, Settings(), load_all(HOME), ledger, Archive(store / "archive"), Archive(store / "sealed"), store,
        dt.date(2026, 9, 7),
    )  # fmt: skip
    ledger.close()


class Year:
    """A story as it goes: the plan of its learner, and the day."""

    def __init__(self, office: Premises, story: Mapping[str, Any], number: int) -> None:
        settings = Settings(forms=Forms(size=story.get("size", "standard")), policy=Policy(**story.get("policy", {})))
        self.premises, self.name, self._count = replace(office, settings=settings), f"story {number}", 0
        self.plan: str | None = None
        self.forms: dict[str, Issue] = {}
        named = {"learner.given_name": f"Amrit {number}", "learner.family_name": "Kaur"}
        self.does({"form": "learner-details", "says": {**named, "learner.date_of_birth": "14/03/2008"}})

    def does(self, step: Mapping[str, Any]) -> None:
        """One step: a day, a form that comes back, an act of staff, or what must be so."""
        if "day" in step:
            self.premises = replace(self.premises, today=step["day"])
        if "form" in step:
            self._returns(step)
        for act in ("model", "roll-over", "settle", "refuses", "then", "shows", "shares"):
            if act in step:
                getattr(self, f"_{act.replace('-', '_')}")(step[act])

    def _manner(self, step: Mapping[str, Any]) -> Manner:
        variant: Variant = step.get("variant", "standard")
        size = step.get("size", self.premises.settings.forms.size)
        return Manner(variant, step.get("for", ""), step.get("section", ""), size)

    def _given(self, step: Mapping[str, Any]) -> Issue:
        """The form of a step: given out now, or one that was given out before (`out`)."""
        if step.get("out") in self.forms:
            return self.forms[step["out"]]
        proforma = self.premises.proformas[step["form"]]
        given = new_issue(self.premises, proforma, self.plan, "word", step.get("for", ""), self._manner(step))
        known = self.premises.ledger.issue(given.form)
        if known is None:
            with self.premises.ledger.writing():
                self.premises.ledger.give_out(given)
        if "out" in step:
            self.forms[step["out"]] = given
        return given

    def _returns(self, step: Mapping[str, Any]) -> None:
        given = self._given(step)
        if "says" not in step:
            return
        self._count += 1
        form = filled(form_of(sheet_of(self.premises, given)), step["says"], step.get("retyped", False))
        content = f"{self.name}, file {self._count}".encode()
        taken = workflow.take_in(self.premises, content, f"{step['form']}.docx", replace(form, sha256=""))
        assert taken.outcome == step.get("outcome", "taken"), (taken.outcome, taken.reason)
        self.plan = self.plan or taken.plan
        assert self.plan is not None
        with self.premises.ledger.writing():
            workflow.sign_off(self.premises, self.plan)

    def _model(self, name: str) -> None:
        assert self.plan is not None
        people.model(self.premises, self.plan, name, load_models(HOME), "Chidi Okafor")

    def _roll_over(self, by: str) -> None:
        assert self.plan is not None
        people.roll_over(self.premises, self.plan, by)

    def _settle(self, take: str) -> None:
        """Answers every open question the same."""
        for query in self.premises.ledger.open_queries(self.plan):
            people.settle(self.premises, query.query, take, None, "Chidi Okafor", None)

    def _refuses(self, step: Mapping[str, Any]) -> None:
        """What may not be issued now, and why not."""
        with pytest.raises(Declined, match=step["because"]):
            workflow.issue(self.premises, self.premises.proformas[step["form"]], self.plan, "word", self._manner(step))

    def _then(self, right: Mapping[str, Any]) -> None:
        """What the record says, where the plan stands, what is due, what is asked."""
        assert self.plan is not None
        there = standing(self.premises, self.plan)
        for path, value in right.get("record", {}).items():
            assert there.record.get(path) == (value.isoformat() if isinstance(value, dt.date) else value), path
        if "state" in right:
            assert there.state == right["state"], there.findings
        if "versions" in right:
            assert len(there.versions) == right["versions"]
        if "stale" in right:
            assert bool(there.found and there.found.stale) == right["stale"]
        for what, day in right.get("due", {}).items():
            assert {d.what: d.day for d in there.due}.get(what) == day, there.due
        assert len(there.queries) == right.get("asked", 0), [q.question for q in there.queries]
        for key, least in right.get("diverges", {}).items():
            assert (divergence(there.record, key) or 0) >= least
        for gate in right.get("gates", []):
            assert gate in {g.gate for g in there.gates if not g.passed}

    def _shares(self, right: Mapping[str, list[str]]) -> None:
        """Which sections the learner shares with whom today."""
        record = self.premises.ledger.record(self.plan or "")
        for role, sections in right.items():
            assert list(sharing.granted(record, self.premises.proformas["plan"], role, self.premises.today)) == sections

    def _shows(self, step: Mapping[str, Any]) -> None:
        """What stands on a form that is given out now, and what does not."""
        sheet = sheet_of(self.premises, self._given(step))
        said = "\n".join((*texts(sheet), sheet.stamp.line(), *_labels(sheet)))
        for words in step.get("has", []):
            assert words in said, words
        for words in step.get("hasnt", []):
            assert words not in said, words


def _labels(sheet: Sheet) -> Iterator[str]:
    yield from (f"{box.label}: {box.shown}" for box in sheet.boxes())


def filled(form: Form, says: Mapping[str, Any], retyped: bool) -> Form:
    """The form with words typed into its boxes.

    Args:
        retyped: whether somebody typed it anew from paper, so that its labels alone are left, and no stamp.
    """
    there = {field.name for field in form.fields}
    assert says.keys() <= there, f"no such boxes: {sorted(says.keys() - there)}"

    def typed(field: Field, number: int) -> Field:
        value = says.get(field.name, field.value)
        words = value if isinstance(value, bool) and field.kind == "tick" else value and str(value)
        name, route = (f"Text{number}", "label") if retyped else (field.name, field.route)
        return field._replace(name=name, value=words, raw=words, route=route)

    fields = tuple(typed(field, number) for number, field in enumerate(form.fields))
    return replace(form, fields=fields, stamps=() if retyped else form.stamps)


@pytest.mark.parametrize("story", STORIES, ids=[f"{s['row']} {s['system']}" for s in STORIES])
def test_the_year_of_a_system_goes_by_with_these_forms(office: Premises, story: dict[str, Any]) -> None:
    year = Year(office, story, STORIES.index(story) + 1)
    for step in story["steps"]:
        year.does(step)


def test_every_system_has_its_story_and_its_line_on_the_page() -> None:
    told = {
        number for story in STORIES for number in ([story["row"]] if isinstance(story["row"], int) else story["row"])
    }
    assert ROWS - told == set()
    page = (HOME / "README.md").read_text("utf-8")
    assert [number for number in sorted(ROWS) if f"| {number} |" not in page] == []
