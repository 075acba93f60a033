"""Rules of recognition: exactly one form and exactly one learner, or a question; a form is never guessed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import PRINTED, PROFORMAS, field, filled, form_of, issue, law, printable, records

from engine.answers import read_answers
from engine.layout import lay_out, signature_boxes
from engine.model import Answer, Field, Form, Issue, Media, Refusal, Stamp, State
from engine.places import Kind, Record
from engine.plan import place_of
from engine.recognise import Known, Recognised, Unsure, recognise
from engine.sheet import Box

AMRIT: Record = {
    "learner.given_name": "Amrit", "learner.family_name": "Kaur", "learner.date_of_birth": "2008-03-14",
    "learner.uln": "9276308686", "learner.reference": "K0017",
}  # fmt: skip
ZOE: Record = {
    "learner.given_name": "Zoë", "learner.family_name": "Thompson", "learner.date_of_birth": "2007-01-02",
    "learner.uln": "1000000000",
}  # fmt: skip
PLANS = {"P-TEST0001": AMRIT, "P-TEST0002": ZOE}
NAMES = ("learner.given_name", "learner.family_name")


def known(*issues: Issue, plans: dict[str, Record] = PLANS) -> Known:
    given_out = {i.form: i for i in issues}
    return Known(PROFORMAS, plans, dict.fromkeys(plans, 3), given_out.get)


def printed(proforma: str, record: Record, given: Issue | None = None, stamped: bool = True) -> Form:
    """The proforma filled in with a record, as it reads."""
    return form_of(lay_out(PROFORMAS[proforma], record, given or issue(proforma), "Kingsmead"), stamped)


def details(said: Record, plans: dict[str, Record] = PLANS) -> Recognised | Unsure | Refusal:
    """What is made of a blank learner-details form that says so."""
    blank = issue("learner-details", None)
    return recognise(filled(printed("learner-details", {}, blank), said), known(blank, plans=plans))


def only(record: Record, *paths: str) -> Record:
    return {path: record[path] for path in paths}


class TestStamps:
    @pytest.mark.parametrize("proforma", sorted(PROFORMAS))
    def test_a_form_that_we_printed_is_known_by_its_stamp(self, proforma: str) -> None:
        given = issue(proforma)
        found = recognise(printed(proforma, AMRIT, given), known(given))
        assert isinstance(found, Recognised)
        assert (found.plan, found.proforma.proforma, found.stamp) == ("P-TEST0001", proforma, given.stamp)

    def test_stamps_that_disagree_put_a_question(self) -> None:
        given = issue("plan")
        form = printed("plan", AMRIT, given)
        two = replace(form, stamps=(given.stamp, replace(given.stamp, plan="P-TEST0002")))
        found = recognise(two, known(given))
        assert isinstance(found, Unsure)
        assert "more than one form number" in found.question
        assert "P-TEST0001" in found.question
        assert "P-TEST0002" in found.question

    def test_a_form_that_is_not_used_here_is_refused_with_what_to_do(self) -> None:
        given = issue("plan")
        form = replace(printed("plan", AMRIT, given), stamps=(replace(given.stamp, proforma="old-plan"),))
        found = recognise(form, known(given))
        assert isinstance(found, Refusal)
        assert "old-plan" in found.reason
        assert found.advice

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"plan": "P-ZZZZ9999"}, "no such plan"),
            ({"revision": 4}, "does not exist yet"),
            ({"form": "F-ZZZZ9999"}, "never given"),
            ({"revision": 2}, "never given"),
            ({"plan": "P-TEST0002"}, "never given"),
            ({"version": 99}, "issue 99"),
            ({"plan": None, "revision": None}, "never given"),
        ],
    )
    def test_a_stamp_that_names_what_is_not_known_here_puts_a_question(
        self, change: dict[str, object], said: str
    ) -> None:
        given = issue("plan")
        form = replace(printed("plan", AMRIT, given), stamps=(replace(given.stamp, **change),))
        found = recognise(form, known(given))
        assert isinstance(found, Unsure)
        assert said in found.question

    @law
    @given(
        st.builds(
            Stamp,
            st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True),
            st.integers(1, 99999),
            st.from_regex(r"F-[0-9A-Z]{4,16}", fullmatch=True),
            *([st.none(), st.none()]),
        )
        | st.builds(
            Stamp,
            st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True),
            st.integers(1, 99999),
            st.from_regex(r"F-[0-9A-Z]{4,16}", fullmatch=True),
            st.from_regex(r"P-[0-9A-Z]{4,16}", fullmatch=True),
            st.integers(0, 9999999),
        ),
        st.text(max_size=20),
    )
    def test_a_stamp_is_found_again_in_the_line_it_is_written_as(self, stamp: Stamp, around: str) -> None:
        assert Stamp.find(stamp.line()) == stamp
        assert Stamp.find(f"{around} {stamp.line().replace(' ', chr(10))} {around}") == stamp

    def test_somebody_elses_name_on_a_form_puts_a_question(self) -> None:
        given = issue("progress-review")
        form = filled(printed("progress-review", AMRIT, given), only(ZOE, *NAMES))
        found = recognise(form, known(given))
        assert isinstance(found, Unsure)
        assert "Zoë Thompson" in found.question
        assert set(found.choices) == {"P-TEST0001", "P-TEST0002"}

    def test_somebody_elses_learner_number_on_a_form_puts_a_question(self) -> None:
        given = issue("plan")
        found = recognise(filled(printed("plan", AMRIT, given), only(ZOE, "learner.uln")), known(given))
        assert isinstance(found, Unsure)

    def test_a_new_family_name_is_no_other_person(self) -> None:
        given = issue("plan")
        found = recognise(filled(printed("plan", AMRIT, given), {"learner.family_name": "Kaur-Singh"}), known(given))
        assert isinstance(found, Recognised)
        assert found.plan == "P-TEST0001"


class TestWhose:
    def test_a_learner_is_known_by_their_number(self) -> None:
        found = details(only(AMRIT, "learner.uln"))
        assert isinstance(found, Recognised)
        assert found.plan == "P-TEST0001"

    def test_a_learner_is_known_by_the_providers_reference(self) -> None:
        found = details({"learner.reference": "k0017"})
        assert isinstance(found, Recognised)
        assert found.plan == "P-TEST0001"

    def test_a_learner_is_known_by_name_and_date_of_birth(self) -> None:
        found = details(only(ZOE, *NAMES, "learner.date_of_birth"))
        assert isinstance(found, Recognised)
        assert found.plan == "P-TEST0002"

    def test_a_name_alone_puts_a_question_that_names_who_it_may_be(self) -> None:
        found = details(only(AMRIT, *NAMES))
        assert isinstance(found, Unsure)
        assert found.choices == ("P-TEST0001", "new")
        assert "P-TEST0001" in found.question
        assert "Amrit Kaur" in found.question

    def test_two_learners_of_one_name_and_birthday_put_a_question(self) -> None:
        plans = {"P-TEST0001": only(AMRIT, *NAMES, "learner.date_of_birth"), "P-TEST0003": AMRIT}
        found = details(only(AMRIT, *NAMES, "learner.date_of_birth"), plans)
        assert isinstance(found, Unsure)
        assert set(found.choices) == {"P-TEST0001", "P-TEST0003", "new"}

    def test_a_number_of_one_learner_with_the_name_of_another_puts_a_question(self) -> None:
        found = details({**only(ZOE, *NAMES, "learner.date_of_birth"), "learner.uln": AMRIT["learner.uln"]})
        assert isinstance(found, Unsure)
        assert {"P-TEST0001", "P-TEST0002"} <= set(found.choices)

    def test_a_namesake_with_another_number_and_birthday_is_somebody_new(self) -> None:
        found = details({**only(AMRIT, *NAMES), "learner.uln": "1000000000", "learner.date_of_birth": "2005-05-05"}, {
            "P-TEST0001": AMRIT
        })  # fmt: skip
        assert isinstance(found, Recognised)
        assert found.plan is None

    def test_a_name_with_a_date_of_birth_that_nobody_has_is_a_new_learner(self) -> None:
        found = details(
            {"learner.given_name": "Ivo", "learner.family_name": "New", "learner.date_of_birth": "2006-06-06"}
        )
        assert isinstance(found, Recognised)
        assert found.plan is None

    @pytest.mark.parametrize("said", [{}, {"learner.given_name": "Ivo"}, {"learner.phone": "0161 496 0000"}])
    def test_a_form_that_names_nobody_puts_a_question(self, said: Record) -> None:
        found = details(said)
        assert isinstance(found, Unsure)
        assert "new" in found.choices

    def test_the_temporary_learner_number_identifies_nobody(self) -> None:
        plans: dict[str, Record] = {"P-TEST0001": {**only(AMRIT, *NAMES), "learner.uln": "TEMP"}}
        found = details({"learner.given_name": "Ivo", "learner.uln": "TEMP"}, plans)
        assert isinstance(found, Unsure)
        assert "P-TEST0001" not in found.question

    @law
    @given(records(tuple(AMRIT)), records(tuple(AMRIT)), records(tuple(AMRIT)))
    def test_whatever_is_said_the_answer_is_one_plan_or_a_question(
        self, said: Record, one: Record, two: Record
    ) -> None:
        plans = {"P-TEST0001": one, "P-TEST0002": two}
        found = details(said, plans)
        if isinstance(found, Recognised) and found.plan:
            ours, other = plans.pop(found.plan), next(iter(plans.values()))
            shared = [p for p in ("learner.uln", "learner.reference") if p in said and said[p] != "TEMP"]
            by_number = any(str(ours.get(p)).casefold() == str(said[p]).casefold() for p in shared)
            named = (*NAMES, "learner.date_of_birth")
            by_name = all(p in said and str(ours.get(p)).casefold() == str(said[p]).casefold() for p in named)
            assert by_number or by_name
            assert not any(str(other.get(p)).casefold() == str(said[p]).casefold() for p in shared)
        else:
            assert not isinstance(found, Refusal)


class TestWithoutAStamp:
    # What only answers something that was asked is nothing without its number.
    @pytest.mark.parametrize("proforma", sorted(n for n, p in PROFORMAS.items() if p.serves in ("", "request")))
    def test_a_form_without_a_stamp_is_known_by_its_boxes(self, proforma: str) -> None:
        form = printed(proforma, AMRIT, stamped=False)
        found = recognise(form, known())
        assert found.proforma.proforma == proforma if isinstance(found, Recognised) else isinstance(found, Unsure)
        if proforma in ("learner-details", "plan"):
            assert isinstance(found, Recognised)
            assert found.plan == "P-TEST0001"
            assert found.stamp is None

    def test_a_file_with_other_boxes_is_refused(self) -> None:
        fields = tuple(Field(f"box {n}", "text", "words", "words", f"Question {n}") for n in range(9))
        found = recognise(Form("00", Media.WORD, fields=fields), known())
        assert isinstance(found, Refusal)
        assert "blank forms" in found.advice

    def test_two_forms_that_have_the_same_boxes_are_told_apart_by_a_person(self) -> None:
        twin = PROFORMAS["learner-details"].model_copy(update={"proforma": "twin", "title": "Twin"})
        both = replace(known(), proformas={**PROFORMAS, "twin": twin})
        found = recognise(printed("learner-details", AMRIT, stamped=False), both)
        assert isinstance(found, Unsure)
        assert "Twin" in found.question


def without_names(form: Form) -> Form:
    """The form after a program that kept labels and rows, and made names of its own."""
    return replace(form, fields=tuple(f._replace(name=f"Text{n}", route="label") for n, f in enumerate(form.fields)))


def told(answers: tuple[Answer, ...]) -> dict[str, tuple[State, object]]:
    return {a.place: (a.state, a.value) for a in answers}


class TestWhichQuestion:
    @law
    @given(st.data())
    def test_boxes_are_found_by_their_labels_when_names_are_lost(self, data: st.DataObject) -> None:
        proforma = data.draw(st.sampled_from(sorted(PROFORMAS)))
        form = printed(proforma, data.draw(records(printable(proforma))))
        own_row = issue(proforma).row
        by_name = read_answers(form, PROFORMAS[proforma], own_row)
        assert told(read_answers(without_names(form), PROFORMAS[proforma], own_row)) == told(by_name)

    @law
    @given(st.data())
    def test_every_value_printed_is_read_as_said(self, data: st.DataObject) -> None:
        proforma = data.draw(st.sampled_from(sorted(PROFORMAS)))
        record = data.draw(records(printable(proforma)))
        found = told(read_answers(printed(proforma, record), PROFORMAS[proforma], issue(proforma).row))
        assert {place: value for place, (state, value) in found.items() if state is State.SAID} == record
        assert {state for state, _ in found.values()} <= {State.SAID, State.BLANK}

    @law
    @given(st.sampled_from(sorted(PROFORMAS)), st.data())
    def test_whatever_stands_in_a_box_is_an_answer_of_some_kind(self, proforma: str, data: st.DataObject) -> None:
        form = printed(proforma, {})
        number = data.draw(st.integers(0, len(form.fields) - 1))
        anything = st.none() | st.booleans() | st.text(max_size=20) | st.just(("a", "b"))
        value = data.draw(anything)
        box = form.fields[number]._replace(value=value, raw=value)
        (answer,) = read_answers(replace(form, fields=(box,)), PROFORMAS[proforma], issue(proforma).row)
        place = place_of(answer.place)
        assert place is not None
        assert (answer.state is State.SAID) == (answer.value is not None)
        assert answer.value is None or place.parse(place.show(answer.value)) == answer.value
        assert bool(answer.why) == (answer.state is State.UNREADABLE)

    def one(self, path: str, words: str | bool | None, kind: Kind = Kind.TEXT, **more: object) -> Answer:
        box = field(Box(path, "Label", kind, None, ""))._replace(value=words, raw=words, **more)
        proforma = next(p for p in (PROFORMAS["plan"], PROFORMAS["learner-details"]) if path in p.places())
        (answer,) = read_answers(Form("00", Media.WORD, fields=(box,)), proforma, "")
        return answer

    @pytest.mark.parametrize(
        ("path", "words", "state"),
        [
            ("programme.title", "CLEAR", State.CLEAR),
            ("programme.title", "DELETE", State.CLEAR),
            ("programme.title", "clear", State.SAID),
            ("programme.title", "n/a", State.SAID),
            ("programme.start", "clear", State.CLEAR),
            ("programme.start", "N/A", State.NOT_APPLICABLE),
            ("programme.start", "31/02/2027", State.UNREADABLE),
            ("programme.start", "01/02/2027", State.SAID),
            ("learner.uln", "9276308687", State.UNREADABLE),
            ("programme.title", "   ", State.BLANK),
            ("programme.title", None, State.BLANK),
            ("sharing.notice_seen", "No", State.BLANK),
        ],
    )
    def test_words_say_what_becomes_of_a_value(self, path: str, words: str | None, state: State) -> None:
        assert self.one(path, words).state is state

    def test_what_is_struck_out_is_cleared_and_what_is_doubtful_is_asked_about(self) -> None:
        assert self.one("programme.title", "Baker", problems=("struck out",)).state is State.CLEAR
        doubtful = self.one("programme.title", "Baker", problems=("both boxes are ticked",))
        assert doubtful.state is State.UNREADABLE
        assert "both boxes are ticked" in doubtful.why

    def test_a_place_that_the_form_does_not_ask_for_is_not_answered_by_it(self) -> None:
        names = ("learner.sex", "waivers[G1].reason", "signatures[learner].bound", "signatures[quality].name",
                 "assessments[Reading].state", "no.such_place")  # fmt: skip
        fields = tuple(Field(name, "text", "Yes", "Yes") for name in names)
        assert read_answers(Form("00", Media.WORD, fields=fields), PROFORMAS["plan"], "") == ()

    def test_nobody_makes_a_signature_count_by_adding_a_box(self) -> None:
        boxes = [f"signatures[learner].{part}" for part in ("name", "date", "method", "bound")]
        fields = tuple(Field(name, "text", "Yes", "Yes") for name in boxes)
        found = read_answers(Form("00", Media.WORD, fields=fields), PROFORMAS["funding-plan"], "")
        assert [a.place for a in found] == [box.name for box in signature_boxes(PROFORMAS["funding-plan"].signed[0])]

    def test_a_subject_that_nobody_is_assessed_in_is_no_box_of_the_form(self) -> None:
        fields = (Field("assessments[Cooking].state", "text", "Done", "Done"),)
        assert read_answers(Form("00", Media.WORD, fields=fields), PROFORMAS["needs-summary"], "") == ()

    def test_a_box_that_stands_on_a_form_twice_is_read_once(self) -> None:
        fields = tuple(Field("programme.title", "text", words, words) for words in ("Baker", "Cook"))
        (answer,) = read_answers(Form("00", Media.WORD, fields=fields), PROFORMAS["plan"], "")
        assert answer.value == "Baker"

    def test_the_form_of_a_day_is_what_was_printed(self) -> None:
        version = PROFORMAS["plan"].version
        assert issue("plan").stamp.line() == f"Form F-AAAA1111 · plan P-TEST0001 revision 1 · plan issue {version}"
        assert issue("plan").printed == PRINTED
