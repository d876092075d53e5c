// The messages of an ONNX file read back, so that tests see what was written and not what was meant.

import { PbfReader } from "pbf";

export interface ReadNode {
  name: string;
  op: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, number | number[]>;
}

export interface ReadTensor {
  name: string;
  shape: number[];
  type: number;
  bytes: Uint8Array;
}

export interface ReadValue {
  name: string;
  shape: (number | string)[];
}

export interface ReadGraph {
  nodes: ReadNode[];
  initializers: ReadTensor[];
  inputs: ReadValue[];
  outputs: ReadValue[];
}

export interface ReadModel {
  irVersion: number;
  producer: string[];
  opsets: [domain: string, version: number][];
  metadata: Record<string, string>;
  /** The bytes of the graph alone, which hold no version of the package. */
  graphBytes: Uint8Array;
  graph: ReadGraph;
}

type Fields = Readonly<Record<number, (pbf: PbfReader) => void>>;

/** Reads a message; a field that is not listed is a mistake of the writer. */
function read(pbf: PbfReader, fields: Fields): void {
  pbf.readMessage((tag) => {
    const field = fields[tag];
    if (field === undefined) throw new Error(`the message has a field ${tag}`);
    field(pbf);
  }, undefined);
}

function nodeOf(pbf: PbfReader): ReadNode {
  const node: ReadNode = { name: "", op: "", inputs: [], outputs: [], attributes: {} };
  read(pbf, {
    1: () => node.inputs.push(pbf.readString()),
    2: () => node.outputs.push(pbf.readString()),
    3: () => node.name = pbf.readString(),
    4: () => node.op = pbf.readString(),
    5: () => {
      let name = "", type = 0, one = 0;
      const several: number[] = [];
      read(pbf, {
        1: () => name = pbf.readString(),
        2: () => one = pbf.readFloat(),
        3: () => one = pbf.readVarint(),
        8: () => several.push(pbf.readVarint()),
        20: () => type = pbf.readVarint(),
      });
      node.attributes[name] = type === 7 ? several : one;
    },
  });
  return node;
}

function tensorOf(pbf: PbfReader): ReadTensor {
  const tensor: ReadTensor = { name: "", shape: [], type: 0, bytes: new Uint8Array() };
  read(pbf, {
    1: () => tensor.shape.push(pbf.readVarint()),
    2: () => tensor.type = pbf.readVarint(),
    8: () => tensor.name = pbf.readString(),
    9: () => tensor.bytes = pbf.readBytes().slice(),
  });
  return tensor;
}

function valueOf(pbf: PbfReader): ReadValue {
  const value: ReadValue = { name: "", shape: [] };
  const size = (): void =>
    read(pbf, {
      1: () => value.shape.push(pbf.readVarint()),
      2: () => value.shape.push(pbf.readString()),
    });
  const tensorType = (): void =>
    read(pbf, {
      1: () => {
        if (pbf.readVarint() !== 1) throw new Error("the value must be of 32-bit floats");
      },
      2: () => read(pbf, { 1: size }),
    });
  read(pbf, {
    1: () => value.name = pbf.readString(),
    2: () => read(pbf, { 1: tensorType }),
  });
  return value;
}

function graphOf(bytes: Uint8Array): ReadGraph {
  const graph: ReadGraph = { nodes: [], initializers: [], inputs: [], outputs: [] };
  const pbf = new PbfReader(bytes);
  const fields: Fields = {
    1: () => graph.nodes.push(nodeOf(pbf)),
    2: () => void pbf.readString(),
    5: () => graph.initializers.push(tensorOf(pbf)),
    11: () => graph.inputs.push(valueOf(pbf)),
    12: () => graph.outputs.push(valueOf(pbf)),
  };
  pbf.readFields((tag) => fields[tag]!(pbf), undefined);
  return graph;
}

/** What a file says. */
export function readOnnx(bytes: Uint8Array): ReadModel {
  const pbf = new PbfReader(bytes);
  const producer: string[] = [], opsets: [string, number][] = [];
  const metadata: Record<string, string> = {};
  let irVersion = 0, graphBytes = new Uint8Array();
  const fields: Fields = {
    1: () => irVersion = pbf.readVarint(),
    2: () => producer.push(pbf.readString()),
    3: () => producer.push(pbf.readString()),
    7: () => graphBytes = pbf.readBytes().slice(),
    8: () => {
      let domain = "", version = 0;
      read(pbf, { 1: () => domain = pbf.readString(), 2: () => version = pbf.readVarint() });
      opsets.push([domain, version]);
    },
    14: () => {
      let key = "", value = "";
      read(pbf, { 1: () => key = pbf.readString(), 2: () => value = pbf.readString() });
      metadata[key] = value;
    },
  };
  pbf.readFields((tag) => fields[tag]!(pbf), undefined);
  return { irVersion, producer, opsets, metadata, graphBytes, graph: graphOf(graphBytes) };
}

/** The elements of an initializer of 32-bit floats. */
export function floatsOf({ bytes }: ReadTensor): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
