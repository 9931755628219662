"""Hooks on modules: their registers, their handles, and the call that runs them. Backward hooks are kept, never run."""

from torch._native import enter_module, exit_module

_global_forward_pre_hooks = {}
_global_forward_hooks = {}
_global_forward_hooks_with_kwargs = {}
_global_forward_hooks_always_called = {}
_global_backward_pre_hooks = {}
_global_backward_hooks = {}
_global_buffer_registration_hooks = {}
_global_module_registration_hooks = {}
_global_parameter_registration_hooks = {}


class RemovableHandle:
    """What a registration returns: `remove` undoes it, and so does leaving a `with` block."""

    next_id = 0

    def __init__(self, hooks_dict, *, extra_dict=None):
        self.hooks_dict_ref = lambda: hooks_dict
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        if extra_dict is None:
            self.extra_dict_ref = ()
        elif isinstance(extra_dict, list):
            self.extra_dict_ref = tuple(extra_dict)
        else:
            self.extra_dict_ref = (extra_dict,)

    def remove(self):
        self.hooks_dict_ref().pop(self.id, None)
        for extra in self.extra_dict_ref:
            extra.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.remove()


def own_hooks(module, name):
    """The module's own register of that name. Modules without hooks share an empty one of their class."""
    hooks = module.__dict__.get(name)
    if hooks is None:
        hooks = {}
        object.__setattr__(module, name, hooks)
    return hooks


def add_hook(hooks, hook, prepend=False, marks=()):
    handle = RemovableHandle(hooks, extra_dict=list(marks))
    if prepend:
        later = list(hooks.items())
        hooks.clear()
        hooks[handle.id] = hook
        for key, value in later:
            hooks[key] = value
    else:
        hooks[handle.id] = hook
    for mark in marks:
        mark[handle.id] = True
    return handle


def call_with_hooks(module, args, kwargs):
    enter_module(module, args, kwargs)
    result = None
    called = set()
    try:
        args, kwargs = run_pre_hooks(module, args, kwargs)
        result = module.forward(*args, **kwargs)
        for key, hook, with_kwargs in forward_hooks(module):
            called.add(key)
            changed = hook(module, args, kwargs, result) if with_kwargs else hook(module, args, result)
            if changed is not None:
                result = changed
        return result
    except Exception:
        run_always_called_hooks(module, args, kwargs, result, called)
        raise
    finally:
        exit_module(module, result)


def run_pre_hooks(module, args, kwargs):
    with_kwargs = module._forward_pre_hooks_with_kwargs
    for key, hook in (*_global_forward_pre_hooks.items(), *module._forward_pre_hooks.items()):
        if key in with_kwargs:
            changed = hook(module, args, kwargs)
            if changed is not None:
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                    )
                args, kwargs = changed
        else:
            changed = hook(module, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
    return args, kwargs


def forward_hooks(module):
    """Every hook to be run after `forward`: its key, itself, whether it takes keyword arguments."""
    hooks = [(key, hook, key in _global_forward_hooks_with_kwargs) for key, hook in _global_forward_hooks.items()]
    own = module._forward_hooks_with_kwargs
    return hooks + [(key, hook, key in own) for key, hook in module._forward_hooks.items()]


def run_always_called_hooks(module, args, kwargs, result, called):
    for key, hook, with_kwargs in forward_hooks(module):
        always = key in _global_forward_hooks_always_called or key in module._forward_hooks_always_called
        if always and key not in called:
            try:
                hook(module, args, kwargs, result) if with_kwargs else hook(module, args, result)
            except Exception:
                continue


def register_module_forward_pre_hook(hook):
    return add_hook(_global_forward_pre_hooks, hook)


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    marks = [_global_forward_hooks_with_kwargs] if with_kwargs else []
    if always_call:
        marks.append(_global_forward_hooks_always_called)
    return add_hook(_global_forward_hooks, hook, marks=marks)


def register_module_backward_hook(hook):
    return add_hook(_global_backward_hooks, hook)


def register_module_full_backward_pre_hook(hook):
    return add_hook(_global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook):
    return add_hook(_global_backward_hooks, hook)


def register_module_buffer_registration_hook(hook):
    return add_hook(_global_buffer_registration_hooks, hook)


def register_module_module_registration_hook(hook):
    return add_hook(_global_module_registration_hooks, hook)


def register_module_parameter_registration_hook(hook):
    return add_hook(_global_parameter_registration_hooks, hook)


class HookRegistration:
    """The part of Module that registers hooks."""

    _hooked = False
    _forward_pre_hooks = {}
    _forward_pre_hooks_with_kwargs = {}
    _forward_hooks = {}
    _forward_hooks_with_kwargs = {}
    _forward_hooks_always_called = {}
    _backward_pre_hooks = {}
    _backward_hooks = {}
    _is_full_backward_hook = None
    _state_dict_hooks = {}
    _state_dict_pre_hooks = {}
    _load_state_dict_pre_hooks = {}
    _load_state_dict_post_hooks = {}

    def register_forward_pre_hook(self, hook, *, prepend=False, with_kwargs=False):
        object.__setattr__(self, "_hooked", True)
        marks = [own_hooks(self, "_forward_pre_hooks_with_kwargs")] if with_kwargs else []
        return add_hook(own_hooks(self, "_forward_pre_hooks"), hook, prepend, marks)

    def register_forward_hook(self, hook, *, prepend=False, with_kwargs=False, always_call=False):
        object.__setattr__(self, "_hooked", True)
        marks = [own_hooks(self, "_forward_hooks_with_kwargs")] if with_kwargs else []
        if always_call:
            marks.append(own_hooks(self, "_forward_hooks_always_called"))
        return add_hook(own_hooks(self, "_forward_hooks"), hook, prepend, marks)

    def register_full_backward_pre_hook(self, hook, prepend=False):
        return add_hook(own_hooks(self, "_backward_pre_hooks"), hook, prepend)

    def register_full_backward_hook(self, hook, prepend=False):
        if self._is_full_backward_hook is False:
            raise RuntimeError("Cannot use both regular backward hooks and full backward hooks on a single Module.")
        object.__setattr__(self, "_is_full_backward_hook", True)
        return add_hook(own_hooks(self, "_backward_hooks"), hook, prepend)

    def register_backward_hook(self, hook):
        if self._is_full_backward_hook is True:
            raise RuntimeError("Cannot use both regular backward hooks and full backward hooks on a single Module.")
        object.__setattr__(self, "_is_full_backward_hook", False)
        return add_hook(own_hooks(self, "_backward_hooks"), hook)

    def register_state_dict_pre_hook(self, hook):
        return add_hook(own_hooks(self, "_state_dict_pre_hooks"), hook)

    def register_state_dict_post_hook(self, hook):
        hook._from_public_api = True
        return add_hook(own_hooks(self, "_state_dict_hooks"), hook)

    def _register_state_dict_hook(self, hook):
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError("Cannot register the same function as the state dict post hook that was public.")
        return add_hook(own_hooks(self, "_state_dict_hooks"), hook)

    def _register_load_state_dict_pre_hook(self, hook, with_module=False):
        if with_module:
            plain = hook

            def hook(*args):
                return plain(self, *args)

        return add_hook(own_hooks(self, "_load_state_dict_pre_hooks"), hook)

    def register_load_state_dict_pre_hook(self, hook):
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def register_load_state_dict_post_hook(self, hook):
        return add_hook(own_hooks(self, "_load_state_dict_post_hooks"), hook)
