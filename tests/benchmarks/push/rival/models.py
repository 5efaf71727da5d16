"""What happened, for whom."""

from django.conf import settings
from django.db import models


class Fact(models.Model):  # type: ignore[misc]
    """A homework, a mark: what alerts are about."""

    title = models.TextField()
    body = models.TextField()


class Alert(models.Model):  # type: ignore[misc]
    """One fact for one person."""

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="alerts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
