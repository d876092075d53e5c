/**
 * The program of the cpu backend: the entries of all kernels. An entry takes the address of its
 * arguments and runs tasks first to last - 1 of its call.
 */
export { start } from "../../kernels/assembly/thread.as";
export * from "../../kernels/elementwise/cpu_f32.as";
export * from "../../kernels/elementwise/cpu_integers.as";
export * from "../../kernels/elementwise_chain/cpu.as";
export * from "../../kernels/cast.as";
export * from "../../kernels/reduce/cpu.as";
export * from "../../kernels/reduce/cpu_argument.as";
export * from "../../kernels/softmax/cpu.as";
export * from "../../kernels/margin/cpu.as";
export * from "../../kernels/euclidean_step/cpu.as";
export * from "../../kernels/strided/cpu.as";
export * from "../../kernels/take.as";
export * from "../../kernels/gather.as";
export * from "../../kernels/one_hot.as";
export * from "../../kernels/optimizers/cpu.as";
export * from "../../kernels/random/cpu.as";
export * from "../../kernels/pooling/cpu.as";
export * from "../../kernels/batch_norm/cpu.as";
export * from "../../kernels/batch_norm/cpu_apply.as";
export { matmul } from "../../kernels/matmul/cpu.as";
export { matmulPack, matmulTranspose } from "../../kernels/matmul/cpu_pack.as";
export { matmulDots, matmulWide } from "../../kernels/matmul/cpu_thin.as";
export { convolve } from "../../kernels/conv2d/cpu.as";
export { convolvePack } from "../../kernels/conv2d/cpu_pack.as";
export { convolveDepthWeights } from "../../kernels/conv2d/cpu_depthwise.as";
export { convolveSum, convolveWeights } from "../../kernels/conv2d/cpu_weight_grad.as";
