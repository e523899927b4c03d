"""Pure planning: prices, costs, gates, decisions, and how plans end."""
