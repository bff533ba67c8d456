"""Every lock pins every package by hash and names no index; the clients' locks hold what the Makefile asks for."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PINNED = re.compile(r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==\S+.*\\\n    --hash=sha256:")


def packages(lock: Path) -> list[str]:
    return re.split(r"\n(?=\S)", lock.read_text("utf-8").strip())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_every_package_by_hash_and_names_no_index(lock: Path):
    assert [package for package in packages(lock) if not PINNED.match(package)] == []
    assert "://" not in lock.read_text("utf-8")


def test_the_clients_are_locked_in_the_versions_that_the_makefile_names():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (clients,) = re.findall(r"^CLIENTS := (.+)$", makefile, re.MULTILINE)
    for client in clients.split():
        (wanted,) = re.findall(rf"^{client} := (\S+)$", makefile, re.MULTILINE)
        assert any(package.startswith(f"{wanted} ") for package in packages(ROOT / f"requirements-{client}.lock"))
