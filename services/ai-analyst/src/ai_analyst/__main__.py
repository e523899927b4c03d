"""Run the analyst."""

from ai_analyst.app import wire
from common.service import main

main("ai-analyst", wire)
