"""The week, with Django's ORM."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, Q
from django.http import Http404
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.benchmarks.diary.rivals.bearer import read_token
from tests.benchmarks.diary.rivals.drf import models, serializers


class Token(BaseAuthentication):  # type: ignore[misc]
    """Our access token, and its session alive."""

    def authenticate(self, request: Any) -> tuple[Any, Any]:
        token = read_token(request.headers.get("authorization", ""))
        if token is None:
            raise AuthenticationFailed
        found = models.AuthSession.objects.select_related("account").filter(
            id=token[1], account_id=token[0], ended_at=None, account__disabled_at=None, account__password_state="set"
        )
        session = found.first()
        if session is None:
            raise AuthenticationFailed
        return session.account, token


class Week(APIView):  # type: ignore[misc]
    """One child's week."""

    authentication_classes = (Token,)
    permission_classes = (IsAuthenticated,)

    def get(self, request: Any, child_id: UUID) -> Any:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.account', %s, true)", [str(request.user.id)])
            asked = request.query_params.get("day")
            return Response(serializers.Week(_week(request.user, child_id, asked)).data)


def _on(day: Any, prefix: str = "") -> Q:
    ends = {f"{prefix}ends__isnull": True}, {f"{prefix}ends__gte": day}
    return Q(**{f"{prefix}starts__lte": day}) & (Q(**ends[0]) | Q(**ends[1]))


def _may_view(account: models.Account, student: models.Student, today: date) -> bool:
    if student.account_id == account.id:
        return True
    if student.guardianships.filter(_on(today), account=account, may_view=True).exists():
        return True
    roles = set(
        models.SchoolRole.objects.filter(_on(today), account=account, school=student.school).values_list(
            "role", flat=True
        )
    )
    if roles & {"deputy", "director"}:
        return True
    return bool(roles) and student.enrolments.filter(_on(today), school_class__class_teacher=account).exists()


def _week(account: models.Account, child_id: UUID, asked: str | None) -> dict[str, Any]:
    student = models.Student.objects.select_related("school").filter(id=child_id, left_on=None).first()
    if student is None:
        raise Http404
    today = datetime.now(UTC).astimezone(ZoneInfo(student.school.timezone)).date()
    if not _may_view(account, student, today):
        raise Http404
    day = date.fromisoformat(asked) if asked else today
    first = day - timedelta(days=day.weekday())
    last = first + timedelta(days=6)
    period = models.Period.objects.filter(school=student.school, starts__lte=day, ends__gte=day).first()
    span = (period.starts, period.ends) if period else (first, last)
    lessons = list(
        models.Lesson.objects.select_related("subject")
        .filter(_membership("day", child_id), day__range=(first, last)).order_by("starts_at").distinct()
    )  # fmt: skip
    homework = (
        models.Homework.objects.select_related("subject")
        .filter(_membership("due_on", child_id), due_on__range=(first, last), removed_at=None).order_by("id").distinct()
    )  # fmt: skip
    given = [item.id for item in homework]
    own = set(
        models.HomeworkStudent.objects.filter(student=child_id, homework__in=given).values_list(
            "homework_id", flat=True
        )
    )
    done = set(
        models.HomeworkDone.objects.filter(student=child_id, homework__in=given).values_list("homework_id", flat=True)
    )
    files = defaultdict(list)
    for file in models.StoredFile.objects.filter(owner_kind="homework", owner_id__in=given).order_by("position"):
        files[file.owner_id].append(file)
    due = defaultdict(list)
    for item in homework:
        if not item.individual or item.id in own:
            item.files, item.done = files[item.id], item.id in done
            due[item.due_on].append(item)
    marks = _marks(child_id, min(first, span[0]), max(last, span[1]))
    by_lesson = defaultdict(list)
    for mark in marks:
        if first <= mark.day <= last:
            by_lesson[mark.work.lesson_id].append(mark)
    notices = set(
        models.AbsenceNoticeDay.objects.filter(student=child_id, day__range=(first, last)).values_list("day", flat=True)
    )
    absences = _absences(child_id, lessons, first, last, notices)
    by_day = defaultdict(list)
    for lesson in lessons:
        lesson.marks = by_lesson[lesson.id]
        lesson.absence = absences.get(lesson.id)
        lesson.substitution = bool(lesson.replaces_teacher_id or lesson.replaces_subject_id)
        by_day[lesson.day].append(lesson)
    remarks = _remarks(child_id, first, last)
    days = [first + timedelta(days=number) for number in range(7)]
    return {
        "child_id": child_id, "first_day": first, "last_day": last, "today": today,
        "days": [
            {
                "day": day, "absence_notice": day in notices, "lessons": by_day[day], "homework": due[day],
                "remarks": remarks[day],
            }
            for day in days
        ],
        "averages": _averages([mark for mark in marks if mark.work.counted and span[0] <= mark.day <= span[1]]),
    }  # fmt: skip


