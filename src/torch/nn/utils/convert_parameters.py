"""All parameters as one vector, and back."""

import torch


def parameters_to_vector(parameters):
    return torch.cat([param.view(-1) for param in parameters])


def vector_to_parameters(vec, parameters):
    place = 0
    for param in parameters:
        count = param.numel()
        param.data = vec[place : place + count].view_as(param).data
        place += count
