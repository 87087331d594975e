"""Reads environment variables: each of these gives a setting its value, or stops the start with a sentence."""

import contextlib
import re
import secrets
import stat
import tempfile
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def secret(name: str) -> str | None:
    """The value of `name`, or the content of the file that `name`_FILE points to, or None.

    Raises ImproperlyConfigured if that file cannot be read.
    """
    path = env.str(f"{name}_FILE", default="")
    if not path:
        return env.str(name, default="") or None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: {error}") from error


def own_secret_key(folder: Path) -> str:
    """The secret key of this installation, generated at the first start and kept in `folder`."""
    path = folder / "secret_key"
    if not path.exists():
        # Written to a temporary file and linked into place: two processes that start together read the same key.
        with tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8") as draft:
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text(encoding="utf-8")


def rate(name: str, default: str) -> str:
    """A rate such as `60/min`. Raises ImproperlyConfigured for anything else."""
    text: str = env.str(name, default=default)
    if not re.fullmatch(r"\d+/(sec|min|hour|day)", text):
        raise ImproperlyConfigured(f"{name}: “{text}” is not a rate such as 60/min")
    return text


def hour(name: str, default: int) -> int:
    """An hour of the day, 0 to 23. Raises ImproperlyConfigured for anything else."""
    number: int = env.int(name, default=default)
    if number not in range(24):
        raise ImproperlyConfigured(f"{name}: {number} is not an hour from 0 to 23")
    return number


def positive(name: str, default: int) -> int:
    """A whole number above zero. Raises ImproperlyConfigured for anything else."""
    number: int = env.int(name, default=default)
    if number < 1:
        raise ImproperlyConfigured(f"{name}: {number} is not above zero")
    return number


def make_private(*paths: Path) -> None:
    """Removes the permissions of group and others that earlier versions set.

    Files of another account cannot be changed here; `staff/checks.py` reports them.
    """
    for path in paths:
        with contextlib.suppress(OSError):
            if (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
                path.chmod(mode & 0o700)


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks such as `10.20.0.0/16`, comma-separated. Raises ImproperlyConfigured for anything else."""
    try:
        return [ip_network(text.strip()) for text in env.list(name, default=[])]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def day(name: str, default: date) -> date:
    """A date such as `2018-06-21`. Raises ImproperlyConfigured for anything else."""
    text = env.str(name, default="")
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
