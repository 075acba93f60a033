"""Rules of a form's issues and sizes: what is out is read by its own definition, and what is signed stays signed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from strategies import PROFORMAS, form_of, issue
from test_recognise import AMRIT, known, told, without_names

from engine.cli import run
from engine.errors import Mistake
from engine.layout import lay_out
from engine.model import Manner, Stamp, State
from engine.plan import PLACES
from engine.proforma import Proforma, load, load_all
from engine.recognise import Recognised, recognise
from engine.settings import SIZES, Size
from engine.workspace import Workspace
from tests.conftest import AMRIT as AMRIT_SAYS
from tests.conftest import Office, made_office
from tests.filling import fill

FIRST = """\
proforma: card
title: Contact card
version: 1
audience: [learner, tutor]
sections:
  - heading: You
    questions:
      - {ask: learner.given_name, label: First names}
      - {ask: learner.family_name, label: Family name}
      - {ask: learner.uln, label: ULN}
      - {ask: learner.phone, label: Telephone}
      - {ask: learner.address, label: Home address, size: standard}
      - {ask: learner.language, label: Language, size: full}
"""
SECOND = FIRST.replace("version: 1", "version: 2").replace("label: Telephone", "label: Mobile number")


@pytest.fixture(scope="module")
def new_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an office with the forms alone that lead to a signed version."""
    forms = ("learner-details", "needs-summary", "plan", "funding-plan")
    return made_office(tmp_path_factory.mktemp("few") / "office", *forms)


@pytest.fixture
def card(tmp_path: Path) -> Proforma:
    """A form in its second issue: one question is called otherwise now, and asks for the same place."""
    home = tmp_path / "card"
    home.mkdir()
    (home / "v1.yaml").write_text(FIRST, "utf-8")
    (home / "proforma.yaml").write_text(SECOND, "utf-8")
    return load(home)


def told_by(card: Proforma, version: int, stamped: bool, size: Size = "full") -> dict[str, tuple[State, object]]:
    """What is read from the card of an issue, after a program that kept labels alone."""
    own = card.as_of(version)
    given = issue("plan", size=size).model_copy(update={"proforma": "card", "version": version})
    record = {**AMRIT, "learner.phone": "0161 496 0000"}
    form = without_names(form_of(lay_out(own, record, given, "Kingsmead"), stamped))
    found = recognise(form, replace(known(given), proformas={"card": card}))
    assert isinstance(found, Recognised)
    assert (found.proforma.version, found.plan) == (version, "P-TEST0001")
    return told(found.answers)


