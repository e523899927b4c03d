"""Decide and follow: consumes `Signal` and `Bar`, publishes every fact under `plans`.

Every signal gets exactly one decision, made from the signal and from plans and outcomes known
strictly before it. Open plans are the only state; they are rebuilt from the planner's own streams.
What they are ended by is candles, and the lack of them: `Delisting` says whether that is for good.
"""
