// What a tensor is and how it lives; its operations have files of their own.

import { suite, test as host } from "uvu";
import * as assert from "uvu/assert";
import { ReferenceDevice } from "../../src/backend/mod.ts";
import { BackendError, DisposedError, GradientError, ShapeError } from "../../src/errors.ts";
import { sgd } from "../../src/kernels/mod.ts";
import { tidy } from "../../src/scope.ts";
import {
  currentDevice,
  ones,
  type Tensor,
  tensor,
  update,
  useDevice,
} from "../../src/tensor/mod.ts";
import { forEachDevice, reference, webgpu } from "../support/devices.ts";
import { isA, rejects, says } from "../support/errors.ts";

const DISPOSED = says(
  DisposedError,
  "Cannot use a tensor of shape [2] after it was disposed: return it from tidy(), or keep() it",
);

forEachDevice((device, label) => {
  const test = suite(`Tensor on ${label}`);

  test("toString() says type, shape, device and what made it", () => {
    const x = tensor([[1, 2]], { device });
    assert.is(String(x), `Tensor f32 [1, 2] on ${device.backend}`);
    const w = tensor([1, 2], { device, requiresGrad: true });
    assert.is(String(w), `Tensor f32 [2] on ${device.backend} requires grad`);
    assert.is(String(w.mul(x)), `Tensor f32 [1, 2] on ${device.backend} from mul`);
    assert.is(String(tensor(3, { device, dtype: "i32" })), `Tensor i32 [] on ${device.backend}`);
    w.dispose();
    assert.is(String(w), `Tensor f32 [2] on ${device.backend}`);
  });

  test("data(), item() and toArray() read copies", async () => {
    const x = tensor([[1, 2], [3, 4]], { device });
    const data = await x.data();
    data[0] = 9;
    assert.equal(await x.toArray(), [[1, 2], [3, 4]]);
    assert.is(await tensor([[[7]]], { device }).item(), 7);
    assert.is(await tensor(7, { device }).toArray(), 7);
    await rejects(
      x.item(),
      says(
        ShapeError,
        "Cannot take the item of a tensor of shape [2, 2]: it must have one element, use data()",
      ),
    );
  });

  test("dispose() gives the elements back once, and use after it is an error", async () => {
    tidy(() => tensor([1, 2], { device }).add(1)); // leaves the constant
    const before = device.ledger.buffers;
    const x = tensor([1, 2], { device });
    const y = tensor([3, 4], { device });
    const view = x.reshape([2, 1]);
    x.dispose();
    x.dispose();
    assert.ok(x.isDisposed);
    assert.equal(await view.toArray(), [[1], [2]]);
    view.dispose();
    assert.is(device.ledger.buffers, before + 1);
    const uses: readonly (() => unknown)[] = [
      () => x.buffer,
      () => x.add(y),
      () => y.add(x),
      () => x.add(1),
      () => x.neg(),
      () => x.sum(),
      () => x.reshape([2, 1]),
      () => x.detach(),
      () => x.assign(y),
      () => y.assign(x),
    ];
    for (const use of uses) assert.throws(use, DISPOSED);
    await rejects(x.data(), DISPOSED);
    await rejects(x.to(new ReferenceDevice()), DISPOSED);
    y.dispose();
    assert.is(device.ledger.buffers, before);
  });

  test("using disposes at the end of the block", () => {
    const before = device.ledger.buffers;
    let seen: Tensor | undefined;
    {
      using x = tensor([1, 2], { device });
      seen = x;
      assert.not(x.isDisposed);
    }
    assert.ok(seen.isDisposed);
    assert.type(seen[Symbol.dispose], "function");
    assert.is(device.ledger.buffers, before);
  });

  test("like() makes a leaf of other elements", async () => {
    const x = tensor([[1, 2]], { device, requiresGrad: true });
    const y = x.like([3, 4]);
    assert.equal(await y.toArray(), [[3, 4]]);
    assert.not(y.requiresGrad);
    const labels = tensor([1, 2], { device, dtype: "u32" }).like(Float32Array.of(3, 4));
    assert.equal(await labels.data(), Uint32Array.of(3, 4));
    assert.throws(
      () => x.like([1]),
      says(ShapeError, "Cannot make a tensor of shape [1, 2] from 1 numbers: 2 are needed"),
    );
  });

  test("assign() takes elements over, and keeps the place on the tape", async () => {
    const before = device.ledger.buffers;
    const x = tensor([1, 2], { device, requiresGrad: true });
    const { node } = x;
    const y = tensor([3, 4], { device });
    x.assign(y);
    x.assign(x);
    y.dispose();
    assert.equal(await x.data(), Float32Array.of(3, 4));
    assert.is(x.node, node);
    x.dispose();
    assert.is(device.ledger.buffers, before);
    const z = tensor([1, 2], { device });
    assert.throws(
      () => z.assign(tensor([[1, 2]], { device, dtype: "i32" })),
      says(
        ShapeError,
        "Cannot assign a tensor i32 [1, 2] to one f32 [2]: shape and type must be the same",
      ),
    );
  });

  test("assign() shares elements: updates in place show in both", async () => {
    const other = tensor([0, 0], { device }), w = tensor([5, 6], { device });
    other.assign(w);
    const [grad, scalars] = [tensor([1, 1], { device }), tensor([1, 0, 0, 1], { device })];
    update(sgd, [grad, scalars], [w], undefined);
    assert.equal([...await w.data()], [4, 5]);
    assert.equal([...await other.data()], [4, 5]);
  });

  test("assign() refuses another device", () => {
    const x = tensor([1], { device }), y = tensor([1], { device: new ReferenceDevice() });
    assert.throws(
      () => x.assign(y),
      says(
        BackendError,
        `Cannot assign a tensor on reference to one on ${device.backend}: ` +
          "both must be on one device, use to(device)",
      ),
    );
  });

  test("to() copies to another device, off the tape, with what is known of integers", async () => {
    const other = new ReferenceDevice();
    const x = tensor([1, 2], { device, requiresGrad: true });
    const moved = await x.to(other);
    assert.is(moved.device, other);
    assert.equal([moved.shape, moved.requiresGrad], [[2], false]);
    assert.equal([...await moved.data()], [1, 2]);
    const same = await x.to(device);
    assert.is(same.buffer, x.buffer);
    assert.is(same.node, null);
    const labels = await tensor([4, -2], { device, dtype: "i32" }).to(other);
    assert.equal([labels.dtype, labels.buffer.bounds], ["i32", [-2, 4]]);
  });

  test("bounds of integers are forgotten when they are written over", () => {
    const x = tensor([4, 2], { device, dtype: "i32" });
    device.write(x.buffer, Int32Array.of(7, 8));
    assert.is(x.buffer.bounds, undefined);
  });

  test("operands on two devices are an error that names both", () => {
    const x = tensor([1, 2], { device }), y = tensor([1, 2], { device: new ReferenceDevice() });
    const message = (name: string): string =>
      `Cannot ${name} tensors on the devices ${device.backend} and reference: ` +
      "all operands must be on one device, use to(device)";
    assert.throws(() => x.add(y), says(BackendError, message("add")));
    assert.throws(
      () => x.reshape([1, 2]).matmul(y.reshape([2, 1])),
      says(BackendError, message("matmul")),
    );
    assert.throws(() => x.where(x, y), says(BackendError, message("where")));
  });

  test("requiresGrad is set and unset on leaves", async () => {
    const x = tensor([1, 2], { device });
    x.requiresGrad = false;
    assert.is(x.node, null);
    x.requiresGrad = true;
    const { node } = x;
    x.requiresGrad = true;
    assert.is(x.node, node);
    x.requiresGrad = false;
    assert.is(x.square().node, null);
    // What was computed before counts as it was then.
    x.requiresGrad = true;
    const loss = x.square().sum();
    x.requiresGrad = false;
    loss.backward();
    assert.equal([...await x.grad!.data()], [2, 4]);
  });

  test("requiresGrad of a result, and of integers, cannot be set", () => {
    const y = tensor([1, 2], { device, requiresGrad: true }).square();
    y.requiresGrad = true;
    assert.throws(
      () => y.requiresGrad = false,
      says(
        GradientError,
        "Cannot change requiresGrad of the result of square: only leaves have it to change, " +
          "use detach()",
      ),
    );
    const labels = tensor([1, 2], { device, dtype: "i32" });
    labels.requiresGrad = false;
    assert.throws(
      () => labels.requiresGrad = true,
      says(
        GradientError,
        "Cannot require the gradient of a tensor of type i32: the type must be f32 or f64",
      ),
    );
  });

  test("gate() and sumTo() share elements only where nothing is computed", async () => {
    const x = tensor([[1, 2], [3, 4]], { device });
    assert.is(x.sumTo([2, 2]).buffer, x.buffer);
    assert.equal(await x.sumTo([2]).toArray(), [4, 6]);
    assert.equal(await x.sumTo([2, 1]).toArray(), [[3], [7]]);
    assert.equal(await x.sumTo([]).toArray(), 10);
    assert.equal(await tidy(() => x.gate(0)).toArray(), [[0, 0], [0, 0]]);
  });

  test.run();
});

host("useDevice() sets where tensors are made", () => {
  const before = currentDevice();
  const other = new ReferenceDevice();
  useDevice(other);
  try {
    assert.is(currentDevice(), other);
    assert.is(ones([2]).device, other);
    assert.is(ones([2], { device: reference }).device, reference);
  } finally {
    useDevice(before);
  }
});

if (webgpu !== undefined) {
  host("to() moves between WebGPU and the host", async () => {
    const x = tensor([[1, 2], [3, 4]], { device: webgpu! });
    const there = await x.to(reference);
    const back = await there.mul(2).to(webgpu!);
    assert.equal(await back.toArray(), [[2, 4], [6, 8]]);
    assert.throws(
      () => there.add(x),
      isA(BackendError, /Cannot add tensors on the devices reference and webgpu: /),
    );
  });
}

host.run();
