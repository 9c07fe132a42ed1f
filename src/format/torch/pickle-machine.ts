import type { ByteCursor } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";
import { isKind, makeOpaque, type PickleValue } from "./pickle-value.ts";

/** What a pickle may ask of its surroundings. Both answer with data; neither runs anything a pickle names. */
export interface PickleWorld {
  /** What calling a global would have made. */
  call(name: string, args: readonly PickleValue[]): PickleValue;
  /** What a persistent id stands for. */
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
    if (mark === undefined) throw broken("takes to a mark it has not set");
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
    /** Drops a mark or a value, whichever came last. */
    drop: (): void => void (stack.length === marks.at(-1) ? marks.pop() : pop()),

    remember: (index = memo.size): void => void memo.set(index, top()),
    recall(index: number): void {
      const value = memo.get(index);
      if (value === undefined) throw broken("recalls what it has not remembered");
      stack.push(value);
    },

    /** Into the list on top. What stands there instead is an object that was not built: the items go with it. */
    append(items: readonly PickleValue[]): void {
      const list = top();
      if (Array.isArray(list)) for (const item of items) list.push(item);
    },
    /** Into the dictionary on top, likewise. */
    setItems(items: readonly PickleValue[]): void {
      const dictionary = top();
      if (!(dictionary instanceof Map)) return;
      for (let index = 0; index + 1 < items.length; index += 2)
        dictionary.set(items[index] ?? null, items[index + 1] ?? null);
    },
    /** Gives the object on top its attributes. A dictionary or a tensor has none that matter. */
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

/** What is wrong with a pickle. */
export function broken(what: string): MalformedError {
  return new MalformedError(`its pickle ${what}`);
}
