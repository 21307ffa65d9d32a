"""Crowd platforms and experiment software: MTurk, Toloka, Appen, Prolific, Gorilla, PsychoPy, jsPsych."""

from __future__ import annotations

from typing import Any

from tests.formats.layouts.world import Table, Vote, World, csv_file, layout


def _mturk(v: Vote, i: int, **answers: Any) -> dict[str, Any]:
    return {
        "HITId": f"3HIT{v.pair.key}",
        "HITTypeId": "3TYPE01",
        "Title": "Compare two answers",
        "Description": "Read two answers and say which is better",
        "Keywords": "text, compare",
        "Reward": "$0.10",
        "CreationTime": "Wed Mar 13 08:00:00 PDT 2024",
        "MaxAssignments": "3",
        "AssignmentDurationInSeconds": "3600",
        "AssignmentId": f"3ASG{i:04d}",
        "WorkerId": v.who.upper(),
        "AssignmentStatus": "Approved",
        "AcceptTime": v.start.strftime("%a %b %d %H:%M:%S PDT %Y"),
        "SubmitTime": v.end.strftime("%a %b %d %H:%M:%S PDT %Y"),
        "WorkTimeInSeconds": v.seconds,
        "LifetimeApprovalRate": "100% (12/12)",
        **answers,
    }


def _upper(w: World, **how: Any) -> list[Any]:
    return [(i, who.upper() if who else who, x) for i, who, x in w.truth(**how)]


@layout("mturk-choice-letters")
def _(w: World) -> Table:
    rows = [
        _mturk(
            v,
            i,
            **{
                "Input.question": v.pair.prompt,
                "Input.answer_a": v.pair.a,
                "Input.answer_b": v.pair.b,
                "Answer.choice": v.said("A", "B", "Tie"),
                "Approve": "",
                "Reject": "",
            },
        )
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "HITId", "annotator": "WorkerId", "label": "Answer.choice"}
    return Table(content=csv_file(rows), truth=_upper(w), mapping=mapping, seconds=[v.seconds for v in w.votes])


@layout("mturk-radio-on", ties=False)
def _(w: World) -> Table:
    rows = [
        _mturk(
            v,
            i,
            **{
                "Input.left_text": v.pair.a,
                "Input.right_text": v.pair.b,
                "Answer.left.on": v.said("true", "false"),
                "Answer.right.on": v.said("false", "true"),
            },
        )
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "HITId", "annotator": "WorkerId", "label": "Answer.left.on"}
    return Table(content=csv_file(rows), truth=_upper(w), mapping=mapping, labels={"true": "A", "false": "B"})


@layout("mturk-first-second")
def _(w: World) -> Table:
    rows = [
        _mturk(
            v,
            i,
            **{
                "Input.summary1": v.pair.a,
                "Input.summary2": v.pair.b,
                "Answer.preference": v.said("Summary 1", "Summary 2", "No preference"),
                "Answer.comment": "",
            },
        )
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "HITId", "annotator": "WorkerId", "label": "Answer.preference"}
    return Table(content=csv_file(rows), truth=_upper(w), mapping=mapping)


@layout("mturk-task-answers", ties=False)
def _(w: World) -> Table:
    rows = [
        _mturk(
            v,
            i,
            **{
                "Input.prompt": v.pair.prompt,
                "Input.responseA": v.pair.a,
                "Input.responseB": v.pair.b,
                "Answer.taskAnswers": [{"better": {"A": v.pick == "A", "B": v.pick == "B"}}],
            },
        )
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "HITId", "annotator": "WorkerId", "label": "Answer.taskAnswers"}
    return Table(content=csv_file(rows), truth=_upper(w), mapping=mapping)


@layout("mturk-translation")
def _(w: World) -> Table:
    rows = [
        _mturk(
            v,
            i,
            **{
                "Input.source": v.pair.prompt,
                "Input.translation_A": v.pair.a,
                "Input.translation_B": v.pair.b,
                "Answer.Q1": v.said("Translation A", "Translation B", "Both equal"),
            },
        )
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "HITId", "annotator": "WorkerId", "label": "Answer.Q1"}
    return Table(content=csv_file(rows), truth=_upper(w), mapping=mapping)


@layout("mturk-quality-rating")
def _(w: World) -> Table:
    rate = {(v.pair.key, v.who): w.random.randint(1, 5) for v in w.votes}
    rows = [
        _mturk(v, i, **{"Input.sentence": v.pair.a, "Answer.quality": rate[v.pair.key, v.who]})
        for i, v in enumerate(w.votes)
    ]
    truth = [(v.pair.key, v.who.upper(), str(rate[v.pair.key, v.who])) for v in w.votes]
    mapping = {"item": "HITId", "annotator": "WorkerId", "label": "Answer.quality"}
    return Table(content=csv_file(rows), truth=truth, by="value", mapping=mapping)


