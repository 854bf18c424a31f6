// Bundles scripts, styles and icons into the folder given as the only argument.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const out = process.argv[2];
const icons = "node_modules/@tabler/icons";
mkdirSync(out, { recursive: true });

const result = await build({
  entryPoints: ["web/ts/app.ts", "web/ts/map.ts", "web/styles/main.css", "web/styles/editor.css", "web/styles/calendar.css"],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  metafile: true,
  target: "chrome86",
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  legalComments: "linked",
  logLevel: "warning",
});

function hashed(name, extension, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const file = `${name}-${hash}${extension}`;
  writeFileSync(join(out, file), content);
  return file;
}

function sprite() {
  const names = readFileSync("web/static/icons.txt", "utf8").split("\n").filter(Boolean);
  const symbols = names.map((name) => {
    const text = readFileSync(join(icons, "icons", "outline", `${name}.svg`), "utf8");
    const body = text.slice(text.indexOf(">") + 1, text.lastIndexOf("</svg>"));
    const paths = body.replace(/\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "").replace(/\s+/g, " ");
    return `<symbol id="${name}" viewBox="0 0 24 24">${paths.trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

function licences(metafile) {
  const roots = new Set([icons]);
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^node_modules\/(@[^/]+\/[^/]+|[^/]+)\//.exec(input);
    if (match) roots.add(`node_modules/${match[1]}`);
  }
  return [...roots].sort().map((root) => {
    const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const file = readdirSync(root).find((name) => /^(licen[cs]e|copying)/i.test(name));
    const text = file ? readFileSync(join(root, file), "utf8").trim() : `Licence: ${about.license}`;
    return `${about.name} ${about.version} (${about.license})\n\n${text}\n`;
  }).join(`\n${"-".repeat(78)}\n\n`);
}

/** An output and all that it imports at once. */
function withImports(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind } of result.metafile.outputs[file].imports) if (kind === "import-statement") withImports(path, found);
  return found;
}

const manifest = {};
const preloads = {};
for (const [file, about] of Object.entries(result.metafile.outputs)) {
  if (!about.entryPoint) continue;
  const name = basename(about.entryPoint).replace(/\.ts$/, ".js");
  manifest[name] = relative(out, file);
  if (name.startsWith("wg-")) preloads[name] = [...withImports(file)].map((path) => relative(out, path)).sort();
}
manifest["icons.svg"] = hashed("icons", ".svg", sprite());
for (const name of ["favicon.svg"]) {
  manifest[name] = hashed("favicon", ".svg", readFileSync(join("web/static", name)));
}
writeFileSync(join(out, "THIRD-PARTY.txt"), licences(result.metafile));
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 1));
writeFileSync(join(out, "preloads.json"), JSON.stringify(preloads, null, 1));
for (const name of readdirSync(out).filter((name) => /\.(js|css|svg|txt)$/.test(name))) {
  writeFileSync(join(out, `${name}.gz`), gzipSync(readFileSync(join(out, name)), { level: 9 }));
}
for (const file of Object.values(manifest)) {
  if (!existsSync(join(out, file))) throw new Error(`missing from the bundle: ${file}`);
}
