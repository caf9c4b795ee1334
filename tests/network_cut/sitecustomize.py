"""Cuts the network of every Python process that finds this on its path: nothing but loopback is reached.

What a process tries to reach beyond this machine is noted in the file that ``NETWORK_TRIED`` names,
then fails as it would without a network.
"""

import os
import socket
import sys
from pathlib import Path

OURS = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", socket.gethostname()}  # noqa: S104  compared with
ASKING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def host_of(event, arguments):
    if event in ASKING:
        return arguments[0]
    if event in SENDING and isinstance(arguments[1], tuple):
        return arguments[1][0]
    return ""


def guard(event, arguments):
    host = host_of(event, arguments)
    host = host.decode() if isinstance(host, bytes) else host or ""
    if isinstance(host, str) and host not in OURS and not host.startswith("127."):
        with Path(os.environ["NETWORK_TRIED"]).open("a") as noted:
            noted.write(f"{event} {host} {sys.argv}\n")
        raise OSError(101, "Network is unreachable")


sys.addaudithook(guard)
