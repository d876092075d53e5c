/** Maximum and average pooling and their gradients. */
export { avg_pool, avg_pool_grad } from "./cpu_avg.as";
export { max_pool, max_pool_grad } from "./cpu_max.as";
