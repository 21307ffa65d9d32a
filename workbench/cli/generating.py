"""The command that makes pairs to label: `generate`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from workbench.cli.reading import add_seed, put
from workbench.errors import WorkbenchError, counted


def add_commands(commands: Any) -> None:
    """Adds it to the parser."""
    generate = commands.add_parser(
        "generate",
        help="pairs to label, out of prompts and models",
        description=(
            "Asks chat models for responses (within a budget, nothing twice), sets two of each prompt side by side, and"
            " writes the pairs as JSON lines that judge, select and every annotation tool open."
        ),
    )
    generate.add_argument(
        "prompts", metavar="PATH", help="prompts: a line each (.txt), or a field prompt (.jsonl, .csv)"
    )
    generate.add_argument(
        "--model",
        action="append",
        required=True,
        metavar="SPEC",
        help="openai:MODEL@URL or anthropic:MODEL@URL (again for more)",
    )
    generate.add_argument(
        "--temperatures", nargs="+", type=float, default=[], metavar="T", help="ask each model at these"
    )
    generate.add_argument(
        "--samples", type=int, default=1, metavar="N", help="responses of each to each prompt (default 1)"
    )
    generate.add_argument(
        "--method",
        default="models",
        metavar="NAME",
        help="models (default), temperatures, best-of-n, rejection, revision",
    )
    generate.add_argument(
        "--scorer", metavar="FOLDER", help="a reward model: for best-of-n, rejection and expected information"
    )
    generate.add_argument("--per-prompt", type=int, default=1, metavar="N", help="pairs of each prompt (default 1)")
    generate.add_argument("--budget", type=float, metavar="USD", help="never spend more, restarts included")
    generate.add_argument("--prices", metavar="FILE", help="prices a token, as judge takes them")
    generate.add_argument(
        "--max-tokens", type=int, default=1_000, metavar="N", help="the longest response (default 1000)"
    )
    add_seed(generate, "which pairs are drawn, and which response is A")
    generate.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="pairs.jsonl and the ledger of responses"
    )
    generate.add_argument("--json", action="store_true", help="print one JSON object")
    generate.set_defaults(run=_generate)


def _generate(options: argparse.Namespace) -> int:
    import numpy as np
    import pandas as pd

    from workbench.cli.judging import watch_asking
    from workbench.collection.pairs import check_pairs, make_pairs
    from workbench.collection.writing import revise_responses, write_responses
    from workbench.drafts import drafted
    from workbench.judging.own_constitution import own_constitution
    from workbench.judging.spec import Settings, parse_judge
    from workbench.wording.judging import dollars

    _checked(options)
    prompts = read_prompts(Path(options.prompts))
    specs = [parse_judge(text, Settings(max_tokens=options.max_tokens)) for text in options.model]
    scorer = _opened(options.scorer) if options.scorer else None
    warm = [
        replace(spec, settings=replace(spec.settings, temperature=t))
        for spec in specs
        for t in options.temperatures or [None]
    ]
    for host in dict.fromkeys(spec.host for spec in warm if not spec.local):
        print(f"workbench: the prompts are sent to {host}.", file=sys.stderr)
    paid = {"budget": options.budget, "prices": options.prices, "watch": watch_asking()}
    found = write_responses(prompts, warm, options.out, samples=options.samples, **paid)
    table = found.table
    if options.method == "revision":
        principles = own_constitution()
        revised = revise_responses(table, warm[0], options.out, constitution=principles, seed=options.seed, **paid)
        table = pd.concat([table, revised.table], ignore_index=True)
        found = replace(found, sent=found.sent + revised.sent, usd=revised.usd, unsent=found.unsent + revised.unsent)
    scores = scorer.score(list(table["prompt"]), list(table["response"])) if scorer and len(table) else None
    rng = np.random.default_rng(options.seed)
    pairs = make_pairs(table, options.method, rng, scores=scores, per_prompt=options.per_prompt)
    path = options.out / "pairs.jsonl"
    with drafted(path) as draft:
        pairs.table.to_json(draft, orient="records", lines=True, force_ascii=False)
    check = asdict(check_pairs(pairs.table))
    shown = {
        "responses": len(table),
        "sent": found.sent,
        "unsent": found.unsent,
        "usd": found.usd,
        "without": found.states,
    }
    if options.json:
        put(json.dumps({**shown, "set_aside": dict(pairs.set_aside), "check": check}), None)
    else:
        put(
            f"{counted(len(pairs.table), 'pair')} from {counted(len(table), 'response')} to"
            f" {counted(len(prompts), 'prompt')}, {dollars(found.usd)}; {check['near_duplicates']:,} near-duplicates."
            + _told(found, pairs.set_aside, check),
            None,
        )
    print(f"Written to {path}.", file=sys.stderr)
    return 0


def _told(found: Any, aside: Any, check: dict[str, Any]) -> str:
    """What else to know of a batch: what is missing in it, and how well its sides are mixed."""
    without = ", ".join(f"{n:,} {state}" for state, n in found.states.items() if n)
    lines = [f"Without a response: {without}."] if without else []
    lines += [f"{found.unsent:,} calls were not sent: the budget ended."] if found.unsent else []
    lines += [f"Not paired: {', '.join(f'{n:,} {why}' for why, n in aside.items())}."] if aside else []
    if check["first_model_share"] is not None:
        lines.append(f"Of two models the first by name stands as A in {check['first_model_share']:.0%} of their pairs.")
    if check["longer_first_share"] is not None:
        lines.append(f"The longer response stands as A in {check['longer_first_share']:.0%}.")
    if check["information"] is not None:
        lines.append(f"Expected information {check['information']:.3f} a pair (0.25 = nobody knows the answer).")
    return "".join(f"\n{line}" for line in lines)


def read_prompts(path: Path) -> list[str]:
    """The prompts of a file, each once, in order.

    Raises
    ------
    WorkbenchError : it cannot be read, or holds none.
    """
    from workbench.formats.files.opening import open_document

    if path.suffix == ".txt":
        try:
            found = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise WorkbenchError(f"{path}: cannot be read.", "Name a UTF-8 text file of prompts.") from error
    else:
        found = [str(record["prompt"]) for record in open_document(path).records if record.get("prompt")]
    prompts = list(dict.fromkeys(text.strip() for text in found if text.strip()))
    if not prompts:
        raise WorkbenchError(f"{path}: there is no prompt.", "Write one a line, or a field named prompt.")
    return prompts


def _checked(options: argparse.Namespace) -> None:
    """Says what cannot work before anything is sent and paid for."""
    from workbench.collection.pairs import METHODS

    if options.method not in METHODS:
        raise WorkbenchError(f"--method {options.method}: there is no such way.", f"Choose {', '.join(METHODS)}.")
    for name in ("samples", "per_prompt", "max_tokens"):
        if getattr(options, name) < 1:
            raise WorkbenchError(f"--{name.replace('_', '-')} must be 1 or more.", "Leave it out for the default.")
    if options.budget is not None and not options.budget >= 0:
        raise WorkbenchError(f"--budget {options.budget:g} is not possible.", "Give US dollars, 0 or more.")
    if any(not 0 <= t <= 2 for t in options.temperatures):
        raise WorkbenchError("--temperatures lie between 0 and 2.", "Such as --temperatures 0.2 1.0.")
    several = len(set(options.model)) * max(1, len(set(options.temperatures))) * options.samples
    missing = {
        "models": "two different --model" if len(set(options.model)) < 2 else "",
        "temperatures": "two different --temperatures" if len(set(options.temperatures)) < 2 else "",
        "best-of-n": _more(options.scorer, several),
        "rejection": _more(options.scorer, several),
    }.get(options.method)
    if missing:
        raise WorkbenchError(f"--method {options.method} takes {missing}.", "Nothing was sent.")


def _more(scorer: str | None, several: int) -> str:
    """What is missing where a reward model chooses among several responses."""
    if not scorer:
        return "a reward model: --scorer FOLDER"
    return "" if several > 1 else "several responses to each prompt: --samples, --temperatures or more models"


def _opened(folder: str) -> Any:
    from workbench.reward.opening import load_model

    return load_model(folder)
