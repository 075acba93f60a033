"""A provider made up: plans as people write them, and faults of every kind planted in them at known rates.

Two providers of different trades speak in different words and err at different rates; what is tuned on one is tried on
the other. Everything comes from the seed.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from engine.model import Step
from engine.places import Value
from tests.strategies import with_check_digit

TODAY = dt.date(2027, 1, 29)
Said = dict[str, Value]


@dataclass(frozen=True)
class Trade:
    """The words of one provider, its people and places, and how often it errs.

    Attributes:
        patterns: sentences with slots `{a}` to `{d}`, for hopes, pasts and reviews; `slots`: what fills them.
        acts: targets that anybody could watch, `{n}` a number; `vague`: those that nobody could.
        shared: what every plan of a programme has: its goal, and a model target with its steps.
        secrets, asides: what stands under needs, and the same let slip in a review.
        rate: the share of plans that each kind of fault is planted in.
    """

    patterns: Sequence[str]
    slots: Mapping[str, Sequence[str]]
    acts: Sequence[str]
    vague: Sequence[str]
    steps: Sequence[str]
    shared: Mapping[str, tuple[str, str, str]]
    families: Sequence[str]
    givens: Sequence[str]
    firms: Sequence[str]
    sites: Sequence[str]
    secrets: Sequence[str]
    asides: Sequence[str]
    group: str
    rate: float


KITCHEN = Trade(
    patterns=(
        "Since {a} I have wanted to {b}, and {c} would make me proud in {d}",
        "My {a} always said that whoever can {b} will never go without work, so {c} by {d} is the plan",
        "What I like is to {b} when {c}, and I would do it in {d} every day if {a} let me",
        "{c} was hard at first, but once I could {b} with {a} beside me it went well even in {d}",
        "People in {d} ask me to {b} because of {a}, though {c} is what I would rather be known for",
        "I used to think {c} was for others; {a} showed me how to {b} and now {d} feels like mine",
        "Before {a} came along I could not {b} at all, and {c} made me want to leave {d}",
        "For {c} I got up at four, went to {d}, learned to {b} and told {a} about it",
        "If I can {b} by next summer, {a} and I will try {c} together in {d}",
        "It is {c} that keeps me here: I {b} better than in {d}, and {a} notices",
        "When {a} is away I {b} alone, which is easier than {c} in {d} ever was",
        "They tried me on {c} in {d} and I managed to {b}, but next time without {a}",
    ),
    slots={
        "a": ("my gran", "the head chef", "a cousin in Neath", "Jo from the bakery", "the night shift", "an old neighbour",
              "my foster mum", "the pastry cook", "a friend from school", "the butcher opposite", "my sister",
              "the supply driver", "a retired baker", "the team leader", "our regulars"),
        "b": ("fold puff pastry", "run a pass of forty covers", "scale dough by eye", "make a roux that holds",
              "bone a shoulder of lamb", "ice a three tier cake", "shape rolls two at a time", "temper chocolate",
              "cost a menu", "keep a sourdough alive", "clean down in ten minutes", "fillet a bream",
              "write the order list", "proof overnight", "train a newcomer"),
        "c": ("a stall of my own", "the county prize", "early mornings", "a wedding for two hundred", "the hygiene exam",
              "burnt trays", "feeding my street", "the first full service", "a job on the ferries", "cooking for my dad",
              "long orders", "the tasting panel", "stock taking", "a quiet Monday", "learning French terms"),
        "d": ("Swansea market", "the hotel kitchen", "a school canteen", "the unit in Neath", "my uncle's cafe",
              "the summer pop-up", "the college restaurant", "the prep room", "a care home kitchen", "the high street",
              "the back of the shop", "the film set", "the harbour", "a village hall", "the rugby club"),
    },
    acts=("Shape {n} cottage loaves that Jo would sell", "Write {n} order lists without help", "Fillet {n} bream in an hour",
          "Serve {n} covers from the grill", "Log fridge temperatures on {n} days", "Ice {n} cakes to the picture",
          "Ring {n} suppliers for a price", "Bake {n} batches of scones by myself"),
    vague=("Improve confidence", "Be more organised", "Work on timekeeping", "Get better at baking", "Develop skills"),
    steps=("Watch Jo once", "Do it with Jo beside me", "Do it alone", "Ask for a check", "Write down what went wrong",
           "Try it on a busy day"),
    shared={
        "Baker, level 2": ("Pass every unit of the baker diploma and the end assessment with the college and the employer",
                           "Keep a log of oven temperatures for 14 days and hand it in",
                           "Draw the table\nFill it in each morning\nHand it in"),
        "Chef, level 3": ("Reach the senior chef standard and pass the practical before a panel of three outside assessors",
                          "Plan and cost a menu of 3 courses for the training restaurant",
                          "Choose the season\nCost each dish\nShow it to the chef"),
    },
    families=("Owen", "Hughes", "Kaur", "Nowak", "Begum", "Evans", "Ali", "Thomas", "Rees", "Okafor", "Price", "Lewis"),
    givens=("Beth", "Tomos", "Amrit", "Zofia", "Imran", "Cerys", "Dylan", "Megan", "Kofi", "Lowri", "Owain", "Sara"),
    firms=("Brecon Bakes", "Harbour Hotel", "Rees and Daughters", "Cwm Catering", "Bay Kitchens", "The Corner Cafe"),
    sites=("Neath", "Swansea", "Llanelli"),
    secrets=("Loses the thread when three things are said at once", "Finds crowds and sudden noise very hard to bear",
             "Cannot lift more than five kilos since last year"),
    asides=("She was diagnosed in the spring and tires by noon", "He told us about the miscarriage at home",
            "They are still on medication and sleepy in the mornings"),
    group="Irish",
    rate=0.008,
)  # fmt: skip

GARDENS = Trade(
    patterns=(
        "Ever after {c} it has been clear to me that {a} needs someone who can {b} out at {d}",
        "Nobody at {d} expected it, yet {a} let me {b} and called it better than {c}",
        "To {b} all year round, in rain too, beats {c}; at {d} only {a} agrees",
        "{c} taught me patience, {a} taught me to {b}, and {d} taught me the rest",
        "Should {a} retire, the plot at {d} could be mine, provided I {b} and get through {c}",
        "There is no better sound than {d} at dawn, says {a}, and I {b} there thinking of {c}",
        "I would swap {c} any time for an hour at {d}, where {a} shows me to {b}",
        "Twice now I had to {b} by lamplight for {a}, after {c} had kept us from {d}",
        "At home nobody can {b}; it began with {c}, and {a} took me along to {d}",
        "Whatever {a} thinks of {c}, I know that I {b} faster than last year at {d}",
        "Give me {d} and a dry week and I will {b}, {c} or not, whoever {a} sends",
        "Between {c} and {d} there was a time when I could not {b}, and {a} never laughed",
    ),
    slots={
        "a": ("the head gardener", "old Mr Finch", "my probation at the park", "the tree surgeon", "aunt Delphine",
              "the allotment lady", "our foreman", "a volunteer called Pam", "the estate owner", "my stepfather",
              "the nursery buyer", "Ravi with the digger", "the ranger", "the council crew", "my daughter"),
        "b": ("lay a hedge", "graft an apple", "sharpen a mower blade", "sow a wildflower strip", "read a soil test",
              "prune roses to the bud", "drive the small tractor", "build a dry wall", "raise seedlings from heel cuttings",
              "mark out a bowling green", "set drainage", "fell a leaning ash", "price a job by the yard",
              "turn compost properly", "plant bulbs in drifts"),
        "c": ("the flooded spring", "two winters indoors", "the chainsaw ticket", "a stand at the flower show",
              "redundancy", "that failed interview", "the Latin names", "a van with my name on it", "the drought",
              "bringing up three boys", "the night school maths", "an open garden day", "the box blight",
              "my first invoice", "shift work at the depot"),
        "d": ("the walled garden", "Thornby Park", "the motorway verge", "a school field", "the churchyard",
              "the glasshouses", "Lady Anne's orchard", "the canal side", "the cricket ground", "plot forty-one",
              "the hospital courtyard", "the nursery beds", "the quarry edge", "the seaside promenade", "the mill pond"),
    },
    acts=("Lay {n} metres of hedge to standard", "Prune {n} roses with clean cuts", "Pot on {n} trays of seedlings",
          "Identify {n} weeds by their seed leaves", "Mow {n} strips without scalping", "Quote for {n} small jobs",
          "Repair {n} panels of fence", "Sow {n} rows of carrots at depth"),
    vague=("Become a better gardener", "Do my best with plants", "Increase motivation", "Understand soil",
           "Feel happier in the team", "Make progress with tools"),
    steps=("Read the sheet", "Watch it done", "Do one under supervision", "Do the rest", "Take a photograph",
           "Have it signed", "Clean the tools"),
    shared={
        "Horticulture operative, level 2": (
            "Gain the operative certificate in horticulture together with the pesticide ticket before the second spring",
            "Record growth of 12 plants weekly in the green book",
            "Label the plants\nMeasure on Fridays\nBring the book to review"),
        "Arborist, level 3": (
            "Complete the arborist award, both climbing tickets and the rescue course with the approved centre in town",
            "Inspect 6 trees and report on each to the ranger",
            "Borrow the mallet\nWrite up each tree\nTalk it through"),
        "Groundsman, level 2": (
            "Hold the sports turf diploma and keep one pitch in play from the first match of the season until the last",
            "Mark out 4 pitches to the published sizes",
            "Check the string\nMix the paint\nMeasure twice"),
    },
    families=("Finch", "Abara", "Lindqvist", "Shah", "Doyle", "Marsh", "Petrov", "Grant", "Hill", "Yusuf", "Cole", "Ives"),
    givens=("Rosa", "Harvey", "Aneta", "Joel", "Maya", "Stan", "Precious", "Liam", "Ines", "Reg", "Talia", "Umar"),
    firms=("Thornby Estate", "Greenline Verges", "Finch Trees", "Borough Parks", "Mill Nursery"),
    sites=("Thornby", "Ashwell", "Coast Road", "Long Acre"),
    secrets=("Gets very short of breath in pollen and dust", "Panics when shut into small spaces like the tool store",
             "Reads letters in the wrong order when the light is poor"),
    asides=("His epilepsy kept him off the tractor again", "Her counsellor moved the day, so she missed the walk",
            "We agreed because of the pregnancy that nothing is lifted"),
    group="Caribbean",
    rate=0.011,
)  # fmt: skip


@dataclass
class Made:
    """A plan made up, and the kinds of finding that were planted in it."""

    plan: str
    steps: list[tuple[dt.date, str, Said]] = field(default_factory=list)
    signed: dict[str, dt.date] = field(default_factory=dict)
    waits: dt.date | None = None
    planted: set[str] = field(default_factory=set)

    def record(self) -> Said:
        """What it says in the end."""
        return {p: v for _, _, said in self.steps for p, v in said.items() if v is not None}

    def told(self) -> tuple[Step, ...]:
        """As revisions in brief."""
        return tuple(
            Step(n, day, day, cause, sha256(f"{self.plan} {n}".encode()).hexdigest(), "plan", said)
            for n, (day, cause, said) in enumerate(self.steps, 1)
        )


class Maker:
    """Makes plans of one trade."""

    def __init__(self, trade: Trade, seed: int, count: int) -> None:
        self.trade, self.random, self.count = trade, random.Random(seed), count
        self.numbers = iter(range(1, 10**9))

    # What people write

    def sentence(self) -> str:
        pattern = self.random.choice(self.trade.patterns)
        return pattern.format(**{slot: self.random.choice(words) for slot, words in self.trade.slots.items()})

    def prose(self, sentences: int) -> str:
        return ". ".join(s[:1].upper() + s[1:] for s in (self.sentence() for _ in range(sentences)))

    def texts(self) -> dict[str, str]:
        """The sentences that make a plan its learner's own, with `{name}` for the learner."""
        return {
            "aspiration.destination": "{name} wants this: " + self.prose(2),
            "background.learner_view": self.prose(3),
            "background.history": self.prose(2),
            "goals[G2].text": self.prose(1),
        }

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        return first + dt.timedelta(days=self.random.randrange(max(1, (last - first).days + 1)))

    def act(self) -> str:
        return self.random.choice(self.trade.acts).format(n=self.random.randrange(3, 60))

    # A plan without a fault

    def plan(self, texts: Mapping[str, str] | None = None, dates: Sequence[dt.date] | None = None) -> Made:
        """A plan in which nothing is to be found."""
        made = Made(f"P-{next(self.numbers):06}")
        pick, trade = self.random.choice, self.trade
        given, family = pick(trade.givens), pick(trade.families)
        start = self.day(dt.date(2026, 9, 1), dt.date(2026, 10, 20))
        title = pick(sorted(trade.shared))
        kind = pick(("Apprenticeship", "Adult skills", "16 to 19"))
        assessor = f"Assessor {self.random.randrange(max(1, self.count // 60))}"
        goal, model, model_steps = trade.shared[title]
        details: Said = {
            "learner.given_name": given, "learner.family_name": family, "learner.date_of_birth": "2007-03-14",
            "learner.uln": learner_number(self.random), "learner.sex": pick(("Female", "Male")),
            "learner.ethnicity": pick(GROUPS),
            "learner.has_difficulty": pick(("Yes", "No")),
            "staff.assessor": assessor, "staff.tutor": f"Tutor {assessor}", "staff.site": pick(trade.sites),
            "employer.name": pick(trade.firms), "employer.mentor": "Jo Hargreaves", "sharing.notice_seen": True,
        }  # fmt: skip
        level = "Level 2" if self.random.random() < 0.5 else "Level 1"
        needs: Said = {
            f"assessments[{subject}].{part}": value
            for subject in ("Reading", "Writing", "Maths")
            for part, value in (("state", "Done"), ("level", level),
                                ("date", self.day(start, start + dt.timedelta(days=9)).isoformat()))
        }  # fmt: skip
        supported = self.random.random() < 0.3
        if supported:
            needs |= {
                "needs[N1].description": pick(trade.secrets), "needs[N1].status": "Open", "actions[S1].need": "N1",
                "actions[S1].what": "A written card for each job", "actions[S1].who": "Jo Hargreaves",
                "actions[S1].frequency": "every shift",
                "actions[S1].start": (start + dt.timedelta(days=14)).isoformat(),
                "actions[S1].review": "2027-02-26",
            }  # fmt: skip
        if self.random.random() < 0.3:
            needs |= {"prior[L1].item": "An earlier certificate", "prior[L1].decision": "Recognised",
                      "prior[L1].hours_removed": self.random.randrange(5, 40)}  # fmt: skip
        own = {path: text.format(name=given) for path, text in (texts or self.texts()).items()}
        when = list(dates) if dates else sorted(self.day(dt.date(2027, 2, 1), dt.date(2027, 4, 10)) for _ in range(3))
        when += [] if dates else [self.day(dt.date(2027, 6, 1), dt.date(2027, 7, 20)) for _ in range(3)]
        plan: Said = {
            **own, "goals[G1].text": goal, "programme.type": kind, "programme.title": title,
            "programme.level": "Level 3", "programme.start": start.isoformat(),
            "programme.expected_end": "2027-08-31", "programme.planned_end": "2027-08-31",
            "programme.planned_hours": 400 + self.random.randrange(100), "programme.review_weeks": "12 weeks",
            "aims[A1].title": title, "aims[A1].planned_end": "2027-07-31", "training[R1].what": "One day a week",
            "milestones[M1].what": "First unit", "milestones[M1].planned": when[1].isoformat(),
            "milestones[M2].what": "Second unit", "milestones[M2].planned": when[3].isoformat(),
        }  # fmt: skip
        plan["programme.agreement_hours"] = plan["programme.planned_hours"]
        near = "\n".join(self.random.sample(trade.steps, 3))
        for key, text, due, steps, strand in (
            ("T1", model, when[0], model_steps, "Vocational or subject"),
            ("T2", f"{model} again", when[2], near, "Vocational or subject"),
            ("T3", self.act(), when[4], pick(trade.steps), "Functional skills"),
        ):
            plan |= {
                f"targets[{key}].text": text, f"targets[{key}].due": due.isoformat(), f"targets[{key}].steps": steps,
                f"targets[{key}].measure": "Seen and signed", f"targets[{key}].owner": given,
                f"targets[{key}].goal": "G1" if key != "T3" else "G2", f"targets[{key}].status": "Under way",
                f"targets[{key}].strand": strand,
            }  # fmt: skip
        plan |= {"targets[T1].template": "X1", "targets[T2].template": "X2"}
        agreed = start + dt.timedelta(days=self.random.randrange(13, 19))
        roles = ["learner", "employer", "provider"] if kind == "Apprenticeship" else ["learner", "provider"]
        made.signed = {role: agreed + dt.timedelta(days=n) for n, role in enumerate(roles)}
        first = self.day(agreed + dt.timedelta(days=7), agreed + dt.timedelta(days=30))
        second = self.day(
            max(first + dt.timedelta(days=10), TODAY - dt.timedelta(days=70)), TODAY - dt.timedelta(days=4)
        )
        made.steps = [
            (start - dt.timedelta(days=6), "form", details),
            (start + dt.timedelta(days=10), "form", needs),
            (start + dt.timedelta(days=11), "form", plan),
            (max(made.signed.values()), "form", {"signatures[F-1 provider].name": "Chidi Okafor"}),
            (first, "form", self.review(1, first, supported)),
            (second, "form", {**self.review(2, second, supported), "targets[T2].text": self.act()}),
        ]
        return made

    def review(self, number: int, held: dt.date, supported: bool) -> Said:
        said: Said = {
            "held": held.isoformat(), "attended": "The learner, the tutor, Jo Hargreaves", "progress": "On course",
            "learner_says": self.prose(3), "tutor_says": self.prose(2), "employer_says": self.prose(1),
        }  # fmt: skip
        if supported:
            said["support_check"] = "The cards help"
        return {f"reviews[{number}].{column}": value for column, value in said.items()}


