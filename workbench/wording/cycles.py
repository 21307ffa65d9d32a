"""What changed from cycle to cycle, as one would tell a colleague."""

from __future__ import annotations

from workbench.cycles import Loop, Step
from workbench.cycles.following import FIRST
from workbench.wording.deliveries import alarm_line, between, difference, figure
from workbench.wording.numbers import percent


def step_sentence(step: Step) -> str:
    """The outcome of one cycle in a sentence or two."""
    if not step.alarms:
        return f"{step.b} is no different from {step.a} beyond chance, in any figure."
    told = []
    if step.collapse:
        told.append(f"{step.b}: mode collapse; texts that score high lie closer together.")
    others = list(dict.fromkeys(a.title.removesuffix(FIRST) for a in step.alarms if a not in step.collapse))
    if others:
        what = "Also changed" if step.collapse else f"{step.b} changed in"
        told.append(f"{what} {'; '.join(t[:1].lower() + t[1:] for t in others)}.")
    return " ".join(told)


def units_of(step: Step) -> dict[str, str]:
    """Figure -> its unit, also where it is held against the first cycle."""
    units: dict[str, str] = {c.measure.name: c.measure.unit for c in (*step.measures, *step.since_first)}
    return units | {name + FIRST: unit for name, unit in units.items()}


def loop_lines(found: Loop) -> list[str]:
    """All cycles for a terminal."""
    lines: list[str] = []
    for step in found.steps:
        units = units_of(step)
        lines += [step_sentence(step), ""]
        lines += [f"  ! {alarm_line(alarm, units[alarm.measure])}" for alarm in step.alarms]
        lines.append(f"  Figures ({step.a} | {step.b} | difference, same crew)")
        for change in step.measures:
            unit, moved = change.measure.unit, change.difference
            told = (
                f"not compared: {moved.reason}"
                if moved.value is None
                else f"{difference(moved.value, unit)}, {between(moved.same_crew, unit)}"
            )
            lines.append(
                f"    {change.measure.title}: {figure(change.a.value, unit)} | {figure(change.b.value, unit)} | {told}"
            )
        for name, share in step.judges.items():
            lines.append(f"    {name} agrees with most people: {percent(share.value)} of {share.n:,} items")
        lines.append("")
    rate = found.steps[0].rate
    return [
        *lines,
        f"Where nothing changed, all figures of a cycle together give a false alarm in {rate:.0%} of cycles.",
    ]
