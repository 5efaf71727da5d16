"""Outgoing mail: rows that are written with a fact and sent by the scheduler."""
