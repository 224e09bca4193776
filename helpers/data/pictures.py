"""Reading pictures, masks, depth maps and cut-outs that people bring: right, or refused with a sentence."""

from pathlib import Path

import numpy as np
from PIL import Image

from .opening import BROKEN, SMALLEST, WIDE, bytes_of, image_of, numbers, same_size, sized, there


def _pixels(image: Image.Image, name: str) -> Image.Image:
    """The same picture with 8 bits a channel: PIL alone would clip 16-bit grey to white."""
    return Image.fromarray(bytes_of(np.asarray(image), name)) if image.mode in WIDE else image


def _flat(image: Image.Image, ground: int, name: str) -> Image.Image:
    """The same picture as RGB; where it is transparent, a grey `ground` (0..255) shows through."""
    image = _pixels(image, name)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        below = Image.new("RGBA", image.size, (ground, ground, ground, 255))
        image = Image.alpha_composite(below, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def read_picture(source, name: str | None = None) -> np.ndarray:
    """h w 3 uint8 from a path, PIL picture, array or file's bytes: upright, on white where it was transparent."""
    image, name = image_of(source, name)
    return np.asarray(_flat(image, 255, name))


def read_mask(source, size: tuple[int, int] | None = None, name: str | None = None) -> np.ndarray:
    """h w float32, 1 where the mask is brighter than the middle; `size` (h, w) is what it must measure."""
    image, name = image_of(source, name)
    if image.mode in WIDE and np.asarray(image).max() <= 1:
        image = Image.fromarray(np.asarray(image).astype(np.uint8))  # 0 and 1 in 16 bits
    plain = image.mode == "L" and "transparency" not in image.info
    grey = np.asarray(image if plain else _flat(image, 0, name).convert("L"))
    middle = 0 if grey.max() == 1 and image.format != "JPEG" else 127  # some tools write 0 and 1, not 0 and 255
    same_size(name, grey.shape, size)
    return (grey > middle).astype(np.float32)


def _read_npy(path: Path) -> np.ndarray:
    """The floats of a .npy file; a map of the file, so that a false header cannot fill the memory."""
    there(path)
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except BROKEN as error:
        raise ValueError(f"{path} is not a whole .npy file of plain numbers. Save it with numpy.save.") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.dtype.kind != "f":
        raise ValueError(f"{path} must hold height x width floats in metres.")
    sized(values.shape[1], values.shape[0], str(path), SMALLEST)
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
        image, name = image_of(source, name)
        if image.mode == "F":
            metres = np.array(image, np.float32)
        elif image.mode in WIDE:
            metres = np.asarray(image).astype(np.float32) * np.float32(0.001)
        else:
            metres = _scaled(image, scale, inverted, name)
    same_size(name, metres.shape, size)
    return numbers(metres, name)


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
    image, name = image_of(source, name, smallest=1)
    image = _pixels(image, name)
    if image.mode not in ("LA", "La", "PA", "RGBA", "RGBa") and "transparency" not in image.info:
        raise ValueError(f"{name} has no alpha channel. Cut the person out and save as PNG with transparency.")
    picture = np.asarray(image.convert("RGBA"))
    ys, xs = np.nonzero(picture[..., 3])
    if len(ys) == 0:
        raise ValueError(f"{name} is transparent everywhere. Cut the person out again.")
    picture = picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    sized(picture.shape[1], picture.shape[0], f"what can be seen in {name}", 2)
    return picture
