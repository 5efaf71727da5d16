"""Health, metrics and the API's own description."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from backend.openapi_document import document
from tests.push.fixtures import run_as_owner
from tests.world import World

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


async def test_health(world: World) -> None:
    assert (await world.client.get("/health/live")).json() == {"status": "ok"}
    assert (await world.client.get("/health/ready")).json() == {"status": "ok", "postgres": "ok", "redis": "ok"}


@pytest.mark.parametrize(("revision", "status"), [("0001", 503), ("9999", 200)])
async def test_tables_that_are_older_than_the_code_are_not_served(world: World, revision: str, status: int) -> None:
    before = await run_as_owner(world, "SELECT version_num FROM alembic_version")
    await run_as_owner(world, f"UPDATE alembic_version SET version_num = '{revision}'")
    answer = await world.client.get("/health/ready")
    await run_as_owner(world, f"UPDATE alembic_version SET version_num = '{before}'")
    assert answer.status_code == status
    assert ("run `diary db upgrade`" in answer.json()["postgres"]) is (status == 503)


async def test_metrics_name_routes_not_ids(world: World) -> None:
    await world.mother.get(f"/v1/children/{world.ivan}/day")
    metrics = (await world.client.get("/metrics")).text
    assert "diary_requests_total" in metrics
    assert str(world.ivan) not in metrics


async def test_the_page_to_try_it_asks_no_other_host(world: World) -> None:
    page = (await world.client.get("/schema")).text
    assert "swagger-ui-bundle.js" in page
    assert "https://" not in page.replace("https://my-diary", "")
    assert (await world.client.get("/schema/static/swagger-ui-bundle.js")).status_code == 200


def test_the_snapshot_of_the_api_is_meant() -> None:
    assert SNAPSHOT.read_text() == document(), "the API changed: read the diff, then `make openapi`"


WITHOUT_TOKEN = {
    "getApp", "signIn", "refreshSession", "getFileContent", "readCalendarFeed", "askSupport", "confirmSupportEmail",
}  # fmt: skip


def test_the_api_description_is_valid_and_complete() -> None:
    described = json.loads(document())
    validate(described)
    assert described["openapi"].startswith("3.1")
    ids = []
    for path, methods in described["paths"].items():
        for operation in methods.values():
            ids.append(operation["operationId"])
            assert operation["summary"], path
            if "/v1/" in path and operation["operationId"] not in WITHOUT_TOKEN:
                assert "401" in operation["responses"], path
    assert len(ids) == len(set(ids))


def test_bodies_are_described_as_strictly_as_they_are_read() -> None:
    schemas = json.loads(document())["components"]["schemas"]
    assert schemas["SetMark"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Mark"]
    assert {"type": "integer", "minimum": 0} in schemas["SetMark"]["properties"]["version"]["anyOf"]
    assert schemas["SetMark"]["properties"]["slot"]["maximum"] == 9
    assert schemas["QuietHours"]["properties"]["from"]["pattern"].startswith("^([01][0-9]|2[0-3]):")
    weights = schemas["ChangeJournalSettings"]["properties"]["weights"]
    assert "homework" in weights["propertyNames"]["enum"]
    assert weights["additionalProperties"]["format"] == "decimal"
    for name, field in (("CallMeeting", "startsAt"), ("DeviceKey", "expiresAt"), ("Session", "createdAt")):
        assert schemas[name]["properties"][field]["format"] == "date-time"


def test_an_address_with_an_id_may_not_be_there() -> None:
    for path, methods in json.loads(document())["paths"].items():
        for operation in methods.values():
            assert "{" not in path or "404" in operation["responses"], operation["operationId"]


def test_every_text_to_fill_in_has_an_example() -> None:
    described = json.loads(document())
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for methods in described["paths"].values()
        for operation in methods.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    assert "SignIn" in bodies
    for name in bodies:
        for field, schema in described["components"]["schemas"][name]["properties"].items():
            for kind in [schema, *schema.get("oneOf", []), *schema.get("anyOf", [])]:
                if kind.get("type") == "string" and not kind.keys() & {"enum", "format"}:
                    assert kind.get("examples") or schema.get("examples"), f"{name}.{field}"


async def test_get_app_tells_what_an_app_needs_before_sign_in(world: World) -> None:
    info = (await world.client.get("/v1/app", headers={"accept-language": "en"})).json()
    assert info["serverTime"] == "2026-11-18T09:00:00Z"
    assert info["passwordRules"]["minLength"] == 10
    nobody = {"email": None, "phone": None}
    assert (info["administrator"], info["support"]) == (nobody, nobody | {"answersByMail": False})
    kinds = ["mark-set", "mark-corrected", "dot-set", "dot-due", "dot-resolved", "finals-published"]
    assert {"id": "marks", "name": "Marks", "kinds": kinds} in info["pushChannels"]
