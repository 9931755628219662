"""The groups of devices: one device each."""


def initialize_model_parallel(model_parallel_size_=1, pipeline_length=1, *, model_parallel_backend=None, **kwargs):
    pass


def model_parallel_is_initialized():
    return True


def get_model_parallel_world_size():
    return 1


def get_model_parallel_rank():
    return 0


get_data_parallel_world_size = get_model_parallel_world_size
get_data_parallel_rank = get_model_parallel_rank
get_model_parallel_src_rank = get_model_parallel_rank


def get_model_parallel_group():
    return None


get_data_parallel_group = get_model_parallel_group


def destroy_model_parallel():
    pass
