"""Addresses of clusters: checked before Ray is asked, which would wait for half a minute."""

from __future__ import annotations

import socket

from stylize.errors import StylizeError, UsageError

CONNECT_S = 5.0


def check_address(address: str) -> None:
    """Sees that something answers at `HOST:PORT`; `auto` is left to Ray.

    Raises:
        UsageError: it is no such address. StylizeError: nothing answers there.
    """
    if "://" in address:
        raise UsageError(
            f"A run cannot be driven through {address.partition('://')[0]}://.",
            where=address,
            hint="give the head's HOST:PORT on a machine of the cluster; from elsewhere, use stylize farm submit",
        )
    if address == "auto":
        return
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdigit()):
        raise UsageError(f"{address!r} is no address.", where="--address", hint="write HOST:PORT: head:6379")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise StylizeError(
            "Nothing answers at this address.",
            where=address,
            hint="is the cluster's head up, and its port (6379 by default) open to this machine?",
        ) from error
