"""Who may import whom, who may print, what must load quickly, and that a name has one meaning."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.import_map.graph import Graph, find_circles, read_graph, read_modules
from docs.import_map.layers import LAYERS, find_offences, read_arrows

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("deflicker", "compositing")
HEAVY = ("torch", "torchvision", "diffusers", "transformers", "scipy", "scenedetect", "av")
FILM_LIBRARIES = {"av", "ffmpeg", "imageio", "imageio_ffmpeg", "scenedetect"}
MOST_ROOMS = 18
LIGHT_MODULES = (
    "stylize",
    "stylize.errors",
    "stylize.events",
    "stylize.cli",
    "stylize.footage",
    "stylize.config.read_settings",
    "stylize.config.settings",
    "stylize.config.style",
    "stylize.config.resolved",
    "stylize.jobs.plan_run",
    "stylize.pipeline",
    "stylize.cli.health",
)


def modules(*folders: str) -> list[Path]:
    found = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    assert found, f"no modules in {folders}"
    return found


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file names in an import, anywhere in it, with the line."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = absolute(file, node)
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{name.name}") for name in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            literal = node.args and isinstance(node.args[0], ast.Constant)
            if called in ("import_module", "__import__") and literal:
                yield node.lineno, str(node.args[0].value)


def absolute(file: Path, node: ast.ImportFrom) -> str:
    """The module that a `from` names, its leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    package = file.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *(node.module or "").split(".")]).rstrip(".")


def speaking(file: Path) -> Iterator[tuple[int, str]]:
    """Every way to print or to exit that a file uses; to catch another package's exit is none."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    handlers = [node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type]
    caught = {name for handler in handlers for name in ast.walk(handler)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("print", "exit", "quit", "input"):
                yield node.lineno, f"{node.func.id}()"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            dotted = f"{node.value.id}.{node.attr}"
            if dotted in ("sys.exit", "sys.stdout", "sys.stderr", "os._exit", "os.abort"):
                yield node.lineno, dotted
        elif isinstance(node, ast.Name) and node.id == "SystemExit" and node not in caught:
            yield node.lineno, node.id


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(ROOT)}:{line}"


def offences(files: list[Path], tops: set[str]) -> list[str]:
    return [
        f"{place(file, line)} imports {name}"
        for file in files
        for line, name in imported(file)
        if name.split(".")[0] in tops
    ]


@pytest.fixture(scope="module")
def graph() -> Graph:
    return read_graph(read_modules())


def test_no_modules_import_one_another(graph: Graph) -> None:
    assert find_circles(graph) == []


def test_rooms_import_only_what_lies_below_them(graph: Graph) -> None:
    assert find_offences(read_arrows(graph)) == []


def test_every_import_finds_its_module(graph: Graph) -> None:
    """Also those inside functions and for types only, which nothing else runs."""
    packages = ("stylize", "training", *LIBRARIES)
    missing = [
        f"{place(file, line)} imports {name}"
        for file in modules(*packages)
        for line, name in imported(file)
        if name.split(".")[0] in packages and not leads_somewhere(name, graph)
    ]
    assert missing == []


def leads_somewhere(name: str, graph: Graph) -> bool:
    """Whether a name is a module of ours, or something that the module before its last dot defines."""
    home, _, last = name.rpartition(".")
    if name in graph or f"{name}.__init__" in graph or not home:
        return True
    file = ROOT / Path(*home.split("."))
    source = file.with_suffix(".py") if file.with_suffix(".py").is_file() else file / "__init__.py"
    return (
        source.is_file()
        and re.search(rf"\b{re.escape(last)}\b", source.read_text(encoding="utf-8")) is not None
    )


def test_the_top_of_the_package_is_small() -> None:
    top = [path for path in (ROOT / "stylize").iterdir() if path.suffix == ".py" or any(path.rglob("*.py"))]
    rooms = {path.stem for path in top} - {"__init__", "__main__"}
    assert len(rooms) <= MOST_ROOMS
    assert rooms <= {room for layer in LAYERS for room in layer}


@pytest.mark.parametrize("package", ["stylize", "training", *LIBRARIES])
def test_a_class_name_has_one_meaning_in_a_package(package: str) -> None:
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in modules(package))
    names = Counter(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))
    assert sorted(name for name, count in names.items() if count > 1) == []


def test_a_circle_is_seen(tmp_path: Path) -> None:
    """Through a lazy import, one for types only, and a package's own list of names."""
    source = {
        "__init__": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from stylize.jobs import plan",
        "jobs/__init__": "",
        "jobs/plan": "def f():\n    from ..pipeline import run",
        "pipeline": "from stylize import public_name\nimport stylize\nstylize.__version__",
        "alone": "import stylize",
    }
    for name, text in source.items():
        file = tmp_path / "stylize" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    graph = read_graph(read_modules(tmp_path))
    assert find_circles(graph) == [["stylize", "stylize.jobs.plan", "stylize.pipeline"]]
    assert find_offences(read_arrows(graph)) == [("jobs", "pipeline"), ("pipeline", "api")]


def test_libraries_stand_alone() -> None:
    assert offences(modules(*LIBRARIES), {"stylize", "training", "benchmarks", "examples"}) == []


def test_the_product_never_imports_training() -> None:
    """But for its front doors, which list every command."""
    doors = [ROOT / "stylize" / name for name in ("__init__.py", "cli/train", "cli/edge/request.py")]
    files = [file for file in modules("stylize") if not any(file.is_relative_to(door) for door in doors)]
    assert offences(files, {"training", "benchmarks", "examples", "tests"}) == []


def test_training_and_the_product_know_no_command_line() -> None:
    files = [file for file in modules("stylize", "training", *LIBRARIES) if not inside(file, "cli")]
    wrong = [
        f"{place(file, line)} imports {name}"
        for file in files
        for line, name in imported(file)
        if name == "stylize.cli" or name.startswith("stylize.cli.")
    ]
    assert wrong == []


def test_only_the_command_line_prints_and_exits() -> None:
    files = [file for file in modules("stylize", *LIBRARIES) if not inside(file, "cli")]
    assert offences(files, {"typer", "click", "rich", "tqdm"}) == []
    said = [f"{place(file, line)} uses {what}" for file in files for line, what in speaking(file)]
    assert said == []


def test_only_footage_touches_ffmpeg() -> None:
    files = [file for file in modules("stylize", *LIBRARIES) if not inside(file, "footage")]
    assert offences(files, FILM_LIBRARIES) == []
    wrong = [
        f"{place(file, line)} imports {name}"
        for file in files
        for line, name in imported(file)
        if name.endswith("ffmpeg_binary") or name == "stylize.footage.binary"
    ]
    assert wrong == []


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    program = (
        "import importlib, sys\n"
        f"for name in {LIGHT_MODULES!r}:\n"
        "    importlib.import_module(name)\n"
        f"    heavy = [each for each in {HEAVY!r} if each in sys.modules]\n"
        "    assert not heavy, f'{name} imports {heavy}'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "source",
    [
        "import training",
        "from training.base import net",
        "def f():\n    import training.base",
        "import importlib\nimportlib.import_module('training')",
    ],
)
def test_an_offence_is_seen(source: str, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    assert any(name.split(".")[0] == "training" for _, name in imported(file))


@pytest.mark.parametrize("source", ["print(1)", "import sys\nsys.exit(2)", "raise SystemExit"])
def test_speaking_is_heard(source: str, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    assert list(speaking(file))


def inside(file: Path, package: str) -> bool:
    return (ROOT / "stylize" / package) in file.parents
