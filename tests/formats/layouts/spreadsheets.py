"""Spreadsheets that a team made itself: other languages, matrices of raters, winners by name, plain long tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.formats.layouts.world import Table, World, csv_file, grid, json_lines, layout


def _sheet(w: World, columns: Sequence[str], said: Sequence[str], **dialect: Any) -> dict[str, bytes]:
    """Item, person, question, two answers, verdict."""
    lines = [[v.pair.key, v.who, v.pair.prompt, v.pair.a, v.pair.b, v.said(*said)] for v in w.votes]
    return grid([columns, *lines], **dialect)


@layout("sheet-german")
def _(w: World) -> Table:
    columns = ["Paar", "Bewerter", "Frage", "Antwort A", "Antwort B", "Urteil"]
    content = _sheet(w, columns, ("A ist besser", "B ist besser", "unentschieden"), delimiter=";", encoding="cp1252")
    mapping = {"item": "Paar", "annotator": "Bewerter", "label": "Urteil"}
    return Table(content=content, truth=w.truth(), mapping=mapping)


@layout("sheet-german-numbered")
def _(w: World) -> Table:
    columns = ["Aufgabe", "Annotator", "Prompt", "Text 1", "Text 2", "Bevorzugt"]
    content = _sheet(w, columns, ("Text 1", "Text 2", "gleich"), delimiter=";")
    return Table(content=content, truth=w.truth(), mapping={"item": "Aufgabe", "label": "Bevorzugt"})


@layout("sheet-french")
def _(w: World) -> Table:
    columns = ["Paire", "Évaluateur", "Question", "Réponse A", "Réponse B", "Préférence"]
    content = _sheet(w, columns, ("Réponse A", "Réponse B", "égalité"), delimiter=";")
    return Table(content=content, truth=w.truth(), mapping={"item": "Paire", "label": "Préférence"})


@layout("sheet-spanish")
def _(w: World) -> Table:
    columns = ["Par", "Evaluador", "Pregunta", "Respuesta A", "Respuesta B", "Preferida"]
    content = _sheet(w, columns, ("A", "B", "Empate"), delimiter=";")
    return Table(content=content, truth=w.truth(), mapping={"item": "Par", "label": "Preferida"})


@layout("sheet-portuguese")
def _(w: World) -> Table:
    columns = ["ID do par", "Avaliador", "Pergunta", "Resposta A", "Resposta B", "Melhor resposta"]
    content = _sheet(w, columns, ("Resposta A", "Resposta B", "Empate"), delimiter=";")
    return Table(content=content, truth=w.truth(), mapping={"item": "ID do par", "label": "Melhor resposta"})


@layout("sheet-italian")
def _(w: World) -> Table:
    columns = ["Coppia", "Valutatore", "Domanda", "Risposta A", "Risposta B", "Preferenza"]
    content = _sheet(w, columns, ("A", "B", "pari"), delimiter=";")
    return Table(content=content, truth=w.truth(), mapping={"item": "Coppia", "label": "Preferenza"})


@layout("sheet-chinese")
def _(w: World) -> Table:
    columns = ["编号", "标注员", "问题", "回答A", "回答B", "偏好"]
    content = _sheet(w, columns, ("A更好", "B更好", "一样"))
    return Table(content=content, truth=w.truth(), mapping={"item": "编号", "annotator": "标注员", "label": "偏好"})


@layout("sheet-chinese-gb18030")
def _(w: World) -> Table:
    columns = ["题目编号", "评分人", "提示词", "回复一", "回复二", "哪个更好"]
    content = _sheet(w, columns, ("回复一", "回复二", "平局"), encoding="gb18030")
    return Table(content=content, truth=w.truth(), mapping={"item": "题目编号", "label": "哪个更好"})


@layout("sheet-japanese")
def _(w: World) -> Table:
    columns = ["ペア番号", "評価者", "質問", "回答A", "回答B", "評価"]
    content = _sheet(w, columns, ("Aが良い", "Bが良い", "同じ"))
    return Table(content=content, truth=w.truth(), mapping={"item": "ペア番号", "annotator": "評価者", "label": "評価"})


@layout("sheet-russian")
def _(w: World) -> Table:
    columns = ["Пара", "Аннотатор", "Вопрос", "Ответ A", "Ответ B", "Выбор"]
    content = _sheet(w, columns, ("Ответ A", "Ответ B", "Ничья"))
    return Table(content=content, truth=w.truth(), mapping={"item": "Пара", "annotator": "Аннотатор", "label": "Выбор"})


@layout("sheet-korean")
def _(w: World) -> Table:
    columns = ["번호", "평가자", "질문", "답변 A", "답변 B", "선호"]
    content = _sheet(w, columns, ("A", "B", "동점"))
    return Table(content=content, truth=w.truth(), mapping={"item": "번호", "annotator": "평가자", "label": "선호"})


@layout("sheet-german-matrix-decimal-comma")
def _(w: World) -> Table:
    rate = {(v.pair.key, v.who): w.random.randint(2, 10) / 2 for v in w.votes}
    header = ["Objekt", *(f"Note {who}" for who in w.crew)]
    lines = [[p.key, *(str(rate[p.key, v.who]).replace(".", ",") for v in w.of(p))] for p in w.pairs]
    truth = [(v.pair.key, f"Note {v.who}", str(rate[v.pair.key, v.who])) for v in w.votes]
    return Table(content=grid([header, *lines], delimiter=";"), truth=truth, by="value")


@layout("sheet-french-scores-decimal-comma")
def _(w: World) -> Table:
    rate = {(v.pair.key, v.who): w.random.randint(2, 10) / 2 for v in w.votes}
    lines = [[v.pair.key, v.who, str(rate[v.pair.key, v.who]).replace(".", ",")] for v in w.votes]
    truth = [(v.pair.key, v.who, str(rate[v.pair.key, v.who])) for v in w.votes]
    content = grid([["objet", "annotateur", "note"], *lines], delimiter=";")
    return Table(content=content, truth=truth, by="value", mapping={"item": "objet", "label": "note"})


@layout("matrix-rater-numbers")
def _(w: World) -> Table:
    header = ["item", "rater1", "rater2", "rater3"]
    lines = [[p.key, *(v.said("1", "2", "3") for v in w.of(p))] for p in w.pairs]
    who = dict(zip(w.crew, header[1:], strict=True))
    truth = [(v.pair.key, who[v.who], v.said("1", "2", "3")) for v in w.votes]
    return Table(content=grid([header, *lines]), truth=truth, by="value")


@layout("matrix-no-item-column")
def _(w: World) -> Table:
    header = ["coder1", "coder2", "coder3"]
    lines = [[v.said("yes", "no", "maybe") for v in w.of(p)] for p in w.pairs]
    who = dict(zip(w.crew, header, strict=True))
    truth = [(v.pair.key, who[v.who], v.said("yes", "no", "maybe")) for v in w.votes]
    return Table(content=grid([header, *lines]), truth=truth, by="value", mapping={"label": "coder1,coder2,coder3"})


@layout("matrix-people-names", crew=("Ana", "Ben", "Cleo", "Dev"))
def _(w: World) -> Table:
    header = ["pair", "prompt", "answer A", "answer B", *w.crew]
    lines = [[p.key, p.prompt, p.a, p.b, *(v.said("A", "B", "=") for v in w.of(p))] for p in w.pairs]
    return Table(content=grid([header, *lines]), truth=w.truth(), mapping={"label": "Ana,Ben,Cleo,Dev"})


@layout("matrix-annotator-letters")
def _(w: World) -> Table:
    header = ["ID", "Annotator A", "Annotator B", "Annotator C"]
    lines = [[p.key, *(v.said("relevant", "irrelevant", "partly") for v in w.of(p))] for p in w.pairs]
    who = dict(zip(w.crew, header[1:], strict=True))
    truth = [(v.pair.key, who[v.who], v.said("relevant", "irrelevant", "partly")) for v in w.votes]
    return Table(content=grid([header, *lines]), truth=truth, by="value")


@layout("matrix-with-adjudicated-gold")
def _(w: World) -> Table:
    header = ["doc", "annotator_1", "annotator_2", "annotator_3", "gold"]
    lines = [[p.key, *(v.said("A", "B", "tie") for v in w.of(p)), p.gold] for p in w.pairs]
    who = dict(zip(w.crew, header[1:4], strict=True))
    truth = [(i, who[a], x) for i, a, x in w.truth("side")]
    return Table(content=grid([header, *lines]), truth=truth, by="side", gold=w.gold("side"))


@layout("matrix-missing-spelled-out")
def _(w: World) -> Table:
    header = ["item", "r1", "r2", "r3"]
    hole = {(p.key, who) for p in w.pairs for who in w.crew if w.random.random() < 0.2}
    word = lambda v: w.random.choice(["None", "#N/A", "."]) if (v.pair.key, v.who) in hole else v.said("0", "1", "2")  # noqa: E731
    lines = [[p.key, *(word(v) for v in w.of(p))] for p in w.pairs]
    who = dict(zip(w.crew, header[1:], strict=True))
    truth = [(v.pair.key, who[v.who], v.said("0", "1", "2")) for v in w.votes if (v.pair.key, v.who) not in hole]
    return Table(content=grid([header, *lines]), truth=truth, by="value")


@layout("long-item-worker-label")
def _(w: World) -> Table:
    rows = [{"item": v.pair.key, "worker": v.who, "label": v.said("A", "B", "=")} for v in w.votes]
    return Table(content=csv_file(rows), truth=w.truth("side"), by="side")


@layout("long-task-rater-choice")
def _(w: World) -> Table:
    rows = [{"task": v.pair.key, "rater": v.who, "choice": v.said("left", "right", "tie")} for v in w.votes]
    return Table(content=csv_file(rows), truth=w.truth("side"), by="side")


@layout("long-index-column-first")
def _(w: World) -> Table:
    rows = [
        {"": i, "unit": v.pair.key, "coder": v.who, "code": v.said("econ", "sport", "other")}
        for i, v in enumerate(w.votes)
    ]
    truth = [(v.pair.key, v.who, v.said("econ", "sport", "other")) for v in w.votes]
    return Table(content=csv_file(rows), truth=truth, by="value", mapping={"item": "unit", "label": "code"})


@layout("long-ratings-three-columns")
def _(w: World) -> Table:
    rate = {(v.pair.key, v.who): w.random.randint(1, 7) for v in w.votes}
    rows = [{"stimulus": v.pair.key, "subject": v.who, "rating": rate[v.pair.key, v.who]} for v in w.votes]
    truth = [(v.pair.key, v.who, str(rate[v.pair.key, v.who])) for v in w.votes]
    return Table(content=csv_file(rows), truth=truth, by="value", mapping={"item": "stimulus", "label": "rating"})


@layout("long-with-free-text-and-demographics")
def _(w: World) -> Table:
    said = {(v.pair.key, v.who): w.random.choice(["Yes", "No", "Unsure"]) for v in w.votes}
    rows = [
        {
            "row": i + 1,
            "rater_id": v.who,
            "rater_age": {"w07": "18-24", "w11": "35-44", "w23": "55+"}[v.who],
            "rater_locale": "US",
            "item_id": v.pair.key,
            "context": v.pair.prompt,
            "reply": v.pair.a,
            "is_harmful": said[v.pair.key, v.who],
            "comment": w.random.choice(["", "not sure", "seems fine to me", "hm"]),
        }
        for i, v in enumerate(w.votes)
    ]
    truth = [(v.pair.key, v.who, said[v.pair.key, v.who]) for v in w.votes]
    return Table(content=csv_file(rows), truth=truth, by="value", mapping={"item": "item_id", "label": "is_harmful"})


@layout("winner-loser-songs", ties=False)
def _(w: World) -> Table:
    rows, truth = [], []
    for v in w.votes:
        one, two = sorted(w.random.sample(["song1", "song2", "song3", "song4"], 2))
        won, lost = (one, two) if w.random.random() < 0.6 else (two, one)
        rows.append({"rater": v.who, "winner": won, "loser": lost})
        truth.append((f"{one}/{two}", v.who, won))
    return Table(content=csv_file(rows), truth=truth)


@layout("winner-loser-with-prompt", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "prompt": v.pair.prompt,
            "winner": v.said(v.pair.a, v.pair.b),
            "loser": v.said(v.pair.b, v.pair.a),
            "evaluator": v.who,
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("winner-loser-models-per-question", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "question_id": v.pair.key,
            "judge": v.who,
            "winner_model": v.pair.named(v.pick, "model"),
            "loser_model": v.pair.named({"A": "B", "B": "A"}[v.pick], "model"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth("model"), by="model")


@layout("winner-is-response-text", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "annotator": v.who,
            "prompt": v.pair.prompt,
            "response_1": v.pair.a,
            "response_2": v.pair.b,
            "preferred_response": v.said(v.pair.a, v.pair.b),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("winner-is-file-name", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "listener": v.who,
            "file_1": f"{v.pair.key}_{v.pair.model_a}.wav",
            "file_2": f"{v.pair.key}_{v.pair.model_b}.wav",
            "preference": f"{v.pair.key}_{v.pair.named(v.pick, 'model')}.wav",
        }
        for v in w.votes
    ]
    truth = [(i, who, f"{i}_{x}.wav") for i, who, x in w.truth("model")]
    return Table(content=csv_file(rows), truth=truth)


@layout("winner-is-image-id", ties=False)
def _(w: World) -> Table:
    rows, truth = [], []
    for v in w.votes:
        one, two = sorted(w.random.sample(range(100, 105), 2))
        won = one if w.random.random() < 0.6 else two
        rows.append({"user_id": v.who, "image_left": one, "image_right": two, "selected_image": won})
        truth.append((f"{one}/{two}", v.who, str(won)))
    return Table(content=csv_file(rows), truth=truth)


@layout("place-pulse-like", ties=True)
def _(w: World) -> Table:
    rows = [
        {
            "left_id": f"50{v.pair.key}a",
            "right_id": f"50{v.pair.key}b",
            "winner": v.said("left", "right", "equal"),
            "category": "lively",
            "voter": v.who,
        }
        for v in w.votes
    ]
    truth = [(v.pair.key, v.who, v.said(f"50{v.pair.key}a", f"50{v.pair.key}b", "=")) for v in w.votes]
    return Table(content=csv_file(rows), truth=truth)


@layout("choice-by-number-in-words")
def _(w: World) -> Table:
    rows = [
        {
            "pair_no": v.pair.key,
            "assessor": v.who,
            "text1": v.pair.a,
            "text2": v.pair.b,
            "better": v.said("first", "second", "neither"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth(), labels={"neither": "="})


@layout("choice-symbols")
def _(w: World) -> Table:
    rows = [
        {
            "query": v.pair.prompt,
            "result_a": v.pair.a,
            "result_b": v.pair.b,
            "assessor": v.who,
            "cmp": v.said(">", "<", "="),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth(), mapping={"label": "cmp", "annotator": "assessor"})


@layout("graded-words-five")
def _(w: World) -> Table:
    rows = [
        {
            "id": v.pair.key,
            "user": v.who,
            "a": v.pair.a,
            "b": v.pair.b,
            "judgement": v.said(
                w.random.choice(["A much better", "A slightly better"]),
                w.random.choice(["B much better", "B slightly better"]),
                "Equal",
            ),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth())


@layout("jsonl-nested-annotation-list")
def _(w: World) -> Table:
    rows = [
        {
            "id": p.key,
            "prompt": p.prompt,
            "responses": [p.a, p.b],
            "annotations": [
                {"annotator": v.who, "choice": v.said("A", "B", "tie"), "time": v.seconds} for v in w.of(p)
            ],
        }
        for p in w.pairs
    ]
    return Table(content=json_lines(rows), truth=w.truth())


@layout("jsonl-votes-by-name")
def _(w: World) -> Table:
    rows = [
        {
            "pair_id": p.key,
            "response_a": p.a,
            "response_b": p.b,
            "votes": {v.who: v.said("A", "B", "tie") for v in w.of(p)},
        }
        for p in w.pairs
    ]
    return Table(content=json_lines(rows), truth=w.truth())


@layout("ranking-columns", ties=False)
def _(w: World) -> Table:
    rows = [
        {
            "prompt_id": v.pair.key,
            "rater": v.who,
            "response_a": v.pair.a,
            "response_b": v.pair.b,
            "rank_a": v.said("1", "2"),
            "rank_b": v.said("2", "1"),
        }
        for v in w.votes
    ]
    mapping = {"item": "prompt_id", "annotator": "rater", "label": "rank_a,rank_b"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping)


@layout("rating-per-response-long")
def _(w: World) -> Table:
    rows, truth = [], []
    for v in w.votes:
        for model, text in ((v.pair.model_a, v.pair.a), (v.pair.model_b, v.pair.b)):
            rate = str(w.random.randint(1, 5))
            rows.append({"prompt_id": v.pair.key, "model": model, "response": text, "annotator": v.who, "rating": rate})
            truth.append((f"{v.pair.key}/{model}", v.who, rate))
    mapping = {"item": "response", "annotator": "annotator", "label": "rating"}
    return Table(content=csv_file(rows), truth=truth, by="value", mapping=mapping)


@layout("rating-columns-a-and-b")
def _(w: World) -> Table:
    rows = []
    for v in w.votes:
        low = w.random.randint(1, 4)
        a, b = {"A": (low + 1, low), "B": (low, low + 1), "=": (low, low)}[v.pick]
        rows.append(
            {
                "item_id": v.pair.key,
                "rater_id": v.who,
                "response_a": v.pair.a,
                "response_b": v.pair.b,
                "rating_a": a,
                "rating_b": b,
            }
        )
    mapping = {"item": "item_id", "annotator": "rater_id", "label": "rating_a,rating_b"}
    return Table(content=csv_file(rows), truth=w.truth(), mapping=mapping)
