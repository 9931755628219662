"""Checks of config values: fields, unchecked."""
from dataclasses import MISSING, field


def _unchecked(value=None):
    pass


positive_any_number = positive_int = padding_validator = truncation_validator = image_size_validator = _unchecked
device_validator = resampling_validator = video_metadata_validator = tensor_type_validator = _unchecked
label_to_id_validation = _unchecked


def positive_int_field(default=MISSING, **kwargs):
    return field(default=default, **kwargs)


probability = activation_fn_key = positive_int_field


def interval(min=None, max=None, exclude_min=False, exclude_max=False):
    return positive_int_field


def is_divisible_by(divisor):
    return positive_int_field


def tensor_shape(shape, length=None):
    return positive_int_field
