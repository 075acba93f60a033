"""Who the plan is about and who stands round it: learner, contacts, staff, employer, and what may be shared with whom.

The terms of each place are those of domain.md C1; its letters are drawn in `engine.places.ROLES`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from engine.places import About
from engine.plan.entity import Entity
from engine.plan.written import (
    FUNDING,
    IDENTITY,
    LOCKED,
    NOTE_ON,
    WORKING,
    Address,
    Email,
    Line,
    Name,
    NiNumber,
    Phone,
    Postcode,
    Prose,
    Reference,
    Tick,
    Uln,
    WeeklyHours,
)

Difficulty = Literal[
    "Vision", "Hearing", "Mobility", "Profound complex disabilities", "Social and emotional difficulties",
    "Mental health", "Moderate learning difficulty", "Severe learning difficulty", "Dyslexia", "Dyscalculia",
    "Autism spectrum disorder", "Asperger syndrome", "Temporary disability", "Speech and language",
    "Other physical disability", "Other specific difficulty", "Other medical condition", "Other learning difficulty",
    "Other disability", "Prefer not to say", "Not provided",
]  # fmt: skip
"""The categories of the learner record; a year's rules give each its code and say which have ended."""

Ethnicity = Literal[
    "English, Welsh, Scottish, Northern Irish or British", "Irish", "Gypsy or Irish Traveller",
    "Any other White background", "White and Black Caribbean", "White and Black African", "White and Asian",
    "Any other mixed background", "Indian", "Pakistani", "Bangladeshi", "Chinese", "Any other Asian background",
    "African", "Caribbean", "Any other Black background", "Arab", "Any other ethnic group", "Not provided",
]  # fmt: skip
"""As learners declare it; a year's rules give each its code."""

Audience = Literal["Employer", "Parent or carer", "Next provider"]

GRANTED_TO: Mapping[str, Audience] = {"E": "Employer", "P": "Parent or carer", "O": "Next provider"}
"""Whose leave a role needs that the learner's own plan is shared with: letters of `ROLES`."""


class Learner(Entity):
    """Who the learner is, how to reach them, and how they like to read."""

    given_name: Annotated[Name | None, About(IDENTITY, "LTSEPOMQFA", "LM")] = None
    family_name: Annotated[Name | None, About(IDENTITY, "LTSEPOMQFA", "LM")] = None
    preferred_name: Annotated[Name | None, About(WORKING, "LTSM", "LM")] = None
    date_of_birth: Annotated[dt.date | None, About(IDENTITY, "LTMFA", "LM", past=True)] = None
    uln: Annotated[Uln | None, About(IDENTITY, "LTMFA", "M")] = None
    reference: Annotated[Reference | None, About(IDENTITY, "LTMQFA", "M")] = None
    ni_number: Annotated[NiNumber | None, About(LOCKED, "LMFA", "LM")] = None
    address: Annotated[Address | None, About(NOTE_ON, "LTM", "LM")] = None
    postcode: Annotated[Postcode | None, About(NOTE_ON, "LTM", "LM")] = None
    postcode_prior: Annotated[Postcode | None, About(LOCKED, "LMFA", "LM")] = None
    postcode_start: Annotated[Postcode | None, About(LOCKED, "LMFA", "LM")] = None
    phone: Annotated[Phone | None, About(NOTE_ON, "LTM", "LM")] = None
    email: Annotated[Email | None, About(NOTE_ON, "LTM", "LM")] = None
    sex: Annotated[Literal["Female", "Male"] | None, About(NOTE_ON, "LMF", "L", 3)] = None
    ethnicity: Annotated[Ethnicity | None, About(NOTE_ON, "LMF", "L", 3)] = None
    has_difficulty: Annotated[
        Literal["Yes", "No", "Prefer not to say"] | None, About(NOTE_ON, "LMF", "L", 3)
    ] = None  # fmt: skip
    main_difficulty: Annotated[Difficulty | None, About(NOTE_ON, "LMF", "L", 3)] = None
    difficulty_note: Annotated[Prose | None, About(WORKING, "LSM", "L", 3)] = None
    type_size: Annotated[Literal["Standard", "Large print (18 point)"] | None, About(WORKING, "LTSM", "LS", 2)] = None
    paper_tint: Annotated[
        Literal["White", "Cream", "Yellow", "Blue", "Green", "Pink"] | None, About(WORKING, "LTSM", "LS", 2)
    ] = None  # fmt: skip
    plain_words: Annotated[bool | None, About(WORKING, "LTSM", "LS", 2)] = None
    language: Annotated[Line | None, About(WORKING, "LTSM", "LS", 2)] = None
    reader: Annotated[bool | None, About(WORKING, "LTSM", "LS", 2)] = None


