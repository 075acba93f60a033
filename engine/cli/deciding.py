"""The commands by which people decide: a form issued, a question settled, a signature recorded, a mistake put right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from engine.cli.terminal import By, Json, Plan, Where, app, lines, opened_at, print_json, who, width
from engine.errors import WrongUse

if TYPE_CHECKING:
    from engine.model import Query


@app.command()
def issue(
    proforma: Annotated[
        str, typer.Argument(help="Which form, as `counterpart proformas` lists it.", metavar="PROFORMA")
    ],
    plan: Annotated[str | None, typer.Option(help="Whose; without it the form is blank.")] = None,
    role: Annotated[
        str, typer.Option("--for", help="One role's questions alone: learner, tutor, employer, ...", metavar="ROLE")
    ] = "",
    medium: Annotated[
        str, typer.Option("--as", help="word or pdf (default: pdf; an adopted form comes as the file it is).")
    ] = "",
    variant: Annotated[
        str, typer.Option(help="standard, large-print, plain (words), or plain-large-print.")
    ] = "standard",
    section: Annotated[str, typer.Option(help="One section alone, by its heading.", metavar="NAME")] = "",
    size: Annotated[
        str, typer.Option(help="How much it asks: short, standard or full; the setting forms.size if left out.")
    ] = "",
    to: Annotated[Path | None, typer.Option(help="The folder to write it to.", metavar="DIR")] = None,
    workspace: Where = None,
    as_json: Json = False,
) -> None:
    """Writes a form, stamped, and pre-filled for a plan."""
    from engine.model import Manner, Variant
    from engine.settings import SIZES, Size

    if medium not in ("", "word", "pdf"):
        raise WrongUse(f"“{medium}” is no kind of document.", "It is word or pdf.")
    if variant not in get_args(Variant):
        raise WrongUse(f"“{variant}” is no variant of a document.", f"There is {', '.join(get_args(Variant))}.")
    if size not in ("", *SIZES):
        raise WrongUse(f"“{size}” is no size of a form.", f"There is {', '.join(SIZES)}.")
    kind = cast(Literal["word", "pdf"], medium) if medium else None
    with opened_at(workspace) as opened:
        asked = cast(Size, size or opened.premises.settings.forms.size)
        given, file = opened.issue(proforma, plan, kind, to, Manner(cast(Variant, variant), role, section, asked))
    if as_json:
        print_json(
            {
                "file": str(file),
                "form": given.form,
                "plan": given.plan,
                "revision": given.revision,
                "proforma": given.proforma,
            }
        )
    else:
        print(f"{given.form} is at {file}")


@app.command()
def settle(
    query: Annotated[str, typer.Argument(help="The question's number, Q-...", metavar="QUERY")],
    take: Annotated[str | None, typer.Option(help="form or plan, or a choice that the question names.")] = None,
    value: Annotated[str | None, typer.Option(help="What holds instead.", metavar="TEXT")] = None,
    by: By = "",
    workspace: Where = None,
) -> None:
    """Answers a question; the answer is recorded like any other change."""
    if (take is None) == (value is None):
        raise WrongUse("Say either --take or --value.")
    with opened_at(workspace) as opened:
        opened.settle(query, take, value, who(by))
    print(f"{query} is settled.")


@app.command()
def sign(
    plan: Plan,
    role: Annotated[str, typer.Option(help="In which role the person signed: learner, employer, provider.")],
    name: Annotated[str, typer.Option(help="The signer's name.")],
    by: Annotated[str, typer.Option(help="The member of staff before whom it was signed.", metavar="STAFF")],
    workspace: Where = None,
) -> None:
    """Records a signature that was made before a member of staff."""
    with opened_at(workspace) as opened:
        opened.sign(plan, role, name, by)
        there = opened.standing(plan)
    print(f"Recorded. The funding-body version is now: {there.state}.")


@app.command()
def waive(
    plan: Plan,
    gate: Annotated[str, typer.Argument(help="The gate's number, as `counterpart show` names it: G1.", metavar="GATE")],
    reason: Annotated[str, typer.Option(help="Why.", metavar="TEXT")],
    by: Annotated[str, typer.Option(help="Who waives it.", metavar="STAFF")],
    role: Annotated[str, typer.Option(help="In which role: provider, quality, tutor.")] = "provider",
    workspace: Where = None,
) -> None:
    """Waives a gate before sign-off that may be waived; name and reason stand on the signed version."""
    with opened_at(workspace) as opened:
        opened.waive(plan, gate, reason, by, role)
    print(f"{gate} is waived.")


@app.command()
def model(
    plan: Annotated[
        str | None, typer.Argument(help="The plan's number; none = list the models.", metavar="PLAN")
    ] = None,
    name: Annotated[str, typer.Argument(help="The model's name.", metavar="NAME")] = "",
    by: By = "",
    workspace: Where = None,
) -> None:
    """Lists the model targets, or puts one into a plan, where it has to be made the learner's own."""
    with opened_at(workspace) as opened:
        if plan and name:
            opened.model(plan, name, who(by))
            print(f"“{name}” is a target of {plan} now. Change its words on the next form.")
            return
        known = opened.models()
    if plan:
        raise WrongUse("Which model?", f"There are: {', '.join(known) or 'none'}.")
    for title, says in known.items():
        print(f"{title}: {says['text']}")


