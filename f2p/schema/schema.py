"""A whole schema, and the vector x that stands for a character: continuous values first, then the one-hots."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from f2p.errors import ParameterError, SchemaError
from f2p.schema.parameters import Continuous, Discrete, Parameter

__all__ = ["Schema"]

Vector = npt.NDArray[np.float32]
# float32 arithmetic may leave [0, 1] by this much; anything more is a mistake, not rounding.
_ROUNDING: Final = 1e-5


@dataclass(frozen=True)
class Schema:
    """An engine's parameters.

    Attributes:
        name, version: the engine's name and the version of this list, for people.
        continuous, discrete: in the order of x.

    Raises:
        SchemaError: no parameters, or a name stands twice.
    """

    name: str
    version: str
    continuous: tuple[Continuous, ...]
    discrete: tuple[Discrete, ...]

    def __post_init__(self) -> None:
        if not self.continuous and not self.discrete:
            raise SchemaError("The schema has no parameters.")
        names: set[str] = set()
        for parameter in self.parameters:
            if parameter.name in names:
                raise SchemaError(f"Parameter '{parameter.name}' stands twice.", field=parameter.name)
            names.add(parameter.name)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters, in the order of x."""
        return (*self.continuous, *self.discrete)

    @property
    def continuous_size(self) -> int:
        """C: how many components of x are sliders."""
        return len(self.continuous)

    @cached_property
    def size(self) -> int:
        """P: how many components x has."""
        return len(self.continuous) + sum(len(choice.options) for choice in self.discrete)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every parameter's name, in the order of x."""
        return tuple(parameter.name for parameter in self.parameters)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups, each once, in order of first appearance."""
        return tuple(dict.fromkeys(parameter.group for parameter in self.parameters))

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Slice of each parameter in x: one component for a slider, one per option for a choice."""
        where, start = {}, 0
        for parameter in self.parameters:
            stop = start + (1 if isinstance(parameter, Continuous) else len(parameter.options))
            where[parameter.name], start = slice(start, stop), stop
        return where

    @cached_property
    def identity(self) -> str:
        """sha256 (hex) of what a saved character's values mean: the engine's name, and name, kind, range and options of
        every parameter.

        Schemas of one identity open each other's characters. Order, labels, groups, version and the statistics of
        samples (average, spread, weights) have no part in it, so that a new prior makes no character unreadable.
        """
        parameters = sorted((_values_of(parameter) for parameter in self.parameters), key=lambda entry: str(entry[0]))
        return _digest({"schema": 1, "name": self.name, "parameters": parameters})

    @cached_property
    def hash(self) -> str:
        """sha256 (hex) of all that gives x, and networks trained on it, their meaning, statistics of samples included.

        Labels are left out: a translated or corrected label does not make trained weights useless. So are which option
        adds nothing to the face, and tags.
        """
        content = {
            "schema": 1,
            "name": self.name,
            "version": self.version,
            "continuous": [_meaning(slider) for slider in self.continuous],
            "discrete": [_meaning(choice) for choice in self.discrete],
        }
        return _digest(content)

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name.

        Raises:
            ParameterError: there is none.
        """
        try:
            return self._by_name[name]
        except (KeyError, TypeError):
            near = get_close_matches(str(name), self.names, n=3)
            remedy = f"Did you mean {' or '.join(near)}?" if near else f"Schema '{self.name}' lists the names."
            raise ParameterError(f"There is no parameter '{name}'.", remedy, parameter=str(name)) from None

    def average(self) -> Vector:
        """x of the average face, (P,): averages, and the defaults' one-hots."""
        return self.encode({})

    def spread(self) -> Vector:
        """Sampling spread of each component of x, (P,); 0 for the one-hots."""
        spread = np.zeros(self.size, np.float32)
        spread[: self.continuous_size] = [slider.spread for slider in self.continuous]
        return spread

    def encode(self, values: Mapping[str, float | str]) -> Vector:
        """Named normalised values -> x (P,). A name that is missing takes the average face's value.

        Raises:
            ParameterError: a name is unknown, a value is outside [0, 1], an option does not exist.
        """
        x = np.zeros(self.size, np.float32)
        x[: self.continuous_size] = [slider.average for slider in self.continuous]
        chosen = {choice.name: choice.default for choice in self.discrete}
        for parameter, value in self._known(values):
            if isinstance(parameter, Continuous):
                x[self.slices[parameter.name]] = _unit_interval(parameter.name, _number(parameter, value))
            else:
                chosen[parameter.name] = _option(parameter, value)
        for choice in self.discrete:
            x[self.slices[choice.name]] = [option == chosen[choice.name] for option in choice.options]
        return x

    def decode(self, x: npt.ArrayLike) -> dict[str, float | str]:
        """x (P,) -> normalised value of every slider and the likeliest option of every choice.

        Raises:
            ParameterError: x has another shape, or a slider's value is outside [0, 1].
        """
        vector = np.asarray(x, dtype=np.float64)
        if vector.shape != (self.size,):
            raise ParameterError(f"x has shape {vector.shape}; schema '{self.name}' needs ({self.size},).")
        values: dict[str, float | str] = {}
        for parameter in self.parameters:
            part = vector[self.slices[parameter.name]]
            if isinstance(parameter, Continuous):
                values[parameter.name] = _unit_interval(parameter.name, float(part[0]))
            elif np.isfinite(part).all():
                values[parameter.name] = parameter.options[int(part.argmax())]
            else:
                raise ParameterError(f"'{parameter.name}': x is not finite there.", parameter=parameter.name)
        return values

    def complete(self, values: Mapping[str, float | str]) -> dict[str, float | str]:
        """Named normalised values and, for names that are missing, those of the average face: what `decode` makes of
        `encode`, in a tenth of the time.

        Raises:
            ParameterError: as for `encode`.
        """
        full: dict[str, float | str] = {}
        for parameter, value in self._known(values):
            if isinstance(parameter, Continuous):
                full[parameter.name] = _unit_interval(parameter.name, _number(parameter, value))
            else:
                full[parameter.name] = _option(parameter, value)
        sliders = [full.get(slider.name, slider.average) for slider in self.continuous]
        rounded = np.array(sliders, np.float32).tolist()  # x holds 32 bits, and both ways must draw one picture
        out: dict[str, float | str] = dict(zip((slider.name for slider in self.continuous), rounded, strict=True))
        for choice in self.discrete:
            out[choice.name] = full.get(choice.name, choice.default)
        return out

    def to_engine(self, values: Mapping[str, float | str]) -> dict[str, float | str]:
        """Normalised values -> engine units, for the names given; options stay as they are.

        Raises:
            ParameterError: as for `encode`.
        """
        return {
            parameter.name: parameter.to_engine(_unit_interval(parameter.name, _number(parameter, value)))
            if isinstance(parameter, Continuous)
            else _option(parameter, value)
            for parameter, value in self._known(values)
        }

    def from_engine(self, values: Mapping[str, float | str]) -> dict[str, float | str]:
        """Values in engine units -> normalised values, for the names given; options stay as they are.

        Raises:
            ParameterError: a name is unknown, a value is outside the engine's range, an option does not exist.
        """
        normalised: dict[str, float | str] = {}
        for parameter, value in self._known(values):
            if isinstance(parameter, Discrete):
                normalised[parameter.name] = _option(parameter, value)
                continue
            place = parameter.from_engine(_number(parameter, value))
            if not -_ROUNDING <= place <= 1 + _ROUNDING:
                raise ParameterError(
                    f"'{parameter.name}' is {value} {parameter.unit}.",
                    f"It must lie in [{parameter.low:g}, {parameter.high:g}].",
                    parameter=parameter.name,
                )
            normalised[parameter.name] = min(max(place, 0.0), 1.0)
        return normalised

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    def _known(self, values: Mapping[str, float | str]) -> Iterator[tuple[Parameter, float | str]]:
        for name, value in values.items():
            yield self.parameter(name), value


