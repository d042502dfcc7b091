"""Nobody is told anything: the telemetry of the packages that have some is off before they are imported.

OpenVINO's tools would look up an analytics service and keep a client's id in the home folder; without the package
`openvino_telemetry` they use a stub of their own. ONNX Runtime would queue events. The variables hold for every
process that this one starts.
"""

from __future__ import annotations

import os
import sys

OFF = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
ABSENT = ("openvino_telemetry",)
"""Packages that report and nothing else: importing one fails as if it were not installed."""


def silence() -> None:
    """Switches it off for this process and its children. It costs nothing, and may be called again."""
    os.environ.update(OFF)
    for name in ABSENT:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
