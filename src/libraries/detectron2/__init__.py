"""detectron2: registries, layers and the backbone's base class."""
