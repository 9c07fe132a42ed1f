/** JavaScript, TypeScript and JSON → program. */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@lezer/javascript";
import { OTHER, startProgram, type Collected, type Entry, type Program, type Value } from "./program.ts";
import { listChildren, MAX_DEPTH, readTree, TreeReader, type IsLate } from "./read-tree.ts";

const TYPESCRIPT = parser.configure({ dialect: "ts jsx" });
const JSON_VALUE = parser.configure({ top: "SingleExpression" });

export function parseJavascript(text: string, isLate: IsLate): Program {
  const reader = new JavascriptReader(text);
  reader.read(readTree(TYPESCRIPT, text, isLate));
  return reader.program;
}

/** Parse JSON, with comments and trailing commas where there are any. */
export function parseJson(text: string, isLate: IsLate): Value {
  const reader = new JavascriptReader(text);
  const { topNode } = readTree(JSON_VALUE, text, isLate);
  return reader.readValue(listChildren(topNode)[0] ?? null);
}

const SCOPES: ReadonlySet<string> = new Set(
  "ClassDeclaration ClassExpression FunctionDeclaration FunctionExpression ArrowFunction MethodDeclaration".split(
    " ",
  ),
);

/** The nodes that `enter` looks into. */
const NOTED: ReadonlySet<string> = new Set(
  "CallExpression NewExpression ObjectExpression ArrayExpression String TemplateString VariableDeclaration AssignmentExpression PropertyDeclaration ParamList EnumBody ObjectPattern PatternProperty ForOfSpec".split(
    " ",
  ),
);

class JavascriptReader extends TreeReader {
  readonly program: Collected = startProgram();

  protected isScope(name: string): boolean {
    return SCOPES.has(name);
  }

  protected isNoted(name: string): boolean {
    return NOTED.has(name);
  }

  protected enter(node: SyntaxNode): void {
    switch (node.name) {
      case "CallExpression":
      case "NewExpression": {
        const value = this.readValue(node);
        if (value.kind === "call") this.program.calls.push(value.call);
        break;
      }
      case "ObjectExpression": {
        const value = this.readValue(node);
        if (value.kind === "record") this.program.records.push({ ...value, scope: this.scope });
        break;
      }
      case "ArrayExpression": {
        const value = this.readValue(node);
        if (value.kind === "list") this.program.lists.push(value.items);
        break;
      }
      case "String":
      case "TemplateString": {
        const value = this.readValue(node);
        if (value.kind === "text") this.program.texts.push(value);
        if (/^(?:ImportDeclaration|DynamicImport)$/.test(node.parent?.name ?? "") && value.kind === "text")
          this.program.imports.push(value.text);
        break;
      }
      case "VariableDeclaration":
      case "AssignmentExpression":
      case "PropertyDeclaration":
      case "ParamList":
      case "EnumBody":
      case "ObjectPattern":
      case "PatternProperty":
        this.#bind(listChildren(node));
        break;
      case "ForOfSpec": {
        const children = listChildren(node);
        const name = children.find((child) => child.name === "VariableDefinition");
        const last = children.findLast((child) => child.name !== ")");
        if (name && last)
          this.program.bindings.push({
            scope: this.scope,
            key: this.slice(name),
            value: this.#readItems(last),
          });
        break;
      }
    }
  }

