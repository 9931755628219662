"""Changes of a built model, registered by name; which are asked for is in the job's file."""


class ModelConverter:
    def __init__(self, job_config, parallel_dims):
        pass

    def convert(self, model):
        pass

    def post_optimizer_hook(self, model):
        pass


class ModelConvertersContainer(ModelConverter):
    pass


_converters = {}


def register_model_converter(converter_cls, name):
    _converters[name] = converter_cls


def build_model_converters(job_config, parallel_dims):
    return ModelConvertersContainer(job_config, parallel_dims)
