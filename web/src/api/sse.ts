// sse.ts - the event stream format: text in pieces of any size in, events out.

export interface StreamEvent {
  id: string;
  name: string;
  data: string;
}

export class EventParser {
  private rest = '';
  private event = '';
  private data: string[] = [];
  /** The last id seen; it stays from event to event, as the format says. */
  lastId = '';
  /** What the server asks clients to wait before they come again, in milliseconds. */
  retry = 0;

  push(text: string): StreamEvent[] {
    const done: StreamEvent[] = [];
    // A line may end in CR LF, and the LF may come with the next piece: hold a last CR back.
    let whole = this.rest + text;
    let held = '';
    if (whole.endsWith('\r')) {
      held = '\r';
      whole = whole.slice(0, -1);
    }
    const lines = whole.split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? '') + held;
    for (const line of lines) {
      if (line === '') this.finish(done);
      else this.field(line);
    }
    return done;
  }

  private finish(done: StreamEvent[]): void {
    if (this.data.length > 0) done.push({ id: this.lastId, name: this.event || 'message', data: this.data.join('\n') });
    this.event = '';
    this.data = [];
  }

  private field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (name === 'data') this.data.push(value);
    else if (name === 'event') this.event = value;
    else if (name === 'id') this.lastId = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
  }
}