class TestIssues:
    @pytest.mark.parametrize("stamped", [True, False], ids=["stamped", "without a stamp"])
    @pytest.mark.parametrize("version", [1, 2])
    def test_a_form_is_read_by_the_issue_it_went_out_on_and_a_renamed_question_keeps_its_place(
        self, card: Proforma, version: int, stamped: bool
    ) -> None:
        assert told_by(card, version, stamped)["learner.phone"] == (State.SAID, "0161 496 0000")

    def test_an_issue_of_which_nothing_is_kept_is_read_by_the_current_one(self, card: Proforma) -> None:
        assert card.as_of(7) is card

    @pytest.mark.parametrize(("file", "version"), [("v1.yaml", 3), ("v2.yaml", 2), ("v3.yaml", 1)])
    def test_an_earlier_issue_is_called_like_its_version_and_is_older(
        self, card: Proforma, tmp_path: Path, file: str, version: int
    ) -> None:
        (tmp_path / "card" / file).write_text(FIRST.replace("version: 1", f"version: {version}"), "utf-8")
        with pytest.raises(Mistake, match="earlier issue"):
            load(tmp_path / "card")

    def test_no_shipped_issue_asks_for_a_place_that_there_is_not(self) -> None:
        kept = [earlier for proforma in PROFORMAS.values() for earlier in proforma.earlier]
        assert kept
        assert all(earlier.places() <= PLACES.keys() for earlier in kept)

    @pytest.mark.parametrize(("version", "label"), [(1, "Last day before the break"), (2, "First day of the break")])
    def test_a_break_begins_on_its_first_day_and_a_form_that_asked_for_the_day_before_is_still_read(
        self, version: int, label: str
    ) -> None:
        """Clocks stand still from the day that is asked for (`plan.programme.Break`)."""
        form = PROFORMAS["change-of-circumstances"]
        own = form.as_of(version)
        assert label in {q.label for section in own.sections for q in section.questions}
        given = issue("plan").model_copy(update={"proforma": form.proforma, "version": version})
        sheet = lay_out(own, {**AMRIT, "breaks[B1].began": "2026-10-05"}, given, "Kingsmead")
        found = recognise(without_names(form_of(sheet)), replace(known(given), proformas=PROFORMAS))
        assert isinstance(found, Recognised)
        assert told(found.answers)["breaks[B1].began"] == (State.SAID, "2026-10-05")

    def test_forms_still_out_are_taken_in_and_fresh_ones_are_of_the_new_issue(self, office: Office) -> None:
        plan = office.joins()
        _, old = office.workspace.issue("learner-details", plan, "word", office.root / "out")
        _raise(office, "learner-details", "label: Telephone", "label: Mobile number")
        fill(old, {"learner.phone": "0161 496 0000"}, office.root / "inbox" / "late.docx")
        assert office.workspace.run().taken_in == 1
        assert office.record(plan)["learner.phone"] == "0161 496 0000"
        _, fresh = office.workspace.issue("learner-details", plan, "word", office.root / "out")
        stamp = office.workspace.read(fresh).stamp
        assert stamp is not None
        assert stamp.version == PROFORMAS["learner-details"].version + 1

    def test_a_change_of_wording_touches_nothing_that_is_signed(self, office: Office) -> None:
        plan = office.ready_to_sign()
        copy = office.document("Training plan", "pdf")
        office.returns(copy, {"signatures[learner].name": "Amrit Kaur", "signatures[learner].date": "16/09/2026"})
        out = _stamp(office, office.document("Training plan", "pdf"))
        _raise(office, "funding-plan", "label: Job role", "label: Occupation")
        office.workspace.run()
        still = office.document("Training plan", "pdf")
        assert _stamp(office, still) == out
        rest = {"employer": "Jo Hargreaves", "provider": "Chidi Okafor"}
        signed = {f"signatures[{role}].name": name for role, name in rest.items()}
        office.returns(still, signed | {f"signatures[{role}].date": "16/09/2026" for role in rest})
        there = office.workspace.standing(plan)
        assert there.stage == "in force"
        assert there.edition is not None
        assert {s.role for s in there.edition.signatures} == {"learner", "employer", "provider"}
        seals = office.workspace.premises.ledger.seals(plan)
        _raise(office, "funding-plan", "label: Occupation", "label: Position")
        office.workspace.run()
        assert office.workspace.premises.ledger.seals(plan) == seals
        assert office.workspace.standing(plan).stage == "in force"
        assert office.workspace.verify().ok


class TestAProformaThatIsGone:
    def test_what_was_sealed_on_it_stays_where_it_lies_and_all_else_goes_on(self, office: Office) -> None:
        plan = office.signed()
        copies = sorted(office.root.glob("outbox/*/*/Funding-body version 1*.pdf"))
        assert len(copies) > 1
        sealed = copies[0].read_bytes()
        _remove(office, "funding-plan")
        for copy in copies[1:]:
            copy.unlink()
        said = office.returns(office.document("Individual learning plan"), {"learner.preferred_name": "Ami"})
        assert said.troubles == ()
        assert {copy.read_bytes() for copy in copies} == {sealed}
        assert "Ami" in office.document("Individual learning plan", "pdf").name
        assert office.record(plan)["learner.preferred_name"] == "Ami"
        assert office.workspace.verify().ok

    def test_a_version_that_waits_for_its_seal_says_what_to_put_back(self, office: Office) -> None:
        settings = office.root / "counterpart.toml"
        usual = settings.read_text()
        settings.write_text(usual + '[sealing]\npkcs12 = "lost.p12"\n')
        office.workspace.close()
        office.workspace = Workspace(office.root)
        office.signed()
        settings.write_text(usual)
        _remove(office, "funding-plan")
        said = office.returns(office.document("Individual learning plan"), {"learner.preferred_name": "Ami"})
        (trouble,) = said.troubles
        assert "waits for its seal: There is no proforma “funding-plan” here any more." in trouble
        assert str(office.root / "proformas" / "funding-plan") in trouble
        assert "Ami" in office.document("Individual learning plan", "pdf").name


def _remove(office: Office, name: str) -> None:
    """Takes a form out of use, as an administrator who deletes its folder does."""
    shutil.rmtree(office.root / "proformas" / name)
    office.workspace.close()
    office.workspace = Workspace(office.root)


def _stamp(office: Office, file: Path) -> Stamp | None:
    return office.workspace.read(file).stamp


def _raise(office: Office, name: str, was: str, now: str) -> None:
    """The next issue of a form in a workspace, the one before beside it."""
    home = office.root / "proformas" / name
    text = (home / "proforma.yaml").read_text("utf-8")
    version = load(home).version
    shutil.move(home / "proforma.yaml", home / f"v{version}.yaml")
    assert was in text
    text = text.replace(was, now).replace(f"version: {version}", f"version: {version + 1}")
    (home / "proforma.yaml").write_text(text, "utf-8")
    office.workspace.close()
    office.workspace = Workspace(office.root)


