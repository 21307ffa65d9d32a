"""Annotation platforms: Label Studio, Argilla, Prodigy, doccano, Potato, Labelbox, SageMaker, LangSmith."""

from __future__ import annotations

from tests.formats.layouts.world import Table, World, csv_file, grid, json_file, json_lines, layout


@layout("label-studio-csv-pairwise", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "annotation_id": 100 + i,
            "annotator": f"{v.who}@example.org",
            "answer1": v.pair.a,
            "answer2": v.pair.b,
            "comparison": [{"selected": v.said("left", "right")}],
            "created_at": v.end.isoformat() + "Z",
            "id": int(v.pair.key[1:]),
            "lead_time": v.seconds + 0.25,
            "prompt": v.pair.prompt,
            "updated_at": v.end.isoformat() + "Z",
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(i, f"{who}@example.org", x) for i, who, x in w.truth()]
    return Table(content=csv_file(rows), truth=truth, seconds=[v.seconds + 0.25 for v in w.votes])


@layout("label-studio-csv-choices")
def _(w: World) -> Table:
    rows = [
        {
            "annotation_id": 100 + i,
            "annotator": int(v.who[1:]),
            "created_at": v.end.isoformat() + "Z",
            "id": int(v.pair.key[1:]),
            "lead_time": v.seconds,
            "preference": v.said("Response A", "Response B", "Tie"),
            "prompt": v.pair.prompt,
            "response_a": v.pair.a,
            "response_b": v.pair.b,
            "updated_at": v.end.isoformat() + "Z",
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(i, str(int(who[1:])), x) for i, who, x in w.truth()]
    return Table(content=csv_file(rows), truth=truth)


@layout("label-studio-tsv-sentiment")
def _(w: World) -> Table:
    said = {(v.pair.key, v.who): w.random.choice(["positive", "negative", "neutral"]) for v in w.votes}
    rows = [
        {
            "annotation_id": 100 + i,
            "annotator": int(v.who[1:]),
            "created_at": v.end.isoformat() + "Z",
            "id": int(v.pair.key[1:]),
            "lead_time": v.seconds,
            "sentiment": said[v.pair.key, v.who],
            "text": v.pair.a,
            "updated_at": v.end.isoformat() + "Z",
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(v.pair.key, str(int(v.who[1:])), said[v.pair.key, v.who]) for v in w.votes]
    return Table(content=csv_file(rows, "project-4.tsv", delimiter="\t"), truth=truth, by="value")


@layout("label-studio-json")
def _(w: World) -> Table:
    def result(said: str) -> list[object]:
        value = {"choices": [said]}
        return [{"id": "x", "from_name": "pref", "to_name": "prompt", "type": "choices", "value": value}]

    tasks = [
        {
            "id": 40 + k,
            "data": {"prompt": p.prompt, "response_a": p.a, "response_b": p.b},
            "annotations": [
                {
                    "id": 400 + 10 * k + j,
                    "completed_by": {"id": int(v.who[1:]), "email": f"{v.who}@example.org"},
                    "result": result(v.said("A", "B", "Tie")),
                    "was_cancelled": False,
                    "ground_truth": False,
                    "created_at": v.end.isoformat() + "Z",
                    "lead_time": v.seconds,
                }
                for j, v in enumerate(w.of(p))
            ],
            "predictions": [],
            "meta": {},
        }
        for k, p in enumerate(w.pairs)
    ]
    truth = [(i, f"{who}@example.org", x) for i, who, x in w.truth()]
    return Table(content=json_file(tasks), truth=truth)


@layout("label-studio-json-min", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "prompt": v.pair.prompt,
            "text1": v.pair.a,
            "text2": v.pair.b,
            "id": int(v.pair.key[1:]),
            "pw": [{"selected": v.said("left", "right")}],
            "annotator": int(v.who[1:]),
            "annotation_id": i,
            "created_at": v.end.isoformat() + "Z",
            "updated_at": v.end.isoformat() + "Z",
            "lead_time": v.seconds,
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(i, str(int(who[1:])), x) for i, who, x in w.truth()]
    return Table(content=json_file(rows), truth=truth)


@layout("label-studio-csv-slim", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "id": int(v.pair.key[1:]),
            "answer1": v.pair.a,
            "answer2": v.pair.b,
            "comparison": v.said("left", "right"),
            "annotator": v.who,
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("argilla-csv-flattened")
def _(w: World) -> Table:
    rows = [
        {
            "id": f"rec-{p.key}",
            "status": "completed",
            "_server_id": f"5f-{p.key}",
            "prompt": p.prompt,
            "response_1": p.a,
            "response_2": p.b,
            "preference.responses": str([v.said("response_1", "response_2", "tie") for v in w.of(p)]),
            "preference.responses.users": str([v.who for v in w.of(p)]),
            "preference.responses.status": str(["submitted" for _ in w.of(p)]),
        }
        for p in w.pairs
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("argilla-json-records")
def _(w: World) -> Table:
    rows = [
        {
            "id": f"rec-{p.key}",
            "fields": {"prompt": p.prompt, "response_1": p.a, "response_2": p.b},
            "metadata": {"source": "web"},
            "suggestions": {},
            "responses": {
                "preference": [{"value": v.said("response_1", "response_2", "tie"), "user_id": v.who} for v in w.of(p)]
            },
            "vectors": {},
            "status": "completed",
            "_server_id": f"5f-{p.key}",
        }
        for p in w.pairs
    ]
    return Table(content=json_file(rows), truth=w.truth())


@layout("argilla-one-row-per-response")
def _(w: World) -> Table:
    rows = [
        {
            "record_id": f"rec-{v.pair.key}",
            "instruction": v.pair.prompt,
            "generation_a": v.pair.a,
            "generation_b": v.pair.b,
            "user": v.who,
            "preference": v.said("generation_a", "generation_b", "both_equal"),
            "inserted_at": v.end.isoformat(),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("prodigy-choice", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "text": v.pair.prompt,
            "options": [{"id": "A", "text": v.pair.a}, {"id": "B", "text": v.pair.b}],
            "_input_hash": 1000 + int(v.pair.key[1:]),
            "_task_hash": -2000 - int(v.pair.key[1:]),
            "_view_id": "choice",
            "accept": [v.pick],
            "answer": "accept",
            "_timestamp": int(v.end.timestamp()),
            "_annotator_id": f"prefs-{v.who}",
            "_session_id": f"prefs-{v.who}",
        }
        for v in w.votes
    ]
    truth = [(i, f"prefs-{who}", x) for i, who, x in w.truth()]
    return Table(content=json_lines(rows), truth=truth)


@layout("prodigy-csv", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "text": v.pair.prompt,
            "option_a": v.pair.a,
            "option_b": v.pair.b,
            "accept": v.said("option_a", "option_b"),
            "answer": "accept",
            "_input_hash": 1000 + int(v.pair.key[1:]),
            "_annotator_id": v.who,
            "_timestamp": int(v.end.timestamp()),
        }
        for v in w.votes
    ]
    mapping = {"item": "_input_hash", "annotator": "_annotator_id", "label": "accept"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping)


@layout("doccano-jsonl-all-annotators", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "id": int(v.pair.key[1:]),
            "text": f"A: {v.pair.a} B: {v.pair.b}",
            "label": [v.said("A better", "B better")],
            "username": v.who,
            "Comments": [],
        }
        for v in w.votes
    ]
    mapping = {"item": "id", "annotator": "username", "label": "label"}
    return Table(content=json_lines(rows, "all.jsonl"), truth=w.truth("side"), by="side", mapping=mapping)


@layout("doccano-csv-per-user")
def _(w: World) -> Table:
    content = {}
    for votes in w.by_person():
        rows = [
            {"id": 70 + int(v.pair.key[1:]), "data": v.pair.a, "label": v.said("toxic", "fine", "unsure")}
            for v in votes
        ]
        content |= csv_file(rows, f"{votes[0].who}.csv")
    truth = [(v.pair.key, None, v.said("toxic", "fine", "unsure")) for v in w.votes]
    mapping = {"item": "id", "label": "label", "response_a": "data"}
    return Table(content=content, truth=truth, by="value", mapping=mapping)


@layout("doccano-admin-csv")
def _(w: World) -> Table:
    rows = [
        {
            "id": int(v.pair.key[1:]),
            "data": f"{v.pair.prompt} [A] {v.pair.a} [B] {v.pair.b}",
            "label": v.said("A", "B", "tie"),
            "user": v.who,
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth("side"), by="side")


@layout("potato-csv-option-columns")
def _(w: World) -> Table:
    rows = [
        {
            "user": v.who,
            "instance_id": v.pair.key,
            "displayed_text": f"A: {v.pair.a} B: {v.pair.b}",
            "preference:::A": v.said("1", "", ""),
            "preference:::B": v.said("", "1", ""),
            "preference:::Tie": v.said("", "", "1"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows, "annotated_instances.tsv", delimiter="\t"), truth=w.truth("side"), by="side")


@layout("potato-jsonl-option-as-key")
def _(w: World) -> Table:
    rows = [
        {
            "user_id": v.who,
            "instance_id": v.pair.key,
            "displayed_text": f"{v.pair.a} / {v.pair.b}",
            "label_annotations": {"better_text": {v.said("Text A", "Text B", "Equal"): "1"}},
            "span_annotations": {},
            "behavioral_data": {"time_string": f"Time spent: 0d 0h {v.seconds // 60}m {v.seconds % 60}s "},
        }
        for v in w.votes
    ]
    seconds = [float(v.seconds) for v in w.votes]
    return Table(content=json_lines(rows), truth=w.truth("side"), by="side", seconds=seconds)


@layout("potato-csv-label-column")
def _(w: World) -> Table:
    rows = [
        {
            "user": v.who,
            "instance_id": v.pair.key,
            "displayed_text": f"A: {v.pair.a} B: {v.pair.b}",
            "preference": v.said("A is better", "B is better", "Tie"),
            "time_string": f"Time spent: 0d 0h {v.seconds // 60}m {v.seconds % 60}s ",
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth("side"), by="side")


@layout("labelbox-csv")
def _(w: World) -> Table:
    rows = [
        {
            "ID": f"ck{i}",
            "DataRow ID": f"dr{v.pair.key}",
            "Labeled Data": f"https://example.org/{v.pair.key}.html",
            "Label": {"classifications": [{"value": "preference", "answer": {"value": v.said("a", "b", "tie")}}]},
            "Created By": f"{v.who}@example.org",
            "Project Name": "pairs",
            "Created At": v.end.isoformat() + ".000Z",
            "Seconds to Label": v.seconds,
            "External ID": v.pair.key,
            "Agreement": -1,
            "Benchmark Agreement": -1,
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(i, f"{who}@example.org", x) for i, who, x in w.truth("side")]
    return Table(content=csv_file(rows), truth=truth, by="side")


@layout("labelbox-flat-csv")
def _(w: World) -> Table:
    rows = [
        {
            "data_row_id": f"dr{v.pair.key}",
            "global_key": v.pair.key,
            "response_a": v.pair.a,
            "response_b": v.pair.b,
            "created_by": f"{v.who}@example.org",
            "created_at": v.end.isoformat() + "Z",
            "seconds_to_create": v.seconds,
            "classification.preference": v.said("Response A", "Response B", "Tie"),
        }
        for v in w.votes
    ]
    truth = [(i, f"{who}@example.org", x) for i, who, x in w.truth()]
    return Table(content=csv_file(rows), truth=truth)


@layout("langsmith-annotation-queue")
def _(w: World) -> Table:
    rows = [
        {
            "run_id": f"run-{v.pair.key}",
            "inputs.question": v.pair.prompt,
            "outputs.answer_a": v.pair.a,
            "outputs.answer_b": v.pair.b,
            "feedback.reviewer": v.who,
            "feedback.preference": v.said("A", "B", "EQUAL"),
            "feedback.created_at": v.end.isoformat(),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("airtable-linked-people")
def _(w: World) -> Table:
    rows = [
        {
            "Record": f"rec{i:05d}",
            "Pair": v.pair.key,
            "Option A": v.pair.a,
            "Option B": v.pair.b,
            "Reviewer": {"w07": "Ana Lopez", "w11": "Ben Ito", "w23": "Cleo Roy"}[v.who],
            "Verdict": v.said("A", "B", "Tie"),
            "Last modified": v.end.strftime("%m/%d/%Y %I:%M%p").lower(),
        }
        for i, v in enumerate(w.votes)
    ]
    names = {"w07": "Ana Lopez", "w11": "Ben Ito", "w23": "Cleo Roy"}
    return Table(content=csv_file(rows), truth=[(i, names[who], x) for i, who, x in w.truth()])


@layout("lighttag-matrix-of-people")
def _(w: World) -> Table:
    header = ["example_id", "content", *w.crew]
    lines = [[p.key, p.a, *(v.said("keep", "drop", "unsure") for v in w.of(p))] for p in w.pairs]
    truth = [(v.pair.key, v.who, v.said("keep", "drop", "unsure")) for v in w.votes]
    return Table(content=grid([header, *lines]), truth=truth, by="value")
