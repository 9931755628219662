"""What libraries import of TorchScript's inner workings."""
from typing import Final


def _copy_to_script_wrapper(fn):
    return fn


unused = ignore = export = _overload = _overload_method = weak_module = weak_script_method = _copy_to_script_wrapper


def boolean_dispatch(arg_name, arg_index, default, if_true, if_false, module_name, func_name):
    def chosen(*args, **kwargs):
        flag = kwargs.get(arg_name, args[arg_index] if arg_index < len(args) else default)
        return if_true(*args, **kwargs) if flag else if_false(*args, **kwargs)

    return chosen


def is_scripting():
    return False


class BroadcastingListClass:
    def __getitem__(self, item):
        return item


BroadcastingList1 = BroadcastingList2 = BroadcastingList3 = BroadcastingListClass()
