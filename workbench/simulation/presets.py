"""Simulations with a name: the demo that is committed, and others to compare it with."""

from __future__ import annotations

from workbench.simulation.plan import Plan

PRESETS: dict[str, Plan] = {
    "demo": Plan(
        annotations=1_930,
        seed=5,
        annotators=18,
        spammers=1,
        speeders=1,
        left_clickers=1,
        drifters=1,
        colluders=2,
        skill=(0.82, 0.97),
        categories=(
            "cooking",
            "code help",
            "e-mail drafting",
            "history",
            "health information",
            "science explanation",
            "creative writing",
        ),
        ambiguous_share=0.16,
        repeat_share=0.07,
        gold_share=0.12,
        wrong_gold=0.03,
        skip_share=0.008,
        ranked_share=0.15,
        ranking_size=3,
        models=5,
        weeks=5,
        confused_weeks=(4,),
        confusion=12.0,
        batch_size=10,
        side_bias=0.05,
        fixed_sides=True,
        start="2026-03-02",
    ),
    "clean": Plan(
        annotations=6_000,
        seed=8,
        annotators=16,
        spammers=0,
        speeders=0,
        left_clickers=0,
        drifters=0,
        colluders=0,
        skill=(0.86, 0.96),
        ambiguous_share=0.03,
        gold_share=0.1,
    ),
    "judge-vs-crowd": Plan(
        annotations=12_000,
        seed=12,
        annotators=24,
        spammers=1,
        speeders=1,
        left_clickers=0,
        drifters=0,
        colluders=0,
        experts=2,
        expert_share=0.25,
        judges=3,
        skill=(0.7, 0.92),
    ),
}
"""Settings by name.

- demo: 600 pairs, 18 annotators, five weeks. Planted: one spammer, speeder, left-clicker and drifter, two colluders, a
  week of confusion after a change of the guidelines, disagreement about creative writing, and some wrong gold.
- clean: nobody clicks through; what good labels look like on the same task.
- judge-vs-crowd: three AI judges saw all pairs in both orders, beside a crowd and two experts.
"""
