"""Turn candles into numbers: consumes `CandleSet`, publishes `IndicatorFrame`, answers charts.

Every timeframe's closed candles become one column per indicator and candlestick pattern, by
TradingView's conventions; the last 64 rows leave with every scan. `indicators.request.frame`
answers with one timeframe's whole window, computed on demand from the contract's last CandleSet.
Keeps nothing between messages: the same candles give the same frame on any replica, at any time.
"""
