"""Run the api, or `python -m api keys create|list|revoke`."""

import argparse
import os
import sys
from pathlib import Path

from api.adapters.key_file import KeyFile
from api.core.keys import Permission
from api.handlers import keys
from api.settings import ApiSettings
from common.errors import ScannerError
from common.service import main
from common.settings import SettingsSource


def _keys(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="api keys", description="Keys that open the REST API.")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key; it is shown once")
    create.add_argument("--name", required=True, help="whose it is")
    create.add_argument(
        "--allow",
        nargs="+",
        default=[Permission.READ.value],
        metavar="PERMISSION",
        help=f"of {', '.join(Permission)}; read unless others are named",
    )
    commands.add_parser("list", help="show every key, revoked ones too")
    revoke = commands.add_parser("revoke", help="make a key worthless at once")
    revoke.add_argument("id", help="the eight letters that list shows")
    asked = parser.parse_args(arguments)
    try:
        path = SettingsSource.load(os.environ).read(ApiSettings).keys_file
        file = KeyFile(Path(path))
        match asked.command:
            case "create":
                print(keys.create(file, name=asked.name, permissions=asked.allow))
                print("Keep it: only its hash is stored.", file=sys.stderr)
            case "list":
                print("\n".join(keys.listed(file)) or f"no keys in {path}")
            case _:
                keys.revoke(file, asked.id)
                print(f"{asked.id} is revoked")
    except ScannerError as error:
        print(f"api: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["keys"]:
        sys.exit(_keys(sys.argv[2:]))
    from api.app import wire  # the keys' command need not wait for the web

    main("api", wire)
