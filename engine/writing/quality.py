"""The quality report as pages that open by a double click: pure functions of what the audits came to."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.audits import Audited, Finding, Result, catalogue
from engine.audits.catalogue import Described
from engine.audits.glance import WAYS, glances, provider, stopped_at
from engine.writing import notices

INDEX, PLANS, WORKBOOK = "index.html", "plans.html", "Quality report.xlsx"


Called = Callable[[str], str]
"""What people call a place of the plan."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One audit as pages show it.

    Attributes:
        looked, found: how many plans were looked at, and in how many something was found.
        about_provider: how many findings are about the provider.
        why: why it could not be computed; "" = it was. `left`: why it could not be for some plans, and how many.
    """

    name: str
    number: int
    title: str
    asks: str
    source: str
    computed: bool
    looked: int
    found: int
    about_provider: int
    why: str
    left: tuple[tuple[str, int], ...]
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table of plans or findings; `marks` are what else it may be filtered by, each a few words."""

    plan: str
    learner: str
    says: str
    groups: tuple[tuple[str, str], ...]
    kind: str = ""
    rests: str = ""
    marks: tuple[tuple[str, str], ...] = ()


def pages(found: Audited, name: str, smallest: int, called: Called) -> Iterator[tuple[str, str]]:
    """Every page of the report: its path in the report's folder, and what it holds.

    Args:
        name: the provider's name.
        smallest: the fewest plans of a group that is shown.
        called: what people call a place.
    """
    yield INDEX, index(found, name, smallest)
    yield PLANS, plans(found, name)
    for result in found.results:
        yield f"audits/{result.audit}.html", audit_page(found, result, name, called)


def index(found: Audited, name: str, smallest: int) -> str:
    """The first page: every audit, every way of grouping, what was sampled, the checklist."""
    audits = [shown(result) for result in found.results]
    return notices.written(
        "quality.html.j2",
        provider=name,
        day=f"{found.today:%d/%m/%Y}",
        all=provider(found),
        audits=audits,
        computed=sum(audit.computed for audit in audits),
        glances=glances(found, smallest),
        smallest=smallest,
        cover=[c for c in found.cover if c.plans >= smallest],
        lines=found.lines,
    )


def plans(found: Audited, name: str) -> str:
    """The page of all plans, each with the audits that found something in it."""
    stopped = stopped_at(found)
    titles = {audit: described.title for audit, described in catalogue().items()}
    sampled = {member.plan for member in found.population.members if found.population.drawn(member)}
    rows = []
    for p in found.placed.values():
        against = found.against.get(p.plan, {})
        marks = {
            "asked": "yes" if p.plan in stopped else "no",
            "sampled": "yes" if p.plan in sampled else "no",
            "looked": " ".join(str(catalogue()[r.audit].number) for r in found.results if p.plan in r.looked),
            "no": " ".join(against.get("No", ())),
            "partly": " ".join(against.get("Partly", ())),
        }
        said = ", ".join(titles[a] for a in titles if a in stopped.get(p.plan, ()))
        rows.append(Row(p.plan, p.learner, said, p.groups, marks=tuple(marks.items())))
    return notices.written("quality_plans.html.j2", provider=name, rows=rows, ways=WAYS, **_script())


def audit_page(found: Audited, result: Result, name: str, called: Called) -> str:
    """The page of one audit: why each kind of finding matters, what puts it right, and the plans."""
    described = catalogue()[result.audit]
    counts = Counter(finding.kind for finding in result.findings)
    return notices.written(
        "quality_audit.html.j2",
        provider=name,
        audit=shown(result),
        kinds=[(kind, counts[kind.kind]) for kind in described.kinds if counts[kind.kind]],
        rows=[_row(found, finding, called) for finding in result.findings],
        ways=WAYS,
        **_script(),
    )


def shown(result: Result) -> Shown:
    """One audit as pages show it."""
    described: Described = catalogue()[result.audit]
    stopped = {finding.plan for finding in result.findings if finding.plan}
    left = sorted(result.left.items(), key=lambda pair: -pair[1])
    why = "; ".join(f"{reason} ({number} plans)" for reason, number in left) or "there are no plans"
    return Shown(
        result.audit, described.number, described.title, described.asks, described.source, result.computed,
        len(result.looked), len(stopped), sum(not finding.plan for finding in result.findings),
        "" if result.computed else f"{why}.", tuple(left), tuple((k, f"{v:,g}") for k, v in result.figures.items()),
    )  # fmt: skip


def _row(found: Audited, finding: Finding, called: Called) -> Row:
    placed = found.placed.get(finding.plan)
    return Row(
        finding.plan, placed.learner if placed else "", finding.says, placed.groups if placed else (),
        finding.about.title, rests_on(finding, called),
    )  # fmt: skip


def rests_on(finding: Finding, called: Called) -> str:
    """What a finding rests on, in a line: revisions, files by the beginning of their hash, places, further plans."""
    told: Sequence[tuple[str, Sequence[object]]] = (
        ("Revisions", finding.revisions),
        ("files", [sha256[:12] for sha256 in finding.submissions[:5]]),
        ("answers", [called(place) for place in finding.places[:12]]),
        ("with", finding.others),
    )
    more = f", and {len(finding.places) - 12} more" if len(finding.places) > 12 else ""
    return "; ".join(f"{what} {', '.join(map(str, of))}" for what, of in told if of) + more


def _script() -> Mapping[str, str]:
    script = notices.written("quality_script.html.j2")
    return {"script": script, "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}
