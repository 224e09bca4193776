"""One look for the whole course: fonts, sizes, colours of depth and errors, and pictures of any kind as arrays."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from PIL import Image, ImageFont

from ..base import FAR

WIDTH = 8.0  # inches, of 100 pixels: every figure of the course is this wide
NEAR = 1.0  # metres: NEAR and FAR are the ends of the depth colours, the same in every picture
COLOURS = ("#d9622b", "#2b6f9e", "#3f9b6c", "#8a5aa8", "#c9a227", "#6b7580")
INK, PAPER, TINT = "#23313d", "#ffffff", np.array([255, 120, 30])
RIGHT, MISSED, INVENTED = (105, 105, 105), (213, 94, 0), (0, 114, 178)  # of a mask: grey, vermilion, blue
DEPTH_MAP = matplotlib.colormaps["plasma_r"]  # near is warm and bright, far is cool and dark
ERROR_MAP = matplotlib.colormaps["RdBu"]  # of depth: red is too near, blue too far, white is right
REACH = 2.0  # metres: the ends of the error colours, the same in every picture
RC = {
    "figure.dpi": 100, "savefig.dpi": 100, "figure.facecolor": PAPER, "font.size": 9, "font.family": "DejaVu Sans",
    "axes.titlesize": 9, "axes.labelsize": 9, "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": INK, "axes.labelcolor": INK,
    "axes.titlecolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK, "axes.grid": False,
    "axes.grid.axis": "y", "grid.color": "#d9dee2", "grid.linewidth": 0.6, "axes.axisbelow": True,
    "legend.frameon": False, "lines.linewidth": 1.8, "axes.prop_cycle": matplotlib.cycler(color=COLOURS),
}  # fmt: skip


class Picture(Figure):
    """A figure that pyplot does not know: a notebook shows it once, and a slider may draw thousands of them."""

    def _repr_png_(self) -> bytes:
        return png(self)


class Sheet:
    """A painted picture (`image`), which notebooks keep as PNG alone: PIL's own pictures are kept as JPEG, too."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.asarray(self.image, dtype)

    def _repr_png_(self) -> bytes:
        return png(self)

    def __repr__(self) -> str:
        return f"Sheet({self.image.width} x {self.image.height} pixels)"


@lru_cache
def font(size: int = 12) -> ImageFont.FreeTypeFont:
    """The course's font, which matplotlib carries along; its size in pixels."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), size)


def png(picture: Figure | Sheet | Image.Image | np.ndarray) -> bytes:
    """A figure, a painted picture or H W 3 uint8 as the bytes of a PNG file.

    It has 64 levels per colour: nobody sees it, and the file is a third smaller. Jupyter lets only about a megabyte
    a second through to the page.
    """
    if isinstance(picture, Figure):
        buffer, size = FigureCanvasAgg(picture).print_to_buffer()
        pixels = np.frombuffer(buffer, np.uint8).reshape(size[1], size[0], 4)[..., :3]
        picture.set_layout_engine("none")  # places are settled now: saved again, it has the same bytes
    else:
        pixels = np.asarray(picture.convert("RGB") if isinstance(picture, Image.Image) else picture)
    levels = pixels & 252
    Image.fromarray(levels | levels >> 6).save(file := BytesIO(), "PNG", compress_level=6)  # black stays 0, white 255
    return file.getvalue()


def canvas(rows: int = 1, columns: int = 1, height: float = 2.5, width: float = WIDTH) -> tuple[Figure, np.ndarray]:
    """An empty figure in the course's look, and its axes as a rows × columns array; sizes in inches."""
    matplotlib.rcParams.update(RC)
    figure = Picture(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0.01, hspace=0.01)
    return figure, figure.subplots(rows, columns, squeeze=False)


def array(picture) -> np.ndarray:
    """A picture as a numpy array, H W or H W 3: from a tensor or an array, channels first or last, or PIL."""
    picture = picture.detach().cpu().numpy() if hasattr(picture, "detach") else np.asarray(picture)
    if picture.ndim == 3 and picture.shape[0] in (1, 3, 4) and picture.shape[-1] not in (3, 4):
        picture = np.moveaxis(picture, 0, -1)  # C H W -> H W C
    if picture.ndim == 3 and picture.shape[-1] == 1:
        picture = picture[..., 0]
    if picture.ndim not in (2, 3):
        says = f"A picture has 2 or 3 axes, this one has the shape {picture.shape}"
        raise ValueError(f"{says}: pass one picture, not a batch.")
    return picture


