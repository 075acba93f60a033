"""Laws 1 and 2 over generated drops: whatever people put into the inbox is kept, and has its effect once.

The workspace keeps no documents current here, so that a case costs a tenth of a second; that documents follow is held
by tests/test_workspace.py and tests/test_documents.py.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.opening import init
from engine.workspace import Workspace
from tests.filling import fill_pdf, fill_word
from tests.strategies import rendering

words = st.text("abcdefghijklmnopqrstuvwxyzŁŵéØ &<>'-", min_size=1, max_size=30).map(str.strip).filter(bool)
answers = st.fixed_dictionaries(
    {"learner.given_name": words, "learner.family_name": words},
    optional={
        "learner.date_of_birth": st.sampled_from(["14/03/2008", "02/07/2007", "31/02/2007"]),
        "learner.uln": st.sampled_from(["9276308686", "9276308687", "TEMP"]),
        "learner.address": words,
        "learner.phone": st.sampled_from(["0161 496 0000", "none", "CLEAR"]),
        "contacts[new 1].name": words,
    },
)
junk = st.one_of(st.binary(max_size=200), st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"]))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace that keeps no documents for plans."""
    root = tmp_path_factory.mktemp("bare")
    init(root)
    (root / "counterpart.toml").write_text("[watch]\nrest = 0.01\npatience = 0\n")
    for file in root.glob("proformas/*/proforma.yaml"):
        file.write_text(re.sub(r"\nkeep:\n(  - .*\n)+", "\n", file.read_text("utf-8")), "utf-8")
    with Workspace(root) as workspace:
        workspace.run()
        yield workspace


@st.composite
def files(draw: st.DrawFn) -> list[tuple[str, dict[str, str] | bytes]]:
    """What is dropped: forms by their answers, in Word or PDF, and files that are no forms."""
    names = draw(st.lists(st.sampled_from(["a.pdf", "b.docx", "c.pdf", "d.docx", "e"]), min_size=1, unique=True))
    return [(name, draw(answers | junk if name != "e" else junk)) for name in names]


def content(workspace: Workspace, name: str, inside: dict[str, str] | bytes) -> bytes:
    if isinstance(inside, bytes):
        return inside
    suffix = name.rpartition(".")[2]
    blank = next((workspace.premises.outbox / "blank forms").glob(f"Learner details*.{suffix}")).read_bytes()
    return fill_pdf(blank, inside) if suffix == "pdf" else fill_word(blank, inside)


def state(workspace: Workspace) -> tuple[object, ...]:
    """All that is kept: the journal's head, and every file of the outbox but the register, as it was written last."""
    outbox = workspace.premises.outbox
    looks = {str(p): p.stat() for p in outbox.rglob("*") if p.is_file() and p.name != "index.html"}
    return (workspace.premises.ledger.head(), {path: (s.st_ino, s.st_size, s.st_mtime_ns) for path, s in looks.items()})


@rendering
@given(dropped=files())
def test_what_reaches_the_inbox_is_kept_and_has_its_effect_once(
    bare: Workspace, dropped: list[tuple[str, dict[str, str] | bytes]]
) -> None:
    inbox, archive = bare.premises.inbox, bare.premises.archive.folder
    contents = {name: content(bare, name, inside) for name, inside in dropped}
    for name, inside in contents.items():
        (inbox / name).write_bytes(inside)
        # An old file is not waited for: one that never comes to its end is then taken as it is.
        os.utime(inbox / name, (1_700_000_000, 1_700_000_000))
    bare.run()
    assert list(inbox.iterdir()) == []
    for inside in contents.values():
        kept = archive / sha256(inside).hexdigest()
        assert kept.read_bytes() == inside
        assert bare.premises.ledger.submission(kept.name) is not None
    before = state(bare)
    for name, inside in contents.items():
        (inbox / f"again {name}").write_bytes(inside)
        os.utime(inbox / f"again {name}", (1_700_000_000, 1_700_000_000))
    summary = bare.run()
    assert (summary.taken_in, summary.refused, summary.revisions) == (0, 0, 0)
    assert state(bare) == before
    assert list(inbox.iterdir()) == []


def test_a_crash_before_the_file_is_moved_out_is_mended_by_running_again(bare: Workspace) -> None:
    """The process dies between keeping the effect and moving the file out: the next run takes nothing in twice."""
    file = bare.premises.inbox / "crash.docx"
    file.write_bytes(content(bare, "b.docx", {"learner.given_name": "Nia", "learner.family_name": "Rees"}))
    taken = bare.take_in(file)
    head = bare.premises.ledger.head()
    assert file.exists()
    summary = bare.run()
    assert (summary.taken_in, summary.already_known) == (0, 1)
    assert bare.premises.ledger.head() == head
    assert bare.premises.ledger.submission(taken.sha256) == taken
    assert not file.exists()


def test_a_zip_that_is_no_form_is_refused_as_what_it_is(bare: Workspace) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("holiday.txt", "sun")
    (bare.premises.inbox / "holiday.docx").write_bytes(packed.getvalue())
    assert bare.run().refused == 1
    assert (Path(bare.premises.outbox) / "refused" / "holiday.docx").exists()
