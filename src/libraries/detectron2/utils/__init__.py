"""detectron2.utils."""
