"""Which form is this, and whose? Exactly one proforma and exactly one plan, or a question for a person.

Nothing is guessed and nothing is scored: a stamp decides, else the boxes that the form has, else somebody is asked
(DESIGN.md section 5, domain.md M1). Pure: values in, values out.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine import adopted
from engine.answers import read_answers, strays
from engine.model import Answer, Form, Issue, Refusal, Remark, Stamp, State
from engine.places import Record
from engine.plan import IDENTIFYING
from engine.proforma import Proforma
from engine.settings import SIZES, Size


@dataclass(frozen=True, slots=True)
class Recognised:
    """A form that is known.

    Attributes:
        plan: whose it is; None = a new learner.
        stamp: the stamp it carries; None on a form without one.
        strays: what stands in fields that are none of the form's questions; somebody is asked about each.
    """

    proforma: Proforma
    plan: str | None
    stamp: Stamp | None
    answers: tuple[Answer, ...]
    strays: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsure:
    """A form of which a person must say whose it is, or what.

    Attributes:
        choices: numbers of plans that may be taken; with `new` where a new learner is possible.
    """

    kind: str
    question: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the workspace knows, for recognition.

    Attributes:
        proformas: by name.
        plans: each plan's identity places.
        heads: each plan's newest revision number.
        issue: the issue behind a form number, if it was ever given.
        joined: the plans that were joined to another, each with that one.
        like: the plans that have one of some `marks`, where there is an index of them; None = all are gone through.
    """

    proformas: Mapping[str, Proforma]
    plans: Mapping[str, Record]
    heads: Mapping[str, int]
    issue: Callable[[str], Issue | None]
    joined: Mapping[str, str] = dataclasses.field(default_factory=dict)
    like: Callable[[frozenset[str]], Mapping[str, Record]] | None = None

    def now(self, plan: str) -> str:
        """The plan that a plan was joined to, as often as that happened; itself if it was not."""
        for _ in self.joined:
            plan = self.joined.get(plan, plan)
        return plan

    @property
    def living(self) -> Mapping[str, Record]:
        """The plans that were not joined to another."""
        return {plan: record for plan, record in self.plans.items() if plan not in self.joined}

    def near(self, said: Mapping[str, object]) -> Iterator[tuple[str, Record]]:
        """The plans among which those of a person are, each with who its learner is; all where there is no index.

        A learner is still known by what a plan said of them that was joined to theirs.
        """
        found = self.plans if self.like is None else self.like(marks(said))
        return ((self.now(plan), who) for plan, who in found.items())


def recognise(form: Form, known: Known) -> Recognised | Unsure | Refusal:
    """What a form is and whose."""
    if len(form.stamps) > 1:
        lines = " and ".join(f"“{stamp.line()}”" for stamp in form.stamps)
        return Unsure("stamp", f"The file carries more than one form number: {lines}. Which form is it?")
    if form.stamp:
        return _stamped(form, form.stamp, known)
    found = candidates(form, known.proformas)
    if not found:
        return Refusal(
            "The boxes of this file are those of no form that is used here.",
            "If it is one of our forms, fill in a copy from the folder “blank forms” and drop that in.",
        )
    if len(found) > 1:
        names = " or ".join(p.title for p in found)
        return Unsure("form", f"The file could be {names}. Please use a form that carries its form number.")
    return _whose(found[0], None, form, "new", known)


def candidates(form: Form, proformas: Mapping[str, Proforma]) -> list[Proforma]:
    """The proformas that a form without a stamp may be, by the boxes it has; each in the issue that has most of them.

    Where two issues have as many, the newer one counts.
    """
    open_to_all = (p for p in proformas.values() if p.serves in ("", "request"))
    of_each = ([issue for issue in (p, *p.earlier) if _is(form, issue)] for p in open_to_all)
    return [max(found, key=lambda issue: len(read_answers(form, issue, "new"))) for found in of_each if found]


