"""What people can do: each does it by the use case that the route calls, and notes that it was done."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from backend.attendance import notice_decisions, notices
from backend.attendance import service as attendance
from backend.core.settings import Settings
from backend.homework import child_service
from backend.homework import service as homework
from backend.journal import remarks
from backend.journal import service as journal
from backend.register import service as register
from backend.timetable import changes
from backend.weeks import service as weeks
from schemas import attendance as attendance_wire
from schemas import homework as homework_wire
from schemas import journal as journal_wire
from schemas import register as register_wire
from schemas import remarks as remark_wire
from schemas import timetable as timetable_wire
from tests.simulation import acts
from tests.simulation.acts import Act, Work
from tests.simulation.school import Child, Form, Lesson, School
from tests.simulation.stage import Stage

# Code and minutes.
Noted = tuple[str, int | None]


class People:
    """`done`: what the model is told."""

    def __init__(self, school: School, stage: Stage, settings: Settings) -> None:
        self.school, self.stage, self.settings = school, stage, settings
        self.done: list[Act] = []

    @property
    def now(self) -> datetime:
        """By the school's clock."""
        return self.stage.moments[-1]

    async def take_attendance(self, lesson: Lesson, noted: Mapping[Child, Noted]) -> None:
        entries = [
            attendance_wire.SetAttendance(student_id=child.id, code=code, minutes=minutes)  # type: ignore[arg-type]
            for child, (code, minutes) in noted.items()
        ]
        wish = attendance_wire.TakeAttendance(entries=entries)
        async with self.stage.acting(lesson.teacher) as (session, acting, now):
            await attendance.take(session, acting, lesson.id, wish, now)
        self.done.append(acts.Listed(self.now, lesson, dict(noted)))

    async def save_lesson(
        self, lesson: Lesson, marks: Mapping[Child, str], due_on: date | None = None
    ) -> tuple[Work, UUID | None]:
        """The journal page in one request: a topic, a work with its marks, and homework where there is a day for it."""
        work = register_wire.SaveWork(kind="test", marks=_set(marks))
        given = [homework_wire.GiveHomework(due_on=due_on, text="№ 412, 415", minutes=20)] if due_on else []
        wish = register_wire.SaveLesson(topic="Повторение", works=[work], homework=given)
        async with self.stage.acting(lesson.teacher) as (session, acting, now):
            page = (await register.save(session, acting, lesson.id, wish, None, now)).page
        saved = Work(page.works[-1].id, lesson, "test")
        self._note_marks(saved, marks)
        homework_id = page.homework[-1].id if due_on else None
        if due_on and homework_id:
            self.done.append(acts.Given(self.now, homework_id, lesson, due_on))
        return saved, homework_id

    async def give_work(self, lesson: Lesson) -> Work:
        wish = journal_wire.GiveWork(lesson_id=lesson.id, kind="answer")
        async with self.stage.acting(lesson.teacher) as (session, acting, now):
            return Work((await journal.give_work(session, acting, wish, now)).id, lesson, "answer")

    async def set_marks(self, work: Work, marks: Mapping[Child, str | None], due_on: date | None = None) -> None:
        """`due_on`: the term, where the marks are dots."""
        wish = journal_wire.SetMarks(marks=_set(marks, due_on))
        async with self.stage.acting(work.lesson.teacher) as (session, acting, now):
            await journal.set_marks(session, acting, work.id, wish, now)
        self._note_marks(work, marks, due_on)

    async def ask_to_correct(self, work: Work, child: Child, value: str) -> None:
        """On a later day: it waits for the deputy."""
        mark = journal_wire.SetMark(student_id=child.id, value=value, reason="Работа переписана")  # type: ignore[arg-type]
        async with self.stage.acting(work.lesson.teacher) as (session, acting, now):
            saved = await journal.set_marks(session, acting, work.id, journal_wire.SetMarks(marks=[mark]), now)
        assert (saved.changed, saved.pending) == (0, 1)
        self.done.append(acts.Asked(self.now, work, work.lesson.teacher))

    async def approve(self, asked: acts.Asked, child: Child, value: str) -> None:
        async with self.stage.acting(self.school.deputy) as (session, acting, now):
            [waiting] = (await journal.waiting_corrections(session, acting, now)).items
            wish = journal_wire.DecideCorrection(approve=True)
            await journal.decide_correction(session, acting, waiting.id, wish, now)
        self.done.append(acts.Approved(self.now, asked, acts.Marked(self.now, asked.work, child, value)))

    async def give_homework(self, lesson: Lesson, due_on: date, children: Sequence[Child] = ()) -> UUID:
        students = [child.id for child in children] or None
        wish = homework_wire.GiveHomework(due_on=due_on, text="Параграф 7", students=students)
        async with self.stage.acting(lesson.teacher) as (session, acting, now):
            given = (await homework.give(session, acting, lesson.id, wish, now)).id
        self.done.append(acts.Given(self.now, given, lesson, due_on, children))
        return given

    async def edit_homework(self, lesson: Lesson, given: UUID, *, text: str | None = None, minutes: int = 20) -> None:
        change = {"text": text} if text else {"minutes": minutes}
        wish = homework_wire.ChangeHomework(version=1, **change)
        async with self.stage.acting(lesson.teacher) as (session, acting, now):
            await homework.change(session, acting, given, wish, now)
        self.done.append(acts.Edited(self.now, given, frozenset(change)))

    async def take_homework_back(self, lesson: Lesson, given: UUID) -> None:
        async with self.stage.acting(lesson.teacher) as (session, acting, now):
            await homework.remove(session, acting, given, now)
        self.done.append(acts.TakenBack(self.now, given))

    async def tick(self, child: Child, given: UUID) -> None:
        async with self.stage.acting(child.account) as (session, acting, now):
            await child_service.tick(session, acting, child.id, given, homework_wire.TickHomework(done=True), now)
        self.done.append(acts.Ticked(self.now, given, child))

    async def file_notice(self, form: Form, child: Child, first: date, last: date, lessons: Sequence[int] = ()) -> UUID:
        """By the child's first guardian."""
        filer = child.guardians[0].account
        wish = attendance_wire.FileNotice(
            first_day=first, last_day=last, reason="illness", lessons=list(lessons) or None, comment="Температура"
        )
        async with self.stage.acting(filer) as (session, acting, now):
            notice = (await notices.file_notice(session, acting, child.id, wish, now)).id
        assert notice is not None
        self.done.append(acts.Filed(self.now, notice, form, child, filer, first, last, lessons))
        return notice

    async def extend_notice(self, child: Child, notice: UUID, last: date) -> None:
        async with self.stage.acting(child.guardians[0].account) as (session, acting, now):
            await notices.change(session, acting, notice, attendance_wire.ChangeNotice(last_day=last), now)
        self.done.append(acts.Extended(self.now, notice, last))

    async def cancel_notice(self, child: Child, notice: UUID) -> None:
        async with self.stage.acting(child.guardians[0].account) as (session, acting, now):
            await notices.cancel(session, acting, notice, now)
        self.done.append(acts.Cancelled(self.now, notice))

    async def decide_notice(self, form: Form, notice: UUID, *, accept: bool) -> None:
        wish = attendance_wire.DecideNotice(accept=accept, answer=None if accept else "Справки нет")
        async with self.stage.acting(form.teacher) as (session, acting, now):
            await notice_decisions.decide(session, acting, notice, wish, now)
        self.done.append(acts.Decided(self.now, notice, accept))

    async def change_lesson(self, lesson: Lesson, *, room: str | None = None) -> None:
        """By the deputy: into another room, or cancelled."""
        wish = timetable_wire.ChangeLesson(room=room) if room else timetable_wire.ChangeLesson(state="cancelled")
        async with self.stage.acting(self.school.deputy) as (session, acting, now):
            await changes.change_lesson(session, acting, lesson.id, wish, now)
        self.done.append(acts.LessonChanged(self.now, lesson, "room" if room else "cancelled", room or "12"))

    async def remark_on(self, lesson: Lesson, child: Child) -> None:
        wish = remark_wire.GiveRemark(student_id=child.id, kind="remark", text="Забыл тетрадь")
        async with self.stage.acting(lesson.teacher) as (session, acting, now):
            given = (await remarks.at_lesson(session, acting, lesson.id, wish, now)).id
        self.done.append(acts.Remarked(self.now, given, child, praise=False, subject=lesson.subject))

    async def praise(self, form: Form, child: Child) -> None:
        wish = remark_wire.GiveRemarkToChild(kind="praise", text="Помог классу")
        async with self.stage.acting(form.teacher) as (session, acting, now):
            given = (await remarks.to_child(session, acting, child.id, wish, now)).id
        self.done.append(acts.Remarked(self.now, given, child, praise=True, subject=""))

    async def sign_week(self, child: Child) -> None:
        account = child.guardians[0].account
        async with self.stage.acting(account) as (session, acting, now):
            await weeks.sign(session, acting, child.id, self.now.date(), now)
        self.done.append(acts.Signed(self.now, child, account))

    def _note_marks(self, work: Work, marks: Mapping[Child, str | None], due_on: date | None = None) -> None:
        self.done += [acts.Marked(self.now, work, child, value, due_on) for child, value in marks.items()]


def _set(marks: Mapping[Child, str | None], due_on: date | None = None) -> list[journal_wire.SetMark]:
    return [
        journal_wire.SetMark(student_id=child.id, value=value, due_on=due_on)  # type: ignore[arg-type]
        for child, value in marks.items()
    ]
