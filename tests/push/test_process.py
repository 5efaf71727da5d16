"""The worker as a process runs it: woken, polling, stopped."""

import asyncio

from backend.core.redis import connect_redis
from push.standin.server import Standin
from push.worker import Worker
from tests.push.fixtures import Handset, MakeWorker, give_handset
from tests.world import World


async def until_received(handset: Handset, count: int) -> None:
    async with asyncio.timeout(10):
        while len(handset.received) < count:
            await asyncio.sleep(0.01)


async def test_it_is_woken_polls_without_redis_and_stops(
    world: World, standin: Standin, make_worker: MakeWorker
) -> None:
    handset = await give_handset(world, standin, world.mother)
    worker = make_worker("running")
    # The address of a Redis that is not there: the worker polls.
    worker._redis = connect_redis("redis://127.0.0.1:1", blocking=True)
    running = asyncio.create_task(worker.run())
    await world.set_mark("5")
    await until_received(handset, 1)
    worker.stop()
    await asyncio.wait_for(running, 10)


async def test_stopping_finishes_what_is_in_flight(world: World, standin: Standin, worker: Worker) -> None:
    handset = await give_handset(world, standin, world.mother)
    running = asyncio.create_task(worker.run())
    await world.set_mark("5")
    await until_received(handset, 1)
    worker.stop()
    await asyncio.wait_for(running, 10)
    async with world.database.transaction() as session:
        from sqlalchemy import text

        assert (await session.execute(text("SELECT count(*) FROM delivery"))).scalar() == 1
