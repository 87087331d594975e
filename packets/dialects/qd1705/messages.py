"""The packets of Decision 1705/QĐ-BTTTT, field by field, each field with its name in words for people.

Names, spelling and order of the fields are the standard's, including its errors (`Attachmentld` with a small L,
`PreExtisting`, three spellings of the agency's key). A field without default is required and always present; one
with `UNSET` is left out if it has no value. Dates have milliseconds and the offset of Asia/Ho_Chi_Minh; a required
date is "" until its event happens.
"""

from __future__ import annotations

from typing import Annotated, get_type_hints

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, Struct, UnsetType


class Kind(TextChoices):
    """The four packets, as the table names them."""

    DOCUMENT = "document", _("hồ sơ")
    TRACE = "trace", _("tiến trình")
    VOTE = "vote", _("đánh giá")
    STATISTIC = "statistic", _("thống kê")


STATUS_CODES = _("trạng thái (0 dự thảo, 1 đang xử lý, 2 kết thúc, 4 huỷ, 8 dừng xử lý)")


class AttachmentPart(Struct, kw_only=True):
    Attachmentld: Annotated[int, _("số thứ tự")]
    AttachmentName: Annotated[str, _("tên tệp")]
    IsDeleted: Annotated[bool | UnsetType, _("đã xóa")] = UNSET
    Base64: Annotated[str, _("nội dung")]
    IsVerified: Annotated[bool, _("đã đối chiếu")]


class DocFee(Struct, kw_only=True):
    FeeName: Annotated[str, _("tên khoản")]
    FeeType: Annotated[int, _("thu khi (1 tiếp nhận, 2 bổ sung, 4 trả)")]
    Price: Annotated[float, _("số tiền")]


class DocPaper(Struct, kw_only=True):
    PaperName: Annotated[str, _("tên giấy tờ")]
    Amount: Annotated[int, _("số lượng")]
    PaperType: Annotated[int, _("nhận khi (1 tiếp nhận, 2 bổ sung, 4 trả)")]


class SupplementaryPart(Struct, kw_only=True):
    SupplementaryId: Annotated[int, _("số thứ tự")]
    SendUser: Annotated[str, _("người yêu cầu")]
    SendComment: Annotated[str, _("nội dung yêu cầu")]
    SendDate: Annotated[str, _("ngày yêu cầu")]
    ReceivedUser: Annotated[str | UnsetType, _("người nhận bổ sung")] = UNSET
    ReceivedComment: Annotated[str | UnsetType, _("ghi chú khi nhận")] = UNSET
    ReceivedDate: Annotated[str, _("ngày nhận bổ sung")]
    IsReceived: Annotated[bool, _("đã nhận bổ sung")]
    Papers: Annotated[list[DocPaper] | UnsetType, _("giấy tờ")] = UNSET
    Fees: Annotated[list[DocFee] | UnsetType, _("phí, lệ phí")] = UNSET
    OldDateAppointed: Annotated[str, _("ngày hẹn trả cũ")]
    NewDateAppointed: Annotated[str | UnsetType, _("ngày hẹn trả mới")] = UNSET


class SyncDocument(Struct, kw_only=True):
    """`MSyncDocument`: a dossier's whole state."""

    DocTypeCode: Annotated[str, _("mã thủ tục")]
    DocTypeName: Annotated[str, _("tên thủ tục")]
    DocCode: Annotated[str, _("mã hồ sơ")]
    CitizenName: Annotated[str, _("chủ hồ sơ")]
    CitizenInfo: Annotated[str | UnsetType, _("ghi chú về chủ hồ sơ")] = UNSET
    ApplicantsId: Annotated[str, _("số định danh")]
    ApplicantsType: Annotated[int, _("loại chủ hồ sơ (1 công dân, 2 doanh nghiệp, 3 tổ chức, 4 khác)")]
    Address: Annotated[str | UnsetType, _("địa chỉ")] = UNSET
    Email: Annotated[str | UnsetType, _("email")] = UNSET
    Phone: Annotated[str, _("điện thoại")]
    Compendium: Annotated[str | UnsetType, _("trích yếu")] = UNSET
    DateReceived: Annotated[str, _("ngày tiếp nhận")]
    DateAppointed: Annotated[str, _("ngày hẹn trả")]
    IsSuccess: Annotated[bool, _("đồng ý giải quyết")]
    SuccessDate: Annotated[str, _("ngày có kết quả")]
    ApproverName: Annotated[str | UnsetType, _("người ký duyệt")] = UNSET
    ApproverPosition: Annotated[str | UnsetType, _("chức vụ người ký duyệt")] = UNSET
    SuccessNote: Annotated[str | UnsetType, _("ý kiến phê duyệt")] = UNSET
    IsReturned: Annotated[str, _("đã trả kết quả")]
    ReturnedDate: Annotated[str, _("ngày trả")]
    ReturnNote: Annotated[str | UnsetType, _("ghi chú khi trả")] = UNSET
    ReturnedType: Annotated[int, _("hình thức trả (0 trực tiếp, 1 bưu chính)")]
    FinishedDate: Annotated[str | UnsetType, _("ngày kết thúc xử lý")] = UNSET
    Status: Annotated[int, STATUS_CODES]
    ProcessingOrganName: Annotated[str, _("đơn vị đang xử lý")]
    HasSupplementary: Annotated[str | UnsetType, _("có yêu cầu bổ sung")] = UNSET
    RequireSupplementaryDate: Annotated[str | UnsetType, _("ngày yêu cầu bổ sung")] = UNSET
    Note: Annotated[str | UnsetType, _("ghi chú")] = UNSET
    Attachments: Annotated[list[AttachmentPart], _("tệp đính kèm")]
    DocFees: Annotated[list[DocFee] | UnsetType, _("phí, lệ phí")] = UNSET
    DocPapers: Annotated[list[DocPaper] | UnsetType, _("giấy tờ")] = UNSET
    Supplementaries: Annotated[list[SupplementaryPart] | UnsetType, _("lần bổ sung")] = UNSET
    OrganInchargeIdLevel1: Annotated[str, _("mã cơ quan cấp 1")]
    OrganInchargeName: Annotated[str, _("tên cơ quan cấp 1")]


