"""Logs of models that judge: AlpacaEval, arena-hard, promptfoo, lm-eval, G-Eval, EvalGen, reward benches."""

from __future__ import annotations

from tests.formats.layouts.world import Table, World, csv_file, json_file, json_lines, layout

_ONE = {"crew": ("judge-x",)}


@layout("alpaca-eval-annotations", crew=("judge-x", "judge-y"), ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "instruction": v.pair.prompt,
            "output_1": v.pair.a,
            "generator_1": v.pair.model_a,
            "dataset": "helpful_base",
            "output_2": v.pair.b,
            "generator_2": v.pair.model_b,
            "annotator": v.who,
            "preference": 1 if v.pick == "A" else 2,
            "price_per_example": 0.02,
            "time_per_example": 1.6,
        }
        for v in w.votes
    ]
    return Table(content=json_file(rows, "annotations.json"), truth=w.truth())


@layout("alpaca-eval-as-csv")
def _(w: World) -> Table:
    rows = [
        {
            "instruction": v.pair.prompt,
            "output_1": v.pair.a,
            "output_2": v.pair.b,
            "annotator": v.who,
            "preference": v.said("1.0", "2.0", "1.5"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("arena-hard-games", **_ONE)
def _(w: World) -> Table:
    rows = [
        {
            "question_id": v.pair.key,
            "model": "cedar-chat",
            "baseline": "aurora-7b",
            "judge": v.who,
            "games": [
                {"user_prompt": "..", "judgment": "..", "score": v.said("A>>B", "B>A", "A=B")},
                {"user_prompt": "..", "judgment": "..", "score": v.said("B>A", "A>B", "A=B")},
            ],
        }
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, v.said("first", "second", "=")) for v in w.votes for _ in range(2)]
    mapping = {"item": "question_id", "annotator": "judge", "label": "games"}
    return Table(content=json_lines(rows), truth=truth, by="first or second", mapping=mapping, ambiguous=True)


@layout("judge-log-with-gold-and-decision", **_ONE)
def _(w: World) -> Table:
    rows = [
        {
            "pair_id": v.pair.key,
            "source": "math",
            "question": v.pair.prompt,
            "response_A": v.pair.a,
            "response_B": v.pair.b,
            "label": {"A": "A>B", "B": "B>A"}[v.pair.gold],
            "judge_name": v.who,
            "decision": v.said("A>B", "B>A", "A=B"),
        }
        for v in w.votes
    ]
    return Table(content=json_lines(rows), truth=w.truth(), gold=w.gold())


@layout("judge-log-nested-judgments", crew=("gpt-x",))
def _(w: World) -> Table:
    rows = [
        {
            "id": v.pair.key,
            "prompt": v.pair.prompt,
            "response_a": v.pair.a,
            "response_b": v.pair.b,
            "ground_truth": v.pair.gold,
            "judge": v.who,
            "judgments": [{"verdict": v.said("A", "B", "tie"), "text": "Because."}],
        }
        for v in w.votes
    ]
    return Table(content=json_lines(rows), truth=w.truth(), gold=w.gold())


@layout("judge-log-results-by-name", crew=("judge-x", "judge-y"))
def _(w: World) -> Table:
    rows = [
        {
            "prompt": p.prompt,
            "answer_a": p.a,
            "answer_b": p.b,
            "results": {v.who: {"winner": v.said("A", "B", "tie"), "reason": "Clearer."} for v in w.of(p)},
        }
        for p in w.pairs
    ]
    return Table(content=json_file(rows), truth=w.truth())


@layout("llm-judge-verdict-brackets", **_ONE)
def _(w: World) -> Table:
    rows = [
        {
            "idx": int(v.pair.key[1:]),
            "instruction": v.pair.prompt,
            "assistant_a": v.pair.a,
            "assistant_b": v.pair.b,
            "judge_model": v.who,
            "verdict": v.said("[[A]]", "[[B]]", "[[C]]"),
        }
        for v in w.votes
    ]
    mapping = {"item": "idx", "annotator": "judge_model", "label": "verdict"}
    return Table(content=json_lines(rows), truth=w.truth(), mapping=mapping)


@layout("prometheus-relative", ties=False, **_ONE)
def _(w: World) -> Table:
    rows = [
        {
            "orig_instruction": v.pair.prompt,
            "orig_response_A": v.pair.a,
            "orig_response_B": v.pair.b,
            "orig_criteria": "Is it kind?",
            "output": "Feedback: .. [RESULT] " + v.pick,
            "orig_preference": v.pick,
        }
        for v in w.votes
    ]
    return Table(content=json_lines(rows), truth=w.truth(who=False))


@layout("llmbar-gold-only", ties=False, **_ONE)
def _(w: World) -> Table:
    rows = [
        {"input": v.pair.prompt, "output_1": v.pair.a, "output_2": v.pair.b, "label": 1 if v.pick == "A" else 2}
        for v in w.votes
    ]
    return Table(content=json_file(rows), truth=w.truth(who=False))


@layout("judgelm-score-pairs", crew=("x",))
def _(w: World) -> Table:
    rows = []
    for v in w.votes:
        low = w.random.randint(2, 6)
        high = low + w.random.randint(1, 4)
        scores = {"A": [high, low], "B": [low, high], "=": [low, low]}[v.pick]
        rows.append(
            {
                "question_id": v.pair.key,
                "question_body": v.pair.prompt,
                "answer1_body": v.pair.a,
                "answer2_body": v.pair.b,
                "score": scores,
            }
        )
    mapping = {"response_a": "answer1_body", "response_b": "answer2_body", "label": "score"}
    return Table(content=json_lines(rows), truth=w.truth(who=False), mapping=mapping)


@layout("promptfoo-results", crew=("grader-1", "grader-2"))
def _(w: World) -> Table:
    passed = {(v.pair.key, v.who): w.random.random() < 0.7 for v in w.votes}
    rows = [
        {
            "testIdx": int(v.pair.key[1:]),
            "vars": {"question": v.pair.prompt},
            "response": {"output": v.pair.a},
            "grader": v.who,
            "gradingResult": {"pass": passed[v.pair.key, v.who], "reason": "ok"},
        }
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, str(passed[v.pair.key, v.who])) for v in w.votes]
    mapping = {"item": "testIdx", "annotator": "grader", "label": "gradingResult.pass"}
    return Table(content=json_lines(rows), truth=truth, by="value", mapping=mapping)


@layout("promptfoo-csv-pass-columns")
def _(w: World) -> Table:
    passed = {(v.pair.key, v.who): w.random.choice(["PASS", "FAIL", "PASS"]) for v in w.votes}
    rows = [{"question": p.prompt, **{f"grader_{v.who}": passed[p.key, v.who] for v in w.of(p)}} for p in w.pairs]
    truth = [(v.pair.key, f"grader_{v.who}", passed[v.pair.key, v.who]) for v in w.votes]
    return Table(content=csv_file(rows), truth=truth, by="value")


@layout("lm-eval-samples", crew=("m",), ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "doc_id": int(v.pair.key[1:]),
            "doc": {"question": v.pair.prompt, "choice_a": v.pair.a, "choice_b": v.pair.b},
            "target": v.pair.gold,
            "resps": [[v.pick]],
            "filtered_resps": [v.pick],
            "acc": float(v.pick == v.pair.gold),
        }
        for v in w.votes
    ]
    mapping = {"item": "doc_id", "label": "filtered_resps", "gold": "target"}
    return Table(
        content=json_lines(rows), truth=w.truth("side", who=False), by="side", mapping=mapping, gold=w.gold("side")
    )


