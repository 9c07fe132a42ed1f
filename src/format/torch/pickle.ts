import type { ByteCursor } from "../byte-cursor.ts";
import { broken, createPickleMachine, type PickleMachine, type PickleWorld } from "./pickle-machine.ts";
import { makeOpaque, type PickleValue } from "./pickle-value.ts";

/**
 * An opcode pushes at most one value, so this bounds the stack, the marks and the memo too. A tensor takes about 30:
 * enough for 30,000 tensors in one file.
 */
const MAX_OPCODES = 1_000_000;
const STOP = 0x2e;

/**
 * Read one pickle without running it. Calls are passed to `world` by name; the result of an unknown call is an opaque
 * value. Throws MalformedError.
 */
export function readPickle(cursor: ByteCursor, world: PickleWorld): PickleValue {
  const machine = createPickleMachine(cursor, world);
  for (let count = 0; count < MAX_OPCODES; count++) {
    const opcode = cursor.u8();
    if (opcode === STOP) return machine.pop();
    const step = OPCODES[opcode];
    if (!step) throw broken(`has the opcode 0x${opcode.toString(16)}, which torch does not write`);
    step(machine);
  }
  throw broken(`has more than ${MAX_OPCODES} opcodes`);
}

/** The opcodes that Python writes in the binary protocols, 1 to 5, from Lib/pickletools.py (python/cpython). */
const OPCODES: Readonly<Record<number, (machine: PickleMachine) => void>> = {
  /* PROTO            */ 0x80: ({ cursor }) => cursor.skip(1),
  /* FRAME            */ 0x95: ({ cursor }) => cursor.skip(8),
  /* MARK             */ 0x28: ({ mark }) => mark(),
  /* POP              */ 0x30: ({ drop }) => drop(),
  /* POP_MARK         */ 0x31: ({ popMark }) => void popMark(),

  /* BINPUT           */ 0x71: ({ cursor, remember }) => remember(cursor.u8()),
  /* LONG_BINPUT      */ 0x72: ({ cursor, remember }) => remember(cursor.u32()),
  /* MEMOIZE          */ 0x94: ({ remember }) => remember(),
  /* BINGET           */ 0x68: ({ cursor, recall }) => recall(cursor.u8()),
  /* LONG_BINGET      */ 0x6a: ({ cursor, recall }) => recall(cursor.u32()),

  /* NONE             */ 0x4e: ({ push }) => push(null),
  /* NEWTRUE          */ 0x88: ({ push }) => push(true),
  /* NEWFALSE         */ 0x89: ({ push }) => push(false),
  /* BININT1          */ 0x4b: ({ cursor, push }) => push(cursor.u8()),
  /* BININT2          */ 0x4d: ({ cursor, push }) => push(cursor.u16()),
  /* BININT           */ 0x4a: ({ cursor, push }) => push(cursor.i32()),
  /* INT              */ 0x49: ({ cursor, push }) => push(parseInteger(cursor.line(MAX_LINE_BYTES))),
  /* LONG1            */ 0x8a: ({ cursor, push }) => push(decodeInteger(cursor.take(cursor.u8()))),
  /* LONG4            */ 0x8b: ({ cursor, push }) => push(decodeInteger(cursor.take(cursor.u32()))),
  /* BINFLOAT         */ 0x47: ({ cursor, push }) => push(skip(cursor, 8, "float")),

  /* SHORT_BINSTRING  */ 0x55: ({ cursor, push }) => push(cursor.text(cursor.u8())),
  /* BINSTRING        */ 0x54: ({ cursor, push }) => push(cursor.text(cursor.u32())),
  /* SHORT_BINUNICODE */ 0x8c: ({ cursor, push }) => push(cursor.text(cursor.u8())),
  /* BINUNICODE       */ 0x58: ({ cursor, push }) => push(cursor.text(cursor.u32())),
  /* BINUNICODE8      */ 0x8d: ({ cursor, push }) => push(cursor.text(cursor.length64())),
  /* SHORT_BINBYTES   */ 0x43: ({ cursor, push }) => push(skip(cursor, cursor.u8(), "bytes")),
  /* BINBYTES         */ 0x42: ({ cursor, push }) => push(skip(cursor, cursor.u32(), "bytes")),
  /* BINBYTES8        */ 0x8e: ({ cursor, push }) => push(skip(cursor, cursor.length64(), "bytes")),
  /* BYTEARRAY8       */ 0x96: ({ cursor, push }) => push(skip(cursor, cursor.length64(), "bytearray")),

  /* EMPTY_TUPLE      */ 0x29: ({ push }) => push([]),
  /* TUPLE1           */ 0x85: ({ push, popLast }) => push(popLast(1)),
  /* TUPLE2           */ 0x86: ({ push, popLast }) => push(popLast(2)),
  /* TUPLE3           */ 0x87: ({ push, popLast }) => push(popLast(3)),
  /* TUPLE            */ 0x74: ({ push, popMark }) => push(popMark()),
  /* EMPTY_LIST       */ 0x5d: ({ push }) => push([]),
  /* APPEND           */ 0x61: ({ popLast, append }) => append(popLast(1)),
  /* APPENDS          */ 0x65: ({ popMark, append }) => append(popMark()),
  /* EMPTY_DICT       */ 0x7d: ({ push }) => push(new Map()),
  /* SETITEM          */ 0x73: ({ popLast, setItems }) => setItems(popLast(2)),
  /* SETITEMS         */ 0x75: ({ popMark, setItems }) => setItems(popMark()),
  /* EMPTY_SET        */ 0x8f: ({ push }) => push(makeOpaque("set")),
  /* ADDITEMS         */ 0x90: ({ popMark }) => void popMark(),
  /* FROZENSET        */ 0x91: ({ push, popMark }) => push((popMark(), makeOpaque("frozenset"))),

  /* GLOBAL           */ 0x63: ({ cursor, push }) => push(readGlobal(cursor)),
  /* STACK_GLOBAL     */ 0x93: ({ push, popLast }) => push(nameGlobal(popLast(2))),
  /* REDUCE           */ 0x52: ({ popLast, call }) => call(...popLast(2)),
  /* NEWOBJ           */ 0x81: ({ popLast, call }) => call(...popLast(2)),
  /* NEWOBJ_EX        */ 0x92: ({ popLast, call }) => call(...popLast(3)),
  /* BUILD            */ 0x62: ({ build, pop }) => build(pop()),
  /* BINPERSID        */ 0x51: ({ push, pop, world }) => push(world.load(pop())),
};

