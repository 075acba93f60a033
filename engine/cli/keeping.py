"""What keeps a workspace safe and running: backup, restore, service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.cli.terminal import Json, Where, app, chosen, opened_at, print_json

Folder = Annotated[Path, typer.Argument(help="The folder of the backup, on another disk.", metavar="DIR")]


@app.command()
def backup(folder: Folder, workspace: Where = None, as_json: Json = False) -> int:
    """Copies the record to another disk, while work goes on; again into the same folder, it adds what is new."""
    with opened_at(workspace) as opened:
        copied = opened.backup(folder)
    if as_json:
        print_json({"files": copied.files, "added": copied.added, "missing": list(copied.missing)})
    else:
        print(f"{copied.files} files are in {folder}, {copied.added} of them new.")
        for sha256 in copied.missing:
            print(f"Not copied, because it is not where it belongs: {sha256}. `counterpart verify` tells more.")
    return 1 if copied.missing else 0


@app.command()
def restore(folder: Folder, workspace: Where = None, as_json: Json = False) -> int:
    """Brings a backup back: checks all of it first, deletes nothing, and writes the documents again."""
    from engine.backup import restore as bring_back

    root = chosen(workspace).resolve()
    copied = bring_back(root, folder.resolve())
    with opened_at(root) as opened:
        opened.run()
        found = opened.verify()
    if as_json:
        print_json({"files": copied.files, "back": list(copied.back), "ok": found.ok})
    else:
        print(f"{copied.files} files were checked and brought back.")
        for name in copied.back:
            print(f"Went back into the inbox, because it came after the backup: {name}")
        print("Everything holds." if found.ok else f"{len(found.problems)} problems; see `counterpart verify`.")
    return 0 if found.ok else 1


@app.command()
def service(
    act: Annotated[Literal["install"], typer.Argument(help="What to do: install.", metavar="ACT")],
    show: Annotated[bool, typer.Option("--show", help="Only show what would be written and run.")] = False,
    workspace: Where = None,
) -> int:
    """Has the operating system run `counterpart watch` from its start on: by systemd, or as a task of Windows."""
    import os
    import sys

    from engine import service as services

    with opened_at(workspace) as opened:
        plan = services.installing(opened.premises.root, opened.premises.store, sys.platform, os.environ)
    if show:
        print(f"{plan.file}:\n\n{plan.text}")
        print("\n".join(" ".join(command) for command in plan.commands))
        return 0
    left = services.install(plan)
    print(f"{plan.file} is written." + (" Please run yourself:" if left else " The watch runs."))
    for command in left:
        print(f"    {command}")
    return 1 if left else 0