GROUPS = (
    "English, Welsh, Scottish, Northern Irish or British", "Irish", "Indian", "Caribbean", "Any other White background",
)  # fmt: skip


def learner_number(made: random.Random) -> str:
    """A learner number that can be right."""
    return with_check_digit(made.randrange(100_000_000, 999_999_999))


# ── Faults ──────────────────────────────────────────────────────────────────────────────────────────────────────

Fault = Callable[[Maker, Made], None]


def _start(made: Made) -> dt.date:
    return dt.date.fromisoformat(str(made.steps[2][2]["programme.start"]))


def _undated(maker: Maker, made: Made) -> None:
    del made.steps[2][2][
        maker.random.choice(("milestones[M1].planned", "milestones[M2].planned", "aims[A1].planned_end"))
    ]
    made.planted.add("undated")


def _never_altered(maker: Maker, made: Made) -> None:
    del made.steps[5][2]["targets[T2].text"]
    made.planted.add("never-altered")


def _unmeasurable(maker: Maker, made: Made) -> None:
    said = made.steps[2][2]
    said["targets[T3].text"] = maker.random.choice(maker.trade.vague)
    for part in ("measure", "owner"):
        del said[f"targets[T3].{part}"]
    made.planted.add("unmeasurable")


def _overload(maker: Maker, made: Made) -> None:
    for n in range(4, 9):
        said = {"text": maker.act(), "due": f"2027-{n - 1:02}-1{n}", "measure": "Seen", "owner": "Me", "goal": "G1",
                "steps": "\n".join(maker.random.sample(maker.trade.steps, 3 if n < 6 else 1)), "status": "Under way"}  # fmt: skip
        made.steps[2][2].update({f"targets[T{n}].{part}": value for part, value in said.items()})
    made.planted.add("overload")


