"""Tasks as files that Label Studio, Argilla, Prodigy or a spreadsheet opens; texts stay texts in every one of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from workbench.collection.tasks import Tasks
from workbench.dataset.scales import SCALES, LabelScale
from workbench.drafts import write_all
from workbench.errors import WorkbenchError
from workbench.formats.files.spreadsheet import defused

_WORDS = {
    "A>>": "A is much better",
    "A>": "A is better",
    "A": "A is better",
    "=": "Equal",
    "B": "B is better",
    "B>": "B is better",
    "B>>": "B is much better",
}


@dataclass(frozen=True)
class TaskForm:
    """A form tasks can be written in.

    Attributes
    ----------
    name, title : short name, and name for people.
    ending : of the file's name.
    media : its media type.
    how : what to do with the file, in one or two sentences.
    write : tasks to the file's content.
    """

    name: str
    title: str
    ending: str
    media: str
    how: str
    write: Callable[[Tasks], str]


def answers(scale: LabelScale) -> list[str]:
    """What an annotator can answer, in words where the scale has at most five labels; our readers understand each.

    >>> from workbench.dataset.scales import TERNARY
    >>> answers(TERNARY)
    ['A is better', 'Equal', 'B is better']
    """
    return [_WORDS[label] for label in scale.labels] if set(scale.labels) <= set(_WORDS) else list(scale.labels)


def label_studio(tasks: Tasks) -> str:
    """A list of tasks to import; the project's labelling configuration is `label_studio_config`."""
    rows = tasks.frame.to_dict("records")
    return json.dumps(
        [{"data": {str(name): value for name, value in row.items()}} for row in rows], ensure_ascii=False, indent=1
    )


def label_studio_config(tasks: Tasks) -> str:
    """The labelling configuration for these tasks: both responses beside each other, one answer of the scale."""
    choices = "\n".join(f"    <Choice value={quoteattr(answer)}/>" for answer in answers(tasks.scale))
    return f"""<View>
  <Text name="prompt" value="$prompt"/>
  <View style="display: flex; gap: 1rem">
    <View style="flex: 1"><Header value="A"/><Text name="response_a" value="$response_a"/></View>
    <View style="flex: 1"><Header value="B"/><Text name="response_b" value="$response_b"/></View>
  </View>
  <Choices name="preference" toName="prompt" choice="single-radio" required="true">
{choices}
  </Choices>
</View>
"""


def argilla(tasks: Tasks) -> str:
    """One record a line, as `dataset.records.log` takes them: an id, and the fields prompt, response_a and
    response_b.
    """
    renamed = tasks.frame.rename(columns={"task_id": "id"})
    return _lines(renamed.to_dict("records"))


def prodigy(tasks: Tasks) -> str:
    """One task a line for the choice interface, text only; the options are the answers."""
    options = [{"id": answer, "text": answer} for answer in answers(tasks.scale)]
    rows = [
        {
            "text": f"{row['prompt']}\n\nA\n\n{row['response_a']}\n\nB\n\n{row['response_b']}",
            "options": options,
            **{str(name): value for name, value in row.items()},
        }
        for row in tasks.frame.to_dict("records")
    ]
    return _lines(rows)


def table(tasks: Tasks) -> str:
    """A row a task with empty columns for annotator and label, in the workbench's own columns; cells a spreadsheet
    would run as formulas are defused.
    """
    rows = tasks.frame.rename(columns={"task_id": "item_id"}).assign(
        annotator="", label="", scale=_scale_name(tasks.scale)
    )
    text: str = defused(rows).to_csv(index=False)
    return text


def _scale_name(scale: LabelScale) -> str:
    return scale.name if scale.name in SCALES else ",".join(scale.labels)


def key_file(tasks: Tasks) -> str:
    """The key: which pair each task was, and which of its responses stood left. Not for annotators."""
    text: str = defused(tasks.key).to_csv(index=False)
    return text


FORMS: dict[str, TaskForm] = {
    form.name: form
    for form in (
        TaskForm(
            "label-studio",
            "Label Studio tasks",
            ".json",
            "application/json",
            "Import the file into a project with the labelling configuration beside it.",
            label_studio,
        ),
        TaskForm(
            "argilla",
            "Argilla records",
            ".jsonl",
            "application/x-ndjson",
            "Make a dataset with text fields prompt, response_a and response_b and a label question with the answers,"
            " then log the lines: rg.Dataset.records.log.",
            argilla,
        ),
        TaskForm(
            "prodigy",
            "Prodigy tasks",
            ".jsonl",
            "application/x-ndjson",
            "Open it with the choice interface: prodigy mark DATASET FILE --loader jsonl --view-id choice.",
            prodigy,
        ),
        TaskForm(
            "csv",
            "CSV for a spreadsheet",
            ".csv",
            "text/csv",
            "Fill in annotator and label (A, B, or one of the scale's labels), a row a judgement.",
            table,
        ),
    )
}
"""The forms by name."""


def write_tasks(tasks: Tasks, to: str, path: str | Path) -> list[Path]:
    """Writes the tasks, the key beside them, and for Label Studio its labelling configuration.

    Returns
    -------
    The files written: the tasks first, then `NAME.key.csv`, then `NAME.config.xml` for Label Studio.

    Raises
    ------
    WorkbenchError
        There is no such form, or the files cannot be written.
    """
    form = form_named(to)
    place = Path(path)
    if not place.suffix:
        place = place.with_name(place.name + form.ending)
    contents: dict[Path, str | bytes] = {place: form.write(tasks), place.with_suffix(".key.csv"): key_file(tasks)}
    if to == "label-studio":
        contents[place.with_suffix(".config.xml")] = label_studio_config(tasks)
    return write_all(contents)


def form_named(to: str) -> TaskForm:
    """The form of that name.

    Raises
    ------
    WorkbenchError : there is none.
    """
    if to not in FORMS:
        raise WorkbenchError(f"There is no form of tasks {to!r}.", f"Choose one of {', '.join(FORMS)}.")
    return FORMS[to]


def _lines(rows: list) -> str:
    """One object a line; what some readers also take for an end of line is written as an escape."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return text.translate({code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)})
