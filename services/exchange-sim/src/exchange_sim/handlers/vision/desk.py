"""The archive of data.binance.vision: zip files of past candles and their check sums."""

import hashlib
import io
import zipfile

from aiohttp import web
from typing_extensions import override

from exchange_sim.core.allowance import Allowance, Limits, Verdict
from exchange_sim.core.archives import Archive, archive
from exchange_sim.core.fault import ANSWER_KINDS, ARCHIVE_KINDS, CANDLE_KINDS, Fault
from exchange_sim.handlers.damaged import DamagedView
from exchange_sim.handlers.desk import Call, Desk, Floor
from exchange_sim.handlers.view import MarketView
from exchange_sim.handlers.vision.files import content

ROUTE = "/data"
"""How the books and the faults call every file of the archive."""

_CHECKSUM = ".CHECKSUM"
_NO_LIMITS = Limits()
_MISSING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
    "<Message>The specified key does not exist.</Message></Error>"
)
_MADE = (2020, 1, 1, 0, 0, 0)  # a zip's date must not depend on when it was asked for


class VisionDesk(Desk):
    """Serves files; a file that a fault has damaged stays damaged, with a good check sum."""

    venue = "vision"

    def __init__(self, floor: Floor, *, futures: MarketView, spot: MarketView) -> None:
        super().__init__(floor, futures, Allowance(_NO_LIMITS))
        self._views = {"futures": futures, "spot": spot}
        self._damaged: dict[str, Fault] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to be served."""
        return [web.get("/data/{path:.+}", self._handle)]

    @override
    def refuse(self, verdict: Verdict, address: str) -> web.Response:
        """Return 403: only an ordered ban ever comes to this."""
        del verdict, address
        return web.Response(status=403, text=_MISSING, content_type="application/xml")

    @override
    def mark(self, response: web.Response, verdict: Verdict) -> None:
        """Say that it is simulated: a CSV cannot."""
        response.headers["X-Simulated"] = "true"

    @override
    async def plain(self, call: Call, view: MarketView, now: int) -> web.Response:
        """Return the file or its check sum, 404 where it is not published."""
        del view
        path = call.path.removeprefix(f"{ROUTE}/").removesuffix(_CHECKSUM)
        wanted = archive(path)
        body = None
        if wanted is not None and wanted.published <= now:
            body = await self.floor.worker.run(self._zip, wanted, path, now)
        if body is None:
            return web.Response(status=404, text=_MISSING, content_type="application/xml")
        if not call.path.endswith(_CHECKSUM):
            return web.Response(body=body, content_type="application/zip")
        name = path.rsplit("/", 1)[-1]
        return web.Response(text=f"{self._digest(path, body)}  {name}\n")

    @override
    def status_body(self, status: int) -> str:
        """Return an S3 error."""
        return f"<Error><Code>{status}</Code></Error>"

    @override
    def coded(self, fault: Fault, now: int) -> web.Response:
        """Return an S3 error under status 200."""
        del fault, now
        return web.Response(text=_MISSING, content_type="application/xml")

    @override
    def nulled(self, answer: object) -> object:
        """Return it as it is: a file has no JSON rows."""
        return answer

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        file = path.removesuffix(_CHECKSUM)
        if file not in self._damaged:
            wanted = archive(file)
            symbol = None if wanted is None else wanted.symbol
            fault = self.floor.faults.take(f"{ROUTE}/{file}", symbol, ARCHIVE_KINDS)
            if fault is not None:
                self._damaged[file] = fault
                self.floor.accounting.inject(self.venue, fault.kind)
        return await self.serve(request, _file_call(path))

    def _zip(self, wanted: Archive, path: str, now: int) -> bytes | None:
        view = self._views[wanted.market]
        contract = view.contract(wanted.symbol, now)
        if contract is None:
            return None
        fault = self._damaged.get(path)
        if fault is not None and fault.kind in CANDLE_KINDS:
            view = DamagedView(view, fault)
        text = content(wanted, contract, view, now)
        if text is None:
            return None
        packed = io.BytesIO()
        name = path.rsplit("/", 1)[-1].replace(".zip", ".csv")
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr(zipfile.ZipInfo(name, date_time=_MADE), text, zipfile.ZIP_DEFLATED)
        return packed.getvalue()

    def _digest(self, path: str, body: bytes) -> str:
        fault = self._damaged.get(path)
        belied = fault is not None and fault.kind == "checksum"
        return hashlib.sha256(b"another file" if belied else body).hexdigest()


def _file_call(path: str) -> Call:
    wanted = archive(path.removesuffix(_CHECKSUM))
    return Call(
        path=f"{ROUTE}/{path}",
        symbol=None if wanted is None else wanted.symbol,
        answer=lambda _view, _now: "",
        kinds=ANSWER_KINDS - {"null_rows"},
        entry=ROUTE,
    )
