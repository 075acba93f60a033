"""Rules of merging: a form speaks for what it carries, against what it showed; nothing said is lost."""

import datetime as dt
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import (
    MERGED_PATHS,
    PRINTED,
    RECEIVED,
    answers,
    changed,
    law,
    printable,
    records,
    revision,
    said,
    some,
    sound,
    value_of,
    words,
)

from engine.merge import Past, Returned, Verdict, apply, decide, left_by, past, queries, rows_of, said_by, unsaid_by
from engine.model import Answer, Decision, Outcome, State
from engine.places import Change, Place, Record, Value
from engine.plan import contradictions, keys_of, place_of, split, typed
from engine.settling import settled
from engine.signoff import signatures

FORM = "F-AAAA1111"
PLAN_PATHS = printable("plan")


def returned(boxes: Iterable[Answer], base: Record, **more: object) -> Returned:
    """A form printed with `base` that came back."""
    known: dict[str, object] = {"printed": PRINTED, "received": RECEIVED, "printed_record": base}
    return Returned(answers=tuple(boxes), base=base, form=FORM, **(known | more))


def again(boxes: Iterable[Answer], printed: Record, before: Iterable[Verdict], **more: object) -> Returned:
    """The same form, come back once more after the verdicts on its earlier returns."""
    made = [revision(n, verdict.decisions) for n, verdict in enumerate(before, 2)]
    known: dict[str, object] = {
        "said": said_by(printed, made),
        "unsaid": unsaid_by(made),
        "rows": rows_of(made),
        "past": past(made),
    }
    return returned(boxes, left_by(printed, made), **({"printed_record": printed} | known | more))


def all_boxes(record: Record, paths: Iterable[str]) -> list[Answer]:
    """Every box of a form as it was printed, spare rows and signatures blank."""
    boxes = [said(path, record.get(path)) for path in paths]
    return [*boxes, said("targets[new 1].text", None), said("signatures[learner].name", None)]


def place(path: str) -> Place:
    found = place_of(path)
    assert found is not None
    return found


def on_the_form(printed: Record) -> tuple[str, ...]:
    """The boxes of a working document that shows the record: its own rows, and no others."""
    rows = {path.partition("]")[0] for path in printed}
    return tuple(path for path in PLAN_PATHS if "[" not in path or path.partition("]")[0] in rows)


def outcomes(verdict: Verdict) -> dict[str, tuple[Outcome, str]]:
    return {d.place: (d.outcome, d.rule) for d in verdict.decisions}


def one(box: Answer, base: Record, ours: Record, **more: object) -> Decision | None:
    """The decision on a form with one box."""
    decisions = decide(returned([box], base, **more), ours).decisions
    assert len(decisions) <= 1
    return decisions[0] if decisions else None


def stays(path: str) -> bool:
    """Whether removing is more than an act here: a step back, or words that somebody wrote."""
    return place(path).about.forward or place(path).about.append


