"""What a OneRoster file becomes."""

from datetime import date, datetime, timedelta

import pytest

from backend.core.db import Database
from backend.exchange.oneroster import import_oneroster
from backend.exchange.report import Counts
from tests.exchange.files import (
    SAMPLE,
    everything,
    one,
    packed,
    rows_of,
    run,
    small_school,
    version_1_2,
)


async def test_a_file_of_a_stranger_imports_unchanged(database: Database, now: datetime) -> None:
    report = await import_oneroster(database, SAMPLE, now=now)
    assert {kind: count.created for kind, count in report.counts.items() if count.created} == {
        "school": 1, "school_year": 1, "period": 2, "subject": 8, "study_group": 16, "account": 128,
        "school_role": 8, "student": 120, "group_member": 441, "teaching_load": 16,
    }  # fmt: skip
    assert report.warnings == []
    assert len(report.accounts) == 128
    assert await rows_of(database, "SELECT name, starts, ends FROM period ORDER BY starts") == [
        ("Fall 2026", date(2026, 8, 15), date(2026, 12, 20)),
        ("Spring 2027", date(2027, 1, 8), date(2027, 7, 31)),
    ]
    assert await one(database, "SELECT count(*) FROM student WHERE birth_date IS NULL") == 0


async def test_nobody_is_alerted_and_everybody_can_be(database: Database, now: datetime) -> None:
    await import_oneroster(database, SAMPLE, now=now)
    assert await one(database, "SELECT count(*) FROM fanout") == 0
    assert await one(database, "SELECT count(*) FROM recipient JOIN account ON id = account_id") == 128


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=30)])
async def test_twice_changes_nothing(database: Database, now: datetime, later: timedelta) -> None:
    await import_oneroster(database, SAMPLE, now=now)
    before = await everything(database)
    report = await import_oneroster(database, SAMPLE, now=now + later)
    assert not report.changed
    assert report.of("group_member") == Counts(unchanged=441)
    assert report.accounts == []
    assert await everything(database) == before


