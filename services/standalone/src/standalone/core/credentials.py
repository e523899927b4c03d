"""Which names and passwords each service is given: its own, and nobody else's."""

from collections.abc import Mapping
from typing import Final

DATABASE_ROLES: Final[Mapping[str, str]] = {
    "recorder": "recorder",
    "api": "api",
    "ai-analyst": "analyst",
}
"""The services that know the database, and the role each has there."""

LOGIN_ROLES: Final = (*DATABASE_ROLES.values(), "reader")
"""Every role that may log in besides the owner; `reader` is for people and their tools."""


def credentials(
    services: tuple[str, ...],
    *,
    bus: Mapping[str, str],
    database: Mapping[str, str],
    database_url: str,
) -> dict[str, dict[str, str]]:
    """Return each service's variables; `bus` and `database` hold passwords by user and by role.

    `database_url` has `{role}` where the role's name belongs.
    """
    given: dict[str, dict[str, str]] = {}
    for name in services:
        given[name] = {"SCANNER_BUS__USER": name, "SCANNER_BUS__PASSWORD": bus[name]}
        role = DATABASE_ROLES.get(name)
        if role is not None:
            given[name]["SCANNER_DATABASE__URL"] = database_url.format(role=role)
            given[name]["SCANNER_DATABASE__PASSWORD"] = database[role]
    given["recorder"]["SCANNER_RECORDER__MIGRATE_AT_START"] = "false"
    return given


def owner(
    *, database: Mapping[str, str], database_url: str, database_password: str
) -> dict[str, str]:
    """Return the variables of `recorder migrate`, which makes the tables and the roles."""
    return {
        "SCANNER_DATABASE__URL": database_url,
        "SCANNER_DATABASE__PASSWORD": database_password,
        **{f"SCANNER_ROLES__{role.upper()}": database[role] for role in LOGIN_ROLES},
    }