class DocumentTraces(Struct, kw_only=True):
    """`MDocumentTraces`: one step of a dossier's processing."""

    DocumentId: Annotated[str, _("mã định danh hồ sơ")]
    DocCode: Annotated[str, _("mã hồ sơ")]
    UserName: Annotated[str, _("người xử lý")]
    UserPosition: Annotated[str, _("chức vụ")]
    DateCreated: Annotated[str, _("thời điểm")]
    Comment: Annotated[str | UnsetType, _("nội dung xử lý")] = UNSET
    Status: Annotated[int | UnsetType, STATUS_CODES] = UNSET
    OrganizationInchargeIdLevel1: Annotated[str, _("mã cơ quan")]
    OrganizationInchargeName: Annotated[str, _("tên cơ quan")]


class VoteQuestion(Struct, kw_only=True):
    DocTypeCode: Annotated[str | UnsetType, _("mã thủ tục")] = UNSET
    Content: Annotated[str, _("nội dung câu hỏi")]
    PercentVeryGood: Annotated[float, _("tỷ lệ rất hài lòng")]
    PercentGood: Annotated[float, _("tỷ lệ hài lòng")]
    PercentBad: Annotated[float, _("tỷ lệ không hài lòng")]


class Votes(Struct, kw_only=True):
    """`MVotes`: how citizens rated an agency. `DateCreated` alone says which period."""

    DateCreated: Annotated[str, _("thời điểm")]
    TotalVoted: Annotated[int, _("lượt đánh giá")]
    PercentVeryGood: Annotated[float, _("tỷ lệ rất hài lòng")]
    PercentGood: Annotated[float, _("tỷ lệ hài lòng")]
    PercentBad: Annotated[float, _("tỷ lệ không hài lòng")]
    Questions: Annotated[list[VoteQuestion] | UnsetType, _("câu hỏi")] = UNSET
    OrganizationInchargeIdLevel1: Annotated[str, _("mã cơ quan")]
    OrganizationInchargeName: Annotated[str, _("tên cơ quan")]


class Statistic(Struct, kw_only=True):
    """`MStatistic`: reception and processing of an agency in a month, or (Month 0) a year."""

    Month: Annotated[int, _("tháng (0: cả năm)")]
    Year: Annotated[int, _("năm")]
    IsMonthStatistic: Annotated[bool, _("là số liệu tháng")]
    NewReception: Annotated[int, _("nhận trong kỳ")]
    PreExtisting: Annotated[int, _("tồn kỳ trước")]
    Total: Annotated[int, _("tổng phải giải quyết")]
    TotalSolved: Annotated[int, _("đã giải quyết")]
    SolvedInTime: Annotated[int, _("giải quyết đúng hạn")]
    SolvedInTimePercent: Annotated[float, _("tỷ lệ đúng hạn")]
    SolvedLate: Annotated[int, _("giải quyết trễ hạn")]
    SolvedLatePercent: Annotated[float, _("tỷ lệ trễ hạn")]
    TotalPending: Annotated[int, _("chưa giải quyết")]
    Pending: Annotated[int, _("chưa đến hạn")]
    PendingLate: Annotated[int, _("quá hạn")]
    PendingLatePercent: Annotated[float, _("tỷ lệ quá hạn")]
    PendingPercent: Annotated[float, _("tỷ lệ chưa đến hạn")]
    Note: Annotated[str, _("ghi chú")]
    OrganizationInchargeIdlevel1: Annotated[str, _("mã cơ quan")]
    OrganizationInchargeName: Annotated[str, _("tên cơ quan")]


PARTS = (AttachmentPart, DocFee, DocPaper, SupplementaryPart, VoteQuestion)
PACKETS = (SyncDocument, DocumentTraces, Votes, Statistic)


# Each field in words, a coded one with the meaning of its codes.
NAMES: dict[str, Promise] = {
    name: label
    for struct in (*PACKETS, *PARTS)
    for name, hint in get_type_hints(struct, include_extras=True).items()
    for label in getattr(hint, "__metadata__", ())
}
