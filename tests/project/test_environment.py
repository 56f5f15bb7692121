"""tools/environment.py: what it decides, what it runs, and what it says when something is missing."""

import ast
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "environment.py"


@pytest.fixture
def environment():
    specification = importlib.util.spec_from_file_location("environment_script", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path):
    """A small project folder: the files the stamp is made from."""
    (tmp_path / "requirements.lock").write_text(
        "alpha==1.0 \\\n    --hash=sha256:00\nbeta==2.0 \\\n    --hash=sha256:11\n"
    )
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "sample"\n')
    return tmp_path


@pytest.fixture
def programs(tmp_path_factory, monkeypatch):
    """Return a function that puts a fake program first on PATH, where no real uv can be found."""
    folder = tmp_path_factory.mktemp("programs")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def add(name, script):
        path = folder / name
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return add


FAKE_UV = """
echo "$@" >> "$CALLS"
case "$1 $2" in
  "--version ") echo uv 0 ;;
  "venv --quiet") for last; do :; done; mkdir -p "$last/bin"; ln -s "$REAL_PYTHON" "$last/bin/python" ;;
  "pip sync") {sync} ;;
esac
"""


@pytest.fixture
def fake_uv(programs, tmp_path_factory, monkeypatch):
    """Return a function that installs a fake uv, and one that reads the calls it got."""
    calls = tmp_path_factory.mktemp("calls") / "calls"
    calls.touch()
    monkeypatch.setenv("CALLS", str(calls))
    monkeypatch.setenv("REAL_PYTHON", sys.executable)
    return (lambda sync=":": programs("uv", FAKE_UV.replace("{sync}", sync))), (lambda: calls.read_text().splitlines())


# --- the interpreter


@pytest.mark.parametrize("minor", [6, 8, 10])
def test_an_old_python_can_read_the_script(minor):
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, minor))


