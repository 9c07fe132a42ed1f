import type { ByteCursor } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";
import { isKind, makeOpaque, type PickleValue } from "./pickle-value.ts";

/** Answers the calls and references of a pickle with data. Code that the pickle names is never run. */
export interface PickleWorld {
  /** Return a stand-in for the result of calling a global. */
  call(name: string, args: readonly PickleValue[]): PickleValue;
  /** Return the object of a persistent id. */
  load(id: PickleValue): PickleValue;
}

/** The stack, its marks and the memo of one pickle. */
export function createPickleMachine(cursor: ByteCursor, world: PickleWorld) {
  const stack: PickleValue[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PickleValue>();

  function top(): PickleValue {
    const value = stack.at(-1);
    if (value === undefined || stack.length === marks.at(-1)) throw broken("takes from an empty stack");
    return value;
  }
  function pop(): PickleValue {
    const value = top();
    stack.pop();
    return value;
  }
  function popMark(): PickleValue[] {
    const mark = marks.pop();
    if (mark === undefined) throw broken("uses a mark that it never set");
    return stack.splice(mark);
  }

  return {
    cursor,
    world,
    push: (value: PickleValue): void => void stack.push(value),
    pop,
    /** The last values, oldest first. */
    popLast: (count: number): PickleValue[] => Array.from({ length: count }, pop).toReversed(),

    mark: (): void => void marks.push(stack.length),
    /** All values since the last mark. */
    popMark,
    /** Drop the last mark or value, whichever is newer. */
    drop: (): void => void (stack.length === marks.at(-1) ? marks.pop() : pop()),

    remember: (index = memo.size): void => void memo.set(index, top()),
    recall(index: number): void {
      const value = memo.get(index);
      if (value === undefined) throw broken("reads a memo entry that it never wrote");
      stack.push(value);
    },

    /** Append to the list on top. If an object that was not built is there instead, drop the items. */
    append(items: readonly PickleValue[]): void {
      const list = top();
      if (Array.isArray(list)) for (const item of items) list.push(item);
    },
    /** Add to the dictionary on top; likewise drop the items if it is not one. */
    setItems(items: readonly PickleValue[]): void {
      const dictionary = top();
      if (!(dictionary instanceof Map)) return;
      for (let index = 0; index + 1 < items.length; index += 2)
        dictionary.set(items[index] ?? null, items[index + 1] ?? null);
    },
    /** Set the attributes of the object on top. Those of a dictionary or a tensor do not matter. */
    build(state: PickleValue): void {
      const object = top();
      if (isKind(object, "opaque")) object.state = state;
    },
    call(callable: PickleValue = null, args: PickleValue = null): void {
      if (!isKind(callable, "global")) stack.push(makeOpaque("an object"));
      else stack.push(Array.isArray(args) ? world.call(callable.name, args) : makeOpaque(callable.name));
    },
  };
}

export type PickleMachine = ReturnType<typeof createPickleMachine>;

/** Build the error for a malformed pickle. */
export function broken(what: string): MalformedError {
  return new MalformedError(`its pickle ${what}`);
}
