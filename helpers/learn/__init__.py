"""Learning from any loader of batches: losses, metrics, baselines, training and checkpoints."""

from .baselines import (
    Differencing,
    MeanDepth,
    baselines,
    difference,
    difference_counts,
    fit_differencing,
    fit_mean_depth,
    floor_and_feet,
    iou_by_threshold,
    score_geometry,
    with_camera,
)
from .boxes import DetectionLoss, Detections, decode_boxes, encode_boxes, one_box_loss
from .checkpoints import load_checkpoint, read_checkpoint, save_checkpoint
from .device import forward
from .identities import ClipCounts, summed_counts, walk_scores
from .losses import COMBINATIONS, TERMS, Criterion, bce, dice, mask_loss
from .lr_range import lr_range
from .metrics import Scores, depth_scores, depth_sums, evaluate, mask_miou, mask_scores, mask_sums, scores_table
from .optimizers import OPTIMIZERS, SCHEDULES, build_optimizer, one_cycle
from .trainer import Settings, fit, train_mode
