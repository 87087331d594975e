"""Once a day, the digest to those who operate. One of all workers sends it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from onestop.staff.models import Role, User
from packets.models import DeliveryState, Packet
from packets.queue import db_clock

from .daily_mail import Situation, digest

log = logging.getLogger(__name__)


def is_due() -> bool:
    """Whether its hour has come and nobody has seen to it today. Asked in every round of every worker."""
    now = timezone.localtime(db_clock.now())
    return now.hour >= settings.DIGEST_HOUR and DeliveryState.objects.filter(_not_seen_to(now.date())).exists()


def send(*, again: bool = False) -> int:
    """Sends the digest about each portal that nobody has seen to today, `again` about all. Returns how many mails.

    Of many that call this at once, one marks the portals and sends. If no mail leaves, it takes its mark back and
    raises, so that somebody tries later. One that dies in between does not: what is wrong is told the next day.
    """
    now = db_clock.now()
    today = timezone.localdate(now)
    deliveries = _mark(today, again)
    try:
        return post(mails(deliveries, now), "digest")
    except Exception:
        _take_back(deliveries, today)
        raise


def mails(deliveries: list[DeliveryState], now: datetime) -> list[EmailMessage]:
    """What there is to tell of `deliveries`, for each operator and superuser who has an address."""
    operating = Q(role=Role.OPERATOR) | Q(is_superuser=True)
    readers = User.objects.filter(operating, is_active=True).exclude(email="")
    if not readers and any(Situation.of(delivery, Packet.objects.all(), now).is_news for delivery in deliveries):
        log.warning("nobody is told how delivery fares: no operator or superuser has an e-mail address")
    return [mail for reader in readers if (mail := digest(reader, deliveries, now))]


def _mark(today: date, again: bool) -> list[DeliveryState]:
    """The deliveries that are now the caller's to tell of, with the day of the digest before still in them."""
    wanted = Q() if again else _not_seen_to(today)
    with transaction.atomic():
        # In one order, so that two who mark at once queue at the first row and the second finds nothing.
        found = DeliveryState.objects.filter(wanted).select_for_update(of=("self",), no_key=True).order_by("pk")
        deliveries = list(found.select_related("portal__partner"))
        DeliveryState.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(digested_on=today)
    return deliveries


def _take_back(deliveries: Iterable[DeliveryState], today: date) -> None:
    for delivery in deliveries:
        DeliveryState.objects.filter(pk=delivery.pk, digested_on=today).update(digested_on=delivery.digested_on)


def _not_seen_to(today: date) -> Q:
    return Q(digested_on=None) | Q(digested_on__lt=today)


def post(mails: list[EmailMessage], what: str) -> int:
    """Sends each, and raises if none could be: one address that is wrong keeps nothing from the others."""
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
