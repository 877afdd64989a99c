"""``python -m kit.compose.deploy [endpoints|ready]``: the one-shot that deploys, inside a container of the kit.

``endpoints`` prints what the last deployment found out, for tests and tools outside; ``ready`` where to look.
"""

from __future__ import annotations

import shutil
import sys

from emulation.private import keep_private
from kit.answers import is_deployed, wait_for_answers
from kit.deploy.incremental import Deployment
from kit.reindex import bring_up_to_date
from kit.settings import Settings
from kit.steps import Runner, Step, StepFailed


def deploy(settings: Settings) -> None:
    """The same steps as on the embedded target; the servers are up, Compose saw to it.

    Raises:
        StepFailed: one of them did not reach its goal.
    """
    deployment = Deployment(settings, "compose")
    kept = settings.state / "endpoints.json"
    if not is_deployed(settings):
        # The emulator's volume is another one: what was noted of an older deployment is void.
        shutil.rmtree(settings.state / "stamps", ignore_errors=True)
        kept.unlink(missing_ok=True)
    if kept.exists():
        shutil.copy(kept, settings.endpoints_file)

    def keep() -> str | None:
        """Only the state survives the container."""
        shutil.copy(settings.endpoints_file, kept)
        return None

    steps = [Step("indices", "Renew outdated search indices", lambda: bring_up_to_date(settings), ("answers",))]
    if settings.wants_seed:
        steps.append(Step("seed", "Seed a small lively network", deployment.seed, ("indices",)))
    Runner().run(
        [
            Step("synth", "Synthesize the stacks", deployment.synthesize),
            Step("imports", "Import the functions' code", deployment.check_imports),
            Step("cdk-bootstrap", "Bootstrap the account for CDK", deployment.bootstrap),
            Step("deploy", "Deploy every stack", deployment.deploy, ("synth", "imports", "cdk-bootstrap")),
            Step("finish", "Finish: UI, keys, CORS, endpoints", deployment.finish, ("deploy",)),
            Step("answers", "Wait until all of it answers", lambda: wait_for_answers(settings), ("finish",)),
            *steps,
            Step("keep", "Keep what was found out", keep, (steps[-1].name,)),
        ]
    )


def main() -> int:
    """Exit code; what is wrong goes to standard error in words."""
    keep_private()
    settings = Settings.load()
    if sys.argv[1:] == ["endpoints"]:
        print((settings.state / "endpoints.json").read_text("utf-8"))
        return 0
    if sys.argv[1:] == ["ready"]:
        print(f"asyncsns is up: {settings.public_url('edge')}  console: {settings.public_url('console')}")
        return 0
    try:
        deploy(settings)
    except StepFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
