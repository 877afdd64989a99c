"""User-visible differences of targets from AWS, each with the test that shows it. Maintained by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    """``test``: a file of this repository; ``seen``: when it was last looked at."""

    where: str
    what: str
    test: str
    seen: str


DEVIATIONS = (
    Deviation("all but AWS", "memory limits of functions are not enforced", "docs/emulation/emulator.md", "2026-11-30"),
    Deviation(
        "all but AWS", "resource types that emulators lack are left out, and each deployment names them",
        "tests/contract/test_emulator_capabilities.py", "2026-11-30",
    ),
    Deviation("all but AWS", "no X-Ray API: the console has the traces", "tests/e2e/test_traces.py", "2026-11-30"),
    Deviation(
        "MiniStack, processes", "search by tantivy and fugashi, not OpenSearch and kuromoji",
        "tests/contract/test_search_compare.py", "2026-11-30",
    ),
    Deviation(
        "LocalStack", "IAM is not enforced: no policies, and no signatures but those of S3's links and forms",
        "tests/contract/test_localstack_signatures.py", "2026-12-02",
    ),
    Deviation("LocalStack", "nothing survives a restart", "tests/unit/kit/test_saves.py", "2026-11-30"),
    Deviation(
        "LocalStack", "Cognito, HTTP and WebSocket APIs, CloudFront and WAF are the companion's",
        "tests/contract/test_localstack.py", "2026-11-30",
    ),
    Deviation("Docker", "no WebTransport", "tests/compose/test_compose.py", "2026-11-30"),
)  # fmt: skip
