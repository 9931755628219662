"""Names for annotations: sizes per axis."""

from typing import Optional, Tuple, Union

from torch._native import Tensor

_scalar_or_tuple_any_t = Union[int, Tuple[int, ...]]
_scalar_or_tuple_1_t = Union[int, Tuple[int]]
_scalar_or_tuple_2_t = Union[int, Tuple[int, int]]
_scalar_or_tuple_3_t = Union[int, Tuple[int, int, int]]
_scalar_or_tuple_4_t = Union[int, Tuple[int, int, int, int]]
_scalar_or_tuple_5_t = Union[int, Tuple[int, int, int, int, int]]
_scalar_or_tuple_6_t = Union[int, Tuple[int, int, int, int, int, int]]
_size_any_t = _scalar_or_tuple_any_t
_size_1_t = _scalar_or_tuple_1_t
_size_2_t = _scalar_or_tuple_2_t
_size_3_t = _scalar_or_tuple_3_t
_size_4_t = _scalar_or_tuple_4_t
_size_5_t = _scalar_or_tuple_5_t
_size_6_t = _scalar_or_tuple_6_t
_size_any_opt_t = Tuple[Optional[int], ...]
_size_2_opt_t = Tuple[Optional[int], Optional[int]]
_size_3_opt_t = Tuple[Optional[int], Optional[int], Optional[int]]
_ratio_any_t = Union[float, Tuple[float, ...]]
_ratio_2_t = Union[float, Tuple[float, float]]
_ratio_3_t = Union[float, Tuple[float, float, float]]
_tensor_list_t = Union[Tensor, Tuple[Tensor, ...]]
_maybe_indices_t = Tuple[Tensor, Tensor]
