"""Rules of the notices: they say what happened in words, load nothing, and what people wrote in a form stays text."""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import Decision, Outcome, Query, Submission
from engine.writing.notices import STATES, RegisterRow, Todo, question, receipt, refusal, register, todo
from tests.conftest import Office

CAME = dt.datetime(2026, 11, 22, 10, 5, tzinfo=dt.UTC)
STANDING = "No new signature is needed, because nothing that the funding body relies on has changed."
HOSTILE = (
    "</title><script>alert(1)</script>{{ 7 * 7 }}{% raw %}=cmd|' /C calc'!A0\x00\x1b[31m\u202ename\ud800\"'><img src=x>"
)


def submission(**said: Any) -> Submission:
    known = {
        "sha256": "ab" * 32, "name": "Review.docx", "media_type": "application/pdf", "size": 48_211, "received": CAME,
        "outcome": "taken", "plan": "P-7K3QX9ZA", "form": "F-2B8M4KQ0", "by": "j.okafor", "answers": 23, "same": 18,
    }  # fmt: skip
    return Submission(**(known | said))


def query(**said: Any) -> Query:
    known = {
        "query": "Q-3F9K2MXA", "plan": "P-7K3QX9ZA", "place": "targets[T3].text", "kind": "conflict",
        "question": "Which is right?", "choices": ("form", "plan"), "theirs": "Two e-mails", "ours": "One e-mail",
        "raised": CAME,
    }  # fmt: skip
    return Query(**(known | said))


def row(**said: Any) -> RegisterRow:
    known: dict[str, Any] = {
        "plan": "P-7K3QX9ZA", "learner": "Zoë Thompson", "revision": 12, "edition": 2, "edition_state": "in force",
        "next_due": "Progress review: 12/01/2027", "overdue": False, "open_queries": 0,
    }  # fmt: skip
    return RegisterRow(**(known | said))


class Page(HTMLParser):
    """A page taken apart: its tags, and its words without markup."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.heard: list[str] = []
        self._silent = False
        self.feed(page)
        self.close()
        self.words = " ".join(" ".join(self.heard).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.heard.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def everything(words: str) -> list[str]:
    """Every notice, with the words wherever a person's words can stand."""
    decisions = [
        Decision(place=place, outcome=outcome, rule="M2", theirs=words, ours=words, reason=words)
        for place in ("targets[T1].text", words)
        for outcome in Outcome
    ]
    asked = [query(question=words, theirs=words, ours=words, base=words), query(place="", plan=None, choices=())]
    came = submission(name=words, by=words, reason=words, advice=words)
    return [
        receipt(came, words, decisions, {words: words}, [(q, words) for q in asked], [(words, words, words)], STANDING),
        refusal(came),
        question(asked[0], words, words, words, "", words),
        question(asked[1], "", "", ""),
        register([row(learner=words, next_due=words, links=((words, words),))], words, CAME, [words], asked),
    ]


