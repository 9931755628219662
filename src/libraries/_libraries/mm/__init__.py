"""What mmcv and mmengine share."""
