"""The stacks that a deployment includes."""

from __future__ import annotations

import json
from pathlib import Path

from kit.deploy.assembly import DeployedDigests, stacks_of


def _assembly(folder: Path, templates: dict[str, str], needs: dict[str, list[str]]) -> Path:
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.template.json"},
            "dependencies": needs.get(name, []),
        }
        for name in templates
    }
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {**artifacts, "Tree": {"type": "cdk:tree"}}}))
    for name, text in templates.items():
        (folder / f"{name}.template.json").write_text(text)
    return folder


def test_stacks_come_after_their_dependencies(tmp_path: Path) -> None:
    folder = _assembly(
        tmp_path, {"Api": "{}", "Data": "{}", "Edge": "{}"}, {"Api": ["Data"], "Edge": ["Api", "Assets"]}
    )
    assert [stack.name for stack in stacks_of(folder)] == ["Data", "Api", "Edge"]


def test_only_changed_new_and_lost_stacks_are_deployed(tmp_path: Path) -> None:
    digests = DeployedDigests(tmp_path / "state" / "digests.json")
    first = stacks_of(_assembly(tmp_path / "out", {"Api": '{"v": 1}', "Data": "{}"}, {}))
    assert [stack.name for stack in digests.changed(first, set())] == ["Api", "Data"]
    digests.write(first)
    assert digests.changed(first, {"Api", "Data"}) == []

    second = stacks_of(_assembly(tmp_path / "out", {"Api": '{"v": 2}', "Data": "{}"}, {}))
    assert [stack.name for stack in digests.changed(second, {"Api", "Data"})] == ["Api"]
    assert [stack.name for stack in digests.changed(first, {"Api"})] == ["Data"]
