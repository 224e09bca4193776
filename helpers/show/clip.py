"""Pictures that move: one PNG file with many frames, which notebooks, GitHub and the book play by themselves."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

# All frames share so many: noise in every frame would make the file ten times as large.
COLOURS = 40


class Clip:
    """Frames of one size, shown one after the other, again and again."""

    def __init__(self, frames: Sequence[Image.Image], seconds: float = 0.1) -> None:
        if not frames:
            raise ValueError("A clip needs at least one frame.")
        if len({frame.size for frame in frames}) > 1:
            raise ValueError(f"The frames of a clip are of one size; these are {sorted({f.size for f in frames})}.")
        self.frames, self.seconds = list(frames), seconds

    def _repr_png_(self) -> bytes:
        palette = _palette(self.frames)
        few = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self.frames]
        file, rest = BytesIO(), {"append_images": few[1:], "duration": round(1000 * self.seconds), "loop": 0}
        few[0].save(file, "PNG", save_all=True, compress_level=9, **rest)
        return file.getvalue()

    def __repr__(self) -> str:
        return f"Clip({len(self.frames)} frames, {self.seconds * len(self.frames):.1f} s)"


def _palette(frames: Sequence[Image.Image]) -> Image.Image:
    """A picture with the colours that serve all frames best."""
    some = np.concatenate([np.asarray(frame.convert("RGB")) for frame in frames[:: max(1, len(frames) // 8)]])
    return Image.fromarray(some).quantize(COLOURS)