class TestAFormSpeaksForWhatItCarriesAgainstWhatItShowed:
    @law
    @given(records(PLAN_PATHS), st.data())
    def test_an_unchanged_form_changes_nothing(self, printed: Record, data: st.DataObject) -> None:
        ours = changed(data.draw, printed, PLAN_PATHS)
        verdict = decide(returned(all_boxes(printed, PLAN_PATHS), printed), ours)
        assert verdict.decisions == ()
        assert verdict.same == len(printed)

    @law
    @given(records(MERGED_PATHS), st.data())
    def test_a_form_decides_only_about_the_places_it_carries(self, printed: Record, data: st.DataObject) -> None:
        ours = changed(data.draw, printed, MERGED_PATHS)
        boxes = answers(data.draw, MERGED_PATHS, printed)
        verdict = decide(returned(boxes, printed), ours)
        carried = {box.place for box in boxes}
        assert {d.box or d.place for d in verdict.decisions if d.rule != "M12"} <= carried
        after = apply(ours, verdict.decisions)
        touched = {d.place for d in verdict.decisions}
        assert {p: v for p, v in after.items() if p not in touched} == {
            p: v for p, v in ours.items() if p not in touched
        }

    @law
    @given(records(MERGED_PATHS), st.data())
    def test_a_late_form_does_not_undo_what_came_since(self, printed: Record, data: st.DataObject) -> None:
        ours = changed(data.draw, printed, MERGED_PATHS, 8)
        edited = changed(data.draw, printed, MERGED_PATHS, 2)
        paths = sorted({*printed, *edited})
        verdict = decide(returned([said(p, edited.get(p)) for p in paths], printed), ours)
        after = apply(ours, verdict.decisions)
        for path in paths:
            if ours.get(path) != printed.get(path):
                added_to = place(path).about.append and str(ours.get(path, "")) in str(after.get(path))
                assert after.get(path) == ours.get(path) or added_to

    @law
    @given(records(PLAN_PATHS), st.data())
    def test_two_forms_from_one_print_that_touch_different_places_may_come_in_either_order(
        self, printed: Record, data: st.DataObject
    ) -> None:
        on_it = on_the_form(printed)
        mine = data.draw(some(on_it, 0, 4))
        yours = [p for p in data.draw(some(on_it, 0, 4)) if p not in mine]
        forms = [returned(answers(data.draw, tuple(p), printed, most=3) if p else (), printed) for p in (mine, yours)]
        results = []
        for first, second in (forms, forms[::-1]):
            between = apply(printed, decide(first, printed).decisions)
            verdict = decide(second, between)
            results.append(apply(between, verdict.decisions))
        # What would contradict the plan is asked about, and that may hang on which of the two came first.
        mine_alone, yours_alone = ({d.place: d.theirs for d in decide(form, {}).decisions} for form in forms)
        for more in ({}, mine_alone, yours_alone, {**mine_alone, **yours_alone}):
            assume(sound({**printed, **{p: v for p, v in more.items() if v is not None}}))
        assert results[0] == results[1]

    def test_two_forms_printed_from_one_revision_return_one_after_the_other(self) -> None:
        printed = {"targets[T1].text": "Read", "targets[T1].status": "Under way", "programme.title": "Baker"}
        first = returned([said("targets[T1].text", "Read daily"), said("targets[T1].status", "Under way")], printed)
        second = returned([said("targets[T1].text", "Read"), said("targets[T1].status", "Achieved")], printed)
        between = apply(printed, decide(first, printed).decisions)
        after = apply(between, decide(second, between).decisions)
        assert after == {**printed, "targets[T1].text": "Read daily", "targets[T1].status": "Achieved"}

    def test_two_forms_that_disagree_put_one_question(self) -> None:
        printed: Record = {"programme.title": "Baker"}
        between = apply(printed, decide(returned([said("programme.title", "Cook")], printed), printed).decisions)
        found = one(said("programme.title", "Chef"), printed, between)
        assert found is not None
        assert (found.outcome, found.rule, found.base, found.theirs, found.ours) == (
            Outcome.QUERY, "M2", "Baker", "Chef", "Cook",
        )  # fmt: skip

    @law
    @given(records(MERGED_PATHS), st.data())
    def test_the_same_change_twice_is_agreement(self, printed: Record, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(MERGED_PATHS))
        value = data.draw(value_of(path))
        assume(value != printed.get(path))
        found = one(said(path, value), printed, {**printed, path: value})
        assert found is not None
        assert found.outcome is Outcome.AGREED


class TestBlankIsNotClear:
    @law
    @given(records(MERGED_PATHS), st.data())
    def test_a_blank_never_removes_a_value(self, printed: Record, data: st.DataObject) -> None:
        ours = changed(data.draw, printed, MERGED_PATHS)
        boxes = [said(path, None) for path in sorted({*printed, *ours})]
        for prefilled in (True, False):
            verdict = decide(returned(boxes, printed, prefilled=prefilled), ours)
            assert apply(ours, verdict.decisions) == ours
            asked = {p for p in printed if p in ours} if prefilled else set()
            assert {d.place for d in verdict.decisions} == asked
            assert all(d.outcome is Outcome.QUERY and d.rule == "M3" for d in verdict.decisions)

    @law
    @given(records(MERGED_PATHS), st.data())
    def test_clear_removes_only_what_its_sender_saw(self, printed: Record, data: st.DataObject) -> None:
        ours = changed(data.draw, printed, MERGED_PATHS, 8)
        path = data.draw(st.sampled_from(sorted({*printed, *ours} or MERGED_PATHS)))
        found = one(Answer(path, State.CLEAR, words="CLEAR"), printed, ours)
        if path not in ours:
            assert (found is not None) is (path in printed)
            assert found is None or found.outcome is Outcome.AGREED
        elif ours[path] == printed.get(path) and place(path).change is not Change.LOCKED and not stays(path):
            assert found is not None
            without = {p: value for p, value in ours.items() if p != path}
            # What another answer rests on is not taken from under it.
            rests = any(path in held for held in contradictions(without) if held not in contradictions(ours))
            assert found.outcome is (Outcome.QUERY if rests else Outcome.CLEARED)
            assert apply(ours, [found]) == (ours if rests else without)
        else:
            assert found is not None
            assert found.outcome is Outcome.QUERY
            assert apply(ours, [found]) == ours

    def test_not_applicable_is_an_answer_where_there_is_something_to_ask_about(self) -> None:
        box = Answer("targets[T1].due", State.NOT_APPLICABLE, words="n/a")
        assert one(box, {}, {}) is None
        found = one(box, {"targets[T1].due": "2027-01-01"}, {"targets[T1].due": "2027-01-01"})
        assert found is not None
        assert (found.outcome, found.rule) == (Outcome.QUERY, "M5")

    def test_a_mark_that_nobody_can_read_is_asked_about_unless_it_was_printed_so(self) -> None:
        box = Answer("programme.start", State.UNREADABLE, words="31/02/2027", why="no calendar has it")
        found = one(box, {}, {})
        assert found is not None
        assert (found.outcome, found.rule, found.reason) == (Outcome.QUERY, "M21", "no calendar has it")
        odd: Record = {"programme.start": "2027-02-01"}
        assert one(Answer("programme.start", State.UNREADABLE, words="01/02/2027", why="?"), odd, odd) is None


