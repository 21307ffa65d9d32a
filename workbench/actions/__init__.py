"""What to do next about one annotation set: a few actions, each with the effect it would have and where it is done."""

from workbench.actions.action import Action, Predicted, Target
from workbench.actions.next_actions import MOST, next_actions, why_no_actions

__all__ = ["MOST", "Action", "Predicted", "Target", "next_actions", "why_no_actions"]
