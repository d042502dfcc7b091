"""What the live page's server hands out: the page, the live models, and the runtime that draws with them.

The page draws by itself: no picture leaves the browser. The server is there because browsers give a camera, and
threads, only to pages with an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from stylize.edge.live.manifest import LiveManifest, Precision, check_live_file, read_live_manifest
from stylize.errors import MissingPart
from stylize.report.guard import Guard

HERE = Path(__file__).parent
PAGE = {
    "": HERE / "live.html",
    "live.js": HERE / "live.js",
    "worker.js": HERE / "worker.js",
    "live.css": HERE / "live.css",
    "page.css": HERE.parent / "page" / "page.css",
}
RUNTIME = HERE / "runtime"
RUNTIME_FILES = (
    "ort.wasm.bundle.min.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.jspi.bundle.min.mjs",
    "ort-wasm-simd-threaded.jspi.wasm",
)
"""Of onnxruntime-web: for processors, and with WebGPU."""
POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
        "style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    ),
    # Only a page that is cut off from others gets memory that its threads share.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(self), microphone=()",
}
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".onnx": "application/octet-stream"}


def create_live_app(folders: Sequence[Path], token: str | None = None) -> Guard:
    """The live page with these models; the first is chosen when the page opens.

    Args:
        folders: live models, each a folder with a manifest.
        token: what callers must have; None where only this machine is listened to.

    Raises:
        ModelError: a model is not whole.
        MissingPart: the runtime for browsers is not here.
    """
    missing = [name for name in RUNTIME_FILES if not (RUNTIME / name).is_file()]
    if missing:
        raise MissingPart(
            f"The part that draws in browsers, onnxruntime-web, is not here: {missing[0]}.",
            hint="run scripts/web-runtime in the project's folder (it needs npm), or draw here: stylize live 0",
        )
    files, models = _models(folders)
    files |= {f"/{name}": path for name, path in PAGE.items()}
    files |= {f"/runtime/{name}": RUNTIME / name for name in RUNTIME_FILES}

    async def answer(request: Request) -> Response:
        path = request.url.path
        if path == "/models.json":
            return JSONResponse(models, headers=POLICY)
        file = files.get(path)
        if file is None:
            return PlainTextResponse("There is nothing here.", 404)
        kept = {"Cache-Control": "private, max-age=86400"} if path.startswith("/runtime/") else {}
        return FileResponse(file, media_type=TYPES.get(file.suffix), headers=POLICY | kept)

    return Guard(Starlette(routes=[Route("/{path:path}", answer, methods=["GET"])]), token)


def _models(folders: Sequence[Path]) -> tuple[dict[str, Path], list[dict[str, object]]]:
    """The address of every network file, and what the page is told of the models."""
    files: dict[str, Path] = {}
    told: list[dict[str, object]] = []
    for number, folder in enumerate(folders):
        manifest = read_live_manifest(folder)
        networks = {}
        for precision, file in manifest.files.items():
            # The digest keeps a browser from drawing with an older version that it has kept.
            address = f"/models/{number}/{file.sha256[:16]}/{file.name}"
            files[address] = check_live_file(folder, file)
            networks[precision] = address
        told.append(_told(manifest, networks))
    return files, told


def _told(manifest: LiveManifest, networks: Mapping[Precision, str]) -> dict[str, object]:
    return {
        "name": manifest.name,
        "version": manifest.version,
        "licence": manifest.licence,
        "short_side": manifest.short_side,
        "grid": manifest.grid,
        "gflop": manifest.gflop,
        "networks": networks,
    }
