"""The imports between the project's own modules, read from the source without running it.

An import counts wherever it stands: at the top of a file, inside a function, under TYPE_CHECKING, or as a literal
name that `importlib.import_module` is given.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("stylize", "training", "deflicker", "compositing")

Graph = dict[str, set[str]]
"""For every module, by its dotted name, the project's own modules that it imports."""


def read_modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the four packages, by its dotted name; a package's name stands for its `__init__`."""
    files = (file for package in PACKAGES for file in sorted((root / package).rglob("*.py")))
    return {_module_name(file.relative_to(root)): file for file in files}


def read_graph(modules: Mapping[str, Path]) -> Graph:
    """The imports between `modules`.

    To import the package `stylize` itself, for its version, is none: it loads its public names on request only.
    """
    return {name: set(_own(imported_names(file, name), modules)) - {name} for name, file in modules.items()}


def imported_names(file: Path, module: str) -> Iterator[str]:
    """The dotted names that a file imports: of `from a import b` that is `a.b`, be `b` a module or not."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(package, node)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0] if node.args else None
            if called in ("import_module", "__import__") and isinstance(first, ast.Constant):
                yield str(first.value)


def find_circles(graph: Graph) -> list[list[str]]:
    """Groups of modules that import one another, each sorted (Tarjan 1972: strongly connected components)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for other in sorted(graph[module]):
            if other not in order:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], order[other])
        if lowest[module] == order[module]:
            at = stack.index(module)
            group, stack[at:] = stack[at:], []
            if len(group) > 1:
                circles.append(sorted(group))

    for module in sorted(graph):
        if module not in order:
            visit(module)
    return sorted(circles)


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _absolute(package: str, node: ast.ImportFrom) -> str:
    """The module that a `from` names, its leading dots resolved."""
    if node.level == 0:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _own(names: Iterable[str], modules: Mapping[str, Path]) -> Iterator[str]:
    """The modules that the imported names are, or are defined in; other people's are left out."""
    for name in names:
        parent = name.rpartition(".")[0]
        if name in ("stylize", "stylize.__version__"):
            continue
        if name in modules:
            yield name
        elif parent in modules:
            yield parent
