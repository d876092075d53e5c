/**
 * What an attack is: a function of (model, images, labels, options) whose core makes the images
 * without waiting, for training, and whose door also judges them.
 *
 * @module
 */
import type { Module } from "../nn/mod.ts";
import { tidy } from "../scope.ts";
import type { Tensor } from "../tensor/mod.ts";
import {
  type BatchOptions,
  type Classes,
  type CommonOptions,
  disposePrepared,
  prepare,
  type Prepared,
} from "./options.ts";
import { type AttackResult, judge } from "./result.ts";

/** An attack with its options settled: data, which evaluation and training take. */
export interface SettledAttack {
  /** Name and options in words: `pgd linf eps=0.1 steps=20`. */
  readonly title: string;
  /** Name of the attack: `pgd`. */
  readonly name: string;
  /** Its options, as given. */
  readonly options: Readonly<CommonOptions>;
  /** Attacks a batch and judges the result. */
  run(model: Module, x: Tensor, labels: Classes, options?: BatchOptions): Promise<AttackResult>;
  /** Adversarial images for all of a batch, off the tape, without waiting and without judging. */
  perturb(model: Module, x: Tensor, labels: Classes, options?: BatchOptions): Tensor;
}

/** An attack: call it, or settle its options for later. */
export interface Attack<O extends CommonOptions> {
  /**
   * Attacks a batch of images and judges the result. The model is left as it was: parameters,
   * their gradients, the mode of every layer, running statistics.
   */
  (model: Module, x: Tensor, labels: Classes, options: O): Promise<AttackResult>;
  /** The attack with these options. */
  with(options: O): SettledAttack;
}

/** The core of an attack: adversarial images for checked operands, without waiting. */
export type Perturb<O> = (model: Module, prepared: Prepared, options: O) => Tensor;

function titleOf(name: string, options: object): string {
  const words = Object.entries(options).flatMap(([key, value]) => {
    if (value === undefined || key === "ids" || key === "captures") return [];
    if (typeof value === "object") return [`${key}=per example`];
    return [`${key}=${typeof value === "number" ? Number(value.toPrecision(4)) : value}`];
  });
  return [name, ...words].join(" ");
}

/**
 * Makes an attack out of its core.
 *
 * @param name The name that reports print.
 * @param check Throws for options that cannot be.
 * @param perturb Makes adversarial images for checked operands.
 */
export function defineAttack<O extends CommonOptions>(
  name: string,
  check: (options: O) => void,
  perturb: Perturb<O>,
): Attack<O> {
  function settle(options: O): SettledAttack {
    check(options);
    return {
      name,
      title: titleOf(name, options),
      options: { ...options },
      async run(model, x, labels, batch) {
        const given = { ...options, ...batch };
        const prepared = tidy(() => prepare(x, labels, given));
        try {
          return await judge(model, prepared, {
            perturb: () => perturb(model, prepared, given),
            captures: given.captures,
          });
        } finally {
          disposePrepared(prepared);
        }
      },
      perturb(model, x, labels, batch) {
        const given = { ...options, ...batch };
        return tidy(() => perturb(model, prepare(x, labels, given), given));
      },
    };
  }
  const attack = async (model: Module, x: Tensor, labels: Classes, options: O) => {
    return await settle(options).run(model, x, labels);
  };
  return Object.assign(attack, { with: settle });
}
