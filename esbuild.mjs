/**
 * Builds every bundle of Assay into `dist/`.
 *
 *     node esbuild.mjs [--production] [--tests [FILE...]] [--watch] [--outdir DIR]
 *
 * `--tests` builds the tests as well (only the files named, where some are); `--production` minifies and leaves the
 * source maps out; `--watch` stays and rebuilds; `--outdir` writes elsewhere than into `dist`.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";

const { values: options, positionals: namedTests } = parseArgs({
  allowPositionals: true,
  options: {
    production: { type: "boolean", default: false },
    tests: { type: "boolean", default: false },
    watch: { type: "boolean", default: false },
    outdir: { type: "string", default: "dist" },
  },
});
const out = (...parts) => path.join(options.outdir, ...parts);
/** Python files lowered before. What they are named for says what they hold, so one folder serves every build. */
const cache = "dist/.cache";
const wasmFiles = {
  runtime: "node_modules/web-tree-sitter/web-tree-sitter.wasm",
  python: "node_modules/tree-sitter-python/tree-sitter-python.wasm",
  typescript: "node_modules/tree-sitter-typescript/tree-sitter-typescript.wasm",
  tsx: "node_modules/tree-sitter-typescript/tree-sitter-tsx.wasm",
};

/** The files of a folder and below whose names have an ending, as sorted paths relative to it; none where it is absent. */
function filesBelow(folder, ending) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => file.endsWith(ending))
    .sort();
}

/** What `every:NAME` lists: the record files of a folder, and the file there that declares their type. */
const catalogues = {
  ops: { folder: "src/ops", type: "op.ts" },
  devices: { folder: "src/cost/devices", type: "device.ts" },
  interconnects: { folder: "src/cost/interconnects", type: "interconnect.ts" },
  rules: { folder: "src/advice/rules", type: "rule.ts" },
  techniques: { folder: "src/advice/techniques", type: "technique.ts" },
  scriptRules: { folder: "src/advice/javascript", type: "rule.ts" },
  quantization: { folder: "src/configs/quantization", type: "quantization.ts" },
};

/** `import ops from "every:ops"`: each record file of a folder, sorted, so that adding a file is enough. */
const every = {
  name: "every",
  setup(build) {
    build.onResolve({ filter: /^every:/ }, ({ path: name }) => ({ path: name.slice(6), namespace: "every" }));
    build.onLoad({ filter: /.*/, namespace: "every" }, ({ path: name }) => {
      const { folder, type } = catalogues[name];
      const files = filesBelow(folder, ".ts").filter(
        (file) => file !== type && !/(^|\/)(_|shared\/|catalogue\.ts$)/.test(file),
      );
      const imports = files.map((file, i) => `import r${i} from "./${file}";`);
      const records = files.map((file, i) => `{ file: "${file}", record: r${i} }`);
      return {
        contents: `${imports.join("\n")}\nexport default [${records.join(", ")}];`,
        resolveDir: path.resolve(existsSync(folder) ? folder : "."),
        watchDirs: existsSync(folder) ? [path.resolve(folder)] : [],
      };
    });
  },
};

/**
 * `import pages from "pages:rules"`: of each record of a catalogue, by its file: what its own comment says of it, and an
 * example with what its fix makes of it from the record's test page.
 */
const pages = {
  name: "pages",
  setup(build) {
    build.onResolve({ filter: /^pages:/ }, ({ path: name }) => ({ path: name.slice(6), namespace: "pages" }));
    build.onLoad({ filter: /.*/, namespace: "pages" }, ({ path: name }) => {
      const { folder, type } = catalogues[name];
      const files = filesBelow(folder, ".ts").filter((file) => file !== type && !/(^|\/)(_|shared\/)/.test(file));
      const fixtures = files.map((file) => path.join("test", name, file.replace(/\.ts$/, ".md")));
      const read = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");
      const entries = files.map((file, i) => [
        file,
        { comment: recordComment(read(path.join(folder, file))), ...firstExample(read(fixtures[i])) },
      ]);
      return {
        contents: `export default ${JSON.stringify(Object.fromEntries(entries))};`,
        watchFiles: [...files.map((file) => path.resolve(folder, file)), ...fixtures.map((file) => path.resolve(file))],
        watchDirs: [path.resolve(folder)],
      };
    });
  },
};

/** The text of the comment over a record, a paragraph a line. */
function recordComment(source) {
  const [, comment = ""] =
    /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*(?:const \w+: \w+|export default technique)/.exec(source) ?? [];
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd())
    .join("\n")
    .trim()
    .replaceAll(/(?<!\n)\n(?!\n)/g, " ");
}

