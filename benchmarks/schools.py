"""How often two schools and an exchanged file are named as such, and their members are not called random.

    nice python benchmarks/schools.py [--runs 6]

Crews of `benchmarks/planted_crews.py`, 30 annotators, four labels an item, a tenth of the items with gold. A minority
judges by another rule: on everything the other way round, on half of the items at will of the rule, or on one slice of
two the other way round. Or all judgements of one of two or three files have A and B exchanged. In the nulls nobody
does, but something else parts people. Writes `benchmarks/SCHOOLS.md`; a minute or two on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
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


def of_schools(runs: int) -> list[str]:
    lines = []
    for what, make in SCHOOLS.items():
        for size in (4, 8, 15):
            members = np.arange(PEOPLE) < size
            named = right = random_members = random_others = crews = 0
            for scale in SCALES:
                for s in range(runs):
                    seed = 300 * s + 11
                    found = survey(make(plain(scale, seed), members, seed).data())
                    crews += 1
                    told = found.camps.schools
                    named += bool(told)
                    right += any({*one.second} == {*range(size)} or {*one.first} == {*range(size)} for one in told)
                    flagged = called_random(found)
                    random_members += len(flagged & {*range(size)})
                    random_others += len(flagged - {*range(size)})
            lines.append(
                f"| {what} | {size} | {share(named, crews)} | {right} | {random_members} of {size * crews} |"
                f" {random_others} of {(PEOPLE - size) * crews} |"
            )
    return lines


def of_files(runs: int) -> list[str]:
    lines = []
    for files in (2, 3):
        for gold in (0.0, 0.1):
            for wrong in (0, None):
                named = one = random_people = crews = 0
                for scale in SCALES:
                    for s in range(runs):
                        crowd = plain(scale, 300 * s + 13)
                        if gold == 0:
                            crowd = replace(crowd, gold=np.full_like(crowd.gold, -1))
                        found = survey(from_files(crowd, files, wrong).data())
                        crews += 1
                        swapped = found.camps.swapped
                        named += swapped is not None
                        one += swapped is not None and swapped.files == (f"part{wrong}.csv",)
                        random_people += len(called_random(found))
                lines.append(
                    f"| {files} | {gold:.0%} | {'the first' if wrong == 0 else 'none'} | {share(named, crews)} |"
                    f" {one} | {random_people} of {PEOPLE * crews} |"
                )
    return lines


def of_nulls(runs: int) -> list[str]:
    lines = []
    for what, make in NULLS.items():
        named = [
            bool(survey(make(scale, 300 * s + 17).data()).camps.schools) for scale in SCALES for s in range(2 * runs)
        ]
        lines.append(f"| {what} | {share(sum(named), len(named))} |")
    return lines


def report(runs: int) -> str:
    return "\n".join(
        [
            "# Schools of annotators, and files with A and B exchanged",
            "",
            f"Written by `python benchmarks/schools.py --runs {runs}`. {PEOPLE} annotators, 120 labels each, {VOTES}",
            f"an item, a tenth of the items with gold; two, three and five labels, {runs} crews each. In brackets",
            "exact 95% intervals.",
            "",
            "## A minority judges by another rule",
            "",
            "| what differs | of it | schools named | members exactly right | members called random | others |",
            "|---|---|---|---|---|---|",
            *of_schools(runs),
            "",
            "## A file with A and B exchanged",
            "",
            "| files | gold | exchanged | a file named | exactly that one alone | called random |",
            "|---|---|---|---|---|---|",
            *of_files(runs),
            "",
            "Of two files without gold nothing tells which is exchanged: both are named.",
            "",
            "## No schools",
            "",
            "| what parts people | schools named |",
            "|---|---|",
            *of_nulls(runs),
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=6)
    parser.add_argument("--out", type=Path, default=HERE / "SCHOOLS.md")
    options = parser.parse_args()
    text = report(options.runs)
    options.out.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