def _stamped(form: Form, stamp: Stamp, known: Known) -> Recognised | Unsure | Refusal:
    proforma = known.proformas.get(stamp.proforma)
    if proforma is None:
        return Refusal(
            f"This is a form “{stamp.proforma}”, and no form of that name is used here (any more).",
            "Please copy its answers onto a current form from the folder “blank forms”.",
        )
    if stamp.version > proforma.version:
        return Unsure(
            "stamp", f"The file is issue {stamp.version} of “{proforma.title}”; here it is {proforma.version}."
        )
    proforma = proforma.as_of(stamp.version)
    issue = known.issue(stamp.form)
    if stamp.plan and stamp.plan not in known.heads:
        return Unsure("stamp", f"The file names the plan {stamp.plan}, and there is no such plan here.", ())
    if stamp.plan and (stamp.revision or 0) > known.heads[stamp.plan]:
        return Unsure("stamp", f"The file names change {stamp.revision} of {stamp.plan}, which does not exist yet.")
    if issue is None or issue.stamp != stamp:
        plans = (stamp.plan,) if stamp.plan else ()
        return Unsure("stamp", f"The form number {stamp.form} on the file was never given to this form here.", plans)
    if not stamp.plan:
        return _whose(proforma, stamp, form, issue.row, known)
    answers = read_answers(form, proforma, issue.row, known.plans[stamp.plan])
    said = {a.place: a.value for a in answers if a.place in IDENTIFYING and a.state is State.SAID}
    whose = known.now(stamp.plan)
    if all(_somebody_else(said, known.plans[plan]) for plan in (stamp.plan, whose)):
        name = f"{said.get('learner.given_name', '')} {said.get('learner.family_name', '')}".strip() or "somebody else"
        return Unsure(
            "identity",
            f"The form was printed for the plan {stamp.plan}, but it was filled in for {name}. Whose is it?",
            tuple(dict.fromkeys((whose, *(p for p, r in known.near(said) if not _somebody_else(said, r, True))))),
        )
    return Recognised(proforma, whose, stamp, answers, strays(form, proforma, issue.row))


def _whose(proforma: Proforma, stamp: Stamp | None, form: Form, own_row: str, known: Known) -> Recognised | Unsure:
    """The plan of a form that names none: by ULN, reference, or name and date of birth; exactly one."""
    answers = read_answers(form, proforma, own_row)
    unasked = strays(form, proforma, own_row)
    said = {a.place: a.value for a in answers if a.place in IDENTIFYING and a.state is State.SAID}
    name = " ".join(str(said.get(p, "")) for p in ("learner.given_name", "learner.family_name")).strip()
    sure, doubtful = alike(said, known)
    if len(sure) == 1 and not doubtful and not _somebody_else(said, known.plans[sure[0]]):
        return Recognised(proforma, sure[0], stamp, answers, unasked)
    if sure or doubtful:
        found = (*sure, *doubtful)
        return Unsure(
            "identity",
            f"“{proforma.title}” for {name or 'a learner'}: {len(found)} plan{'s' if len(found) > 1 else ''} here "
            f"could be meant ({', '.join(found)}), and the form does not say enough to be certain. Whose is it?",
            (*found, "new"),
        )
    enough = name and (
        said.get("learner.date_of_birth") or _number(said, "learner.uln") or said.get("learner.reference")
    )
    if enough:
        return Recognised(proforma, None, stamp, answers, unasked)
    doubts = [a.why for a in answers if a.place in IDENTIFYING and a.state is State.UNREADABLE]
    return Unsure(
        "identity",
        f"“{proforma.title}” for {name or 'nobody named on it'}: the form does not say whose it is (a name with a date "
        f"of birth, a ULN or a learner reference). {' '.join(f'Note: {why}. ' for why in doubts)}Whose is it?",
        (*known.living, "new") if len(known.plans) <= 20 else ("new",),
    )


def alike(said: Mapping[str, object], known: Known) -> tuple[list[str], list[str]]:
    """The plans of people like this one: those that are the same person by the rules, and those that may be."""
    near = [(plan, who) for plan, who in known.near(said) if marks(said) & marks(who)]
    sure = dict.fromkeys(plan for plan, who in near if _same_person(said, who))
    maybe = dict.fromkeys(plan for plan, who in near if plan not in sure and not _told_apart(said, who))
    return list(sure), list(maybe)


