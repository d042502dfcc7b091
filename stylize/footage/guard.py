"""What a file must be before a decoder sees it: a regular file, of a known kind, and of a size that can be held.

ffmpeg knows kinds of files that are lists of other files, addresses on the network, or text drawn as a picture.
None of them is footage, so they are not opened: only the file that was named is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from stylize.errors import FootageError
from stylize.footage.limits import check_pixels
from stylize.system.limits import limits

FILMS = (
    "mov,mp4,m4a,3gp,3g2,mj2 matroska,webm avi mpegts mpegtsraw mpeg mpegvideo m4v h261 h263 h264 hevc vvc av1 obu "
    "ivf nut mxf ogg flv live_flv asf asf_o gif apng dv wtv yuv4mpegpipe mjpeg mjpeg_2000 dnxhd dirac vc1 r3d "
    "cine gxf lxf webp jpegxl_anim avif evc apv cavsvideo avs2 avs3 filmstrip flic roq nuv"
)
SOUND = "wav w64 aiff caf mp3 aac ac3 eac3 flac ogg opus amr au dts truehd wv tta ape"
"""They are opened to say that they hold only sound."""
STILLS = (
    "image2 bmp_pipe dds_pipe dpx_pipe exr_pipe gem_pipe hdr_pipe j2k_pipe jpeg_pipe jpegls_pipe jpegxl_pipe "
    "pam_pipe pbm_pipe pcx_pipe pfm_pipe pgm_pipe pgmyuv_pipe phm_pipe pictor_pipe png_pipe ppm_pipe psd_pipe "
    "qoi_pipe sgi_pipe sunrast_pipe tiff_pipe webp_pipe xwd_pipe"
)
KNOWN = ",".join(f"{FILMS} {SOUND} {STILLS}".split())

OPTIONS = {"format_whitelist": KNOWN, "protocol_whitelist": "file", "pattern_type": "none"}
"""ffmpeg's: a name with `%d` or `*` is one file's, and names no others."""


def open_media(path: Path) -> Any:
    """The file's `av.container.InputContainer`; close it.

    Raises:
        FootageError: it is no regular file, or its pictures are too large.
        av.error.FFmpegError: it is none of the kinds that are read, or broken.
    """
    import av

    check_regular(path)
    container = av.open(f"file:{path}", options=OPTIONS, metadata_errors="replace")
    _check_streams(container, path)
    return container


def open_stream(stream: IO[bytes], name: Path) -> Any:
    """The same of a film that arrives through a pipe; `name` stands for it in messages.

    Raises:
        FootageError: its pictures are too large.
        av.error.FFmpegError: it is none of the kinds that are read, or broken.
    """
    import av

    container = av.open(stream, options=OPTIONS, metadata_errors="replace")
    _check_streams(container, name)
    return container


def _check_streams(container: Any, path: Path) -> None:
    """Closes the container again where its pictures are too large.

    Raises:
        FootageError: they are.
    """
    for stream in container.streams.video:
        if stream.codec_context is None:  # nobody can decode it
            continue
        width, height = stream.codec_context.width, stream.codec_context.height
        if width and height:
            try:
                check_pixels(width, height, path)
            except FootageError:
                container.close()
                raise


def check_regular(path: Path) -> None:
    """Refuses pipes, devices and sockets: reading one may never end.

    Raises:
        FootageError: it is one.
    """
    if path.exists() and not path.is_file():
        raise FootageError("This is not a regular file.", where=path, hint="Copy what it gives into a file.")


def check_picture(path: Path) -> None:
    """Sees that a still picture can be held in memory, by its header, before it is decoded.

    Raises:
        FootageError: it is no regular file, or its file or its picture is too large.
    """
    check_regular(path)
    if path.is_file() and path.stat().st_size > limits().picture_bytes:
        raise FootageError(f"The picture takes more than {limits().picture_bytes >> 30} GiB.", where=path)
    size = header_size(path)
    if size is not None:
        check_pixels(*size, path)


def header_size(path: Path | IO[bytes]) -> tuple[int, int] | None:
    """Width and height of a still by its header; None where PIL knows no such header, or it is broken."""
    from PIL import Image

    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # our own limit counts
    try:
        with Image.open(path) as image:
            return image.size
    except Exception:  # its readers raise whatever a broken header leads them to
        return None
    finally:
        Image.MAX_IMAGE_PIXELS = most
