/** A file of bytes that is read in parts: checkpoints are too large to be read whole. */
export interface BinaryFile {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Changes when the file does. */
  readonly version: string;
  /** The bytes from `start` on, fewer where the file ends before. */
  read(start: number, length: number): Uint8Array;
}
