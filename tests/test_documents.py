"""Rules of documents: same record, same bytes; what is written reads back; nobody sees what they may not."""

import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ALL_PATHS, NASTY, PROFORMAS, issue, printable, records, rendering, revision

from engine import merge
from engine.archive import Archive
from engine.documents import render, sheet_of
from engine.errors import Declined
from engine.layout import lay_out
from engine.ledger import Ledger
from engine.model import Decision, Edition, Issue, Outcome, Rendition, Signature
from engine.places import Kind, Record, clean
from engine.plan import computed, flatten, may_see, place_of
from engine.premises import Premises, label_of, labels
from engine.proofs import disagreements, unsaid
from engine.settings import Provider, Settings
from engine.sheet import Sheet, sealed
from engine.versions import sealed_sheet
from engine.writing import pdf, word
from tests.conftest import Office

MEDIA = ("word", "pdf")
WRITERS: dict[str, Callable[[Sheet], Rendition]] = {"word": word.write_form, "pdf": pdf.write_form}
proformas = st.sampled_from(sorted(PROFORMAS))


def sheet(proforma: str, record: Record) -> Sheet:
    return lay_out(PROFORMAS[proforma], record, issue(proforma), "Kingsmead & Sons")


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """A shipped proforma laid out for a generated record."""
    proforma = draw(proformas)
    return sheet(proforma, draw(records(printable(proforma))))


def texts(paths: tuple[str, ...]) -> list[str]:
    """The places that hold words as people wrote them."""
    free = ("prose", "name", "text")
    said = [path for path in paths if not computed(path)]
    return [path for path in said if (place := place_of(path)) and place.kind is Kind.TEXT and place.format in free]


class TestSameRecordSameDocuments:
    @rendering
    @given(sheets(), st.sampled_from(MEDIA))
    def test_a_document_written_twice_is_the_same_and_reads_back_as_it_was_written(
        self, shown: Sheet, medium: str
    ) -> None:
        first, second = WRITERS[medium](shown), WRITERS[medium](shown)
        assert first.content == second.content
        assert disagreements(shown, first.content) == []

    @pytest.mark.parametrize("medium", MEDIA)
    @pytest.mark.parametrize("proforma", sorted(PROFORMAS))
    def test_whatever_people_write_is_kept_to_the_letter(self, proforma: str, medium: str) -> None:
        paths = texts(printable(proforma))
        record: Record = {path: clean(NASTY[n % len(NASTY)]) for n, path in enumerate(paths)}
        shown = sheet(proforma, record)
        assert disagreements(shown, WRITERS[medium](shown).content) == []

    @pytest.mark.parametrize("medium", MEDIA)
    def test_a_document_that_says_something_else_is_noticed(self, medium: str) -> None:
        right, wrong = (sheet("plan", {"programme.title": title}) for title in ("Baker", "Cook"))
        (found,) = disagreements(right, WRITERS[medium](wrong).content)
        assert "Baker" in found
        assert "Cook" in found

    @pytest.mark.parametrize("medium", MEDIA)
    def test_another_machine_writes_the_same_bytes(self, medium: str) -> None:
        record: Record = {
            "learner.given_name": "Zoë", "programme.title": "Źródło & Co", "programme.start": "2026-09-07",
            "targets[T1].text": "Read daily\nfor a week", "targets[T1].status": "Under way", "employer.releases": True,
        }  # fmt: skip
        script = (
            "import sys, json, hashlib; sys.path.insert(0, sys.argv[1]); import test_documents as t;"
            "shown = t.sheet('plan', json.loads(sys.argv[2]));"
            "print(hashlib.sha256(t.WRITERS[sys.argv[3]](shown).content).hexdigest())"
        )
        here = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "TZ"))}
        found = subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent), json.dumps(record), medium],
            env={**here, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}, cwd=Path(__file__).parents[1],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        content = WRITERS[medium](sheet("plan", record)).content
        assert found.stdout.strip() == hashlib.sha256(content).hexdigest()


# ── Least said ──────────────────────────────────────────────────────────────────────────────────────────────────


