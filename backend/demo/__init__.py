"""A demo school with invented people, clearly marked as such, whose day is laid around now."""
