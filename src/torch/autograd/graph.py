"""Hooks on what autograd saves: they move or change nothing here."""


class saved_tensors_hooks:
    def __init__(self, pack_hook=None, unpack_hook=None):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return False


class save_on_cpu(saved_tensors_hooks):
    def __init__(self, pin_memory=False, device_type="cuda"):
        super().__init__()


class Node:
    pass
