"""The dossier (hồ sơ), and which dossiers a user sees."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import RegexValidator
from django.db import connections, models
from django.db.models import BigIntegerField, F, Func, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from onestop.catalog.calendar import Calendar, calendar_of
from onestop.catalog.models import Agency, AgencyQuerySet, Commune, Procedure, SubmissionChannel
from onestop.common.input.birth_dates import LENGTH, BirthDateColumn
from onestop.common.input.columns import EmailColumn, LineColumn, LinesColumn
from onestop.common.input.number_columns import IdentityNumberColumn, PhoneColumn
from onestop.common.input.text import words_of
from onestop.dossiers.codes.reading import code_within, end_of_code
from onestop.partners.models import Actor, Partner
from onestop.staff.models import User

from .states import PAUSED, PERSONS, WORKED_ON, ApplicantKind, ReturnMethod, State, SubmitterCapacity


def unguessable_token() -> str:
    """The token in a receipt's QR code. It opens the public look-up and the ballot of one dossier."""
    return secrets.token_urlsafe(16)


# The dossiers of more agencies than this are frequent among the newest, so a scan of the newest finds a page sooner.
FEW_AGENCIES = 10


def overdue_at(at: datetime) -> Q:
    """The condition of a dossier that is overdue at `at`: its due instant has passed while its clock ran.

    A pause stops the clock, so a paused dossier is overdue if it was when the pause began. Lists, the first page and
    `Dossier.is_overdue` follow this rule, and the figures count by it (`statistics/counting/spell_sql.py`).
    """
    while_paused = Q(state__in=PAUSED, due_at__lt=F("paused_at"))
    return Q(due_at__lt=at) & (Q(state__in=WORKED_ON) | while_paused)


