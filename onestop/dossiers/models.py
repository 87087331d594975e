"""A request from intake to result: the dossier, what lies in it, and the append-only history of its moves."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any, NoReturn, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import RegexValidator
from django.db import connections, models
from django.db.models import BigIntegerField, F, Func, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onestop.catalog.models import Agency, AgencyQuerySet, Phase, Procedure, ProcedurePaper, SubmissionChannel
from onestop.common.input.columns import EmailColumn, LineColumn, LinesColumn, LongTextColumn
from onestop.common.input.number_columns import IdentityNumberColumn, PhoneColumn
from onestop.common.input.text import words_of
from onestop.partners.models import Actor, Partner
from onestop.staff.models import User

from .codes.reading import code_within


class State(models.IntegerChoices):
    """The ten states; the numbers are the national portal's own."""

    REGISTERED = 1, _("mới đăng ký")
    ACCEPTED = 2, _("được tiếp nhận")
    REFUSED = 3, _("không được tiếp nhận")
    IN_PROGRESS = 4, _("đang xử lý")
    AWAITING_SUPPLEMENT = 5, _("chờ bổ sung giấy tờ")
    AWAITING_PAYMENT = 6, _("chờ nghĩa vụ tài chính")
    WITHDRAWN = 7, pgettext_lazy("state", "công dân rút hồ sơ")
    STOPPED = 8, pgettext_lazy("state", "dừng xử lý")
    COMPLETED = 9, _("đã xử lý xong")
    RETURNED = 10, _("đã trả kết quả")


# Running, with the clock of the office.
WORKED_ON = (State.REGISTERED, State.ACCEPTED, State.IN_PROGRESS)
PAUSED = (State.AWAITING_SUPPLEMENT, State.AWAITING_PAYMENT)
CLOSING = (State.WITHDRAWN, State.STOPPED, State.COMPLETED)
FINAL = (State.REFUSED, State.WITHDRAWN, State.STOPPED, State.RETURNED)


class Move(models.TextChoices):
    """What can be done with a dossier; `lifecycle` holds one function for each, of the same name."""

    REGISTER = "register", _("đăng ký")
    ACCEPT = "accept", _("tiếp nhận")
    REFUSE = "refuse", _("từ chối tiếp nhận")
    ASK_SUPPLEMENT = "ask_supplement", _("yêu cầu bổ sung")
    RECEIVE_SUPPLEMENT = "receive_supplement", _("nhận bổ sung")
    ASK_PAYMENT = "ask_payment", _("yêu cầu nộp tiền")
    RECEIVE_PAYMENT = "receive_payment", _("ghi nhận đã nộp tiền")
    START = "start", _("bắt đầu xử lý")
    WITHDRAW = "withdraw", _("công dân rút hồ sơ")
    STOP = "stop", _("dừng xử lý")
    APPROVE = "approve", _("duyệt kết quả")
    DENY = "deny", _("từ chối giải quyết")
    RETURN_RESULT = "return_result", _("trả kết quả")
    EXTEND = "extend", _("xin lỗi, gia hạn")
    AMEND = "amend", _("cập nhật thông tin")
    HAND_OVER = "hand_over", _("chuyển xử lý")
    REOPEN = "reopen", _("mở lại")
    POSTPONE = "postpone", _("dời hẹn khỏi ngày nghỉ")
    CORRECT_TIME = "correct_time", _("sửa thời điểm")


class ApplicantKind(models.TextChoices):
    CITIZEN = "citizen", _("công dân")
    BUSINESS = "business", _("doanh nghiệp")
    ORGANISATION = "organisation", _("tổ chức")
    OTHER = "other", _("khác")


class ReturnMethod(models.TextChoices):
    DIRECT = "direct", _("trực tiếp")
    POST = "post", _("qua bưu chính")


def unguessable_token() -> str:
    """What a receipt's QR code holds: opens the public look-up and the ballot of one dossier."""
    return secrets.token_urlsafe(16)


