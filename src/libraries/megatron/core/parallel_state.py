"""The groups of devices: one device each."""


def get_tensor_model_parallel_world_size():
    return 1


def get_tensor_model_parallel_rank():
    return 0


get_pipeline_model_parallel_world_size = get_data_parallel_world_size = get_context_parallel_world_size = get_tensor_model_parallel_world_size
get_expert_model_parallel_world_size = get_model_parallel_world_size = get_tensor_model_parallel_world_size
get_pipeline_model_parallel_rank = get_data_parallel_rank = get_context_parallel_rank = get_tensor_model_parallel_rank
get_expert_model_parallel_rank = get_model_parallel_rank = get_tensor_model_parallel_rank


def get_tensor_model_parallel_group(*args, **kwargs):
    return None


get_data_parallel_group = get_context_parallel_group = get_pipeline_model_parallel_group = get_tensor_model_parallel_group


def is_initialized():
    return True


model_parallel_is_initialized = is_initialized


def is_pipeline_first_stage(*args, **kwargs):
    return True


is_pipeline_last_stage = is_pipeline_first_stage


def initialize_model_parallel(*args, **kwargs):
    pass
