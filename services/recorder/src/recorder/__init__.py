"""Consumes every durable fact but IndicatorFrame and writes it to Postgres; publishes nothing.

The database is off the hot path: while Postgres is away the streams keep, and the recorder catches
up. IndicatorFrames are not stored: they can be computed again from the candles. What came before
the first scan is read from Binance Vision's files: `python -m recorder backfill`.
"""
