"""Which version of the workbench this is: written into audits, reports and model cards."""

__version__ = "0.2.0"