# Of more agencies than this, dossiers are no longer rare among the newest: a walk through those finds a page sooner.
FEW_AGENCIES = 10
# Up to so many, each is looked up in an index of its own.
NAMED_AGENCIES = 50


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: Actor) -> Self:
        """Those received or now processed by an agency whose work the user (or partner) sees."""
        if user.is_superuser:
            return self
        agencies = user.agencies.values("pk")
        return self.filter(Q(agency__in=agencies) | Q(unit__in=agencies))

    def received_within(self, agency: Agency) -> Self:
        return self.filter(agency__path__startswith=agency.path)

    def newest(self, number: int, among: AgencyQuerySet) -> Self:
        """The first `number`, newest first, of a query of nothing but dossiers that `among` received or works on.

        What a few agencies have may lie far apart. On PostgreSQL each is asked for its newest, and the page is taken
        from those: that costs the same however many dossiers others have.
        """
        keys = list(among.order_by().values_list("pk", flat=True)[: FEW_AGENCIES + 1])
        if len(keys) > FEW_AGENCIES or connections[self.db].vendor != "postgresql":
            return self.order_by("-pk")[:number]
        newest = self.order_by("-pk").values("pk")
        received = newest.filter(agency=OuterRef("pk"))[:number]
        taken_over = newest.filter(~Q(agency=F("unit")), unit=OuterRef("pk"))[:number]
        of_each = Func(ArraySubquery(received), ArraySubquery(taken_over), function="array_cat")
        dossier = Func(of_each, function="unnest", output_field=BigIntegerField())
        first = Agency.objects.filter(pk__in=keys).order_by().values(dossier=dossier).distinct()
        return self.filter(pk__in=first.order_by("-dossier")[:number]).order_by("-pk")[:number]

    def of_applicant(self, *identity_nos: str) -> Self:
        """Those of whoever has one of these identity numbers; of nobody where they are empty."""
        return self.filter(identity_no__in=identity_nos).exclude(identity_no="")

    def in_sight_of(self, user: Actor) -> Self:
        """What `visible_to` gives, found faster: one query asks beforehand for the agencies.

        A few are then named one by one, so that each is looked up in the indexes that begin with it.
        """
        if user.is_superuser:
            return self
        agencies = user.agencies.order_by()
        keys = list(agencies.values_list("pk", flat=True)[: NAMED_AGENCIES + 1])
        among: Any = keys if len(keys) <= NAMED_AGENCIES else agencies.values("pk")
        return self.filter(Q(agency__in=among) | Q(unit__in=among))

    def running(self) -> Self:
        return self.filter(state__in=(*WORKED_ON, *PAUSED))

    def overdue(self, at: datetime) -> Self:
        """Running, not paused, and past the due instant."""
        return self.filter(state__in=WORKED_ON, due_at__lt=at)

    def due_between(self, start: datetime, end: datetime) -> Self:
        """Running, not paused, and due from `start` on and before `end`."""
        return self.overdue(end).filter(due_at__gte=start)

    def awaiting_lapse(self, at: datetime) -> Self:
        """Waiting for a supplement that should have come before `at`, by a procedure that stops them then."""
        return self.filter(
            state=State.AWAITING_SUPPLEMENT,
            procedure__after_supplement=Procedure.AfterSupplement.FIXED,
            supplements__received_at=None,
            supplements__respond_by__lt=at,
        ).distinct()

    def matching(self, text: str) -> Self:
        """Those in whose code, applicant and summary every word of `text` begins one, accents and case aside.

        Where a whole code stands in it, that one.
        """
        if code := code_within(text):
            return self.filter(code=code)
        words = words_of(text)
        found = self if words else self.none()
        for word in words:
            found = found.filter(search__contains=f" {word}")
        return found


