import { expect, test } from "vitest";
import { createByteCursor } from "../../../src/format/byte-cursor.ts";
import { readPickle } from "../../../src/format/torch/pickle.ts";
import { makeOpaque, type PickleValue } from "../../../src/format/torch/pickle-value.ts";

const WORLD = { call: (name: string) => makeOpaque(name), load: (id: PickleValue) => id };
const read = (opcodes: string) => readPickle(createByteCursor(Buffer.from(opcodes, "latin1")), WORLD);
const opaque = (maker: string, bytes?: number) => makeOpaque(maker, bytes);

// As Python's pickle.dumps writes them; the frames of protocol 4 are mostly left out, since they say nothing.
test.each<[string, string, unknown]>([
  ["None", "\x80\x02N.", null],
  ["True", "\x80\x02\x88.", true],
  ["False", "\x80\x02\x89.", false],
  ["255", "\x80\x02K\xff.", 255],
  ["65535", "\x80\x02M\xff\xff.", 65535],
  ["-1", "\x80\x02J\xff\xff\xff\xff.", -1],
  ["2**31", "\x80\x02\x8a\x05\0\0\0\x80\0.", 2 ** 31],
  ["-2**40", "\x80\x02\x8a\x06\0\0\0\0\0\xff.", -(2 ** 40)],
  ["2**70", "\x80\x02\x8a\x09\0\0\0\0\0\0\0\0\x40.", 2n ** 70n],
  ["-2**70", "\x80\x02\x8a\x09\0\0\0\0\0\0\0\0\xc0.", -(2n ** 70n)],
  ["2**999", `\x80\x02\x8a\x7d${"\0".repeat(124)}\x80.`, opaque("int")],
  ["2**40 of Python 2", "\x80\x02I1099511627776\n.", 2 ** 40],
  ["0.5", "\x80\x02G?\xe0\0\0\0\0\0\0.", opaque("float", 8)],
  ["é", "\x80\x02X\x02\0\0\0\xc3\xa9.", "é"],
  ["é, protocol 4", "\x80\x04\x95\x06\0\0\0\0\0\0\0\x8c\x02\xc3\xa9\x94.", "é"],
  ["b'ab', protocol 3", "\x80\x03C\x02ab.", opaque("bytes", 2)],
  [
    "bytearray, protocol 5",
    "\x80\x05\x95\x0c\0\0\0\0\0\0\0\x96\x01\0\0\0\0\0\0\0a\x94.",
    opaque("bytearray", 1),
  ],
  ["(1, 2, 3)", "\x80\x02K\x01K\x02K\x03\x87q\0.", [1, 2, 3]],
  ["(1, 2, 3, 4)", "\x80\x02(K\x01K\x02K\x03K\x04tq\0.", [1, 2, 3, 4]],
  ["[[], ()]", "\x80\x02]q\0(]q\x01)e.", [[], []]],
  ["{1: {}}", "\x80\x02}q\0K\x01}q\x01s.", new Map([[1, new Map()]])],
  ["{1}, protocol 4", "\x80\x04\x8f\x94(K\x01\x90.", opaque("set")],
  ["frozenset({1}), protocol 4", "\x80\x04(K\x01\x91\x94.", opaque("frozenset")],
  ["one list twice", "\x80\x02]q\0h\0\x86q\x01.", [[], []]],
  ["os.system", "\x80\x02cos\nsystem\nq\0.", { kind: "global", name: "os.system" }],
  [
    "os.system, protocol 4",
    "\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",
    { kind: "global", name: "os.system" },
  ],
  ["a call of os.system", "\x80\x02cos\nsystem\nX\x02\0\0\0ls\x85R.", opaque("os.system")],
  ["a call of a call", "\x80\x02cos\nsystem\n)R)R.", opaque("an object")],
  [
    "an object with state",
    "\x80\x02cargparse\nNamespace\n)\x81}X\x01\0\0\0aK\x01sb.",
    { ...opaque("argparse.Namespace"), state: new Map([["a", 1]]) },
  ],
  ["an object with named arguments", "\x80\x04\x8c\x01m\x8c\x01C\x93)}\x92.", opaque("m.C")],
  ["items for an object", "\x80\x02cm\nC\n)R(K\x01eK\x01K\x02s.", opaque("m.C")],
  ["values dropped", "\x80\x02N(K\x01K\x021.", null],
])("%s", (_, opcodes, value) => {
  expect(read(opcodes)).toEqual(value);
});
