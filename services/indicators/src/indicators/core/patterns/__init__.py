"""Candlestick patterns for markets that never close: own definitions, trend context included.

Every pattern is written once, as if it were bullish, and read a second time on the mirrored candles
(prices negated, high and low swapped) for its bearish twin: hammer and shooting star, hanging man
and inverted hammer cannot drift apart. Markets without a closing bell have no gaps, so "opens below
the previous close" means "not more than 0.05 ATR above it".
"""
