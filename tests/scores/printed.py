"""How much of our own forms is still read once they are printed to PDF: generated records, each form printed by PDFium.

.venv/bin/python -m tests.scores.printed --count 60
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from engine.answers import read_answers
from engine.layout import lay_out
from engine.model import Form, State
from engine.places import Value
from engine.reading import read
from engine.writing.pdf import write_form

sys.path.insert(0, str(Path(__file__).parents[1]))
from made_pdf import printed
from strategies import PROFORMAS, issue, records, sound


def generated(count: int, number: int) -> Iterator[tuple[str, dict[str, Value]]]:
    """Names of proformas and records, the same for one number."""
    found: list[tuple[str, dict[str, Value]]] = []

    @seed(number)
    @settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(name=st.sampled_from(sorted(PROFORMAS)), record=records(most=40).filter(sound))
    def take(name: str, record: dict[str, Value]) -> None:
        found.append((name, record))

    take()
    yield from found


def _answers(form: Form, name: str) -> dict[str, tuple[State, Value]]:
    return {
        a.place: (a.state, a.value)
        for a in read_answers(form, PROFORMAS[name], issue(name).row)
        if a.state is not State.UNREADABLE
    }


def main() -> int:
    """Prints the shares; status 1 when anything is read otherwise than the form said it."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--count", type=int, default=60)
    wanted.add_argument("--seed", type=int, default=1)
    asked = wanted.parse_args()
    warnings.simplefilter("ignore")
    told, lost, wrong = Counter[str](), Counter[str](), []
    for name, record in generated(asked.count, asked.seed):
        form = write_form(lay_out(PROFORMAS[name], record, issue(name), "Coleg Ceredigion")).content
        before, on_paper = _answers(read(form), name), read(printed(form))
        after = _answers(on_paper, name)
        doubts = {f.label: f.problems[0] for f in on_paper.fields if f.problems}
        for place, said in before.items():
            if place not in after:
                lost[next(iter(doubts.values()), "not found") if doubts else "not found"] += 1
                told["unread"] += 1
            elif after[place] == said:
                told["right"] += 1
            else:
                wrong.append(f"{name} {place}: {said[1]!r} read as {after[place][1]!r}")
    total = told.total() + len(wrong)
    print(f"printed: {told['right']} of {total} = {told['right'] / max(total, 1):.4f}; unread {told['unread']}")
    for why, count in lost.most_common():
        print(f"{count:6} unread  {why}")
    for line in wrong:
        print("  wrong ", line)
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
