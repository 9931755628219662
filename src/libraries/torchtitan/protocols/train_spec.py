"""What a training is put together from; specs are kept by name."""
from dataclasses import dataclass
from typing import Any

from .model import BaseModelArgs, ModelProtocol


@dataclass
class TrainSpec:
    model_cls: Any
    model_args: Any
    parallelize_fn: Any
    pipelining_fn: Any
    build_optimizers_fn: Any
    build_lr_schedulers_fn: Any
    build_dataloader_fn: Any
    build_tokenizer_fn: Any
    build_loss_fn: Any
    build_validator_fn: Any = None
    build_metrics_processor_fn: Any = None
    state_dict_adapter: Any = None


@dataclass
class ModelSpec:
    name: str
    flavor: str
    model: Any
    parallelize_fn: Any = None
    pipelining_fn: Any = None
    post_optimizer_build_fn: Any = None
    state_dict_adapter: Any = None


_specs = {}


def register_train_spec(name, train_spec):
    if name in _specs:
        raise ValueError("TrainSpec %s is already registered." % name)
    _specs[name] = train_spec


def get_train_spec(name):
    if name not in _specs:
        raise ValueError("TrainSpec %s is not registered." % name)
    return _specs[name]
