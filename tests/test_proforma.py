"""Rules of proformas: data that an administrator can read and change, with every mistake named by line and column."""

from pathlib import Path

import pytest
from strategies import PROFORMAS

from engine.errors import Mistake
from engine.places import Change
from engine.plan import PLACES
from engine.proforma import Proforma, load, load_all

SOUND = """\
proforma: small
title: A small form
version: 1
audience: [learner, tutor]
sections:
  - heading: You
    questions:
      - {ask: learner.given_name, label: First names, by: [learner]}
      - {ask: learner.phone, label: Telephone}
  - heading: Targets
    table: targets
    questions:
      - {ask: text, label: Target, width: 3}
"""


def written(tmp_path: Path, text: str, name: str = "small") -> Path:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "proforma.yaml").write_text(text, "utf-8")
    return folder


class TestTheShippedOnes:
    def test_all_are_sound_and_named_like_their_folders(self) -> None:
        assert list(PROFORMAS) == [
            "action-plan",
            "amendment",
            "change-of-circumstances",
            "file-slip",
            "funding-plan",
            "learner-details",
            "learner-list",
            "learning-log",
            "leave-slip",
            "moving-on",
            "my-changes",
            "needs-summary",
            "plan",
            "progress-review",
            "quality-sample",
            "query-slip",
            "request",
            "support-plan",
            "target-sheet",
        ]

    @pytest.mark.parametrize("name", sorted(PROFORMAS))
    def test_nobody_who_holds_one_sees_what_they_may_not(self, name: str) -> None:
        proforma = PROFORMAS[name]
        for _, question, place in proforma.questions():
            assert proforma.eyes <= place.audience, question.ask

    @pytest.mark.parametrize("name", sorted(PROFORMAS))
    def test_labels_are_unique_so_that_a_box_is_found_by_its_label(self, name: str) -> None:
        labels = [question.label.casefold() for _, question, _ in PROFORMAS[name].questions()]
        assert len(set(labels)) == len(labels)

    def test_one_makes_a_funding_body_version_and_prints_what_that_relies_on(self) -> None:
        (version,) = [p for p in PROFORMAS.values() if p.edition]
        assert version.signed
        places = version.places()
        assert any(PLACES[path].change is Change.FUNDING for path in places)
        assert not any(path.startswith(("needs", "targets", "reviews")) for path in places)

    def test_every_kind_of_answer_is_asked_for(self) -> None:
        asked = {place.format for p in PROFORMAS.values() for _, _, place in p.questions()}
        assert {"name", "prose", "date", "number", "tick", "yes-no", "choice", "code"} <= asked


def test_a_small_one_is_enough(tmp_path: Path) -> None:
    found = load(written(tmp_path, SOUND))
    assert isinstance(found, Proforma)
    assert found.places() == {"learner.given_name", "learner.phone", "targets[KEY].text"}
    assert found.eyes == frozenset("LT")
    assert load_all(tmp_path) == {"small": found}


MISTAKES = [
    ("ask: learner.phone", "ask: learner.telephone", "line 9, column", "no place “learner.telephone”"),
    ("ask: text", "ask: words", "line 13, column", "no place “words”"),
    ("table: targets", "table: aims and goals", "line 11, column", "no table “aims and goals”"),
    ("label: Telephone", "label: first NAMES", "line 9, column", "stands on this form twice"),
    ("audience: [learner, tutor]", "audience: [learner, employer]", "line 9, column", "employer may not see"),
    ("by: [learner]", "by: [aunt]", "line 8, column", "Input should be"),
    ("label: Telephone", "lable: Telephone", "line 9, column", "Field required"),
    ("version: 1", "version: one", "line 3, column", "integer"),
    ("version: 1", "version: 0", "line 3, column", "greater than or equal to 1"),
    ("width: 3", "width: 30", "line 13, column", "less than or equal to 10"),
    ("title: A small form", "titel: A small form", "line", "Field required"),
    ("ask: learner.phone", "ask: 'reviews[#].held'", "line 9, column", "`about:` must name its table"),
    ("version: 1", "version: 1\nabout: dreams", "line 4, column", "no table “dreams”"),
    ("version: 1", "version: 1\nkeep: [{folder: employer, media: [pdf], when: due}]", "line 4, column", "not for this"),
    ("heading: You", "heading: [You", "line", "expected"),
    ("version: 1", "version: 1\nversion: 2", "line 4, column", "duplicate key"),
]


@pytest.mark.parametrize(("right", "wrong", "where", "why"), MISTAKES)
def test_a_mistake_is_named_by_file_line_and_column(
    tmp_path: Path, right: str, wrong: str, where: str, why: str
) -> None:
    assert right in SOUND
    folder = written(tmp_path, SOUND.replace(right, wrong))
    with pytest.raises(Mistake) as caught:
        load(folder)
    said = str(caught.value)
    assert str(folder / "proforma.yaml") in said
    assert where in said
    assert why in said
    assert caught.value.advice


def test_what_an_audience_may_not_see_is_not_asked(tmp_path: Path) -> None:
    hidden = SOUND.replace("learner.phone, label: Telephone", "learner.ni_number, label: Number")
    with pytest.raises(Mistake, match=r"tutor may not see “learner\.ni_number”"):
        load(written(tmp_path, hidden))


@pytest.mark.parametrize("text", ["", "[]", "just words", "proforma: small"])
def test_a_file_that_is_no_proforma_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(Mistake, match=r"proforma\.yaml"):
        load(written(tmp_path, text))


def test_a_proforma_is_called_like_its_folder(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="calls itself “small”"):
        load(written(tmp_path, SOUND, "tall"))