def _pastie(maker: Maker, made: Made) -> None:
    made.steps[2][2]["targets[T1].lens"] = "PASTIE"
    made.planted.add("pastie")


def _power(maker: Maker, made: Made) -> None:
    made.steps[2][2]["targets[T1].lens"] = "POWER"
    made.planted.add("power")


def _overdue(maker: Maker, made: Made) -> None:
    start = dt.date(2026, 9, 1) + dt.timedelta(days=maker.random.randrange(5))
    _begin(made, start)
    made.steps[4] = (start + dt.timedelta(days=30), "form", {
        p: (start + dt.timedelta(days=30)).isoformat() if p.endswith("held") else v for p, v in made.steps[4][2].items()
    })  # fmt: skip
    made.steps[5] = (TODAY - dt.timedelta(days=20), "form", {
        p: v for p, v in made.steps[5][2].items() if not p.startswith("reviews[")
    })  # fmt: skip
    made.planted.add("review-overdue")


def _begin(made: Made, start: dt.date) -> None:
    """Moves a plan's beginning to another day, with all that is counted from it."""
    shift = start - _start(made)
    made.steps[2][2]["programme.start"] = start.isoformat()
    for path, value in made.steps[1][2].items():
        if path.endswith((".date", ".start")):
            made.steps[1][2][path] = (dt.date.fromisoformat(str(value)) + shift).isoformat()
    made.signed = {role: day + shift for role, day in made.signed.items()}
    made.steps = [(day + shift, cause, said) if n < 4 else (day, cause, said)
                  for n, (day, cause, said) in enumerate(made.steps)]  # fmt: skip


