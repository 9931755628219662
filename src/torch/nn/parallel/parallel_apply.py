def parallel_apply(modules, inputs, kwargs_tup=None, devices=None):
    kwargs_tup = [{} for _ in modules] if kwargs_tup is None else kwargs_tup
    return [
        module(*(input if isinstance(input, (list, tuple)) else (input,)), **kwargs)
        for module, input, kwargs in zip(modules, inputs, kwargs_tup)
    ]
