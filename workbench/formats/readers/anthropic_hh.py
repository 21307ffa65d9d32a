"""Anthropic HH-RLHF: two whole dialogues a row, `chosen` and `rejected`, that share all but the last reply.

No ids, annotators or times. The red-team file of the same repository holds single transcripts with a rating: it is
recognised, and refused, because it compares nothing.
"""

from __future__ import annotations

from workbench.dataset.assembly import Export
from workbench.dataset.scales import BINARY
from workbench.errors import WorkbenchError
from workbench.formats.files.document import Document
from workbench.formats.records.conversations import is_dialogue, split_dialogues
from workbench.formats.records.nested import head_of, text_of
from workbench.formats.records.record_collector import Harvest

NAME = "anthropic-hh"
TITLE = "Anthropic HH-RLHF"

_RED_TEAM = {"transcript", "red_team_member_id", "task_description"}


def recognise(document: Document) -> float:
    """Knows dialogues with `Human:` and `Assistant:` in both columns, and the red-team file by its keys."""
    if document.keys >= _RED_TEAM:
        return 0.95
    if not {"chosen", "rejected"} <= document.keys or "prompt" in document.keys:
        return 0.0
    return (
        0.95
        if any(is_dialogue(row.get("chosen")) and is_dialogue(row.get("rejected")) for row in head_of(document))
        else 0.0
    )


def read(document: Document) -> Export:
    """The dialogue up to the last `Assistant:` that both share is the prompt; what follows are the responses."""
    if document.keys >= _RED_TEAM:
        raise WorkbenchError(
            f"{document.name}: these are red-team transcripts, each rated alone, which compare no two responses.",
            "Open the helpful or harmless files of the same repository.",
        )
    harvest = Harvest(document, NAME)
    identical, early = [], []
    for ref, record in harvest.records():
        chosen, rejected = text_of(record.get("chosen")), text_of(record.get("rejected"))
        if not chosen or not rejected:
            harvest.set_aside("no text in chosen or rejected", ref)
            continue
        parts = split_dialogues(chosen, rejected)
        if parts is None:
            harvest.set_aside("chosen and rejected share no prompt up to an Assistant turn", ref)
            continue
        prompt, better, worse = parts
        if better == worse:
            identical.append(ref)
        elif "\n\nUser: " in better or "\n\nUser: " in worse:
            early.append(ref)
        harvest.judgement(harvest.item(prompt=prompt, response_a=better, response_b=worse), "A", ref)
    if identical:
        harvest.note(
            "warning",
            "identical-dialogues",
            f"{len(identical):,} rows have the same dialogue as chosen and as rejected.",
            "They teach nothing and are set aside, unless identical responses are kept.",
            identical,
        )
    if early:
        harvest.note(
            "warning",
            "unclean-prefix",
            f"{len(early):,} pairs part ways before their last reply; the rest of both dialogues counts as the"
            " response.",
            "Leave them out where single replies are compared.",
            early,
        )
    return harvest.export(BINARY, unordered=True)
