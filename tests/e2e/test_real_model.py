"""A chat with a real model on a real server, when one is at hand.

ANALYST_MODEL_URL names the server (`http://127.0.0.1:11434`), ANALYST_MODEL its model and
ANALYST_MODEL_SERVER its kind (`ollama` or `openai`).
"""

import os
from typing import Any

import pytest

from ai_analyst.adapters.ollama import OllamaModel
from ai_analyst.adapters.openai_style import OpenAiStyleModel
from ai_analyst.core.verifier import check
from ai_analyst.settings import AnalystSettings
from common.domain import AnsweredBy, ChatPart
from tests.support.analyst_market import table
from tests.support.analyst_rig import analyst

URL = os.environ.get("ANALYST_MODEL_URL", "")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not URL, reason="ANALYST_MODEL_URL names no server"),
]


async def test_a_real_models_answer_arrives_checked() -> None:
    choices: dict[str, Any] = {
        "url": URL,
        "model": os.environ.get("ANALYST_MODEL", "qwen3:4b"),
        "server": os.environ.get("ANALYST_MODEL_SERVER", "ollama"),
        "num_ctx": 4096,
        "answer_tokens": 200,
        "answer_seconds": 800.0,
        "silence_seconds": 600.0,
        "ask_again": False,
    }
    settings = AnalystSettings.model_validate(choices)
    kind = OllamaModel if settings.server == "ollama" else OpenAiStyleModel
    async with analyst(model_behind=kind(settings), **choices) as rig:
        chunks = await rig.ask("Why is BTCUSDT long, and what would prove it wrong?")

    end = chunks[-1].end
    assert end is not None
    written = "".join(one.text for one in chunks if one.part is ChatPart.TEXT)
    assert written.strip(), end.notice
    if end.by is AnsweredBy.MODEL:
        assert check(end.text, table(), question="BTCUSDT?").clean
    else:
        assert end.struck, end.notice
