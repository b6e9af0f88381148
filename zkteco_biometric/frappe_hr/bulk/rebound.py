"""Functions of other modules, their own code, over other globals: what they look up can be answered from memory.

Nothing is patched: the modules stay as they are, for everybody and in every thread.
"""

import inspect
from collections.abc import Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any


class Rebound:
	"""Copies of the functions of some modules, and of their classes' methods. Among themselves they call the copies; everything
	else is the original. A class keeps its static and class methods and its properties as they are.
	"""

	def __init__(self, modules: Sequence[ModuleType], instead: Mapping[int, object]) -> None:
		"""`instead`: by the `id` of an object, what the copies see in its place."""
		self._spaces = {module.__name__: dict(vars(module)) for module in modules}
		self._copies: dict[FunctionType, FunctionType] = {}
		self._classes: dict[type, type] = {}
		for space in self._spaces.values():
			for name, value in list(space.items()):
				space[name] = instead[id(value)] if id(value) in instead else self._rebound(value)

	def of(self, module: ModuleType, name: str) -> Any:
		"""The copy of the function or class of that name."""
		return self._spaces[module.__name__][name]

	def _rebound(self, value: object) -> object:
		if isinstance(value, FunctionType):
			return self._function(value)
		if (
			isinstance(value, type)
			and value.__module__ in self._spaces
			and not issubclass(value, BaseException)
		):
			return self._subclass(value)
		return value

	def _function(self, value: FunctionType) -> FunctionType:
		"""Decorators are left out: those of whitelisted methods judge arguments that come from a browser."""
		function = inspect.unwrap(value)
		if not isinstance(function, FunctionType) or function.__module__ not in self._spaces:
			return value
		if function not in self._copies:
			self._copies[function] = self._copy(function)
		return self._copies[function]

	def _subclass(self, original: type) -> type:
		if original not in self._classes:
			methods = {
				name: self._function(method)
				for name, method in vars(original).items()
				if isinstance(method, FunctionType)
			}
			self._classes[original] = type(original.__name__, (original,), methods)
		return self._classes[original]

	def _copy(self, function: FunctionType) -> FunctionType:
		copy = FunctionType(
			function.__code__,
			self._spaces[function.__module__],
			function.__name__,
			function.__defaults__,
			function.__closure__,
		)
		copy.__kwdefaults__ = function.__kwdefaults__
		return copy
