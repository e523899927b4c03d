"""A run as a table and a plot."""

import csv
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from standalone.core.programs import SERVICES
from tests.soak.measuring import Sample, growth
from tests.soak.run import Outcome
from tests.support.browser import open_page

_WIDTH, _HEIGHT = 1000, 640
_COLUMNS = ("scan", "as_of", "wall_seconds", "scan_seconds", "drained_seconds", "waiting")


def write(outcome: Outcome, folder: Path) -> None:
    """Write one row a scan, and the plot of every service's memory."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted({name for one in outcome.samples for name in one.rss_mb})
    with (folder / f"soak-{outcome.profile.name}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_COLUMNS, *names])
        for one in outcome.samples:
            memory = [round(one.rss_mb.get(name, 0.0), 1) for name in names]
            seconds = [
                "" if value is None else round(value, 2)
                for value in (one.wall_seconds, one.scan_seconds, one.drained_seconds)
            ]
            writer.writerow([one.scan, one.as_of, *seconds, one.waiting, *memory])
    (folder / f"soak-{outcome.profile.name}.html").write_text(figure(outcome.samples).to_html())


async def picture(outcome: Outcome, folder: Path) -> None:
    """Take a picture of the plot."""
    plot = folder / f"soak-{outcome.profile.name}.html"
    async with open_page(plot.absolute().as_uri(), width=_WIDTH, height=_HEIGHT) as page:
        await page.locator(".js-plotly-plot .main-svg").first.wait_for()
        await page.screenshot(path=plot.with_suffix(".png"))


def figure(samples: Sequence[Sample]) -> go.Figure:
    """Draw each service's memory over the scans, and below it what each scan left to be done."""
    scans = [one.scan for one in samples]
    drawn = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.7, 0.3], vertical_spacing=0.06)
    for service in SERVICES:
        memory = [one.rss_mb.get(service) for one in samples]
        drawn.add_trace(go.Scatter(name=service, x=scans, y=memory), row=1, col=1)
    drained = [one.drained_seconds for one in samples]
    drawn.add_trace(go.Scatter(name="left by the scan", x=scans, y=drained), row=2, col=1)
    drawn.update_layout(template="plotly_white", width=_WIDTH, height=_HEIGHT, margin={"t": 20})
    drawn.update_yaxes(title="resident memory, MB", rangemode="tozero", row=1, col=1)
    drawn.update_yaxes(title="worked off in, s", rangemode="tozero", row=2, col=1)
    drawn.update_xaxes(title="scans", row=2, col=1)
    return drawn


def summary(outcome: Outcome) -> str:
    """Say in words how a run went."""
    profile, samples = outcome.profile, outcome.samples
    counted = samples[profile.warm_up :]
    account = f"{outcome.decisions} symbol-scans and {len(outcome.broken)} faults"
    lines = [f"\n{profile.name}, seed {outcome.seed}: {account} in {outcome.wall_seconds:.0f} s"]
    if profile.bound_mb and counted:
        lines += ["service       start MB   end MB  grew MB (Theil–Sen)"]
        lines += [
            f"{name:<12} {counted[0].rss_mb.get(name, 0.0):>9.1f}"
            f" {counted[-1].rss_mb.get(name, 0.0):>8.1f} {growth(counted, name):>8.2f}"
            for name in (*SERVICES, "exchange-sim", "nats-server")
        ]
        left = [one.waiting for one in counted]
        drained = [one.drained_seconds for one in counted if one.drained_seconds is not None]
        lines += [f"left by a scan: {median(left):.0f} messages, at most {max(left)}"]
        lines += [f"worked off in {median(drained):.1f} s, at most {max(drained):.1f}"]
    lines += [f"BREACH {one}" for one in outcome.breaches[:60]] or ["everything held"]
    return "\n".join(lines)
