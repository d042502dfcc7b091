"""Files and words that would take all memory or never end."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from compositing.camera.formats import read_camera
from compositing.errors import CompositingError
from compositing.gltf import read_model
from stylize.comp.mattes.given import read_matte
from stylize.comp.pictures import read_light
from stylize.diffusion.families import ALL_FAMILIES
from stylize.diffusion.single_file.header import Header
from stylize.diffusion.single_file.prediction import scheduler_config
from stylize.edge.live.manifest import read_live_manifest
from stylize.errors import FootageError, ModelError, UsageError
from stylize.footage import probe
from stylize.footage.clip import Clip
from stylize.footage.keyframes.painting import read_painting
from stylize.footage.read_still import size_of
from stylize.jobs.batch import read_jobs
from stylize.jobs.frame_ranges import parse_frames
from tests.attacks.conftest import Typed, bounded, refused


def write_png(path: Path, width: int, height: int) -> Path:
    """A true PNG of one colour, as small as its packing makes it: 60000 x 60000 take ten megabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = zlib.compressobj(1)
    lines = min(height, 2000)  # the header is what counts
    data = row.compress(b"\0" * (1 + width) * lines) + row.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    return path


def write_exr_header(path: Path, width: int, height: int) -> Path:
    """A small EXR whose header claims another size."""
    import OpenEXR

    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {"RGB": np.zeros((16, 16, 3), np.float16)}) as file:
        file.write(str(path))
    data = path.read_bytes()
    window = struct.pack("<4i", 0, 0, 15, 15)
    assert window in data
    path.write_bytes(data.replace(window, struct.pack("<4i", 0, 0, width - 1, height - 1)))
    return path


@pytest.mark.parametrize("name", ["a.0001.png", "a.0001.exr"])
def test_pictures_too_large_for_any_memory(tmp_path: Path, name: str) -> None:
    writer = write_png if name.endswith("png") else write_exr_header
    file = writer(tmp_path / name, 60000, 60000)
    clip = Clip(file, 16, 16, Fraction(24), Fraction(1, 24), 1)
    with bounded():
        for read in (
            lambda: probe(tmp_path / f"a.%04d{file.suffix}"),
            lambda: read_light(file),
            lambda: read_matte(file, clip),
            lambda: size_of(file),
        ):
            with pytest.raises(FootageError, match="60000x60000"):
                read()


def psd_header(width: int, height: int) -> bytes:
    """A Photoshop file of RGB that ends where its pixels should begin."""
    return struct.pack(">4sH6xHIIHHIIIH", b"8BPS", 1, 3, height, width, 8, 3, 0, 0, 0, 0)


@pytest.mark.parametrize("side", [30000, 60000])
def test_painted_keys_too_large_for_any_memory(tmp_path: Path, side: int) -> None:
    file = write_png(tmp_path / "3.png", side, side)
    with zipfile.ZipFile(tmp_path / "3.ora", "w") as layers:
        layers.write(file, "mergedimage.png")
    (tmp_path / "3.psd").write_bytes(psd_header(side, side))
    with bounded():
        for name in ("3.png", "3.ora", "3.psd"):
            with pytest.raises(FootageError, match=f"{side}x{side}"):
                read_painting(tmp_path / name)


def test_a_damaged_layered_key_is_refused(tmp_path: Path) -> None:
    """Also one that Pillow takes for a bomb, though its size is read here."""
    with zipfile.ZipFile(tmp_path / "3.ora", "w", zipfile.ZIP_DEFLATED) as layers:
        layers.writestr("mergedimage.png", b"layers of a painting " * 100)
        at = layers.start_dir
    packed = (tmp_path / "3.ora").read_bytes()
    (tmp_path / "3.ora").write_bytes(packed[: at - 12] + b"\xff" * 12 + packed[at:])
    (tmp_path / "3.psd").write_bytes(psd_header(16000, 16000))
    for name in ("3.ora", "3.psd"):
        with bounded(), pytest.raises(FootageError):
            read_painting(tmp_path / name)


