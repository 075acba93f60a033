"""What comes by e-mail, and what is no form: taken, kept, asked about and put to a plan, by the front door."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from pathlib import Path

from hypothesis import example, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from engine.model import Submission
from engine.reading import Limits, read
from tests.conftest import AMRIT, Office
from tests.filling import fill_word
from tests.made_msg import attached, compound, embedded, message

PICTURE = b"\x89PNG\r\n\x1a\n" + b"scan of a certificate" + b"IEND\xaeB`\x82"
PEOPLE = """
[people."Jo Hargreaves"]
roles = ["employer"]
known_as = ["jo@hargreaves.example"]
[people."Sam Reed"]
roles = ["tutor"]
known_as = ["sam"]
[people."Dana Marsh"]
roles = ["provider"]
known_as = ["dana"]
"""


def letter(*files: tuple[str, bytes], sender: str = "Jo Hargreaves <jo@hargreaves.example>") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"], made["Date"] = sender, "Forms", "Wed, 09 Sep 2026 10:05:00 +0100"
    made.set_content("Please find attached.")
    made.add_alternative('<p>Please find attached. <img src="cid:logo@hargreaves"></p>', subtype="html")
    made.get_payload()[1].add_related(b"\x89PNG the logo", "image", "png", cid="<logo@hargreaves>")  # type: ignore[union-attr, index]
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made


def drop(office: Office, name: str, content: bytes) -> None:
    file = office.root / "inbox" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


def came(office: Office, name: str) -> Submission:
    return next(s for s in office.workspace.premises.ledger.submissions() if s.name == name)


def test_each_file_of_a_mail_is_taken_with_its_sender_and_day_and_the_mail_is_evidence(office: Office) -> None:
    form = fill_word(office.blank("Learner details").read_bytes(), AMRIT)
    drop(office, "FW forms.eml", letter(("details.docx", form), ("certificate.png", PICTURE)).as_bytes())
    summary = office.workspace.run()
    assert (summary.taken_in, summary.refused, summary.troubles) == (3, 0, ())
    details, picture, mail = came(office, "details.docx"), came(office, "certificate.png"), came(office, "FW forms.eml")
    assert {s.sender for s in (details, picture, mail)} == {"jo@hargreaves.example"}
    assert {str(s.sent) for s in (details, picture, mail)} == {"2026-09-09 09:05:00+00:00"}
    assert (details.within, picture.within, details.by) == (mail.sha256, mail.sha256, "Jo Hargreaves")
    assert (details.outcome, picture.outcome, mail.outcome) == ("taken", "kept", "kept")
    assert details.plan is not None
    record = office.record(details.plan)
    assert record["learner.given_name"] == "Amrit"
    assert record["papers[Z1].hash"] == mail.sha256
    assert record["papers[Z1].what"] == "E-mail of 09/09/2026 from Jo Hargreaves"
    # Once more, and nothing happens but that the second mail is kept, too.
    drop(office, "again.eml", letter(("details.docx", form), ("certificate.png", PICTURE)).as_bytes())
    assert office.workspace.run().revisions == 1
    after = office.record(details.plan)
    assert {path for path in after if after[path] != record.get(path)} == {
        f"papers[Z2].{part}" for part in ("what", "kind", "date", "whose", "hash")
    }
    assert office.workspace.verify().ok


def test_a_logo_is_no_form_and_a_mail_in_a_mail_has_its_own_sender(office: Office) -> None:
    inner = letter(("scores.csv", b"reading,12\n" * 9), sender="Ana Pires <ana@agency.example>")
    outer = letter(sender="Sam Reed <sam@kingsmead.example>")
    outer.add_attachment(inner)
    drop(office, "FW.eml", outer.as_bytes())
    assert office.workspace.run().refused == 0
    assert {s.name: s.sender for s in office.workspace.premises.ledger.submissions()} == {
        "scores.csv": "ana@agency.example",
        "attachment 1.eml": "ana@agency.example",
        "FW.eml": "sam@kingsmead.example",
    }


def test_a_mail_of_too_many_files_or_messages_too_deep_is_refused_and_says_why() -> None:
    many = letter(*((f"{n}.txt", b"Dear all, %d" % n) for n in range(9)))
    refused = read(many.as_bytes(), Limits(attachments=8)).refused
    assert refused is not None
    assert "limits.attachments" in refused.reason
    assert refused.evidence == ""
    deep = EmailMessage()
    deep.set_content("x")
    for _ in range(30):
        around = EmailMessage()
        around.make_mixed()
        around.attach(deep)
        deep = around
    refused = read(b"From: a@b.example\n" + deep.as_bytes()).refused
    assert refused is not None
    assert "too deep" in refused.reason


def slip(office: Office, title: str = "Whose is this file") -> Path:
    (found,) = (office.root / "outbox" / "questions").glob(f"Q-* {title}.docx")
    return found


def test_a_file_that_is_no_form_is_kept_and_one_line_puts_it_to_a_plan(office: Office) -> None:
    plan = office.joins()
    drop(office, "IMG_2031.png", PICTURE)
    summary = office.workspace.run()
    assert (summary.taken_in, summary.refused, summary.queries_raised) == (1, 0, 1)
    lying = sorted(f.name.partition(" ")[2] for f in (office.root / "outbox" / "questions").iterdir() if " " in f.name)
    assert lying == ["IMG_2031.png", "Whose is this file.docx"]
    answers = {"filing.whose": "Kaur, Amrit", "filing.shows": "Food hygiene certificate, level 2"}
    office.returns(slip(office), answers)
    record = office.record(plan)
    assert record["evidence[E1].what"] == "Food hygiene certificate, level 2"
    assert record["evidence[E1].kind"] == "Photograph"
    assert record["evidence[E1].hash"] == came(office, "IMG_2031.png").sha256
    assert office.workspace.queries() == []
    assert list((office.root / "outbox" / "questions").iterdir()) == []


def test_a_letter_is_for_staff_alone_until_somebody_says_otherwise(office: Office) -> None:
    plan = office.joins()
    drop(office, "letter from the agency.txt", b"Dear Sam, the assessment shows that Amrit needs a reader.")
    office.workspace.run()
    answers = {"filing.whose": plan, "filing.shows": "Letter", "filing.kind": "Letter or message"}
    office.returns(slip(office), answers)
    record = office.record(plan)
    assert record["papers[Z1].what"] == "Letter"
    assert "evidence[E1].what" not in record


def test_a_slip_that_names_nobody_we_know_leaves_the_question_open_and_its_receipt_says_why(office: Office) -> None:
    office.joins()
    drop(office, "IMG_2031.png", PICTURE)
    office.workspace.run()
    form = slip(office).read_bytes()
    drop(office, "slip.docx", fill_word(form, {"filing.whose": "Somebody Else"}))
    office.workspace.run()
    assert len(office.workspace.queries()) == 1
    assert "No learner here is “Somebody Else”" in came(office, "slip.docx").reason
    (receipt,) = (office.root / "outbox" / "receipts").glob("* slip *.html")
    assert "Somebody Else" in receipt.read_text("utf-8")


def test_a_scan_proves_a_signature_in_ink_when_a_member_of_staff_attests_it(office: Office) -> None:
    plan = office.ready_to_sign()
    there = office.workspace.standing(plan)
    assert there.copy is not None
    drop(office, "signed.png", PICTURE)
    office.workspace.run()
    answers = {
        "filing.whose": plan, "filing.shows": "The signed plan", "filing.form": there.copy.issue.form,
        "filing.role": "learner", "filing.signer": "Amrit Kaur", "filing.signed": "16/09/2026",
        "filing.witness": "Sam Reed",
    }  # fmt: skip
    office.returns(slip(office), answers)
    after = office.workspace.standing(plan)
    assert after.signed["learner"].name == "Amrit Kaur"
    assert "Sam Reed has seen it" in after.signed["learner"].method
    assert after.state == "part-signed"
    assert office.record(plan)["evidence[E1].kind"] == "Signed form"


def test_a_file_that_only_calls_itself_a_form_is_refused_with_a_note(office: Office) -> None:
    drop(office, "photo of a plan.docx", PICTURE)
    assert office.workspace.run().refused == 1
    assert (office.root / "outbox" / "refused" / "photo of a plan.docx").exists()


def outlook(html: str = "") -> bytes:
    sent = dt.datetime(2026, 9, 9, 9, 5, tzinfo=dt.UTC)
    inner = message("Ana Pires", "ana@agency.example", "Report", sent, [attached("report.txt", b"Amrit reads well")],
                    header=24)  # fmt: skip
    files = [attached("scores.csv", b"reading,12\n" * 900), attached("logo.png", PICTURE, "logo@x"), embedded(inner)]
    return compound(message("Jo Hargreaves", "Jo@Hargreaves.example", "Forms", sent, files, html))


def test_an_outlook_message_says_the_same_as_an_internet_one() -> None:
    form = read(outlook('<img src="cid:logo@x">'))
    assert form.message is not None
    assert (form.message.sender, form.message.name) == ("jo@hargreaves.example", "Jo Hargreaves")
    assert str(form.message.sent) == "2026-09-09 09:05:00+00:00"
    assert [file.name for file in form.message.files] == ["scores.csv", "Report.eml"]
    assert form.message.files[0].content == b"reading,12\n" * 900
    inside = read(form.message.files[1].content)
    assert inside.message is not None
    assert (inside.message.sender, inside.message.files[0].content) == ("ana@agency.example", b"Amrit reads well")
    assert [file.name for file in read(outlook()).message.files] == ["scores.csv", "logo.png", "Report.eml"]  # type: ignore[union-attr]


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=40))
@example(861, bytes(4))  # a property that says to be a number, in the place of the day
@settings_of(max_examples=60, deadline=None)
def test_a_damaged_outlook_message_never_stops_the_reader(at: int, noise: bytes) -> None:
    content = bytearray(outlook())
    content[at : at + len(noise)] = noise
    read(bytes(content))
