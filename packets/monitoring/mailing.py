"""Sends the daily mail to the operators, once a day, by one of all workers."""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from onestop.staff.models import Role, User
from packets.models import DeliveryState, Packet
from packets.queue import db_clock

from .daily_mail import PortalReport, compose

log = logging.getLogger(__name__)


def is_due() -> bool:
    """Whether the mail's hour has come and no worker has sent it today. Checked in every round of every worker."""
    now = timezone.localtime(db_clock.now())
    return now.hour >= settings.DIGEST_HOUR and DeliveryState.objects.filter(_not_mailed_on(now.date())).exists()


def send(*, again: bool = False) -> int:
    """Sends the mail about each portal that has had none today; with `again`, about all. Returns how many mails left.

    Of several workers that call this at once, one marks the portals and sends. If no mail leaves, it removes its mark
    and raises, so that a worker tries again later. After a crash in between, the next mail is that of the next day.
    """
    now = db_clock.now()
    today = timezone.localdate(now)
    deliveries = _mark(today, again)
    try:
        return post(mails(deliveries, now), "digest")
    except Exception:
        for delivery in deliveries:
            marked = DeliveryState.objects.filter(pk=delivery.pk, digested_on=today)
            marked.update(digested_on=delivery.digested_on)
        raise


def mails(deliveries: list[DeliveryState], now: datetime) -> list[EmailMessage]:
    """The mails about `deliveries`, one for each operator and superuser who has an address and sees news."""
    operating = Q(role=Role.OPERATOR) | Q(is_superuser=True)
    readers = User.objects.filter(operating, is_active=True).exclude(email="")
    if not readers and any(PortalReport.of(delivery, Packet.objects.all(), now).is_news for delivery in deliveries):
        log.warning("nobody is told how delivery fares: no operator or superuser has an e-mail address")
    return [mail for reader in readers if (mail := compose(reader, deliveries, now))]


def _mark(today: date, again: bool) -> list[DeliveryState]:
    """Marks the states that had no mail today as mailed, and returns them with the day of the mail before."""
    due = Q() if again else _not_mailed_on(today)
    with transaction.atomic():
        # In one order: of two workers that mark at once, the second waits at the first row and then gets no rows.
        rows = DeliveryState.objects.filter(due).select_for_update(of=("self",), no_key=True).order_by("pk")
        deliveries = list(rows.select_related("portal__partner"))
        DeliveryState.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(digested_on=today)
    return deliveries


def _not_mailed_on(today: date) -> Q:
    return Q(digested_on=None) | Q(digested_on__lt=today)


def post(mails: list[EmailMessage], what: str) -> int:
    """Sends each mail and returns how many left; one wrong address does not stop the others.

    Raises the last OSError if no mail could be sent.
    """
    if not mails:
        return 0
    sent, failure = 0, None
    with get_connection() as connection:
        for mail in mails:
            mail.connection = connection
            try:
                sent += mail.send()
            except OSError as error:  # every error of smtplib is one
                log.error("the %s to %s could not be sent: %s", what, mail.to[0], type(error).__name__)
                failure = error
    if failure is not None and not sent:
        raise failure
    return sent
