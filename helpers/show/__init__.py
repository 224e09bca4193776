"""Pictures of everything: plot functions (arrays in, figure out) and sliders over them."""

from .browse import browse
from .curves import live_curves, lr_curve, training_curves
from .diagram import diagram
from .look import canvas, depth_colours, png, style, tint
from .objects import objects
from .plots import bars, contact_sheet, curve, overlay, pictures, sample

__all__ = ["bars", "browse", "canvas", "contact_sheet", "curve", "depth_colours", "overlay", "pictures", "png"]
__all__ += ["diagram", "lr_curve", "sample", "style", "tint"]
__all__ += ["live_curves", "objects", "training_curves"]
