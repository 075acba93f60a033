"""The command that asks what an inspector would: audit, with its report, samples and packs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.cli.terminal import By, Json, Where, app, opened_at, print_json, table, who

if TYPE_CHECKING:
    from engine.audits import Audited
    from engine.workspace import Workspace


@app.command()
def audit(
    sample: Annotated[
        str | None,
        typer.Option("--sample", help="Draw a sample of this name, and write its forms.", metavar="NAME"),
    ] = None,
    pack: Annotated[
        str | None,
        typer.Option("--pack", help="Write the inspection pack of a plan, or of a sample by its name.", metavar="WHAT"),
    ] = None,
    audience: Annotated[
        str, typer.Option("--for", help="Whose eyes the pack is for: auditor, quality, employer, ...")
    ] = "auditor",
    to: Annotated[Path | None, typer.Option("--to", help="Where the pack is put.", metavar="DIR")] = None,
    medium: Annotated[Literal["word", "pdf"], typer.Option("--as", help="What the sample's forms are.")] = "word",
    by: By = "",
    workspace: Where = None,
    as_json: Json = False,
) -> None:
    """What an inspector would ask of the plans: seventeen audits, and the report in outbox/quality.

    An audit that cannot be computed from what is there says so, and is not passed. A sample takes at least two plans,
    or a tenth, of each assessor, site, programme and employer, and all plans of a new assessor; the same name draws
    the same plans. Its forms say what the records answer already; filled in, they are dropped into the inbox. A pack is
    one PDF with the signed originals inside, and holds nothing that its audience may not see.
    """
    with opened_at(workspace) as opened:
        if pack is not None:
            file = opened.pack(pack, audience, to)
            print_json({"file": str(file)}) if as_json else print(f"The pack for the {audience}: {file}")
            return
        if sample is not None:
            _sample(opened, sample, medium, who(by), as_json)
            return
        found = opened.audit()
        if as_json:
            from engine.auditing import shape

            print_json(shape(found))
            return
        page = opened.write_quality_report(found)
        _tell(found)
    print(f"The report, and the same as a spreadsheet: {page}")


def _sample(opened: Workspace, name: str, medium: Literal["word", "pdf"], by: str, as_json: bool) -> None:
    drawn = opened.sample(name, by, medium)
    if as_json:
        forms = [{"plan": plan, "why": why, "form": i.form, "file": str(f)} for plan, why, i, f in drawn]
        print_json({"sample": name, "plans": forms})
        return
    print(f"Sample “{name}”: {len(drawn)} plans.")
    table(("Plan", "Why", "Form", "File"), ((plan, why, i.form, file.name) for plan, why, i, file in drawn))
    if drawn:
        print(f"The forms are in {drawn[0][3].parent}. Filled in, drop them into the inbox.")


def _tell(found: Audited) -> None:
    from engine.audits import catalogue

    def line(audit: str) -> tuple[object, ...]:
        result, described = found.result(audit), catalogue()[audit]
        if not result.computed:
            why = max(result.left, key=lambda reason: result.left[reason], default="there are no plans")
            return described.number, described.title, "", "", f"cannot be computed: {why}"
        stopped = len({f.plan for f in result.findings if f.plan})
        about = sum(not f.plan for f in result.findings)
        return (
            described.number,
            described.title,
            len(result.looked),
            stopped,
            f"{about} about the provider" if about else "",
        )

    print(f"{len(found.placed)} plans as of {found.today:%d/%m/%Y}.")
    table(("", "Audit", "Looked at", "Found in", ""), (line(name) for name in catalogue()))
