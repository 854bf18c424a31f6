// Names the built files that hold syntax newer than the browser named by the first argument.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";

const [target, folder] = process.argv.slice(2);
const spelled = async (code, loader, level) => (await transform(code, { loader, target: level, minifyWhitespace: true })).code;

for (const name of readdirSync(folder).filter((file) => /\.(js|css)$/.test(file))) {
  const code = readFileSync(join(folder, name), "utf8");
  const loader = name.endsWith(".css") ? "css" : "js";
  if ((await spelled(code, loader, target)) === (await spelled(code, loader, "esnext"))) continue;
  console.error(`${name}: newer than ${target}`);
  process.exitCode = 1;
}
