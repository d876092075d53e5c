/**
 * Attacks: small changes of images that change what a model says, found by the gradient with
 * respect to the images. Parameters are constants here: no weight gradient is ever computed.
 *
 * @module
 */
export { type Attack, defineAttack, type Perturb, type SettledAttack } from "./attack.ts";
export { bim, type BimOptions } from "./bim.ts";
export { fgm, type FgmOptions } from "./fgm.ts";
export { fgsm, type FgsmOptions } from "./fgsm.ts";
export { asVictim, type AttackLoss, type Goal } from "./goal.ts";
export { noise, type NoiseKind, type NoiseOptions } from "./noise.ts";
export type { Ball, NormName } from "./norms.ts";
export {
  type BatchOptions as AttackBatchOptions,
  type Classes,
  type CommonOptions,
  type Prepared,
  px,
} from "./options.ts";
export { type IterativeOptions, pgd, type PgdOptions } from "./pgd.ts";
export { predict, type Predictions } from "./predictions.ts";
export type { AttackResult } from "./result.ts";
