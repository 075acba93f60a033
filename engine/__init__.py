"""Counterpart: completed forms dropped in a folder come back as a working document and a sealed funding-body version.

    inbox/ ─► inbox ─► reading ─► recognise ─► merge ─► ledger ─► documents ─► delivery ─► outbox/
            Submission   Form     Proforma,Plan  Revision         Rendition
                                     Stamp       + Queries   │
                                                             └─► signoff ─► Edition ─► seal ─► outbox/

The house, floor by floor; a room imports only from floors below it:

    6  cli/, over bench           words on a command line into calls of the workspace; its own work measured
       bench_writing              writing and sealing measured
       bench_growth               very many plans measured, at large providers and at a small one
       bench_office               a whole office measured: one form, two cores, very many forms
       demo, measures             the shipped story; work done side by side
       watch, shapes              the inbox watched; nouns as the promised JSON
    5  workspace                  a folder opened: the public verbs
       running                    one run: what is pending finished, what has come to rest taken in
       taking, finishing          files into the record; what the record wants written, written
       letters, over office       whatever comes, e-mails and all; the office's own forms
       requests, over filing      what a request asks for, done; files that are no forms, put a name to
       mistakes, lists            people's mistakes put right; lists of learners, shown first and taken in
       register, backup, service  the register page; the record copied and brought back; the watch as a service
       opening                    a folder made a workspace; its proformas, and where its parts may lie
       packs, over quality, samples   packs for inspectors; the quality report; plans drawn to be looked at
       adopting, checking         somebody else's form into a proforma; a proforma checked for whoever edits it
       todo                       a page for each tutor of what waits for them
       people, permissions        what people decide by word of mouth; folders open to more people than they are for
       notify, verify             receipts and slips; everything checked
       workflow                   the order of the acts: take in, merge, sign off, seal, issue
       delivery, certificates     the outbox kept current; the certificate to seal with
       press                      many sheets typeset at once
       asking, gathering          the questions of a plan; a returned form with all that is needed to merge it
       renewing                   questions put anew when a mistake was put right
       versions, over documents   what is sealed; what stands on a form that is given out
       signable                   what stands on a copy for signature
       manners                    in which variant, for whose hand, which section alone a form may be given out
       proofs, over standing      documents read back before they leave; where one plan stands
       auditing                   the record gathered for the audits
       premises, seen             what a workspace consists of; what a form had shown
       theirs                     somebody else's blank, its boxes found and filled in its own layout
    4  inbox, reading, ledger, archive, writing, outbox, pool      disk, bytes, database, processes
       chain, over tables         whether the ledger's rows hold together; the tables they stand in
       index                      who each learner is, which rows a plan had, what it was joined to
       derived                    what the ledger's file remembers beside the record, and can make again
    3  settling, over mending     what an answer makes of a question; what two plans joined or one closed make of them
       undoing                    what a plan says without a revision that was entered in error
       audits                     what an inspector would ask of the plans
       amendment, slip            what an amendment sheet lists; what a query slip asks, and answers
       rolling, sharing           a plan carried over into its next year; what people outside may have
       importing                  what a list of learners says, each mistake by its cell
       story                      one learner's way, for those who inspect
       recognise, over answers    which form it is, and whose; what its fields say
       merge, clocks, signoff, over drift, gates, over measurable         values in, values out
       away                       when a learner is on a break or gone, and which days do not count
       models                     model targets, and how far one has moved from its words
    2  evidence, guides           where a sealed version comes from; a form explained to learners and to staff
       layout, over sheet         a proforma laid out for one plan; what stands on a document, box by box
       proposing, standards       the place proposed for each box of somebody else's form; standards held against
       claims, over clues         whose detail such a box asks for; what it says of itself
       road, vocabulary, adopted  milestones and progress; a form in a setting's words; boxes of somebody else's form
       proforma                   a form's definition
    1  rules, commitments         a funding year's rules; what is hashed of a kept row
       wording                    what other people's forms call the places of the plan
       model, plan, places        the nouns; the plan, and what is said of each place in it
    0  settings_file              the file of settings read, and a mistake in it told in words
       settings, names            the settings; names of files from a pattern
       lock, edited               one writer at a time; YAML that people edit, read
       errors, files, mounts      the tree of errors, drawn; the disk's own manners; what kind of disk it is

Everything public is listed here; from Python, `engine.Workspace(path)` has the same verbs as the command line.
"""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from engine.errors import CounterpartError, Declined, Mistake, WorkspaceTrouble, WrongUse
    from engine.model import (
        Answer,
        Decision,
        Edition,
        Field,
        Form,
        Issue,
        Outcome,
        Query,
        Refusal,
        Remark,
        Revision,
        Signature,
        Stamp,
        State,
        Submission,
    )
    from engine.opening import init
    from engine.standing import Standing
    from engine.verify import Verified
    from engine.workspace import Summary, Workspace

__all__ = [
    "Answer",
    "CounterpartError",
    "Decision",
    "Declined",
    "Edition",
    "Field",
    "Form",
    "Issue",
    "Mistake",
    "Outcome",
    "Query",
    "Refusal",
    "Remark",
    "Revision",
    "Signature",
    "Stamp",
    "Standing",
    "State",
    "Submission",
    "Summary",
    "Verified",
    "Workspace",
    "WorkspaceTrouble",
    "WrongUse",
    "init",
]


def __getattr__(name: str) -> object:
    """Finds a public name in its room when it is first asked for, so that `counterpart --help` loads nothing heavy."""
    import importlib

    if name in __all__:
        for room in ("errors", "model", "opening", "standing", "verify", "workspace"):
            module = importlib.import_module(f"engine.{room}")
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module 'engine' has no attribute {name!r}")