/** The first example of a page in which something is found, without its promises, and what a fix makes of it. */
function firstExample(page) {
  const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, kind, text]) => ({ kind, text }));
  const promise = / *(?:#|\/\/) (?:error|warning|information|hint): \[.*$/gm;
  const at = blocks.findIndex(({ kind, text }) => /^(py|js|ts)$/.test(kind) && text.search(promise) >= 0);
  if (at < 0) return {};
  const next = blocks[at + 1];
  return {
    example: blocks[at].text.replaceAll(promise, ""),
    ...(next?.kind === "after" && { fixed: next.text.replaceAll(promise, "") }),
  };
}

/**
 * `import files from "python:src/torch"`: the Python files of a folder by relative path, lowered to trees now, so that
 * start-up pays nothing. Each tree is JSON text that is parsed when it is first read.
 */
const python = {
  name: "python",
  setup(build) {
    build.onStart(() => {
      loweringReady = undefined;
      parserReady = undefined;
    });
    build.onResolve({ filter: /^python:/ }, ({ path: name }) => ({ path: name.slice(7), namespace: "python" }));
    build.onLoad({ filter: /.*/, namespace: "python" }, async ({ path: folder }) => {
      const files = filesBelow(folder, ".py");
      if (files.length > 0) loweringReady ??= lowering();
      // What is wrong with the parser itself is reported where it is wrong.
      const lower = await loweringReady?.catch((failure) => failure);
      if (lower?.errors) return { errors: lower.errors };
      const lowered = files.map((file) => lower(folder, file));
      const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
      const folders = entries
        .filter((entry) => entry.isDirectory())
        .map((entry) => path.join(entry.parentPath, entry.name));
      return {
        contents: lazyModules(files.map((file, i) => `${JSON.stringify(file)}: ${JSON.stringify(lowered[i].json)}`)),
        errors: lowered.flatMap(({ errors }) => errors),
        watchFiles: files.map((file) => path.resolve(folder, file)),
        watchDirs: [folder, ...folders].map((name) => path.resolve(name)),
      };
    });
  },
};
/** `import tree from "script:src/tfjs/library"`: the JavaScript files that its `order.json` lists as one script, lowered now. */
const script = {
  name: "script",
  setup(build) {
    build.onResolve({ filter: /^script:/ }, ({ path: name }) => ({ path: name.slice(7), namespace: "script" }));
    build.onLoad({ filter: /.*/, namespace: "script" }, async ({ path: folder }) => {
      const listed = path.join(folder, "order.json");
      const files = JSON.parse(readFileSync(listed, "utf8")).map((name) => path.join(folder, name));
      const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
      parserReady ??= preparedParser();
      const { parser } = await parserReady;
      const tree = parser.scripts.parse(`assay:/${folder}.js`, text);
      const json = JSON.stringify({ ...tree, text: "", lineStarts: [0] }, withoutPlaces);
      return {
        contents: `export default JSON.parse(${JSON.stringify(json)});`,
        errors: tree.problems.map(({ message }) => ({ text: `${folder}: ${message}` })),
        watchFiles: [listed, ...files].map((file) => path.resolve(file)),
      };
    });
  },
};
/** No place in our own library is ever shown. */
function withoutPlaces(key, value) {
  return key === "start" || key === "end" || key === "at" || key === "nameAt" ? undefined : value;
}
/** `import texts from "text:src/configs/architectures"`: the Python files of a folder as they are written, by relative path. */
const texts = {
  name: "texts",
  setup(build) {
    build.onResolve({ filter: /^text:/ }, ({ path: name }) => ({ path: name.slice(5), namespace: "text" }));
    build.onLoad({ filter: /.*/, namespace: "text" }, ({ path: folder }) => {
      const files = filesBelow(folder, ".py");
      const entries = files.map((file) => [file, readFileSync(path.join(folder, file), "utf8")]);
      return {
        contents: `export default ${JSON.stringify(Object.fromEntries(entries))};`,
        watchFiles: files.map((file) => path.resolve(folder, file)),
        watchDirs: [path.resolve(folder)],
      };
    });
  },
};
/** One promise for all bundles of a build. */
let loweringReady;
let parserReady;

