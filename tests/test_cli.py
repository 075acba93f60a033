"""The command line: what it promises to other programs, and to people in a hurry."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from strategies import PROFORMAS

from engine.cli import run
from engine.opening import init
from tests.conftest import AMRIT, Office

Printed = pytest.CaptureFixture[str]


def asked(office: Office, printed: Printed, *words: str) -> Any:
    """What a command prints with --json."""
    printed.readouterr()
    run(["--workspace", str(office.root), *words, "--json"])
    return json.loads(printed.readouterr().out)


def test_every_looking_command_prints_the_promised_keys(office: Office, capsys: Printed) -> None:
    plan = office.signed()
    (line,) = asked(office, capsys, "plans")
    assert line.keys() >= {"plan", "learner", "revision", "edition", "edition_state", "open_queries", "next_due"}
    shown = asked(office, capsys, "show", plan)
    assert shown.keys() >= {"plan", "revision", "hash", "parent", "record", "queries", "edition"}
    assert shown["record"]["learner"]["family_name"] == "Kaur"
    revisions = asked(office, capsys, "history", plan)
    assert all(
        r.keys() >= {"revision", "hash", "parent", "recorded", "effective", "cause", "submission", "decisions"}
        for r in revisions
    )
    assert [r["parent"] for r in revisions] == ["", *(r["hash"] for r in revisions[:-1])]
    assert revisions[0]["decisions"][0].keys() >= {"place", "outcome", "rule", "base", "theirs", "ours"}
    drift = asked(office, capsys, "drift", plan)
    assert drift.keys() >= {"edition", "revision", "stale", "reasons", "must_sign", "working_only"}
    assert asked(office, capsys, "verify").keys() >= {"ok", "checked", "problems"}
    summary = asked(office, capsys, "run")
    assert summary.keys() >= {
        "taken_in", "already_known", "refused", "queries_raised", "revisions", "renditions", "seconds",
    }  # fmt: skip
    assert asked(office, capsys, "status")["plans"] == 1


def test_proformas_tell_every_question_under_the_name_it_has_on_the_form(office: Office, capsys: Printed) -> None:
    found = {p["proforma"]: p for p in asked(office, capsys, "proformas")}
    assert set(found) == set(PROFORMAS)
    keys = {"name", "place", "label", "kind", "choices", "repeats", "class", "format"}
    assert all(q.keys() >= keys for p in found.values() for q in p["questions"])
    (status,) = (q for q in found["plan"]["questions"] if q["place"] == "targets[KEY].status")
    assert status["choices"] == ["Not started", "Under way", "Achieved", "Dropped"]


def test_issue_tells_the_file_it_wrote_and_read_finds_the_same_stamp(office: Office, capsys: Printed) -> None:
    plan = office.joins()
    for medium in ("word", "pdf"):
        given = asked(office, capsys, "issue", "plan", "--plan", plan, "--as", medium, "--to", str(office.root / "out"))
        assert given.keys() >= {"file", "form", "plan", "revision", "proforma"}
        (entry,) = asked(office, capsys, "read", given["file"])
        assert entry["stamp"] == {
            "plan": plan, "revision": 1, "proforma": "plan", "version": PROFORMAS["plan"].version,
            "form": given["form"],
        }  # fmt: skip
        values = {f["name"]: f["value"] for f in entry["fields"]}
        assert values["learner.family_name"] == "Kaur"
        assert not any(name.startswith("counterpart") for name in values)


def test_a_question_is_listed_and_settled(office: Office, capsys: Printed) -> None:
    office.joins({**AMRIT, "learner.uln": "9276308687"})
    (query,) = asked(office, capsys, "queries")
    assert query.keys() >= {"query", "plan", "place", "kind", "question", "choices", "submission", "raised"}
    place = ["--workspace", str(office.root)]
    assert run(["settle", query["query"], "--value", "9276308686", "--by", "Ruth Mbeki", *place]) == 0
    assert asked(office, capsys, "queries") == []
    assert run(["settle", query["query"], "--take", "plan", *place]) == 1
    assert run(["settle", "Q-NONE", "--take", "plan", *place]) == 2


def test_exit_status_is_1_when_something_needs_a_person(office: Office) -> None:
    (office.root / "inbox" / "empty.pdf").write_bytes(b"")
    assert run(["run", "--workspace", str(office.root)]) == 1
    assert run(["run", "--workspace", str(office.root)]) == 0


def test_wrong_usage_is_a_sentence_and_status_2(tmp_path: Path, office: Office, capsys: Printed) -> None:
    assert run(["plans", "--workspace", str(tmp_path / "nowhere")]) == 2
    assert "counterpart init" in capsys.readouterr().err
    assert run(["show", "P-NONE", "--workspace", str(office.root)]) == 2
    assert run(["issue", "no-such-form", "--workspace", str(office.root)]) == 2
    assert run(["frobnicate"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("[policcy]", "there is no setting “policcy”. Is it “policy” that is meant?"),
        ("[policy]\nparents_sing_under = 18", "“policy.parents_sing_under”. Is it “parents_sign_under” that is meant?"),
        ('[work]\nworkers = "two"', "the setting “work.workers”: it has to be a whole number."),
        ('[forms]\nsize = "tiny"', "“forms.size”: it has to be 'short', 'standard' or 'full'."),
        ('[people."Dana Marsh"]\nrules = ["provider"]', "“people.Dana Marsh.rules”. Is it “roles” that is meant?"),
        ('[people."Dana Marsh"]\nroles = ["boss"]', "names a role “boss”, and there is none. There are: learner, "),
        ('[may]\nwaive = ["boss"]', "the setting “may.waive” names a role “boss”"),
        ('[ready]\nstaff = ["revue"]', "the setting “ready.staff” names a form “revue”"),
        ("provider = = 1", "line 1"),
    ],
)
def test_a_mistake_in_the_settings_is_named_and_what_may_be_meant(
    line: str, sentence: str, tmp_path: Path, capsys: Printed
) -> None:
    init(tmp_path)
    (tmp_path / "counterpart.toml").write_text(line, "utf-8")
    assert run(["status", "--workspace", str(tmp_path)]) == 2
    assert sentence in capsys.readouterr().err


def test_verify_says_of_a_single_file_whether_it_is_as_it_was_sealed(office: Office) -> None:
    office.signed()
    sealed = office.document("Funding-body version 1", "pdf")
    assert run(["verify", str(sealed)]) == 0
    sealed.write_bytes(sealed.read_bytes() + b" ")
    assert run(["verify", str(sealed)]) == 1
    assert run(["verify", str(office.document("Individual learning plan", "pdf"))]) == 1


def test_the_watch_takes_what_arrives_and_ends_politely(office: Office) -> None:
    office.workspace.close()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "engine", "--workspace", str(office.root), "watch"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert "Watching" in watching.stdout.readline()
        office.drop(office.blank("Learner details"), AMRIT)
        deadline = time.monotonic() + 60
        while not list((office.root / "outbox" / "staff").glob("*/*.docx")) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert list((office.root / "outbox" / "staff").glob("*/*.docx"))
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(30) == 0


def test_help_loads_nothing_heavy() -> None:
    script = "import sys; from engine.cli import run; run(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.replace("'", "").strip("[]\n").split(", "))
    assert not loaded & {"pydantic", "sqlalchemy", "lxml", "pikepdf", "typst", "docx", "pyhanko", "jinja2"}
    assert "inbox" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["verify", "FOLDER/missing.pdf"],
        ["verify", "FOLDER"],
        ["import", "FOLDER/missing.xlsx"],
        ["import", "FOLDER"],
        ["adopt", "FOLDER", "--as", "theirs"],
        ["restore", "FOLDER/missing"],
        ["backup", "FILE"],
        ["backup", "FILE/inside"],
        ["issue", "learner-details", "--to", "FILE"],
    ],
    ids=" ".join,
)
def test_a_file_that_is_not_there_or_is_a_folder_is_wrong_usage_and_said_in_words(
    office: Office, capsys: Printed, tmp_path: Path, words: list[str]
) -> None:
    file = tmp_path / "a letter.txt"
    file.write_text("Dear all", "utf-8")
    folder = tmp_path / "a folder"
    folder.mkdir()
    named = [word.replace("FOLDER", str(folder)).replace("FILE", str(file)) for word in words]
    assert run(["--workspace", str(office.root), *named]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "Errno" not in said
