"""The certificate that a workspace seals with: the one its settings name, else one of its own."""

from __future__ import annotations

import os

from engine.errors import Mistake
from engine.files import write_whole
from engine.premises import Premises
from engine.settings import now
from engine.writing.seal import Certificate, make_certificate


def certificate(premises: Premises) -> Certificate:
    """The certificate to seal with. A workspace without one in its settings makes its own, once, and keeps it.

    Raises:
        Mistake: when the file that the settings name is not there.
    """
    chosen = premises.settings.sealing
    if chosen.pkcs12:
        file = premises.root / chosen.pkcs12
        if not file.exists():
            raise Mistake(f"The certificate {file} is not there.", "Correct sealing.pkcs12 in counterpart.toml.")
        return Certificate(file.read_bytes(), os.environ.get(chosen.password_variable, ""))
    own = premises.store / "seal.p12"
    if not own.exists():
        write_whole(own, make_certificate(premises.settings.provider.name, now().date()))
        own.chmod(0o600)
    return Certificate(own.read_bytes())
