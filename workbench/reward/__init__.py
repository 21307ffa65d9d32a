"""What does a reward model learn from these labels? The only home of torch, which is loaded where it is used and never
with the package.
"""

from workbench.reward.reward_function import reward_func

__all__ = ["reward_func"]
