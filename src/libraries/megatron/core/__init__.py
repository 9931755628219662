"""megatron.core: the parallel state of one device, and the layers cut over it."""
from . import parallel_state, tensor_parallel

mpu = parallel_state
