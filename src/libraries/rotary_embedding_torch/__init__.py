"""rotary_embedding_torch: rotary position embeddings."""
from .rotary_embedding_torch import RotaryEmbedding, apply_learned_rotations, apply_rotary_emb, broadcat, rotate_half
