"""What is in a report, and what is not: numbers of the audit, no name, no text, nothing that runs."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.hostile_data import ATTACKS, HOST, hostile_set, small_sets
from tests.report.made import audited, demo_report
from workbench.auditing.audit import audit
from workbench.cleaning import Cleaning, cleaning_effect, gather_evidence
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import Export, assemble
from workbench.economics import cost, inputs_from, preset
from workbench.hashing import hash_id
from workbench.report import (
    Report,
    TrainedModel,
    costs_code,
    csv_texts,
    finished_models,
    make_report,
    usual_cleaning,
    write_csv,
    write_json,
)
from workbench.report.intervals import of_mean, of_median, of_share, wilson
from workbench.report.labelling import gold_costs
from workbench.report.written import write_span

HARMLESS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "nav",
    "section",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "br",
    "a",
    "bdi",
    "b",
    "small",
    "span",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "figcaption",
    "details",
    "summary",
    "pre",
    "code",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "svg",
    "line",
    "path",
    "text",
    "tspan",
    "rect",
}


class Reader(HTMLParser):
    """What a browser would see: tags, attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return "".join(self.said)


def harmless(page: str) -> Reader:
    """The page, when nothing in it can run or ask for anything."""
    found = Reader(page)
    assert set(found.tags) <= HARMLESS
    for name, value in found.attributes:
        assert not name.startswith("on")
        assert name not in ("src", "srcset", "data", "action", "background", "xlink:href")
        if name == "href":
            assert value is not None
            assert value.startswith("#")
        if name == "style":
            assert value is not None
            assert "url(" not in value
    assert "default-src 'none'" in page
    return found


def named() -> AnnotationSet:
    """Data whose every text and id is a word of its own."""
    n = 40
    items = pd.DataFrame(
        {
            "item_id": [f"secretitem{i}" for i in range(n)],
            "prompt": [f"secretprompt{i}" for i in range(n)],
            "response_a": [f"secretleft{i}" for i in range(n)],
            "response_b": [f"secretright{i}" for i in range(n)],
        }
    )
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        [
            {
                "item_row": i,
                "annotator": f"secretperson{(i + j) % 5}",
                "label": "AB"[int(rng.random() < 0.3)],
                "comment": f"secretcomment{i}",
            }
            for i in range(n)
            for j in range(3)
        ]
    )
    return assemble([Export(items=items, rows=rows, source="votes.csv", format="columns", sides=True)])


def everything(report: Report) -> str:
    """All that the report writes anywhere."""
    return report.to_html() + json.dumps(report.to_dict()) + "".join(t.decode() for t in csv_texts(report).values())