class TestMergingNeverFails:
    def test_a_row_whose_name_no_row_may_have_gets_a_key_of_the_plans(self) -> None:
        verdict = decide(returned([said("local[ö/..].value", "Yes")], {}), {})
        assert apply({}, verdict.decisions) == {"local[X1].value": "Yes"}

    @law
    @given(records(), records(), st.data())
    def test_any_answers_to_any_record_are_decided(self, base: Record, ours: Record, data: st.DataObject) -> None:
        strange = [
            "targets[new 1].text", "targets[new 1].due", "assessments[Cooking].state", "signatures[learner].name",
            "signatures[learner].date", "signatures[x].method", "reviews[new].held", "grants[Aunt].agreed",
            "local[ö/..].value",
        ]  # fmt: skip
        known = answers(data.draw, (*MERGED_PATHS, *strange * 4), base)
        more = [said(path, "x") for path in ("reviews[].held", "no.such", "targets[T1]")]
        flags = {name: data.draw(st.booleans()) for name in ("prefilled", "to_sign")}
        own_row = data.draw(st.sampled_from(["", "1", "2"]))
        verdict = decide(returned([*known, *more], base, own_row=own_row, **flags), ours)
        after = apply(ours, verdict.decisions)
        assert typed(after) is not None
        assert contradictions(after).keys() <= contradictions(ours).keys()
        asked = list(queries(verdict.decisions, revision(2, verdict.decisions), {}))
        assert len(asked) == sum(d.outcome is Outcome.QUERY for d in verdict.decisions)
        assert len({q.query for q in asked}) == len({q.place for q in asked}) == len(asked)
        assert all(q.question.endswith("?") for q in asked)

    @law
    @given(records(MERGED_PATHS), st.data())
    def test_nothing_that_a_person_wrote_vanishes(self, printed: Record, data: st.DataObject) -> None:
        ours = changed(data.draw, printed, MERGED_PATHS)
        boxes = answers(data.draw, (*MERGED_PATHS, "targets[new 1].text", "targets[new 2].due"), printed, 1)
        verdict = decide(returned(boxes, printed), ours)
        after = apply(ours, verdict.decisions)
        # A question if two rows are one is about the older of them, too, and no box's own fate.
        decided = {d.box or d.place: d for d in verdict.decisions if d.rule != "M12"}
        news = [b for b in boxes if b.state is State.SAID and b.value != printed.get(b.place)]
        assert {b.place for b in news} <= decided.keys()
        for box in news:
            fate = decided[box.place]
            assert fate.theirs == box.value
            held = fate.outcome in (Outcome.QUERY, Outcome.SUPERSEDED)
            assert held or after[fate.place] == box.value or str(box.value) in str(after[fate.place])
        assert verdict.same == sum(b.state is State.SAID for b in boxes) - len(news)