const lazyModules = (entries) => `
const texts = { ${entries.join(",\n")} };
const modules = {};
for (const file of Object.keys(texts)) {
  Object.defineProperty(modules, file, {
    enumerable: true,
    configurable: true,
    get() {
      const value = JSON.parse(texts[file]);
      Object.defineProperty(modules, file, { value, enumerable: true });
      return value;
    },
  });
}
export default modules;`;

/** Our own parser, made from its source as it is now, and what says whether it has changed. */
async function preparedParser() {
  const bundle = await esbuild.build({
    ...node,
    entryPoints: ["src/syntax/parser.ts"],
    sourcemap: false,
    write: false,
    plugins: [],
  });
  const code = bundle.outputFiles[0].contents;
  const wasm = Object.fromEntries(Object.entries(wasmFiles).map(([name, file]) => [name, readFileSync(file)]));
  const version = hash(code, wasm.runtime, wasm.python);
  const parserFile = path.resolve(cache, `parser-${version}.cjs`);
  replaceFile(parserFile, code);
  return { parser: await createRequire(import.meta.url)(parserFile).loadPythonParser(wasm), version };
}

/** A function from a Python file to its tree as JSON, kept on disk by what it depends on. */
async function lowering() {
  parserReady ??= preparedParser();
  const { parser: prepared, version } = await parserReady;
  return (folder, file) => {
    const source = path.join(folder, file);
    const name = `assay:/${path.relative("src", source).replaceAll(path.sep, "/")}`;
    const text = readFileSync(source, "utf8");
    const kept = path.join(cache, `${hash(version, String(withoutColumns), name, text)}.json`);
    if (existsSync(kept)) return { json: readFileSync(kept, "utf8"), errors: [] };
    const tree = prepared.parse(name, text);
    const json = JSON.stringify(tree, withoutColumns);
    if (tree.problems.length === 0) replaceFile(kept, json);
    return { json, errors: tree.problems.map((problem) => pythonError(source, text, problem)) };
  };
}

/** Our own library is never looked at in an editor: its lines are enough, and the rest is most of a tree's size. */
function withoutColumns(key, value) {
  return key === "column" ||
    key === "endLine" ||
    key === "endColumn" ||
    key === "nameSpan" ||
    key === "attrSpan" ||
    key === "span"
    ? undefined
    : value;
}

function pythonError(file, text, { message, span }) {
  return {
    text: message,
    location: { file, line: span.line + 1, column: span.column, lineText: text.split("\n")[span.line] },
  };
}

function hash(...parts) {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part).update("\0");
  return sum.digest("hex").slice(0, 24);
}

/** Writes a file so that another build running now sees the whole of it or nothing. */
function replaceFile(file, contents) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, contents);
  renameSync(`${file}.${process.pid}`, file);
}

