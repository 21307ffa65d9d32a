"""Arenas and benchmarks judged by people: model names, turns, conversations, winners by name."""

from __future__ import annotations

import json
from typing import Any

from tests.formats.layouts.world import Pair, Table, Vote, World, csv_file, json_file, json_lines, layout


def _talk(pair: Pair, answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": pair.prompt}, {"role": "assistant", "content": answer}]


def _battle(v: Vote, **more: Any) -> dict[str, Any]:
    return {"question_id": v.pair.key, "model_a": v.pair.model_a, "model_b": v.pair.model_b, **more}


@layout("arena-clean-battles")
def _(w: World) -> Table:
    rows = [
        _battle(
            v,
            winner=v.said("model_a", "model_b", "tie (bothbad)"),
            judge=f"arena_user_{v.who}",
            conversation_a=_talk(v.pair, v.pair.a),
            conversation_b=_talk(v.pair, v.pair.b),
            turn=1,
            anony=True,
            language="English",
            tstamp=v.end.timestamp(),
        )
        for v in w.votes
    ]
    truth = [(i, f"arena_user_{who}", x) for i, who, x in w.truth()]
    return Table(content=json_file(rows), truth=truth)


@layout("arena-55k-one-hot")
def _(w: World) -> Table:
    rows = [
        {
            "id": 3000 + int(p.key[1:]),
            "model_a": p.model_a,
            "model_b": p.model_b,
            "prompt": json.dumps([p.prompt]),
            "response_a": json.dumps([p.a]),
            "response_b": json.dumps([p.b]),
            "winner_model_a": int(w.of(p)[0].pick == "A"),
            "winner_model_b": int(w.of(p)[0].pick == "B"),
            "winner_tie": int(w.of(p)[0].pick == "="),
        }
        for p in w.pairs
    ]
    truth = [(p.key, None, p.named(w.of(p)[0].pick, "text")) for p in w.pairs]
    return Table(content=csv_file(rows), truth=truth)


@layout("arena-csv-no-text")
def _(w: World) -> Table:
    rows = [
        _battle(v, winner=v.said("model_a", "model_b", "tie"), judge=v.who, tstamp=int(v.end.timestamp()))
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth("model"), by="model")


@layout("arena-winner-is-model-name", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "battle": v.pair.key,
            "model_a": v.pair.model_a,
            "model_b": v.pair.model_b,
            "winner": v.pair.named(v.pick, "model"),
            "user": v.who,
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth("model"), by="model")


@layout("arena-winner-name-or-tie")
def _(w: World) -> Table:
    rows = [
        {
            "prompt_id": v.pair.key,
            "prompt": v.pair.prompt,
            "model_1": v.pair.model_a,
            "model_2": v.pair.model_b,
            "output_1": v.pair.a,
            "output_2": v.pair.b,
            "winning_model": v.pair.named(v.pick, "model") if v.pick != "=" else "tie",
            "annotator": v.who,
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("comparia-votes")
def _(w: World) -> Table:
    rows = [
        {
            "id": i + 1,
            "timestamp": v.end.isoformat(),
            "model_a_name": v.pair.model_a,
            "model_b_name": v.pair.model_b,
            "conversation_pair_id": v.pair.key,
            "opening_msg": v.pair.prompt,
            "both_equal": str(v.pick == "=").lower(),
            "chosen_model_name": v.pair.named(v.pick, "model") if v.pick != "=" else "",
            "visitor_id": v.who,
            "country": "FR",
        }
        for i, v in enumerate(w.votes)
    ]
    return Table(content=csv_file(rows), truth=w.truth("model"), by="model")


@layout("local-arena-sqlite-dump")
def _(w: World) -> Table:
    rows = [
        {
            "vote_id": i,
            "session": v.who,
            "prompt": v.pair.prompt,
            "left_model": v.pair.model_a,
            "right_model": v.pair.model_b,
            "left_response": v.pair.a,
            "right_response": v.pair.b,
            "vote": v.said("leftvote", "rightvote", "tievote"),
            "ts": int(v.end.timestamp() * 1000),
        }
        for i, v in enumerate(w.votes)
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("arena-elo-result-column")
def _(w: World) -> Table:
    rows = [
        {
            "match_id": v.pair.key,
            "player_a": v.pair.model_a,
            "player_b": v.pair.model_b,
            "outcome": v.said("a_wins", "b_wins", "draw"),
            "judge_id": v.who,
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth("model"), by="model")


@layout("mt-bench-human-two-turns")
def _(w: World) -> Table:
    rows = [
        {
            "question_id": 81 + int(v.pair.key[1:]) // 2,
            "model_a": v.pair.model_a,
            "model_b": v.pair.model_b,
            "winner": v.said("model_a", "model_b", "tie"),
            "judge": f"expert_{v.who}",
            "turn": 1 + int(v.pair.key[1:]) % 2,
        }
        for v in w.votes
    ]
    truth = [(i, f"expert_{who}", x) for i, who, x in w.truth("model")]
    return Table(content=csv_file(rows), truth=truth, by="model")


@layout("mt-bench-judgements-with-talks")
def _(w: World) -> Table:
    rows = [
        _battle(
            v,
            winner=v.said("model_a", "model_b", "tie"),
            judge=f"author_{v.who}",
            conversation_a=_talk(v.pair, v.pair.a),
            conversation_b=_talk(v.pair, v.pair.b),
            turn=1,
        )
        for v in w.votes
    ]
    truth = [(i, f"author_{who}", x) for i, who, x in w.truth()]
    return Table(content=json_lines(rows), truth=truth)


@layout("mt-bench-judge-pair-log", crew=("j",), ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "question_id": 81 + int(v.pair.key[1:]),
            "model_1": v.pair.model_a,
            "model_2": v.pair.model_b,
            "g1_winner": v.said("model_1", "model_2"),
            "g2_winner": v.said("model_1", "model_2"),
            "judge": ["gpt-4", "pair-v2"],
            "g1_user_prompt": "..",
            "g1_judgment": "[[A]]",
            "g2_user_prompt": "..",
            "g2_judgment": "[[B]]",
            "turn": 1,
            "tstamp": v.end.timestamp(),
        }
        for v in w.votes
    ]
    truth = [(i, "gpt-4 pair-v2", x) for i, _, x in w.truth("model") for _ in range(2)]
    return Table(content=json_lines(rows, "gpt-4_pair.jsonl"), truth=truth, by="model")


@layout("mt-bench-single-grades")
def _(w: World) -> Table:
    rate = {(v.pair.key, v.who): w.random.randint(1, 10) for v in w.votes}
    rows = [
        {"question_id": v.pair.key, "model": "aurora-7b", "judge": v.who, "score": rate[v.pair.key, v.who], "turn": 1}
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, str(rate[v.pair.key, v.who])) for v in w.votes]
    return Table(content=csv_file(rows), truth=truth, by="value")


@layout("prism-like-scores", crew=("u1",))
def _(w: World) -> Table:
    rows, truth = [], []
    for p in w.pairs:
        for model, text in ((p.model_a, p.a), (p.model_b, p.b)):
            score = w.random.randint(1, 100)
            rows.append(
                {
                    "utterance_id": f"ut{len(rows)}",
                    "interaction_id": p.key,
                    "user_id": f"user{len(rows) % 4}",
                    "user_prompt": p.prompt,
                    "model_response": text,
                    "model_name": model,
                    "score": score,
                }
            )
            truth.append((f"{p.key}/{model}", f"user{(len(rows) - 1) % 4}", str(score)))
    mapping = {"item": "utterance_id", "annotator": "user_id", "label": "score"}
    return Table(content=json_lines(rows), truth=truth, by="value", mapping=mapping)


@layout("pku-saferlhf", crew=("x",), ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "prompt": v.pair.prompt,
            "response_0": v.pair.a,
            "response_1": v.pair.b,
            "prompt_source": "web",
            "is_response_0_safe": True,
            "is_response_1_safe": bool(w.random.getrandbits(1)),
            "better_response_id": int(v.pick == "B"),
            "safer_response_id": w.random.randint(0, 1),
        }
        for v in w.votes
    ]
    mapping = {"prompt": "prompt", "response_a": "response_0", "response_b": "response_1"}
    mapping["label"] = "better_response_id"
    return Table(content=json_lines(rows), truth=w.truth(who=False), mapping=mapping, labels={"0": "A", "1": "B"})


@layout("webgpt-like-scores", crew=("x",))
def _(w: World) -> Table:
    rows = [
        {
            "question": {"id": v.pair.key, "full_text": v.pair.prompt},
            "answer_0": v.pair.a,
            "answer_1": v.pair.b,
            "score_0": (score := v.graded(w.random) / 3),
            "score_1": -score,
        }
        for v in w.votes
    ]
    mapping = {"response_a": "answer_0", "response_b": "answer_1", "label": "score_0,score_1"}
    return Table(content=json_lines(rows), truth=w.truth(who=False), mapping=mapping)


@layout("shp-like-label-and-scores", crew=("x",), ties=False)
def _(w: World) -> Table:
    rows = []
    for v in w.votes:
        low = w.random.randint(2, 40)
        high = low + w.random.randint(3, 90)
        a, b = (high, low) if v.pick == "A" else (low, high)
        rows.append(
            {
                "post_id": v.pair.key,
                "domain": "askbaking_train",
                "upvote_ratio": 0.93,
                "history": v.pair.prompt,
                "score_A": a,
                "score_B": b,
                "human_ref_A": v.pair.a,
                "human_ref_B": v.pair.b,
                "labels": int(v.pick == "A"),
                "score_ratio": round(high / low, 3),
            }
        )
    mapping = {"response_a": "human_ref_A", "response_b": "human_ref_B", "label": "labels"}
    return Table(content=json_lines(rows), truth=w.truth(who=False), mapping=mapping, labels={"1": "A", "0": "B"})


@layout("helpsteer3-like", crew=("a", "b", "c"))
def _(w: World) -> Table:
    grade = {(v.pair.key, v.who): v.graded(w.random) for v in w.votes}
    rows = [
        {
            "domain": "general",
            "language": "english",
            "context": [{"role": "user", "content": p.prompt}],
            "response1": p.a,
            "response2": p.b,
            "overall_preference": -1,
            "individual_preference": [
                {"score": -grade[p.key, v.who], "reasoning": "@Response 1 ..", "feedback1": "", "feedback2": ""}
                for v in w.of(p)
            ],
        }
        for p in w.pairs
    ]
    return Table(content=json_lines(rows), truth=w.truth(who=False))


@layout("trl-chosen-rejected", crew=("x",), ties=False)
def _(w: World) -> Table:
    rows = [
        {"prompt": v.pair.prompt, "chosen": v.said(v.pair.a, v.pair.b), "rejected": v.said(v.pair.b, v.pair.a)}
        for v in w.votes
    ]
    return Table(content=json_lines(rows), truth=w.truth(who=False))


@layout("chosen-rejected-with-annotator", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "annotator_id": v.who,
            "prompt": v.pair.prompt,
            "chosen": v.said(v.pair.a, v.pair.b),
            "rejected": v.said(v.pair.b, v.pair.a),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())
