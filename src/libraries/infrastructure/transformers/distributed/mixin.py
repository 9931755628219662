"""Plans that say how layers would be spread."""


class DistributedMixin:
    _tp_plan = None
    _ep_plan = None
    _pp_plan = None
    _fsdp_plan = None

    def init_parallel_plans(self):
        pass

    @property
    def tp_plan(self):
        return self._tp_plan or {}

    @property
    def pp_plan(self):
        return self._pp_plan or {}

    @property
    def fsdp_plan(self):
        return self._fsdp_plan or {}
