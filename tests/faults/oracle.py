"""What must hold after every schedule. Each complaint begins with the property that is broken.

The ledger of the practice portal is the witness: `of_the_portal` compares it with the record and asks our own tables
nothing. `of_our_own` compares our tables with the ledger and with themselves.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.db.models import Q

from onestop.dossiers.models import Dossier, Transition
from packets import dialects
from packets.collecting.build import build
from packets.collecting.collect import unreported_transitions
from packets.delivery.settle import as_link
from packets.dialects.qd1705.build import dossiers_to_report
from packets.dialects.qd1705.messages import Kind
from packets.evidence import chain
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.sandbox.store import ACCEPTED, REFUSED, Arrival

from .plans import STOPS

Content = dict[str, Any]


# ---- the record and the portal


def of_the_portal(ledger: list[Arrival]) -> Iterator[str]:
    """Nothing lost, nothing out of order, one key and one content each, the last document as the record is."""
    yield from _keys(ledger)
    arrivals: dict[str, list[Arrival]] = defaultdict(list)
    code_of = {arrival.key: arrival.code for arrival in ledger if arrival.code}
    for arrival in ledger:
        arrivals[code_of.get(arrival.key, "")].append(arrival)
    moves: dict[int, list[Transition]] = defaultdict(list)
    for move in due_moves():
        moves[move.dossier_id].append(move)
    for dossier in dossiers_to_report(Dossier.objects.filter(pk__in=moves)):
        its = arrivals.pop(dossier.code or "", [])
        documents, traces = (accepted(its, kind) for kind in ("document", "trace"))
        yield from _traces(
            dossier, [build(dialects.get("qd1705"), Kind.TRACE, move) for move in moves[dossier.pk]], traces
        )
        yield from _documents(dossier, documents, traces)
        yield from _turns(dossier, its)
    strangers = {code for code, its in arrivals.items() if accepted(its, "document") or accepted(its, "trace")}
    if strangers:
        yield f"record: reported although not due: {sorted(strangers)}"


def due_moves() -> list[Transition]:
    """As docs/decisions/ has it: from the acceptance on, before only what came from the portal, tests never."""
    due = Q(accepted=True) | Q(dossier__from_portal=True)
    moves = Transition.objects.filter(due, dossier__is_test=False)
    return list(moves.select_related("dossier", "unit__level1").order_by("pk"))


def accepted(ledger: list[Arrival], kind: str) -> list[Arrival]:
    return [arrival for arrival in ledger if arrival.outcome == ACCEPTED and arrival.kind == kind]


def _keys(ledger: list[Arrival]) -> Iterator[str]:
    digests: dict[str, set[str]] = defaultdict(set)
    for arrival in ledger:
        if arrival.kind not in ("", "token") and not arrival.key:
            yield f"key: #{arrival.number} came without any"
        if arrival.key and arrival.digest:
            digests[arrival.key].add(arrival.digest)
    for key, found in digests.items():
        if len(found) > 1:
            yield f"key: {key} came with {len(found)} different contents"


def _traces(dossier: Dossier, expected: list[Content], traces: list[Arrival]) -> Iterator[str]:
    found = [content(arrival) for arrival in traces]
    for number, trace in enumerate(expected, 1):
        times = found.count(trace)
        if times == 0:
            yield f"lost: {dossier.code} trace {number} of {len(expected)}"
        if times > 1:
            yield f"key: {dossier.code} trace {number} was accepted {times} times, under different keys"
    known = [trace for trace in found if trace in expected]
    if len(known) < len(found):
        yield f"record: {dossier.code} has traces that are not in the record"
    order = [expected.index(trace) for trace in known]
    if order != sorted(order):
        yield f"disorder: {dossier.code} traces came in the order {[place + 1 for place in order]}"


def _documents(dossier: Dossier, documents: list[Arrival], traces: list[Arrival]) -> Iterator[str]:
    if not documents:
        yield f"lost: {dossier.code} has no document"
        return
    if traces and traces[0].number < documents[0].number:
        yield f"disorder: {dossier.code} has a trace before its document"
    if content(documents[-1]) != as_recorded(dossier):
        yield f"record: {dossier.code} the last document is not what is recorded"


def _turns(dossier: Dossier, its: list[Arrival]) -> Iterator[str]:
    """Each trace arrives only when all that were accepted before it had been accepted."""
    first = {arrival.key: arrival.number for arrival in accepted(its, "document") + accepted(its, "trace")}
    traces = accepted(its, "trace")
    for earlier, later in pairwise(traces):
        came = min(arrival.number for arrival in its if arrival.key == later.key)
        if came < first[earlier.key]:
            yield f"disorder: {dossier.code} #{came} came before #{first[earlier.key]}, which precedes it, was taken"


def as_recorded(dossier: Dossier) -> Content:
    """The dossier's document as the ledger keeps one: a digest in the place of each file's content."""
    plain: Content = build(dialects.get("qd1705"), Kind.DOCUMENT, dossier)
    for part, attachment in zip(plain["Attachments"], dossier.attachments.all(), strict=True):
        part |= {"Base64": f"sha256:{attachment.sha256}:{attachment.size}", "IsVerified": True}
    return plain


def content(arrival: Arrival) -> Content:
    read: Content = json.loads(arrival.body or "{}")
    return read


# ---- our own tables


def of_our_own(portal: Portal, ledger: list[Arrival], interruptions: int) -> Iterator[str]:
    """`interruptions`: how often somebody was kept from writing down an answer that had come."""
    packets = list(Packet.objects.filter(portal=portal).order_by("stream", "position", "pk"))
    attempts = list(Attempt.objects.filter(portal=portal).order_by("pk"))
    yield from _rest(portal, packets)
    yield from _streams(packets, ledger)
    yield from _supersedings(packets, ledger)
    yield from _attempts(attempts, packets, ledger, interruptions)
    yield from _evidence(portal, attempts, packets, ledger)
    yield from _refusals(attempts, ledger)


def _rest(portal: Portal, packets: list[Packet]) -> Iterator[str]:
    for packet in packets:
        told = f"{packet.stream} packet {packet.pk} ({packet.kind}, {packet.tries} tries)"
        if packet.state not in (PacketState.ACCEPTED, PacketState.SUPERSEDED):
            yield f"stuck: {told} is {packet.state} {packet.reason}, due {packet.due_at}"
        elif packet.lease or packet.due_at:
            yield f"stuck: {told} is settled, yet due or leased"
    if number := unreported_transitions(portal).count():
        yield f"lost: {number} moves have no packet"


def _streams(packets: list[Packet], ledger: list[Arrival]) -> Iterator[str]:
    """What was accepted was so in the order of its stream, and came only when what precedes it had been accepted."""
    taken = {arrival.key: arrival.number for arrival in ledger if arrival.outcome == ACCEPTED}
    came: dict[str, int] = {}
    for arrival in ledger:
        came.setdefault(arrival.key, arrival.number)
    streams: dict[str, list[Packet]] = defaultdict(list)
    for packet in packets:
        if packet.state == PacketState.ACCEPTED:
            streams[packet.stream].append(packet)
            if str(packet.key) not in taken:
                yield f"evidence: packet {packet.pk} is accepted here and not in the ledger"
    for stream, its in streams.items():
        for earlier, later in pairwise(its):
            one, other = str(earlier.key), str(later.key)
            if one in taken and other in came and came[other] < taken[one]:
                yield f"disorder: {stream} packet {later.pk} came before packet {earlier.pk} was accepted"


def _supersedings(packets: list[Packet], ledger: list[Arrival]) -> Iterator[str]:
    """Nothing that was superseded arrives after what supersedes it."""
    by_pk = {packet.pk: packet for packet in packets}
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for arrival in ledger:
        first.setdefault(arrival.key, arrival.number)
        last[arrival.key] = arrival.number
    for packet in packets:
        newer = by_pk.get(packet.superseded_by_id or 0)
        if newer and str(newer.key) in first and last.get(str(packet.key), 0) > first[str(newer.key)]:
            yield f"disorder: {packet.stream} packet {packet.pk} came after {newer.pk}, which supersedes it"


def _attempts(
    attempts: list[Attempt], packets: list[Packet], ledger: list[Arrival], interruptions: int
) -> Iterator[str]:
    arrivals = Counter(arrival.key for arrival in ledger if arrival.kind != "token" and arrival.key)
    # Without a digest nothing was sent, without a status nothing was answered.
    sent = Counter(str(attempt.key) for attempt in attempts if attempt.digest)
    answered = Counter(str(attempt.key) for attempt in attempts if attempt.digest and attempt.http_status)
    ours = {str(packet.key) for packet in packets} | set(sent)
    if strangers := set(arrivals) - ours:
        yield f"key: {len(strangers)} keys in the ledger belong to no packet and no attempt"
    for key in ours:
        if answered[key] > arrivals[key]:
            yield f"evidence: {key} has {answered[key]} answered attempts but came {arrivals[key]} times"
        if arrivals[key] - sent[key] > interruptions:
            yield (
                f"evidence: {key} came {arrivals[key]} times and has {sent[key]} attempts, "
                f"with {interruptions} interruptions"
            )


def _evidence(portal: Portal, attempts: list[Attempt], packets: list[Packet], ledger: list[Arrival]) -> Iterator[str]:
    delivery, by_pk = DeliveryState.objects.get(portal=portal), {packet.pk: packet for packet in packets}
    links = sorted((attempt for attempt in attempts if attempt.number), key=lambda attempt: attempt.number or 0)
    walk = chain.Walk()
    for link in links:
        sealed = as_link(portal, by_pk[link.packet_id], link) | {"seal": link.seal}
        yield from (f"evidence: chain #{link.number} {fault.value}" for fault in walk.step(sealed))
    if (delivery.number, delivery.seal) != (walk.number, walk.seal):
        yield "evidence: the delivery's last seal is not the chain's"
    linked = Counter(link.packet_id for link in links)
    if linked != Counter(packet.pk for packet in packets if packet.state == PacketState.ACCEPTED):
        yield "evidence: accepted packets and links of the chain are not the same"
    digests = {arrival.key: arrival.digest for arrival in ledger if arrival.outcome == ACCEPTED}
    if any(link.digest != digests.get(str(link.key)) for link in links):
        yield "evidence: an attempt's digest is not that of what was accepted"
    counted = sum(delivery.tally.get("outcomes", {}).values())
    if counted != len(attempts):
        yield f"evidence: the tally counts {counted} attempts of {len(attempts)}"


def _refusals(attempts: list[Attempt], ledger: list[Arrival]) -> Iterator[str]:
    """What the portal turned down by its own rules we did wrong, but for a token that it has forgotten."""
    for arrival in ledger:
        if arrival.outcome == REFUSED and not arrival.mischief and arrival.status != 401:
            yield f"disorder: the portal refused #{arrival.number}: {arrival.message}"
    refused = sum(arrival.mischief in STOPS for arrival in ledger)
    stopped = [attempt.reason for attempt in attempts if attempt.outcome == Attempt.Outcome.STOPPED]
    if len(stopped) > refused:
        yield f"stuck: stopped for {sorted(set(stopped))}, while the portal refused {refused} times"