class Dossier(models.Model):
    """One request (hồ sơ). Only `lifecycle` changes its state; `transitions` tell how it came there.

    `agency` received it and answers for it; `unit` is where it is being worked on now. The due instant may be
    empty: some procedures have no computable limit.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = LineColumn(
        _("mã hồ sơ"),
        max_length=60,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"\A[0-9A-Z.-]+\Z", _("chỉ gồm chữ hoa, chữ số, dấu chấm và gạch nối"))],
    )
    # The three have indexes below that begin with them.
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, related_name="+", db_index=False, verbose_name=_("thủ tục")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", db_index=False, verbose_name=_("cơ quan tiếp nhận")
    )
    unit = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", db_index=False, verbose_name=_("đơn vị đang xử lý")
    )
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cán bộ xử lý")
    )
    state = models.PositiveSmallIntegerField(_("trạng thái"), choices=State, default=State.REGISTERED)
    channel = models.CharField(
        _("hình thức nộp"), max_length=6, choices=SubmissionChannel, default=SubmissionChannel.DIRECT
    )
    from_portal = models.BooleanField(_("nộp trên Cổng Dịch vụ công quốc gia"), default=False)
    is_test = models.BooleanField(_("hồ sơ thử"), default=False)

    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("đối tác nộp")
    )
    external_id = LineColumn(_("số của đối tác"), max_length=100, blank=True)

    applicant_kind = models.CharField(
        _("loại đối tượng"), max_length=12, choices=ApplicantKind, default=ApplicantKind.CITIZEN
    )
    applicant_name = LineColumn(_("chủ hồ sơ"), max_length=500)
    identity_no = IdentityNumberColumn(_("số định danh hoặc mã số thuế"), max_length=30, blank=True)
    phone = PhoneColumn(_("điện thoại"), max_length=30, blank=True)
    email = EmailColumn(_("thư điện tử"), blank=True)
    address = LineColumn(_("địa chỉ"), max_length=1000, blank=True)
    applicant_note = LinesColumn(_("thông tin khác"), max_length=1000, blank=True)
    summary = LinesColumn(_("trích yếu"), max_length=1000, blank=True)
    return_method = models.CharField(
        _("hình thức trả kết quả"), max_length=6, choices=ReturnMethod, default=ReturnMethod.DIRECT
    )

    registered_at = models.DateTimeField(_("ngày đăng ký"))
    accepted_at = models.DateTimeField(_("ngày tiếp nhận"), null=True, blank=True)
    due_at = models.DateTimeField(_("hẹn trả"), null=True, blank=True)
    decided_at = models.DateTimeField(_("ngày có kết quả"), null=True, blank=True)
    approved = models.BooleanField(_("đồng ý"), null=True, blank=True)
    approver_name = LineColumn(_("người duyệt"), max_length=150, blank=True)
    approver_position = LineColumn(_("chức vụ người duyệt"), max_length=150, blank=True)
    decision_note = LinesColumn(_("ý kiến duyệt"), max_length=1000, blank=True)
    returned_at = models.DateTimeField(_("ngày trả kết quả"), null=True, blank=True)
    return_note = LinesColumn(_("ghi chú trả kết quả"), max_length=1000, blank=True)
    finished_at = models.DateTimeField(_("ngày kết thúc xử lý"), null=True, blank=True)
    # When the last move was made; a later one is never dated before it, even if a clock is set back.
    moved_at = models.DateTimeField(_("lần cập nhật gần nhất"))
    # When the row was last written, whatever its moves are dated.
    changed_at = models.DateTimeField(_("ghi lần cuối lúc"), default=timezone.now, editable=False)

    token = models.CharField(max_length=32, default=unguessable_token, editable=False)
    # The words of code, applicant and summary, each after a space: a search works alike on every database, and on
    # PostgreSQL there is an index for it, which only a migration can say.
    search = models.TextField(editable=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("hồ sơ")
        verbose_name_plural = _("hồ sơ")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["agency", "state", "due_at"]),
            models.Index(fields=["unit", "state", "due_at"]),
            models.Index(fields=["agency", "accepted_at"]),
            models.Index(fields=["changed_at", "id"]),
            # For lists, newest first.
            models.Index(fields=["agency", "id"]),
            models.Index(fields=["unit", "id"], condition=~Q(agency=F("unit")), name="dossier_taken_over"),
            models.Index(fields=["procedure", "id"]),
            models.Index(fields=["state", "id"]),
            models.Index(fields=["accepted_at", "id"]),
            # An applicant's earlier dossiers; many have no number.
            models.Index(fields=["identity_no", "id"], condition=~Q(identity_no=""), name="dossier_of_applicant"),
            models.Index(fields=["phone", "id"], condition=~Q(phone=""), name="dossier_of_phone"),
            # What a whole province has in hand, the most pressing first: a small part of all there ever was.
            models.Index(fields=["due_at"], condition=Q(state__in=WORKED_ON), name="dossier_worked_on"),
            # Who left several phones may be looked for by each of them.
            models.Index(fields=["id"], condition=Q(phone__contains=";"), name="dossier_of_several_phones"),
            # Tests are few among all, and looked for in the admin.
            models.Index(fields=["id"], condition=Q(is_test=True), name="dossier_of_test"),
        ]
        constraints = [
            # Not `unique` of the field, which would add an index for beginnings: nobody looks for half a token.
            models.UniqueConstraint(fields=["token"], name="one_dossier_per_token"),
            models.UniqueConstraint(
                fields=["partner", "external_id"],
                condition=Q(partner__isnull=False),
                name="one_dossier_per_partner_and_number",
            ),
            models.CheckConstraint(
                name="dossier_accepted_has_code",
                condition=Q(accepted_at=None) | Q(code__isnull=False),
            ),
            models.CheckConstraint(
                name="dossier_decided_has_answer",
                condition=Q(decided_at=None, approved=None) | Q(decided_at__isnull=False, approved__isnull=False),
            ),
            models.CheckConstraint(
                name="dossier_returned_has_date",
                condition=~Q(state=State.RETURNED) | Q(returned_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code or str(_("hồ sơ chưa có mã"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refresh_search()
        self.changed_at = timezone.now()
        super().save(*args, **kwargs)

    def refresh_search(self) -> None:
        """Sets `search`; bulk inserts, which do not call `save`, call it themselves."""
        self.search = "".join(
            f" {word}" for word in words_of(f"{self.code or ''} {self.applicant_name} {self.summary}")
        )

    @property
    def is_paused(self) -> bool:
        return self.state in PAUSED

    @property
    def is_overdue(self) -> bool:
        """Still running, and past its due instant; a paused dossier's clock stands still."""
        return (
            self.due_at is not None
            and self.finished_at is None
            and not self.is_paused
            and self.due_at < timezone.now()
        )

    @property
    def was_late(self) -> bool:
        return self.due_at is not None and self.finished_at is not None and self.finished_at > self.due_at


