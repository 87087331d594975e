"""Registers, changes and ends a partner's webhooks."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from onestop.partners.models import Partner
from onestop.rest.errors import Conflict

from . import dialects
from .models import Portal
from .operations import pause, resume
from .queue import db_clock
from .queue.outbox import make_due_now

# How many webhooks one partner may have.
MOST = 10
# How many threads of a worker send to one webhook, so how many requests its system gets at once.
SENT_AT_ONCE = 4


@transaction.atomic
def subscribe(partner: Partner, url: str) -> Portal:
    """Registers a webhook that gets every move from now on. Raises Conflict."""
    _lock_partner(partner)
    if Portal.objects.webhooks_of(partner).count() >= MOST:
        raise Conflict(_("Mỗi đối tác có nhiều nhất %(most)d webhook.") % {"most": MOST}, "too_many")
    _insist_on_new(partner, url)
    code = f"wh-{secrets.token_hex(5)}"
    return Portal.objects.create(
        code=code,
        name=f"{partner.name[:150]} · {code}",
        dialect=dialects.for_partners().code,
        partner=partner,
        base_url=url,
        client_secret=a_secret(),
        since=db_clock.now(),
        most_in_flight=SENT_AT_ONCE,
    )


@transaction.atomic
def change(portal: Portal, *, by: object, url: str | None = None, is_active: bool | None = None) -> None:
    """Changes a webhook. After a new address, waiting events are sent there at once. Raises Conflict."""
    if url is not None and url != portal.base_url:
        if portal.partner is not None:
            _lock_partner(portal.partner)
            _insist_on_new(portal.partner, url)
        portal.base_url = url
        portal.save(update_fields=["base_url"])
        make_due_now(portal)
    if is_active is not None and is_active != portal.is_active:
        (resume if is_active else pause)(portal, by=by)
        portal.is_active = is_active


def renew_secret(portal: Portal) -> str:
    """Replaces the secret: every event from now on is signed with the new one, which is returned."""
    secret = a_secret()
    portal.client_secret = secret
    portal.save(update_fields=["client_secret"])
    return secret


def end(portal: Portal) -> None:
    """Ends a webhook: nothing is sent any more. The evidence of what was sent stays."""
    portal.is_active, portal.ended_at, portal.client_secret = False, db_clock.now(), ""
    portal.save(update_fields=["is_active", "ended_at", "client_secret"])


def a_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _lock_partner(partner: Partner) -> None:
    """Lets one request at a time add to a partner's webhooks; others wait here for the end of its transaction."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)


def _insist_on_new(partner: Partner, url: str) -> None:
    taken = Portal.objects.webhooks_of(partner).filter(base_url=url).first()
    if taken is not None:
        raise Conflict(_("Địa chỉ này đã đăng ký, mã %(code)s.") % {"code": taken.code}, "taken")
