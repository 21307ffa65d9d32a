"""The report to send: one HTML file that opens anywhere, and the same numbers as JSON and CSV."""

from workbench.actions.next_actions import usual_cleaning
from workbench.report.compose import make_report
from workbench.report.contents import Column, Drawing, Figure, Section, Table
from workbench.report.costs import costs_code
from workbench.report.files import csv_texts, write_csv, write_json
from workbench.report.judges import judges_section, read_routing, routing_section
from workbench.report.models import TrainedModel, finished_models
from workbench.report.report import Report
from workbench.report.written import Span

__all__ = [
    "Column",
    "Drawing",
    "Figure",
    "Report",
    "Section",
    "Span",
    "Table",
    "TrainedModel",
    "costs_code",
    "csv_texts",
    "finished_models",
    "judges_section",
    "make_report",
    "read_routing",
    "routing_section",
    "usual_cleaning",
    "write_csv",
    "write_json",
]
