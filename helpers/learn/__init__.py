"""Learning from any loader of batches: losses, metrics, baselines, training and checkpoints."""

from .baselines import (
    Differencing,
    MeanDepth,
    baselines,
    difference,
    difference_counts,
    fit_differencing,
    fit_mean_depth,
    iou_by_threshold,
)
from .boxes import DetectionLoss, Detections, decode_boxes, encode_boxes, one_box_loss
from .checkpoints import load_checkpoint, read_checkpoint, save_checkpoint
from .losses import COMBINATIONS, TERMS, Criterion, bce, dice, mask_loss
from .lr_range import lr_range
from .metrics import (
    Scores,
    boundary_scores,
    boundary_sums,
    depth_scores,
    depth_sums,
    evaluate,
    mask_miou,
    mask_scores,
    mask_sums,
)
from .optimizers import OPTIMIZERS, SCHEDULES, build_optimizer, one_cycle
from .trainer import Settings, fit, train_mode

__all__ = ["COMBINATIONS", "Criterion", "DetectionLoss", "Detections", "Differencing", "MeanDepth", "OPTIMIZERS"]
__all__ += ["SCHEDULES", "Scores", "Settings", "TERMS", "baselines", "bce", "boundary_scores", "boundary_sums"]
__all__ += ["build_optimizer", "decode_boxes", "depth_scores", "depth_sums", "dice", "difference", "difference_counts"]
__all__ += ["encode_boxes", "evaluate", "fit", "fit_differencing", "fit_mean_depth", "iou_by_threshold"]
__all__ += ["load_checkpoint", "lr_range", "mask_loss", "mask_miou", "mask_scores", "mask_sums", "one_box_loss"]
__all__ += ["one_cycle", "read_checkpoint", "save_checkpoint", "train_mode"]
