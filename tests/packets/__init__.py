"""Packets as the standard wants them; each test spoils one of its own."""

from typing import Any


def document(**changes: Any) -> dict[str, Any]:
    return {
        "DocTypeCode": "1.001193",
        "DocTypeName": "Đăng ký khai sinh",
        "DocCode": "H22.001.00-260125-0001",
        "CitizenName": "Nguyễn Thị Lan",
        "ApplicantsId": "079200000001",
        "ApplicantsType": 1,
        "Phone": "0900000001",
        "DateReceived": "2026-01-25T08:15:00.000+0700",
        "DateAppointed": "2026-01-28T17:00:00.000+0700",
        "IsSuccess": False,
        "SuccessDate": "",
        "IsReturned": "false",
        "ReturnedDate": "",
        "ReturnedType": 0,
        "Status": 1,
        "ProcessingOrganName": "UBND phường Đông Ngàn",
        "HasSupplementary": "true",
        "Attachments": [
            {"Attachmentld": 1, "AttachmentName": "to-khai.pdf", "Base64": "aGVsbG8=", "IsVerified": True}
        ],
        "DocFees": [{"FeeName": "lệ phí", "FeeType": 1, "Price": 8000}],
        "DocPapers": [{"PaperName": "tờ khai", "Amount": 1, "PaperType": 1}],
        "Supplementaries": [
            {
                "SupplementaryId": 1,
                "SendUser": "Minh",
                "SendComment": "thiếu giấy chứng sinh",
                "SendDate": "2026-01-26T09:00:00.000+0700",
                "ReceivedDate": "",
                "IsReceived": False,
                "OldDateAppointed": "2026-01-28T17:00:00.000+0700",
            }
        ],
        "OrganInchargeIdLevel1": "H22.001.00",
        "OrganInchargeName": "UBND phường Đông Ngàn",
    } | changes


def trace(**changes: Any) -> dict[str, Any]:
    return {
        "DocumentId": "0198c1f4-5a70-7cc1-b1c4-2f6f1f0a8c11",
        "DocCode": "H22.001.00-260125-0001",
        "UserName": "Minh",
        "UserPosition": "",
        "DateCreated": "2026-01-25T08:15:00.000+0700",
        "Comment": "tiếp nhận",
        "Status": 1,
        "OrganizationInchargeIdLevel1": "H22.001.00",
        "OrganizationInchargeName": "UBND phường Đông Ngàn",
    } | changes


def vote(shares: tuple[float, ...] = (66.7, 33.3, 0), **changes: Any) -> dict[str, Any]:
    levels = dict(zip(("PercentVeryGood", "PercentGood", "PercentBad"), shares, strict=True))
    return {
        "DateCreated": "2026-02-01T00:05:00.000+0700",
        "TotalVoted": 3,
        **levels,
        "Questions": [{"Content": "Thái độ phục vụ?", **levels}],
        "OrganizationInchargeIdLevel1": "H22.001.00",
        "OrganizationInchargeName": "UBND phường Đông Ngàn",
    } | changes


def statistic(**changes: Any) -> dict[str, Any]:
    return {
        "Month": 1,
        "Year": 2026,
        "IsMonthStatistic": True,
        "NewReception": 8,
        "PreExtisting": 2,
        "Total": 10,
        "TotalSolved": 6,
        "SolvedInTime": 4,
        "SolvedInTimePercent": 66.7,
        "SolvedLate": 2,
        "SolvedLatePercent": 33.3,
        "TotalPending": 4,
        "Pending": 3,
        "PendingLate": 1,
        "PendingLatePercent": 25.0,
        "PendingPercent": 75.0,
        "Note": "",
        "OrganizationInchargeIdlevel1": "H22.001.00",
        "OrganizationInchargeName": "UBND phường Đông Ngàn",
    } | changes


SAMPLES = {"document": document, "trace": trace, "vote": vote, "statistic": statistic}
