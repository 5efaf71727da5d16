"""What the families' apps do: reading, acknowledging, registering again, signing out of a shared tablet."""

import random
from uuid import UUID

import httpx

from tests.chaos.book import Book
from tests.chaos.client import Client
from tests.chaos.phones import Device, Phones
from tests.chaos.report import Report
from tests.chaos.school import Person, SchoolHere

_MOST_READ = 5


class Apps:
    """The families of a school. Their requests are repeated until they are answered."""

    def __init__(
        self, school: SchoolHere, phones: Phones, client: Client, book: Book, report: Report, chance: random.Random
    ) -> None:
        self._people = school.people
        self._phones = phones
        self._client = client
        self._book = book
        self._report = report
        self._chance = chance
        self._busy: set[UUID] = set()

    async def register(self, device: Device, person: Person) -> None:
        """As an app does at every start."""
        answer = await self._client.send(person, "PUT", f"/v1/devices/{device.id}", device.registration())
        self._expect(answer, 204)

    async def read(self) -> None:
        """Somebody opens some of what has come."""
        person = self._chance.choice(self._people)
        seen = list(self._phones.seen[person.id])
        if not seen:
            return
        chosen = self._chance.sample(seen[-2 * _MOST_READ :], min(len(seen), self._chance.randint(1, _MOST_READ)))
        body = {"alertIds": [str(alert) for alert in chosen]}
        answer = await self._client.send(person, "POST", "/v1/alerts/read", body)
        if self._expect(answer, 200):
            self._book.read |= {(person.id, alert) for alert in chosen}

    async def read_all(self) -> None:
        person = self._chance.choice(self._people)
        seen = list(self._phones.seen[person.id])
        if not seen:
            return
        answer = await self._client.send(person, "POST", "/v1/alerts/read-all", {"until": str(max(seen))})
        if self._expect(answer, 200):
            self._book.read |= {(person.id, alert) for alert in seen}

    async def acknowledge(self) -> None:
        """The app says what reached it, and sometimes that an alert was touched, which is reading."""
        device = self._chance.choice(self._phones.devices)
        if len(device.people) > 1 or not device.messages:
            return
        person, ids = device.people[0], list(device.messages[-1].ids)[-_MOST_READ:]
        opened = ids[:1] if self._chance.random() < 0.3 else []
        body = {
            "installationId": str(device.id),
            "received": [str(alert) for alert in ids],
            "opened": [str(alert) for alert in opened],
        }
        answer = await self._client.send(person, "POST", "/v1/alerts/acknowledgements", body)
        if self._expect(answer, 204):
            self._book.received |= {(person.id, alert) for alert in ids}
            self._book.read |= {(person.id, alert) for alert in opened}

    async def register_again(self) -> None:
        """Half of the time with a new token."""
        device = self._free(self._phones.devices)
        if device is None:
            return
        # Somebody who has left a tablet would sign in on it by this.
        person = next(one for one in device.people if one.id not in device.out)
        self._busy.add(device.id)
        if self._chance.random() < 0.5:
            self._phones.new_token(device)
        await self.register(device, person)
        self._busy.discard(device.id)
        self._report.count("devices registered again")

    async def share(self) -> None:
        """The second parent leaves the tablet, or comes back; the first one stays."""
        device = self._free(self._phones.tablets)
        if device is None:
            return
        person = device.people[1]
        self._busy.add(device.id)
        device.left.add(person.id)
        if person.id in device.out:
            await self.register(device, person)
            device.out.discard(person.id)
        else:
            answer = await self._client.send(person, "DELETE", f"/v1/devices/{device.id}")
            # Asked again after a lost answer, it has happened.
            self._expect(answer, 204, 404)
            device.out.add(person.id)
        self._busy.discard(device.id)
        self._report.count("tablet sign-outs and sign-ins")

    def _free(self, devices: list[Device]) -> Device | None:
        able = [device for device in devices if device.id not in self._busy]
        return self._chance.choice(able) if able else None

    def _expect(self, answer: httpx.Response, *statuses: int) -> bool:
        if answer.status_code not in statuses:
            self._report.wrong("answers", f"{answer.request.url.path}: {answer.status_code} {answer.text[:200]}")
        return answer.status_code in statuses
