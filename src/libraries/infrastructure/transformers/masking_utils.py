"""transformers' masks. Their search for texts packed into one row looks at positions' values, which long ones do not have."""
import torch
from _assay import original
from torch._native import is_input
from transformers.utils.import_utils import is_tracing

_own = original("transformers.masking_utils")
_search = _own.find_packed_sequence_indices


def find_packed_sequence_indices(position_ids):
    """None for positions that the model itself counts; those that a caller gives are searched."""
    if is_input(position_ids):
        return _search(position_ids)
    steps = torch.diff(position_ids, prepend=position_ids[:, :1] - 1, dim=-1)
    packed = (steps != 1).cumsum(-1)
    if is_tracing(packed):
        return packed
    (packed[:, -1] == 0).all()
    return None


_own.find_packed_sequence_indices = find_packed_sequence_indices
