"""Finding the layer that holds a tensor."""


def get_module_from_name(module, tensor_name):
    if "." in tensor_name:
        module_name, tensor_name = tensor_name.rsplit(".", 1)
        module = module.get_submodule(module_name)
    return module, tensor_name
