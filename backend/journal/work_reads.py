"""What the journal publishes of works themselves, without their marks."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlmodel import col

from backend.core.reads import Day, Read, Whose
from backend.journal.models import Work
from backend.school.models import Membership, Subject
from backend.timetable.models import Lesson
from backend.timetable.repository import PLANNED


def works_of_child(child: Whose, first: Day, last: Day, kinds: Sequence[str]) -> Read:
    """Published read: works of some kinds given to the child's groups on some days, in lessons that take place."""
    return (
        select(col(Work.id), col(Work.day), col(Work.kind), col(Work.topic), col(Subject.name).label("subject"))
        .join(Lesson, col(Lesson.id) == col(Work.lesson_id))
        .join(Membership, col(Membership.group_id) == col(Work.group_id))
        .join(Subject, col(Subject.id) == col(Work.subject_id))
        .where(
            col(Work.kind).in_(kinds),
            col(Work.day).between(first, last),
            PLANNED,
            col(Membership.student_id) == child,
            col(Membership.starts) <= col(Work.day),
            or_(col(Membership.ends).is_(None), col(Membership.ends) >= col(Work.day)),
        )
    )