class TestNumbers:
    def test_every_figure_of_the_audit_stands_in_the_report(self) -> None:
        result, report = audited(), demo_report()
        of = {f.name: f for s in report.sections for f in s.figures}
        for key, estimate in result.agreement.items():
            figure = of[f"agreement.{key}"]
            assert figure.value == estimate.value
            assert [(s.about, s.low, s.high) for s in figure.spans] == [
                (i.crew, i.low, i.high) for i in (estimate.same_crew, estimate.new_crew) if i
            ]
            assert (figure.n, figure.of) == (estimate.n, estimate.n + estimate.n_set_aside)
        assert of["reversals.between"].value == result.reversals.between.rate.value
        assert of["reversals.cycles.majority"].value == result.reversals.cycles.majority.cyclic
        assert of["labels.consensus.gold_accuracy"].value == result.labelled.scores["consensus"].accuracy
        assert of["verdict.status"].value == result.verdict.status

    def test_the_page_shows_each_figure_as_it_is_written(self) -> None:
        said = unescape(demo_report().to_html()).replace("\u00a0", " ")
        for section in demo_report().sections:
            for figure in section.figures if section.listed else ():
                assert figure.written in said, figure.name

    def test_a_number_and_its_unit_stay_on_one_line(self) -> None:
        page = demo_report().to_html()
        assert "86.1%" in page or "86.1\u00a0%" in page
        assert (
            re.search(
                r"\d (%|points)",
                Reader(re.sub("<style>.*</style>|<pre>.*?</pre>|<svg.*?</svg>", "", page, flags=re.S)).text,
            )
            is None
        )

    def test_notes_stand_below_the_name_and_take_no_column(self) -> None:
        page = demo_report().to_html()
        assert "<th>Note</th>" not in page
        row = page[page.index(">Labels that change<") :].partition("</th>")[0]
        assert "change sides.</bdi></small>" in row

    def test_json_and_csv_hold_the_same_numbers(self, tmp_path: Path) -> None:
        report = demo_report()
        found = json.loads(write_json(report, tmp_path / "r.json").read_text("utf-8"))
        written = {p.name: p for p in write_csv(report, tmp_path / "csv")}
        table = pd.read_csv(written["figures.csv"])
        assert len(table) == sum(len(s["figures"]) for s in found["sections"].values())
        row = table.set_index("name").loc["agreement.krippendorff_alpha.ordinal"]
        of_json = next(
            f for f in found["sections"]["agreement"]["figures"] if f["name"] == "agreement.krippendorff_alpha.ordinal"
        )
        assert float(row["value"]) == pytest.approx(of_json["value"])
        assert [row["same_crew_low"], row["same_crew_high"]] == pytest.approx(of_json["intervals"]["same crew"])
        assert (
            len(pd.read_csv(written["annotators.csv"]))
            == len(found["sections"]["annotators"]["tables"]["annotators"]["rows"])
            == 18
        )

    def test_the_placebo_stands_beside_what_the_usual_rules_change(self) -> None:
        result = audited()
        effect = cleaning_effect(
            result.data, Cleaning(flags=("random", "side", "speeding")), gather_evidence(result.data)
        )
        of = {f.name: f for f in demo_report().section("cleaning").figures}
        assert of["cleaning.alpha_after"].value == effect.alpha_after.value
        assert of["cleaning.placebo_alpha"].value == effect.placebo.alpha.mean
        assert of["cleaning.annotators"].value == 3

    def test_rules_of_ones_own(self) -> None:
        result = audited()
        effect = cleaning_effect(result.data, Cleaning(min_seconds=10), gather_evidence(result.data))
        section = make_report(result, cleaning=effect).section("cleaning")
        assert "Cleaning(min_seconds=10)" in section.code
        assert next(f for f in section.figures if f.name == "cleaning.set_aside").value == effect.n_set_aside

    def test_every_figure_has_an_interval_is_a_count_or_says_why_it_has_none(self) -> None:
        report = make_report(audited(), costs=cost(preset("human-gold")))
        for section in report.sections:
            for figure in section.figures:
                assert not (figure.exact and (figure.spans or figure.value is None)), figure.name
                if figure.value is not None and figure.unit not in ("count", "text"):
                    assert figure.spans or figure.exact, figure.name
        of = {f.name: f for s in report.sections for f in s.figures}
        for name in (
            "verdict.sides",
            "verdict.consistency_over_time",
            "annotators.reliability.median",
            "speed.median_seconds",
            "labels.majority.gold_direction",
            "labels.consensus.nll",
            "labels.methods_agree",
            "costs.total",
        ):
            first, *_ = of[name].spans
            assert first.low < of[name].value < first.high, name
        said = report.to_html()
        assert of["costs.weeks"].exact in said
        assert of["verdict.overlap"].exact in said

    def test_a_check_of_the_weeks_is_counted_in_the_week_it_turns_on(self) -> None:
        result = audited()
        of = {f.name: f for f in demo_report().section("verdict").figures}
        for name, parts, called in (
            ("time", result.weeks, "{}"),
            ("slices", result.slices["slice.category"], "category {}"),
        ):
            figure = of[f"verdict.consistency_{'over' if name == 'time' else 'across'}_{name}"]
            part, found = next((p, e) for p, e in parts.items() if figure.counted == f"items of {called.format(p)}")
            whole = result.direction["krippendorff_alpha.nominal"]
            assert figure.value == pytest.approx(whole.value - found.value)
            assert (figure.n, figure.of) == (found.n, found.n + found.n_set_aside)
            assert figure.spans[0].low < figure.value < figure.spans[0].high
            assert part in figure.note

    def test_the_cost_of_soft_labels_is_the_mean_of_what_its_interval_rests_on(self) -> None:
        result = audited()
        for method, score in result.labelled.scores.items():
            costs = gold_costs(result, method)
            assert len(costs) == score.n
            assert costs.mean() == pytest.approx(score.nll, rel=1e-12)

    def test_the_interval_of_a_median_by_hand(self) -> None:
        """Of ten tosses, two heads or fewer come up in 56 of 1,024: 2 P(B < 2) = 22 / 1,024 is below .05, 2 P(B < 3) =
        112 / 1,024 is not."""
        (span,) = of_median(np.array([10.0, 1, 9, 2, 8, 3, 7, 4, 6, 5]))
        assert (span.low, span.high) == (2.0, 9.0)
        assert of_median(np.arange(5.0)) == ()
        (six,) = of_median(np.arange(6.0))
        assert (six.low, six.high) == (0.0, 5.0)

    def test_the_interval_of_a_mean_follows_the_skew_and_meets_the_normal_one_in_the_large(self) -> None:
        few = np.array([0.1] * 40 + [5.0] * 4)
        (span,) = of_mean(few)
        assert span.low > 0
        assert span.high - few.mean() > few.mean() - span.low
        many = np.tile(few, 46)
        (normal,) = of_mean(many)
        assert (normal.high - normal.low) / 2 == pytest.approx(1.959964 * many.std(ddof=1) / len(many) ** 0.5)
        assert of_mean(np.array([1.0])) == of_share(None, 0) == of_share(0.5, 0) == ()

    def test_wilsons_interval_by_hand(self) -> None:
        """5 of 10: centre (.5 + z^2/20) / (1 + z^2/10) = .5, reach z sqrt(.25/10 + z^2/400) / (1 + z^2/10)."""
        low, high = wilson(np.array([0.5, 1.0]), np.array([10.0, 0.0]))
        z = 1.959964
        assert high[0] - 0.5 == pytest.approx(z * (0.025 + z * z / 400) ** 0.5 / (1 + z * z / 10))
        assert low[0] + high[0] == pytest.approx(1)
        assert np.isnan(low[1])


