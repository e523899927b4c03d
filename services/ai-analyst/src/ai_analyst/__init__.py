"""The analyst: explains what the scanner decided, from its facts and through a local model.

Consumes Signal, TradePlan, Rejection, Derivatives, ScanCompleted and Outcome; answers
`analyst.request.chat` in parts and the requests about conversations; publishes AnalystNote.
Every number it lets through was checked against a fact.
"""
