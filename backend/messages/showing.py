"""Threads and messages as the two people see them. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from backend.messages import rules
from backend.messages.repository import ThreadSeen
from schemas import messages as wire
from schemas.files import AttachedFile

# What files are attached to.
FILES = "message"


def thread(seen: ThreadSeen) -> wire.Thread:
    assert seen.last_sent_at is not None  # noqa: S101 - a thread begins with its first message
    return wire.Thread(
        id=seen.id,
        child_id=seen.child_id,
        family_name=seen.family_name,
        given_name=seen.given_name,
        class_name=seen.class_name,
        other=_other(seen),
        last=wire.LastMessage(
            number=seen.last_number,
            mine=seen.last_mine,
            text=seen.last_text,
            sent_at=seen.last_sent_at,
            taken_back=seen.last_taken_back,
        ),
        unread=seen.unread,
        read=seen.read,
        read_by_other=seen.read_by_other,
        may_write=seen.may_write,
        blocked_until=seen.blocked_until,
        muted=seen.muted,
        office_hours=rules.office_hours(seen.hours),
    )


def message(row: Mapping[str, Any], attached: Mapping[UUID, list[AttachedFile]]) -> wire.Message:
    report = wire.Report(
        id=row["report_id"], reported_at=row["reported_at"], decision=row["decision"], answer=row["answer"]
    )
    return wire.Message(
        id=row["id"],
        number=row["number"],
        mine=row["mine"],
        text=row["text"],
        urgent=row["urgent"],
        written_at=row["written_at"],
        sent_at=row["sent_at"],
        taken_back=row["taken_back"],
        files=attached.get(row["id"], []),
        report=report if row["report_id"] else None,
    )


def _other(seen: ThreadSeen) -> wire.Person:
    role: wire.Role | None = None
    if seen.as_family and seen.capacities:
        role = rules.staff_role(seen.capacities)
    elif not seen.as_family and seen.family_kind:
        role = rules.family_role(seen.family_kind)
    return wire.Person(
        account_id=seen.other_id,
        name=seen.other_name,
        role=role,
        subjects=seen.subjects if seen.as_family else [],
    )


def reported(row: Mapping[str, Any], attached: Mapping[UUID, list[AttachedFile]]) -> wire.ReportedMessage:
    """A reported message, for those who decide."""
    same = (
        "id", "child_id", "family_name", "given_name", "text", "sent_at", "reported_at", "reason", "decision", "answer",
        "blocked_until", "decided_at",
    )  # fmt: skip
    return wire.ReportedMessage(
        author=wire.NamedPerson(account_id=row["author_id"], name=row["author_name"]),
        reported_by=wire.NamedPerson(account_id=row["reported_by"], name=row["reporter_name"]),
        files=attached.get(row["message_id"], []),
        **{name: row[name] for name in same},
    )
