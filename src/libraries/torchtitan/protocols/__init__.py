from torchtitan.config import Configurable

from .model import AttentionMasksType, BaseModel, BaseModelArgs, ModelProtocol
from .module import Module
from .train_spec import ModelSpec, TrainSpec, get_train_spec, register_train_spec
from .state_dict_adapter import BaseStateDictAdapter, StateDictAdapter
from .model_converter import ModelConverter, ModelConvertersContainer, register_model_converter
