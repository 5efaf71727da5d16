"""What goes over the wire."""

from rest_framework import serializers


class Mark(serializers.Serializer):  # type: ignore[misc]
    workId = serializers.UUIDField(source="work_id")
    slot = serializers.IntegerField()
    dueOn = serializers.DateField(source="due_on", allow_null=True)
    kind = serializers.CharField(source="work.kind")
    topic = serializers.CharField(source="work.topic", allow_null=True)
    value = serializers.CharField()
    weight = serializers.DecimalField(source="work.weight", max_digits=4, decimal_places=2)
    comment = serializers.CharField(allow_null=True)
    setAt = serializers.DateTimeField(source="set_at")
    setBy = serializers.CharField(source="author", allow_null=True)


class Absence(serializers.Serializer):  # type: ignore[misc]
    code = serializers.CharField()
    symbol = serializers.CharField(allow_null=True)
    minutes = serializers.IntegerField(allow_null=True)


class Lesson(serializers.Serializer):  # type: ignore[misc]
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    startsAt = serializers.DateTimeField(source="starts_at")
    endsAt = serializers.DateTimeField(source="ends_at")
    subjectId = serializers.UUIDField(source="subject_id")
    subject = serializers.CharField(source="subject.name")
    room = serializers.CharField(allow_null=True)
    topic = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    remote = serializers.BooleanField()
    substitution = serializers.BooleanField()
    movedTo = serializers.UUIDField(source="moved_to", allow_null=True)
    marks = Mark(many=True)
    absence = Absence(allow_null=True)


class File(serializers.Serializer):  # type: ignore[misc]
    id = serializers.UUIDField()
    name = serializers.CharField()
    mediaType = serializers.CharField(source="media_type")
    size = serializers.IntegerField()


class Homework(serializers.Serializer):  # type: ignore[misc]
    id = serializers.UUIDField()
    subjectId = serializers.UUIDField(source="subject_id")
    subject = serializers.CharField(source="subject.name")
    text = serializers.CharField(source="body")
    mandatory = serializers.BooleanField()
    minutes = serializers.IntegerField(allow_null=True)
    links = serializers.ListField(child=serializers.CharField())
    files = File(many=True)
    individual = serializers.BooleanField()
    done = serializers.BooleanField()
    editedAt = serializers.DateTimeField(source="edited_at", allow_null=True)


class Remark(serializers.Serializer):  # type: ignore[misc]
    id = serializers.UUIDField()
    kind = serializers.CharField()
    text = serializers.CharField(source="body")
    subject = serializers.CharField(allow_null=True)


class Day(serializers.Serializer):  # type: ignore[misc]
    day = serializers.DateField()
    absenceNotice = serializers.BooleanField(source="absence_notice")
    lessons = Lesson(many=True)
    homework = Homework(many=True)
    remarks = Remark(many=True)


class Average(serializers.Serializer):  # type: ignore[misc]
    subjectId = serializers.UUIDField(source="subject_id")
    subject = serializers.CharField()
    average = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)
    marks = serializers.IntegerField()


class Week(serializers.Serializer):  # type: ignore[misc]
    childId = serializers.UUIDField(source="child_id")
    firstDay = serializers.DateField(source="first_day")
    lastDay = serializers.DateField(source="last_day")
    today = serializers.DateField()
    days = Day(many=True)
    averages = Average(many=True)
