"""Who may call an operation, declared on every route: `@get(..., access=Access.CHILD)`.

The declaration is for readers, for the start-up check and for the tests; the right itself is decided in
the use case, on the rows as they are in that transaction (backend/school/rights.py).
"""

from enum import StrEnum

from litestar.handlers import HTTPRouteHandler


class Access(StrEnum):
    PUBLIC = "anybody"
    FIRST_LOGIN = "whoever has signed in, also before setting an own password"
    SELF = "whoever has signed in, about themselves"
    CHILD = "the student, guardians with the right to view, the class teacher, deputy, director"
    CHILD_LED = "the child's class teacher, the deputy"
    AUTHOR = "who wrote it, while working at the school, and the deputy"
    STUDENT = "the student"
    FILER = "who filed it, while they may file absences for the child"
    HEALTH = "the health worker, the deputy director"
    FILE_ABSENCE = "guardians with the right to file absences"
    GUARDIAN = "guardians with the right to view"
    TEACHER = "the teacher of the lesson's group and subject on that day, and the deputy"
    MARKERS = "the same, and in the week of the lesson the class teacher, to add marks for a colleague"
    STAFF = "whoever works at the school"
    TIED = "whoever belongs to the school: parents, students, staff"
    PUBLISHERS = "the class teacher for the own classes; the deputy, the director, the administrator"
    HEADS = "the deputy director, the director, the administrator"
    DEPUTY = "the deputy director"
    FAMILY = "the student, guardians with the right to view"
    STAFF_OF_CHILD = "who teaches the child or stands in for a teacher, the class teacher, the deputy"
    WRITE_ABOUT_CHILD = "the child's family to its staff, and its staff to the family"
    THREAD = "the two people who write to each other"
    CREDENTIALS = "the class teacher and the administrator, for people whom they answer for"
    LEADERS = "the deputy director, the director"
    MANAGERS = "the deputy director, the administrator"
    ADMINISTRATOR = "the school's administrator"
    SUPPORT = "who asked, and the school's administrator where the school answers"
    FEED = "a school's other journal, by its credential"
    CLASS = "the class teacher, the deputy, the administrator"
    MEETING = "whoever leads it or is invited; the students of the families, and their class teacher"
    MEETING_LED = "who called it, while working at the school, its class's teacher, and the same as HEADS"
    INVITED = "guardians who may view an invited child, and invited colleagues"
    ADDRESS = "whoever has the secret address"
    OPERATORS = "whoever reaches the port: health and metrics, kept from the outside by the proxy"


def access_of(handler: HTTPRouteHandler) -> Access | None:
    """The declared access of a handler, or None where it declares none."""
    declared = handler.opt.get("access")
    return declared if isinstance(declared, Access) else None
