"""First login, sessions, refreshing, lock-out."""

from typing import Any

import httpx
import pytest

from tests.world import World

GOOD = "Tram-Window-7-green"


async def sign_in(world: World, login: str, password: str, **more: Any) -> httpx.Response:
    return await world.client.post(
        "/v1/sessions", json={"login": login, "password": password, "deviceName": "t", **more}
    )


async def with_password(world: World) -> dict[str, Any]:
    """The mother gets a one-time password, signs in, and sets her own. Returns her tokens."""
    issued = (await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")).json()
    tokens: dict[str, Any] = (await sign_in(world, issued["login"], issued["password"])).json()
    headers = {"authorization": f"Bearer {tokens['accessToken']}"}
    body = {"currentPassword": issued["password"], "newPassword": GOOD}
    answer = await world.client.put("/v1/me/password", json=body, headers=headers)
    assert answer.status_code == 204, answer.text
    return tokens


async def test_a_one_time_password_opens_nothing_but_setting_an_own_one(world: World) -> None:
    issued = (await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")).json()
    tokens = (await sign_in(world, issued["login"], issued["password"])).json()
    assert tokens["mustSetPassword"] is True
    headers = {"authorization": f"Bearer {tokens['accessToken']}"}

    refused = await world.client.get(f"/v1/children/{world.ivan}/day", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "password-must-be-set")
    me = (await world.client.get("/v1/me", headers=headers)).json()
    assert (me["pendingSteps"], me["children"]) == (["set-password"], [])

    body = {"currentPassword": issued["password"], "newPassword": GOOD}
    assert (await world.client.put("/v1/me/password", json=body, headers=headers)).status_code == 204
    assert (await world.client.get(f"/v1/children/{world.ivan}/day", headers=headers)).status_code == 200
    assert (await sign_in(world, issued["login"], issued["password"])).status_code == 401
    assert (await sign_in(world, issued["login"].upper(), GOOD)).status_code == 201


async def test_a_one_time_password_ends_earlier_sessions_and_expires(world: World) -> None:
    issued = (await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")).json()
    ended = await world.mother.get("/v1/me")
    assert (ended.status_code, ended.json()["code"]) == (401, "session-ended")
    world.clock.move(days=31)
    assert (await sign_in(world, issued["login"], issued["password"])).status_code == 401


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-1A", "too-weak"),
        ("alllowercase-1", "too-weak"),
        ("Qwerty-12345-x", "too-obvious"),
        ("Mother-77-abc!", "too-obvious"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "too-obvious"),
    ],
)
async def test_weak_passwords_are_refused(world: World, password: str, code: str) -> None:
    issued = (await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")).json()
    tokens = (await sign_in(world, issued["login"], issued["password"])).json()
    headers = {"authorization": f"Bearer {tokens['accessToken']}"}
    body = {"currentPassword": issued["password"], "newPassword": password}
    answer = await world.client.put("/v1/me/password", json=body, headers=headers)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/newPassword", code)]


async def test_a_long_passphrase_is_enough(world: World) -> None:
    issued = (await world.administrator.post(f"/v1/accounts/{world.mother.id}/one-time-password")).json()
    tokens = (await sign_in(world, issued["login"], issued["password"])).json()
    headers = {"authorization": f"Bearer {tokens['accessToken']}"}
    body = {"currentPassword": issued["password"], "newPassword": "тёплый апельсин едет в трамвае"}
    assert (await world.client.put("/v1/me/password", json=body, headers=headers)).status_code == 204


async def test_an_unknown_login_is_answered_like_a_wrong_password(world: World) -> None:
    await with_password(world)
    unknown, wrong = await sign_in(world, "nobody", GOOD), await sign_in(world, "mother", "wrong")
    assert (unknown.status_code, unknown.json()["code"]) == (wrong.status_code, wrong.json()["code"])
    assert wrong.status_code == 401


async def test_lock_out_grows_with_failures_and_is_the_same_for_unknown_logins(world: World) -> None:
    for login in ("mother", "nobody"):
        for _ in range(5):
            assert (await sign_in(world, login, "wrong")).status_code == 401
        locked = await sign_in(world, login, "wrong")
        assert (locked.status_code, locked.headers["retry-after"]) == (429, "30")
    world.clock.move(seconds=31)
    assert (await sign_in(world, "mother", "wrong")).status_code == 401
    assert (await sign_in(world, "mother", "wrong")).headers["retry-after"] == "60"


async def test_a_lost_answer_does_not_sign_a_parent_out(world: World) -> None:
    tokens = await with_password(world)
    first = await world.client.post("/v1/sessions/refresh", json={"refreshToken": tokens["refreshToken"]})
    world.clock.move(minutes=9)
    again = await world.client.post("/v1/sessions/refresh", json={"refreshToken": tokens["refreshToken"]})
    assert first.json()["refreshToken"] == again.json()["refreshToken"]


async def test_a_reused_refresh_token_ends_the_session(world: World) -> None:
    tokens = await with_password(world)
    successor = (await world.client.post("/v1/sessions/refresh", json={"refreshToken": tokens["refreshToken"]})).json()[
        "refreshToken"
    ]
    world.clock.move(minutes=11)
    stolen = await world.client.post("/v1/sessions/refresh", json={"refreshToken": tokens["refreshToken"]})
    assert stolen.status_code == 401
    assert (await world.client.post("/v1/sessions/refresh", json={"refreshToken": successor})).status_code == 401


async def test_a_refresh_token_works_on_its_device_only(world: World) -> None:
    await with_password(world)
    here = "00000000-0000-4000-8000-000000000001"
    tokens = (await sign_in(world, "mother", GOOD, installationId=here)).json()
    body = {"refreshToken": tokens["refreshToken"]}
    assert (await world.client.post("/v1/sessions/refresh", json=body)).status_code == 401
    answer = await world.client.post("/v1/sessions/refresh", json=body | {"installationId": here})
    assert answer.status_code == 200


async def test_staff_sessions_end_when_idle(world: World) -> None:
    issued = (await world.administrator.post(f"/v1/accounts/{world.teacher.id}/one-time-password")).json()
    teacher = (await sign_in(world, issued["login"], issued["password"])).json()
    mother = await with_password(world)
    world.clock.move(minutes=61)
    for tokens, status in ((teacher, 401), (mother, 200)):
        body = {"refreshToken": tokens["refreshToken"]}
        assert (await world.client.post("/v1/sessions/refresh", json=body)).status_code == status


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "0" * 32 + ".1.AAAA", "0" * 32 + ".²." + "A" * 43])
async def test_forged_refresh_tokens(world: World, token: str) -> None:
    answer = await world.client.post("/v1/sessions/refresh", json={"refreshToken": token})
    assert answer.status_code in (401, 422)


async def test_access_tokens_expire_and_cannot_be_forged(world: World) -> None:
    import jwt

    forged = jwt.encode({"sub": str(world.mother.id), "sid": str(world.mother.id), "exp": 9e9}, b"x" * 32)
    unsigned = jwt.encode({"sub": str(world.mother.id), "sid": "1", "exp": 9e9}, "", algorithm="none")
    for token in (forged, unsigned, "", "x"):
        answer = await world.client.get("/v1/me", headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    world.clock.move(minutes=10, seconds=1)
    assert (await world.mother.get("/v1/me")).status_code == 401


async def test_signing_out_takes_effect_at_once(world: World) -> None:
    assert (await world.mother.delete("/v1/sessions/current")).status_code == 204
    assert (await world.mother.get("/v1/me")).status_code == 401
