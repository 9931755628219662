"""Names for annotations."""
import builtins
from typing import Any, List, Optional, Sequence, Tuple, Union

from torch import Tensor, device, dtype, layout

_TensorOrTensors = _size = _dtype = _device = _layout = _int = _float = _bool = Any
Number = Union[builtins.int, builtins.float, builtins.bool]
Device = Storage = SymInt = Any