async def test_the_small_school_twice(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    before = await everything(database)
    report = await import_oneroster(database, packed(small_school()), now=now + timedelta(days=1))
    assert not report.changed
    assert await everything(database) == before


async def test_a_dry_run_tells_all_and_writes_nothing(database: Database, now: datetime) -> None:
    before = await everything(database)
    report = await import_oneroster(database, SAMPLE, now=now, dry_run=True)
    assert report.dry_run
    assert report.of("student").created == 120
    assert await everything(database) == before


async def test_a_homeroom_is_a_class(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    assert await rows_of(
        database,
        "SELECT c.grade, c.letter, g.name, a.login FROM school_class c JOIN account a ON a.id = class_teacher_id "
        "JOIN study_group g ON g.class_id = c.id AND g.whole_class",
    ) == [(5, "А", "5А", "petrova")]
    members = (
        "SELECT g.name, s.family_name FROM membership m JOIN study_group g ON g.id = group_id "
        "JOIN student s ON s.id = student_id"
    )
    assert sorted(await rows_of(database, members)) == [("5А", "Иванов"), ("5А", "Сидорова"), ("Алгебра 1", "Иванов")]
    # Without dates an enrollment lasts as long as the terms of its class.
    assert await one(database, "SELECT DISTINCT daterange(starts, ends, '[]')::text FROM enrolment") == (
        "[2026-09-01,2027-06-01)"
    )


async def test_a_course_gives_the_subject_of_the_load(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now)
    loads = await rows_of(
        database,
        "SELECT a.login, s.name, g.name FROM teaching_load l JOIN account a ON a.id = teacher_id "
        "JOIN subject s ON s.id = subject_id JOIN study_group g ON g.id = group_id",
    )
    assert loads == [("petrova", "Алгебра", "Алгебра 1")]


async def test_agents_are_guardians_whoever_names_whom(database: Database, now: datetime) -> None:
    files = small_school()
    files["users.csv"][3]["agentSourcedIds"] = "u1,u2"
    await import_oneroster(database, packed(files), now=now)
    links = await rows_of(
        database,
        "SELECT s.family_name, a.login, kind, may_view, may_file_absence, receives_push, ends "
        "FROM guardianship JOIN student s ON s.id = student_id JOIN account a ON a.id = guardianship.account_id "
        "ORDER BY 1",
    )
    assert links == [
        ("Иванов", "mama", "parent", True, True, True, None),
        ("Сидорова", "mama", "parent", True, True, True, None),
    ]
    assert await one(database, "SELECT phone FROM account WHERE login = 'mama'") == "+79161234567"


async def test_a_teacher_among_the_agents_gets_no_child(database: Database, now: datetime) -> None:
    files = small_school()
    files["users.csv"][1]["agentSourcedIds"] = "t1"
    report = await import_oneroster(database, packed(files), now=now)
    assert report.of("guardianship").created == 0
    assert "no guardianship of agent t1" in report.warnings[0]


async def test_version_1_2_says_the_same(database: Database, now: datetime) -> None:
    report = await import_oneroster(database, packed(version_1_2(small_school()), version="1.2"), now=now)
    assert report.of("student").created == 2
    assert await rows_of(database, "SELECT role, starts FROM school_role") == [("teacher", date(2026, 9, 1))]
    kept = await one(database, "SELECT kept FROM external_id WHERE kind = 'user' AND external = 'u1'")
    assert kept["userProfiles"] == [{"profileType": "LMS", "username": "iv"}]
    again = await import_oneroster(database, packed(version_1_2(small_school()), version="1.2"), now=now)
    assert not again.changed


async def test_rights_beyond_a_school_are_not_taken_from_a_file(database: Database, now: datetime) -> None:
    files = version_1_2(small_school())
    files["roles.csv"][0]["role"] = "principal"
    files["roles.csv"].append(files["roles.csv"][0] | {"sourcedId": "r9", "role": "systemAdministrator"})
    report = await import_oneroster(database, packed(files, version="1.2"), now=now)
    assert await rows_of(database, "SELECT role FROM school_role") == [("director",)]
    assert "systemAdministrator" in report.warnings[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_every_spelling_of_csv(database: Database, now: datetime, encoding: str, line_end: str) -> None:
    files = small_school()
    files["orgs.csv"][1]["name"] = 'Школа "№ 1", филиал'
    await import_oneroster(database, packed(files, encoding=encoding, line_end=line_end), now=now)
    assert await one(database, "SELECT short_name FROM school") == 'Школа "№ 1", филиал'


async def test_unknown_columns_are_kept_aside_and_secrets_are_not(database: Database, now: datetime) -> None:
    files = small_school()
    files["users.csv"][1] |= {"metadata.bus": "12", "password": "secret", "userIds": "{SNILS:112-233-445 95}"}
    files["users.csv"][1]["phone"] = "808-697-9374"
    await import_oneroster(database, packed(files), now=now)
    kept = await one(database, "SELECT kept FROM external_id WHERE kind = 'user' AND external = 'u1'")
    assert (kept["metadata.bus"], kept["phone"]) == ("12", "808-697-9374")
    everything_kept = str(await rows_of(database, "SELECT kept FROM external_id"))
    assert "secret" not in everything_kept
    assert "112-233" not in everything_kept
    assert "asian" not in everything_kept
    assert "Пермь" in everything_kept


async def test_files_that_are_not_used_are_ignored(database: Database, now: datetime) -> None:
    file = packed(small_school(), raw={"results.csv": b"\xff\xfe not even text", "readme.txt": b"hello"})
    await import_oneroster(database, file, now=now)


async def test_a_login_of_somebody_else_makes_nobody_that_somebody(database: Database, now: datetime) -> None:
    await run(
        database,
        "INSERT INTO account (id, login, family_name, given_name, created_at) "
        "VALUES (gen_random_uuid(), 'Petrova', 'Другая', 'Петрова', now())",
    )
    report = await import_oneroster(database, packed(small_school()), now=now)
    assert {account.login for account in report.accounts} == {"petrova2", "ivanov", "sidorova", "mama"}
    assert "petrova2 was given" in report.warnings[0]
    assert await rows_of(database, "SELECT login FROM school_role JOIN account ON id = account_id") == [("petrova2",)]


async def test_two_senders_do_not_share_their_ids(database: Database, now: datetime) -> None:
    await import_oneroster(database, packed(small_school()), now=now, source="north")
    report = await import_oneroster(database, packed(small_school()), now=now, source="south")
    assert report.of("school").created == 1
    assert report.of("student").created == 2


async def test_terms_without_a_year_get_one(database: Database, now: datetime) -> None:
    files = small_school()
    del files["academicSessions.csv"][0]
    for term in files["academicSessions.csv"]:
        term["parentSourcedId"] = ""
    await import_oneroster(database, packed(files), now=now)
    assert await rows_of(database, "SELECT name, starts, ends FROM school_year") == [
        ("2026/2027", date(2026, 9, 1), date(2027, 5, 31))
    ]


async def test_periods_are_the_finest_sessions_that_do_not_overlap(database: Database, now: datetime) -> None:
    files = small_school()
    sessions = files["academicSessions.csv"]
    for number, (starts, ends) in enumerate((("2026-09-01", "2026-10-25"), ("2026-11-05", "2026-12-31")), 1):
        sessions.append(
            sessions[1]
            | {"sourcedId": f"q{number}", "title": f"{number} четверть", "type": "gradingPeriod"}
            | {"startDate": starts, "endDate": ends, "parentSourcedId": "h1"}
        )
    await import_oneroster(database, packed(files), now=now)
    assert [name for (name,) in await rows_of(database, "SELECT name FROM period ORDER BY starts")] == [
        "1 четверть", "2 четверть", "2 полугодие",
    ]  # fmt: skip


async def test_progress_ends_where_it_said(database: Database, now: datetime) -> None:
    seen: list[tuple[int, int, str]] = []
    await import_oneroster(database, SAMPLE, now=now, progress=lambda *step: seen.append(step))
    assert all(done <= total for done, total, _ in seen)
    assert seen[-1][0] == seen[-1][1]
