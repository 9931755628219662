"""Whether attention modules may leave the step-by-step way in inference."""
from torch._native import get_fastpath_enabled, set_fastpath_enabled
