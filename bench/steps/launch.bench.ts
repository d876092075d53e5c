import { benchKernel, EXACT } from "../harness/mod.ts";
import { launch, LAUNCH_PARAMS, launchData } from "./launch.ts";

benchKernel(launch, EXACT, {
  "of one task": { inputs: [launchData(1)], params: LAUNCH_PARAMS },
  "of 16 tasks": { inputs: [launchData(16)], params: LAUNCH_PARAMS },
});
