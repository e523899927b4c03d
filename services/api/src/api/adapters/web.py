"""The FastAPI application: routes, one shape for every error, bounded bodies."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from api.adapters.bodies import BoundedBodies
from api.core.errors import (
    BusyError,
    ErrorAnswer,
    ErrorDetail,
    InvalidParameterError,
    NotFoundError,
    RefusedError,
    explain,
)
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
    RefusedError: (409, "refused"),
    BusyError: (429, "busy"),
    TransientError: (503, "unavailable"),
}


def build_web(routers: Sequence[APIRouter], *, cors_origins: Sequence[str] = ()) -> FastAPI:
    """Return the application."""
    web = FastAPI(
        title="Perpetual-futures scanner",
        version="1",
        description=_DESCRIPTION,
        dependencies=[Depends(each_once)],
        responses=ERRORS,
        redoc_url=None,
    )
    for router in routers:
        web.include_router(router)
    web.add_middleware(BoundedBodies)
    if cors_origins:
        web.add_middleware(CORSMiddleware, allow_origins=list(cors_origins))
    web.add_exception_handler(ScannerError, _own_error)
    web.add_exception_handler(RequestValidationError, _invalid_request)
    web.add_exception_handler(HTTPException, _http_error)
    web.add_exception_handler(ValidationError, _unreadable)
    web.add_exception_handler(Exception, _unforeseen)
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        FastAPIInstrumentor.instrument_app(web, excluded_urls="health,ready")
    return web


def _own_error(_: Request, error: Exception) -> Response:
    status, code = next(
        (answer for kind, answer in _STATUS.items() if isinstance(error, kind)), (500, "internal")
    )
    field = error.field if isinstance(error, InvalidParameterError) else None
    return _answer(status, ErrorDetail(code=code, message=str(error), field=field))


def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _answer(422, explain(error.errors()[0], known=_parameters(request)))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == _UNPARSED:
        message = "body must be JSON in UTF-8, was something else"
        return _answer(422, ErrorDetail(code="invalid_parameter", message=message, field="body"))
    messages = {
        404: f"no such address, was {request.url.path[:200]!r}",
        405: f"{request.url.path[:200]} does not take {request.method}",
    }
    message = messages.get(error.status_code, str(error.detail))
    detail = ErrorDetail(code=_HTTP_CODES.get(error.status_code, "http_error"), message=message)
    return _answer(error.status_code, detail, error.headers)


_UNPARSED: Final = 400  # FastAPI's word for a body that is not even text
_HTTP_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def _unreadable(_: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    message = f"a stored fact cannot be read as {error.title}: {error.errors()[0]['msg']}"
    return _answer(500, ErrorDetail(code="internal", message=message))


def _unforeseen(_: Request, error: Exception) -> Response:
    message = f"the answer failed with {type(error).__name__}; the log says where"
    return _answer(500, ErrorDetail(code="internal", message=message))


def _answer(status: int, detail: ErrorDetail, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(ErrorAnswer(error=detail).model_dump(), status, headers)


def _parameters(request: Request) -> list[str]:
    """Names the route knows, to guess what a misspelt one meant."""
    route: Any = request.scope.get("route")
    models = [field.field_info.annotation for field in getattr(route.dependant, "query_params", ())]
    return [name for model in models for name in getattr(model, "model_fields", ())]
