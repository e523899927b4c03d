"""The FastAPI application: routes, one shape for every error, bounded bodies."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from api.adapters.bodies import BoundedBodies
from api.adapters.door import Door, Entrance
from api.adapters.refusing import Refusals
from api.adapters.screens import add_screens
from api.core.errors import (
    BusyError,
    ErrorDetail,
    ForbiddenError,
    InvalidParameterError,
    NotFoundError,
    RefusedError,
    explain,
)
from api.core.keys import Permission
from api.handlers.access import REFUSED, needs
from api.handlers.parameters import ERRORS, each_once
from common.errors import InvalidDataError, ScannerError, TransientError

_DESCRIPTION: Final = """
Every decision of the scanner, as the facts it tells on its bus.

* `confidence` is a conviction from 0 to 100, made of the parts that stand beside it. It does not
  say how likely anything is.
* Prices in plans are exact decimal text; times are UTC.
* `simulated` is true for a simulated venue: nothing there was ever traded.
* No order is ever placed.
"""

_STATUS: Final[Mapping[type[ScannerError], tuple[int, str]]] = {
    NotFoundError: (404, "not_found"),
    InvalidParameterError: (422, "invalid_parameter"),
    InvalidDataError: (422, "invalid_parameter"),
    ForbiddenError: (403, "forbidden"),
    RefusedError: (409, "refused"),
    BusyError: (429, "busy"),
    TransientError: (503, "unavailable"),
}


def build_web(
    routers: Mapping[Permission | None, Sequence[APIRouter]],
    *,
    door: Entrance,
    refusals: Refusals,
    cors_origins: Sequence[str] = (),
) -> FastAPI:
    """Return the application; its routes by the permission they need, None for what is open."""
    web = FastAPI(
        title="Perpetual-futures scanner",
        version="1",
        description=_DESCRIPTION,
        dependencies=[Depends(each_once)],
        responses=ERRORS,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,  # a redirect would quote the caller's own Host
    )
    web.state.refusals = refusals
    add_screens(web)
    for permission, group in routers.items():
        for router in group:
            if permission is None:
                web.include_router(router)
            else:
                lock = Depends(needs(permission))
                web.include_router(router, dependencies=[lock], responses=REFUSED)
    web.add_middleware(BoundedBodies)
    web.add_middleware(Door, entrance=door, refusals=refusals)
    if cors_origins:
        web.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "X-API-Key"],
        )
    web.add_exception_handler(ScannerError, _own_error)
    web.add_exception_handler(RequestValidationError, _invalid_request)
    web.add_exception_handler(HTTPException, _http_error)
    web.add_exception_handler(ValidationError, _unreadable)
    web.add_exception_handler(Exception, _unforeseen)
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        FastAPIInstrumentor.instrument_app(web, excluded_urls="health,ready")
    return web


def _own_error(request: Request, error: Exception) -> Response:
    status, code = next(
        (answer for kind, answer in _STATUS.items() if isinstance(error, kind)), (500, "internal")
    )
    field = error.field if isinstance(error, InvalidParameterError) else None
    return _answer(request, status, ErrorDetail(code=code, message=str(error), field=field))


def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _answer(request, 422, explain(error.errors()[0], known=_parameters(request)))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == _UNPARSED:
        message = "body must be JSON in UTF-8, was something else"
        detail = ErrorDetail(code="invalid_parameter", message=message, field="body")
        return _answer(request, 422, detail)
    messages = {
        404: f"no such address, was {request.url.path[:200]!r}",
        405: f"{request.url.path[:200]} does not take {request.method}",
    }
    message = messages.get(error.status_code, str(error.detail))
    detail = ErrorDetail(code=_HTTP_CODES.get(error.status_code, "http_error"), message=message)
    return _answer(request, error.status_code, detail, error.headers)


_UNPARSED: Final = 400  # FastAPI's word for a body that is not even text
_HTTP_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    message = f"a stored fact cannot be read as {error.title}: {error.errors()[0]['msg']}"
    return _answer(request, 500, ErrorDetail(code="internal", message=message))


def _unforeseen(request: Request, error: Exception) -> Response:
    message = f"the answer failed with {type(error).__name__}; the log says where"
    return _answer(request, 500, ErrorDetail(code="internal", message=message))


def _answer(
    request: Request, status: int, detail: ErrorDetail, headers: Mapping[str, str] | None = None
) -> Response:
    refusals: Refusals = request.app.state.refusals
    return refusals.answer(request.scope, status, detail, headers)


def _parameters(request: Request) -> list[str]:
    """Names the route knows, to guess what a misspelt one meant."""
    route: Any = request.scope.get("route")
    models = [field.field_info.annotation for field in getattr(route.dependant, "query_params", ())]
    return [name for model in models for name in getattr(model, "model_fields", ())]