def old_pythons():
    """Return the old interpreters on this machine: on PATH, or kept by pyenv."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    found += [str(path) for minor in range(6, 11) for path in sorted(kept.glob(f"3.{minor}.*/bin/python"))]
    return [
        path
        for path in found
        if path and subprocess.run([path, "-V"], capture_output=True, check=False).returncode == 0
    ]


def test_old_pythons_get_one_message_and_no_traceback():
    interpreters = old_pythons()
    if not interpreters:
        pytest.skip("no Python from 3.6 to 3.10 on this machine")
    for old in interpreters:
        done = subprocess.run(
            [old, str(SCRIPT)], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
        )
        assert done.returncode == 1
        assert done.stderr.startswith("Environment: found Python 3.")
        assert "needs 3.11 or newer" in done.stderr
        assert "make book PYTHON=" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_message_for_an_old_python_names_a_newer_one_found_here(environment):
    with pytest.raises(
        environment.Refusal, match=r"found Python 3\.9\.2 \(/old\).*also has python3\.13, python3\.12"
    ) as caught:
        environment.check_python((3, 9, 2), "/old", ["python3.13", "python3.12"])
    assert "make book PYTHON=python3.13" in str(caught.value)


def test_a_python_that_is_new_enough_is_accepted(environment):
    environment.check_python((3, 11, 0), "/new", [])


def test_the_oldest_python_agrees_with_pyproject(environment):
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert environment.OLDEST == (3, 11)


# --- what to do


@pytest.mark.parametrize(
    ("change", "works", "installer", "expected"),
    [
        ({}, True, "uv", "nothing"),
        ({}, False, "uv", "make"),
        ({"project": "other"}, True, "uv", "install the project"),
        ({"project": "other"}, True, "pip", "install the project"),
        ({"lock": "other"}, True, "uv", "update"),
        ({"lock": "other"}, True, "pip", "make"),
        ({"python": "3.11.0"}, True, "uv", "make"),
        ({"folder": "elsewhere"}, True, "uv", "make"),
    ],
)
def test_the_plan_does_no_more_than_needed(environment, change, works, installer, expected):
    wanted = {"lock": "a", "project": "b", "python": "3.12.1", "folder": "here"}
    assert environment.plan({**wanted, **change}, wanted, works, installer) == expected


def test_an_environment_without_its_stamp_is_half_made(environment):
    assert (
        environment.plan({}, {"lock": "a", "project": "b", "python": "3.12.1", "folder": "here"}, True, "uv") == "make"
    )


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_the_stamp_sees_a_change_of_one_byte(environment, project, name):
    before = environment.wanted_stamp(str(project))
    (project / name).write_bytes((project / name).read_bytes() + b"\n")
    assert environment.wanted_stamp(str(project)) != before


def test_a_missing_lock_is_named(environment, project):
    (project / "requirements.lock").unlink()
    with pytest.raises(environment.Refusal, match=r"cannot read .*requirements\.lock"):
        environment.wanted_stamp(str(project))


# --- with uv


def test_uv_installs_with_hashes_from_the_cache_first_and_the_second_run_does_nothing(
    environment, project, fake_uv, capsys
):
    install, calls = fake_uv
    install()
    assert environment.make_environment(str(project)) == "make"
    syncs = [call for call in calls() if call.startswith("pip sync")]
    assert len(syncs) == 1
    assert "--require-hashes --only-binary :all: --offline" in syncs[0]
    assert calls()[-1].startswith("pip install --quiet --offline")
    assert calls()[-1].endswith(f"--no-deps --no-build-isolation --editable {project}")
    before = calls()
    capsys.readouterr()
    assert environment.make_environment(str(project)) == "nothing"
    assert calls() == before
    assert capsys.readouterr().out == ""


def test_a_changed_lock_updates_and_a_changed_project_file_only_reinstalls(environment, project, fake_uv):
    install, calls = fake_uv
    install()
    environment.make_environment(str(project))
    (project / "requirements.lock").write_text("alpha==1.1 --hash=sha256:00\n")
    assert environment.make_environment(str(project)) == "update"
    (project / "pyproject.toml").write_text('[project]\nname = "sample"\nversion = "2"\n')
    synced = sum(call.startswith("pip sync") for call in calls())
    assert environment.make_environment(str(project)) == "install the project"
    assert sum(call.startswith("pip sync") for call in calls()) == synced


def test_a_half_made_environment_is_removed_and_made_again(environment, project, fake_uv, capsys):
    fake_uv[0]()
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "leftover").touch()
    assert environment.make_environment(str(project)) == "make"
    assert not (project / ".venv" / "leftover").exists()
    assert "half-made" in capsys.readouterr().out


def test_a_file_in_place_of_the_environment_is_replaced(environment, project, fake_uv):
    fake_uv[0]()
    (project / ".venv").write_text("not a folder")
    assert environment.make_environment(str(project)) == "make"


def test_what_the_cache_lacks_is_fetched(environment, project, fake_uv, capsys):
    install, calls = fake_uv
    install(sync='case "$*" in *--offline*) exit 1 ;; esac')
    environment.make_environment(str(project))
    syncs = [call for call in calls() if call.startswith("pip sync")]
    assert ["--offline" in call for call in syncs] == [True, False]
    assert "fetching" in capsys.readouterr().out


def test_a_wheel_folder_is_the_only_source(environment, project, fake_uv, tmp_path_factory):
    install, calls = fake_uv
    install()
    wheels = tmp_path_factory.mktemp("wheels")
    (wheels / "alpha-1.0-py3-none-any.whl").touch()
    environment.make_environment(str(project), wheels=str(wheels))
    syncs = [call for call in calls() if call.startswith("pip sync")]
    assert len(syncs) == 1
    assert f"--no-index --find-links {wheels}" in syncs[0]


def test_a_failed_install_leaves_no_environment_behind(environment, project, fake_uv):
    fake_uv[0](sync="echo 'No space left on device (os error 28)'; exit 2")
    with pytest.raises(environment.Refusal, match="the disk is full"):
        environment.make_environment(str(project))
    assert not (project / ".venv").exists()


def test_a_failed_update_counts_as_half_made(environment, project, fake_uv):
    install, _ = fake_uv
    install()
    environment.make_environment(str(project))
    (project / "requirements.lock").write_text("alpha==1.1 --hash=sha256:00\n")
    install(sync="exit 2")
    with pytest.raises(environment.Refusal):
        environment.make_environment(str(project))
    install()
    assert environment.make_environment(str(project)) == "make"


def test_a_uv_that_does_not_start_is_passed_over(environment, programs):
    programs("uv", "exit 127\n")
    assert environment.choose_installer("auto") == "pip"
    with pytest.raises(environment.Refusal, match="uv was asked for"):
        environment.choose_installer("uv")


# --- with pip


def test_pip_installs_with_hashes_and_shows_its_progress(environment, project, programs, monkeypatch, capsys):
    commands = []

    def run(command, progress=None):
        commands.append(command)
        if command[1:3] == ["-m", "venv"]:
            bin_folder = Path(command[3]) / "bin"
            bin_folder.mkdir(parents=True)
            (bin_folder / "python").symlink_to(sys.executable)
        if progress:
            for number in range(25):
                progress(f"{'Collecting' if number % 2 else 'Processing'} package{number}==1.0")
            progress("Installing collected packages: alpha, beta")
        return 0, ""

    monkeypatch.setattr(environment, "run", run)
    assert environment.make_environment(str(project), "pip") == "make"
    assert commands[1][1:7] == ["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:"]
    assert commands[2][1:6] == ["-m", "pip", "install", "--quiet", "--no-index"]
    shown = capsys.readouterr().out
    assert "fetched 25 of at most 2 packages" in shown
    assert "unpacking" in shown


def test_real_pip_names_the_wheel_a_folder_lacks(environment, project, programs, tmp_path_factory):
    if not environment.runs([sys.executable, "-c", "import ensurepip"]):
        pytest.skip("this Python has no ensurepip")
    wheels = tmp_path_factory.mktemp("wheels")
    (wheels / "unrelated-1.0-py3-none-any.whl").touch()
    digest = "0" * 64
    (project / "requirements.lock").write_text(f"alpha-not-there==1.0 --hash=sha256:{digest}\n")
    with pytest.raises(environment.Refusal, match=r"no wheel of alpha-not-there==1\.0 .* in the folder "):
        environment.make_environment(str(project), "pip", wheels=str(wheels))
    assert not (project / ".venv").exists()


# --- what it says


UV_HASH = "error: Failed to download `idna==3.20`\n  cause: Hash mismatch for `idna==3.20`\n"
PIP_HASH = (
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated\n"
    "    idna==3.20 from file:///folder/idna-3.20-py3-none-any.whl (from -r requirements.lock (line 1)):\n"
)
UV_OFFLINE = "error: Request failed after 3 retries\n  cause: dns error\n"
PIP_OFFLINE = (
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)'\n"
    "ERROR: No matching distribution found for idna==3.20\n"
)
UV_WHEEL = (
    "error: No solution found when resolving dependencies\n  cause: Because idna was not found in the provided package "
    "locations and you require idna==3.20, we can conclude that your requirements are unsatisfiable.\n"
)
PIP_WHEEL = "ERROR: No matching distribution found for idna==3.20\n"
DEBIAN = "The virtual environment was not created successfully because ensurepip is not available.\n"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (UV_HASH, "the file of idna==3.20 does not have the hash"),
        (PIP_HASH, "the file of idna==3.20 does not have the hash"),
        (UV_OFFLINE, "no network"),
        (PIP_OFFLINE, "no network"),
        (UV_WHEEL, "no wheel of idna==3.20"),
        (PIP_WHEEL, "no wheel of idna==3.20"),
        (DEBIAN, "without its venv or ensurepip module"),
        ("/usr/bin/python3: No module named venv", "without its venv or ensurepip module"),
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("[Errno 30] Read-only file system: '.venv'", "is read-only"),
        ("Permission denied (os error 13)", "no permission"),
        ("something nobody foresaw", "stopped with status 3. Its last words:\n  something nobody foresaw"),
    ],
)
def test_each_failure_has_one_message_that_says_what_to_do(environment, tmp_path, output, message):
    explained = environment.explain(output, 3, None, str(tmp_path / ".venv"))
    assert message in explained
    assert len(explained.splitlines()) <= 3


def test_a_missing_network_is_no_excuse_with_a_wheel_folder(environment, tmp_path):
    assert "no wheel of idna" in environment.explain(PIP_OFFLINE, 1, "wheels", str(tmp_path / ".venv"))


def test_a_read_only_project_folder_is_refused_before_anything_starts(environment, project, monkeypatch):
    def refuse(**_):
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(environment.tempfile, "NamedTemporaryFile", refuse)
    with pytest.raises(environment.Refusal, match="is read-only"):
        environment.make_environment(str(project))


def test_a_wheel_folder_that_is_missing_or_empty_is_refused(environment, tmp_path):
    with pytest.raises(environment.Refusal, match="is not a folder"):
        environment.check_wheels(str(tmp_path / "nowhere"))
    with pytest.raises(environment.Refusal, match="holds no wheel"):
        environment.check_wheels(str(tmp_path))


def test_a_refusal_ends_with_status_1_and_an_interruption_with_130(environment, monkeypatch, capsys):
    def refuse(*_):
        raise environment.Refusal("found this.\nDo that.")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "make_environment", refuse)
    assert environment.main([]) == 1
    assert capsys.readouterr().err == "Environment: found this.\nDo that.\n"
    monkeypatch.setattr(environment, "make_environment", interrupt)
    assert environment.main([]) == 130


def test_a_long_step_says_that_it_is_still_working(environment, monkeypatch, capsys):
    monkeypatch.setattr(environment, "HEARTBEAT_SECONDS", 0.05)
    status, _ = environment.run([sys.executable, "-c", "import time; time.sleep(0.4)"])
    assert status == 0
    assert "still working" in capsys.readouterr().out


def test_settings_that_point_elsewhere_do_not_reach_the_installer(environment, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    assert not {"PYTHONPATH", "PIP_TARGET"} & set(environment.child_environment())


def test_make_says_so_when_there_is_no_python():
    done = subprocess.run(
        ["make", "environment", "PYTHON=python-not-there"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "there is no python-not-there on PATH" in done.stderr
