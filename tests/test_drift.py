"""Rules of the change matrix: what a change does to the signed version, who signs again, by when, and why."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ALL_PATHS, PROFORMAS, READY, changed, law, records, value_of

from engine.amendment import HIDDEN, lines, told
from engine.drift import MATERIAL, WHY_NOT, Drift, Moment, drift, months
from engine.places import Change, Record, Value
from engine.plan import change_of, keys_of, may_see, place_of
from engine.rules import all_rules, rules_for
from engine.settings import Policy

REVIEW = dt.date(2026, 12, 1)
TODAY = dt.date(2026, 10, 1)
ALL_THREE = ("learner", "employer", "provider")
RULES = rules_for(READY, TODAY)
ADULT: Record = {**READY, "programme.type": "Adult skills", "aims[A1].title": "English, level 1"}
AT_WORK: Record = {**READY, "aims[A1].title": "Baker", "employer.mentor": "Jo Hargreaves", "staff.tutor": "Ms Okafor"}


def moved(signed: Record, now: Record, today: dt.date = TODAY, **days: dt.date) -> Drift:
    when = Moment(today, days, REVIEW)
    return drift(signed, now, rules_for(now, today), when)


def after(record: Record, changes: dict[str, Value]) -> Record:
    return {path: value for path, value in {**record, **changes}.items() if value is not None}


# One line for each row of domain.md C3's matrix: what changes, what it does, who signs again, the clause that says so.
MATRIX: list[tuple[str, Record, dict[str, Value], str, tuple[str, ...], str]] = [
    ("a target achieved", READY, {"targets[T1].status": "Achieved"}, "working", (), ""),
    ("a target added", READY, {"targets[T2].text": "Shape rolls"}, "working", (), ""),
    ("the log", READY, {"logs[W1].learned": "Proving"}, "working", (), ""),
    ("the words of a review", READY, {"reviews[1].progress": "Steady"}, "working", (), ""),
    ("a measure of progress", READY, {"kpis[K1].now": "Four"}, "working", (), ""),
    ("a soft outcome", READY, {"outcomes[O1].what": "Sure of myself"}, "working", (), ""),
    ("a pastoral note", READY, {"notes[P1].text": "Talked"}, "working", (), ""),
    ("a milestone moved", READY, {"milestones[M1].planned": "2027-02-01"}, "noted", (), ""),
    ("a session moved within the plan", READY, {"training[R1].when": "Thursdays in January"}, "noted", (), ""),
    ("contact details", READY, {"learner.phone": "01632 960123"}, "noted", (), ""),
    ("another mentor", AT_WORK, {"employer.mentor": "Sam Hill"}, "noted", (), ""),
    ("another tutor", AT_WORK, {"staff.tutor": "Mr Webb"}, "noted", (), ""),
    ("a unit taken out", READY, dict.fromkeys(("training[R1].what", "training[R1].hours", "training[R1].when")),
     "stale", ALL_THREE, "103.4.1 (a)"),
    ("a unit added", READY, {"training[R2].what": "Cakes"}, "stale", ALL_THREE, "103.4.1 (a)"),
    ("a qualification added", AT_WORK, {"aims[A2].title": "Food safety"}, "stale", ALL_THREE, "103.4.1 (a)"),
    ("a qualification taken out", AT_WORK, {"aims[A1].title": None}, "stale", ALL_THREE, "103.4.1 (a)"),
    ("English goes out", READY, {"programme.english_maths": None}, "stale", ALL_THREE, "103.4.1 (a)"),
    ("the expected end", READY, {"programme.expected_end": "2027-10-29"}, "stale", ALL_THREE, "103.4.1 (b)"),
    ("a break", READY, {"programme.status": "On a break"}, "stale", ALL_THREE, "103.4.1 (b)"),
    ("a transfer", READY, {"programme.status": "Transferred"}, "stale", ALL_THREE, "103.4.1 (b)"),
    ("training re-planned", READY, {"training[R1].hours": 60}, "stale", ALL_THREE, "103.4.1 (a), (c)"),
    ("who delivers it", READY, {"training[R1].who": "Webb Ltd"}, "stale", ALL_THREE, "103.4.1 (a), (c)"),
    ("the weekly hours", READY, {"programme.weekly_hours": 25}, "stale", ALL_THREE, "103.4.1 (c)"),
    ("the delivery", READY, {"programme.delivery": "Two days in a block"}, "stale", ALL_THREE, "103.4.1 (c)"),
    ("a subcontractor", READY, {"programme.subcontractor": "Webb Ltd"}, "stale", ALL_THREE, "103.4.1 (c)"),
    ("the planned hours", READY, {"programme.planned_hours": 400}, "stale", ALL_THREE, "103.4.1 (c)"),
    ("another employer", READY, {"employer.name": "Crumb & Co"}, "stale", ALL_THREE, "99.4"),
    ("prior learning found", READY, {"prior[L1].item": "Food hygiene"}, "stale", ALL_THREE, "100"),
    ("a need without a claim", READY, {"needs[N1].description": "Dyslexia"}, "working", (), ""),
    ("support without a claim", READY, {"actions[S1].who": "Ms Bell"}, "working", (), ""),
    ("support that is claimed", READY, {"actions[S1].who": "Ms Bell", "actions[S1].claimed": True}, "stale",
     ("learner", "support"), "learning support"),
    ("a claim that ends", {**READY, "actions[S1].claimed": True}, {"actions[S1].claimed": False}, "stale",
     ("learner", "support"), "learning support"),
    ("an adult's aim", ADULT, {"aims[A1].title": "English, level 2"}, "stale", ("learner", "provider"), "agreement"),
    ("the start corrected", READY, {"programme.start": "2026-09-14"}, "stale", ("provider",), "4"),
    ("the planned end corrected", READY, {"programme.planned_end": "2027-08-30"}, "stale", ("provider",), "4"),
    ("a result revised", READY, {"assessments[Maths].level": "Level 2"}, "stale", ("learner", "provider"), "100"),
    ("the assessment organisation", READY, {"programme.assessment_organisation": "City"}, "noted", (), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("signed", "change", "does", "who", "clause"), [m[1:] for m in MATRIX], ids=[m[0] for m in MATRIX]
)
def test_every_row_of_the_matrix(
    signed: Record, change: dict[str, Value], does: str, who: tuple[str, ...], clause: str
) -> None:
    found = moved(signed, after(signed, change))
    kind = "stale" if found.stale else "noted" if found.noted else "working"
    assert (kind, found.must_sign) == (does, who)
    for reason in found.reasons:
        assert clause in reason.rule
        assert "not yet checked" in reason.rule or "not recorded" in reason.rule
    for other in (*found.noted, *found.working):
        assert other.because
        assert (other.rule, other.who, other.deadline) == ("", (), None)


def test_after_the_qualifying_period_another_aim_is_a_withdrawal_or_a_transfer() -> None:
    now = after(ADULT, {"aims[A1].title": "English, level 2"})
    inside, late = moved(ADULT, now), moved(ADULT, now, dt.date(2026, 12, 1))
    assert inside.reasons[0].because == "the qualifications have changed"
    assert "withdrawal or a transfer" in late.reasons[0].because
    # What counts is the day that it changed, not the day that somebody asks.
    asked_later = moved(ADULT, now, dt.date(2026, 12, 1), **{"aims[A1].title": dt.date(2026, 9, 20)})
    assert asked_later.reasons[0].because == inside.reasons[0].because


def test_a_new_issue_of_the_form_has_no_effect_on_what_was_signed() -> None:
    """The wording of a proforma is in no record: there is nothing that could have changed."""
    assert moved(READY, READY) == Drift()


class TestMissedSessionAndRemovedUnit:
    """The fixture of domain.md: practitioners rightly do not amend for the one, and must for the other."""

    def test_a_missed_session_that_is_made_up_for_needs_nobodys_signature(self) -> None:
        found = moved(READY, after(READY, {"training[R1].when": "Wednesdays in January, and 5 February"}))
        assert not found.stale
        assert found.noted[0].because == "it moves training within the plan, with the same content, hours and end"

    def test_a_unit_taken_out_is_signed_again_by_the_next_review(self) -> None:
        found = moved(READY, after(READY, dict.fromkeys(p for p in READY if p.startswith("training["))))
        assert found.must_sign == ALL_THREE
        assert found.deadline == REVIEW
        assert {reason.because for reason in found.reasons} == {"planned training has been taken out"}

    def test_a_provider_may_ask_for_signatures_when_the_month_changes(self) -> None:
        strict = rules_for(READY, TODAY, Policy(months_count=True))
        for when, stale in (("Thursdays in January", False), ("Wednesdays in February", True)):
            now = after(READY, {"training[R1].when": when})
            assert drift(READY, now, strict, Moment(TODAY)).stale is stale
            assert not drift(READY, now, RULES, Moment(TODAY)).stale


class TestDeadlines:
    def test_it_is_the_review_after_the_change_and_stays_so_when_that_was_held(self) -> None:
        now = after(READY, {"programme.expected_end": "2027-10-29"})
        changed_on = {"programme.expected_end": dt.date(2026, 10, 5)}
        assert moved(READY, now, **changed_on).deadline == REVIEW
        held = after(now, {"reviews[1].held": "2026-11-25"})
        assert moved(READY, held, **changed_on).deadline == dt.date(2026, 11, 25)
        before = after(now, {"reviews[1].held": "2026-10-01"})
        assert moved(READY, before, **changed_on).deadline == REVIEW

    def test_a_break_is_signed_for_on_return(self) -> None:
        away = after(READY, {"breaks[B1].began": "2026-11-02"})
        assert moved(READY, away).deadline is None
        expected = after(away, {"breaks[B1].expected_return": "2027-01-04"})
        assert moved(READY, expected).deadline == dt.date(2027, 1, 4)
        back = after(expected, {"breaks[B1].returned": "2027-01-11"})
        assert moved(READY, back).deadline == dt.date(2027, 1, 11)

    def test_each_break_is_signed_for_on_the_return_from_it_and_not_from_another(self) -> None:
        over = {**READY, "breaks[B1].began": "2026-09-14", "breaks[B1].returned": "2026-09-28"}
        again = after(over, {"breaks[B2].began": "2026-11-02", "programme.status": "On a break"})
        assert moved(over, again).deadline is None
        expected = after(again, {"breaks[B2].expected_return": "2027-01-04"})
        assert {reason.deadline for reason in moved(over, expected).reasons} == {dt.date(2027, 1, 4)}

    @pytest.mark.parametrize("status", ["Withdrawn", "Transferred"])
    def test_nobody_returns_who_has_left(self, status: str) -> None:
        over = {**READY, "breaks[B1].began": "2026-09-14", "breaks[B1].returned": "2026-09-28"}
        assert moved(over, after(over, {"programme.status": status})).deadline is None
        away = {**READY, "breaks[B1].began": "2026-09-14", "breaks[B1].expected_return": "2027-01-04"}
        assert moved(away, after(away, {"programme.status": status})).deadline is None

    def test_what_would_fall_due_in_a_break_falls_due_on_the_return(self) -> None:
        away = after(READY, {"programme.expected_end": "2027-10-29", "breaks[B1].began": "2026-11-02"})
        assert moved(READY, away).deadline is None
        expected = after(away, {"breaks[B1].expected_return": "2027-01-04"})
        assert {reason.deadline for reason in moved(READY, expected).reasons} == {dt.date(2027, 1, 4)}
        later = after(expected, {"breaks[B1].began": "2026-12-02"})
        assert moved(READY, later).deadline == REVIEW

    def test_it_is_no_day_before_the_change(self) -> None:
        now = after(READY, {"programme.expected_end": "2027-10-29"})
        assert moved(READY, now, dt.date(2026, 12, 2)).deadline is None
        held = after(now, {"reviews[1].held": "2026-12-04"})
        changed_on = {"programme.expected_end": dt.date(2026, 12, 2)}
        assert moved(READY, held, dt.date(2026, 12, 8), **changed_on).deadline == dt.date(2026, 12, 4)

    def test_a_return_that_is_told_of_afterwards_is_signed_for_by_the_review(self) -> None:
        back = after(READY, {"breaks[B1].began": "2026-09-14", "breaks[B1].returned": "2026-09-28"})
        assert moved(READY, back).deadline == REVIEW

    def test_the_first_of_several_days_counts(self) -> None:
        now = after(READY, {"breaks[B1].returned": "2027-01-11", "programme.planned_hours": 400})
        assert moved(READY, now).deadline == REVIEW


@pytest.mark.parametrize(
    ("said", "found"),
    [("Wednesdays, autumn", set()), ("Jan and sept", {1, 9}), ("03/02/2027", {2}), ("2027-02-03", {2}), (None, set())],
)
def test_months_are_found_in_what_people_write(said: str | None, found: set[int]) -> None:
    assert months(said) == found


class TestLaws:
    @law
    @given(records(), st.sampled_from(ALL_PATHS), st.data())
    def test_a_change_has_the_effect_of_its_class_and_rules(
        self, signed: Record, path: str, data: st.DataObject
    ) -> None:
        """Nothing that is working-only or note-on makes a version stale; everything that is relied on does.

        But for the changes that the rules name, one by one, as needing no signature.
        """
        now = {**signed, path: data.draw(value_of(path))}
        found = drift(signed, now, RULES, Moment(TODAY))
        told_of = {d.place: d for d in (*found.reasons, *found.noted, *found.working)}
        if signed.get(path) == now[path]:
            assert path not in told_of
            return
        declared, difference = change_of(path, signed, now), told_of[path]
        excused = [row for row in RULES.stale if row.effect and path.startswith(row.begins)]
        assert difference.effect is declared or excused
        assert (difference in found.reasons) is (difference.effect in MATERIAL)
        if declared in MATERIAL and not excused:
            assert found.stale
            assert difference.because
            assert difference.rule
            assert set(difference.who) <= set(found.must_sign)
        if declared not in MATERIAL:
            assert difference not in found.reasons

    @law
    @given(records(), st.data())
    def test_every_change_is_told_once_and_nothing_else(self, signed: Record, data: st.DataObject) -> None:
        now = changed(data.draw, signed, ALL_PATHS)
        found = drift(signed, now, RULES, Moment(TODAY, {}, REVIEW))
        told_of = [d.place for d in (*found.reasons, *found.noted, *found.working)]
        assert sorted(told_of) == sorted(p for p in {*signed, *now} if signed.get(p) != now.get(p))
        assert found.stale == bool(found.must_sign) == bool(found.reasons)

    @law
    @given(records(), st.data())
    def test_a_sheet_lists_what_is_signed_for_and_noted_and_shows_nobody_more_than_they_may_see(
        self, signed: Record, data: st.DataObject
    ) -> None:
        found = drift(signed, changed(data.draw, signed, ALL_PATHS), RULES, Moment(TODAY, {}, REVIEW))
        eyes = PROFORMAS["amendment"].eyes
        rows = lines(found, lambda path: f"the place {path}", eyes)
        listed = (*found.reasons, *(d for d in found.noted if may_see(d.place, eyes)))
        assert len(keys_of(rows, "amended")) == len(listed)
        for number, difference in enumerate(listed, 1):
            place = place_of(difference.place)
            assert place is not None
            row = {c: rows.get(f"amended[{number}].{c}") for c in ("what", "was", "now", "why", "who")}
            if place.audience.issuperset(eyes):
                assert row["what"] == f"the place {difference.place}"
                assert row["was"] == (place.show(difference.was) or "(nothing)")
                assert row["now"] == (place.show(difference.now) or "(nothing)")
            else:
                assert (row["what"], row["was"], row["now"]) == (HIDDEN, None, None)
            assert (row["who"] == "Nobody") is not bool(difference.who)
        seen = [d for d in (*found.reasons, *found.noted) if may_see(d.place, eyes)]
        hidden = any(not may_see(d.place, eyes) for d in found.reasons)
        assert len(list(told(found, str, eyes))) == len(seen) + hidden


def test_every_class_that_stales_nothing_says_why() -> None:
    assert WHY_NOT.keys() == set(Change) - MATERIAL


def test_every_year_decides_every_change_that_the_funding_body_relies_on() -> None:
    for rules in all_rules():
        for path in ALL_PATHS:
            for what in ("added", "removed", "changed"):
                row = rules.row_for(path, what, READY, material=True)
                assert row.because
                assert bool(row.rule) is (row.effect in ("", "locked")), path
