"""Rules of the road: it shows what the plan says of milestones and progress, in words too, and nothing unseen."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import page
import pikepdf
from hypothesis import given, settings
from hypothesis import strategies as st
from made_pdf import printed

from engine.layout import lay_out
from engine.places import Record
from engine.proofs import disagreements
from engine.reading import read
from engine.road import road, targets_due
from engine.sheet import Sheet
from engine.writing import pdf, word
from tests.conftest import Office
from tests.strategies import PROFORMAS, issue, paths_of, records

TODAY = dt.date(2026, 12, 4)
EYES = frozenset("LT")
JOINERY: Record = {
    "programme.start": "2026-09-07", "programme.expected_end": "2027-07-30", "programme.planned_hours": 420,
    "milestones[M1].what": "Unit 201: safety", "milestones[M1].planned": "2026-11-30",
    "milestones[M1].reached": "2026-11-20", "milestones[M2].what": "Mock test", "milestones[M2].planned": "2026-12-01",
    "milestones[M3].what": "Unit 204", "milestones[M3].planned": "2027-02-28", "reviews[1].hours_actual": 64,
    "targets[T1].text": "Finish the\ncutting list", "targets[T1].due": "2026-12-01", "targets[T1].status": "Under way",
    "targets[T2].text": "Arrive by nine", "targets[T2].due": "2026-10-18", "targets[T2].status": "Achieved",
    "targets[T3].due": "2027-06-01",
}  # fmt: skip
PATHS = tuple(paths_of(p for p in PROFORMAS["plan"].places() if p.startswith(("mile", "targets", "programme"))))


def laid_out(record: Record, variant: str = "standard") -> Sheet:
    given_out = issue("plan", variant=variant, printed=TODAY)
    way = road(record, TODAY, EYES)
    return lay_out(PROFORMAS["plan"], record, given_out, "Kingsmead", "Working document", road=way)


def test_it_tells_what_is_reached_what_is_late_and_what_is_ahead() -> None:
    found = road(JOINERY, TODAY, EYES)
    assert found is not None
    assert {stone.key: stone.state for stone in found.stones} == {"M1": "reached", "M2": "late", "M3": "ahead"}
    assert {bar.what: (bar.done, bar.of) for bar in found.bars} == {
        "Targets": (1, 3), "Milestones": (1, 3), "Hours of training": (64, 420), "Time": (88, 326),
    }  # fmt: skip


def test_what_an_audience_may_not_see_is_not_on_it() -> None:
    assert road(JOINERY, TODAY, frozenset("F")) is None
    staff = road(JOINERY, TODAY, frozenset("S"))
    assert staff is not None
    assert "Hours" not in repr(staff.bars)


def test_targets_whose_day_is_near_or_gone_are_due() -> None:
    assert list(targets_due(JOINERY, TODAY, EYES)) == ["Target T1, Finish the cutting list: by 01/12/2026 (overdue)."]


def test_a_plan_with_nothing_on_its_road_has_none() -> None:
    assert road({"learner.given_name": "Amrit"}, TODAY, EYES) is None


def test_the_drawing_has_its_words_for_whoever_cannot_see_it() -> None:
    content = pdf.write_form(laid_out(JOINERY)).content
    assert page.validate_pdf_bytes(content, profile="ua1").failures == []
    with pikepdf.open(io.BytesIO(content)) as opened:
        told = [str(o.Alt) for o in opened.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
    assert len(told) == 1
    assert "M2, Mock test: planned for 01/12/2026, not reached yet." in told[0]
    assert "64 of 420 planned" in told[0]


@settings(deadline=None, max_examples=40)
@given(records(PATHS, most=12), st.sampled_from(["standard", "large-print"]))
def test_any_road_can_be_drawn_and_the_form_still_reads_as_written(record: Record, variant: str) -> None:
    shown = laid_out(record, variant)
    for found in road(record, TODAY, EYES).stones if shown.road else ():  # type: ignore[union-attr]
        assert 0 <= found.at <= 1
    content = word.write_form(shown).content
    assert disagreements(shown, content) == []
    assert read(content).remarks == ()


def test_a_road_with_fifty_milestones_fits_its_page() -> None:
    many = {f"milestones[M{n}].planned": f"2027-01-{n % 28 + 1:02}" for n in range(50)}
    shown = laid_out({**JOINERY, **many})
    assert disagreements(shown, pdf.write_form(shown).content) == []


def test_the_working_document_says_what_changed_since_the_last_one_and_what_is_due(office: Office) -> None:
    office.joins()
    office.returns(
        office.document("Individual", "docx"),
        {"targets[new 1].text": "Bake alone", "targets[new 1].due": "10/09/2026"},
    )
    words = read_words(office.document("Individual", "docx").read_bytes())
    assert "What changed since revision 1" in words
    assert "Target T1, Bake alone: by 10/09/2026." in words
    assert "The road so far" in words
    assert "0 of 1 achieved" in words


def read_words(content: bytes) -> str:
    import docx

    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


def test_the_version_to_sign_says_what_it_is_and_what_came_before(office: Office) -> None:
    office.ready_to_sign()
    words = read_words(office.document("Training plan", "docx").read_bytes())
    assert "This is funding-body version 1 of the plan" in words
    assert "under the rules of" in words
    assert "Earlier versions" not in words


def test_a_print_of_it_is_read_as_if_nothing_were_drawn() -> None:
    content = pdf.write_form(laid_out(JOINERY)).content
    said = {field.label: field.value for field in read(printed(content, 1.0)).fields}
    plain = replace(laid_out(JOINERY), road=None)
    assert said == {f.label: f.value for f in read(printed(pdf.write_form(plain).content, 1.0)).fields}


def test_large_print_that_was_printed_says_nothing_wrong() -> None:
    shown = laid_out(JOINERY, "large-print")
    right = {box.label: box.shown for box in shown.boxes()}
    for field in read(printed(pdf.write_form(shown).content, 1.0)).fields:
        assert field.problems or field.value is None or field.label not in right or field.value == right[field.label]
