"""The one Django app."""

from django.apps import AppConfig


class Diary(AppConfig):  # type: ignore[misc]
    name = "tests.benchmarks.diary.rivals.drf"
    label = "diary"
