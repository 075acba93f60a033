"""Rules of what falls due: how soon, how often, and when clocks stand still."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law, records

from engine.away import counted, pushed
from engine.clocks import Due, due, next_review
from engine.places import Record
from engine.rules import rules_for
from engine.settings import Policy
from engine.settings_file import load

TODAY = dt.date(2026, 12, 1)
LEARNER: Record = {"programme.type": "Apprenticeship", "programme.start": "2026-09-07"}
AWAY: Record = {**LEARNER, "breaks[B1].began": "2026-10-01"}
TERMS = Policy(half_terms=(dt.date(2026, 10, 23), dt.date(2026, 12, 18), dt.date(2027, 2, 12)))


def review_due(record: Record, policy: Policy | None = None) -> str:
    rules = rules_for(record, TODAY)
    return str(next_review(record, rules, policy) if policy else next_review(record, rules))


def found(record: Record, today: dt.date = TODAY, state: str = "in force", **more: object) -> dict[str, Due]:
    """What is due, by clock."""
    known = {"policy": Policy(), "again": None, "assessed": True, "may_sign": True, "told": None} | more
    listed = due(
        record, rules_for(record, today), dt.date(2026, 9, 1), bool(known["assessed"]), bool(known["may_sign"]), state,
        today=today, policy=known["policy"], again=known["again"], told=known["told"],
    )  # fmt: skip
    assert list(listed) == sorted(listed, key=lambda d: d.day)
    return {d.clock: d for d in listed}


class TestReviews:
    def test_a_review_on_1_august_makes_the_next_due_by_30_november(self) -> None:
        assert review_due({**LEARNER, "programme.start": "2025-08-01", "reviews[1].held": "2026-08-01"}) == "2026-11-30"

    @pytest.mark.parametrize(
        ("start", "by"),
        [("2022-09-01", "2022-11-24"), ("2024-09-01", "2024-11-24"), ("2025-09-01", "2025-12-31"),
         ("2026-11-30", "2027-02-28"), ("2027-11-30", "2028-02-29")],
    )  # fmt: skip
    def test_the_first_review_is_counted_from_the_start_as_the_rules_of_its_year_count(
        self, start: str, by: str
    ) -> None:
        assert review_due({**LEARNER, "programme.start": start}) == by

    def test_a_learner_taught_elsewhere_is_reviewed_every_four_weeks(self) -> None:
        assert review_due({**LEARNER, "programme.off_site": True}) == "2026-10-05"
        assert review_due({**LEARNER, "programme.type": "Off-site school"}) == "2026-10-05"
        held = {**LEARNER, "programme.off_site": True, "reviews[1].held": "2026-10-01"}
        assert review_due({**held, "programme.review_weeks": "8 weeks"}) == "2026-10-29"

    def test_the_plans_own_interval_holds_where_the_rules_allow_more(self) -> None:
        assert review_due({**LEARNER, "programme.review_weeks": "6 weeks"}) == "2026-10-19"
        held = {**LEARNER, "programme.review_weeks": "6 weeks", "reviews[1].held": "2026-10-10"}
        assert review_due(held) == "2026-11-21"

    def test_reviews_each_half_term_fall_due_on_its_last_day(self) -> None:
        record = {**LEARNER, "programme.review_weeks": "Every half term"}
        assert review_due(record, TERMS) == "2026-10-23"
        assert review_due({**record, "reviews[1].held": "2026-10-23"}, TERMS) == "2026-12-18"
        assert review_due(record) == review_due(LEARNER) == "2026-12-31"

    @pytest.mark.parametrize(
        ("held", "due"),
        [("2026-09-14", "2026-10-23"), ("2026-10-01", "2026-10-23"), ("2026-10-02", "2026-12-18"),
         ("2026-10-22", "2026-12-18"), ("2026-10-28", "2026-12-18"), ("2026-11-26", "2026-12-18"),
         ("2026-12-10", "2027-02-12")],
    )  # fmt: skip
    def test_the_review_of_a_half_term_may_be_held_in_its_last_three_weeks(self, held: str, due: str) -> None:
        """Before that it is early, after it is late: both leave the review of the running half term to be held."""
        record = {**LEARNER, "programme.review_weeks": "Every half term", "reviews[1].held": held}
        assert review_due(record, TERMS) == due

    def test_half_terms_are_set_in_the_settings(self, tmp_path: Path) -> None:
        (tmp_path / "counterpart.toml").write_text("[policy]\nhalf_terms = [2026-10-23, 2026-12-18, 2027-02-12]\n")
        assert load(tmp_path).policy == TERMS

    def test_the_day_that_the_last_review_named_holds_and_never_beyond_the_rules(self) -> None:
        held = {**LEARNER, "reviews[1].held": "2026-10-10"}
        assert review_due({**held, "reviews[1].next_due": "2026-12-01"}) == "2026-12-01"
        assert review_due({**held, "reviews[1].next_due": "2027-06-01"}) == "2027-01-31"

    def test_the_last_review_held_counts_whatever_its_number(self) -> None:
        assert (
            review_due({**LEARNER, "reviews[2].held": "2026-10-01", "reviews[10].held": "2026-11-01"}) == "2027-02-28"
        )

    def test_its_form_lies_ready_three_weeks_ahead(self) -> None:
        (review,) = [d for d in found(LEARNER).values() if d.clock == "review"]
        assert not review.near(review.day - dt.timedelta(days=22))
        assert review.near(review.day - dt.timedelta(days=21))
        assert not review.overdue(review.day)
        assert review.overdue(review.day + dt.timedelta(days=1))


class TestBreaksAndEnds:
    def test_nothing_is_due_while_the_learner_is_on_a_break(self) -> None:
        assert found(AWAY) == {}
        assert found({**LEARNER, "programme.status": "On a break"}) == {}
        assert "review" in found(AWAY, today=dt.date(2026, 9, 30))

    def test_a_status_that_was_told_after_the_last_return_is_another_break(self) -> None:
        back = {**AWAY, "breaks[B1].returned": "2026-10-31", "programme.status": "On a break"}
        assert found(back, told=dt.date(2026, 11, 20)) == {}
        assert "review" in found(back, told=dt.date(2026, 10, 1))

    def test_the_days_of_a_break_are_added_to_what_was_running(self) -> None:
        back = {**AWAY, "breaks[B1].returned": "2026-10-31"}
        assert found(back)["review"].day == dt.date(2026, 12, 31) + dt.timedelta(days=30)
        assert found(back, state="none")["signing"].day == dt.date(2026, 10, 19) + dt.timedelta(days=30)
        assert found(back, assessed=False)["assessment"].day == dt.date(2026, 10, 19) + dt.timedelta(days=30)

    def test_a_break_that_was_over_before_adds_nothing(self) -> None:
        back = {**AWAY, "breaks[B1].returned": "2026-10-31", "reviews[1].held": "2026-11-05"}
        assert found(back)["review"].day == dt.date(2027, 2, 28)

    def test_signing_again_falls_due_by_the_day_that_the_change_sets_or_the_review_and_not_on_a_break(self) -> None:
        back = {**AWAY, "breaks[B1].returned": "2026-10-31"}
        assert found(AWAY, state="stale", again=dt.date(2026, 10, 31)) == {}
        assert found(back, state="stale", again=dt.date(2026, 10, 31))["signing"].day == dt.date(2026, 10, 31)
        no_day = found(back, state="stale")
        assert no_day["signing"].day == no_day["review"].day

    @pytest.mark.parametrize("status", ["Completed", "Withdrawn", "Transferred"])
    def test_nothing_is_due_when_the_programme_has_ended(self, status: str) -> None:
        assert found({**LEARNER, "programme.status": status}, state="none", assessed=False) == {}

    def test_nothing_is_due_on_a_closed_plan(self) -> None:
        assert found({**LEARNER, "closing.day": "2026-11-01"}, state="stale") == {}

    @pytest.mark.parametrize("status", ["Planned", "Continuing"])
    def test_clocks_run_before_and_during_the_programme(self, status: str) -> None:
        assert "review" in found({**LEARNER, "programme.status": status})

    @law
    @given(st.lists(st.tuples(st.integers(-60, 120), st.integers(0, 90)), max_size=3), st.integers(0, 60))
    def test_a_day_moves_by_the_days_of_break_before_it_and_never_forward(
        self, breaks: list[tuple[int, int]], days: int
    ) -> None:
        since = dt.date(2026, 9, 7)
        away, free = {}, 0
        for n, (began, length) in enumerate(sorted(breaks)):
            began = max(began, free)
            free = began + length + 1
            away[f"breaks[B{n}].began"] = (since + dt.timedelta(days=began)).isoformat()
            away[f"breaks[B{n}].returned"] = (since + dt.timedelta(days=began + length)).isoformat()
        moved = pushed(away, since, since + dt.timedelta(days=days))
        on_breaks = {
            day for n in range(len(breaks))
            for day in range((dt.date.fromisoformat(away[f"breaks[B{n}].began"]) - since).days,
                             (dt.date.fromisoformat(away[f"breaks[B{n}].returned"]) - since).days)
        }  # fmt: skip
        passed = (moved - since).days
        assert passed - sum(0 <= day < passed for day in on_breaks) == days
        assert counted(away, since, moved).days == days


class TestOtherClocks:
    def test_assessment_and_signatures_are_due_six_weeks_after_the_start(self) -> None:
        early = found(LEARNER, state="none", assessed=False)
        assert early["assessment"].day == early["signing"].day == dt.date(2026, 10, 19)
        assert "signing" not in found(LEARNER, state="none", may_sign=False)
        assert "signing" not in found(LEARNER)

    def test_under_older_rules_the_plan_is_signed_before_training_starts(self) -> None:
        old = {**LEARNER, "programme.start": "2023-09-04"}
        assert found(old, today=dt.date(2023, 9, 1), state="none")["signing"].day == dt.date(2023, 9, 4)

    def test_without_a_start_clocks_run_from_the_first_form(self) -> None:
        assert found({}, state="none", assessed=False)["assessment"].day == dt.date(2026, 10, 13)

    def test_support_is_reviewed_each_quarter_or_on_the_day_named(self) -> None:
        given_ = {**LEARNER, "actions[S1].need": "N1", "actions[S1].start": "2026-09-14"}
        assert found(given_)["support"].day == dt.date(2026, 12, 14)
        assert found({**given_, "actions[S1].review": "2026-11-01"})["support"].day == dt.date(2026, 11, 1)
        assert "support" not in found({**given_, "needs[N1].status": "Met"})
        assert "support" in found({**given_, "needs[N1].status": "Open"})
        older = {**given_, "programme.start": "2023-09-04", "actions[S1].start": "2023-09-14"}
        assert found(older)["support"].day == dt.date(2023, 10, 14)

    def test_a_log_once_begun_is_filed_every_six_weeks(self) -> None:
        assert "log" not in found(LEARNER)
        assert found(LEARNER, policy=Policy(learning_logs=True))["log"].day == dt.date(2026, 10, 19)
        first = found({**LEARNER, "logs[W1].block": 1})["log"]
        assert (first.what, first.day) == ("Learning log, block 2", dt.date(2026, 11, 30))
        assert found({**LEARNER, "logs[W1].date": "2026-10-20"})["log"].what == "Learning log, block 3"

    def test_days_of_a_break_are_in_no_block_of_the_log(self) -> None:
        back = {**AWAY, "breaks[B1].returned": "2026-11-12"}
        for entry, block, day in (
            ("2026-09-28", 2, "2027-01-11"), ("2026-11-20", 2, "2027-01-11"), ("2026-11-29", 2, "2027-01-11"),
            ("2026-11-30", 2, "2027-01-11"), ("2026-12-01", 3, "2027-02-22"),
        ):  # fmt: skip
            log = found({**back, "logs[W1].date": entry})["log"]
            assert (log.what, str(log.day)) == (f"Learning log, block {block}", day)

    def test_the_assessment_organisation_is_named_six_months_before_the_end(self) -> None:
        ends = {**LEARNER, "programme.expected_end": "2027-08-31"}
        naming = found(ends)["naming"]
        assert (naming.day, naming.what) == (dt.date(2027, 2, 28), "The assessment organisation to be named")
        assert "naming" not in found({**ends, "programme.assessment_organisation": "Bakers' Guild"})
        assert "naming" not in found({**ends, "programme.type": "Adult skills"})

    @law
    @given(
        records(), st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.booleans(),
        st.sampled_from(["none", "issued", "part-signed", "in force", "stale"]),
    )  # fmt: skip
    def test_any_plan_can_be_asked_what_is_due(self, record: Record, today: dt.date, yes: bool, state: str) -> None:
        assert set(found(record, today, state, assessed=yes, may_sign=yes)) <= {
            "assessment", "signing", "review", "support", "log", "naming",
        }  # fmt: skip
