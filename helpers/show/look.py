"""One look for the whole course: fonts, sizes, the colours of depth and mask, and pictures of any kind as arrays."""

from io import BytesIO

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from PIL import Image

WIDTH = 8.0  # inches: every figure of the course is this wide
NEAR, FAR = 1.0, 20.0  # metres: the ends of the depth colours, the same in every picture
COLOURS = ("#d9622b", "#2b6f9e", "#3f9b6c", "#8a5aa8", "#c9a227", "#6b7580")
INK, PAPER, TINT = "#23313d", "#ffffff", np.array([255, 120, 30])
DEPTH_MAP = matplotlib.colormaps["plasma_r"]  # near is warm and bright, far is cool and dark
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


def style() -> None:
    """Set the course's fonts, sizes and colours for everything that matplotlib draws from now on."""
    matplotlib.rcParams.update(RC)


def png(picture: Figure | Image.Image | np.ndarray) -> bytes:
    """A figure, a PIL picture or H W 3 uint8 as the bytes of a PNG file.

    A figure has 64 levels per colour: nobody sees it, and it halves the file. The others follow sliders, and Jupyter
    lets only about a megabyte a second through to the page: they have 255 colours, those of depth among them.
    """
    file = BytesIO()
    if isinstance(picture, Figure):
        pixels, size = FigureCanvasAgg(picture).print_to_buffer()  # R G B A
        picture.set_layout_engine("none")  # places are settled now: saved again, it has the same bytes
        levels = np.frombuffer(pixels, np.uint8).reshape(size[1], size[0], 4)[..., :3] & 252
        Image.fromarray(levels | levels >> 6).save(file, "PNG", compress_level=9)  # black stays 0, white 255
        return file.getvalue()
    image = (Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture).convert("RGB")
    few = image.quantize(palette=_palette(image), dither=Image.Dither.NONE)
    few.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _palette(image: Image.Image) -> Image.Image:
    """A picture with 255 colours: 64 from near to far, and those that serve a smaller copy of the image best."""
    depths = DEPTH_MAP(np.linspace(0, 1, 64), bytes=True)[:, :3].ravel().tolist()
    small = image.resize((-(-image.width // 3), -(-image.height // 3)), Image.Resampling.NEAREST)
    own = small.quantize(255 - 64, Image.Quantize.MEDIANCUT).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette(depths + own)
    return palette


def canvas(rows: int = 1, columns: int = 1, height: float = 2.5, width: float = WIDTH) -> tuple[Figure, np.ndarray]:
    """An empty figure in the course's look, and its axes as a rows × columns array; sizes in inches."""
    style()
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
        raise ValueError(
            f"a picture has 2 or 3 axes, this one has the shape {picture.shape}: pass one picture, not a batch"
        )
    return picture


def depth_colours(depth, valid=None) -> np.ndarray:
    """H W 3 uint8 colours of a depth map in metres, near warm, far cool; grey stripes where it is 0 or not valid."""
    depth = array(depth).astype(np.float32)
    known = np.isfinite(depth) & (depth > 0)
    valid = known if valid is None else known & (array(valid) > 0.5)
    colours = DEPTH_MAP(LogNorm(NEAR, FAR, clip=True)(np.where(valid, depth, FAR).clip(NEAR, FAR)), bytes=True)[..., :3]
    row, column = np.indices(depth.shape)
    stripes = np.where((row + column) // 3 % 2, 205, 165).astype(np.uint8)
    return np.where(valid[..., None], colours, stripes[..., None])


def tint(image, mask, strength: float = 0.55) -> np.ndarray:
    """H W 3 uint8: the picture with the mask laid over it in orange."""
    image, share = rgb(array(image)).astype(np.float32), array(mask).astype(np.float32)[..., None] * strength
    return (image * (1 - share) + TINT * share).round().astype(np.uint8)


def rgb(picture: np.ndarray) -> np.ndarray:
    """H W 3 uint8, whatever kind of picture it was; a depth map (beyond 1, not uint8) becomes its colours."""
    if picture.ndim == 2 and is_depth(picture):
        return depth_colours(picture)
    if picture.dtype != np.uint8:  # 0..1
        picture = (np.nan_to_num(picture.astype(np.float32)).clip(0, 1) * 255).round().astype(np.uint8)
    return np.repeat(picture[..., None], 3, -1) if picture.ndim == 2 else picture[..., :3]


def is_depth(picture: np.ndarray) -> bool:
    """Whether a picture is taken for a depth map in metres: one channel, not uint8, and beyond 1 somewhere."""
    return picture.ndim == 2 and picture.dtype.kind in "fi" and np.nanmax(picture, initial=0) > 1
