"""Label Studio's JSON export: tasks with their annotations, in today's form and in the old one with `completions`.

https://labelstud.io/guide/export. The left response is the first one in the labelling config, which the export does not
hold: responses are recognised by the names of the task's fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.errors import first_five
from workbench.formats.files.document import Document
from workbench.formats.readers.label_studio_results import Controls, controls_of, ranks_in_order
from workbench.formats.records.answers import UNDECIDED, AnsweredHarvest, Gold, reads_as_preference
from workbench.formats.records.nested import dict_of, first_of, head_of, list_of, text_of
from workbench.formats.records.orderings import pair_labels, pair_name
from workbench.formats.records.roles import Roles, find_roles, shown_text
from workbench.messages import by, message

NAME = "label-studio"
TITLE = "Label Studio (JSON)"

_LISTS = ("annotations", "completions")


def recognise(document: Document) -> float:
    """Knows tasks by `data` and annotations with a `result`."""
    score = 0.0
    for task in head_of(document):
        if not isinstance(task.get("data"), Mapping):
            continue
        for annotation in list_of(first_of(task, _LISTS)):
            if isinstance(annotation, Mapping) and "result" in annotation:
                return 1.0
        if any(isinstance(task.get(key), list) for key in _LISTS):
            score = 0.6
    return score


def read(document: Document) -> Export:
    """One judgement an annotation, of the pair (or of each pair of a ranking) that its task shows."""
    harvest = AnsweredHarvest(document, NAME)
    tasks = [(number, task, _annotations(task, number, harvest)) for number, task in harvest.records()]
    held = [each for _, _, annotations in tasks for each in annotations]
    roles = _roles(tasks, held)
    only_gold = bool(held) and all(annotation.get("ground_truth") is True for annotation, _ in held)
    unread: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    people = people_of(annotation for annotation, _ in held)
    for number, task, made in tasks:
        shown = ShownTask(harvest, roles, number, task, notes, people)
        for annotation, controls in made:
            shown.add(annotation, controls, only_gold)
        for key in ("predictions", "drafts"):
            unread[key] += len(list_of(task.get(key)))
    harvest.findings.append(roles.finding())
    note_controls(harvest, notes, (controls for _, controls in held))
    _note_tasks(harvest, unread, only_gold)
    return harvest.decided()


Held = tuple[dict[str, Any], Controls]


def _annotations(task: dict[str, Any], number: int, harvest: AnsweredHarvest) -> list[Held]:
    if not isinstance(task.get("data"), Mapping):
        harvest.set_aside("a task without data", number)
        return []
    held = []
    for annotation in list_of(first_of(task, _LISTS)):
        if isinstance(annotation, dict):
            held.append((annotation, controls_of(list_of(annotation.get("result")))))
        else:
            harvest.set_aside("an annotation without fields", number)
    return held


def _roles(tasks: list[tuple[int, dict[str, Any], list[Held]]], held: list[Held]) -> Roles:
    fields = list(dict.fromkeys(str(name) for _, task, _ in tasks for name in dict_of(task.get("data"))))
    shown = next((c.shown for _, c in held if len(c.shown) >= 2 and set(c.shown) <= set(fields)), ())
    paired = any(c.pairwise is not None or c.ranking is not None for _, c in held)
    return find_roles(fields, shown, any_pair=paired)


class ShownTask:
    """One task: its items are made when the first judgement needs them.

    Parameters
    ----------
    harvest : takes the items and judgements.
    roles : which fields of `data` are what.
    number, task : the task and where it stands in the file.
    notes : counts what `note_controls` reports.
    people : of `people_of`.
    """

    def __init__(
        self,
        harvest: AnsweredHarvest,
        roles: Roles,
        number: int,
        task: dict[str, Any],
        notes: Counter[str],
        people: Mapping[str, str] | None = None,
    ) -> None:
        self.harvest, self.roles, self.number, self.notes = harvest, roles, number, notes
        self.data = dict_of(task.get("data"))
        self.name = text_of(task.get("id"))
        self.people = {} if people is None else people
        self.items: dict[tuple[int, int], int] = {}

    def add(self, annotation: Mapping[str, Any], controls: Controls, keep_gold: bool = False) -> None:
        """Adds the judgement, or those of all pairs of a ranking, that one annotation makes."""
        columns = {
            "annotator": annotator_of(annotation.get("completed_by"), self.people),
            "seconds": annotation.get("lead_time"),
            "ended_at": text_of(annotation.get("created_at")),
            "shown_first": "a",
            "annotation_id": text_of(first_of(annotation, ("id", "unique_id"))),
        }
        if text_of(annotation.get("updated_at")) not in (None, columns["ended_at"]):
            self.notes["edited"] += 1
        skipped = any(annotation.get(key) is True for key in ("was_cancelled", "skipped"))
        if not skipped and controls.empty:
            self.notes["empty"] += 1
        gold: Gold = None
        if annotation.get("ground_truth") is True and not skipped:
            gold = "also" if keep_gold else "only"
        for (i, j), label in self._labels(controls, skipped):
            self.harvest.answered(
                self._item(i, j), label, self.number, {} if skipped else controls.answers, gold=gold, **columns
            )

    def _item(self, i: int, j: int) -> int:
        if (i, j) not in self.items:
            k = len(self.roles.responses)
            columns = self.roles.item(self.data, (i, j))
            name = pair_name(self.name, (i, j), k, columns, self.number)
            if k > 2:
                columns["group"] = columns.get("group") or self.name or f"row {self.number}"
            self.items[i, j] = self.harvest.item(item_id=name, **columns)
        return self.items[i, j]

    def _labels(self, controls: Controls, skipped: bool) -> list[tuple[tuple[int, int], str | None]]:
        if skipped or controls.empty:
            return [((0, 1), None)]
        if controls.ranking is not None and len(self.roles.responses) >= 2:
            texts = [shown_text(self.data.get(name)) for name in self.roles.responses]
            ranks = ranks_in_order(controls.ranking, self.roles.responses, texts)
            return [((i, j), label) for i, j, label in pair_labels(ranks) if label is not None] or [((0, 1), None)]
        if controls.pairwise is None:
            return [((0, 1), UNDECIDED if controls.answers else None)]
        if controls.says_tie:
            self.notes["tie beside a side"] += 1
            return [((0, 1), "tie")]
        return [((0, 1), self.roles.side_named(controls.pairwise))]


def annotator_of(completed_by: Any, people: Mapping[str, str] | None = None) -> str | None:
    """Id of the annotator, given as a number, a name or an object with email and id.

    Parameters
    ----------
    people : of `people_of`: one name for those who have an id in one task and an address in another.

    >>> annotator_of(4), annotator_of({"id": 4, "email": "ana@example.org"})
    ('4', 'ana@example.org')
    >>> annotator_of(4, {"4": "ana@example.org"})
    'ana@example.org'
    """
    person = dict_of(completed_by)
    name = text_of(first_of(person, _NAMES)) if person else text_of(completed_by) or None
    return name if name is None or people is None else people.get(name, name)


def people_of(annotations: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Other names of annotators, such as the id, and the one that `annotator_of` gives them.

    >>> people_of([{"completed_by": {"id": 4, "email": "ana@example.org"}}, {"completed_by": 4}])
    {'4': 'ana@example.org'}
    """
    found: dict[str, str] = {}
    for annotation in annotations:
        named = [text_of(dict_of(annotation.get("completed_by")).get(key)) for key in _NAMES]
        first, *others = [name for name in named if name] or [""]
        found |= dict.fromkeys(others, first)
    return found


