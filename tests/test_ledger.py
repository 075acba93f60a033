"""Rules of the ledger: what is kept is kept as it was, a changed history shows, and a value can be destroyed."""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ALL_PATHS, NOON, issue, law, records, rendering, revision, some, value_of

from engine.commitments import committed, row_digest, salted, unsalted
from engine.ledger import FULL_EVERY, Ledger
from engine.merge import apply, past
from engine.model import Decision, Edition, Outcome, Query, Revision, Seal, Settlement, Signature, Submission, canonical
from engine.places import Record
from engine.plan import IDENTIFYING
from engine.tables import TABLES

PLAN = "P-TEST0001"
MANY = 2 * FULL_EVERY + 5


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def accepted(path: str, value: object, ours: object = None) -> Decision:
    return Decision(place=path, outcome=Outcome.ACCEPTED, rule="M2", theirs=value, ours=ours)


def decisions(draw: st.DrawFn) -> list[Decision]:
    found = []
    for path in draw(some(ALL_PATHS, 1, 3)):
        outcome = draw(st.sampled_from(Outcome))
        theirs = None if outcome is Outcome.CLEARED else draw(value_of(path))
        found.append(Decision(place=path, outcome=outcome, rule="M2", theirs=theirs, ours=draw(value_of(path))))
    return found


@st.composite
def histories(draw: st.DrawFn, length: int) -> list[Revision]:
    """The revisions of one plan."""
    made = [decisions(draw) for _ in range(5)]
    return [revision(n, made[draw(st.integers(0, 4))], by="Amrit") for n in range(1, length + 1)]


def one_of_each() -> list[object]:
    signed = Signature(role="learner", name="Amrit Kaur", date=dt.date(2026, 9, 20), method="typed", form="F-AAAA1111",
                       submission=None, received=dt.date(2026, 10, 1), revision=2)  # fmt: skip
    return [
        Submission(sha256="ab" * 32, name="Kaur.docx", media_type="x", size=3, received=NOON, outcome="taken",
                   plan=PLAN),
        Submission(sha256="cd" * 32, name="", media_type="x", size=3, received=NOON, outcome="refused", reason="Empty"),
        Query(query="Q-1", plan=PLAN, place="learner.phone", kind="conflict", question="Źródło?",
              choices=("form", "plan"), theirs="0161", ours=False, raised=NOON, raised_in=1),
        Query(query="Q-2", plan=None, place="", kind="identity", question="Whose is it?", raised=NOON),
        Settlement(query="Q-1", revision=2, taken="form", by="J Okafor", settled=NOON),
        issue("plan"),
        issue("learner-details", None, form="F-BBBB2222"),
        Edition(plan=PLAN, number=1, revision=1, revision_hash="ab", completed=2, form="F-AAAA1111",
                proforma="funding-plan", version=1, effective=dt.date(2026, 9, 20), recorded=NOON, content="cd",
                rules="2026-27", signatures=(signed,)),
        Seal(plan=PLAN, number=1, sha256="ef" * 32, sealed=NOON, head="01", fingerprint="02"),
    ]  # fmt: skip