class TestPrivacy:
    def test_no_text_no_item_and_no_person_unless_asked_for(self) -> None:
        said = everything(make_report(audit(named())))
        assert "secret" not in said
        assert hash_id("secretperson0") in said

    def test_texts_and_ids_where_they_are_asked_for(self) -> None:
        result = audit(named())
        texts = everything(make_report(result, texts=True))
        assert "secretprompt" in texts
        assert "secretperson" not in texts
        assert "secretcomment" not in texts
        shown = everything(make_report(result, show_annotators=True))
        assert "secretperson0" in shown
        assert "secretprompt" not in shown

    def test_the_other_one_of_a_pair_of_copies_is_hashed_too(self) -> None:
        found = next(t for t in demo_report().section("annotators").tables if t.name == "flags").frame
        assert (found["kind"] == "collusion").any()
        assert "example.com" not in everything(demo_report())
        shown = next(t for t in demo_report(shown=True).section("annotators").tables if t.name == "flags").frame
        assert shown["why"].str.contains("annotator-05@example.com").any()


class TestHostile:
    def test_nothing_of_the_data_works(self) -> None:
        report = make_report(
            audit(hostile_set()),
            load=f"data = workbench.load({ATTACKS[0] + '.csv'!r})",
            title=ATTACKS[1],
            texts=True,
            show_annotators=True,
        )
        found = harmless(report.to_html())
        assert HOST in found.text
        assert ATTACKS[1] in found.text
        assert "alert(1)" in found.text
        for section in report.sections:
            compile(section.python(report.about.load), section.name, "exec")

    def test_no_cell_of_the_csv_files_is_a_formula(self) -> None:
        report = make_report(audit(hostile_set()), texts=True, show_annotators=True)
        for frame in (pd.read_csv(io.BytesIO(text)) for text in csv_texts(report).values()):
            for column in frame.select_dtypes(["object", "str"]):
                assert not frame[column].dropna().astype(str).str.startswith(("=", "+", "@")).any()

    def test_names_of_runs_and_scenarios_are_text(self) -> None:
        model = TrainedModel(
            name=ATTACKS[1], accuracy=0.7, interval=(0.6, 0.8), n=50, by_slice={ATTACKS[0]: (0.7, 0.6, 0.8, 10)}
        )
        scenario = replace(
            preset("human-gold"), name=ATTACKS[0], title=ATTACKS[1], notes=(ATTACKS[4],), source=ATTACKS[7]
        )
        costs = cost(scenario.with_values({"labels_per_item": 3}, source=ATTACKS[0]))
        harmless(make_report(audited(), cleaning="not looked at", reward_models=[model], costs=costs).to_html())


