"""How often two schools and an exchanged file are named as such, and their members are not called random.

    nice python benchmarks/schools.py [--runs 2] [--kept FILE]

Crews of `benchmarks/planted_crews.py`, 30 annotators, four labels an item, a tenth of the items with gold. A minority
judges by another rule: on everything the other way round, on half of the items at will of the rule, or on one slice of
two the other way round. Or all judgements of one of two or three files have A and B exchanged. In the nulls nobody
does, but something else parts people. Writes `benchmarks/SCHOOLS.md`; three minutes on one core that is free.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from copying import experts, popular, relabelled, share, skewed
from planted_crews import Crowd, World, planted

from workbench.annotators import flag_annotators, survey

HERE = Path(__file__).resolve().parent
PEOPLE, VOTES = 30, 4
SCALES = ("A B", "A = B", "five")


def plain(scale: str, seed: int, each: int = 120) -> Crowd:
    return planted(World(scale, 0.5, 0.85, False, 0.1, PEOPLE, each, VOTES), seed)


def school(crowd: Crowd, members: np.ndarray, told: np.ndarray, seed: int) -> Crowd:
    """Members judge by another truth."""
    truth = np.where(members[crowd.annotator], told[crowd.item], crowd.truth[crowd.item])
    return relabelled(crowd, truth, crowd.accuracy[crowd.annotator], seed)


def contrary(crowd: Crowd, members: np.ndarray, seed: int) -> Crowd:
    """On everything the other way round."""
    return school(crowd, members, len(crowd.scale) - 1 - crowd.truth, seed)


def other_rule(crowd: Crowd, members: np.ndarray, seed: int) -> Crowd:
    """On seven items of ten another rule tells, and it is not that of the others."""
    rng = np.random.default_rng(seed + 21)
    rule = rng.permutation(crowd.truth)
    return school(crowd, members, np.where(rng.random(len(rule)) < 0.7, rule, crowd.truth), seed)


def on_a_slice(crowd: Crowd, members: np.ndarray, seed: int) -> Crowd:
    """The other way round on one of two slices."""
    topic = np.random.default_rng(seed + 22).random(len(crowd.truth)) < 0.5
    told = np.where(topic, len(crowd.scale) - 1 - crowd.truth, crowd.truth)
    named = replace(crowd, item_columns={"slice.topic": np.where(topic, "health", "travel").astype(object)})
    return school(named, members, told, seed)


SCHOOLS: dict[str, Callable[[Crowd, np.ndarray, int], Crowd]] = {
    "everything the other way round": contrary,
    "another rule on most items": other_rule,
    "one slice the other way round": on_a_slice,
}


def blind_minority(scale: str, seed: int) -> Crowd:
    """A fifth of the crew labels at random: these are no school."""
    crowd = plain(scale, seed)
    rng = np.random.default_rng(seed + 23)
    blind = crowd.annotator < PEOPLE // 5
    return replace(crowd, label=np.where(blind, rng.integers(0, len(crowd.scale), len(crowd.label)), crowd.label))


NULLS: dict[str, Callable[[str, int], Crowd]] = {
    "nothing": plain,
    "a fifth labels at random": blind_minority,
    "popular answers": popular,
    "95% one way": skewed,
    "experts among others": experts,
}


def from_files(crowd: Crowd, files: int, wrong: int | None) -> Crowd:
    """Each annotator works in one of the files; in one of them A and B are exchanged."""
    of = np.arange(PEOPLE) % files
    source = np.array([f"part{f}.csv" for f in range(files)], object)[of][crowd.annotator]
    turned = of[crowd.annotator] == (-1 if wrong is None else wrong)
    label = np.where(turned, len(crowd.scale) - 1 - crowd.label, crowd.label)
    return replace(crowd, label=label, columns={"source": source})


def called_random(found: object) -> set[int]:
    """Positions of the annotators flagged as random."""
    flags = flag_annotators(found).by_annotator  # type: ignore[arg-type]
    return {int(name[1:]) for name, own in flags.items() if any(flag.kind == "random" for flag in own)}


class Kept:
    """Counts of each crew, in a file from which a run that ended goes on."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        lines = path.read_text("utf-8").splitlines() if path is not None and path.is_file() else []
        self.known: dict[str, list[int]] = dict(map(json.loads, lines))

    def total(self, name: str, runs: int, count: Callable[[str, int], list[int]]) -> np.ndarray:
        """Counts of all scales and runs, added up."""
        found = []
        for scale in SCALES:
            for s in range(runs):
                key = f"{name}, {scale}, {s}"
                if key not in self.known:
                    self.known[key] = [int(n) for n in count(scale, s)]
                    if self.path is not None:
                        with self.path.open("a", encoding="utf-8") as file:
                            file.write(json.dumps([key, self.known[key]]) + "\n")
                found.append(self.known[key])
        return np.sum(found, axis=0)


