"""The whole scanner over simulated time, as fast as the machine allows, and what must hold then.

`python -m tests.soak month` runs a simulated month and looks for leaks; `week` has faults all the
way and compares every candle with the venue's own files; `faults` breaks one thing after another;
`short` is a few scans with a few faults, for the default tests. All are profiles of one run.
"""
