"""Every setting of the office. What an installation may change is an environment variable.

The comment above each variable is its description in docs/configuration.md (`onestop/configuration.py` writes it).

A secret `NAME` may also come from the file that `NAME_FILE` names. A file that cannot be read stops the start:
running with a default instead would hide the mistake.
"""

import os
from datetime import date
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF

from .environment import day, env, hour, make_private, networks, own_secret_key, positive, rate, secret

# Lets `ModelAdmin[Agency]` be written at run time, too: Django's type stubs know more generic classes than Django.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent


def database() -> dict[str, Any]:  # Any: the type of Django's own setting
    """The database of `DATABASE_URL`; without it, a SQLite file in the data folder."""
    # `postgres://user:password@host/name`. Any number of web and worker processes may share a PostgreSQL database.
    # Unset: the SQLite file `onestop.sqlite3` in `DATA_DIR`.
    config: dict[str, Any] = env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'onestop.sqlite3'}")
    if config["ENGINE"].endswith("sqlite3"):
        # Without IMMEDIATE, a transaction that reads and then writes fails at once when a second process writes.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        config.setdefault("CONN_MAX_AGE", 60)
        config["CONN_HEALTH_CHECKS"] = True
    return config


# Every process of ours creates files 0600 and folders 0700, for its own account alone.
os.umask(0o077)
# The folder of everything that is kept: uploaded files, static files, the built-in database, this installation's key.
# Only the account that runs the office may read it (0700). Unset: `var/` beside the code.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
make_private(DATA_DIR, MEDIA_ROOT, DATA_DIR / "secret_key")

# Shows details of errors on the page. Never with real data.
DEBUG = env.bool("DEBUG", default=False)
# Signs sessions. Unset: generated at the first start and kept in `DATA_DIR`.
SECRET_KEY = secret("SECRET_KEY") or own_secret_key(DATA_DIR)
# Encrypt the portals' client secrets in the database. Comma-separated; the first key encrypts, every key decrypts.
# Unset: the `SECRET_KEY`.
FIELD_KEYS = [key for key in (secret("FIELD_KEYS") or SECRET_KEY).split(",") if key]
# Host names under which the office is reached, comma-separated.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
# The address at which people reach the office. It is part of the QR code of every receipt, of the operators' mail and
# of the links in the partner API.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
# No move of a dossier may be dated before this day. The default is the day on which NĐ 61/2018/NĐ-CP, the decree on
# the one-stop office, came into force. An office that takes over older files sets an earlier one, such as
# `1998-01-01`.
EARLIEST_DATE = day("EARLIEST_DATE", default=date(2018, 6, 21))
# Origins behind a proxy, `https://…`, comma-separated.
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATABASES = {"default": database()}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    make_private(*(Path(f"{DATABASES['default']['NAME']}{part}") for part in ("", "-wal", "-shm")))
# The cache "calls" counts how often each partner called in this minute, and nothing else: strangers cannot push a
# partner's count out of it. What strangers try is counted in the database (`staff.brakes`), ballots in memory
# (`onestop.common.web.throttling`).
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    # Where partners' calls are counted; `rediscache://…` (with the `redis` package) lets processes share one count.
    # Unset: each process counts for itself.
    "calls": env.cache_url("CACHE_URL", default="locmemcache://calls") | {"KEY_PREFIX": "calls"},
    # The numbers of the screens in halls. Only addresses that exist are kept, so strangers cannot fill it.
    "hall_screens": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "hall_screens"},
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
    "onestop.common.web.methods.refused_methods_have_a_page",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "onestop.common.web.language.chosen_language",
    "onestop.common.web.impossible_addresses.ImpossibleAddresses",
    "onestop.common.web.body_limit.bodies_are_bounded",
    "onestop.common.web.hashing.BusyHashingMiddleware",
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
                "onestop.staff.navigation.page_frame",
            ],
            "libraries": {"slots": "onestop.common.slots"},
        },
    }
]
FORM_RENDERER = "onestop.common.web.form_renderer.FormRenderer"

