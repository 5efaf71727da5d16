"""Kills everything that can be killed while a school works, and proves that nothing was lost or told twice."""
