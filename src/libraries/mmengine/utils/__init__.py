"""Small things."""
from _libraries.mm.small import deprecated_api_warning, is_list_of, is_seq_of, is_tuple_of, to_2tuple, to_3tuple, to_ntuple
