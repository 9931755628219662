"""apex: fused norms, and mixed precision that leaves the model as it is."""
from . import amp, normalization, optimizers, parallel
