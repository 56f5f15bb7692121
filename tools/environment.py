"""Make the project's environment, .venv, from requirements.lock; do nothing when it is already right.

Run by every command of the Makefile.  Standard library only, and written so that an old Python can still read it
and say what is missing.  uv installs when it is on PATH, pip otherwise; both check the hash of every file.

    python3 tools/environment.py [--installer auto|uv|pip] [--wheels FOLDER]
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

OLDEST = (3, 11)
NEWEST_TESTED = (3, 13)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEARTBEAT_SECONDS = 20


class Refusal(Exception):
    """The environment cannot be made; the message says why and what to do."""


# --- the interpreter


def check_python(version, executable, candidates):
    """Refuse a Python older than the project needs, naming newer ones found on this machine."""
    if tuple(version[:2]) >= OLDEST:
        return
    found = ".".join(str(part) for part in version[:3])
    needed = ".".join(str(part) for part in OLDEST)
    example = candidates[0] if candidates else "/path/to/python" + needed
    also = " This machine also has " + ", ".join(candidates) + "." if candidates else ""
    raise Refusal(
        f"found Python {found} ({executable}); the project needs {needed} or newer.{also}\n"
        f"Name another one like this: make book PYTHON={example}"
    )


def newer_pythons():
    """Return the names on PATH that start a Python new enough."""
    found = []
    for minor in range(NEWEST_TESTED[1], OLDEST[1] - 1, -1):
        name = f"python3.{minor}"
        # A name on PATH may be a version manager's empty promise, so each is started once.
        if runs([name, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]):
            found.append(name)
    return found


def runs(command):
    """Whether a command starts and ends well, silently."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=child_environment()
        )
        process.communicate()
    except OSError:
        return False
    return process.returncode == 0


# --- the stamp: what the environment was made from


def wanted_stamp(root, version=sys.version_info):
    """Return what a right environment is made of, as a plain dict."""
    return {
        "lock": file_hash(os.path.join(root, "requirements.lock")),
        "project": file_hash(os.path.join(root, "pyproject.toml")),
        "python": ".".join(str(part) for part in version[:3]),
        # Commands in .venv/bin name this folder, so a moved checkout needs a new environment.
        "folder": root,
    }


def file_hash(path):
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror}.\nRestore it from the repository.") from None


def read_stamp(venv):
    """Return the stamp, or an empty dict when there is none that can be read."""
    try:
        with open(os.path.join(venv, "platform-labour.json")) as stream:
            stamp = json.load(stream)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(venv, stamp):
    with open(os.path.join(venv, "platform-labour.json"), "w") as stream:
        json.dump(stamp, stream, indent=2, sort_keys=True)
        stream.write("\n")


def plan(stamp, wanted, works, installer):
    """Decide what to do: "nothing", "install the project", "update" or "make"."""
    if not stamp or not works:
        return "make"
    if stamp == wanted:
        return "nothing"
    if stamp.get("python") != wanted["python"] or stamp.get("folder") != wanted["folder"]:
        return "make"
    if stamp.get("lock") == wanted["lock"]:
        return "install the project"
    # pip adds and changes packages but leaves those the lock has dropped; uv takes them away.
    return "update" if installer == "uv" else "make"


# --- running the installers


def child_environment():
    """Return the environment of child processes, without settings that point them at another Python."""
    environment = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER"):
        environment.pop(name, None)
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    environment["PIP_NO_INPUT"] = "1"
    return environment


def run(command, progress=None):
    """Run a command, passing its output to `progress` line by line; return (exit status, whole output)."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=child_environment(),
            cwd=ROOT,
        )
    except OSError as error:
        return 127, f"{command[0]}: {error.strerror or error}"
    process.stdin.close()
    ended = threading.Event()
    heartbeat = threading.Thread(target=say_still_working, args=(ended,))
    heartbeat.daemon = True
    heartbeat.start()
    lines = []
    try:
        for raw in iter(process.stdout.readline, b""):
            line = raw.decode("utf-8", "replace").rstrip()
            lines.append(line)
            if progress is not None:
                progress(line)
        process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    finally:
        ended.set()
        process.stdout.close()
    return process.returncode, "\n".join(lines)


def say_still_working(ended):
    started = time.time()
    while not ended.wait(HEARTBEAT_SECONDS):
        say(f"  still working, {time.time() - started:.0f} s")


def say(text):
    print(text)
    sys.stdout.flush()


def pip_progress(packages):
    """Return a function that turns pip's many lines into a few."""
    seen = [0]

    def progress(line):
        # "Processing" stands for "Collecting" when the wheel lies in a folder.
        if line.startswith(("Collecting ", "Processing ")):
            seen[0] += 1
            if seen[0] % 25 == 0:
                say(f"  fetched {seen[0]} of at most {packages} packages")
        elif line.startswith("Installing collected packages"):
            say("  fetched all; unpacking, which takes about a minute")

    return progress


