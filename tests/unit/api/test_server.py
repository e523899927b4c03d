"""The listening socket: a port that is taken ends the start with one sentence."""

import socket

import pytest
from fastapi import FastAPI

from api.adapters.server import WebServer
from common.errors import SettingsError


async def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = WebServer(FastAPI(), host="127.0.0.1", port=port, on_end=lambda: None)

        with pytest.raises(SettingsError, match=f"was 127.0.0.1:{port}: Address already in use"):
            await server.listen()
