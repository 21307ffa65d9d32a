"""A second corpus, written after public forms that the first has not, before any of it was read once.

Most tables have one row a vote, so a layout is its columns: name -> what a vote puts there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.formats.layouts.world import Table, Vote, World, csv_file, grid, json_file, json_lines, layout

Columns = Mapping[str, Callable[[Vote], Any]]
Write = Callable[..., dict[str, bytes]]


def rows(
    name: str, columns: Columns, write: Write = csv_file, *, by: str = "text", who: bool = True, **how: Any
) -> None:
    """A layout of one row a vote; `how` goes to the world (crew, ties), `dialect` to the writer."""
    dialect, value = how.pop("dialect", {}), how.pop("value", "")

    @layout(f"afresh-{name}", **how)
    def _(w: World) -> Table:
        made = [{column: cell(v) for column, cell in columns.items()} for v in w.votes]
        truth = w.truth(by, who)
        if by == "value":
            truth = [(v.pair.key, v.who, str(columns[value](v))) for v in w.votes]
        return Table(content=write(made, **dialect), truth=truth, by=by)


def said(a: str, b: str, tie: str = "") -> Callable[[Vote], str]:
    return lambda v: v.said(a, b, tie)


KEY: Columns = {"id": lambda v: v.pair.key}


def named(prompt: str, a: str, b: str) -> Columns:
    return {prompt: lambda v: v.pair.prompt, a: lambda v: v.pair.a, b: lambda v: v.pair.b}


def models(a: str, b: str) -> Columns:
    return {a: lambda v: v.pair.model_a, b: lambda v: v.pair.model_b}


# ---------------------------------------------------------------- arenas and their logs

rows(
    "vision-arena",
    {
        "question_id": lambda v: v.pair.key,
        **models("model_left", "model_right"),
        "winner": said("left", "right", "tie"),
        "user_id": lambda v: v.who,
    },
    json_lines,
    by="model",
)
rows(
    "gradio-vote-log",
    {
        "tstamp": lambda v: v.end.timestamp(),
        "type": said("leftvote", "rightvote", "tievote"),
        **models("model_1", "model_2"),
        "conv_id": lambda v: v.pair.key,
        "ip": lambda v: v.who,
    },
    json_lines,
    by="model",
)
rows(
    "match-results-chess-style",
    {
        "match_id": lambda v: v.pair.key,
        **models("left", "right"),
        "result": said("1-0", "0-1", "1/2-1/2"),
        "referee": lambda v: v.who,
    },
    by="model",
)
rows(
    "video-arena-booleans",
    {
        "prompt_id": lambda v: v.pair.key,
        **models("left_model", "right_model"),
        "left_wins": lambda v: v.pick == "A",
        "rater": lambda v: v.who,
    },
    by="model",
    ties=False,
)
rows(
    "image-preference-two-label-columns",
    {
        "caption": lambda v: v.pair.prompt,
        "image_0_url": lambda v: f"https://img.example/{v.pair.key}-0.png",
        "image_1_url": lambda v: f"https://img.example/{v.pair.key}-1.png",
        "label_0": lambda v: {"A": 1.0, "B": 0.0, "=": 0.5}[v.pick],
        "label_1": lambda v: {"A": 0.0, "B": 1.0, "=": 0.5}[v.pick],
        "user_id": lambda v: v.who,
    },
    by="side",
)
rows(
    "side-by-side-wandb-table",
    {
        **named("input", "output_left", "output_right"),
        "pick": said("left", "right", "neither"),
        "user": lambda v: v.who,
    },
    json_lines,
)
rows(
    "duel-log-winner-loser-models",
    {
        "task": lambda v: v.pair.key,
        "winner_model": lambda v: v.pair.named(v.pick, "model"),
        "loser_model": lambda v: v.pair.model_b if v.pick == "A" else v.pair.model_a,
        "annotator": lambda v: v.who,
    },
    by="model",
    ties=False,
)

# ---------------------------------------------------------------- preference sets as they are shared

rows(
    "completion-a-b-preference",
    {
        **named("prompt", "completion_a", "completion_b"),
        "preference": said("a", "b", "tie"),
        "labeler": lambda v: v.who,
    },
    json_lines,
)
rows(
    "orca-dpo-system-question",
    {
        "system": lambda v: "You are helpful.",
        "question": lambda v: v.pair.prompt,
        "chosen": lambda v: v.pair.a if v.pick == "A" else v.pair.b,
        "rejected": lambda v: v.pair.b if v.pick == "A" else v.pair.a,
    },
    json_lines,
    who=False,
    crew=("x",),
    ties=False,
)
rows(
    "chosen-rejected-with-scores",
    {
        "prompt": lambda v: v.pair.prompt,
        "chosen": lambda v: v.pair.a if v.pick == "A" else v.pair.b,
        "rejected": lambda v: v.pair.b if v.pick == "A" else v.pair.a,
        "score_chosen": lambda v: 8.5,
        "score_rejected": lambda v: 6.0,
    },
    json_lines,
    who=False,
    crew=("x",),
    ties=False,
)


@layout("afresh-stack-exchange-j-and-k", crew=("x",), ties=False)
def _(w: World) -> Table:
    made = [
        {
            "qid": v.pair.key,
            "question": v.pair.prompt,
            "response_j": v.pair.a if v.pick == "A" else v.pair.b,
            "response_k": v.pair.b if v.pick == "A" else v.pair.a,
        }
        for v in w.votes
    ]
    return Table(content=json_lines(made), truth=w.truth(who=False), ambiguous=True)


rows(
    "better-output-1-or-2",
    {
        "instruction": lambda v: v.pair.prompt,
        "output_1": lambda v: v.pair.a,
        "output_2": lambda v: v.pair.b,
        "better_output": said("output_1", "output_2", "equal"),
        "evaluator": lambda v: v.who,
    },
    json_lines,
)
rows(
    "strength-in-words",
    {
        **KEY,
        **named("context", "reply_a", "reply_b"),
        "verdict": said("A is better", "B is better", "About the same"),
        "rater_id": lambda v: v.who,
    },
)
rows(
    "more-helpful-response-id",
    {
        **named("prompt", "response_0", "response_1"),
        "better_response_id": lambda v: {"A": 0, "B": 1}[v.pick],
        "worker": lambda v: v.who,
    },
    json_lines,
    ties=False,
)
rows(
    "list-of-two-and-index",
    {
        "query": lambda v: v.pair.prompt,
        "responses": lambda v: [v.pair.a, v.pair.b],
        "chosen_index": lambda v: {"A": 0, "B": 1}[v.pick],
        "annotator_id": lambda v: v.who,
    },
    json_lines,
    ties=False,
)

# ---------------------------------------------------------------- machine translation and speech


@layout("afresh-translation-ranks-two-systems")
def _(w: World) -> Table:
    made = [
        {
            "segmentId": v.pair.key,
            "judgeID": v.who,
            "system1Id": v.pair.model_a,
            "system2Id": v.pair.model_b,
            "system1rank": v.said("1", "2", "1"),
            "system2rank": v.said("2", "1", "1"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(made), truth=w.truth("model"), by="model")


@layout("afresh-direct-assessment", crew=("r1", "r2"))
def _(w: World) -> Table:
    scores = {id(v): w.random.choice([20, 40, 60, 80, 100]) for v in w.votes}
    made = [
        {
            "UserID": v.who,
            "SystemID": v.pair.model_a,
            "SegmentID": v.pair.key,
            "Source-lang": "deu",
            "Target-lang": "eng",
            "Score": scores[id(v)],
        }
        for v in w.votes
    ]
    return Table(
        content=csv_file(made, "scores.tsv", delimiter="\t"),
        truth=[(f"{v.pair.key}|{v.pair.model_a}", v.who, str(scores[id(v)])) for v in w.votes],
        by="value",
    )


@layout("afresh-comparison-mean-opinion", ties=True)
def _(w: World) -> Table:
    made = [
        {
            "sample_id": v.pair.key,
            "system_A": v.pair.model_a,
            "system_B": v.pair.model_b,
            "listener": v.who,
            "score": v.graded(w.random),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(made), truth=[], by="model", ambiguous=True)


rows(
    "speech-ab-test",
    {
        "utterance": lambda v: v.pair.key,
        "audio_a": lambda v: f"{v.pair.key}_a.wav",
        "audio_b": lambda v: f"{v.pair.key}_b.wav",
        "preferred": said("A", "B", "No preference"),
        "listener_id": lambda v: v.who,
    },
    by="side",
)

# ---------------------------------------------------------------- evaluation tools

rows(
    "langsmith-like-pairwise",
    {
        "example_id": lambda v: v.pair.key,
        "inputs": lambda v: v.pair.prompt,
        "run_a_output": lambda v: v.pair.a,
        "run_b_output": lambda v: v.pair.b,
        "preferred_run": said("A", "B", "equal"),
        "reviewer": lambda v: v.who,
    },
)
rows(
    "langfuse-like-scores",
    {
        "traceId": lambda v: v.pair.key,
        "name": lambda v: "helpfulness",
        "stringValue": said("good", "bad", "okay"),
        "authorUserId": lambda v: v.who,
        "timestamp": lambda v: v.end.isoformat() + "Z",
    },
    by="value",
    value="stringValue",
)
rows(
    "zeno-like-systems",
    {
        "data_id": lambda v: v.pair.key,
        **models("system_a", "system_b"),
        "preference": lambda v: v.pair.named(v.pick, "model") if v.pick != "=" else "tie",
        "judge_name": lambda v: v.who,
    },
    by="model",
)
rows(
    "kili-like-assistants",
    {
        "externalId": lambda v: v.pair.key,
        "prompt": lambda v: v.pair.prompt,
        "assistant_A": lambda v: v.pair.a,
        "assistant_B": lambda v: v.pair.b,
        "COMPARISON": said("A", "B", "SAME"),
        "labeler": lambda v: v.who,
    },
)
rows(
    "thumbs-on-single-answers",
    {
        "message_id": lambda v: v.pair.key,
        "answer": lambda v: v.pair.a,
        "feedback": said("thumbs_up", "thumbs_down", "none given"),
        "user": lambda v: v.who,
    },
    by="value",
    value="feedback",
    ties=False,
)
rows(
    "judge-model-column-verdict-letters",
    {
        **named("question", "answer_a", "answer_b"),
        "judge_model": lambda v: v.who,
        "judgment": said("[[A]]", "[[B]]", "[[C]]"),
    },
    json_lines,
)


@layout("afresh-nested-annotations-by-person")
def _(w: World) -> Table:
    made = [
        {
            "uid": p.key,
            "instruction": p.prompt,
            "candidates": {"a": p.a, "b": p.b},
            "votes": [{"by": v.who, "choice": v.said("a", "b", "tie")} for v in w.of(p)],
        }
        for p in w.pairs
    ]
    return Table(content=json_file(made), truth=w.truth())


@layout("afresh-raters-as-keys")
def _(w: World) -> Table:
    made = [
        {
            "id": p.key,
            "prompt": p.prompt,
            "response_a": p.a,
            "response_b": p.b,
            "labels": {v.who: v.said("A", "B", "tie") for v in w.of(p)},
        }
        for p in w.pairs
    ]
    return Table(content=json_lines(made), truth=w.truth())


@layout("afresh-label-array-and-gold-label", ties=False)
def _(w: World) -> Table:
    made = [
        {
            "pairID": p.key,
            "sentence1": p.a,
            "sentence2": p.b,
            "annotator_labels": [v.said("entailment", "contradiction") for v in w.of(p)],
            "gold_label": {"A": "entailment", "B": "contradiction"}[p.gold],
        }
        for p in w.pairs
    ]
    truth = [(i, None, x) for i, _, x in [(v.pair.key, v.who, v.said("entailment", "contradiction")) for v in w.votes]]
    return Table(content=json_lines(made), truth=truth, by="value")


# ---------------------------------------------------------------- other languages, other programs

rows(
    "german-semicolons",
    {
        "Nr": lambda v: v.pair.key,
        "Frage": lambda v: v.pair.prompt,
        "Antwort A": lambda v: v.pair.a,
        "Antwort B": lambda v: v.pair.b,
        "Bewerter": lambda v: v.who,
        "Urteil": said("A besser", "B besser", "gleich gut"),
    },
    dialect={"delimiter": ";"},
)
rows(
    "french-words",
    {
        "consigne": lambda v: v.pair.prompt,
        "réponse_a": lambda v: v.pair.a,
        "réponse_b": lambda v: v.pair.b,
        "annotateur": lambda v: v.who,
        "préférence": said("réponse_a", "réponse_b", "égalité"),
    },
)
rows(
    "spanish-words",
    {
        "pregunta": lambda v: v.pair.prompt,
        "respuesta_a": lambda v: v.pair.a,
        "respuesta_b": lambda v: v.pair.b,
        "anotador": lambda v: v.who,
        "mejor": said("A", "B", "empate"),
    },
)
rows(
    "japanese-words",
    {
        "質問": lambda v: v.pair.prompt,
        "回答A": lambda v: v.pair.a,
        "回答B": lambda v: v.pair.b,
        "評価者": lambda v: v.who,
        "勝者": said("A", "B", "引き分け"),
    },
)
rows(
    "chinese-gb18030",
    {
        "问题": lambda v: v.pair.prompt,
        "回答A": lambda v: v.pair.a,
        "回答B": lambda v: v.pair.b,
        "标注员": lambda v: v.who,
        "偏好": said("A更好", "B更好", "一样好"),
    },
    lambda made: {"export.csv": csv_file(made)["export.csv"].decode().encode("gb18030")},
)


@layout("afresh-r-with-row-names")
def _(w: World) -> Table:
    made = [
        {"": i + 1, "pair.id": v.pair.key, "rater.id": v.who, "choice": v.said("first", "second", "neither")}
        for i, v in enumerate(w.votes)
    ]
    return Table(content=csv_file(made), truth=w.truth("side"), by="side")


@layout("afresh-statistics-program-codes", ties=False)
def _(w: World) -> Table:
    made = [{"CASE": v.pair.key, "RATER": v.who, "V12": v.said("1", "2")} for v in w.votes]
    truth = [(v.pair.key, v.who, v.said("1", "2")) for v in w.votes]
    return Table(content=csv_file(made), truth=truth, by="value")


# ---------------------------------------------------------------- surveys and sheets


@layout("afresh-survey-one-question-a-pair", pairs=8)
def _(w: World) -> Table:
    people = w.by_person()
    head = ["#", *(f"Which reply is better? (pair {i + 1})" for i in range(len(w.pairs))), "Submit Date (UTC)"]
    lines = [
        [
            votes[0].who,
            *(v.said("Reply A", "Reply B", "Both are the same") for v in votes),
            votes[-1].end.isoformat(" "),
        ]
        for votes in people
    ]
    return Table(content=grid([head, *lines]), truth=w.truth("side"), by="side")


@layout("afresh-survey-codes", pairs=8, ties=False)
def _(w: World) -> Table:
    head = ["id", "submitdate", "lastpage", *(f"G01Q{i + 1:02d}" for i in range(len(w.pairs)))]
    lines = [
        [votes[0].who, votes[-1].end.isoformat(" "), 3, *(v.said("A1", "A2") for v in votes)] for votes in w.by_person()
    ]
    return Table(content=grid([head, *lines]), truth=w.truth("side"), by="side")


rows(
    "airtable-winner-field",
    {
        "Name": lambda v: v.pair.key,
        "Prompt": lambda v: v.pair.prompt,
        "Response A": lambda v: v.pair.a,
        "Response B": lambda v: v.pair.b,
        "Winner": said("Response A", "Response B", "Draw"),
        "Reviewer": lambda v: v.who,
        "Created": lambda v: v.end.strftime("%Y-%m-%d %H:%M"),
    },
)
rows(
    "notion-assigned-to",
    {
        "Task": lambda v: v.pair.key,
        "Option 1": lambda v: v.pair.a,
        "Option 2": lambda v: v.pair.b,
        "Which is better?": said("Option 1", "Option 2", "Equal"),
        "Assigned to": lambda v: v.who,
        "Last edited": lambda v: v.end.strftime("%B %d, %Y %I:%M %p"),
    },
)


@layout("afresh-sheet-with-a-column-a-person")
def _(w: World) -> Table:
    head = ["pair", "prompt", "response_a", "response_b", *(f"Vote {who}" for who in w.crew)]
    lines = [[p.key, p.prompt, p.a, p.b, *(v.said("A", "B", "tie") for v in w.of(p))] for p in w.pairs]
    truth = [(i, f"Vote {who}", x) for i, who, x in w.truth()]
    return Table(content=grid([head, *lines]), truth=truth)


@layout("afresh-toxicity-worker-rows", ties=False)
def _(w: World) -> Table:
    made = [
        {"comment_id": v.pair.key, "comment_text": v.pair.a, "worker": v.who, "toxic": v.said("1", "0")}
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, v.said("1", "0")) for v in w.votes]
    return Table(content=csv_file(made), truth=truth, by="value")


@layout("afresh-log-with-times-in-two-columns", crew=("p1", "p2"))
def _(w: World) -> Table:
    made = [
        {
            "trial": v.pair.key,
            "participant": v.who,
            "left_text": v.pair.a,
            "right_text": v.pair.b,
            "response": v.said("left", "right", "equal"),
            "rt": v.seconds * 1000,
        }
        for v in w.votes
    ]
    return Table(content=csv_file(made), truth=w.truth(), seconds=[float(v.seconds) for v in w.votes])


@layout("afresh-records-in-a-json-string")
def _(w: World) -> Table:
    made = [
        {
            "job": v.pair.key,
            "worker_id": v.who,
            "payload": json.dumps({"prompt": v.pair.prompt, "option_a": v.pair.a, "option_b": v.pair.b}),
            "answer": json.dumps({"better": v.said("option_a", "option_b", "tie")}),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(made), truth=w.truth())
