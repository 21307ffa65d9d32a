"""A judge asked about a sharded set, bucket by bucket: one ledger and one budget for all, a file of verdicts and batch
files for each.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.formats.files.spreadsheet import defused
from workbench.judging.answers import STATES
from workbench.judging.batch_files import BATCH, Imported, Written, read_batch, write_batch
from workbench.judging.estimating import Estimate
from workbench.judging.export import verdict_table
from workbench.judging.judged import Judged, Options
from workbench.judging.ledger import Ledger
from workbench.judging.probed import LEDGER
from workbench.judging.prompt import Asking
from workbench.judging.run import ask_judge, estimate, recorded
from workbench.judging.spec import JudgeSpec
from workbench.progress import UNWATCHED, Watch
from workbench.scale.in_turn import Piece, pieces_of
from workbench.scale.part import Part, open_part
from workbench.scale.shards import Shards

VERDICTS = "verdicts"
_SUMMED = ("judged", "calls", "cached", "sent", "unsent", "interrupted", "items", "without_label", *STATES)


@dataclass
class JudgedShards:
    """What a judge said of the buckets of a sharded set.

    Attributes
    ----------
    spec, version : the judge with the settings that its server accepts, and the hash of both and the prompt.
    folder : of the verdicts, a CSV file a bucket, in the form of `verdict_table`.
    counts : those of `Judged.to_dict` that add up.
    flips, both_orders : pairs whose direction changes with the order, of those that were asked in both.
    obeyed, canaries : canaries that it obeyed, of those answered.
    usd, estimated_usd : $ of this judge version so far, and what this run was expected to cost; None where no price is
        known.
    notes, set_aside : as of `Judged`, each once.
    """

    spec: JudgeSpec
    version: str
    folder: Path
    counts: Counter[str] = field(default_factory=Counter)
    flips: int = 0
    both_orders: int = 0
    obeyed: int = 0
    canaries: int = 0
    usd: float = 0.0
    estimated_usd: float | None = 0.0
    notes: dict[str, None] = field(default_factory=dict)
    set_aside: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            **{name: self.counts[name] for name in _SUMMED},
            "usd": self.usd,
            "estimated_usd": self.estimated_usd,
            "flip_rate": self.flips / self.both_orders if self.both_orders else None,
            "both_orders": self.both_orders,
            "judge_version": self.version,
            "canaries": {"answered": self.canaries, "obeyed": self.obeyed},
            "set_aside": dict(self.set_aside),
            "notes": list(self.notes),
            "verdicts": str(self.folder),
        }


def ask_about_shards(
    shards: Shards, spec: JudgeSpec, folder: Path, asking: Asking, options: Options, watch: Watch = UNWATCHED
) -> JudgedShards:
    """What does this judge say of all pairs of a sharded set? Stopped in the middle, the same call goes on.

    Anchors are judged once, with the first bucket; the budget is that of all buckets together.

    Raises
    ------
    WorkbenchError : as of `ask_judge`.
    """

    def ask(piece: Piece, part: Part, first: bool) -> Judged:
        own = replace(options, seed=options.seed + piece.number, anchors=options.anchors if first else None)
        return ask_judge(part, spec, folder, asking, own)

    return _each(shards, folder, ask, watch)


def estimate_of_shards(
    shards: Shards, spec: JudgeSpec, asking: Asking, options: Options, folder: Path, watch: Watch = UNWATCHED
) -> Estimate:
    """What would asking about all buckets take? Nothing is sent."""
    found = [estimate(part, spec, asking, options, folder) for _, part, _ in _opened(shards, "Estimating", watch)]
    known = [each.usd for each in found if each.usd is not None]
    worst = [each.worst_usd for each in found if each.worst_usd is not None]
    return replace(
        found[0],
        calls=sum(each.calls for each in found),
        recorded=sum(each.recorded for each in found),
        tokens_in=sum(each.tokens_in for each in found),
        tokens_out=sum(each.tokens_out for each in found),
        seconds=sum(each.seconds for each in found),
        usd=sum(known) if len(known) == len(found) else None,
        worst_usd=sum(worst) if len(worst) == len(found) else None,
    )


def write_batches(
    shards: Shards, spec: JudgeSpec, asking: Asking, folder: Path, options: Options, watch: Watch = UNWATCHED
) -> Written:
    """Batch files of every bucket, in a folder of its own each; what has an answer is left out."""
    written = []
    ledger = Ledger(folder / LEDGER)
    try:
        for piece, part, _ in _opened(shards, "Writing batch files", watch):
            target = batch_folder(folder) / piece.name
            written.append(write_batch(part, spec, asking, target, options, ledger, named=_mark(piece)))
    finally:
        ledger.close()
    prices = [each.usd for each in written]
    return Written(
        tuple(file for each in written for file in each.files),
        sum(each.requests for each in written),
        sum(each.recorded for each in written),
        None if None in prices else sum(price or 0.0 for price in prices),
    )


def read_batches(
    shards: Shards,
    spec: JudgeSpec,
    asking: Asking,
    files: Sequence[Path],
    folder: Path,
    options: Options,
    watch: Watch = UNWATCHED,
) -> tuple[Imported, JudgedShards]:
    """Records results of batches, in any order and mixed as they come; what they came to, and the verdicts.

    Lines are sorted by bucket first, so that results of any size are read once, and a bucket at a time is held.
    """
    result, ledger = Imported(), Ledger(folder / LEDGER)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix="results-") as place:
            sorted_lines = Path(place)
            result.strangers += _sort(files, sorted_lines, {_mark(piece) for piece in pieces_of(shards)})
            for piece, part, _ in _opened(shards, "Recording results", watch):
                own = sorted_lines / f"{_mark(piece)}.jsonl"
                if own.exists():
                    got = read_batch(part, spec, asking, [own], options, ledger, named=_mark(piece))
                    result.states.update(got.states)
                    for name in ("known", "strangers", "broken", "retry"):
                        setattr(result, name, getattr(result, name) + getattr(got, name))
    finally:
        ledger.close()
    judged = _each(shards, folder, lambda _, part, __: recorded(part, spec, folder, asking, options), watch)
    return result, judged


def batch_folder(folder: Path) -> Path:
    """Where the batch files of a judge's folder go."""
    return folder.with_name(f"{folder.name}{BATCH}")


