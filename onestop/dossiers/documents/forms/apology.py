"""Form 04: the agency is late, says why, apologises and names the new day (NĐ 61/2018 điều 19.9)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from reportlab.platypus import Flowable

from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.kinds import FormKind, FormSet, FormTitle
from onestop.dossiers.documents.parts import UNNUMBERED, boxes, codes, head, sealed_by_the_head, sentences, typed
from onestop.dossiers.documents.sheet import SMALL
from onestop.dossiers.documents.typeface.typography import CENTER, bold, hour_and_day, paragraph, plain
from onestop.dossiers.models import Move

_TITLES = {
    FormSet.TT01_2018: FormTitle("04", "Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
    FormSet.TT03_2025: FormTitle("04", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"),
}


def parts(context: FormContext) -> list[Flowable]:
    facts = context.transition.facts
    old_due, new_due = (hour_and_day(datetime.fromisoformat(facts[name])) for name in ("old_due", "new_due"))
    you, agency = context.salutation, plain(context.agency.name)
    asks = context.form_set == FormSet.TT03_2025
    promise = "đề nghị gia hạn thời gian giải quyết" if asks else "hẹn lại thời gian trả kết quả"
    return [
        *head(SMALL, context, UNNUMBERED),
        *codes(SMALL, context),
        paragraph(f"Kính gửi: {bold(context.dossier.applicant_name)}", SMALL.letters, align=CENTER, after=5),
        sentences(SMALL, f"{context.received} Thời gian hẹn trả kết quả là {old_due}."),
        sentences(SMALL, f"Đến nay {agency} chưa thể giải quyết xong hồ sơ."),
        *typed(SMALL, context.transition.comment, "Lý do: "),
        sentences(SMALL, f"{agency} xin lỗi {you} vì sự chậm trễ này và {promise} như sau:"),
        boxes(SMALL, ("Đã hẹn trả kết quả lúc", old_due), ("Hẹn trả kết quả mới", new_due)),
        sealed_by_the_head(SMALL, [sentences(SMALL, f"Rất mong {you} thông cảm và chia sẻ.")]),
    ]


KIND = FormKind("apology", _("văn bản xin lỗi"), _TITLES, parts, (Move.EXTEND,))