class TestOneSenderTwice:
    @law
    @given(records(PLAN_PATHS), st.data())
    def test_a_resubmission_is_silent(self, printed: Record, data: st.DataObject) -> None:
        ours = changed(data.draw, printed, PLAN_PATHS)
        boxes = answers(data.draw, (*on_the_form(printed), "targets[new 1].text", "targets[new 1].due"), printed)
        first = decide(returned(boxes, printed), ours)
        between = apply(ours, first.decisions)
        assert decide(again(boxes, printed, [first]), between).decisions == ()

    @law
    @given(records(PLAN_PATHS), st.data())
    def test_it_is_silent_whatever_others_have_said_of_those_places_since(
        self, printed: Record, data: st.DataObject
    ) -> None:
        boxes = answers(data.draw, on_the_form(printed) or PLAN_PATHS, printed)
        first = decide(returned(boxes, printed), printed)
        decided = {d.place for d in first.decisions}
        since = changed(data.draw, apply(printed, first.decisions), PLAN_PATHS)
        said_then = [box for box in boxes if box.place in decided or box.state is State.SAID]
        assert decide(again(said_then, printed, [first]), since).decisions == ()

    @law
    @given(st.sampled_from(MERGED_PATHS), st.data())
    def test_a_sender_who_takes_a_change_back_changes_nothing_that_others_said(
        self, path: str, data: st.DataObject
    ) -> None:
        printed, said_first, others = (data.draw(value_of(path)) for _ in range(3))
        ours: Record = {path: others}
        first = decide(returned([said(path, said_first)], {path: printed}), ours)
        between = apply(ours, first.decisions)
        second = decide(again([said(path, printed)], {path: printed}, [first]), between)
        if between == ours and said_first != others:
            assert apply(ours, second.decisions) == ours
            assert all(d.outcome is not Outcome.QUERY for d in second.decisions)

    def test_a_sender_who_corrects_what_they_added_leaves_what_others_wrote(self) -> None:
        path = "reviews[1].learner_says"
        first = decide(returned([said(path, "I bake")], {}), {path: "She bakes well"})
        between = apply({path: "She bakes well"}, first.decisions)
        second = decide(again([said(path, "I bake bread")], {}, [first]), between)
        assert "She bakes well" in str(apply(between, second.decisions)[path])

    @law
    @given(records(PLAN_PATHS), st.data())
    def test_a_sender_correcting_themselves_is_asked_only_where_somebody_else_changed_it(
        self, printed: Record, data: st.DataObject
    ) -> None:
        path = data.draw(st.sampled_from(PLAN_PATHS))
        box = answers(data.draw, (path,), printed, 1, 1)
        first = decide(returned(box, printed), printed)
        between = apply(printed, first.decisions)
        second = decide(again([said(path, data.draw(value_of(path)))], printed, [first]), between)
        assert all(d.rule != "M2" or d.outcome is not Outcome.QUERY for d in second.decisions)

    def test_a_step_back_that_is_corrected_to_a_step_forward_is_taken(self) -> None:
        printed: Record = {"targets[T1].status": "Under way"}
        first = decide(returned([said("targets[T1].status", "Not started")], printed), printed)
        assert outcomes(first) == {"targets[T1].status": (Outcome.QUERY, "M9")}
        second = decide(again([said("targets[T1].status", "Achieved")], printed, [first]), printed)
        assert outcomes(second) == {"targets[T1].status": (Outcome.ACCEPTED, "M2")}

    def test_a_correction_of_what_somebody_else_changed_since_is_asked_about(self) -> None:
        printed: Record = {"programme.title": "Baker"}
        first = decide(returned([said("programme.title", "Cook")], printed), printed)
        second = again([said("programme.title", "Chef")], printed, [first])
        assert outcomes(decide(second, {"programme.title": "Cook"})) == {"programme.title": (Outcome.ACCEPTED, "M2")}
        assert outcomes(decide(second, {"programme.title": "Smith"})) == {"programme.title": (Outcome.QUERY, "M2")}
        assert outcomes(decide(second, {"programme.title": "Baker"})) == {"programme.title": (Outcome.QUERY, "M2")}