def is_depth(picture: np.ndarray) -> bool:
    """Whether a picture is taken for a depth map in metres: one channel, not uint8, and beyond 1 somewhere."""
    return picture.ndim == 2 and picture.dtype.kind in "fi" and np.nanmax(picture, initial=0) > 1


def rgb(picture) -> np.ndarray:
    """H W 3 uint8, whatever kind of picture it was; a depth map (beyond 1, not uint8) becomes its colours."""
    picture = array(picture)
    if is_depth(picture):
        return depth_colours(picture)
    if picture.dtype != np.uint8:  # 0..1
        picture = (np.nan_to_num(picture.astype(np.float32)).clip(0, 1) * 255).round().astype(np.uint8)
    return np.repeat(picture[..., None], 3, -1) if picture.ndim == 2 else picture[..., :3]


def depth_colours(depth, valid=None) -> np.ndarray:
    """H W 3 uint8 colours of a depth map in metres, near warm, far cool; grey stripes where it is 0 or not valid."""
    depth = array(depth).astype(np.float32)
    known = np.isfinite(depth) & (depth > 0)
    valid = known if valid is None else known & (array(valid) > 0.5)
    colours = DEPTH_MAP(LogNorm(NEAR, FAR, clip=True)(np.where(valid, depth, FAR).clip(NEAR, FAR)), bytes=True)[..., :3]
    row, column = np.indices(depth.shape)
    stripes = np.where((row + column) // 3 % 2, 205, 165).astype(np.uint8)
    return np.where(valid[..., None], colours, stripes[..., None])


def error_colours(guess, truth, valid=None) -> np.ndarray:
    """H W 3 uint8: red where `guess` is nearer than `truth`, blue where it is farther, white where both agree.

    Grey where there is no valid depth; errors of REACH metres and more have the colours of the ends.
    """
    guess, truth = array(guess).astype(np.float32), array(truth).astype(np.float32)
    if guess.shape != truth.shape:
        raise ValueError(f"The guess is {guess.shape} pixels, but the truth is {truth.shape}: they cannot be compared.")
    colours = ERROR_MAP(((guess - truth) / REACH).clip(-1, 1) / 2 + 0.5, bytes=True)[..., :3]
    known = np.isfinite(guess - truth) & (True if valid is None else array(valid) > 0.5)
    return np.where(known[..., None], colours, np.uint8(150))


def signed_colours(change) -> np.ndarray:
    """H W 3 uint8: vermilion where a map wants more, blue where less, white at 0; its strongest pixel is full."""
    change = array(change).astype(np.float32)
    share = (change / max(np.abs(change).max(), 1e-30))[..., None]  # H W 1, -1..1
    ends = np.where(share > 0, np.array(MISSED), np.array(INVENTED))
    return (255 - np.abs(share) * (255 - ends)).round().astype(np.uint8)


def mask_errors(image, truth, guess) -> np.ndarray:
    """H W 3 uint8: the picture, pale; of the mask, what is right in grey, missed in vermilion, invented in blue."""
    truth, guess = array(truth) > 0.5, array(guess) > 0.5
    pale = rgb(image).mean(-1, keepdims=True).repeat(3, -1) * 0.35 + 160
    for where, colour in ((truth & guess, RIGHT), (truth & ~guess, MISSED), (guess & ~truth, INVENTED)):
        pale[where] = 0.2 * pale[where] + 0.8 * np.array(colour)
    return pale.astype(np.uint8)


def tint(image, mask, strength: float = 0.55) -> np.ndarray:
    """H W 3 uint8: the picture with the mask laid over it in orange."""
    image, share = rgb(image).astype(np.float32), array(mask).astype(np.float32)[..., None] * strength
    return (image * (1 - share) + TINT * share).round().astype(np.uint8)
