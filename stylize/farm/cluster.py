"""A Ray cluster: an embedded one on this machine, or one that runs already. No dashboard, no usage statistics.

No code is taken from the current folder. Ray puts the folder in which its driver connects first on the import path
of every worker, and starts the workers of an embedded cluster in it. A clip's folder may come from anyone, and a
file `cv2.py` in it would be run, so the driver connects in an empty folder of its own.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stylize.errors import MissingPart, StylizeError
from stylize.farm.addresses import check_address
from stylize.footage.outfile import temporary_folder
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
OWN_CODE_ONLY = {
    "PYTHONSAFEPATH": "1",  # Python adds neither the current folder nor a script's own to the import path
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # under `uv run`, Ray would copy the current folder to the workers
}
"""Workers import what is installed and what PYTHONPATH names, nothing that happens to lie in the current folder."""
LONGEST_FOLDER = 9
"""Characters of a temporary folder's name: a socket's whole name has 103 at most on macOS, 107 on Linux."""
PRIVATE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # whatever the system, its nodes then listen on the loopback alone
    "RAY_AUTH_MODE": "token",
}
"""An embedded cluster is private: it is not reachable from outside, and refuses requests without its token."""


@dataclass(frozen=True)
class ResourceRequest:
    """What one worker takes of its node: processors, GPUs or fractions of them, and named resources, such as
    licences, of which the cluster has so many.
    """

    cpus: int = 1
    gpus: float = 0.0
    resources: Mapping[str, float] = field(default_factory=dict)


@contextmanager
def cluster(address: str | None, workers: int, request: ResourceRequest) -> Iterator[Any]:
    """Connects to a cluster, or starts one on this machine for as long as the block lasts; yields `ray`.

    While it connects, the process's current folder is an empty one.

    Args:
        address: `HOST:PORT` of a running cluster's head, `auto` for the one that this machine belongs to, or None.
        workers, request: what an embedded cluster must have room for.

    Raises:
        MissingPart: Ray is not installed.
        UsageError, StylizeError: the cluster cannot be reached, or is of another version.
    """
    if address is not None:
        check_address(address)
    set_environment(embedded=address is None)
    try:
        import ray
    except ImportError as error:
        raise MissingPart(
            "Running on a cluster needs Ray, which is not installed.", hint=install_hint("farm")
        ) from error
    if ray.is_initialized():
        yield ray
        return
    with temporary_folder(_short_folder(), "stylize.") as private:
        empty, session = private / "empty", private / "r"
        empty.mkdir()
        with contextlib.chdir(empty):
            if address is None:
                _start(ray, workers, request, session)
            else:
                _connect(ray, address)
        try:
            yield ray
        finally:
            ray.shutdown()


def _short_folder() -> Path:
    """The system's temporary folder, or /tmp where the names of Ray's sockets would become too long in it."""
    usual = Path(tempfile.gettempdir())
    return usual if len(str(usual)) <= LONGEST_FOLDER or os.name != "posix" else Path("/tmp")


def set_environment(embedded: bool) -> None:
    """Sets Ray's settings for this process and its children. Ray reads them when it is first imported: where it has
    been imported before, an embedded cluster is as open as Ray makes it.
    """
    settings = dict(QUIET)
    if embedded and "ray" not in sys.modules:
        settings |= {**PRIVATE, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    os.environ.update(OWN_CODE_ONLY)


def _start(ray: Any, workers: int, request: ResourceRequest, session: Path) -> None:
    """Starts the cluster. Its logs and sockets lie in `session`, inside a folder that nobody else can enter: in the
    system's temporary folder Ray would let everybody read and write them."""
    from stylize.system.machine import usable_cores

    resources = {name: amount * workers for name, amount in request.resources.items()}
    ray.init(
        address="local",
        num_cpus=max(usable_cores(), workers * request.cpus),
        resources=resources or None,
        include_dashboard=False,
        _temp_dir=str(session),
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
        message = " ".join(str(error).split())
        if "ersion" in message:
            raise StylizeError(
                f"The cluster's Ray or Python is of another version: {message}", where=address,
                hint="install the same versions on every machine",
            ) from error  # fmt: skip
        raise StylizeError(
            f"The cluster cannot be joined: {message}", where=address,
            hint="drive the run on a machine of the cluster, or use stylize farm submit",
        ) from error  # fmt: skip
