"""Every setting of the office. Each knob is an environment variable; the README lists them.

A secret `NAME` may also come from the file that `NAME_FILE` names; a file that cannot be read stops the
start, loudly, rather than running with a default.
"""

import contextlib
import os
import re
import secrets
import stat
import tempfile
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def secret(name: str) -> str | None:
    """The value of `name`, or the content of the file that `name`_FILE points to, or None."""
    path = env.str(f"{name}_FILE", default="")
    if not path:
        return env.str(name, default="") or None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: {error}") from error


def own_secret_key() -> str:
    """A key of this installation's own, made at the first start and kept in the data folder."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        # Written aside and linked into place: of two processes that start together, both read the same whole key.
        with tempfile.NamedTemporaryFile("w", dir=DATA_DIR, encoding="utf-8") as draft:
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text(encoding="utf-8")


def rate(name: str, default: str) -> str:
    """How many in how long, such as `60/min`."""
    text: str = env.str(name, default=default)
    if not re.fullmatch(r"\d+/(sec|min|hour|day)", text):
        raise ImproperlyConfigured(f"{name}: “{text}” is not a rate such as 60/min")
    return text


def hour(name: str, default: int) -> int:
    """One of the day's, from 0 to 23."""
    number: int = env.int(name, default=default)
    if number not in range(24):
        raise ImproperlyConfigured(f"{name}: {number} is no hour of a day")
    return number


def some(name: str, default: int) -> int:
    """A whole number above zero."""
    number: int = env.int(name, default=default)
    if number < 1:
        raise ImproperlyConfigured(f"{name}: {number} is not above zero")
    return number


