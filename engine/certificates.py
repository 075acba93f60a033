"""The certificate that a workspace seals with: the one its settings name, else one of its own."""

from __future__ import annotations

import os

from engine.errors import CounterpartError, Mistake
from engine.files import write_whole
from engine.premises import Premises
from engine.settings import now
from engine.writing.seal import Certificate, make_certificate

AHEAD = 31
"""How many days before it expires a certificate is warned of."""


def warning(premises: Premises) -> str:
    """What has to be done about the certificate soon, in words; "" while there is nothing."""
    if not premises.settings.sealing.pkcs12 and not (premises.store / _OWN).exists():
        return ""
    try:
        left = (found := certificate(premises)).days_left(premises.today)
    except CounterpartError as error:
        return f"Nothing can be sealed: {error}"
    if left > AHEAD:
        return ""
    when = f"{'expires' if left >= 0 else 'expired'} on {found.not_after:%d/%m/%Y}"
    return (
        f"The certificate for sealing {when}. Name a new one in counterpart.toml (sealing.pkcs12); what is sealed "
        "already stays good."
    )


_OWN = "seal.p12"


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
    own = premises.store / _OWN
    if not own.exists():
        write_whole(own, make_certificate(premises.settings.provider.name, now().date()))
        own.chmod(0o600)
    return Certificate(own.read_bytes())
