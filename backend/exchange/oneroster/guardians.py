"""agentSourcedIds to guardianships: who stands behind a child."""

from backend.exchange.oneroster.people import Person
from backend.exchange.oneroster.tables import USERS
from backend.exchange.oneroster.work import Work
from backend.exchange.spans import Rule, Wanted, settle
from backend.school.models import Guardianship


async def map_guardians(work: Work, people: dict[str, Person]) -> None:
    """Links parents and guardians to students, whichever of the two names the other.

    Only parents and guardians are linked; teachers, aides and relatives in agentSourcedIds are not
    legal representatives, and their being named gives nobody a child's diary.
    """
    wanted: list[Wanted] = []
    for id_, person in people.items():
        if person.record.fresh:
            for order, other in enumerate(person.record.ids("agentSourcedIds"), 1):
                link = _pair(work, people, id_, other)
                if link is not None:
                    wanted.append(_wanted(work, people, id_, other, link, order))
                elif other in people:
                    place = f"{USERS}, row {person.record.row}"
                    work.report.warn(f"{place}: no guardianship of agent {other}: not a student and a parent.")
    deleted = work.bundle[USERS].deleted
    rule = Rule(
        model=Guardianship,
        kind="guardianship",
        link="agent",
        judged=lambda _, link: work.judges_user(link.kept["by"]) or link.kept["of"] in deleted,
    )
    await settle(work.session, work.links, work.report, rule, wanted, work.school_ids, work.today)


def _wanted(work: Work, people: dict[str, Person], id_: str, other: str, link: tuple[str, str], order: int) -> Wanted:
    student, parent = link
    pupil = work.pupils[student]
    rights = {"may_view": True, "may_file_absence": True, "receives_push": True}
    return Wanted(
        key=(pupil.id, work.accounts[parent]),
        school_id=work.schools[pupil.school],
        starts=work.today,
        ends=None,
        place=f"{USERS}, row {people[id_].record.row}",
        externals={f"{id_}>{other}": {"by": id_, "of": other}},
        # Only a student's row puts its guardians into an order.
        values={"kind": people[parent].family, "contact_order": order if id_ == student else 1, **rights},
    )


def _pair(work: Work, people: dict[str, Person], one: str, other: str) -> tuple[str, str] | None:
    """(student, parent) of two users, or None if they are not such a pair."""
    for student, parent in ((one, other), (other, one)):
        if student in work.pupils and parent in people and people[parent].family and parent in work.accounts:
            return student, parent
    return None
