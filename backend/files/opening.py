"""The storage that an installation is set up with."""

from urllib.parse import parse_qs, urlsplit

from backend.core.errors import SetupError
from backend.core.settings import Settings
from backend.files.bucket import BucketStorage
from backend.files.folder import FolderStorage
from backend.files.storage import Storage


def open_storage(settings: Settings) -> Storage:
    """The storage that FILES_URL names. Nothing is connected to or made yet.

    Raises:
        SetupError: it names none, or the keys of the S3 are missing.
    """
    url = urlsplit(settings.files_url)
    if url.scheme == "file":
        return FolderStorage(url.path, settings.keys.files)
    if url.scheme != "s3":
        raise SetupError("FILES_URL is missing from the environment: file:///folder or s3://bucket (docs/install.md)")
    if not (settings.files_access_key and settings.files_secret_key):
        raise SetupError("FILES_URL names an S3: FILES_ACCESS_KEY and FILES_SECRET_KEY are needed (docs/install.md)")
    options = {name: values[-1] for name, values in parse_qs(url.query).items()}
    return BucketStorage(
        url.netloc, url.path.strip("/"), endpoint=options.get("endpoint"), region=options.get("region", "us-east-1"),
        access_key=settings.files_access_key, secret_key=settings.files_secret_key,
    )  # fmt: skip
