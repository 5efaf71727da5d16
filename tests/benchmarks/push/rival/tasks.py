"""The tasks: a task an alert, or a task a fact for all its devices at once."""

from datetime import timedelta

from fcm_django.models import FCMDevice
from firebase_admin import messaging

from tests.benchmarks.push.rival.celery import app
from tests.benchmarks.push.rival.models import Alert, Fact


@app.task  # type: ignore[untyped-decorator]
def send_alert(alert_id: int) -> None:
    """One alert to the devices of its person."""
    alert = Alert.objects.select_related("fact").get(pk=alert_id)
    message = _message(alert.fact, str(alert.pk))
    for device in FCMDevice.objects.filter(user_id=alert.user_id, active=True):
        device.send_message(message)


@app.task  # type: ignore[untyped-decorator]
def send_fact(fact_id: int) -> None:
    """One fact to all devices of all its people: fcm-django makes batches of 500 of them."""
    fact = Fact.objects.get(pk=fact_id)
    devices = FCMDevice.objects.filter(user__alert__fact_id=fact_id, active=True)
    devices.send_message(_message(fact, str(fact_id)))


def _message(fact: Fact, identifier: str) -> messaging.Message:
    return messaging.Message(
        data={"id": identifier, "title": fact.title, "body": fact.body},
        android=messaging.AndroidConfig(priority="high", ttl=timedelta(days=1)),
    )
