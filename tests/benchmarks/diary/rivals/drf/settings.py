"""Django without what an API does not need."""

from sqlalchemy.engine import make_url

from tests.benchmarks.diary.rivals.bearer import DATABASE

_url = make_url(DATABASE)
SECRET_KEY = "a benchmark's"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "tests.benchmarks.diary.rivals.drf.urls"
INSTALLED_APPS = ["rest_framework", "tests.benchmarks.diary.rivals.drf.apps.Diary"]
MIDDLEWARE: list[str] = []
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": _url.database, "USER": _url.username,
        "HOST": _url.query.get("host", _url.host), "PORT": _url.port or "", "PASSWORD": _url.password or "",
        "CONN_MAX_AGE": None,
    }
}  # fmt: skip
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
