"""Each pair to the cheapest labeller that is good enough: tiers of judges with certified thresholds, people for the
rest.
"""
