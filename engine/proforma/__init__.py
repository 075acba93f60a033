"""A proforma's definition, loaded and checked: what a form asks, of whom, and which place in the plan answers it.

A proforma is a folder with a `proforma.yaml`, written for administrators. `form` has the nouns, `sound` what may be
wrong with them, `file` how they are read.
"""

from engine.proforma.file import load, load_all, plain, spot_of
from engine.proforma.form import ROLE_LETTER, Keep, Line, Proforma, Question, Role, Section, Signer, begins
from engine.proforma.sound import Found, mistakes

__all__ = [
    "ROLE_LETTER",
    "Found",
    "Keep",
    "Line",
    "Proforma",
    "Question",
    "Role",
    "Section",
    "Signer",
    "begins",
    "load",
    "load_all",
    "mistakes",
    "plain",
    "spot_of",
]
