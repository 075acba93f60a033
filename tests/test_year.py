"""A small year of a provider in `make test`; `tests.scores.year` takes in a large one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scores.year import FIRST, Year


def test_in_a_year_nothing_that_anybody_wrote_is_lost_and_nobody_is_asked_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERPART_TODAY", FIRST.isoformat())
    told = Year(tmp_path / "office", learners=8, forms=12, seed=2).passes()
    assert told.faults == []
    assert told.figures["places in doubt"] == told.figures["places in doubt with one open question"] > 20
    assert told.figures["forms with nothing in doubt"] > 40
    assert {"taken", "removed", "agreed", "conflict", "proposal", "removal"} <= told.fates.keys()
