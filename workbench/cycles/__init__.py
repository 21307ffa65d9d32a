"""Cycles of generate, judge, train: does the loop stay honest, diverse and right, cycle after cycle?"""

from workbench.cycles.cycle import Cycle, Generated
from workbench.cycles.following import Loop, Step, follow_cycles
from workbench.cycles.reading import read_cycle

__all__ = ["Cycle", "Generated", "Loop", "Step", "follow_cycles", "read_cycle"]
