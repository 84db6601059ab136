// Which states are ends.

const OVER = ["finished", "stopped", "failed", "interrupted", "unreadable"];

export const isOver = (state) => OVER.includes(state);
