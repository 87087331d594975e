"""`/mischief`: a person or a test sets here how the practice portal behaves."""

from django.utils.translation import gettext as _

from .exchange import SandboxReply, SandboxRequest, result
from .mischief import Mischief, Schedule
from .plans import WrongPlan, read_plan

MISCHIEF = "/mischief"


def control(request: SandboxRequest, mischief: Mischief) -> SandboxReply:
    match request.method:
        case "GET" | "HEAD":
            pass
        case "PUT":
            try:
                mischief.follow(*read_plan(request.body))
            except WrongPlan as error:
                return result(400, str(error))
        case "DELETE":
            mischief.follow(Schedule(), None)
        case _:
            return result(405, _("Địa chỉ này chỉ nhận GET, PUT và DELETE."), Allow="GET, PUT, DELETE")
    return SandboxReply(200, mischief.state())
