"""A week at the office over a share: people only copy, open, save, rename and delete files; nobody runs a command.

    .venv/bin/python -m tests.scores.week

Where Samba is installed, the office's folder is a share of an `smbd` of its own on loopback, and everything people do
is done by `smbclient`; the program runs beside it as its watch. Where there is none, the same is done on the folder
itself by a second process, as a share would show it, and that is said.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from fnmatch import fnmatchcase
from pathlib import Path

from engine.model import digest
from engine.opening import init
from engine.workspace import Workspace
from tests.conftest import AMRIT, ASSESSED, PROGRAMME
from tests.filling import Answers, fill_pdf, fill_word

PORT = 14_445
COMMAND = Path(sys.executable).with_name("counterpart")
PICTURE = b"\x89PNG\r\n\x1a\n" + b"the signed page, scanned" + b"IEND\xaeB`\x82"
SETTINGS = """
[provider]
name = "Kingsmead Training"
[watch]
rest = 0.2
look = 0.3
patience = 0
[ready]
staff = ["change-of-circumstances"]
[people."Sam Reed"]
roles = ["tutor"]
known_as = ["sam"]
[people."Dana Marsh"]
roles = ["provider", "quality"]
known_as = ["dana", "dana.marsh@kingsmead.example"]
"""


# ── The share, and what people do on it ─────────────────────────────────────────────────────────────────────────


class Share:
    """The office's folder as people see it."""

    def __init__(self, root: Path, samba: bool) -> None:
        self.root, self.samba = root, samba
        self.dropped: list[bytes] = []
        self.acts = 0

    def _smb(self, *commands: str) -> str:
        self.acts += len(commands)
        done = subprocess.run(
            ["/usr/bin/smbclient", "//127.0.0.1/office", "-p", str(PORT), "-N", "-c", "; ".join(commands)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if done.returncode or "NT_STATUS" in done.stdout + done.stderr:
            raise OSError(f"{commands}: {done.stdout} {done.stderr}")
        return done.stdout

    def find(self, pattern: str) -> str:
        """The one file whose path matches, below the office."""
        for _ in range(300):
            found = [p for f in self.root.rglob("*") if f.is_file()
                     and fnmatchcase(p := f.relative_to(self.root).as_posix(), pattern)]  # fmt: skip
            if found:
                return min(found, key=len)
            time.sleep(0.25)
        raise FileNotFoundError(pattern)

    def get(self, path: str) -> bytes:
        """A file's bytes, copied from the share."""
        if not self.samba:
            return (self.root / path).read_bytes()
        with tempfile.TemporaryDirectory() as desk:
            self._smb(f'get "{path}" "{desk}/file"')
            return Path(desk, "file").read_bytes()

    def put(self, path: str, content: bytes) -> None:
        """A file copied to the share."""
        if not self.samba:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(content)
            return
        with tempfile.TemporaryDirectory() as desk:
            Path(desk, "file").write_bytes(content)
            folder = path.rpartition("/")[0]
            if not (self.root / folder).is_dir():
                self._smb(f'mkdir "{folder}"')
            self._smb(f'put "{desk}/file" "{path}"')

    def rename(self, old: str, new: str) -> None:
        if self.samba:
            self._smb(f'rename "{old}" "{new}"')
        else:
            (self.root / old).rename(self.root / new)

    def delete(self, path: str) -> None:
        if self.samba:
            self._smb(f'del "{path}"')
        else:
            (self.root / path).unlink()

    def drop(self, name: str, content: bytes) -> None:
        """A file dropped into the inbox, or a folder of it."""
        self.dropped.append(content)
        self.put(f"inbox/{name}", content)

    def saves_as_word_does(self, path: str, content: bytes) -> None:
        """Opens a document where it lies, and saves it: an owner file, a temporary one, two renames."""
        folder, _, name = path.rpartition("/")
        owner = f"{folder}/~${name[2:]}"
        self.put(owner, b"Sam Reed")
        self.put(f"{folder}/~WRD0001.tmp", content)
        self.rename(path, f"{folder}/~WRL0002.tmp")
        self.rename(f"{folder}/~WRD0001.tmp", path)
        self.delete(f"{folder}/~WRL0002.tmp")
        self.delete(owner)
        self.dropped.append(content)


@contextlib.contextmanager
def share(root: Path) -> Iterator[Share]:
    """The folder on a share of its own, where this machine has Samba."""
    smbd = shutil.which("smbd") or "/usr/sbin/smbd"
    if not (Path(smbd).exists() and shutil.which("smbclient") and os.getuid() == 0):
        print("There is no Samba here: a second process works on the folder itself.")
        yield Share(root, samba=False)
        return
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, "smb.conf")
        kinds = ("private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir")
        folders = {key: f"{home}/{key.replace(' ', '')}" for key in kinds}
        for folder in folders.values():
            Path(folder).mkdir()
        lines = "\n".join(f"   {key} = {folder}" for key, folder in folders.items())
        config.write_text(
            f"[global]\n   interfaces = lo\n   bind interfaces only = yes\n   smb ports = {PORT}\n{lines}\n"
            f"   log file = {home}/log\n   map to guest = bad user\n   guest account = root\n   disable netbios = yes\n"
            f"[office]\n   path = {root}\n   guest ok = yes\n   read only = no\n   force user = root\n"
            f"   veto files = /.counterpart/\n"
        )
        server = subprocess.Popen([smbd, "-F", "--no-process-group", "-s", str(config)], start_new_session=True)
        try:
            there = Share(root, samba=True)
            for _ in range(40):
                with contextlib.suppress(OSError):
                    there._smb("ls")
                    break
                time.sleep(0.25)
            else:
                raise OSError(f"smbd did not come up: {Path(home, 'log').read_text('utf-8')[-2000:]}")
            print("The office is a Samba share on loopback; people work on it with smbclient.")
            yield there
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(10)


@dataclass
class Office:
    """The program at work, as a watch; a new day is a new start of it."""

    root: Path
    day: str = "2026-09-07"
    said: list[str] = field(default_factory=list)
    _watch: subprocess.Popen[str] | None = None

    def begins(self, day: str) -> None:
        """A new day."""
        self.ends()
        self.day = day
        env = {**os.environ, "COUNTERPART_TODAY": day}
        self._watch = subprocess.Popen(
            [COMMAND, "watch", "--workspace", str(self.root)], env=env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def ends(self) -> None:
        if self._watch is not None:
            self._watch.send_signal(signal.SIGTERM)
            self.said.append(self._watch.communicate(timeout=120)[0])
            self._watch = None

    def rests(self) -> None:
        """Waits until the inbox is empty, and nothing new has been written for a moment."""
        still, before = 0, -1.0
        for _ in range(400):
            waiting = [f for f in (self.root / "inbox").rglob("*") if f.is_file()]
            newest = max((f.stat().st_mtime for f in (self.root / "outbox").rglob("*.*") if f.is_file()), default=0)
            still = still + 1 if not waiting and newest == before else 0
            before = newest
            if still >= 8:
                return
            time.sleep(0.25)
        raise TimeoutError(f"The inbox is not empty: {waiting}")


# ── The week ────────────────────────────────────────────────────────────────────────────────────────────────────


def play(there: Share, office: Office) -> None:
    """Everything that people do; told as it goes on."""

    def tell(words: str) -> None:
        print(f"{office.day}  {words}", flush=True)

    def filled(pattern: str, answers: Answers) -> bytes:
        path = there.find(pattern)
        return (fill_pdf if path.endswith(".pdf") else fill_word)(there.get(path), answers)

    def goes_on(day: str = "") -> None:
        office.rests()
        if day:
            office.begins(day)
            time.sleep(1.5)

    plan = "outbox/staff/*/Individual learning plan*.docx"
    office.begins("2026-09-07")
    tell("Enrolment: the administrator drops in an e-mail with the details form")
    details = filled("outbox/blank forms/Learner details*.docx", AMRIT)
    mail = EmailMessage()
    mail["From"], mail["Date"] = "Dana Marsh <dana.marsh@kingsmead.example>", "Mon, 07 Sep 2026 09:05:00 +0100"
    mail.set_content("Amrit's form.")
    mail.add_attachment(details, maintype="application", subtype="octet-stream", filename="Amrit details.docx")
    there.dropped.append(details)
    there.drop("FW Amrit.eml", mail.as_bytes())
    goes_on()
    tell("The tutor types the plan into the working document where it lies, in Word; an old copy stays on the desktop")
    old = there.get(there.find("outbox/staff/*/Individual learning plan*.pdf"))
    there.saves_as_word_does(there.find(plan), fill_word(there.get(there.find(plan)), PROGRAMME))
    time.sleep(65)  # A watch looks for documents that people changed once a minute.
    goes_on("2026-09-16")
    tell("Assessment")
    there.drop("sam/needs.docx", filled("outbox/staff/*/Needs summary*.docx", ASSESSED))
    goes_on()
    tell("Three signatures: the employer's on a PDF, the provider's in Word, the learner's in ink and scanned")
    signing = "Training plan*"
    employer = {"signatures[employer].name": "Jo Hargreaves", "signatures[employer].date": "16/09/2026"}
    provider = {"signatures[provider].name": "Dana Marsh", "signatures[provider].date": "16/09/2026"}
    staff = there.find(f"outbox/staff/*/{signing}.pdf")
    there.drop("employer signed.pdf", filled(f"outbox/employer/*/{signing}.pdf", employer))
    there.drop("dana/provider signed.docx", filled(f"outbox/staff/*/{signing}.docx", provider))
    there.drop("Scan_0001.png", PICTURE)
    goes_on()
    number = _form_number(there.get(staff))
    attested = {
        "filing.whose": "Amrit Kaur", "filing.shows": "The signed plan", "filing.form": number,
        "filing.role": "learner", "filing.signer": "Amrit Kaur", "filing.signed": "16/09/2026",
        "filing.witness": "Sam Reed",
    }  # fmt: skip
    there.drop("sam/slip.docx", filled("outbox/questions/*Whose is this file.docx", attested))
    goes_on()
    for n, day in enumerate(("2026-11-25", "2027-02-10", "2027-06-08"), 1):
        goes_on(day)
        tell(f"Review {n}, in parts: the learner's, then the employer's, then the tutor's")
        review = "outbox/{}/*/Progress review*.{}"
        parts = {
            "learner": ("pdf", {f"reviews[{n}].learner_says": f"I can bake {n} kinds of bread."}),
            "employer": ("pdf", {f"reviews[{n}].employer_says": f"On time, week {n}."}),
            "staff": ("docx", {f"reviews[{n}].tutor_says": f"Steady, review {n}.",
                               f"reviews[{n}].held": _british(day)}),
        }  # fmt: skip
        copies = {who: filled(review.format(who, suffix), said) for who, (suffix, said) in parts.items()}
        for who, content in copies.items():
            there.drop(f"{who} review {n}.{parts[who][0]}", content)
            goes_on()
        if n == 1:
            tell("A late form: the old copy from the desktop comes back with one answer in it")
            there.drop("FINAL plan (old).pdf", fill_pdf(old, {"aspiration.why": "My nan was a baker."}))
            goes_on()
            tell("A conflict: two copies of one print say two things; the slip is answered where it lies")
            now = there.get(there.find(plan))
            pdf = there.get(there.find("outbox/staff/*/Individual learning plan*.pdf"))
            there.drop("A.docx", fill_word(now, {"aspiration.destination": "Teach baking"}))
            goes_on()
            there.drop("B-DESKTOP-7Q.pdf", fill_pdf(pdf, {"aspiration.destination": "Run two bakeries"}))
            goes_on()
            slip = there.find("outbox/staff/*/Questions to answer*.docx")
            asked = _question(there.get(slip))
            there.drop(
                "sam/answered.docx", fill_word(there.get(slip), {f"asked[{asked}].words": "Run a bakery, and teach"})
            )
            goes_on()
            tell("Somebody renames a document, somebody deletes one")
            there.rename(there.find(plan), f"{there.find(plan).rpartition('/')[0]}/Amrit print.docx")
            there.delete(there.find("outbox/learner/*/Individual learning plan*.pdf"))
            goes_on()
        if n == 2:
            tell("A break, and the return")
            change = "outbox/staff/*/Change of circumstances*.docx"
            there.drop("dana/break.docx", filled(change, {"breaks[new 1].began": "10/02/2027"}))
            goes_on("2027-03-20")
            there.drop("dana/return.docx", filled(change, {"breaks[B1].returned": "19/03/2027"}))
            goes_on()
    tell("An audit visit: the quality report is asked for on a form")
    request = "outbox/blank forms/Request.docx"
    there.drop("dana/report please.docx", filled(request, {"request.what": "Quality report"}))
    goes_on()
    tell("An inspection: the pack of one learner, the caseload in one file, and who may see what")
    pack = {"request.what": "Inspection pack", "request.learners": "Amrit Kaur"}
    there.drop("dana/pack.docx", filled(request, pack))
    goes_on()
    there.drop(
        "dana/print.docx", filled(request, {"request.what": "Print a caseload", "request.learners": "Amrit Kaur"})
    )
    goes_on()
    who = {"request.what": "Who may see what", "request.learners": "Amrit Kaur"}
    there.drop("dana/who.docx", filled(request, who))
    goes_on()


def _british(day: str) -> str:
    return "/".join(reversed(day.split("-")))


def _form_number(content: bytes) -> str:
    from engine.reading import read

    stamp = read(content).stamp
    assert stamp is not None
    return stamp.form


def _question(content: bytes) -> str:
    """The number of the question on a slip."""
    from engine.reading import read

    return next(f.name[6:].partition("]")[0] for f in read(content).fields if f.name.startswith("asked["))


# ── What came of it ─────────────────────────────────────────────────────────────────────────────────────────────


def wanted() -> Mapping[str, object]:
    """What the record must say at the end."""
    said: dict[str, object] = {
        "learner.family_name": "Kaur", "programme.title": "Baker, level 2", "aspiration.why": "My nan was a baker.",
        "aspiration.destination": "Run a bakery, and teach", "breaks[B1].began": "2027-02-10",
        "breaks[B1].returned": "2027-03-19", "evidence[E1].kind": "Signed form",
    }  # fmt: skip
    for n in (1, 2, 3):
        said[f"reviews[{n}].learner_says"] = f"I can bake {n} kinds of bread."
        said[f"reviews[{n}].employer_says"] = f"On time, week {n}."
        said[f"reviews[{n}].tutor_says"] = f"Steady, review {n}."
    return said


def judge(root: Path, there: Share, office: Office) -> bool:
    """Whether the record is right, nothing is lost, and everything lies where it must."""
    os.environ["COUNTERPART_TODAY"] = office.day
    with Workspace(root) as workspace:
        workspace.run()
        (plan,) = workspace.premises.ledger.plans()
        record = workspace.premises.ledger.record(plan)
        wrong = {p: (record.get(p), v) for p, v in wanted().items() if record.get(p) != v}
        lost = [c for c in there.dropped if not (workspace.premises.archive.folder / digest(c)).exists()]
        standing = workspace.standing(plan)
        signed = sorted(s.role for e in workspace.premises.ledger.editions(plan) for s in e.signatures)
        open_now = workspace.queries()
        print(f"files people gave: {len(there.dropped)}, of which lost: {len(lost)}; acts on the share: {there.acts}")
        print(f"record: {len(wanted()) - len(wrong)} of {len(wanted())} right {wrong or ''}")
        print(f"funding-body version: {standing.state}, signed by {', '.join(signed)}")
        print(f"open questions: {len(open_now)} {[q.question[:90] for q in open_now]}")
        refused = [s.name for s in workspace.premises.ledger.submissions() if s.outcome == "refused"]
        undone = [
            f"{s.name}: {s.reason}"
            for s in workspace.premises.ledger.submissions()
            if s.outcome == "same" and s.proforma and workspace.premises.proformas[s.proforma].serves
        ]
        copies = [f.name for f in (root / "outbox").glob("staff/*/Individual learning plan*.docx")]
        print(f"refused: {refused}; not done: {undone}; working documents with staff: {copies}")
        verified = workspace.verify()
    print("\n".join(line for said in office.said for line in said.splitlines() if "mistake" in line))
    return not (wrong or lost or refused or undone) and verified.ok and len(signed) >= 3 and len(copies) == 1


def main() -> int:
    """Plays the week, and prints what came of it."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as home:
        root = Path(home) / "office"
        init(root, "Kingsmead Training")
        (root / "counterpart.toml").write_text(SETTINGS, "utf-8")
        Path(home).chmod(0o755)
        office = Office(root)
        with share(root) as there:
            try:
                play(there, office)
            finally:
                office.ends()
            good = judge(root, there, office)
    print("The week came out right." if good else "The week did NOT come out right.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
