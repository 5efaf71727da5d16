"""Nobody outside the school's server reads a child's data: not Google, not a log."""

import contextlib
import io
import json
import logging
from datetime import timedelta

import structlog

from backend.core.logging import configure_logging
from push.standin.faults import Fault
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import deliver, give_handset
from tests.world import World

SEEDED = ("Иван", "Пётр", "Петров", "Математика", "Молодец", "температура", "№ 412", "Итоги", "5А", "секрет")


async def live_a_day(world: World) -> None:
    """Everything that this slice can say, with words that must not leave."""
    tomorrow = str(world.today + timedelta(days=1))
    await world.set_mark("5", comment="Молодец")
    await world.teacher.put(
        f"/v1/lessons/{world.lesson}/attendance", {"entries": [{"studentId": str(world.ivan), "code": "absent"}]}
    )
    await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", {"dueOn": tomorrow, "text": "№ 412"})
    notice = {"firstDay": tomorrow, "lastDay": tomorrow, "reason": "illness", "comment": "температура"}
    await world.mother.post(f"/v1/children/{world.ivan}/absence-notices", notice)
    starts = world.clock.now + timedelta(days=2)
    meeting = {
        "title": "Итоги", "place": "12", "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
    }  # fmt: skip
    await world.class_teacher.post(f"/v1/classes/{world.school.class_id}/meetings", meeting)
    await world.client.post("/v1/sessions", json={"login": "mother", "password": "секрет", "deviceName": "Петров"})
    await world.teacher.put(f"/v1/works/{world.lesson}/marks", {"marks": [{"value": "Молодец"}]})


async def test_no_seeded_word_reaches_google_or_a_log(world: World, standin: Standin, worker: Worker) -> None:
    """Every byte that the stand-in received, headers and all, as it is and as JSON writes it."""
    standin.record = True
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        configure_logging("debug", cached=False)
        try:
            handsets = [
                await give_handset(world, standin, who, platform=platform, sealed=sealed)
                for who in (world.mother, world.father, world.student, world.class_teacher)
                for platform in ("android", "ios", "web")
                for sealed in (True, False)
            ]
            standin.faults.waiting += [Fault(code="INTERNAL", times=3), Fault(code="INVALID_ARGUMENT", times=2)]
            await live_a_day(world)
            await deliver(worker)
            world.clock.move(seconds=30)
            await deliver(worker)
        finally:
            structlog.reset_defaults()
            logging.getLogger().handlers.clear()

    received = [message for handset in handsets for message in handset.received]
    assert len(received) > 40
    wire = b"".join(recorded.raw for recorded in standin.requests).decode(errors="replace")
    assert len(wire) > 40 * 500
    logs = written.getvalue()
    assert "request" in logs
    for word in SEEDED:
        escaped = json.dumps(word).strip('"')
        for text in (wire, logs):
            assert word not in text
            assert escaped not in text
    for handset in handsets:
        assert handset.token not in logs
    assert world.mother.token not in logs
