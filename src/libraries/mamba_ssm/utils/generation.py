"""Generation is not modelled: the class that gives it stands for itself."""


class GenerationMixin:
    pass


class InferenceParams:
    def __init__(self, max_seqlen=0, max_batch_size=0, seqlen_offset=0, **kwargs):
        self.max_seqlen, self.max_batch_size, self.seqlen_offset = max_seqlen, max_batch_size, seqlen_offset
        self.key_value_memory_dict = {}
