"""Rules of signing off: what a signature stands under, when it makes a version, and what becomes of the others."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import PROGRAMME, Office
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from strategies import ALL_PATHS, NOON, PROFORMAS, READY, changed, issue, law, records, revision

from engine.drift import MATERIAL, Drift, Moment, drift
from engine.errors import Declined, WrongUse
from engine.gates import Gate
from engine.model import Decision, Outcome, Query, Signature
from engine.places import Record, Value
from engine.plan import change_of, is_waiver, place_of
from engine.rules import rules_for
from engine.signoff import (
    Attempt,
    Copy,
    attempts,
    binding_digest,
    content,
    content_digest,
    late,
    make_edition,
    obstacles,
    signatures,
    signed_copies,
    standing,
    state,
    still_says,
    uncounted,
    versions,
)

TODAY = dt.date(2026, 10, 1)
FUNDING = PROFORMAS["funding-plan"]
RULES = rules_for(READY, TODAY)
ROLES = ("learner", "employer", "provider")
NAMES = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor", "support": "Ruth Mbeki"}


def signature(role: str, name: str = "", form: str = "F-AAAA1111", **more: object) -> Signature:
    known = {
        "role": role, "name": name or NAMES[role], "date": dt.date(2026, 9, 20), "method": "typed", "form": form,
        "submission": None, "received": TODAY, "revision": 4,
    }  # fmt: skip
    return Signature.model_validate(known | more)


ALL_SIGNED = {role: signature(role) for role in ROLES}


def question(place: str, **more: object) -> Query:
    known = {"query": "Q-1", "plan": "P-TEST0001", "place": place, "kind": "conflict", "question": "?", "raised": NOON}
    return Query.model_validate(known | more)


def stands(signed: dict[str, Signature], queries: Iterable[Query] = (), gates: Iterable[Gate] = ()) -> tuple[str, ...]:
    return obstacles(signed, ROLES, queries, {"F-AAAA1111": dt.date(2026, 9, 16)}, gates)


class TestWhatASignatureBindsTo:
    @law
    @given(records(), st.data())
    def test_it_binds_to_what_is_printed_and_relied_on_and_to_nothing_else(
        self, record: Record, data: st.DataObject
    ) -> None:
        other = changed(data.draw, record, ALL_PATHS)

        def relied_on(r: Record) -> dict[str, Value]:
            return {
                path: value
                for path, value in r.items()
                if place_of(path).path in FUNDING.places() or change_of(path, r) in MATERIAL or is_waiver(path)
            }

        same = binding_digest(record, FUNDING) == binding_digest(other, FUNDING)
        assert same == (relied_on(record) == relied_on(other))

    @law
    @given(records(), st.data())
    def test_what_is_printed_depends_on_nothing_else(self, record: Record, data: st.DataObject) -> None:
        other = changed(data.draw, record, ALL_PATHS)
        printed = [{p: v for p, v in r.items() if place_of(p).path in FUNDING.places()} for r in (record, other)]
        assert content(record, FUNDING) == printed[0]
        assert (content_digest(record, FUNDING) == content_digest(other, FUNDING)) == (printed[0] == printed[1])

    @law
    @given(
        st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from("ABCD")), max_size=8),
        st.fixed_dictionaries({f"F-{form}": st.sampled_from(["one", "two"]) for form in "ABC"}),
    )
    def test_signatures_count_together_only_under_identical_content(
        self, made: list[tuple[str, str]], binds: dict[str, str]
    ) -> None:
        signed = signed_copies((signature(role, form=f"F-{form}") for role, form in made), binds, "one")
        assert all(binds[s.form] == "one" for s in signed.values())
        assert set(signed) == {role for role, form in made if binds.get(f"F-{form}") == "one"}

    @pytest.mark.parametrize(
        ("change", "stays"),
        [
            ({"targets[T1].status": "Achieved"}, True),
            ({"employer.mentor": "Sam Hill"}, True),
            ({"milestones[M1].planned": "2027-02-01"}, True),
            ({"programme.expected_end": "2027-10-29"}, False),
            ({"assessments[Maths].level": "Level 2"}, False),
            ({"learner.family_name": "Kaur-Singh"}, False),
            ({"employer.signatory": "Sam Hill"}, False),
        ],
    )
    def test_a_copy_that_is_out_stays_so_unless_what_is_signed_or_who_signs_has_changed(
        self, change: Record, stays: bool
    ) -> None:
        assert still_says(READY, {**READY, **change}, RULES, Moment(TODAY)) is stays


def written(number: int, form: str, role: str, bound: bool, **more: object) -> object:
    said: dict[str, Value] = {"name": NAMES[role], "date": "2026-09-20", "method": "typed"}
    said |= {"bound": True} if bound else {}
    decisions = [
        Decision(place=f"signatures[{form} {role}].{part}", outcome=Outcome.ACCEPTED, rule="M18", theirs=value)
        for part, value in said.items()
    ]
    return revision(number, decisions, **more)


class TestSignaturesMade:
    def test_one_counts_in_the_revision_where_it_was_bound(self) -> None:
        row = "signatures[F-AAAA1111 learner]"

        def set_(part: str, value: object) -> Decision:
            return Decision(place=f"{row}.{part}", outcome=Outcome.ACCEPTED, rule="M18", theirs=value)

        named = revision(2, [set_("name", "Amrit Kaur"), set_("date", "2026-09-20")])
        assert signatures([named]) == ()
        assert [a.bound for a in attempts([named])] == [False]
        bound = revision(3, [set_("method", "typed"), set_("bound", True)], submission="ab")
        (made,) = signatures([named, bound])
        assert (made.role, made.form, made.revision, made.submission) == ("learner", "F-AAAA1111", 3, "ab")

    def test_one_that_was_taken_back_as_entered_in_error_is_none(self) -> None:
        made = written(2, "F-AAAA1111", "learner", True)
        assert len(signatures([made])) == 1
        assert signatures([made, revision(3, [], undoes=2)]) == ()

    def test_none_is_lost_without_a_word(self) -> None:
        """Changed by hand, replaced since, or on a blank: each says why it does not count."""
        copies = {
            "F-1": Copy(issue("funding-plan", form="F-1"), "now"),
            "F-2": Copy(issue("funding-plan", form="F-2"), "before"),
        }
        made = [
            Attempt(signature("learner", form="F-1"), False, "funding-plan"),
            Attempt(signature("employer", form="F-2"), True, "funding-plan"),
            Attempt(signature("provider", form="S-3"), False, "funding-plan"),
        ]
        told = list(uncounted(made, copies, "now", (), ("funding-plan",)))
        assert [
            why in line for why, line in zip(("changed by hand", "replaced since", "a blank"), told, strict=True)
        ] == [True] * 3
        assert all("20/09/2026" in line and "a fresh copy is out" in line for line in told)
        assert list(uncounted(made, copies, "now", ROLES, ("funding-plan",))) == []
        review = Attempt(signature("learner", form="F-9"), False, "progress-review")
        assert list(uncounted([review], copies, "now", (), ("funding-plan",))) == []


class TestObstacles:
    def test_everybody_who_must_has_to_sign(self) -> None:
        assert stands(ALL_SIGNED) == ()
        for role in ROLES:
            signed = {r: s for r, s in ALL_SIGNED.items() if r != role}
            assert stands(signed) == (f"the {role} has not signed",)

    @pytest.mark.parametrize("name", ["Amrit Kaur", "AMRIT kaur", " Amrit  Kaur "])
    def test_one_person_does_not_sign_in_two_roles(self, name: str) -> None:
        """G10."""
        assert stands({**ALL_SIGNED, "provider": signature("provider", name)}) == (
            "one person has signed in two roles",
        )

    def test_nobody_signs_before_the_copy_was_given_out(self) -> None:
        """G10; that nobody signs after it came back is seen to where it comes back (tests/test_merge.py)."""
        early = signature("learner", date=dt.date(2026, 9, 15))
        (why,) = stands({**ALL_SIGNED, "learner": early})
        assert "before the copy was given out on 16/09/2026" in why
        assert stands({**ALL_SIGNED, "learner": signature("learner", date=dt.date(2026, 9, 16))}) == ()

    @law
    @given(st.sampled_from(ALL_PATHS), st.sampled_from(["conflict", "invalid", "removal", "proposal"]))
    def test_no_version_is_made_while_a_question_is_open_on_what_is_relied_on(self, path: str, kind: str) -> None:
        place = place_of(path)
        assert place is not None
        assert bool(stands(ALL_SIGNED, [question(path, kind=kind)])) is (place.change in MATERIAL)

    def test_words_beside_a_signature_hold_it_back(self) -> None:
        signed = {**ALL_SIGNED, "learner": signature("learner", submission="ab")}
        (why,) = stands(signed, [question("", kind="remark", submission="ab")])
        assert "words that stand beside a signature" in why
        assert stands(signed, [question("", kind="remark", submission="cd")]) == ()

    @pytest.mark.parametrize("gate", ["G8", "G9"])
    def test_hours_and_print_are_looked_at_again_when_all_have_signed(self, gate: str) -> None:
        assert stands(ALL_SIGNED, gates=[Gate(gate, False, "they differ")]) == ("they differ",)
        assert stands(ALL_SIGNED, gates=[Gate(gate, True, ""), Gate("G6", False, "a vague target")]) == ()

    def test_a_late_signature_keeps_its_date_and_is_told(self) -> None:
        """G12."""
        assert late([signature("learner")], dt.date(2026, 9, 20)) == ()
        assert late([signature("learner")], None) == ()
        (told,) = late([signature("learner")], dt.date(2026, 9, 19))
        assert told == "The learner signed on 20/09/2026, after the last day for it, 19/09/2026."


class TestVersions:
    def test_one_is_in_force_from_the_last_signature(self) -> None:
        signed = {**ALL_SIGNED, "provider": signature("provider", date=dt.date(2026, 9, 25))}
        made = make_edition(issue("funding-plan", revision=3), signed, 1, "ab", "cd", RULES, NOON, 7)
        assert (made.plan, made.number, made.revision, made.completed) == ("P-TEST0001", 1, 3, 7)
        assert made.effective == dt.date(2026, 9, 25)
        assert made.rules == "2026-27"
        assert [s.role for s in made.signatures] == ["employer", "learner", "provider"]

    def test_one_that_is_superseded_says_from_when_to_when_it_was_in_force(self) -> None:
        one = make_edition(issue("funding-plan", revision=3), ALL_SIGNED, 1, "ab", "cd", RULES, NOON, 7)
        two = one.model_copy(update={"number": 2, "effective": dt.date(2027, 1, 27)})
        assert [(v.state, v.until) for v in versions([one, two], stale=False)] == [
            ("superseded", dt.date(2027, 1, 27)), ("in force", None),
        ]  # fmt: skip
        assert [v.state for v in versions([one], stale=True)] == ["stale"]

    def test_the_states_in_their_order(self) -> None:
        one = make_edition(issue("funding-plan", revision=3), ALL_SIGNED, 1, "ab", "cd", RULES, NOON, 7)
        assert [
            state(None, False, False, 0, ready=False),
            state(None, False, False, 0, ready=True),
            state(None, False, True, 0, ready=True),
            state(None, False, True, 1, ready=True),
            state(one, False, False, 0, ready=True),
            state(one, True, True, 1, ready=True),
        ] == ["draft", "gated", "issued", "part-signed", "in force", "stale"]

    def test_people_are_told_whether_anybody_has_to_sign_again_and_why_not(self) -> None:
        made = make_edition(issue("funding-plan", revision=3), ALL_SIGNED, 2, "ab", "cd", RULES, NOON, 6)

        def told(now: Record) -> str:
            return standing(made, drift(READY, now, RULES, Moment(TODAY, {}, dt.date(2026, 12, 1))), 9, str)

        assert "no funding-body version yet" in standing(None, None, 1, str)
        assert standing(made, Drift(), 6, str).endswith("signed by everybody who has to sign, and in force.")
        assert told(READY).startswith("No new signature is needed")
        assert told({**READY, "targets[T1].status": "Achieved", "milestones[M1].planned": "2027-02-01"}).endswith(
            "has changed. Milestones[M1].planned: it moves a milestone, with the same content, hours and end; "
            "targets[T1].status: part of the working document alone."
        )
        assert told({**READY, "programme.expected_end": "2028-01-01"}) == (
            "Funding-body version 2 is stale, because the expected end has changed. "
            "To sign again: the learner, the employer and the provider, by 01/12/2026."
        )


# ── In the office ───────────────────────────────────────────────────────────────────────────────────────────────


def signed_by(*roles: str, day: str = "16/09/2026") -> dict[str, str]:
    names = {f"signatures[{role}].name": NAMES[role] for role in roles}
    return names | {f"signatures[{role}].date": day for role in roles}


def test_a_hand_changed_copy_binds_nobody_is_told_and_is_replaced_by_a_fresh_one(office: Office) -> None:
    """M17, M18: a note-on change is listed at the next issue, and the copy that is out stays the same content."""
    plan = office.ready_to_sign()
    first = office.workspace.standing(plan).copy
    office.returns(office.document("Training plan", "pdf"), {**signed_by("learner"), "employer.mentor": "Sam Hill"})
    there = office.workspace.standing(plan)
    assert there.record["employer.mentor"] == "Sam Hill"
    assert there.copy is not None
    assert first is not None
    assert (there.copy.binds, there.signed, there.stage) == (first.binds, {}, "issued")
    (told,) = there.findings
    assert "had been changed by hand; a fresh copy is out" in told
    office.returns(office.document("Training plan", "pdf", "learner"), signed_by("learner"))
    office.returns(office.document("Training plan", "pdf"), signed_by("employer", "provider"))
    after = office.workspace.standing(plan)
    assert (after.state, after.findings) == ("in force", ())
    assert after.found is not None
    assert after.found.note_on == ("employer.mentor",)


def test_a_copy_changed_where_the_funding_body_relies_on_it_leads_to_a_new_one(office: Office) -> None:
    """M17: and who signed the old one is told that it does not count."""
    plan = office.ready_to_sign()
    old = office.document("Training plan", "pdf", "learner").read_bytes()
    office.returns(office.document("Training plan", "pdf", "employer"), signed_by("employer"))
    office.returns(office.document("Training plan", "docx"), {"programme.planned_hours": "400"})
    there = office.workspace.standing(plan)
    assert (there.stage, set(there.signed)) == ("issued", set())
    assert "The employer signed on 16/09/2026, but it does not count" in there.findings[0]
    (office.root / "old.pdf").write_bytes(old)
    office.returns(office.root / "old.pdf", signed_by("learner"))
    there = office.workspace.standing(plan)
    assert (there.signed, there.edition) == ({}, None)
    assert len(there.findings) == 2
    assert "has been replaced since" in there.findings[1]
    office.returns(office.document("Training plan", "pdf"), signed_by(*ROLES))
    assert office.workspace.standing(plan).state == "in force"


def test_an_amendment_sheet_lists_what_changed_and_is_signed_instead_of_a_full_copy(office: Office) -> None:
    """M17: the staple-on page, and a full copy of the same content beside it."""
    from engine.reading import read

    plan = office.signed()
    assert not list((office.root / "outbox").glob("staff/*/Amendment sheet*"))
    office.day(dt.date(2026, 10, 5))
    moved = {"programme.expected_end": "31/10/2027", "employer.mentor": "Sam Hill", "learner.phone": "0161 496 0000"}
    office.returns(office.document("Individual learning plan"), moved)
    sheet = office.document("Amendment sheet", "pdf", "learner")
    said = {f.name: f.value for f in read(sheet.read_bytes()).fields}
    assert said["amended[1].what"] == "Expected end"
    assert (said["amended[1].was"], said["amended[1].now"]) == ("31/08/2027", "31/10/2027")
    assert "103.4.1 (b)" in str(said["amended[1].why"])
    assert said["amended[1].who"] == "The learner, the employer and the provider, by 30/11/2026"
    assert (said["amended[2].what"], said["amended[2].who"]) == ("Mentor at work", "Nobody")
    assert "amended[3].what" not in said
    office.day(dt.date(2026, 10, 7))
    office.returns(sheet, signed_by("learner", day="06/10/2026"))
    assert set(office.workspace.standing(plan).signed) == {"learner"}
    office.returns(office.document("Training plan", "pdf", "employer"), signed_by("employer", day="07/10/2026"))
    office.returns(office.document("Amendment sheet"), signed_by("provider", day="07/10/2026"))
    there = office.workspace.standing(plan)
    assert [(v.state, v.edition.number) for v in there.versions] == [("superseded", 1), ("in force", 2)]
    assert there.versions[0].until == dt.date(2026, 10, 7)
    assert not [path for path in there.record if path.startswith("amended[")]
    assert not list((office.root / "outbox").glob("staff/*/Amendment sheet*"))
    assert office.workspace.verify().ok


def text_of(document: Path) -> str:
    """What a PDF shows, its boxes included."""
    shown = PdfReader(document)
    boxes = shown.get_form_text_fields() or {}
    return " ".join([*(page.extract_text() for page in shown.pages), *map(str, boxes.values())])


def test_support_that_is_claimed_for_is_signed_by_those_who_may_see_it_and_reaches_no_employer(office: Office) -> None:
    plan = office.signed()
    _, form = office.workspace.issue("support-plan", plan)
    claim = {"need": "Large print", "what": "Recipe cards", "claimed": "Yes"}
    office.returns(form, {f"actions[new 1].{column}": said for column, said in claim.items()})
    assert not list((office.root / "outbox").glob("employer/*/*, for signature*"))
    for folder in ("learner", "support"):
        sheet = office.document("Amendment sheet", "pdf", folder)
        assert "Recipe cards" in text_of(sheet)
        office.returns(sheet, signed_by(folder))
    assert office.workspace.standing(plan).stage == "in force"
    (first, second) = sorted((office.root / "outbox" / "employer").rglob("*version*.pdf"))
    for path in (first, second):
        assert "Recipe cards" not in text_of(path)
    assert [name for name in PdfReader(first).attachments if name.startswith("signed-by")]
    assert not [name for name in PdfReader(second).attachments if name.startswith("signed-by")]
    assert office.workspace.verify().ok


def test_what_is_written_over_a_line_of_the_sheet_is_asked_about_and_the_signature_does_not_count(
    office: Office,
) -> None:
    plan = office.signed()
    office.returns(office.document("Individual learning plan"), {"programme.expected_end": "31/10/2027"})
    sheet = office.document("Amendment sheet", "pdf")
    office.returns(sheet, {**signed_by("learner"), "amended[1].now": "31/12/2027"})
    there = office.workspace.standing(plan)
    assert (there.signed, there.record["programme.expected_end"]) == ({}, "2027-10-31")
    assert not [path for path in there.record if path.startswith("amended[")]
    assert [(q.kind, q.theirs) for q in there.queries] == [("remark", "31/12/2027")]
    assert "changed by hand" in there.findings[0]


def test_who_did_not_have_to_sign_again_does_not_and_what_no_copy_prints_is_signed_on_the_sheet(
    office: Office,
) -> None:
    """A result revised after sign-off: learner and provider; the full copy prints the summary alone."""
    plan = office.signed()
    office.workspace.issue("needs-summary", plan, "word", office.root / "given")
    (given,) = (office.root / "given").glob("*.docx")
    office.day(dt.date(2026, 10, 5))
    office.returns(given, {"assessments[Maths].level": "Level 2"})
    there = office.workspace.standing(plan)
    assert (there.state, there.roles) == ("stale", ("learner", "provider"))
    with pytest.raises(Declined, match="does not sign"):
        office.workspace.sign(plan, "employer", "Jo Hargreaves", "Ruth Mbeki")
    office.workspace.sign(plan, "learner", "Amrit Kaur", "Ruth Mbeki")
    assert office.workspace.standing(plan).state == "stale"
    office.workspace.sign(plan, "provider", "Chidi Okafor", "Ruth Mbeki")
    there = office.workspace.standing(plan)
    assert (there.state, there.edition and there.edition.number) == ("in force", 2)


def test_a_late_signature_makes_a_version_keeps_its_date_and_is_found(office: Office) -> None:
    """G11, G12: the last day was 19/10/2026."""
    plan = office.ready_to_sign()
    office.day(dt.date(2026, 10, 21))
    office.workspace.run()
    assert "was to be signed by 19/10/2026" in office.workspace.standing(plan).findings[0]
    office.returns(office.document("Training plan", "pdf"), signed_by(*ROLES, day="20/10/2026"))
    there = office.workspace.standing(plan)
    assert there.edition is not None
    assert {s.date for s in there.edition.signatures} == {dt.date(2026, 10, 20)}
    assert [f.split(" signed")[0] for f in there.findings] == ["The employer", "The learner", "The provider"]
    register = (office.root / "outbox" / "staff" / "index.html").read_text("utf-8")
    assert "The learner signed on 20/10/2026, after the last day for it, 19/10/2026." in register


def test_a_waiver_stands_on_the_sealed_version_with_who_and_why(office: Office) -> None:
    import pikepdf

    plan = office.joins()
    office.returns(office.document("Individual learning plan"), PROGRAMME)
    with pytest.raises(Declined, match="may not be waived"):
        office.workspace.waive(plan, "G5", "no time", "Ruth Mbeki")
    with pytest.raises(Declined, match="The tutor may not waive G1"):
        office.workspace.waive(plan, "G1", "no time", "Ruth Mbeki", "tutor")
    with pytest.raises(WrongUse, match="no gate"):
        office.workspace.waive(plan, "G99", "no time", "Ruth Mbeki")
    with pytest.raises(WrongUse, match="with a reason"):
        office.workspace.waive(plan, "G1", " ", "Ruth Mbeki")
    office.workspace.waive(plan, "G1", "assessed at the last college", "Ruth Mbeki", "quality")
    with pytest.raises(Declined, match="passed already: waived by Ruth Mbeki"):
        office.workspace.waive(plan, "G1", "again", "Ruth Mbeki")
    office.returns(office.document("Training plan", "pdf"), signed_by(*ROLES, day="07/09/2026"))
    sealed = office.document("Funding-body version 1", "pdf", "funding-body")
    with pikepdf.open(sealed):
        pass
    from engine.versions import sealed_sheet

    edition = office.workspace.standing(plan).edition
    assert edition is not None
    shown, _ = sealed_sheet(office.workspace.premises, edition, "head")
    assert ("G1 was waived by Ruth Mbeki, quality: assessed at the last college.",) in [b.lines for b in shown.evidence]
