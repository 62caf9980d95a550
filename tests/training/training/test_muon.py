"""Muon moves a kernel by a matrix whose singular values are all about the learning rate; AdamW does the rest."""

from __future__ import annotations

import copy

import torch
from torch import nn

from imitator_training.training.muon import MuonAdamW

LR, RATIO = 0.01, 2.0


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.kernel = nn.Conv2d(8, 6, 3, bias=False)
        self.head = nn.Conv2d(6, 8, 1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(self.kernel(picture))
        return out


def optimiser(net: Net) -> MuonAdamW:
    return MuonAdamW(net.head.parameters(), net.kernel.parameters(), lr=LR, ratio=RATIO, betas=(0.9, 0.99))


def descend(net: Net, by: torch.optim.Optimizer, steps: int, first: int = 0) -> float:
    for step in range(first, first + steps):
        picture = torch.randn(4, 8, 8, 8, generator=torch.Generator().manual_seed(step))
        loss = (net(picture) - picture[..., 1:-1, 1:-1]).square().mean()
        by.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        by.step()
    return loss.item()


def test_kernels_move_equally_in_all_directions() -> None:
    net = Net()
    before = net.kernel.weight.detach().clone()
    descend(net, optimiser(net), 1)
    moved = torch.linalg.svdvals((net.kernel.weight.detach() - before).flatten(1)) / (LR * RATIO)
    assert moved.min() > 0.6
    assert moved.max() < 1.3


def test_the_others_are_adamw() -> None:
    net, plain = Net(), Net()
    descend(net, optimiser(net), 1)
    descend(plain, torch.optim.AdamW(plain.parameters(), lr=LR, betas=(0.9, 0.99)), 1)
    torch.testing.assert_close(net.head.weight, plain.head.weight)
    torch.testing.assert_close(net.head.bias, plain.head.bias)


def test_it_learns_and_goes_on_from_its_state_bit_for_bit() -> None:
    net = Net()
    by = optimiser(net)
    assert descend(net, by, 60) < 0.6 * descend(Net(), optimiser(Net()), 1)
    other = copy.deepcopy(net)
    resumed = optimiser(other)
    resumed.load_state_dict(copy.deepcopy(by.state_dict()))
    descend(net, by, 5, first=60)
    descend(other, resumed, 5, first=60)
    assert torch.equal(net.kernel.weight, other.kernel.weight)
    assert torch.equal(net.head.weight, other.head.weight)
