"""One small hand-written file of every form that some reader knows, by the name of that reader."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from tests.formats.reading import records
from workbench.formats.files.document import Document


def csv(text: str, sep: str = ",", name: str = "file.csv") -> Document:
    """A table as it is opened: cells are strings, empty = null."""
    return Document(
        name=name,
        shape="table",
        content=pd.read_csv(io.StringIO(text), sep=sep, dtype="str", keep_default_na=False, na_values=[""]),
        extension=name.rpartition(".")[2],
    )


def xml(text: str) -> Document:
    """An XML file as it is opened."""
    return Document(name="file.xml", shape="xml", content=ElementTree.fromstring(text), extension="xml")


def annotation(number: int, by: Any, result: list[Any], **more: Any) -> dict[str, Any]:
    """An annotation of a Label Studio task."""
    return {
        "id": number,
        "completed_by": by,
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-03-02T09:14:05.120000Z",
        "updated_at": "2026-03-02T09:14:05.120000Z",
        "draft_created_at": "2026-03-02T09:13:40.000000Z",
        "lead_time": 24.7,
        "unique_id": f"u{number}",
        **more,
    }


def pairwise(selected: Any, to_name: str = "comparison") -> list[dict[str, Any]]:
    """The result of a Pairwise control."""
    return [
        {
            "id": "k3Xa",
            "from_name": "comparison",
            "to_name": to_name,
            "type": "pairwise",
            "value": {"selected": selected},
        }
    ]


LABEL_STUDIO = [
    {
        "id": 7,
        "data": {"prompt": "Name a prime", "answer1": "9", "answer2": "11", "source": "math"},
        "annotations": [
            annotation(31, 4, pairwise("right")),
            annotation(32, {"id": 5, "email": "bo@example.org"}, pairwise("left"), lead_time=8.0),
        ],
        "predictions": [],
        "drafts": [],
        "meta": {},
        "inner_id": 7,
        "total_annotations": 2,
        "project": 2,
    },
    {
        "id": 8,
        "data": {"prompt": "Name a colour", "answer1": "red", "answer2": "up", "source": "chat"},
        "annotations": [annotation(33, 4, pairwise("left"))],
    },
]

LABEL_STUDIO_MIN = [
    {
        "prompt": "Name a prime",
        "answer1": "9",
        "answer2": "11",
        "id": 7,
        "comparison": [{"selected": "right"}],
        "annotator": 4,
        "annotation_id": 31,
        "created_at": "2026-03-02T09:14:05Z",
        "updated_at": "2026-03-02T09:14:05Z",
        "lead_time": 24.7,
    },
    {
        "prompt": "Name a prime",
        "answer1": "9",
        "answer2": "11",
        "id": 7,
        "comparison": [{"selected": "left"}],
        "annotator": "bo@example.org",
        "annotation_id": 32,
        "created_at": "2026-03-02T09:15:05Z",
        "updated_at": "2026-03-02T09:15:05Z",
        "lead_time": 8.0,
    },
]

LABEL_STUDIO_CSV = """"annotation_id","annotator","answer1","answer2","comparison","created_at","id","lead_time","prompt","updated_at"
31,4,"9","11","[{""selected"": ""right""}]","2026-03-02T09:14:05Z",7,24.7,"Name a prime","2026-03-02T09:14:05Z"
32,5,"9","11","[{""selected"": ""left""}]","2026-03-02T09:15:05Z",7,8.0,"Name a prime","2026-03-02T09:15:05Z"
"""  # noqa: E501

ARGILLA_FLAT = [
    {
        "id": "r-17",
        "status": "completed",
        "_server_id": "5f0e",
        "prompt": "Name a prime",
        "response_1": "9",
        "response_2": "11",
        "source": "math",
        "preference.responses": ["response_2", "response_1", "response_1"],
        "preference.responses.users": ["1d1c", "88ab", "90cd"],
        "preference.responses.status": ["submitted", "discarded", "draft"],
        "preference.suggestion": "response_2",
        "preference.suggestion.score": 0.81,
        "preference.suggestion.agent": "judge-a",
    }
]

ARGILLA_RECORDS = [
    {
        "id": "r-17",
        "fields": {"prompt": [{"role": "user", "content": "Name a prime"}], "response_1": "9", "response_2": "11"},
        "metadata": {"source": "math"},
        "suggestions": {"preference": {"value": ["response_2", "response_1"], "score": None, "agent": "judge-a"}},
        "responses": {
            "preference": [
                {"value": ["response_2", "response_1"], "user_id": "1d1c"},
                {"value": ["response_1", "response_2"], "user_id": "88ab"},
            ]
        },
        "vectors": {"v": [0.1]},
        "status": "completed",
        "_server_id": "5f0e",
    }
]

ARGILLA_FEEDBACK = [
    {
        "instruction": "Name a prime",
        "response-1": "9",
        "response-2": "11",
        "choose-best": [{"user_id": "1d1c", "value": 2, "status": "submitted"}],
        "choose-best-suggestion": None,
        "choose-best-suggestion-metadata": {"type": None, "score": None, "agent": None},
        "external_id": "r-17",
        "metadata": '{"source": "math"}',
    },
    {
        "instruction": "Name a colour",
        "response-1": "red",
        "response-2": "up",
        "choose-best": [{"user_id": "88ab", "value": 1, "status": "submitted"}],
        "choose-best-suggestion": None,
        "choose-best-suggestion-metadata": None,
        "external_id": None,
        "metadata": None,
    },
]

PRODIGY_CHOICE = [
    {
        "text": "Name a prime",
        "options": [{"id": "A", "text": "9"}, {"id": "B", "text": "11"}],
        "accept": ["B"],
        "answer": "accept",
        "_view_id": "choice",
        "_input_hash": 1839201,
        "_task_hash": -77120,
        "_annotator_id": "prefs-ana",
        "_session_id": "prefs-ana",
        "_timestamp": 1772442845,
    },
    {
        "text": "Name a colour",
        "options": [{"id": "A", "text": "red"}, {"id": "B", "text": "up"}],
        "accept": ["A"],
        "answer": "accept",
        "_view_id": "choice",
        "_input_hash": 55,
        "_task_hash": -9,
        "_annotator_id": "prefs-ana",
        "_session_id": "prefs-ana",
        "_timestamp": 1772442866,
    },
]

PRODIGY_COMPARE = [
    {
        "id": 1,
        "input": {"text": "Name a prime"},
        "accept": {"text": "11"},
        "reject": {"text": "9"},
        "mapping": {"A": "reject", "B": "accept"},
        "answer": "accept",
        "_input_hash": 7,
        "_task_hash": 8,
        "_session_id": "prefs-ana",
        "_timestamp": 1772442845,
    }
]

TOLOKA = (
    "INPUT:prompt\tINPUT:left_answer\tINPUT:right_answer\tOUTPUT:result\tGOLDEN:result\tHINT:text\tASSIGNMENT:task_id\tASSIGNMENT:assignment_id\tASSIGNMENT:worker_id\tASSIGNMENT:status\tASSIGNMENT:started\tASSIGNMENT:submitted\nName"
    " a prime\t9\t11\tright\tright\t\tt1\ta1\tw1\tAPPROVED\t2026-03-02T09:00:00\t2026-03-02T09:01:00\nName a"
    " colour\tred\tup\tleft\t\t\tt2\ta1\tw1\tAPPROVED\t2026-03-02T09:00:00\t2026-03-02T09:01:00\nName a"
    " prime\t9\t11\t\tright\t\tt1\ta2\tw2\tSKIPPED\t2026-03-02T09:00:00\t\nName a"
    " colour\tred\tup\tright\t\t\tt2\ta3\tw3\tREJECTED\t2026-03-02T09:00:00\t2026-03-02T09:00:05\n"
)

MTURK = (
    "HITId,AssignmentId,WorkerId,AssignmentStatus,AcceptTime,SubmitTime,WorkTimeInSeconds,Input.prompt,Input.response_a,Input.response_b,Answer.choice,Answer.why\nh1,s1,W1,Approved,Mon"
    " Mar 02 01:13:40 PST 2026,Mon Mar 02 01:14:05 PST 2026,25,Name a prime,9,11,B,it is one\nh1,s2,W2,Submitted,Mon"
    " Mar 02 01:13:40 PST 2026,Mon Mar 02 01:14:10 PST 2026,30,Name a prime,9,11,A,smaller\nh2,s3,W1,Rejected,Mon Mar"
    " 02 01:13:40 PST 2026,Mon Mar 02 01:13:41 PST 2026,1,Name a colour,red,up,A,\n"
)

APPEN = (
    "_unit_id,_created_at,_golden,_id,_started_at,_tainted,_trust,_worker_id,prompt,response_a,response_b,better,better_gold,better_gold_reason\n1,3/24/2016"
    " 17:57:02,false,11,3/24/2016 17:56:23,false,0.97,w1,Name a prime,9,11,B,,\n1,3/24/2016 17:58:02,false,12,3/24/2016"
    " 17:57:52,false,0.97,w2,Name a prime,9,11,A,,\n2,3/24/2016 17:59:02,true,13,3/24/2016 17:58:52,false,0.97,w1,Name"
    " a colour,red,up,A,A,a colour\n2,3/24/2016 17:59:32,true,14,3/24/2016 17:59:02,true,0.2,w3,Name a"
    " colour,red,up,B,A,a colour\n"
)

LABELBOX = [
    {
        "data_row": {
            "id": "d1",
            "global_key": "pair-1",
            "row_data": '{"prompt": "Name a prime", "response_a": "9", "response_b": "11"}',
        },
        "media_attributes": {"mime_type": "application/json"},
        "projects": {
            "p1": {
                "name": "primes",
                "labels": [
                    {
                        "id": "l1",
                        "label_kind": "Default",
                        "label_details": {"created_at": "2026-03-02T09:14:05Z", "created_by": "ana@example.org"},
                        "performance_details": {"seconds_to_create": 25, "skipped": False, "consensus_score": None},
                        "annotations": {
                            "objects": [],
                            "relationships": [],
                            "classifications": [
                                {
                                    "name": "Which is better?",
                                    "value": "better",
                                    "radio_answer": {"name": "B is better", "value": "b_is_better"},
                                },
                                {"name": "Why?", "value": "why", "text_answer": {"content": "it is one"}},
                            ],
                        },
                    },
                    {
                        "id": "l2",
                        "label_details": {"created_by": "bo@example.org"},
                        "performance_details": {"skipped": True},
                        "annotations": {},
                    },
                ],
            }
        },
    }
]

SCALE = [
    {
        "task_id": "t1",
        "status": "completed",
        "completed_by": "w1",
        "completed_at": "2026-03-02T09:14:05Z",
        "turns": [
            {
                "messages": [
                    {"role": "user", "content": "Name a prime", "source_id": "user"},
                    {"role": "assistant", "content": "9", "source_id": "m1"},
                    {"role": "assistant", "content": "11", "source_id": "m2"},
                ],
                "annotations": {"selected_model_id": "m2", "likert_value": 6, "justification": "it is one"},
            }
        ],
    }
]

SAGEMAKER = [
    {
        "humanEvaluationResult": {
            "humanLoopName": "loop-1",
            "modelResponseIdMap": {"0": "model-x", "1": "model-y"},
            "humanAnswers": [
                {
                    "acceptanceTime": "2026-03-02T09:13:40.000Z",
                    "submissionTime": "2026-03-02T09:14:05.120Z",
                    "timeSpentInSeconds": 25.12,
                    "workerId": "w1",
                    "answerContent": {
                        "evaluationResults": {
                            "comparisonChoice": [{"metricName": "Fluency", "result": {"modelResponseId": "1"}}],
                            "comparisonLikertScale": [
                                {
                                    "metricName": "Coherence",
                                    "leftModelResponseId": "1",
                                    "rightModelResponseId": "0",
                                    "result": 1,
                                }
                            ],
                            "comparisonRank": [
                                {
                                    "metricName": "Tone",
                                    "result": [
                                        {"modelResponseId": "0", "rank": 1},
                                        {"modelResponseId": "1", "rank": 1},
                                    ],
                                }
                            ],
                            "individualLikertScale": [{"metricName": "Accuracy", "modelResponseId": "0", "result": 2}],
                            "thumbsUpDown": [{"metricName": "Safe", "modelResponseId": "1", "result": True}],
                        }
                    },
                }
            ],
        },
        "inputRecord": {"prompt": {"text": "Name a prime"}, "category": "math"},
        "modelResponses": [{"text": "9", "modelIdentifier": "model-x"}, {"text": "11", "modelIdentifier": "model-y"}],
    }
]

UKP = """<?xml version="1.0"?><list><annotatedArgumentPair><id>arg1_arg2</id>
<arg1><text>Uniforms save time.</text><stance>Good</stance><id>arg1</id></arg1><arg2><text>They are fine.</text><stance>Good</stance><id>arg2</id></arg2>
<debateMetaData><title>School uniforms?</title><description>A debate</description></debateMetaData><mTurkAssignments>
<mTurkAssignment><turkID>W1</turkID><hitID>H1</hitID><assignmentAcceptTime>2016-02-19 16:28:38.0 UTC</assignmentAcceptTime>
<assignmentSubmitTime>2016-02-19 16:32:15.0 UTC</assignmentSubmitTime><value>a1</value><reason>has a reason</reason><assignmentId>S1</assignmentId></mTurkAssignment>
<mTurkAssignment><turkID>W2</turkID><hitID>H1</hitID><assignmentAcceptTime>2016-02-19 18:03:21.0 UTC</assignmentAcceptTime>
<assignmentSubmitTime>2016-02-19 18:05:24.0 UTC</assignmentSubmitTime><value>equal</value><assignmentId>S2</assignmentId></mTurkAssignment>
</mTurkAssignments><goldLabel>a1</goldLabel></annotatedArgumentPair></list>"""  # noqa: E501

SNOW = (
    "!amt_annotation_ids,!amt_worker_ids,orig_id,response,gold,start,end,hypothesis,task,text\n"
    "1,W1,25,0,0,Mon Mar 25 07:39:42 PDT 2019,Mon Mar 25 07:41:05 PDT 2019,Two films won.,IR,The film was a winner.\n"
    "2,W2,25,1,0,Mon Mar 25 07:39:42 PDT 2019,Mon Mar 25 07:41:05 PDT 2019,Two films won.,IR,The film was a winner.\n"
)

_TURNS = [{"role": "user", "content": "Name a prime"}]

_LINE = {"collected": "preference-workbench/1"}
COLLECTION = [
    {**_LINE, "row": "batch", "batch": "b1", "name": "Week 1", "scale": "five"},
    *(
        {
            **_LINE,
            "row": "item",
            "item": f"i{n}",
            "source": f"q{n}",
            "role": "gold" if n == 0 else "regular",
            "prompt": f"question {n}",
            "response_a": f"one {n}",
            "response_b": f"two {n}",
            "gold": "A>" if n == 0 else None,
            "extra": {"model_a": "m1", "model_b": "m2", "slice.topic": "sums"},
        }
        for n in range(2)
    ),
    *(
        {
            **_LINE,
            "row": "judgement",
            "batch": "b1",
            "item": f"i{n}",
            "role": "regular",
            "annotator": who,
            "kind": "human",
            "superseded": False,
            "id": f"{who}-{n}",
            "round": 0,
            "choice": "left>",
            "label": label,
            "shown_first": "a",
            "active_ms": 8_400,
            "received_at": 1_772_442_845_000,
            "reason": "",
            "dims": {"clarity": "A>>"},
        }
        for n, who, label in [(0, "ann", "A>"), (0, "bob", "B>>"), (1, "ann", "="), (1, "bob", None)]
    ),
]

POTATO_LINES = [
    {
        "user_id": who,
        "instance_id": f"q{n}",
        "displayed_text": f"A. first of q{n}<br>B. second of q{n}",
        "label_annotations": {"preference": {"selection": side}, "why": {"text_box": f"because {n}"}},
        "span_annotations": [],
        "behavioral_data": {"total_time_ms": 12_500 + n, "session_end": 1_772_442_845.0 + n},
    }
    for n, who, side in [(0, "ann", "A"), (0, "bob", "B"), (1, "ann", "tie"), (1, "bob", "A")]
]
POTATO_STATE = [
    {
        "user_id": who,
        "instance_id_ordering": ["q0", "q1"],
        "instance_id_to_label_to_value": {
            f"q{n}": [[{"schema": "preference", "name": "scale_value"}, value]] for n, value in enumerate(values)
        },
        "instance_id_to_behavioral_data": {"q0": {"total_time_ms": 9_000, "session_end": 1_772_442_845.0}},
    }
    for who, values in (("ann", ["-2", "0"]), ("bob", ["3", "-1"]))
]

SAMPLES: dict[str, list[Callable[[], Document]]] = {
    "collection": [lambda: records(COLLECTION)],
    "label-studio": [lambda: records(LABEL_STUDIO)],
    "label-studio-min": [lambda: records(LABEL_STUDIO_MIN), lambda: csv(LABEL_STUDIO_CSV)],
    "argilla": [lambda: records(ARGILLA_FLAT), lambda: records(ARGILLA_RECORDS), lambda: records(ARGILLA_FEEDBACK)],
    "prodigy": [lambda: records(PRODIGY_CHOICE), lambda: records(PRODIGY_COMPARE)],
    "potato": [lambda: records(POTATO_LINES), lambda: records(POTATO_STATE)],
    "toloka": [lambda: csv(TOLOKA, "\t", "file.tsv")],
    "mturk": [lambda: csv(MTURK)],
    "appen": [lambda: csv(APPEN)],
    "labelbox": [lambda: records(LABELBOX)],
    "scale": [lambda: records(SCALE)],
    "sagemaker": [lambda: records(SAGEMAKER)],
    "ukp": [lambda: xml(UKP)],
    "snow": [lambda: csv(SNOW)],
    "pandalm": [
        lambda: records(
            [
                {
                    "idx": 0,
                    "motivation_app": "x",
                    "cmp_key": "m1_m2",
                    "instruction": "Name a prime",
                    "input": "",
                    "response1": "9",
                    "response2": "11",
                    "annotator1": 2,
                    "annotator2": 0,
                }
            ]
        ),
        lambda: records([{"idx": 0, "gpt_result": "1", "gpt_reason": "shorter"}]),
    ],
    "multipref": [
        lambda: records(
            [
                {
                    "comparison_id": "c1",
                    "prompt_id": "p1",
                    "text": "Name a prime",
                    "model_a": "m1",
                    "completion_a": "9",
                    "model_b": "m2",
                    "completion_b": "11",
                    "normal_worker_annotations": [
                        {
                            "overall_pref": "B-is-slightly-better",
                            "overall_confidence": "fairly-confident",
                            "evaluator": "ann",
                            "time_spent": 283,
                            "timestamp": "2024-05-21 19:18:25.735159",
                        }
                    ],
                    "expert_worker_annotations": [
                        {"overall_pref": "Tie", "evaluator": "bo", "time_spent": 90, "timestamp": "2024-05-21 19:20:25"}
                    ],
                }
            ]
        )
    ],
    "helpsteer": [
        lambda: records(
            [
                {
                    "domain": "code",
                    "language": "python",
                    "context": _TURNS,
                    "response1": "9",
                    "response2": "11",
                    "overall_preference": 2,
                    "individual_preference": [{"score": 2, "reasoning": "is one"}, {"score": 1}],
                }
            ]
        ),
        lambda: records(
            [
                {
                    "prompt": "Name a prime",
                    "response_1": "9",
                    "response_2": "11",
                    "preference_strength": 2,
                    "split": "train",
                }
            ]
        ),
        lambda: records(
            [
                {
                    "prompt": "p",
                    "response": r,
                    "helpfulness": h,
                    "correctness": h,
                    "coherence": 4,
                    "complexity": 1,
                    "verbosity": 1,
                }
                for r, h in (("9", 0), ("11", 4))
            ]
        ),
    ],
    "ultrafeedback": [
        lambda: records(
            [
                {
                    "source": "x",
                    "instruction": "Name a prime",
                    "models": ["m1", "m2"],
                    "completions": [
                        {
                            "model": m,
                            "response": r,
                            "annotations": {"helpfulness": {"Rating": s, "Rationale": ".."}},
                            "overall_score": float(s) * 2,
                            "fine-grained_score": float(s),
                        }
                        for m, r, s in (("m1", "9", "1"), ("m2", "11", "5"))
                    ],
                }
            ]
        )
    ],
    "nectar": [
        lambda: records(
            [
                {
                    "prompt": "\n\nHuman: Name a prime \n\nAssistant: ",
                    "answers": [
                        {"answer": "11", "model": "m1", "rank": 1.0},
                        {"answer": "9", "model": "m2", "rank": 2.0},
                    ],
                    "turns": 1,
                }
            ]
        )
    ],
    "summarize-feedback": [
        lambda: records(
            [
                {
                    "info": {"id": "t3_x", "post": "A post", "title": "t", "subreddit": "r"},
                    "summaries": [{"text": "s1", "policy": "x"}, {"text": "s2", "policy": "y"}],
                    "choice": 1,
                    "worker": "kJ2",
                    "batch": "b9",
                    "split": "train",
                    "extra": {"confidence": 8},
                }
            ]
        )
    ],
    "mt-bench": [
        lambda: records(
            [
                {
                    "question_id": 81,
                    "model_a": "m1",
                    "model_b": "m2",
                    "winner": "model_b",
                    "judge": "expert_9",
                    "conversation_a": [*_TURNS, {"role": "assistant", "content": "9"}],
                    "conversation_b": [*_TURNS, {"role": "assistant", "content": "11"}],
                    "turn": 1,
                }
            ]
        )
    ],
    "arena": [
        lambda: records(
            [
                {
                    "question_id": "9a3f",
                    "model_a": "m1",
                    "model_b": "m2",
                    "winner": "tie (bothbad)",
                    "judge": "arena_user_7Qd",
                    "conversation_a": [*_TURNS, {"role": "assistant", "content": "9"}],
                    "conversation_b": [*_TURNS, {"role": "assistant", "content": "11"}],
                    "turn": 1,
                    "anony": True,
                    "language": "English",
                    "tstamp": 1690000000.5,
                }
            ]
        )
    ],
    "alpaca-eval": [
        lambda: records(
            [
                {
                    "instruction": "Name a prime",
                    "output_1": "9",
                    "generator_1": "base",
                    "output_2": "11",
                    "generator_2": "m2",
                    "annotator": "judge-x",
                    "preference": 2,
                    "price_per_example": 0.02,
                    "time_per_example": 1.6,
                }
            ]
        )
    ],
    "rulm": [
        lambda: records(
            [
                {
                    "result": "right",
                    "worker_id": "w",
                    "assignment_id": "a",
                    "pool_id": 1,
                    "instruction": "Name a prime",
                    "input": "",
                    "left_answer": "9",
                    "right_answer": "11",
                    "left_model": "x",
                    "right_model": "y",
                    "id": 3,
                }
            ]
        )
    ],
    "argument-pairs": [
        lambda: csv("#id\tlabel\ta1\ta2\narg1_arg2\ta1\tUniforms save time.\tThey are fine.\n", "\t", "topic_good.csv")
    ],
    "anthropic-hh": [
        lambda: records(
            [
                {
                    "chosen": "\n\nHuman: Name a prime\n\nAssistant: 11",
                    "rejected": "\n\nHuman: Name a prime\n\nAssistant: 9",
                }
            ]
        )
    ],
    "trl": [lambda: records([{"prompt": "Name a prime", "chosen": "11", "rejected": "9"}])],
    "chosen-lists": [
        lambda: records([{"prompt": "Name a prime", "chosen": ["11"], "rejected": ["9", "8", "6"], "subset": "Math"}])
    ],
    "candidate-lists": [
        lambda: records([{"prompt": "Name a prime", "responses": ["11 is", "9 is"], "scores": [0.9, 0.1]}]),
        lambda: records([{"prompt": "Name a prime", "responses": ["11 is", "9 is"], "ranks": [1, 2], "worker": "w"}]),
        lambda: records(
            [{"prompt": f"Name {n}", "responses": [f"11 is {n}", "9 is", "8 is"], "best": n} for n in range(3)]
        ),
        lambda: records(
            [{"question": "A prime?", "answers": [{"text": "11", "pm_score": 4}, {"text": "9", "pm_score": 0}]}]
        ),
    ],
    "candidate-columns": [
        lambda: records(
            [
                {"prompt": f"Name {b}", "answer_a": "11 is", "answer_b": "9 is", "answer_c": "8 is", "preferred": b}
                for b in "abc"
            ]
        ),
        lambda: csv("prompt,text_1,text_2,text_3,rank_1,rank_2,rank_3\nName a prime,11 is,9 is,8 is,1,2,2\n"),
    ],
    "candidate-rows": [
        lambda: records(
            [
                {
                    "interaction_id": "i1",
                    "user_prompt": "A prime?",
                    "model_response": text,
                    "user_id": "u",
                    "if_chosen": c,
                }
                for text, c in (("11 is", True), ("9 is", False))
            ]
        )
    ],
    "oasst": [
        lambda: records(
            [
                {"message_id": "q", "parent_id": None, "text": "A prime?", "role": "prompter", "rank": None},
                {"message_id": "x", "parent_id": "q", "text": "11", "role": "assistant", "rank": 0},
                {"message_id": "y", "parent_id": "q", "text": "9", "role": "assistant", "rank": 1},
            ]
        ),
        lambda: records(
            [
                {
                    "message_tree_id": "q",
                    "prompt": {
                        "message_id": "q",
                        "text": "A prime?",
                        "role": "prompter",
                        "replies": [
                            {"message_id": "x", "text": "11", "role": "assistant", "rank": 0, "replies": []},
                            {"message_id": "y", "text": "9", "role": "assistant", "rank": 1, "replies": []},
                        ],
                    },
                }
            ]
        ),
    ],
}
"""Name of a reader -> makers of files of all forms it knows; each call makes a new document."""


def sample(name: str, form: int = 0) -> Document:
    """A fresh document."""
    made = SAMPLES[name][form]()
    return copy.deepcopy(made)
