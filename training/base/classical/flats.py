"""Flat colour areas: superpixels, merged while their colours are alike."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import graph, segmentation


def flat_areas(
    image: NDArray[np.float32], areas: int = 900, compactness: float = 6.0, alike: float = 6.0
) -> NDArray[np.float32]:
    """Replaces every area of like colour by its mean colour.

    Args:
        image: (H, W, 3) float32 RGB in [0, 1], already smoothed.
        areas: superpixels to start from.
        compactness: how far superpixels keep to a grid rather than to colour (SLIC's m).
        alike: distance in CIE Lab under which neighbours are one area.

    Returns:
        (H, W, 3) float32 RGB.

    Source: Achanta et al., "SLIC Superpixels", PAMI 2012; merging on the region adjacency graph.
    """
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    labels = segmentation.slic(image, areas, compactness=compactness, start_label=1)
    adjacency = graph.rag_mean_color(lab, labels)
    merged = graph.merge_hierarchical(
        labels,
        adjacency,
        thresh=alike,
        rag_copy=False,
        in_place_merge=True,
        merge_func=_merge_colours,
        weight_func=_colour_distance,
    )
    return _round_corners(_paint_means(image, merged))


def _round_corners(flats: NDArray[np.float32]) -> NDArray[np.float32]:
    """Superpixels end in stair steps; a median rounds them and a touch of blur anti-aliases them."""
    rounded = cv2.medianBlur((flats * 255).round().astype(np.uint8), 5).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(rounded, (0, 0), 0.6), np.float32)


def _colour_distance(adjacency: graph.RAG, source: int, target: int, neighbour: int) -> dict[str, float]:
    gap = adjacency.nodes[target]["mean color"] - adjacency.nodes[neighbour]["mean color"]
    return {"weight": float(np.linalg.norm(gap))}


def _merge_colours(adjacency: graph.RAG, source: int, target: int) -> None:
    into, gone = adjacency.nodes[target], adjacency.nodes[source]
    into["total color"] += gone["total color"]
    into["pixel count"] += gone["pixel count"]
    into["mean color"] = into["total color"] / into["pixel count"]


def _paint_means(image: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float32]:
    flat = labels.ravel()
    count = np.maximum(np.bincount(flat), 1)
    means = np.stack([np.bincount(flat, image[..., c].ravel()) / count for c in range(3)], axis=1)
    return means[flat].reshape(image.shape).astype(np.float32)
