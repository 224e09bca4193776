"""TinyPerCameraNet: one picture in; one object, a mask and depth out, as in the seed; 60,904 parameters."""

from torch import Tensor, nn
from torch.nn.functional import pad

from .blocks import crop, enlarge, metres, normalise


def alone(image: Tensor, step: int) -> Tensor:
    """One picture normalised, the last row and column repeated until height and width divide by `step`."""
    down, right = -image.shape[-2] % step, -image.shape[-1] % step
    return pad(normalise(image), (0, right, 0, down), mode="replicate")


class Head(nn.Module):
    """Features of a quarter of the size become maps of full size."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(64, 32, 3, padding=1), nn.ReLU())
        self.last = nn.Conv2d(32, maps, 1)

    def forward(self, features: Tensor) -> Tensor:
        """N 64 H/4 W/4 → N maps H W."""
        return self.last(enlarge(self.body(features), 4))


class TinyPerCameraNet(nn.Module):
    """One camera, one picture: the background is not looked at, and may be anything, None too.

    Its detection head answers for the whole picture: one object or none, and one box. The mean over all places that
    feeds it keeps what is in the picture, and loses where.
    """

    def __init__(self) -> None:
        super().__init__()
        first = (nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        second = (nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.trunk = nn.Sequential(*first, *second)
        self.segmentation, self.depth = Head(2), Head(1)
        self.detection = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 5))

    def forward(self, background: Tensor | None, image: Tensor) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres, N 1 H W; "object": logits N; "box": N 4} of an image N 3 H W.

        A box is its centre, width and height, x before y, in 0..1 of the picture.
        """
        features = self.trunk(alone(image, 4))  # N 64 H/4 W/4
        classes = self.segmentation(features)  # N 2 H W: background, object
        found = self.detection(features.mean((2, 3)))  # N 5
        # Of two classes only the difference of their logits counts, and that is the logit of the second.
        maps = {"mask": classes[:, 1:] - classes[:, :1], "depth": metres(self.depth(features))}
        return crop(maps, image) | {"object": found[:, 0], "box": found[:, 1:].float().sigmoid()}
