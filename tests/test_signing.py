"""From the copy that is given out to the version that is sealed: what happens in between, and what it does to that."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from engine.errors import Declined, WrongUse
from engine.mistakes import undo
from engine.model import Manner, Remark
from engine.people import settle, sign, waive
from engine.sheet import Sheet
from engine.standing import Standing, standing
from engine.versions import sealed_sheet
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


class TestAwayAndBack:
    """The plan moves on while signatures are pending, and comes back to what it said."""

    @pytest.fixture
    def away(self, desk: Signing) -> Signing:
        desk.assessed()
        desk.signs(desk.out(), "learner")
        desk.back(desk.prints("plan", desk.plan), {"programme.planned_hours": "400"})
        return desk

    def back(self, desk: Signing, **more: str) -> None:
        desk.back(desk.prints("plan", desk.plan), {"programme.planned_hours": "420", **more})

    def test_what_was_signed_before_counts_and_the_version_is_of_a_revision_that_says_it(self, away: Signing) -> None:
        self.back(away)
        for role in ("employer", "provider"):
            away.signs(away.out(), role)
        edition = away.there.edition
        assert edition is not None
        assert edition.revision_hash == away.premises.ledger.hash(away.plan, edition.revision)
        assert [p.why for p in away.workspace.verify().problems] == ["it is signed but not sealed yet"]

    def test_what_was_waived_meanwhile_is_signed_by_everybody_or_nobody(self, away: Signing) -> None:
        vague = {"targets[new 1].text": "Do better", "targets[new 1].status": "Under way"}
        self.back(away, **vague)
        waive(away.premises, away.plan, "G6", "The workshop is closed", "Ruth Mbeki")
        for role in ("employer", "provider"):
            away.signs(away.out(), role)
        assert away.there.edition is None
        away.signs(away.out(), "learner")
        assert away.there.edition is not None


def test_a_waiver_that_is_given_while_a_copy_is_out_takes_it_back(desk: Signing) -> None:
    desk.assessed()
    vague = {"targets[new 1].text": "Do better", "targets[new 1].status": "Under way"}
    sheet = desk.out()
    desk.back(desk.prints("plan", desk.plan), vague)
    waive(desk.premises, desk.plan, "G6", "The workshop is closed", "Ruth Mbeki")
    desk.signs(sheet, "learner")
    assert desk.there.signed == {}


def test_a_signature_that_counts_is_not_made_somebody_elses_by_an_answer(desk: Signing) -> None:
    desk.assessed()
    sheet = desk.out()
    desk.signs(sheet, "learner")
    desk.signs(sheet, "learner", "Somebody Else")
    (query,) = desk.there.queries
    with pytest.raises(WrongUse, match="A signature that counts is not altered"):
        settle(desk.premises, query.query, None, "Mickey Mouse", "Dana Marsh", None)
    assert desk.there.signed["learner"].name == "Amrit Kaur"


def test_nothing_is_signed_off_while_the_plan_is_closed(desk: Signing) -> None:
    desk.assessed()
    sheet = desk.out()
    desk.signs(sheet, "learner")
    desk.signs(sheet, "employer")
    desk.workspace.close_plan(desk.plan, "Left for a job", "Dana Marsh")
    desk.signs(sheet, "provider")
    assert desk.there.edition is None


def test_a_signed_form_with_words_beside_its_boxes_is_not_carried_by_the_version(desk: Signing) -> None:
    desk.assessed()
    sheet = desk.out()
    desk.signs(sheet, "learner")
    desk.remarks = (Remark("note", "I take tablets for my epilepsy"),)
    desk.signs(sheet, "employer")
    desk.remarks = ()
    (query,) = desk.there.queries
    settle(desk.premises, query.query, "noted", None, "Dana Marsh", None)
    desk.signs(sheet, "provider")
    edition = desk.there.edition
    assert edition is not None
    carried = [file.name for file in sealed_sheet(desk.premises, edition, "head")[1]]
    assert sorted(name[:16] for name in carried if name.startswith("signed-by")) == [
        "signed-by-learne",
        "signed-by-provid",
    ]


class TestWhatNotEverybodyMaySee:
    """Support is claimed for after all have signed: learner and support sign again, and the employer may not see it."""

    @pytest.fixture
    def claimed(self, desk: Signing) -> Signing:
        desk.assessed()
        for role in NAMES:
            desk.signs(desk.out(), role)
        support = {"need": "Large print", "what": "Recipe cards", "claimed": "Yes"}
        plan = desk.prints("support-plan", desk.plan)
        desk.back(plan, {f"actions[new 1].{column}": said for column, said in support.items()})
        assert (desk.there.stage, desk.there.roles) == ("stale", ("learner", "support"))
        return desk

    def test_a_copy_for_many_hands_tells_that_there_is_something(self, claimed: Signing) -> None:
        told = words(claimed.out())
        assert "Something that this form may not show has changed" in told
        assert "Recipe cards" not in told
        assert "Recipe cards" not in words(claimed.prints("funding-plan", claimed.plan, "employer"))

    def test_whoever_may_see_it_does_so_on_their_own_copy_which_nobody_else_signs(self, claimed: Signing) -> None:
        own = claimed.prints("funding-plan", claimed.plan, "learner")
        assert "Recipe cards" in words(own)
        assert {block.role for block in own.signatures} == {"learner"}
        assert "It says something that the employer and the provider may not see" in words(own)

    def test_the_amendment_says_it_to_each_who_signs(self, claimed: Signing) -> None:
        for folder, manner in (("learner", Manner()), ("support", Manner(role="support"))):
            sheet = claimed.prints("amendment", claimed.plan, folder, manner)
            assert "Recipe cards" in words(sheet)
            assert "Who does not sign this copy" not in words(sheet)

    def test_where_the_employer_signs_too_support_signs_on_a_copy_of_its_own(self, claimed: Signing) -> None:
        claimed.back(claimed.prints("plan", claimed.plan), {"programme.planned_hours": "400"})
        assert set(claimed.there.roles) == {"learner", "employer", "provider", "support"}
        shared = claimed.prints("amendment", claimed.plan)
        own = claimed.prints("amendment", claimed.plan, "support", Manner(role="support"))
        assert ("Recipe cards" in words(shared), "400" in words(shared)) == (False, True)
        assert ("Recipe cards" in words(own), "400" in words(own)) == (True, False)
        assert [block.role for block in own.signatures] == ["support"]
        assert {block.role for block in shared.signatures} == {"learner", "employer", "provider"}

    def test_nobody_signs_in_ink_or_by_word_of_mouth_where_they_have_no_place(self, claimed: Signing) -> None:
        claimed.back(claimed.prints("plan", claimed.plan), {"programme.planned_hours": "400"})
        shared = claimed.prints("amendment", claimed.plan)
        own = claimed.prints("amendment", claimed.plan, "support", Manner(role="support"))
        paper = (own.stamp.form, DAY.isoformat(), "ab" * 32)
        with pytest.raises(Declined, match="no form that is out for that signature"):
            sign(claimed.premises, claimed.plan, "employer", "Jo Hargreaves", "Ruth Mbeki", paper)
        for role, form in (("employer", shared.stamp.form), ("support", own.stamp.form)):
            sign(claimed.premises, claimed.plan, role, f"The {role}", "Ruth Mbeki")
            assert claimed.there.signed[role].form == form

    def test_a_working_document_for_the_employer_tells_nothing_of_it(self, claimed: Signing) -> None:
        told = words(claimed.prints("plan", claimed.plan, "employer", Manner(role="employer")))
        assert "is stale, because of something that is not shown here." in told
        assert "upport" not in told.replace("Support worker", "")

    def test_what_they_sign_is_kept_and_not_carried_by_the_sealed_version(self, claimed: Signing) -> None:
        claimed.signs(claimed.prints("amendment", claimed.plan, "learner"), "learner")
        own = claimed.prints("amendment", claimed.plan, "support", Manner(role="support"))
        claimed.signs(own, "support", "Ruth Mbeki")
        edition = claimed.there.edition
        assert edition is not None
        assert edition.number == 2
        sheet, carried = sealed_sheet(claimed.premises, edition, "head")
        assert [file.name for file in carried if file.name.startswith("signed-by")] == []
        (kept,) = [block for block in sheet.evidence if block.heading == "Signed forms that are not attached"]
        assert [line for line in kept.lines if own.stamp.form in line]
        assert "Recipe cards" not in words(sheet)
        before = claimed.premises.ledger.editions(claimed.plan)[0]
        assert len(sealed_sheet(claimed.premises, before, "head")[1]) == 2 + len(NAMES)

    def test_what_the_learner_alone_saw_on_a_full_copy_is_in_no_pack_for_the_employer(self, claimed: Signing) -> None:
        own = claimed.prints("funding-plan", claimed.plan, "learner")
        claimed.signs(own, "learner")
        claimed.signs(
            claimed.prints("amendment", claimed.plan, "support", Manner(role="support")), "support", "Ruth Mbeki"
        )
        pack = PdfReader(claimed.workspace.pack(claimed.plan, "employer"))
        assert not [name for name in pack.attachments if own.stamp.form in name]
        assert len([name for name in pack.attachments if name.startswith("Signed form")]) == len(NAMES)


def words(sheet: Sheet) -> str:
    """All that stands on a form."""
    blocks = (*sheet.notices, *sheet.blocks, *sheet.evidence)
    rows = [box.shown for block in blocks for row in block.rows for box in row.boxes]
    lines = [line for block in blocks for line in (block.heading, *block.lines)]
    return "\n".join([*lines, *rows, *(box.shown for box in sheet.boxes())])
