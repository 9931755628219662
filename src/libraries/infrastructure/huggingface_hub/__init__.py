"""The hub's client: no network is used, so what it would fetch is not known."""
from _assay import unknown as _unknown, version as _version

__version__ = _version("huggingface_hub") or "1.0.0"
__path__ = []


class ModelHubMixin:
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__()

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path, **kwargs):
        return _unknown(f"the model {pretrained_model_name_or_path} on the hub")


class PyTorchModelHubMixin(ModelHubMixin):
    pass


def is_offline_mode():
    return True


def hf_hub_download(repo_id, filename=None, **kwargs):
    return _unknown(f"the file {filename} of {repo_id} on the hub")


def snapshot_download(repo_id, **kwargs):
    return _unknown(f"the files of {repo_id} on the hub")


def __getattr__(name):
    return _unknown(f"huggingface_hub.{name}")
