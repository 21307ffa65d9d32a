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
    from workbench.judging.spec import Settings, parse_judge

    prompts = read_prompts(Path(options.prompts))
    specs = [parse_judge(text, Settings(max_tokens=options.max_tokens)) for text in options.model]
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
        revised = revise_responses(table, warm[0], options.out, seed=options.seed, **paid)
        table = pd.concat([table, revised.table], ignore_index=True)
        found = replace(found, sent=found.sent + revised.sent, usd=revised.usd, unsent=found.unsent + revised.unsent)
    scores = _scores(options.scorer, table) if options.scorer else None
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
            f" {counted(len(prompts), 'prompt')}, ${found.usd:,.4f}; {check['near_duplicates']:,} near-duplicates.",
            None,
        )
    print(f"Written to {path}.", file=sys.stderr)
    return 0


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


def _scores(folder: str, table: Any) -> Any:
    from workbench.reward.opening import load_model

    return load_model(folder).score(list(table["prompt"]), list(table["response"]))