def _membership(day: str, child_id: UUID) -> Q:
    whole = Q(group__whole_class=True, group__school_class__enrolment__student=child_id)
    own = Q(group__groupmember__student=child_id)
    return (whole & _on(F(day), "group__school_class__enrolment__")) | (own & _on(F(day), "group__groupmember__"))


def _marks(child_id: UUID, first: date, last: date) -> list[models.MarkVersion]:
    rows = models.MarkVersion.objects.select_related("work__subject", "set_by").filter(
        student=child_id, day__range=(first, last), visible_from__lte=datetime.now(UTC)
    )
    newest = {(mark.work_id, mark.slot): mark for mark in rows.order_by("work_id", "slot", "version")}
    found = [mark for mark in newest.values() if mark.value is not None]
    for mark in found:
        mark.author = _name(mark.set_by)
    return found


def _name(person: models.Account | None) -> str | None:
    return person and " ".join(filter(None, (person.family_name, person.given_name, person.patronymic)))


def _absences(
    child_id: UUID, lessons: list[models.Lesson], first: date, last: date, notices: set[date]
) -> dict[UUID, models.AttendanceVersion]:
    facts = models.AttendanceVersion.objects.filter(
        student=child_id, lesson__in=[x.id for x in lessons], visible_from__lte=datetime.now(UTC)
    )
    newest = {fact.lesson_id: fact for fact in facts.order_by("version")}
    versions = models.ExcuseVersion.objects.filter(student=child_id, day__range=(first, last)).order_by("version")
    excuses = {excuse.day: excuse for excuse in versions}
    absences = {}
    for lesson in lessons:
        fact = newest.get(lesson.id)
        if fact is not None and fact.code != "present":
            fact.code = _excused(fact.code, lesson, excuses.get(lesson.day), lesson.day in notices)
            absences[lesson.id] = fact
    return absences


def _excused(fact: str, lesson: models.Lesson, excuse: models.ExcuseVersion | None, noticed: bool) -> str:
    if fact not in ("absent", "excused", "unexcused", "ill"):
        return fact
    if excuse and excuse.state and (excuse.lessons is None or lesson.number in excuse.lessons):
        return str(excuse.state)
    return "excused" if fact == "absent" and noticed else fact


def _remarks(child_id: UUID, first: date, last: date) -> dict[date, list[models.Remark]]:
    found = models.Remark.objects.select_related("lesson__subject").filter(
        student=child_id, day__range=(first, last), taken_back_at=None
    )
    by_day = defaultdict(list)
    for remark in found.order_by("id"):
        remark.subject = remark.lesson and remark.lesson.subject.name
        by_day[remark.day].append(remark)
    return by_day


def _averages(marks: list[models.MarkVersion]) -> list[dict[str, Any]]:
    subjects = defaultdict(list)
    for mark in marks:
        subjects[mark.work.subject].append(mark)
    return [
        {"subject_id": subject.id, "subject": subject.name, "average": _average(found), "marks": len(found)}
        for subject, found in sorted(subjects.items(), key=lambda item: (item[0].name, item[0].id))
    ]


def _average(marks: list[models.MarkVersion]) -> Decimal | None:
    numbers = [(Decimal(mark.value), mark.work.weight) for mark in marks if mark.value in "12345"]
    weight = sum((weight for _, weight in numbers), Decimal())
    if not weight:
        return None
    return (sum((value * of for value, of in numbers), Decimal()) / weight).quantize(Decimal("0.01"), ROUND_HALF_UP)