def insides(content: bytes) -> Iterator[bytes]:
    """Everything that a document holds, unpacked: of a PDF every string and stream, of a Word file every part."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            for name in container.namelist():
                yield name.encode()
                yield from insides(container.read(name))
    elif content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as opened:
            yield bytes(repr(opened.docinfo), "utf-8")
            for found in opened.objects:
                if isinstance(found, pikepdf.Stream):
                    yield from insides(stream_of(found))
                yield from strings(found)
        yield typeset(content)


def typeset(content: bytes) -> bytes:
    """The words that are drawn on the pages of a PDF, wrapped or not."""
    with pypdfium2.PdfDocument(content) as opened:
        said = "".join(page.get_textpage().get_text_range() for page in opened)
    return "".join(c for c in said if c.isalnum()).encode()


def fits(value: Any, schema: Any, root: Any) -> bool:
    """Whether a value is as a schema says: as much of JSON schema as ours use."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return any(fits(value, one, root) for one in schema["anyOf"])
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    names = schema.get("type", ())
    right = not names or any(isinstance(value, kinds[n]) for n in ([names] if isinstance(names, str) else names))
    right &= "const" not in schema or value == schema["const"]
    right &= "enum" not in schema or value in schema["enum"]
    if isinstance(value, dict):
        more, known = schema.get("additionalProperties", True), schema.get("properties", {})
        right &= set(schema.get("required", ())) <= value.keys()
        right &= all(
            fits(v, known[k], root) if k in known else more is not False and (more is True or fits(v, more, root))
            for k, v in value.items()
        )
    return bool(right and (not isinstance(value, list) or all(fits(v, schema.get("items", {}), root) for v in value)))


def stream_of(found: pikepdf.Stream) -> bytes:
    try:
        return found.read_bytes()
    except (pikepdf.PdfError, zlib.error):
        return found.read_raw_bytes()


def strings(found: pikepdf.Object) -> Iterator[bytes]:
    if isinstance(found, pikepdf.String):
        yield str(found).encode("utf-8", "replace")
    elif isinstance(found, pikepdf.Array):
        for part in found:
            yield from strings(part) if isinstance(part, pikepdf.Object) and not part.is_indirect else ()
    elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        for part in found.values():
            yield from strings(part) if isinstance(part, pikepdf.Object) and not part.is_indirect else ()


MARK = "Qwyjibo{}x"


def marked(paths: tuple[str, ...]) -> dict[str, str]:
    """A word of its own for every place that holds words."""
    return {path: MARK.format(n) for n, path in enumerate(texts(paths))}


@pytest.fixture
def premises(tmp_path: Path) -> Iterator[Premises]:
    """A workspace without a plan."""
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield Premises(
        tmp_path, Settings(provider=Provider(name="Kingsmead")), PROFORMAS, opened, Archive(tmp_path / "archive"),
        Archive(tmp_path / "sealed"), tmp_path, dt.date(2026, 10, 1),
    )  # fmt: skip
    opened.close()


def tell(premises: Premises, record: Record) -> str:
    """A new plan that says so, with a question open on each of its places."""
    plan = f"P-TEST{len(premises.ledger.plans()):04}"
    said = [Decision(place=p, outcome=Outcome.ACCEPTED, rule="M2", theirs=v) for p, v in record.items()]
    with premises.ledger.writing():
        kept = premises.ledger.append(revision(1, said, plan=plan))
        words = labels(premises.proformas)
        asked = [d.model_copy(update={"outcome": Outcome.QUERY, "ours": d.theirs}) for d in said]
        for query in merge.queries(asked, kept, {d.place: label_of(words, d.place) for d in said}):
            premises.ledger.raise_query(query)
    return plan


def given_out(proforma: str, plan: str, medium: str) -> Issue:
    return issue(proforma, plan, medium=medium, form=f"F-{plan[2:]}")


