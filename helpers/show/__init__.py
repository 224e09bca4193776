"""Pictures of everything: functions (arrays in, a figure or a painted sheet out) and sliders over them."""

from .answers import live, live_scene
from .curves import (
    against,
    bars,
    curve,
    floor_plan,
    lr_curve,
    reliability,
    scanlines,
    sight,
)
from .diagram import diagram
from .pictures import Boxed, contact_sheet, objects, overlay, photos, pictures, sample
from .sliders import browse, uploaded
from .style import canvas, depth_colours, error_colours, mask_errors, png, signed_colours, tint