class AppendOnlyError(TypeError):
    """Somebody tried to change history. Correct a wrong move with `lifecycle.reopen`."""


class TransitionQuerySet(models.QuerySet["Transition"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("transitions are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("transitions are never deleted")


class Transition(models.Model):
    """One move of one dossier, never changed afterwards. It is also the outbox: what is reported is found here.

    `facts` holds what the move set and a later one might overwrite. `accepted`: the dossier had been accepted by
    then (so it had a code).
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="transitions", verbose_name=_("hồ sơ"))
    move = models.CharField(_("việc"), max_length=20, choices=Move)
    from_state = models.PositiveSmallIntegerField(_("từ trạng thái"), choices=State, null=True, blank=True)
    to_state = models.PositiveSmallIntegerField(_("sang trạng thái"), choices=State)
    at = models.DateTimeField(_("lúc"))
    accepted = models.BooleanField(_("đã tiếp nhận"))
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người thực hiện")
    )
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("đối tác")
    )
    actor_name = LineColumn(_("tên người thực hiện"), max_length=500)
    actor_position = LineColumn(_("chức vụ"), max_length=150, blank=True)
    unit = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("đơn vị"))
    comment = LongTextColumn(_("nội dung"), blank=True)
    facts = models.JSONField(_("dữ kiện"), default=dict, blank=True)
    # Of a correction: the move that was told with a wrong moment, and the right one.
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        db_index=False,
        verbose_name=_("sửa bước"),
    )
    corrected_at = models.DateTimeField(_("thời điểm đúng"), null=True, blank=True)

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("bước xử lý")
        verbose_name_plural = _("bước xử lý")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["dossier", "at"]),
            # Few among all: the figures ask for them.
            models.Index(
                fields=["corrects", "id"], condition=Q(corrects__isnull=False), name="transition_of_correction"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="transition_corrects_with_moment",
                condition=Q(corrects=None, corrected_at=None) | Q(corrects__isnull=False, corrected_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.get_move_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("transitions are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("transitions are never deleted")


class Uncounted(models.Model):
    """That a dossier's history has grown since the figures were last brought up to date.

    A queue, written together with the move. Whoever counts takes its rows away with the counting, so that a move
    which commits late is counted late, and none is counted twice.
    """

    # No index and no constraint to look after: rows come and go, and are read in the order in which they came.
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("hồ sơ chờ thống kê")
        verbose_name_plural = _("hồ sơ chờ thống kê")

    def __str__(self) -> str:
        return str(self.dossier)


class DueDate(models.Model):
    """A due instant (hạn trả) and since when it held. Every one that was ever in force is kept.

    One that was counted from a whole limit keeps the name and the limit of the procedure as they were then (see
    `promises`); one that was moved by what was left, or set, has none of its own and an empty name.
    """

    class Why(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("cause of a due date", "tiếp nhận")
        SUPPLEMENT = "supplement", pgettext_lazy("cause of a due date", "nhận bổ sung")
        PAYMENT = "payment", _("đã nộp tiền")
        EXTENSION = "extension", _("gia hạn")
        DAY_OFF = "day_off", _("dời khỏi ngày nghỉ")
        # With it all due dates are told anew, as they follow from the moments put right; those before it are void.
        CORRECTED = "corrected", _("sửa thời điểm")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="due_dates", verbose_name=_("hồ sơ"))
    due_at = models.DateTimeField(_("hẹn trả"), null=True, blank=True)
    since = models.DateTimeField(_("có hiệu lực từ"))
    why = models.CharField(_("lý do"), max_length=10, choices=Why)
    calendar_known = models.BooleanField(_("đã có lịch nghỉ lễ của các năm liên quan"), default=True)
    procedure_name = LineColumn(_("tên thủ tục khi hẹn"), max_length=2000, blank=True)
    limit = models.DecimalField(_("thời hạn khi hẹn"), max_digits=7, decimal_places=2, null=True, blank=True)
    limit_unit = models.CharField(_("đơn vị thời hạn"), max_length=12, choices=Procedure.Unit, blank=True)
    limit_text = LinesColumn(_("thời hạn bằng lời"), max_length=1000, blank=True)
    count_from_next_day = models.BooleanField(_("tính từ ngày làm việc tiếp theo"), default=False)
    next_day_after = models.TimeField(_("nhận sau giờ này thì tính từ ngày làm việc tiếp theo"), null=True, blank=True)

    class Meta:
        verbose_name = _("hạn trả kết quả")
        verbose_name_plural = _("hạn trả kết quả")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["dossier", "since"]),
            models.Index(fields=["dossier", "id"], condition=Q(why="corrected"), name="duedate_corrected"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.due_at or '—'}"


class Supplement(models.Model):
    """One round of asking for more papers (yêu cầu bổ sung) and of receiving them.

    A dossier that ends while it waits keeps its round as it was: asked, and never received.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="supplements", verbose_name=_("hồ sơ"))
    ordinal = models.PositiveSmallIntegerField(_("lần"))
    asked_at = models.DateTimeField(_("yêu cầu lúc"))
    asked_by = LineColumn(_("người yêu cầu"), max_length=500)
    request = LongTextColumn(_("nội dung yêu cầu"))
    # After this instant the dossier lapses, where its procedure says so.
    respond_by = models.DateTimeField(_("bổ sung trước"), null=True, blank=True)
    old_due_at = models.DateTimeField(_("hẹn trả trước đó"), null=True, blank=True)
    received_at = models.DateTimeField(_("nhận lúc"), null=True, blank=True)
    received_by = LineColumn(_("người nhận"), max_length=500, blank=True)
    received_note = LongTextColumn(_("ghi chú khi nhận"), blank=True)
    new_due_at = models.DateTimeField(_("hẹn trả mới"), null=True, blank=True)

    class Meta:
        verbose_name = _("lần bổ sung")
        verbose_name_plural = _("lần bổ sung")
        ordering = ["dossier", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["dossier", "ordinal"], name="supplement_ordinal")]

    def __str__(self) -> str:
        return f"{self.dossier} #{self.ordinal}"


class Paper(models.Model):
    """A paper handed in, asked for, or given back with the result."""

    class Form(models.TextChoices):
        ORIGINAL = "original", _("bản chính")
        COPY = "copy", _("bản sao")
        ELECTRONIC = "electronic", _("bản điện tử")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="papers", verbose_name=_("hồ sơ"))
    procedure_paper = models.ForeignKey(
        ProcedurePaper,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("theo thủ tục"),
    )
    supplement = models.ForeignKey(
        Supplement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="papers",
        verbose_name=_("lần bổ sung"),
    )
    name = LongTextColumn(_("tên giấy tờ"))
    quantity = models.PositiveSmallIntegerField(_("số lượng"), default=1)
    form = models.CharField(_("hình thức"), max_length=10, choices=Form, blank=True)
    phase = models.PositiveSmallIntegerField(_("nộp khi"), choices=Phase, default=Phase.RECEPTION)
    received_at = models.DateTimeField(_("nhận lúc"), null=True, blank=True)
    received_by = LineColumn(_("người nhận"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("giấy tờ")
        verbose_name_plural = _("giấy tờ")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class FeeQuerySet(models.QuerySet["Fee"]):
    def open(self) -> Self:
        """Neither paid nor waived."""
        return self.filter(paid_at=None, waived_at=None)


class Fee(models.Model):
    """A fee asked of the applicant; `amount` in đồng. A mandatory one is settled before the result is returned."""

    class Method(models.TextChoices):
        CASH = "cash", _("tiền mặt")
        TRANSFER = "transfer", _("chuyển khoản")
        ONLINE = "online", _("thanh toán trực tuyến")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="fees", verbose_name=_("hồ sơ"))
    supplement = models.ForeignKey(
        Supplement, models.PROTECT, null=True, blank=True, related_name="fees", verbose_name=_("lần bổ sung")
    )
    name = LineColumn(_("tên"), max_length=500)
    amount = models.PositiveIntegerField(_("số tiền (đồng)"))
    phase = models.PositiveSmallIntegerField(_("thu khi"), choices=Phase, default=Phase.RECEPTION)
    demanded_at = models.DateTimeField(_("yêu cầu lúc"))
    paid_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    method = models.CharField(_("cách nộp"), max_length=8, choices=Method, blank=True)
    receipt_no = LineColumn(_("số biên lai"), max_length=50, blank=True)
    is_mandatory = models.BooleanField(_("phải nộp trước khi trả kết quả"), default=True)
    waived_at = models.DateTimeField(_("miễn lúc"), null=True, blank=True)
    waived_by = LineColumn(_("người miễn"), max_length=500, blank=True)
    waived_reason = LinesColumn(_("lý do miễn"), max_length=1000, blank=True)

    objects = FeeQuerySet.as_manager()

    class Meta:
        verbose_name = _("phí, lệ phí")
        verbose_name_plural = _("phí, lệ phí")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="fee_waived_with_reason",
                condition=Q(waived_at=None) | (Q(paid_at=None) & ~Q(waived_reason="")),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Opinion(models.Model):
    """What another agency was asked about a dossier, by when, and what it answered (NĐ 61/2018 điều 19.5)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="opinions", verbose_name=_("hồ sơ"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("cơ quan được hỏi"))
    question = LongTextColumn(_("nội dung hỏi"))
    asked_at = models.DateTimeField(_("hỏi lúc"))
    asked_by = LineColumn(_("người hỏi"), max_length=500)
    due_at = models.DateTimeField(_("đề nghị trả lời trước"))
    answer = LongTextColumn(_("trả lời"), blank=True)
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)
    answered_by = LineColumn(_("người trả lời"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("ý kiến phối hợp")
        verbose_name_plural = _("ý kiến phối hợp")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.dossier} {self.agency.code}"


def printed_path(printed: PrintedForm, filename: str) -> str:
    return f"printed/{printed.dossier.uuid}/{uuid.uuid4().hex}.pdf"


class PrintedForm(models.Model):
    """A form as it was printed and given out; printed again, it is these very bytes."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="printed_forms", verbose_name=_("hồ sơ"))
    # Of which move it tells: a second supplement request is another paper.
    transition = models.ForeignKey(Transition, models.PROTECT, related_name="+", verbose_name=_("bước xử lý"))
    kind = models.CharField(_("mẫu"), max_length=20)
    form_set = models.CharField(_("bộ mẫu"), max_length=9, choices=Agency.FormSet)
    file = models.FileField(_("tệp"), upload_to=printed_path, max_length=200)
    sha256 = models.CharField(max_length=64)
    printed_at = models.DateTimeField(_("in lúc"))
    printed_by = LineColumn(_("người in"), max_length=500)

    class Meta:
        verbose_name = _("bản in")
        verbose_name_plural = _("bản in")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["transition", "kind", "form_set"], name="one_print_per_move_and_form")
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.kind}"


