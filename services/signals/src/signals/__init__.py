"""Score a contract: consumes `IndicatorFrame`, publishes `Signal`.

Keeps nothing between messages: the same frame gives the same signal on any replica, at any time.
"""
