"""Rules of the rules: every one is cited, none claims more than it knows, and the plan's words have their codes."""

import datetime as dt

import pytest
from pydantic import ValidationError

from engine.places import Change, Record
from engine.plan import PLACES, place_of
from engine.rules import Rules, all_rules, rules_for
from engine.settings import Policy

TODAY = dt.date(2026, 10, 1)
YOUNG: Record = {
    "programme.type": "16 to 19", "programme.start": "2026-09-07", "learner.date_of_birth": "2008-09-08",
}  # fmt: skip
years = pytest.mark.parametrize("rules", all_rules(), ids=lambda r: r.rules)


def test_five_years_are_known_each_from_the_day_after_the_last() -> None:
    assert [r.rules for r in all_rules()] == ["2022-23", "2023-24", "2024-25", "2025-26", "2026-27"]
    assert [r.since for r in all_rules()] == [dt.date(year, 8, 1) for year in range(2022, 2027)]


class TestWhichYear:
    def test_a_learner_stays_under_the_rules_of_the_start_date(self) -> None:
        assert rules_for({"programme.start": "2025-07-31"}, TODAY).rules == "2024-25"
        assert rules_for({"programme.start": "2025-08-01"}, TODAY).rules == "2025-26"
        assert rules_for({}, TODAY).rules == "2026-27"

    def test_a_plan_may_name_the_year_whose_rules_it_is_under(self) -> None:
        record = {"programme.start": "2026-09-01", "programme.rules": "2024-25"}
        assert rules_for(record, TODAY).rules == "2024-25"
        assert rules_for({**record, "programme.rules": "2019-20"}, TODAY).rules == "2026-27"


class TestCitations:
    @years
    def test_every_rule_names_its_document_and_says_what_is_not_known_of_it(self, rules: Rules) -> None:
        for rule in filter(None, rules.cited()):
            clause, cited = rules.clauses[rule.split()[0]], rules.cite(rule)
            assert (clause.document or rules.document) in cited
            assert ("not yet checked" in cited) is not clause.checked
            assert ("paragraph" in cited.partition("(")[2]) is (not clause.paragraph)
            assert "version" in cited

    def test_a_rule_is_cited_with_its_paragraph_and_what_of_it_is_meant(self) -> None:
        rules = rules_for({"programme.start": "2026-09-01"}, TODAY)
        assert rules.cite("resign (b)") == (
            "paragraph 103.4.1 (b), Apprenticeship and adult funding rules 2026 to 2027 "
            "(version not recorded; not yet checked against the published text)"
        )
        assert rules.cite("") == ""

    def test_where_the_version_matters_it_is_said(self) -> None:
        rules = rules_for({"programme.start": "2025-09-01"}, TODAY)
        assert "paragraphs 97 and 98" in rules.cite("reviews")
        assert "version 3" in rules.cite("reviews")

    @years
    def test_a_rule_without_a_clause_is_a_mistake_in_the_file(self, rules: Rules) -> None:
        tree = rules.model_dump(by_alias=True)
        with pytest.raises(ValidationError, match="no clause"):
            Rules.model_validate({**tree, "signed_rule": "hearsay"})

    @years
    def test_nothing_claims_to_be_official(self, rules: Rules) -> None:
        said = " ".join([*(row.because for row in rules.stale), *map(rules.cite, filter(None, rules.cited()))])
        assert not {"validated", "official", "approved"} & set(said.casefold().split())


