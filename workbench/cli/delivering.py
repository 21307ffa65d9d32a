"""`compare`: what changed from one delivery to the next, by more than chance, and why."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.reading import add_reading_options, how_to_read, put
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.dataset.annotation_set import AnnotationSet
    from workbench.deliveries import Comparison, Delivery


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    compare = commands.add_parser(
        "compare",
        help="what changed from one delivery to the next, and why?",
        description=(
            "Compares two deliveries: every headline figure with the interval of its difference (paired where items or"
            " people are shared), what drives it, who came and went, gold seen before, vendors, and alarms."
        ),
    )
    compare.add_argument("a", metavar="A", help="the delivery before: a file, a folder or a glob")
    compare.add_argument("b", metavar="B", help="the delivery now")
    add_reading_options(compare)
    add_comparing(compare)
    compare.add_argument("--price", type=float, metavar="USD", help="US dollars a label, for the price of information")
    compare.add_argument("--json", action="store_true", help="print one JSON object")
    compare.add_argument("--out", type=Path, metavar="FILE", help="write there instead of standard output")
    compare.set_defaults(run=_compare)


def add_comparing(command: argparse.ArgumentParser) -> None:
    """How two deliveries are compared."""
    command.add_argument(
        "--vendors", type=Path, metavar="FILE", help="CSV with columns annotator and vendor: vendors side by side"
    )
    command.add_argument(
        "--slice", metavar="NAME", help="slice by which the mix of items is compared (default: what changed most)"
    )


def compared(a: str | list[str], b: str | list[str] | AnnotationSet, options: argparse.Namespace) -> Comparison:
    """The comparison of what two paths hold, or of what one holds and an open set."""
    from workbench.deliveries import compare_deliveries

    vendors = {} if options.vendors is None else vendors_from(options.vendors)
    price = getattr(options, "price", None)
    if price is not None and not price >= 0:
        raise WorkbenchError(f"--price {price:g}: a price is not negative.", "Give US dollars a label, such as 1.5.")
    then, now = (_delivery(opened, options, vendors, price) for opened in (a, b))
    if then.name == now.name:
        then, now = _told_apart(then, "before"), _told_apart(now, "now")
    return compare_deliveries(then, now, column=options.slice)


def _compare(options: argparse.Namespace) -> int:
    from workbench.wording.deliveries import comparison_lines

    found = compared(options.a, options.b, options)
    put(
        json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False)
        if options.json
        else "\n".join(comparison_lines(found)),
        options.out,
    )
    return 0


def _delivery(
    opened: str | list[str] | AnnotationSet, options: argparse.Namespace, vendors: dict[str, str], price: float | None
) -> Delivery:
    from workbench.deliveries import Delivery
    from workbench.formats import load

    if not isinstance(opened, (str, list)):
        return Delivery(opened, " + ".join(Path(p).name for p in options.paths), price, vendors)
    listed = [opened] if isinstance(opened, str) else opened
    data = load(
        listed,
        options.format,
        gold=options.gold,
        keep_identical=options.keep_identical,
        hash_annotators=options.hash_annotators,
        **how_to_read(options),
    )
    return Delivery(data, " + ".join(Path(p).name for p in listed), price, vendors)


def _told_apart(delivery: Delivery, when: str) -> Delivery:
    from dataclasses import replace

    return replace(delivery, name=f"{delivery.name} ({when})")


def vendors_from(path: Path) -> dict[str, str]:
    """Annotator -> vendor, from a table."""
    from workbench.formats.files.opening import open_document

    table = open_document(path).table
    columns = {str(c).strip().casefold(): c for c in table.columns}
    if not {"annotator", "vendor"} <= set(columns):
        raise WorkbenchError(f"{path.name} has no columns annotator and vendor.", "Give both, one row an annotator.")
    rows = table[[columns["annotator"], columns["vendor"]]].dropna()
    return {str(who): str(name) for who, name in rows.itertuples(index=False)}
