"""Which feeds there are: every file of this folder that holds a Source, and those other packages offer.

A package outside offers a source by the entry point group `raksa.sources`; its name is the kind.
"""

import inspect
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import sources
from sources.contract import Source

GROUP = "raksa.sources"


@cache
def kinds() -> dict[str, type[Source]]:
    """Kind -> class, in order of kind. The kind is the name of the file, or of the entry point.

    Raises TypeError when a file holds two sources, or an entry point is no Source or takes a kind of ours.
    """
    found: dict[str, type[Source]] = {}
    for module in iter_modules(sources.__path__):
        held = _sources_in(f"sources.{module.name}")
        if len(held) > 1:
            raise TypeError(f"sources/{module.name}.py holds {len(held)} sources; one file is one feed")
        if held:
            found[module.name] = held[0]
    for offered in entry_points(group=GROUP):
        loaded = offered.load()
        if not (inspect.isclass(loaded) and issubclass(loaded, Source)):
            raise TypeError(f"entry point {offered.name} ({offered.value}) of {GROUP} is not a Source")
        if offered.name in found:
            raise TypeError(f"entry point {offered.name} ({offered.value}) takes the name of a feed we have")
        found[offered.name] = loaded
    return dict(sorted(found.items()))


def _sources_in(module_name: str) -> list[type[Source]]:
    return [
        member
        for _, member in inspect.getmembers(import_module(module_name), inspect.isclass)
        if issubclass(member, Source) and not inspect.isabstract(member) and member.__module__ == module_name
    ]
