"""What a later file changes: ends, returns, moves, and what people have decided by hand."""

from datetime import date, datetime, timedelta

import pytest

from backend.core.db import Database
from backend.exchange.oneroster import import_oneroster
from backend.exchange.problems import ImportRefused
from backend.exchange.report import Counts
from tests.exchange.files import Files, enrollment, everything, one, packed, rows_of, run, small_school, version_1_2

TODAY = date(2026, 11, 18)
YESTERDAY = TODAY - timedelta(days=1)
DAY = timedelta(days=1)


def _without(files: Files, file: str, *ids: str) -> Files:
    files[file] = [row for row in files[file] if row["sourcedId"] not in ids]
    return files


def _gone_student() -> Files:
    files = _without(small_school(), "users.csv", "u1")
    return _without(_without(files, "enrollments.csv", "e3", "e5"), "demographics.csv", "u1")


async def _ends(database: Database, table: str) -> list[date | None]:
    return [ends for (ends,) in await rows_of(database, f"SELECT ends FROM {table} ORDER BY ends")]


async def test_who_is_missing_from_a_bulk_file_has_left(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    report = await import_oneroster(database, packed(_gone_student()), now=now)
    assert report.of("student").ended == 1
    assert await one(database, "SELECT left_on FROM student WHERE family_name = 'Иванов'") == YESTERDAY
    assert await _ends(database, "enrolment") == [YESTERDAY, date(2027, 5, 31)]
    assert await _ends(database, "group_member") == [YESTERDAY]
    assert await _ends(database, "guardianship") == [YESTERDAY]
    again = await import_oneroster(database, packed(_gone_student()), now=now)
    assert not again.changed


async def test_who_comes_back_comes_back(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    await import_oneroster(database, packed(_gone_student()), now=now - 10 * DAY)
    report = await import_oneroster(database, packed(small_school()), now=now)
    assert report.of("student").updated == 1
    assert await one(database, "SELECT count(*) FROM student WHERE left_on IS NOT NULL") == 0
    # The pause stays visible: the old link is over, a new one begins today.
    assert await rows_of(database, "SELECT starts, ends FROM group_member ORDER BY starts") == [
        (date(2026, 9, 1), date(2026, 11, 7)),
        (TODAY, date(2027, 5, 31)),
    ]
    assert not (await import_oneroster(database, packed(small_school()), now=now)).changed


async def test_a_slip_put_right_on_the_next_day_leaves_no_gap(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    await import_oneroster(database, packed(_gone_student()), now=now)
    await import_oneroster(database, packed(small_school()), now=now)
    assert await rows_of(database, "SELECT starts, ends FROM group_member") == [(date(2026, 9, 1), date(2027, 5, 31))]


@pytest.mark.parametrize("mode", ["bulk", "delta"])
async def test_tobedeleted_ends(database: Database, now: datetime, mode: str) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    files = small_school()
    files["users.csv"][0]["status"] = "tobedeleted"
    for row in files["enrollments.csv"][:2]:
        row["status"] = "tobedeleted"
    report = await import_oneroster(database, packed(files, mode=mode), now=now)
    assert report.of("school_role").ended == 1
    assert report.of("teaching_load").ended == 1
    assert await _ends(database, "school_role") == [YESTERDAY]
    assert await one(database, "SELECT class_teacher_id FROM school_class") is None
    assert await one(database, "SELECT count(*) FROM account") == 4


async def test_a_delta_file_changes_only_what_it_names(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    delta = {
        "users.csv": [small_school()["users.csv"][2] | {"familyName": "Кузнецова", "status": "active"}],
        "enrollments.csv": [enrollment("e9", "alg1", "u2", "student", beginDate="2026-11-20", status="active")],
    }
    report = await import_oneroster(database, packed(delta, mode="delta"), now=now)
    assert {kind: count for kind, count in report.counts.items() if count.created or count.updated or count.ended} == {
        "account": Counts(updated=1),
        "student": Counts(updated=1),
        "group_member": Counts(created=1),
    }
    assert await one(
        database, "SELECT min(starts) FROM group_member WHERE ends > '2027-01-01' AND starts > '2026-09-02'"
    )
    assert not (await import_oneroster(database, packed(delta, mode="delta"), now=now)).changed


async def test_a_delta_file_deletes_by_the_id_alone(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    row = dict.fromkeys(enrollment("e5", "", "", ""), "") | {"sourcedId": "e5", "status": "tobedeleted"}
    report = await import_oneroster(database, packed({"enrollments.csv": [row]}, mode="delta"), now=now)
    assert report.of("group_member") == Counts(ended=1)
    assert report.of("enrolment").ended == 0


async def test_a_delta_file_takes_one_of_two_roles(database: Database, now: datetime) -> None:
    files = version_1_2(small_school())
    files["roles.csv"].append(files["roles.csv"][0] | {"sourcedId": "r9", "role": "principal", "roleType": "secondary"})
    await import_oneroster(database, packed(files, version="1.2"), now=now - 30 * DAY)
    row = files["roles.csv"][-1] | {"status": "tobedeleted"}
    await import_oneroster(database, packed({"roles.csv": [row]}, version="1.2", mode="delta"), now=now)
    assert await rows_of(database, "SELECT role, ends FROM school_role ORDER BY role") == [
        ("director", YESTERDAY),
        ("teacher", None),
    ]
    # With one role left the teacher keeps the journal and the class.
    assert await one(database, "SELECT count(*) FROM teaching_load WHERE ends > '2027-01-01'") == 1
    assert await one(database, "SELECT class_teacher_id FROM school_class") is not None
    # Also a later delta file does not bring it back.
    named = {"roles.csv": [files["roles.csv"][0]]}
    assert not (await import_oneroster(database, packed(named, version="1.2", mode="delta"), now=now)).changed


async def test_who_loses_the_last_role_loses_what_was_given_by_hand(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    await run(
        database,
        "INSERT INTO teaching_load "
        "SELECT gen_random_uuid(), l.school_id, teacher_id, subject.id, group_id, '2026-10-01' "
        "FROM teaching_load l JOIN subject ON name = 'Классный час'",
    )
    files = _without(_without(small_school(), "users.csv", "t1"), "enrollments.csv", "e1", "e2")
    report = await import_oneroster(database, packed(files), now=now)
    assert report.of("teaching_load") == Counts(ended=2)
    assert await _ends(database, "teaching_load") == [YESTERDAY, YESTERDAY]


async def test_another_class_ends_the_first(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    files = small_school()
    files["classes.csv"].append(files["classes.csv"][0] | {"sourcedId": "5b", "title": "5-б"})
    files["enrollments.csv"][2]["classSourcedId"] = "5b"
    report = await import_oneroster(database, packed(files), now=now)
    assert report.of("enrolment") == Counts(created=1, ended=1, unchanged=1)
    moved = await rows_of(
        database,
        "SELECT c.letter, e.starts, e.ends FROM enrolment e JOIN school_class c ON c.id = class_id "
        "JOIN student s ON s.id = student_id WHERE family_name = 'Иванов' ORDER BY e.starts",
    )
    assert moved == [("А", date(2026, 9, 1), YESTERDAY), ("Б", TODAY, date(2027, 5, 31))]
    assert not (await import_oneroster(database, packed(files), now=now)).changed


async def test_a_guardianship_ended_by_hand_stays_ended(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    await run(database, "UPDATE guardianship SET ends = '2026-11-01'")
    report = await import_oneroster(database, packed(small_school()), now=now)
    assert not report.changed
    assert "stays ended" in report.warnings[0]
    # Not even a file without the link in between makes the import think that the end was its own.
    files = small_school()
    files["users.csv"][1]["agentSourcedIds"] = ""
    await import_oneroster(database, packed(files), now=now)
    await import_oneroster(database, packed(small_school()), now=now)
    assert await _ends(database, "guardianship") == [date(2026, 11, 1)]


async def test_rights_cut_by_hand_stay_cut(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    await run(database, "UPDATE guardianship SET may_view = false")
    assert not (await import_oneroster(database, packed(small_school()), now=now)).changed
    assert await one(database, "SELECT may_view FROM guardianship") is False


async def test_a_role_ended_by_hand_is_not_given_again(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now - 30 * DAY)
    await run(database, "UPDATE school_role SET ends = '2026-11-01'")
    assert not (await import_oneroster(database, packed(small_school()), now=now)).changed


async def test_what_people_changed_about_themselves_stays(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    await run(
        database, "UPDATE account SET login = 'olga', phone = '+79990000000', email = 'o@x.ru' WHERE login = 'mama'"
    )
    assert not (await import_oneroster(database, packed(small_school()), now=now)).changed


async def test_a_renamed_course_renames_its_subject(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    files = small_school()
    files["courses.csv"][0]["subjects"] = "Математика"
    report = await import_oneroster(database, packed(files), now=now)
    assert report.of("subject").updated == 1
    assert report.of("teaching_load") == Counts(unchanged=1)


async def test_a_shifted_boundary_moves_both_periods(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    files = small_school()
    files["academicSessions.csv"][1]["endDate"] = "2027-01-10"
    files["academicSessions.csv"][2]["startDate"] = "2027-01-11"
    report = await import_oneroster(database, packed(files), now=now)
    assert report.of("period").updated == 2


async def test_periods_made_by_the_school_are_left_alone(database: Database, now: datetime) -> None:
    files = small_school()
    for row in files["academicSessions.csv"][1:]:
        row["status"] = "tobedeleted"
    for row in files["classes.csv"]:
        row["termSourcedIds"] = "y"
    await import_oneroster(database, packed(files), now=now)
    await run(
        database,
        "INSERT INTO period SELECT gen_random_uuid(), school_id, id, '1 четверть', '2026-09-01', '2026-10-25' "
        "FROM school_year",
    )
    report = await import_oneroster(database, packed(small_school()), now=now)
    assert await rows_of(database, "SELECT name FROM period") == [("1 четверть",)]
    assert "periods of its own" in report.warnings[0]


async def test_a_pupil_changes_school_inside_the_file(database: Database, now: datetime) -> None:
    files = small_school()
    files["orgs.csv"].append({"sourcedId": "s2", "name": "Школа № 2", "type": "school", "parentSourcedId": "city"})
    await import_oneroster(database, packed(files), now=now - 30 * DAY)
    files["users.csv"][1]["orgSourcedIds"] = "s2"
    files = _without(files, "enrollments.csv", "e3", "e5")
    report = await import_oneroster(database, packed(files), now=now)
    assert report.of("account").created == 0
    assert await rows_of(
        database,
        "SELECT short_name, left_on, account_id IS NOT NULL FROM student s JOIN school ON school.id = school_id "
        "WHERE family_name = 'Иванов' ORDER BY 1",
    ) == [("Школа № 1", YESTERDAY, False), ("Школа № 2", None, True)]
    assert not (await import_oneroster(database, packed(files), now=now)).changed


async def test_a_file_of_one_school_cannot_take_another_schools_student(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    before = await everything(database)
    other = small_school()
    other["orgs.csv"] = [{"sourcedId": "s2", "name": "Школа № 2", "type": "school"}]
    other["users.csv"] = [other["users.csv"][1] | {"orgSourcedIds": "s2", "agentSourcedIds": ""}]
    for file in ("courses.csv", "classes.csv", "enrollments.csv", "demographics.csv"):
        del other[file]
    with pytest.raises(ImportRefused) as refused:
        await import_oneroster(database, packed(other), now=now)
    assert refused.value.problems[0].code == "student-of-another-school"
    assert await everything(database) == before


async def test_a_disabled_user_cannot_sign_in_until_enabled(database: Database, now: datetime) -> None:
    files = small_school()
    files["users.csv"][3]["enabledUser"] = "false"
    await import_oneroster(database, packed(files), now=now)
    assert await one(database, "SELECT disabled_at FROM account WHERE login = 'mama'") == now
    await import_oneroster(database, packed(small_school()), now=now)
    assert await one(database, "SELECT disabled_at FROM account WHERE login = 'mama'") is None
