"""A venue on loopback: serves an invented or a recorded market as a real venue would.

Consumes HTTP requests (Binance USD-M today) and `/sim/*` commands; publishes nothing on the bus.
"""