class TestWhatTheyNameIsInThePlan:
    @years
    def test_every_place_that_a_rule_names_is_a_place(self, rules: Rules) -> None:
        named = [p for line in rules.required for p in line.places]
        named += [*rules.summary, *rules.hours, *(p for line in rules.named for p in (line.place, line.of))]
        assert [p for p in named if place_of(p) is None] == []
        assert [p for p in rules.dated if p not in PLACES] == []
        assert [s for s in rules.assessed if s not in PLACES["assessments[KEY].state"].keys] == []

    @years
    def test_every_row_of_the_matrix_is_for_some_place(self, rules: Rules) -> None:
        for row in (*rules.stale, *rules.locks):
            assert any(path.startswith(row.begins) for path in PLACES), row.begins
        for row in rules.stale:
            place = place_of(f"{row.begins}KEY].{row.ends}" if row.ends else row.begins)
            assert not row.says or (place and set(row.says) <= set(place.choices)), row.begins

    @years
    def test_every_kind_of_programme_has_its_signers(self, rules: Rules) -> None:
        signs = {
            kind: rules.who_signs({"programme.type": kind}, TODAY).who for kind in PLACES["programme.type"].choices
        }
        assert signs == {
            "Apprenticeship": ("learner", "employer", "provider"), "Adult skills": ("learner", "provider"),
            "16 to 19": ("learner", "provider"), "Off-site school": ("learner", "provider", "partner"),
        }  # fmt: skip

    @years
    def test_every_word_of_a_place_has_one_code_of_the_learner_record(self, rules: Rules) -> None:
        assert rules.codes
        for place, codes in rules.codes.items():
            assert sorted(code.says for code in codes.of) == sorted(PLACES[place].keys or PLACES[place].choices)
            assert len({code.code for code in codes.of}) == len(codes.of)

    def test_a_code_that_has_ended_is_not_used_after_its_last_day(self) -> None:
        rules = all_rules()[-1]
        record: Record = {"lldd[Asperger syndrome].applies": True, "lldd[Autism spectrum disorder].applies": True}
        assert list(rules.out_of_use(record, dt.date(2025, 7, 31))) == []
        assert list(rules.out_of_use(record, dt.date(2025, 8, 1))) == ["lldd[Asperger syndrome].applies"]


class TestPolicyAndLocks:
    def test_a_parent_signs_too_where_the_provider_says_so_and_the_learner_is_young(self) -> None:
        policy = Policy(parents_sign_under=18)
        assert rules_for(YOUNG, TODAY).who_signs(YOUNG, dt.date(2026, 9, 7)).who == ("learner", "provider")
        asked = rules_for(YOUNG, TODAY, policy)
        assert asked.who_signs(YOUNG, dt.date(2026, 9, 7)).who == ("learner", "provider", "parent")
        assert asked.who_signs(YOUNG, dt.date(2026, 9, 8)).who == ("learner", "provider")

    def test_a_learner_number_stands_from_its_first_day_and_a_temporary_one_does_not(self) -> None:
        rules = rules_for(YOUNG, TODAY)
        lock = rules.lock_on("learner.uln", {**YOUNG, "learner.uln": "9276308686"}, TODAY)
        assert lock is not None
        assert lock.route == "correction"
        assert rules.lock_on("learner.uln", {**YOUNG, "learner.uln": "TEMP"}, TODAY) is None
        assert rules.lock_on("learner.reference", YOUNG, TODAY) is None

    @years
    def test_no_row_of_the_matrix_brings_what_is_for_the_working_document_alone_to_the_next_version(
        self, rules: Rules
    ) -> None:
        for path in (p for p, place in PLACES.items() if p.startswith("learner.") and place.change is Change.WORKING):
            for what in ("added", "changed", "removed"):
                assert rules.row_for(path, what, YOUNG, material=False).effect == "", path

    def test_planned_hours_and_aims_stand_once_the_qualifying_period_is_over(self) -> None:
        rules = rules_for(YOUNG, TODAY)
        last, after = dt.date(2026, 10, 19), dt.date(2026, 10, 20)
        for path, route in (("programme.planned_hours", "correction"), ("aims[A1].title", "change")):
            lock = rules.lock_on(path, YOUNG, after)
            assert lock is not None
            assert lock.route == route
            assert rules.lock_on(path, YOUNG, last) is None
            assert rules.lock_on(path, {**YOUNG, "programme.type": "Apprenticeship"}, after) is None
        assert rules.lock_on("targets[T1].text", YOUNG, after) is None
