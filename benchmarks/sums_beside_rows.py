"""Do figures that are added up over buckets equal those of the same rows in memory? Every number of the audit's JSON
without a close look, and the default label of every item, at 4.2 million annotations.

    python benchmarks/sums_beside_rows.py [--annotations 4200000] [--buckets 4] [--out benchmarks/SUMS_BESIDE_ROWS.md]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

ONLY_ONE_HAS = ("sources", "format", "key", "findings")
"""What says how the rows were read, not what they say."""


def walked(one: Any, other: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every value of two JSON objects with its place; a part that only one of them has stands beside None."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            yield from walked(one.get(name), other.get(name), f"{place}.{name}" if place else str(name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for a, b in zip(one, other, strict=True):
            yield from walked(a, b, f"{place}[]")
    else:
        yield place, one, other


def compared(rows: dict[str, Any], sums: dict[str, Any]) -> list[str]:
    """Lines that say how far the two audits are apart."""
    numbers, others, apart = 0, 0, {}
    unlike: dict[str, tuple[int, Any, Any]] = {}
    for place, a, b in walked(rows, sums):
        if place.split(".")[0].rstrip("[]") in ONLY_ONE_HAS:
            continue
        if isinstance(a, float) or isinstance(b, float):
            numbers += 1
            if isinstance(a, (int, float)) and isinstance(b, (int, float)):
                apart[place] = max(apart.get(place, 0.0), abs(a - b))
                continue
        else:
            others += 1
        if a != b:
            unlike[place] = (unlike.get(place, (0,))[0] + 1, a, b)
    far = sorted(apart.items(), key=lambda each: -each[1])[:5]
    return [
        f"* {numbers:,} numbers with a fraction: the largest difference is {max(apart.values()):.1e}.",
        *(f"  * `{place}`: {gap:.1e}" for place, gap in far if gap > 0),
        f"* {others:,} counts, names and nothings: {sum(n for n, _, _ in unlike.values()):,} differ.",
        *(f"  * `{place}`: {n:,}, the last {a!r} from rows, {b!r} from sums" for place, (n, a, b) in unlike.items()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotations", type=int, default=4_200_000)
    parser.add_argument("--buckets", type=int, default=4)
    parser.add_argument("--file", type=Path, help="written before by audit_speed.py --write")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    from audit_speed import MAPPING, write

    import workbench
    from workbench.aggregation import aggregate
    from workbench.scale.audited import audit_shards
    from workbench.scale.labelling import aggregate_shards
    from workbench.scale.sharding import Options, shard

    mapping = dict(each.split("=") for each in MAPPING)
    with tempfile.TemporaryDirectory() as name:
        file = options.file or Path(name, "annotations.parquet")
        if options.file is None:
            write(Path(name), options.annotations)
        shards = shard([file], Path(name, "set"), Options(mapping=mapping, buckets=options.buckets))
        sums = audit_shards(shards, close_look=False).to_dict(pairs=None)
        labels = aggregate_shards(shards).results["consensus"]
        ids = np.concatenate([data.items["item_id"].to_numpy(object) for _, data in shards.sets()])
        data = workbench.load(file, mapping=mapping)
        rows = workbench.audit(data, close_look=False).to_dict(pairs=None)
        found = aggregate(data)
        place = pd.Index(ids).get_indexer(data.items["item_id"].to_numpy(object))
        apart = np.abs(np.asarray(labels.posterior)[place] - found.posterior)
        same = int((labels.label[place] == found.label).sum())
    lines = [
        "# Figures from sums beside those from rows",
        "",
        f"Written by `benchmarks/sums_beside_rows.py`: {options.annotations:,} annotations, {options.buckets} buckets.",
        "",
        *compared(rows, sums),
        f"* Default label: the same on {same:,} of {len(ids):,} items; posteriors differ by {np.nanmax(apart):.1e} at"
        f" most, {np.nanmean(apart):.1e} on average.",
        "",
    ]
    print("\n".join(lines))
    if options.out is not None:
        options.out.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
