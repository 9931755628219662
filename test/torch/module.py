"""How nn.Module behaves. Each function passes under real PyTorch too: `python3 test/torch/module.py` runs them there."""

import copy
from collections import OrderedDict

import torch
from torch import nn


def raises(kind, function):
    try:
        function()
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__}")


def parameters_are_found_through_attributes_and_not_in_the_dict():
    layer = nn.Linear(2, 3)
    assert "weight" not in layer.__dict__ and layer.weight is layer._parameters["weight"]
    layer.bias = None
    assert layer.bias is None and [name for name, _ in layer.named_parameters()] == ["weight"]
    del layer.weight
    assert not hasattr(layer, "weight") and list(layer.parameters()) == []


def a_plain_tensor_cannot_take_a_parameters_place():
    layer = nn.Linear(2, 3)
    assert "weight" in raises(TypeError, lambda: setattr(layer, "weight", torch.zeros(3, 2)))
    layer.extra = torch.zeros(2)
    assert "extra" in layer.__dict__ and len(list(layer.buffers())) == 0


def a_parameter_replaces_the_attribute_of_its_name():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = 3
            self.scale = nn.Parameter(torch.zeros(2))
            self.scale = nn.Linear(1, 1) if False else self.scale

    assert [name for name, _ in Model().named_parameters()] == ["scale"]


def attributes_before_init_are_refused_where_they_hold_weights():
    class Early(nn.Module):
        def __init__(self):
            self.size = 3
            self.layer = nn.Linear(1, 1)

    assert "before Module.__init__" in raises(AttributeError, Early)


def a_tied_parameter_is_listed_once():
    model = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    model[1].weight = model[0].weight
    assert [name for name, _ in model.named_parameters()] == ["0.weight"]
    assert len(list(model.named_parameters(remove_duplicate=False))) == 2
    assert list(model.state_dict()) == ["0.weight", "1.weight"]
    model.double()
    assert model[1].weight is model[0].weight and model[1].weight.dtype == torch.float64


def a_deep_copy_shares_nothing_and_keeps_ties():
    model = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    model[1].weight = model[0].weight
    twin = copy.deepcopy(model)
    assert twin[0].weight is twin[1].weight and twin[0].weight is not model[0].weight
    assert isinstance(twin[0].weight, nn.Parameter) and type(twin[0]) is nn.Linear


def named_modules_walks_depth_first():
    model = nn.ModuleDict({"a": nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())), "b": nn.ReLU()})
    assert [name for name, _ in model.named_modules()] == ["", "a", "a.0", "a.1", "a.1.0", "b"]
    assert [name for name, _ in model.named_children()] == ["a", "b"]
    assert [name for name, _ in model.named_modules(prefix="x")][:2] == ["x", "x.a"]
    order = []
    model.apply(lambda module: order.append(type(module).__name__))
    assert order == ["ReLU", "Tanh", "Sequential", "Sequential", "ReLU", "ModuleDict"]


def a_child_replaced_while_walking_is_the_one_walked():
    model = nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh())
    names = []
    for name, module in model.named_modules():
        names.append(name + type(module).__name__)
        if name == "":
            model[0] = nn.Sequential(nn.Linear(1, 1), nn.GELU())
    assert names == ["Sequential", "0Sequential", "0.0Linear", "0.1GELU", "1Tanh"]


def hooks_see_and_change_what_passes():
    calls = []
    layer = nn.Linear(2, 3)
    first = layer.register_forward_pre_hook(lambda module, args: (args[0][:1],))
    last = layer.register_forward_hook(lambda module, args, output: calls.append(tuple(output.shape)))
    doubled = layer.register_forward_hook(lambda module, args, output: torch.cat([output, output]))
    assert tuple(layer(torch.zeros(5, 2)).shape) == (2, 3) and calls == [(1, 3)]
    for handle in (first, last, doubled):
        handle.remove()
    assert tuple(layer(torch.zeros(5, 2)).shape) == (5, 3) and len(calls) == 1