def keep_to_ourselves(*paths: Path) -> None:
    """Takes from others what an installation of before gave them. What is not ours to change is told by a check."""
    for path in paths:
        with contextlib.suppress(OSError):
            if (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
                path.chmod(mode & 0o700)


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks such as `10.20.0.0/16`, comma-separated."""
    try:
        return [ip_network(text.strip()) for text in env.list(name, default=[])]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def database() -> dict[str, Any]:
    """PostgreSQL or SQLite as `DATABASE_URL` says; unset, a SQLite file in the data folder."""
    config: dict[str, Any] = env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'onestop.sqlite3'}")
    if config["ENGINE"].endswith("sqlite3"):
        # Without IMMEDIATE, a reader that turns writer fails at once when a second process writes.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        config.setdefault("CONN_MAX_AGE", 60)
        config["CONN_HEALTH_CHECKS"] = True
    return config


def day(name: str, default: date) -> date:
    """A day such as `2018-06-21`."""
    text = env.str(name, default="")
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


# What is kept: the embedded database, uploaded files, this installation's key. Whatever any process of ours makes is
# for our own account alone: files 0600, folders 0700.
os.umask(0o077)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
keep_to_ourselves(DATA_DIR, MEDIA_ROOT, DATA_DIR / "secret_key")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY") or own_secret_key()
# Encrypts the portals' client secrets at rest. First key encrypts, every key decrypts; comma-separated.
FIELD_KEYS = [key for key in (secret("FIELD_KEYS") or SECRET_KEY).split(",") if key]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
# How people reach it: stands in the QR code of every receipt and in the operators' mail.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
# No move of a dossier is dated before. By default the day on which NĐ 61/2018/NĐ-CP, which made the one-stop office
# as it is kept here, came into force. An office that takes over older files sets an earlier day.
EARLIEST_DATE = day("EARLIEST_DATE", default=date(2018, 6, 21))
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATABASES = {"default": database()}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    keep_to_ourselves(*(Path(f"{DATABASES['default']['NAME']}{part}") for part in ("", "-wal", "-shm")))
# How often each partner called in this minute, and nothing else: what strangers do is never written here, so it pushes
# no partner's count out. By default each process counts for itself; a cache server lets them share. What strangers try
# is counted in the database (`staff.brakes`), and ballots in memory alone (`onestop.throttling`).
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    "calls": env.cache_url("CACHE_URL", default="locmemcache://calls") | {"KEY_PREFIX": "calls"},
}
if CACHES["calls"]["BACKEND"].endswith("LocMemCache"):
    CACHES["calls"].setdefault("OPTIONS", {})["MAX_ENTRIES"] = 20_000
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "oauth2_provider",
    "onestop.catalog",
    "onestop.staff",
    "onestop.partners",
    "onestop.dossiers",
    "onestop.batches",
    "onestop.votes",
    "onestop.statistics",
    "onestop.api",
    "onestop.demo",
    "packets",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "django_filters",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "onestop.common.web.refusals.refusals_are_logged",
    "onestop.common.web.no_store.signed_in_answers_are_not_stored",
    "onestop.common.web.compression.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "onestop.common.web.language.chosen_language",
    "onestop.common.web.impossible_addresses.ImpossibleAddresses",
    "onestop.common.web.body_limit.bodies_are_bounded",
    "onestop.common.web.hashing.TooManyAtOnceIsTold",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "onestop.staff.sessions.SessionLimits",
    "onestop.staff.sessions.SignedInOnly",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "onestop.urls"
WSGI_APPLICATION = "onestop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Who may come in
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "onestop.staff.permissions.RolePermissions",
    "packets.permissions.PacketPermissions",
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "dossiers:home"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "onestop.common.web.hashing.Argon2",
    "onestop.common.web.hashing.PBKDF2",
]
# A session ends after so long without anything done, and so long after signing in.
SESSION_IDLE_MINUTES = some("SESSION_IDLE_MINUTES", default=30)
SESSION_MAX_HOURS = some("SESSION_MAX_HOURS", default=10)
SESSION_COOKIE_AGE = SESSION_MAX_HOURS * 3600
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Language and time: the law's clock is Asia/Ho_Chi_Minh, whatever the server's.
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "onestop.formats"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Nothing secret: another account may serve them.
PUBLIC_FILES = {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755}
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files as they lie in the apps hide the compressed ones that `collectstatic` made; so only where it was not called.
WHITENOISE_USE_FINDERS = not any(STATIC_ROOT.iterdir())
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage", "OPTIONS": PUBLIC_FILES},
}
# One paper as uploaded; larger ones are refused with a message.
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", default=100) * 1024 * 1024
# All papers of one form together, and a page without files: larger ones are refused unread (`onestop.bodies`).
UPLOAD_MAX_BYTES = some("UPLOAD_MAX_MB", default=5 * ATTACHMENT_MAX_BYTES // 1024**2) * 1024 * 1024
PAGE_BODY_MAX_BYTES = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# How often strangers may do what. `onestop.rates` says how these are meant.
RATES = {
    # From one network: sign in and fail; one account from places that it does not know (`staff.attempts`).
    "sign_in": rate("SIGN_IN_RATE", "10/min"),
    "sign_in_account": rate("SIGN_IN_ACCOUNT_RATE", "10/hour"),
    "ballot": rate("BALLOT_RATE", "60/min"),
    "kiosk_code": rate("KIOSK_CODE_RATE", "20/min"),
    "token": rate("TOKEN_RATE", "30/min"),
    # A citizen's, without signing in.
    "look_up": rate("LOOK_UP_RATE", "20/min"),
    "look_up_code": rate("LOOK_UP_CODE_RATE", "10/hour"),
}

# The partner contract: closed unless a view opens it.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["onestop.partners.authentication.PartnerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["onestop.partners.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["onestop.partners.throttles.PartnerThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["onestop.rest.rendering.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "onestop.rest.schema.ContractSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    # Whose address is throttled: the one that our own proxy saw, never one that a visitor claims in a header.
    "NUM_PROXIES": 1 if HTTPS else 0,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "onestop.rest.errors.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "onestop.rest.fault_list.FaultList",
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"  # migrations of our own ask for its name
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # Client credentials and no other grant; of a token its checksum is kept and not the token.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "SCOPES_BACKEND_CLASS": "onestop.partners.scopes.PartnerScopes",
    "OAUTH2_VALIDATOR_CLASS": "onestop.partners.validator.Validator",
}
# One call's JSON; files have their own bound above, and so do whole batches of dossiers.
API_BODY_MAX_BYTES = env.int("API_BODY_MAX_KB", default=1024) * 1024
API_BULK_MAX_BYTES = env.int("API_BULK_MAX_MB", default=64) * 1024 * 1024
SPECTACULAR_SETTINGS = {
    "TITLE": "Một cửa – API đối tác",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "PATH_CONVERTER_OVERRIDES": {"ordinal": {"type": "integer", "minimum": 0, "maximum": 9999}},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Named here, so that no later field of the same name renames a component that partners' clients are made of.
    "ENUM_NAME_OVERRIDES": {
        "Move": "onestop.dossiers.models.Move",
        "State": "onestop.dossiers.models.State",
        "Phase": "onestop.catalog.models.Phase",
        "Channel": "onestop.catalog.models.SubmissionChannel",
        "ApplicantKind": "onestop.dossiers.models.ApplicantKind",
        "ReturnMethod": "onestop.dossiers.models.ReturnMethod",
        "PaperForm": "onestop.dossiers.models.Paper.Form",
        "ProblemType": "onestop.rest.schema.PROBLEM_TYPES",
        "PaymentMethod": "onestop.dossiers.models.Fee.Method",
        "AgencyLevel": "onestop.catalog.models.Agency.Level",
        "LimitUnit": "onestop.catalog.models.Procedure.Unit",
        "Division": "onestop.api.statistics.DIVISION_NAMES",
        "PacketKind": "packets.models.kinds.kind_choices",
        "PacketState": "packets.models.PacketState",
        "PacketReason": "packets.models.reasons.Reason",
    },
}

# Partners' webhooks go to the open Internet, and to these networks of our own, where http will do too.
WEBHOOK_NETWORKS = networks("WEBHOOK_NETWORKS")
# And so do the packets for portals.
PORTAL_NETWORKS = networks("PORTAL_NETWORKS")

# Watching over delivery. Without a server for mail, the daily digest is printed where the worker runs.
globals().update(env.email_url_config(secret("EMAIL_URL") or "consolemail://"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="motcua@localhost")
DIGEST_HOUR = hour("DIGEST_HOUR", default=7)
# Who has it may read /metrics without signing in.
METRICS_TOKEN = secret("METRICS_TOKEN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {
        "without_ballots": {"()": "onestop.votes.ballot_pages.logs.WithoutBallots"},
        "without_refusals": {"()": "onestop.common.web.refusals.WithoutRefusals"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_ballots", "without_refusals"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # The client logs whole addresses at INFO, once a request; the worker's own line says more in less.
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
        # At DEBUG it logs every token that it gives out.
        "oauthlib": {"level": "INFO"},
    },
}