class DeclaredDifficulty(Entity):
    """A category of difficulty or disability, as the learner declares it; the main one is `learner.main_difficulty`."""

    applies: Annotated[Tick | None, About(NOTE_ON, "LMF", "L", 3)] = None


class Contact(Entity):
    """A person to reach about the learner: parent, carer, next of kin."""

    name: Annotated[Name | None, About(WORKING, "LTPM", "LM")] = None
    relation: Annotated[Line | None, About(WORKING, "LTPM", "LM")] = None
    phone: Annotated[Phone | None, About(WORKING, "LTPM", "LM")] = None
    email: Annotated[Email | None, About(WORKING, "LTPM", "LM")] = None
    authority: Annotated[
        Literal["Parental responsibility", "Guardian", "Local authority", "Power of attorney", "None"] | None,
        About(WORKING, "LTPM", "LM"),
    ] = None
    may_receive: Annotated[bool | None, About(WORKING, "LTPM", "LM")] = None
    receives: Annotated[Line | None, About(WORKING, "LTPM", "LM")] = None


class Sharing(Entity):
    """What the learner was told and agreed to."""

    notice_seen: Annotated[Tick | None, About(WORKING, "LTM", "L")] = None


class SharingGrant(Entity):
    """Leave given by the learner to share parts of the plan with one group of people, from a day to a day."""

    agreed: Annotated[bool | None, About(WORKING, "LTM", "L")] = None
    what: Annotated[Line | None, About(WORKING, "LTM", "L")] = None
    purpose: Annotated[Line | None, About(WORKING, "LTM", "LM")] = None
    since: Annotated[dt.date | None, About(WORKING, "LTM", "L")] = None
    until: Annotated[
        dt.date | None, About(WORKING, "LTM", "L", after=(("since", "the leave to share would end before it begins"),))
    ] = None


class Staff(Entity):
    """Who works with the learner, and where: whom a question, a due form or a receipt waits for."""

    site: Annotated[Line | None, About(WORKING, "LTSEPOMQA", "TM")] = None
    tutor: Annotated[Name | None, About(NOTE_ON, "LTSEPOMQFA", "TM", person="T")] = None
    tutor_email: Annotated[Email | None, About(NOTE_ON, "LTSEPOMQ", "TM")] = None
    assessor: Annotated[Name | None, About(WORKING, "LTSEPOMQA", "TM")] = None
    support_worker: Annotated[Name | None, About(WORKING, "LTSM", "TSM", 2, person="S")] = None
    facilitator: Annotated[Name | None, About(WORKING, "LTSEPOMQ", "TM")] = None
    caseload: Annotated[Line | None, About(WORKING, "TSMQ", "TM")] = None


class Employer(Entity):
    """The employer or placement."""

    name: Annotated[Line | None, About(FUNDING, "LTSEPMQFA", "EM", 0)] = None
    workplace: Annotated[Line | None, About(NOTE_ON, "LTEMFA", "EM")] = None
    mentor: Annotated[Name | None, About(NOTE_ON, "LTEMFA", "EM", person="E")] = None
    mentor_email: Annotated[Email | None, About(NOTE_ON, "LTEM", "EM")] = None
    signatory: Annotated[Name | None, About(NOTE_ON, "LTEMFA", "EM")] = None
    job: Annotated[Line | None, About(NOTE_ON, "LTEMFA", "EM")] = None
    releases: Annotated[bool | None, About(FUNDING, "LTEMFA", "E")] = None
    hours_agreed: Annotated[WeeklyHours | None, About(FUNDING, "LTEMFA", "EM")] = None
    placement_start: Annotated[dt.date | None, About(NOTE_ON, "LTEMFA", "EM")] = None
    placement_end: Annotated[
        dt.date | None,
        About(NOTE_ON, "LTEMFA", "EM", after=(("placement_start", "the placement would end before it starts"),)),
    ] = None
    placement_times: Annotated[Line | None, About(NOTE_ON, "LTEMFA", "EM")] = None
    health_safety_check: Annotated[dt.date | None, About(NOTE_ON, "LTEMQA", "EM", past=True)] = None
