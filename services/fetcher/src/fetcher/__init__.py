"""Reads the venue: the universe, closed candles, derivatives; starts and completes scans.

Consumes TradePlan, Rejection and DeadLetter (to count a scan's decisions), Outcome (to know which
plans are open), and the requests ScanRequest and ClockRequest. Publishes ScanStarted, CandleSet,
Bar, Derivatives, ScanCompleted, and Marks to whoever listens.
"""
