/** Python → program. */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@lezer/python";
import {
  OTHER,
  startProgram,
  type Call,
  type Collected,
  type Entry,
  type Program,
  type Value,
} from "./program.ts";
import { listChildren, MAX_DEPTH, readTree, TreeReader, type IsLate } from "./read-tree.ts";

export function parsePython(text: string, isLate: IsLate): Program {
  const reader = new PythonReader(text);
  reader.read(readTree(parser, text, isLate));
  return reader.program;
}

const SCOPES: ReadonlySet<string> = new Set("ClassDefinition FunctionDefinition LambdaExpression".split(" "));

/** The nodes that `enter` looks into. */
const NOTED: ReadonlySet<string> = new Set(
  "CallExpression Decorator DictionaryExpression ArrayExpression TupleExpression String ContinuedString AssignStatement NamedExpression ParamList ForStatement ArrayComprehensionExpression SetComprehensionExpression ComprehensionExpression DictionaryComprehensionExpression ImportStatement".split(
    " ",
  ),
);

class PythonReader extends TreeReader {
  readonly program: Collected = startProgram();

  protected isScope(name: string): boolean {
    return SCOPES.has(name);
  }

  protected isNoted(name: string): boolean {
    return NOTED.has(name);
  }

  protected enter(node: SyntaxNode): void {
    const { program } = this;
    switch (node.name) {
      case "CallExpression": {
        const value = this.#readValue(node);
        if (value.kind !== "call") break;
        program.calls.push(value.call);
        if (value.call.named.length > 0)
          program.records.push({ kind: "record", entries: value.call.named, scope: value.call.scope });
        break;
      }
      case "Decorator":
        program.calls.push(this.#readDecorator(node));
        break;
      case "DictionaryExpression": {
        const value = this.#readValue(node);
        if (value.kind === "record") program.records.push({ ...value, scope: this.scope });
        break;
      }
      case "ArrayExpression":
      case "TupleExpression": {
        const value = this.#readValue(node);
        if (value.kind === "list") program.lists.push(value.items);
        break;
      }
      case "String":
      case "ContinuedString": {
        const value = this.#readValue(node);
        if (value.kind === "text" && node.parent?.name !== "ContinuedString") program.texts.push(value);
        break;
      }
      case "AssignStatement":
      case "NamedExpression":
      case "ParamList":
        this.#bind(listChildren(node));
        break;
      case "ForStatement":
      case "ArrayComprehensionExpression":
      case "SetComprehensionExpression":
      case "ComprehensionExpression":
      case "DictionaryComprehensionExpression":
        this.#bindLoop(listChildren(node));
        break;
      case "ImportStatement":
        program.imports.push(...(this.slice(node).match(/[\w.]+/g) ?? []).slice(0, 40));
        break;
    }
  }

  /** Bind what stands before each `=` to what stands after it; `a, b = "x", "y"` in pairs. */
  #bind(children: readonly SyntaxNode[]): void {
    const operators = children.flatMap(({ name }, index) => (name === "AssignOp" ? [index] : []));
    const [only] = operators;
    if (operators.length === 1 && only !== undefined && children[0]?.name !== "(") {
      const names = children.slice(0, only).filter(isValue);
      const values = children.slice(only + 1).filter(isValue);
      const pairs = names.length === values.length ? names : names.slice(0, 1);
      for (const [index, name] of pairs.entries()) this.#add(name, values[index]);
      return;
    }
    for (const index of operators) {
      const name = children.slice(0, index).findLast(isValue);
      const value = children.slice(index + 1).find(isValue);
      if (name) this.#add(name, value);
    }
  }

  #add(name: SyntaxNode, value: SyntaxNode | undefined): void {
    const target = this.#readValue(name);
    if (target.kind === "name" && value)
      this.program.bindings.push({ scope: this.scope, key: target.name, value: this.#readValue(value) });
  }

  #bindLoop(children: readonly SyntaxNode[]): void {
    const start = children.findIndex(({ name }) => name === "for");
    const name = children[start + 1];
    const within = children.findIndex(({ name: word }, index) => index > start && word === "in");
    const list = children[within + 1];
    if (start === -1 || within === -1 || !name || !list) return;
    const value = this.#readValue(list);
    const key = this.slice(name);
    if (value.kind === "list")
      this.program.bindings.push({ scope: this.scope, key, value: { kind: "choice", options: value.items } });
    if (value.kind === "name")
      this.program.bindings.push({ scope: this.scope, key, value: { kind: "item", of: value.name } });
  }