  /** Bind what stands before each `=` to what stands after it. */
  #bind(children: readonly SyntaxNode[]): void {
    for (const [index, { name }] of children.entries()) {
      const before = children.slice(0, index).findLast((child) => child.name !== "TypeAnnotation");
      const after = children[index + 1];
      if (!/^(?:Equals|UpdateOp)$/.test(name) || !before || !after) continue;
      const key = this.#readKey(before);
      if (key !== "") this.program.bindings.push({ scope: this.scope, key, value: this.readValue(after) });
    }
  }

  #readKey(node: SyntaxNode): string {
    if (node.name !== "MemberExpression") return unquote(this.slice(node));
    const target = this.readValue(node);
    return target.kind === "name" ? target.name : "";
  }

  #readItems(node: SyntaxNode): Value {
    const value = this.readValue(node);
    if (value.kind === "list") return { kind: "choice", options: value.items };
    return value.kind === "name" ? { kind: "item", of: value.name } : OTHER;
  }

  readValue(node: SyntaxNode | null, depth = 0): Value {
    if (!node || depth > MAX_DEPTH) return OTHER;
    const children = listChildren(node);
    const [first, second] = children;
    const read = (child: SyntaxNode | undefined): Value => this.readValue(child ?? null, depth + 1);
    switch (node.name) {
      case "String":
        return {
          kind: "text",
          text: unescape(this.text.slice(node.from + 1, node.to - 1)),
          at: node.from + 1,
        };
      case "TemplateString":
        return this.#readTemplate(node, children, depth);
      case "VariableName":
      case "PropertyName":
        return { kind: "name", name: this.slice(node) };
      case "MemberExpression":
        return this.#readMember(children, depth);
      case "ObjectExpression":
        return { kind: "record", entries: children.flatMap((child) => this.#readProperty(child, depth)) };
      case "ArrayExpression":
        return { kind: "list", items: children.filter(isValue).map(read) };
      case "ParenthesizedExpression":
      case "SequenceExpression":
        return read(children.filter(isValue).at(-1));
      case "AwaitExpression":
        return read(second);
      case "PostfixExpression":
        return read(first);
      case "ConditionalExpression":
        return { kind: "choice", options: [read(children[2]), read(children[4])] };
      case "BinaryExpression": {
        const operator = second ? this.slice(second) : "";
        if (/^(?:as|satisfies)$/.test(operator)) return read(first);
        if (/^(?:\?\?|\|\|)$/.test(operator))
          return { kind: "choice", options: [read(first), read(children[2])] };
        return operator === "+" ? { kind: "joined", parts: [read(first), read(children[2])] } : OTHER;
      }
      case "CallExpression":
      case "NewExpression":
        return this.#readCall(children, depth);
      default:
        return { kind: "other", code: this.text.slice(node.from, Math.min(node.to, node.from + 20)) };
    }
  }

  #readTemplate(node: SyntaxNode, children: readonly SyntaxNode[], depth: number): Value {
    const parts: Value[] = [];
    let at = node.from + 1;
    const addText = (to: number) => {
      if (to > at) parts.push({ kind: "text", text: unescape(this.text.slice(at, to)), at });
    };
    for (const child of children.filter(({ name }) => name === "Interpolation")) {
      addText(child.from);
      parts.push(this.readValue(listChildren(child)[1] ?? null, depth + 1));
      at = child.to;
    }
    addText(node.to - 1);
    const [only] = parts;
    if (parts.length === 0) return { kind: "text", text: "", at };
    return parts.length === 1 && only?.kind === "text" ? only : { kind: "joined", parts };
  }

  #readMember([object, ...rest]: readonly SyntaxNode[], depth: number): Value {
    const last = rest.findLast(({ name }) => /^(?:PropertyName|PrivatePropertyName)$/.test(name));
    if (last) return { kind: "name", name: this.slice(last) };
    const index = this.readValue(rest.find(isValue) ?? null, depth + 1);
    if (index.kind === "text") return { kind: "name", name: index.text };
    const of = this.readValue(object ?? null, depth + 1);
    return of.kind === "name" ? { kind: "item", of: of.name } : OTHER;
  }

  #readProperty(node: SyntaxNode, depth: number): Entry[] {
    if (node.name !== "Property") return [];
    const children = listChildren(node);
    const [name] = children;
    const colon = children.findIndex((child) => child.name === ":");
    if (!name) return [];
    const key = unquote(this.slice(name));
    if (colon === -1)
      return children.length === 1 && /^[\w$]+$/.test(key)
        ? [{ key, value: { kind: "name", name: key } }]
        : [];
    const value = this.readValue(children[colon + 1] ?? null, depth + 1);
    return [{ key, value, ...(name.name === "String" && { keyAt: name.from + 1 }) }];
  }

  #readCall(children: readonly SyntaxNode[], depth: number): Value {
    const list = children.find(({ name }) => name === "ArgList");
    const callee = children.find(({ name }) => name !== "new" && name !== "ArgList");
    if (!list || !callee) return OTHER;
    return {
      kind: "call",
      call: {
        callee: this.#readCallee(callee),
        values: listChildren(list)
          .filter(isValue)
          .map((argument) => this.readValue(argument, depth + 1)),
        named: [],
        scope: this.scope,
      },
    };
  }

  /** `pipeline<"text-generation">` is `pipeline`; of `f().g` only `.g` is known. */
  #readCallee(node: SyntaxNode): string {
    const [first] = listChildren(node);
    if (node.name === "InstantiationExpression" && first) return this.#readCallee(first);
    const text = this.text.slice(Math.max(node.from, node.to - 120), node.to);
    return /[\w$.]*$/.exec(text.replaceAll(/\s|\?|!/g, ""))?.[0] ?? "";
  }
}

function isValue({ name }: SyntaxNode): boolean {
  return !/^(?:[()[\]{},;:]|\?\.|Spread|⚠)$/.test(name);
}

function unquote(text: string): string {
  return /^(["'`])(.*)\1$/s.exec(text)?.[2] ?? text.replace(/^#/, "");
}

/** Names of models need no escapes, except the slash of some JSON writers. */
function unescape(text: string): string {
  return text.includes("\\") ? text.replaceAll(/\\([/"'`\\])/g, "$1") : text;
}
