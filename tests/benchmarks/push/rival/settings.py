"""Django's settings; where the servers are comes from the environment."""

import os
from pathlib import Path

from tests.benchmarks.push.google import google_app

SECRET_KEY = "a benchmark has no secrets"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "fcm_django", "tests.benchmarks.push.rival"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["RIVAL_DATABASE_HOST"],
        "NAME": "rival",
        "USER": "postgres",
        # Workers keep their connection, as one would configure them.
        "CONN_MAX_AGE": 600,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
FCM_DJANGO_SETTINGS = {
    "DEFAULT_FIREBASE_APP": google_app(os.environ["RIVAL_FCM_URL"], Path(os.environ["RIVAL_SERVICE_ACCOUNT"]))
}

CELERY_BROKER_URL = os.environ["RIVAL_BROKER_URL"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
