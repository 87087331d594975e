"""What no page may do, whatever is done with it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# The document itself, and what the browser shows a PDF with.
OWN = ("data:", "blob:", "about:")
VIEWER = ("chrome:", "chrome-extension:")
# A PDF names no icon, so the browser asks for the usual one.
ICON = "/favicon.ico"

# A part that a page was still asking for when it was left: htmx complains, and `requestfailed` says how it failed.
LEFT = "net::ERR_ABORTED"
COMPLAINTS = ("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError")


class Watch:
    """Notes requests to other hosts, errors in the console, and answers that the office did not mean to give."""

    def __init__(self) -> None:
        self.begin("")

    def begin(self, address: str) -> None:
        """Anew, with the pages of the office at `address`."""
        self.address = address
        self.faults: list[str] = []
        # Pages that are to be answered so; the browser's complaint about them is none of ours.
        self.expected_status = 200

    def over(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("requestfailed", self._unanswered)
        context.on("response", self._answered)
        context.on("console", self._told)
        context.on("weberror", self._failed)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, *OWN, *VIEWER)):
            self.faults.append(f"asks {request.url}")

    def _unanswered(self, request: Request) -> None:
        if request.failure != LEFT and not _is_the_viewer_s(request.url):
            self.faults.append(f"{request.failure} {request.url}")

    def _answered(self, response: Response) -> None:
        failed = response.status >= 400 and response.status != self.expected_status
        if failed and not _is_the_viewer_s(response.url):
            self.faults.append(f"{response.status} {response.url}")

    def _told(self, message: ConsoleMessage) -> None:
        meant = f"status of {self.expected_status}" in message.text
        meant |= message.text.startswith(COMPLAINTS)
        if message.type == "error" and not meant and not _is_the_viewer_s(message.location["url"]):
            self.faults.append(message.text)

    def _failed(self, error: WebError) -> None:
        self.faults.append(str(error.error))


def _is_the_viewer_s(url: str) -> bool:
    return url.startswith(VIEWER) or url.endswith(ICON)