def keep(ledger: Ledger, noun: object) -> None:
    verbs = {
        Submission: ledger.keep_submission, Query: ledger.raise_query, Settlement: ledger.settle,
        Edition: ledger.make_edition, Seal: ledger.keep_seal, Revision: ledger.append,
    }  # fmt: skip
    verbs.get(type(noun), ledger.give_out)(noun)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with something of every kind, and a history that is longer than the way between two full copies."""
    file = tmp_path_factory.mktemp("full") / "ledger.sqlite"
    opened = Ledger(file)
    with opened.writing():
        for n in range(1, FULL_EVERY + 3):
            opened.append(revision(n, [accepted("learner.phone", f"0161 496 {n:04}"), accepted("learner.uln", "TEMP")]))
        for noun in one_of_each():
            keep(opened, noun)
    opened.close()
    return file


def problems(file: Path) -> list[tuple[str, str, str]]:
    opened = Ledger(file)
    try:
        return list(opened.problems())
    finally:
        opened.close()


class TestKeeping:
    def test_what_was_kept_is_read_as_it_was(self, ledger: Ledger) -> None:
        with ledger.writing():
            for noun in one_of_each():
                keep(ledger, noun)
        taken, refused, query, nameless, settlement, given_out, blank, edition, seal = one_of_each()
        assert ledger.submissions() == [taken, refused]
        assert ledger.queries(PLAN) == [(query, settlement)]
        assert ledger.query("Q-2") == (nameless, None)
        assert ledger.open_queries() == ledger.unplaced_queries(1) == [nameless]
        assert (ledger.issues(PLAN), ledger.issues(None)) == ([given_out], [blank])
        assert ledger.editions(PLAN) == [edition]
        assert ledger.seals() == ledger.seals(PLAN) == [seal]
        assert list(ledger.problems()) == []

    @rendering
    @given(histories(MANY))
    def test_a_record_is_the_sum_of_its_decisions_at_every_revision(
        self, tmp_path_factory: pytest.TempPathFactory, history: list[Revision]
    ) -> None:
        ledger = Ledger(tmp_path_factory.mktemp("history") / "ledger.sqlite")
        with ledger.writing():
            kept = [ledger.append(noun) for noun in history]
        record: Record = {}
        for noun in history:
            record = apply(record, noun.decisions)
            assert ledger.record(PLAN, noun.number) == record
        opened = Ledger(ledger.file)  # One that remembers nothing yet, asked from the end.
        assert [opened.record(PLAN, n) for n in range(MANY, 0, -1)] == [
            ledger.record(PLAN, n) for n in range(MANY, 0, -1)
        ]
        assert ledger.past(PLAN) == past(kept)
        opened.close()
        assert ledger.record(PLAN) == record
        assert ledger.record(PLAN, 0) == {}
        assert ledger.revisions(PLAN) == kept
        assert [r.model_copy(update={"parent": ""}) for r in kept] == history
        assert [r.parent for r in kept] == ["", *(ledger.hash(PLAN, n) for n in range(1, MANY))]
        assert ledger.index.identities() == {PLAN: {p: v for p, v in record.items() if p in IDENTIFYING}}
        assert ledger.plans() == {PLAN: MANY}
        assert list(ledger.problems()) == []
        ledger.close()

    @pytest.mark.parametrize("said", ["", "J Okafor"])
    def test_whoever_settles_a_question_may_be_nobody_known(self, ledger: Ledger, said: str) -> None:
        query = one_of_each()[2]
        settled = Settlement(query="Q-1", revision=2, taken=said, by=said, settled=NOON)
        with ledger.writing():
            keep(ledger, query)
            keep(ledger, settled)
        assert ledger.queries(PLAN) == [(query, settled)]

    def test_a_writing_that_fails_leaves_nothing(self, ledger: Ledger) -> None:
        with ledger.writing():
            ledger.append(revision(1, [accepted("learner.phone", "0161")]))
        head = ledger.head()

        def half() -> None:
            with ledger.writing():
                ledger.append(revision(2, [accepted("learner.phone", "0162"), accepted("goals[G9].text", "Chef")]))
                assert ledger.record(PLAN, 2)["learner.phone"] == "0162"
                for noun in one_of_each():
                    keep(ledger, noun)
                ledger.derived.wrote("staff/a.docx", "ab")
                raise RuntimeError("the power went")

        with pytest.raises(RuntimeError):
            half()
        assert ledger.head() == head
        assert ledger.record(PLAN) == {"learner.phone": "0161"}
        assert ledger.record(PLAN, 2) == {"learner.phone": "0161"}
        assert ledger.past(PLAN).used == {}
        assert (ledger.submissions(), ledger.issues(PLAN), ledger.derived.outputs()) == ([], [], [])
        assert list(ledger.problems()) == []

    def test_a_number_is_given_once(self, ledger: Ledger) -> None:
        with ledger.writing():
            ledger.append(revision(1, []))
        with pytest.raises(Exception, match="UNIQUE"), ledger.writing():
            ledger.append(revision(1, []))
        assert list(ledger.problems()) == []

    def test_a_history_reads_the_same_when_it_is_opened_again(self, full: Path) -> None:
        opened = Ledger(full)
        assert opened.newest(PLAN) == FULL_EVERY + 2
        assert opened.record(PLAN)["learner.phone"] == f"0161 496 {FULL_EVERY + 2:04}"
        assert opened.head() in opened.heads()
        opened.close()


COLUMNS = [(name, "body") for name in TABLES] + [
    ("revision", "hash"), ("journal", "hash"), ("journal", "digest"), ("journal", "kind"), ("journal", "key"),
]  # fmt: skip


class TestAChangedHistoryShows:
    def test_an_unchanged_one_has_no_problems(self, full: Path) -> None:
        assert problems(full) == []

    @law
    @given(st.data())
    def test_any_one_changed_character_is_found(self, full: Path, data: st.DataObject) -> None:
        table, column = data.draw(st.sampled_from(COLUMNS))
        with closing(sqlite3.connect(full)) as db:
            count = db.execute(f"select count(*) from {table}").fetchone()[0]
            at = data.draw(st.integers(0, count - 1))
            row, text = db.execute(f"select rowid, {column} from {table} order by rowid limit 1 offset {at}").fetchone()
            where = data.draw(st.integers(0, len(text) - 1))
            other = data.draw(st.sampled_from('0123456789abcdefZ"{}[]:, \\.-eź').filter(lambda c: c != text[where]))
            changed = text[:where] + other + text[where + 1 :]
            set_text(db, table, column, row, changed)
            try:
                found = problems(full)
            finally:
                set_text(db, table, column, row, text)
        assert found, f"{table}.{column} {text!r} -> {changed!r}"

    @pytest.mark.parametrize(
        ("table", "column", "where"),
        [("revision", "plan", "number = 2"), ("revision", "form", "number = 2"), ("issue", "plan", "1"),
         ("submission", "form", "1"), ("submission", "plan", "plan is null"), ("query", "plan", "plan is null")],
    )  # fmt: skip
    def test_a_row_that_is_filed_under_another_name_is_found(
        self, full: Path, table: str, column: str, where: str
    ) -> None:
        with altered(full, f"update {table} set {column} = 'P-ELSE0001' where {where}") as changed:
            assert problems(changed)

    @pytest.mark.parametrize(
        "deed",
        [
            "delete from journal where seq = (select max(seq) from journal)",
            "delete from journal where seq = 1",
            "delete from journal where seq = 5",
            f"delete from revision where number = {FULL_EVERY + 2}",
            "delete from revision where number = 1",
            "delete from revision",
            *(f"delete from {table}" for table in sorted(TABLES)),
            "delete from journal",
            "update journal set seq = 1000 where seq = 5",
            "update revision set number = 1000 where number = 3",
            "insert into query select 'Q-9', plan, body from query where query = 'Q-1'",
        ],
    )
    def test_what_is_missing_moved_or_slipped_in_is_found(self, full: Path, deed: str) -> None:
        with altered(full, deed) as changed:
            assert problems(changed)

    def test_two_revisions_that_changed_places_are_found(self, full: Path) -> None:
        other = "(select body from revision other where other.number = 7 - revision.number)"
        swap = f"update revision set body = {other} where number in (3, 4)"
        with altered(full, swap) as changed:
            assert problems(changed)


def set_text(db: sqlite3.Connection, table: str, column: str, row: int, text: str) -> None:
    db.execute(f"update {table} set {column} = ? where rowid = ?", (text, row))
    db.commit()


class altered:  # noqa: N801
    """A copy of a ledger after somebody did something to it behind its back."""

    def __init__(self, file: Path, deed: str) -> None:
        self.copy, self.deed = file.with_name("altered.sqlite"), deed
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(self.copy)) as new:
            old.backup(new)
            new.execute(deed)
            new.commit()

    def __enter__(self) -> Path:
        return self.copy

    def __exit__(self, *_: object) -> None:
        for file in self.copy.parent.glob("altered.sqlite*"):
            file.unlink()


def destroyed(body: object, secret: str) -> object:
    """The body with the salted values that hold a secret replaced by their commitments."""
    if isinstance(body, list):
        return [destroyed(part, secret) for part in body]
    if not isinstance(body, dict):
        return body
    if body.keys() == {"salt", "value"}:
        return committed(body) if secret in canonical(body["value"]) else body
    return {key: destroyed(value, secret) for key, value in body.items()}


class TestForgetting:
    def test_a_value_and_its_salt_can_be_destroyed_and_the_chain_still_verifies(self, full: Path) -> None:
        secret = "0161 496 0020"  # said in revision 20, which also holds a full copy with it
        with altered(full, "select 1") as file:
            with closing(sqlite3.connect(file)) as db:
                for row, body in db.execute("select rowid, body from revision").fetchall():
                    set_text(db, "revision", "body", row, canonical(destroyed(json.loads(body), secret)))
                left = "".join(body for (body,) in db.execute("select body from revision"))
                assert secret not in left
                assert "0161 496 0019" in left
            assert problems(file) == []
            opened = Ledger(file)
            assert len(opened.revisions(PLAN)) == FULL_EVERY + 2
            assert opened.record(PLAN)["learner.phone"] == f"0161 496 {FULL_EVERY + 2:04}"
            opened.close()

    @law
    @given(records())
    def test_a_row_has_the_same_digest_without_its_values(self, record: Record) -> None:
        noun = revision(2, [accepted(path, value) for path, value in record.items()], by="Amrit Kaur")
        body = salted({**noun.model_dump(mode="json", exclude_defaults=True), "record": dict(record)})
        assert row_digest(canonical(committed(body))) == row_digest(canonical(body))
        back = unsalted(body)
        assert back.pop("record") == record
        assert Revision.model_validate(back) == noun

    def test_the_same_value_is_committed_to_differently_each_time(self) -> None:
        body = {"place": "learner.sex", "theirs": "Female"}
        assert committed(salted(body)) != committed(salted(body))
        assert "Female" not in canonical(committed(salted(body)))