# Signing in and permissions
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
SESSION_ENGINE = "onestop.staff.own.session_store"
# A session ends after this time in which its user did nothing.
SESSION_IDLE_MINUTES = positive("SESSION_IDLE_MINUTES", default=30)
# A session ends this long after signing in, whatever was done.
SESSION_MAX_HOURS = positive("SESSION_MAX_HOURS", default=10)
SESSION_COOKIE_AGE = SESSION_MAX_HOURS * 3600
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# `true` behind a proxy that ends TLS: secure cookies, HSTS, and the proxy's `X-Forwarded-Proto` and last
# `X-Forwarded-For` are trusted.
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

# Language and time: deadlines are counted in Asia/Ho_Chi_Minh, whatever the server's time zone is.
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
# Static files hold nothing secret, and another account may serve them.
PUBLIC_FILES = {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755}
STATICFILES_DIRS = [BASE_DIR / "static"]
# Finders serve the apps' own files and would hide the compressed ones that `collectstatic` made; so they are used
# only where it was not run.
WHITENOISE_USE_FINDERS = not any(STATIC_ROOT.iterdir())
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage", "OPTIONS": PUBLIC_FILES},
}
# For so many minutes whoever made a dossier's last move can undo it; 0: never.
UNDO_MINUTES = env.int("UNDO_MINUTES", default=10)
# The largest single file that may be uploaded.
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", default=100) * 1024 * 1024
# All files of one form together; a larger request is refused before it is read (`onestop.common.web.body_limit`).
# Unset: five times `ATTACHMENT_MAX_MB`.
UPLOAD_MAX_BYTES = positive("UPLOAD_MAX_MB", default=5 * ATTACHMENT_MAX_BYTES // 1024**2) * 1024 * 1024
PAGE_BODY_MAX_BYTES = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# How often strangers may do something. `onestop.common.web.rates` explains how a rate is counted.
RATES = {
    # How often signing in may fail from one network; all processes together.
    "sign_in": rate("SIGN_IN_RATE", "10/min"),
    # How often signing in to one account may fail from places where it never signed in before; all processes together.
    "sign_in_account": rate("SIGN_IN_ACCOUNT_RATE", "10/hour"),
    # Ballots that one address may send, counted in each process.
    "ballot": rate("BALLOT_RATE", "60/min"),
    # Dossier codes that one kiosk tablet may try, counted in each process.
    "kiosk_code": rate("KIOSK_CODE_RATE", "20/min"),
    # How often one address may open the page of a hall's screen, counted in each process.
    "hall_screen": rate("HALL_SCREEN_RATE", "120/min"),
    # Access tokens that one address may request, with a right or a wrong secret.
    "token": rate("TOKEN_RATE", "30/min"),
    # How often one address may look a dossier up without its receipt.
    "look_up": rate("LOOK_UP_RATE", "20/min"),
    # How often the wrong last digits may be typed for one code before the whole phone number is required.
    "look_up_code": rate("LOOK_UP_CODE_RATE", "10/hour"),
}

# The partner API: every view is closed unless it opens itself.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["onestop.partners.authentication.PartnerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["onestop.partners.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["onestop.partners.throttles.PartnerThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["onestop.rest.rendering.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "onestop.rest.schema.ContractSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    # Throttles count the address that our own proxy saw, never one that a visitor claims in a header.
    "NUM_PROXIES": 1 if HTTPS else 0,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "onestop.rest.errors.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "onestop.rest.error_list.ErrorList",
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"  # our migrations refer to it
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # The client credentials grant and no other; the database holds a token's checksum, not the token.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "SCOPES_BACKEND_CLASS": "onestop.partners.scopes.PartnerScopes",
    "OAUTH2_VALIDATOR_CLASS": "onestop.partners.validator.Validator",
}
# The largest JSON body of one API call. Files and bulk intake have limits of their own.
API_BODY_MAX_BYTES = env.int("API_BODY_MAX_KB", default=1024) * 1024
# The largest body of one bulk intake, as it is sent.
API_BULK_MAX_BYTES = env.int("API_BULK_MAX_MB", default=64) * 1024 * 1024
SPECTACULAR_SETTINGS = {
    # Generators of clients name packages and classes after it, so it is in ASCII.
    "TITLE": "One-Stop Partner API",
    "DESCRIPTION": (
        "API đối tác của Hệ thống Một cửa: nộp, theo dõi và xử lý hồ sơ thủ tục hành chính. "
        "Đối tác xin token tại /oauth2/token (OAuth2, client credentials), rồi gọi các địa chỉ dưới /api/v1. "
        "Máy chủ là địa chỉ của từng cơ quan."
    ),
    "CONTACT": {"name": "Quản trị Hệ thống Một cửa của cơ quan"},
    "LICENSE": {"name": "Theo thỏa thuận kết nối giữa cơ quan và đối tác", "url": "/api/v1/docs"},
    "SERVERS": [{"url": "/", "description": "Địa chỉ của cơ quan"}],
    "VERSION": "1.2.0",
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "onestop.api.contract.shared.completed",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "PATH_CONVERTER_OVERRIDES": {"ordinal": {"type": "integer", "minimum": 0, "maximum": 9999}},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Named here so that a later field of the same name cannot rename a component that partners' clients were
    # generated from.
    "ENUM_NAME_OVERRIDES": {
        "Move": "onestop.dossiers.models.Move",
        "State": "onestop.dossiers.models.State",
        "Phase": "onestop.catalog.models.Phase",
        "Channel": "onestop.catalog.models.SubmissionChannel",
        "ApplicantKind": "onestop.dossiers.models.ApplicantKind",
        "ReturnMethod": "onestop.dossiers.models.ReturnMethod",
        "SubmitterCapacity": "onestop.dossiers.models.SubmitterCapacity",
        "PaperForm": "onestop.dossiers.models.Paper.Form",
        "ProblemType": "onestop.rest.schema.PROBLEM_TYPES",
        "PaymentMethod": "onestop.dossiers.models.Fee.Method",
        "AgencyLevel": "onestop.catalog.models.Agency.Level",
        "LimitUnit": "onestop.catalog.models.Procedure.Unit",
        "Division": "onestop.api.statistics.DIVISION_NAMES",
        "PacketKind": "packets.models.kinds.kind_choices",
        "PacketState": "packets.models.PacketState",
        "PacketReason": "packets.models.reasons.Reason",
        "WebhookEvent": "packets.api.deliveries.event_choices",
        "Scope": "onestop.partners.scopes.ApiScope",
        "BulkStatus": "onestop.api.dossiers.bulk_lines.STATUSES",
    },
}