def explain(output, status, wheels, venv):
    """Turn an installer's output into one message: what was found, and what to do."""
    found = re.search(r"Hash mismatch for `([^`]+)`", output) or re.search(
        r"DO NOT MATCH THE HASHES.*?\n\s+(\S+)", output, re.S
    )
    if found:
        return (
            f"the file of {found.group(1)} does not have the hash in requirements.lock, so it was not installed.\n"
            "It was changed or damaged on its way: empty the installer's cache, or name a clean folder with WHEELS=, "
            "and try again."
        )
    if re.search(r"No space left on device|Errno 28|os error 28|Disk quota exceeded", output, re.I):
        return (
            f"the disk is full: {free_space(venv)}.\nFree about 1 GB there and in the temporary folder, then try again."
        )
    if re.search(r"Read-only file system|os error 30|Errno 30", output, re.I):
        return (
            f"the folder {os.path.dirname(venv)} is read-only.\n"
            "Copy the project to a folder you may write to, then try again."
        )
    if re.search(r"Permission denied|Errno 13|os error 13", output, re.I):
        return (
            f"no permission to write a file that the environment needs:\n{last_lines(output, 2)}\n"
            "Work in a folder of your own, or set its rights, then try again."
        )
    if not wheels and re.search(
        r"dns error|error sending request|Failed to fetch|NewConnectionError|NameResolutionError|"
        r"Temporary failure in name resolution|Connection refused|ConnectTimeout|Read timed out|Network is unreachable|"
        r"ProxyError|operation timed out",
        output,
    ):
        return (
            "no network, and not every package is in the installer's cache.\n"
            "Connect and try again, or name a folder of wheels: make book WHEELS=folder "
            "(made on a connected machine by make wheels WHEELS=folder)."
        )
    package = missing_wheel(output)
    if package:
        python = ".".join(str(part) for part in sys.version_info[:2])
        if wheels:
            return (
                f"no wheel of {package} for Python {python} on this machine in the folder {wheels}.\n"
                "Add it: make wheels WHEELS=folder, on a like machine with a network."
            )
        return (
            f"no wheel of {package} for Python {python} on this machine where the installer looks for packages.\n"
            "Use a Python from 3.11 to 3.13 on a common system, or name a folder that holds the wheel with WHEELS=."
        )
    if re.search(r"ensurepip|No module named '?(venv|pip)'?", output):
        return (
            f"this Python comes without its venv or ensurepip module ({sys.executable}).\n"
            "Install it (on Debian and Ubuntu: apt install python3-venv), install uv, or name another Python: "
            "make book PYTHON=/path/to/python3.12"
        )
    return f"the installer stopped with status {status}. Its last words:\n{last_lines(output, 12)}"


def missing_wheel(output):
    """Return the package for which pip or uv found no wheel, or None."""
    found = (
        re.search(r"No matching distribution found for (\S+)", output)
        or re.search(r"and you require ([\w.\-]+==[\w.+!\-]+)", output)
        or re.search(r"Because ([\w.\-]+(?:==[\w.+!\-]+)?) (?:was not found|has no)", output)
    )
    return found.group(1).rstrip(".,") if found else None


def free_space(folder):
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:.0f} MB free at {folder}"
    except OSError:
        return "no space left at " + folder


def last_lines(text, count):
    return "\n".join("  " + line for line in [line for line in text.splitlines() if line.strip()][-count:])


# --- making the environment


def choose_installer(asked):
    """Return "uv" or "pip"; uv must not only be on PATH but start."""
    if asked == "pip":
        return "pip"
    if runs(["uv", "--version"]):
        return "uv"
    if asked == "uv":
        raise Refusal("uv was asked for, but it does not start.\nInstall it, or leave INSTALLER= away to use pip.")
    return "pip"


def check_wheels(wheels):
    """Return the wheel folder's full path, or None; refuse one without wheels."""
    if not wheels:
        return None
    folder = os.path.abspath(os.path.expanduser(wheels))
    if not os.path.isdir(folder):
        raise Refusal(f"WHEELS={wheels} is not a folder.\nName the folder that holds the wheels.")
    if not any(name.endswith(".whl") for name in os.listdir(folder)):
        raise Refusal(f"WHEELS={wheels} holds no wheel (*.whl).\nFill it with make wheels WHEELS={wheels}")
    return folder