const MAX_LINE_BYTES = 200;
/** Longer integers stay opaque: nothing here needs one. */
const MAX_INTEGER_BYTES = 16;

/** Python 2 wrote integers beyond 32 bits as text. */
function parseInteger(text: string): PickleValue {
  if (!/^-?\d{1,19}$/.test(text)) throw broken("contains an invalid number");
  return narrow(BigInt(text));
}

/** Two's complement, little-endian, of any length. */
function decodeInteger(bytes: Uint8Array): PickleValue {
  if (bytes.length > MAX_INTEGER_BYTES) return makeOpaque("int");
  const isNegative = (bytes.at(-1) ?? 0) >= 0x80;
  const padded = new Uint8Array(MAX_INTEGER_BYTES).fill(isNegative ? 0xff : 0);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return narrow((view.getBigInt64(8, true) << 64n) | view.getBigUint64(0, true));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function skip(cursor: ByteCursor, bytes: number, maker: string): PickleValue {
  cursor.skip(bytes);
  return makeOpaque(maker, bytes);
}

function readGlobal(cursor: ByteCursor): PickleValue {
  return nameGlobal([cursor.line(MAX_LINE_BYTES), cursor.line(MAX_LINE_BYTES)]);
}

function nameGlobal([module, name]: readonly PickleValue[]): PickleValue {
  if (typeof module !== "string" || typeof name !== "string")
    throw broken("refers to a global whose name is not text");
  return { kind: "global", name: `${module}.${name}` };
}
