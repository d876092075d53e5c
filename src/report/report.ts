/**
 * What a report holds, as plain records. All text in them is plain text.
 *
 * @module
 */
import type { Table } from "./table.ts";

/** A name and its value, such as the device of a run. */
export interface Fact {
  /** The name. */
  readonly name: string;
  /** The value. */
  readonly value: string;
  /** Whether the value is code, such as a command line. Default false. */
  readonly code?: boolean;
}

/** A number worth a large print. */
export interface KeyFigure {
  /** What the number is. */
  readonly label: string;
  /** The number with its unit. */
  readonly value: string;
  /** A remark under it, such as its interval. Default none. */
  readonly note?: string;
  /** Whether it is good or bad news. Default neither. */
  readonly tone?: "right" | "wrong";
}

/** A piece of a section. */
export type Block =
  | {
    /** A paragraph. */
    readonly kind: "paragraph";
    /** Its text. */
    readonly text: string;
  }
  | {
    /** A heading inside a section. */
    readonly kind: "heading";
    /** Its text. */
    readonly text: string;
  }
  | {
    /** A list of remarks. */
    readonly kind: "list";
    /** Its items. */
    readonly items: readonly string[];
  }
  | {
    /** A remark that stands out. */
    readonly kind: "note";
    /** Its text. */
    readonly text: string;
    /** Whether it is good or bad news. Default neither. */
    readonly tone?: "right" | "wrong";
  }
  | {
    /** Code, a command line or a configuration. */
    readonly kind: "code";
    /** Its text, line breaks kept. */
    readonly text: string;
  }
  | {
    /** A table. */
    readonly kind: "table";
    /** Its content. */
    readonly table: Table;
  }
  | {
    /** A plot. */
    readonly kind: "figure";
    /** SVG as the plots of this room return it; it goes onto the page as it is. */
    readonly svg: string;
    /** What to see in it. */
    readonly caption: string;
    /** The numbers behind it, folded up under it. Default none. */
    readonly data?: Table;
  }
  | {
    /** A picture. */
    readonly kind: "picture";
    /** Bytes of a PNG file. */
    readonly png: Uint8Array;
    /** The same picture for dark surroundings, as bytes of a PNG file. Default the light one. */
    readonly darkPng?: Uint8Array;
    /** What the picture shows, for who cannot see it. */
    readonly alt: string;
    /** What to see in it. */
    readonly caption: string;
  }
  | {
    /** Numbers in large print, side by side. */
    readonly kind: "keyFigures";
    /** The numbers. */
    readonly figures: readonly KeyFigure[];
  }
  | {
    /** Blocks side by side where the page is wide enough. */
    readonly kind: "row";
    /** The blocks. */
    readonly blocks: readonly Block[];
  };

/** A section of a report. */
export interface Section {
  /** Its heading. */
  readonly heading: string;
  /** Its content from top to bottom. */
  readonly blocks: readonly Block[];
}

/** A report. */
export interface Report {
  /** Its title. */
  readonly title: string;
  /** What it found, in a sentence or two under the title. Default none. */
  readonly summary?: string;
  /** What made it: device, seed, date, command. */
  readonly facts: readonly Fact[];
  /** Its sections from top to bottom. */
  readonly sections: readonly Section[];
}
