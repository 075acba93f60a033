"""What quality staff find when they look at a plan: samples drawn, the lines of the checklist, and what follows."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from engine.places import About
from engine.plan.entity import Entity
from engine.plan.written import WORKING, Line, Name, Prose


class Sample(Entity):
    """That the plan was drawn in a sample, its key the number; and what the person who looked at it found."""

    sample: Annotated[Line | None, About(WORKING, "MQA", "M")] = None
    drawn: Annotated[dt.date | None, About(WORKING, "MQA", "M")] = None
    why: Annotated[Line | None, About(WORKING, "MQA", "M")] = None
    sampler: Annotated[Name | None, About(WORKING, "MQA", "Q")] = None
    looked: Annotated[dt.date | None, About(WORKING, "MQA", "Q", past=True)] = None
    outcome: Annotated[Literal["Met", "Partly met", "Not met"] | None, About(WORKING, "MQA", "Q")] = None
    good_practice: Annotated[Prose | None, About(WORKING, "MQA", "Q")] = None
    remarks: Annotated[Prose | None, About(WORKING, "MQA", "Q", 2)] = None


class Check(Entity):
    """A line of the health check or the checklist, as the records answer it where they can, and as people do."""

    line: Annotated[Line | None, About(WORKING, "MQA", "M")] = None
    answer: Annotated[Literal["Yes", "Partly", "No"] | None, About(WORKING, "MQA", "MQ")] = None
    evidence: Annotated[Prose | None, About(WORKING, "MQA", "MQ")] = None
    priority: Annotated[Literal["High", "Medium", "Low"] | None, About(WORKING, "MQA", "Q")] = None


class Improvement(Entity):
    """Something that follows from a sample, until the day it is done."""

    what: Annotated[Prose | None, About(WORKING, "TMQA", "Q")] = None
    who: Annotated[Line | None, About(WORKING, "TMQA", "Q")] = None
    due: Annotated[dt.date | None, About(WORKING, "TMQA", "Q")] = None
    closed: Annotated[dt.date | None, About(WORKING, "TMQA", "TQ", past=True)] = None