class TestStepsLocksAndDates:
    @law
    @given(st.data())
    def test_an_old_print_cannot_reverse_a_status(self, data: st.DataObject) -> None:
        forward = [path for path in MERGED_PATHS if place(path).about.forward]
        path = data.draw(st.sampled_from(forward))
        steps = place(path).choices
        base, ours, theirs = (data.draw(st.sampled_from(steps)) for _ in range(3))
        found = one(said(path, theirs), {path: base}, {path: ours})
        after = apply({path: ours}, [found] if found else [])
        assert place(path).step(after[path]) >= place(path).step(ours)
        if base == ours and place(path).step(theirs) < place(path).step(ours):
            assert found is not None
            assert (found.outcome, found.rule) == (Outcome.QUERY, "M9")

    @law
    @given(st.sampled_from([p for p in MERGED_PATHS if place(p).change is Change.LOCKED]), st.data())
    def test_what_is_locked_is_said_once_and_after_that_only_asked_about(self, path: str, data: st.DataObject) -> None:
        first, second = data.draw(value_of(path)), data.draw(value_of(path))
        fresh = one(said(path, first), {}, {})
        assert fresh is not None
        assert fresh.outcome is Outcome.ACCEPTED
        kept: Record = {path: first}
        for box in (said(path, second), said(path, None), Answer(path, State.CLEAR, words="CLEAR")):
            found = one(box, kept, kept)
            assert found is None if box.value == first else found is not None and found.outcome is Outcome.QUERY
            assert apply(kept, [found] if found else []) == kept

    def test_dates_that_contradict_each_other_put_one_question(self) -> None:
        boxes = [said("programme.start", "2027-09-01"), said("programme.expected_end", "2027-01-01")]
        verdict = decide(returned(boxes, {}), {})
        assert outcomes(verdict) == {
            "programme.start": (Outcome.ACCEPTED, "M2"), "programme.expected_end": (Outcome.QUERY, "M21"),
        }  # fmt: skip
        (asked,) = queries(verdict.decisions, revision(1, verdict.decisions), {})
        assert asked.kind == "invalid"
        assert "end before it starts" in asked.question

    def test_a_new_date_that_contradicts_an_old_one_is_the_one_asked_about(self) -> None:
        ours: Record = {"programme.start": "2026-09-01", "programme.expected_end": "2027-07-01"}
        found = one(said("programme.expected_end", "2025-07-01"), ours, ours)
        assert found is not None
        assert (found.outcome, found.rule) == (Outcome.QUERY, "M21")

    @pytest.mark.parametrize("since", ["1999-01-01", "2001-01-01"])
    def test_a_second_break_while_one_is_open_is_asked_about_whichever_began_first(self, since: str) -> None:
        found = one(said("breaks[B2].began", since), {}, {"breaks[B1].began": "2000-01-01"})
        assert found is not None
        assert (found.place, found.outcome, found.rule) == ("breaks[B2].began", Outcome.QUERY, "M21")

    @law
    @given(records(MERGED_PATHS), st.data())
    def test_merging_brings_no_contradiction_into_a_sound_plan(self, printed: Record, data: st.DataObject) -> None:
        assume(sound(printed))
        dated = ["programme.start", "programme.planned_end", "programme.expected_end", "learner.date_of_birth"]
        boxes = [said(path, data.draw(value_of(path))) for path in dated]
        after = apply(printed, decide(returned(boxes, printed), printed).decisions)
        assert sound(after)


