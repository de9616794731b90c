// window.ts - which rows of a long grid are worth drawing.

export interface GridShape {
  columns: number;
  rowHeight: number;
  rows: number;
}

export interface Span {
  from: number;
  to: number;
}

/** How many cards fit beside each other, and how high a row of them is. */
export function shapeOf(width: number, items: number, card: { least: number; gap: number; text: number }): GridShape {
  const columns = Math.max(1, Math.floor((width + card.gap) / (card.least + card.gap)));
  const cardWidth = (width - card.gap * (columns - 1)) / columns;
  const rowHeight = Math.round((cardWidth * 9) / 16 + card.text + card.gap);
  return { columns, rowHeight, rows: Math.ceil(items / columns) };
}

/** Rows in sight and a few beyond on either side, so that a quick turn of the wheel finds them drawn. */
export function rowsInSight(shape: GridShape, top: number, height: number, beyond = 3): Span {
  const first = Math.floor(top / shape.rowHeight) - beyond;
  const last = Math.ceil((top + height) / shape.rowHeight) + beyond;
  const from = Math.min(Math.max(0, first), shape.rows);
  return { from, to: Math.max(from, Math.min(shape.rows, last)) };
}