_NAMES = ("email", "username", "id")
"""Names of a person, of which the first that is there is the annotator's."""


def note_controls(harvest: AnsweredHarvest, notes: Counter[str], controls: Iterable[Controls]) -> None:
    """Says what is noteworthy about what the annotations hold."""
    values = list(dict.fromkeys(c.pairwise for c in controls if c.pairwise is not None))
    if values and not reads_as_preference(values):
        harvest.note(
            "warning",
            "custom-choice-values",
            f"The Pairwise control writes {first_five(values)}, which does not say left or right.",
            message(
                "Look up leftChoiceValue and rightChoiceValue in the labelling config and name them ",
                by("spelling", {"LEFT": "A", "RIGHT": "B"}),
                ".",
            ),
        )
    if notes["tie beside a side"]:
        harvest.note(
            "info",
            "tie-beside-a-side",
            f"{notes['tie beside a side']:,} annotations select a side and a tie beside it; they count as ties.",
            "Make the Pairwise control optional where the config has a tie.",
        )
    if notes["empty"]:
        harvest.note(
            "info",
            "empty-annotations",
            f"{notes['empty']:,} annotations were submitted without an answer; they count as skips.",
        )
    if notes["edited"]:
        harvest.note(
            "info",
            "edited-later",
            f"{notes['edited']:,} annotations were changed after they were submitted; their time adds up all openings.",
            "Judge speed with that in mind.",
        )


def _note_tasks(harvest: AnsweredHarvest, unread: Counter[str], only_gold: bool) -> None:
    if unread.total():
        harvest.note(
            "info",
            "predictions-ignored",
            f"{unread['predictions']:,} predictions and {unread['drafts']:,} drafts were not read: they are no"
            " judgements of an annotator.",
        )
    if only_gold:
        harvest.note(
            "warning",
            "all-ground-truth",
            "All annotations are marked as ground truth; they are read as gold and as judgements.",
            "Unmark the annotations that are not.",
        )
