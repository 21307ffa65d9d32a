"""Tables whose columns look like one thing and may be another: counts called votes, criteria called labels, a repeat
number, a second key. Nothing in them settles it, so that reading one without a question is wrong, but for the two whose
spellings a tool has of its own.
"""

from __future__ import annotations

import json
from typing import Any

from tests.formats.layouts.world import Table, World, csv_file, json_lines, layout

_YES = {"A": "Yes", "B": "No", "=": "Yes"}


def _asked(world: World, content: dict[str, bytes]) -> Table:
    return Table(content=content, truth=world.truth(), ambiguous=True)


@layout("doubtful-votes-that-are-counts", pairs=14)
def votes_that_are_counts(world: World) -> Table:
    draw = world.random.randint
    rows = [
        {"Question": p.prompt, "Reply": p.a, "Vote1": draw(0, 7), "Vote2": draw(0, 5), "Vote3": draw(0, 6)}
        for p in world.pairs
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-note-called-as-the-evaluator")
def note_called_as_the_evaluator(world: World) -> Table:
    rows = [
        {
            "doc_id": v.pair.key,
            "overall_verdict": v.said("good", "bad", "fair"),
            "evaluator": "left out the second date altogether" if v.seconds > 90 else "reads well from start to end",
        }
        for v in world.votes
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-repeat-number")
def repeat_number(world: World) -> Table:
    rows = [
        {"model_name": "aurora-7b", "doc_id": p.key, "rep_id": r, "err_fact": int(p.gold == "B"), "err_style": 0}
        for r in (1, 2, 3)
        for p in world.pairs
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-checklist")
def checklist(world: World) -> Table:
    rows = [
        {
            "assigned_to": v.who,
            "figure_id": f"{v.pair.key}-{v.who}",
            "Labels (if any) are readable": _YES[v.pick],
            "Labels (if any) stand at their parts": "Yes" if v.seconds % 3 else "No",
            "The figure is complete": "Yes" if v.seconds % 2 else "No",
        }
        for v in world.votes
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-criteria-as-names")
def criteria_as_names(world: World) -> Table:
    rows = [
        {
            "uid": p.key,
            "answer": p.a,
            "judgment": {
                "states_the_source": p.gold == "A",
                "answers_the_question": world.random.random() < 0.7,
                "stays_polite": world.random.random() < 0.8,
            },
        }
        for p in world.pairs
    ]
    return _asked(world, json_lines(rows))


@layout("doubtful-figures-a-model")
def figures_a_model(world: World) -> Table:
    rows = [
        {"comparison_id": p.key, "model_label": p.model_a, "n_pairs": 8 + i // 4, "baseline_correct": i % 7}
        for i, p in enumerate(world.pairs)
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-survey-of-criteria")
def survey_of_criteria(world: World) -> Table:
    kinds = ("Is the text fluent ?", "Is the text short ?", "Are the figures useful ?")
    rows = []
    for i, who in enumerate(("s1", "s2", "s3", "s4", "s5")):
        row: dict[str, Any] = {"id. Response ID": i + 1, "token. Access code": who}
        for text in (1, 2, 3):
            for q, asked in enumerate(kinds, 1):
                row[f"T{text}Q{q}. {asked}"] = f"{world.random.randint(1, 5)} : {('fluent', 'short', 'useful')[q - 1]}"
        rows.append(row)
    return _asked(world, csv_file(rows))


@layout("doubtful-form-of-several-questions")
def form_of_several_questions(world: World) -> Table:
    asked = (
        "On a scale of 1 to 5, how well do you know the tools that were shown in the film?",
        "On a scale of 1 to 5, how good is the first plan of the town hall?",
        "On a scale of 1 to 5, how good is the second plan of the town hall?",
        "On a scale of 1 to 5, how sure are you of what you have said above?",
    )
    rows = [{"Timestamp": f"2024-03-1{i} 09:00:00"} | {q: world.random.randint(1, 5) for q in asked} for i in range(9)]
    return _asked(world, csv_file(rows))


@layout("doubtful-source-text-or-person")
def source_text_or_person(world: World) -> Table:
    rows = [
        {"source": p.prompt, "system_output": f"{p.a} ({i})", "rating": world.random.randint(1, 5)}
        for p in world.pairs[:4]
        for i in range(4)
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-query-and-product")
def query_and_product(world: World) -> Table:
    rows = [
        {
            "query_id": 300 + i,
            "query": p.prompt,
            "product_id": f"B0{world.random.randint(10**6, 10**7)}",
            "relevance_label": world.random.choice("ESI"),
        }
        for i, p in enumerate(world.pairs[:5])
        for _ in range(6)
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-winners-numbered-and-turns")
def winners_numbered_and_turns(world: World) -> Table:
    rows = [
        {
            "question_id": p.key,
            "model_1": p.model_a,
            "model_2": p.model_b,
            "turn": turn,
            **{f"winner{n}": v.said("model_1", "model_2", "tie") for n, v in enumerate(world.of(p), 1)},
        }
        for turn in (1, 2)
        for p in world.pairs
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-things-with-properties")
def things_with_properties(world: World) -> Table:
    draw = world.random.choice
    rows = [
        {
            "ruling_text": p.a,
            "court": draw(("north", "south", "harbour")),
            "case_type": draw(("civil", "trade")),
            "bench": draw(("one", "three")),
            "outcome": draw(("granted", "dismissed", "settled")),
        }
        for p in world.pairs
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-label-of-the-thing", pairs=10)
def label_of_the_thing(world: World) -> Table:
    things = ("beads", "shoes", "eggs")
    rows = [
        {
            "participant": v.who,
            "value": f"{world.random.uniform(0, 100):.3f}",
            "bin_label": f"({int(v.pair.key[1:]) // 2}, {int(v.pair.key[1:]) // 2 + 1}]",
            "object": things[int(v.pair.key[1:]) % 3],
            "img_name": f"{v.pair.key}.jpg",
        }
        for v in world.votes
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-second-key-seldom-again", pairs=14, ties=False)
def second_key_seldom_again(world: World) -> Table:
    """A key of two columns of which the first alone repeats for one person in a sixth of the rows."""
    rows = []
    for v in world.votes:
        domain = "abcd"[int(v.pair.key[1:]) % 4]
        rows.append({"task_id": v.pair.key, "domain": domain, "rater": v.who, "verdict": v.pick})
        if int(v.pair.key[1:]) % 5 == 0:
            other = "abcd"[(int(v.pair.key[1:]) + 1) % 4]
            rows.append({"task_id": v.pair.key, "domain": other, "rater": v.who, "verdict": "AB"[v.seconds % 2]})
    return _asked(world, csv_file(rows))


@layout("doubtful-id-of-several-prompts")
def id_of_several_prompts(world: World) -> Table:
    rows = [
        {
            "question_id": f"t{int(v.pair.key[1:]) // 3}",
            "prompt": v.pair.prompt,
            "rater": v.who,
            "label": v.said("good", "poor", "fair"),
        }
        for v in world.votes
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-winner-left-empty")
def winner_left_empty(world: World) -> Table:
    rows = [
        {
            "ID": p.key,
            "Query": p.prompt,
            "Response_North": p.a,
            "Response_South": p.b,
            "Score_North": "",
            "Score_South": "",
            "Winner": "",
            "Notes": "",
        }
        for p in world.pairs
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-same-in-letters")
def same_in_letters(world: World) -> Table:
    """`s` beside `a` and `b` says "the same" to whoever made the form."""
    rows = [
        {
            "HITId": v.pair.key,
            "WorkerId": v.who,
            "AssignmentId": f"{v.pair.key}-{v.who}",
            "WorkTimeInSeconds": v.seconds,
            "Input.query": v.pair.prompt,
            "Input.docA": v.pair.a,
            "Input.docB": v.pair.b,
            "Answer.remark": "no" if v.who == "w07" else "",
            "Answer.radio": v.said("a", "b", "s"),
        }
        for v in world.votes
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-not-a-winner-of-the-letters")
def winner_of_the_letters(world: World) -> Table:
    """Choices called `a_winner` and `b_winner`, which say what they mean."""
    tasks = [
        {
            "id": i,
            "data": {"prompt": p.prompt, "response_a": p.a, "response_b": p.b},
            "annotations": [
                {
                    "id": 10 * i + n,
                    "completed_by": int(v.who[1:]),
                    "was_cancelled": False,
                    "result": [
                        {
                            "from_name": "winner",
                            "to_name": "response_a",
                            "type": "choices",
                            "value": {"choices": [v.said("a_winner", "b_winner", "tie")]},
                        }
                    ],
                }
                for n, v in enumerate(world.of(p))
            ],
        }
        for i, p in enumerate(world.pairs)
    ]
    truth = [(item, str(int(who[1:])) if who else None, pick) for item, who, pick in world.truth()]
    return Table(content={"export.json": json.dumps(tasks).encode()}, truth=truth)
