"""The scanner on a screen: plans, blocked setups, why and why not, live.

Consumes TradePlan, Rejection, Outcome, Signal, Derivatives, Marks, ScanStarted, ScanCompleted,
Heartbeat, ResourceUsage and DeadLetter from their latest; asks the indicators for chart windows,
the fetcher for scans and the venue's time, and the api for how plans ended. Publishes its own
Heartbeat and nothing else.
"""
