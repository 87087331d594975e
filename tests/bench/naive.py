"""The same packets as most would send them first: DRF serializers, one request a record, one UPDATE each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx2
from django.utils import timezone
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from onestop.dossiers.models import Dossier, Fee, Paper, Supplement, Transition
from packets.dialects.qd1705 import build
from packets.dialects.qd1705.client import PATHS
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState


class Date(serializers.Field[Any, Any, str, Any]):
    """A date as the standard writes it; "" where it has not come."""

    def get_attribute(self, instance: Any) -> Any:
        return super().get_attribute(instance) or ""

    def to_representation(self, value: Any) -> str:
        return build._date(value) if value else ""


class Packed(serializers.Serializer[Any]):
    """Leaves out the optional fields that have nothing to say."""

    optional: tuple[str, ...] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        packed = super().to_representation(instance)
        return {name: value for name, value in packed.items() if name not in self.optional or value not in ("", [])}


class FeeSerializer(Packed):
    FeeName = serializers.CharField(source="name")
    FeeType = serializers.SerializerMethodField()
    Price = serializers.FloatField(source="amount")

    def get_FeeType(self, fee: Fee) -> int:
        return build.PHASE[fee.phase]  # type: ignore[index] # the column holds the enumeration's values


class PaperSerializer(Packed):
    PaperName = serializers.CharField(source="name")
    Amount = serializers.IntegerField(source="quantity")
    PaperType = serializers.SerializerMethodField()

    def get_PaperType(self, paper: Paper) -> int:
        return build.PHASE[paper.phase]  # type: ignore[index] # the column holds the enumeration's values


class SupplementSerializer(Packed):
    optional = ("ReceivedUser", "ReceivedComment", "Papers", "Fees", "NewDateAppointed")
    SupplementaryId = serializers.IntegerField(source="ordinal")
    SendUser = serializers.CharField(source="asked_by")
    SendComment = serializers.CharField(source="request")
    SendDate = Date(source="asked_at")
    ReceivedUser = serializers.CharField(source="received_by")
    ReceivedComment = serializers.CharField(source="received_note")
    ReceivedDate = Date(source="received_at")
    IsReceived = serializers.SerializerMethodField()
    Papers = PaperSerializer(source="papers", many=True)
    Fees = FeeSerializer(source="fees", many=True)
    OldDateAppointed = Date(source="old_due_at")
    NewDateAppointed = Date(source="new_due_at")

    def get_IsReceived(self, supplement: Supplement) -> bool:
        return supplement.received_at is not None


class DocumentSerializer(Packed):
    optional = (
        *("CitizenInfo", "Address", "Email", "Compendium", "ApproverName", "ApproverPosition", "SuccessNote"),
        *("ReturnNote", "FinishedDate", "RequireSupplementaryDate", "DocFees", "DocPapers", "Supplementaries"),
    )
    DocTypeCode = serializers.CharField(source="procedure.code")
    DocTypeName = serializers.CharField(source="procedure.name")
    DocCode = serializers.CharField(source="code")
    CitizenName = serializers.CharField(source="applicant_name")
    CitizenInfo = serializers.CharField(source="applicant_note")
    ApplicantsId = serializers.CharField(source="identity_no")
    ApplicantsType = serializers.SerializerMethodField()
    Address = serializers.CharField(source="address")
    Email = serializers.CharField(source="email")
    Phone = serializers.CharField(source="phone")
    Compendium = serializers.CharField(source="summary")
    DateReceived = Date(source="accepted_at")
    DateAppointed = Date(source="due_at")
    IsSuccess = serializers.SerializerMethodField()
    SuccessDate = Date(source="decided_at")
    ApproverName = serializers.CharField(source="approver_name")
    ApproverPosition = serializers.CharField(source="approver_position")
    SuccessNote = serializers.CharField(source="decision_note")
    IsReturned = serializers.SerializerMethodField()
    ReturnedDate = Date(source="returned_at")
    ReturnNote = serializers.CharField(source="return_note")
    ReturnedType = serializers.SerializerMethodField()
    FinishedDate = Date(source="finished_at")
    Status = serializers.SerializerMethodField()
    ProcessingOrganName = serializers.CharField(source="unit.name")
    HasSupplementary = serializers.SerializerMethodField()
    RequireSupplementaryDate = serializers.SerializerMethodField()
    Attachments = serializers.SerializerMethodField()
    DocFees = serializers.SerializerMethodField()
    DocPapers = serializers.SerializerMethodField()
    Supplementaries = SupplementSerializer(source="supplements", many=True)
    OrganInchargeIdLevel1 = serializers.SerializerMethodField()
    OrganInchargeName = serializers.SerializerMethodField()

    # DRF derives these names from the fields'.
    def get_ApplicantsType(self, dossier: Dossier) -> int:
        return build.APPLICANTS_TYPE[dossier.applicant_kind]  # type: ignore[index] # the enumeration's values

    def get_IsSuccess(self, dossier: Dossier) -> bool:
        return dossier.approved is True

    def get_IsReturned(self, dossier: Dossier) -> str:
        return "true" if dossier.returned_at else "false"

    def get_ReturnedType(self, dossier: Dossier) -> int:
        return build.RETURNED_TYPE[dossier.return_method]  # type: ignore[index] # the enumeration's values

    def get_Status(self, dossier: Dossier) -> int:
        return build.STATUS[dossier.state]  # type: ignore[index] # the enumeration's values

    def get_HasSupplementary(self, dossier: Dossier) -> str:
        return "true" if dossier.supplements.exists() else "false"

    def get_RequireSupplementaryDate(self, dossier: Dossier) -> str:
        last = dossier.supplements.last()
        return build._date(last.asked_at) if last else ""

    def get_Attachments(self, dossier: Dossier) -> list[Any]:
        return []

    def get_DocFees(self, dossier: Dossier) -> list[Any]:
        return list(FeeSerializer(dossier.fees.filter(supplement=None), many=True).data)

    def get_DocPapers(self, dossier: Dossier) -> list[Any]:
        papers = dossier.papers.filter(supplement=None, received_at__isnull=False)
        return list(PaperSerializer(papers, many=True).data)

    def get_OrganInchargeIdLevel1(self, dossier: Dossier) -> str:
        return (dossier.agency.level1 or dossier.agency).code

    def get_OrganInchargeName(self, dossier: Dossier) -> str:
        return (dossier.agency.level1 or dossier.agency).name


class TraceSerializer(Packed):
    DocumentId = serializers.CharField(source="dossier.uuid")
    DocCode = serializers.CharField(source="dossier.code")
    UserName = serializers.CharField(source="actor_name")
    UserPosition = serializers.CharField(source="actor_position")
    DateCreated = Date(source="at")
    Comment = serializers.SerializerMethodField()
    Status = serializers.SerializerMethodField()
    OrganizationInchargeIdLevel1 = serializers.SerializerMethodField()
    OrganizationInchargeName = serializers.SerializerMethodField()

    # DRF derives these names from the fields'.
    def get_Comment(self, move: Transition) -> str:
        return move.comment or str(move.get_move_display())

    def get_Status(self, move: Transition) -> int:
        return build.STATUS[move.to_state]  # type: ignore[index] # the column holds the enumeration's values

    def get_OrganizationInchargeIdLevel1(self, move: Transition) -> str:
        return (move.unit.level1 or move.unit).code

    def get_OrganizationInchargeName(self, move: Transition) -> str:
        return (move.unit.level1 or move.unit).name


def record_of(packet: Packet) -> Dossier | Transition | None:
    """The record as such a sender finds it: its relations are read when they are asked for."""
    return packet.dossier if packet.kind == Kind.DOCUMENT else packet.transition


def packed(kind: str, record: Any) -> bytes:
    serializer = DocumentSerializer(record) if kind == Kind.DOCUMENT else TraceSerializer(record)
    content: bytes = JSONRenderer().render(serializer.data)
    return content


def send_all(address: str, packets: Iterable[Packet]) -> None:
    """Reads each packet's record, serializes it, posts it, and ticks it off."""
    headers = {"Authorization": "Bearer t0", "Content-Type": "application/json; charset=utf-8"}
    with httpx2.Client(trust_env=False) as client:
        for packet in packets:
            content = packed(packet.kind, record_of(packet))
            reply = client.post(
                address + PATHS[packet.kind],
                content=content,
                headers=headers | {"Idempotency-Key": str(packet.key)},
            )
            if reply.is_success and reply.json()["Status"] == 0:
                ticked = Packet.objects.filter(pk=packet.pk)
                ticked.update(state=PacketState.ACCEPTED, settled_at=timezone.now(), due_at=None)
