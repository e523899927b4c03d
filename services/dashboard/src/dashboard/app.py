"""The only place that builds collaborators: one feed a process, shared by every reader."""

import os
import socket

import streamlit as st

from common import logs
from common.bus import Bus
from common.bus.nats import NatsBus
from common.sections import BusSettings, HealthSettings, TelemetrySettings
from common.settings import SettingsSource
from dashboard.adapters.background import BackgroundFeed
from dashboard.adapters.pages.shell import render
from dashboard.handlers import Feed
from dashboard.settings import DashboardSettings


@st.cache_resource(show_spinner=False)  # type: ignore[untyped-decorator]  # streamlit is not followed
def process_feed() -> BackgroundFeed:
    """Return the process's one feed, started when it is first asked for."""
    source = SettingsSource.load(dict(os.environ))
    settings = source.read(DashboardSettings)
    bus_settings = source.read(BusSettings)
    instance = f"{socket.gethostname()}-{os.getpid()}"
    telemetry = source.read(TelemetrySettings)
    logs.configure(telemetry, service="dashboard", instance=instance)

    async def connect() -> Bus:
        bus = NatsBus(bus_settings, name=f"dashboard {instance}")
        await bus.connect()
        return bus

    health = source.read(HealthSettings)
    feed = Feed(connect, settings, instance=instance, health=health)
    live = BackgroundFeed(feed, settings, trace_url=telemetry.trace_url)
    live.start()
    return live


def draw() -> None:
    """Draw the page a reader is on, from the process's feed."""
    render(process_feed())
