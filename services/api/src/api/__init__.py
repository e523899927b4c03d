"""Answers other bots over HTTP: history from Postgres, marks and events from the bus.

Consumes nothing durably and publishes nothing; a scan on demand is a question to the fetcher. How
plans ended is told over the bus as well, to the dashboard.
"""
