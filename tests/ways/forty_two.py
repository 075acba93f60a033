"""One Word document with 42 ways of carrying an answer, and what a reader has to find for each.

`python tests/ways/forty_two.py` prints the table of ways, and whether each is read.
"""

from __future__ import annotations

import sys
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from made_word import control, p, part, run, table, tc, tr, word, zipped

from engine.model import Form
from engine.reading import read

W15 = 'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
REPEATS, ITEM = f"<w15:repeatingSection {W15}/>", f"<w15:repeatingSectionItem {W15}/>"
DATE = '<w:date w:fullDate="2027-01-31T00:00:00Z"><w:dateFormat w:val="dd/MM/yyyy"/></w:date>'
LIST = '<w:listItem w:displayText="Full time" w:value="F"/><w:listItem w:displayText="Part time" w:value="P"/>'
STORE = "{0A1B2C3D-0000-4000-8000-000000000001}"
EMPTY_STORE = "{0A1B2C3D-0000-4000-8000-000000000002}"

Expected = tuple[str, str, object, str]
"""The name, kind, value and label of a field."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of carrying an answer: its XML in the body or in another part, and what must be read."""

    way: str
    xml: str
    fields: tuple[Expected, ...]
    part: str = "body"
    doubtful: bool = False


def labelled(label: str, inside: str) -> str:
    return p(run(f"{label}: ") + inside)


def tick(tag: str, state: str, mark: str) -> str:
    return control(run(mark), tag, nature=f'<w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox>')