# Private networks that partners' webhooks may lie in, such as `10.20.0.0/16`; http is allowed there.
# Unset: public addresses only, and https.
WEBHOOK_NETWORKS = networks("WEBHOOK_NETWORKS")
# Private networks that portals may lie in; http is allowed there. An office whose portal has a private address must
# name its network here. Unset: public addresses only, and https.
PORTAL_NETWORKS = networks("PORTAL_NETWORKS")

# The mail server, such as `smtp+tls://user:password@host:587`. Unset: mails are printed where the worker runs.
globals().update(env.email_url_config(secret("EMAIL_URL") or "consolemail://"))
# How long to wait for the mail server.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
# The sender of mails.
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="motcua@localhost")
# From this hour on the worker sends the operators' daily mail.
DIGEST_HOUR = hour("DIGEST_HOUR", default=7)
# The bearer token with which `/metrics` may be read without signing in. Unset: signed-in operators only.
METRICS_TOKEN = secret("METRICS_TOKEN")

# The least severe lines that are logged: `DEBUG`, `INFO`, `WARNING`, `ERROR`.
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
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
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # The HTTP client logs the whole address of each request at INFO; the worker's own line has all that is needed.
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
        # At DEBUG it logs every token that it issues.
        "oauthlib": {"level": "INFO"},
    },
}
