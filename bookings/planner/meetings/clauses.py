"""Rules as clauses for a SAT solver: small counters and ladders over numbered yes-or-no facts."""

from collections.abc import Sequence

YES, NO = 1, -1  # a literal that always holds, and its opposite
_FEW = 5


class Clauses:
    """A growing list of clauses. Literals are numbers; a minus sign says "not"."""

    def __init__(self) -> None:
        self.top = YES
        self.rows: list[list[int]] = [[YES]]
        self.is_broken = False
        """A rule cannot hold whatever the facts are."""

    def new(self) -> int:
        """A new fact."""
        self.top += 1
        return self.top

    def add(self, *literals: int) -> None:
        """At least one of these holds."""
        if YES in literals:
            return
        row = [literal for literal in literals if literal != NO]
        self.is_broken |= not row
        self.rows.append(row)

    def any_of(self, literals: Sequence[int]) -> int:
        """A literal that holds if and only if one of these does."""
        real = [literal for literal in literals if literal != NO]
        if YES in real or len(real) < 2:
            return YES if YES in real else real[0] if real else NO
        whole = self.new()
        for literal in real:
            self.add(-literal, whole)
        self.add(-whole, *real)
        return whole

    def at_most_one(self, literals: Sequence[int]) -> None:
        """No two of these hold; many are tied by a ladder."""
        rest = [literal for literal in literals if literal != NO]
        while len(rest) > _FEW + 1:
            some, rest = rest[:_FEW], rest[_FEW:]
            self._pair_off(some)
            taken = self.new()
            for literal in some:
                self.add(-literal, taken)
            rest.insert(0, taken)
        self._pair_off(rest)

    def _pair_off(self, literals: Sequence[int]) -> None:
        for second, literal in enumerate(literals):
            for other in literals[:second]:
                self.add(-literal, -other)

    def count_along(self, literals: Sequence[int], total: int) -> list[list[int]]:
        """Exactly `total` of these hold; [i][j]: at least j of the first i do, both ways."""
        rows = [[YES] + [NO] * total]
        for done, literal in enumerate(literals, start=1):
            left = len(literals) - done
            row = [YES]
            for many in range(1, total + 1):
                row.append(YES if many <= total - left else NO if many > done else self.new())
                self.add(-rows[-1][many], row[many])
                self.add(-literal, -rows[-1][many - 1], row[many])
                self.add(-row[many], rows[-1][many], literal)
                self.add(-row[many], rows[-1][many - 1])
            self.add(-literal, -rows[-1][total])
            rows.append(row)
        return rows

    def count_up(self, literals: Sequence[int], most: int) -> list[int]:
        """[j] holds when more than j of these do, for j up to `most`."""
        real = [literal for literal in literals if literal != NO]
        if len(real) < 2:
            return real
        half = len(real) // 2
        left, right = self.count_up(real[:half], most), self.count_up(real[half:], most)
        sums = [self.new() for _ in range(min(most + 1, len(left) + len(right)))]
        for many, literal in enumerate([YES, *left]):
            for more, other in enumerate([YES, *right]):
                if many + more:
                    self.add(-literal, -other, sums[min(many + more, len(sums)) - 1])
        return sums
