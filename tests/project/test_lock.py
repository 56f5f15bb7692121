"""requirements.lock: whole, hashed, free of hosts, and in step with pyproject.toml."""

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"


@pytest.fixture
def lock_script():
    specification = importlib.util.spec_from_file_location("lock_script", ROOT / "tools" / "lock.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pins():
    """Return a list of (requirement, hashes) in the lock."""
    joined = re.sub(r"\\\n\s*", "", LOCK.read_text("utf-8"))
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(Requirement(line.split("--hash")[0].strip()), re.findall(r"--hash=(\S+)", line)) for line in lines]


@pytest.fixture(scope="module")
def direct():
    """Return the direct dependencies of the library, the book and the tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [
        Requirement(text)
        for text in [*project["dependencies"], *extras["book"], *extras["functions"], *extras["logs"], *extras["dev"]]
    ]


def test_every_package_is_pinned_to_one_version_with_sha256_hashes(pins):
    assert len(pins) > 100
    for requirement, hashes in pins:
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement


def test_no_address_and_no_option_names_a_host(pins):
    text = LOCK.read_text("utf-8")
    assert "://" not in text
    assert set(re.findall(r"(?<!\S)--[a-z-]+", text)) == {"--hash"}
    assert all(requirement.url is None for requirement, _ in pins)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_direct_dependency_is_locked_in_a_version_that_pyproject_admits(pins, direct, python, system):
    environment = {
        **default_environment(),
        "python_version": python,
        "python_full_version": python + ".0",
        "sys_platform": system,
    }
    chosen = {}
    for requirement, _ in pins:
        if requirement.marker is None or requirement.marker.evaluate(environment):
            name = canonicalize_name(requirement.name)
            assert name not in chosen, f"{name} is locked twice for Python {python} on {system}"
            chosen[name] = str(requirement.specifier).removeprefix("==")
    for requirement in direct:
        version = chosen.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in the lock: run make lock"
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement} but {version} is locked"


def test_the_lock_says_how_it_is_made(lock_script):
    assert LOCK.read_text("utf-8").startswith(lock_script.HEADER)


def test_the_command_covers_all_systems_and_names_no_index(lock_script, tmp_path):
    command = lock_script.lock_command(tmp_path / "pyproject.toml", tmp_path / "out", upgrade=False)
    assert {"--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"} <= set(command)
    assert command[command.index("--python-version") + 1] == "3.11"
    assert "--upgrade" not in command
    assert "--upgrade" in lock_script.lock_command(tmp_path / "pyproject.toml", tmp_path / "out", upgrade=True)


def test_a_failed_resolution_leaves_the_lock_as_it_was(lock_script, tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("alpha==1.0\n")
    monkeypatch.setattr(lock_script.subprocess, "run", lambda command, check: subprocess.CompletedProcess(command, 2))
    assert lock_script.write_lock(tmp_path) == 2
    assert lock.read_text() == "alpha==1.0\n"
    assert [path.name for path in tmp_path.iterdir()] == ["requirements.lock"]


def test_pins_are_kept_and_the_header_is_not_doubled(lock_script, tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text(lock_script.HEADER + "alpha==1.0\n")
    monkeypatch.setattr(lock_script.subprocess, "run", lambda command, check: subprocess.CompletedProcess(command, 0))
    assert lock_script.write_lock(tmp_path) == 0
    assert lock.read_text() == lock_script.HEADER + "alpha==1.0\n"


def test_without_uv_the_message_says_what_to_install(lock_script, monkeypatch, capsys):
    def missing(command, check):
        raise FileNotFoundError(command[0])

    monkeypatch.setattr(lock_script.subprocess, "run", missing)
    monkeypatch.setattr(lock_script.sys, "argv", ["lock.py"])
    assert lock_script.main() == 1
    assert "Install uv" in capsys.readouterr().err
