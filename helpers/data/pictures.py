"""Reading pictures, masks, depth maps and cut-outs that people bring: right, or refused with a sentence."""

import io
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


def _sized(width: int, height: int, name: str, smallest: int) -> None:
    """Refuses a picture too large or too small, before it is decoded."""
    if max(width, height) > LARGEST:
        raise ValueError(f"{name} is {width} x {height} pixels; at most {LARGEST} a side are read. Make it smaller.")
    if min(width, height) < smallest:
        raise ValueError(f"{name} is {width} x {height} pixels; at least {smallest} a side are needed.")


def _there(path: Path) -> None:
    """Refuses a path that is no file, or an empty one."""
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Check its name and its folder.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, and one picture is wanted. Name a file in it.")
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
    _sized(*image.size, name, smallest)
    try:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        return image
    except BROKEN as error:
        raise ValueError(f"{name} is damaged or cut off. Copy or download it again.") from error


def opened(source, name: str | None = None, smallest: int = SMALLEST) -> Image.Image:
    """A PIL picture, upright and decoded, from a path, the bytes of a file, or a PIL picture."""
    if isinstance(source, Image.Image):
        _sized(*source.size, name or "the picture", smallest)
        return ImageOps.exif_transpose(source)
    if isinstance(source, bytes):
        if not source:
            raise ValueError(f"{name or 'the picture'} is empty (0 bytes). Copy or download it again.")
        return _decoded(io.BytesIO(source), name or "the picture", smallest)
    path = Path(source)
    _there(path)
    with open(path, "rb") as file:
        return _decoded(file, name or str(path), smallest)


def _numbers(values: np.ndarray, name: str) -> np.ndarray:
    """The same values, or a sentence where one is NaN, infinite or negative."""
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(f"{name} has {bad.sum():,} values that are NaN or infinite. Write 0 where nothing is known.")
    if (values < 0).any():
        raise ValueError(f"{name} has {(values < 0).sum():,} negative values. Write 0 where nothing is known.")
    return values


def _bytes(values: np.ndarray, name: str) -> np.ndarray:
    """Numbers of any usual range (0..1 floats, 8 or 16 bits) as uint8, scaled and never clipped."""
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    if values.dtype == np.uint8:
        return values
    top = 1.0 if values.dtype.kind == "f" else 65535.0
    if values.dtype.kind not in "fiu" or _numbers(values, name).max() > top:
        raise ValueError(f"{name} has values beyond {top:g}: give uint8, uint16, or floats from 0 to 1.")
    return np.rint(values * (255.0 / top)).astype(np.uint8)


def _pixels(image: Image.Image, name: str) -> Image.Image:
    """The same picture with 8 bits a channel: PIL alone would clip 16-bit grey to white."""
    return Image.fromarray(_bytes(np.asarray(image), name)) if image.mode in WIDE else image


