"""What must come before what: a graph of operations, filled by versions and by one sweep over times, and its cycles."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol


class Timed(Protocol):
    """What takes a while."""

    @property
    def called_at(self) -> float:
        """When it began."""

    @property
    def returned_at(self) -> float:
        """When it was over."""


class Graph:
    """Operations by their places, and moments between them, which are left out when a cycle is told."""

    def __init__(self, operations: int) -> None:
        self._operations = operations
        self._after: list[list[int]] = [[] for _ in range(operations)]

    def add(self, earlier: int, later: int) -> None:
        """One comes before the other."""
        self._after[earlier].append(later)

    def add_times(self, history: Sequence[Timed], *, before: Iterable[int], after: Iterable[int]) -> None:
        """Each of `before` that had returned comes before each of `after` that was called later.

        A chain of moments stands for all those pairs: who returns comes before the moment, which comes before the next
        one and before whoever is called until then.
        """
        calls = ((history[place].called_at, 0, place) for place in after)
        returns = ((history[place].returned_at, 1, place) for place in before)
        moment = -1
        for _, returned, place in sorted([*calls, *returns]):
            if not returned:
                if moment >= 0:
                    self._after[moment].append(place)
                continue
            self._after.append([])
            if moment >= 0:
                self._after[moment].append(len(self._after) - 1)
            moment = len(self._after) - 1
            self._after[place].append(moment)

    def cycle(self) -> list[int]:
        """The operations of a shortest cycle through one that is in any, the first one again at the end; or nothing."""
        left = self._left()
        return self._way_back(self._on_a_cycle(left), left) if left else []

    def _left(self) -> set[int]:
        """What cannot be put in order: everything on a cycle, and whatever comes after."""
        before = [0] * len(self._after)
        for later in self._each():
            before[later] += 1
        free = deque(place for place, count in enumerate(before) if not count)
        while free:
            for later in self._after[free.popleft()]:
                before[later] -= 1
                if not before[later]:
                    free.append(later)
        return {place for place, count in enumerate(before) if count}

    def _each(self) -> Iterator[int]:
        for after in self._after:
            yield from after

    def _on_a_cycle(self, left: set[int]) -> int:
        """An operation that is on a cycle: going back from anywhere in what is left ends in one."""
        before = {later: place for place in left for later in self._after[place] if later in left}
        place, seen = next(iter(left)), set[int]()
        while place not in seen:
            seen.add(place)
            place = before[place]
        while place >= self._operations:  # moments follow each other in time: an operation is among them
            place = before[place]
        return place

    def _way_back(self, start: int, among: set[int]) -> list[int]:
        came: dict[int, int] = {}
        queue = deque([start])
        while queue:
            place = queue.popleft()
            for later in self._after[place]:
                if later == start:
                    return self._told(came, start, place)
                if later in among and later not in came:
                    came[later] = place
                    queue.append(later)
        return []

    def _told(self, came: dict[int, int], start: int, last: int) -> list[int]:
        way = [start]
        while last != start:
            if last < self._operations:
                way.append(last)
            last = came[last]
        return [start, *reversed(way[1:]), start]
