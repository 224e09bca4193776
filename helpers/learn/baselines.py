"""What to beat: differencing for the mask, for depth the mean map, and what geometry gives for nothing."""

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ..base import FAR
from .metrics import Scores, evaluate


def difference(background: Tensor, image: Tensor) -> Tensor:
    """The largest difference over the three channels, N 1 H W, 0..255, of two uint8 pictures N 3 H W."""
    if background.dtype != torch.uint8 or image.dtype != torch.uint8:
        raise ValueError(f"Differencing reads uint8 pictures, but got {background.dtype} and {image.dtype}.")
    return (torch.maximum(background, image) - torch.minimum(background, image)).amax(1, keepdim=True)


class Differencing(nn.Module):
    """Foreground is where the pictures differ by more than `threshold` steps of 255."""

    def __init__(self, threshold: int) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """{"mask": logits N 1 H W}, above zero where the difference passes the threshold."""
        return {"mask": difference(background, image).float() - self.threshold - 0.5}


class MeanDepth(nn.Module):
    """The same depth map in metres for every picture: the mean of what it was shown."""

    def __init__(self, depth: Tensor) -> None:
        super().__init__()
        self.register_buffer("depth", depth)  # 1 1 H W

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """{"depth": metres N 1 H W}, enlarged or shrunk where the pictures have another size."""
        depth = interpolate(self.depth, size=image.shape[-2:], mode="bilinear", align_corners=False)
        return {"depth": depth.expand(len(image), -1, -1, -1)}


def difference_counts(
    loader: Iterable[dict[str, Tensor]], measure: Callable[[Tensor, Tensor], Tensor] = difference
) -> tuple[Tensor, Tensor]:
    """How many foreground and how many background pixels have each difference: two vectors of 256 counts.

    `measure(background, image)` gives the differences, N 1 H W, 0..255.
    """
    counts = torch.zeros(512, dtype=torch.int64)
    for batch in loader:
        step = measure(batch["background"], batch["image"]).round().long().clamp(0, 255)
        where = step + 256 * (batch["mask"] > 0.5)  # foreground pixels count in the upper half
        counts += torch.bincount(where.flatten(), minlength=512)
    if not counts.sum():
        raise ValueError("The loader gave no picture, so there is nothing to count.")
    return counts[256:], counts[:256]


def iou_by_threshold(foreground: Tensor, background: Tensor) -> Tensor:
    """Exact IoU of differencing at each threshold 0..255, from the two vectors of `difference_counts`."""
    above = foreground.sum() - foreground.cumsum(0)  # foreground pixels whose difference is larger: found
    false = background.sum() - background.cumsum(0)
    union = (foreground.sum() + false).double()
    return torch.where(union > 0, above / union.clamp(min=1), torch.ones_like(union))


def fit_differencing(loader: Iterable[dict[str, Tensor]]) -> Differencing:
    """Differencing at the threshold with the highest IoU on these pictures."""
    return Differencing(int(iou_by_threshold(*difference_counts(loader)).argmax()))


def fit_mean_depth(loader: Iterable[dict[str, Tensor]]) -> MeanDepth:
    """The mean of the known depths at each pixel; a pixel that never has one gets the mean of the others."""
    total, count = torch.zeros(1), torch.zeros(1)
    for batch in loader:
        total = total + (batch["depth"].double() * batch["depth_valid"]).sum(0, keepdim=True)  # 1 1 H W
        count = count + batch["depth_valid"].double().sum(0, keepdim=True)
    if not count.sum():
        raise ValueError("The loader gave no pixel whose depth is known, so there is no mean.")
    return MeanDepth(torch.where(count > 0, total / count.clamp(min=1), total.sum() / count.sum()).float())


def baselines(loader: Iterable[dict[str, Tensor]], fit_on: Iterable[dict[str, Tensor]] | None = None) -> dict:
    """What a network has to beat on the loader's pictures, under the names of its scores: {"mask_iou": …, …}.

    Those of the mask are differencing's at its best threshold, those of depth the mean depth map's. Both are fitted to
    `fit_on`; where it is left out to the very pictures that are scored, so that no threshold and no map does better.
    """
    fit_on = loader if fit_on is None else fit_on
    return evaluate(fit_differencing(fit_on), loader) | evaluate(fit_mean_depth(fit_on), loader)


def floor_and_feet(camera: Tensor, mask: Tensor) -> Tensor:
    """Depth N 1 H W in metres that geometry gives, of a camera's maps N 2 H W and the true mask N 1 H W.

    The floor's own depth below the horizon, FAR above it; a component of the mask is as far as the floor at its feet.
    """
    from scipy import ndimage  # here, because it takes a while to import

    inverse = camera[:, :1].clone()  # 1 / metres
    for floor, front in zip(inverse[:, 0], mask[:, 0] > 0.5):
        parts, _ = ndimage.label(front.numpy())
        half = (floor[1, 0] - floor[0, 0]) / 2  # from the middle of a pixel to its lower edge
        feet = [floor[y.stop - 1, (x.start + x.stop) // 2] + half for y, x in ndimage.find_objects(parts)]
        for part, place in enumerate(feet, 1):
            floor[torch.from_numpy(parts == part)] = place
    return 1 / inverse.clamp(min=1 / FAR)


def with_camera(loader: Iterable[dict[str, Tensor]], known: bool = True) -> Iterator[dict[str, Tensor]]:
    """Batches, without boxes, of the pictures whose camera is known; or of the others."""
    for batch in loader:
        kept = batch["camera"].flatten(1).any(1) == known
        if kept.any():
            yield {name: value[kept] for name, value in batch.items() if isinstance(value, Tensor)}


def score_geometry(loader: Iterable[dict[str, Tensor]]) -> dict[str, float]:
    """Scores of `floor_and_feet` on the pictures whose camera is known; none where there is no such picture."""
    scores = Scores()
    for batch in with_camera(loader):
        scores.update({"depth": floor_and_feet(batch["camera"], batch["mask"])}, batch)
    return scores.result()
