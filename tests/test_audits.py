"""Audits told by pairs: a plan that has to be found, and its nearest neighbour, which must not be.

The pairs stand in `tests/cases/audits/*.yaml`, for people who know the work and not the code.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from engine.audits import Audited, Case, Out, audit, catalogue
from engine.audits.alike import jaccard, near
from engine.audits.checklist import lines
from engine.audits.sampling import STRATA, Population
from engine.model import Edition, Signature, Step
from engine.places import Value
from engine.plan import place_of
from engine.rules import rules_for
from engine.settings import Audit

FOLDER = Path(__file__).parent / "cases" / "audits"
TODAY = "29/01/2027"
Words = Mapping[str, str]


class Told(BaseModel):
    """What a plan says, in words as they stand on paper; what it does not name holds nothing.

    Attributes:
        came: the day of its first form. `later`: what came after it. `as_kept`: values no form would let in.
        signed: the roles that signed version 1, and when. `outdated`, `waits`: as the ledger has it.
        times: how many such plans there are; `{n}` stands for the number of each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: Words = {}
    came: str = ""
    later: tuple[Mapping[str, object], ...] = ()
    as_kept: Words = {}
    signed: Words = {}
    outdated: Mapping[str, object] = {}
    waits: Mapping[str, object] = {}
    times: int = 1


class Side(Told):
    """One of a pair, over what both have in common."""

    today: str = ""
    others: tuple[Told, ...] = ()


class Pair(Side):
    """A pair: `found` has to be found, `neighbour` must not be; `says` is part of what is said then."""

    case: str
    kind: str
    found: Side
    neighbour: Side
    of_provider: bool = False
    says: str = ""


def pairs() -> Iterator[Pair]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for told in YAML(typ="safe").load(file.read_text("utf-8")):
            yield Pair.model_validate(_tuples(told))


def _tuples(told: object) -> object:
    if isinstance(told, dict):
        return {key: _tuples(value) for key, value in told.items()}
    return tuple(_tuples(value) for value in told) if isinstance(told, list) else told


def day(words: object) -> dt.date:
    return dt.datetime.strptime(str(words), "%d/%m/%Y").date()


def parsed(words: Mapping[str, object], n: int = 0) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for path, said in words.items():
        place = place_of(path)
        assert place, f"the plan has no place {path}"
        found[path] = place.parse(str(said).replace("{n}", f"word{n}"))
    return found


def case_of(plan: str, told: Told, today: dt.date, n: int = 0) -> Case:
    first = {**parsed(told.plan, n), **told.as_kept}
    came = day(told.came) if told.came else dt.date.fromisoformat(str(first.get("programme.start") or "2026-09-07"))
    steps = [Step(1, came, came, "form", "a" * 64, "plan", first)]
    for k, later in enumerate(told.later, 2):
        says = later["says"]
        assert isinstance(says, dict)
        steps.append(Step(k, day(later["day"]), day(later["day"]), "form", f"{k}" * 64, "plan", parsed(says)))
    record = {p: v for s in steps for p, v in s.changed.items() if v is not None}
    edition = _edition(plan, told.signed, steps[-1].number) if told.signed else None
    stale = told.outdated
    return Case(
        plan, tuple(steps), rules_for(record, today), today, Audit(),
        editions=(edition,) if edition else (),
        stale=(day(stale["since"]), tuple(stale["at"])) if stale else None,  # type: ignore[arg-type]
        out=Out(day(told.waits["since"]), tuple(told.waits["missing"])) if told.waits else None,  # type: ignore[arg-type]
    )  # fmt: skip


def _edition(plan: str, signed: Words, number: int) -> Edition:
    made = tuple(
        Signature(role=role, name=role, date=day(on), method="wet", form="F-1", submission="b" * 64, received=day(on),
                  revision=number)
        for role, on in signed.items()
    )  # fmt: skip
    return Edition(
        plan=plan, number=1, revision=number, revision_hash="", completed=number, form="F-1", proforma="funding-plan",
        version=1, effective=made[-1].date, recorded=dt.datetime.combine(made[-1].date, dt.time(), dt.UTC), content="",
        rules="2026-27", signatures=made,
    )  # fmt: skip


def audited(pair: Pair, side: Side) -> Audited:
    today = day(side.today or pair.today or TODAY)
    over = {name: getattr(side, name) or getattr(pair, name) for name in ("came", "signed", "outdated", "waits")}
    whole = Told(plan={**pair.plan, **side.plan}, later=(*pair.later, *side.later), as_kept=side.as_kept, **over)
    numbers = count(1)
    others = [
        case_of(f"P-OTHER{n}", told, today, n)
        for told in (*pair.others, *side.others)
        for n in (next(numbers) for _ in range(told.times))
    ]
    return audit([case_of("P-ONE", whole, today), *others], Audit(), today)


PAIRS = list(pairs())


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p.kind}: {p.case}")
def test_the_one_is_found_and_its_nearest_neighbour_is_not(pair: Pair) -> None:
    about = "" if pair.of_provider else "P-ONE"
    for side, wanted in ((pair.found, True), (pair.neighbour, False)):
        every = [f for r in audited(pair, side).results for f in r.findings if f.kind == pair.kind]
        found = [f for f in every if f.plan == about and pair.says in f.says]
        assert bool(found) is wanted, [f.says for f in found]
        for finding in found:
            assert finding.says.endswith(".")
            assert finding.about.why.endswith(".")
            assert finding.about.remedy.endswith(".")


def test_every_kind_of_finding_has_a_pair() -> None:
    kinds = {kind.kind for described in catalogue().values() for kind in described.kinds}
    assert {pair.kind for pair in PAIRS} == kinds


