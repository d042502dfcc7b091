"""Makes ONNX files smaller: as exported, an eighth of a small network is names and repeated constants."""

from __future__ import annotations

from typing import Any

import numpy as np

MIN_HALVED = 64
"""Weights with fewer values are not worth an operation that widens them."""
SCALED = ("QuantizeLinear", "DequantizeLinear")


def compact(model: Any, *, halve: bool) -> None:
    """Makes an ONNX model smaller, in place; what it computes stays the same.

    Weights keep their names; values between operations get short ones.

    Args:
        halve: store floating-point weights in half precision, as checkpoints do; they are widened on loading.
    """
    graph = model.graph
    _share_constants(graph)
    _resolve_aliases(graph)
    _drop_zero_points(graph)
    if halve:
        _halve(graph)
    _drop_unused(graph)
    _shorten(graph)


def _share_constants(graph: Any) -> None:
    """Replaces equal constants, and equal scalar weights, by one weight with a short name."""
    names: dict[tuple[int, tuple[int, ...], bytes], str] = {}
    renamed: dict[str, str] = {}
    shared = []

    def share(tensor: Any, old: str) -> None:
        key = (tensor.data_type, tuple(tensor.dims), _array(tensor).tobytes())
        if key not in names:
            names[key] = f"c{len(names)}"
            shared.append(type(tensor).FromString(tensor.SerializeToString()))
            shared[-1].name = names[key]
        renamed[old] = names[key]

    nodes, weights = [], []
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            share(node.attribute[0].t, node.output[0])
        else:
            nodes.append(node)
    for weight in graph.initializer:
        if not weight.dims:
            share(weight, weight.name)
        else:
            weights.append(type(weight).FromString(weight.SerializeToString()))
    del graph.initializer[:]
    graph.initializer.extend([*weights, *shared])
    _replace(graph, nodes, renamed)


def _resolve_aliases(graph: Any) -> None:
    """Points every use of a copied weight at the weight itself.

    torch's exporter keeps one of several equal weights and copies it to the other names, sometimes after their
    first use, which ONNX Runtime refuses.
    """
    weights = {each.name for each in graph.initializer}
    copies = [node for node in graph.node if node.op_type == "Identity" and node.input[0] in weights]
    renamed = {node.output[0]: node.input[0] for node in copies}
    _replace(graph, [node for node in graph.node if node.output[0] not in renamed], renamed)


def _drop_zero_points(graph: Any) -> None:
    """Leaves out zero points that are zero, as those of symmetric weights are: that is the default."""
    weights = {each.name: each for each in graph.initializer}
    for node in graph.node:
        if node.op_type != "DequantizeLinear" or len(node.input) < 3 or node.input[0] not in weights:
            continue
        zero = weights.get(node.input[2])
        if zero is not None and not _array(zero).any():
            del node.input[2]


def _halve(graph: Any) -> None:
    """Stores weights in half precision. Scales stay fp32: they set the type of what is computed with them."""
    from onnx import TensorProto, helper, numpy_helper

    scales = {name for node in graph.node if node.op_type in SCALED for name in node.input[1:]}
    widened = []
    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT or weight.name in scales:
            continue
        values = _array(weight)
        if values.size < MIN_HALVED or np.abs(values).max() > np.finfo(np.float16).max:
            continue
        narrow = f"{weight.name}_half"
        widened.append(helper.make_node("Cast", [narrow], [weight.name], to=TensorProto.FLOAT))
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), narrow))
    _replace(graph, [*widened, *graph.node], {})


def _drop_unused(graph: Any) -> None:
    used = {name for node in graph.node for name in node.input} | {port.name for port in graph.output}
    kept = [each for each in graph.initializer if each.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _shorten(graph: Any) -> None:
    """Takes names and comments off operations, and gives values between them short names."""
    ports = {port.name for port in (*graph.input, *graph.output)}
    renamed: dict[str, str] = {}
    for node in graph.node:
        node.ClearField("name")
        node.ClearField("doc_string")
        for place, name in enumerate(node.output):
            if name and name not in ports:
                renamed[name] = node.output[place] = f"v{len(renamed)}"
    _replace(graph, list(graph.node), renamed)
    del graph.value_info[:]


def _replace(graph: Any, nodes: list[Any], renamed: dict[str, str]) -> None:
    """Sets the graph's operations, with the values that they read renamed."""
    for node in nodes:
        for place, name in enumerate(node.input):
            if name in renamed:
                node.input[place] = renamed[name]
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def _array(tensor: Any) -> Any:
    from onnx import numpy_helper

    return numpy_helper.to_array(tensor)
