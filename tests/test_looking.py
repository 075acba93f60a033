"""What the looking commands print: complete, in people's words, and readable in a terminal of a hundred columns."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cli import pages, run
from engine.model import Query
from engine.premises import waits_for
from tests.conftest import AMRIT, PROGRAMME, Desk, Office
from tests.strategies import NOON, revision

WIDTH = 100
Look = Callable[..., str]

words = st.lists(st.text("abcdefghijklmnopqrstuvwxyzŁŵé-’", min_size=1, max_size=20), max_size=12).map(" ".join)


@pytest.fixture
def look(office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Look:
    """What a command prints in a terminal of a hundred columns."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))

    def looked(*command: str) -> str:
        capsys.readouterr()
        run([*command, "--workspace", str(office.root)])
        printed = capsys.readouterr().out
        assert max(map(len, printed.splitlines()), default=0) <= WIDTH
        return printed

    return looked


LONG = (
    "Weigh and scale dough to within five grams without being checked, three mornings running, and write each weight "
    "into the oven log in a hand that somebody else can read"
)


def test_every_looking_command_fits_a_hundred_columns_and_cuts_no_word(office: Office, look: Look) -> None:
    plan = office.joins({**AMRIT, "learner.uln": "9276308687"})
    office.returns(office.document("Individual learning plan"), PROGRAMME | {"targets[new 1].text": LONG})
    office.workspace.close_plan(plan, "moved to Leeds", "Ruth Mbeki")
    whole = look("show", plan)
    assert " ".join(LONG.split()) in " ".join(whole.split())
    assert "Target T1\n" in whole
    assert "closed 07/09/2026" in whole
    told = look("history", plan)
    assert "Revision 2 · " in told
    assert "Taken: the plan still said what was printed (M2)" in told
    assert "Reason: moved to Leeds" in told
    assert "07/09/2026" in told
    assert "closed 07/09/2026" in look("plans")
    assert "Plans: 1 (1 of them closed). Open questions: 1." in look("status")
    asked = look("queries", plan)
    assert f"Amrit Kaur ({plan})" in asked
    assert "waits for: provider" in asked
    assert "Take: plan" in asked


def test_a_plan_is_shown_as_of_a_revision_and_as_of_a_version(office: Office, look: Look) -> None:
    plan = office.signed()
    office.returns(office.document("Individual learning plan"), {"programme.expected_end": "31/10/2027"})
    assert "31/10/2027" in look("show", plan)
    assert "31/10/2027" not in look("show", plan, "--edition", "1")
    assert "Baker, level 2" not in look("show", plan, "--revision", "1")
    assert look("show", plan, "--edition", "7") == ""
    assert look("show", plan, "--edition", "1", "--revision", "1") == ""


def test_what_would_move_the_cursor_is_not_printed() -> None:
    assert pages.wrapped("scan\x1b[2J.pdf", 40) == ["scan[2J.pdf"]


def test_a_question_waits_for_those_whose_place_it_is_by_name() -> None:
    record = {"learner.given_name": "Amrit", "learner.family_name": "Kaur", "staff.tutor": "Ruth Mbeki"}

    def asked(place: str, plan: str | None = "P-TEST0001") -> Query:
        return Query(query="Q-1", plan=plan, place=place, kind="conflict", question="?", raised=NOON)

    assert waits_for(asked("aspiration.destination"), record) == (("learner", "Amrit Kaur"), ("tutor", "Ruth Mbeki"))
    assert waits_for(asked("learner.uln"), record) == (("provider", ""),)
    assert waits_for(asked("", None), {}) == (("provider", ""),)


@settings(max_examples=300, deadline=None)
@given(words, st.integers(20, 120))
def test_lines_are_broken_between_words(text: str, width: int) -> None:
    lines = pages.wrapped(text, width)
    assert all(len(line) <= width for line in lines)
    assert " ".join(lines).split() == text.split()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(words, words, words), max_size=5), st.integers(70, 120))
def test_a_table_fits_and_cuts_no_word(rows: list[tuple[str, str, str]], width: int) -> None:
    lines = list(pages.tabular(("One", "Two", "Three"), rows, width))
    assert all(len(line) <= width for line in lines)
    printed = set(" ".join(lines).split())
    assert {word for word in itertools.chain(*rows) for word in word.split()} <= printed


def test_what_putting_a_mistake_right_asks_fits_a_hundred_columns_too(office: Office, look: Look) -> None:
    first = office.joins({**AMRIT, "learner.address": "1 Mill Lane, above the mill, Ancoats"})
    other = {"learner.given_name": "Piotr", "learner.family_name": "Nowak", "learner.date_of_birth": "02/07/2007"}
    second = office.joins({**other, "learner.uln": "TEMP", "learner.address": "22 Oven Street, behind the bakery"})
    told = " ".join(look("join", first, second).split())
    assert len(office.workspace.queries(first)) == 5
    assert all(f"{query.query}: {query.question}" in told for query in office.workspace.queries(first))


def test_a_file_and_the_day_it_counts_from_are_told() -> None:
    told = list(pages.history([revision(1, [], submission="ab")], lambda _: None, {}, {}, WIDTH))
    assert told[0].startswith("Revision 1 · ")
    assert told[0].endswith("a form came")


def test_the_terminal_may_be_of_any_width(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.cli.terminal import width

    monkeypatch.setenv("COLUMNS", "140")
    assert width() == 140
    monkeypatch.setenv("COLUMNS", "20")
    assert width() == 60


def test_a_workspace_that_stays_open_for_days_knows_what_day_it_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = desk.joins()
    assert desk.workspace.standing(plan).findings == ()
    monkeypatch.setenv("COUNTERPART_TODAY", "2027-01-11")
    assert "was to be signed by" in desk.workspace.standing(plan).findings[0]
    assert "was to be signed by" in desk.workspace.plans()[0].findings[0]
