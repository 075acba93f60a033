"""Packs for inspectors: the story first, what it rests on, the signed originals inside; redacted for their audience."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import page
import pikepdf
import pytest

from engine.cli import run
from engine.model import Decision, Outcome, Revision
from engine.places import ROLES, Kind, Record
from engine.plan import PLACES
from engine.proofs import _letters
from engine.reading.pdf_page import read_page
from engine.settings import now
from tests.conftest import Office
from tests.scores.providers import TODAY


def pages_of(file: Path) -> list[str]:
    """The letters that are drawn on each page."""
    with pikepdf.open(file) as pdf:
        return [_letters("".join(glyph.text for glyph in read_page(sheet).glyphs)) for sheet in pdf.pages]


def hidden_of(file: Path) -> str:
    """What a file says elsewhere: information, XMP, names and bytes of attachments."""
    with pikepdf.open(file) as pdf:
        said = [str(dict(pdf.trailer.Info)), pdf.Root.Metadata.read_bytes().decode()]
        for name, attached in pdf.attachments.items():
            said += [name, attached.description, attached.get_file().read_bytes().decode("latin-1")]
    return " ".join(said)


def tell(office: Office, plan: str, said: Record) -> None:
    """Has the plan say so."""
    ledger = office.workspace.premises.ledger
    told = tuple(Decision(place=p, outcome=Outcome.ACCEPTED, rule="M2", theirs=v) for p, v in said.items())
    number = ledger.newest(plan) + 1
    with ledger.writing():
        ledger.append(Revision(plan=plan, number=number, parent="", recorded=now(), effective=TODAY, cause="form",
                               decisions=told))  # fmt: skip


def test_a_pack_tells_the_story_first_and_carries_the_signed_originals(office: Office) -> None:
    plan = office.signed()
    tell(office, plan, {"reviews[1].held": "2026-10-16", "reviews[1].learner_says": "I ran the oven alone"})
    file = office.workspace.pack(plan, "learner")
    first, *rest = pages_of(file)
    assert first.index("Inthelearnersownwords") < first.index("Whereitbegan") < first.index("Whereitstandsnow")
    assert "Runmyownbakery" in first
    assert "Irantheovenalone" in first
    assert rest[0].find("Workingdocument") >= 0
    together = "".join(rest)
    order = ("Workingdocument", "Fundingbodyversion1", "Review1heldon16102026", "Distancetravelled", "Howeachsignature")
    assert [together.index(words) for words in order] == sorted(together.index(words) for words in order)
    with pikepdf.open(file) as pdf:
        names = set(pdf.attachments)
        edition = office.workspace.premises.ledger.editions(plan)[0]
        (signed,) = {s.submission for s in edition.signatures}
        assert names == {f"Signed form {edition.signatures[0].form}.pdf", f"Funding-body version 1 {plan}.pdf"}
        original = pdf.attachments[f"Signed form {edition.signatures[0].form}.pdf"].get_file().read_bytes()
    assert original == (office.workspace.premises.archive.folder / str(signed)).read_bytes()
    for profile in ("ua1", "3a"):
        report = page.validate_pdf_bytes(file.read_bytes(), profile=profile)
        assert report.is_compliant, [failure.message for failure in report.failures]
    again = office.workspace.pack(plan, "learner", office.root / "again")
    assert again.read_bytes() == file.read_bytes()


def test_a_pack_holds_nothing_that_its_audience_may_not_see(office: Office) -> None:
    """Law 8: a mark in every place; what an audience may not see is not in its pack, drawn or hidden."""
    plan = office.joins()
    texts = [p for p, place in PLACES.items() if place.kind is Kind.TEXT and place.format in ("prose", "text", "name")]
    marks = {
        p: f"Zq{n}zq" for n, p in enumerate(texts) if ".into" not in p and not p.startswith(("amended[", "asked["))
    }
    said = {p.replace("[KEY]", "[Reading]" if PLACES[p].keys else "[1]"): m for p, m in marks.items()}
    said |= {"reviews[1].held": "2026-10-16"}
    tell(office, plan, said)
    shown = 0
    for letter, audience in ROLES.items():
        file = office.workspace.pack(plan, audience, office.root / "packs")
        told = "".join(pages_of(file)) + hidden_of(file)
        assert [p for p, m in marks.items() if letter not in PLACES[p].audience and m in told] == [], audience
        shown += sum(m in told for m in marks.values())
    assert shown > 100


def test_a_signed_form_is_judged_by_what_it_asked_and_not_by_what_its_newest_issue_asks(office: Office) -> None:
    plan = office.signed()
    premises = office.workspace.premises
    signed = premises.proformas["funding-plan"]
    section = signed.sections[0]
    question = next(q for q in section.questions if q.ask == "learner.given_name")
    harmless = section.model_copy(update={"questions": (question,)})
    newest = signed.model_copy(update={"version": signed.version + 1, "sections": (harmless,), "earlier": (signed,)})
    for known in ({**premises.proformas, "funding-plan": newest}, {}):
        kept = {name: p for name, p in premises.proformas.items() if name != "funding-plan"}
        office.workspace.premises = replace(premises, proformas=known or kept)
        file = office.workspace.pack(plan, "partner", office.root / "packs")
        with pikepdf.open(file) as pdf:
            assert list(pdf.attachments) == []
        assert "Notattachedbecauseitsaysmore" in "".join(pages_of(file))


def test_what_is_for_staff_alone_is_kept_from_learners_and_employers(office: Office) -> None:
    plan = office.joins()
    tell(office, plan, {"needs[N1].description": "Needs a quiet room"})
    asked = {
        audience: "Aneedwithoutanyaction" in "".join(pages_of(office.workspace.pack(plan, audience, office.root / "p")))
        for audience in ("quality", "tutor", "learner", "employer", "auditor")
    }
    assert asked == {"quality": True, "tutor": True, "learner": False, "employer": False, "auditor": False}


def test_a_pack_of_a_sample_holds_all_its_learners(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    for n, family in enumerate(("Kaur", "Nowak")):
        name = {"learner.given_name": "Amrit", "learner.family_name": family}
        tell(office, office.joins({**name, "learner.date_of_birth": f"1{n}/03/2008"}), {"programme.title": "Baker"})
    office.workspace.sample("Autumn")
    words = ["audit", "--pack", "Autumn", "--for", "auditor", "--to", str(office.root / "packs")]
    assert run([*words, "--workspace", str(office.root)]) == 0
    (file,) = (office.root / "packs").glob("*Autumn*.pdf")
    assert str(file) in capsys.readouterr().out
    told = "".join(pages_of(file))
    assert [name for name in ("AmritKaurTheway", "AmritNowakTheway") if name not in told] == []
    assert run(["audit", "--pack", "Nobody", "--workspace", str(office.root)]) == 2
    assert io.StringIO(capsys.readouterr().err).readline().startswith("There is no plan and no sample")
