"""The script Streamlit runs for every reader and at every change."""

from dashboard.app import draw

draw()