@layout("mturk-api-snake-case")
def _(w: World) -> Table:
    rows = [
        {
            "hit_id": f"3H{v.pair.key}",
            "assignment_id": f"3A{i}",
            "worker_id": v.who,
            "accept_time": v.start.isoformat(),
            "submit_time": v.end.isoformat(),
            "text_a": v.pair.a,
            "text_b": v.pair.b,
            "answer": v.said("text_a", "text_b", "tie"),
        }
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "hit_id", "annotator": "worker_id", "label": "answer"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping)


@layout("toloka-side-by-side")
def _(w: World) -> Table:
    rows = [
        {
            "INPUT:prompt": v.pair.prompt,
            "INPUT:left": v.pair.a,
            "INPUT:right": v.pair.b,
            "OUTPUT:result": v.said("LEFT", "RIGHT", "EQUAL"),
            "GOLDEN:result": {"A": "LEFT", "B": "RIGHT"}[v.pair.gold] if v.pair.key < "q04" else "",
            "HINT:text": "",
            "ASSIGNMENT:link": f"https://example.org/{i}",
            "ASSIGNMENT:task_id": f"t-{v.pair.key}",
            "ASSIGNMENT:assignment_id": f"a-{i}",
            "ASSIGNMENT:worker_id": v.who,
            "ASSIGNMENT:status": "APPROVED",
            "ASSIGNMENT:started": v.start.isoformat(),
            "ACCEPT:verdict": "",
            "ACCEPT:comment": "",
        }
        for i, v in enumerate(w.votes)
    ]
    gold = {k: g for k, g in w.gold().items() if k < "q04"}
    return Table(content=csv_file(rows, "assignments.tsv", delimiter="\t"), truth=w.truth(), gold=gold)


@layout("toloka-quality")
def _(w: World) -> Table:
    said = {(v.pair.key, v.who): w.random.choice(["GOOD", "BAD", "GOOD"]) for v in w.votes}
    rows = [
        {
            "INPUT:text": v.pair.a,
            "OUTPUT:quality": said[v.pair.key, v.who],
            "ASSIGNMENT:task_id": f"t-{v.pair.key}",
            "ASSIGNMENT:assignment_id": f"a-{i}",
            "ASSIGNMENT:worker_id": v.who,
            "ASSIGNMENT:status": "APPROVED",
            "ASSIGNMENT:started": v.start.isoformat(),
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(v.pair.key, v.who, said[v.pair.key, v.who]) for v in w.votes]
    return Table(content=csv_file(rows, "assignments.tsv", delimiter="\t"), truth=truth, by="value")


@layout("appen-which-is-better")
def _(w: World) -> Table:
    rows = [
        {
            "_unit_id": 9000 + int(v.pair.key[1:]),
            "_created_at": v.end.strftime("%m/%d/%Y %H:%M:%S"),
            "_id": 50000 + i,
            "_started_at": v.start.strftime("%m/%d/%Y %H:%M:%S"),
            "_tainted": "false",
            "_channel": "clixsense",
            "_trust": "0.91",
            "_worker_id": int(v.who[1:]) + 4000,
            "_country": "GBR",
            "which_is_better": v.said("response_a", "response_b", "equal"),
            "orig__golden": "",
            "prompt": v.pair.prompt,
            "response_a": v.pair.a,
            "response_b": v.pair.b,
            "which_is_better_gold": "",
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(i, str(int(who[1:]) + 4000), x) for i, who, x in w.truth()]
    return Table(content=csv_file(rows), truth=truth)


@layout("prolific-custom-task")
def _(w: World) -> Table:
    rows = [
        {
            "PROLIFIC_PID": f"5f3a{v.who}",
            "STUDY_ID": "65a1",
            "SESSION_ID": f"s{v.who}",
            "trial_id": v.pair.key,
            "prompt": v.pair.prompt,
            "option_a": v.pair.a,
            "option_b": v.pair.b,
            "response": v.said("option_a", "option_b", "neither"),
            "rt": v.seconds * 1000,
        }
        for v in w.votes
    ]
    mapping = {"item": "trial_id", "annotator": "PROLIFIC_PID", "label": "response"}
    truth = [(i, f"5f3a{who}", x) for i, who, x in w.truth()]
    return Table(content=csv_file(rows), truth=truth, mapping=mapping, labels={"neither": "="})


@layout("prolific-demographics-joined")
def _(w: World) -> Table:
    rows = [
        {
            "Submission id": f"66{v.who}",
            "Participant id": f"5e9{v.who}",
            "Age": 20 + int(v.who[1:]),
            "Sex": "Female",
            "Country of residence": "Poland",
            "pair_id": v.pair.key,
            "first_answer": v.pair.a,
            "second_answer": v.pair.b,
            "preferred": v.said("first", "second", "same"),
            "Time taken": v.seconds,
        }
        for v in w.votes
    ]
    truth = [(i, f"5e9{who}", x) for i, who, x in w.truth()]
    mapping = {"item": "pair_id", "annotator": "Participant id", "label": "preferred"}
    return Table(content=csv_file(rows), truth=truth, mapping=mapping)


@layout("gorilla-task", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "Event Index": i + 1,
            "UTC Date and Time": v.end.strftime("%d/%m/%Y %H:%M:%S"),
            "Participant Public ID": f"pub{v.who}",
            "Participant Private ID": 700000 + int(v.who[1:]),
            "Task Name": "Which one",
            "Trial Number": int(v.pair.key[1:]),
            "Screen": "choice",
            "Response": v.said("Left", "Right"),
            "Reaction Time": v.seconds * 1000 + 0.25,
            "Spreadsheet: pair": v.pair.key,
            "Spreadsheet: left": v.pair.a,
            "Spreadsheet: right": v.pair.b,
        }
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "Spreadsheet: pair", "annotator": "Participant Private ID", "label": "Response"}
    truth = [(i, str(700000 + int(who[1:])), x) for i, who, x in w.truth()]
    return Table(content=csv_file(rows), truth=truth, mapping=mapping)


@layout("psychopy-keys", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "left_text": v.pair.a,
            "right_text": v.pair.b,
            "trials.thisRepN": 0,
            "trials.thisTrialN": int(v.pair.key[1:]),
            "key_resp.keys": v.said("left", "right"),
            "key_resp.rt": v.seconds + 0.125,
            "participant": v.who,
            "session": "001",
            "date": v.start.strftime("%Y-%m-%d_%Hh%M.%S.000"),
            "expName": "pairs",
        }
        for v in w.votes
    ]
    mapping = {"item": "trials.thisTrialN", "annotator": "participant", "label": "key_resp.keys"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping)


