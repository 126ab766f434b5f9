"""Bring `sklearn.inv` up to date with the scikit-learn that is installed, without a network.

With a network, scikit-learn's own https://scikit-learn.org/stable/objects.inv is the better
source: give its path. Names that are gone are left out, and names that are new get the address that
scikit-learn's documentation gives to all of its kind.

    python docs/inventories/update.py [objects.inv]
"""

import sys
import zlib
from importlib import import_module
from io import BytesIO
from pathlib import Path

import sklearn
from sklearn.utils.discovery import all_displays, all_estimators, all_functions
from sphinx.util.inventory import InventoryFile

FILE = Path(__file__).with_name("sklearn.inv")
PAGE = "modules/generated/{name}.html#{name}"


def exists(name):
    """Whether a dotted name can be reached from the package."""
    parts = name.split(".")
    for n_modules in range(len(parts), 0, -1):
        try:
            item = import_module(".".join(parts[:n_modules]))
        except ImportError:
            continue
        for part in parts[n_modules:]:
            if not hasattr(item, part):
                return False
            item = getattr(item, part)
        return True
    return False


def public_names():
    """The public classes and functions by their role."""
    modules = {"py:class": ("callback", "frozen"), "py:function": ("callback",)}
    for role, names in modules.items():
        for name in names:
            try:
                module = import_module(f"sklearn.{name}")
            except ImportError:
                continue
            for item in getattr(module, "__all__", ()):
                if isinstance(getattr(module, item), type) == (role == "py:class"):
                    yield role, f"{module.__name__}.{item}"
    kinds = {"py:class": all_estimators() + all_displays(), "py:function": all_functions()}
    for role, found in kinds.items():
        for name, item in found:
            module = item.__module__
            public = ".".join(part for part in module.split(".") if not part.startswith("_"))
            if exists(f"{public}.{name}"):
                yield role, f"{public}.{name}"


def main(source=FILE):
    """Read `source`, write the file beside this one."""
    old = InventoryFile.loads(Path(source).read_bytes(), uri="")
    lines = {}
    for role, entries in old.data.items():
        if not (role.startswith("py:") or role in ("std:term", "std:label")):
            continue
        for name, item in entries.items():
            if item.uri.startswith("auto_examples"):
                continue
            if role.startswith("std:") or exists(name):
                lines[role, name] = f"{name} {role} 1 {item.uri} {item.display_name}"
    for role, name in public_names():
        lines.setdefault((role, name), f"{name} {role} 1 {PAGE.format(name=name)} -")
    write(sorted(lines.values()))


def write(lines):
    """Write the lines in the format of Sphinx, version 2."""
    head = (
        "# Sphinx inventory version 2\n# Project: scikit-learn\n"
        f"# Version: {sklearn.__version__}\n# The rest is compressed using zlib.\n"
    )
    body = BytesIO()
    body.write(head.encode())
    body.write(zlib.compress("".join(f"{line}\n" for line in lines).encode(), 9))
    FILE.write_bytes(body.getvalue())
    print(f"{FILE.name}: {len(lines)} names of scikit-learn {sklearn.__version__}")


if __name__ == "__main__":
    main(*sys.argv[1:])
