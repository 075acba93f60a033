"""Companions of a form, to read and not to fill in: a guide in plain words for learners, completion notes for staff.

Both are made of the form's own definition and of what the plan declares about its places, so they are never out of
date. Pure: a proforma in, a sheet out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from engine.model import Stamp
from engine.places import ROLES, Change, Kind, Place
from engine.proforma import Proforma, Question, Section
from engine.sheet import Block, Box, Sheet

DAY = dt.date(2026, 1, 1)
"""The day in the properties of a guide; it is not printed."""

WHEN: Mapping[str, str] = {
    "assessment": "in your first weeks, before anybody signs the plan",
    "signing": "when it is ready to be signed",
    "review": "before each review",
    "support": "when support begins, and each time you look at it again",
    "log": "every week; hand it in when a block is full",
    "": "whenever something is to be said on it",
}
"""When a form is filled in, by the clock that makes it due."""

ANSWERED: Mapping[str, str] = {
    "tick": "Tick the box if it is so.", "yes-no": "Yes or No.", "date": "A date: day/month/year.",
    "number": "A number.", "prose": "Your own words. The box grows.", "name": "A name.",
    "code": "As it stands on your papers.", "e-mail": "An e-mail address.", "phone": "A telephone number.",
    "text": "A few words.",
}  # fmt: skip
"""How a question is answered, by its format."""

CHANGES: Mapping[Change, str] = {
    Change.IDENTITY: "It says who the learner is: a change needs evidence.",
    Change.LOCKED: "It is fixed once it is given, and afterwards only corrected as entered in error.",
    Change.FUNDING: "The signed plan relies on it: a change may have to be signed again.",
    Change.NOTE_ON: "A change of it is noted on the next signed version; nobody signs again for it.",
    Change.WORKING: "",
}
"""What a change of an answer leads to, for staff."""

_FILLING = (
    "Leave a box empty if nothing changes: an empty box takes nothing away.",
    "To take something out, write the word CLEAR in its box.",
    "When you have finished, put the form into the inbox, or give it to your tutor.",
    "You may ask for large print, for plain words, or for somebody to read it to you.",
)


def for_learners(proforma: Proforma, provider: str, tell: tuple[str, ...] = ()) -> Sheet | None:
    """The guide for learners, in plain words; None where a form asks nothing of them.

    Args:
        tell: what the provider wants every learner to know: whom to call, equality, health and safety.
    """
    if not proforma.asks("learner"):
        return None
    others = [role for role in proforma.audience if role != "learner"]
    seen = f"You see it, and so do: {_listed(others)}." if others else "Only you see it."
    first = Block(
        "What this form is for",
        lines=(proforma.plain_purpose or proforma.purpose, f"Fill it in {_when(proforma)}.", seen),
    )
    boxes = [
        Block(
            section.plain or section.heading, section.plain_help or section.help, tuple(_explained(proforma, section))
        )
        for section in proforma.sections
    ]
    signs = [signer.statement for signer in proforma.signed if signer.role == "learner"]
    ends = [Block("What you sign", lines=(f"“{words}” Sign only if that is so.",)) for words in signs]
    ends += [Block("How to fill it in", lines=_FILLING)]
    ends += [Block("Good to know", lines=tell)] if tell else []
    return _sheet(proforma, "guide for learners", provider, (first, *(b for b in boxes if b.boxes), *ends))


def _explained(proforma: Proforma, section: Section) -> Iterator[Box]:
    """What each question for the learner means, and how it is answered."""
    for _, question, place in _of(proforma, section):
        if "learner" in question.by:
            said = " ".join(filter(None, (_sentence(question.plain_help or question.help), _how(place))))
            yield _box(question.plain or question.label, said)


def for_staff(proforma: Proforma, provider: str) -> Sheet:
    """The completion notes for staff: of each question, who fills it in, how, what a change leads to, who sees it."""
    about = [proforma.purpose, f"It is filled in {_when(proforma)}.", f"It is held by: {_listed(proforma.audience)}."]
    signed = tuple(f"{(signer.called or signer.role).capitalize()}: “{signer.statement}”" for signer in proforma.signed)
    blocks = [Block("What this form is for", lines=tuple(filter(None, about)))]
    blocks += [Block(section.heading, section.help, tuple(_noted(proforma, section))) for section in proforma.sections]
    blocks += [Block("Who signs what", lines=signed)] if signed else []
    blocks += [
        Block(
            "What holds for every form",
            lines=(
                "A form is read against what was printed on it, so an old print undoes nothing that was said since.",
                "An empty box changes nothing; CLEAR takes out what the plan says there; N/A is an answer.",
                "Two answers that disagree become one question, and everything else on the form counts.",
            ),
        )
    ]
    return _sheet(proforma, "notes for staff", provider, tuple(blocks))


def _noted(proforma: Proforma, section: Section) -> Iterator[Box]:
    labels = {place.path: question.label for _, question, place in proforma.questions()}
    for _, question, place in _of(proforma, section):
        said = [
            f"Filled in by: {_listed(question.by)}." if question.by else "Worked out, or for anybody.",
            _sentence(question.help),
        ]
        said += [_how(place), CHANGES[place.change], *_terms(place, labels)]
        said += [f"Asked on forms of the size “{question.size}” and above."] if question.size != "short" else []
        yield _box(question.label, " ".join(filter(None, said)))


def _terms(place: Place, labels: Mapping[str, str]) -> Iterator[str]:
    """The terms on which a place is kept, as far as somebody who fills it in should know."""
    about, beside = place.about, place.path.rpartition(".")[0]
    if about.append:
        yield "What was written stays; write what is new below it."
    if about.forward:
        why = labels.get(f"{beside}.{about.reopen}")
        yield f"It goes forward only; to go back, say why in “{why}”." if why else "It goes forward only."
    if about.scribe and (who := labels.get(f"{beside}.{about.scribe}")):
        yield f"Only the learner speaks here; if somebody else wrote it down, name them in “{who}”."
    if about.sensitivity == 3:
        yield f"Very private: it is for {_listed(ROLES[letter] for letter in about.audience)}, and nobody else."


def _of(proforma: Proforma, section: Section) -> Iterator[tuple[Section, Question, Place]]:
    return (found for found in proforma.questions() if found[0] is section)


def _how(place: Place) -> str:
    return f"Choose: {_listed(place.choices, 'or')}." if place.kind is Kind.CHOICE else ANSWERED.get(place.format, "")


def _when(proforma: Proforma) -> str:
    return WHEN.get(proforma.clock, WHEN[""])


def _listed(words: Iterable[str], last: str = "and") -> str:
    *most, end = tuple(words) or ("nobody",)
    return f"{', '.join(most)} {last} {end}" if most else end


def _sentence(words: str) -> str:
    return f"{words}." if words and words[-1] not in ".?!" else words


def _box(label: str, said: str) -> Box:
    return Box("", label, Kind.TEXT, None, said)


def _sheet(proforma: Proforma, kind: str, provider: str, blocks: tuple[Block, ...]) -> Sheet:
    return Sheet(
        title=f"{proforma.title}: {kind}",
        purpose="",
        provider=provider,
        learner="",
        stamp=Stamp(proforma.proforma, proforma.version, ""),
        printed=DAY,
        blocks=blocks,
        foot=f"{proforma.title}, issue {proforma.version}: {kind}. To read, not to fill in.",
    )
