"""Labels as a Dagster asset with a check that the next asset waits for."""

from __future__ import annotations

import json
import subprocess

import dagster as dg

FOLDER = "/data/labels"
LINES = ("--min-alpha-lower", "0.30", "--max-missing", "0.05")


def workbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command; 2 (it could not run) is the only code that is an error, and worth trying again."""
    done = subprocess.run(("workbench", *arguments), capture_output=True, text=True, check=False)
    if done.returncode == 2:
        raise dg.RetryRequested(max_retries=2, seconds_to_wait=60) from RuntimeError(done.stderr)
    return done


@dg.asset
def labels() -> dg.MaterializeResult:
    """The deliveries so far, in buckets."""
    said = json.loads(workbench("shard", "/data/deliveries", "--out", FOLDER, "--json").stdout.splitlines()[-1])
    return dg.MaterializeResult(metadata={"annotations": said["annotations"], "key": said["key"]})


@dg.asset_check(asset=labels, blocking=True)
def good_enough() -> dg.AssetCheckResult:
    """Whether the labels meet the lines."""
    found = json.loads(workbench("check", FOLDER, *LINES, "--json").stdout.splitlines()[-1])
    metadata = {"outcome": found["outcome"], "labels_needed": found["labels_needed"] or 0}
    return dg.AssetCheckResult(passed=found["passed"], metadata=metadata)


@dg.asset(deps=[labels])
def one_label_an_item() -> None:
    """The labels to train on, a file for each bucket."""
    workbench("aggregate", FOLDER)


defs = dg.Definitions(assets=[labels, one_label_an_item], asset_checks=[good_enough])
