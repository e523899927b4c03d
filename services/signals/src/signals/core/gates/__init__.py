"""Named reasons not to trade: each measured, none hides another."""