def hooks_with_keyword_arguments_get_both():
    class Model(nn.Module):
        def forward(self, x, *, scale=1):
            return x * scale, scale

    model = Model()
    model.register_forward_pre_hook(lambda module, args, kwargs: (args, {"scale": kwargs["scale"] + 1}), with_kwargs=True)
    seen = []
    model.register_forward_hook(lambda module, args, kwargs, output: seen.append(kwargs["scale"]), with_kwargs=True)
    assert model(torch.zeros(2), scale=3)[1] == 4 and seen == [4]


def an_instances_own_forward_wins():
    layer = nn.Linear(2, 3)
    layer.forward = lambda x: "replaced"
    assert layer(torch.zeros(1, 2)) == "replaced"


def buffers_may_stay_out_of_the_state_dict():
    model = nn.Module()
    model.register_buffer("kept", torch.zeros(2))
    model.register_buffer("left", torch.zeros(3), persistent=False)
    model.register_buffer("none", None)
    assert list(model.state_dict()) == ["kept"] and [name for name, _ in model.named_buffers()] == ["kept", "left"]
    assert "already exists" in raises(KeyError, lambda: model.register_buffer("training", torch.zeros(1)))


def loading_compares_names_and_sizes():
    model = nn.Sequential(OrderedDict(a=nn.Linear(2, 3), b=nn.BatchNorm1d(3)))
    state = model.state_dict()
    assert str(model.load_state_dict(state)) == "<All keys matched successfully>"
    del state["a.bias"]
    state["c"] = torch.zeros(1)
    result = model.load_state_dict(state, strict=False)
    assert result.missing_keys == ["a.bias"] and result.unexpected_keys == ["c"]
    assert "Missing key(s)" in raises(RuntimeError, lambda: model.load_state_dict(state))
    state["a.weight"] = torch.zeros(4, 4)
    assert "size mismatch for a.weight" in raises(RuntimeError, lambda: model.load_state_dict(state, strict=False))


def modes_reach_every_child():
    model = nn.Sequential(nn.Dropout(), nn.Sequential(nn.BatchNorm1d(2)))
    assert model.eval() is model and not any(module.training for module in model.modules())
    assert all(module.training for module in model.train().modules())
    model.requires_grad_(False)
    assert not any(param.requires_grad for param in model.parameters())


def containers_keep_their_order():
    layers = nn.ModuleList([nn.ReLU(), nn.Tanh(), nn.GELU()])
    layers.insert(1, nn.SiLU())
    del layers[0]
    layers += [nn.ELU()]
    assert [type(layer).__name__ for layer in layers] == ["SiLU", "Tanh", "GELU", "ELU"]
    assert isinstance(layers[-1], nn.ELU) and len(layers[1:3]) == 2 and nn.ReLU not in [type(one) for one in layers]
    chain = nn.Sequential(OrderedDict(first=nn.Linear(2, 2), second=nn.ReLU()))
    assert isinstance(chain.second, nn.ReLU) and list(chain._modules) == ["first", "second"]
    named = nn.ModuleDict({"x": nn.ReLU()})
    named.update({"y": nn.Tanh()})
    assert list(named.keys()) == ["x", "y"] and "y" in named and isinstance(named.pop("x"), nn.ReLU) and len(named) == 1


def extra_text_stands_in_the_print():
    assert repr(nn.Linear(2, 3, bias=False)) == "Linear(in_features=2, out_features=3, bias=False)"
    conv = nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2, bias=False)
    assert repr(conv) == "Conv2d(4, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=2, bias=False)"
    assert repr(nn.Sequential(nn.ReLU(inplace=True))) == "Sequential(\n  (0): ReLU(inplace=True)\n)"


