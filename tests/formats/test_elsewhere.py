"""Files of other people, one of each kind that was read wrong once; made here, and what they say written by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.formats.test_other_peoples_tables import gold, labels, opened, repeats, votes
from workbench.errors import WorkbenchError


def lines(records: list[dict[str, Any]]) -> str:
    return "\n".join(map(json.dumps, records))


# ------------------------------------------------------------ sides that were exchanged

_GAMES = [("g1", 0, "1", "1"), ("g1", 1, "2", "2"), ("g2", 0, "2", "2"), ("g2", 1, "1", "2"), ("g3", 0, "1", "1")]
"""Item, whether the sides were exchanged, the right answer and the verdict, both as shown."""


def _log(*, right: bool) -> str:
    return lines(
        [
            {"judge": "judge-x", "item_id": i, "swap": bool(s), "parsed_label": said} | ({"truth": t} if right else {})
            for i, s, t, said in _GAMES
        ]
    )


def test_right_answers_that_turn_with_the_sides_tell_what_labels_name(tmp_path: Path) -> None:
    data = opened(tmp_path, _log(right=True), "log.jsonl")
    # As the file has the sides: g1 is A both times, g2 is B and then, turned back, A.
    assert labels(data) == Counter(A=4, B=1)
    assert gold(data) == Counter(A=2, B=1)
    assert data.annotations["shown_first"].tolist() == [0, 1, 0, 1, 0]
    assert "sides-exchanged" in {f.code for f in data.findings}


def test_whether_labels_turn_with_the_sides_is_asked_where_nothing_tells(tmp_path: Path) -> None:
    text = _log(right=False)
    with pytest.raises(WorkbenchError, match=r"exchanged in 2 of 5 rows, and nothing tells") as caught:
        opened(tmp_path, text, "log.jsonl")
    assert "{'exchanged': 'swap'}" in str(caught.value)
    assert "{'shown_first': 'swap'}" in str(caught.value)
    assert labels(opened(tmp_path, text, "log.jsonl", mapping={"exchanged": "swap"})) == Counter(A=4, B=1)
    as_in_the_file = opened(tmp_path, text, "log.jsonl", mapping={"shown_first": "swap"})
    assert sum(labels(as_in_the_file).values()) == 5


def test_left_and_right_name_the_sides_as_shown(tmp_path: Path) -> None:
    rows = "t1,x,no,left\nt1,y,yes,left\nt2,x,yes,right\nt2,y,no,tie\n"
    data = opened(tmp_path, f"task_id,worker,swapped,vote\n{rows}")
    assert labels(data) == Counter({"A": 2, "B": 1, "=": 1})


def test_responses_that_are_exchanged_themselves_need_no_turning(tmp_path: Path) -> None:
    rows = "t1,x,no,a cat,a dog,A\nt1,y,yes,a dog,a cat,A\nt2,x,yes,the sea,the sun,B\nt2,y,no,the sun,the sea,B\n"
    data = opened(tmp_path, f"task_id,worker,swapped,response_1,response_2,vote\n{rows}")
    assert labels(data) == Counter(A=2, B=2)
    assert len(data.items) == 2


# ------------------------------------------------------------ what the item is


def test_a_record_that_names_its_judge_is_no_item(tmp_path: Path) -> None:
    rows = "".join(f"p{p}_judge-{j}_r0,p{p},judge-{j},{'AB'[(p + (j == 'y')) % 2]}\n" for p in range(4) for j in "xy")
    data = opened(tmp_path, f"record_id,pair_id,judge,verdict\n{rows}")
    assert (len(data.items), sorted(data.annotators["annotator"])) == (4, ["judge-x", "judge-y"])


def test_judgements_by_criterion_are_asked_about(tmp_path: Path) -> None:
    rows = "".join(
        f"p{p},{who},{what},{'AB'[(p + i) % 2]}\n"
        for p in range(3)
        for who in ("ann", "bo")
        for i, what in enumerate(("clear", "kind", "true"))
    )
    text = f"pair_id,rater,marker,verdict\n{rows}"
    with pytest.raises(WorkbenchError, match=r"each word of 'marker' \(clear, kind, true\).*'item': 'pair_id,marker'"):
        opened(tmp_path, text)
    data = opened(tmp_path, text, mapping={"item": ["pair_id", "marker"]})
    assert (len(data.items), repeats(data)) == (9, 0)


def test_the_number_of_a_trial_is_no_item_where_the_pair_comes_again(tmp_path: Path) -> None:
    rows = "x,t1,ab,cd,ab\nx,t2,ef,gh,gh\nx,t3,cd,ab,ab\nx,t4,gh,ef,ef\nx,t5,ij,kl,ij\n"
    data = opened(tmp_path, f"user_id,trialId,word1,word2,chosen_word\n{rows}")
    assert (len(data.items), repeats(data)) == (3, 2)


def test_things_compared_are_no_judgements(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no column could be a judgement"):
        opened(tmp_path, "request_id,system\n" + "".join(f"p{n},A\np{n},B\n" for n in range(4)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "item_code,item_text,item\n" + "".join(f"{n}a,Feeling {n},{n}\n" for n in range(12)),
            "another value in each row",
        ),
        ("group,win_rate,wins,n\noverall,0.36,3653,10000\n", "another value in each row"),
        ("item,left_system,right_system\na,x,y\nb,y,x\nc,x,y\n", "no column could be a judgement"),
        ("rater,minutes\np1,13\np2,15\np3,14\n", "neither a judgement nor what was judged"),
        (
            "w1,ref,798,84,1728316808.041\nw1,ref,800,86,1728316815.439\nw1,ref,801,94,1728316817.17\n",
            "no header|not known",
        ),
    ],
)
def test_what_holds_no_judgements_is_refused_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(WorkbenchError, match=why):
        opened(tmp_path, text)


# ------------------------------------------------------------ what the label is


def test_lists_are_no_labels(tmp_path: Path) -> None:
    rows = "".join(f"{n},w{n % 2},\"[u'x{n}', u'y{n}']\",[u'x{n % 3}'],[u'y{n % 3}']\n" for n in range(9))
    with pytest.raises(WorkbenchError):
        opened(tmp_path, f"key,usercode,players,worst,best\n{rows}")


def test_who_people_are_is_no_judgement(tmp_path: Path) -> None:
    rows = "".join(f"a{n // 3},w{n},{n % 5}.5,{n % 4}.5,option_{n % 2}\n" for n in range(12))
    with pytest.raises(WorkbenchError, match="fluency, depth answer in the same words"):
        opened(tmp_path, f"answers_ids,worker_ids,fluency,depth,gender\n{rows}")


def test_one_side_and_a_tie_are_sides(tmp_path: Path) -> None:
    data = opened(tmp_path, "id,annotator_id,preference\n1,x,A\n1,y,A\n2,x,tie\n2,y,A\n")
    assert labels(data) == Counter({"A": 3, "=": 1})


def test_a_count_of_right_keys_is_no_right_answer(tmp_path: Path) -> None:
    data = opened(
        tmp_path, "user_id,word1,word2,chosen_word,chosen_word_correct\nx,ab,cd,ab,4\ny,ab,cd,cd,3\nx,ef,gh,gh,4\n"
    )
    assert (labels(data), gold(data)) == (Counter(A=1, B=2), Counter())


def test_the_rater_called_gold_holds_the_right_answers(tmp_path: Path) -> None:
    rows = "q1,gold,good\nq1,ann,good\nq1,bo,bad\nq2,gold,bad\nq2,ann,bad\nq2,bo,good\n"
    data = opened(tmp_path, f"item,rater,label\n{rows}")
    assert (sorted(data.annotators["annotator"]), gold(data)) == (["ann", "bo"], Counter(good=1, bad=1))
    assert len(votes(data)) == 4


def test_reaction_times_are_no_minutes(tmp_path: Path) -> None:
    data = opened(tmp_path, "trial,person_id,left,right,chosen,rt\n1,x,a,b,a,3739\n2,x,c,d,d,2434\n3,x,e,f,e,4037\n")
    assert data.annotations["seconds"].tolist() == pytest.approx([3.739, 2.434, 4.037])


def test_a_window_wins_nothing_and_a_constant_is_no_judgement(tmp_path: Path) -> None:
    words = ["never", "at times", "often"]
    rows = "".join(f"w{n % 3},q{n // 3},{(n * n) % 3},{words[(n * n) % 3]},{4000 + n},ok\n" for n in range(12))
    data = opened(tmp_path, f"participant_id,item,likert_response,likert_response_label,rt,window_status\n{rows}")
    assert set(labels(data)) <= {"0", "1", "2", *words}
    assert sum(labels(data).values()) == len(data.items) * 3


def test_rates_are_no_judgements(tmp_path: Path) -> None:
    rows = "p1,1.0,clean\np2,0.0,clean\np1,0.5,odd\np3,1.0,odd\np2,0.0,odd\n"
    with pytest.raises(WorkbenchError, match="not known"):
        opened(tmp_path, f"Pair ID,LLM win rate,Flags\n{rows}")


# ------------------------------------------------------------ nested


def test_ratings_of_both_sides_name_no_winner_and_a_consensus_is_no_gold(tmp_path: Path) -> None:
    said = [("A", ["A", "A"]), ("tie", ["tie", "A"]), ("tie", ["tie", "tie"])]
    records = [
        {
            "id": f"p{n}",
            "prompt": f"Say {n}.",
            "response_a": f"It is {n}.",
            "response_b": f"I say {n + 1}.",
            "consensus_preference": most,
            "annotations": [
                {
                    "annotator_id": f"w{w}",
                    "preference": vote,
                    "ratings_a": {"true": 5, "kind": 5},
                    "ratings_b": {"true": 5 - 2 * (vote == "A"), "kind": 5},
                }
                for w, vote in enumerate(votes_of)
            ],
        }
        for n, (most, votes_of) in enumerate(said)
    ]
    data = opened(tmp_path, lines(records), "votes.jsonl")
    assert (labels(data), gold(data)) == (Counter({"A": 3, "=": 3}), Counter())
    assert sorted(data.annotators["annotator"]) == ["w0", "w1"]


def test_rounds_of_judgements_by_name(tmp_path: Path) -> None:
    records = [
        {
            "input": f"Count to {n}.",
            "output_1": f"one {n}",
            "output_2": f"two {n}",
            "label": right,
            "results": [{"straight": {"winner": a}, "swapped": {"winner": b}}],
        }
        for n, (right, a, b) in enumerate([(1, "2", "1"), (2, "2", "2"), (2, "1", "2")])
    ]
    data = opened(tmp_path, json.dumps(records), "log.json")
    assert (labels(data), gold(data)) == (Counter(A=2, B=4), Counter(A=1, B=2))


def _potato(name: str, **answers: str) -> dict[str, Any]:
    return {
        "id": name,
        "displayed_text": f"text of {name}",
        "label_annotations": {question: {said: "true"} for question, said in answers.items()},
        "span_annotations": {},
        "behavioral_data": {"time_string": "Time spent: 0d 0h 0m 4s "},
    }


def test_classes_are_no_sides_and_pages_no_items(tmp_path: Path) -> None:
    records = [_potato("i1", mood="neutral"), _potato("i2", mood="positive"), _potato("consent.html", ok="Yes")]
    data = opened(tmp_path, lines(records), "out.jsonl")
    assert labels(data) == Counter(neutral=1, positive=1)
    assert data.ledger.set_aside == {"a page of the survey, such as consent": 1}


# ------------------------------------------------------------ what a second look at a column tells


def test_a_judge_asked_again_and_again_about_one_id_is_asked_about(tmp_path: Path) -> None:
    rows = "".join(
        f"block-{b},{brief},judge-x,{'AB'[(b + brief) % 2]}\nblock-{b},{brief},judge-y,A\n"
        for b in range(3)
        for brief in range(4)
    )
    text = f"battle_id,brief_id,judge,verdict\n{rows}"
    with pytest.raises(WorkbenchError, match=r"18 of 24 rows.*'brief_id' tells these judgements apart"):
        opened(tmp_path, text)
    data = opened(
        tmp_path,
        text,
        mapping={"item": ["battle_id", "brief_id"], "annotator": "judge", "label": "verdict"},
    )
    assert (len(data.items), repeats(data)) == (12, 0)


def test_which_side_our_model_stood_on_is_no_right_answer(tmp_path: Path) -> None:
    rows = "".join(
        f"c{i},u{i % 4},{'ours,base,left' if i % 3 else 'base,ours,right'},{v}\n"
        for i, v in enumerate(["left", "right", "tie", "right", "left", "left", "right", "tie", "right"])
    )
    data = opened(tmp_path, f"case_id,user_id,left_model,right_model,ours_side,choice\n{rows}")
    assert gold(data) == Counter()
    assert labels(data) == Counter({"A": 3, "B": 4, "=": 2})


def test_counts_are_no_judgements(tmp_path: Path) -> None:
    rows = "".join(f"p{i},{163 + i // 4}\n" for i in range(6))
    with pytest.raises(WorkbenchError, match="one large number each, as counts and points do"):
        opened(tmp_path, f"id,current_upvotes\n{rows}")


def test_a_column_called_as_a_response_that_wins_says_so(tmp_path: Path) -> None:
    rows = "x1.wav,y1.wav,True\nx2.wav,y2.wav,False\nx3.wav,y3.wav,True\n"
    assert labels(opened(tmp_path, f"clip1,clip2,clip1 wins\n{rows}")) == Counter(A=2, B=1)
    assert labels(opened(tmp_path, f"clip1,clip2,clip2 wins\n{rows}")) == Counter(A=1, B=2)


def test_truths_are_not_called_numbers(tmp_path: Path) -> None:
    rows = "x1.wav,y1.wav,True\nx2.wav,y2.wav,False\nx3.wav,y3.wav,True\n"
    with pytest.raises(WorkbenchError, match="are true and false, and nothing says"):
        opened(tmp_path, f"clip1,clip2,preferred\n{rows}")


def test_orderings_of_several_things_are_no_labels(tmp_path: Path) -> None:
    rows = "".join(f"h{i % 2},w{i},{a},{b}\n" for i, (a, b) in enumerate([("ABCD", "BACD"), ("CABD", "ABCD")] * 2))
    with pytest.raises(WorkbenchError, match="orderings of several things"):
        opened(tmp_path, f"HITId,WorkerId,Answer.rank1,Answer.rank2\n{rows}")