def legacy(settings: str, *shown: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{settings}</w:ffData></w:fldChar></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + "".join(map(run, shown))
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def bound(tag: str, shown: str, store: str = STORE, path: str = "/plan/town") -> str:
    nature = f'<w:dataBinding w:xpath="{path}" w:storeItemID="{store}"/><w:text/>'
    return control(run(shown), tag, nature=nature)


def text(name: str, value: object, label: str = "", kind: str = "text") -> Expected:
    return name, kind, value, label or name


def item(*controls: str) -> str:
    return control("".join(controls), nature=ITEM)


SYMBOLS = (
    '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + run(" Wheelchair ")
    + '<w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>' + run(" Interpreter")
)  # fmt: skip
TEXT_BOX = f"<w:txbxContent>{p('Bus pass: VAL29')}</w:txbxContent>"
HINT = '<w:rStyle w:val="PlaceholderText"/>'

WAYS = (
    Way("control in a run: text", labelled("Town", control(run("VAL1"), "w1")), (text("w1", "VAL1", "Town:"),)),
    Way("control in a run: date", labelled("Day", control(run("31/01/2027"), "w2", nature=DATE)),
        (text("w2", "2027-01-31", "Day:", "date"),)),
    Way("control in a run: drop-down",
        labelled("Hours", control(run("Part time"), "w3", nature=f"<w:dropDownList>{LIST}</w:dropDownList>")),
        (text("w3", "Part time", "Hours:", "choice"),)),
    Way("control in a run: combo box, own words",
        labelled("Pattern", control(run("Evenings"), "w4", nature=f"<w:comboBox>{LIST}</w:comboBox>")),
        (text("w4", "Evenings", "Pattern:", "choice"),)),
    Way("control around a paragraph", control(p("VAL5"), "w5", "About me"), (text("w5", "VAL5", "About me"),)),
    Way("control around two paragraphs", control(p("VAL6") + p("and more"), "w6", "My aims", "<w:richText/>"),
        (text("w6", "VAL6\nand more", "My aims"),)),
    Way("control around a cell", f"<w:tbl>{tr(tc('School'), control(tc('VAL7'), 'w7'))}</w:tbl>",
        (text("w7", "VAL7", "School"),)),
    Way("control around a row", f"<w:tbl>{control(tr(tc('College'), tc('VAL8')), 'w8')}</w:tbl>",
        (text("w8", "VAL8", "College"),)),
    Way("control in a control", p(control(run("Dr ") + control(run("VAL9"), "w9b", "Surname"), "w9", "Tutor")),
        (text("w9", "Dr VAL9", "Tutor"), text("w9b", "VAL9", "Surname"))),
    Way("repeating rows",
        f"<w:tbl>{tr(tc('Subject'), tc('Grade'), look='<w:trPr><w:tblHeader/></w:trPr>')}"
        + control(
            item(tr(tc("Maths"), tc(p(control(run("4"), "w10[1]")))))
            + item(tr(tc("Art"), tc(p(control(run("7"), "w10[2]"))))), nature=REPEATS)
        + "</w:tbl>",
        (text("w10[1]", "4", "Grade"), text("w10[2]", "7", "Grade"))),
    Way("repeating paragraphs",
        control(item(p(control(run("VAL11a"), "w11", "Goal"))) + item(p(control(run("VAL11b"), "w11", "Goal"))),
                nature=REPEATS),
        (text("w11", "VAL11a", "Goal"), text("w11 (2)", "VAL11b", "Goal"))),
    Way("tick control, ticked", p(tick("w12", "1", "☒") + run(" I agree")), (text("w12", True, "I agree", "tick"),)),
    Way("tick control, not ticked", p(tick("w13", "0", "☐") + run(" I want a copy")),
        (text("w13", False, "I want a copy", "tick"),)),
    Way("hint by its flag", labelled("Nickname", control(run("Your nickname", HINT), "w14", hint=True)),
        (text("w14", None, "Nickname:"),)),
    Way("hint by its words, the flag lost", labelled("Hobby", control(run("Click or tap here to enter text."), "w15")),
        (text("w15", None, "Hobby:"),)),
    Way("answer with the flag left on", labelled("Pet", control(run("VAL16"), "w16", hint=True)),
        (text("w16", "VAL16", "Pet:"),), doubtful=True),
    Way("FORMTEXT over several runs",
        labelled("Doctor", legacy('<w:name w:val="Text17"/><w:textInput/>', "VA", "L1", "7")),
        (text("Text17", "VAL17", "Doctor:"),)),
    Way("FORMCHECKBOX", p(legacy('<w:name w:val="Check18"/><w:checkBox><w:checked/></w:checkBox>') + run(" Asthma")),
        (text("Check18", True, "Asthma", "tick"),)),
    Way("FORMDROPDOWN",
        labelled("Diet", legacy('<w:name w:val="Drop19"/><w:ddList><w:result w:val="1"/><w:listEntry w:val="Any"/>'
                                '<w:listEntry w:val="Vegan"/></w:ddList>')),
        (text("Drop19", "Vegan", "Diet:", "choice"),)),
    Way("form field with a name that was there before",
        labelled("Surgery", legacy('<w:name w:val="Text17"/><w:textInput/>', "VAL20")),
        (text("Text17 (2)", "VAL20", "Surgery:"),)),
    Way("form field that lost its name", table(("Allergies", p(legacy("<w:textInput/>", "VAL21")))),
        (text("Allergies", "VAL21"),)),
    Way("tick as a symbol of Wingdings", p(SYMBOLS),
        (text("Wheelchair", True, kind="tick"), text("Interpreter", False, kind="tick"))),
    Way("tick typed as a character", p("Do you drive? ☐ Yes ☒ No"), (text("Do you drive?", "No", kind="choice"),)),
    Way("tick typed in brackets", p("[x] I can swim"), (text("I can swim", True, kind="tick"),)),
    Way("X typed in a column for yes or no",
        table(("", "Yes", "No"), ("Glasses", "X", ""), ("Hearing aid", "", "x")),
        (("Yes [Glasses]", "tick", True, "Yes"), ("No [Glasses]", "tick", False, "No"),
         ("Yes [Hearing aid]", "tick", False, "Yes"), ("No [Hearing aid]", "tick", True, "No"))),
    Way("underscores typed over", p("Carer: __VAL26______  Phone: _______"),
        (text("Carer", "VAL26"), text("Phone", None))),
    Way("label and answer in a table", table(("Family name", "VAL27")), (text("Family name", "VAL27"),)),
    Way("two labels and answers in a row", table(("Street:", "VAL28", "Postcode:", "ZZ99 9ZZ")),
        (text("Street:", "VAL28"), text("Postcode:", "ZZ99 9ZZ"))),
    Way("text box, stored twice",
        p(f"<w:r><mc:AlternateContent><mc:Choice>{TEXT_BOX}</mc:Choice><mc:Fallback>{TEXT_BOX}</mc:Fallback>"
          "</mc:AlternateContent></w:r>"),
        (text("Bus pass", "VAL29"),)),
    Way("tracked insertion", p(run("Employer: ") + f"<w:ins>{run('VAL30')}</w:ins>"), (text("Employer", "VAL30"),)),
    Way("tracked move", table(("Mentor", p(f"<w:moveTo>{run('VAL31')}</w:moveTo>")),
                              ("Former mentor", p(f"<w:moveFrom>{run('VAL31')}</w:moveFrom>"))),
        (text("Mentor", "VAL31"), text("Former mentor", None))),
    Way("tracked deletion",
        labelled("Room", control(f"<w:del><w:r><w:delText>OLD</w:delText></w:r></w:del>{run('VAL32')}", "w32")),
        (text("w32", "VAL32", "Room:"),)),
    Way("field of a mail merge",
        p(f'<w:fldSimple w:instr=" MERGEFIELD Course_Title \\* MERGEFORMAT ">{run("VAL33")}</w:fldSimple>'),
        (("Course_Title", "text", "VAL33", ""),)),
    Way("smart tag", p(run("Lives in: ") + f'<w:smartTag w:element="City">{run("VAL34")}</w:smartTag>'),
        (text("Lives in", "VAL34"),)),
    Way("custom XML around a paragraph",
        f'<w:customXml w:element="bank">{p("Bank: VAL35")}</w:customXml>', (text("Bank", "VAL35"),)),
    Way("control in the header", labelled("Centre", control(run("VAL36"), "w36")), (text("w36", "VAL36", "Centre:"),),
        "header"),
    Way("words in the footer", p("Checked by: VAL37"), (text("Checked by", "VAL37"),), "footer"),
    Way("words in a footnote", f'<w:footnote w:id="2">{p("Source: VAL38")}</w:footnote>',
        (text("Source", "VAL38"),), "footnotes"),
    Way("table in a table", table((table(("Locker", "VAL39")) + p(""),)), (text("Locker", "VAL39"),)),
    Way("hidden words", labelled("Badge", control(run("VAL40") + run("SECRET", "<w:vanish/>"), "w40")),
        (text("w40", "VAL40", "Badge:"),)),
    Way("control bound to data that says something else",
        labelled("County", bound("w41", "VAL41")) + labelled("Parish", bound("w41b", "VAL41b", EMPTY_STORE)),
        (text("w41", "VAL41", "County:"), text("w41b", "VAL41b", "Parish:")), doubtful=True),
    Way("control that Google Docs wrapped around everything",
        control(p(control(run("Shoe size: ") + run("VAL42"), "goog_rdk_1")), "goog_rdk_0"),
        (text("Shoe size", "VAL42"),)),
)  # fmt: skip


def document() -> bytes:
    """The document, transitional."""
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    data = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
    beside = {
        "word/_rels/customXml.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" '
        f'Type="{office}/customXmlProps" Target="data.xml"/></Relationships>',
        "word/data.xml": f'<ds:datastoreItem xmlns:ds="{data}" ds:itemID="{STORE}"/>',
    }
    of = {name: "".join(way.xml for way in WAYS if way.part == name) for name in ("header", "footer", "footnotes")}
    return word(
        "".join(way.xml + p("") for way in WAYS if way.part == "body"),
        beside=beside,
        header=part("hdr", of["header"]),
        footer=part("ftr", of["footer"]),
        footnotes=part("footnotes", of["footnotes"]),
        customXml="<plan><town>STORED</town></plan>",
    )


def strict(content: bytes) -> bytes:
    """A document in the namespaces of Strict files."""
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    with zipfile.ZipFile(BytesIO(content)) as before:
        return zipped({
            name: before.read(name)
            .replace(old + b"wordprocessingml/2006/main", new + b"wordprocessingml/main")
            .replace(old + b"officeDocument/2006/relationships", new + b"officeDocument/relationships")
            for name in before.namelist()
        })  # fmt: skip


def outcome(form: Form) -> list[tuple[Way, str]]:
    """Each way with what is wrong in how it was read; "" = nothing."""
    found = {field.name: field for field in form.fields}
    said = []
    for way in WAYS:
        wrong = []
        for name, kind, value, label in way.fields:
            field = found.get(name)
            if field is None:
                wrong.append(f"{name} is missing")
            elif (field.kind, field.value, field.label) != (kind, value, label):
                wrong.append(f"{name} is {field.kind} {field.value!r}, labelled {field.label!r}")
        doubted = any(found[name].problems for name, *_ in way.fields if name in found)
        if doubted != way.doubtful:
            wrong.append("no doubt is told" if way.doubtful else "a doubt is told where there is none")
        said.append((way, "; ".join(wrong)))
    return said


def main() -> int:
    """Prints the table."""
    told = [outcome(read(content)) for content in (document(), strict(document()))]
    for number, ((way, plain), (_, tight)) in enumerate(zip(*told, strict=True), 1):
        answers = ", ".join(f"{name} = {value}" for name, _, value, _ in way.fields).replace("\n", " / ")
        print(f"{number:2} {'ok ' if not plain and not tight else 'BAD'} {way.way:48} {answers} {plain or tight}")
    right = [sum(not wrong for _, wrong in one) for one in told]
    print(f"{right[0]} of {len(WAYS)}; the same document as Strict: {right[1]} of {len(WAYS)}")
    return 0 if right == [len(WAYS)] * 2 else 1


if __name__ == "__main__":
    sys.exit(main())
