"""The command line as people and pipelines use it: exit codes, one-line errors, JSON that other programs can read."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import workbench
from workbench.cli import main


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    """Three annotators on four pairs, one skip, one word nobody knows."""
    path = tmp_path / "votes.csv"
    rows = ["pair,who,vote,left,right"]
    rows += [
        f"{i},{who},{vote},x{i},y{i}"
        for who, given in (("ann", "AABB"), ("bob", "AAB="), ("cy", "AB-C"))
        for i, vote in enumerate(given)
    ]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


MAP = [
    "--map",
    "item=pair",
    "--map",
    "annotator=who",
    "--map",
    "label=vote",
    "--map",
    "response_a=left",
    "--map",
    "response_b=right",
]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_audit_json_has_every_part_of_the_contract(votes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "audit", votes, *MAP, "--json")
    found = json.loads(out)
    assert code == 0
    assert set(found) >= {
        "workbench",
        "key",
        "sources",
        "format",
        "counts",
        "labels",
        "agreement",
        "annotators",
        "speed",
        "reversals",
        "findings",
        "verdict",
    }
    assert found["counts"] == {
        "rows_read": 12,
        "annotations": 10,
        "items": 4,
        "items_with_overlap": 4,
        "annotators": 3,
        "repeats": 0,
        "skips": 2,
        "set_aside": {},
    }
    assert found["labels"] == {"scale": ["A", "=", "B"], "counts": {"A": 5, "=": 1, "B": 4}}
    agreement = found["agreement"]
    assert {"krippendorff_alpha", "fleiss_kappa", "gwet_ac1", "gwet_ac2", "percent_agreement", "cohen_kappa"} <= set(
        agreement
    )
    assert set(agreement["krippendorff_alpha"]) == {"nominal", "ordinal", "interval"}
    for measure in (*agreement["krippendorff_alpha"].values(), agreement["percent_agreement"]):
        assert {"value", "same_crew", "new_crew", "n", "reason"} <= set(measure)
    # Items: AAA 1, AAB 1/3, BB 1, B= 0: (1 + 1/3 + 1 + 0) / 4.
    assert agreement["percent_agreement"]["value"] == pytest.approx(7 / 12)
    ann_bob = next(p for p in agreement["cohen_kappa"] if set(p["annotators"]) == {"ann", "bob"})
    assert (ann_bob["items"], ann_bob["percent"]) == (4, 0.75)
    assert found["verdict"]["status"] in ("ready", "review", "stop")
    assert {f["code"] for f in found["findings"]} >= {"unreadable-labels"}


def test_audit_text_says_the_verdict_first(votes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "audit", votes, *MAP)
    assert code == 0
    first = out.splitlines()[0]
    assert first.startswith("Too few to say: 4 of 4 items")
    assert "10 annotations of 4 items by 3 annotators" in out


def test_out_writes_the_file_and_keeps_standard_output_clean(
    votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "audit", votes, *MAP, "--json", "--out", tmp_path / "audit.json")
    assert (code, out) == (0, "")
    assert "audit.json" in err
    assert json.loads((tmp_path / "audit.json").read_text("utf-8"))["counts"]["items"] == 4


def test_pairs_limits_the_list_and_says_how_many_are_left_out(votes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "audit", votes, *MAP, "--json", "--pairs", "1")
    agreement = json.loads(out)["agreement"]
    assert (len(agreement["cohen_kappa"]), agreement["cohen_kappa_left_out"]) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit", "nowhere.csv"], "nowhere.csv"),
        (["audit", "{votes}", "--map", "item"], "FIELD=COLUMN"),
        (["audit", "{votes}", "--map", "colour=vote"], "colour"),
        (["audit", "{votes}", "--map", "item=pairs", "--map", "label=vote"], "pairs"),
        (["audit", "{votes}", *MAP, "--scale", "ninepins"], "ninepins"),
        (["audit", "{votes}", *MAP, "--labels", "A"], "VALUE=LABEL"),
        (["audit", "{votes}", *MAP, "--labels", "?=C"], "C"),
        (["audit", "{votes}", *MAP, "--pairs", "many"], "many"),
        (["audit", "{votes}", "--format", "nosuch"], "nosuch"),
        (["convert", "{votes}", *MAP, "--to", "nosuch", "--out", "x"], "nosuch"),
        (["simulate", "--annotations", "5", "--out", "{folder}"], "5"),
        (["simulate", "--out", "{folder}/made.csv"], "Name one without an ending"),
        (["audit", "{folder}/nothing/*.json"], "nothing"),
        (["check", "{votes}", *MAP, "--max-missing", "5"], "5%"),
        (["check", "{votes}", *MAP, "--min-alpha", "-3"], "-3"),
        (["aggregate", "{votes}", *MAP, "--method", "nosuch"], "nosuch"),
        (["aggregate", "{votes}", *MAP, "--out", "{folder}/labels.doc"], "labels.doc"),
        (["aggregate", "{votes}", *MAP, "--method", "crowdlab"], "Give them with --probabilities"),
        (["aggregate", "{votes}", *MAP, "--probabilities", "nowhere.csv"], "nowhere.csv"),
        (["aggregate", "{votes}", *MAP, "--probabilities", "{votes}"], "no column of item ids"),
        (["aggregate", "{votes}", *MAP, "--probabilities", "{votes}", "--method", "mace"], "takes no probabilities"),
        (["aggregate", "{votes}", *MAP, "--clamp-gold", "--gold-use", "half"], "--gold-use half"),
    ],
)
def test_bad_input_is_one_readable_line_and_exit_2(
    arguments: list[str], said: str, votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *(a.format(votes=votes, folder=tmp_path) for a in arguments))
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [[], ["nosuch"], ["audit"], ["convert", "x.csv"]])
def test_usage_errors_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "--help" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["audit", "check", "aggregate", "convert", "simulate"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert "--out" in capsys.readouterr().out


def test_labels_option_gives_unknown_words_a_meaning(votes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(
        capsys,
        "audit",
        votes,
        *MAP,
        "--json",
        "--labels",
        "C==",
        "--labels",
        "A=A",
        "--labels",
        "B=B",
        "--labels",
        "===",
    )
    assert json.loads(out)["labels"]["counts"] == {"A": 5, "=": 2, "B": 4}


def test_hashed_annotators_leave_agreement_as_it_is(votes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, hashed = (
        json.loads(run(capsys, "audit", votes, *MAP, "--json", *more)[1]) for more in ([], ["--hash-annotators"])
    )
    assert plain["agreement"]["krippendorff_alpha"] == hashed["agreement"]["krippendorff_alpha"]
    assert {a["annotator"] for a in plain["annotators"]} == {"ann", "bob", "cy"}
    assert all(a["annotator"].startswith("w-") for a in hashed["annotators"])


def test_convert_to_the_own_form_keeps_the_key(votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "convert", votes, *MAP, "--to", "workbench", "--out", tmp_path / "votes.pwb")
    assert code == 0
    mapping = dict(m.split("=") for m in MAP[1::2])
    assert workbench.load(out.strip()).key == workbench.load(votes, mapping=mapping).key


def test_convert_to_training_rows(votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = run(
        capsys, "convert", votes, *MAP, "--map", "prompt=pair", "--to", "trl", "--out", tmp_path / "train.jsonl"
    )
    rows = pd.read_json(tmp_path / "train.jsonl", lines=True)
    assert code == 0
    # Votes: AAA, AAB, BB, and B with a tie, which counts half for each side.
    assert rows["chosen"].tolist() == ["x0", "x1", "y2", "y3"]
    assert rows["p_chosen"].tolist() == pytest.approx([1, 2 / 3, 1, 3 / 4])


def test_simulate_writes_something_audit_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "simulate", "--annotations", 2_000, "--annotators", 12, "--seed", 4, "--out", tmp_path / "made"
    )
    assert code == 0
    written = [line for line in out.splitlines() if line.endswith(".pwb")]
    code, out, _ = run(capsys, "audit", written[0], "--json")
    assert code == 0
    assert json.loads(out)["counts"]["annotators"] == 12


def test_check_without_lines_follows_the_verdict(
    votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Few items: the verdict is not better than review, so strict fails.
    code, out, _ = run(capsys, "check", votes, *MAP, "--strict")
    assert code == 1
    assert out.startswith("Failed: verdict")
    alone = tmp_path / "alone.csv"
    alone.write_text("pair,who,vote\n1,ann,left\n2,bob,right\n", "utf-8")
    code, out, _ = run(capsys, "check", alone, "--map", "item=pair", "--map", "annotator=who", "--map", "label=vote")
    assert code == 1
    assert "overlap" in out


def test_check_holds_figures_against_lines(votes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Percent agreement is 7/12 = .583; 2 of 12 judgements are missing.
    code, out, _ = run(
        capsys,
        "check",
        votes,
        *MAP,
        "--json",
        "--min-percent",
        "0.58",
        "--max-missing",
        "0.17",
        "--min-annotators",
        "3",
    )
    found = json.loads(out)
    assert (code, found["passed"]) == (0, True)
    code, out, _ = run(capsys, "check", votes, *MAP, "--json", "--min-percent", "0.59", "--max-missing", "0.16")
    assert code == 1
    assert {c["name"]: c["passed"] for c in json.loads(out)["checks"]} == {"min-percent": False, "max-missing": False}


def test_a_line_that_cannot_be_checked_is_not_met(votes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", votes, *MAP, "--min-gold-accuracy", "0.1")
    assert code == 1
    assert "there is no gold" in out


def test_aggregate_says_what_became_of_the_gold(
    votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content, said in (
        ("item,label\nnobody,A\n", "The gold file names 1 item not in the annotations"),
        ("item,label\n0,perhaps\n", "1 gold label is not on the scale"),
    ):
        (tmp_path / "gold.csv").write_text(content)
        code, out, err = run(capsys, "aggregate", votes, *MAP, "--gold", tmp_path / "gold.csv")
        assert code == 0
        assert "Not compared with gold: no gold." in out
        assert said in err


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    (tmp_path / "gold.csv").write_text("item,label\n0,A\n1,B\n2,B\n3,B\n")
    return tmp_path / "gold.csv"


@pytest.mark.parametrize("compare", [[], ["--compare"]])
@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_gold_that_was_all_given_judges_nothing_and_half_of_it_can(
    votes: Path, gold: Path, compare: list[str], json_too: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "aggregate", votes, *MAP, "--gold", gold, "--clamp-gold", *compare, *json_too)
    assert code == 0
    assert "No gold is left to judge by. With --gold-use half" in err
    assert "nan" not in out.lower()
    code, out, err = run(capsys, "aggregate", votes, *MAP, "--gold", gold, "--gold-use", "half", *compare, *json_too)
    assert "No gold is left" not in err
    assert ("2 gold items" in out) if not json_too else ('"gold_n": 2' in out)


def test_compare_is_a_table_that_can_be_read(votes: Path, gold: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "aggregate", votes, *MAP, "--gold", gold, "--compare")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split("  ")[0] == "Method"
    assert "beside Consensus, points" in lines[0]
    majority = next(line for line in lines if line.startswith("Majority vote"))
    assert "62.5% [" in majority  # A, B against A, B, B against a tie: 1 + 0 + 1 + 1/2 of four
    assert "gold_accuracy_strict" not in out
    assert "crowdlab did not run: CROWDLAB needs probabilities." in err


def test_crowdlab_takes_a_file_of_probabilities(
    votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.csv").write_text("item_id,p_a\n3,0.2\n0,0.9\nnobody,0.5\n")
    code, out, err = run(
        capsys, "aggregate", votes, *MAP, "--probabilities", tmp_path / "p.csv", "--out", tmp_path / "labels.csv"
    )
    assert code == 0
    assert out.startswith("crowdlab: 4 of 4 items decided")  # the tie of the fourth item is decided by the classifier
    assert pd.read_csv(tmp_path / "labels.csv")["label"].tolist()[3] == "B"
    assert "p.csv: probabilities for 2 items; none for 2 items with judgements" in err
    assert "1 row of items that are not in the annotations" in err
    code, out, err = run(capsys, "aggregate", votes, *MAP, "--probabilities", tmp_path / "p.csv", "--compare")
    assert "CROWDLAB" in out
    assert "crowdlab did not run" not in err


def test_aggregate_writes_a_row_an_item(votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "aggregate", votes, *MAP, "--method", "majority", "--out", tmp_path / "labels.csv", "--json"
    )
    summary, labels = json.loads(out), pd.read_csv(tmp_path / "labels.csv")
    assert code == 0
    assert (summary["items"], summary["labels_used"]) == (4, 10)
    # AAA, AAB, BB, and B against a tie: undecided.
    assert labels["label"].fillna("").tolist() == ["A", "A", "B", ""]
    assert labels["p.A"].round(3).tolist() == [1.0, 0.667, 0.0, 0.0]
    assert summary["items_undecided"] == {"tied": 1}
