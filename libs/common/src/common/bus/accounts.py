"""The broker's accounts as nats-server reads them: `python -m common.bus.accounts FILE`.

Passwords are never in that file: it includes `passwords.conf`, made where the broker runs.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from common.bus.permissions import USERS, Rights, rights_of

PASSWORDS_FILE: Final = "passwords.conf"

_HEAD: Final = f"""\
# Written by `python -m common.bus.accounts` from common/bus/permissions.py; do not edit.
# {PASSWORDS_FILE} holds one line a user, such as `{{variable}}: "…"`, and is never committed.
include "{PASSWORDS_FILE}"

"""


def variable(user: str) -> str:
    """Return the name under which the broker's files keep a user's password."""
    return f"NATS_{user.upper().replace('-', '_')}_PASSWORD"


def passwords(known: Mapping[str, str]) -> str:
    """Return the text of `passwords.conf`; every user must have a password."""
    return "".join(f"{variable(user)}: {json.dumps(known[user])}\n" for user in USERS)


def accounts() -> str:
    """Return the text of `accounts.conf`: the scanner's account, and the broker's own, unused."""
    users = "\n".join(_user(name, rights_of(name)) for name in USERS)
    return (
        _HEAD.replace("{variable}", variable(USERS[0]))
        + "accounts {\n  SCANNER {\n    jetstream: enabled\n    users: [\n"
        + users
        + "\n    ]\n  }\n  SYS { users: [] }\n}\nsystem_account: SYS\n"
    )


def _user(name: str, rights: Rights) -> str:
    lines = [
        "      {",
        f"        user: {json.dumps(name)}, password: ${variable(name)}",
        "        permissions: {",
        *_rule("publish", rights.publish, rights.never_publish),
        *_rule("subscribe", rights.subscribe, ()),
    ]
    if rights.replies is not None:
        count, within = rights.replies
        lines.append(f'          allow_responses: {{ max: {count}, expires: "{within}" }}')
    return "\n".join((*lines, "        }", "      }"))


def _rule(verb: str, allowed: Sequence[str], denied: Sequence[str]) -> list[str]:
    lines = [f"          {verb}: {{", *_subjects("allow", allowed)]
    return [*lines, *(_subjects("deny", denied) if denied else ()), "          }"]


def _subjects(word: str, subjects: Sequence[str]) -> list[str]:
    return [
        f"            {word}: [",
        *(f"              {json.dumps(subject)}" for subject in subjects),
        "            ]",
    ]


def main() -> None:
    """Write the file named on the command line, or print it."""
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(accounts(), encoding="utf-8")
    else:
        sys.stdout.write(accounts())


if __name__ == "__main__":
    main()
