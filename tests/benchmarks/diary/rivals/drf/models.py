"""Our tables as Django models."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


def _to(model: str, **options):  # type: ignore[no-untyped-def]
    return models.ForeignKey(model, on_delete=models.DO_NOTHING, **options)


class _Row(models.Model):  # type: ignore[misc]
    id = models.UUIDField(primary_key=True)

    class Meta:
        abstract = True


class Account(_Row):
    family_name = models.TextField()
    given_name = models.TextField()
    patronymic = models.TextField(null=True)
    disabled_at = models.DateTimeField(null=True)
    password_state = models.TextField()
    is_authenticated = True

    class Meta:
        managed = False
        db_table = "account"


class AuthSession(_Row):
    account = _to("Account")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "auth_session"


class School(_Row):
    timezone = models.TextField()

    class Meta:
        managed = False
        db_table = "school"


class SchoolRole(models.Model):  # type: ignore[misc]
    account = models.OneToOneField(Account, on_delete=models.DO_NOTHING, primary_key=True)
    school = _to("School")
    role = models.TextField()
    starts = models.DateField()
    ends = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "school_role"


class Period(_Row):
    school = _to("School")
    starts = models.DateField()
    ends = models.DateField()

    class Meta:
        managed = False
        db_table = "period"


class Subject(_Row):
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "subject"


class SchoolClass(_Row):
    class_teacher = _to("Account")

    class Meta:
        managed = False
        db_table = "school_class"


class StudyGroup(_Row):
    school_class = _to("SchoolClass", db_column="class_id", related_name="groups")
    whole_class = models.BooleanField()

    class Meta:
        managed = False
        db_table = "study_group"


class Student(_Row):
    school = _to("School")
    account_id = models.UUIDField(null=True)
    left_on = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "student"


class _Span(_Row):
    starts = models.DateField()
    ends = models.DateField(null=True)

    class Meta:
        abstract = True


class Enrolment(_Span):
    student = _to("Student", related_name="enrolments")
    school_class = _to("SchoolClass", db_column="class_id")

    class Meta:
        managed = False
        db_table = "enrolment"


class GroupMember(_Span):
    student = _to("Student", related_name="memberships")
    group = _to("StudyGroup")

    class Meta:
        managed = False
        db_table = "group_member"


class Guardianship(_Span):
    student = _to("Student", related_name="guardianships")
    account = _to("Account")
    may_view = models.BooleanField()

    class Meta:
        managed = False
        db_table = "guardianship"


class Lesson(_Row):
    group = _to("StudyGroup")
    subject = _to("Subject")
    day = models.DateField()
    number = models.SmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    room = models.TextField(null=True)
    topic = models.TextField(null=True)
    state = models.TextField()
    remote = models.BooleanField()
    replaces_teacher_id = models.UUIDField(null=True)
    replaces_subject_id = models.UUIDField(null=True)
    moved_to = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = "lesson"


class Work(_Row):
    lesson = _to("Lesson", related_name="works")
    subject = _to("Subject")
    kind = models.TextField()
    topic = models.TextField(null=True)
    weight = models.DecimalField(max_digits=4, decimal_places=2)
    counted = models.BooleanField()

    class Meta:
        managed = False
        db_table = "work"


class MarkVersion(models.Model):  # type: ignore[misc]
    work = models.OneToOneField(Work, on_delete=models.DO_NOTHING, primary_key=True)
    student = _to("Student")
    slot = models.SmallIntegerField()
    version = models.IntegerField()
    day = models.DateField()
    value = models.TextField(null=True)
    due_on = models.DateField(null=True)
    visible_from = models.DateTimeField()
    comment = models.TextField(null=True)
    set_at = models.DateTimeField()
    set_by = _to("Account", null=True, db_column="set_by")

    class Meta:
        managed = False
        db_table = "mark_version"


class AttendanceVersion(models.Model):  # type: ignore[misc]
    lesson = models.OneToOneField(Lesson, on_delete=models.DO_NOTHING, primary_key=True)
    student = _to("Student")
    version = models.IntegerField()
    code = models.TextField()
    symbol = models.TextField(null=True)
    minutes = models.SmallIntegerField(null=True)
    visible_from = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "attendance_version"


class Homework(_Row):
    group = _to("StudyGroup")
    subject = _to("Subject")
    due_on = models.DateField()
    body = models.TextField()
    mandatory = models.BooleanField()
    minutes = models.SmallIntegerField(null=True)
    links = ArrayField(models.TextField())
    individual = models.BooleanField()
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "homework"


class HomeworkStudent(models.Model):  # type: ignore[misc]
    homework = models.OneToOneField(Homework, on_delete=models.DO_NOTHING, primary_key=True)
    student = _to("Student")

    class Meta:
        managed = False
        db_table = "homework_student"


class HomeworkDone(models.Model):  # type: ignore[misc]
    homework = models.OneToOneField(Homework, on_delete=models.DO_NOTHING, primary_key=True)
    student = _to("Student")

    class Meta:
        managed = False
        db_table = "homework_done"


class StoredFile(_Row):
    owner_id = models.UUIDField(null=True)
    owner_kind = models.TextField(null=True)
    position = models.SmallIntegerField(null=True)
    name = models.TextField()
    media_type = models.TextField()
    size = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "stored_file"


class AbsenceNoticeDay(models.Model):  # type: ignore[misc]
    student = models.OneToOneField(Student, on_delete=models.DO_NOTHING, primary_key=True)
    day = models.DateField()

    class Meta:
        managed = False
        db_table = "absence_notice_day"


class ExcuseVersion(models.Model):  # type: ignore[misc]
    student = models.OneToOneField(Student, on_delete=models.DO_NOTHING, primary_key=True)
    day = models.DateField()
    version = models.IntegerField()
    state = models.TextField(null=True)
    lessons = ArrayField(models.SmallIntegerField(), null=True)

    class Meta:
        managed = False
        db_table = "excuse_version"


class Remark(_Row):
    student = _to("Student")
    lesson = _to("Lesson", null=True)
    day = models.DateField()
    kind = models.TextField()
    body = models.TextField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "remark"
