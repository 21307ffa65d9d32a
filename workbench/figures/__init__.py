"""Figures of results: pure functions from estimates and small tables to Plotly figures, shared by pages, notebooks and
reports.
"""