def _flat(image: Image.Image, ground: int, name: str) -> Image.Image:
    """The same picture as RGB; where it is transparent, a grey `ground` (0..255) shows through."""
    image = _pixels(image, name)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        below = Image.new("RGBA", image.size, (ground, ground, ground, 255))
        image = Image.alpha_composite(below, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _array_image(array, name: str) -> Image.Image:
    """A PIL picture of an array h w, h w 1|3|4 (or 1|3|4 h w, as tensors have it)."""
    array = np.asarray(array)
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = np.moveaxis(array, 0, 2)  # 3 h w -> h w 3
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or array.size == 0:
        raise ValueError(f"{name} has the shape {array.shape}; give height x width, or height x width x 3 or 4.")
    return Image.fromarray(np.ascontiguousarray(_bytes(array, name)))


def _image(source, name: str | None, smallest: int = SMALLEST) -> tuple[Image.Image, str]:
    """A decoded PIL picture from anything a person may give, and the name to use in messages."""
    if isinstance(source, str | Path | bytes | Image.Image):
        image = opened(source, name, smallest)
        return image, name or (str(source) if isinstance(source, str | Path) else "the picture")
    name = name or "the array"
    return opened(_array_image(source, name), name, smallest), name


def read_picture(source, name: str | None = None) -> np.ndarray:
    """h w 3 uint8 from a path, PIL picture, array or file's bytes: upright, on white where it was transparent."""
    image, name = _image(source, name)
    return np.asarray(_flat(image, 255, name))


def read_mask(source, size: tuple[int, int] | None = None, name: str | None = None) -> np.ndarray:
    """h w float32, 1 where the mask is brighter than the middle; `size` (h, w) is what it must measure."""
    image, name = _image(source, name)
    plain = image.mode == "L" and "transparency" not in image.info
    grey = np.asarray(image if plain else _flat(image, 0, name).convert("L"))
    middle = 0 if grey.max() == 1 and image.format != "JPEG" else 127  # some tools write 0 and 1, not 0 and 255
    same_size(name, grey.shape, size)
    return (grey > middle).astype(np.float32)


def same_size(name: str, shape: tuple, size: tuple | None) -> None:
    """Refuses a mask or depth map whose shape (h, w) is not its picture's."""
    if size is not None and tuple(shape[:2]) != tuple(size[:2]):
        found, wanted = f"{shape[1]} x {shape[0]}", f"{size[1]} x {size[0]}"
        raise ValueError(f"{name} is {found} pixels, its picture {wanted}. Save both at the same size.")


def _read_npy(path: Path) -> np.ndarray:
    """The floats of a .npy file; a map of the file, so that a false header cannot fill the memory."""
    _there(path)
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except BROKEN as error:
        raise ValueError(f"{path} is not a whole .npy file of plain numbers. Save it with numpy.save.") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.dtype.kind != "f":
        raise ValueError(f"{path} must hold height x width floats in metres.")
    _sized(values.shape[1], values.shape[0], str(path), SMALLEST)
    return np.array(values, np.float32)


def read_depth(
    source, scale: float | None = None, inverted: bool = False, size: tuple | None = None, name: str | None = None
) -> np.ndarray:
    """h w float32 metres, 0 where nothing is known.

    A 16-bit PNG holds millimetres; a .npy or a float TIFF holds metres. An 8-bit picture has no unit: 255 stands
    for `scale` metres, or, `inverted`, 0 does (near is bright).
    """
    if isinstance(source, str | Path) and Path(source).suffix.lower() == ".npy":
        name, metres = name or str(source), _read_npy(Path(source))
    elif isinstance(source, np.ndarray) and source.dtype.kind == "f":
        name, metres = name or "the array", np.asarray(source, np.float32)
    else:
        image, name = _image(source, name)
        if image.mode == "F":
            metres = np.array(image, np.float32)
        elif image.mode in WIDE:
            metres = np.asarray(image) * np.float32(0.001)
        else:
            metres = _scaled(image, scale, inverted, name)
    same_size(name, metres.shape, size)
    return _numbers(metres, name)


def _scaled(image: Image.Image, scale: float | None, inverted: bool, name: str) -> np.ndarray:
    """Metres from an 8-bit grey picture in which 255 (0 where inverted) stands for `scale` metres."""
    if not scale or scale <= 0:
        raise ValueError(f"{name} is an 8-bit picture, which has no unit. Give depth_scale, the metres that 255 means.")
    colours = np.asarray(image.convert("RGB")).astype(np.int16)
    if np.abs(colours - colours[..., 1:2]).max() > 40:
        raise ValueError(f"{name} is coloured, and a depth map is grey. Save the depth itself, not a picture of it.")
    grey = colours[..., 1].astype(np.float32)
    return (255 - grey if inverted else grey) * (scale / 255)


def read_cutout(source, name: str | None = None) -> np.ndarray:
    """h w 4 uint8, straight alpha, cropped to what is not transparent."""
    image, name = _image(source, name, smallest=1)
    image = _pixels(image, name)
    if image.mode not in ("LA", "La", "PA", "RGBA", "RGBa") and "transparency" not in image.info:
        raise ValueError(f"{name} has no alpha channel. Cut the person out and save as PNG with transparency.")
    picture = np.asarray(image.convert("RGBA"))
    ys, xs = np.nonzero(picture[..., 3])
    if len(ys) == 0:
        raise ValueError(f"{name} is transparent everywhere. Cut the person out again.")
    picture = picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    _sized(picture.shape[1], picture.shape[0], f"what can be seen in {name}", 2)
    return picture