def attachment_path(attachment: Attachment, filename: str) -> str:
    """A name nobody can guess or collide with; the name that people gave it stays in the database."""
    return f"dossiers/{attachment.dossier.uuid}/{uuid.uuid4().hex}"


class Attachment(models.Model):
    """A stored file. `ordinal` counts within the dossier and never changes; `sha256` is of the content as stored."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="attachments", verbose_name=_("hồ sơ"))
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    name = models.CharField(_("tên tệp"), max_length=255)
    file = models.FileField(_("tệp"), upload_to=attachment_path, max_length=200)
    size = models.PositiveBigIntegerField(_("số byte"))
    sha256 = models.CharField(max_length=64)
    phase = models.PositiveSmallIntegerField(_("nộp khi"), choices=Phase, default=Phase.RECEPTION)
    uploaded_at = models.DateTimeField(_("tải lên lúc"))

    class Meta:
        verbose_name = _("tệp đính kèm")
        verbose_name_plural = _("tệp đính kèm")
        ordering = ["dossier", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["dossier", "ordinal"], name="attachment_ordinal")]

    def __str__(self) -> str:
        return self.name


class DailySequence(models.Model):
    """The last number given to a dossier code, or passed over, per reception day; locked while the next is taken.

    Counted per identifier as codes begin with, which is per agency but for the few whose identifiers, padded to
    the circulars' width, are the same: these share one sequence, so that no code is given twice.
    """

    # An agency's code is padded by up to ten characters.
    identifier = models.CharField(_("mã định danh"), max_length=50)
    day = models.DateField(_("ngày"))
    last = models.PositiveIntegerField(_("số cuối đã cấp"), default=0)

    class Meta:
        verbose_name = _("dãy số trong ngày")
        verbose_name_plural = _("dãy số trong ngày")
        constraints = [
            models.UniqueConstraint(fields=["identifier", "day"], name="one_sequence_per_identifier_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.day} {self.last}"
