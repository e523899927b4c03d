"""Who asks: a key's holder, or an address without one."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from api.core.keys import Permission


def _always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Someone whose requests are counted together."""

    name: str
    """`key 1f2e3d4c` or `address 192.0.2.1`."""
    permissions: frozenset[Permission]
    stands: Callable[[], bool] = _always
    """Whether their key is still valid: it may be revoked while a stream is open."""


def address_name(address: str | None) -> str:
    """Name a caller by address; an IPv6 address by its /64, which one household has whole."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "address unknown"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return f"address {ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address {getattr(parsed, 'ipv4_mapped', None) or parsed}"


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
