"""Every operation, called by everybody who may not: a foreign id is 404, and nothing changes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from backend.core.access import Access, access_of
from backend.parts import Parts
from backend.school.models import SchoolRole
from tests.meetings.scenes import call
from tests.messages.letters import write
from tests.school.september import prepare, roll_over
from tests.timetable.scenes import set_bells
from tests.world import STARTS, World, carried

STAFF_OF_LESSON = ("teacher", "deputy")
MARKERS_OF_LESSON = (*STAFF_OF_LESSON, "class_teacher")
STAFF = ("teacher", "other_teacher", "class_teacher", "deputy", "director", "administrator")
MANAGERS = ("deputy", "administrator")
LEADERS = ("class_teacher", "deputy", "administrator")
HEADS = ("deputy", "director", "administrator")
EVENT = {
    "kind": "excursion", "title": "Музей", "firstDay": "{tomorrow}", "lastDay": "{tomorrow}",
    "classIds": ["{class_id}"],
}  # fmt: skip
YEAR = "/v1/schools/{school}/years/{year}"
VIEWERS = ("mother", "father", "student", "class_teacher", "deputy", "director")
EVERYBODY = (
    "teacher", "other_teacher", "class_teacher", "deputy", "director", "administrator", "mother", "father", "former",
    "student", "neighbour", "stranger", "foreign_teacher",
)  # fmt: skip

# operation -> (who may; method; path; body). `...` stands for an operation about oneself.
OPERATIONS: dict[str, tuple[tuple[str, ...], str, str, Any]] = {
    "getClassList": (LEADERS, "GET", "/v1/classes/{class_id}/students", None),
    "issueAttachCode": (LEADERS, "POST", "/v1/classes/{class_id}/students/{ivan}/attach-code", None),
    "issueOneTimePassword": (
        ("class_teacher", "administrator"), "POST", "/v1/accounts/{father}/one-time-password", None,
    ),
    "importClassList": (
        LEADERS, "POST", "/v1/schools/{school}/class-list", "Фамилия;Имя;Класс\nНовиков;Лев;5А".encode(),
    ),
    "getClassListTemplate": ((*STAFF, "foreign_teacher"), "GET", "/v1/templates/class-list", None),
    "importTimetable": (
        MANAGERS, "POST", "/v1/schools/{school}/timetable",
        "Класс или группа;День;Урок;Предмет;Учитель\n5А;Пн;1;Математика;teacher".encode(),
    ),
    "getTimetableTemplate": ((*STAFF, "foreign_teacher"), "GET", "/v1/templates/timetable", None),
    "issueCredentials": (
        ("class_teacher", "administrator"), "POST", "/v1/classes/{class_id}/credentials", {"renew": True},
    ),
    "giveWork": (MARKERS_OF_LESSON, "POST", "/v1/works", {"lessonId": "{lesson}", "kind": "test"}),
    "setMarks": (
        MARKERS_OF_LESSON, "PUT", "/v1/works/{work}/marks", {"marks": [{"studentId": "{ivan}", "value": "5"}]},
    ),
    "takeAttendance": (STAFF_OF_LESSON, "PUT", "/v1/lessons/{lesson}/attendance", {"entries": []}),
    "giveHomework": (
        STAFF_OF_LESSON, "POST", "/v1/lessons/{lesson}/homework", {"dueOn": "{tomorrow}", "text": "§ 1"},
    ),
    "changeHomework": (
        STAFF_OF_LESSON, "PATCH", "/v1/homework/{homework}", {"version": 1, "text": "§ 2"},
    ),
    "removeHomework": (STAFF_OF_LESSON, "DELETE", "/v1/homework/{homework}", None),
    "listHomework": (VIEWERS, "GET", "/v1/children/{ivan}/homework", None),
    "tickHomework": (("student",), "PUT", "/v1/children/{ivan}/homework/{homework}/done", {"done": True}),
    "getJournalPage": (STAFF_OF_LESSON, "GET", "/v1/lessons/{lesson}", None),
    "saveLesson": (STAFF_OF_LESSON, "PUT", "/v1/lessons/{lesson}", {"topic": "Дроби"}),
    "getMarkHistory": (STAFF_OF_LESSON, "GET", "/v1/works/{marked}/marks/{ivan}/1/history", None),
    "decideCorrection": (("deputy",), "PUT", "/v1/corrections/{correction}", {"approve": True}),
    "getJournalSettings": (STAFF, "GET", "/v1/schools/{school}/journal-settings", None),
    "changeJournalSettings": (("deputy",), "PATCH", "/v1/schools/{school}/journal-settings", {"ratingShown": False}),
    "getFinals": (STAFF_OF_LESSON, "GET", "/v1/groups/{group}/subjects/{subject}/periods/{period}/finals", None),
    "setFinals": (
        STAFF_OF_LESSON, "PUT", "/v1/groups/{group}/subjects/{subject}/periods/{period}/finals",
        {"finals": [{"studentId": "{ivan}", "value": "5"}]},
    ),
    "closePeriod": (("deputy",), "PUT", "/v1/classes/{class_id}/periods/{period}/closing", {"closed": True}),
    "getProgress": (VIEWERS, "GET", "/v1/children/{ivan}/progress", None),
    "getStatistics": (VIEWERS, "GET", "/v1/children/{ivan}/statistics", None),
    "getDynamics": (VIEWERS, "GET", "/v1/children/{ivan}/dynamics", None),
    "getGoal": (VIEWERS, "GET", "/v1/children/{ivan}/subjects/{subject}/goal?goal=4.5", None),
    "getRating": (VIEWERS, "GET", "/v1/children/{ivan}/rating", None),
    "getSchoolControl": (("deputy", "director"), "GET", "/v1/schools/{school}/control", None),
    "getSchoolControlTable": (("deputy", "director"), "GET", "/v1/schools/{school}/control/table", None),
    "getWeeklyCheck": (LEADERS, "GET", "/v1/classes/{class_id}/weekly-check", None),
    "getBells": (STAFF, "GET", "/v1/schools/{school}/bells", None),
    "setBells": (MANAGERS, "PUT", "/v1/schools/{school}/bells", {"bells": []}),
    "getCalendar": (STAFF, "GET", "/v1/schools/{school}/calendar", None),
    "addCalendarSpan": (
        MANAGERS, "POST", "/v1/schools/{school}/calendar",
        {"kind": "day-off", "name": "Праздник", "starts": "{tomorrow}", "ends": "{tomorrow}"},
    ),
    "removeCalendarSpan": (MANAGERS, "DELETE", "/v1/schools/{school}/calendar/{span}", None),
    "getClassTimetable": (LEADERS, "GET", "/v1/classes/{class_id}/timetable", None),
    "setClassTimetable": (LEADERS, "PUT", "/v1/classes/{class_id}/timetable", {"lessons": []}),
    "getGroupTimetable": (MANAGERS, "GET", "/v1/groups/{group}/timetable", None),
    "setGroupTimetable": (MANAGERS, "PUT", "/v1/groups/{group}/timetable", {"lessons": []}),
    "changeLesson": (MANAGERS, "PATCH", "/v1/lessons/{lesson}", {"room": "7"}),
    "addLesson": (
        MANAGERS, "POST", "/v1/groups/{group}/lessons{bells}",
        {"subjectId": "{subject}", "teacherId": "{teacher}", "day": "{tomorrow}", "number": 2},
    ),
    "getAbsenceOfTeacher": (
        MANAGERS, "GET", "/v1/schools/{school}/teachers/{teacher}/absence?first={tomorrow}&last={tomorrow}", None,
    ),
    "substitute": (
        MANAGERS, "POST", "/v1/schools/{school}/substitutions",
        {"covers": [{"lessonId": "{lesson}", "teacherId": "{teacher}"}]},
    ),
    "getClassStay": (LEADERS, "GET", "/v1/classes/{class_id}/stay", None),
    "setClassStay": (LEADERS, "PUT", "/v1/classes/{class_id}/stay", {"items": []}),
    "getClassCurriculum": (LEADERS, "GET", "/v1/classes/{class_id}/curriculum", None),
    "setClassCurriculum": (LEADERS, "PUT", "/v1/classes/{class_id}/curriculum", {"subjects": []}),
    "getTextbooks": (STAFF, "GET", "/v1/schools/{school}/textbooks", None),
    "setTextbooks": (MANAGERS, "PUT", "/v1/schools/{school}/textbooks", {"books": []}),
    "getChildCalendar": (VIEWERS, "GET", "/v1/children/{ivan}/calendar", None),
    "getChildStay": (VIEWERS, "GET", "/v1/children/{ivan}/stay", None),
    "getChildCurriculum": (VIEWERS, "GET", "/v1/children/{ivan}/curriculum", None),
    "getBackpack": (VIEWERS, "GET", "/v1/children/{ivan}/backpack", None),
    "getYearFinals": (
        STAFF_OF_LESSON, "GET", "/v1/groups/{group}/subjects/{subject}/years/{year}/finals?kind=year", None,
    ),
    "setYearFinals": (
        STAFF_OF_LESSON, "PUT", "/v1/groups/{group}/subjects/{subject}/years/{year}/finals?kind=exam",
        {"finals": [{"studentId": "{ivan}", "value": "5"}]},
    ),
    "giveRemark": (
        STAFF_OF_LESSON, "POST", "/v1/lessons/{lesson}/remarks",
        {"studentId": "{ivan}", "kind": "praise", "text": "Помог другу"},
    ),
    "giveRemarkToChild": (
        ("class_teacher", "deputy"), "POST", "/v1/children/{ivan}/remarks", {"kind": "remark", "text": "Без сменки"},
    ),
    "takeBackRemark": (("teacher", "deputy"), "DELETE", "/v1/remarks/{remark}", None),
    "listRemarks": (VIEWERS, "GET", "/v1/children/{ivan}/remarks", None),
    "getBehaviour": (LEADERS, "GET", "/v1/classes/{class_id}/behaviour/2026-11-18", None),
    "setBehaviour": (
        LEADERS, "PUT", "/v1/classes/{class_id}/behaviour/2026-11-18",
        {"entries": [{"studentId": "{ivan}", "value": "good"}]},
    ),
    "getChildFinals": (VIEWERS, "GET", "/v1/children/{ivan}/finals", None),
    "fileAbsenceNotice": (
        ("mother", "father"), "POST", "/v1/children/{ivan}/absence-notices",
        {"firstDay": "{tomorrow}", "lastDay": "{tomorrow}", "reason": "illness"},
    ),
    "listAbsenceNotices": (
        ("mother", "father", "class_teacher", "deputy"), "GET", "/v1/children/{ivan}/absence-notices", None,
    ),
    "changeAbsenceNotice": (("mother",), "PATCH", "/v1/absence-notices/{notice}", {"comment": "Кашель"}),
    "cancelAbsenceNotice": (("mother",), "PUT", "/v1/absence-notices/{notice}/cancellation", None),
    "decideAbsenceNotice": (
        ("class_teacher", "deputy"), "PUT", "/v1/absence-notices/{notice}/decision", {"accept": True},
    ),
    "listClassAbsenceNotices": (LEADERS, "GET", "/v1/classes/{class_id}/absence-notices", None),
    "getSchoolAbsences": (("deputy",), "GET", "/v1/schools/{school}/absences", None),
    "getChildAttendance": (VIEWERS, "GET", "/v1/children/{ivan}/attendance", None),
    "listExcuses": (("class_teacher", "deputy"), "GET", "/v1/children/{ivan}/excuses", None),
    "setExcuse": (
        ("class_teacher", "deputy"), "PUT", "/v1/children/{ivan}/excuses",
        {"firstDay": "{tomorrow}", "lastDay": "{tomorrow}", "state": "excused"},
    ),
    "getMorningBoard": (LEADERS, "GET", "/v1/classes/{class_id}/morning", None),
    "getAttendanceSettings": (STAFF, "GET", "/v1/schools/{school}/attendance-settings", None),
    "changeAttendanceSettings": (
        ("deputy",), "PATCH", "/v1/schools/{school}/attendance-settings", {"delayMinutes": 3},
    ),
    "callMeeting": (
        LEADERS, "POST", "/v1/classes/{class_id}/meetings",
        {"title": "Итоги", "place": "12", "startsAt": "{later}", "endsAt": "{still_later}"},
    ),
    "callSchoolMeeting": (
        HEADS, "POST", "/v1/schools/{school}/meetings",
        {"title": "Итоги", "place": "12", "startsAt": "{later}", "endsAt": "{still_later}"},
    ),
    "listClassMeetings": (LEADERS, "GET", "/v1/classes/{class_id}/meetings", None),
    "listSchoolMeetings": (HEADS, "GET", "/v1/schools/{school}/meetings", None),
    "getMeeting": (
        ("class_teacher", *HEADS, "mother", "father", "neighbour", "student", "teacher"), "GET",
        "/v1/meetings/{meeting}", None,
    ),
    "changeMeeting": (("class_teacher", *HEADS), "PATCH", "/v1/meetings/{meeting}", {"version": 1, "title": "Другое"}),
    "cancelMeeting": (
        ("class_teacher", *HEADS), "PUT", "/v1/meetings/{meeting}/cancellation", {"version": 1, "reason": "Карантин"},
    ),
    "setMeetingMinutes": (
        ("class_teacher", *HEADS), "PUT", "/v1/meetings/{begun_meeting}/minutes", {"version": 1, "text": "Решили"},
    ),
    "answerMeeting": (
        ("mother", "father", "neighbour", "teacher"), "PUT", "/v1/meetings/{meeting}/answer", {"coming": True},
    ),
    "getMeetingAnswers": (("class_teacher", *HEADS), "GET", "/v1/meetings/{meeting}/answers", None),
    "listMeetings": (VIEWERS, "GET", "/v1/children/{ivan}/meetings", None),
    "getDiaryDay": (VIEWERS, "GET", "/v1/children/{ivan}/day", None),
    "createFeedCredential": (("administrator",), "POST", "/v1/schools/{school}/feed-credentials", {"name": "Журнал"}),
    "listFeedCredentials": (("administrator",), "GET", "/v1/schools/{school}/feed-credentials", None),
    "revokeFeedCredential": (("administrator",), "DELETE", "/v1/schools/{school}/feed-credentials/{credential}", None),
    "getDiaryWeek": (VIEWERS, "GET", "/v1/children/{ivan}/week", None),
    "listYears": (STAFF, "GET", "/v1/schools/{school}/years", None),
    "createYear": (
        MANAGERS, "POST", "/v1/schools/{school}/years",
        {"name": "2028/2029", "starts": "2028-09-01", "ends": "2029-05-31"},
    ),
    "setPeriods": (MANAGERS, "PUT", YEAR + "/periods", {"periods": []}),
    "listSubjects": (STAFF, "GET", "/v1/schools/{school}/subjects", None),
    "createSubject": (MANAGERS, "POST", "/v1/schools/{school}/subjects", {"name": "Физика"}),
    "renameSubject": (MANAGERS, "PATCH", "/v1/schools/{school}/subjects/{subject}", {"name": "Алгебра"}),
    "listClassesOfYear": (STAFF, "GET", YEAR + "/classes", None),
    "createClass": (MANAGERS, "POST", YEAR + "/classes", {"grade": 7, "letter": "А"}),
    "changeClass": (MANAGERS, "PATCH", "/v1/classes/{class_id}", {"letter": "В"}),
    "listGroups": (STAFF, "GET", YEAR + "/groups", None),
    "createGroup": (MANAGERS, "POST", YEAR + "/groups", {"name": "Английский 2"}),
    "listGroupMembers": (STAFF, "GET", "/v1/groups/{group}/members", None),
    "setGroupMembers": (
        MANAGERS, "PUT", "/v1/groups/{english}/members",
        {"starts": "{tomorrow}", "members": [{"studentId": "{ivan}"}]},
    ),
    "listLoads": (STAFF, "GET", YEAR + "/loads", None),
    "assignLoad": (
        MANAGERS, "POST", "/v1/schools/{school}/loads",
        {"teacherId": "{teacher}", "subjectId": "{subject}", "groupId": "{english}", "starts": "{tomorrow}"},
    ),
    "changeLoad": (MANAGERS, "PATCH", "/v1/loads/{load}", {"ends": "{tomorrow}"}),
    "rollOver": (MANAGERS, "POST", "/v1/schools/{school}/rollover", {"toYearId": "{next_year}"}),
    "undoRollover": (MANAGERS, "POST", "/v1/schools/{school}/rollover/undo", None),
    "searchStudents": (MANAGERS, "GET", "/v1/schools/{school}/students?query=иван", None),
    "addStudent": (
        LEADERS, "POST", "/v1/classes/{class_id}/students",
        {"familyName": "Орлов", "givenName": "Лев", "birthDate": "2015-03-01", "sex": "male", "starts": "{tomorrow}"},
    ),
    "changeStudent": (LEADERS, "PATCH", "/v1/students/{ivan}", {"givenName": "Иоанн"}),
    "transferStudent": (
        MANAGERS, "POST", "/v1/students/{ivan}/transfer", {"classId": "{other_class}", "starts": "{tomorrow}"},
    ),
    "studentLeaves": (MANAGERS, "POST", "/v1/students/{pyotr}/leave", {"lastDay": "{today}"}),
    "listGuardians": (LEADERS, "GET", "/v1/students/{ivan}/guardians", None),
    "addGuardian": (
        LEADERS, "POST", "/v1/students/{ivan}/guardians",
        {"kind": "other", "contactOrder": 3, "person": {"familyName": "Петрова", "givenName": "Зоя"}},
    ),
    "changeGuardianship": (LEADERS, "PATCH", "/v1/guardianships/{guardianship}", {"contactOrder": 2}),
    "publishAnnouncement": (
        ("class_teacher", *HEADS), "POST", "/v1/schools/{school}/announcements",
        {"title": "Каток", "text": "В субботу", "to": ["parents"], "classIds": ["{class_id}"]},
    ),
    "listSchoolAnnouncements": (("class_teacher", *HEADS), "GET", "/v1/schools/{school}/announcements", None),
    "getAnnouncement": (
        ("mother", "father", "neighbour", "class_teacher", *HEADS), "GET", "/v1/announcements/{announcement}", None,
    ),
    "changeAnnouncement": (
        ("class_teacher", *HEADS), "PATCH", "/v1/announcements/{announcement}", {"title": "Лыжи", "notify": True},
    ),
    "takeBackAnnouncement": (("class_teacher", *HEADS), "DELETE", "/v1/announcements/{announcement}", None),
    "listEvents": (
        (*STAFF, "mother", "father", "student", "neighbour"), "GET", "/v1/schools/{school}/events", None,
    ),
    "createEvent": (LEADERS, "POST", "/v1/schools/{school}/events", EVENT),
    "changeEvent": (LEADERS, "PUT", "/v1/events/{event}", EVENT),
    "removeEvent": (LEADERS, "DELETE", "/v1/events/{event}", None),
    "getSchoolPage": (
        (*STAFF, "mother", "father", "student", "neighbour"), "GET", "/v1/schools/{school}/page", None,
    ),
    "setSchoolPage": (HEADS, "PUT", "/v1/schools/{school}/page", {"phones": ["8 495 000-00-00"]}),
    "signWeek": (("mother", "father"), "PUT", "/v1/children/{ivan}/weeks/2026-11-09/acknowledgement", None),
    "listSignedWeeks": (("mother", "father"), "GET", "/v1/children/{ivan}/weeks", None),
    "getClassWeek": (LEADERS, "GET", "/v1/classes/{class_id}/weeks/2026-11-16", None),
    "getRemark": (("teacher", "class_teacher", "deputy"), "GET", "/v1/remarks/{remark}", None),
    "acknowledgeRemark": (
        ("mother", "father"), "PUT", "/v1/remarks/{remark}/acknowledgement", {"text": "Поговорим дома"},
    ),
    "listStaffOfChild": (("mother", "father", "student"), "GET", "/v1/children/{ivan}/staff", None),
    "listFamiliesOfClass": (
        ("teacher", "other_teacher", "class_teacher", "deputy"), "GET", "/v1/classes/{class_id}/families", None,
    ),
    "getFamilyOfChild": (
        ("teacher", "other_teacher", "class_teacher", "deputy"), "GET", "/v1/children/{ivan}/family", None,
    ),
    "writeToPerson": (
        ("mother", "student", "father"), "POST", "/v1/children/{ivan}/people/{teacher}/messages",
        {"text": "Здравствуйте"},
    ),
    "getThread": (("mother", "teacher"), "GET", "/v1/threads/{thread}", None),
    "writeMessage": (("mother", "teacher"), "POST", "/v1/threads/{thread}/messages", {"text": "Здравствуйте"}),
    "markThreadRead": (("mother", "teacher"), "PUT", "/v1/threads/{thread}/read", {"number": 1}),
    "muteThread": (("mother", "teacher"), "PUT", "/v1/threads/{thread}/muting", {"muted": True}),
    "takeBackMessage": (("mother",), "DELETE", "/v1/messages/{message}", None),
    "reportMessage": (("teacher",), "POST", "/v1/messages/{message}/reports", {"reason": "Оскорбляет"}),
    "listMessageReports": (("deputy", "director"), "GET", "/v1/schools/{school}/message-reports", None),
    "decideMessageReport": (
        ("deputy", "director"), "PUT", "/v1/message-reports/{report}", {"decision": "dismissed", "answer": "Пустяк"},
    ),
    "getOfficeHours": (STAFF, "GET", "/v1/schools/{school}/office-hours", None),
    "setOfficeHours": (
        STAFF, "PUT", "/v1/schools/{school}/office-hours",
        {"hours": [{"weekday": 1, "opens": "14:00:00", "closes": "16:00:00"}]},
    ),
    "getSupportRequest": (("father", "administrator"), "GET", "/v1/support-requests/{support}", None),
    "addSupportMessage": (("father",), "POST", "/v1/support-requests/{support}/messages", {"text": "Ещё вопрос"}),
    "closeSupportRequest": (("father",), "PUT", "/v1/support-requests/{support}/closing", None),
    "answerSupportRequest": (
        ("administrator",), "PUT", "/v1/support-requests/{support}/answer",
        {"state": "answered", "version": 1, "text": "Готово"},
    ),
    "listSchoolSupportRequests": (("administrator",), "GET", "/v1/schools/{school}/support-requests", None),
}  # fmt: skip

# Operations about oneself have no id of anybody else in their address; ids of others are tested by name below.
ABOUT_ONESELF = {
    "listSessions", "endSession", "signOut", "setPassword", "changeMe", "getMe", "attachChild", "listClasses",
    "getTeacherDay", "getTeacherWeek", "getChildrenDay", "registerDevice", "forgetDevice", "listDevices",
    "listAlerts", "markAlertsRead", "markAllAlertsRead", "acknowledgeAlerts", "listCorrections", "listAlertChanges",
    "getPreferences", "setPreferences", "openLive", "uploadFile", "getFileLink", "removeFile",
    "listMyMeetings", "createCalendarFeed", "listCalendarFeeds", "revokeCalendarFeed", "listAnnouncements",
    "listThreads", "createSupportRequest", "listSupportRequests",
}  # fmt: skip
# What no person's token opens: tests/exchange/test_feed_credentials.py says what a credential does not open,
# tests/calendar/test_address.py what an address does not.
BY_CREDENTIAL = {"feedJournal", "readCalendarFeed"}
WITHOUT_SIGN_IN = {
    "signIn", "refreshSession", "getApp", "isAlive", "isReady", "getFileContent", "askSupport", "confirmSupportEmail",
}  # fmt: skip


def operations(app: Litestar) -> dict[str, HTTPRouteHandler]:
    """operation id -> handler, of everything that the application serves."""
    found = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and isinstance(handler.operation_id, str):
                found[handler.operation_id] = handler
    return found


async def test_every_operation_has_a_wrong_person(app: Litestar) -> None:
    assert set(operations(app)) == set(OPERATIONS) | ABOUT_ONESELF | WITHOUT_SIGN_IN | BY_CREDENTIAL


async def test_every_route_declares_who_may_call_it(app: Litestar) -> None:
    public = {
        name for name, handler in operations(app).items() if access_of(handler) in {Access.PUBLIC, Access.OPERATORS}
    }
    assert public == WITHOUT_SIGN_IN
    assert all(access_of(handler) is not None for handler in operations(app).values())


def filled(template: Any, world: World, made: dict[str, str]) -> Any:
    later = world.clock.now + timedelta(days=3)
    values = {
        "class_id": world.school.class_id, "ivan": world.ivan, "lesson": world.lesson, "father": world.father.id,
        "tomorrow": world.today + timedelta(days=1), "later": later.isoformat(), "teacher": world.teacher.id,
        "still_later": (later + timedelta(hours=1)).isoformat(), "school": world.school.id,
        "group": world.school.group_id, "subject": world.school.mathematics, "period": world.school.period_id,
        "year": world.school.year_id, "pyotr": world.pyotr, "today": world.today, **world.september,
    }  # fmt: skip
    if isinstance(template, str):
        return template.format(**values, **made)
    if isinstance(template, dict):
        return {key: filled(value, world, made) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, world, made) for value in template]
    return template


async def marked_work(world: World) -> str:
    work = await world.give_work()
    await world.set_mark("4", work)
    return work


async def ask_for_a_correction(world: World) -> str:
    """Ivan's mark of yesterday, which the teacher wants to be another; returns the request's id."""
    work = await marked_work(world)
    world.clock.move(days=1)
    await world.reissue()
    await world.set_mark("3", work, reason="Работа переписана")
    return str((await world.deputy.get("/v1/corrections")).json()["items"][-1]["id"])


async def add_a_span(world: World) -> str:
    day = str(world.today + timedelta(days=9))
    wish = {"kind": "day-off", "name": "Праздник", "starts": day, "ends": day}
    return str((await world.deputy.post(f"/v1/schools/{world.school.id}/calendar", wish)).json()["span"]["id"])


async def give_a_remark(world: World) -> str:
    body = {"studentId": str(world.ivan), "kind": "remark", "text": "Опоздал"}
    return str((await world.teacher.post(f"/v1/lessons/{world.lesson}/remarks", body)).json()["id"])


async def call_a_meeting(world: World) -> str:
    """Of 5А, with a colleague."""
    return str((await call(world, staffIds=[str(world.teacher.id)]))["id"])


async def hold_a_meeting(world: World) -> str:
    """The same, which has begun."""
    meeting = await call(world, 1)
    world.clock.move(hours=1)
    await world.reissue()
    return str(meeting["id"])


async def announce(world: World) -> str:
    _, _, path, body = OPERATIONS["publishAnnouncement"]
    return str((await world.class_teacher.post(filled(path, world, {}), filled(body, world, {}))).json()["id"])


async def add_an_event(world: World) -> str:
    path = f"/v1/schools/{world.school.id}/events"
    return str((await world.class_teacher.post(path, filled(EVENT, world, {}))).json()["id"])


async def ring_the_bells(world: World) -> str:
    await set_bells(world)
    return ""


async def begin_a_thread(world: World) -> str:
    return str((await write(world, world.mother, world.teacher))["threadId"])


async def write_a_message(world: World) -> str:
    return str((await write(world, world.mother, world.teacher))["id"])


async def report_a_message(world: World) -> str:
    path = f"/v1/messages/{await write_a_message(world)}/reports"
    return str((await world.teacher.post(path, {"reason": "Оскорбляет"})).json()["id"])


async def make_credential(world: World) -> str:
    path = f"/v1/schools/{world.school.id}/feed-credentials"
    return str((await world.administrator.post(path, {"name": "Журнал"})).json()["credential"]["id"])


async def give_homework(world: World) -> str:
    body = {"dueOn": str(world.today + timedelta(days=1)), "text": "§ 1"}
    return str((await world.teacher.post(f"/v1/lessons/{world.lesson}/homework", body)).json()["id"])


async def file_a_notice(world: World) -> str:
    """The mother's, for tomorrow."""
    day = str(world.today + timedelta(days=1))
    path = f"/v1/children/{world.ivan}/absence-notices"
    made = (await world.mother.post(path, {"firstDay": day, "lastDay": day, "reason": "illness"})).json()["id"]
    return str(made or (await world.mother.get(path)).json()["items"][0]["id"])


