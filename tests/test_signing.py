"""From the copy that is given out to the version that is sealed: what happens in between, and what it does to that."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Declined, WrongUse
from engine.mistakes import undo
from engine.people import settle, sign, waive
from engine.places import Record
from engine.sheet import Sheet
from engine.standing import Standing, standing
from engine.workflow import sign_off
from tests.conftest import AMRIT, ASSESSED, PROGRAMME, Desk

DAY = dt.date(2026, 9, 16)
NAMES = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}


class Signing(Desk):
    """A desk with a learner whose funding-body version is out for signature, in three copies."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.premises = replace(self.premises, today=DAY)
        self.plan = self.joins(AMRIT)
        self.back(self.prints("plan", self.plan), PROGRAMME)

    def assessed(self) -> None:
        """All that has to be assessed is."""
        self.back(self.prints("needs-summary", self.plan), ASSESSED)

    def out(self) -> Sheet:
        """A copy for signature is given out."""
        return self.prints("funding-plan", self.plan)

    def signs(self, sheet: Sheet, role: str, name: str = "", day: str = "16/09/2026") -> None:
        """Somebody signs a copy, and it comes back."""
        said = {f"signatures[{role}].name": name or NAMES[role], f"signatures[{role}].date": day}
        self.back(sheet, {part: words for part, words in said.items() if words})
        sign_off(self.premises, self.plan)

    @property
    def there(self) -> Standing:
        """Where the plan stands."""
        return standing(self.premises, self.plan)


@pytest.fixture
def desk(new_desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signing]:
    monkeypatch.setenv("COUNTERPART_TODAY", DAY.isoformat())
    made = Signing(shutil.copytree(new_desk, tmp_path / "office"))
    yield made
    made.workspace.close()


def test_whoever_has_no_name_signs_nothing(desk: Signing) -> None:
    desk.assessed()
    desk.out()
    for name, by in ((" ", "Ruth Mbeki"), ("Amrit Kaur", " "), ("", "Ruth Mbeki")):
        with pytest.raises(WrongUse, match="has the name"):
            sign(desk.premises, desk.plan, "learner", name, by)
    assert desk.there.signed == {}


@pytest.mark.parametrize("day", ["2026-09-15", "2026-09-17", "2027-09-01"])
def test_a_signature_in_ink_is_of_a_day_on_which_the_copy_was_out(desk: Signing, day: str) -> None:
    desk.assessed()
    form = desk.out().stamp.form
    with pytest.raises(Declined, match="was given out on 16/09/2026"):
        sign(desk.premises, desk.plan, "learner", "Amrit Kaur", "Ruth Mbeki", (form, day, "ab" * 32))
    sign(desk.premises, desk.plan, "learner", "Amrit Kaur", "Ruth Mbeki", (form, DAY.isoformat(), "ab" * 32))
    assert set(desk.there.signed) == {"learner"}


def test_a_waiver_that_is_taken_back_while_signatures_are_pending_stops_the_version(desk: Signing) -> None:
    waive(desk.premises, desk.plan, "G1", "Seen at another college", "Ruth Mbeki")
    waived = desk.premises.ledger.newest(desk.plan)
    sheet = desk.out()
    assert any("G1 was waived by Ruth Mbeki" in line for block in sheet.notices for line in block.lines)
    for role in ("learner", "employer"):
        desk.signs(sheet, role)
    undo(desk.premises, desk.plan, waived, "It was somebody else’s", "Dana Marsh", None)
    desk.signs(sheet, "provider")
    assert desk.there.edition is None
    assert any(f.startswith("All have signed, but initial assessment is not") for f in desk.there.findings)


def test_when_one_person_has_signed_for_two_everybody_is_told(desk: Signing) -> None:
    desk.assessed()
    sheet = desk.out()
    for role, name in (*NAMES.items(),):
        desk.signs(sheet, role, "Amrit Kaur" if role == "provider" else name)
    assert desk.there.edition is None
    assert "All have signed, but one person has signed in two roles." in desk.there.findings


def test_a_name_that_a_person_has_had_removed_signs_no_more(desk: Signing) -> None:
    desk.assessed()
    sheet = desk.out()
    desk.signs(sheet, "learner")
    (signed,) = [path for path in desk.record(desk.plan) if path.endswith(f"{sheet.stamp.form} learner].name")]
    desk.back(sheet, {"signatures[learner].name": "CLEAR"})
    (query,) = [q for q in desk.premises.ledger.open_queries(desk.plan) if q.place == signed]
    settle(desk.premises, query.query, None, "CLEAR", "Dana Marsh", None)
    assert desk.there.signed == {}


def test_who_signs_another_copy_of_a_form_leaves_the_first_ones_signature_and_nobody_is_asked(desk: Signing) -> None:
    desk.assessed()
    sheet = desk.out()
    for role in NAMES:
        desk.signs(sheet, role)
        assert list(desk.premises.ledger.open_queries(desk.plan)) == []
    assert desk.there.stage == "in force"


def test_what_may_not_be_shown_on_a_copy_is_told_to_be_there(desk: Signing) -> None:
    """The employer holds the copy, too, and may not see that the learner's support is claimed for."""
    desk.assessed()
    for role in NAMES:
        desk.signs(desk.out(), role)
    support: Record = {"actions[new 1].need": "Large print", "actions[new 1].what": "Recipe cards",
                       "actions[new 1].claimed": "Yes"}  # fmt: skip
    desk.back(desk.prints("support-plan", desk.plan), {place: str(said) for place, said in support.items()})
    assert desk.there.stage == "stale"
    told = [line for block in desk.out().notices for line in block.lines]
    assert any(line.startswith("Something that this form may not show has changed") for line in told)
    assert not any("Recipe cards" in line for line in told)
