"""The office's settings as the tests want them: a data folder of their own, quick passwords, plain static files."""

import atexit
import os
import shutil
import tempfile
from ipaddress import ip_network
from pathlib import Path

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="onestop-test-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
# One authority to trust, which nobody has: each client of a portal reads the file, and the system's hold hundreds.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("authority.pem"))

from onestop.settings import *  # noqa: F403 the tests take every setting there is
from onestop.settings import STORAGES

# Practice portals lie on this machine.
PORTAL_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files are looked up when asked for: else each client that a test makes goes through all of them first.
WHITENOISE_AUTOREFRESH = True
