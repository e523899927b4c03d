"""The health check of every image: `ready.py PORT PATH` ends with 0 when 200 is answered there.

It asks over a bare socket: urllib takes ten times as long to import as the question takes.
"""

import socket
import sys

_PATIENCE_SECONDS = 5.0


def main() -> int:
    """Ask the service in this container; return the exit code."""
    port, path = sys.argv[1:]
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=_PATIENCE_SECONDS) as one:
            one.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            answer = one.makefile("rb").read().decode(errors="replace")
    except OSError as error:
        print(f"no answer on port {port}: {error}")
        return 1
    status = answer.partition("\r\n")[0]
    if status.split()[1:2] != ["200"]:
        print(answer.rpartition("\r\n\r\n")[2] or status or "an empty answer")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
