"""Venues on loopback: serve an invented or a recorded market as the real ones would.

Answers Binance USD-M, Binance spot data, Bybit linear (REST and streams), the archive of Binance
Vision and `/sim/*` commands, all on one address; publishes nothing on the bus.
"""
