"""A partner's system whose client was made by openapi-python-client, on a whole journey through the office.

python journey.py OFFICE.json      (with the generated package `partner_api` on the path)
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from partner_api import AuthenticatedClient
from partner_api.api.agencies import agencies_list, agencies_retrieve
from partner_api.api.communes import communes_list, communes_retrieve
from partner_api.api.dossiers import (
    attachments_download,
    attachments_list,
    attachments_upload,
    dossier_accept,
    dossier_approve,
    dossier_ask_payment,
    dossier_ask_supplement,
    dossier_correct_time,
    dossier_deny,
    dossier_extend,
    dossier_hand_over,
    dossier_history,
    dossier_postpone,
    dossier_questions,
    dossier_receive_payment,
    dossier_receive_supplement,
    dossier_refuse,
    dossier_reopen,
    dossier_return_result,
    dossier_start,
    dossier_stop,
    dossier_vote,
    dossier_withdraw,
    dossiers_bulk_create,
    dossiers_create,
    dossiers_list,
    dossiers_partial_update,
    dossiers_retrieve,
)
from partner_api.api.fields import fields_list, fields_retrieve
from partner_api.api.me import me
from partner_api.api.packets import packets_list, packets_retrieve
from partner_api.api.procedures import procedures_list, procedures_retrieve
from partner_api.api.statistics import statistics
from partner_api.api.votes import votes
from partner_api.api.webhooks import (
    deliveries_list,
    deliveries_redeliver,
    deliveries_retrieve,
    webhooks_create,
    webhooks_destroy,
    webhooks_list,
    webhooks_old_secrets_end,
    webhooks_partial_update,
    webhooks_ping,
    webhooks_resume,
    webhooks_retrieve,
    webhooks_secret,
)
from partner_api.models import (
    AgencyRow,
    AnswerInput,
    ApproveInput,
    AskedFeeInput,
    AskedPaperInput,
    AskPaymentInput,
    AskSupplementInput,
    AttachmentRow,
    BallotInput,
    BulkRow,
    BulkSummary,
    ByInput,
    Channel,
    CommuneRow,
    CorrectTimeInput,
    DeliveryDetail,
    DenyInput,
    DossierDetail,
    DossierInput,
    DossiersListChannelItem,
    DossiersListSort,
    DossiersListStateItem,
    ExtendInput,
    FieldRow,
    HandOverInput,
    MeRow,
    MoveInput,
    PacketRow,
    PaginatedAgencyRowList,
    PaginatedCommuneRowList,
    PaginatedDeliveryRowList,
    PaginatedDossierRowList,
    PaginatedFieldRowList,
    PaginatedPacketRowList,
    PaginatedProcedureDetailList,
    PaginatedTransitionRowList,
    PaginatedWebhookRowList,
    PaperForm,
    PaperInput,
    PatchedAmendInput,
    PatchedWebhookChange,
    PaymentMethod,
    Problem,
    ProcedureDetail,
    QuestionsRow,
    ReasonInput,
    ReceivePaymentInput,
    ResultsRow,
    ReturnMethod,
    ReturnResultInput,
    StatisticsRow,
    WebhookInput,
    WebhookRow,
    WebhookWithSecret,
)
from partner_api.types import File, Response, Unset

# A machine may be busy with other tests.
PATIENCE = httpx.Timeout(60)
PDF = b"%PDF-1.7 noi dung"
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=60)
BY = ByInput(name="Trần Minh", position="Chuyên viên")
REASON = ReasonInput(comment="Theo đề nghị của công dân")

Parsed = TypeVar("Parsed")


def answered(kind: type[Parsed], response: Response[Any], status: int) -> Parsed:
    """The answer, of the status and the type that the contract has for it."""
    assert response.status_code == status, (response.status_code, response.content)
    assert isinstance(response.parsed, kind), type(response.parsed)
    return response.parsed


def codes(response: Response[Any], status: int) -> dict[str | None, str]:
    """The errors of a refused call: code by field."""
    return {error.attr: error.code for error in answered(Problem, response, status).errors}


def signed_in(office: dict[str, Any], credential: dict[str, str], scope: str = "") -> AuthenticatedClient:
    form = {"grant_type": "client_credentials", **{k: v for k, v in credential.items() if k != "token_url"}}
    answer = httpx.post(credential["token_url"], data=form | ({"scope": scope} if scope else {}), timeout=PATIENCE)
    answer.raise_for_status()
    return client_with(office, answer.json()["access_token"])


def client_with(office: dict[str, Any], token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=office["address"], token=token, timeout=PATIENCE)


class Journey:
    def __init__(self, office: dict[str, Any]) -> None:
        self.office = office
        self.client = signed_in(office, office["partner"])

    def a_request(self, **more: Any) -> DossierInput:
        return DossierInput(
            external_id=f"PY-{uuid4()}",
            procedure=self.office["procedure"],
            agency=self.office["agency"],
            commune_code=self.office["commune"],
            channel=Channel.ONLINE,
            applicant_name="Đặng Văn Ước",
            **more,
        )

    def a_dossier(self, **more: Any) -> UUID:
        return answered(
            DossierDetail, dossiers_create.sync_detailed(client=self.client, body=self.a_request(**more)), 201
        ).uuid

    def run(self) -> None:
        self.access()
        self.catalogue()
        self.handing_in()
        uuid = self.one_dossier_from_end_to_end()
        self.other_ends()
        self.in_bulk()
        self.following(uuid)
        self.webhooks()
        self.too_often()

    def access(self) -> None:
        partner = answered(MeRow, me.sync_detailed(client=self.client), 200)
        assert partner.agencies == [self.office["agency"]]
        assert len(partner.scopes) > 10
        assert partner.token_expires_at > NOW
        stranger = client_with(self.office, "khong-phai-token")
        assert codes(me.sync_detailed(client=stranger), 401) == {None: "authentication_failed"}
        reader = signed_in(self.office, self.office["partner"], "catalog:read")
        refused = dossiers_list.sync_detailed(client=reader)
        assert codes(refused, 403) == {None: "scope"}
        assert 'scope="dossiers:read"' in refused.headers["WWW-Authenticate"]

    def catalogue(self) -> None:
        page = answered(
            PaginatedAgencyRowList, agencies_list.sync_detailed(client=self.client, limit=1, count=True), 200
        )
        seen = [page.results[0].code]
        assert page.count == 4
        while page.next_ is not None:
            cursor = httpx.URL(page.next_).params["cursor"]
            page = answered(
                PaginatedAgencyRowList, agencies_list.sync_detailed(client=self.client, limit=1, cursor=cursor), 200
            )
            seen.append(page.results[0].code)
        assert len(seen) == len(set(seen)) == 4
        children = agencies_list.sync_detailed(client=self.client, parent=self.office["agency"], is_active=True)
        assert [row.code for row in answered(PaginatedAgencyRowList, children, 200).results] == [self.office["unit"]]
        response = agencies_retrieve.sync_detailed(self.office["agency"], client=self.client)
        assert answered(AgencyRow, response, 200).name
        known = agencies_retrieve.sync_detailed(
            self.office["agency"], client=self.client, if_none_match=response.headers["ETag"]
        )
        assert known.status_code == HTTPStatus.NOT_MODIFIED
        assert codes(agencies_retrieve.sync_detailed("KHONG.CO", client=self.client), 404) == {None: "not_found"}
        communes = communes_list.sync_detailed(client=self.client, q="tran phu, quy nhon", province="52")
        (commune,) = answered(PaginatedCommuneRowList, communes, 200).results
        response = communes_retrieve.sync_detailed(commune.code, client=self.client)
        assert answered(CommuneRow, response, 200).code == self.office["commune"]
        fields = answered(PaginatedFieldRowList, fields_list.sync_detailed(client=self.client), 200).results
        field = answered(FieldRow, fields_retrieve.sync_detailed(fields[0].code, client=self.client), 200)
        assert field.code == self.office["field"]
        found = procedures_list.sync_detailed(client=self.client, q="phieu ly lich")
        (procedure,) = answered(PaginatedProcedureDetailList, found, 200).results
        assert procedure.code == self.office["procedure_with_papers"]
        whole = answered(ProcedureDetail, procedures_retrieve.sync_detailed(procedure.code, client=self.client), 200)
        assert whole.papers
        assert whole.fees[0].amount == 200_000

    def handing_in(self) -> None:
        body = self.a_request(papers=[PaperInput(name="Tờ khai", quantity=1, form=PaperForm.ELECTRONIC)], by=BY)
        key = str(uuid4())
        first = dossiers_create.sync_detailed(client=self.client, body=body, idempotency_key=key)
        dossier = answered(DossierDetail, first, 201)
        assert first.headers["Location"].endswith(str(dossier.uuid))
        again = dossiers_create.sync_detailed(client=self.client, body=body, idempotency_key=key)
        assert answered(DossierDetail, again, 201).uuid == dossier.uuid
        assert again.headers["Idempotency-Replayed"] == "true"
        another = dossiers_create.sync_detailed(client=self.client, body=self.a_request(), idempotency_key=key)
        assert codes(another, 422) == {None: "key_reused"}
        same = dossiers_create.sync_detailed(client=self.client, body=body)
        assert answered(DossierDetail, same, 200).uuid == dossier.uuid
        body.procedure = "KHONG-CO"
        assert codes(dossiers_create.sync_detailed(client=self.client, body=body), 400) == {"procedure": "unknown"}

    def one_dossier_from_end_to_end(self) -> UUID:
        client, uuid = self.client, self.a_dossier(accept=False, summary="Đăng ký khai sinh cho con")
        read = dossiers_retrieve.sync_detailed(uuid, client=client)
        assert answered(DossierDetail, read, 200).code is None
        known = dossiers_retrieve.sync_detailed(uuid, client=client, if_none_match=read.headers["ETag"])
        assert known.status_code == HTTPStatus.NOT_MODIFIED
        part = httpx.get(
            f"{self.office['address']}/api/v1/dossiers/{uuid}?fields=state",
            headers={"Authorization": f"Bearer {client.token}"},
            timeout=PATIENCE,
        )
        assert part.json() == {"state": 1}
        nowhere = dossiers_retrieve.sync_detailed(uuid4(), client=client)
        assert codes(nowhere, 404) == {None: "not_found"}
        change = PatchedAmendInput(phone="0905123456", by=BY)
        outdated = dossiers_partial_update.sync_detailed(uuid, client=client, body=change, if_match='"khac"')
        assert codes(outdated, 412) == {None: "changed"}
        changed = dossiers_partial_update.sync_detailed(
            uuid, client=client, body=change, if_match=read.headers["ETag"]
        )
        assert answered(DossierDetail, changed, 200).changed_at >= NOW - timedelta(minutes=1)

        self.a_file(uuid, "giấy chứng sinh.pdf", 1)
        accepted = answered(
            DossierDetail, dossier_accept.sync_detailed(uuid, client=client, body=MoveInput(by=BY)), 200
        )
        assert accepted.code
        assert accepted.due_at is not None
        answered(DossierDetail, dossier_start.sync_detailed(uuid, client=client, body=MoveInput(by=BY)), 200)
        assert codes(dossier_start.sync_detailed(uuid, client=client, body=MoveInput()), 409) == {None: "move_refused"}
        lacking = AskSupplementInput(
            comment="Thiếu giấy", papers=[AskedPaperInput(name="Giấy chứng sinh", quantity=1)]
        )
        paused = answered(DossierDetail, dossier_ask_supplement.sync_detailed(uuid, client=client, body=lacking), 200)
        assert paused.state == 5
        answered(DossierDetail, dossier_receive_supplement.sync_detailed(uuid, client=client, body=MoveInput()), 200)
        fees = AskPaymentInput(fees=[AskedFeeInput(name="Lệ phí", amount=8_000)])
        answered(DossierDetail, dossier_ask_payment.sync_detailed(uuid, client=client, body=fees), 200)
        paid = ReceivePaymentInput(method=PaymentMethod.ONLINE, receipt_no="BL-0042")
        dossier = answered(DossierDetail, dossier_receive_payment.sync_detailed(uuid, client=client, body=paid), 200)
        assert dossier.fees[0].paid_at is not None
        to_the_desk = HandOverInput(unit=self.office["unit"], step_due=LATER)
        dossier = answered(DossierDetail, dossier_hand_over.sync_detailed(uuid, client=client, body=to_the_desk), 200)
        assert dossier.unit == self.office["unit"]
        longer = ExtendInput(comment="Xin lỗi vì chờ xác minh", due_at=LATER)
        answered(DossierDetail, dossier_extend.sync_detailed(uuid, client=client, body=longer), 200)
        decision = ApproveInput(approver_name="Phạm Hà", approver_position="Chủ tịch")
        decided = answered(DossierDetail, dossier_approve.sync_detailed(uuid, client=client, body=decision), 200)
        assert decided.approved is True
        result = ReturnResultInput(return_method=ReturnMethod.POST)
        returned = answered(DossierDetail, dossier_return_result.sync_detailed(uuid, client=client, body=result), 200)
        assert returned.state == 10
        self.a_vote(uuid)
        return uuid

    def a_file(self, uuid: UUID, name: str, phase: int) -> None:
        stored = answered(
            AttachmentRow,
            attachments_upload.sync_detailed(
                uuid,
                client=self.client,
                name=name,
                body=File(payload=BytesIO(PDF), mime_type="application/octet-stream"),
            ),
            201,
        )
        assert stored.sha256 == sha256(PDF).hexdigest()
        assert stored.phase == phase
        files = attachments_list.sync_detailed(uuid, client=self.client)
        assert files.status_code == HTTPStatus.OK
        assert isinstance(files.parsed, list)
        assert [file.name for file in files.parsed] == [name]
        content = attachments_download.sync_detailed(uuid, stored.ordinal, client=self.client)
        assert answered(File, content, 200).payload.read() == PDF

    def a_vote(self, uuid: UUID) -> None:
        questions = answered(QuestionsRow, dossier_questions.sync_detailed(uuid, client=self.client), 200)
        answers = [AnswerInput(question=row.question, rating=1) for row in questions.questions]
        answers[0] = AnswerInput(question=answers[0].question, rating=3, reason="Phải đi lại ba lần")
        ballot = BallotInput(question_set=questions.question_set, answers=answers)
        assert dossier_vote.sync_detailed(uuid, client=self.client, body=ballot).status_code == HTTPStatus.CREATED
        twice = dossier_vote.sync_detailed(uuid, client=self.client, body=ballot)
        assert codes(twice, 409) == {None: "already_rated"}

    def other_ends(self) -> None:
        client = self.client
        refused = self.a_dossier(accept=False)
        assert (
            answered(DossierDetail, dossier_refuse.sync_detailed(refused, client=client, body=REASON), 200).state == 3
        )
        assert (
            answered(DossierDetail, dossier_reopen.sync_detailed(refused, client=client, body=REASON), 200).state == 1
        )
        denied = self.a_dossier()
        steps = answered(PaginatedTransitionRowList, dossier_history.sync_detailed(denied, client=client), 200).results
        accepted = next(step for step in steps if step.move == "accept")
        right = CorrectTimeInput(step=accepted.id, to=accepted.at - timedelta(minutes=1), comment="Ghi nhầm giờ")
        answered(DossierDetail, dossier_correct_time.sync_detailed(denied, client=client, body=right), 200)
        no = DenyInput(comment="Không đủ điều kiện", approver_name="Phạm Hà")
        assert (
            answered(DossierDetail, dossier_deny.sync_detailed(denied, client=client, body=no), 200).approved is False
        )
        withdrawn = self.a_dossier()
        answered(DossierDetail, dossier_withdraw.sync_detailed(withdrawn, client=client, body=REASON), 200)
        stopped = self.a_dossier()
        answered(DossierDetail, dossier_stop.sync_detailed(stopped, client=client, body=REASON), 200)
        gone = self.a_dossier()
        away = HandOverInput(unit=self.office["outside_unit"])
        answered(DossierDetail, dossier_hand_over.sync_detailed(gone, client=client, body=away), 200)
        due_on_a_day_off = UUID(self.office["due_on_a_day_off"])
        answered(DossierDetail, dossier_postpone.sync_detailed(due_on_a_day_off, client=client, body=REASON), 200)
        not_needed = dossier_postpone.sync_detailed(refused, client=client, body=REASON)
        assert codes(not_needed, 409) == {None: "move_refused"}

    def in_bulk(self) -> None:
        rows = [self.a_request() for _each in range(3)]
        tried = dossiers_bulk_create.sync_detailed(client=self.client, body=rows, dry_run=True)
        *lines, total = self.bulk_lines(tried.content)
        assert tried.status_code == HTTPStatus.OK
        assert all(isinstance(line, BulkRow) and line.uuid is None for line in lines)
        assert isinstance(total, BulkSummary)
        assert total.summary.created == 3
        wrong = self.a_request()
        wrong.agency = "KHONG.CO"
        # The generated function takes every 422 for JSON, and sends arrays alone. What is under it does neither.
        http = self.client.get_httpx_client()
        refused = http.post(
            "/api/v1/dossiers/bulk", json=[row.to_dict() for row in [*rows, wrong]], params={"mode": "atomic"}
        )
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        (line, _total) = self.bulk_lines(refused.content)
        assert isinstance(line, BulkRow)
        assert not isinstance(line.errors, Unset)
        assert line.errors[0].attr == "agency"
        sent = "\n".join(json.dumps(row.to_dict()) for row in [*rows, wrong]).encode()
        lines_alone = {"Content-Type": "application/x-ndjson"}
        stored = http.post("/api/v1/dossiers/bulk", content=sent, headers=lines_alone)
        *_lines, total = self.bulk_lines(stored.content)
        assert isinstance(total, BulkSummary)
        assert (total.summary.created, total.summary.rejected) == (3, 1)

    def bulk_lines(self, content: bytes) -> list[BulkRow | BulkSummary]:
        told = [json.loads(line) for line in content.splitlines()]
        return [BulkSummary.from_dict(row) if "summary" in row else BulkRow.from_dict(row) for row in told]

    def following(self, uuid: UUID) -> None:
        client = self.client
        dossier = answered(DossierDetail, dossiers_retrieve.sync_detailed(uuid, client=client), 200)
        narrowed: list[dict[str, Any]] = [
            {"external_id": dossier.external_id},
            {"code": dossier.code},
            {"state": [DossiersListStateItem(9), DossiersListStateItem(10)], "q": "dang van uoc khai sinh"},
            {"procedure": dossier.procedure, "agency": dossier.agency, "unit": dossier.unit},
        ]
        for conditions in narrowed:
            rows = answered(
                PaginatedDossierRowList, dossiers_list.sync_detailed(client=client, **conditions), 200
            ).results
            assert uuid in [row.uuid for row in rows], conditions
        online = [DossiersListChannelItem.ONLINE, DossiersListChannelItem.DIRECT]
        urgent = dossiers_list.sync_detailed(client=client, sort=DossiersListSort.DUE_AT, due_from=NOW, channel=online)
        due = [row.due_at for row in answered(PaginatedDossierRowList, urgent, 200).results]
        assert due == sorted(due, key=str)
        page = answered(
            PaginatedDossierRowList, dossiers_list.sync_detailed(client=client, updated_since=NOW, limit=2), 200
        )
        changed = [row.uuid for row in page.results]
        while page.next_ is not None:
            cursor = httpx.URL(page.next_).params["cursor"]
            following = dossiers_list.sync_detailed(client=client, updated_since=NOW, limit=2, cursor=cursor)
            page = answered(PaginatedDossierRowList, following, 200)
            changed += [row.uuid for row in page.results]
        assert uuid in changed
        assert len(changed) == len(set(changed))
        history = answered(PaginatedTransitionRowList, dossier_history.sync_detailed(uuid, client=client), 200)
        assert [step.move for step in history.results][:2] == ["register", "amend"]
        today = date.today()
        rated = answered(
            ResultsRow, votes.sync_detailed(client=client, from_=today, to=today + timedelta(days=1)), 200
        )
        assert rated.ballots >= 1
        figures = answered(StatisticsRow, statistics.sync_detailed(client=client, period=f"{today:%Y-%m}"), 200)
        assert figures.total.new_reception > 0
        packets = answered(PaginatedPacketRowList, packets_list.sync_detailed(client=client), 200).results
        packet = answered(PacketRow, packets_retrieve.sync_detailed(packets[0].key, client=client), 200)
        assert packet.portal == "practice"
        of_one = packets_list.sync_detailed(client=client, dossier=packet.dossier)
        assert packet.key in [row.key for row in answered(PaginatedPacketRowList, of_one, 200).results]

    def webhooks(self) -> None:
        client = self.client
        address = WebhookInput(url="https://127.0.0.1:9/python")
        webhook = answered(WebhookWithSecret, webhooks_create.sync_detailed(client=client, body=address), 201)
        twice = webhooks_create.sync_detailed(client=client, body=address)
        assert codes(twice, 409)
        rows = answered(PaginatedWebhookRowList, webhooks_list.sync_detailed(client=client), 200).results
        assert webhook.code in [row.code for row in rows]
        paused = webhooks_partial_update.sync_detailed(
            webhook.code, client=client, body=PatchedWebhookChange(is_active=False)
        )
        assert answered(WebhookRow, paused, 200).is_active is False
        renewed = answered(WebhookWithSecret, webhooks_secret.sync_detailed(webhook.code, client=client), 200)
        assert renewed.secret != webhook.secret
        overlap = webhooks_old_secrets_end.sync_detailed(webhook.code, client=client)
        assert overlap.status_code == HTTPStatus.NO_CONTENT
        self.deliveries(webhook.code)
        assert answered(WebhookRow, webhooks_resume.sync_detailed(webhook.code, client=client), 200).is_active is True
        answered(WebhookRow, webhooks_retrieve.sync_detailed(webhook.code, client=client), 200)
        ended = webhooks_destroy.sync_detailed(webhook.code, client=client)
        assert ended.status_code == HTTPStatus.NO_CONTENT
        assert codes(webhooks_retrieve.sync_detailed(webhook.code, client=client), 404) == {None: "not_found"}

    def deliveries(self, webhook: str) -> None:
        client = self.client
        ping = answered(DeliveryDetail, webhooks_ping.sync_detailed(webhook, client=client), 201)
        rows = answered(PaginatedDeliveryRowList, deliveries_list.sync_detailed(webhook, client=client), 200).results
        assert [row.id for row in rows] == [ping.id]
        again = deliveries_redeliver.sync_detailed(webhook, ping.id, client=client)
        assert answered(DeliveryDetail, again, 200).id == ping.id
        one = deliveries_retrieve.sync_detailed(webhook, ping.id, client=client)
        assert answered(DeliveryDetail, one, 200).attempts == []

    def too_often(self) -> None:
        slow = signed_in(self.office, self.office["slow_partner"])
        # The minute may end in between.
        answers = [me.sync_detailed(client=slow) for _each in range(8)]
        refused = next(answer for answer in answers if answer.status_code != HTTPStatus.OK)
        assert codes(refused, 429) == {None: "throttled"}
        assert int(refused.headers["Retry-After"]) <= 60


if __name__ == "__main__":
    Journey(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).run()
    print("openapi-python-client: arrived")
