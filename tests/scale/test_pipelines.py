"""The examples of docs/pipeline.md: their command chains are run, and their files are what their readers take."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from workbench.cli import build_parser, main
from workbench.scale.shards import Shards

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
KUBERNETES = list(yaml.safe_load_all((EXAMPLES / "kubernetes-labels.yaml").read_text("utf-8")))


def commands() -> list[str]:
    """Every command line of the workbench in the examples."""
    script = (EXAMPLES / "check-labels.sh").read_text("utf-8").replace("\\\n", " ")
    listed = [line.split("||")[0].replace('"', "") for line in script.splitlines() if line.startswith("workbench ")]
    tree = ast.parse((EXAMPLES / "airflow_labels.py").read_text("utf-8"))
    inside = {id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in n.values}
    texts = [
        ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr | ast.Constant) and id(n) not in inside
    ]
    listed += [t.removeprefix("f").strip("'") for t in texts if t.removeprefix("f").startswith("'workbench ")]
    listed += [c["args"][0] for job in KUBERNETES for c in job["spec"]["template"]["spec"]["containers"]]
    return listed


@pytest.mark.parametrize("line", commands())
def test_command_lines_of_the_examples_are_understood(line: str) -> None:
    plain = re.sub(r"\$\(\(.*?\)\)|\{\{.*?\}\}|\{\w+\}|\$\w+", "1", line)
    assert callable(build_parser().parse_args(shlex.split(plain)[1:]).run)


def test_the_chain_of_the_kubernetes_jobs(shards: Shards, capsys: pytest.CaptureFixture[str]) -> None:
    tally, check = KUBERNETES
    assert tally["spec"]["completionMode"] == "Indexed"
    assert f"/{tally['spec']['completions']} " in tally["spec"]["template"]["spec"]["containers"][0]["args"][0]
    folder, n = str(shards.folder), len(shards.buckets)
    for index in range(n):
        assert main(["tally", folder, "--bucket", f"{index + 1}/{n}", "--json"]) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[-1])["counted"] == 1
    rule = check["spec"]["podFailurePolicy"]["rules"][0]
    code = main(["check", folder, "--min-alpha-lower", "0.99", "--json"])
    assert code in rule["onExitCodes"]["values"]
    assert rule["action"] == "FailJob"
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["outcome"] == "fail"


def test_the_script_for_cron(tmp_path: Path) -> None:
    votes = tmp_path / "votes.csv"
    rows = [f"p{i % 30},w{i % 4},{'left' if (i % 30) % 2 == 0 or i % 9 == 0 else 'right'}" for i in range(120)]
    votes.write_text("\n".join(["pair,annotator,choice", *rows]), "utf-8")
    shim = tmp_path / "bin" / "workbench"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workbench "$@"\n')
    shim.chmod(shim.stat().st_mode | stat.S_IEXEC)
    here = {**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}", "PYTHONPATH": str(EXAMPLES.parents[1])}
    command = ["sh", str(EXAMPLES / "check-labels.sh"), str(votes), str(tmp_path / "out")]
    done = subprocess.run(command, env=here, capture_output=True, text=True, check=False)
    said = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == (0 if said["passed"] else 1), done.stderr
    assert {"outcome", "labels_needed", "key", "checks"} <= said.keys()
    suite = ElementTree.parse(tmp_path / "out" / "check.xml").getroot()
    assert [case.get("name") for case in suite] == [check["name"] for check in said["checks"]]
    missing = subprocess.run(
        [*command[:2], "nothing.csv", str(tmp_path / "no")], env=here, capture_output=True, check=False
    )
    assert missing.returncode == 2


@pytest.mark.parametrize(("name", "package"), [("airflow_labels", "airflow"), ("dagster_labels", "dagster")])
def test_the_orchestrators_take_their_files(name: str, package: str) -> None:
    text = (EXAMPLES / f"{name}.py").read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