class TestWhoSpeaksAndWhen:
    @law
    @given(records(MERGED_PATHS), st.sampled_from("LTSEPOMQ"), st.data())
    def test_only_those_whose_place_it_is_change_it(self, printed: Record, hand: str, data: st.DataObject) -> None:
        boxes = answers(data.draw, MERGED_PATHS, printed)
        verdict = decide(returned(boxes, printed, by=frozenset(hand)), printed)
        after = apply(printed, verdict.decisions)
        for path in {*printed, *after}:
            if after.get(path) != printed.get(path):
                assert hand in place(path).by

    @law
    @given(records(MERGED_PATHS), st.dates(dt.date(2026, 9, 2), RECEIVED), st.dates(PRINTED, RECEIVED), st.data())
    def test_a_late_form_of_an_earlier_day_does_not_beat_one_of_a_later_day(
        self, printed: Record, first: dt.date, later: dt.date, data: st.DataObject
    ) -> None:
        path = data.draw(st.sampled_from(MERGED_PATHS))
        came, comes = data.draw(value_of(path)), data.draw(value_of(path))
        ours = {**printed, path: came}
        assume(came != printed.get(path) and comes not in (came, printed.get(path)))
        box = said(path, comes)
        found = one(box, printed, ours, day=min(first, later - dt.timedelta(1)), past=Past(dated={path: later}))
        assert found is not None
        assert found.outcome in (Outcome.SUPERSEDED, Outcome.QUERY) or place(path).about.append
        if found.outcome is Outcome.SUPERSEDED:
            assert apply(ours, [found]) == ours

    @law
    @given(words, words)
    def test_what_somebody_wrote_among_contributions_stays(self, ours: str, theirs: str) -> None:
        path = "reviews[1].tutor_says"
        found = one(said(path, theirs), {}, {path: ours}) if place(path).about.append else None
        if found is not None:
            after = str(apply({path: ours}, [found])[path])
            assert {*ours.split("\n"), *theirs.split("\n")} <= {*after.split("\n")}

    @pytest.mark.parametrize(
        ("printed", "theirs", "after"),
        [
            (None, "Not yet", "No\nNot yet"),
            (None, "No. Ask me in May.", "No\nNo. Ask me in May."),
            ("No", "Not yet", "No\nNot yet"),
            ("No", "No. Ask me in May.", "No. Ask me in May."),
        ],
    )
    def test_words_take_the_place_of_others_only_where_their_sender_went_on_in_the_same_line(
        self, printed: str | None, theirs: str, after: str
    ) -> None:
        path = "reviews[1].tutor_says"
        found = one(said(path, theirs), {path: printed} if printed else {}, {path: "No"})
        assert found is not None
        assert apply({path: "No"}, [found]) == {path: after}

    @pytest.mark.parametrize(("printed", "after"), [("No", "No. Ask me in May."), (None, "No\nNo. Ask me in May.")])
    def test_so_do_words_that_were_proposed_and_taken(self, printed: str | None, after: str) -> None:
        path, base = "reviews[1].tutor_says", {"reviews[1].tutor_says": printed} if printed else {}
        box = said(path, "No. Ask me in May.")
        (proposed,) = decide(returned([box], base, by=frozenset("E")), base).decisions
        (asked,) = queries([proposed], revision(2, [proposed]), {})
        now: Record = {path: "No"}
        assert apply(now, settled(asked, now, "form", None, "Ruth Mbeki").decisions) == {path: after}

    def test_words_about_health_in_a_box_that_the_employer_reads_wait_for_somebody(self) -> None:
        box = said("targets[T1].text", "Come to counselling on Mondays")
        found = one(box, {}, {"targets[T1].due": "2027-01-01"}, special=frozenset({"counselling"}))
        assert found is not None
        assert (found.outcome, found.rule) == (Outcome.QUERY, "M22")
        allowed = one(said("needs[N1].action", "Counselling"), {}, {}, special=frozenset({"counselling"}))
        assert allowed is not None
        assert allowed.outcome is Outcome.ACCEPTED


