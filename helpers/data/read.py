"""Reading what people bring: pictures, masks, depth maps and cut-outs, right or refused with a sentence.

A source is a path, the bytes of a file, a PIL picture or an array.
"""

import io
import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

LARGEST = 4096  # pixels along a side: more would not fit into memory and time on a laptop
SMALLEST = 8  # pixels along a side: in less nothing can be seen
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")  # not those that start another program
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
WIDE = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # grey modes of more than 8 bits


def read_picture(source, name: str | None = None) -> np.ndarray:
    """h w 3 uint8: upright, on white where it was transparent."""
    image, name = _read_image(source, name)
    return np.asarray(_to_rgb(image, 255, name))


def read_mask(source, size: tuple[int, int] | None = None, name: str | None = None) -> np.ndarray:
    """h w float32, 1 where the mask is brighter than the middle; `size` (h, w) is what it must measure.

    Of two values, such as 0 and 1 or 0 and 15, the larger one is the foreground, however dark it is.
    """
    image, name = _read_image(source, name)
    plain = image.mode in ("L", *WIDE) and "transparency" not in image.info
    grey = np.asarray(image if plain else _to_rgb(image, 0, name).convert("L"))
    check_same_size(name, grey.shape, size)
    low, high, noisy = grey.min(), grey.max(), image.format == "JPEG"
    if low < high and not noisy and ((grey == low) | (grey == high)).all():
        return (grey == high).astype(np.float32)
    if low == high == 1 and not noisy:  # some tools write 1 for 255
        return np.ones(grey.shape, np.float32)
    grey = _to_bytes(grey, name)
    if low < high and (15 if noisy else 0) < grey.max() <= 127:
        raise ValueError(f"{name} has many values, and none is bright. Save the mask with two: 0 and 255.")
    return (grey > 127).astype(np.float32)


def read_depth(
    source, scale: float | None = None, inverted: bool = False, size: tuple | None = None, name: str | None = None
) -> np.ndarray:
    """h w float32 metres, 0 where nothing is known.

    A 16-bit PNG holds millimetres; a .npy or a float TIFF holds metres. An 8-bit picture has no unit: 255 stands
    for `scale` metres, or, `inverted`, 0 does (near is bright).
    """
    source, name = _loaded(source, name)
    if isinstance(source, np.ndarray) and source.dtype.kind == "f":
        metres = np.asarray(source, np.float32)
    elif isinstance(source, bytes) and (source.startswith(b"\x93NUMPY") or name.lower().endswith(".npy")):
        metres = _read_npy(source, name)
    else:
        image, name = _read_image(source, name)
        if image.mode == "F":
            metres = np.array(image, np.float32)
        elif image.mode in WIDE:
            metres = np.asarray(image).astype(np.float32) * np.float32(0.001)
        else:
            metres = _depth_from_grey(image, scale, inverted, name)
    check_same_size(name, metres.shape, size)
    return _check_numbers(metres, name)


def read_cutout(source, name: str | None = None) -> np.ndarray:
    """h w 4 uint8, straight alpha, cropped to what is not transparent."""
    image, name = _read_image(source, name)
    if not _is_transparent(image):
        raise ValueError(f"{name} has no alpha channel. Cut the person out and save as PNG with transparency.")
    picture = np.asarray(image.convert("RGBA"))
    ys, xs = np.nonzero(picture[..., 3])
    if len(ys) == 0:
        raise ValueError(f"{name} is transparent everywhere. Cut the person out again.")
    picture = picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    _check_size(picture.shape[1], picture.shape[0], f"what can be seen in {name}", 2)
    return picture


def check_same_size(name: str, shape: tuple, size: tuple | None) -> None:
    """Refuses a mask or depth map whose shape (h, w) is not its picture's."""
    if size is not None and tuple(shape[:2]) != tuple(size[:2]):
        found, wanted = f"{shape[1]} x {shape[0]}", f"{size[1]} x {size[0]}"
        raise ValueError(f"{name} is {found} pixels, its picture {wanted}. Save both at the same size.")


def _read_image(source, name: str | None) -> tuple[Image.Image, str]:
    """A decoded, upright PIL picture from anything a person may give, and the name to use in messages."""
    source, name = _loaded(source, name)
    if isinstance(source, bytes):
        return _decode(source, name), name
    image = source if isinstance(source, Image.Image) else _array_to_image(source, name)
    _check_size(*image.size, name)
    return ImageOps.exif_transpose(image), name


def _loaded(source, name: str | None) -> tuple:
    """The source, a path as the bytes of its file, and the name to use in messages; refuses what is no file."""
    if not isinstance(source, str | Path):
        return source, name or ("the picture" if isinstance(source, Image.Image | bytes) else "the array")
    if not os.path.exists(source):
        raise FileNotFoundError(f"There is no file {source}. Check its name and its folder.")
    if os.path.isdir(source):
        raise ValueError(f"{source} is a folder, and one file is wanted. Name a file in it.")
    if not os.access(source, os.R_OK):
        raise PermissionError(f"{source} may not be read by you. Change its rights.")
    if os.path.getsize(source) == 0:
        raise ValueError(f"{source} is empty (0 bytes). Copy or download it again.")
    return Path(source).read_bytes(), name or str(source)