class TestSizes:
    def test_each_size_asks_what_the_smaller_ones_do(self) -> None:
        for proforma in PROFORMAS.values():
            asked = []
            for size in SIZES:
                given = issue(proforma.proforma, size=size)
                asked.append({box.name for box in lay_out(proforma, {}, given, "Kingsmead").boxes()})
            assert asked[0] <= asked[1] <= asked[2]

    def test_there_are_three_sizes_of_the_plan(self) -> None:
        count = [sum(q.in_size(size) for _, q, _ in PROFORMAS["plan"].questions()) for size in SIZES]
        assert count[0] < count[1] < count[2]

    @pytest.mark.parametrize("stamped", [True, False], ids=["stamped", "without a stamp"])
    @pytest.mark.parametrize("size", SIZES)
    def test_a_form_of_any_size_is_read_and_speaks_only_for_what_it_asks(
        self, card: Proforma, size: Size, stamped: bool
    ) -> None:
        found = told_by(card, 2, stamped, size)
        assert found["learner.phone"] == (State.SAID, "0161 496 0000")
        assert ("learner.address" in found, "learner.language" in found) == (size != "short", size == "full")

    def test_what_a_smaller_form_does_not_ask_stays_as_it_is(self, office: Office) -> None:
        plan = office.joins()
        out = office.root / "out"
        _, full = office.workspace.issue("learner-details", plan, "word", out, Manner(size="full"))
        office.returns(full, {"learner.language": "Polish"})
        _, short = office.workspace.issue("learner-details", plan, "pdf", out, Manner(size="short"))
        assert "learner.language" not in {f.name for f in office.workspace.read(short).fields}
        office.returns(short, {"learner.preferred_name": "Am"})
        record = office.record(plan)
        assert (record["learner.language"], record["learner.preferred_name"]) == ("Polish", "Am")

    def test_the_size_is_a_setting_and_a_choice_on_the_command(
        self, office: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with (office.root / "counterpart.toml").open("a") as settings:
            settings.write('[forms]\nsize = "short"\n')
        there = ["--workspace", str(office.root)]
        (office.root / "a").mkdir()
        (office.root / "b").mkdir()
        assert run([*there, "issue", "plan", "--to", str(office.root / "a")]) == 0
        assert run([*there, "issue", "plan", "--size", "full", "--to", str(office.root / "b")]) == 0
        assert run([*there, "issue", "plan", "--size", "huge"]) == 2
        small, large = (
            {f.name for f in office.workspace.read(next((office.root / part).iterdir())).fields} for part in "ab"
        )
        assert small < large
        assert "changes[new 1].what" in large - small

    def test_what_is_signed_for_the_funding_body_is_always_whole(self, tmp_path: Path) -> None:
        home = tmp_path / "card"
        home.mkdir()
        (home / "proforma.yaml").write_text(FIRST.replace("version: 1", "version: 1\nedition: true"), "utf-8")
        with pytest.raises(Mistake, match=r"line 13, column .*always whole"):
            load(home)


class TestRemembering:
    def test_definitions_are_parsed_when_they_change_and_only_then(
        self, card: Proforma, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = tmp_path / "kept.json"
        assert load_all(tmp_path, kept) == {"card": card}
        parsed: list[Path] = []
        monkeypatch.setattr("engine.proforma.file._read_anew", lambda file, content: parsed.append(file) or card)
        assert load_all(tmp_path, kept) == {"card": card}
        assert parsed == []
        (tmp_path / "card" / "v1.yaml").write_text(FIRST.replace("Family name", "Surname"), "utf-8")
        with pytest.raises(Mistake):
            load_all(tmp_path, kept)
        assert parsed == [tmp_path / "card" / "v1.yaml"]

    def test_what_is_remembered_wrongly_is_read_again(self, card: Proforma, tmp_path: Path) -> None:
        kept = tmp_path / "kept.json"
        kept.write_text("[]")
        assert load_all(tmp_path, kept) == {"card": card}
        kept.write_text(kept.read_text().replace("learner.phone", "learner.nothing"))
        assert load_all(tmp_path, kept) == {"card": card}


def test_a_blank_of_the_office_is_of_the_current_issue(office: Office) -> None:
    office.joins(AMRIT_SAYS)
    stamp = _stamp(office, office.blank("Learner details"))
    assert stamp is not None
    assert stamp.version == PROFORMAS["learner-details"].version
