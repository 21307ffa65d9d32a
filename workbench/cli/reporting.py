"""Commands that make pages to send: `report` and `feedback`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading, add_thresholds
from workbench.cli.sharding import add_scale, audit_of
from workbench.drafts import drafted
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.auditing.audit import Audit
    from workbench.economics import Cost


_NOT_PRICED = "No scenario of what labels cost was given to this report; name one with --scenario."


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    report = commands.add_parser(
        "report",
        help="one HTML file with every figure, to send or print",
        description=(
            "Makes one self-contained HTML file (no script, no request, prints to PDF) with the verdict, every figure"
            " with its intervals and counts, and the code that gives it."
        ),
    )
    add_reading(report)
    add_thresholds(report)
    add_scale(report)
    report.add_argument(
        "--out",
        type=Path,
        default=Path("report.html"),
        metavar="FILE",
        help="the HTML file to write (default %(default)s)",
    )
    report.add_argument("--json-out", type=Path, metavar="FILE", help="write the same numbers there as one JSON object")
    report.add_argument(
        "--csv-out", type=Path, metavar="FOLDER", help="write the same numbers there as CSV files, one a table"
    )
    report.add_argument("--title", default="Quality of preference annotations", help="headline (default: %(default)s)")
    report.add_argument(
        "--texts",
        action="store_true",
        help="show the texts of the most contested items; without it the report holds no text of the annotations",
    )
    report.add_argument(
        "--show-annotators", action="store_true", help="show annotator ids as they are instead of their hashes"
    )
    report.add_argument(
        "--close-look",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=(
            "estimate each annotator's accuracy, raise flags and try the usual cleaning (by default up to 5,000,000"
            " annotations; of a sharded set on a random part)"
        ),
    )
    report.add_argument(
        "--run",
        action="append",
        dest="runs",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="a finished training run, or its result.json; may be given several times",
    )
    report.add_argument(
        "--scenario",
        metavar="FILE",
        help="a scenario to price, as TOML (see the command costs), or the name of a preset",
    )
    report.add_argument("--routing", type=Path, metavar="FOLDER", help="what route --out wrote, to report")
    report.add_argument("--json", action="store_true", help="print the JSON object on standard output, too")
    report.set_defaults(run=_report)

    feedback = commands.add_parser(
        "feedback",
        help="a page of feedback for each annotator, or each vendor",
        description=(
            "Makes one HTML page for each flagged (or named) annotator, and one for each vendor: what the labels show,"
            " examples, gold missed, what good looks like. The pages hold texts of the data and name nobody else."
        ),
    )
    add_reading(feedback)
    add_scale(feedback)
    feedback.add_argument("--annotator", action="append", default=[], metavar="ID", help="this one (default: flagged)")
    feedback.add_argument("--vendors", type=Path, metavar="FILE", help="CSV with columns annotator and vendor")
    feedback.add_argument("--hide-ids", action="store_true", help="show hashes of annotator ids instead of the ids")
    feedback.add_argument(
        "--out",
        type=Path,
        default=Path("feedback"),
        metavar="FOLDER",
        help="folder to write into (default %(default)s)",
    )
    feedback.set_defaults(run=_feedback, thresholds=None)


def _feedback(options: argparse.Namespace) -> int:
    from workbench.cli.delivering import vendors_from
    from workbench.hashing import hash_id
    from workbench.report.feedback import annotator_feedback, vendor_feedback

    result = audit_of(options, close_look=True, rows=True)
    vendors = {} if options.vendors is None else vendors_from(options.vendors)
    people = options.annotator or [str(who) for who in result.flags.flagged]
    shown = not options.hide_ids
    pages = {f"annotator-{hash_id(who)}.html": annotator_feedback(result, who, show_id=shown) for who in people}
    for number, name in enumerate(sorted(set(vendors.values())), 1):
        theirs = [who for who, vendor in vendors.items() if vendor == name]
        pages[f"vendor-{number}.html"] = vendor_feedback(result, name, theirs, show_ids=shown)
    if not pages:
        print("Nobody is flagged; name somebody with --annotator.", file=sys.stderr)
    for name, content in pages.items():
        options.out.mkdir(parents=True, exist_ok=True)
        with drafted(options.out / name) as draft:
            draft.write_text(content, "utf-8")
        print(options.out / name)
    return 0


def _report(options: argparse.Namespace) -> int:
    from workbench.report import make_report, read_routing, write_csv, write_json

    models = [trained_model(path) for path in options.runs]
    routing = read_routing(options.routing) if options.routing else None
    costs, costs_code = priced(options.scenario) if options.scenario else (_NOT_PRICED, "")
    result = audit_of(options, close_look=options.close_look, rows=True)
    report = make_report(
        result,
        load=opened_by(result, options),
        title=options.title,
        reward_models=models,
        costs=costs,
        costs_code=costs_code,
        routing=routing,
        routing_code=f"from workbench.report import read_routing\n\nrouting = read_routing({str(options.routing)!r})",
        texts=options.texts,
        show_annotators=options.show_annotators,
    )
    with drafted(options.out) as draft:
        draft.write_text(report.to_html(), "utf-8")
    written = [options.out]
    if options.json_out is not None:
        written.append(write_json(report, options.json_out))
    if options.csv_out is not None:
        written += write_csv(report, options.csv_out)
    for path in written:
        print(f"Written to {path}.", file=sys.stderr)
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, allow_nan=False))
    return 0


def trained_model(path: Path) -> Any:
    """The scorecard of a finished run, from its folder or its `result.json`.

    Raises
    ------
    WorkbenchError
        There is none, or it is not one.
    """
    from workbench.report import TrainedModel

    place = path / "result.json" if path.is_dir() else path
    try:
        result = json.loads(place.read_text("utf-8"))
    except FileNotFoundError as error:
        raise WorkbenchError(
            f"--run {path}: there is no result.json, so the run is not finished.", "Name the folder of a finished run."
        ) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise WorkbenchError(
            f"--run {place}: it is not JSON.", "Name the result.json that a finished run wrote."
        ) from error
    if not isinstance(result, Mapping) or not isinstance(result.get("eval"), Mapping):
        raise WorkbenchError(
            f"--run {place}: it holds no scorecard (`eval`).", "Name a training run; other runs train nothing."
        )
    made_of = " on ".join(str(result[key]) for key in ("model", "encoder") if result.get(key))
    run = place.parent.name if place.name == "result.json" and place.parent.name else place.stem
    name = f"{made_of} ({run[:15]})" if made_of else run
    return TrainedModel.from_result(name, result, f"json.load(open({str(place)!r}))", "import json")


def priced(named: str) -> tuple[Cost, str]:
    """What a scenario file or a preset comes to, and the Python that says so."""
    from workbench.economics import cost, preset, read_scenario

    if named.endswith(".toml"):
        path = Path(named)
        return (
            cost(read_scenario(path)),
            (
                "from pathlib import Path\nfrom workbench.economics import cost, read_scenario\n\ncosts ="
                f" cost(read_scenario(Path({named!r})))"
            ),
        )
    return cost(preset(named)), f"from workbench.economics import cost, preset\n\ncosts = cost(preset({named!r}))"


def opened_by(result: Audit, options: argparse.Namespace) -> str:
    """The Python that opens what was audited: an export, or a part of a sharded set."""
    from workbench.scale.part import Part

    if not isinstance(result.data, Part):
        return f"data = {load_call(options)}"
    return (
        "from workbench.scale.part import open_part\nfrom workbench.scale.shards import open_shards\n\n"
        f"data = open_part(open_shards({str(options.paths[0])!r}), {list(result.data.buckets)!r})"
    )


def load_call(options: argparse.Namespace) -> str:
    """The call of `workbench.load` that the reading options stand for."""
    paths = options.paths
    parts = [repr(paths[0]) if len(paths) == 1 else repr(list(paths))]
    mapping: dict[str, list[str]] = {}
    for each in options.map:
        field, _, columns = each.partition("=")
        mapping.setdefault(field.strip(), []).extend(c.strip() for c in columns.split(","))
    if options.hash_annotators and len(mapping.get("label", ())) > 1:
        mapping["label"] = ["the columns of the annotators"]  # their names are ids
    spelling = dict(_spelled(each) for each in options.labels)
    parts += [f"format={options.format!r}"] if options.format else []
    parts += [f"mapping={mapping!r}"] if mapping else []
    parts += [f"gold={options.gold!r}"] if options.gold else []
    if options.scale:
        listed = [label.strip() for label in options.scale.split(",")]
        parts.append(
            f"scale=workbench.dataset.scales.scale_of({listed!r})"
            if len(listed) > 1
            else f"scale=workbench.dataset.scales.SCALES[{options.scale!r}]"
        )
    parts += [f"spelling={spelling!r}"] if spelling else []
    parts += [f"{name}=True" for name in ("keep_identical", "hash_annotators") if getattr(options, name)]
    parts += [f"dates={options.dates!r}"] if options.dates else []
    return f"workbench.load({', '.join(parts)})"


def _spelled(each: str) -> tuple[str, str]:
    value, _, label = each.rpartition("=") if not each.endswith("==") else (each[:-2], "=", "=")
    return value, label
