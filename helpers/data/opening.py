"""Opening what people give as a picture: a path, the bytes of a file, a PIL picture or an array."""

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


def sized(width: int, height: int, name: str, smallest: int) -> None:
    """Refuses a picture too large or too small, before it is decoded."""
    if max(width, height) > LARGEST:
        raise ValueError(f"{name} is {width} x {height} pixels; at most {LARGEST} a side are read. Make it smaller.")
    if min(width, height) < smallest:
        raise ValueError(f"{name} is {width} x {height} pixels; at least {smallest} a side are needed.")


def there(path: Path) -> None:
    """Refuses a path that is no file, or an empty one."""
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Check its name and its folder.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, and one picture is wanted. Name a file in it.")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"{path} may not be read by you. Change its rights.")
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty (0 bytes). Copy or download it again.")


def _decoded(file, name: str, smallest: int) -> Image.Image:
    """The picture in an open file, turned upright, or a sentence about what is wrong with it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the next lines refuse it anyway
            image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ValueError(f"{name} is far over {LARGEST} pixels a side. Make it smaller.") from error
    except BROKEN as error:
        kinds = "PNG, JPEG, WebP, BMP, GIF, TIFF or PPM"
        raise ValueError(f"{name} is not a picture that can be read. Save it as {kinds}.") from error
    sized(*image.size, name, smallest)
    try:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return image
    except BROKEN as error:
        raise ValueError(f"{name} is damaged or cut off. Copy or download it again.") from error


def opened(source, name: str | None = None, smallest: int = SMALLEST) -> Image.Image:
    """A PIL picture, upright and decoded, from a path, the bytes of a file, or a PIL picture."""
    if isinstance(source, Image.Image):
        sized(*source.size, name or "the picture", smallest)
        return ImageOps.exif_transpose(source)
    if isinstance(source, bytes):
        if not source:
            raise ValueError(f"{name or 'the picture'} is empty (0 bytes). Copy or download it again.")
        return _decoded(io.BytesIO(source), name or "the picture", smallest)
    path = Path(source)
    there(path)
    with open(path, "rb") as file:
        return _decoded(file, name or str(path), smallest)


def numbers(values: np.ndarray, name: str) -> np.ndarray:
    """The same values, or a sentence where one is NaN, infinite or negative."""
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(f"{name} has {bad.sum():,} values that are NaN or infinite. Write 0 where nothing is known.")
    if (values < 0).any():
        raise ValueError(f"{name} has {(values < 0).sum():,} negative values. Write 0 where nothing is known.")
    return values


def bytes_of(values: np.ndarray, name: str) -> np.ndarray:
    """Numbers of any usual range (0..1 floats, 8 or 16 bits) as uint8, scaled and never clipped."""
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    if values.dtype == np.uint8:
        return values
    top = 1.0 if values.dtype.kind == "f" else 65535.0
    if values.dtype.kind in "iu" and values.dtype != np.uint16 and values.max() <= 255:
        top = 255.0  # 8 bits in larger numbers, as lists and sums give them
    if values.dtype.kind not in "fiu" or numbers(values, name).max() > top:
        raise ValueError(f"{name} has values beyond {top:g}: give uint8, uint16, or floats from 0 to 1.")
    return np.rint(values * (255.0 / top)).astype(np.uint8)


def _array_image(array, name: str) -> Image.Image:
    """A PIL picture of an array h w, h w 1|3|4 (or 1|3|4 h w, as tensors have it)."""
    array = np.asarray(array)
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = np.moveaxis(array, 0, 2)  # 3 h w -> h w 3
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or array.size == 0:
        raise ValueError(f"{name} has the shape {array.shape}; give height x width, or height x width x 3 or 4.")
    return Image.fromarray(np.ascontiguousarray(bytes_of(array, name)))


def image_of(source, name: str | None, smallest: int = SMALLEST) -> tuple[Image.Image, str]:
    """A decoded PIL picture from anything a person may give, and the name to use in messages."""
    if isinstance(source, str | Path | bytes | Image.Image):
        image = opened(source, name, smallest)
        return image, name or (str(source) if isinstance(source, str | Path) else "the picture")
    name = name or "the array"
    return opened(_array_image(source, name), name, smallest), name


def same_size(name: str, shape: tuple, size: tuple | None) -> None:
    """Refuses a mask or depth map whose shape (h, w) is not its picture's."""
    if size is not None and tuple(shape[:2]) != tuple(size[:2]):
        found, wanted = f"{shape[1]} x {shape[0]}", f"{size[1]} x {size[0]}"
        raise ValueError(f"{name} is {found} pixels, its picture {wanted}. Save both at the same size.")
