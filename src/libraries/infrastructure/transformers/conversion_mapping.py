"""How checkpoints' names map to a model's: none is loaded."""


def get_checkpoint_conversion_mapping(model_type):
    return None


def register_checkpoint_conversion_mapping(model_type, mapping, overwrite=False):
    pass


def extract_weight_conversions_for_model(model, *args, **kwargs):
    return []


def get_model_conversion_mapping(model, *args, **kwargs):
    return []