class TestEveryNotice:
    @pytest.mark.parametrize("page", everything("Łódź & co"))
    def test_can_be_read_by_everybody(self, page: str) -> None:
        taken_apart = Page(page)
        assert page.startswith("<!doctype html>")
        assert taken_apart.all("html") == [{"lang": "en-GB"}]
        assert [len(taken_apart.all(tag)) for tag in ("title", "h1", "main", "header", "footer")] == [1] * 5
        assert "font-size: 18px" in page
        assert "@media print" in page
        assert all("scope" in attrs for attrs in taken_apart.all("th"))

    @pytest.mark.parametrize("page", everything("Łódź & co"))
    def test_loads_nothing(self, page: str) -> None:
        taken_apart = Page(page)
        assert not {tag for tag, _ in taken_apart.tags} & {"link", "img", "iframe", "object", "form", "base"}
        assert not [attrs for _, attrs in taken_apart.tags if "src" in attrs]
        assert not re.search(r"https?://|url\(|@import", page)

    @pytest.mark.parametrize("number", range(5))
    def test_is_the_same_when_written_again(self, number: int) -> None:
        assert everything("Zoë")[number] == everything("Zoë")[number]

    @pytest.mark.parametrize("words", [HOSTILE, "javascript:alert(1)", "{{ file.__class__ }}", "--><!--", "]]>"])
    def test_keeps_what_people_wrote_as_text(self, words: str) -> None:
        for hostile, calm in zip(everything(words), everything("calm"), strict=True):
            # The same page as with calm words: tag by tag, apart from where a link leads and what it is called.
            assert [tag for tag, _ in Page(hostile).tags] == [tag for tag, _ in Page(calm).tags]
            assert not any(key.startswith("on") for _, attrs in Page(hostile).tags for key in attrs)
            assert "49" not in Page(hostile).words

    @given(st.text())
    def test_can_hold_any_text(self, words: str) -> None:
        for page in everything(words):
            assert not set(page.encode().decode()) & (set(map(chr, range(32))) - {"\n"})

    @given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])))
    def test_shows_words_as_they_were_written(self, words: str) -> None:
        assert words in Page(question(query(theirs=words), "Zoë", "a.docx", "Target")).words


class TestTheSlip:
    @pytest.mark.parametrize(
        ("kind", "choices", "told"),
        [
            ("twin row", ("one", "two"), "They are one; the older one stays:"),
            ("closed", ("re-open", "leave"), "Open the plan again:"),
        ],
    )
    def test_offers_what_can_be_answered_in_words(self, kind: str, choices: tuple[str, ...], told: str) -> None:
        words = Page(question(query(kind=kind, choices=choices), "Zoë", "", "Target")).words
        assert told in words
        assert "Neither" not in words
        assert "correct the form" not in words


class TestTheReceipt:
    def said(self, *decisions: Decision, labels: dict[str, str] | None = None, **more: Any) -> str:
        queries = [(q, "Sam Reed") for q in more.pop("queries", [])]
        return Page(receipt(submission(**more), "Zoë Thompson", decisions, labels or {}, queries, (), STANDING)).words

    def test_says_what_came_and_from_whom(self) -> None:
        words = self.said()
        for part in ("Receipt: what we took from Review.docx", "Zoë Thompson", "F-2B8M4KQ0", "from j.okafor",
                     "23 on the form, 18 of them the same as before", "22 November 2026, 10:05", STANDING):  # fmt: skip
            assert part in words

    def test_says_what_the_plan_says_now_where_words_were_added(self) -> None:
        added = Decision(
            place="reviews[1].tutor_says", outcome=Outcome.ACCEPTED, rule="M11", ours="Settled in well.",
            theirs="Late twice.", becomes="Settled in well.\nLate twice in May.",
        )  # fmt: skip
        assert "Settled in well. Late twice in May." in self.said(added)

    def test_says_what_it_changed_in_the_words_of_the_form(self) -> None:
        moved = Decision(
            place="learner.date_of_birth", outcome=Outcome.ACCEPTED, rule="M2", theirs="2004-06-05", ours="2004-05-06"
        )
        words = self.said(moved, labels={"learner.date_of_birth": "Date of birth"})
        assert "changed 1 answer in the plan" in words
        assert "Question Was Now Date of birth 06/05/2004 05/06/2004" in words

    def test_says_that_an_answer_was_removed(self) -> None:
        gone = Decision(place="goals[G1].text", outcome=Outcome.CLEARED, rule="M4", ours="Learn to drive")
        assert "Goals G1: text Learn to drive nothing" in self.said(gone)

    def test_names_the_row_once(self) -> None:
        moved = Decision(place="targets[T1].text", outcome=Outcome.ACCEPTED, rule="M2", theirs="Read aloud")
        assert "Target (T1) nothing Read aloud" in self.said(moved, labels={"targets[T1].text": "Target"})
        assert "Target T1 nothing Read aloud" in self.said(moved, labels={"targets[T1].text": "Target T1"})

    def test_says_what_was_not_taken_and_why(self) -> None:
        held = Decision(
            place="programme.hours", outcome=Outcome.QUERY, rule="M16", theirs=999, ours=120, reason="it is locked"
        )
        words = self.said(held, queries=[query(question="What should the plan say?")])
        assert "What was not taken, and why" in words
        assert "999 120 It is locked." in words
        assert "Q-3F9K2MXA about Targets T3: text : What should the plan say?" in words
        assert "raised 1 question" in words

    def test_says_when_nothing_changed(self) -> None:
        agreed = Decision(place="learner.given_name", outcome=Outcome.AGREED, rule="M2", theirs="Zoë", ours="Zoë")
        words = self.said(agreed, outcome="same")
        assert "changed nothing" in words
        assert "1 answer on the form said what the plan had come to say in the meantime" in words
        assert "What it changed" not in words

    def test_says_when_nobody_knows_yet_whose_form_it_is(self) -> None:
        words = self.said(outcome="query", plan=None, form=None, queries=[query(place="", plan=None)])
        assert "Nothing has been put into a plan yet" in words
        assert "none: the file carries no number of ours" in words


