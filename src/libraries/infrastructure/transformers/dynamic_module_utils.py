"""Code from the hub, which is not fetched."""
from _assay import unknown as _unknown


def custom_object_save(obj, folder, config=None):
    return []


def resolve_trust_remote_code(trust_remote_code, model_name, has_local_code, has_remote_code, *args, **kwargs):
    return bool(trust_remote_code)


def get_class_from_dynamic_module(class_reference, *args, **kwargs):
    return _unknown(f"the class {class_reference} on the hub")


def __getattr__(name):
    return _unknown(f"{name} of code on the hub")