class TestRows:
    @law
    @given(records(PLAN_PATHS), st.lists(words, min_size=1, max_size=4), st.frozensets(st.sampled_from(["T3", "T12"])))
    def test_a_row_without_a_key_gets_one_that_was_never_used(
        self, ours: Record, texts: list[str], gone: frozenset[str]
    ) -> None:
        assume(len({t.casefold() for t in texts}) == len(texts))
        boxes = [said(f"targets[new {n}].text", text) for n, text in enumerate(texts)]
        verdict = decide(returned(boxes, ours, past=Past({"targets": gone})), ours)
        keys = [split(d.place)[1] for d in verdict.decisions if d.rule != "M12"]
        assert len(set(keys)) == len(texts)
        assert not {*keys} & {*keys_of(ours, "targets"), *gone}
        assert apply(ours, verdict.decisions) == {
            **ours, **{f"targets[{key}].text": text for key, text in zip(keys, texts, strict=True)}
        }  # fmt: skip

    def test_a_new_row_does_not_take_the_key_of_the_row_that_the_form_is_about(self) -> None:
        boxes = [said("reviews[1].progress", "Steady"), said("reviews[new].progress", "Good")]
        after = apply({}, decide(returned(boxes, {}, own_row="1"), {}).decisions)
        assert after == {"reviews[1].progress": "Steady", "reviews[2].progress": "Good"}

    def test_the_boxes_of_one_new_row_stay_together(self) -> None:
        boxes = [said("targets[new 1].text", "Read"), said("targets[new 1].due", "2027-01-01"),
                 said("targets[new 2].text", "Write"), said("targets[new 2].due", None)]  # fmt: skip
        after = apply({}, decide(returned(boxes, {}), {}).decisions)
        assert after == {"targets[T1].text": "Read", "targets[T1].due": "2027-01-01", "targets[T2].text": "Write"}

    @law
    @given(st.lists(words, min_size=1, max_size=3), st.data())
    def test_a_new_row_keeps_its_key_when_its_sender_corrects_it(self, texts: list[str], data: st.DataObject) -> None:
        boxes = [said(f"targets[new {n}].text", text) for n, text in enumerate(texts)]
        first = decide(returned(boxes, {}), {})
        between = apply({"targets[T9].text": "Somebody else's"}, first.decisions)
        better = [said(f"targets[new {n}].text", data.draw(words)) for n in range(len(texts))]
        second = decide(again(better, {}, [first]), between)
        after = apply(between, second.decisions)
        assert keys_of(after, "targets") == keys_of(between, "targets")
        assert [v for p, v in sorted(after.items()) if p != "targets[T9].text"] == [b.value for b in better]

    def test_a_row_that_somebody_else_has_added_since_is_not_added_twice(self) -> None:
        ours: Record = {"targets[T1].text": "Read daily", "targets[T1].due": "2027-01-01"}
        boxes = [said("targets[new 1].text", "Read daily"), said("targets[new 1].due", "2027-01-01")]
        verdict = decide(returned(boxes, {}), ours)
        assert {d.outcome for d in verdict.decisions} == {Outcome.AGREED}

    def test_a_new_row_that_looks_like_an_old_one_is_taken_and_asked_about_once(self) -> None:
        ours: Record = {"targets[T1].text": "Read a page of the recipe book aloud to Jo every single day at work"}
        boxes = [said("targets[new 1].text", "Read a page of the recipe book aloud to Jo every single day at work!")]
        verdict = decide(returned(boxes, {}), {**ours, "targets[T1].due": "2027-01-01"})
        assert [(d.place, d.outcome, d.rule) for d in verdict.decisions] == [
            ("targets[T2].text", Outcome.ACCEPTED, "M2"), ("targets[T2].text", Outcome.QUERY, "M12"),
        ]  # fmt: skip

    def test_a_blank_review_of_a_day_that_has_one_is_that_review(self) -> None:
        ours: Record = {"reviews[2].held": "2026-09-20"}
        boxes = [said("reviews[new].held", "2026-09-20"), said("reviews[new].attended", "Jo")]
        verdict = decide(returned(boxes, {}, about="reviews", until="held", prefilled=False), ours)
        assert apply(ours, verdict.decisions) == {**ours, "reviews[2].attended": "Jo"}

    def test_a_row_that_is_missing_from_a_form_is_not_removed(self) -> None:
        printed: Record = {"targets[T1].text": "Read", "targets[T2].text": "Write"}
        verdict = decide(returned([said("targets[T1].text", "Read more")], printed), printed)
        assert apply(printed, verdict.decisions) == {"targets[T1].text": "Read more", "targets[T2].text": "Write"}

    def test_a_review_keeps_the_number_its_form_was_given(self) -> None:
        verdict = decide(returned([said("reviews[3].held", "2026-10-01")], {}, own_row="3"), {})
        assert apply({}, verdict.decisions) == {"reviews[3].held": "2026-10-01"}

    def test_a_row_that_the_plan_cannot_have_is_not_made(self) -> None:
        assert decide(returned([said("assessments[Cooking].state", "Done")], {}), {}).decisions == ()


def signed(name: str | None, date: str | None, role: str = "learner") -> list[Answer]:
    return [said(f"signatures[{role}].name", name), said(f"signatures[{role}].date", date)]


def bound(verdicts: Mapping[int, Verdict] | Iterable[Verdict]) -> list[tuple[str, str]]:
    """Who has signed so that it binds, after the returns of one form."""
    made = signatures(revision(n, v.decisions) for n, v in enumerate(verdicts, 2))
    return [(s.role, s.name) for s in made]


PRINTED_RECORD: Record = {"programme.title": "Baker", "programme.delivery": "One day a week"}


