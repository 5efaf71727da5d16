"""What an adversary tried on what families and schools tell each other, each as they tried it."""

from tests.world import World


async def test_the_ends_of_the_calendar_break_nothing(world: World) -> None:
    """Every day that can be written may be asked for."""
    child, school, class_ = f"children/{world.ivan}", f"schools/{world.school.id}", f"classes/{world.school.class_id}"
    for path in (
        f"{child}/homework?first=9999-12-31",
        f"{child}/homework?first=9999-12-01&last=9999-12-31",
        f"{child}/remarks?first=9999-12-31&last=9999-12-31",
        f"{child}/remarks?last=0001-01-01",
        f"{child}/attendance?first=9999-12-01&last=9999-12-31",
        f"{school}/events?first=9999-12-31",
        f"{class_}/behaviour/9999-12-31",
    ):
        answer = await world.deputy.get(f"/v1/{path}")
        assert answer.status_code == 200, (path, answer.text)
