"""OneRoster CSV: rosters from school information systems (docs/import.md)."""

from backend.exchange.oneroster.service import import_oneroster

__all__ = ["import_oneroster"]