async def ask_support(world: World) -> str:
    """The father's, for the administrator to answer."""
    body = {"kind": "question", "subject": "Оценка", "text": "Где посмотреть?"}
    return str((await world.father.post("/v1/support-requests", body)).json()["id"])


# What has to be there first, by its placeholder in an address.
SCENES: dict[str, Callable[[World], Awaitable[str]]] = {
    "work": World.give_work, "marked": marked_work, "correction": ask_for_a_correction, "span": add_a_span,
    "meeting": call_a_meeting, "begun_meeting": hold_a_meeting,
    "bells": ring_the_bells, "remark": give_a_remark, "credential": make_credential,
    "notice": file_a_notice, "homework": give_homework, "support": ask_support,
    "announcement": announce, "event": add_an_event,
    "thread": begin_a_thread, "message": write_a_message, "report": report_a_message,
}  # fmt: skip


# What `tests.school.september` makes.
SEPTEMBER = ("next_year", "other_class", "english", "load", "guardianship")


async def set_scene(world: World, operation: str) -> dict[str, str]:
    """What the operation's address and body name, by placeholder."""
    _, _, path, body = OPERATIONS[operation]
    undoes = operation == "undoRollover"
    if not world.september and (undoes or any(f"{{{name}}}" in f"{path}{body}" for name in SEPTEMBER)):
        world.september = await prepare(world)
    if undoes:
        await roll_over(world)
    return {name: await scene(world) for name, scene in SCENES.items() if f"{{{name}}}" in path}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_the_wrong_person(world: World, operation: str) -> None:
    allowed, method, path, body = OPERATIONS[operation]
    made = await set_scene(world, operation)
    path, body = filled(path, world, made), filled(body, world, made)
    for name in EVERYBODY:
        if name not in allowed:
            answer = await getattr(world, name).call(method, path, body)
            assert (name, answer.status_code, answer.json()["code"]) == (name, 404, "not-found")
    anybody = await world.client.request(method, path, **carried(body, {}))
    assert anybody.status_code == 401


