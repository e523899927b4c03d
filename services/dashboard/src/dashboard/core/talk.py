"""What the analyst page says of an answer: states, struck sentences, facts that can be opened."""

import re
from datetime import tzinfo

from common.domain import AnsweredBy, ChatEnd, CitedFact

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&:])")


def escaped(text: str) -> str:
    """Write a stranger's words so that markdown shows them as they are: no links, no pictures."""
    return _MARKDOWN.sub(r"\\\1", text).replace("\n", "  \n")


def byline(end: ChatEnd) -> str:
    """Say who wrote an answer and how the check went, in one line."""
    if end.by is AnsweredBy.TEMPLATE:
        return f"Written from the facts, without the model: {end.notice}"
    checked = f"{len(end.struck)} sentences struck" if end.struck else "every number checked"
    again = ", asked again" if end.asked_again else ""
    return f"{end.model} · {checked}{again}"


def cited_line(fact: CitedFact, zone: tzinfo) -> str:
    """Say what a cited fact is, when it was observed and how old it was."""
    at = fact.observed_at.astimezone(zone)
    return f"{fact.shown} · observed {at:%Y-%m-%d %H:%M:%S %Z} · {fact.age_seconds:.0f} s old"


def exported(name: str, texts: tuple[tuple[str, str], ...]) -> str:
    """Write a conversation as plain text to keep."""
    told = "\n\n".join(f"{role}: {text}" for role, text in texts)
    return f"{name}\n\n{told}\n"
