"""Loading of checkpoints: the shapes of weights do not depend on it."""
from _assay import unknown as _unknown


class ConversionOps:
    def __init__(self, *args, **kwargs):
        pass


class WeightTransform:
    def __init__(self, *args, **kwargs):
        pass


class WeightRenaming(WeightTransform):
    pass


class WeightConverter(WeightTransform):
    pass


def revert_weight_conversion(model, state_dict):
    return state_dict


def __getattr__(name):
    return _unknown(f"{name}, which loads checkpoints")
