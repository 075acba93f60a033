"""A folder made a workspace, and looked at before it is opened as one: its proformas, and where its parts may lie."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from engine import vocabulary
from engine.errors import Mistake, WorkspaceTrouble, WrongUse
from engine.mounts import is_share
from engine.proforma import ROLE_LETTER, Proforma, load_all
from engine.settings import Settings
from engine.settings_file import FILE, TEMPLATE

SHIPPED = Path(__file__).parent / "shipped"
"""What the wheel carries beside the code; in a checkout the same things stand at the top of the repository."""


def shipped(name: str) -> Path:
    """A folder that ships with the program: `proformas` or `samples`."""
    here = SHIPPED / name
    checkout = {"samples": "tests/samples"}.get(name, name)
    return here if here.exists() else Path(__file__).parent.parent / checkout


def proformas_of(root: Path) -> Path:
    """The folder of proformas that counts in a workspace: its own, else what ships."""
    return root / "proformas" if (root / "proformas").is_dir() else shipped("proformas")


def own_proformas(root: Path) -> Path:
    """The workspace's own folder of proformas, made from what ships where it has none.

    Raises:
        WrongUse: when the folder is no workspace.
    """
    must_be_workspace(root)
    if not (root / "proformas").is_dir():
        shutil.copytree(shipped("proformas"), root / "proformas")
    return root / "proformas"


def must_be_workspace(root: Path) -> None:
    """Sees to it that a folder is a workspace.

    Raises:
        WrongUse: when it is none.
    """
    if not (root / FILE).exists() and not (root / "inbox").is_dir():
        raise WrongUse(
            f"{root} is not a workspace.", "Make one with `counterpart init DIR`, or name one with --workspace."
        )


def init(root: Path, provider: str = "Our training provider") -> None:
    """Makes a workspace with the shipped proformas; what is there already is left as it is."""
    for name in ("inbox", "outbox"):
        (root / name).mkdir(parents=True, exist_ok=True)
    if not (root / "proformas").exists():
        shutil.copytree(shipped("proformas"), root / "proformas")
    if not (root / FILE).exists():
        (root / FILE).write_text(TEMPLATE.format(provider=json.dumps(provider, ensure_ascii=False)), "utf-8")


def proformas(home: Path, settings: Settings, store: Path) -> Mapping[str, Proforma]:
    """The proformas of a workspace by name, in the words that its settings ask for.

    Args:
        home: the folder they lie in.
        store: where they are remembered as they were last read, once it is there.

    Raises:
        Mistake: when one of them holds a mistake, or the settings name one that is not there.
    """
    found = _worded(load_all(home, store / "proformas.json" if store.is_dir() else None), settings, home)
    _forms_must_be_known(settings, found)
    _roles_must_be_known(settings)
    return found


def _worded(proformas: Mapping[str, Proforma], settings: Settings, home: Path) -> Mapping[str, Proforma]:
    if not settings.forms.words and not settings.forms.language:
        return proformas
    instead = vocabulary.load(home).chosen(settings.forms.words)
    return {
        name: form if form.blank else vocabulary.worded(form, instead, settings.forms.language)
        for name, form in proformas.items()
    }


def _roles_must_be_known(settings: Settings) -> None:
    named = {
        **{f"people.{name}.roles": person.roles for name, person in settings.people.items()},
        **{f"may.{act}": tuple(roles) for act, roles in settings.may},
    }
    for setting, roles in named.items():
        for role in roles:
            if role not in ROLE_LETTER:
                raise Mistake(
                    f"{FILE}: the setting “{setting}” names a role “{role}”, and there is none.",
                    f"There are: {', '.join(ROLE_LETTER)}.",
                )


def _forms_must_be_known(settings: Settings, proformas: Mapping[str, Proforma]) -> None:
    for folder, names in settings.ready.model_dump().items():
        for name in names:
            if name not in proformas:
                raise Mistake(
                    f"{FILE}: the setting “ready.{folder}” names a form “{name}”, and there is none.",
                    f"There are: {', '.join(proformas)}.",
                )
            if proformas[name].blank:
                raise Mistake(
                    f"{FILE}: the setting “ready.{folder}” names “{name}”, which is somebody else’s form.",
                    f"Such a form is filled in when it is asked for: `counterpart issue {name} --plan PLAN`.",
                )


def must_be_apart(root: Path, store: Path) -> None:
    """Sees to it that what goes out never comes in again, and that the ledger lies where it is safe.

    Raises:
        Mistake: when the folders lie inside each other.
        WorkspaceTrouble: when the ledger would lie on a share.
    """
    inbox, outbox = ((root / name).resolve() for name in ("inbox", "outbox"))
    for inner, outer in ((outbox, inbox), (inbox, outbox), (store, inbox), (store, outbox)):
        if inner.is_relative_to(outer):
            raise Mistake(
                f"{inner} lies in {outer}: what goes out would come in again.",
                "Move one of them (the setting store.folder, or where the links inbox and outbox lead).",
            )
    if is_share(store):
        raise WorkspaceTrouble(
            f"{store} lies on a network share, where the ledger would not be safe.",
            "Name a folder on this machine's own disk with the setting store.folder; inbox and outbox may stay there.",
        )
