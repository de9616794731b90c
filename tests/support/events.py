"""Server-sent events as a client reads them, byte by byte off the wire."""
import json
import socket
import urllib.parse

from support.wire import request

EVENTS = "/v2/video/generations/events"


class Event:
    """One event: its kind, the id that stood when it came, its data."""

    def __init__(self, kind, id, data):
        self.kind, self.id, self.data = kind, id, data

    @property
    def job(self):
        return self.data["id"]

    @property
    def state(self):
        """What a listener can tell apart: a change of none of these is no change."""
        if self.kind == "removed":
            return "removed"
        meta = self.data["meta"]
        return (self.data["status"], meta.get("stage"), int(100 * meta.get("progress", 1)))

    def __repr__(self):
        return f"<{self.kind} {self.job} {self.state} id {self.id}>"


class Stream:
    """One connection; `id` is what a reconnect sends as Last-Event-ID."""

    def __init__(self, client, ids=(), last=None, limit=60, headers=()):
        target = EVENTS + ("?" + urllib.parse.urlencode({"generation_id": ",".join(ids)}) if ids else "")
        pairs = client.headers() + [("Accept", "text/event-stream"), *headers]
        if last is not None:
            pairs.append(("Last-Event-ID", last))
        self.wire = client.wire(limit)
        self.wire.send(request("GET", target, pairs))
        self.status, self.headers = self.wire.head()
        self.id, self.kind, self.data, self.lines = last, None, [], b""
        self.comments = 0
        self.over = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.wire.close()

    def _chunk(self):
        """The next chunk; b"" at the end."""
        line = self.wire.file.readline()
        if not line:
            return b""
        size = int(line, 16)
        data = self.wire.file.read(size) if size else b""
        self.wire.file.readline()
        return data

    def _line(self):
        while b"\n" not in self.lines:
            more = self._chunk()
            if not more:
                self.over = True
                return None
            self.lines += more
        line, _, self.lines = self.lines.partition(b"\n")
        return line.decode()

    def next(self):
        """The next event; None at the end of the stream."""
        while True:
            line = self._line()
            if line is None:
                return None
            if line.startswith(":"):
                self.comments += 1
            elif line.startswith("id: "):
                self.id = line[4:]
            elif line.startswith("event: "):
                self.kind = line[7:]
            elif line.startswith("data: "):
                self.data.append(line[6:])
            elif line == "" and self.data:
                event = Event(self.kind, self.id, json.loads("\n".join(self.data)))
                self.kind, self.data = None, []
                return event
            elif line == "":
                self.kind = None
                if self.id is not None:
                    self.present = True  # the snapshot is over

    def until_present(self):
        """Read the present state; its events."""
        self.present, events = False, []
        self.wire.socket.settimeout(30)
        while not self.present:
            line = self._line()
            assert line is not None, "the stream ended in its snapshot"
            if line.startswith("id: "):
                self.id = line[4:]
            elif line.startswith("event: "):
                self.kind = line[7:]
            elif line.startswith("data: "):
                events.append(Event(self.kind, None, json.loads(line[6:])))
            elif line == "":
                self.present = self.id is not None
        return events

    def until(self, condition):
        """Events up to and with the first for which condition is true."""
        events = []
        while True:
            event = self.next()
            assert event is not None, f"the stream ended after {events}"
            events.append(event)
            if condition(event):
                return events

    def rest(self):
        """All events to the end of the stream."""
        events = []
        while True:
            try:
                event = self.next()
            except (socket.timeout, ConnectionResetError):
                raise AssertionError(f"the stream did not end after {events[-3:]}") from None
            if event is None:
                return events
            events.append(event)
