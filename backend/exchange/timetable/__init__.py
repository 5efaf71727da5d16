"""A school's weekly lessons, XLSX or CSV, onto a school that exists (docs/import.md)."""

from backend.exchange.timetable.service import take_plan
from backend.exchange.timetable.template import template

__all__ = ["take_plan", "template"]
