"""A module built without initial values."""


def skip_init(module_cls, *args, **kwargs):
    final_device = kwargs.pop("device", "cpu")
    kwargs["device"] = "meta"
    return module_cls(*args, **kwargs).to_empty(device=final_device)
