"""The scopes that a partner may have, with their descriptions, and the same for the OAuth2 library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes

from onestop.staff.models import Role

if TYPE_CHECKING:
    from oauth2_provider.models import AbstractApplication


class ApiScope(models.TextChoices):
    """Each scope is one resource and one verb."""

    CATALOG_READ = "catalog:read", _("đọc cơ quan, lĩnh vực, thủ tục")
    DOSSIERS_READ = "dossiers:read", _("đọc hồ sơ, tiến trình, tệp đính kèm có những gì")
    DOSSIERS_CREATE = "dossiers:create", _("nộp hồ sơ, từng hồ sơ hoặc hàng loạt")
    DOSSIERS_MOVE = "dossiers:move", _("xử lý hồ sơ như cán bộ một cửa và cán bộ thụ lý")
    DOSSIERS_MANAGE = "dossiers:manage", _("xử lý hồ sơ như lãnh đạo: mở lại, trả kết quả khi còn khoản phải nộp")
    ATTACHMENTS_READ = "attachments:read", _("tải tệp đính kèm về")
    ATTACHMENTS_WRITE = "attachments:write", _("tải tệp đính kèm lên")
    VOTES_READ = "votes:read", _("đọc kết quả đánh giá")
    VOTES_WRITE = "votes:write", _("gửi phiếu đánh giá của người dân")
    STATISTICS_READ = "statistics:read", _("đọc số liệu thống kê")
    PACKETS_READ = "packets:read", _("đọc tình trạng gói tin của hồ sơ")
    WEBHOOKS_READ = "webhooks:read", _("đọc các địa chỉ nhận thông báo đã đăng ký")
    WEBHOOKS_WRITE = "webhooks:write", _("đăng ký, sửa, bỏ địa chỉ nhận thông báo")


# The roles in which a partner acts on a dossier, by scope.
ROLES: dict[str, tuple[Role, ...]] = {
    ApiScope.DOSSIERS_CREATE: (Role.RECEPTION,),
    ApiScope.ATTACHMENTS_WRITE: (Role.RECEPTION,),
    ApiScope.DOSSIERS_MOVE: (Role.RECEPTION, Role.OFFICER),
    ApiScope.DOSSIERS_MANAGE: (Role.MANAGER,),
}


class PartnerScopes(BaseScopes):  # type: ignore[misc] # the package ships no types
    """A token has all scopes of its partner, or fewer if the request for the token names fewer."""

    def get_all_scopes(self) -> dict[str, str]:
        return {scope.value: str(scope.label) for scope in ApiScope}

    def get_available_scopes(
        self, application: AbstractApplication | None = None, *args: object, **kwargs: object
    ) -> list[str]:
        credential = getattr(application, "credential", None)
        return list(credential.partner.scopes) if credential else []

    def get_default_scopes(
        self, application: AbstractApplication | None = None, *args: object, **kwargs: object
    ) -> list[str]:
        return self.get_available_scopes(application)
