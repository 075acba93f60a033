"""The command that asks what an inspector would: audit, with its report, samples and packs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cli.terminal import Json, Where, app, opened_at, print_json, table

if TYPE_CHECKING:
    from engine.audits import Audited


@app.command()
def audit(workspace: Where = None, as_json: Json = False) -> None:
    """What an inspector would ask of the plans: seventeen audits, and the report in outbox/quality.

    An audit that cannot be computed from what is there says so, and is not passed.
    """
    with opened_at(workspace) as opened:
        found = opened.audit()
        if as_json:
            from engine.auditing import shape

            print_json(shape(found))
            return
        page = opened.write_quality_report(found)
        _tell(found)
    print(f"The report, and the same as a spreadsheet: {page}")


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
