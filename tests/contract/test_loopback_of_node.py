"""LocalStack's Kinesis is a Node server without an address option: a preloaded module binds it to loopback."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from emulation.localstack.host import LOOPBACK

_SCRIPT = """
const http = require('node:http');
const server = http.createServer().on('listening', () => {
  console.log(JSON.stringify(server.address()));
  server.close();
});
server.listen(%s);
"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is absent")


@pytest.mark.parametrize(
    "arguments",
    ["0", "'0'", "", "0, () => {}", "0, 511", "0, '0.0.0.0'", "0, '::', 511, () => {}", "0, undefined, () => {}",
     "{ port: 0 }", "{ port: 0, host: '::' }, () => {}", "0, 'localhost'", "{ port: 0, host: '127.0.0.1' }"],
)  # fmt: skip
def test_a_server_that_names_no_address_listens_on_loopback(arguments: str) -> None:
    command = ["node", "--require", str(LOOPBACK), "--eval", _SCRIPT % arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout)["address"] in {"127.0.0.1", "::1"}


def test_a_socket_file_is_left_as_it_is(tmp_path: object) -> None:
    command = ["node", "--require", str(LOOPBACK), "--eval", _SCRIPT % json.dumps(f"{tmp_path}/s")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout) == f"{tmp_path}/s"
