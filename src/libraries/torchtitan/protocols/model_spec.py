from .train_spec import ModelSpec
