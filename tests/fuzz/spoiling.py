"""What a careless or hostile client does to a call: its line, its headers, its body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random


@dataclass
class Sent:
    """A request as bytes on the wire will be."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def plus(self, query: str) -> str:
        return self.target + ("&" if "?" in self.target else "?") + query


Spoiler = Callable[[Sent, Random], None]

JUNK_TYPES = (
    "", ";", "json", "application/json; charset=bogus", "application/json; charset=utf-16", "application/xml",
    "application/json; charset=", 'application/json; charset="utf-8', "multipart/form-data", "text/plain",
    "multipart/form-data; boundary=x", "multipart/form-data; boundary=" + "x" * 300, "a/b" * 500, "*/*",
    "application/x-www-form-urlencoded", "application/json, text/html", "application/json\xff",
)  # fmt: skip
JUNK_ACCEPTS = (
    "text/plain", "text/html", "*/*;q=0", "application/xml", "", ";;", "application/json;q=x", "application/*",
    "application/json; indent=4", "application/json; version=2", "text/html, */*;q=0.1", "x" * 3000,
)  # fmt: skip
JUNK_TAGS = ("*", "", ",", '"', 'W/"x"', '"x", "y"', "é\xff", "'; DROP TABLE x; --", '"' + "x" * 2000 + '"', "%00")
JUNK_KEYS = ("", " ", "é", "x" * 255, "x" * 256, '"key"', "k,k", "%00", "\t", "\xff\xfe")
JUNK_RANGES = ("bytes=0-0", "bytes=5-2", "bytes=-5", "bytes=99999999999999999999-", "bytes=0-1,3-4", "lines=1-2", "x")
JUNK_LANGUAGES = ("en", "fr", "en-US,en;q=0.5", "*", "x" * 600, "\xff", ";q=", "vi;q=0", "../../etc")
JUNK_TOKENS = (
    "Bearer",
    "Bearer ",
    "Bearer x y",
    "Bearer \xff",
    "Basic eDp5",
    "Token x",
    "bearer " + "x" * 4000,
    "\xff",
)
JUNK_QUERIES = (
    "%", "%zz", "%ff", "x=%ff%fe", "x=%00", "%00=1", "limit=%00", "limit=1&limit=2", "limit=0", "limit=-1",
    "limit=1e3",
    "limit=99999999999999999999999", "limit=%D9%A1", "cursor=", "cursor=%00", "cursor=W10", "cursor=bnVsbA",
    "cursor=WzFlOTldCg", "cursor=Wy0xXQ", "cursor=WzEsMl0", "cursor=WyJ4Il0", "cursor=" + "W1tb" * 700,
    "cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsMV0&updated_since=2026-01-01T00:00:00Z", "cursor=%F0%9F%98%80",
    "cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDhd", "cursor=Wy1JbmZpbml0eV0", "cursor=WyJcdWQ4MDAiXQ", "count=maybe", "fields=",
    "fields=,", "fields=uuid,,uuid", "fields=%00", "fields=__class__", "fields=" + "uuid," * 900, "state=%00",
    "state=1e1", "state=99999999999999999999", "updated_since=Infinity", "updated_since=0001-01-01T00:00:00%2B14:00",
    "updated_since=9999-12-31T23:59:59-14:00", "updated_since=-1", "accepted_from=%00", "accepted_before=24:00",
    "agency=%00", "procedure=%FF", "name=..%2F..%2Fx.pdf", "name=%00.pdf", "name=%ff.pdf", "name=" + "x" * 3000,
    "phase=%00", "phase=99999999999999999999", "code=%F0%9F%92%A9", "format=html", "format=api", "x" * 3500,
    "&".join(f"x{number}=1" for number in range(450)), "&" * 3000, "&".join(["a"] * 2100),
)  # fmt: skip
JUNK_PLACES = (
    "%00", "%ff", "..", "%2e%2e", "%2F", "/", "//", "\\", ";x=y", "%0d%0aX:y", "%F0%9F%98%80", "9" * 30, "-1", "1e3",
    "0" * 300, "'", "%25", "%u0000", "null", "00000000-0000-0000-0000-000000000000", "x" * 3000, "?", "#",
)  # fmt: skip
JUNK_BODIES = (
    b"", b"null", b"[]", b"[null]", b"{}", b'"x"', b"1", b"true", b"NaN", b"{", b"\xff\xfe", b"\xef\xbb\xbf{}", b"\0",
    b"[" * 100_000, b'{"a":' * 5000, b'{"a":1,"a":2}', b'{"a":1e999}', b'{"a":' + b"9" * 6000 + b"}", b"{}{}",
    b'{"a":"\\ud800"}', '{"a":1}'.encode("utf-16"), b'{"comment":"\\u0000"}', b'{"by":null}', b'{"papers":[[]]}',
    b'{"papers":{"0":1}}', b'{"fees":[{"amount":NaN}]}', b'{"at":"Infinity"}', b'{"at":1e400}', b"a=b&c=d",
    b'{"at":"2026-13-45T99:99:99Z"}', b'{"at":"0001-01-01T00:00:00+14:00"}', b'--x\r\nContent-Disposition: x\r\n\r\n',
)  # fmt: skip


