"""Lists of learners made up for tests: plausible, varied, each row different."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from tests.strategies import with_check_digit

GIVEN = ("Amrit", "Bartosz", "Chidi", "Delyth", "Eilidh", "Farah", "Gwion", "Hana", "Ifeoma", "Jakub", "Kavita", "Liam",
         "Mei", "Niamh", "Olu", "Priya", "Quentin", "Rhys", "Sioned", "Tariq", "Uzma", "Viktor", "Wiktoria", "Ximena",
         "Yusuf", "Zofia")  # fmt: skip
FAMILY = ("Abbott", "Begum", "Cadwaladr", "Desai", "Evans", "Fagbenle", "Griffiths", "Hussain", "Ibrahim", "Jones",
          "Kaur", "Lewandowski", "Morgan", "Nowak", "O’Neill", "Patel", "Qureshi", "Rees", "Szymańska", "Thomas",
          "Ubah", "Vaughan", "Williams", "Xu", "Young", "Zając")  # fmt: skip
STAFF = (("Sam Reed", "Northgate"), ("Ffion Hughes", "Northgate"), ("Dele Okoro", "Harbour"), ("Anna Kowal", "Harbour"))
EMPLOYERS = tuple(f"{name} {kind}" for name in FAMILY[:20] for kind in ("Bakery", "Care", "Joinery"))
LEARNERS, PROGRAMMES, TEAM, FIRMS = "Learners", "Programmes", "Staff", "Employers"

Row = dict[str, object]


def learners(count: int, seed: int = 1) -> Iterator[tuple[Row, Row]]:
    """So many learners, each with the row of the programme."""
    chance = random.Random(seed)
    used: set[str] = set()
    while len(used) < count:
        uln = with_check_digit(chance.randrange(100_000_000, 999_999_900))
        if uln in used:
            continue
        used.add(uln)
        n = len(used)
        start = f"2026-{chance.randrange(8, 12):02}-{chance.randrange(1, 28):02}"
        hours = chance.randrange(300, 600)
        yield (
            {
                "LearnRefNumber": f"K{n:06}", "GivenNames": chance.choice(GIVEN), "FamilyName": chance.choice(FAMILY),
                "DateOfBirth": f"{1975 + n % 33}-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}",
                "ULN": uln, "NINumber": f"AB{n:06}A", "Postcode": f"CF{n % 60 + 1} {n % 9 + 1}AB",
                "PostcodePrior": f"CF{n % 50 + 1} {n % 8 + 1}XY", "TelNo": f"029 20{n:06}",
                "Email": f"learner{n}@post.example", "Tutor": STAFF[n % 4][0], "Employer": chance.choice(EMPLOYERS),
            },
            {
                "LearnRefNumber": f"K{n:06}", "FundModel": chance.choice(("36", "35", "25")),
                "Programme title": chance.choice(("Baker, level 2", "Adult care worker", "Site joinery")),
                "CompStatus": "1", "LearnStartDate": start, "LearnPlanEndDate": f"2027-{start[5:]}",
                "Planned hours": hours, "Agreement hours": hours, "PHours": hours, "Weekly hours": 30,
                "PartnerUKPRN": "10004112",
            },
        )  # fmt: skip


def sheets(count: int, seed: int = 1) -> dict[str, list[Row]]:
    """A whole list: four sheets."""
    made = list(learners(count, seed))
    return {
        LEARNERS: [row for row, _ in made],
        PROGRAMMES: [row for _, row in made],
        TEAM: [{"Tutor": name, "Tutor e-mail": f"{name.split()[0].lower()}@kingsmead.example", "Site": site}
               for name, site in STAFF],
        FIRMS: [{"Employer": name, "Workplace": f"{n + 1} High Street", "Mentor": f"Jo {name.split()[0]}"}
                for n, name in enumerate(EMPLOYERS)],
    }  # fmt: skip


def save(file: Path, whole: Mapping[str, Sequence[Row]]) -> Path:
    """The list as a spreadsheet: headings in row 1."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in whole.items():
        sheet = book.create_sheet(name)
        heads = list(dict.fromkeys(head for row in rows for head in row))
        sheet.append(heads)
        for row in rows:
            sheet.append([row.get(head) for head in heads])
    file.parent.mkdir(parents=True, exist_ok=True)
    book.save(file)
    return file


def cell(whole: Mapping[str, Sequence[Row]], sheet: str, row: int, head: str) -> str:
    """Where the value of a row (from 0) stands: `Learners!C17`."""
    heads = list(dict.fromkeys(h for r in whole[sheet] for h in r))
    return f"{sheet}!{chr(65 + heads.index(head))}{row + 2}"
