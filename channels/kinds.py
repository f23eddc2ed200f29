"""Which carriers there are: a file each in this folder, or an entry point `raksa.channels` of a package."""

import importlib
import inspect
import pkgutil
from functools import cache
from importlib.metadata import entry_points

import channels
from channels.contract import Channel
from geo.errors import ConfigError


@cache
def kinds() -> dict[str, type[Channel]]:
    """Kind -> class, in alphabetical order. Raises ConfigError when a plugin cannot be used.

    A file of this folder without a Channel of its own (words, signatures) is no carrier.
    """
    found: dict[str, type[Channel]] = {}
    for module in pkgutil.iter_modules(channels.__path__):
        for cls in vars(importlib.import_module(f"channels.{module.name}")).values():
            if _is_channel(cls) and cls.__module__ == f"channels.{module.name}":
                found[module.name] = cls
    for point in entry_points(group="raksa.channels"):
        if point.name in found:
            raise ConfigError(
                f"channel {point.name}: {point.value} takes a name that is taken; rename its entry point"
            )
        cls = point.load()
        if not _is_channel(cls):
            raise ConfigError(f"channel {point.name}: {point.value} is not a channels.contract.Channel")
        found[point.name] = cls
    return dict(sorted(found.items()))


def _is_channel(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Channel) and not inspect.isabstract(thing)