@pytest.mark.parametrize("name", list(small_sets()))
def test_data_at_the_edge_make_a_report(name: str) -> None:
    report = make_report(audit(small_sets()[name]), texts=True)
    found = harmless(report.to_html())
    assert "nan" not in found.text.lower().split()
    json.dumps(report.to_dict(), allow_nan=False)
    for section in report.sections:
        for figure in section.figures:
            assert (figure.value is None) == (figure.reason is not None), figure.name
            assert figure.value is not None or not figure.exact, figure.name
            assert figure.value is None or figure.unit in ("count", "text") or figure.spans or figure.exact, figure.name


def test_columns_that_hold_nothing_are_left_out_of_the_page() -> None:
    """Times are unknown of everybody: the files keep the column, the page does not."""
    section = make_report(audit(named()), cleaning="no").section("annotators")
    assert section.tables[-1].frame["median_seconds"].isna().all()
    page = make_report(audit(named()), cleaning="no").to_html()
    assert ">Agrees with others<" in page
    assert ">Median seconds<" not in page


def test_without_a_close_look_nobody_is_flagged_and_the_report_says_so() -> None:
    result = audit(audited().data, close_look=False)
    report = make_report(result)
    assert "was estimated" in report.section("annotators").says[0]
    assert usual_cleaning(result).startswith("annotators were not looked at closely")
    assert report.section("cleaning").absent
    assert "close_look=False" in report.section("agreement").code


RESULT = {
    "eval": {
        "accuracy": 0.81,
        "interval": [0.79, 0.83],
        "n": 3_000,
        "ece": 0.02,
        "brier": 0.14,
        "length_only_accuracy": 0.77,
        "ties": 40,
        "by_source": {
            "web": {"value": 0.8, "same_crew": [0.7, 0.9], "n": 100},
            "empty": {"value": None, "same_crew": None, "n": 0},
        },
    }
}


