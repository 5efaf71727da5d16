"""How heavy the books of a day may be. Pure.

Source: the sanitary rules for schools (SanPiN 2.4.2.2821-10, the daily set of textbooks and writing materials).
"""

_LIMITS = ((2, 1500), (4, 2000), (6, 2500), (8, 3500))
_HEAVIEST = 4000


def limit_of(grade: int) -> int:
    """Grams that a child of a grade may carry."""
    return next((grams for last, grams in _LIMITS if grade <= last), _HEAVIEST)
