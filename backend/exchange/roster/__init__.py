"""Russian class lists, XLSX or CSV, onto a school that exists (docs/import.md)."""

from backend.exchange.roster.columns import template
from backend.exchange.roster.service import import_roster

__all__ = ["import_roster", "template"]