def test_there_are_the_seventeen_audits_of_the_domain_in_order() -> None:
    assert [described.number for described in catalogue().values()] == list(range(1, 18))


def test_a_finding_names_the_places_revisions_and_files_that_it_rests_on() -> None:
    pair = next(p for p in PAIRS if p.kind == "unmeasurable")
    (finding,) = (f for f in audited(pair, pair.found).result("measurability").findings if f.kind == "unmeasurable")
    assert finding.places == ("targets[T1].text",)
    assert finding.revisions == (1,)
    assert finding.submissions == ("a" * 64,)


def test_an_audit_that_cannot_be_computed_says_why_and_is_not_passed() -> None:
    found = audit([case_of("P-ONE", Told(plan={"learner.given_name": "Beth"}), day(TODAY))], Audit(), day(TODAY))
    for name in ("identical-plans", "measurability", "signed-before-assessed", "equity", "sampling", "distance"):
        result = found.result(name)
        assert not result.computed
        assert not result.passed
        assert result.left
        assert all(result.left.values())


def test_no_finding_tells_what_anybody_wrote() -> None:
    for pair in PAIRS:
        plan = {
            path: f"Zanzibar {said}" if (place := place_of(path)) and place.format == "prose" else said
            for path, said in pair.plan.items()
        }
        changed = pair.model_copy(update={"plan": plan})
        told = [f.says for r in audited(changed, pair.found).results for f in r.findings]
        assert not [says for says in told if "zanzibar" in says.casefold()]


def test_what_has_ended_owes_no_review_but_its_signatures_are_still_looked_at() -> None:
    told = Told(
        plan={"programme.start": "07/09/2025", "programme.status": "Completed"}, signed={"learner": "01/10/2025"}
    )
    found = audit([case_of("P-ONE", told, day(TODAY))], Audit(), day(TODAY))
    assert not found.result("reviews").computed
    assert found.result("signed-before-assessed").computed


# ── Near-duplicates ─────────────────────────────────────────────────────────────────────────────────────────────

sets = st.lists(st.frozensets(st.integers(0, 30), min_size=1, max_size=12), min_size=2, max_size=12, unique=True)


@given(some=sets, least=st.sampled_from([0.5, 0.7, 0.9]))
def test_the_search_finds_every_pair_that_comparing_all_would_find(some: list[frozenset[int]], least: float) -> None:
    found = {frozenset(pair[:2]) for pair in near([sorted(s) for s in some], least)}
    every = {
        frozenset((i, j)) for i in range(len(some)) for j in range(i) if jaccard(some[i], some[j]) >= least - 1e-12
    }
    assert found == every


# ── Samples ─────────────────────────────────────────────────────────────────────────────────────────────────────


def population(plans: int, seed: int) -> Population:
    made = random.Random(seed)
    found = Population(Audit(), day(TODAY))
    for n in range(plans):
        told = {path: f"{name} {made.randrange(4)}" for name, (path, *_) in STRATA.items()}
        found.see(case_of(f"P-{n:04}", Told(plan=told), day(TODAY)))
    return found


@given(plans=st.integers(1, 60), seed=st.integers(0, 50))
def test_a_sample_is_enough_of_every_stratum_and_the_same_for_the_same_seed(plans: int, seed: int) -> None:
    drawn = population(plans, seed).draw(str(seed))
    assert drawn == population(plans, seed).draw(str(seed))
    there = population(plans, seed)
    for stratum, members in there.strata().items():
        many, _ = there.wanted(stratum, members)
        assert sum(member.plan in drawn for member in members) >= many
        assert many >= min(len(members), max(2, -(-len(members) // 10)))


def test_another_seed_draws_another_sample() -> None:
    assert population(200, 1).draw("spring").keys() != population(200, 1).draw("summer").keys()


def test_all_plans_of_a_new_assessor_are_drawn_and_a_failed_sample_widens() -> None:
    found = Population(Audit(), day(TODAY))
    for n in range(20):
        found.see(case_of(f"P-OLD{n}", Told(plan={"staff.assessor": "Mr Pugh"}, came="12/01/2026"), day(TODAY)))
    for n in range(5):
        found.see(case_of(f"P-NEW{n}", Told(plan={"staff.assessor": "Ms Vaughan"}, came="04/01/2027"), day(TODAY)))
    assert sum(plan.startswith("P-NEW") for plan in found.draw("1")) == 5
    assert sum(plan.startswith("P-OLD") for plan in found.draw("1")) == 2
    failed = {"staff.assessor": "Mr Pugh", "samples[1].drawn": "04/12/2026", "samples[1].outcome": "Not met"}
    found.see(case_of("P-OLD99", Told(plan=failed, came="01/02/2026"), day(TODAY)))
    drawn = found.draw("1")
    assert sum(plan.startswith("P-OLD") for plan in drawn) == 6
    assert "widened" in next(why for plan, why in drawn.items() if plan.startswith("P-OLD"))


# ── The checklist ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_checklist_has_nine_questions_and_thirty_nine_lines() -> None:
    groups = [line.group for line in lines()]
    assert {group: groups.count(group) for group in groups} == {
        "Health check": 9, "Needs": 5, "Making the plan": 9, "Reviewing": 5, "Staff": 3, "Partnership": 7, "Quality": 2,
        "Templates": 2, "Learner involvement": 6,
    }  # fmt: skip


def test_the_records_answer_what_they_can_and_leave_the_rest_to_people() -> None:
    found = audit([case_of("P-ONE", Told(plan={"aspiration.destination": "A shop"}), day(TODAY))], Audit(), day(TODAY))
    answers = {a.line.line: a.answer for a in found.of("P-ONE")}
    assert answers["C3"] == "Yes"
    assert answers["N2"] == "No"
    assert answers["S2"] == ""
    assert answers["R1"] == ""
