"""A second device for machines that have none: tensors that say they are elsewhere, and are computed here.

Within `PretendDevice()` the device "meta" holds numbers. Every operation is computed on the CPU, so that results are
real, and is checked as CUDA would: tensors of both devices in one operation are an error, unless the one on the CPU is
a scalar, an index, or copied. So code that makes a tensor without its device fails here as it would on a graphics card.
What this cannot show: kernels that a device lacks, its rounding, its speed, its streams and threads.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Self
from unittest.mock import patch

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

__all__ = ["PretendDevice"]

DEVICE = torch.device("meta")
_aten = torch.ops.aten
# They may read tensors of the other device.
_CROSSING = {_aten._to_copy.default, _aten.copy_.default, _aten.index.Tensor, _aten.index_put_.default}


class _Elsewhere(Tensor):
    """A tensor whose device is `DEVICE`, and whose numbers are in `here`, on the CPU."""

    here: Tensor

    @staticmethod
    def __new__(cls, here: Tensor) -> _Elsewhere:
        made: _Elsewhere = Tensor._make_wrapper_subclass(
            cls,
            here.shape,
            strides=here.stride(),
            storage_offset=here.storage_offset(),
            dtype=here.dtype,
            device=DEVICE,
            requires_grad=here.requires_grad,
        )
        made.here = here
        return made

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]
        return f"_Elsewhere({self.here})"

    def tolist(self) -> Any:
        return self.here.tolist()

    def numpy(self, **_: Any) -> Any:  # type: ignore[override]
        raise TypeError("This tensor is not on the CPU: copy it there first.")

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(func, args, kwargs or {})


class _FromData(TorchFunctionMode):
    """Tensors from Python's numbers, whose making no dispatch mode sees: made on the CPU, then moved."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is Tensor.new_tensor and isinstance(args[0], _Elsewhere):
            return torch.tensor(args[1], dtype=kwargs.get("dtype") or args[0].dtype).to(DEVICE)
        if func is torch.tensor and kwargs.get("device") is not None:
            device = kwargs.pop("device")
            return func(*args, **kwargs).to(device)
        if func in (Tensor.__getitem__, Tensor.__setitem__) and isinstance(args[0], _Elsewhere):
            keys = args[1] if isinstance(args[1], tuple) else (args[1],)
            args = (args[0], tuple(torch.tensor(k) if isinstance(k, list) else k for k in keys), *args[2:])
        return func(*args, **kwargs)


class PretendDevice(TorchDispatchMode):
    """Makes the device "meta" compute, in this thread.

    Attributes:
        operations: computed there so far.
    """

    operations = 0

    def __enter__(self) -> Self:
        self._beside = ExitStack()
        self._beside.enter_context(_FromData())
        # Autocast knows no device of this name; the CPU's stands in.
        autocast = torch.autocast
        known = lambda name, **options: autocast("cpu" if name == DEVICE.type else name, **options)  # noqa: E731
        self._beside.enter_context(patch.object(torch, "autocast", known))
        return super().__enter__()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._beside.close()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        there = any(isinstance(each, _Elsewhere) for each in tree_flatten((args, kwargs))[0])
        self.operations += there
        return _computed(func, args, kwargs)


def _computed(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    flat = tree_flatten((args, kwargs))[0]
    there = [each for each in flat if isinstance(each, _Elsewhere)]
    if any(isinstance(each, Tensor) and each.is_meta and not isinstance(each, _Elsewhere) for each in flat):
        raise RuntimeError(f"{func}: a tensor was made on the pretended device that this helper did not see.")
    here = [each for each in flat if isinstance(each, Tensor) and not isinstance(each, _Elsewhere)]
    if there and func not in _CROSSING and any(each.dim() for each in here):
        raise RuntimeError(f"{func}: expected all tensors to be on the same device, found the CPU and another.")
    wanted = kwargs.get("device")
    if wanted is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
        goes = torch.device(wanted) == DEVICE
    else:
        # An index may lie on the CPU; what is indexed or written to says where the result is.
        goes = bool(there) and (func not in _CROSSING or isinstance(args[0], _Elsewhere))
        if func in (_aten.index.Tensor, _aten.index_put_.default) and there and not goes:
            raise RuntimeError(f"{func}: a tensor on the CPU is indexed by one on another device.")
    known = {id(each.here): each for each in there}
    unwrap = lambda each: each.here if isinstance(each, _Elsewhere) else each  # noqa: E731
    result = func(*tree_map(unwrap, args), **tree_map(unwrap, kwargs))
    if not goes:
        return result
    # In place, the tensor itself comes back.
    return tree_map(lambda each: known.get(id(each), _Elsewhere(each)) if isinstance(each, Tensor) else each, result)
