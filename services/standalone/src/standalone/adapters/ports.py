"""TCP ports on loopback: free ones for tests, clear words about taken ones."""

import random
import socket
from collections.abc import Mapping

from common.errors import SettingsError

LOOPBACK = "127.0.0.1"
_RANGE = (12_000, 32_000)  # below the ports that systems give to outgoing connections
_RANDOM = random.SystemRandom()  # two test runners with one seed would draw the same ports


def free_port() -> int:
    """Return a port nobody listens on right now."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """Return the first of `count` consecutive ports nobody listens on right now."""
    while True:
        first = _RANDOM.randrange(*_RANGE)
        if not any(_is_taken(port) for port in range(first, first + count)):
            return first


def require_free(ports: Mapping[str, int]) -> None:
    """Raise SettingsError naming every port that someone else already listens on."""
    taken = [f"{port} (for {name})" for name, port in ports.items() if _is_taken(port)]
    if taken:
        raise SettingsError(
            f"port already in use: {', '.join(taken)}; stop what listens there, or choose another "
            "port in [standalone] of config/scanner.toml"
        )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False
