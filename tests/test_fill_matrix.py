"""Every form, blank, full and longest, in both sizes and both kinds of file, is read as other programs filled it in.

A part of the matrix that `tests.scores.filling` goes through as a whole.
"""

from __future__ import annotations

import pytest

from tests.scores.filling import CASES, ON_PDF, ON_WORD, Case, misread, missing

SOME = [case for n, case in enumerate(CASES) if n % 5 == 0]
ONE = Case("progress-review", "longest", "large-print")


@pytest.mark.parametrize("program", ["pikepdf", "content controls"])
@pytest.mark.parametrize("case", SOME, ids=str)
def test_what_a_script_fills_in_is_read_and_the_form_passes_pdf_ua(case: Case, program: str) -> None:
    assert misread(case, program) == []


@pytest.mark.parametrize(
    "program", [name for name in (*ON_PDF, *ON_WORD) if name not in ("pikepdf", "content controls")]
)
def test_what_other_programs_fill_in_is_read(program: str) -> None:
    if missing(program):
        pytest.skip(missing(program))
    assert misread(ONE, program) == []