def _header(name: str, values: tuple[str, ...]) -> Spoiler:
    def spoil(sent: Sent, random: Random) -> None:
        sent.headers[name] = random.choice(values)

    return spoil


def no_type(sent: Sent, random: Random) -> None:
    sent.headers.pop("Content-Type", None)


def another_method(sent: Sent, random: Random) -> None:
    sent.method = random.choice(("HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH", "POST", "GET", "get", "FOO"))


def a_query(sent: Sent, random: Random) -> None:
    sent.target = sent.plus(random.choice(JUNK_QUERIES))


def a_place(sent: Sent, random: Random) -> None:
    path, _question, query = sent.target.partition("?")
    parts = path.split("/")
    parts[random.randrange(1, len(parts))] = random.choice(JUNK_PLACES)
    sent.target = "/".join(parts) + ("?" + query if query else "")


def a_tail(sent: Sent, random: Random) -> None:
    path, _question, query = sent.target.partition("?")
    sent.target = path + random.choice(("/", "//", "/x", "/%00", "%00", ".json", "/..", "/../..")) + "?" + query


def a_body(sent: Sent, random: Random) -> None:
    sent.body = random.choice(JUNK_BODIES)
    if random.random() < 0.8:
        sent.headers["Content-Type"] = "application/json"


def flipped_bits(sent: Sent, random: Random) -> None:
    body = bytearray(sent.body)
    for _time in range(random.randint(1, 4)):
        if body:
            body[random.randrange(len(body))] = random.randrange(256)
    sent.body = bytes(body)


SPOILERS: tuple[Spoiler, ...] = (
    no_type,
    another_method,
    a_query,
    a_query,
    a_place,
    a_tail,
    a_body,
    a_body,
    flipped_bits,
    _header("Content-Type", JUNK_TYPES),
    _header("Accept", JUNK_ACCEPTS),
    _header("If-Match", JUNK_TAGS),
    _header("If-None-Match", JUNK_TAGS),
    _header("Idempotency-Key", JUNK_KEYS),
    _header("Range", JUNK_RANGES),
    _header("Accept-Language", JUNK_LANGUAGES),
    _header("Authorization", JUNK_TOKENS),
    _header("Content-Encoding", ("gzip", "x")),
    _header("Expect", ("100-continue", "x")),
    _header("X-HTTP-Method-Override", ("DELETE", "GET")),
    _header("If-Modified-Since", ("x", "Thu, 01 Jan 1970 00:00:00 GMT")),
    _header("Cookie", ("sessionid=x; csrftoken=y", "=;=\xff")),
)


def spoil(sent: Sent, random: Random) -> str:
    """Spoils `sent` in one or two ways; says how."""
    for spoiler in random.sample(SPOILERS, random.choice((1, 1, 2))):
        spoiler(sent, random)
    return f"{sent.method} {sent.target[:300]} {sent.headers} {sent.body[:200]!r}"
