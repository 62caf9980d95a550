"""Averaged weights: the recurrence, buffers, and the short memory of the beginning."""

from __future__ import annotations

import copy

import torch
from torch import nn

from imitator_training.training.averaging import average_of


def test_weights_and_buffers_follow_the_recurrence() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    average = average_of(network, decay=0.5)
    assert not average.module.training
    assert not any(parameter.requires_grad for parameter in average.module.parameters())
    expected: dict[str, torch.Tensor] = {}
    for update in range(8):
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(torch.randn_like(parameter))
        network(torch.randn(5, 3))
        now = {name: value.clone() for name, value in network.state_dict().items() if value.is_floating_point()}
        decay = min(0.5, (1 + update) / (10 + update)) if update else 0.0
        expected = {name: decay * expected.get(name, value) + (1 - decay) * value for name, value in now.items()}
        average.update_parameters(network)
    found = average.module.state_dict()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)


def test_an_average_goes_on_from_its_weights_and_number_of_updates() -> None:
    network = nn.Linear(3, 4)
    average = average_of(network, decay=0.9)
    for _ in range(5):
        network.weight.data += 1
        average.update_parameters(network)
    resumed = average_of(copy.deepcopy(network), decay=0.9)
    resumed.module.load_state_dict(average.module.state_dict())
    resumed.n_averaged.fill_(5)
    network.weight.data += 1
    average.update_parameters(network)
    resumed.update_parameters(network)
    assert torch.equal(average.module.weight, resumed.module.weight)
