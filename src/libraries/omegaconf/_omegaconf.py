"""The functions around the containers."""
from ._nodes import MISSING, DictConfig, ListConfig, merge, plain, resolvers, wrap


class OmegaConf:
    @staticmethod
    def create(obj=None, parent=None, flags=None):
        if isinstance(obj, str):
            import yaml

            obj = yaml.safe_load(obj)
        return DictConfig({}) if obj is None else wrap(obj)

    @staticmethod
    def structured(obj, parent=None, flags=None):
        return wrap(obj)

    @staticmethod
    def load(file_):
        import yaml

        if isinstance(file_, str) or hasattr(file_, "__fspath__"):
            with open(file_) as file:
                return wrap(yaml.safe_load(file))
        return wrap(yaml.safe_load(file_))

    @staticmethod
    def merge(*configs):
        target = DictConfig({})
        for one in configs:
            merge(target, one)
        return target

    unsafe_merge = merge

    @staticmethod
    def to_container(cfg, *, resolve=False, throw_on_missing=False, enum_to_str=False, structured_config_mode=None):
        return plain(cfg, resolve)

    @staticmethod
    def to_object(cfg):
        return plain(cfg)

    @staticmethod
    def to_yaml(cfg, *, resolve=False, sort_keys=False):
        return str(plain(cfg, resolve))

    @staticmethod
    def is_config(obj):
        return isinstance(obj, (DictConfig, ListConfig))

    @staticmethod
    def is_dict(obj):
        return isinstance(obj, DictConfig)

    @staticmethod
    def is_list(obj):
        return isinstance(obj, ListConfig)

    @staticmethod
    def is_missing(cfg, key):
        return isinstance(cfg, DictConfig) and cfg.__dict__["_content"].get(key) == MISSING

    @staticmethod
    def select(cfg, key, default=None, throw_on_missing=False):
        node = cfg
        for part in key.split("."):
            if node is None or part not in node:
                return default
            node = node[part]
        return node

    @staticmethod
    def update(cfg, key, value=None, merge=True, force_add=False):
        *parts, last = key.split(".")
        node = cfg
        for part in parts:
            if part not in node:
                node[part] = {}
            node = node[part]
        node[last] = value

    @staticmethod
    def set_struct(conf, value):
        if isinstance(conf, DictConfig):
            conf.__dict__["_struct"] = bool(value)
            for one in conf.__dict__["_content"].values():
                OmegaConf.set_struct(one, value)

    @staticmethod
    def set_readonly(conf, value):
        pass

    @staticmethod
    def resolve(cfg):
        for key, value in plain(cfg).items():
            cfg[key] = value

    @staticmethod
    def register_new_resolver(name, resolver, *, replace=False, use_cache=False):
        resolvers[name] = resolver

    register_resolver = register_new_resolver

    @staticmethod
    def has_resolver(name):
        return name in resolvers

    @staticmethod
    def from_dotlist(dotlist):
        made = DictConfig({})
        for one in dotlist:
            key, _, value = one.partition("=")
            OmegaConf.update(made, key, value)
        return made

    @staticmethod
    def from_cli(args_list=None):
        return DictConfig({})


class open_dict:
    def __init__(self, config):
        self.config = config

    def __enter__(self):
        self.before = self.config.__dict__["_struct"]
        self.config.__dict__["_struct"] = False
        return self.config

    def __exit__(self, *args):
        self.config.__dict__["_struct"] = self.before
        return False


read_write = open_dict


def II(interpolation):
    return "${" + interpolation + "}"


def SI(interpolation):
    return interpolation
