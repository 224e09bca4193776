"""Learning from any loader of batches: losses, metrics, baselines, training and checkpoints."""

from .baselines import (
    Differencing,
    MeanDepth,
    difference,
    difference_counts,
    fit_differencing,
    fit_mean_depth,
    iou_by_threshold,
)
from .checkpoints import load_checkpoint, read_checkpoint, save_checkpoint
from .criteria import COMBINATIONS, TERMS, Criterion, criterion
from .freezing import Turn, freeze, frozen, in_turns, resting, unfreeze
from .losses import bce, dice, mask_loss
from .lr_range import lr_range
from .metrics import Scores, boundary_scores, boundary_sums, depth_scores, depth_sums, mask_scores, mask_sums
from .schedules import OPTIMIZERS, ROW_D, SCHEDULES, one_cycle, optimizer
from .training import evaluate, fit, train_mode, train_part

__all__ = [
    "COMBINATIONS",
    "Criterion",
    "Differencing",
    "MeanDepth",
    "OPTIMIZERS",
    "ROW_D",
    "SCHEDULES",
    "Scores",
    "TERMS",
    "Turn",
    "bce",
    "boundary_scores",
    "boundary_sums",
    "criterion",
    "depth_scores",
    "depth_sums",
    "dice",
    "difference",
    "difference_counts",
    "evaluate",
    "fit",
    "fit_differencing",
    "fit_mean_depth",
    "freeze",
    "frozen",
    "in_turns",
    "iou_by_threshold",
    "load_checkpoint",
    "lr_range",
    "mask_loss",
    "mask_scores",
    "mask_sums",
    "one_cycle",
    "optimizer",
    "read_checkpoint",
    "resting",
    "save_checkpoint",
    "train_mode",
    "train_part",
    "unfreeze",
]
