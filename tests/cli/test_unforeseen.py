"""Whatever goes wrong, a command ends with 2 and one line: 1 is for data that miss a line, and only for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cli import main

ROOT = Path(__file__).resolve().parents[2]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text("item,annotator,label\n1,ann,A\n1,bob,B\n2,ann,A\n2,bob,A\n", "utf-8")
    return path


@pytest.mark.parametrize("error", [ValueError("x" * 9_000), RecursionError("deep"), ZeroDivisionError(), KeyError(3)])
@pytest.mark.parametrize("command", ["audit", "check"])
def test_what_nobody_foresaw_is_one_line_and_2(
    votes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception, command: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("workbench.auditing.audit.audit", broken)
    code, out, err = run(capsys, command, votes)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert type(error).__name__ in err
    assert "Traceback" not in err
    assert len(err) < 600
    code, _, err = run(capsys, "--debug", command, votes)
    assert code == 2
    assert "Traceback" in err
    assert "Traceback" in run(capsys, command, votes, "--debug")[2]


def test_want_of_memory_says_so(
    votes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("workbench.formats.load", broken)
    code, _, err = run(capsys, "audit", votes)
    assert code == 2
    assert "not enough memory" in err


ESCAPES = "\x1b[31m\x1b]0;owned\x07\x9b2J\u202e"


def test_no_control_character_of_the_data_reaches_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "loud.csv"
    rows = [f"i{i}{ESCAPES},w{w}{ESCAPES},{'LR'[(i + w) % 2]}{ESCAPES}" for i in range(9) for w in range(3)]
    path.write_text("item,annotator,label\n" + "\n".join(rows) + "\n", "utf-8")
    for command in (["audit"], ["audit", "--json"], ["aggregate"], ["check"]):
        _, out, err = run(capsys, command[0], path, *command[1:])
        assert not set(ESCAPES[0] + "\x07\x9b\u202e") & set(out + err), command
    found = json.loads(run(capsys, "audit", path, "--json")[1])
    assert found["labels"]["scale"] == [f"L{ESCAPES}", f"R{ESCAPES}"]  # the JSON still says what the file says
    named = tmp_path / "columns.csv"
    named.write_text(f"it{ESCAPES}em,{ESCAPES}ann,lab\n1,2,3\n", "utf-8")
    code, _, err = run(capsys, "audit", named)
    assert code == 2
    assert "\\u001b[31m" in err
    assert not set("\x1b\x07\x9b\u202e") & set(err)


def test_a_message_has_a_length(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{i}{'x' * 5_000}" for i in range(60)) + "\n" + ",".join("1" * 60) + "\n", "utf-8")
    code, _, err = run(capsys, "audit", path)
    assert code == 2
    assert len(err) < 2_500
    code, _, err = run(capsys, "audit", tmp_path / ("n" * 200), "--format", "y" * 9_000)
    assert code == 2
    assert len(err) < 2_500


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_gets_replacements(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("item,annotator,label\n1,Zoë,好\n1,Åsa 😀,bad\n2,Zoë,好\n2,Åsa 😀,好\n", "utf-8")
    command = ["audit", str(path)]
    both = f"import sys; from workbench.cli import main; sys.exit(main({command}) or main({[*command, '--json']}))"
    done = subprocess.run(
        [sys.executable, "-c", both],
        cwd=ROOT,
        capture_output=True,
        env={"PYTHONIOENCODING": encoding, "PATH": "/usr/bin:/bin", "PYTHONUTF8": "0", "LC_ALL": "C"},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    *text, content = done.stdout.decode(encoding).splitlines()
    assert "Labels: bad 1, \\u597d 3." in text
    assert json.loads(content)["labels"]["counts"] == {"bad": 1, "好": 3}


@pytest.mark.parametrize("form", ["audit", "convert", "aggregate"])
def test_no_command_writes_over_its_input(
    votes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    before = votes.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(votes)
    options = {"convert": ["--to", "annotations"]}.get(form, [])
    for source, out in ((votes, votes), (votes, link), (tmp_path, votes), (f"{tmp_path}/vo*.csv", votes)):
        code, _, err = run(capsys, form, source, *options, "--out", out)
        assert code == 2, (source, out)
        assert "--force" in err
        assert votes.read_bytes() == before
    link.unlink()
    assert run(capsys, form, votes, *options, "--out", votes, "--force")[0] == 0
    assert votes.read_bytes() != before
