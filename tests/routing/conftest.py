"""Routing is tried with the judges' own server."""

from tests.judging.conftest import pairs, serve  # noqa: F401
