"""Names of adapter files."""
from _assay import unknown as _unknown

ADAPTER_CONFIG_NAME = "adapter_config.json"
ADAPTER_WEIGHTS_NAME = "adapter_model.bin"
ADAPTER_SAFE_WEIGHTS_NAME = "adapter_model.safetensors"


def find_adapter_config_file(model_id, **kwargs):
    return None


def check_peft_version(min_version):
    pass
