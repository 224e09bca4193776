"""Pictures of everything: plot functions (arrays in, figure out) and sliders over them."""

from .look import canvas, depth_colours, png, style, tint
from .plots import bars, contact_sheet, curve, overlay, pictures, sample

__all__ = "bars canvas contact_sheet curve depth_colours overlay pictures png sample style tint".split()
