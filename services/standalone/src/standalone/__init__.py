"""The whole scanner without containers: one command starts everything and one Ctrl-C ends it.

Starts nats-server and Postgres from their wheels, the simulated venue, and every service as a
process of its own, with the same commands and environment variables that compose would use.
"""
