"""Records the changes of a portal's configuration, and marks those that the operators get a mail about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone

from onestop.staff.models import User
from packets.models import ADDRESSES, Portal
from packets.models.portal_change import PortalChange

CREDENTIALS = ("client_id", "client_secret")
# These decide where packets go and whose packets, so the other operators get a mail when one changes.
MAILED = (*ADDRESSES, *CREDENTIALS, "agencies")
Changes = list[dict[str, str]]


@dataclass(frozen=True)
class Settings:
    """A portal's configuration by field, in words for people; the credentials only to compare them."""

    fields: dict[str, str]
    credentials: tuple[str, ...]

    @classmethod
    def of(cls, portal: Portal) -> Settings:
        """The configuration that the database holds."""
        stored = Portal.objects.get(pk=portal.pk)
        names = [field.name for field in Portal._meta.fields if field.editable and not field.primary_key]
        fields = {name: _in_words(name, getattr(stored, name)) for name in names if name not in CREDENTIALS}
        fields["agencies"] = ", ".join(stored.agencies.order_by("code").values_list("code", flat=True))
        return cls(fields, tuple(getattr(stored, name) for name in CREDENTIALS))

    def changes_to(self, after: Settings) -> Changes:
        """The differences; of a credential only that it changed."""
        changes = [
            {"field": name, "from": was, "to": after.fields.get(name, "")}
            for name, was in self.fields.items()
            if was != after.fields.get(name, "")
        ]
        for name, was, now in zip(CREDENTIALS, self.credentials, after.credentials, strict=True):
            if was != now:
                changes.append({"field": name, "from": "…", "to": "…"})
        return changes


def note_change(portal: Portal, before: Settings, by: object) -> None:
    """Records what has changed since `before`; nothing if nothing has."""
    if changes := before.changes_to(Settings.of(portal)):
        note(portal, PortalChange.Act.CHANGED, by, changes)


def note_addition(portal: Portal, by: object) -> None:
    """Records a new portal with every field that is not blank."""
    fields = Settings.of(portal).fields
    changes = [{"field": name, "from": "", "to": text} for name, text in fields.items() if text]
    note(portal, PortalChange.Act.ADDED, by, changes)


def note(portal: Portal, act: PortalChange.Act, by: object, changes: Changes | None = None) -> None:
    """Records that `by`, a user or the name of a command or partner, did `act`."""
    is_gone = act == PortalChange.Act.DELETED
    PortalChange.objects.create(
        portal=None if is_gone else portal,
        code=portal.code,
        by=by if isinstance(by, User) else None,
        who=str(by)[:200],
        act=act,
        changes=changes or [],
        # Not for webhooks: partners manage those themselves.
        is_to_be_mailed=not portal.is_webhook and any(change["field"] in MAILED for change in changes or []),
    )


def shown_address(address: str) -> str:
    """The address without what may be secret: the name and password before the host, and the query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "…"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "…" if parts.query else "", ""))


def in_words(change: PortalChange) -> list[tuple[str, str, str]]:
    """Each change as the field's name, the old value and the new one; both values are "" for a credential."""
    return [
        (str(_label(one["field"])), *(("", "") if one["field"] in CREDENTIALS else (one["from"], one["to"])))
        for one in change.changes
    ]


def _label(name: str) -> object:
    try:
        return Portal._meta.get_field(name).verbose_name  # type: ignore[union-attr] # no field of ours lacks one
    except FieldDoesNotExist:
        return name


def _in_words(name: str, value: object) -> str:
    if name in ADDRESSES:
        return shown_address(str(value))
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
