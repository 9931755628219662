"""What runs on one process only."""
from lightning.pytorch.utilities import rank_zero_debug, rank_zero_info, rank_zero_only, rank_zero_warn
