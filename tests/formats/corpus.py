"""One small valid file for each format, to be mutated, cut short and renamed; values are invented."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.formats.samples import COLLECTION

FILES = Path(__file__).parent / "files"
"""Files that lie on disk join those made here."""

_TALK_A = [{"role": "user", "content": "Name a prime"}, {"role": "assistant", "content": "9"}]
_TALK_B = [{"role": "user", "content": "Name a prime"}, {"role": "assistant", "content": "11"}]


def corpus() -> dict[str, bytes]:
    """File name -> content."""
    files = {name: _bytes(name, content) for name, content in _made().items()}
    files["votes.parquet"] = _parquet(_votes())
    files["nested.parquet"] = _parquet(_made()["helpsteer3.jsonl"])
    files["votes.csv.gz"] = gzip.compress(files["votes.csv"], mtime=0)
    files["votes.zip"] = _zip({"one/votes.csv": files["votes.csv"], "two/votes.jsonl": _lines(_votes())})
    if FILES.is_dir():
        files |= {path.name: path.read_bytes() for path in sorted(FILES.iterdir()) if path.is_file()}
    return files


def _votes() -> list[dict[str, Any]]:
    return [
        {
            "pair": f"p{i % 4}",
            "question": f"Question {i % 4}?",
            "response_a": f"left {i % 4}",
            "response_b": f"right {i % 4}",
            "model_a": "m1",
            "model_b": "m2",
            "worker": f"w{i % 3}",
            "choice": ["A", "B", "tie"][i % 3],
            "seconds": 10.5 + i,
            "submitted_at": f"2026-03-0{1 + i % 4}T09:14:05Z",
            "gold": "A",
        }
        for i in range(12)
    ]


def _made() -> dict[str, Any]:
    annotation = {
        "id": 31,
        "completed_by": 4,
        "result": [
            {
                "id": "k3Xa",
                "from_name": "comparison",
                "to_name": "comparison",
                "type": "pairwise",
                "value": {"selected": "right"},
            }
        ],
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-03-02T09:14:05.120000Z",
        "draft_created_at": "2026-03-02T09:13:40.000000Z",
        "lead_time": 24.7,
    }
    battle = {
        "question_id": "9a3f",
        "model_a": "m1",
        "model_b": "m2",
        "winner": "tie (bothbad)",
        "judge": "arena_user_7Qd",
        "conversation_a": _TALK_A,
        "conversation_b": _TALK_B,
        "turn": 1,
        "anony": True,
        "language": "English",
        "tstamp": 1690000000.5,
    }
    completion = {
        "model": "m1",
        "principle": "helpfulness",
        "response": "9",
        "annotations": {
            k: {"Rating": "4", "Rationale": "x"}
            for k in ("instruction_following", "honesty", "truthfulness", "helpfulness")
        },
        "fine-grained_score": 3.5,
        "overall_score": 7.0,
        "critique": "x",
    }
    worker = {
        "helpful_pref": "A-is-slightly-better",
        "helpful_confidence": "fairly-confident",
        "overall_pref": "Tie",
        "overall_confidence": "absolutely-confident",
        "evaluator": "jovial_shirley",
        "time_spent": 283,
        "timestamp": "2024-05-21 19:18:25.735159",
    }
    return {
        "votes.csv": _votes(),
        "votes.tsv": _votes(),
        "votes.jsonl": _votes(),
        "wide.csv": [
            {
                "item_id": i,
                "prompt": "p",
                "response_a": f"x{i}",
                "response_b": f"y{i}",
                "annotator_1": "A",
                "annotator_2": "B",
                "annotator_3": "tie",
            }
            for i in range(5)
        ],
        "ratings.csv": [
            {
                "!amt_worker_ids": f"W{i % 3}",
                "orig_id": i // 3,
                "response": i % 2,
                "gold": 1,
                "start": "Mon Mar 25 07:39:42 PDT 2019",
                "end": "Mon Mar 25 07:41:05 PDT 2019",
            }
            for i in range(9)
        ],
        "label_studio.json": [
            {
                "id": 7 + i,
                "data": {"prompt": f"Name a prime {i}", "answer1": "9", "answer2": "11"},
                "annotations": [
                    annotation,
                    {**annotation, "id": 32, "completed_by": {"id": 5, "email": "b@example.org"}},
                ],
                "predictions": [],
            }
            for i in range(3)
        ],
        "label_studio_min.json": [
            {
                "prompt": "Name a prime",
                "answer1": "9",
                "answer2": "11",
                "id": i,
                "comparison": [{"selected": "right"}],
                "annotator": 4,
                "annotation_id": 31 + i,
                "created_at": "2026-03-02T09:14:05Z",
                "lead_time": 24.7,
            }
            for i in range(3)
        ],
        "label_studio.csv": [
            {
                "annotation_id": 31 + i,
                "annotator": 4,
                "answer1": "9",
                "answer2": "11",
                "comparison": '[{"selected": "right"}]',
                "created_at": "2026-03-02T09:14:05Z",
                "id": i,
                "lead_time": 24.7,
                "prompt": "Name a prime",
            }
            for i in range(3)
        ],
        "argilla.jsonl": [
            {
                "id": f"r-{i}",
                "status": "completed",
                "_server_id": "5f0e",
                "prompt": "Name a prime",
                "response_1": "9",
                "response_2": "11",
                "source": "math",
                "preference.responses": ["response_2", "response_1"],
                "preference.responses.users": ["1d1c", "88ab"],
                "preference.responses.status": ["submitted", "discarded"],
                "preference.suggestion": "response_2",
                "preference.suggestion.score": 0.81,
                "preference.suggestion.agent": "judge-a",
            }
            for i in range(3)
        ],
        "argilla_records.json": [
            {
                "id": f"r-{i}",
                "fields": {"prompt": "p", "response_1": "9", "response_2": "11"},
                "metadata": {"source": "math"},
                "suggestions": {"preference": {"value": "response_2", "score": 0.8, "agent": "j"}},
                "responses": {"preference": [{"value": "response_2", "user_id": "1d1c"}]},
                "vectors": {},
                "status": "completed",
                "_server_id": "5f",
            }
            for i in range(3)
        ],
        "prodigy.jsonl": [
            {
                "text": "Name a prime",
                "options": [{"id": "A", "text": "9"}, {"id": "B", "text": "11"}],
                "accept": ["B"],
                "answer": "accept",
                "_view_id": "choice",
                "_input_hash": 1839201 + i,
                "_task_hash": -77120,
                "_annotator_id": "prefs-ana",
                "_session_id": "prefs-ana",
                "_timestamp": 1772442845 + i,
            }
            for i in range(3)
        ],
        "annotated_instances.jsonl": [
            {
                "user_id": who,
                "instance_id": f"q{n}",
                "displayed_text": f"A. first of q{n}<br>B. second of q{n}",
                "label_annotations": {"preference": {"selection": "A"}},
                "span_annotations": [],
                "behavioral_data": {"total_time_ms": 12_500, "session_end": 1772442845.0},
            }
            for n in range(2)
            for who in ("ann", "bob")
        ],
        "user_state.json": {
            "user_id": "ann",
            "instance_id_ordering": ["q0"],
            "instance_id_to_label_to_value": {"q0": [[{"schema": "preference", "name": "selection"}, "B"]]},
            "instance_id_to_behavioral_data": {"q0": {"total_time_ms": 9000, "session_end": 1772442845.0}},
        },
        "trl.jsonl": [
            {"prompt": "Capital of Peru?", "chosen": f" Lima {i}.", "rejected": " Cusco.", "margin": 0.5}
            for i in range(3)
        ],
        "trl_conversational.jsonl": [
            {"prompt": _TALK_A[:1], "chosen": _TALK_B[1:], "rejected": _TALK_A[1:]},
            {"prompt": _TALK_A[:1], "chosen": _TALK_A[1:], "rejected": _TALK_B[1:]},
        ],
        "trl_implicit.jsonl": [{"chosen": _TALK_B, "rejected": _TALK_A}, {"chosen": _TALK_A, "rejected": _TALK_B}],
        "hh.jsonl": [
            {"chosen": "\n\nHuman: Hi\n\nAssistant: Hello there", "rejected": "\n\nHuman: Hi\n\nAssistant: What"},
            {"chosen": "\n\nHuman: Bye\n\nAssistant: So long", "rejected": "\n\nHuman: Bye\n\nAssistant: No"},
        ],
        "ultrafeedback.jsonl": [
            {
                "source": "sharegpt",
                "instruction": "Plan a day",
                "models": ["m1", "m2"],
                "correct_answers": ["None"],
                "incorrect_answers": ["None"],
                "completions": [completion, {**completion, "model": "m2", "response": "11", "overall_score": 5.0}],
            }
        ],
        "collection.jsonl": COLLECTION,
        "helpsteer2.jsonl": [
            {
                "prompt": "p",
                "response": f"r{i}",
                "helpfulness": i % 5,
                "correctness": 3,
                "coherence": 4,
                "complexity": 1,
                "verbosity": 2,
            }
            for i in range(4)
        ],
        "helpsteer2_preference.jsonl": [
            {
                "split": "train",
                "prompt": "p",
                "response_1": "9",
                "response_2": f"11{i}",
                "preference_strength": 2 - i,
                "preference_statement": "x",
                "preference_elaboration": "y",
            }
            for i in range(3)
        ],
        "helpsteer3.jsonl": [
            {
                "domain": "code",
                "language": "python",
                "context": [{"role": "user", "content": "Sort a list"}],
                "response1": "a",
                "response2": f"b{i}",
                "overall_preference": -2,
                "individual_preference": [
                    {"score": -2, "reasoning": "@Response 1 runs"},
                    {"score": -1, "reasoning": ""},
                    {"score": 0, "reasoning": ""},
                ],
            }
            for i in range(3)
        ],
        "battles.json": [
            battle,
            {**battle, "question_id": "b", "winner": "model_a"},
            {**battle, "question_id": "c", "winner": "tie"},
        ],
        "arena55k.csv": [
            {
                "id": i,
                "model_a": "m1",
                "model_b": "m2",
                "prompt": '["hi"]',
                "response_a": '["yo"]',
                "response_b": '["hey"]',
                "winner_model_a": int(i == 0),
                "winner_model_b": int(i == 1),
                "winner_tie": int(i == 2),
            }
            for i in range(3)
        ],
        "arena140k.jsonl": [
            {
                "id": f"x{i}",
                "model_a": "m1",
                "model_b": "m2",
                "winner": w,
                "evaluation_session_id": "s",
                "evaluation_order": i,
                "conversation_a": [
                    {"role": "user", "content": [{"type": "text", "text": "hi"}]},
                    {"role": "assistant", "content": [{"type": "text", "text": "yo"}]},
                ],
                "conversation_b": [
                    {"role": "user", "content": [{"type": "text", "text": "hi"}]},
                    {"role": "assistant", "content": [{"type": "text", "text": "hey"}]},
                ],
                "language": "en",
                "is_code": False,
                "timestamp": "2026-01-01 10:00:00",
            }
            for i, w in enumerate(["model_a", "tie", "both_bad"])
        ],
        "mt_bench.jsonl": [
            {
                "question_id": 81,
                "model_a": "m1",
                "model_b": "m2",
                "winner": "model_b",
                "judge": "expert_9",
                "conversation_a": _TALK_A,
                "conversation_b": _TALK_B,
                "turn": 1,
            }
        ],
        "mt_bench_judge.jsonl": [
            {
                "question_id": 81,
                "model_1": "m1",
                "model_2": "m2",
                "g1_winner": "model_1",
                "g2_winner": "tie",
                "judge": ["gpt-4", "pair-v2"],
                "g1_user_prompt": "p",
                "g1_judgment": "j",
                "g2_user_prompt": "p",
                "g2_judgment": "j",
                "turn": 1,
                "tstamp": 1690000000.5,
            }
        ],
        "alpaca_eval.json": [
            {
                "instruction": "i",
                "output_1": "ref",
                "generator_1": "base",
                "dataset": "helpful_base",
                "output_2": f"mine{i}",
                "generator_2": "m2",
                "annotator": "judge-x",
                "preference": p,
                "price_per_example": 0.02,
                "time_per_example": 1.6,
            }
            for i, p in enumerate([1, 2, 1.5, 0])
        ],
        "chosen_lists.jsonl": [
            {"id": str(n), "prompt": f"q{n}", "chosen": ["good"], "rejected": ["bad", "worse"], "subset": "Math"}
            for n in range(3)
        ],
        "candidate_lists.jsonl": [
            {"prompt": f"q{n}", "responses": [f"text {n}", "another", "a third"], "best": n, "annotator": "a"}
            for n in range(3)
        ],
        "candidate_columns.jsonl": [
            {"prompt": f"q {b}", "reply_a": "one text", "reply_b": "another", "reply_c": "a third", "chosen": b}
            for b in "abc"
        ],
        "candidate_rows.jsonl": [
            {"question_id": n, "question": f"q{n}", "answer": f"text {m}", "worker": "w", "is_chosen": m == n}
            for n in range(3)
            for m in range(3)
        ],
        "oasst.jsonl": [
            {"message_id": "q", "parent_id": None, "text": "hi", "role": "prompter", "rank": None, "lang": "en"},
            *(
                {"message_id": f"r{k}", "parent_id": "q", "text": f"r{k}", "role": "assistant", "rank": k, "lang": "en"}
                for k in range(3)
            ),
        ],
        "nectar.jsonl": [
            {
                "prompt": "\n\nHuman: hi \n\nAssistant: ",
                "answers": [{"answer": f"a{k}", "model": f"m{k}", "rank": float(k + 1)} for k in range(7)],
                "turns": 1,
                "num_responses": 7,
                "source": ["lmsys"],
                "good_natured": True,
            }
        ],
        "summaries.jsonl": [
            {
                "info": {"id": "t3_x", "post": "p", "title": "t", "subreddit": "s", "article": None, "site": None},
                "summaries": [
                    {"text": "a", "policy": "sup4", "note": None},
                    {"text": "b", "policy": "ref", "note": None},
                ],
                "choice": 1,
                "worker": f"kJ{i}",
                "batch": "batch9",
                "split": "train",
                "extra": {"confidence": 8},
            }
            for i in range(3)
        ],
        "multipref.jsonl": [
            {
                "comparison_id": "c1",
                "prompt_id": "p1",
                "text": "t",
                "model_a": "m1",
                "completion_a": "a",
                "model_b": "m2",
                "completion_b": "b",
                "source": "s",
                "category": "Chat",
                "normal_worker_annotations": [worker],
                "expert_worker_annotations": [{**worker, "evaluator": "dr_x"}],
            }
        ],
        "rulm.jsonl": [
            {
                "result": r,
                "worker_id": "w1",
                "assignment_id": f"a{i}",
                "pool_id": 1,
                "instruction": "i",
                "input": "",
                "left_answer": "9",
                "right_answer": "11",
                "left_model": "m1",
                "right_model": "m2",
                "id": f"{i}",
            }
            for i, r in enumerate(["left", "right", "equal"])
        ],
        "toloka.tsv": [
            {
                "INPUT:prompt": "p",
                "INPUT:left": "9",
                "INPUT:right": "11",
                "OUTPUT:result": r,
                "GOLDEN:result": "",
                "HINT:text": "",
                "ASSIGNMENT:link": "l",
                "ASSIGNMENT:task_id": f"t{i}",
                "ASSIGNMENT:assignment_id": f"a{i}",
                "ASSIGNMENT:worker_id": "w1",
                "ASSIGNMENT:status": "APPROVED",
                "ASSIGNMENT:started": "2026-01-01T10:00:00",
                "ASSIGNMENT:submitted": "2026-01-01T10:01:00",
            }
            for i, r in enumerate(["left", "right", "left"])
        ],
        "mturk.csv": [
            {
                "HITId": "h1",
                "AssignmentId": f"a{i}",
                "WorkerId": f"A{i}",
                "AssignmentStatus": "Approved",
                "AcceptTime": "Mon Mar 25 07:39:42 PDT 2019",
                "SubmitTime": "Mon Mar 25 07:41:05 PDT 2019",
                "WorkTimeInSeconds": 83 + i,
                "Input.prompt": "p",
                "Input.response_a": "9",
                "Input.response_b": "11",
                "Answer.choice": "A",
            }
            for i in range(3)
        ],
        "crowdflower.csv": [
            {
                "_unit_id": i // 2,
                "_created_at": f"3/24/2016 17:57:0{i}",
                "_id": i,
                "_started_at": "3/24/2016 17:56:23",
                "_tainted": "false",
                "_channel": "prodege",
                "_trust": 0.97,
                "_worker_id": 3587109 + i % 2,
                "_country": "NA",
                "sentence": "s",
                "term1": "a",
                "term2": "b",
                "preferred": "yes",
            }
            for i in range(4)
        ],
        "pandalm.json": [
            {
                "idx": i,
                "motivation_app": "Grammarly",
                "cmp_key": "m1_m2",
                "instruction": "i",
                "input": "",
                "response1": f"x{i}",
                "response2": "y",
                "annotator1": 1,
                "annotator2": 2,
                "annotator3": 0,
            }
            for i in range(3)
        ],
        "arguments.csv": [
            {"#id": "arg1_arg2", "label": "a1", "a1": "x <br/> y", "a2": "z"},
            {"#id": "arg3_arg2", "label": "a2", "a1": "v", "a2": "z"},
        ],
        "labelbox.ndjson": [
            {
                "data_row": {"id": f"d{i}", "global_key": f"g{i}"},
                "projects": {
                    "p": {
                        "labels": [
                            {
                                "annotations": {
                                    "classifications": [{"name": "preference", "radio_answer": {"value": "left"}}]
                                },
                                "label_details": {"created_at": "2026-01-01T10:00:00Z", "created_by": "a@example.org"},
                                "performance_details": {"seconds_to_create": 9},
                            }
                        ]
                    }
                },
            }
            for i in range(3)
        ],
        "scale.json": [
            {
                "task_id": f"t{i}",
                "status": "completed",
                "completed_by": "w1",
                "completed_at": "2026-03-02T09:14:05Z",
                "turns": [
                    {
                        "messages": [
                            {"role": "user", "content": "p", "source_id": "user"},
                            {"role": "assistant", "content": "9", "source_id": "m1"},
                            {"role": "assistant", "content": f"11{i}", "source_id": "m2"},
                        ],
                        "annotations": {"selected_model_id": "m2", "likert_value": 6, "justification": "x"},
                    }
                ],
            }
            for i in range(2)
        ],
        "sagemaker.jsonl": [
            {
                "humanEvaluationResult": {
                    "humanLoopName": f"loop-{i}",
                    "modelResponseIdMap": {"0": "m1", "1": "m2"},
                    "humanAnswers": [
                        {
                            "acceptanceTime": "2026-03-02T09:13:40.000Z",
                            "submissionTime": "2026-03-02T09:14:05.120Z",
                            "timeSpentInSeconds": 25.12,
                            "workerId": "w1",
                            "answerContent": {
                                "evaluationResults": {
                                    "comparisonChoice": [{"metricName": "Fluency", "result": {"modelResponseId": "1"}}],
                                    "thumbsUpDown": [{"metricName": "Safe", "modelResponseId": "1", "result": True}],
                                }
                            },
                        }
                    ],
                },
                "inputRecord": {"prompt": {"text": "p"}, "category": "math"},
                "modelResponses": [{"text": "9", "modelIdentifier": "m1"}, {"text": f"11{i}", "modelIdentifier": "m2"}],
            }
            for i in range(2)
        ],
        "argilla_feedback.jsonl": [
            {
                "instruction": f"p{i}",
                "response-1": "9",
                "response-2": "11",
                "choose-best": [{"user_id": "1d1c", "value": 2, "status": "submitted"}],
                "choose-best-suggestion": None,
                "choose-best-suggestion-metadata": None,
                "external_id": f"r-{i}",
                "metadata": '{"source": "math"}',
            }
            for i in range(2)
        ],
        "prodigy_compare.jsonl": [
            {
                "id": i,
                "input": {"text": f"p{i}"},
                "accept": {"text": "11"},
                "reject": {"text": "9"},
                "mapping": {"A": "reject", "B": "accept"},
                "answer": "accept",
                "_input_hash": 7 + i,
                "_task_hash": 8,
                "_session_id": "ana",
                "_timestamp": 1772442845 + i,
            }
            for i in range(2)
        ],
        "pairs.xml": (
            '<?xml version="1.0"?>\n<list>\n<annotatedArgumentPair><id>a1_a2</id>'
            "<arg1><author>x</author><text>one</text><id>a1</id></arg1>"
            "<arg2><author>y</author><text>two</text><id>a2</id></arg2>"
            "<mTurkAssignments><mTurkAssignment><turkID>T1</turkID><hitID>h</hitID>"
            "<assignmentAcceptTime>2016-02-19 16:28:38.0 UTC</assignmentAcceptTime>"
            "<assignmentSubmitTime>2016-02-19 16:30:38.0 UTC</assignmentSubmitTime>"
            "<value>a1</value><reason>r</reason></mTurkAssignment></mTurkAssignments>"
            "<goldLabel>a1</goldLabel></annotatedArgumentPair>\n</list>\n"
        ),
        "wrapped.json": {"version": 1, "data": _votes()},
        "keyed.json": {str(i): row for i, row in enumerate(_votes())},
        "columnwise.json": {k: {str(i): row[k] for i, row in enumerate(_votes())} for k in _votes()[0]},
    }


def _bytes(name: str, content: Any) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if name.endswith((".csv", ".tsv")):
        return _table(content, "\t" if name.endswith(".tsv") or name == "arguments.csv" else ",")
    return _lines(content) if name.endswith((".jsonl", ".ndjson")) else json.dumps(content, indent=1).encode()


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _table(rows: list[dict[str, Any]], separator: str) -> bytes:
    import csv

    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()