def _gap(maker: Maker, made: Made) -> None:
    day, cause, said = made.steps[5]
    made.steps[5] = (day, cause, {p.replace("reviews[2]", "reviews[3]"): v for p, v in said.items()})
    made.planted.add("review-gap")


def _carried(maker: Maker, made: Made) -> None:
    made.steps[5][2]["targets[T3].carried"] = maker.random.randrange(3, 6)
    made.planted.add("carried-forward")


def _absent(maker: Maker, made: Made) -> None:
    made.steps[2][2]["programme.type"] = "Apprenticeship"
    for n, step in ((1, 4), (2, 5)):
        made.steps[step][2][f"reviews[{n}].attended"] = "The learner, the tutor"
        made.steps[step][2].pop(f"reviews[{n}].employer_says", None)
    made.planted.add("employer-absent")


def _early(maker: Maker, made: Made) -> None:
    late = min(made.signed.values()) + dt.timedelta(days=maker.random.randrange(1, 5))
    subject = maker.random.choice(("Reading", "Writing", "Maths"))
    made.steps[1][2][f"assessments[{subject}].date"] = late.isoformat()
    made.planted.add("signed-too-early")


def _taught(maker: Maker, made: Made) -> None:
    made.steps[3][2]["logs[W1].date"] = (
        min(made.signed.values()) - dt.timedelta(days=maker.random.randrange(1, 6))
    ).isoformat()
    made.planted.add("taught-too-early")


