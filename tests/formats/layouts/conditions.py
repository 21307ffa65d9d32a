"""Tables where several judgements of one thing are told apart by another column: a model, a round, a wording, a sheet;
and tables of spreadsheets with titles above and sums below.
"""

from __future__ import annotations

from tests.formats.layouts.world import Row, Table, World, csv_file, grid, json_file, json_lines, layout


def _asked(world: World, content: dict[str, bytes]) -> Table:
    return Table(content=content, truth=world.truth(), ambiguous=True)


@layout("doubtful-model-beside-question")
def model_beside_question(world: World) -> Table:
    rows = [
        {"question_id": v.pair.key, "model": m, "rater": v.who, "score": 1 + (v.seconds > s)}
        for v in world.votes
        for m, s in (("aurora-7b", 40), ("birch-13b", 60))
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-round-under-our-own-names")
def round_under_our_own_names(world: World) -> Table:
    rows = [
        {"item_id": v.pair.key, "annotator": v.who, "round": r, "label": v.said("good", "bad", "fair") if r else "fair"}
        for r in (0, 1)
        for v in world.votes
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-wording-and-sample")
def wording_and_sample(world: World) -> Table:
    rows = [
        {
            "judge": v.who,
            "wording": wording,
            "sample_idx": n,
            "item_id": v.pair.key,
            "label": v.said("1", "2", "3") if n else "2",
        }
        for v in world.votes
        for wording in ("plain", "strict", "warned")
        for n in (0, 1)
    ]
    return _asked(world, json_lines(rows))


@layout("doubtful-two-passes-of-one-person")
def two_passes_of_one_person(world: World) -> Table:
    rows: list[Row] = [
        {"item_id": v.pair.key, "annotator": v.who, "label_1": v.said("x", "y", "z"), "label_2": v.said("x", "z", "y")}
        for v in world.votes
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-prediction-beside-label")
def prediction_beside_label(world: World) -> Table:
    rows = [
        {"id": p.key, "text": p.a, "prediction": "pos" if p.gold == "A" else "neg", "label": "neg" if i % 3 else "pos"}
        for i, p in enumerate(world.pairs)
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-trial-numbers")
def trial_numbers(world: World) -> Table:
    """Each person sees each pair twice, under numbers of trials."""
    rows = [
        {"user_id": who, "trial_id": f"trial-{n}", "left_word": p.key, "right_word": f"z{p.key}", "chosen_word": chosen}
        for who in world.crew
        for n, p in enumerate(world.pairs * 2)
        for chosen in [p.key if (n + len(who)) % 3 else f"z{p.key}"]
    ]
    return _asked(world, csv_file(rows))


@layout("doubtful-places-in-pictures")
def places_in_pictures(world: World) -> Table:
    rows = [
        {
            "image": f"{p.key}.png",
            "boxes": [{"label": p.gold, "bbox": [1, 2, 3, 4]}, {"label": "A", "bbox": [0, 1, 2, 2]}],
        }
        for p in world.pairs
    ]
    return _asked(world, json_lines(rows))


@layout("doubtful-things-of-several-languages")
def things_of_several_languages(world: World) -> Table:
    rows = [
        {
            "item_id": v.pair.key,
            "language": lang,
            "annotator": f"{v.who}-{lang}",
            "label": v.said("good", "bad", "fair"),
        }
        for v in world.votes
        for lang in ("de", "fr")
    ]
    return _asked(world, csv_file(rows))


@layout("afresh-what-the-judge-said-beside-what-was-expected")
def what_the_judge_said(world: World) -> Table:
    rows = [
        {
            "id": v.pair.key,
            "expected_label": v.pair.gold == "A",
            "judge_label": v.pick == "A",
            "explanation": "It says so.",
        }
        for v in world.votes
        if v.who == world.crew[0]
    ]
    truth = [(row["id"], None, str(row["judge_label"])) for row in rows]
    return Table(content=csv_file(rows), truth=truth, by="value")


@layout("afresh-points-of-voters")
def points_of_voters(world: World) -> Table:
    points = {"A": 3, "B": 1, "=": 2}
    rows = [
        {
            "Song URI": f"song:{v.pair.key}",
            "Voter ID": v.who,
            "Created": f"2026-05-{1 + v.seconds % 28:02d}T10:00:00Z",
            "Points Assigned": points[v.pick],
            "Comment": "",
            "Round ID": "r1",
        }
        for v in world.votes
    ]
    truth = [(v.pair.key, v.who, str(points[v.pick])) for v in world.votes]
    return Table(content=csv_file(rows), truth=truth, by="value")


@layout("afresh-summary-and-details")
def summary_and_details(world: World) -> Table:
    """A report of who won how often, with each comparison listed."""
    details = [
        {
            "question": v.pair.prompt,
            "fw_a": v.pair.model_a,
            "fw_b": v.pair.model_b,
            "winner": v.pair.named(v.pick, "model"),
            "margin": "clear" if v.seconds > 60 else "slight",
            "reasoning": "The one is said in fewer words than the other.",
        }
        for v in world.votes
        if v.who == world.crew[0] and v.pick != "="
    ]
    truth = [
        (v.pair.key, None, v.pair.named(v.pick, "model"))
        for v in world.votes
        if v.who == world.crew[0] and v.pick != "="
    ]
    report = {"wins": {"aurora-7b": 20, "birch-13b": 13}, "n_questions": len(details), "detailed": details}
    return Table(content=json_file(report), truth=truth, by="text")


@layout("afresh-titles-above-and-sums-below")
def titles_above_and_sums_below(world: World) -> Table:
    said = {"A": "yes", "B": "no", "=": "unsure"}
    lines = [
        ["Check of batch 3", *[""] * len(world.crew)],
        ["made on Monday", *[""] * len(world.crew)],
        ["Dialogue ID", *(f"Rater {n}" for n in range(1, len(world.crew) + 1))],
        *([p.key, *(said[v.pick] for v in world.of(p))] for p in world.pairs),
        ["Total yes", *(str(9 + n) for n in range(len(world.crew)))],
    ]
    names = {who: f"Rater {n}" for n, who in enumerate(world.crew, 1)}
    truth = [(v.pair.key, names[v.who], said[v.pick]) for v in world.votes]
    return Table(content=grid(lines), truth=truth, by="value")
