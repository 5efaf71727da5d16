"""Mail as files in a folder, to be opened by any mail program: for `make run`, and to look at what would be sent."""

import asyncio
from pathlib import Path
from urllib.parse import unquote

from backend.mail.message import Mail, compose
from backend.mail.sender import ACCEPTED, Outcome, Verdict


class FolderSender:
    """A folder, made when it is needed.

    Args:
        path: as it stands in a URL.
        sender: who the mail is from.
    """

    def __init__(self, path: str, sender: str) -> None:
        self._folder = Path(unquote(path))
        self._sender = sender

    async def send(self, mail: Mail) -> Verdict:
        try:
            content = compose(mail, self._sender).as_bytes()
        except ValueError:
            return Verdict(Outcome.REFUSED, "no-such-address")
        try:
            await asyncio.to_thread(self._write, f"{mail.id}.eml", content)
        except OSError:
            return Verdict(Outcome.LATER, "folder")
        return ACCEPTED

    async def check(self) -> str:
        await asyncio.to_thread(self._write, "probe", b"")
        await asyncio.to_thread((self._folder / "probe").unlink)
        return f"files in {self._folder}"

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(self._folder / name)
