"""Readers of corpora that were published once: argument pairs (UKP), Snow et al., PandaLM, rulm."""
