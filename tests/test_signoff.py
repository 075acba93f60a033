"""Rules of signing off: who may sign, when, what a signature stands under, and what makes it stale."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ALL_PATHS, NOON, PRINTED, PROFORMAS, changed, issue, law, records, value_of

from engine.model import Decision, Outcome, Query, Signature
from engine.places import Change, Record
from engine.plan import place_of
from engine.rules import all_rules, rules_for
from engine.signoff import (
    MATERIAL,
    Drift,
    Gate,
    content,
    content_digest,
    drift,
    gates,
    make_edition,
    obstacles,
    signed_copies,
    standing,
    state,
)

TODAY = dt.date(2026, 10, 1)
FUNDING = PROFORMAS["funding-plan"]
READY: Record = {
    "learner.given_name": "Amrit", "learner.family_name": "Kaur", "aspiration.destination": "Run my own bakery",
    "programme.type": "Apprenticeship", "programme.title": "Baker", "programme.start": "2026-09-07",
    "programme.expected_end": "2027-08-31", "programme.planned_hours": 420, "programme.weekly_hours": 30,
    "programme.delivery": "One day a week", "programme.assessment_summary": "Level 1",
    "programme.level": "Level 2", "programme.english_maths": "English to level 1", "programme.review_weeks": "12 weeks",
    "programme.complaints": "Ms Okafor", "programme.prior_learning": "None",
    "employer.name": "Hargreaves", "employer.releases": True,
    "targets[T1].text": "Read daily", "milestones[M1].planned": "2027-01-01", "training[R1].hours": 40,
    **{f"assessments[{s}].{part}": value for s in ("Reading", "Writing", "Maths")
       for part, value in (("state", "Done"), ("level", "Level 1"), ("date", "2026-09-14"))},
}  # fmt: skip
RULES = rules_for(READY, TODAY)


def without(*paths: str) -> Record:
    return {path: value for path, value in READY.items() if path not in paths}


def closed(record: Record, today: dt.date = TODAY) -> dict[str, str]:
    """The gates that are not passed, each with why."""
    return {g.gate: g.why for g in gates(record, rules_for(record, today), today, {}) if not g.passed}


def signature(role: str, name: str, form: str = "F-AAAA1111", **more: object) -> Signature:
    known = {
        "role": role, "name": name, "date": dt.date(2026, 9, 20), "method": "typed", "form": form, "submission": None,
        "received": TODAY, "revision": 4,
    }  # fmt: skip
    return Signature.model_validate(known | more)


def question(place: str) -> Query:
    return Query(query="Q-1", plan="P-TEST0001", place=place, kind="conflict", question="Which?", raised=NOON)


class TestGates:
    def test_a_plan_that_says_everything_may_be_signed(self) -> None:
        assert closed(READY) == {}

    @pytest.mark.parametrize("part", ["state", "level", "date"])
    @pytest.mark.parametrize("subject", ["Reading", "Writing", "Maths"])
    def test_nobody_signs_before_initial_assessment_is_complete(self, subject: str, part: str) -> None:
        assert closed(without(f"assessments[{subject}].{part}")) == {
            "G1": f"initial assessment is not complete: {subject}"
        }

    def test_a_result_dated_after_today_is_no_result_yet(self) -> None:
        assert "G1" in closed({**READY, "assessments[Maths].date": "2026-10-02"})
        assert closed({**READY, "assessments[Maths].date": "2026-10-01"}) == {}

    def test_a_subject_is_waived_with_a_reason_and_not_without(self) -> None:
        waived = {
            **without("assessments[Maths].level", "assessments[Maths].date"),
            "assessments[Maths].state": "Waived",
        }
        assert "G1" in closed(waived)
        assert closed({**waived, "assessments[Maths].reason": "Has GCSE maths"}) == {}

    def test_assessment_may_be_waived_by_name_and_the_other_gates_may_not(self) -> None:
        early = {path: value for path, value in READY.items() if not path.startswith("assessments[")}
        assert "G1" in closed(early)
        assert closed({**early, "waivers[G1].reason": "Seen at the last provider", "waivers[G1].by": "J Okafor"}) == {}
        silent = without("programme.title")
        assert "G5" in closed({**silent, "waivers[G5].reason": "In a hurry"})

    def test_every_need_has_an_action_or_was_declined(self) -> None:
        need = {**READY, "needs[N1].description": "Dyslexia"}
        assert closed(need) == {"G3": "support needs without an action: N1"}
        assert closed({**need, "needs[N1].action": "Overlays"}) == {}
        assert closed({**need, "needs[N1].status": "Declined"}) == {}
        assert "G3" in closed({**need, "needs[N1].status": "Open"})

    def test_the_learner_has_said_something_of_their_own(self) -> None:
        assert "G4" in closed(without("aspiration.destination", "targets[T1].text"))
        assert closed(without("targets[T1].text")) == {}

    @pytest.mark.parametrize("path", RULES.must_say(READY))
    def test_what_the_rules_want_on_the_version_has_to_be_there(self, path: str) -> None:
        assert "G5" in closed(without(path))

    def test_an_adult_needs_no_employer(self) -> None:
        adult = {
            **without("employer.name", "employer.releases", "programme.weekly_hours"),
            "programme.type": "Adult skills",
        }
        assert closed(adult) == {}
        assert RULES.who_signs(adult).who == ("learner", "provider")
        assert RULES.who_signs(READY).who == ("learner", "employer", "provider")

    @law
    @given(records(), st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
    def test_any_plan_can_be_asked_whether_it_may_be_signed(self, record: Record, today: dt.date) -> None:
        found = gates(record, rules_for(record, today), today, {})
        assert [gate.gate for gate in found] == ["G1", "G3", "G4", "G5"]
        assert all(isinstance(gate, Gate) and gate.passed is (gate.why == "") for gate in found)

    @law
    @given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)))
    def test_a_learner_stays_under_the_rules_of_the_day_they_started(self, start: dt.date) -> None:
        for today in (dt.date(2026, 8, 1), dt.date(2030, 1, 1)):
            found = rules_for({"programme.start": start.isoformat()}, today)
            assert found is all_rules()[0] or found.since <= start
            assert not any(found.since < rules.since <= start for rules in all_rules())


class TestWhatIsSigned:
    @law
    @given(records(), st.data())
    def test_what_is_signed_depends_on_nothing_that_is_not_printed(self, record: Record, data: st.DataObject) -> None:
        other = changed(data.draw, record, ALL_PATHS)
        printed = [{p: v for p, v in r.items() if place_of(p).path in FUNDING.places()} for r in (record, other)]
        assert content(record, FUNDING) == printed[0]
        same = content_digest(record, FUNDING) == content_digest(other, FUNDING)
        assert same == (printed[0] == printed[1])

    def test_signatures_count_together_when_they_stand_under_the_same_words(self) -> None:
        made = [signature("learner", "Amrit Kaur", "F-1"), signature("employer", "Jo Hargreaves", "F-2"),
                signature("provider", "J Okafor", "F-3")]  # fmt: skip
        digests = {"F-1": "same", "F-2": "same", "F-3": "older"}
        assert set(signed_copies(made, digests, "same")) == {"learner", "employer"}
        assert signed_copies(made, {}, "same") == {}


ALL_SIGNED = {
    "learner": signature("learner", "Amrit Kaur"), "employer": signature("employer", "Jo Hargreaves"),
    "provider": signature("provider", "J Okafor", revision=6, date=dt.date(2026, 9, 25)),
}  # fmt: skip
ROLES = ("learner", "employer", "provider")


class TestEditions:
    def test_everybody_who_must_has_to_sign(self) -> None:
        assert obstacles(ALL_SIGNED, ROLES, []) == ()
        for role in ROLES:
            signed = {r: s for r, s in ALL_SIGNED.items() if r != role}
            assert obstacles(signed, ROLES, []) == (f"the {role} has not signed",)

    def test_one_person_does_not_sign_in_two_roles(self) -> None:
        signed = {**ALL_SIGNED, "provider": signature("provider", "AMRIT kaur")}
        assert obstacles(signed, ROLES, []) == ("one person has signed in two roles",)

    @pytest.mark.parametrize("path", ["programme.delivery", "programme.start", "training[R1].hours", "prior[L1].item"])
    def test_an_open_question_on_what_the_funding_body_relies_on_stands_against_it(self, path: str) -> None:
        (found,) = obstacles(ALL_SIGNED, ROLES, [question(path)])
        assert "Q-1" in found

    @pytest.mark.parametrize("path", ["targets[T1].text", "learner.phone", "needs[N1].action", ""])
    def test_other_open_questions_do_not(self, path: str) -> None:
        assert obstacles(ALL_SIGNED, ROLES, [question(path)]) == ()

    def test_a_version_is_in_force_from_the_last_signature(self) -> None:
        made = make_edition(issue("funding-plan", revision=3), ALL_SIGNED, 1, "ab", "cd", RULES, NOON)
        assert (made.plan, made.number, made.revision, made.completed) == ("P-TEST0001", 1, 3, 6)
        assert made.effective == dt.date(2026, 9, 25)
        assert made.rules == "2026-27"
        assert [s.role for s in made.signatures] == ["employer", "learner", "provider"]


class TestDrift:
    @law
    @given(st.sampled_from(ALL_PATHS), st.data())
    def test_a_change_has_the_effect_that_its_place_declares(self, path: str, data: st.DataObject) -> None:
        signed = dict(READY)
        now = {**READY, path: data.draw(value_of(path))}
        found = drift(signed, now, RULES)
        place = place_of(path)
        assert place is not None
        if signed.get(path) == now[path]:
            assert found == Drift((), (), (), ())
        elif place.change in MATERIAL:
            (reason,) = found.reasons
            assert (reason.place, reason.was, reason.now) == (path, signed.get(path), now[path])
            assert reason.because
            assert reason.rule == RULES.cite(RULES.why_stale(path).rule)
            assert found.must_sign == RULES.who_signs(now).who
        elif place.change is Change.WORKING:
            assert (found.stale, found.working_only, found.note_on) == (False, (path,), ())
        else:
            assert (found.stale, found.working_only, found.note_on) == (False, (), (path,))

    @law
    @given(records(), st.data())
    def test_every_change_is_told_once_and_nothing_else(self, signed: Record, data: st.DataObject) -> None:
        now = changed(data.draw, signed, ALL_PATHS)
        found = drift(signed, now, RULES)
        told = [*(r.place for r in found.reasons), *found.note_on, *found.working_only]
        assert sorted(told) == sorted(p for p in {*signed, *now} if signed.get(p) != now.get(p))
        assert found.stale == bool(found.must_sign) == any(place_of(p).change in MATERIAL for p in told)

    def test_a_target_or_a_review_does_not_touch_the_signed_version(self) -> None:
        now = {
            **READY,
            "targets[T1].status": "Achieved",
            "reviews[1].held": "2026-11-01",
            "needs[N1].action": "Overlays",
        }
        assert not drift(READY, now, RULES).stale

    def test_a_milestone_moved_is_listed_at_the_next_issue(self) -> None:
        found = drift(READY, {**READY, "milestones[M1].planned": "2027-02-01"}, RULES)
        assert (found.stale, found.note_on) == (False, ("milestones[M1].planned",))

    def test_a_training_row_taken_out_makes_it_stale(self) -> None:
        found = drift(READY, without("training[R1].hours"), RULES)
        assert found.stale
        assert "103.4.1 (a), (c)" in found.reasons[0].rule

    def test_people_are_told_whether_anybody_has_to_sign_again(self) -> None:
        made = make_edition(issue("funding-plan", revision=3), ALL_SIGNED, 2, "ab", "cd", RULES, NOON)
        fresh, moved = (
            drift(READY, READY, RULES),
            drift(READY, {**READY, "programme.expected_end": "2028-01-01"}, RULES),
        )
        assert "no funding-body version yet" in standing(None, None, 1)
        assert standing(made, fresh, 9).startswith("No new signature is needed")
        assert standing(made, moved, 9) == (
            "Funding-body version 2 is stale, because the expected end has changed. "
            "To sign again: learner and employer and provider."
        )
        assert state(None, None, False, 0) == "none"
        assert state(None, None, True, 0) == "issued"
        assert state(None, None, True, 1) == "part-signed"
        assert state(made, fresh, True, 0) == "in force"
        assert state(made, moved, True, 0) == "stale"


def test_a_signature_counts_in_the_revision_where_it_was_bound() -> None:
    from strategies import revision

    from engine.signoff import signatures

    row = "signatures[F-AAAA1111 learner]"

    def set_(part: str, value: object) -> Decision:
        return Decision(place=f"{row}.{part}", outcome=Outcome.ACCEPTED, rule="M18", theirs=value)

    named = revision(2, [set_("name", "Amrit Kaur"), set_("date", "2026-09-20")])
    assert signatures([named]) == ()
    bound = revision(3, [set_("method", "typed"), set_("bound", True)], submission="ab")
    (made,) = signatures([named, bound])
    assert (made.role, made.form, made.revision, made.submission) == ("learner", "F-AAAA1111", 3, "ab")
    assert PRINTED <= made.date <= made.received
