"""The settings of a workspace: `counterpart.toml`, every one of them with a sensible default."""

from __future__ import annotations

import datetime as dt
import os
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from engine.errors import Mistake
from engine.names import named

Size = Literal["short", "standard", "full"]
"""How much a form asks: each size asks what the smaller ones do, and more."""

SIZES: tuple[Size, ...] = ("short", "standard", "full")
"""The sizes of a form, the smallest first."""


class Group(BaseModel):
    """A group of settings; a word it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Provider(Group):
    """Who the provider is, as printed on every document.

    Attributes:
        tell_learners: what every guide for learners ends with: whom to call, equality, health and safety.
    """

    name: str = "Our training provider"
    tell_learners: tuple[str, ...] = ()


class Store(Group):
    """Where the ledger and the archive are kept.

    Attributes:
        folder: relative to the workspace, or absolute; must be on this machine's own disk.
    """

    folder: str = ".counterpart"


class Limits(Group):
    """What a file may cost before it is refused; each refusal names the limit it hit by the name given here.

    Attributes:
        seconds: wall time for reading one file.
        cpu_seconds: processor time for reading one file.
        memory: megabytes of address space for the worker that reads it.
        size: megabytes of the file.
        unpacked: megabytes that a packed file may unpack to.
        ratio: how many times its packed size a part may unpack to, for parts above one megabyte.
        entries: parts inside a zip container.
        pages: of a PDF.
        fields: of a form.
        depth: of a PDF's tree of fields.
        attachments: files that came with one e-mail.
        messages: how many e-mails may lie inside one another.
        rows: of a spreadsheet that is a list of learners.
    """

    seconds: float = Field(default=30, gt=0)
    cpu_seconds: int = Field(default=10, gt=0)
    memory: int = Field(default=512, ge=256)
    size: int = Field(default=50, gt=0)
    unpacked: int = Field(default=200, gt=0)
    ratio: int = Field(default=200, gt=0)
    entries: int = Field(default=5_000, gt=0)
    pages: int = Field(default=500, gt=0)
    fields: int = Field(default=5_000, gt=0)
    depth: int = Field(default=60, gt=0)
    attachments: int = Field(default=100, gt=0)
    messages: int = Field(default=5, gt=0)
    rows: int = Field(default=10_000, gt=0)


class Watch(Group):
    """How the inbox is watched.

    Attributes:
        rest: seconds a file must have been still before it is taken.
        look: seconds between two looks, whatever events say.
        patience: seconds that a file whose end has not arrived is waited for before the reader says what is wrong.
        folders: seconds of rest for folders of the inbox that want longer, by their paths in it: a scanner that writes
            the whole file again for every page needs as long as turning a page takes.
    """

    rest: float = Field(default=0.5, gt=0)
    look: float = Field(default=1.0, gt=0)
    patience: float = Field(default=60, ge=0)
    folders: dict[str, float] = Field(default_factory=dict)


class Work(Group):
    """How the work is shared out.

    Attributes:
        workers: how many processes read and typeset side by side; 0 = one for each core.
        free: megabytes that must be free on the disk of the ledger; with less, nothing more is taken in.
    """

    workers: int = Field(default=0, ge=0, le=64)
    free: int = Field(default=100, ge=0)


class Sealing(Group):
    """The certificate that seals funding-body versions.

    Attributes:
        pkcs12: path of a PKCS#12 file; "" = the workspace makes its own.
        password_variable: name of the environment variable that holds its password.
        timestamp_url: address of a time-stamp authority (RFC 3161) that stamps every seal; "" = none. A seal waits
            until it answers.
    """

    pkcs12: str = ""
    password_variable: str = "COUNTERPART_SEAL_PASSWORD"  # noqa: S105 - the name of a variable, not a password
    timestamp_url: str = Field(default="", pattern=r"^(https?://\S+)?$")


class Policy(Group):
    """What the funding rules leave to the provider.

    Attributes:
        parents_sign_under: the age below which a parent or carer signs too; 0 = never.
        half_terms: the last day of each half term, for plans that are reviewed every half term.
        learning_logs: whether every learner keeps a log, so that each block of it falls due; one who has begun a log
            goes on with it in any case.
        months_count: whether training that is moved to another month is signed for, and not only noted.
    """

    parents_sign_under: int = Field(default=0, ge=0, le=25)
    half_terms: tuple[dt.date, ...] = ()
    learning_logs: bool = False
    months_count: bool = False


class Audit(Group):
    """From where on the quality report speaks of something, and how plans are sampled.

    Attributes:
        alike: the share of shingles from which on two plans, or two people's words, are near enough the same; 0 to 1.
        common: the share of a cohort from which on words are taken for its template.
        cohort: the fewest plans of a cohort for its common words to be looked for.
        cluster: the fewest plans that make a cluster of clones.
        least_words: the fewest words that a plan, or a piece of somebody's own, is judged by.
        measurable: how much of the five marks a measurable target has, at the least; 0 to 1.
        open_targets: how many open targets are a load, when there are more.
        same_week: how many of them due in one week are, when there are more.
        carried: how often a target is carried forward before it is asked about.
        attended: the share of reviews that an employer takes part in, when there are no more of them.
        isolated_days: the days within which support is spoken of in a review.
        interval: how many review intervals a working document may rest.
        stale_days: for how many days a signed version may be outdated, and a copy wait for its signatures.
        short_weeks: the weeks from now that the near future has, in which targets are broken down.
        level_gap: how many levels a group's planned gain may differ from that of everybody.
        smallest: the fewest people of a group that is shown at all.
        sample_share: the share of each assessor's plans that is sampled in a year.
        sample_least: the fewest plans of each assessor that are.
        new_months: for how many months an assessor is new, so that every plan is sampled.
        kept_years: for how many years a closed plan is kept.
    """

    alike: float = Field(default=0.9, gt=0.5, le=1)
    common: float = Field(default=0.5, gt=0, le=1)
    cohort: int = Field(default=6, ge=2)
    cluster: int = Field(default=3, ge=2)
    least_words: int = Field(default=12, ge=5)
    measurable: float = Field(default=0.6, ge=0, le=1)
    open_targets: int = Field(default=5, ge=1)
    same_week: int = Field(default=3, ge=1)
    carried: int = Field(default=3, ge=1)
    attended: float = Field(default=0.5, ge=0, le=1)
    isolated_days: int = Field(default=90, ge=1)
    interval: float = Field(default=1.5, gt=0)
    stale_days: int = Field(default=28, ge=0)
    short_weeks: int = Field(default=12, ge=1)
    level_gap: float = Field(default=1, gt=0)
    smallest: int = Field(default=10, ge=10)
    sample_share: float = Field(default=0.1, ge=0, le=1)
    sample_least: int = Field(default=2, ge=1)
    new_months: int = Field(default=6, ge=0)
    kept_years: int = Field(default=6, ge=1)


class Names(Group):
    """What folders and documents in the outbox are called: Jinja2 patterns.

    Attributes:
        folder: of one learner; offered are `family_name`, `given_name` and `plan`, whose number must be in it.
        document: offered are `title` and `mark` of the form, and `learner`, the name the learner goes by.
        sealed: of a sealed version; offered are `number` and `learner`.
    """

    folder: str = "{{ [family_name, given_name] | select | join(', ') or 'Learner' }} ({{ plan }})"
    document: str = "{{ title }}{% if mark %} - {{ mark | lower }}{% endif %} - {{ learner }}"
    sealed: str = "Funding-body version {{ number }} - sealed - {{ learner }}"

    @field_validator("folder")
    @classmethod
    def _tells_plans_apart(cls, pattern: str) -> str:
        made = {_tried(pattern, family_name="Kaur", given_name="Amrit", plan=plan) for plan in ("P-A", "P-B")}
        if len(made) < 2:
            raise ValueError("it must hold {{ plan }}, so that two learners of one name have a folder each")
        return pattern

    @field_validator("document")
    @classmethod
    def _tells_forms_apart(cls, pattern: str) -> str:
        if len({_tried(pattern, title=title, mark="", learner="Amrit") for title in ("Plan", "Review")}) < 2:
            raise ValueError("it must hold {{ title }}, so that two forms have a name each")
        return pattern

    @field_validator("sealed")
    @classmethod
    def _tells_versions_apart(cls, pattern: str) -> str:
        if len({_tried(pattern, number=number, learner="Amrit") for number in ("1", "2")}) < 2:
            raise ValueError("it must hold {{ number }}, so that two versions have a name each")
        return pattern


def _tried(pattern: str, **words: str) -> str:
    try:
        return named(pattern, **words)
    except Mistake as error:
        raise ValueError(str(error)) from error


class Forms(Group):
    """How forms are put.

    Attributes:
        size: how much the forms ask that are kept for every plan; one that is issued by hand may be of another size.
        words: the sets of words that hold here, as `proformas/vocabulary.yaml` has them; of two, the later holds.
        language: the language that stands beside the labels, where proformas have it; "" = none.
    """

    size: Size = "standard"
    words: tuple[str, ...] = ()
    language: str = ""


class Person(Group):
    """A person who works with the plans.

    Attributes:
        roles: in which roles: tutor, support, employer, provider (administrators), quality, ...
        known_as: the names by which the file system and e-mails know the person: account, inbox sub-folder, address.
    """

    roles: tuple[str, ...] = ()
    known_as: tuple[str, ...] = ()


Roles = Annotated[frozenset[str], PlainSerializer(sorted)]
"""Roles in no order; written in one, so that the same settings have the same digest in any process."""

STAFF = frozenset({"tutor", "support", "provider", "quality"})


class May(Group):
    """Which roles may have something done by a request; what nobody here may, an administrator is asked about.

    Attributes:
        leave: may say yes to what others ask for, and to a list of learners.
    """

    issue: Roles = STAFF
    caseload: Roles = STAFF
    sign: Roles = frozenset({"tutor", "provider"})
    waive: Roles = frozenset({"provider", "quality"})
    undo: Roles = frozenset({"provider"})
    join: Roles = frozenset({"provider"})
    close: Roles = frozenset({"tutor", "provider"})
    settle: Roles = frozenset({"tutor", "provider"})
    audit: Roles = frozenset({"provider", "quality"})
    who_sees: Roles = STAFF
    leave: Roles = frozenset({"provider"})


class Ready(Group):
    """Which forms lie pre-filled in each person's folders whether they are due or not: proformas by name.

    They are written anew only when something on them has changed, and go when the plan is finished.
    """

    staff: tuple[str, ...] = ()
    learner: tuple[str, ...] = ()
    employer: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    partner: tuple[str, ...] = ()


class Settings(Group):
    """All settings of a workspace."""

    provider: Provider = Provider()
    store: Store = Store()
    limits: Limits = Limits()
    watch: Watch = Watch()
    work: Work = Work()
    sealing: Sealing = Sealing()
    policy: Policy = Policy()
    audit: Audit = Audit()
    names: Names = Names()
    forms: Forms = Forms()
    people: dict[str, Person] = Field(default_factory=dict)
    may: May = May()
    ready: Ready = Ready()

    def person(self, sender: str) -> tuple[str, frozenset[str]]:
        """Who somebody is, by a name that the file system or an e-mail gives: name and roles; "" and none: nobody."""
        wanted = sender.casefold().strip()
        for name, person in self.people.items():
            if wanted and wanted in {known.casefold() for known in (name, *person.known_as)}:
                return name, frozenset(person.roles)
        return "", frozenset()


def today() -> dt.date:
    """The day that clocks and validation take for today; `COUNTERPART_TODAY` sets it, for tests and the demo."""
    told = os.environ.get("COUNTERPART_TODAY")
    if not told:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(told)
    except ValueError:
        raise Mistake(f"COUNTERPART_TODAY is “{told}”.", "Write it as 2027-01-31.") from None


def now() -> dt.datetime:
    """The moment that is recorded; always the clock's own."""
    return dt.datetime.now(dt.UTC)