// web-tree-sitter's ES module build relies on import.meta.url, which a CommonJS bundle lacks: take its .cjs build. What
// jsonc-parser calls its main file requires its own parts in a way that no bundler sees: take its ES module build.
const alias = {
  "web-tree-sitter": path.resolve("node_modules/web-tree-sitter/web-tree-sitter.cjs"),
  "jsonc-parser": path.resolve("node_modules/jsonc-parser/lib/esm/main.js"),
};
const shared = {
  bundle: true,
  format: "cjs",
  target: "es2022",
  sourcemap: !options.production,
  sourcesContent: false,
  minify: options.production,
  logLevel: "silent",
  metafile: true,
  alias,
  plugins: [every, pages, python, script, texts],
  external: ["vscode", "mocha"],
};
const node = { ...shared, platform: "node", target: "node20" };
// The Node modules that web-tree-sitter names are ones that it loads under Node only.
const browser = {
  ...shared,
  platform: "browser",
  define: { global: "globalThis" },
  external: ["vscode", "fs", "fs/promises", "path", "module", "url"],
};
/** What the CommonJS packages inside an ES module bundle take for granted. */
const commonJsNames = `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/** The builds to run: one for each kind of program. Entries whose file is not there are named in `absent`. */
function builds() {
  const product = [
    { ...node, ...entries({ cli: "src/hosts/cli/main.ts" }), banner: { js: "#!/usr/bin/env node" } },
    { ...node, ...entries({ server: "src/hosts/server/main.ts", worker: "src/hosts/server/worker.ts" }) },
    { ...node, ...entries({ extension: "src/hosts/extension/main.ts" }) },
    { ...browser, ...entries({ "web/extension": "src/hosts/extension/web.ts" }) },
    {
      ...browser,
      format: "iife",
      ...entries({ "web/server": "src/hosts/server/web.ts", report: "src/hosts/report/main.ts" }),
    },
  ];
  return options.tests || namedTests.length > 0 ? [...product, ...testBuilds()] : product;
}

/**
 * Unit tests are ES modules, so that they share the sources they all import instead of carrying a copy each. An editor
 * suite is one file: its set-up, then the tests whose names say that they run there (`hover.test.ts` in both extension
 * hosts, `start.node.test.ts` in one; `report.ui.test.ts` drives the window from outside).
 */
function testBuilds() {
  const tests = filesBelow("test", ".test.ts").filter((file) => isNamed(`test/${file}`));
  const unit = tests.filter((file) => !file.startsWith("editor/"));
  const inEditor = (...hosts) =>
    tests.filter((file) => file.startsWith("editor/") && hosts.includes(file.split(".").slice(1, -2).join(".")));
  const module = { ...node, format: "esm", outExtension: { ".js": ".mjs" }, banner: { js: commonJsNames } };
  const unitEntries = Object.fromEntries(unit.map((file) => [`test/${file.slice(0, -3)}`, `test/${file}`]));
  return [
    { ...module, splitting: true, chunkNames: "test/chunks/[name]-[hash]", ...entries(unitEntries) },
    { ...module, packages: "external", ...suite("ui.mjs", inEditor("ui")) },
    { ...node, ...suite("node.js", inEditor("", "node"), "test/editor/node.ts") },
    { ...browser, ...suite("web.js", inEditor("", "web"), "test/editor/web.ts") },
    { ...node, ...entries(isNamed("test/bench.ts") ? { "test/bench": "test/bench.ts" } : {}) },
    { ...module, ...entries(namedTests.includes(fitting) ? { fitTimes: fitting } : {}) },
  ];
}

/** Fits the curves of times; built only where it is named. */
const fitting = "test/oracle/fitTimes.ts";

function isNamed(test) {
  return namedTests.length === 0 || namedTests.includes(test);
}

/** Entry points by the name of their output, less those that are not written yet, which the summary names. */
function entries(files) {
  const entryPoints = Object.entries(files).filter(([, file]) => existsSync(file) || !absent.push(file));
  return { entryPoints: Object.fromEntries(entryPoints), outdir: options.outdir };
}

function suite(name, tests, setUp) {
  if (tests.length === 0) return { entryPoints: {} };
  const first = setUp ? `export * from "./${setUp}";\n` : "";
  const contents = first + tests.map((file) => `import "./test/${file}";`).join("\n");
  return { stdin: { contents, resolveDir: "." }, outfile: out("test/editor", name), outExtension: undefined };
}

const absent = [];
const started = performance.now();
const wanted = builds().filter(({ entryPoints, stdin }) => stdin || Object.keys(entryPoints).length > 0);
mkdirSync(out(), { recursive: true });
for (const file of Object.values(wasmFiles)) copyFileSync(file, out(path.basename(file)));

if (options.watch) {
  const contexts = await Promise.all(wanted.map((build) => esbuild.context({ ...build, logLevel: "info" })));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  const results = await Promise.allSettled(wanted.map((build) => esbuild.build(build)));
  const outputs = results.flatMap(({ value }) => Object.keys(value?.metafile.outputs ?? {}));
  for (const file of outputs) if (file === out("cli.js")) chmodSync(file, 0o755);
  await report(
    "error",
    results.flatMap(({ reason }) => reason?.errors ?? (reason ? [{ text: String(reason.stack) }] : [])),
  );
  await report(
    "warning",
    results.flatMap(({ value }) => value?.warnings ?? []),
  );
  if (process.exitCode !== 1 && options.tests && namedTests.length === 0) removeStaleTests(new Set(outputs));
  const programs = outputs.filter((file) => !file.endsWith(".map") && !file.includes("/chunks/"));
  console.log(`${programs.length} bundles in ${Math.round(performance.now() - started)} ms`);
  if (absent.length > 0) console.log(`not written yet: ${absent.join(", ")}`);
}

/** Prints each message once, although several bundles share the file it is about. */
async function report(kind, messages) {
  const texts = await esbuild.formatMessages(messages, { kind, color: process.stderr.isTTY });
  for (const text of new Set(texts)) console.error(text);
  if (kind === "error" && texts.length > 0) process.exitCode = 1;
}

/** A test whose source is gone must not run again. */
function removeStaleTests(outputs) {
  for (const file of filesBelow(out("test"), "")) {
    const built = out("test", file);
    if (/\.m?js(\.map)?$/.test(file) && !outputs.has(built)) rmSync(built);
  }
}
