"""One try to sign in: whether it is allowed, which is decided before a password is checked, and its record.

Three counts of failed tries can make a user wait, each for a limited time:

- the network (an IPv4 address, an IPv6 /64): failed tries from there, for any account;
- the account: failed tries from all places together where its owner has never signed in;
- a place known to the account: failed tries from that place alone. So strangers who try an account do not make its
  owner wait, who comes with a browser that signed in before (its cookie says so), or from such a network.

The cookie is OWASP's “device cookie”. It gives no access: it only decides which of the counts apply to a try.
"""

from __future__ import annotations

import logging
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from onestop.common.web.rates import Rate
from onestop.common.web.throttling import key_of, rate_of
from onestop.common.web.visitors import address_of, network_of

from . import brakes
from .models import SignIn, User

logger = logging.getLogger(__name__)

COOKIE, SALT = "device", "onestop.staff.device"
# After this time without signing in, a place is no longer known. People at one counter share a browser, so it may be
# known to several accounts.
KNOWN_FOR, MOST_OF_ONE_BROWSER = timedelta(days=180), 20
# How long a record is stored; records of unknown names and of throttled tries for the shorter time.
KEPT, KEPT_OF_STRANGERS = timedelta(days=730), timedelta(days=90)
# A throttled try is recorded once in ten minutes, because a throttled attacker goes on trying.
REPORTED = Rate(1, 600)


@dataclass(frozen=True)
class SignInAttempt:
    """`name` is as typed, `user` the account with that name, `place` the known place by which the try is counted."""

    name: str
    user: User | None
    address: str
    place: tuple[str, str] | None

    @classmethod
    def of(cls, request: HttpRequest, typed: str) -> SignInAttempt:
        """Makes the same queries for every name, so that the time taken does not show which names are accounts."""
        name = unicodedata.normalize("NFKC", typed.strip()[:1000]).replace("\0", "")
        user = User.objects.filter(username=name).first()
        address = address_of(request)
        network = network_of(address)
        since = timezone.now() - KNOWN_FOR
        before = SignIn.objects.filter(
            user__username=name, outcome=SignIn.Outcome.IN, network=network, at__gte=since
        ).exists()
        device, known = _device(request)
        place = None
        if user is not None and user.pk in known:
            place = ("device", device)
        elif before and network:
            place = ("network", network)
        return cls(name, user, address, place)

    @property
    def network(self) -> str:
        return network_of(self.address)

    @property
    def _account(self) -> tuple[str, ...]:
        return (self.name.casefold(), *(self.place or ("elsewhere",)))

    @property
    def _counts_for_network(self) -> bool:
        """Whether the try counts for its network; not from a browser that has signed in to this account before."""
        return self.place is None or self.place[0] != "device"

    def seconds_to_wait(self) -> int:
        """Counts the try and returns 0 where it is allowed; otherwise the seconds to wait."""
        if self._counts_for_network and (wait := brakes.press(rate_of("sign_in"), "sign_in_network", self.network)):
            return self._throttled(wait, "network", self.network)
        if wait := brakes.press(rate_of("sign_in_account"), "sign_in_account", *self._account):
            if self._counts_for_network:
                brakes.give_back(rate_of("sign_in"), "sign_in_network", self.network)
            return self._throttled(wait, *self._account)
        return 0

    def _throttled(self, wait: int, *whom: str) -> int:
        if not brakes.press(REPORTED, "sign_in_told", *whom):
            self._record(SignIn.Outcome.SLOWED, f"held up for {wait} s")
        return wait

    def not_made(self) -> None:
        """Takes the try back, because no password was checked."""
        if self._counts_for_network:
            brakes.give_back(rate_of("sign_in"), "sign_in_network", self.network)
        brakes.give_back(rate_of("sign_in_account"), "sign_in_account", *self._account)

    def failed(self) -> None:
        if self.user is None:
            self._record(SignIn.Outcome.UNKNOWN, "failed, no such account")
        elif not self.user.is_active:
            self._record(SignIn.Outcome.DISABLED, "failed, account disabled")
        else:
            self._record(SignIn.Outcome.WRONG, "failed")

    def succeeded(self) -> None:
        """Forgets the failed tries for the account, but not for the network: an attacker may have an account, too."""
        if self._counts_for_network:
            brakes.give_back(rate_of("sign_in"), "sign_in_network", self.network)
        brakes.release("sign_in_account", *self._account)
        self._record(SignIn.Outcome.IN, "succeeded")

    def _record(self, outcome: SignIn.Outcome, message: str) -> None:
        record(self.user, outcome, self.address, message, mark=key_of("name", self.name)[:12])


def record(user: User | None, outcome: SignIn.Outcome, address: str, message: str, *, mark: str = "") -> None:
    """Writes one row, and one line in the log. `mark` stands for the name where there is no account."""
    now = timezone.now()
    SignIn.objects.filter(at__lt=now - KEPT).delete()
    passing = (SignIn.Outcome.UNKNOWN, SignIn.Outcome.SLOWED)
    SignIn.objects.filter(outcome__in=passing, at__lt=now - KEPT_OF_STRANGERS).delete()
    SignIn.objects.create(
        user=user,
        outcome=outcome,
        address=address or None,
        network=network_of(address),
        mark="" if user else mark,
    )
    who = f"user {user.pk}" if user else f"name {mark}"
    level = logging.INFO if outcome in (SignIn.Outcome.IN, SignIn.Outcome.CHANGED) else logging.WARNING
    logger.log(level, "sign-in: %s from %s %s", who, address or "-", message)


# ---- the browser's cookie


def _device(request: HttpRequest) -> tuple[str, list[int]]:
    """The browser's identifier, and the keys of the users who have signed in with it."""
    try:
        device, known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KNOWN_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return secrets.token_urlsafe(12), []
    return str(device), list(known)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Sets the cookie that makes the browser known to `user`."""
    device, known = _device(request)
    known = [user.pk, *(pk for pk in known if pk != user.pk)][:MOST_OF_ONE_BROWSER]
    response.set_cookie(
        COOKIE,
        signing.dumps([device, known], salt=SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
