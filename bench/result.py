"""result - one measure: its value, its peer's, the ratio, the design's bar, the spread."""
import statistics


def spread(values):
    return f"{min(values):.3g}..{max(values):.3g}" if len(values) > 1 else ""


class Result:
    """judged: the numbers of all rounds that the bar speaks of (ratios, or values)."""

    def __init__(self, name, unit, values, peer="", peer_values=(), ratios=(), bar=None, judge="ratio",
                 note=""):
        self.name, self.unit, self.values = name, unit, list(values)
        self.peer, self.peer_values, self.ratios = peer, list(peer_values), list(ratios)
        self.bar, self.note = bar, note
        self.judged = self.ratios if judge == "ratio" and self.ratios else self.values

    def met(self):
        """True, False, or None without a bar."""
        if not self.bar:
            return None
        sign, bound = self.bar
        middle = statistics.median(self.judged)
        return middle <= bound if sign == "<=" else middle >= bound

    def as_dict(self):
        def middle(values):
            return statistics.median(values) if values else None
        return {"name": self.name, "value": middle(self.values), "unit": self.unit,
                "values": self.values, "peer": self.peer, "peer_value": middle(self.peer_values),
                "peer_values": self.peer_values, "ratio": middle(self.ratios),
                "ratios": self.ratios, "bar": "".join(map(str, self.bar)) if self.bar else None,
                "met": self.met(), "note": self.note}

    def line(self):
        middle = statistics.median(self.values)
        text = f"{self.name:34} {number(middle):>9} {self.unit:5}"
        if self.ratios:
            peer = f" ({number(statistics.median(self.peer_values))})" if self.peer_values else ""
            text += f" {statistics.median(self.ratios):7.3f} x {self.peer}{peer}"
        else:
            text += " " * 10
        text = f"{text:78}"
        if self.bar:
            text += f" bar {self.bar[0]} {number(self.bar[1])} {'ok    ' if self.met() else 'MISSED'}"
        else:
            text += " " * 18
        text += f"  {spread(self.judged)}"
        return (text + (f"  {self.note}" if self.note else "")).rstrip()


def number(x):
    if x >= 1000:
        return f"{x:,.0f}"
    return f"{x:.0f}" if x >= 100 else f"{x:.3g}"