  #readValue(node: SyntaxNode | null | undefined, depth = 0): Value {
    if (!node || depth > MAX_DEPTH) return OTHER;
    const children = listChildren(node);
    const [first, second, third] = children;
    const read = (child: SyntaxNode | undefined): Value => this.#readValue(child, depth + 1);
    switch (node.name) {
      case "String":
        return this.#readString(node);
      case "ContinuedString":
        return joinTexts(children.map(read));
      case "FormatString":
        return this.#readFormat(node, children, depth);
      case "VariableName":
      case "PropertyName":
        return { kind: "name", name: this.slice(node) };
      case "MemberExpression": {
        const last = children.findLast(({ name }) => name === "PropertyName");
        if (last) return { kind: "name", name: this.slice(last) };
        const index = read(third);
        if (index.kind === "text") return { kind: "name", name: index.text };
        const of = read(first);
        return of.kind === "name" ? { kind: "item", of: of.name } : OTHER;
      }
      case "DictionaryExpression":
        return { kind: "record", entries: this.#readPairs(children, depth) };
      case "ArrayExpression":
      case "TupleExpression":
      case "SetExpression":
        return { kind: "list", items: children.filter(isValue).map(read) };
      case "ParenthesizedExpression":
      case "AwaitExpression":
        return read(second);
      case "NamedExpression":
        return read(third);
      case "ConditionalExpression":
        return { kind: "choice", options: [read(first), read(children[4])] };
      case "BinaryExpression": {
        const operator = second ? this.slice(second) : "";
        if (operator === "or") return { kind: "choice", options: [read(first), read(third)] };
        return operator === "+" ? joinTexts([read(first), read(third)]) : OTHER;
      }
      case "CallExpression":
        return { kind: "call", call: this.#readCall(node, depth) };
      default:
        return { kind: "other", code: this.text.slice(node.from, Math.min(node.to, node.from + 20)) };
    }
  }

  #readString({ from, to }: SyntaxNode): Value {
    const written = this.text.slice(from, to);
    const [, prefix = "", quote = ""] = /^([a-z]*)("""|'''|"|')/i.exec(written) ?? [];
    const text = written.slice(prefix.length + quote.length, -quote.length || undefined);
    return { kind: "text", text, at: from + prefix.length + quote.length };
  }

  #readFormat(node: SyntaxNode, children: readonly SyntaxNode[], depth: number): Value {
    const written = this.text.slice(node.from, node.to);
    const [open = "", quote = ""] = /^[a-z]*("""|'''|"|')/i.exec(written) ?? [];
    const parts: Value[] = [];
    let at = node.from + open.length;
    const addText = (to: number) => {
      if (to > at) parts.push({ kind: "text", text: this.text.slice(at, to), at });
    };
    for (const child of children.filter(({ name }) => name === "FormatReplacement")) {
      addText(child.from);
      parts.push(this.#readValue(listChildren(child)[1], depth + 1));
      at = child.to;
    }
    addText(node.to - quote.length);
    return joinTexts(parts);
  }

  #readPairs(children: readonly SyntaxNode[], depth: number): Entry[] {
    return children.flatMap((child, index): Entry[] => {
      const [name, value] = [children[index - 1], children[index + 1]];
      if (child.name !== ":" || !name || !value) return [];
      const key = this.#readValue(name, depth + 1);
      const text = key.kind === "text" ? key.text : key.kind === "name" ? key.name : "";
      const at = key.kind === "text" ? { keyAt: key.at } : {};
      return [{ key: text, ...at, value: this.#readValue(value, depth + 1) }];
    });
  }

  #readCall(node: SyntaxNode, depth: number): Call {
    const [callee, list] = listChildren(node);
    const path = callee ? this.text.slice(Math.max(callee.from, callee.to - 120), callee.to) : "";
    return this.#readArguments(path, list, depth);
  }

  /** `@pytest.mark.parametrize("checkpoint", [...])` */
  #readDecorator(node: SyntaxNode): Call {
    const children = listChildren(node);
    const list = children.find(({ name }) => name === "ArgList");
    const path = this.text.slice(node.from + 1, list ? list.from : node.to);
    return this.#readArguments(path.slice(-120), list, 0);
  }

  #readArguments(path: string, list: SyntaxNode | undefined, depth: number): Call {
    const values: Value[] = [];
    const named: Entry[] = [];
    const words = list ? listChildren(list) : [];
    for (const [index, word] of words.entries()) {
      if (words[index + 1]?.name === "AssignOp") {
        named.push({ key: this.slice(word), value: this.#readValue(words[index + 2], depth + 1) });
      } else if (isValue(word) && words[index - 1]?.name !== "AssignOp") {
        const isSpread = /^\*+$/.test(words[index - 1]?.name ?? "");
        values.push(isSpread ? OTHER : this.#readValue(word, depth + 1));
      }
    }
    const [name = ""] = /[\w.]*$/.exec(path.replaceAll(/[\s\\]/g, "")) ?? [];
    return { callee: name, values, named, scope: this.scope };
  }
}

function isValue({ name }: SyntaxNode): boolean {
  return !/^(?:[()[\]{},:]|\*|\*\*|AssignOp|TypeDef|⚠)$/.test(name);
}

/** Texts that stand next to each other are one. */
function joinTexts(parts: readonly Value[]): Value {
  const texts = parts.flatMap((part) => (part.kind === "text" ? [part] : []));
  const [first] = texts;
  if (!first || texts.length < parts.length) return parts.length === 0 ? OTHER : { kind: "joined", parts };
  return { kind: "text", text: texts.map(({ text }) => text).join(""), at: first.at };
}
