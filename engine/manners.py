"""In which manner a form may be given out: in which variant and size, for whose hand, which section of it alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from engine.documents import STANDARD
from engine.errors import Declined, WrongUse
from engine.model import Manner
from engine.proforma import ROLE_LETTER, Proforma


def checked(proforma: Proforma, manner: Manner, granted: Collection[str] = ()) -> Manner:
    """The manner with its section called by its heading.

    Args:
        granted: headings of the sections that the learner shares with the role.

    Raises:
        WrongUse: when there is no such section, or the form asks nothing of the role.
        Declined: when the learner does not share the section with the role.
    """
    if proforma.blank:
        if replace(manner, size=STANDARD.size) != STANDARD:
            raise WrongUse(f"“{proforma.title}” is somebody else's form, and is given out as it is.", "Leave that out.")
        return STANDARD
    section = proforma.section(manner.section) if manner.section else None
    guest = proforma.owned and manner.role not in ("", *proforma.audience)
    if section and guest and not any(q.for_role(manner.role) for q in section.questions):
        if section.heading not in granted:
            shared = f"the learner shares with the {manner.role}: {', '.join(granted) or 'nothing'}"
            raise Declined(
                f"“{section.heading}” is the learner's to share, and {shared}.",
                "Leave is given on the learner's details: who, which parts, from when until when.",
            )
        return replace(manner, section=section.heading)
    if manner.role and (manner.role not in ROLE_LETTER or not proforma.asks(manner.role)):
        known = ", ".join(role for role in ROLE_LETTER if proforma.asks(role))
        raise WrongUse(f"“{proforma.title}” asks nothing of “{manner.role}”.", f"It asks: {known}.")
    if not manner.section:
        return manner
    if section is None:
        known = ", ".join(f"“{s.heading}”" for s in proforma.sections)
        raise WrongUse(f"“{proforma.title}” has no one section “{manner.section}”.", f"It has: {known}.")
    if not any(question.in_size(manner.size) for question in section.questions):
        raise WrongUse(f"“{section.heading}” is not on a form of the size “{manner.size}”.", "Ask for --size full.")
    if not proforma.edition and not any(question.for_role(manner.role) for question in section.questions):
        raise WrongUse(f"“{section.heading}” asks nothing of “{manner.role}”.", "Leave one of the two out.")
    return replace(manner, section=section.heading)