class TestSignatures:
    def copy(self, boxes: Iterable[Answer], **other: Value) -> list[Answer]:
        """A copy of the version as it was printed, but for what was written into it."""
        return [said(p, other.get(p.partition(".")[2], v)) for p, v in PRINTED_RECORD.items()] + list(boxes)

    def back(self, boxes: Iterable[Answer]) -> Verdict:
        return decide(returned(boxes, PRINTED_RECORD, to_sign=True), PRINTED_RECORD)

    def test_a_name_and_a_date_under_what_was_printed_bind(self) -> None:
        verdict = self.back(self.copy(signed("Amrit Kaur", "2026-09-20")))
        assert bound([verdict]) == [("learner", "Amrit Kaur")]
        row = f"signatures[{FORM} learner]"
        assert apply({}, verdict.decisions) == {
            f"{row}.name": "Amrit Kaur", f"{row}.date": "2026-09-20", f"{row}.bound": True,
            f"{row}.method": "name and date typed on the form",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("name", "date", "why"),
        [
            ("Amrit Kaur", None, "without a date"),
            (None, "2026-09-20", "no name"),
            ("Amrit Kaur", "2026-08-31", "before the form was printed"),
            ("Amrit Kaur", "2026-10-02", "after the form came back"),
        ],
    )
    def test_a_signature_that_cannot_be_is_asked_about_and_does_not_bind(
        self, name: str | None, date: str | None, why: str
    ) -> None:
        verdict = self.back(self.copy(signed(name, date)))
        assert bound([verdict]) == []
        (asked,) = [d for d in verdict.decisions if d.outcome is Outcome.QUERY]
        assert asked.rule == "M18"
        assert why in asked.reason

    @law
    @given(words, st.dates(dt.date(2026, 8, 1), dt.date(2026, 11, 1)))
    def test_a_signature_is_dated_between_printing_and_return(self, name: str, day: dt.date) -> None:
        verdict = self.back(self.copy(signed(name, day.isoformat())))
        assert bool(bound([verdict])) == (PRINTED <= day <= RECEIVED)

    @pytest.mark.parametrize("first", [("Amrit Kaur", None), (None, "2026-09-20"), ("Amrit Kaur", "2027-09-20")])
    def test_a_signature_that_is_completed_on_the_same_form_binds(self, first: tuple[str | None, str | None]) -> None:
        before = self.back(self.copy(signed(*first)))
        ours = apply(PRINTED_RECORD, before.decisions)
        boxes = self.copy(signed("Amrit Kaur", "2026-09-20"))
        after = decide(again(boxes, PRINTED_RECORD, [before], to_sign=True), ours)
        assert bound([before, after]) == [("learner", "Amrit Kaur")]

    @law
    @given(st.sampled_from(["title", "delivery"]), words, st.sampled_from([*State]))
    def test_a_copy_that_was_changed_by_hand_is_not_signed(self, part: str, written: str, state: State) -> None:
        path = f"programme.{part}"
        value = written if state is State.SAID else None
        boxes = [b for b in self.copy(signed("Amrit Kaur", "2026-09-20")) if b.place != path]
        boxes.append(Answer(path, state, value, written if state is State.UNREADABLE else ""))
        assume(written != PRINTED_RECORD[path])
        verdict = self.back(boxes)
        assert bound([verdict]) == []
        assert "changed by hand" in str([d.theirs for d in verdict.decisions if d.place.endswith("method")])

    def test_a_changed_copy_is_not_signed_by_sending_it_twice(self) -> None:
        changed_first = self.back(self.copy(signed(None, None), title="Cook"))
        ours = apply(PRINTED_RECORD, changed_first.decisions)
        boxes = self.copy(signed("Amrit Kaur", "2026-09-20"), title="Cook")
        second = decide(again(boxes, PRINTED_RECORD, [changed_first], to_sign=True), ours)
        assert bound([changed_first, second]) == []

    def test_a_copy_with_a_row_written_in_is_not_signed(self) -> None:
        boxes = self.copy([said("training[new 1].what", "More"), *signed("Amrit Kaur", "2026-09-20")])
        assert bound([self.back(boxes)]) == []

    def test_a_copy_that_lost_a_printed_box_is_not_signed(self) -> None:
        boxes = [b for b in self.copy(signed("Amrit Kaur", "2026-09-20")) if b.place != "programme.delivery"]
        assert bound([self.back(boxes)]) == []

    def test_a_signature_on_another_form_is_kept_and_binds_nothing(self) -> None:
        verdict = decide(returned(self.copy(signed("Amrit Kaur", "2026-09-20")), PRINTED_RECORD), {})
        assert bound([verdict]) == []
        assert f"signatures[{FORM} learner].name" in apply({}, verdict.decisions)

    def test_each_role_signs_for_itself(self) -> None:
        boxes = self.copy([*signed("Amrit Kaur", "2026-09-20"), *signed("Jo Hargreaves", None, "employer")])
        assert bound([self.back(boxes)]) == [("learner", "Amrit Kaur")]

    def test_a_signature_that_binds_is_not_given_another_name(self) -> None:
        first = self.back(self.copy(signed("Amrit Kaur", "2026-09-20")))
        ours = apply(PRINTED_RECORD, first.decisions)
        boxes = self.copy(signed("Somebody Else", "2026-09-20"))
        second = decide(again(boxes, PRINTED_RECORD, [first], to_sign=True), ours)
        assert apply(ours, second.decisions) == ours