def _late(maker: Maker, made: Made) -> None:
    made.signed["provider"] = _start(made) + dt.timedelta(days=maker.random.randrange(43, 60))
    made.planted.add("signed-too-late")


def _unmet(maker: Maker, made: Made) -> None:
    made.steps[1][2].update({"needs[N2].description": "Needs the big screen", "needs[N2].status": "Open"})
    made.planted.add("need-unmet")


def _promise(maker: Maker, made: Made) -> None:
    made.steps[1][2].update({"actions[S9].what": "Somebody should help", "actions[S9].review": "2027-02-26"})
    made.planted.add("empty-promise")


def _apart(maker: Maker, made: Made) -> None:
    made.steps[1][2].update(_SUPPORT | {"actions[S1].start": (_start(made) + dt.timedelta(days=3)).isoformat()})
    made.steps[4][2].pop("reviews[1].support_check", None)
    made.steps[5][2].pop("reviews[2].support_check", None)
    made.planted.add("support-apart")


_SUPPORT: Said = {
    "needs[N1].description": "Needs a quiet place", "needs[N1].status": "Open", "actions[S1].need": "N1",
    "actions[S1].what": "A desk by the window", "actions[S1].who": "Jo", "actions[S1].frequency": "daily",
    "actions[S1].review": "2027-02-26",
}  # fmt: skip


