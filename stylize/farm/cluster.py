"""A Ray cluster: an embedded one on this machine, or one that runs already. No dashboard, no usage statistics."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stylize.errors import MissingPart, StylizeError, UsageError
from stylize.system.dependencies import install_hint

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_enable_metrics_collection": "0",
    # A node that stopped answering is given up after 8 s instead of a minute.
    "RAY_health_check_initial_delay_ms": "2000",
    "RAY_health_check_period_ms": "2000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}
"""Ray reads its settings from the environment, and its own processes inherit it."""
ALONE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # whatever the system, its nodes then listen on the loopback alone
    "RAY_AUTH_MODE": "token",
}
"""An embedded cluster is nobody else's: it is not to be seen from outside, and takes no words without its token."""


@dataclass(frozen=True)
class Share:
    """What one worker takes of its node: processors, GPUs or fractions of them, and named resources, such as
    licences, of which the cluster has so many.
    """

    cpus: int = 1
    gpus: float = 0.0
    resources: Mapping[str, float] = field(default_factory=dict)


@contextmanager
def cluster(address: str | None, workers: int, share: Share) -> Iterator[Any]:
    """Connects to a cluster, or starts one on this machine for as long as the block lasts; yields `ray`.

    Args:
        address: `HOST:PORT` of a running cluster's head, `auto` for the one that this machine belongs to, or None.
        workers, share: what an embedded cluster must have room for.

    Raises:
        MissingPart: Ray is not installed.
        UsageError, StylizeError: the cluster cannot be reached, or is of another version.
    """
    if address is not None:
        check_address(address)
    set_environment(alone=address is None)
    try:
        import ray
    except ImportError as error:
        raise MissingPart(
            "Running on a cluster needs Ray, which is not installed.", hint=install_hint("farm")
        ) from error
    if ray.is_initialized():
        yield ray
        return
    if address is None:
        _start(ray, workers, share)
    else:
        _connect(ray, address)
    try:
        yield ray
    finally:
        ray.shutdown()


def set_environment(alone: bool) -> None:
    """Ray's settings for this process and its children. Ray reads them when it is first imported: where someone has
    imported it already, an embedded cluster is as open as Ray makes it.
    """
    settings = dict(QUIET)
    if alone and "ray" not in sys.modules:
        settings |= {**ALONE, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def _start(ray: Any, workers: int, share: Share) -> None:
    from stylize.system.machine import usable_cores

    known = {name: amount * workers for name, amount in share.resources.items()}
    ray.init(
        address="local",
        num_cpus=max(usable_cores(), workers * share.cpus),
        resources=known or None,
        include_dashboard=False,
        log_to_driver=False,
        configure_logging=False,
        logging_level=logging.ERROR,
    )


def _connect(ray: Any, address: str) -> None:
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, logging_level=logging.ERROR)
    except ConnectionError as error:
        raise StylizeError(
            "No Ray cluster can be joined from here.",
            where=address,
            hint="start one with `ray start --head`, join it here with `ray start --address HOST:PORT`, "
            "or leave --address out to run on this machine alone",
        ) from error
    except RuntimeError as error:
        words = " ".join(str(error).split())
        if "ersion" in words:
            raise StylizeError(
                f"The cluster's Ray or Python is of another version: {words}", where=address,
                hint="install the same versions on every machine",
            ) from error  # fmt: skip
        raise StylizeError(
            f"The cluster cannot be joined: {words}", where=address,
            hint="drive the run on a machine of the cluster, or use stylize farm submit",
        ) from error  # fmt: skip


def check_address(address: str) -> None:
    """Tries the port: Ray itself would wait for half a minute.

    Raises:
        UsageError: it is no address. StylizeError: nothing answers there.
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
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
    except (OSError, OverflowError) as error:
        raise StylizeError(
            "Nothing answers at this address.",
            where=address,
            hint="is the cluster's head up, and its port (6379 by default) open to this machine?",
        ) from error
