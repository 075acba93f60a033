"""The way through, by the front door: real files dropped into a real workspace."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest

from engine import Workspace
from engine.documents import render
from engine.errors import Declined, WrongUse
from engine.model import Rendition
from engine.reading import read
from tests.conftest import AMRIT, PROGRAMME, Office
from tests.filling import fill


def archive(office: Office) -> set[str]:
    return {file.name for file in (office.root / ".counterpart" / "archive").iterdir()}


def outbox(office: Office) -> dict[str, str]:
    """Every file of the outbox with its hash."""
    files = (p for p in (office.root / "outbox").rglob("*") if p.is_file())
    return {str(p.relative_to(office.root)): sha256(p.read_bytes()).hexdigest() for p in files}


def answers(file: Path) -> set[object]:
    """What the boxes of a document say."""
    return {field.value for field in read(file.read_bytes()).fields}


def notes(office: Office, folder: str) -> str:
    """The words of every page in a folder of the outbox."""
    return "\n".join(p.read_text("utf-8") for p in (office.root / "outbox" / folder).glob("*.html"))


# ── Whose form is it ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("medium", ["docx", "pdf"])
def test_a_form_of_a_new_learner_makes_a_plan(office: Office, medium: str) -> None:
    summary = office.returns(office.blank("Learner details", medium), AMRIT)
    assert (summary.taken_in, summary.revisions, summary.queries_raised, summary.refused) == (1, 1, 0, 0)
    (there,) = office.workspace.plans()
    assert there.record["learner.family_name"] == "Kaur"
    assert office.document("Individual learning plan", "docx").exists()
    assert office.document("Individual learning plan", "pdf").exists()


def test_a_second_form_of_the_same_learner_goes_to_the_same_plan(office: Office) -> None:
    plan = office.joins()
    office.returns(office.blank("Learner details", "pdf"), {**AMRIT, "learner.phone": "0161 496 0000"})
    assert list(office.workspace.premises.ledger.plans()) == [plan]
    assert office.record(plan)["learner.phone"] == "0161 496 0000"


def test_a_form_of_nobody_known_is_asked_about_and_settled(office: Office) -> None:
    plan = office.joins()
    summary = office.returns(
        office.blank("Progress review"), {"learner.given_name": "Amrit", "reviews[new].progress": "Good"}
    )
    assert (summary.taken_in, summary.queries_raised) == (1, 1)
    (query,) = office.workspace.queries()
    assert query.plan is None
    assert query.query in notes(office, "questions")
    office.workspace.settle(query.query, take=plan, by="Chidi Okafor")
    assert office.record(plan)["reviews[1].progress"] == "Good"
    assert not office.workspace.queries()
    assert query.query not in notes(office, "questions")


def test_two_learners_of_one_name_are_told_apart_or_asked_about(office: Office) -> None:
    office.joins()
    office.returns(office.blank("Learner details"), {**AMRIT, "learner.date_of_birth": "02/07/2007", "learner.uln": ""})
    (query,) = office.workspace.queries()
    assert "Amrit Kaur" in query.question
    assert "new" in query.choices
    office.workspace.settle(query.query, take="new", by="Chidi Okafor")
    assert len(office.workspace.plans()) == 2


def test_a_form_filled_in_for_somebody_else_is_merged_into_nobodys_plan(office: Office) -> None:
    plan = office.joins()
    before = office.record(plan)
    someone = {"learner.given_name": "Piotr", "learner.family_name": "Nowak", "aspiration.destination": "Chef"}
    office.returns(office.document("Individual learning plan"), someone)
    (query,) = office.workspace.queries()
    assert query.kind == "identity"
    assert office.record(plan) == before


# ── Merging ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_returned_late_undoes_nothing_that_came_since(office: Office) -> None:
    """Law 3: two forms printed from revision 1, returned one after the other."""
    plan = office.joins()
    early = shutil.copy(office.document("Individual learning plan"), office.root / "early.docx")
    office.returns(
        office.document("Individual learning plan", "pdf"),
        {"learner.phone": "0161 496 0000", "targets[new 1].text": "Weigh dough to 5 g"},
    )
    office.returns(Path(early), {"aspiration.destination": "Run my own bakery"})
    record = office.record(plan)
    assert record["learner.phone"] == "0161 496 0000"
    assert record["targets[T1].text"] == "Weigh dough to 5 g"
    assert record["aspiration.destination"] == "Run my own bakery"
    assert not office.workspace.queries()


def test_two_prints_that_disagree_make_one_question_and_the_answer_a_revision(office: Office) -> None:
    plan = office.joins()
    early = Path(shutil.copy(office.document("Individual learning plan"), office.root / "early.docx"))
    office.returns(office.document("Individual learning plan", "pdf"), {"learner.phone": "0161 496 0000"})
    office.returns(early, {"learner.phone": "0161 496 0999"})
    (query,) = office.workspace.queries()
    assert (query.place, query.ours, query.theirs) == ("learner.phone", "0161 496 0000", "0161 496 0999")
    assert "0161 496 0999" in notes(office, "questions")
    office.workspace.settle(query.query, take="form", by="Chidi Okafor")
    assert office.record(plan)["learner.phone"] == "0161 496 0999"
    with pytest.raises(Declined):
        office.workspace.settle(query.query, take="plan")


def test_a_sender_who_corrects_the_same_form_is_not_asked(office: Office) -> None:
    plan = office.joins()
    form = Path(shutil.copy(office.document("Individual learning plan"), office.root / "form.docx"))
    office.returns(form, {"targets[new 1].text": "Weigh dough", "targets[new 1].due": "31/02/2027"})
    assert len(office.workspace.queries()) == 1
    office.returns(form, {"targets[new 1].text": "Weigh dough to 5 g", "targets[new 1].due": "28/02/2027"})
    record = office.record(plan)
    assert record["targets[T1].text"] == "Weigh dough to 5 g"
    assert record["targets[T1].due"] == "2027-02-28"
    assert "targets[T2].text" not in record
    assert not office.workspace.queries()


def test_an_emptied_box_is_a_question_and_the_word_clear_is_an_act(office: Office) -> None:
    plan = office.joins({**AMRIT, "learner.phone": "0161 496 0000", "learner.address": "1 Mill Lane"})
    office.returns(office.document("Individual learning plan", "pdf"), {"learner.phone": ""})
    (query,) = office.workspace.queries()
    assert query.kind == "removal"
    assert office.record(plan)["learner.phone"] == "0161 496 0000"
    office.returns(office.blank("Learner details"), {**AMRIT, "learner.address": "CLEAR"})
    assert "learner.address" not in office.record(plan)


def with_a_note(form: Path, words: str) -> bytes:
    """A PDF form with a sticky note on its first page."""
    with pikepdf.open(form) as pdf:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[400, 700, 420, 720],
            Contents=words,
            T="Jo Hargreaves",
        )
        pdf.pages[0].Annots.append(pdf.make_indirect(note))
        saved = io.BytesIO()
        pdf.save(saved)
    return saved.getvalue()


def test_what_stands_beside_the_answers_is_asked_about_and_quoted_on_the_receipt(office: Office) -> None:
    plan = office.joins()
    form = office.document("Individual learning plan", "pdf")
    (office.root / "inbox" / "noted.pdf").write_bytes(with_a_note(form, "Please ring me about Thursdays"))
    assert office.workspace.run().queries_raised == 1
    (query,) = office.workspace.queries(plan)
    assert (query.kind, query.choices) == ("remark", ("noted",))
    assert "Please ring me about Thursdays" in query.question
    assert "Please ring me about Thursdays" in notes(office, "receipts")
    office.workspace.settle(query.query, take="noted", by="Chidi Okafor")
    assert office.workspace.queries(plan) == []


def test_words_beside_a_signature_hold_the_version_back_until_somebody_has_seen_them(office: Office) -> None:
    plan = office.ready_to_sign()
    names = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}
    answers = {f"signatures[{role}].name": name for role, name in names.items()}
    answers |= {f"signatures[{role}].date": "16/09/2026" for role in names}
    signed = fill(office.document("Training plan", "pdf"), answers, office.root / "signed.pdf")
    (office.root / "inbox" / "signed.pdf").write_bytes(with_a_note(signed, "Only if Thursdays stay free"))
    office.workspace.run()
    assert office.workspace.standing(plan).edition is None
    (query,) = office.workspace.queries(plan)
    office.workspace.settle(query.query, value="Thursdays stay free, agreed by telephone", by="Chidi Okafor")
    assert office.workspace.standing(plan).state == "in force"


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ({**AMRIT, "learner.uln": "9276308687"}, "unique learner number"),
        ({**AMRIT, "contacts[new 1].phone": "ring the bell"}, "telephone number"),
    ],
)
def test_an_answer_that_cannot_be_is_a_question(office: Office, answers: dict[str, str], word: str) -> None:
    summary = office.returns(office.blank("Learner details", "pdf"), answers)
    assert summary.queries_raised == 1
    assert word in office.workspace.queries()[0].question


# ── Nothing lost, and once ──────────────────────────────────────────────────────────────────────────────────────


def bad_files(office: Office) -> list[Path]:
    inbox = office.root / "inbox"
    (inbox / "empty.docx").write_bytes(b"")
    (inbox / "holiday.docx").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(inbox / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    with pikepdf.open(office.blank("Progress review", "pdf")) as pdf:
        line = str(pdf.docinfo["/Counterpart"]).replace("progress-review", "tutorial-record")
        pdf.docinfo["/Counterpart"] = line
        pdf.Root.AcroForm.Fields[[str(f.get("/T")) for f in pdf.Root.AcroForm.Fields].index("counterpart")].Kids[
            0
        ].V = line
        with pdf.open_metadata() as xmp:
            xmp["dc:identifier"] = line
        pdf.save(inbox / "last year.pdf")
    return sorted(inbox.iterdir())


def test_a_bad_file_is_refused_with_a_reason_and_the_others_are_taken(office: Office) -> None:
    files = {f.name: sha256(f.read_bytes()).hexdigest() for f in bad_files(office)}
    office.drop(office.blank("Learner details"), AMRIT)
    summary = office.workspace.run()
    assert (summary.taken_in, summary.refused) == (1, len(files))
    refused = {p.name for p in (office.root / "outbox" / "refused").iterdir()}
    assert refused == set(files) | {f"{name} - why not.html" for name in files}
    assert set(files.values()) <= archive(office)
    assert [p.name for p in (office.root / "inbox").iterdir()] == []


def test_a_file_over_the_size_limit_is_set_aside_as_it_is(office: Office) -> None:
    (office.root / "counterpart.toml").write_text("[watch]\nrest = 0.02\n[limits]\nsize = 1\n")
    office.workspace.close()
    office.workspace = Workspace(office.root)
    (office.root / "inbox" / "film.pdf").write_bytes(b"x" * 1_100_000)
    assert office.workspace.run().refused == 1
    assert (office.root / "outbox" / "refused" / "film.pdf").stat().st_size == 1_100_000
    assert "limits.size" in notes(office, "refused")
    assert office.workspace.verify().ok
    assert list((office.root / "inbox").iterdir()) == []


def test_what_was_dropped_is_in_the_archive_and_out_of_the_inbox(office: Office) -> None:
    """Law 1."""
    dropped = office.drop(office.blank("Learner details"), AMRIT)
    content = dropped.read_bytes()
    office.workspace.run()
    assert not dropped.exists()
    assert (office.root / ".counterpart" / "archive" / sha256(content).hexdigest()).read_bytes() == content


def test_taken_in_twice_changes_nothing(office: Office) -> None:
    """Law 2."""
    form = office.drop(office.blank("Learner details"), AMRIT)
    kept = form.read_bytes()
    office.workspace.run()
    before = outbox(office)
    form.write_bytes(kept)
    summary = office.workspace.run()
    assert (summary.taken_in, summary.already_known, summary.revisions, summary.renditions) == (0, 1, 0, 0)
    assert outbox(office) == before


def test_the_same_answers_saved_again_change_nothing(office: Office) -> None:
    plan = office.joins()
    form = Path(shutil.copy(office.document("Individual learning plan", "pdf"), office.root / "form.pdf"))
    office.returns(form, {"learner.phone": "0161 496 0000"})
    revision = office.workspace.premises.ledger.newest(plan)
    with pikepdf.open(fill(form, {"learner.phone": "0161 496 0000"}, office.root / "again.pdf")) as pdf:
        pdf.docinfo["/Producer"] = "another program"
        pdf.save(office.root / "inbox" / "again.pdf")
    summary = office.workspace.run()
    assert (summary.taken_in, summary.revisions) == (1, 0)
    assert office.workspace.premises.ledger.newest(plan) == revision


def test_what_somebody_typed_into_a_document_in_the_outbox_is_taken_in_before_it_is_replaced(office: Office) -> None:
    plan = office.joins()
    lying = office.document("Individual learning plan")
    fill(lying, {"learner.phone": "0161 496 0000"}, lying)
    typed = sha256(lying.read_bytes()).hexdigest()
    summary = office.workspace.run()
    assert summary.taken_in == 1
    assert office.record(plan)["learner.phone"] == "0161 496 0000"
    assert typed in archive(office)
    assert sha256(lying.read_bytes()).hexdigest() != typed
    assert office.workspace.run().taken_in == 0


def test_a_document_that_is_open_is_left_alone_the_new_one_put_beside_it_and_in_its_place_once_it_is_closed(
    office: Office,
) -> None:
    office.joins()
    lying = office.document("Individual learning plan")
    owner = lying.with_name(f"~${lying.name[2:]}")
    owner.write_bytes(b"")
    before = lying.read_bytes()
    office.returns(office.document("Individual learning plan", "pdf"), {"learner.phone": "0161 496 0000"})
    assert lying.read_bytes() == before
    beside = lying.with_name(f"{lying.stem} (new).docx")
    newer = beside.read_bytes()
    assert office.workspace.run().renditions == 0
    assert (lying.read_bytes(), beside.read_bytes()) == (before, newer)
    owner.unlink()
    office.workspace.run()
    assert lying.read_bytes() == newer
    assert not beside.exists()


def test_a_document_that_does_not_read_back_holds_back_itself_alone_until_it_does(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.joins()
    with monkeypatch.context() as patch:
        of_another = office.document("Individual learning plan", "docx").read_bytes()
        patch.setattr("engine.writing.word.write_form", lambda _: Rendition(of_another))
        summary = office.returns(office.blank("Learner details", "pdf"), {**AMRIT, "learner.phone": "0161 496 0000"})
        (trouble,) = summary.troubles
        assert "“Individual learning plan” was held back" in trouble
        assert "0161 496 0000" in answers(office.document("Individual learning plan", "pdf"))
        assert office.document("Individual learning plan", "docx").read_bytes() == of_another
    assert office.workspace.run().troubles == ()
    assert "0161 496 0000" in answers(office.document("Individual learning plan", "docx"))


def test_documents_that_vanish_come_back_the_same(office: Office) -> None:
    """Laws 2 and 6."""
    office.joins()
    before = outbox(office)
    shutil.rmtree(office.root / "outbox")
    office.workspace.run()
    after = outbox(office)
    register = "outbox/staff/index.html"
    assert {k: v for k, v in after.items() if k != register} == {k: v for k, v in before.items() if k != register}


def test_the_same_forms_make_the_same_plans_anywhere(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = office.drop(office.blank("Learner details"), AMRIT)
    there = Office(tmp_path / "elsewhere", monkeypatch)
    shutil.copy(form, there.root / "inbox" / "another name.docx")
    office.workspace.run()
    there.workspace.run()
    assert list(office.workspace.premises.ledger.plans()) == list(there.workspace.premises.ledger.plans())
    mine, theirs = (o.document("Individual learning plan", "pdf").read_bytes() for o in (office, there))
    assert mine == theirs
    there.workspace.close()


def test_what_lies_ready_for_several_people_is_what_each_would_be_given_alone(office: Office) -> None:
    office.joins()
    premises = office.workspace.premises
    lying = {ours.path: ours.form for ours in premises.ledger.derived.outputs(*premises.ledger.plans()) if ours.form}
    assert {path.partition("/")[0] for path in lying} >= {"staff", "learner"}
    for path, number in lying.items():
        issue = premises.ledger.issue(number)
        assert issue is not None
        assert render(premises, issue).content == (premises.outbox / path).read_bytes()


def test_another_start_finds_nothing_changed_when_nothing_has(office: Office) -> None:
    office.joins()
    office.workspace.close()
    run = [
        sys.executable,
        "-c",
        "import sys, engine\nwith engine.Workspace(sys.argv[1]) as w: w.run()",
        str(office.root),
    ]
    stood = set()
    for order in ("1", "2", "3"):
        # Whatever order a process keeps its sets in.
        subprocess.run(run, check=True, env={**os.environ, "PYTHONHASHSEED": order})
        with Workspace(office.root) as workspace:
            stood.add(workspace.premises.ledger.derived.said("stands on"))
    assert len(stood) == 1


# ── Two versions ────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_issued_for_signature_before_assessment_is_complete(office: Office) -> None:
    plan = office.joins()
    office.returns(office.document("Individual learning plan"), PROGRAMME)
    with pytest.raises(Declined, match="assessment is not complete"):
        office.workspace.issue("funding-plan", plan)
    assert not list((office.root / "outbox" / "staff").glob("*/Training plan*"))


def test_when_everybody_has_signed_the_version_is_sealed_and_in_force(office: Office) -> None:
    plan = office.signed()
    there = office.workspace.standing(plan)
    assert (there.state, there.edition and there.edition.number) == ("in force", 1)
    for folder in ("staff", "learner", "employer", "funding-body"):
        sealed = office.document("Funding-body version 1", "pdf", folder)
        with pikepdf.open(sealed) as pdf:
            assert "record.json" in pdf.attachments
    assert office.workspace.verify().ok


def test_signatures_on_separate_copies_make_one_version(office: Office) -> None:
    plan = office.ready_to_sign()
    learners = office.document("Training plan", "pdf", "learner")
    employers = office.document("Training plan", "pdf", "employer")
    office.returns(learners, {"signatures[learner].name": "Amrit Kaur", "signatures[learner].date": "16/09/2026"})
    assert office.workspace.standing(plan).state == "part-signed"
    office.returns(employers, {"signatures[employer].name": "Jo Hargreaves", "signatures[employer].date": "16/09/2026"})
    office.workspace.sign(plan, "provider", "Chidi Okafor", "Ruth Mbeki")
    assert office.workspace.standing(plan).state == "in force"


def test_a_signature_on_a_copy_that_was_changed_does_not_count(office: Office) -> None:
    """M18: the signer did not see what was issued."""
    plan = office.ready_to_sign()
    names = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}
    answers = {
        f"signatures[{role}].{part}": v
        for role, n in names.items()
        for part, v in (("name", n), ("date", "16/09/2026"))
    }
    office.returns(office.document("Training plan", "pdf"), {**answers, "programme.planned_hours": "300"})
    there = office.workspace.standing(plan)
    assert there.edition is None
    assert there.record["programme.planned_hours"] == 300


def test_one_person_cannot_sign_in_two_roles(office: Office) -> None:
    plan = office.ready_to_sign()
    for role in ("learner", "employer", "provider"):
        office.workspace.sign(plan, role, "Amrit Kaur", "Ruth Mbeki")
    assert office.workspace.standing(plan).edition is None


def test_a_signature_dated_before_the_print_is_asked_about(office: Office) -> None:
    plan = office.ready_to_sign()
    answers = {"signatures[learner].name": "Amrit Kaur", "signatures[learner].date": "01/09/2026"}
    office.returns(office.document("Training plan", "pdf"), answers)
    assert [q.kind for q in office.workspace.queries(plan)] == ["signature"]


def test_a_change_the_funding_body_does_not_rely_on_needs_no_new_signature(office: Office) -> None:
    plan = office.signed()
    office.returns(office.document("Individual learning plan"), {"targets[new 1].text": "Weigh dough to 5 g"})
    there = office.workspace.standing(plan)
    assert there.state == "in force"
    assert "No new signature is needed" in notes(office, "receipts")


def test_a_change_it_relies_on_makes_the_version_stale_and_says_who_signs(office: Office) -> None:
    plan = office.signed()
    office.returns(office.document("Individual learning plan"), {"programme.expected_end": "31/10/2027"})
    there = office.workspace.standing(plan)
    assert there.state == "stale"
    assert there.found is not None
    assert [r.place for r in there.found.reasons] == ["programme.expected_end"]
    assert there.found.must_sign == ("learner", "employer", "provider")
    assert "is stale, because the expected end has changed" in notes(office, "receipts")


def test_a_stale_version_is_superseded_when_the_new_one_is_signed(office: Office) -> None:
    plan = office.signed()
    office.returns(office.document("Individual learning plan"), {"programme.expected_end": "31/10/2027"})
    office.day(dt.date(2026, 9, 20))
    for role, name in (("learner", "Amrit Kaur"), ("employer", "Jo Hargreaves"), ("provider", "Chidi Okafor")):
        office.workspace.sign(plan, role, name, "Ruth Mbeki")
    there = office.workspace.standing(plan)
    assert (there.state, there.edition and there.edition.number) == ("in force", 2)
    assert office.document("Funding-body version 1", "pdf").exists()
    assert office.document("Funding-body version 2", "pdf").exists()


def test_a_gate_that_may_be_waived_is_waived_with_name_and_reason(office: Office) -> None:
    plan = office.joins()
    office.returns(office.document("Individual learning plan"), PROGRAMME)
    with pytest.raises(Declined):
        office.workspace.waive(plan, "G5", "no time", "Ruth Mbeki")
    office.workspace.waive(plan, "G1", "assessed at the last college", "Ruth Mbeki")
    assert office.workspace.standing(plan).may_sign
    assert office.record(plan)["waivers[G1].by"] == "Ruth Mbeki"


# ── Verify ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_verify_names_a_changed_byte_of_an_archived_original(office: Office) -> None:
    office.joins()
    file = next((office.root / ".counterpart" / "archive").iterdir())
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    (problem,) = office.workspace.verify().problems
    assert problem.what == "archived original"
    assert file.name in problem.where


@pytest.mark.parametrize("where", ["outbox", "sealed"])
def test_verify_names_a_changed_byte_of_a_sealed_file(office: Office, where: str) -> None:
    office.signed()
    kept = next((office.root / ".counterpart" / "sealed").iterdir())
    file = office.document("Funding-body version 1", "pdf") if where == "outbox" else kept
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert {p.what for p in office.workspace.verify().problems} == {"sealed file"}
    assert str(file) in {p.where for p in office.workspace.verify().problems}


def test_verify_names_a_changed_byte_of_a_revision(office: Office) -> None:
    import sqlite3

    plan = office.joins()
    with sqlite3.connect(office.root / ".counterpart" / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE revision SET body = replace(body, 'Amrit', 'Amrut')")
    ledger.close()
    assert (f"{plan}/1") in {p.where for p in office.workspace.verify().problems}


# ── Opening ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_that_is_no_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="counterpart init"):
        Workspace(tmp_path)