def _level(maker: Maker, made: Made) -> None:
    made.steps[1][2].update({f"assessments[{s}].level": "Entry 3" for s in ("Reading", "Writing", "Maths")})
    made.steps[2][2]["targets[T3].strand"] = "Personal and social"
    made.planted.add("level-gap")


def _prior(maker: Maker, made: Made) -> None:
    made.steps[1][2].update({"prior[L2].item": "A unit from school", "prior[L2].decision": "Noted"})
    made.planted.add("prior-ignored")


def _silent(maker: Maker, made: Made) -> None:
    for n, step in ((1, 4), (2, 5)):
        made.steps[step][2].pop(f"reviews[{n}].learner_says", None)
    made.planted.add("silent")


def _echo(maker: Maker, made: Made) -> None:
    words = str(made.steps[5][2]["reviews[2].tutor_says"]).split()
    words[maker.random.randrange(len(words))] = "really"
    made.steps[5][2]["reviews[2].learner_says"] = " ".join(words)
    made.planted.add("echo-of-staff")


def _no_goal(maker: Maker, made: Made) -> None:
    made.steps[2][2]["targets[T1].goal"] = maker.random.choice((None, "G7"))
    made.planted.add("target-without-goal")


def _no_target(maker: Maker, made: Made) -> None:
    made.steps[2][2]["goals[G3].text"] = maker.prose(1)
    made.planted.add("goal-without-target")


def _no_activity(maker: Maker, made: Made) -> None:
    for path in [p for p in made.steps[2][2] if p.startswith(("milestones[", "training["))]:
        del made.steps[2][2][path]
    made.planted.add("aim-without-activity")


def _upside_down(maker: Maker, made: Made) -> None:
    made.steps[2][2]["targets[T3].steps"] = "\n".join(maker.random.sample(maker.trade.steps, 6))
    made.planted.add("upside-down")


def _resting(maker: Maker, made: Made) -> None:
    start = dt.date(2026, 8, 3) + dt.timedelta(days=maker.random.randrange(5))
    _begin(made, start)
    made.steps = made.steps[:4]
    made.planted |= {"working-stale", "review-overdue"}


def _outdated(maker: Maker, made: Made) -> None:
    day = TODAY - dt.timedelta(days=maker.random.randrange(29, 34))
    made.steps.append((day, "form", {"programme.expected_end": "2027-10-29"}))
    made.steps.sort(key=lambda step: step[0])
    made.planted.add("version-stale")


def _unsigned(maker: Maker, made: Made) -> None:
    made.signed, made.waits = {}, TODAY - dt.timedelta(days=maker.random.randrange(29, 90))
    made.planted.add("unsigned")


def _hours(maker: Maker, made: Made) -> None:
    made.steps[2][2]["programme.agreement_hours"] = int(str(made.steps[2][2]["programme.planned_hours"])) - 20
    made.planted.add("hours-differ")


def _dates(maker: Maker, made: Made) -> None:
    made.steps[2][2]["aims[A1].planned_end"] = "2027-09-30"
    made.planted.add("dates-differ")


def _number(maker: Maker, made: Made) -> None:
    right = str(made.steps[0][2]["learner.uln"])
    made.steps[0][2]["learner.uln"] = right[:-1] + str((int(right[-1]) + 1) % 10)
    made.planted.add("number-wrong")


def _code(maker: Maker, made: Made) -> None:
    made.steps[0][2]["lldd[Asperger syndrome].applies"] = True
    made.planted.add("code-ended")