class TestLeastSaid:
    @rendering
    @given(
        proforma=proformas, medium=st.sampled_from(MEDIA), chosen=st.sets(st.sampled_from(texts(ALL_PATHS)), min_size=5)
    )
    def test_a_document_holds_nothing_that_its_audience_may_not_see(
        self, premises: Premises, proforma: str, medium: str, chosen: set[str]
    ) -> None:
        words = {path: word_ for path, word_ in marked(ALL_PATHS).items() if path in chosen}
        plan = tell(premises, words)
        content = render(premises, given_out(proforma, plan, medium)).content
        eyes = PROFORMAS[proforma].eyes
        everything = b"\n".join(insides(content))
        for path, word_ in words.items():
            if not may_see(path, eyes):
                assert word_.encode() not in everything, path
                assert word_.encode("utf-16-be") not in everything, path

    @pytest.mark.parametrize("medium", MEDIA)
    @pytest.mark.parametrize("proforma", sorted(PROFORMAS))
    def test_what_it_may_say_is_there_and_found_in_this_way(
        self, premises: Premises, proforma: str, medium: str
    ) -> None:
        words = {p: w for p, w in marked(ALL_PATHS).items() if not p.startswith(("signatures", "waivers"))}
        plan = tell(premises, words)
        content = render(premises, given_out(proforma, plan, medium)).content
        everything = b"\n".join(insides(content))
        for path in texts(printable(proforma)):
            assert words[path].encode() in everything or words[path].encode("utf-16-be") in everything, path

    def test_a_sealed_version_and_what_it_carries_hold_nothing_more(self, premises: Premises) -> None:
        words = marked(ALL_PATHS)
        plan = tell(premises, words)
        copy = given_out("funding-plan", plan, "pdf")
        premises.ledger.give_out(copy)
        day = dt.date(2026, 9, 20)
        signed = tuple(
            Signature(role=role, name=f"The {role}", date=day, method="typed", form=copy.form, submission=None,
                      received=day, revision=1)
            for role in ("learner", "employer", "provider")
        )  # fmt: skip
        edition = Edition(
            plan=plan, number=1, revision=1, revision_hash="ab", completed=1, form=copy.form, proforma="funding-plan",
            version=1, effective=day, recorded=dt.datetime(2026, 9, 20, tzinfo=dt.UTC), content="cd", rules="2026-27",
            signatures=signed,
        )  # fmt: skip
        everything = b"\n".join(insides(pdf.write_sealed(*sealed_sheet(premises, edition, "head"))))
        eyes = PROFORMAS["funding-plan"].eyes
        for path, word_ in words.items():
            if not may_see(path, eyes):
                assert word_.encode() not in everything, path
        assert words["programme.title"].encode() in everything

    def test_a_sealed_version_says_where_each_answer_and_signature_comes_from(self, office: Office) -> None:
        plan = office.signed()
        content = office.document("Funding-body version 1", "pdf").read_bytes()
        with pikepdf.open(io.BytesIO(content)) as opened:
            record = json.loads(opened.attachments["record.json"].get_file().read_bytes())
            described = json.loads(opened.attachments[record["$schema"]].get_file().read_bytes())
        ledger = office.workspace.premises.ledger
        by_number = {r.number: r for r in ledger.revisions(plan)}
        assert set(flatten(record["record"])) == set(record["sources"])
        for path, source in record["sources"].items():
            revision_ = by_number[source["revision"]]
            assert any(d.place == path and d.applies for d in revision_.decisions)
            assert source["submission"] == revision_.submission
        assert fits(record, described, described)
        assert not fits({**record, "record": {**record["record"], "more": {}}}, described, described)
        said = typeset(content).decode()
        for signature in record["edition"]["signatures"]:
            assert all(signature[key].replace("-", "") in said for key in ("submission", "form"))

    def test_a_sealed_version_that_lost_an_answer_is_noticed(self, premises: Premises) -> None:
        written, meant = (
            sealed(sheet("funding-plan", {"programme.title": title, "programme.delivery": "Ŵyth awr"}), 1, (), ())
            for title in ("Baker", "Confectioner")
        )
        content = pdf.write_sealed(written, ())
        assert unsaid(written, content) == []
        (lost,) = unsaid(meant, content)
        assert "Confectioner" in lost

    @rendering
    @given(records(printable("plan")), st.sampled_from(MEDIA))
    def test_a_document_is_written_again_as_it_was_whatever_came_since(
        self, premises: Premises, record: Record, medium: str
    ) -> None:
        plan = tell(premises, record)
        given = given_out("plan", plan, medium)
        shown = sheet_of(premises, given)
        with premises.ledger.writing():
            later = [Decision(place="programme.title", outcome=Outcome.ACCEPTED, rule="M2", theirs="Changed")]
            premises.ledger.append(revision(2, later, plan=plan))
        assert sheet_of(premises, given) == shown

    def test_a_document_that_does_not_read_back_does_not_leave(
        self, premises: Premises, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = tell(premises, {"programme.title": "Baker"})
        other = word.write_form(sheet("plan", {"programme.title": "Cook"}))
        monkeypatch.setattr(word, "write_form", lambda _: other)
        with pytest.raises(Declined, match="held back"):
            render(premises, given_out("plan", plan, "word"))
