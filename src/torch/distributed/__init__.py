"""One process, with no group around it."""
import torch

GroupMember = None


class ReduceOp:
    SUM = "sum"
    AVG = "avg"
    PRODUCT = "product"
    MIN = "min"
    MAX = "max"
    BAND = "band"
    BOR = "bor"


reduce_op = ReduceOp


class ProcessGroup:
    pass


class Work:
    def wait(self, timeout=None):
        return True

    def is_completed(self):
        return True


class group:
    WORLD = None


class Backend(str):
    NCCL = "nccl"
    GLOO = "gloo"


class Store:
    pass


class TCPStore(Store):
    def __init__(self, *args, **kwargs):
        pass


def is_available():
    return True


def is_initialized():
    return False


def is_nccl_available():
    return True


is_gloo_available = is_mpi_available = is_torchelastic_launched = is_initialized


def get_rank(group=None):
    return 0


def get_world_size(group=None):
    return 1


def get_local_rank(group=None):
    return 0


def get_node_local_rank(fallback_rank=None):
    return 0


def get_backend(group=None):
    return "nccl"


def get_process_group_ranks(group):
    return [0]


def get_global_rank(group, group_rank):
    return group_rank


def get_group_rank(group, global_rank):
    return global_rank


def _nothing(*args, **kwargs):
    return None


init_process_group = destroy_process_group = barrier = monitored_barrier = new_subgroups = _nothing


def new_group(*args, **kwargs):
    return None


def _unchanged(tensor, *args, **kwargs):
    return Work() if kwargs.get("async_op") else None


all_reduce = broadcast = reduce = send = recv = isend = irecv = all_reduce_coalesced = _unchanged


def all_gather(tensor_list, tensor, group=None, async_op=False):
    for one in tensor_list:
        one.copy_(tensor)
    return Work() if async_op else None


def all_gather_object(object_list, obj, group=None):
    object_list[0] = obj


def broadcast_object_list(object_list, src=0, group=None, device=None):
    return None


def all_gather_into_tensor(output, input, group=None, async_op=False):
    output.copy_(input.view_as(output))
    return Work() if async_op else None


def reduce_scatter_tensor(output, input, op=None, group=None, async_op=False):
    output.copy_(input.view_as(output))
    return Work() if async_op else None


_all_gather_base = all_gather_into_tensor
_reduce_scatter_base = reduce_scatter_tensor


def reduce_scatter(output, input_list, op=None, group=None, async_op=False):
    output.copy_(input_list[0])
    return Work() if async_op else None


def all_to_all_single(output, input, output_split_sizes=None, input_split_sizes=None, group=None, async_op=False):
    output.copy_(input)
    return Work() if async_op else None


def scatter(tensor, scatter_list=None, src=0, group=None, async_op=False):
    if scatter_list:
        tensor.copy_(scatter_list[0])
    return Work() if async_op else None


def gather(tensor, gather_list=None, dst=0, group=None, async_op=False):
    if gather_list:
        gather_list[0].copy_(tensor)
    return Work() if async_op else None
