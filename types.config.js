/**
 * Write the types of the package: one file for each way in. What the second has in common with the first it takes from
 * there, so that nobody downloads it twice.
 */
import { writeFileSync } from "node:fs";
import { generateDtsBundle } from "dts-bundle-generator";
import ts from "typescript";

const output = { noBanner: true, exportReferencedTypes: false };
const [index, browser] = generateDtsBundle(
  ["src/index.ts", "src/browser.ts"].map((filePath) => ({ filePath, noCheck: true, output })),
  { preferredConfigPath: "tsconfig.json" },
);
writeFileSync("dist/index.d.ts", index);
writeFileSync("dist/browser.d.ts", shareTypes(browser, index));

/** Replace what `text` exports word for word as `other` does. Throws where nothing is alike: one of them has changed its form. */
function shareTypes(text, other) {
  const statements = listStatements(text);
  const alike = findAlike(statements, new Set(listStatements(other).map(({ words }) => words)));
  const shared = statements.filter((one) => one.isExported && alike.has(one));
  const own = statements.filter((one) => !shared.includes(one));
  if (shared.length === 0) throw new Error("no type of browser.d.ts is one of index.d.ts");
  const names = shared.map(({ name }) => name);
  const kept = dropUnused(own);
  const used = names.filter((name) => kept.some(({ words }) => isNamed(name, words)));
  return [
    `import { ${used.join(", ")} } from "./index.js";`,
    `export { ${names.join(", ")} } from "./index.js";`,
    ...kept.map(({ words }) => words),
    "",
  ].join("\n");
}

/** Find the statements that stand among `known`, and name no others that do not. */
function findAlike(statements, known) {
  let alike = new Set(statements.filter(({ name, words }) => name !== undefined && known.has(words)));
  for (let size = 0; size !== alike.size;) {
    size = alike.size;
    const others = statements.filter(({ name }) => name !== undefined).filter((one) => !alike.has(one));
    alike = new Set([...alike].filter(({ words }) => !others.some(({ name }) => isNamed(name, words))));
  }
  return alike;
}

function listStatements(text) {
  return ts.createSourceFile("types.d.ts", text, ts.ScriptTarget.Latest).statements.map((statement) => ({
    // No type can name a function, but comments do.
    name: ts.isFunctionDeclaration(statement)
      ? undefined
      : (statement.name ?? statement.declarationList?.declarations[0]?.name)?.text,
    isExported: statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false,
    words: text.slice(statement.pos, statement.end).trim(),
  }));
}

/** Drop what only dropped ones named. */
function dropUnused(statements) {
  const kept = statements.filter(
    (one) =>
      one.isExported ||
      one.name === undefined ||
      statements.some((another) => another !== one && isNamed(one.name, another.words)),
  );
  return kept.length === statements.length ? kept : dropUnused(kept);
}

function isNamed(name, words) {
  return words.split(/[^\w$]+/).includes(name);
}
