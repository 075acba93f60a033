"""What a request slip asks for, done: the same acts that commands do, for those who may; each tells what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from engine import auditing, delivery, documents, mistakes, packs, people, quality, workflow
from engine.errors import CounterpartError, Declined
from engine.files import safe_name
from engine.filing import Reread, plan_of
from engine.places import ROLES, Record, Value
from engine.plan import PLACES, keys_of
from engine.premises import Premises, labels
from engine.proforma import Proforma
from engine.sheet import display_name
from engine.standing import standing

ISSUED = "staff/issued"
"""Where forms go that somebody asked for."""

DUE, OF_TUTOR, OF_SITE = PLACES["request.whole"].choices
"""Whose plans a request may mean that names none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what it takes to do it.

    Attributes:
        said: what its boxes say, by the last word of each place.
        by: who asks.
        reread: what an archived file says.
    """

    premises: Premises
    said: Mapping[str, Value]
    by: str
    reread: Reread

    def word(self, part: str) -> str:
        """What stands in a box; "" = nothing."""
        return str(self.said.get(part) or "").strip()

    def must(self, part: str) -> str:
        """What stands in a box that has to be filled in.

        Raises:
            Declined: when it is empty.
        """
        word = self.word(part)
        if not word:
            label = labels(self.premises.proformas).get(f"request.{part}", part)
            raise Declined(f"The box “{label}” is empty, and this request needs it.")
        return word

    def plans(self) -> list[str]:
        """The plans that the request is for: those named, or all of a tutor or site.

        Raises:
            Declined: when a name is nobody's here, or nobody is named.
        """
        named = [line for line in self.word("learners").splitlines() if line.strip()]
        if named:
            return list(dict.fromkeys(plan_of(self.premises, line.strip(" -•")) for line in named[:MOST]))
        found = list(self._whole()) if self.word("whole") else []
        if not found:
            raise Declined("The request names no learner.", "Write one on each line, or choose whose you mean.")
        return found

    def _whole(self) -> Iterator[str]:
        """Those of the tutor or site that is named; where none is, all plans, if forms go only to whom they are due."""
        ledger, of = self.premises.ledger, self.word("of").casefold()
        place = "staff.site" if self.word("whole") == OF_SITE else "staff.tutor"
        for plan in ledger.plans():
            record = ledger.record(plan)
            if not record.get("closing.day") and (
                str(record.get(place) or "").casefold() == of if of else self.only_due
            ):
                yield plan

    @property
    def only_due(self) -> bool:
        """Whether a form is for those alone for whom it is due."""
        return self.word("whole") == DUE

    def one(self) -> str:
        """The one plan that the request is about.

        Raises:
            Declined: when it names none or several.
        """
        found = self.plans()
        if len(found) != 1:
            raise Declined(f"This request is about one learner, and names {len(found)}.")
        return found[0]


MOST = 2_000
"""How many lines of names one request may have."""

Act = Callable[[Asked], Sequence[str]]


def _proforma(asked: Asked) -> Proforma:
    wanted = asked.must("form").casefold()
    known = [p for p in asked.premises.proformas.values() if not p.serves]
    found = [p for p in known if wanted in (p.proforma, p.title.casefold())]
    found = found or [p for p in known if p.title.casefold().startswith(wanted)]
    if len(found) != 1:
        raise Declined(
            f"“{asked.word('form')}” is no one form here.", f"There are: {', '.join(p.title for p in known)}."
        )
    return found[0]


def _issue(asked: Asked) -> list[str]:
    proforma, premises = _proforma(asked), asked.premises
    medium: documents.Medium = "pdf" if asked.word("medium") == "PDF" else "word"
    told = []
    for plan in asked.plans():
        name = display_name(premises.ledger.record(plan)) or plan
        if asked.only_due and not any(
            due.clock == proforma.clock and due.near(premises.today) for due in standing(premises, plan).due
        ):
            continue
        try:
            given, content = workflow.issue(premises, proforma, plan, medium)
        except Declined as declined:
            told.append(f"{name}: not issued. {declined}")
            continue
        path = f"{ISSUED}/{safe_name(f'{proforma.title} - {name}')} {given.form}{delivery.SUFFIX[medium]}"
        delivery.put(premises, path, content, None, given.form)
        told.append(f"{name}: “{proforma.title}” lies in outbox/{ISSUED}.")
    return told or [f"“{proforma.title}” is due for nobody of these."]


def _caseload(asked: Asked) -> list[str]:
    """Every working document of some learners in one file, to be printed."""
    import pikepdf

    premises = asked.premises
    shown = next((p for p in premises.proformas.values() if p.mark and not p.signable), None)
    if shown is None:
        raise Declined("There is no working document here.", "A form needs `mark:` for that.")
    plans = asked.plans()
    with pikepdf.new() as whole:
        for plan in plans:
            given = documents.new_issue(premises, shown, plan, "pdf", "")
            with premises.ledger.writing():
                premises.ledger.give_out(given)
            with pikepdf.open(BytesIO(documents.render(premises, given).content)) as one:
                # Boxes of one name would share one answer: what is printed needs none.
                one.flatten_annotations("print")
                whole.add_pages_from(one, forms="strip")
        saved = BytesIO()
        whole.save(saved, deterministic_id=True)
    name = safe_name(f"Caseload {asked.word('of') or asked.by or 'print'} {premises.today:%Y-%m-%d}")
    delivery.put(premises, f"{ISSUED}/{name}.pdf", saved.getvalue())
    return [f"{len(plans)} working documents lie in outbox/{ISSUED}/{name}.pdf, to be printed."]


def _sign(asked: Asked) -> list[str]:
    plan, role, name = asked.one(), asked.must("role"), asked.must("name")
    people.sign(asked.premises, plan, role, name, asked.by)
    return [f"The signature of {name} ({role}) is recorded, made before {asked.by}."]


def _waive(asked: Asked) -> list[str]:
    plan, gate = asked.one(), asked.must("number").upper()
    _, roles = asked.premises.settings.person(asked.by)
    role = asked.word("role") or next((r for r in ("provider", "quality", "tutor") if r in roles), "")
    if roles & asked.premises.settings.may.waive and role not in roles:
        raise Declined(
            f"{asked.by} is not here as the {role}.", "The settings say who is ([people] in counterpart.toml)."
        )
    people.waive(asked.premises, plan, gate, asked.must("reason"), asked.by, role or asked.must("role"))
    return [f"{gate} is waived; it stands on the version with your name and reason."]


def _undo(asked: Asked) -> list[str]:
    plan, number = asked.one(), asked.must("number")
    if not number.isdecimal():
        raise Declined(f"“{number}” is no number of a change.", "The working document and the receipt name it.")
    made = mistakes.undo(asked.premises, plan, int(number), asked.must("reason"), asked.by)
    return [f"Change {number} of {plan} is taken back, by change {made.number}."]


def _join(asked: Asked) -> list[str]:
    plans = asked.plans()
    if len(plans) != 2:
        raise Declined(f"Two plans are joined, and the request names {len(plans)}.", "Write each on a line of its own.")
    mistakes.join(asked.premises, plans[0], plans[1], asked.by)
    return [f"{plans[1]} is now part of {plans[0]}."]


def _close(asked: Asked) -> list[str]:
    plans, reason = asked.plans(), asked.must("reason")
    for plan in plans:
        mistakes.close(asked.premises, plan, reason, asked.by)
    return [f"{plan} is closed." for plan in plans]


def _reopen(asked: Asked) -> list[str]:
    plan = asked.one()
    mistakes.reopen(asked.premises, plan, asked.must("reason"), asked.by)
    return [f"{plan} is open again."]


def _settle(asked: Asked) -> list[str]:
    number, answer = asked.must("number").upper(), asked.must("answer")
    found = asked.premises.ledger.query(number)
    if found and found[0].plan is None:
        raise Declined(f"{number} has a slip of its own in the folder of questions.", "Please fill in that.")
    take = answer if found and answer in found[0].choices else None
    people.settle(asked.premises, number, take, None if take else answer, asked.by, None)
    return [f"{number} is settled."]


def _who_sees(asked: Asked) -> list[str]:
    """For each learner, who may see each part of the plan, and what leave to share is in force."""
    told = []
    for plan in asked.plans():
        record = asked.premises.ledger.record(plan)
        told.append(f"{display_name(record) or plan}:")
        told += [f"  {part}: {', '.join(who)}" for part, who in _seen(record)]
        for audience in keys_of(record, "grants"):
            if record.get(f"grants[{audience}].agreed"):
                until = PLACES["grants[KEY].until"].show(record.get(f"grants[{audience}].until"))
                what = record.get(f"grants[{audience}].what") or "parts of the plan"
                told.append(f"  shared with {audience}: {what}{f', until {until}' if until else ''}")
    return told


def _quality(asked: Asked) -> list[str]:
    quality.report(asked.premises, auditing.audited(asked.premises))
    return [f"The quality report is written; open outbox/{quality.FOLDER}/index.html."]


def _pack(asked: Asked) -> list[str]:
    """An inspection pack of the learners named, for the eyes of an inspector."""
    premises, plans = asked.premises, asked.plans()
    title = plans[0] if len(plans) == 1 else f"{len(plans)} plans {premises.today:%Y-%m-%d}"
    path = f"{quality.FOLDER}/packs/{safe_name(f'Inspection pack {title} for the auditor')}.pdf"
    delivery.put(premises, path, packs.pack(premises, plans, "auditor", title))
    return [f"The inspection pack lies in outbox/{path}."]


def _seen(record: Record) -> Iterator[tuple[str, list[str]]]:
    """The parts of a plan that hold something, each with the roles that may see some of it."""
    parts: dict[str, set[str]] = {}
    for path in record:
        group = path.partition("[")[0].partition(".")[0]
        pattern = path if path in PLACES else f"{group}[KEY].{path.rpartition('.')[2]}"
        parts.setdefault(group, set()).update(PLACES[pattern].audience)
    for group, letters in sorted(parts.items()):
        yield group.replace("_", " "), [word for letter, word in ROLES.items() if letter in letters]


ACTS: Mapping[str, tuple[str, Act]] = {
    "Issue forms": ("issue", _issue),
    "Print a caseload": ("caseload", _caseload),
    "Record a signature made before me": ("sign", _sign),
    "Waive a gate": ("waive", _waive),
    "Take back what was entered in error": ("undo", _undo),
    "Join two plans of one learner": ("join", _join),
    "Close a plan": ("close", _close),
    "Open a plan again": ("close", _reopen),
    "Settle a question": ("settle", _settle),
    "Quality report": ("audit", _quality),
    "Inspection pack": ("audit", _pack),
    "Who may see what": ("who_sees", _who_sees),
}
"""By what is asked: the setting that says who may, and the act."""


def may(premises: Premises, what: str, roles: frozenset[str]) -> bool:
    """Whether somebody with these roles may have it done."""
    return what in ACTS and bool(roles & getattr(premises.settings.may, ACTS[what][0]))


def do(asked: Asked) -> list[str]:
    """Does what a request asks, whole or not at all; tells what was done, line by line.

    Raises:
        Declined: when it cannot be done, and why.
    """
    what = asked.must("what")
    if what not in ACTS:
        raise Declined(f"“{what}” cannot be asked for here yet.", "Please ask the office.")
    try:
        with asked.premises.ledger.writing():
            return list(ACTS[what][1](asked))
    except Declined:
        raise
    except CounterpartError as error:
        raise Declined(error.what, error.advice) from error
