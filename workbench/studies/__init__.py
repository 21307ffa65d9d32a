"""The joins: what labels, cleaning and selection do to a reward model, and what a dollar buys. Every figure with an
interval over seeds and prompts.
"""
