"""Rules of the plan's places: what is written on a form becomes one value and back, or a sentence that says why not."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import ALL_PATHS, days, law, records, ulns, value_of, values

from engine.places import ROLES, Change, Kind, Place, Value, clean
from engine.plan import (
    IDENTIFYING,
    PLACES,
    TABLES,
    change_of,
    contradictions,
    flatten,
    keys_of,
    may_see,
    nest,
    next_key,
    place_of,
    split,
    typed,
)

places = st.sampled_from(list(PLACES.values()))
DATE_PIECES = (
    "31",
    "1",
    "/",
    "-",
    ".",
    " ",
    "2027",
    "27",
    "Feb",
    "th",
    "of",
    "T",
    "Z",
    ":",
    "0",
    "e",
    ",",
    "am",
    "GMT",
)
almost_dates = st.lists(st.sampled_from(DATE_PIECES) | st.text(max_size=2), max_size=8).map("".join)


def parsed(place: Place, said: str | bool | None) -> tuple[Value, str]:
    """The value that words stand for, or why they cannot be one."""
    try:
        return place.parse(said), ""
    except ValueError as error:
        return None, str(error)


class TestWordsAndValues:
    @law
    @given(st.data())
    def test_a_value_shown_and_read_again_is_the_same_value(self, data: st.DataObject) -> None:
        place = data.draw(places)
        value = data.draw(values(place))
        assert place.parse(place.show(value)) == value

    @pytest.mark.parametrize("path", sorted(PLACES))
    def test_every_place_can_be_answered_shown_and_kept(self, path: str) -> None:
        @settings(max_examples=8, deadline=None)
        @given(values(PLACES[path]))
        def holds(value: Value) -> None:
            shown = PLACES[path].show(value)
            assert PLACES[path].parse(shown) == value
            assert PLACES[path].adapter.validate_python(value) is not None

        holds()

    @law
    @given(st.data())
    def test_what_cannot_be_an_answer_is_refused_with_a_sentence_and_nothing_else(self, data: st.DataObject) -> None:
        place = data.draw(places)
        said = data.draw(st.one_of(st.text(max_size=60), almost_dates, st.booleans(), st.none()))
        value, why = parsed(place, said)
        assert why or value is None or place.adapter.validate_python(value) is not None

    @law
    @given(almost_dates)
    def test_a_date_is_read_or_refused_with_a_sentence(self, said: str) -> None:
        value, why = parsed(PLACES["programme.start"], said)
        assert "date" in why or value is None or dt.date.fromisoformat(str(value)).year >= 1900

    @law
    @given(st.data())
    def test_what_was_read_once_reads_the_same_when_shown(self, data: st.DataObject) -> None:
        place = data.draw(places)
        value, _ = parsed(place, data.draw(st.text(max_size=40)))
        assert place.parse(place.show(value)) == value

    @law
    @given(st.text())
    def test_clean_text_stays_as_it_is(self, said: str) -> None:
        assert clean(clean(said)) == clean(said)

    def test_a_letter_is_one_letter_however_it_was_put_together(self) -> None:
        assert clean("e\x00\u0301") == clean("e\u0301") == "é"

    def test_a_hint_where_a_word_may_be_broken_is_not_kept(self) -> None:
        assert clean("co\N{SOFT HYPHEN}operate\N{ZERO WIDTH SPACE}d") == "cooperated"

    @pytest.mark.parametrize("said", ["", "   ", "\t\r\n", "\u00a0", None, "\x00"])
    def test_nothing_said_is_no_value_anywhere(self, said: str | None) -> None:
        assert {place.parse(said) for place in PLACES.values()} == {None}

    @law
    @given(st.sampled_from([p for p in PLACES.values() if p.choices]), st.data())
    def test_choices_are_read_in_capitals_and_small_letters(self, place: Place, data: st.DataObject) -> None:
        choice = data.draw(st.sampled_from(place.choices))
        assert place.parse(choice.upper()) == place.parse(choice.lower()) == place.parse(choice)
        with pytest.raises(ValueError, match=r"neither Yes nor No|not one of the choices"):
            place.parse(choice + " perhaps")

    def test_a_tick_is_yes_or_nothing_and_a_question_also_takes_no(self) -> None:
        tick, question = PLACES["sharing.notice_seen"], PLACES["employer.releases"]
        assert (tick.parse(True), tick.parse(False), tick.parse("☒")) == (True, None, True)
        assert (question.parse("yes"), question.parse("No"), question.parse(False)) == (True, False, False)
        assert (question.show(False), tick.show(True)) == ("No", "Yes")

    @pytest.mark.parametrize(
        ("said", "hours"), [("12", 12), ("1,250", 1250), ("40 hours", 40), ("40.0", 40), ("7h", 7), ("9,999", 9999)]
    )
    def test_numbers_are_read_as_people_write_them(self, said: str, hours: int) -> None:
        assert PLACES["programme.planned_hours"].parse(said) == hours

    @pytest.mark.parametrize("said", ["-1", "10,000", "1.5", "1,25", "many", "12 days", "0x10", "1e3"])
    def test_what_is_no_number_of_hours_is_refused(self, said: str) -> None:
        with pytest.raises(ValueError, match=r"whole number|10000"):
            PLACES["programme.planned_hours"].parse(said)

    def test_an_answer_longer_than_anybody_writes_is_refused(self) -> None:
        with pytest.raises(ValueError, match="longer than"):
            PLACES["programme.delivery"].parse("word " * 5000)


class TestDates:
    @pytest.mark.parametrize(
        "said",
        [
            "31/02/2027",
            "30/2/2027",
            "29/02/2027",
            "00/01/2027",
            "01/13/2027",
            "32/01/27",
            "99/01/27",
            "30.02.27",
            "2027-02-30",
        ],
    )
    def test_a_day_that_no_calendar_has_is_refused(self, said: str) -> None:
        with pytest.raises(ValueError, match="not a date in the calendar"):
            PLACES["programme.start"].parse(said)

    @pytest.mark.parametrize("said", ["May", "2027", "12 May", "May 2027", "12", "Monday", "10:30"])
    def test_a_date_without_day_month_or_year_is_refused(self, said: str) -> None:
        with pytest.raises(ValueError, match="date"):
            PLACES["programme.start"].parse(said)

    @pytest.mark.parametrize(
        "said", ["03/04/2027", "3/4/2027", "3.4.2027", "3 April 2027", "3rd April 2027", "2027-04-03", "3-Apr-2027"]
    )
    def test_dates_are_written_day_first(self, said: str) -> None:
        assert PLACES["programme.start"].parse(said) == "2027-04-03"

    @pytest.mark.parametrize("said", ["01/01/1899", "01/01/2151", "01/01/0099"])
    def test_a_day_outside_living_memory_is_refused(self, said: str) -> None:
        with pytest.raises(ValueError, match=r"too far|not a date"):
            PLACES["programme.start"].parse(said)

    def test_a_time_of_day_and_its_zone_are_let_be(self) -> None:
        assert PLACES["programme.start"].parse("12/01/2027 10:00 XYZ") == "2027-01-12"

    @law
    @given(days)
    def test_every_day_is_read_in_the_usual_ways_of_writing_it(self, iso: str) -> None:
        day, start = dt.date.fromisoformat(iso), PLACES["programme.start"]
        for said in (iso, f"{iso}T00:00:00Z", f"{day:%d/%m/%Y}", f"{day:%d %B %Y}", f"{day:%d.%m.%Y}"):
            assert start.parse(said) == iso


class TestNumbersThatIdentify:
    def test_a_learner_number_is_known_by_its_check_digit(self) -> None:
        uln = PLACES["learner.uln"]
        assert uln.parse("9276308686") == uln.parse("927 630 8686") == "9276308686"
        assert uln.parse("temp") == "TEMP"
        for wrong in ("9276308687", "927630868", "0276308686", "92763O8686", "92763086866"):
            with pytest.raises(ValueError, match="not a unique learner number"):
                uln.parse(wrong)

    @law
    @given(ulns, st.integers(0, 9), st.integers(1, 9))
    def test_one_wrong_digit_in_a_learner_number_is_noticed(self, good: str, where: int, more: int) -> None:
        wrong = good[:where] + str((int(good[where]) + more) % 10) + good[where + 1 :]
        assert PLACES["learner.uln"].parse(good) == good
        with pytest.raises(ValueError, match="not a unique learner number"):
            PLACES["learner.uln"].parse(wrong)

    def test_national_insurance_numbers_have_their_letters(self) -> None:
        number = PLACES["learner.ni_number"]
        assert number.parse("ab 12 34 56 c") == "AB123456C"
        assert number.parse("AB123456") == "AB123456"
        for wrong in ("BG123456A", "DA123456A", "AO123456A", "AB123456E", "A1123456A", "AB12345", "ÀB123456A"):
            with pytest.raises(ValueError, match="National Insurance"):
                number.parse(wrong)

    def test_postcodes_are_written_with_one_space(self) -> None:
        postcode = PLACES["learner.postcode"]
        assert postcode.parse("m11ae") == "M1 1AE"
        assert postcode.parse("sw1a  1aa") == "SW1A 1AA"
        assert postcode.parse("ZZ99 9ZZ") == "ZZ99 9ZZ"
        for wrong in ("12345", "M1", "M1 1A", "Manchester", "M11 11AE"):
            with pytest.raises(ValueError, match="not a postcode"):
                postcode.parse(wrong)

    def test_addresses_and_telephones_look_like_ones(self) -> None:
        assert PLACES["learner.email"].parse("amrit@example.org") == "amrit@example.org"
        assert PLACES["learner.phone"].parse("+44 (0)161 496 0000 ext 12") == "+44 (0)161 496 0000 ext 12"
        for path, wrong in (("learner.email", "amrit at example"), ("learner.phone", "ask mum")):
            with pytest.raises(ValueError, match="is not"):
                PLACES[path].parse(wrong)


class TestThePlan:
    @law
    @given(records())
    def test_a_record_nested_and_flattened_is_the_same_record(self, record: dict[str, Value]) -> None:
        assert flatten(nest(record)) == record

    @law
    @given(records())
    def test_valid_values_make_a_plan(self, record: dict[str, Value]) -> None:
        assert flatten(typed(record).model_dump(mode="json", exclude_defaults=True)) == record

    @law
    @given(
        records(),
        st.sampled_from([path for path, place in PLACES.items() if place.repeats and not place.keys]),
        st.frozensets(st.sampled_from(["T1", "T11", "G2", "3", "N1"])),
        st.data(),
    )
    def test_a_new_row_gets_a_key_that_no_row_has(
        self, record: dict[str, Value], column: str, taken: frozenset[str], data: st.DataObject
    ) -> None:
        table = column.partition("[")[0]
        key = next_key(record, table, taken)
        assert key not in keys_of(record, table)
        assert key not in taken
        path = column.replace("KEY", key)
        assert place_of(path) is PLACES[column]
        assert typed({**record, path: data.draw(value_of(path))}) is not None

    @law
    @given(st.lists(st.integers(1, 300), unique=True))
    def test_rows_come_in_the_order_people_count(self, numbers: list[int]) -> None:
        record = {f"targets[T{n}].text": "Read" for n in numbers}
        assert keys_of(record, "targets") == tuple(f"T{n}" for n in sorted(numbers))

    def test_the_second_row_comes_before_the_tenth(self) -> None:
        assert keys_of({"targets[T10].text": "b", "targets[T2].text": "a"}, "targets") == ("T2", "T10")
        assert next_key({"targets[T10].text": "b", "targets[T2].text": "a"}, "targets") == "T11"

    @law
    @given(st.sampled_from(ALL_PATHS), st.data())
    def test_a_place_is_found_by_the_path_of_any_row(self, path: str, data: st.DataObject) -> None:
        place, row = place_of(path), split(path)
        assert place is not None
        assert place.repeats == (row is not None)
        assert typed({path: data.draw(value_of(path))}) is not None

    def test_every_place_says_on_what_terms_it_is_kept(self) -> None:
        for path, place in PLACES.items():
            assert place.audience <= ROLES.keys(), path
            assert place.by <= ROLES.keys(), path
            assert place.by, path
            assert place.by <= place.audience, f"{path}: who may say it may see it"
            assert place.about.sensitivity < 3 or not place.audience & set("EPO"), f"{path}: not for those outside"
            assert 0 <= place.about.sensitivity <= 3, path
            assert place.about.forward <= (place.kind is Kind.CHOICE), path
            assert place.about.past <= (place.kind is Kind.DATE), path
            assert bool(place.about.reopen) <= place.about.forward, path
            assert set(place.about.level) <= set(place.choices), path
            for beside in filter(None, (place.about.reopen, place.about.claimed)):
                assert f"{path.rpartition('.')[0]}.{beside}" in PLACES, path

    def test_who_a_learner_is_and_what_is_locked_is_declared(self) -> None:
        names = ("given_name", "family_name", "date_of_birth", "uln", "reference")
        assert sorted(IDENTIFYING) == sorted(f"learner.{name}" for name in names)
        assert PLACES["programme.start"].change is Change.LOCKED
        assert PLACES["assessments[KEY].state"].about.forward

    def test_a_diagnosis_is_never_for_the_funding_body_or_the_employer(self) -> None:
        assert not may_see("needs[N1].description", "F")
        assert not may_see("needs[N1].description", "LE")
        assert may_see("needs[N1].description", "LTS")
        assert not may_see("no.such_place", "L")

    def test_no_two_tables_give_their_rows_the_same_keys(self) -> None:
        prefixes = [mark.prefix for mark in TABLES.values() if mark.prefix]
        assert len(prefixes) == len(set(prefixes))

    def test_support_is_for_the_funding_body_only_while_it_is_claimed(self) -> None:
        unclaimed: dict[str, Value] = {"actions[S1].who": "J Reid"}
        claimed: dict[str, Value] = {**unclaimed, "actions[S1].claimed": True}
        for column in ("what", "who", "claimed", "start", "funded_how"):
            path = f"actions[S1].{column}"
            assert change_of(path, unclaimed) is Change.WORKING
            assert change_of(path, {**unclaimed, "actions[S1].claimed": False}) is Change.WORKING
            assert change_of(path, claimed) is change_of(path, claimed, unclaimed) is Change.FUNDING
        assert change_of("actions[S2].who", claimed) is Change.WORKING
        assert change_of("actions[S1].need", claimed) is Change.WORKING
        with pytest.raises(KeyError):
            change_of("actions[S1].nothing", claimed)

    @law
    @given(st.sampled_from(ALL_PATHS), records())
    def test_what_a_change_does_is_as_declared_wherever_nothing_is_claimed(
        self, path: str, record: dict[str, Value]
    ) -> None:
        place = place_of(path)
        assert place is not None
        assert place.about.claimed or change_of(path, record) is place.change

    def test_a_break_and_the_return_from_it_are_no_step_back(self) -> None:
        status, target = PLACES["programme.status"], PLACES["targets[KEY].status"]
        assert status.step("Continuing") == status.step("On a break") < status.step("Completed")
        assert status.step("Planned") < status.step("Continuing")
        assert target.step("Under way") < target.step("Achieved")

    def test_a_funding_year_is_two_years_in_a_row(self) -> None:
        rules = PLACES["programme.rules"]
        assert rules.parse("2026/27") == rules.parse("2026-2027") == rules.parse("2026-27") == "2026-27"
        for wrong in ("2026", "2026-28", "26-27", "this year"):
            with pytest.raises(ValueError, match="not a funding year"):
                rules.parse(wrong)

    @pytest.mark.parametrize(
        "said", ["12 Oak Street\nManchester", "Tŷ Gwyn, Llanfair", "Flat 3 “The Maltings”", "22½ High St", "a" * 80]
    )
    def test_an_address_that_exists_is_never_refused(self, said: str) -> None:
        assert PLACES["learner.address"].parse(said) == said

    def test_an_address_is_kept_with_the_marks_that_the_learner_record_knows(self) -> None:
        assert PLACES["learner.address"].parse("St John’s Road 3–5") == "St John's Road 3-5"

    def test_confidence_is_a_number_from_one_to_four(self) -> None:
        assert PLACES["outcomes[KEY].now"].parse("4") == 4
        for wrong in ("0", "5", "very"):
            with pytest.raises(ValueError, match=r"less|greater|whole number"):
                PLACES["outcomes[KEY].now"].parse(wrong)

    def test_dates_that_contradict_each_other_are_named(self) -> None:
        assert contradictions({"programme.start": "2026-09-01", "programme.expected_end": "2027-07-01"}) == {}
        found = contradictions({"programme.start": "2026-09-01", "programme.expected_end": "2026-07-01"})
        assert list(found) == [("programme.expected_end", "programme.start")]
        young = contradictions({"programme.start": "2026-09-01", "learner.date_of_birth": "2019-07-01"})
        assert next(iter(young))[0] == "learner.date_of_birth"

    @pytest.mark.parametrize(
        ("later", "earlier"),
        [
            ("breaks[B1].returned", "breaks[B1].began"),
            ("programme.practical_end", "programme.practical_start"),
            ("reviews[2].next_due", "reviews[2].held"),
            ("assessments[Maths].date", "learner.date_of_birth"),
            ("grants[Employer].until", "grants[Employer].since"),
        ],
    )
    def test_what_comes_after_is_not_dated_before(self, later: str, earlier: str) -> None:
        assert contradictions({later: "2026-10-02", earlier: "2026-10-02"}) == {}
        assert (later, earlier) in contradictions({later: "2026-10-01", earlier: "2026-10-02"})

    def test_dates_of_different_rows_have_nothing_to_do_with_each_other(self) -> None:
        assert contradictions({"breaks[B2].returned": "2026-10-01", "breaks[B1].began": "2026-10-02"}) == {}

    def test_a_learner_is_on_one_break_at_a_time(self) -> None:
        first = {"breaks[B1].began": "2026-10-01", "breaks[B1].returned": "2026-11-01"}
        assert contradictions({**first, "breaks[B2].began": "2026-11-01"}) == {}
        (places,) = contradictions({**first, "breaks[B2].began": "2026-10-20"})
        assert places == ("breaks[B2].began", "breaks[B1].returned", "breaks[B1].began")

    def test_taking_a_break_out_brings_no_contradiction_between_those_around_it(self) -> None:
        three = {f"breaks[B{n}].began": f"200{n}-01-01" for n in (1, 2, 3)}
        two = {path: value for path, value in three.items() if "B2" not in path}
        assert contradictions(two).keys() <= contradictions(three).keys()

    def test_one_difficulty_is_the_main_one_and_nothing_is_told_beside_not_telling(self) -> None:
        two = {"lldd[Dyslexia].applies": True, "lldd[Hearing].applies": True}
        assert contradictions({**two, "learner.main_difficulty": "Hearing"}) == contradictions(two) == {}
        (places,) = contradictions({**two, "learner.main_difficulty": "Vision"})
        assert places[0] == "learner.main_difficulty"
        (places,) = contradictions({**two, "lldd[Prefer not to say].applies": True})
        assert places[0] == "lldd[Prefer not to say].applies"
        assert contradictions({"lldd[Not provided].applies": True}) == {}
