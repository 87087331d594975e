"""Mails the other operators when a portal's addresses, credentials or agencies changed. One of all workers sends it.

The row of the change stays marked until its mail is sent, so the mail also goes out after the mail server was down.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from onestop.staff.models import Role, User
from packets.models import Portal
from packets.models.portal_change import PortalChange
from packets.monitoring.mailing import post

from .changes import in_words


def is_due() -> bool:
    """Whether a change waits for its mail. Every worker asks this in every round."""
    return PortalChange.objects.to_be_mailed().exists()


def send() -> int:
    """Sends the mails about each change that has not been mailed. Returns how many.

    Of several workers that call this at once, one takes the changes. If no mail leaves, it marks them again and
    raises.
    """
    changes = _take()
    try:
        return post([mail for change in changes for mail in mails(change)], "mail about a change")
    except Exception:
        PortalChange.objects.filter(pk__in=[change.pk for change in changes]).update(is_to_be_mailed=True)
        raise


def mails(change: PortalChange) -> Iterator[EmailMessage]:
    """The mails to every operator who sees the portal and every superuser, but not to the user who changed it."""
    readers = User.objects.filter(Q(role=Role.OPERATOR) | Q(is_superuser=True), is_active=True).exclude(email="")
    for reader in readers.order_by("pk"):
        if reader.pk == change.by_id:
            continue
        if change.portal is None or Portal.objects.visible_to(reader).filter(pk=change.portal.pk).exists():
            yield EmailMessage(
                f"Đồng bộ: {change.who} đã đổi cấu hình cổng {change.code}",
                "\n".join(_lines(change)) + "\n",
                to=[reader.email],
                headers={"Auto-Submitted": "auto-generated"},
            )


def _lines(change: PortalChange) -> Iterator[str]:
    at = date_format(timezone.localtime(change.at), "H:i d/m/Y")
    yield f"{change.who} – {change.get_act_display()} {change.code} lúc {at}:"
    for name, was, now in in_words(change):
        yield f"* {name}: {was or '(để trống)'} → {now or '(để trống)'}" if was or now else f"* {name}: đã đổi"
    yield ""
    yield "Nếu thay đổi này chưa được thống nhất, vui lòng tạm dừng Cổng và đề nghị đơn vị vận hành đổi mã bí mật."
    if change.portal is not None:
        yield f"Nhật ký: {settings.PUBLIC_URL}{reverse('packets:changes', args=[change.code])}"


def _take() -> list[PortalChange]:
    with transaction.atomic():
        # In one order: of two workers that take at once, the second waits at the first row and then gets no rows.
        rows = PortalChange.objects.to_be_mailed().select_for_update(of=("self",), no_key=True).order_by("pk")
        changes = list(rows)
        PortalChange.objects.filter(pk__in=[change.pk for change in changes]).update(is_to_be_mailed=False)
    return list(PortalChange.objects.filter(pk__in=[change.pk for change in changes]).select_related("portal", "by"))