def test_a_refusal_says_why_and_what_to_do() -> None:
    words = Page(refusal(submission(outcome="refused", reason="It has a password.", advice="Save it without."))).words
    assert "We could not take Review.docx" in words
    assert "Why It has a password. What to do next Save it without." in words
    assert "Nothing is lost: the file is kept beside this note" in words
    assert "48.2 kB" in words


class TestTheQuestion:
    def test_shows_both_values_and_how_to_answer(self) -> None:
        words = Page(question(query(), "Zoë Thompson", "Review.docx", "Target (T3)")).words
        assert "The form says Two e-mails The plan holds One e-mail" in words
        assert "counterpart settle Q-3F9K2MXA --take form" in words
        assert "counterpart settle Q-3F9K2MXA --take plan" in words
        assert "correct the form and drop it in again" in words

    def test_offers_only_what_may_be_taken(self) -> None:
        words = Page(question(query(choices=("plan",)), "Zoë", "a.docx", "Target")).words
        assert "--take plan" in words
        assert "--take form" not in words

    def test_asks_whose_form_it_is(self) -> None:
        asked = query(plan=None, place="", kind="identity", choices=("P-AAAA1111", "P-BBBB2222"))
        words = Page(question(asked, "", "Review.docx", "")).words
        assert "counterpart settle Q-3F9K2MXA --take P-BBBB2222" in words
        assert "The plan holds" not in words
        assert "--value" not in words


