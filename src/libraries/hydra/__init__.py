"""hydra: configurations composed from files, which are not read."""
from _assay import unknown as _unknown

__version__ = "1.3.2"


def main(config_path=None, config_name=None, version_base=None):
    def decorate(task):
        def run(cfg=None):
            return task(_unknown("hydra's configuration is composed when the program runs") if cfg is None else cfg)

        run.__name__ = task.__name__
        run.__wrapped__ = task
        return run

    return decorate


def initialize(*args, **kwargs):
    pass


initialize_config_dir = initialize


def compose(config_name=None, overrides=(), **kwargs):
    return _unknown("hydra's configuration is composed when the program runs")
