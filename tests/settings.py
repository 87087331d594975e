"""The office's settings as the tests want them: a data folder of their own, quick passwords, plain static files."""

import os
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="onestop-test-"))

from onestop.settings import *  # noqa: F403 the tests take every setting there is
from onestop.settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