def works_with(partner: Partner, place: str = "") -> Q:
    """The condition of a dossier that `partner` may see, wherever it was received.

    A test partner sees test dossiers alone. Any other sees none, but for those that it marked as tests itself.
    `place`: the way to the dossier's columns, such as `dossier__`. The same rule for one dossier that is in memory is
    `PartnerActor.works_with`.
    """
    is_test = Q(**{f"{place}is_test": True})
    return is_test if partner.is_test else Q(**{f"{place}is_test": False}) | Q(**{f"{place}partner": partner})


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, user: Actor) -> Self:
        """Those received or now worked on by an agency whose work the user (or partner) sees.

        A few agencies are named one by one, so that PostgreSQL uses the indexes that begin with the agency: with a
        subquery it scans the dossiers of the whole country. For many agencies that scan finds a page sooner.
        """
        if user.is_superuser:
            return self
        named = user.named_agencies
        among = user.agencies.values("pk") if named is None else named
        seen = self.filter(Q(agency__in=among) | Q(unit__in=among))  # scope: dossiers
        return seen if isinstance(user, User) else seen.filter(works_with(user.partner))  # scope: tests

    def received_within(self, agency: Agency) -> Self:
        return self.filter(agency__path__startswith=agency.path)

    def newest(self, number: int, among: AgencyQuerySet) -> Self:
        """The first `number`, newest first. The query must contain only dossiers that `among` received or works on.

        The dossiers of a few agencies may be far apart in the table. So on PostgreSQL the newest of each agency are
        read, and the page is taken from those: the cost does not depend on the dossiers of other agencies.
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
        """Those of the applicant with one of these identity numbers; none for empty numbers."""
        return self.filter(identity_no__in=identity_nos).exclude(identity_no="")

    def running(self) -> Self:
        return self.filter(state__in=(*WORKED_ON, *PAUSED))

    def overdue(self, at: datetime) -> Self:
        # The state once more: a partial index of the running dossiers begins with the due instant.
        return self.running().filter(overdue_at(at))

    def due_between(self, start: datetime, end: datetime) -> Self:
        """Running, not paused, and due from `start` on and before `end`."""
        return self.filter(state__in=WORKED_ON, due_at__gte=start, due_at__lt=end)

    def awaiting_lapse(self, at: datetime) -> Self:
        """Those that wait for a supplement that was due before `at`, and whose procedure then stops them."""
        return self.filter(
            state=State.AWAITING_SUPPLEMENT,
            procedure__after_supplement=Procedure.AfterSupplement.FIXED,
            supplements__received_at=None,
            supplements__respond_by__lt=at,
        ).distinct()

    def matching(self, text: str) -> Self:
        """Those with, for every word of `text`, a word that begins with it in code, applicant, submitter or summary.

        Accents and case are ignored. If `text` contains a whole code, only the dossier with that code; if it is the
        end of codes, day and number, only dossiers whose codes end so.
        """
        if code := code_within(text):
            return self.filter(code=code)
        if end := end_of_code(text):
            day, number = end
            # The words of codes have an index, their ends have none.
            return self.filter(search__contains=f" {day} ", code__endswith=f"-{day}-{number}")
        words = words_of(text)
        matches = self if words else self.none()
        for word in words:
            matches = matches.filter(search__contains=f" {word}")
        return matches


class Dossier(models.Model):
    """One request (hồ sơ). Only `lifecycle` changes its state; `transitions` are the moves that were made.

    `agency` received it and answers for it; `unit` works on it now. The due instant may be empty: some procedures have
    no computable limit.
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
    # Each of the three has indexes below that begin with it.
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
    birth_date = BirthDateColumn(_("ngày sinh"), max_length=LENGTH, blank=True)
    identity_no = IdentityNumberColumn(_("số định danh hoặc mã số thuế"), max_length=30, blank=True)
    phone = PhoneColumn(_("điện thoại"), max_length=30, blank=True)
    email = EmailColumn(_("email"), blank=True)
    # House, street, hamlet; the whole address of a dossier without a commune.
    address = LineColumn(_("địa chỉ"), max_length=1000, blank=True)
    # Nothing looks dossiers up by it, and no commune is deleted: an index would only cost.
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("xã, phường")
    )
    applicant_note = LinesColumn(_("ghi chú về người nộp"), max_length=1000, blank=True)
    # Who handed it in for the applicant. Without a name the applicant came in person, and the others are empty.
    submitter_name = LineColumn(_("người nộp"), max_length=500, blank=True)
    submitter_capacity = models.CharField(
        _("tư cách của người nộp"), max_length=14, choices=SubmitterCapacity, blank=True
    )
    submitter_identity_no = IdentityNumberColumn(_("số định danh của người nộp"), max_length=30, blank=True)
    submitter_phone = PhoneColumn(_("điện thoại của người nộp"), max_length=30, blank=True)
    submitter_authorisation = LineColumn(_("văn bản ủy quyền (số, ngày)"), max_length=200, blank=True)
    summary = LinesColumn(_("trích yếu"), max_length=1000, blank=True)
    return_method = models.CharField(
        _("hình thức trả kết quả"), max_length=6, choices=ReturnMethod, default=ReturnMethod.DIRECT
    )

    registered_at = models.DateTimeField(_("ngày đăng ký"))
    accepted_at = models.DateTimeField(_("ngày tiếp nhận"), null=True, blank=True)
    due_at = models.DateTimeField(_("hẹn trả"), null=True, blank=True)
    # When the pause began in which the dossier is now.
    paused_at = models.DateTimeField(_("tạm dừng từ"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("ngày có kết quả"), null=True, blank=True)
    approved = models.BooleanField(_("đồng ý giải quyết"), null=True, blank=True)
    approver_name = LineColumn(_("người ký duyệt"), max_length=150, blank=True)
    approver_position = LineColumn(_("chức vụ người ký duyệt"), max_length=150, blank=True)
    decision_note = LinesColumn(_("ý kiến phê duyệt"), max_length=1000, blank=True)
    returned_at = models.DateTimeField(_("ngày trả kết quả"), null=True, blank=True)
    return_note = LinesColumn(_("ghi chú trả kết quả"), max_length=1000, blank=True)
    finished_at = models.DateTimeField(_("ngày kết thúc xử lý"), null=True, blank=True)
    # When the last move was made; no later move is dated before it, even if a clock is set back.
    moved_at = models.DateTimeField(_("lần cập nhật gần nhất"))
    # When the row was last written, whatever the dates of its moves.
    changed_at = models.DateTimeField(_("ghi lần cuối lúc"), default=timezone.now, editable=False)

    token = models.CharField(max_length=32, default=unguessable_token, editable=False)
    # The words of code, applicant, submitter and summary, each after a space, so that a search works alike on every
    # database. On PostgreSQL it has an index, which only a migration can define.
    search = models.TextField(editable=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("hồ sơ")
        verbose_name_plural = _("hồ sơ")
        ordering = ["-pk"]
        indexes = [
            # With all that tells whether a dossier is overdue, so that these are counted in the index alone.
            models.Index(fields=["agency", "state", "due_at", "paused_at"]),
            models.Index(fields=["unit", "state", "due_at", "paused_at"]),
            models.Index(fields=["agency", "accepted_at"]),
            models.Index(fields=["changed_at", "id"]),
            # For lists, newest first.
            models.Index(fields=["agency", "id"]),
            models.Index(fields=["unit", "id"], condition=~Q(agency=F("unit")), name="dossier_taken_over"),
            models.Index(fields=["procedure", "id"]),
            models.Index(fields=["state", "id"]),
            models.Index(fields=["accepted_at", "id"]),
            models.Index(fields=["due_at", "id"]),
            # An applicant's earlier dossiers; many have no number.
            models.Index(fields=["identity_no", "id"], condition=~Q(identity_no=""), name="dossier_of_applicant"),
            models.Index(fields=["phone", "id"], condition=~Q(phone=""), name="dossier_of_phone"),
            # A submitter is found as an applicant is; most dossiers have none.
            models.Index(
                fields=["submitter_identity_no", "id"],
                condition=~Q(submitter_identity_no=""),
                name="dossier_of_submitter",
            ),
            models.Index(
                fields=["submitter_phone", "id"], condition=~Q(submitter_phone=""), name="dossier_of_submitter_phone"
            ),
            # For a whole province's running dossiers, the most urgent first: a small part of all dossiers.
            models.Index(fields=["due_at"], condition=Q(state__in=(*WORKED_ON, *PAUSED)), name="dossier_running"),
            # An applicant with several phones can be found by each of them.
            models.Index(fields=["id"], condition=Q(phone__contains=";"), name="dossier_of_several_phones"),
            # Tests are few among all dossiers; the admin filters by them.
            models.Index(fields=["id"], condition=Q(is_test=True), name="dossier_of_test"),
        ]
        constraints = [
            # Not `unique=True`, which would add an index for prefixes: nothing searches for a part of a token.
            models.UniqueConstraint(fields=["token"], name="one_dossier_per_token"),
            models.UniqueConstraint(
                fields=["partner", "external_id"],
                condition=Q(partner__isnull=False),
                name="one_dossier_per_partner_and_number",
            ),
            models.CheckConstraint(
                name="dossier_born_is_a_person",
                condition=Q(birth_date="") | Q(applicant_kind__in=PERSONS),
            ),
            models.CheckConstraint(
                name="dossier_submitter_is_whole",
                condition=~Q(submitter_name="") & ~Q(submitter_capacity="")
                | Q(
                    submitter_name="",
                    submitter_capacity="",
                    submitter_identity_no="",
                    submitter_phone="",
                    submitter_authorisation="",
                ),
            ),
            models.CheckConstraint(
                name="dossier_accepted_has_code",
                condition=Q(accepted_at=None) | Q(code__isnull=False),
            ),
            models.CheckConstraint(
                name="dossier_paused_has_moment",
                condition=~Q(state__in=PAUSED) | Q(paused_at__isnull=False),
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
        """Sets `search`. Bulk inserts do not call `save`, so they call this themselves."""
        self.search = "".join(
            f" {word}"
            for word in words_of(f"{self.code or ''} {self.applicant_name} {self.submitter_name} {self.summary}")
        )

    @property
    def full_address(self) -> str:
        """The address with commune and province of today, as an envelope has it."""
        return ", ".join(filter(None, (self.address, str(self.commune or ""))))

    @property
    def is_paused(self) -> bool:
        return self.state in PAUSED

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar by which its time is counted; pages with many dossiers set it with `share_calendars`."""
        return calendar_of(self.agency)

    @property
    def is_overdue(self) -> bool:
        """Whether the condition of `overdue_at` holds at this moment."""
        if self.due_at is None or self.finished_at is not None:
            return False
        return self.due_at < self.clock_at(timezone.now())

    def clock_at(self, now: datetime) -> datetime:
        """The instant at which its clock stands: the beginning of the pause in which it is, else `now`."""
        return self.paused_at if self.is_paused and self.paused_at is not None else now

    @property
    def was_late(self) -> bool:
        return self.due_at is not None and self.finished_at is not None and self.finished_at > self.due_at
