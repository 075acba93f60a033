"""What causes of revisions, outcomes and rules are called to people, where a history tells what was decided and why."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "form": "a form came",
    "settlement": "a question was settled",
    "signature": "a signature was recorded",
    "waiver": "a gate was waived",
    "model": "a model target was put in",
    "roll-over": "it went on into its next year",
    "undo": "a revision was taken back",
    "join": "two plans were joined",
    "close": "the plan was closed",
    "sample": "the plan was drawn in a sample",
    "re-open": "the plan was opened again",
    "evidence": "a file was put to it",
}
"""What made a revision."""

OUTCOMES: Mapping[str, str] = {
    "accepted": "Taken",
    "cleared": "Removed",
    "agreed": "Agreed",
    "query": "Asked",
    "superseded": "Kept, but not taken",
}
"""What became of an answer."""

RULES: Mapping[str, str] = {
    "M2": "held against what was printed on the form",
    "M3": "an empty box removes nothing by itself",
    "M4": "struck out, or CLEAR was written",
    "M5": "“not applicable” is an answer, and removes nothing by itself",
    "M7": "a form counts from its own day, and a later one stands",
    "M9": "a status goes back only with a reason",
    "M10": "each section is for those whose it is",
    "M11": "what is written here stays, and more is added below",
    "M12": "rows are told by their keys, and twins are asked about",
    "M13": "reviews are told by their numbers and days",
    "M14": "only the learner speaks here",
    "M15": "a proposal to those whose place it is",
    "M16": "it is locked",
    "M18": "a signature binds only to what was printed",
    "M20": "it could not be read with certainty",
    "M21": "it cannot be so",
    "M22": "it may be too private for this box",
    "settled": "as a person answered",
    "waiver": "by a named person, with a reason",
    "model": "as the model target has it",
    "roll-over": "at the end of the year",
    "remark": "it stood beside the answers",
    "undo": "as if what was taken back had never come",
    "gave way": "it had given way to what was taken back",
    "join": "from the other plan",
    "close": "finished",
    "sample": "as the records answer it",
    "re-open": "open again",
    "evidence": "as a person said of the file",
}
"""What a rule says, in a few words; those with an M are domain.md C4's, and M2's depends on the outcome."""

COMPARED: Mapping[str, str] = {
    "accepted": "the plan still said what was printed",
    "agreed": "the plan says so already",
    "query": "the plan has changed since the form was printed",
    "cleared": "the plan still said what was printed",
}
"""What the comparison with the print (M2) came to, by outcome."""


def ruling(outcome: str, rule: str) -> str:
    """What was decided and why: “Taken: the plan still said what was printed (M2)”."""
    why = COMPARED.get(outcome, "") if rule == "M2" else RULES.get(rule, "")
    number = f" ({rule})" if rule.startswith("M") else ""
    return f"{OUTCOMES.get(outcome, outcome)}{': ' if why else ''}{why}{number}"
