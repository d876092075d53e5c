import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  allocate,
  bytesPer,
  type DType,
  dtypeOf,
  DTYPES,
  isFloat,
  toTypedArray,
} from "../../src/dtype.ts";

const test = suite("element types");

test("every type has its array, its bytes and a place on one side of isFloat()", () => {
  const bytes: Record<DType, number> = { f32: 4, f64: 8, i32: 4, u32: 4 };
  assert.equal([...DTYPES].sort(), Object.keys(bytes).sort());
  for (const dtype of DTYPES) {
    const array = allocate(dtype, 3);
    assert.equal([...array], [0, 0, 0]);
    assert.is(dtypeOf(array), dtype);
    assert.is(bytesPer(dtype), bytes[dtype]);
    assert.is(array.BYTES_PER_ELEMENT, bytes[dtype]);
    assert.is(isFloat(dtype), dtype.startsWith("f"));
    assert.equal([...toTypedArray(dtype, [1, 2])], [1, 2]);
    assert.is(allocate(dtype, 0).length, 0);
  }
});

test("dtypeOf() knows no other arrays", () => {
  assert.is(dtypeOf(new Uint8Array(1)), undefined);
  assert.is(dtypeOf(new DataView(new ArrayBuffer(4))), undefined);
});

test("toTypedArray() copies", () => {
  const array = Float32Array.of(1);
  const copy = toTypedArray("f32", array);
  array[0] = 2;
  assert.is(copy[0], 1);
});

test.run();