def _digest(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _values_of(parameter: Parameter) -> list[object]:
    if isinstance(parameter, Continuous):
        return [parameter.name, "slider", float(parameter.low) + 0.0, float(parameter.high) + 0.0]
    return [parameter.name, "choice", sorted(parameter.options)]


def _meaning(parameter: Parameter) -> dict[str, object]:
    # Adding 0.0 turns -0.0 into 0.0, and float() an integer written without a point: neither is a change of meaning.
    content = {
        key: float(value) + 0.0 if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        for key, value in asdict(parameter).items()
    }
    for key in ("label", "none", "tags"):
        content.pop(key, None)
    return content


def _number(slider: Continuous, value: object) -> float:
    # bool is an int to Python; a slider set to True is a mistake all the same.
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number)):
        raise ParameterError(f"'{slider.name}' is a slider; {value!r} is not a number.", parameter=slider.name)
    return float(value)


def _unit_interval(name: str, value: float) -> float:
    if not (math.isfinite(value) and -_ROUNDING <= value <= 1 + _ROUNDING):
        raise ParameterError(f"'{name}' is {value}.", "Normalised values lie in [0, 1].", parameter=name)
    return min(max(value, 0.0), 1.0)


def _option(choice: Discrete, value: object) -> str:
    if not isinstance(value, str) or value not in choice.options:
        raise ParameterError(
            f"'{choice.name}' has no option {value!r}.",
            f"Use one of: {', '.join(choice.options)}.",
            parameter=choice.name,
        )
    return value