def one_of(said: Mapping[str, object], known: Known) -> str | None:
    """The one plan whose learner this surely is; None where there is none, or a doubt."""
    sure, doubtful = alike(said, known)
    if len(sure) == 1 and not doubtful and not _somebody_else(said, known.plans[sure[0]]):
        return sure[0]
    return None


def _number(said: Mapping[str, object], place: str) -> object:
    """A number that identifies; the temporary ULN does not."""
    value = said.get(place)
    return None if value == "TEMP" else value


def _agree(said: Mapping[str, object], record: Record, place: str) -> bool | None:
    """Whether both know the place and say the same; None where one does not know it."""
    ours, theirs = _number(record, place), _number(said, place)
    if ours is None or theirs is None:
        return None
    return str(ours).casefold() == str(theirs).casefold()


def _name_agrees(said: Mapping[str, object], record: Record) -> bool | None:
    parts = [_agree(said, record, p) for p in ("learner.given_name", "learner.family_name")]
    return None if None in parts else all(parts)


def _same_person(said: Mapping[str, object], record: Record) -> bool:
    if _agree(said, record, "learner.uln") or _agree(said, record, "learner.reference"):
        return True
    return bool(_name_agrees(said, record) and _agree(said, record, "learner.date_of_birth"))


def marks(who: Mapping[str, object]) -> frozenset[str]:
    """What a person may be known by, each as one text; whoever shares one with somebody may be the same person.

    A name is the same without its accents and hyphens, and with its parts in another order.
    """
    found = {place: _number(who, place) for place in ("learner.uln", "learner.reference")}
    names = [who.get(p) for p in ("learner.given_name", "learner.family_name")]
    found["name"] = None if None in names else _plain(" ".join(map(str, names))) or None
    return frozenset(f"{kind} {value}".casefold() for kind, value in found.items() if value is not None)


def _plain(name: str) -> str:
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(sorted(re.findall(r"\w+", "".join(letters).casefold())))


def marks_of(words: str) -> frozenset[str]:
    """The marks of a person whom words may name: a ULN or reference, or given and family names in either order."""
    text = " ".join(words.split())
    if not text:
        return frozenset()
    name = {"learner.given_name": text, "learner.family_name": ""}
    number = text.replace(" ", "")
    return marks({"learner.uln": number}) | marks({"learner.reference": text}) | marks(name)


def _told_apart(said: Mapping[str, object], record: Record) -> bool:
    """Two people, certainly: their dates of birth differ, and their ULNs or, letter for letter, their names, too."""
    others = _agree(said, record, "learner.uln") is False or _name_agrees(said, record) is False
    return others and _agree(said, record, "learner.date_of_birth") is False


def _somebody_else(said: Mapping[str, object], record: Record, strict: bool = False) -> bool:
    """Whether the identity on a form is another person's than the record's (people reuse each other's forms)."""
    if _agree(said, record, "learner.uln") is False:
        return True
    parts = [_agree(said, record, p) for p in ("learner.given_name", "learner.family_name", "learner.date_of_birth")]
    wrong = sum(part is False for part in parts)
    return wrong >= (1 if strict else 2)


def _is(form: Form, proforma: Proforma) -> bool:
    """Whether a form without a stamp is this proforma, in one of its sizes.

    It has at least four fifths of what that asks outside tables, and at most a fifth of its boxes are strange.
    """
    if proforma.blank:
        return adopted.is_form(form.fields, proforma)
    found = {a.place for a in read_answers(form, proforma, "new")}
    boxes = [f for f in form.fields if f.kind not in ("button", "signature")]
    strangers = len(boxes) - len(found)
    return strangers <= 0.2 * len(boxes) and any(_has(found, proforma, size) for size in SIZES)


def _has(found: set[str], proforma: Proforma, size: Size) -> bool:
    """Whether most of what a proforma asks in a size, outside tables, is among the places found on a form."""
    own = {
        place.path
        for _, question, place in proforma.questions()
        if question.in_size(size) and (not place.repeats or "[#]" in question.ask)
    }
    hit = {path for path in own if path in found or any(f.startswith(path.partition("[")[0] + "[") for f in found)}
    return bool(own) and len(hit) >= 0.8 * len(own)
