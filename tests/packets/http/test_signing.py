"""Messages are signed as Standard Webhooks says, and as the official library does it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from packets.http.signing import is_standard, new_secret, signed_headers
from tests.packets.webhooks import EARLIER_SECRET

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
BODY = '{"tên": "Đặng Văn Ước", "số": 5}'.encode()


@pytest.fixture(autouse=True)
def at_that_moment() -> Iterator[None]:
    """A receiver refuses what was signed more than five minutes ago."""
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_secret_is_one_of_the_standard() -> None:
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert is_standard(secret)
    assert len({new_secret() for _time in range(20)}) == 20
    assert not is_standard(EARLIER_SECRET)


def test_the_official_library_makes_the_same_signature() -> None:
    secret = new_secret()
    headers = signed_headers([secret], "msg-1", NOW, BODY)
    assert headers == {
        "webhook-id": "msg-1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg-1", NOW, BODY.decode()),
    }


def test_the_signature_is_that_of_the_standard_s_own_tests() -> None:
    secret, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_of_several_secrets_fits_and_no_other() -> None:
    secrets = [new_secret() for _time in range(3)]
    headers = signed_headers(secrets, "msg-1", NOW, BODY)
    assert len(headers["webhook-signature"].split(" ")) == 3
    for secret in secrets:
        assert Webhook(secret).verify(BODY, headers) == {"tên": "Đặng Văn Ước", "số": 5}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


@pytest.mark.parametrize("change", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_counts(change: str) -> None:
    secret = new_secret()
    headers, others = (signed_headers([secret], name, NOW, BODY) for name in ("msg-1", "msg-2"))
    others["webhook-timestamp"] = str(int(NOW.timestamp()) - 1)
    Webhook(secret).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, headers | {change: others[change]})


def test_a_secret_of_before_the_standard_signs_alone_in_its_own_form() -> None:
    headers = signed_headers([EARLIER_SECRET], "msg-1", datetime.fromtimestamp(1790000000, UTC), b'{"a":1}')
    assert headers["webhook-signature"] == (
        "t=1790000000,v1=1561d9b4012935a207e7bfe136cb4412526132d374e8de77779cd4dffa8c6479"
    )
    # No library of the standard could read it, so beside a new one it is left out.
    both = signed_headers([secret := new_secret(), EARLIER_SECRET], "msg-1", NOW, BODY)
    assert both == signed_headers([secret], "msg-1", NOW, BODY)
