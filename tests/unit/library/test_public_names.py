"""What is public stays as it is: names, signatures, fields and base classes, beside a golden file."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import primanota
from primanota import library
from primanota.banks import qonto
from primanota.core import errors
from tests.support import environment

GOLDEN = Path(__file__).parents[2] / "golden" / "library" / "names.txt"
_PUBLIC = [(module, name) for module in (primanota, qonto) for name in module.__all__ if name != "__version__"]


def _described() -> Iterator[str]:
    for module, name in _PUBLIC:
        found = getattr(module, name)
        yield f"\n{module.__name__}.{name}"
        if inspect.isclass(found):
            yield from (f"    {line}" for line in _of_class(found))
        else:
            yield f"    {_plain(inspect.signature(found))}"


def _of_class(kind: type) -> Iterator[str]:
    yield f"({', '.join(base.__name__ for base in kind.__bases__)})"
    is_record = issubclass(kind, msgspec.Struct | tuple)
    if not is_record and kind is not primanota.CompanyBook:  # which open_book makes
        yield f"__init__{_plain(inspect.signature(kind))}"
    for name, annotation in inspect.get_annotations(kind).items() if is_record else ():
        yield f"{name}: {_plain(inspect.formatannotation(annotation))}"
    for name, value in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            yield f"@property {name}{_plain(inspect.signature(value.fget))}" if value.fget else name
        elif inspect.isfunction(value):
            yield f"{name}{_plain(inspect.signature(value))}"


def _plain(words: object) -> str:
    """Return annotations without quotes, the names of modules, and addresses, which differ between Pythons."""
    text = f"{words}".replace("'", "").replace("collections.abc.", "").replace("typing.", "").replace("_local.", "")
    for module in sorted({getattr(owner, name).__module__ for owner, name in _PUBLIC}, key=len, reverse=True):
        text = text.replace(f"{module}.", "")
    return text.partition(" at 0x")[0] if " at 0x" in text else text


def test_public_names_and_signatures_are_those_of_the_list(pytestconfig: pytest.Config) -> None:
    """What a program can import has not changed, or the change is in tests/golden/library/names.txt for review."""
    found = "\n".join(_described()).strip() + "\n"
    if pytestconfig.getoption("--update-goldens"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8"), "pytest --update-goldens, and a line in CHANGELOG.md"


def test_the_package_has_the_names_of_the_library() -> None:
    """``primanota`` has every name of ``primanota.library``, the same object, and lists it."""
    assert sorted(primanota.__all__) == sorted(["__version__", *library.__all__])
    assert all(getattr(primanota, name) is getattr(library, name) for name in library.__all__)
    assert set(primanota.__all__) <= set(dir(primanota))
    assert set(qonto.__all__) <= set(dir(qonto))


@pytest.mark.parametrize("module", [primanota, qonto])
def test_an_unknown_name_is_an_attribute_error(module: object) -> None:
    """A name that does not exist is refused as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'open_bank'"):
        module.open_bank  # type: ignore[attr-defined]  # noqa: B018 - it must not exist


def test_every_error_of_a_call_is_public() -> None:
    """Every error that a call can raise can be named; that of many organisations is not raised."""
    known = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}
    assert known - set(primanota.__all__) == {"SomeNotDone"}


def test_every_public_name_is_documented() -> None:
    """Every public class, method, property and function has a docstring."""
    for module, name in _PUBLIC:
        found = getattr(module, name)
        members = vars(found).items() if inspect.isclass(found) else ()
        public = [value for key, value in members if not key.startswith("_") and _has_code(value)]
        assert all(inspect.getdoc(one) for one in (found, *public)), name


def _has_code(value: object) -> bool:
    return inspect.isfunction(value) or isinstance(value, property)


def test_the_package_imports_nothing_until_a_name_is_used() -> None:
    """``import primanota`` loads no other module of the program, and no library."""
    words = "import sys; before = {*sys.modules}; import primanota; print(*sorted({*sys.modules} - before))"
    done = environment.run([sys.executable, "-c", words], check=True)
    assert done.stdout.split() == ["primanota"]
