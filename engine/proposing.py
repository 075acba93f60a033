"""For each box of somebody else's form, the place in the plan that it asks for, and how sure that is.

Nothing wrong may be called sure: sure is only what is asked for in the very words of one place, once, of a person who
can be no other than the learner. What is likely is proposed, for a person to confirm; the rest goes to `local`, the
answers of a provider's own. Pure: boxes and words in, proposals out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.adopted import LOCAL
from engine.claims import claimed
from engine.clues import LEARNER, YES_OR_NO, Blank, Clue, clue_of, kept
from engine.places import Place
from engine.plan import PLACES, TABLES, WHOLES, is_signature
from engine.wording import Wording, words


@dataclass(frozen=True, slots=True)
class Proposal:
    """One question of the form, with the place proposed for it.

    Attributes:
        fields: the boxes of its answer.
        ask: the place; a row of `local` where the plan has none.
        sure: whether no person needs to look at it.
        why: what speaks for the place, or why there is none.
        choices: the plan's word for each of the form's.
        printed: what stands in its box on the blank.
    """

    fields: tuple[str, ...]
    label: str
    ask: str
    sure: bool
    why: str
    choices: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""

    @property
    def local(self) -> bool:
        """Whether the plan has no place for it."""
        return self.ask.startswith(f"{LOCAL}[")


def propose(boxes: Sequence[Blank], form: str, wording: Wording) -> tuple[Proposal, ...]:
    """Every box in exactly one proposal, in the order of the form.

    Args:
        form: the name that the proforma will have; it begins the keys of what goes to `local`.
    """
    labels = Counter(box.label for box in boxes if box.label)
    clues = [clue_of(box, wording, labels[box.label] > 1) for box in boxes]
    claims = claimed(clues, wording)
    crowded = any(set(clue.people) - {LEARNER} for clue in clues) or any(
        c.found and c.found.said.of in ("employer", "contact") for c in clues
    )
    grouped = _grouped(clues, claims)
    personal = sum(1 for group in grouped if group[0][1] and _alone(group[0][0])) >= 2
    doubts = {box.name: doubt for box in boxes if (doubt := _no_box(box))}
    holds = {box.name: box.holds for box in boxes if box.kind != "tick"}
    found = [_doubted(one, doubts, holds) for one in _settled(grouped, crowded, personal)]
    return tuple(_with_keys(found, form))


# ── Which of several, and how sure ──────────────────────────────────────────────────────────────────────────────

_Group = list[tuple[Clue, str]]


def _grouped(clues: Sequence[Clue], claims: Sequence[str]) -> list[_Group]:
    """The boxes that make one answer together: parts of a date, lines of an address; each other box by itself."""
    groups: list[_Group] = []
    opened: dict[tuple[str, str], _Group] = {}
    for clue, claim in zip(clues, claims, strict=True):
        pair = clue.part in YES_OR_NO
        key = (claim or "a pair", f"{clue.affix} {clue.number}" if pair else clue.affix)
        group = opened.get(key) if claim or pair else None
        if group and _goes_with(clue, claim, group):
            group.append((clue, claim))
        else:
            group = [(clue, claim)]
            groups.append(group)
            if claim or pair:
                opened[key] = group
    return [_in_order(group) for group in groups]


def _goes_with(clue: Clue, claim: str, group: _Group) -> bool:
    if clue.part:
        kind = clue.part in YES_OR_NO
        return all(o.part and o.part != clue.part and (o.part in YES_OR_NO) == kind for o, _ in group)
    lines = clue.found is not None and clue.found.said.lines and clue.found.said.place == claim
    return lines and clue.box.kind in ("text", "choice") and not group[0][0].part


def _in_order(group: _Group) -> _Group:
    order = ("day", "month", "year", *YES_OR_NO)
    return sorted(group, key=lambda one: order.index(one[0].part)) if len(group) > 1 and group[0][0].part else group


def _alone(clue: Clue) -> bool:
    return bool(clue.found and clue.found.said.alone and clue.clear and not clue.torn)


def _settled(groups: Sequence[_Group], crowded: bool, personal: bool) -> Iterator[Proposal]:
    """A proposal for each group; of those that claim one place, the one that says whose it is, else the first."""
    rivals: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        if group[0][1]:
            rivals[_keyed(group, 0)].append(group)
    for group in groups:
        claim = group[0][1]
        same = rivals.get(_keyed(group, 0), []) if claim else []
        winner = max(same, key=lambda g: LEARNER in g[0][0].people, default=group)
        names = tuple(clue.box.name for clue, _ in group)
        lead = group[0][0]
        if not claim or (group is not winner and "[KEY]" not in claim):
            why = f"another box asks for {claim} already" if claim else "the plan has no place for it"
            if _is_pair(group):
                yield Proposal(names, _label_of(group), "", True, why, _answers(group))
                continue
            for clue, _ in group:
                yield Proposal((clue.box.name,), _label(clue.box), "", True, why)
            continue
        number = same.index(group) + 1
        alone = len(same) == 1 or "[KEY]" in claim
        doubt = _doubt(group, alone, crowded, personal)
        choices, strange = (_answers(group), "") if _is_pair(group) else _choices(lead.box, claim)
        doubt = doubt or strange
        why = doubt or f"it asks for it in so many words: “{lead.box.label or lead.box.name}”"
        yield Proposal(names, _label_of(group), _keyed(group, number), not doubt, why, choices)


def _no_box(box: Blank) -> str:
    """Why something that was read as a box may be none; "" where it is one."""
    if box.parts:
        return "other boxes stand in it"
    return f"“{box.holds[:60]}” stands there already; perhaps it is no box" if box.typed and box.holds else ""


def _is_pair(group: _Group) -> bool:
    """Whether two boxes are the Yes and the No of one answer."""
    return {clue.part for clue, _ in group} == set(YES_OR_NO)


def _answers(group: _Group) -> Mapping[str, str]:
    return {clue.box.name: clue.part for clue, _ in group}


def _doubted(found: Proposal, doubts: Mapping[str, str], holds: Mapping[str, str]) -> Proposal:
    """A proposal with what its box holds; about what may be no box somebody must look, wherever it would belong."""
    why = next((doubts[box] for box in found.fields if box in doubts), "")
    printed = holds.get(found.fields[0], "") if len(found.fields) == 1 else ""
    return replace(found, sure=False, why=why, printed=printed) if why else replace(found, printed=printed)


def _keyed(group: _Group, number: int) -> str:
    """The place with the key of its row: the first of several is T1."""
    clue, claim = group[0]
    table = claim.partition("[")[0]
    figure = next((w for w in words(clue.box.row or clue.box.label) if w.isdecimal()), "")
    key = f"{TABLES[table].prefix}{int(figure) if figure else number or 1}" if "[KEY]" in claim else ""
    return claim.replace("KEY", key)


def _doubt(group: _Group, alone: bool, crowded: bool, personal: bool) -> str:
    """Why a person must look at a proposal; "" where nothing speaks against it."""
    lead = group[0][0]
    assert lead.found is not None
    whole_date = {clue.part for clue, _ in group} == {"day", "month", "year"}
    if len(group) > 1 and not whole_date:
        return "several boxes are taken for the parts of one answer"
    if lead.part and not whole_date:
        return f"only the {lead.part} of it has a box"
    if lead.torn:
        return f"its label says “{lead.box.label}”, and the box is called “{lead.box.name}”"
    if lead.found.likeness < 100:
        return f"“{lead.box.label or lead.box.name}” is much like “{' '.join(lead.found.phrase)}”"
    if not lead.clear or _of_somebody(lead):
        return f"“{lead.box.label or lead.box.name}” says more than “{' '.join(lead.found.phrase)}”"
    if not alone:
        return "several boxes ask for it"
    if "[KEY]" in group[0][1] or is_signature(lead.found.said.place):
        return "" if lead.people else "it does not say whose it is, or which of several"
    unnamed = lead.found.said.of == LEARNER and LEARNER not in lead.people and not lead.found.said.alone
    return "it does not say whose it is" if unnamed and (crowded or not personal) else ""


def _of_somebody(lead: Clue) -> bool:
    """Whether a box's name may say whose detail it is, and nothing else says that it is the learner's."""
    own = LEARNER in lead.people and lead.found is not None and lead.found.said.alone
    return bool(lead.strange and lead.found and lead.found.said.of and not own)


def _choices(box: Blank, path: str) -> tuple[Mapping[str, str], str]:
    """The plan's word for each of a list's own, and what is doubtful about them."""
    if box.kind != "choice" or not box.choices:
        return {}, ""
    place = PLACES[kept(path)] if path not in WHOLES else None
    if place is None or not place.choices:
        return {}, "it is a list to choose from, and the plan takes any words"
    found = {theirs: ours for theirs in box.choices if (ours := _like(theirs, place))}
    left = [theirs for theirs in box.choices if theirs not in found and words(theirs)]
    doubt = f"the plan has no answer like “{left[0]}”" if left else ""
    if not doubt and len(set(found.values())) < len(found):
        doubt = "several of its choices come to one answer of the plan"
    return {theirs: ours for theirs, ours in found.items() if theirs != ours}, doubt


def _like(theirs: str, place: Place) -> str:
    """The one answer of the plan that a choice means, by its words or by its first letter; "" if none or several."""
    plain = theirs.strip().casefold()
    whole = [ours for ours in place.choices if ours.casefold() == plain]
    begun = [ours for ours in place.choices if plain and ours.casefold().startswith(plain)]
    found = whole or begun
    return found[0] if len(found) == 1 else ""


# ── Labels and keys ─────────────────────────────────────────────────────────────────────────────────────────────


def _label(box: Blank) -> str:
    """What people see beside a box; its name where there is nothing."""
    label = " ".join(box.label.split()) if box.label and box.label != "undefined" else ""
    label = f"{label} ({box.row})" if label and box.row and box.row != label else label
    return label or " ".join(box.name.split())


def _label_of(group: _Group) -> str:
    lead = group[0][0]
    if _is_pair(group):
        return _label_of_pair(lead.box)
    assert lead.found is not None
    if len(group) == 1:
        return _label(lead.box)
    return " ".join(lead.found.said.phrases[0]).capitalize()


def _label_of_pair(box: Blank) -> str:
    """What a pair of ticks is about: the words of a label, or of a name, without the Yes or No behind them."""
    for text in (box.label, " ".join(words(box.name))):
        bare = re.sub(r"\W*\b(?:yes|no)\W*$", "", " ".join(text.split()), flags=re.IGNORECASE)
        if bare:
            return bare
    return _label(box)


_LONGEST_LABEL, _LONGEST_KEY = 120, 40


def _with_keys(found: Sequence[Proposal], form: str) -> Iterator[Proposal]:
    """The proposals with labels that are unique, and with keys for what goes to `local`."""
    labels: set[str] = set()
    keys: set[str] = set()
    for one in found:
        label = _once(one.label, labels, _LONGEST_LABEL)
        if one.ask:
            yield replace(one, label=label)
            continue
        plain = re.sub(r"[^A-Za-z0-9]+", "-", one.label).strip("-").casefold() or "box"
        stem = form[: _LONGEST_KEY // 2].strip("-")
        key = _once(f"{stem}/{plain}", keys, _LONGEST_KEY)
        yield replace(one, label=label, ask=f"{LOCAL}[{key}].value")


def _once(text: str, taken: set[str], longest: int) -> str:
    """A text cut to a length, with a figure behind it where it was there before."""
    made, number = text[:longest].rstrip("- ") or "box", 1
    while made.casefold() in taken:
        number += 1
        tail = f" {number}"
        made = text[: longest - len(tail)].rstrip("- ") + tail
    taken.add(made.casefold())
    return made