class TestTheRegister:
    def shown(self, *rows: RegisterRow, looked: dt.datetime = CAME, waiting: tuple[str, ...] = ()) -> str:
        return register(rows, "Northgate Learning", looked, waiting, [query()])

    def test_shows_every_plan_in_words(self) -> None:
        words = Page(self.shown(row(), row(plan="P-00AA11BB", learner="", overdue=True, open_queries=2))).words
        for part in (
            "Northgate Learning", "2 plans · 1 overdue · 1 open question", "Zoë Thompson", "Change 12",
            "Version 2: in force", "Overdue: Progress review: 12/01/2027", "Name not known", "Q-3F9K2MXA",
        ):  # fmt: skip
            assert part in words

    @pytest.mark.parametrize("state", STATES)
    def test_says_how_the_funding_body_version_stands(self, state: str) -> None:
        assert STATES[state].casefold() in Page(self.shown(row(edition_state=state))).words.casefold()
        assert STATES[state].capitalize() in Page(self.shown(row(edition=0, edition_state=state))).words

    def test_links_to_the_documents_and_nowhere_else(self) -> None:
        links = (("Plan", "Zo%C3%AB%20T/plan%20%231.docx"), ("Odd", "javascript:alert(1)"), ("Raw", 'a b\\c"#d.pdf'))
        found = Page(self.shown(row(links=links))).all("a")
        assert found[0]["href"] == "Zo%C3%AB%20T/plan%20%231.docx"
        assert [a["href"] for a in found[1:]] == ["javascript%3Aalert%281%29", "a%20b/c%22%23d.pdf"]
        assert found[0]["aria-label"] == "Plan, Zoë Thompson"

    def test_says_when_the_inbox_was_last_looked_at(self) -> None:
        page = self.shown(looked=dt.datetime(2026, 7, 1, 9, 30, tzinfo=dt.UTC))
        assert 'data-looked="2026-07-01T09:30:00+00:00"' in page
        # British Summer Time, by the clock on the wall.
        assert "Inbox last looked at 1 July 2026, 10:30 ." in Page(page).words

    def test_sorts_by_columns_that_a_keyboard_reaches(self) -> None:
        page = self.shown(row())
        heads = re.findall(r'<th scope="col"><button type="button">([^<]+)</button></th>', page)
        assert heads == [
            "Learner",
            "Plan number",
            "Working document",
            "Progress",
            "Funding-body version",
            "Due",
            "Questions",
        ]
        assert "aria-sort" in page
        assert 'data-sort="2027-01-12"' in page

    def test_has_a_box_to_search_in_that_appears_with_the_script_it_needs(self) -> None:
        page = Page(self.shown(row()))
        assert ("search", "find") in [(i.get("type"), i.get("id")) for i in page.all("input")]
        assert {"for": "find"} in page.all("label")
        assert 'id="tools" role="search" hidden' in self.shown(row())

    def test_runs_its_own_script_and_no_other(self) -> None:
        page = self.shown(row())
        (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        named = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'sha256-{named}'" in page
        assert not re.search(r"fetch|XMLHttp|import\(|innerHTML|eval", script)

    def test_says_what_waits(self) -> None:
        assert "Waiting Plan.docx is open in Word" in Page(self.shown(waiting=("Plan.docx is open in Word",))).words
        assert "Waiting" not in Page(self.shown()).words

    def test_says_how_to_begin_when_there_is_nothing(self) -> None:
        assert "There are no plans yet" in Page(register([], "", CAME, [], [])).words


@pytest.mark.parametrize("write", [lambda: refusal(submission()), lambda: question(query(), "", "", "")])
def test_other_notices_run_no_script(write: Callable[[], str]) -> None:
    page = write()
    assert "<script" not in page
    assert "script-src 'none'" in page


class TestToDo:
    def test_each_tutor_has_a_page_of_what_waits(self, office: Office) -> None:
        office.ready_to_sign()
        page_ = (office.root / "outbox" / "staff" / "to do" / "the tutor.html").read_text("utf-8")
        said = Page(page_)
        assert "To do for the tutor" in said.words
        assert "Signatures" in said.words
        assert "Amrit Kaur" in said.words
        links = [attrs["href"] for attrs in said.all("a")]
        assert links
        home = office.root / "outbox" / "staff" / "to do"
        assert all((home / unquote(str(link))).is_dir() for link in links)

    def test_what_is_overdue_is_said_in_words(self) -> None:
        said = Page(todo("Jo", [Todo("Amrit", "Progress review", "01/10/2026", True)], "Kingsmead", "02/10/2026"))
        assert "Overdue: 01/10/2026" in said.words
        assert "Nothing waits for you today." in Page(todo("Jo", [], "Kingsmead", "02/10/2026")).words


def test_the_register_draws_progress_and_says_it(office: Office) -> None:
    office.joins()
    office.returns(office.document("Individual"), {"targets[new 1].text": "Bake alone"})
    said = Page((office.root / "outbox" / "staff" / "index.html").read_text("utf-8"))
    assert "Targets 0 %" in said.words
    assert [drawn["aria-label"] for drawn in said.all("svg")] == ["0 of 1 achieved"]
