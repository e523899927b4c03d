"""What services import: how a service is declared, and how it is run.

`runtime` declares a service, `running` keeps it at work, `fate` decides what becomes of each
message, `process` starts and ends the process around it.
"""

from common.process import main
from common.running import Running, run, running
from common.runtime import Handle, Responder, Runtime, Service, Stage, StreamResponder

__all__ = [
    "Handle",
    "Responder",
    "Running",
    "Runtime",
    "Service",
    "Stage",
    "StreamResponder",
    "main",
    "run",
    "running",
]
