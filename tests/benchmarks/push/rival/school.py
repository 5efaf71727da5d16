"""The producer: a process that commits facts with their alerts, as the web application would.

python -m tests.benchmarks.push.rival.school prepare PEOPLE
python -m tests.benchmarks.push.rival.school alerts|facts FACTS PEOPLE_OF_A_FACT
"""

import os
import sys
import time
from functools import partial
from itertools import islice

import django

# About 1.3 kB on the wire, as our sealed message: JSON escapes each Cyrillic letter in six bytes here.
BODY = "Алгебра: 5 за контрольную работу. " * 6


def prepare(people: int) -> None:
    """Tables, people, and a device for each."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from fcm_django.models import FCMDevice

    call_command("migrate", verbosity=0)
    # Ours have no migrations, and refer to tables that have.
    call_command("migrate", run_syncdb=True, verbosity=0)
    users = User.objects.bulk_create(User(username=f"parent-{number}") for number in range(people))
    FCMDevice.objects.bulk_create(
        FCMDevice(user=user, registration_id=f"{user.username}-{os.urandom(66).hex()}", type="android")
        for user in users
    )


def commit(kind: str, facts: int, people: int) -> None:
    """Each fact in a transaction of its own, its alerts in one statement, its tasks after the commit.

    Prints when it began, by the clock that all processes share.
    """
    from django.contrib.auth.models import User
    from django.db import transaction

    from tests.benchmarks.push.rival.models import Alert, Fact
    from tests.benchmarks.push.rival.tasks import send_alert, send_fact

    print(time.monotonic(), flush=True)
    users = list(islice(User.objects.values_list("pk", flat=True), people))
    for number in range(facts):
        with transaction.atomic():
            fact = Fact.objects.create(title=f"Иван Петров {number}", body=BODY)
            alerts = Alert.objects.bulk_create(Alert(fact=fact, user_id=user) for user in users)
            if kind == "facts":
                transaction.on_commit(partial(send_fact.delay, fact.pk))
                continue
            for alert in alerts:
                transaction.on_commit(partial(send_alert.delay, alert.pk))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.push.rival.settings")
    django.setup()
    if sys.argv[1] == "prepare":
        prepare(int(sys.argv[2]))
    else:
        commit(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
