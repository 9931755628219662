class BaseStateDictAdapter:
    def __init__(self, model_args, hf_assets_path):
        self.model_args, self.model_config = model_args, model_args
        self.hf_assets_path = hf_assets_path


class StateDictAdapter(BaseStateDictAdapter):
    pass
