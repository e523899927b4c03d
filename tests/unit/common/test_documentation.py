from common.documentation import messages
from common.domain import FACTS, Request
from common.subjects import PATTERNS
from tests.support.processes import ROOT


def test_the_committed_page_is_what_the_code_says() -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")

    assert page == messages(), "run: python -m common.documentation docs/messages.md"


def test_every_fact_and_every_request_has_its_section() -> None:
    page = messages()

    for kind in (*FACTS, *Request.__subclasses__()):
        assert f"\n### {kind.__name__}\n" in page


def test_the_readme_names_every_fact_and_where_it_is_told() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")

    for kind in FACTS:
        assert f"`{kind.__name__}`" in page
        context, name, *_ = PATTERNS[kind].split(".")
        assert f"`{context}.{name}." in page or f"`{context}.…" in page, kind.__name__


def test_keys_are_shown_as_patterns() -> None:
    assert "key `decision.{venue}.{symbol}.{scan_id}`" in messages()
    assert "key `outcome.{venue}.{symbol}.{scan_id}.{step}`" in messages()