def _unmeasured(maker: Maker, made: Made) -> None:
    made.steps[1][2].update({"outcomes[O1].what": "Speaking up", "outcomes[O1].baseline": maker.random.randrange(1, 4)})
    made.steps.append((TODAY - dt.timedelta(days=3), "form", {"programme.status": "Completed"}))
    made.planted.add("end-unmeasured")


def _finished(maker: Maker, made: Made) -> None:
    """A plan that ended well: everything was measured twice."""
    made.steps[1][2].update({"outcomes[O1].what": "Speaking up", "outcomes[O1].baseline": maker.random.randrange(1, 4)})
    again: Said = {f"assessments[{s}].{part}": value for s in ("Reading", "Writing", "Maths")
                   for part, value in (("date", (TODAY - dt.timedelta(days=6)).isoformat()), ("level", "Level 2"))}  # fmt: skip
    said = {**again, "outcomes[O1].now": maker.random.randrange(1, 5), "programme.status": "Completed"}
    made.steps.append((TODAY - dt.timedelta(days=3), "form", said))


def _action(maker: Maker, made: Made) -> None:
    made.steps[5][2].update({"improvements[V1].what": "Date it", "improvements[V1].due": "2027-01-15"})
    made.planted.add("sample-action-overdue")


def _private(maker: Maker, made: Made) -> None:
    aside, secret = maker.random.choice(maker.trade.asides), maker.random.choice(maker.trade.secrets)
    slipped = (
        aside if maker.random.random() < 0.5 else f"As we know, the learner {secret[0].lower()}{secret[1:]}, so we wait"
    )
    made.steps[1][2].update(_SUPPORT | {"needs[N1].description": secret})
    for n, step in ((1, 4), (2, 5)):
        made.steps[step][2][f"reviews[{n}].support_check"] = "The desk helps"
    made.steps[5][2]["reviews[2].tutor_says"] = f"{made.steps[5][2]['reviews[2].tutor_says']}. {slipped}"
    made.planted.add("private-words")


def _sharing(maker: Maker, made: Made) -> None:
    made.steps[0][2].update({"grants[Employer].agreed": True, "grants[Employer].until": "2026-12-18"})
    made.planted.add("sharing-over")


def _keeping(maker: Maker, made: Made) -> None:
    made.steps.append((TODAY - dt.timedelta(days=3), "close", {"closing.day": "2020-07-31"}))
    made.planted |= {"keeping-over", "end-unmeasured"}


def _untouched(maker: Maker, made: Made) -> None:
    said = made.steps[2][2]
    for path in [
        p for p in said if p.startswith(("aspiration.", "background.", "goals[G2]", "targets[T2]", "targets[T3]"))
    ]:
        del said[path]
    made.steps[1] = (
        made.steps[1][0],
        "form",
        {p: v for p, v in made.steps[1][2].items() if not p.startswith("needs[")},
    )
    made.steps[1][2].pop("actions[S1].need", None)
    del made.steps[5][2]["targets[T2].text"]
    made.steps[1][2].update({f"assessments[{s}].level": "Level 2" for s in ("Reading", "Writing", "Maths")})
    made.planted.add("untouched")


SINGLE: Mapping[str, Fault] = {
    "undated": _undated, "never-altered": _never_altered, "unmeasurable": _unmeasurable, "overload": _overload,
    "pastie": _pastie, "power": _power, "review-overdue": _overdue, "review-gap": _gap, "carried-forward": _carried,
    "employer-absent": _absent, "signed-too-early": _early, "taught-too-early": _taught, "signed-too-late": _late,
    "need-unmet": _unmet, "empty-promise": _promise, "support-apart": _apart, "level-gap": _level,
    "prior-ignored": _prior, "silent": _silent, "echo-of-staff": _echo, "target-without-goal": _no_goal,
    "goal-without-target": _no_target, "aim-without-activity": _no_activity, "upside-down": _upside_down,
    "working-stale": _resting, "version-stale": _outdated, "unsigned": _unsigned, "hours-differ": _hours,
    "dates-differ": _dates, "number-wrong": _number, "code-ended": _code, "end-unmeasured": _unmeasured,
    "sample-action-overdue": _action, "": _finished, "private-words": _private, "sharing-over": _sharing,
    "keeping-over": _keeping, "untouched": _untouched,
}  # fmt: skip
"""Faults of one plan, by what they plant."""