def test_a_pipe_is_not_read(tmp_path: Path, typed: Typed) -> None:
    """Opening it would wait for a writer for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with bounded():
        for words in (
            ("shots", pipe),
            ("run", pipe),
            ("key", pipe, "-o", "a.mov"),
            ("camera", pipe, "-o", "a.json"),
            ("run", "--jobs", pipe),
            ("farm", "run", pipe),
            ("styles", "install", pipe),
        ):
            refused(typed(*words))
        for suffix in (".png", ".exr", ".chan", ".json", ".usda", ".gltf"):
            named = tmp_path / f"pipe{suffix}"
            os.mkfifo(named)
            reader = read_light if suffix in (".png", ".exr") else read_camera
            with pytest.raises((FootageError, CompositingError)):
                reader(named)


def test_documents_too_large_for_any_memory(tmp_path: Path) -> None:
    """They take no room on the disk."""
    model = tmp_path / "model.safetensors"
    for name in ("live.json", "model.yaml"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(100 << 30)
    with bounded():
        with pytest.raises(ModelError, match="larger than"):
            read_live_manifest(tmp_path)
        with pytest.raises(ModelError, match="larger than"):
            scheduler_config(Header({}, {}, {}), ALL_FAMILIES["sdxl"], model)


@pytest.mark.parametrize(
    "words",
    [
        ("--rate", "1e400000000"),
        ("--rate", "9" * 100_000),
        ("--rate", "1/0"),
        ("--start", "9" * 100_000 + "f"),
        ("--start", "1e400000000"),
        ("--end", "9" * 5000),
    ],
)
def test_numbers_without_end(clip: Path, typed: Typed, words: tuple[str, str]) -> None:
    with bounded():
        assert len(refused(typed("run", clip, "--dry-run", *words))) < 500


def test_ranges_without_end(tmp_path: Path, clip: Path) -> None:
    jobs = tmp_path / "jobs.toml"
    jobs.write_text(f'[[job]]\nclip = "{clip}"\n[[job.shot]]\nshots = "1-300000000"\nseed = 2\n')
    found = probe(clip)
    with bounded():
        (entry,) = read_jobs(jobs)
        with pytest.raises(UsageError, match="There is no shot 300000000"):
            entry.plan()
        with pytest.raises(UsageError, match="There is no frame 20"):
            parse_frames("0-3000000000", found, range(20))
        with pytest.raises(UsageError, match="cannot be read"):
            parse_frames("0-" + "9" * 5000, found, range(20))
    assert parse_frames("3,0-4x2", found, range(20)) == [0, 2, 3, 4]


def test_a_shot_list_of_long_numbers(tmp_path: Path, clip: Path, typed: Typed) -> None:
    listing = tmp_path / "shots.csv"
    for text in (f"start,end\n0,{'9' * 10_000}\n", 'start,end\n"' + "0" * 200_000 + '",1\n'):
        listing.write_text(text)
        with bounded():
            refused(typed("run", clip, "--dry-run", "--shots", listing))


def gltf(folder: Path, **table: object) -> Path:
    file = folder / "set.gltf"
    file.write_text(
        json.dumps({"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], **table})
    )
    return file


def test_a_set_of_a_thousand_million_corners(tmp_path: Path) -> None:
    """An accessor without a buffer is all zeros, as many as it says."""
    mesh = {"primitives": [{"attributes": {"POSITION": 0}}]}
    accessor = {"componentType": 5126, "type": "VEC3", "count": 10**9}
    file = gltf(tmp_path, nodes=[{"mesh": 0}], meshes=[mesh], accessors=[accessor])
    with bounded(), pytest.raises(CompositingError, match="it has no 1000000000 values"):
        read_model(file)


def test_a_set_with_a_texture_too_large_for_any_memory(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", 30000, 30000)
    file = gltf(
        tmp_path,
        nodes=[{"mesh": 0}],
        meshes=[{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}],
        accessors=[{"componentType": 5126, "type": "VEC3", "count": 3}],
        materials=[{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        textures=[{"source": 0}],
        images=[{"uri": "a.png"}],
    )
    with bounded(), pytest.raises(CompositingError, match="texture of the glTF file cannot be read"):
        read_model(file)


def test_a_camera_of_a_thousand_years(tmp_path: Path) -> None:
    times = np.array([0, 3e10], np.float32).tobytes() + np.zeros((2, 3), np.float32).tobytes()
    (tmp_path / "a.bin").write_bytes(times)
    file = gltf(
        tmp_path,
        nodes=[{"camera": 0}],
        cameras=[{"type": "perspective", "perspective": {"yfov": 0.5}}],
        buffers=[{"uri": "a.bin", "byteLength": len(times)}],
        bufferViews=[{"buffer": 0, "byteLength": 8}, {"buffer": 0, "byteOffset": 8, "byteLength": 24}],
        accessors=[
            {"bufferView": 0, "componentType": 5126, "type": "SCALAR", "count": 2},
            {"bufferView": 1, "componentType": 5126, "type": "VEC3", "count": 2},
        ],
        animations=[
            {
                "samplers": [{"input": 0, "output": 1}],
                "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}}],
            }
        ],
    )
    usd = tmp_path / "a.usda"
    usd.write_text('#usda 1.0\n(endTimeCode = 1e12\nstartTimeCode = 0)\ndef Camera "c" {}\n')
    with bounded():
        for each in (file, usd):
            with pytest.raises(CompositingError, match=r"would have .*e\+1[12] frames"):
                read_camera(each, size=(64, 64), fps=Fraction(24))


def test_a_rate_in_a_camera_file_is_not_counted_out(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"kind": "compositing camera", "fps": "1e400000000", "camera_to_world_m": [],
                                "focal_mm": [], "film_back_mm": [], "size_px": []}))  # fmt: skip
    with bounded(), pytest.raises(CompositingError, match="is no rate"):
        read_camera(file)
