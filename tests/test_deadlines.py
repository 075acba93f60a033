"""Rules of deadlines as a provider meets them: from forms that come back, to what is said of a plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from engine import workflow
from engine.standing import Standing, standing
from tests.conftest import AMRIT, ASSESSED, PROGRAMME, Answers, Desk

NAMES = {"learner": "Amrit Kaur", "employer": "Jo Hargreaves", "provider": "Chidi Okafor"}


def comes(desk: Desk, plan: str, day: str, proforma: str, written: Answers) -> Standing:
    """A form given out and back on a day; tells where the plan stands then."""
    desk.premises = replace(desk.premises, today=dt.date.fromisoformat(day))
    if written:
        desk.back(desk.prints(proforma, plan), written)
        workflow.sign_off(desk.premises, plan)
    return standing(desk.premises, plan)


def signs(desk: Desk, plan: str, day: str) -> Standing:
    """All sign what lies ready, on a day."""
    written = {f"signatures[{role}].name": name for role, name in NAMES.items()}
    written |= {f"signatures[{role}].date": f"{dt.date.fromisoformat(day):%d/%m/%Y}" for role in NAMES}
    return comes(desk, plan, day, "funding-plan", written)


@pytest.fixture
def ready(desk: Desk) -> str:
    """The number of a plan that may be signed."""
    plan = desk.joins(AMRIT)
    comes(desk, plan, "2026-09-07", "plan", PROGRAMME)
    assert comes(desk, plan, "2026-09-16", "needs-summary", ASSESSED).stage == "gated"
    return plan


@pytest.fixture
def signed(desk: Desk, ready: str) -> str:
    """The number of a plan that all have signed."""
    assert signs(desk, ready, "2026-09-16").state == "in force"
    return ready


def test_a_second_change_of_the_same_puts_nothing_off(desk: Desk, signed: str) -> None:
    changes = "change-of-circumstances"
    comes(desk, signed, "2026-10-01", changes, {"programme.expected_end": "31/10/2027"})
    comes(desk, signed, "2026-11-02", "progress-review", {"reviews[1].held": "02/11/2026"})
    there = comes(desk, signed, "2026-11-05", changes, {"programme.expected_end": "30/11/2027"})
    assert there.found
    assert there.found.deadline == dt.date(2026, 11, 2)
    late = signs(desk, signed, "2026-11-05")
    assert "The learner signed on 05/11/2026, after the last day for it, 02/11/2026." in late.findings


def test_what_was_taken_back_meanwhile_counts_from_when_it_changed_again(desk: Desk, signed: str) -> None:
    changes = "change-of-circumstances"
    comes(desk, signed, "2026-10-01", changes, {"programme.expected_end": "31/10/2027"})
    comes(desk, signed, "2026-10-02", changes, {"programme.expected_end": "31/08/2027"})
    comes(desk, signed, "2026-11-02", "progress-review", {"reviews[1].held": "02/11/2026"})
    there = comes(desk, signed, "2026-11-05", changes, {"programme.expected_end": "30/11/2027"})
    assert there.found
    assert there.found.deadline == dt.date(2027, 1, 25)


def test_who_signs_the_day_after_a_change_is_not_late_although_a_review_was(desk: Desk, signed: str) -> None:
    comes(desk, signed, "2026-12-02", "change-of-circumstances", {"programme.expected_end": "31/10/2027"})
    there = signs(desk, signed, "2026-12-03")
    assert (there.state, there.edition and there.edition.number) == ("in force", 2)
    assert there.findings == ()


def test_a_second_break_that_the_status_alone_tells_of_stops_the_clocks(desk: Desk, signed: str) -> None:
    changes = "change-of-circumstances"
    away = {"breaks[new 1].began": "05/10/2026", "programme.status": "On a break"}
    assert comes(desk, signed, "2026-10-05", changes, away).due == ()
    back = comes(desk, signed, "2026-11-02", changes, {"breaks[B1].returned": "02/11/2026"})
    assert back.due, "a status that was forgotten on the return stops no clock"
    comes(desk, signed, "2026-11-09", changes, {"programme.status": "Continuing"})
    again = comes(desk, signed, "2027-01-11", changes, {"programme.status": "On a break"})
    assert again.due == ()


@pytest.mark.parametrize(
    "away",
    [{"breaks[new 1].began": "28/09/2026"}, {"programme.status": "On a break"}, {"programme.status": "Withdrawn"}],
)
def test_nothing_is_told_to_be_overdue_of_who_is_away(desk: Desk, ready: str, away: Answers) -> None:
    comes(desk, ready, "2026-09-28", "change-of-circumstances", away)
    assert comes(desk, ready, "2027-03-02", "plan", {}).findings == ()


def test_what_was_missed_before_a_break_is_told_again_after_it(desk: Desk, ready: str) -> None:
    changes = "change-of-circumstances"
    (before,) = comes(desk, ready, "2026-10-26", changes, {}).findings
    assert "was to be signed by 19/10/2026" in before
    comes(desk, ready, "2026-10-26", changes, {"breaks[new 1].began": "26/10/2026"})
    (after,) = comes(desk, ready, "2026-11-30", changes, {"breaks[B1].returned": "30/11/2026"}).findings
    assert after == before