def _decode(data: bytes, name: str) -> Image.Image:
    """The picture in the bytes of a file, turned upright, or a sentence about what is wrong with it."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ValueError(f"{name} is far over {LARGEST} pixels a side. Make it smaller.") from error
    except BROKEN as error:
        kinds = "PNG, JPEG, WebP, BMP, GIF, TIFF or PPM"
        raise ValueError(f"{name} is empty, or not a picture that can be read. Save it as {kinds}.") from error
    _check_size(*image.size, name)  # before it is decoded
    try:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return image
    except BROKEN as error:
        raise ValueError(f"{name} is damaged or cut off. Copy or download it again.") from error


def _check_size(width: int, height: int, name: str, smallest: int = SMALLEST) -> None:
    """Refuses a picture too large or too small."""
    if max(width, height) > LARGEST:
        raise ValueError(f"{name} is {width} x {height} pixels; at most {LARGEST} a side are read. Make it smaller.")
    if min(width, height) < smallest:
        raise ValueError(f"{name} is {width} x {height} pixels; at least {smallest} a side are needed.")


def _check_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """The same values, or a sentence where one is NaN, infinite or negative."""
    bad = ~np.isfinite(values) | (values < 0)
    if bad.any():
        raise ValueError(f"{name} has {bad.sum():,} values that are NaN, infinite or negative. Write 0 for unknown.")
    return values


def _to_bytes(values: np.ndarray, name: str) -> np.ndarray:
    """Numbers of any usual range (0..1 floats, 8 or 16 bits) as uint8, scaled and never clipped."""
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    if values.dtype == np.uint8:
        return values
    top = 1.0 if values.dtype.kind == "f" else 65535.0
    if values.dtype.kind in "iu" and values.max() <= 255:
        top = 255.0  # 8 bits in larger numbers, as lists, sums and some programs give them
        if values.dtype == np.uint16:
            warnings.warn(f"{name} is 16 bits deep, but its values end at 255: it is read as 8 bits.", stacklevel=2)
    if values.dtype.kind not in "fiu" or _check_numbers(values, name).max() > top:
        raise ValueError(f"{name} has values beyond {top:g}: give uint8, uint16, or floats from 0 to 1.")
    return np.rint(values * (255.0 / top)).astype(np.uint8)


def _array_to_image(array, name: str) -> Image.Image:
    """A PIL picture of an array h w, h w 1|3|4 (or 1|3|4 h w, as tensors have it)."""
    array = np.asarray(array)
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = np.moveaxis(array, 0, 2)  # 3 h w -> h w 3
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or array.size == 0:
        raise ValueError(f"{name} has the shape {array.shape}; give height x width, or height x width x 3 or 4.")
    return Image.fromarray(np.ascontiguousarray(_to_bytes(array, name)))


def _is_transparent(image: Image.Image) -> bool:
    """Whether the picture has an alpha channel, or a colour that counts as transparent."""
    return image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info


def _to_rgb(image: Image.Image, ground: int, name: str) -> Image.Image:
    """The same picture as RGB; where it is transparent, a grey `ground` (0..255) shows through."""
    if image.mode in WIDE:  # PIL alone would clip 16-bit grey to white
        image = Image.fromarray(_to_bytes(np.asarray(image), name))
    if _is_transparent(image):
        below = Image.new("RGBA", image.size, (ground, ground, ground, 255))
        image = Image.alpha_composite(below, image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _read_npy(data: bytes, name: str) -> np.ndarray:
    """The floats in the bytes of a .npy file, h w float32."""
    try:
        values = np.load(io.BytesIO(data), allow_pickle=False)
    except (*BROKEN, MemoryError) as error:  # a false header may ask for more memory than there is
        raise ValueError(f"{name} is not a whole .npy file of plain numbers. Save it with numpy.save.") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.dtype.kind != "f":
        raise ValueError(f"{name} must hold height x width floats in metres.")
    _check_size(values.shape[1], values.shape[0], name)
    return np.array(values, np.float32)


def _depth_from_grey(image: Image.Image, scale: float | None, inverted: bool, name: str) -> np.ndarray:
    """Metres from an 8-bit grey picture in which 255 (0 where inverted) stands for `scale` metres."""
    if not scale or scale <= 0:
        raise ValueError(f"{name} is an 8-bit picture, which has no unit. Give depth_scale, the metres that 255 means.")
    colours = np.asarray(image.convert("RGB")).astype(np.int16)
    if np.abs(colours - colours[..., 1:2]).max() > 40:
        raise ValueError(f"{name} is coloured, and a depth map is grey. Save the depth itself, not a picture of it.")
    grey = colours[..., 1].astype(np.float32)
    return (255 - grey if inverted else grey) * (scale / 255)
