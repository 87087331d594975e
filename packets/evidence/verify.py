"""Verifies a portal's chain of evidence against the rows: attempts, packets, frozen texts and files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from packets.delivery.settle import as_link
from packets.models import Attempt, DeliveryState, Packet, PacketState, Portal
from packets.queue.payload import FileChanged, FileMissing, mark_prefix, with_bodies

from . import chain

PAGE = 500
IN_WORDS = {
    chain.ChainFlaw.GAP: "không nối tiếp số trước: có mắt xích bị bỏ, bị chèn hoặc bị đổi chỗ",
    chain.ChainFlaw.SEAL: "đã bị sửa, hoặc mắt xích trước nó đã bị bỏ: dấu không khớp",
    chain.ChainFlaw.BODY: "nội dung lưu của gói không còn là nội dung đã gửi",
    chain.ChainFlaw.ANCHOR: "không mang dấu đã ghi lại trước đây: chuỗi đã bị đóng dấu lại",
}


@dataclass(frozen=True)
class Flaw:
    """An error in the evidence, in words, with the link or the packet that it concerns, if any."""

    what: str
    number: int | None = None
    packet: Packet | None = None

    def __str__(self) -> str:
        place = [f"#{self.number}"] if self.number is not None else []
        if self.packet is not None:
            place.append(f"gói {self.packet.pk} ({self.packet.get_kind_display()} {self.packet.subject})")
        return ", ".join(place) + ": " + self.what if place else self.what


@dataclass
class Examination:
    """Checks the whole chain of `portal`, in constant memory.

    `anchor`: number and seal of a link as they were written down earlier. `files`: reads the stored files of packets,
    too. `on_link` gets each link in the form of `chain`, with the body where the packet has no files.
    """

    portal: Portal
    anchor: tuple[int, str] | None = None
    files: bool = False
    on_link: Callable[[Mapping[str, object]], object] = lambda link: None
    walk: chain.Walk = field(init=False)
    # How many "links" were checked; and what is no error but is reported: "with_files", "put_back", "earlier".
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.walk = chain.Walk(self.anchor)

    def flaws(self) -> Iterator[Flaw]:
        # Links that workers add during the check are left for the next one.
        delivery = DeliveryState.objects.only("number", "seal").get(portal=self.portal)
        for page in self._pages(delivery.number):
            for attempt in page:
                for what in self._link_flaws(attempt):
                    yield Flaw(what, attempt.number, attempt.packet)
            if self.files:
                yield from self._file_flaws(page)
        yield from self._end_flaws(delivery)
        yield from self._packets_without_link()

    def _pages(self, last: int) -> Iterator[list[Attempt]]:
        links = (
            Attempt.objects.filter(portal=self.portal, number__lte=last).select_related("packet").order_by("number")
        )
        page = list(links[:PAGE])
        while page:
            yield page
            page = list(links.filter(number__gt=page[-1].number)[:PAGE])

    def _link_flaws(self, attempt: Attempt) -> Iterator[str]:
        packet = attempt.packet
        link = as_link(self.portal, packet, attempt) | {"seal": attempt.seal}
        self.seen["links"] += 1
        if _has_files(attempt):
            self.seen["with_files"] += 1
        elif packet.key == attempt.key:
            link["body"] = packet.body
        yield from (IN_WORDS[flaw] for flaw in self.walk.step(link))
        self.on_link(link)
        yield from self._packet_flaws(attempt)

    def _packet_flaws(self, attempt: Attempt) -> Iterator[str]:
        """Yields where the packet's row, which is not sealed, differs from the attempt."""
        packet = attempt.packet
        if attempt.outcome != Attempt.Outcome.ACCEPTED or attempt.reason:
            yield "lần gửi này không còn được ghi là được nhận"
        if packet.portal_id != self.portal.pk:
            yield "gói thuộc một cổng khác"
        if packet.put_back_at is not None and packet.put_back_at >= attempt.recorded_at:
            self.seen["put_back"] += 1
            return
        if packet.state != PacketState.ACCEPTED:
            yield f"gói không còn ở trạng thái đã nhận, mà là “{PacketState(packet.state).label}”"
        elif packet.settled_at != attempt.recorded_at:
            yield "lúc ghi không phải là lúc gói được nhận"
        if packet.key != attempt.key:
            yield "mã chống gửi trùng của gói không còn là mã đã gửi"

    def _file_flaws(self, page: list[Attempt]) -> Iterator[Flaw]:
        with_files = [attempt for attempt in page if _has_files(attempt)]
        rebuilt = with_bodies([attempt.packet for attempt in with_files])
        for attempt, (_packet, body) in zip(with_files, rebuilt, strict=True):
            try:
                sound = body.digest() == attempt.digest
            except (FileMissing, FileChanged, KeyError) as error:
                yield Flaw(f"tệp đính kèm không còn nguyên vẹn: {error}", attempt.number, attempt.packet)
            else:
                if not sound:
                    yield Flaw(IN_WORDS[chain.ChainFlaw.BODY], attempt.number, attempt.packet)

    def _end_flaws(self, delivery: DeliveryState) -> Iterator[Flaw]:
        if (self.walk.number, self.walk.seal) != (delivery.number, delivery.seal):
            yield Flaw(
                f"cuối chuỗi là #{self.walk.number} {self.walk.seal}, "
                f"nhưng đường gửi ghi là #{delivery.number} {delivery.seal}"
            )
        if self.walk.falls_short():
            yield Flaw("chuỗi kết thúc trước số đã ghi lại trước đây")
        ends = DeliveryState.objects.filter(portal=OuterRef("portal"), number__lt=OuterRef("number"))
        for attempt in (
            Attempt.objects.filter(Exists(ends), portal=self.portal).select_related("packet").iterator(PAGE)
        ):
            yield Flaw("nằm sau cuối chuỗi mà đường gửi ghi", attempt.number, attempt.packet)

    def _packets_without_link(self) -> Iterator[Flaw]:
        """Yields accepted packets without a link; those from before the chain existed are only counted."""
        of_packet = Attempt.objects.filter(packet=OuterRef("pk"))
        accepted = Packet.objects.filter(portal=self.portal, state=PacketState.ACCEPTED)
        without = accepted.filter(~Exists(of_packet.filter(number__isnull=False, recorded_at=OuterRef("settled_at"))))
        earlier = Exists(of_packet.filter(outcome=Attempt.Outcome.ACCEPTED, digest=""))
        self.seen["earlier"] = without.filter(earlier).count()
        for packet in without.filter(~earlier).defer("body").order_by("pk").iterator(PAGE):
            yield Flaw("gói được ghi là đã nhận mà không có mắt xích nào của lần nhận đó", packet=packet)


def _has_files(attempt: Attempt) -> bool:
    """Whether the message had files. Of an earlier message of the same packet the text is not kept."""
    return attempt.key == attempt.packet.key and mark_prefix(attempt.key) in attempt.packet.body
