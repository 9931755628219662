"""CfgNode: a dictionary whose keys are attributes, and which may be frozen."""
import copy


class CfgNode(dict):
    IMMUTABLE = "__immutable__"

    def __init__(self, init_dict=None, key_list=None, new_allowed=False):
        made = {}
        for key, value in dict(init_dict or {}).items():
            made[key] = type(self)(value) if isinstance(value, dict) and not isinstance(value, CfgNode) else value
        super().__init__(made)
        self.__dict__[CfgNode.IMMUTABLE] = False
        self.__dict__["__new_allowed__"] = new_allowed

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)

    def __setattr__(self, name, value):
        if self.is_frozen():
            raise AttributeError("Attempted to set {} to {}, but CfgNode is immutable".format(name, value))
        self[name] = value

    def is_frozen(self):
        return self.__dict__[CfgNode.IMMUTABLE]

    def _immutable(self, is_immutable):
        self.__dict__[CfgNode.IMMUTABLE] = is_immutable
        for value in self.values():
            if isinstance(value, CfgNode):
                value._immutable(is_immutable)

    def freeze(self):
        self._immutable(True)

    def defrost(self):
        self._immutable(False)

    def clone(self):
        return copy.deepcopy(self)

    def set_new_allowed(self, is_new_allowed):
        self.__dict__["__new_allowed__"] = is_new_allowed

    def merge_from_other_cfg(self, cfg_other):
        for key, value in cfg_other.items():
            if isinstance(value, dict) and isinstance(self.get(key), CfgNode):
                self[key].merge_from_other_cfg(value)
            else:
                self[key] = value

    def merge_from_list(self, cfg_list):
        for full, value in zip(cfg_list[0::2], cfg_list[1::2]):
            node, *rest = self, *full.split(".")
            for part in rest[:-1]:
                node = node[part]
            node[rest[-1]] = value

    def merge_from_file(self, cfg_filename):
        import yaml

        with open(cfg_filename) as file:
            self.merge_from_other_cfg(yaml.safe_load(file))