def of_schools(runs: int, kept: Kept) -> list[str]:
    lines, crews = [], runs * len(SCALES)
    for what, make in SCHOOLS.items():
        for size in (4, 8, 15):
            members = {*range(size)}

            def count(scale: str, s: int, make: Callable = make, members: set[int] = members) -> list[int]:
                seed = 300 * s + 11
                found = survey(make(plain(scale, seed), np.arange(PEOPLE) < len(members), seed).data())
                told, flagged = found.camps.schools, called_random(found)
                right = any(members in ({*one.first}, {*one.second}) for one in told)
                return [bool(told), right, len(flagged & members), len(flagged - members)]

            named, right, own, other = kept.total(f"{what}, {size}", runs, count)
            lines.append(
                f"| {what} | {size} | {share(named, crews)} | {right} | {own} of {size * crews} |"
                f" {other} of {(PEOPLE - size) * crews} |"
            )
    return lines


def of_files(runs: int, kept: Kept) -> list[str]:
    lines, crews = [], runs * len(SCALES)
    for files, gold, wrong in product((2, 3), (0.0, 0.1), (0, None)):

        def count(scale: str, s: int, files: int = files, gold: float = gold, wrong: int | None = wrong) -> list[int]:
            crowd = plain(scale, 300 * s + 13)
            if gold == 0:
                crowd = replace(crowd, gold=np.full_like(crowd.gold, -1))
            found = survey(from_files(crowd, files, wrong).data())
            swapped = found.camps.swapped
            alone = swapped is not None and swapped.files == (f"part{wrong}.csv",)
            return [swapped is not None, alone, len(called_random(found))]

        which = "the first" if wrong == 0 else "none"
        named, one, random_people = kept.total(f"{files} files, gold {gold}, {which}", runs, count)
        lines.append(
            f"| {files} | {gold:.0%} | {which} | {share(named, crews)} | {one} | {random_people} of {PEOPLE * crews} |"
        )
    return lines


def of_nulls(runs: int, kept: Kept) -> list[str]:
    lines = []
    for what, make in NULLS.items():

        def count(scale: str, s: int, make: Callable[[str, int], Crowd] = make) -> list[int]:
            return [bool(survey(make(scale, 300 * s + 17).data()).camps.schools)]

        (named,) = kept.total(f"null, {what}", runs, count)
        lines.append(f"| {what} | {share(named, runs * len(SCALES))} |")
    return lines


PARTS = ("schools", "files", "nulls")


def report(runs: int, kept: Kept, parts: list[str]) -> str:
    lines = [
        "# Schools of annotators, and files with A and B exchanged",
        "",
        f"Written by `python benchmarks/schools.py --runs {runs} --parts {' '.join(parts)}`. {PEOPLE} annotators,",
        f"120 labels each, {VOTES} an item, a tenth of the items with gold; two, three and five labels, crews of each:",
        f"{runs}. In brackets exact 95% intervals.",
        "",
    ]
    if "schools" in parts:
        lines += [
            "## A minority judges by another rule",
            "",
            "| what differs | of it | schools named | members exactly right | members called random | others |",
            "|---|---|---|---|---|---|",
            *of_schools(runs, kept),
            "",
        ]
    if "files" in parts:
        lines += [
            "## A file with A and B exchanged",
            "",
            "| files | gold | exchanged | a file named | exactly that one alone | called random |",
            "|---|---|---|---|---|---|",
            *of_files(runs, kept),
            "",
            "Of two files without gold nothing tells which is exchanged: both are named.",
            "",
        ]
    if "nulls" in parts:
        lines += [
            "## No schools",
            "",
            "| what parts people | schools named |",
            "|---|---|",
            *of_nulls(runs, kept),
            "",
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--kept", type=Path, help="file of what is counted, from which a run that ended goes on")
    parser.add_argument("--out", type=Path, default=HERE / "SCHOOLS.md")
    options = parser.parse_args()
    text = report(options.runs, Kept(options.kept), options.parts)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
