"""What each tier's judge says of the items: from verdicts that stand in the data, a rule, a model, or asked of a
server.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL
from workbench.errors import WorkbenchError, first_five
from workbench.judging.constitution import Constitution, read_constitution
from workbench.judging.export import labels_for
from workbench.judging.judged import Judged, Options
from workbench.judging.own_constitution import own_constitution
from workbench.judging.prompt import Asking
from workbench.judging.run import ask_judge, asking_for
from workbench.judging.spec import KINDS, parse_judge
from workbench.judging.work import verdicts_of_run
from workbench.messages import by, message
from workbench.progress import UNWATCHED, Watch
from workbench.routing.plan import Plan, Tier
from workbench.routing.tiers import Verdicts
from workbench.routing.truth import directions


def is_spec(judge: str) -> bool:
    """Whether a tier names a judge to be asked rather than an annotator of the data."""
    return judge.partition(":")[0] in KINDS


def recorded_verdicts(data: AnnotationSet, tier: Tier) -> Verdicts:
    """The verdicts of an annotator of the data, over all its judgements of an item (both orders, samples).

    Its confidence is that of the export where there is one, else the mean strength of its labels as a share of the
    strongest: on a scale without strengths it is sure where its judgements agree. Judgements that cancel out are no
    verdict.

    Raises
    ------
    WorkbenchError : there is no such annotator, or the labels choose no side.
    """
    names = data.annotators["annotator"].astype(str).tolist()
    if tier.judge not in names:
        ais = data.annotators.loc[data.annotators["kind"] == "ai", "annotator"]
        raise WorkbenchError(
            f"Tier {tier.name}: {tier.judge[:60]!r} is neither a judge to ask nor an annotator of these data.",
            f"Annotators that are AI: {first_five(ais) or 'none'}.",
        )
    directions(data)
    rows = data.annotations
    used = (rows["annotator"].to_numpy() == names.index(tier.judge)) & (rows["label"].to_numpy() != NULL)
    item, n = rows["item"].to_numpy()[used], len(data.items)
    strength = np.array(data.scale.strengths)[rows["label"].to_numpy()[used]] / max(data.scale.strengths)
    count = np.bincount(item, minlength=n)
    given = rows["confidence"].to_numpy(float)[used] if "confidence" in rows else np.full(len(item), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(item, strength, minlength=n) / count
        stated = np.bincount(item, given, minlength=n) / count
    tie = (count > 0) & (np.bincount(item, np.abs(strength), minlength=n) == 0)
    decided = tie | (np.nan_to_num(mean) != 0)
    said = np.where(decided, np.where(tie, 0.5, (mean > 0).astype(float)), np.nan)
    own = np.where(tie, 1.0, 0.5 + np.abs(mean) / 2)
    confidence = np.where(decided, np.where(np.isfinite(stated), stated, own), np.nan)
    return Verdicts(tier.name, said, confidence)


def verdicts_of(data: AnnotationSet, tier: Tier, judged: Judged) -> Verdicts:
    """The verdicts of a judge that was asked; an item whose orders cancel out has none."""
    place = pd.Series(np.arange(len(data.items)), index=data.items["item_id"].astype(str))
    table = judged.verdicts.table
    items = place.loc[table["item_id"]].to_numpy()
    said, confidence = np.full(len(data.items), np.nan), np.full(len(data.items), np.nan)
    labelled = table["label"].notna().to_numpy()
    score = table["score"].to_numpy(float)
    tie = (table["label"] == "=").to_numpy()
    said[items] = np.where(labelled, np.where(tie, 0.5, (score > 0.5).astype(float)), np.nan)
    confidence[items] = np.where(labelled, np.where(tie, 1.0, table["confidence"].to_numpy(float)), np.nan)
    return Verdicts(tier.name, said, confidence)


def constitution_of(plan: Plan) -> Constitution:
    """The principles the judges of a plan are asked by: those of its file, else those of this installation."""
    return read_constitution(plan.constitution) if plan.constitution else own_constitution()


def asked_verdicts(
    data: AnnotationSet,
    tier: Tier,
    folder: Path,
    *,
    constitution: Constitution,
    items: np.ndarray | None = None,
    options: Options | None = None,
    watch: Watch = UNWATCHED,
) -> tuple[Verdicts, Judged]:
    """Asks the judge of a tier by these principles, through the ledger in its folder."""
    spec = parse_judge(tier.judge)
    asking = asking_for(spec, Asking(constitution, labels=labels_for(data.scale)))
    judged = ask_judge(data, spec, folder, asking, options, items=items, watch=watch)
    return verdicts_of(data, tier, judged), judged


def simulated_verdicts(
    data: AnnotationSet,
    plan: Plan,
    folder: Path | None,
    *,
    options: Options | None = None,
    asked: Mapping[str, Mapping[str, Any]] | None = None,
    watch: Watch = UNWATCHED,
) -> list[Verdicts]:
    """The verdicts of every tier about all items, for a simulation; what is asked of servers is kept in the folder.

    Parameters
    ----------
    asked : name of a tier -> the configuration of a finished run of its judge, whose answers are taken; nothing is
        sent for it.

    Raises
    ------
    WorkbenchError : a tier asks a server and no folder is named.
    """
    found = []
    for place, tier in enumerate(plan.tiers):
        if asked and tier.name in asked:
            found.append(verdicts_of(data, tier, verdicts_of_run(data, asked[tier.name])))
            continue
        if not is_spec(tier.judge):
            found.append(recorded_verdicts(data, tier))
            continue
        if folder is None and parse_judge(tier.judge).remote:
            raise WorkbenchError(
                f"Tier {tier.name} asks a server.", message("Name a folder for its answers ", by("folder"), ".")
            )
        where = (folder or Path()) / f"tier-{place + 1}"
        principles = constitution_of(plan)
        got = asked_verdicts(data, tier, where, constitution=principles, options=options, watch=watch)
        found.append(got[0])
    return found