def provider(trade: Trade, count: int, seed: int) -> Iterator[Made]:
    """A provider's plans: most without a fault, each fault in its share of them."""
    maker = Maker(trade, seed, count)
    kinds = list(SINGLE)
    groups = (_same_but_names, _clones, _half_copied, _same_dates, _echoes)
    made = 0
    while made < count:
        roll = maker.random.random() / trade.rate
        if roll < len(kinds):
            plan = maker.plan()
            SINGLE[kinds[int(roll)]](maker, plan)
            some = [plan]
        elif roll < len(kinds) + len(groups) / 2:
            some = groups[int((roll - len(kinds)) * 2)](maker)
        else:
            some = [maker.plan()]
        for plan in some[: count - made] if len(some) == 1 else some:
            _ambition(maker, plan)
            made += 1
            yield plan


def _ambition(maker: Maker, plan: Made) -> None:
    """For one group less is planned, whoever they are."""
    if plan.steps[0][2].get("learner.ethnicity") == maker.trade.group and "level-gap" not in plan.planted:
        plan.steps[2][2]["programme.level"] = "Level 1"
    if plan.steps[1][2].get("samples[1].drawn") is None and maker.random.random() < 0.1:
        plan.steps[4 if len(plan.steps) > 4 else 3][2]["samples[1].drawn"] = "2026-12-04"


def _same_but_names(maker: Maker) -> list[Made]:
    texts = maker.texts()
    some = [maker.plan(texts) for _ in range(maker.random.randrange(2, 4))]
    for plan in some:
        for path in ("targets[T2].text", "targets[T3].text", "targets[T3].steps", "targets[T2].steps"):
            for a, b in zip(plan.steps, some[0].steps, strict=True):
                if path in b[2]:
                    a[2][path] = b[2][path]
        for title in ("programme.title", "aims[A1].title", "goals[G1].text", "targets[T1].text", "targets[T1].steps"):
            plan.steps[2][2][title] = some[0].steps[2][2][title]
        plan.steps[1] = (plan.steps[1][0], "form", {
            p: v for p, v in plan.steps[1][2].items() if not p.startswith(("needs[", "actions["))
        })  # fmt: skip
        plan.planted.add("names-only")
    return some


def _clones(maker: Maker) -> list[Made]:
    """Three or four plans, each a word or two away from the first."""
    some = _same_but_names(maker)[:1]
    texts = {p: str(some[0].steps[2][2][p]) for p in ("aspiration.destination", "background.learner_view",
                                                     "background.history", "goals[G2].text")}  # fmt: skip
    for n in range(maker.random.randrange(2, 4)):
        copy = _like(maker, some[0], texts)
        path = ("background.history", "goals[G2].text", "background.learner_view")[n % 3]
        copy.steps[2][2][path] = f"{texts[path].rsplit(' ', 1)[0]} {('again', 'soon', 'today')[n % 3]}"
        some.append(copy)
    for plan in some:
        plan.planted = {"clone"}
    return some


def _like(maker: Maker, source: Made, texts: Mapping[str, str]) -> Made:
    copy = maker.plan({p: t.replace("{", "").replace("}", "") for p, t in texts.items()})
    given = str(copy.steps[0][2]["learner.given_name"])
    was = str(source.steps[0][2]["learner.given_name"])
    for a, b in zip(copy.steps, source.steps, strict=True):
        for path in b[2]:
            if path.startswith(("targets[", "goals[G1]", "aims[A1].title", "programme.title")) and not path.endswith(
                (".due", ".owner")
            ):
                a[2][path] = b[2][path]
    copy.steps[2][2]["aspiration.destination"] = texts["aspiration.destination"].replace(was, given)
    copy.steps[1] = (copy.steps[1][0], "form", {
        p: v for p, v in copy.steps[1][2].items() if not p.startswith(("needs[", "actions["))
    })  # fmt: skip
    return copy


def _half_copied(maker: Maker) -> list[Made]:
    """Three plans that share half their words: near neighbours that are not clones."""
    shared = maker.texts()
    return [
        maker.plan({**maker.texts(), "background.learner_view": shared["background.learner_view"]}) for _ in range(3)
    ]


def _same_dates(maker: Maker) -> list[Made]:
    when = sorted(maker.day(dt.date(2027, 2, 1), dt.date(2027, 4, 10)) for _ in range(3))
    when += [maker.day(dt.date(2027, 6, 1), dt.date(2027, 7, 20)) for _ in range(3)]
    some = [maker.plan(dates=when) for _ in range(3)]
    for plan in some:
        plan.planted.add("same-dates")
    return some


def _echoes(maker: Maker) -> list[Made]:
    words = maker.prose(3)
    some = [maker.plan() for _ in range(maker.random.randrange(2, 4))]
    for n, plan in enumerate(some):
        plan.steps[5][2]["reviews[2].learner_says"] = words if n % 2 else f"{words} and so"
        plan.planted.add("echo-of-others")
    return some
