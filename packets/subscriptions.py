"""Registers, changes and ends a partner's webhooks."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from onestop.partners.models import Partner
from onestop.rest.errors import Conflict

from . import dialects
from .http.signing import is_standard, new_secret
from .models import Portal
from .models.old_secrets import OldSecret, written_secrets
from .operations import pause, resume
from .queue import db_clock
from .queue.outbox import make_due_now

# How many webhooks one partner may have.
MOST = 10
# How many threads of a worker send to one webhook, so how many requests its system gets at once.
SENT_AT_ONCE = 4
# How long an earlier secret signs beside the new one: as long as an earlier client secret (`rotate_partner`) works.
OVERLAP = timedelta(days=7)
# How many earlier secrets may sign. More than one, so that the call can be repeated if its answer was lost: the
# receiver then still knows the one before.
MOST_OLD_SECRETS = 3


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
        client_secret=new_secret(),
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


@transaction.atomic
def renew_secret(portal: Portal) -> str:
    """Replaces the secret, and returns the new one. The one before signs beside it for `OVERLAP`. Raises Conflict.

    A secret of the form before the standard ends at once: see `http.signing`.
    """
    # Read again under a lock: of two calls at the same time, the second one keeps the secret of the first.
    locked, now = Portal.objects.select_for_update(no_key=True).get(pk=portal.pk), db_clock.now()
    old = locked.valid_old_secrets(now)
    if is_standard(locked.client_secret):
        if len(old) >= MOST_OLD_SECRETS:
            message = _("Còn %(count)d khóa ký cũ đang dùng; vui lòng kết thúc các khóa ký cũ trước khi đổi tiếp.")
            raise Conflict(message % {"count": len(old)}, "too_many")
        old.append(OldSecret(locked.client_secret, now + OVERLAP))
    secret = new_secret()
    locked.client_secret, locked.old_secrets = secret, written_secrets(old)
    locked.save(update_fields=["client_secret", "old_secrets"])
    return secret


def end_old_secrets(portal: Portal) -> None:
    """Ends the overlap early: from now on only the present secret signs."""
    Portal.objects.filter(pk=portal.pk).update(old_secrets=None)


def end(portal: Portal) -> None:
    """Ends a webhook: nothing is sent any more. The evidence of what was sent stays."""
    portal.is_active, portal.ended_at, portal.client_secret, portal.old_secrets = False, db_clock.now(), "", None
    portal.save(update_fields=["is_active", "ended_at", "client_secret", "old_secrets"])


def _lock_partner(partner: Partner) -> None:
    """Lets one request at a time add to a partner's webhooks; others wait here for the end of its transaction."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)


def _insist_on_new(partner: Partner, url: str) -> None:
    taken = Portal.objects.webhooks_of(partner).filter(base_url=url).first()
    if taken is not None:
        raise Conflict(_("Địa chỉ này đã đăng ký, mã %(code)s.") % {"code": taken.code}, "taken")
