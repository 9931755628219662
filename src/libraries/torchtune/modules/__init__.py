"""Building blocks of decoders."""
from .attention import MultiHeadAttention
from .attention_utils import create_block_causal_mask, packed_block_causal_mask
from .common_utils import delete_kv_caches, disable_kv_cache, local_kv_cache, reparametrize_as_dtype_state_dict_post_hook
from .feed_forward import FeedForward
from .kv_cache import KVCache
from .layer_norm import Fp32LayerNorm
from .low_precision import FrozenNF4Linear
from .position_embeddings import RotaryPositionalEmbeddings
from .rms_norm import RMSNorm, rms_norm
from .tanh_gate import TanhGate
from .tied_linear import TiedLinear
from .transformer import TransformerCrossAttentionLayer, TransformerDecoder, TransformerSelfAttentionLayer
