"""What the API is made of: from settings and ports, everything that handlers may ask for by name."""

from collections.abc import Mapping

from redis.asyncio import Redis

from backend.attendance.notices import FILES as NOTICE_FILES
from backend.attendance.notices import may_read_files as may_read_notice
from backend.board.service import FILES as ANNOUNCEMENT_FILES
from backend.board.service import may_read as may_read_announcement
from backend.calendar.service import CalendarDesk
from backend.core.clock import Clock
from backend.core.db import Database
from backend.core.ratelimit import AddressLimit
from backend.core.reading import Readers
from backend.core.redis import connect_redis
from backend.core.settings import Settings
from backend.diary.service import DiaryDesk
from backend.exchange.class_lists import ClassListDesk
from backend.exchange.desk import FileDesk
from backend.exchange.timetables import TimetableDesk
from backend.files.downloads import FileRights, MayRead
from backend.files.opening import open_storage
from backend.files.uploads import UploadDesk
from backend.homework.child_service import may_read_files as may_read_homework
from backend.homework.repository import FILES as HOMEWORK_FILES
from backend.identity.passwords import Passwords
from backend.identity.service import SignInDesk
from backend.live.hub import Hub
from backend.live.service import LiveDesk
from backend.meetings.listing import MINUTES, may_read_minutes
from backend.messages.reports import may_read_file as may_read_message_file
from backend.messages.showing import FILES as MESSAGE_FILES
from backend.register.recorded import RecordedInJournals
from backend.school.service import is_staff
from backend.support.asking import FILES as SUPPORT_FILES
from backend.support.letters import Letters
from backend.support.service import may_read_files as may_read_support
from push.devices import DeviceKeys
from push.wording import push_texts

# Who may read what is attached to a thing: the room of its kind answers (backend/files/downloads.py).
FILE_OWNERS: Mapping[str, MayRead] = {
    HOMEWORK_FILES: may_read_homework,
    NOTICE_FILES: may_read_notice,
    MINUTES: may_read_minutes,
    ANNOUNCEMENT_FILES: may_read_announcement,
    MESSAGE_FILES: may_read_message_file,
    SUPPORT_FILES: may_read_support,
}


class Parts:
    """The parts of one API, each by the name that handlers ask for.

    Args:
        file_owners: who may read files, by the kind of what they are attached to.

    Raises:
        SetupError: FILES_URL names no storage.
    """

    def __init__(
        self, settings: Settings, database: Database, redis: Redis, clock: Clock,
        file_owners: Mapping[str, MayRead] = FILE_OWNERS,
    ) -> None:  # fmt: skip
        files, texts = FileDesk(database), push_texts()
        self.settings, self.database, self.redis, self.clock, self.texts = settings, database, redis, clock, texts
        self.readers = Readers(settings.database_url, pool=settings.database_pool, name="diary-read")
        self.ear = connect_redis(settings.redis_url, blocking=True)
        self.hub = Hub(self.ear)
        self.passwords = Passwords()
        self.device_keys = DeviceKeys(settings.keys.device_keys)
        self.desk = SignInDesk(database, settings.keys, self.passwords)
        self.is_staff = is_staff
        self.class_lists = ClassListDesk(files, settings.keys)
        self.timetables = TimetableDesk(files)
        self.diary = DiaryDesk(self.readers, settings.keys.tokens, clock)
        self.recorded = RecordedInJournals()
        self.live = LiveDesk(self.hub, self.readers, texts, clock)
        self.calendars = CalendarDesk(database, settings.keys)
        self.storage = open_storage(settings)
        self.uploads = UploadDesk(database, self.storage)
        self.file_rights = FileRights(file_owners)
        self.letters = Letters(settings)
        self.limits = AddressLimit(redis, settings.keys.index)

    async def close(self) -> None:
        """Closes all connections."""
        await self.ear.aclose()
        await self.readers.close()
        await self.database.close()
        await self.redis.aclose()
