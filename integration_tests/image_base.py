"""A stand-in for Airbyte's base image, made of this machine's own Python, shell and libraries.

The real base comes from a registry, which a test must not need. What the Dockerfile relies on is the same here: a
Python under /usr/local with its own pip, a shell, the user 1000, /airbyte, and neither USER, WORKDIR nor ENTRYPOINT.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_PREFIX = Path(sys.base_prefix)
_STANDARD_LIBRARY = _PREFIX / "lib" / _VERSION
_PROGRAMS = ("sh", "cat", "ls", "find", "id")
# What a compiled package may take for granted (the policy of manylinux), as far as the base's Python does not use it.
_TAKEN_FOR_GRANTED = (
    *("libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"),
    *("libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"),
)
_LEFT_OUT = ("test", "tests", "idlelib", "tkinter", "_tkinter*", "config-*", "site-packages", "__pycache__", "*.a")
_IN_ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nairbyte:x:1000:1000::/airbyte:/usr/sbin/nologin\n",
    "group": "root:x:0:\nairbyte:x:1000:\n",
    "nsswitch.conf": "hosts: files dns\n",
    "pip.conf": "[global]\nno-index = true\nfind-links = {wheels}\ndisable-pip-version-check = true\n",
}


def pip_wheel() -> Path | None:
    """Return the pip that this Python brings along, which runs and installs as it is; None if it brings none."""
    return next(iter(_STANDARD_LIBRARY.glob("ensurepip/_bundled/pip-*.whl")), None)


def why_there_is_no_base() -> str | None:
    """Return why this Python cannot stand in; None if it can."""
    if Path("/usr") == _PREFIX:
        return "this is the distribution's Python, which cannot be moved into an image; use one of its own folder"
    if pip_wheel() is None:
        return f"the Python in {_PREFIX} has no pip of its own (ensurepip)"
    return None


def make_base(root: Path, wheels: str) -> None:
    """Fill an empty folder with the base's files; its pip finds packages at the address `wheels` and nowhere else."""
    for folder in ("usr/bin", "usr/lib", "usr/lib64", "usr/local/bin", "etc", "proc", "sys", "dev", "root"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for link in ("bin", "lib", "lib64"):
        (root / link).symlink_to(f"usr/{link}")
    for folder, mode, owner in (("tmp", 0o1777, 0), ("airbyte", 0o755, 1000)):
        (root / folder).mkdir()
        (root / folder).chmod(mode)
        os.chown(root / folder, owner, owner)
    for name, text in _IN_ETC.items():
        (root / "etc" / name).write_text(text.format(wheels=wheels), "utf-8")
    _copy_python(root / "usr/local")
    for program in _PROGRAMS:
        shutil.copy(str(shutil.which(program, path="/usr/bin:/bin")), root / "usr/bin" / program)
    libraries = {*_needed(_compiled(root)), *_known_to_the_linker(_TAKEN_FOR_GRANTED)}
    for library in libraries:
        (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, root / library[1:])
    folders = {"/usr/local/lib", *(str(Path(library).parent) for library in libraries)}
    (root / "etc/ld.so.conf").write_text("".join(f"{folder}\n" for folder in sorted(folders)), "utf-8")
    subprocess.run(["/sbin/ldconfig", "-r", root], check=True)


def _copy_python(place: Path) -> None:
    wheel = pip_wheel()
    assert wheel is not None
    shutil.copytree(
        _STANDARD_LIBRARY, place / "lib" / _VERSION, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT)
    )
    for library in (_PREFIX / "lib").glob("libpython*.so*"):
        shutil.copy(library, place / "lib", follow_symlinks=False)
    shutil.copy(_PREFIX / "bin" / _VERSION, place / "bin" / _VERSION)
    for name in ("python3", "python"):
        (place / "bin" / name).symlink_to(_VERSION)
    with zipfile.ZipFile(wheel) as pip:  # a wheel is the folder that it installs
        pip.extractall(place / "lib" / _VERSION / "site-packages")


def _compiled(root: Path) -> Iterator[Path]:
    for path in (root / "usr").rglob("*"):
        if path.is_file() and (path.parent.name == "bin" or ".so" in path.name):
            yield path


def _needed(files: Iterable[Path]) -> set[str]:
    """Return the libraries that files are linked to, without those of this Python, which are copied already."""
    told = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    found = set(re.findall(r"(/\S+\.so\S*) \(0x", told))
    return {library for library in found if not Path(library).is_relative_to(_PREFIX)}


def _known_to_the_linker(names: Iterable[str]) -> set[str]:
    told = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    known = dict(reversed(re.findall(r"^\s+(\S+) \(.*\) => (\S+)$", told, re.MULTILINE)))
    return {known[name] for name in names if name in known}
