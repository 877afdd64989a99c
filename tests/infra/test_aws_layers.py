"""The deployed layers and packages run on Lambda's Python: that version imports and uses them.

"Working with layers for Python Lambda functions": https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
"""

from __future__ import annotations

import re
import subprocess
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from infra.bundles import code_zip
from infra.constants import camel
from infra.interpreters import HOST_PYTHON, LAMBDA_PYTHON, interpreter
from infra.layers import layer_zip
from tests.infra.templates import ROOT, Templates, text

LAYERS = sorted(file.stem.removeprefix("layer-") for file in (ROOT / "requirements").glob("layer-*.txt"))
#: Packages in Lambda's Python runtime besides the standard library.
RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
QUOTA_MB = 250
#: More than the unpacked size of the largest package.
CODE_MB = 10
_PINNED = re.compile(r"^([a-z0-9_.-]+)(?:\[[^]]*\])?==", re.MULTILINE)

#: One real use of each layer's compiled code.
USES = {
    "api": "import pydantic, regex\nclass A(pydantic.BaseModel): n: int\n"
    "assert A.model_validate_json('{\"n\": 1}').n == 1 and regex.fullmatch(r'\\p{Han}+', '京都')",
    "media": "import io\nfrom PIL import Image\nb = io.BytesIO()\nImage.new('RGB', (2, 2), 'red').save(b, 'WEBP')\n"
    "assert Image.open(b).size == (2, 2)",
    "push": "from cryptography.hazmat.primitives.asymmetric import ec\nimport pywebpush\n"
    "ec.generate_private_key(ec.SECP256R1())",
    "signing": "from cryptography.hazmat.primitives.asymmetric import rsa\nrsa.generate_private_key(65537, 2048)",
    "search": "import opensearchpy\nopensearchpy.OpenSearch(['http://127.0.0.1:1'])",
    "redis": "import redis\nredis.Redis()",
    "video": "import av\nfor name in ('h264', 'vp9', 'aac', 'opus'): av.codec.Codec(name, 'r')",
}


@pytest.fixture(scope="session")
def python() -> str:
    """An interpreter of Lambda's Python version."""
    found = interpreter(LAMBDA_PYTHON)
    if found is None:
        pytest.skip(f"python{LAMBDA_PYTHON} is absent (this is {HOST_PYTHON})")
    return found


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with exactly the packages of Lambda's runtime."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in RUNTIME:
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Layer → the folder that Lambda would add to the path."""
    opt = tmp_path_factory.mktemp("opt")
    for name in LAYERS:
        with zipfile.ZipFile(layer_zip(ROOT, name, for_aws=True)) as archive:
            archive.extractall(opt / name)
    return {name: opt / name / "python" for name in LAYERS}


def _run(python: str, code: str, *path: Path) -> str:
    future = "from __future__ import annotations\n"
    script = f"{future}import sys\nsys.path[:0] = {[str(part) for part in path]!r}\n{code.replace(future, '')}"
    done = subprocess.run([python, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_has_one_version_of_each_package(layer: str) -> None:
    """One version of a package for every Python: a forked lock would deploy an untested one."""
    names = _PINNED.findall((ROOT / "requirements" / f"layer-{layer}.txt").read_text("utf-8"))
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_works_on_lambda_s_python(layer: str, python: str, unpacked: dict[str, Path], runtime: Path) -> None:
    _run(python, USES[layer], unpacked[layer], unpacked["api"], runtime)


def test_layers_are_compiled_for_lambda_s_python(python: str, unpacked: dict[str, Path]) -> None:
    """Layers are read-only on Lambda: code without bytecode is compiled at each cold start."""
    tag = f".cpython-{LAMBDA_PYTHON.replace('.', '')}.pyc"
    for name, folder in unpacked.items():
        package = next(path for path in sorted(folder.iterdir()) if (path / "__init__.py").exists())
        assert (package / "__pycache__" / f"__init__{tag}").exists(), name


@pytest.mark.long
def test_every_function_is_imported_by_lambda_s_python(
    aws: Templates, python: str, unpacked: dict[str, Path], runtime: Path
) -> None:
    by_layers: dict[tuple[str, ...], set[str]] = {}
    for row in aws.functions().values():
        layers = tuple(layer for layer in LAYERS if f"Layer{camel(layer)}" in text(row["Layers"]))
        by_layers.setdefault(layers, set()).add(row["Handler"].rpartition(".")[0])
    importer = (ROOT / "kit" / "deploy" / "imports.py").read_text("utf-8")
    for layers, modules in by_layers.items():
        packages = [f"{code_zip(ROOT, module.split('.')[1])}={module}" for module in sorted(modules)]
        path = [*(unpacked[layer] for layer in layers), runtime]
        assert _run(python, f"sys.argv[1:] = {packages!r}\n{importer}", *path) == "[]\n", layers


def test_layers_of_a_function_fit_into_lambda_s_quota(aws: Templates, unpacked: dict[str, Path]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 250 MB unpacked, with the code"""
    sizes = {
        name: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for name, folder in unpacked.items()
    }
    for name, row in aws.functions().items():
        used = sum(size for layer, size in sizes.items() if f"Layer{camel(layer)}" in text(row["Layers"]))
        assert used < (QUOTA_MB - CODE_MB) * 2**20, f"{name}: {used / 2**20:.0f} MB of layers"
