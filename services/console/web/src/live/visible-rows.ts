export interface VisibleRows {
  readonly from: number;
  /** The first that is too far. */
  readonly to: number;
}

/** Drawn beyond what is seen, so that scrolling meets no empty place. */
const BEYOND = 6;

/** Which of many rows of one height are drawn. */
export function visibleRows(
  count: number,
  height: number,
  scrolledTo: number,
  boxHeight: number,
): VisibleRows {
  const from = Math.max(0, Math.min(Math.floor(scrolledTo / height) - BEYOND, count));
  return { from, to: Math.min(count, Math.ceil((scrolledTo + boxHeight) / height) + BEYOND) };
}
