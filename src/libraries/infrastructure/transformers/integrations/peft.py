"""Adapters: none is attached to a model unless somebody loads one, and then nothing is known of it."""
from _assay import unknown as _unknown


class PeftAdapterMixin:
    _hf_peft_config_loaded = False

    def load_adapter(self, *args, **kwargs):
        return _unknown("an adapter's weights")

    def add_adapter(self, *args, **kwargs):
        return _unknown("an adapter's layers")

    def set_adapter(self, adapter_name):
        pass

    def disable_adapters(self):
        pass

    def enable_adapters(self):
        pass


def maybe_load_adapters(pretrained_model_name_or_path, *args, **kwargs):
    return None, pretrained_model_name_or_path, kwargs