def unknown_attributes_are_named():
    assert "'Linear' object has no attribute 'weights'" in raises(AttributeError, lambda: nn.Linear(1, 1).weights)
    assert raises(NotImplementedError, lambda: nn.Module()(1))


def a_parametrized_weight_is_computed_when_read():
    class Symmetric(nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(-1, -2)

    layer = nn.utils.parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    assert nn.utils.parametrize.is_parametrized(layer, "weight") and isinstance(layer, nn.Linear)
    assert type(layer).__name__ == "ParametrizedLinear" and not isinstance(layer.weight, nn.Parameter)
    assert "parametrizations.weight.original" in dict(layer.named_parameters())
    nn.utils.parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear and isinstance(layer.weight, nn.Parameter)


def a_lazy_layer_becomes_its_class():
    layer = nn.LazyLinear(4)
    assert layer.has_uninitialized_params()
    layer(torch.zeros(2, 7))
    assert type(layer) is nn.Linear and layer.in_features == 7 and tuple(layer.weight.shape) == (4, 7)


def sequences_are_padded_to_the_longest():
    rows = [torch.zeros(3, 2), torch.zeros(5, 2)]
    assert tuple(nn.utils.rnn.pad_sequence(rows).shape) == (5, 2, 2)
    assert tuple(nn.utils.rnn.pad_sequence(rows, batch_first=True).shape) == (2, 5, 2)


def wrappers_pass_everything_on():
    wrapped = nn.DataParallel(nn.Linear(2, 3))
    assert isinstance(wrapped.module, nn.Linear) and "module.weight" in wrapped.state_dict()


def a_setter_behind_module_is_asked():
    class Noting:
        def __setattr__(self, name, value):
            self.__dict__.setdefault("noted", []).append(name)
            super().__setattr__(name, value)

    class Model(nn.Module, Noting):
        def __init__(self):
            super().__init__()
            self.size = 3
            self.layer = nn.Linear(1, 1)

    noted = Model().noted
    assert "size" in noted and "layer" not in noted


def an_own_way_of_registering_is_asked():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.names = []
            self.scale = nn.Parameter(torch.zeros(2))

        def register_parameter(self, name, param):
            self.names.append(name)
            super().register_parameter(name, param)

    assert Model().names == ["scale"]


def an_own_train_is_asked():
    class Frozen(nn.Linear):
        def train(self, mode=True):
            return super().train(False)

    model = nn.Sequential(Frozen(1, 1), nn.Sequential(nn.ReLU())).train()
    assert model.training and model[1][0].training and not model[0].training


def a_layer_takes_the_place_of_a_buffer():
    layer = nn.ReLU()
    layer.register_buffer("part", torch.zeros(2))
    layer.part = nn.Linear(1, 1)
    assert list(layer.buffers()) == [] and [name for name, _ in layer.named_children()] == ["part"]


def a_parameter_cannot_take_the_name_of_a_class_attribute():
    class Model(nn.Module):
        scale = 1

    assert "scale" in raises(KeyError, lambda: setattr(Model(), "scale", nn.Parameter(torch.zeros(2))))


def hooks_for_all_modules_run_with_each_call():
    seen = []
    handle = nn.modules.module.register_module_forward_hook(lambda module, args, output: seen.append(type(module)))
    nn.Sequential(nn.ReLU())(torch.zeros(2))
    handle.remove()
    nn.ReLU()(torch.zeros(2))
    assert seen == [nn.ReLU, nn.Sequential]


def a_class_may_replace_how_attributes_are_set():
    class Doubling(nn.Module):
        def __setattr__(self, name, value):
            super().__setattr__(name, value * 2 if isinstance(value, int) and name != "training" else value)

    layer = Doubling()
    layer.size = 4
    assert layer.size == 8


tests = {
    name.replace("_", " "): test
    for name, test in list(globals().items())
    if callable(test) and name not in ("raises", "OrderedDict")
}

if __name__ == "__main__":
    for name, test in tests.items():
        test()
        print("ok", name)
