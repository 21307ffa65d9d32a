"""Survey tools: one row a respondent, one column a question, headers of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.formats.layouts.world import NAMES, Table, World, csv_file, grid, layout

_FIVE = {"pairs": 8, "crew": NAMES}


def _form(
    w: World, first: str, name: str, question: str, said: Sequence[str], moment: str, **dialect: Any
) -> dict[str, bytes]:
    """A Google form: a time, a name, and a question a pair."""
    header = [first, name, *(question.format(i + 1) for i in range(len(w.pairs)))]
    lines = [
        [votes[0].start.strftime(moment), votes[0].who, *(v.said(*said) for v in votes)] for votes in w.by_person()
    ]
    return grid([header, *lines], "Form responses.csv", **dialect)


@layout("google-form-english", **_FIVE)
def _(w: World) -> Table:
    content = _form(
        w,
        "Timestamp",
        "What is your name?",
        "Question {}: which reply do you prefer?",
        ("Reply A", "Reply B", "No preference"),
        "%m/%d/%Y %H:%M:%S",
    )
    return Table(content=content, truth=w.truth("side"), by="side")


@layout("google-form-email", **_FIVE)
def _(w: World) -> Table:
    header = ["Timestamp", "Email Address", *(f"Pair {i + 1}" for i in range(len(w.pairs)))]
    lines = [
        [votes[0].start.strftime("%Y/%m/%d %I:%M:%S %p GMT+1"), f"{votes[0].who}@example.org"]
        + [v.said("Left", "Right", "Same") for v in votes]
        for votes in w.by_person()
    ]
    truth = [(i, f"{who}@example.org", x) for i, who, x in w.truth("side")]
    return Table(content=grid([header, *lines]), truth=truth, by="side")


@layout("google-form-anonymous", **_FIVE)
def _(w: World) -> Table:
    header = ["Timestamp", *(f"Which poem is better? [{i + 1}]" for i in range(len(w.pairs)))]
    lines = [
        [votes[0].start.strftime("%m/%d/%Y %H:%M:%S")] + [v.said("Poem A", "Poem B", "Equal") for v in votes]
        for votes in w.by_person()
    ]
    return Table(content=grid([header, *lines]), truth=w.truth("side", who=False), by="side")


@layout("google-form-german", **_FIVE)
def _(w: World) -> Table:
    content = _form(
        w,
        "Zeitstempel",
        "Ihr Name",
        "Paar {}: Welche Antwort ist besser?",
        ("Antwort A", "Antwort B", "Gleich gut"),
        "%d.%m.%Y %H:%M:%S",
    )
    return Table(content=content, truth=w.truth("side"), by="side")


@layout("google-form-french", **_FIVE)
def _(w: World) -> Table:
    content = _form(
        w,
        "Horodateur",
        "Votre nom",
        "Paire {} : quelle réponse est la meilleure ?",
        ("Réponse A", "Réponse B", "Égalité"),
        "%d/%m/%Y %H:%M:%S",
    )
    return Table(content=content, truth=w.truth("side"), by="side")


@layout("google-form-spanish", **_FIVE)
def _(w: World) -> Table:
    content = _form(
        w,
        "Marca temporal",
        "Nombre",
        "Pareja {}: ¿qué respuesta es mejor?",
        ("Respuesta A", "Respuesta B", "Empate"),
        "%d/%m/%Y %H:%M:%S",
    )
    return Table(content=content, truth=w.truth("side"), by="side")


@layout("google-form-japanese", **_FIVE)
def _(w: World) -> Table:
    content = _form(
        w,
        "タイムスタンプ",
        "お名前",
        "ペア{}：どちらの回答が良いですか？",
        ("回答A", "回答B", "同じ"),
        "%Y/%m/%d %H:%M:%S",
    )
    return Table(content=content, truth=w.truth("side"), by="side")


@layout("google-form-chinese", **_FIVE)
def _(w: World) -> Table:
    content = _form(
        w,
        "时间戳记",
        "姓名",
        "第{}组：哪个回答更好？",
        ("回答A", "回答B", "一样好"),
        "%Y/%m/%d %H:%M:%S",
    )
    return Table(content=content, truth=w.truth("side"), by="side")


@layout("google-form-ratings", **_FIVE)
def _(w: World) -> Table:
    rate = {(v.pair.key, v.who): w.random.randint(1, 5) for v in w.votes}
    header = ["Timestamp", "Name", *(f"How good is summary {i + 1}?" for i in range(len(w.pairs)))]
    lines = [
        [votes[0].start.strftime("%m/%d/%Y %H:%M:%S"), votes[0].who, *(rate[v.pair.key, v.who] for v in votes)]
        for votes in w.by_person()
    ]
    truth = [(v.pair.key, v.who, str(rate[v.pair.key, v.who])) for v in w.votes]
    return Table(content=grid([header, *lines]), truth=truth, by="value")


_QUALTRICS = ("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished")
_LONG = ("Start Date", "End Date", "Response Type", "IP Address", "Progress", "Duration (in seconds)", "Finished")


def _qualtrics(w: World, questions: Sequence[str], texts: Sequence[str], said: Sequence[str], headers: int) -> Any:
    first = [*_QUALTRICS, "RecordedDate", "ResponseId", *questions, "PROLIFIC_PID"]
    second = [*_LONG, "Recorded Date", "Response ID", *texts, "PROLIFIC_PID"]
    third = [f'{{"ImportId":"{name}"}}' for name in first]
    lines = []
    for k, votes in enumerate(w.by_person()):
        start, end = votes[0].start.strftime("%Y-%m-%d %H:%M:%S"), votes[0].end.strftime("%Y-%m-%d %H:%M:%S")
        lines.append(
            [start, end, "IP Address", "*******", 100, votes[0].seconds, "True", end, f"R_{k}xYz"]
            + [v.said(*said) for v in votes]
            + [f"pp{votes[0].who}"]
        )
    return grid([*[first, second, third][:headers], *lines], "Study_March.csv")


@layout("qualtrics-three-header-rows", **_FIVE)
def _(w: World) -> Table:
    n = range(1, len(w.pairs) + 1)
    content = _qualtrics(
        w,
        [f"Q{i + 2}" for i in n],
        [f"Which answer do you prefer? (pair {i})" for i in n],
        ("Answer A", "Answer B", "They are equal"),
        3,
    )
    return Table(content=content, truth=[(i, f"pp{who}", x) for i, who, x in w.truth("side")], by="side")


@layout("qualtrics-loop-and-merge", **_FIVE)
def _(w: World) -> Table:
    n = range(1, len(w.pairs) + 1)
    content = _qualtrics(
        w,
        [f"{i}_Q5" for i in n],
        ["Which summary is better?" for _ in n],
        ("Summary 1", "Summary 2", "Tie"),
        3,
    )
    return Table(content=content, truth=[(i, f"pp{who}", x) for i, who, x in w.truth("side")], by="side")


@layout("qualtrics-one-header-row", **_FIVE)
def _(w: World) -> Table:
    n = range(1, len(w.pairs) + 1)
    content = _qualtrics(
        w,
        [f"Pair_{i}" for i in n],
        [""] * len(w.pairs),
        ("Left", "Right", "Neither"),
        1,
    )
    return Table(content=content, truth=[(i, f"pp{who}", x) for i, who, x in w.truth("side")], by="side")


def _monkey(w: World, second: bool) -> dict[str, bytes]:
    """Who cannot decide has made no judgement: it counts as a skip, never as a tie."""
    fixed = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name"]
    header = [*fixed, *(f"Pair {i + 1}: Which version reads better?" for i in range(len(w.pairs)))]
    lines = [
        [
            118000 + k,
            4321,
            votes[0].start.strftime("%m/%d/%Y %I:%M:%S %p"),
            votes[0].end.strftime("%m/%d/%Y %I:%M:%S %p"),
        ]
        + ["", "", ""]
        + [v.said("Version A", "Version B", "Can't decide") for v in votes]
        for k, votes in enumerate(w.by_person())
    ]
    below = [["", "", "", "", "", "", "", *["Response"] * len(w.pairs)]] if second else []
    return grid([header, *below, *lines])


@layout("surveymonkey-two-header-rows", **_FIVE)
def _(w: World) -> Table:
    ids = {who: str(118000 + k) for k, who in enumerate(w.crew)}
    return Table(
        content=_monkey(w, True), truth=[(i, ids[who], x) for i, who, x in w.truth("side", but="=")], by="side"
    )


@layout("surveymonkey-one-header-row", **_FIVE)
def _(w: World) -> Table:
    ids = {who: str(118000 + k) for k, who in enumerate(w.crew)}
    return Table(
        content=_monkey(w, False), truth=[(i, ids[who], x) for i, who, x in w.truth("side", but="=")], by="side"
    )


@layout("microsoft-forms", **_FIVE)
def _(w: World) -> Table:
    header = ["ID", "Start time", "Completion time", "Email", "Name"]
    header += [f"Pair {i + 1}. Which of the two texts is better?" for i in range(len(w.pairs))]
    lines = [
        [k + 1, votes[0].start.strftime("%m/%d/%y %H:%M:%S"), votes[0].end.strftime("%m/%d/%y %H:%M:%S"), "anonymous"]
        + [votes[0].who, *(v.said("Text A", "Text B", "Same") for v in votes)]
        for k, votes in enumerate(w.by_person())
    ]
    return Table(content=grid([header, *lines]), truth=w.truth("side"), by="side")


@layout("typeform", **_FIVE)
def _(w: World) -> Table:
    header = ["#", *(f"*Pair {i + 1}*: which one wins?" for i in range(len(w.pairs)))]
    header += ["Start Date (UTC)", "Submit Date (UTC)", "Network ID"]
    lines = [
        [f"k{k}j2", *(v.said("A", "B", "Draw") for v in votes)]
        + [votes[0].start.strftime("%Y-%m-%d %H:%M:%S"), votes[0].end.strftime("%Y-%m-%d %H:%M:%S"), f"n{votes[0].who}"]
        for k, votes in enumerate(w.by_person())
    ]
    truth = w.truth("side", who=False)
    return Table(content=grid([header, *lines]), truth=truth, by="side")


@layout("limesurvey", **_FIVE)
def _(w: World) -> Table:
    header = ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page", "startlanguage. Start language"]
    header += [f"G1Q{i + 1:02d}. Which translation is better?" for i in range(len(w.pairs))]
    lines = [
        [k + 1, votes[0].end.strftime("%Y-%m-%d %H:%M:%S"), 3, "en"]
        + [v.said("Translation A", "Translation B", "No difference") for v in votes]
        for k, votes in enumerate(w.by_person())
    ]
    ids = {who: str(k + 1) for k, who in enumerate(w.crew)}
    return Table(content=grid([header, *lines]), truth=[(i, ids[who], x) for i, who, x in w.truth("side")], by="side")


@layout("kobo-semicolon", **_FIVE)
def _(w: World) -> Table:
    header = ["start", "end", "username", *(f"pairs/pair_{i + 1}" for i in range(len(w.pairs)))]
    header += ["_id", "_uuid", "_submission_time", "_index"]
    lines = [
        [votes[0].start.isoformat() + "+01:00", votes[0].end.isoformat() + "+01:00", votes[0].who]
        + [v.said("option_a", "option_b", "equal") for v in votes]
        + [31000 + k, f"9f-{k}", votes[0].end.isoformat(), k + 1]
        for k, votes in enumerate(w.by_person())
    ]
    return Table(content=grid([header, *lines], delimiter=";"), truth=w.truth("side"), by="side")


@layout("redcap", **_FIVE)
def _(w: World) -> Table:
    header = ["record_id", *(f"pair{i + 1}" for i in range(len(w.pairs))), "pairs_complete"]
    lines = [[votes[0].who, *(v.said("A", "B", "Tie") for v in votes), "Complete"] for votes in w.by_person()]
    return Table(content=grid([header, *lines]), truth=w.truth("side"), by="side")


@layout("respondents-as-rows-plain", **_FIVE)
def _(w: World) -> Table:
    header = ["rater", *(p.key for p in w.pairs)]
    lines = [[votes[0].who, *(v.said("A", "B", "=") for v in votes)] for votes in w.by_person()]
    return Table(content=grid([header, *lines]), truth=w.truth("side"), by="side")


@layout("survey-long-question-rows", **_FIVE)
def _(w: World) -> Table:
    rows = [
        {
            "respondent_id": v.who,
            "question_no": int(v.pair.key[1:]),
            "question_text": v.pair.prompt,
            "answer_a": v.pair.a,
            "answer_b": v.pair.b,
            "selected": v.said("a", "b", "both"),
        }
        for v in w.votes
    ]
    return Table(content=csv_file(rows), truth=w.truth(), labels={"both": "="})