class TestModelsAndCosts:
    def test_a_scorecard_becomes_a_section(self, tmp_path: Path) -> None:
        (tmp_path / "result.json").write_text(json.dumps(RESULT))
        code = f"json.load(open({str(tmp_path / 'result.json')!r}))"
        section = make_report(
            audited(), cleaning="no", reward_models=[TrainedModel.from_result("head", RESULT, code, "import json")]
        ).section("reward_models")
        accuracy = section.figures[0]
        assert (accuracy.value, accuracy.n, accuracy.of) == (0.81, 3_000, 3_040)
        assert "81% of 3,000" in section.says[0]
        assert ">web<" in section.drawings[0].svg
        assert "empty" not in section.drawings[0].svg
        for figure in section.figures:
            assert eval(figure.python) == figure.value

    def test_an_interval_that_reaches_the_length_rule_is_said(self) -> None:
        close = {"eval": {**RESULT["eval"], "interval": [0.7, 0.9]}}
        section = make_report(
            audited(), cleaning="no", reward_models=[TrainedModel.from_result("head", close)]
        ).section("reward_models")
        assert "do not rule out" in section.says[0]

    def test_finished_runs_of_these_data_are_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WORKBENCH_RUNS", str(tmp_path))
        for i, (key, state) in enumerate((("mine", "done"), ("mine", "failed"), ("other", "done"))):
            folder = tmp_path / f"20260101-00000{i}-train-abcdef"
            folder.mkdir()
            made = {
                "kind": "train",
                "entry": "workbench.reward.run:train_run",
                "title": "head",
                "config": {"data": key},
                "devices": ["cpu"],
                "created_at": 1.0,
            }
            status = {
                "state": state,
                "ahead": 0,
                "attempt": 1,
                "seconds": 1.0,
                "created_at": 1.0,
                "devices": ["cpu"],
                "ended_at": 2.0,
            }
            for name, content in (("config", made), ("status", status), ("result", RESULT)):
                (folder / f"{name}.json").write_text(json.dumps(content))
        found = finished_models("mine")
        assert [m.accuracy for m in found] == [0.81]
        assert finished_models("nobody") == []

    def test_without_any_the_sections_say_so(self) -> None:
        assert demo_report().section("reward_models").absent
        assert demo_report().section("costs").absent == "No scenario of what labels cost was given to this report."
        assert (
            make_report(audited(), cleaning="no", costs="nobody chose one").section("costs").absent
            == "nobody chose one"
        )

    def test_a_scenario_of_ones_own_is_told_whole(self) -> None:
        """Whatever its inputs and whatever is written in it, the code makes the same costs without a file beside it."""
        own = (
            preset("hybrid")
            .with_inputs(inputs_from(audited().data).inputs)
            .with_values({"wage": 11.25}, source='it\'s \\ "mine"\nimport os')
        )
        names: dict[str, object] = {"data": audited().data}
        exec(costs_code(own, 12_345), names)
        assert names["costs"].to_dict() == cost(own, 12_345).to_dict()
        section = make_report(
            audited(), cleaning="no", costs=cost(own, 12_345), costs_code=costs_code(own, 12_345)
        ).section("costs")
        again: dict[str, object] = {}
        exec(section.python("data = None"), again)
        assert again["costs"].to_dict() == cost(own, 12_345).to_dict()

    def test_money_and_weeks_are_written_as_on_the_costs_page(self) -> None:
        section = make_report(audited(), cleaning="no", costs=cost(preset("human-gold"))).section("costs")
        of = {f.name: f for f in section.figures}
        assert (of["costs.total"].written, of["costs.cost_per_item"].written, of["costs.weeks"].written) == (
            "$78,824",
            "$7.88",
            "1.4",
        )
        assert all("$" in write_span(s, f.unit) for f in of.values() if f.unit == "money" for s in f.spans)

    def test_a_scenario_with_its_parts_inputs_and_ranges(self) -> None:
        made = cost(preset("human-gold"))
        code = "from workbench.economics import cost, preset\n\ncosts = cost(preset('human-gold'))"
        section = make_report(audited(), cleaning="no", costs=made, costs_code=code).section("costs")
        of = {f.name: f for f in section.figures}
        assert round(of["costs.cost_per_item"].value, 2) == 7.88
        (span,) = of["costs.total"].spans
        assert span.low < of["costs.total"].value < span.high
        parts, inputs = (t.frame for t in section.tables)
        assert parts["per_item"].sum() == pytest.approx(made.cost_per_item)
        assert inputs.loc[inputs["input"] == "wage", "unit"].item() == "$ per hour"
        names: dict[str, object] = {}
        exec(section.code, names)
        for figure in section.figures:
            found = eval(figure.python, names)
            assert found == figure.value or found == pytest.approx(figure.value)
