"""The bus over NATS JetStream, on nats-py's connection with our own pulls and acknowledgements.

nats-py's fetch loses what arrives while it is cancelled and does not notice a broker that died
with a pull outstanding; ours gives back what nobody took and asks again.
"""

from common.bus.nats.bus import NatsBus

__all__ = ["NatsBus"]
