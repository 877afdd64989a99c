"""``make cost``: the bill for any number of daily users; ``MEASURE=yes`` measures the running stack first."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from emulation.private import keep_private
from infra.stages import PROD
from kit.deploy.synth import synthesize
from kit.settings import Settings
from kit.template_checks.tools import templates_of
from loadtests.cost import measure, page
from loadtests.cost.model import Deployed, Model

#: Made before the deployment, and by it: media-signing, web-push, origin.
_SECRETS = 3


def deployed(folder: Path) -> Deployed:
    """Resources of the templates for AWS that cost money when idle."""
    counts = Counter(
        row["Type"] for template in templates_of(folder).values() for row in template["Resources"].values()
    )
    return Deployed(
        counts["AWS::CloudWatch::Alarm"], counts["AWS::Lambda::Function"], _SECRETS, PROD.shards, PROD.search_gb
    )


def main() -> None:
    keep_private()
    parser = argparse.ArgumentParser(prog="make cost", description=__doc__)
    parser.add_argument("--measure", action="store_true")
    given = parser.parse_args()
    settings = Settings.load()
    if given.measure:
        print(f"measured: {measure.write().relative_to(settings.root)}")
    model = Model.load(deployed(synthesize(settings, "aws")))
    for name, text in page.files(model).items():
        (page.DOCS / name).write_text(text, "utf-8")
        print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
