"""Every public function of ``estimate`` shows an example with its units, and the example holds."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType

import pytest

from advisor import estimate

MODULES = [
    import_module(f"advisor.estimate.{found.name}") for found in pkgutil.iter_modules(estimate.__path__)
]


def public(module: ModuleType) -> Iterator[Callable[..., object]]:
    for name, one in vars(module).items():
        made = inspect.unwrap(one) if callable(one) else one
        if inspect.isfunction(made) and made.__module__ == module.__name__ and not name.startswith("_"):
            yield made


FUNCTIONS = [(module, one) for module in MODULES for one in public(module)]


@pytest.mark.parametrize(
    ("module", "function"), FUNCTIONS, ids=[f"{m.__name__.split('.')[-1]}.{f.__name__}" for m, f in FUNCTIONS]
)
def test_the_example_of_a_function_holds_and_names_its_units(
    module: ModuleType, function: Callable[..., object]
) -> None:
    found = doctest.DocTestFinder(recurse=False).find(function, function.__name__, module, vars(module))
    (examples,) = found
    assert examples.examples, "no example"
    assert any("#" in one.source for one in examples.examples), "no units"
    assert doctest.DocTestRunner().run(examples).failed == 0
