"""Fetch the jars of ``pom.xml``, verify them by ``checksums.txt``, compile our launcher and plugin."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
CHECKSUMS = HERE / "checksums.txt"
SOURCES = HERE / "java"
_JAVA = 17
_HEAP = "512m"
_TOOLS = {
    "java": f"a JRE {_JAVA} or newer (Debian: apt-get install openjdk-17-jdk-headless)",
    "javac": f"a JDK {_JAVA} or newer (Debian: apt-get install openjdk-17-jdk-headless)",
    "mvn": "Maven 3 (Debian: apt-get install maven)",
}


class CannotAssemble(Exception):
    """The node can't be assembled; the message says why and how to fix it."""


def missing_tools() -> list[str]:
    """Missing requirements of a node, each with the fix; empty when there are none."""
    return [f"{tool}: {how}" for tool, how in _TOOLS.items() if shutil.which(tool) is None]


def assemble(home: Path) -> str:
    """Make everything ready under ``home``; returns the class path.

    Raises:
        CannotAssemble: a tool is missing, an artifact can't be fetched, or a jar is not the one that was locked.
    """
    if missing := missing_tools():
        raise CannotAssemble("a real OpenSearch node needs " + "; ".join(missing))
    jars, classes = home / "jars", home / "classes"
    if not _matches(jars):
        shutil.rmtree(jars, ignore_errors=True)
        _fetch(jars)
        _verify(jars)
    _compile(classes, jars)
    return f"{classes}:{jars}/*"


def command(class_path: str, data: Path, port: int) -> list[str]:
    """The node's command line; its settings are in ``java/asyncsns/SearchNode.java``. Makes the folder of its data."""
    (data / "config").mkdir(parents=True, exist_ok=True)
    return [
        "java", f"-Xms{_HEAP}", f"-Xmx{_HEAP}", "-XX:+UseSerialGC", "-Dlog4j2.disable.jmx=true",
        "-cp", class_path, "asyncsns.SearchNode", str(data), str(port),
    ]  # fmt: skip


def write_lock(home: Path) -> int:
    """Fetch what ``pom.xml`` names and write its checksums again; returns the number of jars."""
    jars = home / "jars"
    shutil.rmtree(jars, ignore_errors=True)
    _fetch(jars)
    sums = checksums_of(jars)
    CHECKSUMS.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
    return len(sums)


def checksums_of(jars: Path) -> dict[str, str]:
    """Name → SHA-256 of every jar in a folder."""
    return {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in sorted(jars.glob("*.jar"))}


def locked() -> dict[str, str]:
    pairs = (line.split(maxsplit=1) for line in CHECKSUMS.read_text().splitlines() if line.strip())
    return {name: digest for digest, name in pairs}


def _matches(jars: Path) -> bool:
    return jars.exists() and checksums_of(jars) == locked()


def _verify(jars: Path) -> None:
    found, wanted = checksums_of(jars), locked()
    wrong = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    if wrong:
        shutil.rmtree(jars)
        raise CannotAssemble(f"these jars are not the locked ones: {', '.join(wrong)} (see {CHECKSUMS})")


def _fetch(jars: Path) -> None:
    command = [
        "mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies",
        "-DincludeScope=runtime", f"-DoutputDirectory={jars}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CannotAssemble(f"Maven could not fetch the artifacts:\n{done.stdout[-1500:]}")


def _compile(classes: Path, jars: Path) -> None:
    sources = sorted(SOURCES.rglob("*.java"))
    stamp = classes / "sources.sha256"
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    shutil.rmtree(classes, ignore_errors=True)
    classes.mkdir(parents=True)
    command = ["javac", "--release", str(_JAVA), "-d", str(classes), "-cp", f"{jars}/*", *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CannotAssemble(f"javac refused our own sources:\n{done.stderr[-1500:]}")
    stamp.write_text(digest)
