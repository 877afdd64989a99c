"""The tools, each over a folder of templates. All run locally, without network access.

cfn-lint reads CloudFormation's own schemas, checkov has rules of security, parliament knows IAM's actions and the form
of their resources, check-jsonschema reads GitHub's workflows by the schema that it brings along.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from emulation.settings import REGION
from kit.template_checks.finding import Finding
from kit.template_checks.policies import identity_policies
from kit.template_checks.resolve import Json

#: A tool's programs and the folder of templates → what it objects to.
Tool = Callable[[Path, Path], Iterator[Finding]]
_SUFFIX = ".template.json"
WORKFLOWS: Final = Path(__file__).resolve().parents[2] / ".github" / "workflows"


class ToolFailed(Exception):
    """A tool gave no answer; the message is its own."""


def templates_of(folder: Path) -> dict[str, Json]:
    """Templates by stack."""
    files = sorted(folder.glob(f"*{_SUFFIX}"))
    return {file.name.removesuffix(_SUFFIX): json.loads(file.read_text("utf-8")) for file in files}


def cfn_lint(programs: Path, folder: Path) -> Iterator[Finding]:
    files = [str(file) for file in sorted(folder.glob(f"*{_SUFFIX}"))]
    for row in _json([programs / "cfn-lint", "--regions", REGION, "--format", "json", "--template", *files]):
        path = [str(part) for part in row["Location"]["Path"] or ()]
        place = f"{_stack(row['Filename'])}/{path[1] if len(path) > 1 else '-'}"
        yield Finding("cfn-lint", row["Rule"]["Id"], place, row["Message"])


def checkov(programs: Path, folder: Path) -> Iterator[Finding]:
    options = ("--framework", "cloudformation", "--compact", "--quiet", "--skip-download", "--output", "json")
    answer = _json([programs / "checkov", "--directory", folder, *options])
    if answer["summary"]["parsing_errors"]:
        raise ToolFailed(f"checkov could not read {answer['summary']['parsing_errors']} templates")
    for row in answer["results"]["failed_checks"]:
        place = f"{_stack(row['file_path'])}/{row['resource'].rpartition('.')[2]}"
        yield Finding("checkov", row["check_id"], place, row["check_name"])


def parliament(programs: Path, folder: Path) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as scratch:
        places = {}
        for number, (place, document) in enumerate(identity_policies(templates_of(folder))):
            file = Path(scratch, f"{number}.json")
            file.write_text(json.dumps(document), "utf-8")
            places[file.name] = place
        command = [str(programs / "parliament"), "--directory", scratch, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "Traceback" in done.stderr:
            raise ToolFailed(f"parliament: {done.stderr.strip().splitlines()[-1]}")
        for line in done.stdout.splitlines():
            row = json.loads(line)
            place = places[Path(row["location"]["filepath"]).name]
            yield Finding("parliament", row["issue"], place, f"{row['title']}: {json.dumps(row['detail'])}")


def workflows(programs: Path, _: Path) -> Iterator[Finding]:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax"""
    files = [str(file) for file in sorted(WORKFLOWS.glob("*.yml"))]
    answer = _json([programs / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", "-o", "json", *files])
    for row in answer.get("errors", ()):
        yield Finding("check-jsonschema", row["path"], f"workflows/{Path(row['filename']).name}", row["message"])
    for row in answer.get("parse_errors", ()):
        yield Finding("check-jsonschema", "parse", f"workflows/{Path(row['filename']).name}", row["message"])


TOOLS: Final[dict[str, Tool]] = {
    "cfn-lint": cfn_lint, "checkov": checkov, "parliament": parliament, "check-jsonschema": workflows,
}  # fmt: skip


def _stack(file: str) -> str:
    return Path(file).name.removesuffix(_SUFFIX)


def _json(command: list[str | Path]) -> Any:
    """The output of a tool: its exit code only says that there are findings."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise ToolFailed(f"{Path(command[0]).name}: expected JSON, got: {said[-1]}") from None
