"""Russian class lists, XLSX or CSV, onto a school that exists (docs/import.md)."""

from backend.exchange.roster.reach import OwnClasses
from backend.exchange.roster.service import ListRows, import_roster, take_rows
from backend.exchange.roster.template import template

__all__ = ["ListRows", "OwnClasses", "import_roster", "take_rows", "template"]
