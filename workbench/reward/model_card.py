"""The README of a model folder: what the model was trained on, what it is worth, and what it is not for. It holds no
text of the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.reward.scorecard import Scorecard
from workbench.reward.verdict_words import (
    beside_length_sentence,
    calibration_sentence,
    noise_sentence,
    percent,
    verdict_sentence,
)


@dataclass(frozen=True, kw_only=True)
class Training:
    """What a model was trained on and how, in counts.

    Attributes
    ----------
    model : `head` or `finetune`.
    base : name of the encoder or of the model that was fine-tuned.
    labels : the label source.
    pairs, groups, ties : trained on.
    set_aside : reason -> pairs that were not.
    key : content key of the data.
    settings : whatever else was chosen, name -> value.
    notes : what a user of the model should know, such as how many texts were too long.
    versions : of the libraries.
    """

    model: str
    base: str
    labels: str
    pairs: int
    groups: int
    ties: int
    set_aside: Mapping[str, int] = field(default_factory=dict)
    key: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            name: list(value) if isinstance(value := getattr(self, name), tuple) else value
            for name in self.__dataclass_fields__
        }


def model_card(training: Training, card: Scorecard | None = None, others: Mapping[str, Scorecard] | None = None) -> str:
    """Markdown for the README of a model folder.

    Parameters
    ----------
    others : further test sets, by name, with the scorecard of each.

    >>> text = model_card(
    ...     Training(
    ...         model="head",
    ...         base="hashed",
    ...         labels="gold",
    ...         pairs=900,
    ...         groups=30,
    ...         ties=4,
    ...         set_aside={"no gold label": 12},
    ...         key="3f2a",
    ...     )
    ... )
    >>> "900 pairs of 30 prompt groups" in text, "12 no gold label" in text
    (True, True)
    """
    library = "transformers" if training.model == "finetune" else "preference-workbench"
    lines = [
        "---",
        f"library_name: {library}",
        "pipeline_tag: text-classification",
        "tags: [reward-model, preferences]",
        "---",
        "",
        "# Reward model",
        "",
        (
            "Scores a response to a prompt: the higher, the better. Only differences of scores of the same prompt mean"
            " anything."
        ),
        "",
        "## Trained on",
        "",
        (
            f"- {training.pairs:,} pairs of {training.groups:,} prompt groups, {training.ties:,} of them ties; data key"
            f" `{training.key or 'unknown'}`"
        ),
        f"- Labels: {training.labels}",
        f"- {'Fine-tuned from' if training.model == 'finetune' else 'A linear head on'} `{training.base}`",
    ]
    if training.set_aside:
        lines.append("- Set aside: " + "; ".join(f"{n:,} {reason}" for reason, n in training.set_aside.items()))
    lines += [f"- {note}" for note in training.notes]
    if training.settings:
        lines += [
            "",
            "| Setting | Value |",
            "|---|---|",
            *(f"| {name} | {_cell(value)} |" for name, value in training.settings.items()),
        ]
    lines += [
        "",
        "## Scorecard",
        "",
        *(_scorecard(card) if card else ["It was not held against pairs it has not seen."]),
    ]
    if others:
        lines += [
            "",
            "## Test sets",
            "",
            "| Set | Ranking accuracy [95%] | longer text | pairs | |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {_cell(name)} | {percent(each.accuracy)} | {percent(each.length_only, interval=False)} |"
            f" {each.accuracy.n:,} | {_cell(beside_length_sentence(each))} |"
            for name, each in others.items()
        ]
    lines += ["", "## Limits", "", *_limits(training, card)]
    lines += ["", "## Use", "", *_use(training)]
    if training.versions:
        lines += [
            "",
            "Made with " + ", ".join(f"{name} {version}" for name, version in training.versions.items()) + ".",
        ]
    return "\n".join(lines) + "\n"


def _scorecard(card: Scorecard) -> list[str]:
    said = [verdict_sentence(card), beside_length_sentence(card), calibration_sentence(card), noise_sentence(card)]
    rows = [("Ranking accuracy", card.accuracy), ("Always the longer text", card.length_only)]
    if card.ceiling is not None:
        rows += [
            ("One label names the better side", card.ceiling.single),
            ("One label agrees with the others' majority", card.ceiling.one_person),
        ]
    if card.left_out is not None:
        rows.append(("Mean over sources it was not trained on", card.left_out.macro))
    rows += [
        (name[:1].upper() + name[1:], estimate)
        for part in (card.by_strength, card.by_length)
        for name, estimate in part.items()
    ]
    table = [f"| {name} | {percent(e)} | {e.n:,} |" for name, e in rows if e.value is not None]
    return [
        " ".join(s for s in said if s),
        "",
        "| On held-out pairs | 95% interval | n |",
        "|---|---|---|",
        *table,
        "",
        "Intervals count prompt groups, not pairs.",
    ]


def _limits(training: Training, card: Scorecard | None) -> list[str]:
    found = [
        "- It has learned what these annotators preferred on these prompts; elsewhere it is untested.",
        "- Whatever is optimised against it will find what it overrates. Check samples by hand.",
    ]
    if card is not None and card.over_length.same_crew is not None and card.over_length.same_crew.low <= 0:
        found.append("- It was not shown to be better than choosing the longer text.")
    if training.model == "finetune":
        found.append("- Longer texts than it was trained with are cut.")
    if card is not None and card.reliability.note:
        found.append(f"- {card.reliability.note[:1].upper()}{card.reliability.note[1:]}.")
    return found


def _use(training: Training) -> list[str]:
    lines = ["```", "python -m workbench score MODEL_FOLDER PAIRS.jsonl", "```"]
    if training.model == "finetune":
        lines += [
            "",
            (
                "The weights are a plain sequence classifier, and its tokenizer knows how prompt and response are put"
                " together: by its chat template where it has one, otherwise as two texts."
            ),
            "",
            "```python",
            "from transformers import AutoModelForSequenceClassification, AutoTokenizer",
            "",
            "tokenizer = AutoTokenizer.from_pretrained(MODEL_FOLDER)",
            "model = AutoModelForSequenceClassification.from_pretrained(MODEL_FOLDER)",
            "if tokenizer.chat_template:",
            '    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]',
            '    tokens = tokenizer.apply_chat_template(turns, return_tensors="pt", return_dict=True)',
            "else:",
            '    tokens = tokenizer(prompt, response, truncation=True, return_tensors="pt")',
            "score = model(**tokens).logits",
            "```",
        ]
    return lines


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
