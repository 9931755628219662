"""What both containers are."""
from omegaconf._nodes import _Container as Container


class ContainerMetadata:
    pass


class Metadata:
    pass
