"""The script Streamlit runs for every reader and at every change."""

from dashboard.adapters.pages.shell import render
from dashboard.app import process_feed

render(process_feed())
