import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import { arange, format, tensor, zeros } from "../../src/tensor/mod.ts";
import { forEachDevice, reference } from "../support/devices.ts";

const device = reference;

forEachDevice((device, label) => {
  const test = suite(`printing on ${label}`);

  test("toArray() nests the elements", async () => {
    assert.is(await tensor(3, { device }).toArray(), 3);
    assert.equal(await tensor([1, 2], { device }).toArray(), [1, 2]);
    assert.equal(await tensor([[[1], [2]], [[3], [4]]], { device }).toArray(), [
      [[1], [2]],
      [[3], [4]],
    ]);
    assert.equal(await tensor([[], []], { device }).toArray(), [[], []]);
  });

  test("format() shows values, type and shape", async () => {
    const text = await format(tensor([[1, 2.5], [3, -4]], { device }));
    assert.is(
      text,
      ["tensor([[ 1.0000,  2.5000],", "        [ 3.0000, -4.0000]], f32 [2, 2])"].join("\n"),
    );
    assert.is(await format(tensor(Int32Array.of(-1, 10), { device })), "tensor([-1, 10], i32 [2])");
  });

  test.run();
});

test("format() shows scalars, empty ones and whole numbers shortly", async () => {
  assert.is(await format(tensor(0.5, { device })), "tensor(0.5000, f32 [])");
  assert.is(await format(tensor([], { device })), "tensor([], f32 [0])");
  assert.is(await format(zeros([2, 0], { device })), "tensor([[],\n        []], f32 [2, 0])");
  assert.is(await format(tensor([1, 2], { device })), "tensor([1., 2.], f32 [2])");
});

test("format() puts a blank line between matrices", async () => {
  const text = await format(arange(8, { device, dtype: "i32" }).reshape([2, 2, 2]));
  assert.is(
    text,
    [
      "tensor([[[0, 1],",
      "         [2, 3]],",
      "",
      "        [[4, 5],",
      "         [6, 7]]], i32 [2, 2, 2])",
    ].join("\n"),
  );
});

test("format() writes exponents where numbers are far apart", async () => {
  const text = await format(tensor([1e-6, 1, 12345.5], { device }));
  assert.is(text, "tensor([1.0000e-6, 1.0000e+0, 1.2346e+4], f32 [3])");
  assert.match(await format(tensor([1e9], { device })), /1\.0000e\+9/);
});

test("format() writes what is not finite", async () => {
  const text = await format(tensor([NaN, Infinity, -Infinity, 0.25], { device }));
  assert.is(text, "tensor([   nan,    inf,   -inf, 0.2500], f32 [4])");
});

test("format() breaks long rows", async () => {
  const lines = (await format(arange(40, { device, dtype: "u32" }))).split("\n");
  assert.is(lines.length, 3);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.ok(lines[1]!.startsWith("        "));
});

test("format() leaves the middle out beyond maxItems", async () => {
  const long = arange(2000, { device, dtype: "i32" });
  assert.is(
    await format(long),
    "tensor([   0,    1,    2, ..., 1997, 1998, 1999], i32 [2000])",
  );
  const text = await format(arange(64, { device, dtype: "i32" }).reshape([8, 8]), { maxItems: 10 });
  assert.is(text.split("\n").length, 7);
  assert.match(text, "[ 0,  1,  2, ...,  5,  6,  7]");
  assert.match(text, "\n        ...,\n");
});

test.run();
