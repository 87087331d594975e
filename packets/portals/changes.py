"""What a portal is set to, before and after somebody changed it: written down, and marked for the operators' mail."""

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
# What decides who gets the packets, and whose packets: the other operators hear of it.
MAILED = (*ADDRESSES, *CREDENTIALS, "agencies")
Changes = list[dict[str, str]]


@dataclass(frozen=True)
class Settings:
    """A portal's, by field: as people read them, and the credentials, which are only compared."""

    fields: dict[str, str]
    credentials: tuple[str, ...]

    @classmethod
    def of(cls, portal: Portal) -> Settings:
        """As they stand in the database."""
        stored = Portal.objects.get(pk=portal.pk)
        names = [field.name for field in Portal._meta.fields if field.editable and not field.primary_key]
        fields = {name: _in_words(name, getattr(stored, name)) for name in names if name not in CREDENTIALS}
        fields["agencies"] = ", ".join(stored.agencies.order_by("code").values_list("code", flat=True))
        return cls(fields, tuple(getattr(stored, name) for name in CREDENTIALS))

    def changes_to(self, after: Settings) -> Changes:
        """Of a credential only that it changed."""
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
    """Writes down what is different by now; nothing if nothing is."""
    if changes := before.changes_to(Settings.of(portal)):
        note(portal, PortalChange.Act.CHANGED, by, changes)


def note_addition(portal: Portal, by: object) -> None:
    """With all that is not blank."""
    fields = Settings.of(portal).fields
    changes = [{"field": name, "from": "", "to": text} for name, text in fields.items() if text]
    note(portal, PortalChange.Act.ADDED, by, changes)


def note(portal: Portal, act: PortalChange.Act, by: object, changes: Changes | None = None) -> None:
    """Writes down that `by`, a member of staff or something else that has a name, did `act`."""
    is_gone = act == PortalChange.Act.DELETED
    PortalChange.objects.create(
        portal=None if is_gone else portal,
        code=portal.code,
        by=by if isinstance(by, User) else None,
        who=str(by)[:200],
        act=act,
        changes=changes or [],
        # A partner's webhook is the partner's own matter.
        is_to_be_mailed=not portal.is_webhook and any(change["field"] in MAILED for change in changes or []),
    )


def shown_address(address: str) -> str:
    """Without what may be a secret: a name and password before the host, whatever stands behind the question mark."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "…"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "…" if parts.query else "", ""))


def in_words(change: PortalChange) -> list[tuple[str, str, str]]:
    """What changed: the field's name, how it was and how it is; both "" for a credential."""
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