@layout("jspsych-button-index", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "rt": v.seconds * 1000,
            "stimulus": v.pair.prompt,
            "response": v.said("0", "1"),
            "trial_type": "html-button-response",
            "trial_index": int(v.pair.key[1:]),
            "internal_node_id": f"0.0-{int(v.pair.key[1:])}.0",
            "subject_id": v.who,
            "choices": [v.pair.a, v.pair.b],
        }
        for v in w.votes
    ]
    mapping = {"item": "trial_index", "annotator": "subject_id", "label": "response"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping, labels={"0": "A", "1": "B"})


@layout("jspsych-chosen-stimulus", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "subject": v.who,
            "trial": int(v.pair.key[1:]),
            "left_stim": f"img/{v.pair.key}_x.png",
            "right_stim": f"img/{v.pair.key}_y.png",
            "chosen_stim": f"img/{v.pair.key}_{v.said('x', 'y')}.png",
            "rt": v.seconds * 1000,
        }
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, f"img/{v.pair.key}_{v.said('x', 'y')}.png") for v in w.votes]
    mapping = {"item": "trial", "annotator": "subject", "label": "chosen_stim"}
    return Table(content=csv_file(rows), truth=truth, mapping=mapping)


@layout("surge-ai-columns")
def _(w: World) -> Table:
    rows = [
        {
            "Task ID": f"c1f0-{v.pair.key}",
            "Task Response ID": f"r-{i}",
            "Worker ID": v.who,
            "Time Spent (sec)": v.seconds,
            "Completed At": v.end.strftime("%Y-%m-%d %H:%M:%S UTC"),
            "Prompt": v.pair.prompt,
            "Response A": v.pair.a,
            "Response B": v.pair.b,
            "Which response is better?": v.said(
                w.random.choice(["Response A is much better", "Response A is slightly better"]),
                w.random.choice(["Response B is much better", "Response B is slightly better"]),
                "About the same",
            ),
        }
        for i, v in enumerate(w.votes)
    ]
    mapping = {"item": "Task ID", "annotator": "Worker ID", "label": "Which response is better?"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping, seconds=[v.seconds for v in w.votes])


@layout("scale-csv-likert")
def _(w: World) -> Table:
    rows = [
        {
            "task_id": f"64ab{v.pair.key}",
            "attempt_id": f"at{i}",
            "labeler_email": f"{v.who}@example.org",
            "prompt": v.pair.prompt,
            "response_1": v.pair.a,
            "response_2": v.pair.b,
            "preference": v.said(
                w.random.choice(["Response 1 is much better", "Response 1 is better"]),
                w.random.choice(["Response 2 is much better", "Response 2 is better"]),
                "Responses are about equal",
            ),
            "justification": "Reads better to me.",
            "time_spent_secs": v.seconds,
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(i, f"{who}@example.org", x) for i, who, x in w.truth()]
    mapping = {"item": "task_id", "annotator": "labeler_email", "label": "preference"}
    return Table(content=csv_file(rows), truth=truth, mapping=mapping)


@layout("vendor-delivery-likert-legend")
def _(w: World) -> Table:
    column = "preference (1 = A much better, 4 = same, 7 = B much better)"
    rows = [
        {
            "delivery_id": "d12",
            "conversation_id": v.pair.key,
            "annotator_id": v.who,
            "prompt": v.pair.prompt,
            "completion_a": v.pair.a,
            "completion_b": v.pair.b,
            column: 4 - v.graded(w.random),
        }
        for v in w.votes
    ]
    mapping = {"item": "conversation_id", "annotator": "annotator_id", "label": column}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping)
