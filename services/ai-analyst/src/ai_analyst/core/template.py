"""The facts themselves as an answer: what people get when no model writes for them."""

# ruff: noqa: E501 - sentences read better whole than wrapped

from typing import Final

from ai_analyst.core.facts import FactTable

_LINES: Final = {
    "en": {
        "plan": "{symbol}: {direction} plan of {as_of}. Entry {entry}, stop {stop}, TP1 {tp1}, TP2 {tp2}, net reward/risk {net_rr}.",
        "none": "{symbol}: {decision}. {reason}",
        "score": "Score {score}, conviction {confidence}, regime {regime}, price {price}.",
        "frames": "{frame}: score {score}, RSI {rsi}, ADX {adx}.",
        "funding": "Funding {funding} every {funding_interval}, open interest over 24 h {oi}.",
        "scan": "Scan of {as_of}: {plans} plans, {blocked} blocked, {no_setup} without a setup, {universe} contracts.",
        "changes": "New plans: {new}. Gone: {gone}.",
        "nothing": "Nothing is known about this yet: no scan has been heard of.",
    },
    "id": {
        "plan": "{symbol}: rencana {direction} dari {as_of}. Entry {entry}, stop {stop}, TP1 {tp1}, TP2 {tp2}, rasio imbalan/risiko bersih {net_rr}.",
        "none": "{symbol}: {decision}. {reason}",
        "score": "Skor {score}, keyakinan {confidence}, regime {regime}, harga {price}.",
        "frames": "{frame}: skor {score}, RSI {rsi}, ADX {adx}.",
        "funding": "Funding {funding} setiap {funding_interval}, open interest 24 jam {oi}.",
        "scan": "Pemindaian {as_of}: {plans} rencana, {blocked} diblokir, {no_setup} tanpa setup, {universe} kontrak.",
        "changes": "Rencana baru: {new}. Hilang: {gone}.",
        "nothing": "Belum ada yang diketahui: belum ada pemindaian.",
    },
}  # fmt: skip


def rendered(table: FactTable, *, language: str) -> str:
    """Write the facts of each contract in a few fixed sentences."""
    say = _LINES.get(language, _LINES["en"])
    lines: list[str] = []
    if "market.scan.universe" in table.by_id:
        lines.append(_filled(say["scan"], table, "market.scan.", "as_of", "plans", "blocked", "no_setup", "universe"))  # fmt: skip
    if "market.changes.new_plans" in table.by_id:
        lines.append(say["changes"].format(
            new=_shown(table, "market.changes.new_plans"), gone=_shown(table, "market.changes.gone_plans")))  # fmt: skip
    for symbol in table.symbols:
        lines += _contract(symbol, table, say)
    return "\n".join(lines) if lines else say["nothing"]


def _contract(symbol: str, table: FactTable, say: dict[str, str]) -> list[str]:
    lines: list[str] = []
    if f"{symbol}.plan.entry" in table.by_id:
        names = ("as_of", "entry", "stop", "tp1", "tp2", "net_rr")
        values = {name: _shown(table, f"{symbol}.plan.{name}") for name in names}
        values["direction"] = _shown(table, f"{symbol}.direction")
        lines.append(f"- {say['plan'].format(symbol=symbol, **values)}")
    else:
        reason = table.by_id.get(f"{symbol}.decision.reason")
        lines.append("- " + say["none"].format(
            symbol=symbol, decision=_shown(table, f"{symbol}.decision"),
            reason=f"{reason.shown}." if reason else "").strip())  # fmt: skip
    if f"{symbol}.score" in table.by_id:
        lines.append(f"  {_filled(say['score'], table, f'{symbol}.', 'score', 'confidence', 'regime', 'price')}")  # fmt: skip
    for frame in ("1d", "4h", "1h"):
        if f"{symbol}.{frame}.score" in table.by_id:
            text = say["frames"].format(
                frame=frame,
                **{name: _shown(table, f"{symbol}.{frame}.{name}") for name in ("score", "rsi", "adx")},
            )  # fmt: skip
            lines.append(f"  {text}")
    if f"{symbol}.funding" in table.by_id:
        text = say["funding"].format(
            funding=_shown(table, f"{symbol}.funding"),
            funding_interval=_shown(table, f"{symbol}.funding_interval"),
            oi=_shown(table, f"{symbol}.open_interest_change_24h"),
        )
        lines.append(f"  {text}")
    return lines


def _filled(line: str, table: FactTable, prefix: str, *names: str) -> str:
    return line.format(**{name: _shown(table, f"{prefix}{name}") for name in names})


def _shown(table: FactTable, fact_id: str) -> str:
    fact = table.by_id.get(fact_id)
    if fact is None:
        return "not known"
    return fact.shown.replace("_", " ") if fact.concept == "regime" else fact.shown
