"""Two addresses."""

from django.http import HttpResponse
from django.urls import path

from tests.benchmarks.diary.rivals.drf.views import Week

urlpatterns = [
    path("health/ready", lambda request: HttpResponse(b"{}")),
    path("v1/children/<uuid:child_id>/week", Week.as_view()),
]