@layout("g-eval-scores", crew=("judge-a", "judge-b", "human"))
def _(w: World) -> Table:
    rate = {(v.pair.key, v.who): w.random.randint(1, 5) for v in w.votes}
    rows = [
        {
            "doc_id": v.pair.key,
            "system_output": v.pair.a,
            "evaluator": v.who,
            "coherence": rate[v.pair.key, v.who],
        }
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, str(rate[v.pair.key, v.who])) for v in w.votes]
    mapping = {"item": "doc_id", "annotator": "evaluator", "label": "coherence"}
    return Table(content=csv_file(rows), truth=truth, by="value", mapping=mapping)


@layout("evalgen-grades", crew=("ana", "ben"))
def _(w: World) -> Table:
    grade = {(v.pair.key, v.who): w.random.choice(["good", "bad", "good"]) for v in w.votes}
    rows = [
        {"response_uid": f"u-{v.pair.key}", "response": v.pair.a, "grader": v.who, "grade": grade[v.pair.key, v.who]}
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, grade[v.pair.key, v.who]) for v in w.votes]
    mapping = {"item": "response_uid", "annotator": "grader", "label": "grade"}
    return Table(content=csv_file(rows), truth=truth, by="value", mapping=mapping)


@layout("evalgen-thumbs", crew=("ana", "ben"))
def _(w: World) -> Table:
    grade = {(v.pair.key, v.who): w.random.choice(["👍", "👎", "👍"]) for v in w.votes}
    rows = [{"item": v.pair.key, "output": v.pair.a, "user": v.who, "thumb": grade[v.pair.key, v.who]} for v in w.votes]
    truth = [(v.pair.key, v.who, grade[v.pair.key, v.who]) for v in w.votes]
    return Table(content=csv_file(rows), truth=truth, by="value", mapping={"label": "thumb"})


@layout("reward-bench-scores", crew=("rm",), ties=False)
def _(w: World) -> Table:
    rows = []
    for v in w.votes:
        a, b = w.random.random(), w.random.random()
        better = v.pick == "A"
        rows.append(
            {
                "prompt": v.pair.prompt,
                "response_1": v.pair.a,
                "response_2": v.pair.b,
                "reward_1": round(max(a, b) if better else min(a, b), 4),
                "reward_2": round(min(a, b) if better else max(a, b), 4),
                "model": "rm",
            }
        )
    mapping = {"response_a": "response_1", "response_b": "response_2", "label": "reward_1,reward_2"}
    return Table(content=json_lines(rows), truth=w.truth(who=False), mapping=mapping)


@layout("mlflow-pairwise-table", crew=("judge-x", "judge-y"))
def _(w: World) -> Table:
    rows = [
        {
            "request_id": v.pair.key,
            "inputs": v.pair.prompt,
            "candidate_a": v.pair.a,
            "candidate_b": v.pair.b,
            "assessment/source": v.who,
            "assessment/value": v.said("candidate_a", "candidate_b", "tie"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("judges-beside-human-columns", crew=("human_1", "human_2", "gpt"))
def _(w: World) -> Table:
    rows = [
        {"prompt": p.prompt, "output_a": p.a, "output_b": p.b}
        | {f"{v.who}_choice": v.said("A", "B", "T") for v in w.of(p)}
        for p in w.pairs
    ]
    mapping = {"label": "human_1_choice,human_2_choice,gpt_choice"}
    truth = [(i, f"{who}_choice", x) for i, who, x in w.truth()]
    return Table(content=csv_file(rows), truth=truth, mapping=mapping, labels={"T": "="})