# What happens once: each who may starts in a world of their own.
ONCE = {
    "createYear", "createSubject", "createClass", "createGroup", "assignLoad", "undoRollover", "addStudent",
    "transferStudent", "studentLeaves",
}  # fmt: skip
RIGHT = [(operation, may) for operation, (allowed, *_) in sorted(OPERATIONS.items()) for may in (
    [(name,) for name in allowed] if operation in ONCE else [allowed]
)]  # fmt: skip


@pytest.mark.parametrize(("operation", "allowed"), RIGHT)
async def test_the_right_person(world: World, operation: str, allowed: tuple[str, ...]) -> None:
    """Whoever comes second may find that it is done: 409."""
    _, method, template, body = OPERATIONS[operation]
    for number, name in enumerate(allowed):
        made = await set_scene(world, operation)
        someone = getattr(world, name)
        answer = await someone.call(method, filled(template, world, made), filled(body, world, made))
        assert answer.status_code in ((200, 201, 204, 409) if number else (200, 201, 204)), (name, answer.text)


@pytest.mark.parametrize("name", [*EVERYBODY, None])
async def test_no_person_opens_the_feed(world: World, name: str | None) -> None:
    headers = {"authorization": f"Bearer {getattr(world, name).token}"} if name else {}
    answer = await world.client.post("/v1/feed", json={"alerts": "silent"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "feed-credential-unknown")


async def test_a_credential_of_another_school_cannot_be_revoked(world: World) -> None:
    credential = await make_credential(world)
    answer = await world.administrator.delete(f"/v1/schools/{world.elsewhere.id}/feed-credentials/{credential}")
    assert answer.status_code == 404
    there = SchoolRole(account_id=world.stranger.id, school_id=world.elsewhere.id, role="administrator", starts=STARTS)
    await world.add(there)
    for school in (world.school, world.elsewhere):
        answer = await world.stranger.delete(f"/v1/schools/{school.id}/feed-credentials/{credential}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_sessions_of_others_cannot_be_ended(world: World) -> None:
    mine = (await world.mother.get("/v1/sessions")).json()["items"][0]["id"]
    assert (await world.father.delete(f"/v1/sessions/{mine}")).status_code == 404
    assert (await world.mother.get("/v1/me")).status_code == 200


async def test_alerts_of_others_cannot_be_read_or_marked(world: World) -> None:
    await world.set_mark("5")
    mine = (await world.mother.get("/v1/alerts")).json()["items"]
    assert (await world.stranger.get("/v1/alerts")).json()["items"] == []
    marked = await world.stranger.post("/v1/alerts/read", {"alertIds": [mine[0]["id"]]})
    assert marked.status_code == 200
    assert (await world.mother.get("/v1/alerts")).json()["items"][0]["read"] is False


async def test_a_device_of_others_cannot_be_forgotten(world: World) -> None:
    installation = uuid4()
    body = {"platform": "web", "appVersion": "1", "locale": "ru", "timezone": "Europe/Moscow", "permission": "granted"}
    await world.mother.put(f"/v1/devices/{installation}", body)
    assert (await world.stranger.delete(f"/v1/devices/{installation}")).status_code == 404
    assert len((await world.mother.get("/v1/devices")).json()["items"]) == 1
    assert (await world.stranger.get("/v1/devices")).json()["items"] == []


async def test_a_class_teacher_cannot_take_a_colleagues_place(world: World) -> None:
    """The deputy's child is in the class: still, only an administrator resets the deputy's password."""
    from backend.core.ids import new_id
    from backend.school.models import Guardianship
    from tests.world import STARTS

    link = Guardianship(
        id=new_id(), school_id=world.school.id, student_id=world.pyotr, account_id=world.deputy.id, kind="mother",
        may_view=True, may_file_absence=True, receives_push=True, contact_order=2, starts=STARTS,
    )  # fmt: skip
    await world.add(link)
    path = f"/v1/accounts/{world.deputy.id}/one-time-password"
    assert (await world.class_teacher.post(path)).status_code == 404
    assert (await world.administrator.post(path)).status_code == 201


async def test_a_student_sees_no_notice(world: World) -> None:
    path = f"/v1/children/{world.ivan}/absence-notices"
    assert (await world.student.get(path)).status_code == 404


async def test_a_teacher_who_lost_the_class_cannot_write(world: World) -> None:
    from sqlalchemy import text

    work = await world.give_work()
    async with world.database.transaction() as session:
        yesterday = world.today - timedelta(days=1)
        values = {"ends": yesterday, "teacher": world.teacher.id}
        await session.execute(text("UPDATE teaching_load SET ends = :ends WHERE teacher_id = :teacher"), values)
    assert (await world.set_mark("5", work)).status_code == 404


async def test_a_route_that_declares_nothing_keeps_the_api_from_starting(parts: Parts) -> None:
    from litestar import get

    from backend.app import _require_declared_access, build_app
    from backend.core.errors import SetupError

    @get("/silent")
    async def silent() -> None: ...

    app = build_app(parts)
    app.register(silent)
    with pytest.raises(SetupError, match="GET /silent"):
        _require_declared_access(app)
