"""`make bench`: every measurement of the project, one after the other."""

import importlib
import pkgutil

import tests.bench


def main() -> None:
    """Run the `main` of every `bench_*` module."""
    for module in sorted(found.name for found in pkgutil.iter_modules(tests.bench.__path__)):
        if module.startswith("bench_"):
            print(f"\n== {module.removeprefix('bench_')}")
            importlib.import_module(f"tests.bench.{module}").main()


if __name__ == "__main__":
    main()
