"""How answers are written: the formats that identify people and places, each with its check, and the scales.

Each check takes clean text, returns the one way in which the record keeps it, and raises ValueError with a sentence.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from engine.places import Change, Written

IDENTITY, LOCKED, FUNDING, NOTE_ON, WORKING = Change


def _uln(text: str) -> str:
    """A unique learner number: ten digits whose weighted sum leaves 10 modulo 11 (domain.md B2), or TEMP."""
    digits = text.replace(" ", "")
    if digits.upper() == "TEMP":
        return "TEMP"
    if not re.fullmatch(r"[1-9][0-9]{9}", digits):
        raise ValueError(f"“{text}” is not a unique learner number: it has ten digits, the first not 0")
    if sum(int(d) * (10 - i) for i, d in enumerate(digits[:9])) % 11 + int(digits[9]) != 10:
        raise ValueError(f"“{text}” is not a unique learner number: its last digit does not fit the others")
    return digits


def _ni_number(text: str) -> str:
    """A National Insurance number (rule NINumber_01 and HMRC's barred prefixes, domain.md B2)."""
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[^\W\d_DFIQUV][^\W\d_DFIOQUV][0-9]{6}[A-D]?", number, re.ASCII):
        raise ValueError(f"“{text}” is not a National Insurance number (like QQ 12 34 56 C)")
    return number


def _postcode(text: str) -> str:
    """A postcode in upper case with its one space; ZZ99 9ZZ = not known."""
    found = re.fullmatch(r"([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9][A-Z]{2})", text.upper())
    if not found:
        raise ValueError(f"“{text}” is not a postcode")
    return f"{found[1]} {found[2]}"


def _ukprn(text: str) -> str:
    """A UK provider reference number: eight digits, the first a 1."""
    if not re.fullmatch(r"1[0-9]{7}", text.replace(" ", "")):
        raise ValueError(f"“{text}” is not a UKPRN: it has eight digits, the first a 1")
    return text.replace(" ", "")


def _reference(text: str) -> str:
    """A learner reference of the provider: at most twelve letters, digits and blanks (domain.md B2)."""
    if not re.fullmatch(r"[A-Za-z0-9 ]{1,12}", text):
        raise ValueError(f"“{text}” is not a learner reference: at most 12 letters, digits and blanks")
    return text


def _address(text: str) -> str:
    """An address with plain apostrophes and hyphens, the only ones that the learner record's AddLine1 rule has.

    The rule's other halves (50 characters, unaccented letters; domain.md B2) would refuse addresses that exist, such
    as those in Welsh, so they are for whoever makes the extract and not for the person who fills in a form.
    """
    return text.translate(str.maketrans("‘’‐‑–—", "''----"))


def _year(text: str) -> str:
    """A funding year, as 2026-27."""
    found = re.fullmatch(r"20([0-9]{2}) ?[-/–] ?(?:20)?([0-9]{2})", text)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise ValueError(f"“{text}” is not a funding year; write it as 2026-27")
    return f"20{found[1]}-{found[2]}"


def _hash(text: str) -> str:
    """A SHA-256 in its 64 small letters and digits."""
    if not re.fullmatch(r"[0-9a-f]{64}", text.lower()):
        raise ValueError(f"“{text}” is not the SHA-256 of a file: it has 64 digits and letters from a to f")
    return text.lower()


def _e_mail(text: str) -> str:
    if not re.fullmatch(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]{2,}", text):
        raise ValueError(f"“{text}” is not an e-mail address")
    return text


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9 ()\-]{6,24}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?", text):
        raise ValueError(f"“{text}” is not a telephone number")
    return text


Name = Annotated[str, Written("name")]
Prose = Annotated[str, Written("prose")]
Line = Annotated[str, Written("text")]
Address = Annotated[str, Written("prose", _address)]
Uln = Annotated[str, Written("code", _uln)]
NiNumber = Annotated[str, Written("code", _ni_number)]
Postcode = Annotated[str, Written("code", _postcode)]
Ukprn = Annotated[str, Written("code", _ukprn)]
Reference = Annotated[str, Written("code", _reference)]
FundingYear = Annotated[str, Written("code", _year)]
Hash = Annotated[str, Written("code", _hash)]
Email = Annotated[str, Written("e-mail", _e_mail)]
Phone = Annotated[str, Written("phone", _phone)]
Tick = Literal[True]
Count = Annotated[int, Field(ge=0, le=99)]
Hours = Annotated[int, Field(ge=0, le=9999)]
WeeklyHours = Annotated[int, Field(ge=0, le=80)]
Scale = Annotated[int, Field(ge=1, le=4)]
"""Confidence before and after, as the short-course plans ask it: 1 not at all, 4 fully (domain.md B3)."""
Level = Literal["Below Entry 1", "Entry 1", "Entry 2", "Entry 3", "Level 1", "Level 2", "Level 3 or above"]
