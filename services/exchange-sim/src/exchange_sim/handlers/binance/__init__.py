"""Binance USD-M futures as a protocol: its routes, parameters, weights, errors and payloads."""