@app.command(name="roll-over")
def roll_over(plan: Plan, by: By = "", workspace: Where = None) -> None:
    """Carries a plan over into its next year: finished targets leave it, its history keeps them."""
    with opened_at(workspace) as opened:
        opened.roll_over(plan, who(by))
    print(f"{plan} goes on into its next year.")


@app.command()
def undo(
    plan: Plan,
    revision: Annotated[int, typer.Argument(help="The revision's number, as `counterpart history` lists it.", min=1)],
    reason: Annotated[str, typer.Option(help="What is wrong with it.", metavar="TEXT")],
    to: Annotated[str | None, typer.Option(help="The plan of the learner whose form it was.", metavar="PLAN")] = None,
    by: By = "",
    workspace: Where = None,
) -> int:
    """Takes back a revision entered in error; what has changed since is asked about."""
    with opened_at(workspace) as opened:
        made = opened.undo(plan, revision, reason, who(by), to)
        asked = [q for q in opened.queries(plan) if q.raised_in == made.number]
        left = opened.standing(plan).record
    print(f"Revision {revision} is taken back: it is revision {made.number} that says so.")
    if to:
        print(f"Its form is merged into {to}.")
    if not left:
        print(f"Nothing is left in {plan}. If it never was anybody's: `counterpart close {plan} --reason TEXT`.")
    return _asked(asked)


@app.command()
def join(
    plan: Plan,
    other: Annotated[str, typer.Argument(help="The plan that is joined to it, and closed.", metavar="PLAN")],
    by: By = "",
    workspace: Where = None,
) -> int:
    """Joins two plans of one learner: the second goes into the first."""
    with opened_at(workspace) as opened:
        made = opened.join(plan, other, who(by))
        asked = [q for q in opened.queries(plan) if q.raised_in == made.number]
    print(f"{other} is joined to {plan}; forms printed for it will go there.")
    return _asked(asked)


@app.command()
def close(
    plan: Plan,
    reason: Annotated[str, typer.Option(help="Why.", metavar="TEXT")],
    by: By = "",
    workspace: Where = None,
) -> None:
    """Closes a plan that is finished: nothing of it is due any more, and its documents stay."""
    with opened_at(workspace) as opened:
        opened.close_plan(plan, reason, who(by))
    print(f"{plan} is closed.")


@app.command()
def reopen(
    plan: Plan,
    reason: Annotated[str, typer.Option(help="Why.", metavar="TEXT")],
    by: By = "",
    workspace: Where = None,
) -> None:
    """Opens a closed plan again."""
    with opened_at(workspace) as opened:
        opened.reopen_plan(plan, reason, who(by))
    print(f"{plan} is open again.")


def _asked(found: Sequence[Query]) -> int:
    """Tells the questions that an act has raised; the exit status."""
    from engine.cli import pages

    for query in found:
        lines(pages.wrapped(f"{query.query}: {query.question}", width()))
    return 1 if found else 0