def _mark(piece: Piece) -> str:
    """What the names of a bucket's requests begin with."""
    return f"j{piece.number:04d}"


def _opened(shards: Shards, doing: str, watch: Watch) -> Iterator[tuple[Piece, Part, bool]]:
    """All buckets, one after the other, and whether it is the first one."""
    pieces = pieces_of(shards)
    for done, piece in enumerate(pieces):
        watch.step(done, len(pieces), doing)
        yield piece, open_part(shards, piece.buckets), done == 0
    watch.step(len(pieces), len(pieces), doing)


def _each(shards: Shards, folder: Path, judge: Callable[[Piece, Part, bool], Judged], watch: Watch) -> JudgedShards:
    """The verdicts of every bucket written down, and their counts added up."""
    target = folder / VERDICTS
    target.mkdir(parents=True, exist_ok=True)
    total: JudgedShards | None = None
    for piece, part, first in _opened(shards, "Judging buckets", watch):
        judged = judge(piece, part, first)
        with drafted(target / f"{piece.name}.csv") as draft:
            defused(verdict_table(part, judged)).to_csv(draft, index=False)
        total = total or JudgedShards(judged.spec, judged.version, target)
        _add(total, judged)
    if total is None:
        raise WorkbenchError("The sharded set has no bucket.", "Make it again from the exports.")
    return total


def _add(total: JudgedShards, judged: Judged) -> None:
    said = judged.to_dict()
    total.counts.update({name: said[name] for name in _SUMMED})
    total.flips += judged.verdicts.flips
    total.both_orders += judged.verdicts.both_orders
    total.obeyed += judged.canaries.obeyed
    total.canaries += judged.canaries.answered
    total.usd = max(total.usd, judged.usd)
    if total.estimated_usd is None or judged.estimate.usd is None:
        total.estimated_usd = None
    else:
        total.estimated_usd += judged.estimate.usd
    total.notes |= dict.fromkeys(judged.notes)
    total.set_aside.update(judged.set_aside)


def _sort(files: Sequence[Path], into: Path, marks: set[str]) -> int:
    """Writes each line to a file of its bucket; how many name none of these buckets."""
    strangers = 0
    with ExitStack() as open_files:
        streams: dict[str, TextIO] = {}
        for file in files:
            for line in _lines_of(file):
                mark = _mark_in(line)
                if mark not in marks:
                    strangers += 1
                    continue
                if mark not in streams:
                    streams[mark] = open_files.enter_context((into / f"{mark}.jsonl").open("w", encoding="utf-8"))
                streams[mark].write(f"{line}\n")
    return strangers


def _lines_of(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            yield from (line.strip() for line in stream if line.strip())
    except OSError as error:
        raise WorkbenchError(f"{file}: cannot be read.", "Name the result files of the batch (JSON lines).") from error


def _mark_in(line: str) -> str:
    """The mark in the name of the request that a line is about; empty where there is none.

    >>> _mark_in('{"custom_id": "j0012-ab34", "response": {}}')
    'j0012'
    """
    _, found, rest = line.partition('"custom_id"')
    name = rest.partition('"')[2] if found else ""
    return name.partition("-")[0][:8]
