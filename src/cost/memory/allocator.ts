/**
 * PyTorch's caching allocator (c10/cuda/CUDACachingAllocator.cpp, defaults), so that what a process reserves and what it has
 * handed out follow from the order of its requests.
 */

/** A piece of a segment: in use, or free in its pool. Neighbours in a segment are linked. */
export interface Block {
  size: number;
  /** What of it was asked for, rounded. */
  asked: number;
  /** Place in the order of addresses. */
  readonly address: number;
  readonly small: boolean;
  free: boolean;
  before: Block | undefined;
  after: Block | undefined;
}

const mebibyte = 2 ** 20;
/** Requests are rounded up to multiples of this (kMinBlockSize). */
const smallestBlock = 512;
/** Requests up to this come from the small pool (kSmallSize); a rest no larger is not split off a large block. */
const smallRequest = mebibyte;
/** Segments of the small pool (kSmallBuffer), and the multiple of large segments (kRoundLarge). */
const smallSegment = 2 * mebibyte;
/** Segments for requests below `largeRequest` (kLargeBuffer, kMinLargeAlloc). */
const largeSegment = 20 * mebibyte;
const largeRequest = 10 * mebibyte;

/** Bytes of the block that a request of so many bytes asks for. */
export function rounded(bytes: number): number {
  return Math.max(smallestBlock, Math.ceil(bytes / smallestBlock) * smallestBlock);
}

export class Allocator {
  /** Bytes of blocks in use: `torch.cuda.memory_allocated`. */
  allocated = 0;
  /** Bytes of segments: `torch.cuda.memory_reserved`. */
  reserved = 0;
  private nextAddress = 0;
  /** Free blocks by size, then address. */
  private readonly small: Block[] = [];
  private readonly large: Block[] = [];

  /**
   * `caching`: whether blocks are cut from segments that are kept; otherwise each request is one of its own. Unused segments
   * are given back before more than `limitBytes` are reserved.
   */
  constructor(
    private readonly caching = true,
    private readonly limitBytes = Number.POSITIVE_INFINITY,
  ) {}

  /** Takes a block for a request. */
  allocate(bytes: number): Block {
    if (!this.caching) return this.plain(bytes);
    const size = rounded(bytes);
    const small = size <= smallRequest;
    const pool = small ? this.small : this.large;
    const at = firstNotBelow(pool, size, -1);
    const found = pool[at];
    const block = found ?? this.segment(size, small);
    if (found) pool.splice(at, 1);
    const rest = block.size - size;
    if (small ? rest >= smallestBlock : rest > smallRequest) {
      const behind: Block = {
        size: rest,
        asked: 0,
        address: block.address + size,
        small,
        free: true,
        before: block,
        after: block.after,
      };
      if (block.after) block.after.before = behind;
      block.after = behind;
      block.size = size;
      insert(pool, behind);
    }
    block.free = false;
    block.asked = size;
    this.allocated += block.size;
    return block;
  }

  private plain(bytes: number): Block {
    this.allocated += bytes;
    this.reserved = Math.max(this.reserved, this.allocated);
    return { size: bytes, asked: bytes, address: 0, small: false, free: false, before: undefined, after: undefined };
  }

  /** Gives a block back; free neighbours become one. */
  release(block: Block): void {
    this.allocated -= block.size;
    if (!this.caching) return;
    const pool = block.small ? this.small : this.large;
    let whole = block;
    const { before, after } = block;
    if (before?.free) {
      remove(pool, before);
      before.size += block.size;
      before.after = after;
      if (after) after.before = before;
      whole = before;
    }
    if (after?.free) {
      remove(pool, after);
      whole.size += after.size;
      whole.after = after.after;
      if (after.after) after.after.before = whole;
    }
    whole.free = true;
    insert(pool, whole);
  }

  /** Segments without a block in use go back to the driver, as before a request that it refused (`empty_cache`). */
  trim(): void {
    for (const pool of [this.small, this.large]) {
      for (let i = pool.length - 1; i >= 0; i--) {
        const block = pool[i] as Block;
        if (block.before || block.after) continue;
        pool.splice(i, 1);
        this.reserved -= block.size;
      }
    }
  }

  private segment(size: number, small: boolean): Block {
    const bytes = small
      ? smallSegment
      : size < largeRequest
        ? largeSegment
        : Math.ceil(size / smallSegment) * smallSegment;
    if (this.reserved + bytes > this.limitBytes) this.trim();
    const block: Block = {
      size: bytes,
      asked: 0,
      address: this.nextAddress,
      small,
      free: false,
      before: undefined,
      after: undefined,
    };
    this.nextAddress += bytes;
    this.reserved += bytes;
    return block;
  }
}

/** Position of the first block that is not below a size and address. */
function firstNotBelow(pool: readonly Block[], size: number, address: number): number {
  let low = 0;
  let high = pool.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const block = pool[middle] as Block;
    if (block.size < size || (block.size === size && block.address < address)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(pool: Block[], block: Block): void {
  pool.splice(firstNotBelow(pool, block.size, block.address), 0, block);
}

function remove(pool: Block[], block: Block): void {
  pool.splice(firstNotBelow(pool, block.size, block.address), 1);
}