def check_writable(root):
    """Refuse a project folder in which nothing can be written."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".writable-", dir=root):
            pass
    except OSError as error:
        raise Refusal(explain(f"{error.strerror} (os error {error.errno})", 1, None, venv_folder(root))) from None


def venv_folder(root):
    return os.path.join(root, ".venv")


def venv_python(venv):
    return os.path.join(venv, "Scripts", "python.exe") if os.name == "nt" else os.path.join(venv, "bin", "python")


def remove(venv):
    if os.path.islink(venv) or os.path.isfile(venv):
        os.remove(venv)
    elif os.path.isdir(venv):
        shutil.rmtree(venv)


def make_venv(venv, installer):
    if installer == "uv":
        # The interpreter is named by its path: a version manager's shim can lead uv elsewhere.
        return run(["uv", "venv", "--quiet", "--python", sys.executable, venv])
    return run([sys.executable, "-m", "venv", venv])


def install_lock(venv, installer, lock, wheels):
    """Install the locked packages; return (exit status, output)."""
    source = ["--no-index", "--find-links", wheels] if wheels else []
    common = ["--require-hashes", "--only-binary", ":all:", *source]
    if installer == "uv":
        command = ["uv", "pip", "sync", "--python", venv_python(venv), *common]
        if not wheels:
            # Pinned versions with hashes are the same from the cache as from the network, and the cache is quicker.
            status, output = run([*command, "--offline", lock])
            if status == 0:
                return status, output
            say("  fetching what the cache does not hold")
        return run([*command, lock])
    with open(lock) as stream:
        packages = sum("==" in line for line in stream)
    command = [venv_python(venv), "-m", "pip", "install", *common, "-r", lock]
    return run(command, pip_progress(packages))


def install_project(venv, installer, root):
    """Install the project itself, editable, from what is already in the environment."""
    options = ["--no-deps", "--no-build-isolation", "--editable", root]
    if installer == "uv":
        return run(["uv", "pip", "install", "--quiet", "--offline", "--python", venv_python(venv), *options])
    return run([venv_python(venv), "-m", "pip", "install", "--quiet", "--no-index", *options])


def make_environment(root, asked_installer="auto", wheels=None):
    """Bring .venv to what requirements.lock and pyproject.toml say; return what was done."""
    venv = venv_folder(root)
    wanted = wanted_stamp(root)
    stamp = read_stamp(venv)
    # The common case starts no process at all.
    if stamp == wanted and os.path.exists(venv_python(venv)):
        return "nothing"
    wheels = check_wheels(wheels)
    check_writable(root)
    installer = choose_installer(asked_installer)
    action = plan(stamp, wanted, bool(stamp) and runs([venv_python(venv), "-c", "import sys"]), installer)
    if action != "make" and installer == "pip" and not runs([venv_python(venv), "-m", "pip", "--version"]):
        action = "make"
    started = time.time()
    done = False
    try:
        if os.path.isfile(os.path.join(venv, "platform-labour.json")):
            # Without its stamp an environment counts as half-made, so a stop from here on is noticed next time.
            os.remove(os.path.join(venv, "platform-labour.json"))
        if action == "make":
            if os.path.lexists(venv):
                say("Environment: removing a .venv that is half-made or made for something else")
                remove(venv)
            say(f"Environment: making .venv for Python {wanted['python']} with {installer}")
            expect(make_venv(venv, installer), wheels, venv)
        if action in ("make", "update"):
            say("Environment: installing the packages of requirements.lock, hashes checked")
            expect(install_lock(venv, installer, os.path.join(root, "requirements.lock"), wheels), wheels, venv)
        say("Environment: installing the project")
        expect(install_project(venv, installer, root), wheels, venv)
        write_stamp(venv, wanted)
        done = True
    except OSError as error:
        raise Refusal(explain(f"{error.strerror} (os error {error.errno})", 1, wheels, venv)) from None
    finally:
        if not done and action == "make":
            # Gives the space back, which a full disk needs most.
            shutil.rmtree(venv, ignore_errors=True)
    say(f"Environment: ready after {time.time() - started:.0f} s")
    return action


def expect(result, wheels, venv):
    status, output = result
    if status != 0:
        raise Refusal(explain(output, status, wheels, venv))


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make the project's environment, .venv, from requirements.lock.")
    parser.add_argument("--installer", choices=("auto", "uv", "pip"), default="auto", help="uv if found, else pip")
    parser.add_argument("--wheels", metavar="FOLDER", help="install from this folder, without any network")
    options = parser.parse_args(arguments)
    try:
        if sys.version_info[:2] < OLDEST:
            check_python(sys.version_info, sys.executable, newer_pythons())
        if sys.version_info[:2] > NEWEST_TESTED:
            newest = ".".join(str(part) for part in NEWEST_TESTED)
            say(f"Environment: this Python is newer than {newest}, the newest the project is tested with")
        make_environment(ROOT, options.installer, options.wheels)
    except Refusal as refusal:
        print("Environment: " + str(refusal), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnvironment: stopped; the next run starts afresh.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
